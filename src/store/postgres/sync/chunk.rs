//! Posts on their way into one statement.

use jiff::Timestamp;
use tokio_postgres::types::Type;

use crate::index::{PostRecord, RowVersion};
use crate::post::{Digest, ExtraTerm, Field, FieldSet, Kind, PostId, SourcePath, TextId, Value};
use crate::search::TERMS_VERSION;
use crate::store::postgres::pipeline::{Parameter, bind};
use crate::store::postgres::search;
use crate::store::{PostCopy, PostWrite, TextCopy};
use crate::tables::{FixedValue, column_fields};

/// Posts on their way into one statement, a vector a column.
pub struct Chunk {
    pub bytes: usize,
    pub ids: Vec<i32>,
    /// The locales of the texts; none in a blog without locales.
    pub locales: Vec<String>,
    text_digests: Vec<Vec<u8>>,
    bodies: Vec<Option<String>>,
    paths: Vec<String>,
    file_digests: Vec<Vec<u8>>,
    post_digests: Vec<Vec<u8>>,
    versions: Vec<i64>,
    stated: Vec<String>,
    managed: Vec<String>,
    fields: Vec<(Field, Values)>,
    /// The fixed values of the table map, a vector a column.
    fixed: Vec<Vec<String>>,
    /// The posts whose tags are managed.
    pub tagged: Vec<i32>,
    pub tag_posts: Vec<i32>,
    pub tag_names: Vec<String>,
    pub terms: Vec<String>,
    pub extra: ExtraValues,
}

/// The values of extra keys by which posts are found, a vector a column.
#[derive(Default)]
pub struct ExtraValues {
    pub bytes: usize,
    pub posts: Vec<i32>,
    pub keys: Vec<String>,
    pub values: Vec<String>,
    /// True for those of texts: their keys name the locale.
    pub are_of_texts: bool,
}

impl ExtraValues {
    /// Adds the pairs of a text, and returns how many bytes they have.
    pub fn push(&mut self, id: TextId, pairs: Vec<ExtraTerm>) -> usize {
        let before = self.bytes;
        let locale = id.locale.filter(|_| self.are_of_texts);
        for pair in pairs {
            let pair = match locale {
                Some(locale) => pair.in_locale(locale),
                None => pair,
            };
            self.bytes += pair.key.len() + pair.value.len();
            self.posts.push(id.post.get());
            self.keys.push(pair.key);
            self.values.push(pair.value);
        }
        self.bytes - before
    }
}

/// Returns the names of fields as the text of an array.
pub fn array_text(fields: FieldSet) -> String {
    let names: Vec<_> = fields.fields().map(Field::name).collect();
    format!("{{{}}}", names.join(","))
}

/// The values of one field.
enum Values {
    Text(Vec<Option<String>>),
    Integer(Vec<Option<i32>>),
    Time(Vec<Option<Timestamp>>),
}

impl Values {
    fn of(kind: Kind) -> Self {
        match kind {
            // JSON goes as its text. Names have no column, and are none of these.
            Kind::Text | Kind::Json | Kind::Names => Self::Text(Vec::new()),
            Kind::Integer => Self::Integer(Vec::new()),
            Kind::Time => Self::Time(Vec::new()),
        }
    }

    /// Adds a value, and returns how many bytes of text it has.
    fn push(&mut self, value: Value<'_>) -> usize {
        let text = match value {
            Value::Integer(number) => {
                if let Self::Integer(numbers) = self {
                    numbers.push(number);
                }
                return 0;
            }
            Value::Time(time) => {
                if let Self::Time(times) = self {
                    times.push(time);
                }
                return 0;
            }
            Value::Text(text) => text.map(str::to_owned),
            Value::Json(extra) => (!extra.is_empty()).then(|| extra.to_text()),
            Value::Names(_) => None,
        };
        let bytes = text.as_ref().map_or(0, String::len);
        if let Self::Text(texts) = self {
            texts.push(text);
        }
        bytes
    }

    fn into_parameter(self) -> Parameter {
        match self {
            Self::Text(texts) => bind(texts, Type::TEXT_ARRAY),
            Self::Integer(numbers) => bind(numbers, Type::INT4_ARRAY),
            Self::Time(times) => bind(times, Type::TIMESTAMPTZ_ARRAY),
        }
    }
}

impl Default for Chunk {
    fn default() -> Self {
        let fields = column_fields().map(|field| (field, Values::of(field.kind())));
        Self {
            bytes: 0,
            ids: Vec::new(),
            locales: Vec::new(),
            text_digests: Vec::new(),
            bodies: Vec::new(),
            paths: Vec::new(),
            file_digests: Vec::new(),
            post_digests: Vec::new(),
            versions: Vec::new(),
            stated: Vec::new(),
            managed: Vec::new(),
            fields: fields.collect(),
            fixed: Vec::new(),
            tagged: Vec::new(),
            tag_posts: Vec::new(),
            tag_names: Vec::new(),
            terms: Vec::new(),
            extra: ExtraValues::default(),
        }
    }
}

impl Chunk {
    /// Adds a post, with the version of the row that it replaces, if any, and the fixed values of
    /// the table map.
    pub fn push(&mut self, write: PostWrite, version: Option<RowVersion>, fixed: &[FixedValue]) {
        self.push_fixed(
            write.post.id,
            write.post.slug.as_deref(),
            &write.path,
            fixed,
        );
        let PostWrite { post, body, .. } = write;
        let record = PostRecord {
            path: write.path,
            file_digest: write.file_digest,
            post_digest: write.post_digest,
            stated: post.stated(),
        };
        self.push_fields(|field| post.get(field));
        let (id, managed) = (post.text_id(), write.managed);
        self.locales
            .extend(id.locale.map(|locale| locale.to_string()));
        let text_digest = write.text_digest.map(|digest| digest.as_bytes().to_vec());
        self.text_digests.extend(text_digest);
        self.push_row(id.post, Some(body), post.tags, version, managed, record);
        self.push_found_by(id, &write.terms, write.extra_terms);
    }

