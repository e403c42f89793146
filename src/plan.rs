//! The plan of a sync: a pure function of the files and the index.
//!
//! It knows neither the disk nor SQL, and decides everything: what is created, updated,
//! moved, removed, left alone, and what may not be done without being asked twice.

mod comparison;

use std::collections::{BTreeSet, HashMap, HashSet};

pub use comparison::{CONTENT, Comparison, Difference, compare, is_same};

use crate::catalog::OnDelete;
use crate::index::{Entry, ForeignRow, Index, RowState, RowVersion};
use crate::model::FileEntry;
use crate::post::{Digest, PostId, SourcePath};
use crate::search::TERMS_VERSION;

/// The expected state of a post's row at the time it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaces {
    /// No row with this id exists.
    Nothing,
    /// The row still has this version.
    Row(RowVersion),
}

/// A post whose file has another path or other bytes, and whose row stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// The post's identity.
    pub id: PostId,
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
    /// The version that the row must still have.
    pub version: RowVersion,
}

/// A row to delete, with all that blogctl keeps of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The row's key.
    pub id: PostId,
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
    /// Its file; for a removal, the file it had.
    pub path: SourcePath,
    /// The file it had before, where that is another.
    pub from: Option<SourcePath>,
}

/// A post to write: which file to read, and what it replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The file.
    pub path: SourcePath,
    /// The value that it replaces.
    pub replaces: Replaces,
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
    /// Its file.
    pub path: SourcePath,
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
    pub reindexes: Vec<(PostId, SourcePath)>,
    /// Rows to delete.
    pub removals: Vec<Removal>,
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

    /// Returns true if anything is to be written, even only a digest.
    pub fn writes_nothing(&self) -> bool {
        self.writes.is_empty()
            && self.adoptions.is_empty()
            && self.relocations.is_empty()
            && self.reindexes.is_empty()
            && self.removals.is_empty()
    }
}

/// Rows of another table that refer to posts that are removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependent {
    /// The table, with its schema.
    pub table: String,
    /// The number of rows; `None` if the role may not read them.
    pub rows: Option<u64>,
    /// What the database does to them.
    pub effect: OnDelete,
}

/// A refusal: a reason to stop a sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Posts that someone else changed, deleted or wrote.
    Conflicts(Vec<Conflict>),
    /// A prune of a directory without any post: more likely a wrong path than a wish.
    NothingToPublish {
        /// Posts that would have been removed.
        removals: usize,
    },
    /// A removal that takes rows of other tables along.
    Dependents(Vec<Dependent>),
    /// A removal that the database refuses, since rows of other tables refer to the posts.
    Referenced(Vec<Dependent>),
    /// A prune of more than the share that the project allows.
    PruneShare {
        /// Posts that would have been removed.
        removals: usize,
        /// Posts of earlier syncs in the directory.
        of: usize,
        /// Percent allowed.
        max_prune: u8,
    },
}

/// Returns the files of posts whose rows have to be read before the plan is made: rows that no sync
/// wrote, or that somebody edited since, to be compared; and rows with values that no file states,
/// if their search terms are to be written.
pub fn to_read<'f>(files: &'f [FileEntry], index: &Index) -> Vec<&'f FileEntry> {
    let entries: HashMap<PostId, &Entry> = index.entries.iter().map(|e| (e.id, e)).collect();
    let foreign: HashSet<PostId> = index.foreign.iter().map(|row| row.id).collect();
    let is_needed = |file: &&FileEntry| {
        if file.draft {
            return false;
        }
        match entries.get(&file.id) {
            None => foreign.contains(&file.id),
            Some(entry) => match entry.row {
                RowState::Edited(_) => true,
                RowState::Missing => false,
                RowState::Intact(_) => {
                    let is_written = entry.post_digest != file.post_digest
                        || entry.terms_version != TERMS_VERSION;
                    entry.has_others && is_written
                }
            },
        }
    };
    files.iter().filter(is_needed).collect()
}

