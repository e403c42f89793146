//! Syncs that cannot succeed: the database skips rows that are written.

use std::hash::{DefaultHasher, Hash, Hasher};

use anyhow::Error;

use crate::command_error::CommandError;
use crate::index::{Generation, Index, RowState, RowVersion};

/// Counts the attempts that found the store unchanged and could not write: no other program is in
/// the way, so that further attempts would fail, too.
#[derive(Default)]
pub struct Standstill {
    last: Option<Seen>,
    count: usize,
}

/// The state of a store as an attempt found it.
#[derive(PartialEq, Eq)]
pub struct Seen {
    /// A digest of the generation and of the version of each row.
    versions: u64,
    /// The triggers that can skip rows, each with its table.
    triggers: Vec<String>,
}

impl Seen {
    /// Takes the state from an index.
    pub fn new(index: &Index) -> Self {
        let mut hasher = DefaultHasher::new();
        index
            .generation
            .map(|Generation(number)| number)
            .hash(&mut hasher);
        for entry in &index.entries {
            let version = match entry.row {
                RowState::Intact(RowVersion(version)) | RowState::Edited(RowVersion(version)) => {
                    Some(version)
                }
                RowState::Missing | RowState::Unwritten => None,
            };
            (entry.id.get(), version).hash(&mut hasher);
        }
        for post in &index.posts {
            if let RowState::Intact(RowVersion(version)) | RowState::Edited(RowVersion(version)) =
                post.state
            {
                (post.id.get(), version).hash(&mut hasher);
            }
        }
        for row in &index.foreign {
            (row.id.get(), row.version.0).hash(&mut hasher);
        }
        let tables = index.catalog.iter().flat_map(|catalog| &catalog.tables);
        let triggers = tables.flat_map(|table| {
            let named = table.triggers.iter();
            named.map(move |trigger| format!("{trigger} on {}.{}", table.schema, table.name))
        });
        Self {
            versions: hasher.finish(),
            triggers: triggers.collect(),
        }
    }
}

impl Standstill {
    /// Takes the state that a failed attempt found; returns true once as many attempts as are
    /// made have found the same.
    pub fn is_reached(&mut self, seen: Option<Seen>) -> bool {
        let is_same = seen.is_some() && seen == self.last;
        self.count = if is_same { self.count + 1 } else { 1 };
        self.last = seen;
        self.count >= super::ATTEMPTS
    }

    /// Says so, with the triggers that can be the reason.
    pub fn explained(&self) -> Error {
        let message = format!(
            "the database skipped rows that the sync wrote, in {} attempts, and no other program \
             changed any; nothing was written",
            self.count
        );
        let triggers = self.last.as_ref().map(|seen| seen.triggers.join(", "));
        let help = match triggers.filter(|triggers| !triggers.is_empty()) {
            Some(triggers) => format!("look at what can skip a row: the triggers {triggers}"),
            None => "look at what can skip a row: a policy or a rule of the tables".to_owned(),
        };
        CommandError::refused(message).help(help).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_attempts_that_found_the_same_count() {
        let seen = |number| {
            let index = Index {
                generation: Some(Generation(number)),
                ..Index::default()
            };
            Some(Seen::new(&index))
        };
        let mut standstill = Standstill::default();
        assert!(!standstill.is_reached(seen(1)));
        assert!(!standstill.is_reached(seen(1)));
        assert!(!standstill.is_reached(seen(2)));
        assert!(!standstill.is_reached(seen(2)));
        assert!(standstill.is_reached(seen(2)));
        // An attempt that did not come to read the store tells nothing.
        let mut standstill = Standstill::default();
        for _ in 0..9 {
            assert!(!standstill.is_reached(None));
        }
    }
}
