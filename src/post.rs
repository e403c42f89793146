//! The types that every part shares: what a post is, and where it came from.
//!
//! Nothing here does I/O. A [`Post`] is what a file says; a [`StoredPost`] is what a
//! store answers. They differ because a store may hold rows that no file stands behind.

use std::fmt;

use jiff::Timestamp;

use crate::field::{Extra, Field, Value};

/// A post's identity: a positive 32-bit integer, unique over all files.
///
/// The range is that of Postgres's `integer`, which the `post` table uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PostId(i32);

impl PostId {
    /// The greatest id: 2,147,483,647.
    pub const MAX: Self = Self(i32::MAX);

    /// Returns the id, or `None` outside `1..=2_147_483_647`.
    pub fn new(value: i64) -> Option<Self> {
        i32::try_from(value).ok().filter(|id| *id >= 1).map(Self)
    }

    /// The id as the number that stands in the database.
    pub fn get(self) -> i32 {
        self.0
    }
}

impl fmt::Display for PostId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A file's path relative to the project root: `/` between parts, composed (NFC) Unicode.
///
/// The same checkout gives the same value on every system, so that a laptop and CI agree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourcePath(String);

impl SourcePath {
    /// Takes a path that is already relative, `/`-separated and NFC.
    pub fn new(path: impl Into<String>) -> Self {
        Self(path.into())
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourcePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A 128-bit BLAKE3 digest: long enough that two contents never meet by accident, short
/// enough that the index of a large blog stays cheap to fetch.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 16]);

impl Digest {
    /// Length in bytes.
    pub const LEN: usize = 16;

    /// Returns the digest a store kept, or `None` if it is not [`Self::LEN`] bytes long.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The digest's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<&blake3::Hasher> for Digest {
    fn from(hasher: &blake3::Hasher) -> Self {
        let mut bytes = [0; Self::LEN];
        hasher.finalize_xof().fill(&mut bytes);
        Self(bytes)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The number of fields that posts had when digests were first made.
const FIRST_FIELDS: usize = 8;

/// A post as in its front matter, with the word count computed if it has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// The post's identity.
    pub id: PostId,
    /// 1 to 255 characters.
    pub title: String,
    /// A sentence for listings.
    pub description: Option<String>,
    /// One of the project's categories, where it lists any.
    pub category: Option<String>,
    /// Sorted by bytes, each once, 1 to 100 characters each.
    pub tags: Vec<String>,
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

    /// Digests everything of the post that a store writes.
    ///
    /// Two files with the same digest give the same row, however their YAML is written.
    pub fn digest(&self, body: &str) -> Digest {
        let mut hasher = blake3::Hasher::new();
        let mut field = |value: Option<&[u8]>| {
            // Length before content: no two different posts feed the same bytes.
            let length = value.map_or(u64::MAX, |v| v.len() as u64);
            hasher.update(&length.to_le_bytes());
            hasher.update(value.unwrap_or_default());
        };
        field(Some(&self.id.get().to_le_bytes()));
        for (number, one) in Field::ALL.into_iter().enumerate() {
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

/// A row as a store answers it, whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPost {
    /// The row's key.
    pub id: PostId,
    /// The title; a row that blogctl did not write may have none.
    pub title: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// The category.
    pub category: Option<String>,
    /// Sorted by bytes.
    pub tags: Vec<String>,
    /// The image's path or URL.
    pub image: Option<String>,
    /// The time of writing.
    pub created_at: Option<Timestamp>,
    /// The time of the last change.
    pub updated_at: Option<Timestamp>,
    /// Words of the body.
    pub word_count: Option<i32>,
    /// The last part of the post's address on the site.
    pub slug: Option<String>,
    /// The keys that have no field; empty for a row that has none.
    pub extra: Extra,
    /// The file behind the row; `None` for a row that blogctl did not write.
    pub path: Option<SourcePath>,
    /// Columns that hold something else than their field can; each of these fields is
    /// `None`, or for the tags without the names that cannot be shown.
    pub unreadable: Vec<Unreadable>,
}

impl StoredPost {
    /// Returns the value of a field.
    pub fn get(&self, field: Field) -> Value<'_> {
        match field {
            Field::Title => Value::Text(self.title.as_deref()),
            Field::Description => Value::Text(self.description.as_deref()),
            Field::Category => Value::Text(self.category.as_deref()),
            Field::Tags => Value::Names(&self.tags),
            Field::Image => Value::Text(self.image.as_deref()),
            Field::CreatedAt => Value::Time(self.created_at),
            Field::UpdatedAt => Value::Time(self.updated_at),
            Field::WordCount => Value::Integer(self.word_count),
            Field::Slug => Value::Text(self.slug.as_deref()),
            Field::Extra => Value::Json(&self.extra),
        }
    }
}

/// A column of a row whose value cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The column's name as the output has it: `created_at`, `tags`.
    pub column: &'static str,
    /// The problem, as the end of a sentence that begins with the column: `is infinity`.
    pub reason: String,
}

impl Unreadable {
    /// Returns whether the column of this name is among those that cannot be shown.
    pub fn has(all: &[Self], column: &str) -> bool {
        all.iter().any(|unreadable| unreadable.column == column)
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, which cannot be shown", self.column, self.reason)
    }
}