/// Makes the plan of a sync.
///
/// `comparisons` has one for each file of [`to_read`] whose row was still there.
/// `in_scope` tells whether a path lies in the directory that was given: nothing outside is
/// ever removed. The ids of `files` are unique, and none of them is in a file outside
/// the scope; the caller has seen to both.
pub fn make(
    files: &[FileEntry],
    index: &Index,
    comparisons: &HashMap<PostId, Comparison>,
    in_scope: impl Fn(&SourcePath) -> bool,
    options: Options,
) -> Plan {
    let entries: HashMap<PostId, &Entry> = index.entries.iter().map(|e| (e.id, e)).collect();
    let foreign: HashMap<PostId, &ForeignRow> = index.foreign.iter().map(|f| (f.id, f)).collect();
    let published: HashSet<PostId> = files.iter().filter(|f| !f.draft).map(|f| f.id).collect();

    let mut plan = Plan {
        published: published.len(),
        ..Plan::default()
    };
    for file in files {
        if file.draft {
            plan.drafts += 1;
        } else if let Some(entry) = entries.get(&file.id) {
            plan.keep(file, entry, comparisons.get(&file.id), options);
        } else if let Some(row) = foreign.get(&file.id) {
            let comparison = comparisons.get(&file.id);
            plan.categories.extend(row.category.clone());
            plan.settle(
                ConflictKind::Foreign,
                file,
                None,
                row.version,
                comparison,
                options,
            );
        } else {
            plan.write(file, None, Action::Create, Replaces::Nothing);
        }
    }
    for entry in &index.entries {
        if in_scope(&entry.path) {
            plan.in_scope += 1;
            if !published.contains(&entry.id) {
                plan.drop_post(entry, options);
            }
        }
    }
    plan.changes
        .sort_by(|a, b| (&a.path, a.id).cmp(&(&b.path, b.id)));
    plan.unpruned
        .sort_by(|a, b| (&a.path, a.id).cmp(&(&b.path, b.id)));
    for conflicts in [&mut plan.conflicts, &mut plan.overwrites] {
        conflicts.sort_by(|a, b| (&a.path, a.id).cmp(&(&b.path, b.id)));
    }
    plan
}

/// Says why the plan must not be carried out, if it must not.
pub fn refusal(plan: &Plan, options: Options) -> Option<Refusal> {
    let (refusing, taken): (Vec<_>, Vec<_>) = plan
        .dependents
        .iter()
        .cloned()
        .partition(|dependent| dependent.effect == OnDelete::Refuse);
    // Where the rows cannot be read, the database has the last word.
    if refusing.iter().any(|dependent| dependent.rows.is_some()) {
        return Some(Refusal::Referenced(refusing));
    }
    if options.force {
        return None;
    }
    if !taken.is_empty() {
        return Some(Refusal::Dependents(taken));
    }
    if !plan.conflicts.is_empty() {
        return Some(Refusal::Conflicts(plan.conflicts.clone()));
    }
    let removals = plan.removals.len();
    if removals > 0 && plan.published == 0 {
        return Some(Refusal::NothingToPublish { removals });
    }
    if removals * 100 > plan.in_scope * usize::from(options.max_prune) {
        return Some(Refusal::PruneShare {
            removals,
            of: plan.in_scope,
            max_prune: options.max_prune,
        });
    }
    None
}

impl Plan {
    /// Decides on a post that an earlier sync wrote and a file still states.
    fn keep(
        &mut self,
        file: &FileEntry,
        entry: &Entry,
        comparison: Option<&Comparison>,
        options: Options,
    ) {
        match entry.row {
            RowState::Intact(version) => {
                if entry.post_digest == file.post_digest {
                    self.leave(file, entry);
                } else {
                    self.write(file, Some(entry), Action::Update, Replaces::Row(version));
                }
            }
            RowState::Edited(version) => {
                let kind = ConflictKind::Edited;
                self.settle(kind, file, Some(entry), version, comparison, options);
            }
            RowState::Missing if options.force => {
                self.write(file, Some(entry), Action::Create, Replaces::Nothing);
            }
            RowState::Missing => {
                self.conflict(ConflictKind::Deleted, file.id, &file.path, None);
            }
        }
    }

