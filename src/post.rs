//! The types that every part shares: what a post is, and where it came from.
//!
//! Nothing here does I/O. A [`Post`] is what a file says; a [`StoredPost`] is what a store
//! answers. They differ because a store may hold rows without a file.
//!
//! A field is named once, in [`Field`]. The digest of a post, the columns of a store, the rows
//! that are read and the formats that are printed go over [`Field::ALL`].

mod extra;
mod field_set;
mod ident;
mod stored;

use std::fmt;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

pub use extra::{Extra, ExtraTerm, MAX_TERM};
pub use field_set::FieldSet;
pub use ident::{Digest, PostId, SourcePath, TextId};
pub use stored::{StoredPost, Translation, Unreadable};

use crate::locale::Locale;

/// A field of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The title.
    Title,
    /// A sentence for listings.
    Description,
    /// The category.
    Category,
    /// The tags.
    Tags,
    /// A path or URL of an image.
    Image,
    /// The time at which the post was written.
    CreatedAt,
    /// The time of its last change.
    UpdatedAt,
    /// The number of words of the body.
    WordCount,
    /// The last part of the post's address on the site.
    Slug,
    /// The keys of the front matter that have no field of their own.
    Extra,
}

/// The kind of value that a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number from 0 to 2,147,483,647.
    Integer,
    /// A point in time, to the microsecond.
    Time,
    /// A set of names, kept in tables of their own.
    Names,
    /// An object of JSON.
    Json,
}

impl Field {
    /// Every field, in the order in which output has them.
    pub const ALL: [Self; 10] = [
        Self::Title,
        Self::Description,
        Self::Category,
        Self::Tags,
        Self::Image,
        Self::CreatedAt,
        Self::UpdatedAt,
        Self::WordCount,
        Self::Slug,
        Self::Extra,
    ];

    /// Returns the field's name in front matter, output and blogctl's own tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Description => "description",
            Self::Category => "category",
            Self::Tags => "tags",
            Self::Image => "image",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::WordCount => "word_count",
            Self::Slug => "slug",
            Self::Extra => "extra",
        }
    }

    /// Returns the kind of value that the field holds.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Title | Self::Description | Self::Category | Self::Image | Self::Slug => {
                Kind::Text
            }
            Self::WordCount => Kind::Integer,
            Self::CreatedAt | Self::UpdatedAt => Kind::Time,
            Self::Tags => Kind::Names,
            Self::Extra => Kind::Json,
        }
    }
}

