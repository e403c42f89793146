//! A front matter as a tree of values, each with the bytes that it was written in.
//!
//! Of the syntax only [`Syntax`] is known, for the words of messages. [`super::yaml::read`] makes
//! a [`Document`] from YAML and [`super::toml::read`] one from TOML; another syntax needs only a
//! reader of its own.

use std::collections::HashMap;
use std::ops::Range;

/// A syntax that front matter is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Syntax {
    #[default]
    Yaml,
    Toml,
}

impl Syntax {
    /// Returns a value's kind, for messages: "this is ...".
    pub fn kind(self, value: &Value) -> &'static str {
        match (self, value) {
            (_, Value::Null) => "empty",
            (Self::Yaml, Value::Bool(_)) => "a boolean to YAML",
            (Self::Toml, Value::Bool(_)) => "a boolean to TOML",
            (Self::Yaml, Value::Integer(_) | Value::Float(_)) => "a number to YAML",
            (Self::Toml, Value::Integer(_) | Value::Float(_)) => "a number to TOML",
            (_, Value::Text(_)) => "text",
            (_, Value::List(_)) => "a list",
            (Self::Yaml, Value::Map(_)) => "a mapping",
            (Self::Toml, Value::Map(_)) => "a table",
            (_, Value::Tagged(..)) => "a value with a YAML tag",
        }
    }
}

impl Syntax {
    /// Returns a line that gives a key a value: `key: value`. `value` is written as the syntax has it.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "the messages are still those of YAML")
    )]
    pub fn assignment(self, key: &str, value: &str) -> String {
        match self {
            Self::Yaml => format!("{key}: {value}"),
            Self::Toml => format!("{key} = {value}"),
        }
    }
}

/// The top-level keys and values of a front matter, in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Document {
    pub syntax: Syntax,
    /// The front matter's bytes in the file's text.
    pub range: Range<usize>,
    /// The bytes of the braces and all within them, for a mapping in braces.
    pub braces: Option<Range<usize>>,
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
    /// The bytes of all lines of the entry, with the comment behind its value and the last line
    /// end; in braces, those of the key and the value.
    pub extent: Range<usize>,
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

/// A value by its kind in its syntax; a date is text.
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
    /// Makes a document of no keys.
    pub fn empty(syntax: Syntax, range: Range<usize>) -> Self {
        Self {
            syntax,
            range,
            braces: None,
            entries: Vec::new(),
            first: HashMap::new(),
        }
    }

    /// Adds the entries, in their order.
    pub fn with(mut self, entries: Vec<Entry>) -> Self {
        for (number, entry) in entries.iter().enumerate() {
            if let Some(name) = &entry.name
                && !self.first.contains_key(name)
            {
                self.first.insert(name.clone(), number);
            }
        }
        self.entries = entries;
        self
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

impl Value {
    /// Returns whether two values are equal, wherever they are written; NaN equals itself.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Float(a), Self::Float(b)) => a == b || a.is_nan() && b.is_nan(),
            (Self::List(a), Self::List(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.value.same(&b.value))
            }
            (Self::Map(a), Self::Map(b)) => {
                a.len() == b.len()
                    && a.iter().zip(b).all(|((k, v), (other_k, other_v))| {
                        k.value.same(&other_k.value) && v.value.same(&other_v.value)
                    })
            }
            (Self::Tagged(a, x), Self::Tagged(b, y)) => a == b && x.value.same(&y.value),
            (a, b) => a == b,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_a_value_are_written_as_the_syntax_has_them() {
        assert_eq!(Syntax::Yaml.assignment("id", "1"), "id: 1");
        assert_eq!(Syntax::Toml.assignment("id", "1"), "id = 1");
    }
}
