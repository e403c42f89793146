//! The decisions: what happens to each text.

use std::collections::{HashMap, HashSet};

use super::states::{Rows, State, States, version};
use super::{
    Action, Adoption, Change, Comparison, Conflict, ConflictKind, Gone, Options, Plan, Relocation,
    Removal, Replaces, TranslationRemoval, Write,
};
use crate::index::{Entry, Index, RowState};
use crate::model::FileEntry;
use crate::post::{PostId, SourcePath, TextId};
use crate::search::TERMS_VERSION;

/// Returns the files of posts whose rows have to be read before the plan is made: rows that no sync
/// wrote, or that somebody edited since, to be compared; and rows with values that no file states,
/// if their search terms are to be written.
pub fn to_read<'f>(files: &'f [FileEntry], index: &Index) -> Vec<&'f FileEntry> {
    let states = States::new(index);
    let is_needed = |file: &&FileEntry| {
        if file.draft {
            return false;
        }
        match states.of(file).1 {
            State::Foreign | State::Edited => true,
            State::New | State::Missing => false,
            State::Intact => {
                let entry = states.entries.get(&file.text_id());
                entry.is_some_and(|entry| {
                    let is_written = entry.post_digest != file.post_digest
                        || entry.terms_version != TERMS_VERSION;
                    entry.has_others && is_written
                })
            }
        }
    };
    files.iter().filter(is_needed).collect()
}