/// A value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// The value of a field of text.
    Text(Option<&'a str>),
    /// The value of a field that holds a number.
    Integer(Option<i32>),
    /// The value of a field that holds a time.
    Time(Option<Timestamp>),
    /// The value of a field that holds names, sorted by bytes.
    Names(&'a [String]),
    /// The value of a field that holds JSON.
    Json(&'a Extra),
}

impl Value<'_> {
    /// Returns the value as output has it; `null` for none.
    pub fn to_json(self) -> Json {
        match self {
            Self::Text(text) => json!(text),
            Self::Integer(number) => json!(number),
            Self::Time(at) => json!(at.map(|at| at.to_string())),
            Self::Names(names) => json!(names),
            Self::Json(extra) if extra.is_empty() => Json::Null,
            Self::Json(extra) => json!(extra),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The number of fields that posts had when digests were first made.
const FIRST_FIELDS: usize = 8;

/// A post as in its front matter, with the word count computed if it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// The post's identity.
    pub id: PostId,
    /// The locale of the text; `None` in a blog without locales.
    pub locale: Option<Locale>,
    /// 1 to 255 characters; empty for a translation whose title another file states.
    pub title: String,
    /// A sentence for listings.
    pub description: Option<String>,
    /// One of the project's categories, where it lists any.
    pub category: Option<String>,
    /// Sorted by bytes, each once, 1 to 100 characters each.
    pub tags: Vec<String>,
    /// True if the file has a list of tags and it is empty.
    pub has_empty_tags: bool,
    /// A path or URL of up to 500 characters.
    pub image: Option<String>,
    /// The time of writing, to the microsecond.
    pub created_at: Option<Timestamp>,
    /// The time of the last change, to the microsecond.
    pub updated_at: Option<Timestamp>,
    /// Whitespace-separated words of the body.
    pub word_count: i32,
    /// The last part of the post's address on the site: 1 to 255 characters.
    pub slug: Option<String>,
    /// The keys that have no field.
    pub extra: Extra,
}

impl Post {
    /// Makes a post with nothing but an id and a title.
    pub fn new(id: PostId, title: impl Into<String>) -> Self {
        Self {
            id,
            locale: None,
            title: title.into(),
            description: None,
            category: None,
            tags: Vec::new(),
            has_empty_tags: false,
            image: None,
            created_at: None,
            updated_at: None,
            word_count: 0,
            slug: None,
            extra: Extra::default(),
        }
    }

    /// Returns the value of a field.
    pub fn get(&self, field: Field) -> Value<'_> {
        match field {
            Field::Title => Value::Text(Some(&self.title)),
            Field::Description => Value::Text(self.description.as_deref()),
            Field::Category => Value::Text(self.category.as_deref()),
            Field::Tags => Value::Names(&self.tags),
            Field::Image => Value::Text(self.image.as_deref()),
            Field::CreatedAt => Value::Time(self.created_at),
            Field::UpdatedAt => Value::Time(self.updated_at),
            Field::WordCount => Value::Integer(Some(self.word_count)),
            Field::Slug => Value::Text(self.slug.as_deref()),
            Field::Extra => Value::Json(&self.extra),
        }
    }

    /// Returns whether the file gives the field a value. The word count is computed where the file
    /// has none, and so counts as stated.
    pub fn states(&self, field: Field) -> bool {
        match self.get(field) {
            // A translation may leave the title to the main text.
            Value::Text(text) => text.is_some_and(|text| field != Field::Title || !text.is_empty()),
            Value::Integer(number) => number.is_some(),
            Value::Time(at) => at.is_some(),
            Value::Names(names) => self.has_empty_tags || !names.is_empty(),
            Value::Json(extra) => !extra.is_empty(),
        }
    }

    /// Returns the fields that the file states.
    pub fn stated(&self) -> FieldSet {
        let stated = |field: &Field| self.states(*field);
        Field::ALL.into_iter().filter(stated).collect()
    }

    /// Takes the values of a row for the fields that are not managed: those that the file neither
    /// states nor stated before.
    pub fn filled_from(mut self, row: &StoredPost, managed: FieldSet) -> Self {
        let missing = |field| !managed.contains(field);
        if missing(Field::Description) {
            self.description.clone_from(&row.description);
        }
        if missing(Field::Category) {
            self.category.clone_from(&row.category);
        }
        if missing(Field::Tags) {
            self.tags.clone_from(&row.tags);
        }
        if missing(Field::Image) {
            self.image.clone_from(&row.image);
        }
        if missing(Field::CreatedAt) {
            self.created_at = row.created_at;
        }
        if missing(Field::UpdatedAt) {
            self.updated_at = row.updated_at;
        }
        if missing(Field::Slug) {
            self.slug.clone_from(&row.slug);
        }
        if missing(Field::Extra) {
            self.extra = row.extra.clone();
        }
        self
    }

    /// Returns which text of which post this is.
    pub fn text_id(&self) -> TextId {
        TextId {
            post: self.id,
            locale: self.locale,
        }
    }

    /// Leaves of the fields only those that are given; of a title that is not among them an empty
    /// one.
    pub fn limited_to(self, fields: FieldSet) -> Self {
        let has = |field| fields.contains(field);
        Self {
            id: self.id,
            locale: self.locale,
            title: if has(Field::Title) {
                self.title
            } else {
                String::new()
            },
            description: self.description.filter(|_| has(Field::Description)),
            category: self.category.filter(|_| has(Field::Category)),
            has_empty_tags: self.has_empty_tags && has(Field::Tags),
            tags: if has(Field::Tags) {
                self.tags
            } else {
                Vec::new()
            },
            image: self.image.filter(|_| has(Field::Image)),
            created_at: self.created_at.filter(|_| has(Field::CreatedAt)),
            updated_at: self.updated_at.filter(|_| has(Field::UpdatedAt)),
            word_count: self.word_count,
            slug: self.slug.filter(|_| has(Field::Slug)),
            extra: if has(Field::Extra) {
                self.extra
            } else {
                Extra::default()
            },
        }
    }

    /// Takes the values that are shared from a post's main text: those of all other fields than
    /// the translated ones.
    pub fn share(&mut self, main: Post, translated: FieldSet) {
        let own = std::mem::replace(self, main);
        let id = (own.id, own.locale);
        for field in translated.fields() {
            match field {
                Field::Title => self.title.clone_from(&own.title),
                Field::Description => self.description.clone_from(&own.description),
                Field::Category => self.category.clone_from(&own.category),
                Field::Tags => self.tags.clone_from(&own.tags),
                Field::Image => self.image.clone_from(&own.image),
                Field::CreatedAt => self.created_at = own.created_at,
                Field::UpdatedAt => self.updated_at = own.updated_at,
                Field::WordCount => self.word_count = own.word_count,
                Field::Slug => self.slug.clone_from(&own.slug),
                Field::Extra => self.extra = own.extra.clone(),
            }
        }
        (self.id, self.locale) = id;
    }

    /// Digests everything of the post that a store writes.
    ///
    /// Two files with the same digest give the same row, however their YAML is written.
    pub fn digest(&self, body: &str) -> Digest {
        self.digest_of(Field::ALL.into_iter().collect(), body)
    }

    /// Digests some of the post's fields and its body: those that its translation holds, say.
    pub fn digest_of(&self, fields: FieldSet, body: &str) -> Digest {
        let mut hasher = blake3::Hasher::new();
        let mut field = |value: Option<&[u8]>| {
            // Length before content: no two different posts feed the same bytes.
            let length = value.map_or(u64::MAX, |v| v.len() as u64);
            hasher.update(&length.to_le_bytes());
            hasher.update(value.unwrap_or_default());
        };
        if let Some(locale) = self.locale {
            field(Some(b"locale"));
            field(Some(locale.as_str().as_bytes()));
        }
        field(Some(&self.id.get().to_le_bytes()));
        for (number, one) in Field::ALL.into_iter().enumerate() {
            if !fields.contains(one) {
                continue;
            }
            match self.get(one) {
                // A field that came later and is empty changes no digest that was made before it.
                Value::Text(None) if number >= FIRST_FIELDS => {}
                Value::Json(extra) if extra.is_empty() => {}
                Value::Text(text) => field(text.map(str::as_bytes)),
                Value::Integer(number) => {
                    field(number.map(i32::to_le_bytes).as_ref().map(|b| b.as_slice()));
                }
                Value::Time(at) => {
                    let micros = at.map(|at| at.as_microsecond().to_le_bytes());
                    field(micros.as_ref().map(|bytes| bytes.as_slice()));
                }
                Value::Names(names) => {
                    if self.has_empty_tags {
                        // An empty list takes tags away, where no list leaves them alone.
                        field(Some(b"no tags"));
                    }
                    field(Some(&(names.len() as u64).to_le_bytes()));
                    for name in names {
                        field(Some(name.as_bytes()));
                    }
                }
                Value::Json(extra) => {
                    field(Some(one.name().as_bytes()));
                    field(Some(extra.to_text().as_bytes()));
                }
            }
        }
        field(Some(body.as_bytes()));
        Digest::from(&hasher)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = Field::ALL.map(Field::name).into();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Field::ALL.len());
    }

    #[test]
    fn each_field_of_text_or_time_can_be_set() {
        let id = PostId::new(1).unwrap();
        for field in Field::ALL {
            let mut post = StoredPost::new(id);
            match field.kind() {
                Kind::Text => {
                    post.set_text(field, Some("x".into()));
                    assert_eq!(post.get(field), Value::Text(Some("x")));
                }
                Kind::Time => {
                    post.set_time(field, Some(Timestamp::UNIX_EPOCH));
                    assert_eq!(post.get(field), Value::Time(Some(Timestamp::UNIX_EPOCH)));
                }
                Kind::Integer | Kind::Names | Kind::Json => {}
            }
        }
    }
}
