//! The keys that fields were read from although no settings name them.

use std::collections::BTreeMap;

use crate::key_map::ReadField;

/// The number of files for each field and key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadAs(BTreeMap<(ReadField, String), usize>);

impl ReadAs {
    /// Counts the keys of a file.
    pub(super) fn add(&mut self, keys: Vec<(ReadField, String)>) {
        for key in keys {
            *self.0.entry(key).or_default() += 1;
        }
    }

    /// Returns each key, the field that it is read as, and the number of files, by fields.
    pub fn keys(&self) -> impl Iterator<Item = (&str, ReadField, usize)> {
        let keys = self.0.iter();
        keys.map(|((field, key), files)| (&**key, *field, *files))
    }

    /// Returns whether no such key was read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
