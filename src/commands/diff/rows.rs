//! The rows of posts, read in few answers of bounded size.

use std::collections::VecDeque;

use crate::post::{PostId, StoredPost};
use crate::store::{Result, Store};

/// The rows of posts, which are read when they are needed and taken newest first.
pub struct Rows {
    /// The ids that no answer covers yet, newest first.
    pending: Vec<PostId>,
    /// The rest of the last answer.
    read: VecDeque<(StoredPost, String)>,
    /// False in a store without blogctl's tables.
    is_tracked: bool,
}

impl Rows {
    /// Begins with nothing read; the ids come newest first. `is_tracked` is false in a store
    /// without blogctl's tables.
    pub fn new(ids: impl Iterator<Item = PostId>, is_tracked: bool) -> Self {
        Self {
            is_tracked,
            pending: ids.collect(),
            read: VecDeque::new(),
        }
    }

    /// Returns the row of a post; `None` for one that is gone or was not asked for. Ids must
    /// come newest first.
    ///
    /// # Errors
    /// Whatever the store fails with.
    pub fn take(
        &mut self,
        store: &mut dyn Store,
        id: PostId,
    ) -> Result<Option<(StoredPost, String)>> {
        // A cut answer covers the ids down to its last row.
        while self.read.is_empty() && self.pending.contains(&id) {
            let asked = self.pending.len();
            let answer = if self.is_tracked {
                store.posts(&self.pending, None)?
            } else {
                store.untracked_posts(&self.pending, None)?
            };
            self.read = answer.into();
            match self.read.back() {
                Some((last, _)) => self.pending.retain(|id| *id < last.id),
                None => self.pending.clear(),
            }
            // An answer that covers nothing must not be asked for forever.
            if self.pending.len() == asked {
                self.pending.clear();
            }
            // Rows above this one are not wanted any more.
            self.read.retain(|(row, _)| row.id <= id);
        }
        Ok(self.read.pop_front_if(|(row, _)| row.id == id))
    }
}
