//! The state of the rows behind a file: one row, or in a blog with locales up to two.

use std::collections::HashMap;

use super::{Replaces, TranslationRow};
use crate::index::{Entry, ForeignRow, Index, PostRow, RowState, RowVersion};
use crate::model::FileEntry;
use crate::post::{PostId, TextId};

/// The rows that a file's text is to be written to, as the plan saw them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rows {
    /// The row of the post; not looked at if another text is the main one.
    pub post: Replaces,
    /// The row of the translation; `None` in a blog without locales.
    pub translation: Option<TranslationRow>,
}

/// The state of these rows compared to what the syncs wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// No row is there, and none is missing.
    New,
    /// As the last sync left them; a row that the text has none of yet may be missing.
    Intact,
    /// Someone changed one of them since.
    Edited,
    /// Someone deleted one of them since.
    Missing,
    /// No sync wrote one of them.
    Foreign,
}

/// All rows, by the texts that they hold.
pub(super) struct States<'i> {
    pub entries: HashMap<TextId, &'i Entry>,
    foreign: HashMap<TextId, &'i ForeignRow>,
    posts: HashMap<PostId, &'i PostRow>,
}

impl<'i> States<'i> {
    /// Sorts the rows of an index.
    pub fn new(index: &'i Index) -> Self {
        let foreign = index.foreign.iter().map(|row| {
            let id = TextId {
                post: row.id,
                locale: row.locale,
            };
            (id, row)
        });
        Self {
            entries: index.entries.iter().map(|e| (e.text_id(), e)).collect(),
            foreign: foreign.collect(),
            posts: index.posts.iter().map(|row| (row.id, row)).collect(),
        }
    }

    /// Returns what is there for a file, and in which state.
    pub fn of(&self, file: &FileEntry) -> (Rows, State) {
        let Some(locale) = file.locale else {
            let (post, state) = self.row(file.text_id(), self.entry_state(file.text_id()));
            return (
                Rows {
                    post,
                    translation: None,
                },
                state,
            );
        };
        let (replaces, state) = self.row(file.text_id(), self.entry_state(file.text_id()));
        let translation = Some(TranslationRow {
            locale,
            is_main: file.is_main,
            replaces,
        });
        if !file.is_main {
            let post = Replaces::Nothing;
            return (Rows { post, translation }, state);
        }
        let of_post = self.posts.get(&file.id).map(|row| row.state);
        let (post, of_post) = self.row(file.id.into(), of_post);
        let state = match (of_post, state) {
            (State::Foreign, _) | (_, State::Foreign) => State::Foreign,
            (State::Missing, _) | (_, State::Missing) => State::Missing,
            (State::Edited, _) | (_, State::Edited) => State::Edited,
            (State::Intact, _) | (_, State::Intact) => State::Intact,
            (State::New, State::New) => State::New,
        };
        (Rows { post, translation }, state)
    }

    /// Returns the category of a post's row now.
    pub fn category(&self, id: PostId) -> Option<String> {
        let written = self.posts.get(&id).map(|row| &row.category);
        let foreign = || self.foreign.get(&id.into()).map(|row| &row.category);
        written.or_else(foreign).cloned().flatten()
    }

    /// Returns the state of a post's row that a sync wrote, in a blog with locales.
    pub fn post(&self, id: PostId) -> Option<RowState> {
        self.posts.get(&id).map(|row| row.state)
    }

    fn entry_state(&self, id: TextId) -> Option<RowState> {
        self.entries.get(&id).map(|entry| entry.row)
    }

    /// Returns a row that is recorded to be in this state, or that nobody recorded.
    fn row(&self, id: TextId, recorded: Option<RowState>) -> (Replaces, State) {
        let foreign = self.foreign.get(&id);
        match (recorded, foreign) {
            (Some(RowState::Intact(version)), _) => (Replaces::Row(version), State::Intact),
            (Some(RowState::Edited(version)), _) => (Replaces::Row(version), State::Edited),
            (Some(RowState::Missing), _) => (Replaces::Nothing, State::Missing),
            (_, Some(row)) => (Replaces::Row(row.version), State::Foreign),
            (Some(RowState::Unwritten) | None, None) => (Replaces::Nothing, State::New),
        }
    }
}

/// Returns the version of a row that is there.
pub(super) fn version(state: RowState) -> Option<RowVersion> {
    match state {
        RowState::Intact(version) | RowState::Edited(version) => Some(version),
        RowState::Missing | RowState::Unwritten => None,
    }
}
