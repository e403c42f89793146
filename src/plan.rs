//! The plan of a sync: a pure function of the files and the index.
//!
//! It knows neither the disk nor SQL, and decides everything: what is created, updated,
//! moved, removed, left alone, and what may not be done without being asked twice.

mod comparison;
mod decide;
mod gone;
mod refusal;
mod stated;
mod states;

use std::collections::BTreeSet;

pub use comparison::{Comparison, Difference, compare};
pub use decide::{make, to_read};
pub use gone::Gone;
pub use refusal::{Dependent, Refusal, refusal};
pub use stated::StatedBefore;

use crate::index::RowVersion;
use crate::locale::Locale;
use crate::post::{Digest, PostId, SourcePath, TextId};

/// The expected state of a post's row at the time it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaces {
    /// No row with this id exists.
    Nothing,
    /// The row still has this version.
    Row(RowVersion),
}

/// The row of a translation that a write is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TranslationRow {
    /// The locale.
    pub locale: Locale,
    /// True if it is the post's main text, so that the row of the post is written, too.
    pub is_main: bool,
    /// The expected state of the row.
    pub replaces: Replaces,
}

/// A text whose file has another path or other bytes, and whose row stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// The post's identity.
    pub id: PostId,
    /// The locale of the text; `None` in a blog without locales.
    pub locale: Option<Locale>,
    /// True if it is the post's main text.
    pub is_main: bool,
    /// The file's path now.
    pub path: SourcePath,
    /// The file's digest now.
    pub file_digest: Digest,
}

/// A row that is as its file says, and that blogctl takes into its records without a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adoption {
    /// The post's identity.
    pub id: PostId,
    /// The file.
    pub path: SourcePath,
    /// The row of the post that must still be so; not looked at if another text is the main one.
    pub replaces: Replaces,
    /// The row of the translation; `None` in a blog without locales.
    pub translation: Option<TranslationRow>,
}

/// A row to delete, with all that blogctl keeps of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The row's key.
    pub id: PostId,
    /// The version it must still have; `None` if someone else deleted it already.
    pub version: Option<RowVersion>,
}

/// The row of a translation to delete, with all that blogctl keeps of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TranslationRemoval {
    /// The post's identity.
    pub id: PostId,
    /// The locale.
    pub locale: Locale,
    /// The version it must still have; `None` if someone else deleted it already.
    pub version: Option<RowVersion>,
}

/// The permissions that the user gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Delete posts whose files are gone.
    pub prune: bool,
    /// Overwrite and delete what the guards protect.
    pub force: bool,
    /// Percent of the posts in scope that one prune may remove, 0 to 100.
    pub max_prune: u8,
}

/// The kinds of changes to a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Inserted.
    Create,
    /// Its row is changed.
    Update,
    /// Its row is as the file says, though no sync wrote it so: it is recorded and left as it is.
    Adopt,
    /// Only its path is changed.
    Move,
    /// Deleted.
    Remove,
}

impl Action {
    /// The word that output uses: `create`, `update`, `adopt`, `move` or `remove`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Adopt => "adopt",
            Self::Move => "move",
            Self::Remove => "remove",
        }
    }
}

/// One line of what a sync does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The kind of change.
    pub action: Action,
    /// With which post.
    pub id: PostId,
    /// With which of its translations; `None` in a blog without locales.
    pub locale: Option<Locale>,
    /// Its file; for a removal, the file it had.
    pub path: SourcePath,
    /// The file it had before, where that is another.
    pub from: Option<SourcePath>,
    /// For a post whose file is still there: the reason why it is published no longer.
    pub gone: Option<Gone>,
}

/// A post to write: which file to read, and what it replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The post's identity.
    pub id: PostId,
    /// The file.
    pub path: SourcePath,
    /// The row of the post that it replaces; not looked at if another text is the main one.
    pub replaces: Replaces,
    /// The row of the translation; `None` in a blog without locales.
    pub translation: Option<TranslationRow>,
}

/// A conflict: a post that may not be written or deleted without `--force`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictKind {
    /// Someone changed the row since the last sync.
    Edited,
    /// Someone deleted the row since the last sync.
    Deleted,
    /// The row was never written by blogctl.
    Foreign,
}

impl ConflictKind {
    /// Returns the word that output uses: `edited`, `deleted` or `foreign`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Deleted => "deleted",
            Self::Foreign => "foreign",
        }
    }
}

/// A post that the database and the files disagree on in a way that would lose something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The reason.
    pub kind: ConflictKind,
    /// The post.
    pub id: PostId,
    /// The locale of the text; `None` in a blog without locales.
    pub locale: Option<Locale>,
    /// Its file.
    pub path: SourcePath,
    /// True if the file is there and says something else than at the last sync.
    pub is_file_changed: bool,
    /// The differences between its file and its row; none if one of them is missing.
    pub comparison: Comparison,
}

/// All that a sync would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The changes, in the order of paths, for users.
    pub changes: Vec<Change>,
    /// Posts to insert or to update.
    pub writes: Vec<Write>,
    /// Posts to take into the records.
    pub adoptions: Vec<Adoption>,
    /// Posts whose file moved, or whose file changed in a way that does not show.
    pub relocations: Vec<Relocation>,
    /// Posts whose row stays and whose search terms are of another version.
    pub reindexes: Vec<(TextId, SourcePath)>,
    /// Texts whose rows stay and whose search terms follow a change of their main text.
    pub translation_reindexes: Vec<(TextId, SourcePath)>,
    /// Rows to delete.
    pub removals: Vec<Removal>,
    /// Rows of translations to delete.
    pub translation_removals: Vec<TranslationRemoval>,
    /// Main texts that are removed while other texts of the post stay.
    pub lost_main_texts: Vec<Change>,
    /// Rows of other tables that the removals take along, or that stand in their way. The caller
    /// counts them.
    pub dependents: Vec<Dependent>,
    /// The posts that `--prune` would remove.
    pub unpruned: Vec<Change>,
    /// The conflicts that `--force` would overwrite.
    pub conflicts: Vec<Conflict>,
    /// The posts whose row `--force` overwrites, with what it overwrites.
    pub overwrites: Vec<Conflict>,
    /// Categories that a written or deleted post has or had.
    pub categories: BTreeSet<String>,
    /// Posts that are as their files say.
    pub unchanged: u32,
    /// Files that are drafts.
    pub drafts: u32,
    /// Posts of earlier syncs within the directory that was given.
    pub in_scope: usize,
    /// Files that are to be published.
    pub published: usize,
    /// True if the posts are to be counted in a locale that is new.
    pub counts_new_locale: bool,
}

impl Plan {
    /// Returns the number of changes of one kind.
    pub fn count(&self, action: Action) -> u32 {
        let count = self.changes.iter().filter(|c| c.action == action).count();
        // Ids are 31-bit and unique, so there are never more changes than that.
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Returns true if the store is up to date, as far as a user can see.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Returns true if nothing is to be written, not even a digest or a count.
    pub fn writes_nothing(&self) -> bool {
        self.writes.is_empty()
            && self.adoptions.is_empty()
            && self.relocations.is_empty()
            && self.reindexes.is_empty()
            && self.translation_reindexes.is_empty()
            && self.removals.is_empty()
            && self.translation_removals.is_empty()
            && !self.counts_new_locale
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod translation_tests;
