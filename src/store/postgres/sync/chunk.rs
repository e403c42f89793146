//! Posts on their way into one statement.

use jiff::Timestamp;
use tokio_postgres::types::Type;

use crate::index::RowVersion;
use crate::post::{ExtraTerm, Field, FieldSet, Kind, Post, PostId, Value};
use crate::search::TERMS_VERSION;
use crate::store::PostWrite;
use crate::store::postgres::pipeline::{Parameter, bind};
use crate::store::postgres::search;
use crate::tables::{TableMap, column_fields};

/// Posts on their way into one statement, a vector a column.
pub struct Chunk {
    pub bytes: usize,
    pub ids: Vec<i32>,
    bodies: Vec<String>,
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
}

impl ExtraValues {
    /// Adds the pairs of a post, and returns how many bytes they have.
    pub fn push(&mut self, id: PostId, pairs: Vec<ExtraTerm>) -> usize {
        let before = self.bytes;
        for pair in pairs {
            self.bytes += pair.key.len() + pair.value.len();
            self.posts.push(id.get());
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
    pub fn push(&mut self, write: PostWrite, version: Option<RowVersion>, map: &TableMap) {
        self.fixed.resize_with(map.values().len(), Vec::new);
        for (values, value) in self.fixed.iter_mut().zip(map.values()) {
            let slug = write.post.slug.as_deref();
            let value = value.template().render(write.post.id, slug, &write.path);
            self.bytes += value.len();
            values.push(value);
        }
        let PostWrite { post, body, .. } = write;
        let terms = search::vector(post.id, &write.terms, &write.extra_terms);
        self.bytes += self.extra.push(post.id, write.extra_terms);
        self.stated.push(array_text(post.stated()));
        self.managed.push(array_text(write.managed));
        if version.is_none() || write.managed.contains(Field::Tags) {
            self.tagged.push(post.id.get());
        }
        self.bytes += self.push_fields(&post) + body.len() + terms.len() + 256;
        self.terms.push(terms);
        self.ids.push(post.id.get());
        self.bodies.push(body);
        self.paths.push(write.path.to_string());
        self.file_digests
            .push(write.file_digest.as_bytes().to_vec());
        self.post_digests
            .push(write.post_digest.as_bytes().to_vec());
        self.tag_posts
            .extend(post.tags.iter().map(|_| post.id.get()));
        self.tag_names.extend(post.tags);
        self.versions
            .extend(version.map(|RowVersion(version)| version));
    }

    fn push_fields(&mut self, post: &Post) -> usize {
        let fields = self.fields.iter_mut();
        fields
            .map(|(field, values)| values.push(post.get(*field)))
            .sum()
    }

    /// Returns the parameters of `create.sql` and `update.sql`.
    pub fn into_parameters(self, now: Timestamp) -> Vec<Parameter> {
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
