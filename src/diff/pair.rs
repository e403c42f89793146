//! The posts whose file and row may differ, and the side that changed since the last sync.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::TextRows;
use crate::index::{Index, RowState};
use crate::locale::{Locale, LocaleFilter};
use crate::model::FileEntry;
use crate::plan::StatedBefore;
use crate::post::{FieldSet, PostId, SourcePath, TextId};

/// A post whose file and row may differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The post's identity.
    pub id: PostId,
    /// The locale of the text; `None` in a blog without locales.
    pub locale: Option<Locale>,
    /// True if it is the post's main text, whose file states what its texts share.
    pub is_main: bool,
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
    /// Returns which text of which post this is.
    pub fn text_id(&self) -> TextId {
        TextId {
            post: self.id,
            locale: self.locale,
        }
    }

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

/// The part of a project whose files and rows are compared.
pub struct Part<'a> {
    /// The texts that are meant, by their locale.
    pub texts: LocaleFilter<'a>,
    /// Tells whether a path lies in what is compared.
    pub in_scope: &'a dyn Fn(&SourcePath) -> bool,
    /// Tells whether there is a file at a path that is no valid post: nothing is said of the post
    /// that it held.
    pub is_unreadable: &'a dyn Fn(&SourcePath) -> bool,
    /// The texts that files state which are no valid posts; without a locale where that is not
    /// known. `None` if rows that no sync wrote and that have no file are left out: they belong to
    /// no path.
    pub claimed: Option<&'a HashSet<TextId>>,
}

/// Finds the posts whose file and row may differ; in a blog with locales, their texts.
pub fn pairs(files: &[FileEntry], index: &Index, part: &Part<'_>) -> Pairs {
    let rows = TextRows::new(index);
    let before = StatedBefore::new(index);
    let mut found = Pairs::default();
    let mut seen = HashSet::new();
    for file in files {
        let text = file.text_id();
        let entry = rows.entries.get(&text).copied();
        let is_main = match entry {
            // A draft is no main text, but the post may still have been published as one.
            Some(entry) if file.draft => entry.is_main,
            _ => file.is_main,
        };
        let is_new = seen.insert(text) && (entry.is_some() || !file.draft);
        if !is_new || !part.texts.takes(text.locale) {
            continue;
        }
        let pair = Pair {
            id: file.id,
            locale: file.locale,
            is_main,
            path: Some(file.path.clone()),
            from: entry
                .filter(|entry| entry.path != file.path)
                .map(|entry| entry.path.clone()),
            stated: before.of(text, is_main),
            file: match entry {
                _ if file.draft => FileChange::Draft,
                None => FileChange::New,
                Some(entry) if entry.post_digest == file.post_digest => FileChange::Unchanged,
                Some(_) => FileChange::Changed,
            },
            row: rows.change(text, is_main),
        };
        found.add(pair);
    }
    for entry in &index.entries {
        let text = entry.text_id();
        let is_gone = !seen.contains(&text) && !(part.is_unreadable)(&entry.path);
        if is_gone && (part.in_scope)(&entry.path) && part.texts.takes(text.locale) {
            found.add(Pair {
                id: entry.id,
                locale: entry.locale,
                is_main: entry.is_main,
                path: Some(entry.path.clone()),
                from: None,
                stated: entry.stated,
                file: FileChange::Removed,
                row: rows.change(text, entry.is_main),
            });
        }
    }
    if let Some(claimed) = part.claimed {
        let mut first: HashMap<PostId, usize> = HashMap::new();
        let known = rows.entries.keys().chain(&rows.foreign);
        for text in known.filter(|text| text.locale.is_some()) {
            let rank = part.texts.rank(text.locale);
            let least = first.entry(text.post).or_insert(rank);
            *least = rank.min(*least);
        }
        let is_unfiled = |text: &&TextId| {
            let is_known = seen.contains(text) || rows.entries.contains_key(text);
            let is_claimed = claimed.contains(text) || claimed.contains(&text.post.into());
            !is_known && !is_claimed && part.texts.takes(text.locale)
        };
        for text in rows.foreign.iter().filter(is_unfiled) {
            let rank = part.texts.rank(text.locale);
            found.add(Pair {
                id: text.post,
                locale: text.locale,
                is_main: first.get(&text.post).is_none_or(|least| *least == rank),
                path: None,
                from: None,
                stated: FieldSet::default(),
                file: FileChange::Absent,
                row: RowChange::Foreign,
            });
        }
    }
    let place = |pair: &Pair| (Reverse(pair.id), part.texts.rank(pair.locale));
    found.changed.sort_by_key(place);
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
