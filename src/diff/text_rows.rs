//! The state of the rows behind a text: one row, or for a main text in a blog with locales two.

use std::collections::{HashMap, HashSet};

use super::RowChange;
use crate::index::{Entry, Index, RowState};
use crate::post::{PostId, TextId};

/// The rows of an index by the texts that they hold.
pub struct TextRows<'i> {
    /// The texts that syncs wrote.
    pub entries: HashMap<TextId, &'i Entry>,
    /// The rows that no sync wrote; without a locale those of posts.
    pub foreign: HashSet<TextId>,
    posts: HashMap<PostId, RowState>,
}

impl<'i> TextRows<'i> {
    /// Sorts the rows of an index.
    pub fn new(index: &'i Index) -> Self {
        let foreign = index.foreign.iter().map(|row| TextId {
            post: row.id,
            locale: row.locale,
        });
        Self {
            entries: index.entries.iter().map(|e| (e.text_id(), e)).collect(),
            foreign: foreign.collect(),
            posts: index.posts.iter().map(|row| (row.id, row.state)).collect(),
        }
    }

    /// Returns the state of a text's row; of a main text also that of the post's own row, which is
    /// written with it.
    pub fn change(&self, text: TextId, is_main: bool) -> RowChange {
        let of_text = self.row(text, self.entries.get(&text).map(|entry| entry.row));
        if text.locale.is_none() || !is_main {
            return of_text;
        }
        let of_post = self.post(text.post);
        let states = [
            RowChange::Foreign,
            RowChange::Deleted,
            RowChange::Edited,
            RowChange::Unchanged,
        ];
        let mut states = states.into_iter();
        let found = states.find(|state| of_text == *state || of_post == *state);
        found.unwrap_or(RowChange::Absent)
    }

    /// Returns the state of a post's own row, in a blog with locales.
    pub fn post(&self, id: PostId) -> RowChange {
        self.row(id.into(), self.posts.get(&id).copied())
    }

    fn row(&self, id: TextId, recorded: Option<RowState>) -> RowChange {
        match recorded.map(RowChange::from) {
            None | Some(RowChange::Absent) if self.foreign.contains(&id) => RowChange::Foreign,
            Some(change) => change,
            None => RowChange::Absent,
        }
    }
}
