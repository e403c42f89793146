//! Reading from a replica, with the primary behind it.
//!
//! The first failure of the replica, whatever it is, is its last: that question and all that
//! follow go to the primary. Only an interrupt is no failure of the replica's. This is right
//! in the middle of a walk, too, since each page says by the last id seen where it begins, and
//! not by anything that a server keeps.

use super::{Candidate, Reader, Result, SearchRequest, StoreError, Text};
use crate::doctor::facts::ReplicaState;
use crate::locale::Locale;
use crate::model::NameCount;
use crate::page::{Filter, Page, Position, PostKey};
use crate::post::{PostId, StoredPost};

/// The primary behind a replica, which is not reached before it is needed.
pub trait Primary: Send {
    /// Reaches it.
    ///
    /// # Errors
    /// Whatever hinders it.
    fn open(&mut self) -> Result<Box<dyn Reader>>;

    /// Is told that the replica failed, and that the primary is reached next.
    fn stands_in(&mut self, failure: &StoreError);

    /// Is told that the replica has no such post, and that the primary, which may have it by
    /// now, could not be asked.
    fn cannot_confirm(&mut self, missing: PostKey<'_>);
}

/// A replica as long as it answers, then its primary.
pub struct Fallback<P> {
    serving: Box<dyn Reader>,
    /// The fallback of `serving`; `None` once that is the primary.
    behind: Option<P>,
}

impl<P: Primary> Fallback<P> {
    /// Puts a primary behind a replica.
    pub fn new(replica: Box<dyn Reader>, primary: P) -> Self {
        Self {
            serving: replica,
            behind: Some(primary),
        }
    }

    fn ask<T>(&mut self, question: impl Fn(&mut dyn Reader) -> Result<T>) -> Result<T> {
        let failure = match question(self.serving.as_mut()) {
            // Whoever called it off does not want it from elsewhere.
            Err(StoreError::Interrupted(interrupted)) => return Err(interrupted.into()),
            // The primary has the same columns.
            Err(StoreError::NotStored { field }) => return Err(StoreError::NotStored { field }),
            Err(failure) => failure,
            answer => return answer,
        };
        let Some(mut primary) = self.behind.take() else {
            return Err(failure);
        };
        primary.stands_in(&failure);
        self.serving = primary.open()?;
        question(self.serving.as_mut())
    }
}

impl<P: Primary> Reader for Fallback<P> {
    /// Returns the store that gave the last answer.
    fn location(&self) -> String {
        self.serving.location()
    }

    fn list(&mut self, filter: &Filter, position: Position) -> Result<Page<StoredPost>> {
        self.ask(|reader| reader.list(filter, position))
    }

    /// A post that the replica does not have may be too new for it: the primary decides.
    fn show(&mut self, key: PostKey<'_>) -> Result<Option<(StoredPost, String)>> {
        let found = self.ask(|reader| reader.show(key))?;
        if found.is_some() {
            return Ok(found);
        }
        let Some(mut primary) = self.behind.take() else {
            return Ok(None);
        };
        let answer = primary.open().and_then(|opened| {
            self.serving = opened;
            self.serving.show(key)
        });
        let called_off = matches!(answer, Err(StoreError::Interrupted(_)));
        if answer.is_err() && !called_off {
            primary.cannot_confirm(key);
        }
        answer
    }

    fn search(&mut self, request: &SearchRequest) -> Result<Vec<Candidate>> {
        self.ask(|reader| reader.search(request))
    }

    fn bodies(&mut self, ids: &[PostId]) -> Result<Vec<(PostId, String)>> {
        self.ask(|reader| reader.bodies(ids))
    }

    fn posts(
        &mut self,
        ids: &[PostId],
        locale: Option<Locale>,
    ) -> Result<Vec<(StoredPost, String)>> {
        self.ask(|reader| reader.posts(ids, locale))
    }

    fn texts(
        &mut self,
        ids: &[PostId],
        locales: &[Locale],
        with_content: bool,
    ) -> Result<Vec<Text>> {
        self.ask(|reader| reader.texts(ids, locales, with_content))
    }

    fn categories(&mut self, locale: Option<Locale>) -> Result<Vec<NameCount>> {
        self.ask(|reader| reader.categories(locale))
    }

    fn tags(&mut self, locale: Option<Locale>) -> Result<Vec<NameCount>> {
        self.ask(|reader| reader.tags(locale))
    }

    /// Reads the state of what serves now; the primary is no answer for the replica.
    fn replica_state(&mut self) -> Result<ReplicaState> {
        self.serving.replica_state()
    }
}

#[cfg(test)]
mod tests;
