//! The differences between two texts, line by line, with some lines around each.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

/// The number of equal lines around a difference.
pub const CONTEXT: usize = 3;

/// The most lines, of both texts together, in which the smallest difference is searched for:
/// the work grows with the square of their number. More lines count as replaced as a whole.
const MOST_LINES: usize = 10_000;

/// A part of two texts that differs, with the lines around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk<'a> {
    /// The lines of the old text, counted from 0.
    pub old: Range<usize>,
    /// The lines of the new text.
    pub new: Range<usize>,
    /// The lines of both, in pieces: a text may have millions of lines.
    pub pieces: Vec<Piece<'a>>,
}

/// One or more lines of a [`Hunk`] that are next to each other in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The text that has the lines.
    pub side: Side,
    /// The lines, without the last line feed.
    pub text: &'a str,
    /// True if the last line is the end of a file that does not end in a line feed.
    pub is_unended: bool,
}

impl<'a> Piece<'a> {
    /// Returns the lines without their line ends.
    pub fn lines(self) -> impl Iterator<Item = &'a str> {
        self.text.split('\n').map(without_return)
    }
}

/// Returns a line without a carriage return at its end, which belongs to its line end.
fn without_return(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line)
}

/// The text that lines are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Both texts.
    Both,
    /// The old one alone.
    Old,
    /// The new one alone.
    New,
}

impl Side {
    /// Returns the sign before such a line in a unified diff.
    pub fn sign(self) -> char {
        match self {
            Self::Both => ' ',
            Self::Old => '-',
            Self::New => '+',
        }
    }
}

/// Shows the hunk's header: `@@ -1,3 +1,4 @@`.
impl fmt::Display for Hunk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |range: &Range<usize>| {
            // Of an empty range, the number of the line before it.
            let first = range.start + usize::from(!range.is_empty());
            format!("{first},{}", range.len())
        };
        write!(f, "@@ -{} +{} @@", place(&self.old), place(&self.new))
    }
}

/// Returns the differences between two bodies. Line ends around a body do not count, and LF and
/// CR LF are the same.
pub fn hunks<'a>(old: &'a str, new: &'a str) -> Vec<Hunk<'a>> {
    between(Text::of_body(old), Text::of_body(new))
}

/// Returns the differences between two files, in which every line end counts.
pub fn file_hunks<'a>(old: &'a str, new: &'a str) -> Vec<Hunk<'a>> {
    between(Text::of_file(old), Text::of_file(new))
}

fn between<'a>(old: Text<'a>, new: Text<'a>) -> Vec<Hunk<'a>> {
    if old.text == new.text {
        return Vec::new();
    }
    let before = old.equal_lines(new);
    let after = old.skip(before).equal_lines_at_end(new.skip(before));
    let old_len = old.lines - before - after;
    let new_len = new.lines - before - after;
    let equal = |old_index, new_index, len| DiffOp::Equal {
        old_index,
        new_index,
        len,
    };
    let mut operations = vec![equal(0, 0, before)];
    if old_len + new_len <= MOST_LINES {
        // Lines may be long and alike, and are compared often: their numbers are compared instead.
        let mut numbers = HashMap::new();
        let mut number = |line| {
            let next = numbers.len();
            *numbers.entry(line).or_insert(next)
        };
        let mut numbered = |text: Text<'a>, lines: usize| -> Vec<usize> {
            let lines = text.keys().skip(before).take(lines);
            lines.map(&mut number).collect()
        };
        let (old, new) = (numbered(old, old_len), numbered(new, new_len));
        operations.extend(capture_diff_slices(Algorithm::Myers, &old, &new));
    } else {
        operations.push(DiffOp::Replace {
            old_index: before,
            old_len,
            new_index: before,
            new_len,
        });
    }
    operations.push(equal(before + old_len, before + new_len, after));
    let is_some = |one: &DiffOp| !one.old_range().is_empty() || !one.new_range().is_empty();
    operations.retain(is_some);
    let mut pieces = Pieces {
        old: Cursor::new(old),
        new: Cursor::new(new),
    };
    let groups = group_diff_ops(placed(&operations), CONTEXT);
    groups.iter().filter_map(|one| pieces.hunk(one)).collect()
}

/// Returns operations with the places that follow from their lengths. The search leaves places
/// of lines that one side alone has where they were before it moved them.
fn placed(operations: &[DiffOp]) -> Vec<DiffOp> {
    let (mut old_index, mut new_index) = (0, 0);
    let placed = |one: &DiffOp| {
        let (old_len, new_len) = (one.old_range().len(), one.new_range().len());
        let placed = match one {
            DiffOp::Equal { len, .. } => DiffOp::Equal {
                old_index,
                new_index,
                len: *len,
            },
            _ => DiffOp::Replace {
                old_index,
                old_len,
                new_index,
                new_len,
            },
        };
        old_index += old_len;
        new_index += new_len;
        placed
    };
    operations.iter().map(placed).collect()
}

