//! A front matter as a tree of values, each with the bytes that it was written in.
//!
//! Nothing here knows a syntax. [`super::yaml::read`] makes a [`Document`] from YAML; another
//! syntax needs only a reader of its own.

use std::collections::HashMap;
use std::ops::Range;

/// The top-level keys and values of a front matter, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Document {
    pub entries: Vec<Entry>,
    /// The number of the first entry with each name.
    first: HashMap<String, usize>,
}

/// One key and its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// The key as text; `None` for a key that is a number with a fraction, a list or a mapping.
    pub name: Option<String>,
    /// The key's bytes in the file's text.
    pub key: Range<usize>,
    pub value: Node,
}

/// A value and where it is written, in bytes of the file's text.
///
/// The range covers quotes, brackets and every line of the value. A value that a YAML alias
/// repeats has the place of the alias.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub value: Value,
    pub range: Range<usize>,
}

/// A value by its kind in its syntax.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    /// A value with a tag that means nothing here: `!tag value`.
    Tagged(String, Box<Node>),
}

impl Document {
    pub fn new(entries: Vec<Entry>) -> Self {
        let mut first = HashMap::new();
        for (number, entry) in entries.iter().enumerate() {
            if let Some(name) = &entry.name
                && !first.contains_key(name)
            {
                first.insert(name.clone(), number);
            }
        }
        Self { entries, first }
    }

    /// The number of the first entry with this name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.first.get(name).copied()
    }

    /// The first entry with this name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.position(name).map(|number| &self.entries[number])
    }
}
