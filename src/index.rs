//! The index: a store's record of the posts that earlier syncs wrote. Types only, no I/O.

use crate::catalog::Catalog;
use crate::locale::Locale;
use crate::model::KnownFile;
use crate::post::{Digest, FieldSet, PostId, SourcePath, TextId};

/// Counts the syncs that changed a store; two equal generations mean an equal index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Generation(pub i64);

/// Changes whenever anyone writes a row; opaque outside its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowVersion(pub i64);

/// The state of a row compared to the last sync's write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowState {
    /// As the last sync left it.
    Intact(RowVersion),
    /// Changed since by someone else.
    Edited(RowVersion),
    /// Deleted since by someone else.
    Missing,
    /// Never written: the post is from before the blog had locales.
    Unwritten,
}

/// The row of a post that an earlier sync wrote, in a blog with locales.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostRow {
    /// The post's identity.
    pub id: PostId,
    /// Its category now.
    pub category: Option<String>,
    /// Its state.
    pub state: RowState,
}

/// A text that an earlier sync wrote: a post, or one of its translations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The post's identity.
    pub id: PostId,
    /// The locale of the text; `None` in a blog without locales.
    pub locale: Option<Locale>,
    /// True if it was written as the post's main text.
    pub is_main: bool,
    /// The digest of the fields that each locale has for itself; `None` in a blog without locales.
    pub text_digest: Option<Digest>,
    /// The main text's digest of these fields when this translation was last written.
    pub made_from: Option<Digest>,
    /// The file it was read from.
    pub path: SourcePath,
    /// The file's digest, see [`crate::content`].
    pub file_digest: Digest,
    /// The post's digest, see [`crate::post::Post::digest`].
    pub post_digest: Digest,
    /// The fields that the file stated when the row was last written.
    pub stated: FieldSet,
    /// True if the row has values that its file did not state and a search finds it by.
    pub has_others: bool,
    /// The row's category now.
    pub category: Option<String>,
    /// The way in which its search terms were made, see [`crate::search::TERMS_VERSION`].
    pub terms_version: i32,
    /// The row's state; in a blog with locales, that of the translation's row.
    pub row: RowState,
}

impl Entry {
    /// Returns which text of which post this is.
    pub fn text_id(&self) -> TextId {
        TextId {
            post: self.id,
            locale: self.locale,
        }
    }
}

/// The record that blogctl keeps of a post's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostRecord {
    /// The file.
    pub path: SourcePath,
    /// The file's digest.
    pub file_digest: Digest,
    /// The post's digest.
    pub post_digest: Digest,
    /// The fields that the file stated.
    pub stated: FieldSet,
}

/// A row that blogctl did not write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignRow {
    /// The row's key.
    pub id: PostId,
    /// The locale of a translation; `None` for the row of a post.
    pub locale: Option<Locale>,
    /// Its category now.
    pub category: Option<String>,
    /// Its version now.
    pub version: RowVersion,
}

/// All that a plan needs to know of a store, read in one round trip.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// `None` in a store without blogctl's tables: the first sync makes them.
    pub generation: Option<Generation>,
    /// The texts that blogctl wrote, in no particular order.
    pub entries: Vec<Entry>,
    /// The rows of the posts that have these texts, in a blog with locales; empty in one without.
    pub posts: Vec<PostRow>,
    /// The rows that blogctl did not write.
    pub foreign: Vec<ForeignRow>,
    /// True if the blog has a locale that was never counted: one that is new.
    pub has_new_locale: bool,
    /// The tables as the database describes them; `None` for a store in a file.
    pub catalog: Option<Catalog>,
}

impl Index {
    /// Returns the files that earlier syncs published.
    pub fn known_files(&self) -> impl Iterator<Item = KnownFile<'_>> + Clone {
        self.entries.iter().map(|entry| KnownFile {
            id: entry.id,
            locale: entry.locale,
            is_main: entry.is_main,
            text_digest: entry.text_digest,
            made_from: entry.made_from,
            path: &entry.path,
            file_digest: entry.file_digest,
            post_digest: entry.post_digest,
            category: entry.category.as_deref(),
        })
    }
}