    /// Decides on a row that is not as a sync left it: it is adopted if it is as the file says.
    fn settle(
        &mut self,
        kind: ConflictKind,
        file: &FileEntry,
        old: Option<&Entry>,
        version: RowVersion,
        comparison: Option<&Comparison>,
        options: Options,
    ) {
        if comparison.is_some_and(Comparison::is_equal) {
            self.change(file, old, Action::Adopt);
            self.adoptions.push(Adoption {
                id: file.id,
                path: file.path.clone(),
                version,
            });
        } else if options.force {
            self.write(file, old, Action::Update, Replaces::Row(version));
            self.overwrites.push(Conflict {
                kind,
                id: file.id,
                path: file.path.clone(),
                comparison: comparison.cloned().unwrap_or_default(),
            });
        } else {
            self.conflict(kind, file.id, &file.path, comparison);
        }
    }

    /// Leaves a row as it is; its file may have moved or been written differently.
    fn leave(&mut self, file: &FileEntry, entry: &Entry) {
        let moved = entry.path != file.path;
        if moved {
            self.changes.push(Change {
                action: Action::Move,
                id: file.id,
                path: file.path.clone(),
                from: Some(entry.path.clone()),
            });
        } else {
            self.unchanged += 1;
        }
        if entry.terms_version != TERMS_VERSION {
            self.reindexes.push((file.id, file.path.clone()));
        }
        if moved || entry.file_digest != file.file_digest {
            self.relocations.push(Relocation {
                id: file.id,
                path: file.path.clone(),
                file_digest: file.file_digest,
            });
        }
    }

    /// Decides on a post of an earlier sync that no file states any more.
    fn drop_post(&mut self, entry: &Entry, options: Options) {
        let change = Change {
            action: Action::Remove,
            id: entry.id,
            path: entry.path.clone(),
            from: None,
        };
        if !options.prune {
            self.unpruned.push(change);
            return;
        }
        let version = match entry.row {
            RowState::Edited(_) if !options.force => {
                return self.conflict(ConflictKind::Edited, entry.id, &entry.path, None);
            }
            RowState::Intact(version) | RowState::Edited(version) => Some(version),
            RowState::Missing => None,
        };
        self.changes.push(change);
        self.categories.extend(entry.category.clone());
        self.removals.push(Removal {
            id: entry.id,
            version,
        });
    }

    fn write(&mut self, file: &FileEntry, old: Option<&Entry>, action: Action, replaces: Replaces) {
        self.change(file, old, action);
        self.writes.push(Write {
            path: file.path.clone(),
            replaces,
        });
    }

    /// Notes a change of a post that a file states, and the categories that it touches.
    fn change(&mut self, file: &FileEntry, old: Option<&Entry>, action: Action) {
        self.changes.push(Change {
            action,
            id: file.id,
            path: file.path.clone(),
            from: old
                .filter(|entry| entry.path != file.path)
                .map(|entry| entry.path.clone()),
        });
        self.categories.extend(file.category.clone());
        self.categories
            .extend(old.and_then(|entry| entry.category.clone()));
    }

    fn conflict(
        &mut self,
        kind: ConflictKind,
        id: PostId,
        path: &SourcePath,
        comparison: Option<&Comparison>,
    ) {
        self.conflicts.push(Conflict {
            kind,
            id,
            path: path.clone(),
            comparison: comparison.cloned().unwrap_or_default(),
        });
    }
}

#[cfg(test)]
mod tests;