/// Makes the plan of a sync.
///
/// `comparisons` has one for each file of [`to_read`] whose row was still there.
/// `in_scope` tells whether a path lies in the directory that was given: nothing outside is
/// ever removed. The texts of `files` are unique, and none of them is in a file outside
/// the scope; the caller has seen to both.
pub fn make(
    files: &[FileEntry],
    index: &Index,
    comparisons: &HashMap<TextId, Comparison>,
    in_scope: impl Fn(&SourcePath) -> bool,
    options: Options,
) -> Plan {
    let states = States::new(index);
    let published: HashSet<TextId> = files
        .iter()
        .filter(|file| !file.draft)
        .map(FileEntry::text_id)
        .collect();
    let mut plan = Plan {
        published: published.len(),
        counts_new_locale: index.has_new_locale,
        ..Plan::default()
    };
    for file in files {
        if file.draft {
            plan.drafts += 1;
            continue;
        }
        let (rows, state) = states.of(file);
        let old = states.entries.get(&file.text_id()).copied();
        let comparison = comparisons.get(&file.text_id());
        let rows_before = plan.writes.len() + plan.adoptions.len();
        match state {
            State::New => plan.write(file, old, Action::Create, rows),
            State::Intact => plan.keep(file, old, rows),
            State::Missing if options.force => plan.write(file, old, Action::Create, rows),
            State::Missing => {
                let is_changed = old.is_some_and(|old| old.post_digest != file.post_digest);
                let kind = ConflictKind::Deleted;
                plan.conflict(kind, file.text_id(), &file.path, is_changed, None);
            }
            State::Edited => {
                let comparison = comparison.filter(|one| !is_copy_edited(file, old, one));
                plan.settle(ConflictKind::Edited, file, old, rows, comparison, options);
            }
            State::Foreign => {
                plan.categories.extend(states.category(file.id));
                plan.settle(ConflictKind::Foreign, file, old, rows, comparison, options);
            }
        }
        // A text counts in its locale for the category of its post, which another file may state.
        let is_touched = plan.writes.len() + plan.adoptions.len() > rows_before;
        if file.locale.is_some() && is_touched {
            plan.categories.extend(states.category(file.id));
        }
    }
    plan.reindex_translations(files);
    let drafts = files.iter().filter(|file| file.draft);
    let drafts = drafts.map(FileEntry::text_id).collect();
    plan.drop_texts(index, &states, (&published, &drafts), in_scope, options);
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
    /// Decides on a text whose rows are as a sync left them.
    fn keep(&mut self, file: &FileEntry, old: Option<&Entry>, rows: Rows) {
        // Rows of which one is missing are completed: a text that becomes the main one, say.
        let is_complete = rows
            .translation
            .is_none_or(|row| row.replaces != Replaces::Nothing);
        match old {
            Some(entry)
                if is_complete
                    && entry.post_digest == file.post_digest
                    && entry.is_main == file.is_main =>
            {
                self.leave(file, entry);
            }
            _ => self.write(file, old, Action::Update, rows),
        }
    }

    /// Decides on rows that are not as a sync left them: they are adopted if they are as the file
    /// says.
    fn settle(
        &mut self,
        kind: ConflictKind,
        file: &FileEntry,
        old: Option<&Entry>,
        rows: Rows,
        comparison: Option<&Comparison>,
        options: Options,
    ) {
        let is_changed = old.is_none_or(|entry| entry.post_digest != file.post_digest);
        if comparison.is_some_and(Comparison::is_equal) {
            self.change(file, old, Action::Adopt);
            self.adoptions.push(Adoption {
                id: file.id,
                path: file.path.clone(),
                replaces: rows.post,
                translation: rows.translation,
            });
        } else if options.force {
            self.write(file, old, Action::Update, rows);
            self.overwrites.push(Conflict {
                kind,
                id: file.id,
                locale: file.locale,
                path: file.path.clone(),
                is_file_changed: is_changed,
                comparison: comparison.cloned().unwrap_or_default(),
            });
        } else {
            self.conflict(kind, file.text_id(), &file.path, is_changed, comparison);
        }
    }

    /// Leaves rows as they are; their file may have moved or been written differently.
    fn leave(&mut self, file: &FileEntry, entry: &Entry) {
        let moved = entry.path != file.path;
        if moved {
            self.changes.push(Change {
                action: Action::Move,
                id: file.id,
                locale: file.locale,
                path: file.path.clone(),
                from: Some(entry.path.clone()),
                gone: None,
            });
        } else {
            self.unchanged += 1;
        }
        if entry.terms_version != TERMS_VERSION {
            self.reindexes.push((file.text_id(), file.path.clone()));
        }
        if moved || entry.file_digest != file.file_digest {
            self.relocations.push(Relocation {
                id: file.id,
                locale: file.locale,
                is_main: file.is_main,
                path: file.path.clone(),
                file_digest: file.file_digest,
            });
        }
    }

    /// Has the search terms of translations written whose main text is: a search finds them by what
    /// it says for all locales, too.
    fn reindex_translations(&mut self, files: &[FileEntry]) {
        let paths = |is_main: bool| -> HashSet<SourcePath> {
            let is_it = |row: &Option<super::TranslationRow>| {
                row.is_some_and(|row| row.is_main || !is_main)
            };
            let writes = self.writes.iter().filter(|write| is_it(&write.translation));
            let adopted = self.adoptions.iter().filter(|one| is_it(&one.translation));
            let paths = writes.map(|write| &write.path);
            paths.chain(adopted.map(|one| &one.path)).cloned().collect()
        };
        let (main, all) = (paths(true), paths(false));
        if main.is_empty() {
            return;
        }
        let changed = files.iter().filter(|file| main.contains(&file.path));
        let changed: HashSet<PostId> = changed.map(|file| file.id).collect();
        let known: HashSet<TextId> = self.reindexes.iter().map(|(id, _)| *id).collect();
        let conflicts: HashSet<TextId> = self
            .conflicts
            .iter()
            .map(|conflict| TextId {
                post: conflict.id,
                locale: conflict.locale,
            })
            .collect();
        let stale = files.iter().filter(|file| {
            let id = file.text_id();
            !file.draft
                && changed.contains(&file.id)
                && !all.contains(&file.path)
                && !known.contains(&id)
                && !conflicts.contains(&id)
        });
        let stale = stale.map(|file| (file.text_id(), file.path.clone()));
        self.translation_reindexes = stale.collect();
    }

    /// Decides on the texts of earlier syncs that no file states any more, or only a draft.
    fn drop_texts(
        &mut self,
        index: &Index,
        states: &States<'_>,
        (published, drafts): (&HashSet<TextId>, &HashSet<TextId>),
        in_scope: impl Fn(&SourcePath) -> bool,
        options: Options,
    ) {
        let is_gone =
            |entry: &Entry| in_scope(&entry.path) && !published.contains(&entry.text_id());
        // A post goes with the last of its texts.
        let mut staying: HashSet<PostId> = published.iter().map(|id| id.post).collect();
        let kept = index.entries.iter().filter(|entry| !is_gone(entry));
        staying.extend(kept.map(|entry| entry.id));
        let mut removed: HashSet<PostId> = HashSet::new();
        for entry in &index.entries {
            self.in_scope += usize::from(in_scope(&entry.path));
            if !is_gone(entry) {
                continue;
            }
            let change = Change {
                action: Action::Remove,
                id: entry.id,
                locale: entry.locale,
                path: entry.path.clone(),
                from: None,
                gone: drafts.contains(&entry.text_id()).then_some(Gone::Draft),
            };
            if !options.prune {
                self.unpruned.push(change);
                continue;
            }
            let post = match entry.locale {
                None => entry.row,
                Some(_) => states.post(entry.id).unwrap_or(RowState::Missing),
            };
            let is_edited = |row| matches!(row, RowState::Edited(_));
            let goes = !staying.contains(&entry.id);
            if !options.force && (is_edited(entry.row) || goes && is_edited(post)) {
                self.conflict(
                    ConflictKind::Edited,
                    entry.text_id(),
                    &entry.path,
                    false,
                    None,
                );
                continue;
            }
            let category = entry.category.clone();
            self.categories
                .extend(category.or_else(|| states.category(entry.id)));
            if let Some(locale) = entry.locale {
                self.translation_removals.push(TranslationRemoval {
                    id: entry.id,
                    locale,
                    version: version(entry.row),
                });
                if entry.is_main && !goes {
                    self.lost_main_texts.push(change.clone());
                }
            }
            if goes && removed.insert(entry.id) {
                self.removals.push(Removal {
                    id: entry.id,
                    version: version(post),
                });
            }
            self.changes.push(change);
        }
    }

    fn write(&mut self, file: &FileEntry, old: Option<&Entry>, action: Action, rows: Rows) {
        self.change(file, old, action);
        self.writes.push(Write {
            id: file.id,
            path: file.path.clone(),
            replaces: rows.post,
            translation: rows.translation,
        });
    }

    /// Notes a change of a text that a file states, and the categories that it touches.
    fn change(&mut self, file: &FileEntry, old: Option<&Entry>, action: Action) {
        self.changes.push(Change {
            action,
            id: file.id,
            locale: file.locale,
            path: file.path.clone(),
            from: old
                .filter(|entry| entry.path != file.path)
                .map(|entry| entry.path.clone()),
            gone: None,
        });
        self.categories.extend(file.category.clone());
        self.categories
            .extend(old.and_then(|entry| entry.category.clone()));
    }

    fn conflict(
        &mut self,
        kind: ConflictKind,
        id: TextId,
        path: &SourcePath,
        is_file_changed: bool,
        comparison: Option<&Comparison>,
    ) {
        self.conflicts.push(Conflict {
            kind,
            id: id.post,
            locale: id.locale,
            path: path.clone(),
            is_file_changed,
            comparison: comparison.cloned().unwrap_or_default(),
        });
    }
}

/// Returns whether somebody edited, of the row of a post, what it repeats of its main text. A
/// comparison does not see that, because it reads the text where each locale has its own; but the
/// file and the row of the translation are as at the last sync, and nothing else differs.
fn is_copy_edited(file: &FileEntry, old: Option<&Entry>, comparison: &Comparison) -> bool {
    let is_as_before =
        |old: &Entry| old.post_digest == file.post_digest && matches!(old.row, RowState::Intact(_));
    file.locale.is_some() && file.is_main && comparison.is_equal() && old.is_some_and(is_as_before)
}
