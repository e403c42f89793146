//! The posts whose file and row may differ, and the side that changed since the last sync.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::index::{Entry, Index, RowState};
use crate::model::FileEntry;
use crate::post::{FieldSet, PostId, SourcePath};

/// A post whose file and row may differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The post's identity.
    pub id: PostId,
    /// Its file; where there is none, the file that it had; `None` if it never had one.
    pub path: Option<SourcePath>,
    /// The file that it had at the last sync, where that is another.
    pub from: Option<SourcePath>,
    /// The fields that the file stated at the last sync.
    pub stated: FieldSet,
    /// The state of the file.
    pub file: FileChange,
    /// The state of the row.
    pub row: RowChange,
}

/// The state of a post's file compared to the last sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// It says what the last sync published.
    Unchanged,
    /// It says something else.
    Changed,
    /// No sync has published it.
    New,
    /// It is gone.
    Removed,
    /// It has become a draft.
    Draft,
    /// There has never been one.
    Absent,
}

/// The side that alone has a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnlyIn {
    /// Its file.
    Files,
    /// Its row.
    Database,
}

/// The state of a post's row compared to the last sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowChange {
    /// As the last sync left it.
    Unchanged,
    /// Changed by someone else.
    Edited,
    /// Deleted by someone else.
    Deleted,
    /// Never written by a sync.
    Foreign,
    /// There has never been one.
    Absent,
}

/// The posts of a part of the project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    /// Those whose file and row may differ, newest id first.
    pub changed: Vec<Pair>,
    /// The number of those that are as the last sync left them, on both sides.
    pub equal: usize,
}

impl Pair {
    /// Returns whether there is a file to compare.
    pub fn has_file(&self) -> bool {
        use FileChange::{Absent, Draft, Removed};
        !matches!(self.file, Removed | Draft | Absent)
    }

    /// Returns the side that alone has the post; `None` if both have it, none has it, or its file
    /// is a draft.
    pub fn only_in(&self) -> Option<OnlyIn> {
        match (self.has_file(), self.has_row()) {
            (true, false) => Some(OnlyIn::Files),
            (false, true) if self.file != FileChange::Draft => Some(OnlyIn::Database),
            _ => None,
        }
    }

    /// Returns whether there is a row to compare.
    pub fn has_row(&self) -> bool {
        !matches!(self.row, RowChange::Deleted | RowChange::Absent)
    }

    /// Returns the name of the state for programs.
    pub fn state(&self) -> &'static str {
        use FileChange as File;
        use RowChange as Row;
        match (self.file, self.row) {
            (File::New, Row::Foreign) => "foreign_row",
            (File::New, _) => "new_file",
            (File::Absent, _) => "no_file",
            (File::Changed, Row::Edited | Row::Foreign) => "both_changed",
            (File::Removed | File::Draft, Row::Edited | Row::Foreign) => "both_changed",
            (File::Removed, _) => "file_removed",
            (File::Draft, _) => "draft",
            (_, Row::Deleted | Row::Absent) => "row_removed",
            (File::Changed, Row::Unchanged) => "file_changed",
            (File::Unchanged, Row::Edited | Row::Foreign) => "row_changed",
            (File::Unchanged, Row::Unchanged) => "moved",
        }
    }

    /// Returns whether a sync refuses to write the post without `--force`, if its file and row
    /// differ.
    pub fn is_conflict(&self) -> bool {
        let is_others = matches!(
            self.row,
            RowChange::Edited | RowChange::Deleted | RowChange::Foreign
        );
        self.has_file() && is_others
    }

    /// Returns whether a sync changes something, whatever the row holds.
    pub(super) fn is_sync_change(&self) -> bool {
        use RowChange as Row;
        match self.file {
            FileChange::Changed | FileChange::New => {
                !matches!(self.row, Row::Edited | Row::Foreign)
            }
            FileChange::Unchanged => matches!(self.row, Row::Deleted | Row::Unchanged),
            FileChange::Removed | FileChange::Draft => self.has_row(),
            FileChange::Absent => false,
        }
    }
}

/// Finds the posts whose file and row may differ.
///
/// `in_scope` tells whether a path lies in what is compared. `is_unreadable` tells whether there
/// is a file at a path that is no valid post: nothing is said of the post that it held. Rows that no
/// sync wrote and that have no file belong to no path: they are found if `claimed` has the ids that
/// files state which are no valid posts.
pub fn pairs(
    files: &[FileEntry],
    index: &Index,
    in_scope: impl Fn(&SourcePath) -> bool,
    is_unreadable: impl Fn(&SourcePath) -> bool,
    claimed: Option<&HashSet<PostId>>,
) -> Pairs {
    let entries: HashMap<PostId, &Entry> = index.entries.iter().map(|e| (e.id, e)).collect();
    let foreign: HashSet<PostId> = index.foreign.iter().map(|row| row.id).collect();
    let mut found = Pairs::default();
    let mut seen = HashSet::new();
    for file in files {
        let entry = entries.get(&file.id);
        if !seen.insert(file.id) || file.draft && entry.is_none() {
            continue;
        }
        let pair = Pair {
            id: file.id,
            path: Some(file.path.clone()),
            from: entry
                .filter(|entry| entry.path != file.path)
                .map(|entry| entry.path.clone()),
            stated: entry.map(|entry| entry.stated).unwrap_or_default(),
            file: match entry {
                _ if file.draft => FileChange::Draft,
                None => FileChange::New,
                Some(entry) if entry.post_digest == file.post_digest => FileChange::Unchanged,
                Some(_) => FileChange::Changed,
            },
            row: match entry {
                Some(entry) => entry.row.into(),
                None if foreign.contains(&file.id) => RowChange::Foreign,
                None => RowChange::Absent,
            },
        };
        found.add(pair);
    }
    for entry in &index.entries {
        if in_scope(&entry.path) && !seen.contains(&entry.id) && !is_unreadable(&entry.path) {
            found.add(Pair {
                id: entry.id,
                path: Some(entry.path.clone()),
                from: None,
                stated: entry.stated,
                file: FileChange::Removed,
                row: entry.row.into(),
            });
        }
    }
    if let Some(claimed) = claimed {
        let is_unfiled = |id: &&PostId| !seen.contains(id) && !claimed.contains(id);
        for id in foreign.iter().filter(is_unfiled) {
            found.add(Pair {
                id: *id,
                path: None,
                from: None,
                stated: FieldSet::default(),
                file: FileChange::Absent,
                row: RowChange::Foreign,
            });
        }
    }
    found.changed.sort_by_key(|pair| Reverse(pair.id));
    found
}

impl Pairs {
    fn add(&mut self, pair: Pair) {
        let is_equal = pair.file == FileChange::Unchanged && pair.row == RowChange::Unchanged;
        if is_equal && pair.from.is_none() {
            self.equal += 1;
        } else {
            self.changed.push(pair);
        }
    }
}

impl From<RowState> for RowChange {
    fn from(state: RowState) -> Self {
        match state {
            RowState::Intact(_) => Self::Unchanged,
            RowState::Edited(_) => Self::Edited,
            RowState::Missing => Self::Deleted,
            RowState::Unwritten => Self::Absent,
        }
    }
}
