//! The decisions: what happens to each post.

use std::collections::{HashMap, HashSet};

use super::{
    Action, Adoption, Change, Comparison, Conflict, ConflictKind, Options, Plan, Relocation,
    Removal, Replaces, Write,
};
use crate::index::{Entry, ForeignRow, Index, RowState, RowVersion};
use crate::model::FileEntry;
use crate::post::{PostId, SourcePath};
use crate::search::TERMS_VERSION;

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
                let is_changed = entry.post_digest != file.post_digest;
                self.conflict(ConflictKind::Deleted, file.id, &file.path, is_changed, None);
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
        let is_changed = old.is_none_or(|entry| entry.post_digest != file.post_digest);
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
                is_file_changed: is_changed,
                comparison: comparison.cloned().unwrap_or_default(),
            });
        } else {
            self.conflict(kind, file.id, &file.path, is_changed, comparison);
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
                return self.conflict(ConflictKind::Edited, entry.id, &entry.path, false, None);
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
        is_file_changed: bool,
        comparison: Option<&Comparison>,
    ) {
        self.conflicts.push(Conflict {
            kind,
            id,
            path: path.clone(),
            is_file_changed,
            comparison: comparison.cloned().unwrap_or_default(),
        });
    }
}
