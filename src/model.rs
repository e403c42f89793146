//! Files as they were read, runs, counts and the version of the tables: types that the stores,
//! the content and the pure parts share.
//!
//! Like [`post`](crate::post), [`page`](crate::page) and [`index`](crate::index), this module does
//! no I/O.

use jiff::Timestamp;

use crate::locale::Locale;
use crate::post::{Digest, PostId, SourcePath, TextId, Unreadable};

/// The version of the tables that this program writes and reads.
pub const SCHEMA_VERSION: i32 = 4;

/// A file that can be read, as far as a plan needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// The id that the file states.
    pub id: PostId,
    /// The locale of its text; `None` in a blog without locales.
    pub locale: Option<Locale>,
    /// True if it is the post's main text: the only one, or that of the first of the locales.
    pub is_main: bool,
    /// The file.
    pub path: SourcePath,
    /// The file's digest.
    pub file_digest: Digest,
    /// The post's digest: of all its fields for a main text, else of those that each locale has for
    /// itself.
    pub post_digest: Digest,
    /// The category that the file states; `None` if it is no main text.
    pub category: Option<String>,
    /// True for a draft, which is never published.
    pub draft: bool,
}

impl FileEntry {
    /// Returns which text of which post the file gives.
    pub fn text_id(&self) -> TextId {
        TextId {
            post: self.id,
            locale: self.locale,
        }
    }

    /// Returns the entry of a file whose digest is known: it was read by an earlier sync.
    pub fn known(path: SourcePath, known: &KnownFile<'_>) -> Self {
        Self {
            id: known.id,
            locale: known.locale,
            is_main: known.is_main,
            path,
            file_digest: known.file_digest,
            post_digest: known.post_digest,
            category: known.category.map(str::to_owned),
            draft: false,
        }
    }
}

/// A file that an earlier sync published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownFile<'a> {
    /// The id that the file stated.
    pub id: PostId,
    /// The locale of its text; `None` in a blog without locales.
    pub locale: Option<Locale>,
    /// True if it was the post's main text.
    pub is_main: bool,
    /// The digest of the fields that each locale has for itself; `None` in a blog without locales.
    pub text_digest: Option<Digest>,
    /// The main text's digest of these fields when this translation was last written.
    pub made_from: Option<Digest>,
    /// Its path then.
    pub path: &'a SourcePath,
    /// The file's digest then.
    pub file_digest: Digest,
    /// The post's digest then.
    pub post_digest: Digest,
    /// The row's category now.
    pub category: Option<&'a str>,
}

impl KnownFile<'_> {
    /// Returns which text of which post the file gave.
    pub fn text_id(&self) -> TextId {
        TextId {
            post: self.id,
            locale: self.locale,
        }
    }
}

/// The version of the tables that a store has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// No blogctl tables.
    Absent,
    /// Tables of this version, which may differ from [`SCHEMA_VERSION`].
    Version(i32),
}

/// Counts of the posts that one run handled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Posts inserted.
    pub created: u32,
    /// Posts whose row changed.
    pub updated: u32,
    /// Posts whose row was as the file says, and recorded. In the history they are unchanged.
    pub adopted: u32,
    /// Posts whose file moved and whose row did not change.
    pub moved: u32,
    /// Posts deleted.
    pub removed: u32,
    /// Posts whose row already matched the file.
    pub unchanged: u32,
}

/// A run as it is written to the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRecord {
    /// The start of the run.
    pub started_at: Timestamp,
    /// The time of its last write.
    pub finished_at: Timestamp,
    /// Its counts.
    pub counts: Counts,
    /// The directory it was given, relative to the project root.
    pub directory: String,
    /// The user and host that ran it: `user@host`.
    pub actor: String,
}

/// A run as it is read from the history. A value that somebody made unreadable since is `None`,
/// and its column is named in `unreadable`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// A number that rises with every run; it has gaps where a run failed.
    pub id: PostId,
    /// The start of the run.
    pub started_at: Option<Timestamp>,
    /// The time of its last write.
    pub finished_at: Option<Timestamp>,
    /// Posts inserted.
    pub created: Option<u32>,
    /// Posts whose row changed.
    pub updated: Option<u32>,
    /// Posts whose file moved and whose row did not change.
    pub moved: Option<u32>,
    /// Posts deleted.
    pub removed: Option<u32>,
    /// Posts whose row already matched the file.
    pub unchanged: Option<u32>,
    /// The directory it was given, relative to the project root.
    pub directory: Option<String>,
    /// The user and host that ran it: `user@host`.
    pub actor: Option<String>,
    /// Columns whose value cannot be read.
    pub unreadable: Vec<Unreadable>,
}

impl Run {
    /// Returns a run of which every column can be read.
    pub fn new(id: PostId, record: RunRecord) -> Self {
        let counts = record.counts;
        Self {
            id,
            started_at: Some(record.started_at),
            finished_at: Some(record.finished_at),
            created: Some(counts.created),
            updated: Some(counts.updated),
            moved: Some(counts.moved),
            removed: Some(counts.removed),
            unchanged: Some(counts.unchanged),
            directory: Some(record.directory),
            actor: Some(record.actor),
            unreadable: Vec::new(),
        }
    }
}

/// A category or tag and the number of its posts, as kept by the syncs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameCount {
    /// The category's or tag's name; `None` where it cannot be read.
    pub name: Option<String>,
    /// Posts that have it, at least 1; `None` where it cannot be read.
    pub posts: Option<i64>,
    /// Columns whose value cannot be read.
    pub unreadable: Vec<Unreadable>,
    /// Posts that have it in each locale, where that was asked for.
    pub locales: Vec<(Locale, Option<i64>)>,
}

impl NameCount {
    /// Returns a count of which every column can be read.
    pub fn new(name: impl Into<String>, posts: i64) -> Self {
        Self {
            name: Some(name.into()),
            posts: Some(posts),
            unreadable: Vec::new(),
            locales: Vec::new(),
        }
    }
}
