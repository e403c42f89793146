//! An error of the TOML parser with what is around it, and the slip that it comes of.

use std::ops::Range;

use toml::de::{DeTable, Error};

/// The longest line that a remedy shows, in bytes.
pub(super) const LONGEST: usize = 200;
/// The most items of a list that are looked at.
pub(super) const MOST_ITEMS: usize = 50;

/// A slip: its bytes in the TOML, what is wrong and what to do.
pub(super) struct Slip {
    pub at: Range<usize>,
    pub message: String,
    pub help: String,
}

/// The parser's first error, with the line that it is in.
pub(super) struct Clue<'a> {
    pub toml: &'a str,
    pub error: &'a Error,
    pub words: &'a str,
    pub errors: &'a [Error],
    /// The bytes that the error is about, which may be none.
    pub span: Range<usize>,
    /// The text of those bytes.
    pub source: &'a str,
    /// The start and the text of the line.
    pub line: (usize, &'a str),
}

impl Clue<'_> {
    /// Returns the bytes from the error to the end of its line, or the whole line if none is left.
    pub fn rest_of_line(&self) -> Range<usize> {
        let (start, line) = self.line;
        let end = start + line.trim_end().len();
        if self.span.start < end {
            return self.span.start..end;
        }
        start + (line.len() - line.trim_start().len())..end.max(start)
    }

    /// Makes a slip at the error.
    pub fn slip(&self, message: &str, help: String) -> Slip {
        let at = match self.span.is_empty() {
            true => self.rest_of_line(),
            false => self.span.clone(),
        };
        Slip {
            at,
            message: message.to_owned(),
            help,
        }
    }

    /// Returns the help that shows the line with a part of it replaced.
    pub fn line_with(&self, range: Range<usize>, content: &str) -> Option<String> {
        let (start, line) = self.line;
        let before = line.get(..range.start.checked_sub(start)?)?;
        let after = line.get(range.end.checked_sub(start)?..)?;
        shown(&format!("{before}{content}{after}"))
    }

    /// Returns the help that shows the line with a part of it removed.
    pub fn line_without(&self, range: Range<usize>) -> Option<String> {
        self.line_with(range, "")
    }

    /// Returns the key of the line and the text behind its `=`.
    pub fn assignment(&self) -> Option<(&str, &str)> {
        let (key, value) = self.line.1.split_once('=')?;
        Some((key.trim(), value.trim()))
    }
}

/// Returns the help that shows a line, if it is valid TOML and not too long.
pub(super) fn shown(line: &str) -> Option<String> {
    let line = line.trim();
    let is_valid = line.len() <= LONGEST && DeTable::parse(line).is_ok();
    is_valid.then(|| format!("write `{line}`"))
}

pub(super) fn boundary(toml: &str, at: usize) -> usize {
    toml.floor_char_boundary(at.min(toml.len()))
}

/// Returns the start and the text of the line that holds the byte `at`.
pub(super) fn line_of(toml: &str, at: usize) -> (usize, &str) {
    let at = boundary(toml, at);
    let start = toml[..at].rfind('\n').map_or(0, |at| at + 1);
    let end = toml[start..].find('\n').map_or(toml.len(), |at| start + at);
    (start, toml[start..end].trim_end_matches('\r'))
}

pub(super) fn line_end(toml: &str, at: usize) -> usize {
    let (start, line) = line_of(toml, at);
    (start + line.trim_end().len()).max(at)
}