    /// Adds the row of another store, with the version of the row that it replaces, if any.
    pub fn push_copy(&mut self, copy: PostCopy, version: Option<RowVersion>, fixed: &[FixedValue]) {
        let PostCopy { row, body, .. } = copy;
        let record = copy.record.unwrap_or_else(no_record);
        self.push_fixed(row.id, row.slug.as_deref(), &record.path, fixed);
        self.push_fields(|field| row.get(field));
        self.push_row(row.id, body, row.tags, version, copy.fields, record);
        self.push_found_by(row.id.into(), &copy.terms, copy.extra_terms);
    }

    /// Adds a text of another store, with the version of the row that it replaces, if any.
    pub fn push_text_copy(&mut self, copy: TextCopy, version: Option<RowVersion>) {
        let TextCopy { row, body, .. } = copy;
        let record = copy.record.unwrap_or_else(no_record);
        let id = TextId {
            post: row.id,
            locale: Some(copy.locale),
        };
        self.push_fields(|field| row.get(field));
        self.locales.push(copy.locale.to_string());
        self.text_digests.push(copy.text_digest.as_bytes().to_vec());
        self.extra.are_of_texts = true;
        self.push_row(row.id, body, Vec::new(), version, copy.fields, record);
        self.push_found_by(id, &copy.terms, copy.extra_terms);
    }

    fn push_fixed(
        &mut self,
        id: PostId,
        slug: Option<&str>,
        path: &SourcePath,
        fixed: &[FixedValue],
    ) {
        self.fixed.resize_with(fixed.len(), Vec::new);
        for (values, value) in self.fixed.iter_mut().zip(fixed) {
            let value = value.template().render(id, slug, path);
            self.bytes += value.len();
            values.push(value);
        }
    }

    fn push_row(
        &mut self,
        id: PostId,
        body: Option<String>,
        tags: Vec<String>,
        version: Option<RowVersion>,
        managed: FieldSet,
        record: PostRecord,
    ) {
        self.stated.push(array_text(record.stated));
        self.managed.push(array_text(managed));
        if version.is_none() || managed.contains(Field::Tags) {
            self.tagged.push(id.get());
        }
        self.bytes += body.as_ref().map_or(0, String::len) + 256;
        self.ids.push(id.get());
        self.bodies.push(body);
        self.paths.push(record.path.to_string());
        self.file_digests
            .push(record.file_digest.as_bytes().to_vec());
        self.post_digests
            .push(record.post_digest.as_bytes().to_vec());
        self.tag_posts.extend(tags.iter().map(|_| id.get()));
        self.tag_names.extend(tags);
        self.versions
            .extend(version.map(|RowVersion(version)| version));
    }

    fn push_found_by(&mut self, id: TextId, terms: &[String], extra: Vec<ExtraTerm>) {
        let terms = search::vector(id, terms, &extra);
        self.bytes += self.extra.push(id, extra) + terms.len();
        self.terms.push(terms);
    }

    /// Returns the parameters of `create_translations.sql` and `update_translations.sql`.
    pub fn into_translation_parameters(mut self, now: Option<Timestamp>) -> Vec<Parameter> {
        let locales = bind(std::mem::take(&mut self.locales), Type::TEXT_ARRAY);
        let digests = bind(std::mem::take(&mut self.text_digests), Type::BYTEA_ARRAY);
        let mut parameters = self.into_parameters(now);
        // In the places of the tags, which are those of the post.
        parameters[5] = locales;
        parameters[6] = digests;
        parameters
    }

    fn push_fields<'v>(&mut self, value: impl Fn(Field) -> Value<'v>) {
        let fields = self.fields.iter_mut();
        self.bytes += fields
            .map(|(field, values)| values.push(value(*field)))
            .sum::<usize>();
    }

    /// Returns the parameters of `create.sql` and `update.sql`; `now` replaces an absent time.
    pub fn into_parameters(self, now: Option<Timestamp>) -> Vec<Parameter> {
        let mut parameters = vec![
            bind(self.ids, Type::INT4_ARRAY),
            bind(self.bodies, Type::TEXT_ARRAY),
            bind(self.paths, Type::TEXT_ARRAY),
            bind(self.file_digests, Type::BYTEA_ARRAY),
            bind(self.post_digests, Type::BYTEA_ARRAY),
            bind(self.tag_posts, Type::INT4_ARRAY),
            bind(self.tag_names, Type::TEXT_ARRAY),
            bind(now, Type::TIMESTAMPTZ),
            bind(TERMS_VERSION, Type::INT4),
            bind(self.versions, Type::INT8_ARRAY),
            bind(self.stated, Type::TEXT_ARRAY),
            bind(self.managed, Type::TEXT_ARRAY),
        ];
        let fields = self.fields.into_iter();
        parameters.extend(fields.map(|(_, values)| values.into_parameter()));
        let fixed = self.fixed.into_iter();
        parameters.extend(fixed.map(|values| bind(values, Type::TEXT_ARRAY)));
        parameters
    }
}

/// Returns what is kept for a while of a row that blogctl did not write; it is deleted at the end.
fn no_record() -> PostRecord {
    PostRecord {
        path: SourcePath::new(""),
        file_digest: Digest::NONE,
        post_digest: Digest::NONE,
        stated: FieldSet::default(),
    }
}
