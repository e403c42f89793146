//! The differences between two bodies, line by line, with some lines around each.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices, group_diff_ops};

/// The number of equal lines around a difference.
pub const CONTEXT: usize = 3;

/// The most lines, of both bodies together, in which the smallest difference is searched for:
/// the work grows with the square of their number. More lines count as replaced as a whole.
const MOST_LINES: usize = 10_000;

/// A part of two bodies that differs, with the lines around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk<'a> {
    /// The lines of the row's body, counted from 0, without empty lines around the body.
    pub row: Range<usize>,
    /// The lines of the file's body.
    pub file: Range<usize>,
    /// The text of both, in pieces: a body may have millions of lines.
    pub pieces: Vec<Piece<'a>>,
}

/// One or more lines of a [`Hunk`] that are next to each other in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The body that has the lines.
    pub side: Side,
    /// The lines, without the last line feed.
    pub text: &'a str,
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

/// The body that lines are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Both bodies.
    Both,
    /// The row's alone.
    Row,
    /// The file's alone.
    File,
}

impl Side {
    /// Returns the sign before such a line in a unified diff.
    pub fn sign(self) -> char {
        match self {
            Self::Both => ' ',
            Self::Row => '-',
            Self::File => '+',
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
        write!(f, "@@ -{} +{} @@", place(&self.row), place(&self.file))
    }
}

/// Tells the differences between the row's body and the file's. Line ends around a body do not
/// count, and LF and CR LF are the same.
pub fn hunks<'a>(row: &'a str, file: &'a str) -> Vec<Hunk<'a>> {
    let (row, file) = (Body::new(row), Body::new(file));
    if row.text == file.text {
        return Vec::new();
    }
    let before = row.equal_lines(file);
    let after = row.skip(before).equal_lines_at_end(file.skip(before));
    let old_len = row.lines - before - after;
    let new_len = file.lines - before - after;
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
        let old: Vec<usize> = row
            .all()
            .skip(before)
            .take(old_len)
            .map(&mut number)
            .collect();
        let new: Vec<usize> = file
            .all()
            .skip(before)
            .take(new_len)
            .map(&mut number)
            .collect();
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
        row: Cursor::new(row.text),
        file: Cursor::new(file.text),
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

/// A body without the line ends around it. Its lines are not kept apart: they may be millions.
#[derive(Clone, Copy)]
struct Body<'a> {
    text: &'a str,
    lines: usize,
}

impl<'a> Body<'a> {
    fn new(body: &'a str) -> Self {
        let text = body.trim_matches(['\n', '\r']);
        let ends = text.bytes().filter(|byte| *byte == b'\n').count();
        let lines = if text.is_empty() { 0 } else { ends + 1 };
        Self { text, lines }
    }

    /// Returns the lines without their line ends.
    fn all(self) -> impl DoubleEndedIterator<Item = &'a str> {
        // A body without text has no line, and splitting it would give one.
        let lines = (self.lines > 0).then(|| self.text.split('\n'));
        lines.into_iter().flatten().map(without_return)
    }

    /// Returns the body below its first lines.
    fn skip(self, lines: usize) -> Self {
        let mut cursor = Cursor::new(self.text);
        cursor.seek(lines);
        Self {
            text: cursor.rest,
            lines: self.lines - lines,
        }
    }

    /// Counts the lines at the beginning that both have.
    fn equal_lines(self, other: Self) -> usize {
        let same = |(one, other): &(&str, &str)| one == other;
        self.all().zip(other.all()).take_while(same).count()
    }

    /// Counts the lines at the end that both have.
    fn equal_lines_at_end(self, other: Self) -> usize {
        let same = |(one, other): &(&str, &str)| one == other;
        let both = self.all().rev().zip(other.all().rev());
        both.take_while(same).count()
    }
}

/// A place in a body, which moves down only.
struct Cursor<'a> {
    /// The text from the line on.
    rest: &'a str,
    /// The number of the line.
    line: usize,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            line: 0,
        }
    }

    /// Goes to a line.
    fn seek(&mut self, line: usize) {
        self.take(line.saturating_sub(self.line));
    }

    /// Takes so many lines, without the last line feed.
    fn take(&mut self, lines: usize) -> &'a str {
        let Some(nth) = lines.checked_sub(1) else {
            return "";
        };
        self.line += lines;
        let end = self.rest.match_indices('\n').nth(nth);
        let end = end.map_or(self.rest.len(), |(at, _)| at);
        let taken = &self.rest[..end];
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        taken
    }
}

/// The parts of both bodies that are not yet in a hunk.
struct Pieces<'a> {
    row: Cursor<'a>,
    file: Cursor<'a>,
}