/// A text to compare. Its lines are not kept apart: they may be millions.
#[derive(Clone, Copy)]
struct Text<'a> {
    text: &'a str,
    lines: usize,
    /// True for a file, in which every line end counts.
    is_file: bool,
}

impl<'a> Text<'a> {
    /// Takes a body without the line ends around it.
    fn of_body(body: &'a str) -> Self {
        Self::new(body.trim_matches(['\n', '\r']), false)
    }

    /// Takes a whole file.
    fn of_file(file: &'a str) -> Self {
        Self::new(file, true)
    }

    fn new(text: &'a str, is_file: bool) -> Self {
        Self {
            text,
            lines: text.split_inclusive('\n').count(),
            is_file,
        }
    }

    /// Returns that of each line which is compared.
    fn keys(self) -> impl DoubleEndedIterator<Item = &'a str> {
        let key = move |line: &'a str| match self.is_file {
            true => line,
            false => without_return(line.strip_suffix('\n').unwrap_or(line)),
        };
        self.text.split_inclusive('\n').map(key)
    }

    /// Returns the text below its first lines.
    fn skip(self, lines: usize) -> Self {
        let mut cursor = Cursor::new(self);
        cursor.seek(lines);
        Self {
            text: cursor.rest,
            lines: self.lines - lines,
            ..self
        }
    }

    /// Counts the lines at the beginning that both have.
    fn equal_lines(self, other: Self) -> usize {
        let same = |(one, other): &(&str, &str)| one == other;
        self.keys().zip(other.keys()).take_while(same).count()
    }

    /// Counts the lines at the end that both have.
    fn equal_lines_at_end(self, other: Self) -> usize {
        let same = |(one, other): &(&str, &str)| one == other;
        let both = self.keys().rev().zip(other.keys().rev());
        both.take_while(same).count()
    }
}

/// A place in a text, which moves down only.
struct Cursor<'a> {
    /// The text from the line on.
    rest: &'a str,
    /// The number of the line.
    line: usize,
    is_file: bool,
}

impl<'a> Cursor<'a> {
    fn new(text: Text<'a>) -> Self {
        Self {
            rest: text.text,
            line: 0,
            is_file: text.is_file,
        }
    }

    /// Goes to a line.
    fn seek(&mut self, line: usize) {
        self.take(line.saturating_sub(self.line));
    }

    /// Takes so many lines, without the last line feed. The second part of the answer is true if
    /// they are the end of a file, and there was none.
    fn take(&mut self, lines: usize) -> (&'a str, bool) {
        let Some(nth) = lines.checked_sub(1) else {
            return ("", false);
        };
        self.line += lines;
        let end = self.rest.match_indices('\n').nth(nth);
        let is_unended = self.is_file && end.is_none();
        let end = end.map_or(self.rest.len(), |(at, _)| at);
        let taken = &self.rest[..end];
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        (taken, is_unended)
    }
}

/// The parts of both texts that are not yet in a hunk.
struct Pieces<'a> {
    old: Cursor<'a>,
    new: Cursor<'a>,
}

impl<'a> Pieces<'a> {
    /// Makes a hunk of operations that follow each other.
    fn hunk(&mut self, group: &[DiffOp]) -> Option<Hunk<'a>> {
        let (first, last) = (group.first()?, group.last()?);
        self.old.seek(first.old_range().start);
        self.new.seek(first.new_range().start);
        let mut pieces = Vec::new();
        for one in group {
            let (old_len, new_len) = (one.old_range().len(), one.new_range().len());
            let (old, new) = (self.old.take(old_len), self.new.take(new_len));
            let sides = if matches!(one, DiffOp::Equal { .. }) {
                [(Side::Both, old, old_len), (Side::Both, new, 0)]
            } else {
                [(Side::Old, old, old_len), (Side::New, new, new_len)]
            };
            let sides = sides.into_iter().filter(|(_, _, lines)| *lines > 0);
            pieces.extend(sides.map(|(side, (text, is_unended), _)| Piece {
                side,
                text,
                is_unended,
            }));
        }
        Some(Hunk {
            old: first.old_range().start..last.old_range().end,
            new: first.new_range().start..last.new_range().end,
            pieces,
        })
    }
}

/// Hunks as the text of a unified diff, which is written without being gathered.
#[derive(Clone, Copy, Debug)]
pub struct Unified<'a> {
    /// The hunks.
    pub hunks: &'a [Hunk<'a>],
    /// True if the carriage returns of CR LF are kept.
    pub keeps_returns: bool,
}

impl fmt::Display for Unified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for hunk in self.hunks {
            writeln!(f, "{hunk}")?;
            for piece in &hunk.pieces {
                let sign = piece.side.sign();
                for line in piece.text.split('\n') {
                    let line = match self.keeps_returns {
                        true => line,
                        false => without_return(line),
                    };
                    writeln!(f, "{sign}{line}")?;
                }
                if piece.is_unended {
                    writeln!(f, "\\ No newline at end of file")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
