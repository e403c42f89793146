//! The rows of posts, read in few answers of bounded size.

use std::collections::{HashMap, VecDeque};

use crate::locale::Locale;
use crate::post::{PostId, StoredPost, TextId};
use crate::store::{Result, Store};

/// The rows of posts, which are read when they are needed and taken newest first.
pub struct Rows {
    /// Those of each locale; in a blog without locales all of them.
    by_locale: HashMap<Option<Locale>, InLocale>,
    /// False in a store without blogctl's tables.
    is_tracked: bool,
}

/// The rows of texts in one locale.
#[derive(Default)]
struct InLocale {
    /// The ids that no answer covers yet, newest first.
    pending: Vec<PostId>,
    /// The rest of the last answer.
    read: VecDeque<(StoredPost, String)>,
}

impl Rows {
    /// Begins with nothing read; the texts come newest first. `is_tracked` is false in a store
    /// without blogctl's tables.
    pub fn new(texts: impl Iterator<Item = TextId>, is_tracked: bool) -> Self {
        let mut by_locale: HashMap<Option<Locale>, InLocale> = HashMap::new();
        for text in texts {
            let rows = by_locale.entry(text.locale).or_default();
            rows.pending.push(text.post);
        }
        Self {
            by_locale,
            is_tracked,
        }
    }

    /// Returns the row of a text; `None` for one that is gone or was not asked for. The ids must
    /// come newest first.
    ///
    /// # Errors
    /// Whatever the store fails with.
    pub fn take(
        &mut self,
        store: &mut dyn Store,
        text: TextId,
    ) -> Result<Option<(StoredPost, String)>> {
        let id = text.post;
        let Some(rows) = self.by_locale.get_mut(&text.locale) else {
            return Ok(None);
        };
        // A cut answer covers the ids down to its last row.
        while rows.read.is_empty() && rows.pending.contains(&id) {
            let asked = rows.pending.len();
            let answer = if self.is_tracked {
                store.posts(&rows.pending, text.locale)?
            } else {
                store.untracked_posts(&rows.pending, text.locale)?
            };
            rows.read = answer.into();
            match rows.read.back() {
                Some((last, _)) => rows.pending.retain(|id| *id < last.id),
                None => rows.pending.clear(),
            }
            // An answer that covers nothing must not be asked for forever.
            if rows.pending.len() == asked {
                rows.pending.clear();
            }
            // Rows above this one are not wanted any more.
            rows.read.retain(|(row, _)| row.id <= id);
        }
        Ok(rows.read.pop_front_if(|(row, _)| row.id == id))
    }
}
