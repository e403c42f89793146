//! The parts of a post that are in a file or a row, and the errors of those that a file cannot hold.

use std::fmt;

use super::scan::MAX_FILE;
use crate::post::Field;

/// A part of a post, as it is named in a front matter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// A field other than `extra`.
    Field(Field),
    /// A key of `extra`.
    Key(String),
    /// The Markdown.
    Body,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(field) => field.fmt(f),
            Self::Key(key) => f.write_str(key),
            Self::Body => f.write_str("body"),
        }
    }
}

/// Something of a row that a file cannot say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A file needs a title.
    #[error("its row has no title")]
    NoTitle,
    /// A key of `extra` is one that has a field.
    #[error("its extra has the key `{0}`, which has a meaning of its own in a file")]
    Reserved(String),
    /// A time is outside the years that are read.
    #[error("its {0} lies outside the years 0001 to 9999")]
    Time(Field),
    /// The file would not be a post; the message of the finding.
    #[error("the file would not be a post: {0}")]
    Invalid(String),
    /// The file would say something else.
    #[error("a file cannot hold exactly its {}", list(.0))]
    Inexact(Vec<Part>),
    /// The front matter is written in a way that cannot be edited.
    #[error("its {0} cannot be changed without changing more of the front matter")]
    Uneditable(Part),
    /// The file would be larger than what is read.
    #[error("the file would be larger than {} MiB", MAX_FILE >> 20)]
    TooLarge,
}

/// Returns the names of some parts: `title, tags`.
pub fn list(parts: &[Part]) -> String {
    let names: Vec<_> = parts.iter().map(Part::to_string).collect();
    names.join(", ")
}