impl<'a> Pieces<'a> {
    /// Makes a hunk of operations that follow each other.
    fn hunk(&mut self, group: &[DiffOp]) -> Option<Hunk<'a>> {
        let (first, last) = (group.first()?, group.last()?);
        self.row.seek(first.old_range().start);
        self.file.seek(first.new_range().start);
        let mut pieces = Vec::new();
        for one in group {
            let (old, new) = (one.old_range().len(), one.new_range().len());
            let (row, file) = (self.row.take(old), self.file.take(new));
            let sides = if matches!(one, DiffOp::Equal { .. }) {
                [(Side::Both, row, old), (Side::Both, "", 0)]
            } else {
                [(Side::Row, row, old), (Side::File, file, new)]
            };
            let sides = sides.into_iter().filter(|(_, _, lines)| *lines > 0);
            pieces.extend(sides.map(|(side, text, _)| Piece { side, text }));
        }
        Some(Hunk {
            row: first.old_range().start..last.old_range().end,
            file: first.new_range().start..last.new_range().end,
            pieces,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unified(row: &str, file: &str) -> String {
        let mut text = String::new();
        for hunk in hunks(row, file) {
            text.push_str(&format!("{hunk}\n"));
            for piece in hunk.pieces {
                for line in piece.lines() {
                    text.push_str(&format!("{}{line}\n", piece.side.sign()));
                }
            }
        }
        text
    }

    #[test]
    fn shows_three_lines_around_a_change() {
        let row = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        assert_eq!(
            unified(row, &row.replace('5', "five")),
            "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
        );
        assert_eq!(
            unified(row, &row.replace("1\n", "").replace("9\n", "9\n10\n")),
            "@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n@@ -7,3 +6,4 @@\n 7\n 8\n 9\n+10\n"
        );
    }

    #[test]
    fn shows_a_body_that_one_side_alone_has() {
        assert_eq!(unified("", "a\nb\n"), "@@ -0,0 +1,2 @@\n+a\n+b\n");
        assert_eq!(unified("a\n", ""), "@@ -1,1 +0,0 @@\n-a\n");
    }

    #[test]
    fn line_ends_around_a_body_do_not_count() {
        assert_eq!(unified("\r\n\na\n\nb", "a\n\nb\n\n"), "");
        // Spaces do, since they may indent code.
        assert_eq!(unified("  a\n", "a\n"), "@@ -1,1 +1,1 @@\n-  a\n+a\n");
    }

    #[test]
    fn both_kinds_of_line_ends_are_the_same() {
        assert_eq!(unified("a\r\nb\r\nc", "a\nb\nc\n"), "");
        assert_eq!(
            unified("a\r\nb\r\n", "a\nc\n"),
            "@@ -1,2 +1,2 @@\n a\n-b\n+c\n"
        );
    }

    /// Searching for the smallest difference of such bodies would take hours.
    #[test]
    fn replaces_very_many_lines_as_a_whole() {
        let many = |name: &str| -> String {
            let line = |number| format!("{name} {number}\n");
            (0..200_000).map(line).collect()
        };
        let row = format!("first\n{}last\n", many("row"));
        let file = format!("first\n{}last\n", many("file"));
        let found = hunks(&row, &file);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (&found[0].row, &found[0].file),
            (&(0..200_002), &(0..200_002))
        );
        let pieces: Vec<_> = found[0]
            .pieces
            .iter()
            .map(|piece| (piece.side, piece.lines().count()))
            .collect();
        let expected = [
            (Side::Both, 1),
            (Side::Row, 200_000),
            (Side::File, 200_000),
            (Side::Both, 1),
        ];
        assert_eq!(pieces, expected);
        assert!(found[0].pieces[1].text.starts_with("row 0\nrow 1\n"));
        assert!(found[0].pieces[1].text.ends_with("\nrow 199999"));
    }

    #[test]
    fn lines_that_are_found_further_down_are_shown_in_their_place() {
        assert_eq!(
            unified("b\na\nc", "a\n\n\na\n\n\n\nc"),
            "@@ -1,3 +1,8 @@\n-b\n a\n+\n+\n+a\n+\n+\n+\n c\n"
        );
    }

    #[test]
    fn empty_lines_are_lines() {
        assert_eq!(
            unified("a\n\nb\n", "a\n\n\n\nb\n"),
            "@@ -1,3 +1,5 @@\n a\n \n+\n+\n b\n"
        );
        let row: String = "\n".repeat(30_000);
        let row = format!("a{row}b");
        let found = hunks(&row, "c");
        assert_eq!((found[0].row.len(), found[0].file.len()), (30_001, 1));
        assert_eq!(found[0].pieces[0].lines().count(), 30_001);
    }
}

#[cfg(test)]
mod property_tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns a body made of the lines that a side has, where all hunks are shown.
    fn lines_of(found: &[Hunk<'_>], side: Side, other: &[&str]) -> Vec<String> {
        let mut lines = Vec::new();
        let mut at = 0;
        for hunk in found {
            // Between hunks both bodies are equal.
            let theirs = if side == Side::File {
                &hunk.row
            } else {
                &hunk.file
            };
            lines.extend(other[at..theirs.start].iter().map(ToString::to_string));
            at = theirs.end;
            let own = hunk.pieces.iter();
            let own = own.filter(|piece| piece.side == side || piece.side == Side::Both);
            lines.extend(own.flat_map(|piece| piece.lines()).map(str::to_owned));
        }
        lines.extend(other[at..].iter().map(ToString::to_string));
        lines
    }

    proptest! {
        #[test]
        fn hunks_make_each_body_of_the_other(row in "[ab\n]{0,60}", file in "[ab\n]{0,60}") {
            let found = hunks(&row, &file);
            let lines = |text| -> Vec<&str> { Body::new(text).all().collect() };
            let (row, file) = (lines(&row), lines(&file));
            prop_assert_eq!(lines_of(&found, Side::File, &row), &*file);
            prop_assert_eq!(lines_of(&found, Side::Row, &file), &*row);
        }
    }
}
