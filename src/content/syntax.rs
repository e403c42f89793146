//! The syntax of a front matter, and how messages speak of it.

use super::document::Value;
use super::render;

/// A syntax that front matter is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    Yaml,
}

impl Syntax {
    /// Returns a key and its value as one writes them on a line: `title: "1984"`.
    ///
    /// `None` for a value that does not fit on a line.
    pub fn example(self, key: &str, value: &Value) -> Option<String> {
        match self {
            Self::Yaml => Some(format!("{}: {}", render::key(key)?, render::inline(value)?)),
        }
    }

    /// Returns a value's kind, for messages: "this is ...".
    pub fn kind(self, value: &Value) -> &'static str {
        match (self, value) {
            (_, Value::Null) => "empty",
            (Self::Yaml, Value::Bool(_)) => "a boolean to YAML",
            (Self::Yaml, Value::Integer(_) | Value::Float(_)) => "a number to YAML",
            (_, Value::Text(_)) => "text",
            (_, Value::List(_)) => "a list",
            (_, Value::Map(_)) => "a mapping",
            (_, Value::Tagged(..)) => "a value with a YAML tag",
        }
    }
}
