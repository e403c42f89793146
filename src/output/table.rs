//! Tables for people: aligned by display width, one line per row, cut to the terminal.

use std::io::{self, Write};

use jiff::tz::TimeZone;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::shortened;
use super::stream::is_stdout_terminal;
use super::{Record, Sink, clean, style};
use crate::post::PostId;
use crate::secret;

/// The number of spaces between two columns.
const GAP: usize = 2;
/// The mark for cut text, one column wide.
const ELLIPSIS: &str = "…";

/// The number of rows that are laid out together.
const ROWS_AT_ONCE: usize = 100;

/// The alignment of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Left-aligned text.
    Left,
    /// Right-aligned numbers.
    Right,
}

/// One column of a table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    header: &'static str,
    align: Align,
    /// The width in display columns that it may be cut to; `None` if it is never cut.
    min: Option<usize>,
}

impl Column {
    /// Creates a column that is never cut.
    pub const fn fixed(header: &'static str, align: Align) -> Self {
        Self {
            header,
            align,
            min: None,
        }
    }

    /// Creates a column of text that may be cut to `min` display columns.
    pub const fn flexible(header: &'static str, min: usize) -> Self {
        Self {
            header,
            align: Align::Left,
            min: Some(min),
        }
    }
}

/// Returns the width of the terminal at standard output; `None` for a pipe or a file, where
/// nothing is cut.
pub fn terminal_width() -> Option<usize> {
    if !is_stdout_terminal() {
        return None;
    }
    let measured = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let columns = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    measured.or(columns).filter(|width| *width > 0).or(Some(80))
}

/// A sink that writes pages under one header; every page has the columns of the first.
pub struct Pages<W> {
    out: W,
    terminal: Option<usize>,
    zone: TimeZone,
    widths: Option<Vec<usize>>,
}

impl<W: Write> Pages<W> {
    /// Creates a sink that writes to `out`, in lines of up to `terminal` display columns if
    /// given.
    pub fn new(out: W, terminal: Option<usize>, zone: TimeZone) -> Self {
        Self {
            out,
            terminal,
            zone,
            widths: None,
        }
    }
}

impl<T: Record, W: Write> Sink<T> for Pages<W> {
    fn page(&mut self, rows: &[T]) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut below = rows.iter().map(|row| row.below(self.terminal));
        let rows: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                let cells = row.cells(&self.zone);
                cells.iter().map(|cell| shown(cell)).collect()
            })
            .collect();
        let first = self.widths.is_none();
        let widths = self
            .widths
            .get_or_insert_with(|| fit(T::COLUMNS, &rows, self.terminal));
        let cut = self.terminal.is_some();
        let header = first.then_some(T::COLUMNS);
        // One wide row widens all others, so only a few rows are laid out together.
        for (part, rows) in rows.chunks(ROWS_AT_ONCE).enumerate() {
            let header = header.filter(|_| part == 0);
            for (number, line) in lines(T::COLUMNS, widths, header, rows, cut).enumerate() {
                if header.is_some() && number == 0 {
                    writeln!(self.out, "{0}{line}{0:#}", style::HEADER)?;
                } else {
                    writeln!(self.out, "{line}")?;
                    // Each row is one line, since cells have no line ends.
                    if let Some(below) = below.next().flatten() {
                        writeln!(self.out, "{below}")?;
                    }
                }
            }
        }
        self.out.flush()
    }

    fn end(&mut self, _: Option<PostId>) -> io::Result<()> {
        self.out.flush()
    }
}

/// Returns the display text of a cell: redacted, on one line, of at most some 4 KiB.
fn shown(cell: &str) -> String {
    let cell = secret::redact_data(cell);
    // Cut before cleaning, which may need six times the space, and again after it.
    let cell = shortened(cell);
    shortened(clean(&cell)).into_owned()
}

/// Returns the display width of each column: the width of its content, the widest flexible ones
/// narrowed until a line fits.
fn fit(columns: &[Column], rows: &[Vec<String>], terminal: Option<usize>) -> Vec<usize> {
    let mut widths: Vec<usize> = columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let cells = rows.iter().map(|row| row[at].width());
            cells.fold(column.header.width(), usize::max)
        })
        .collect();
    let Some(terminal) = terminal else {
        return widths;
    };
    let room = terminal.saturating_sub(GAP * (columns.len() - 1));
    // First down to a readable width; if that does not fit, to a letter or two.
    for floor in [usize::MAX, 3] {
        while widths.iter().sum::<usize>() > room {
            let narrowable = columns.iter().zip(&mut widths);
            let widest = narrowable
                .filter(|(column, width)| column.min.is_some_and(|min| **width > min.min(floor)))
                .max_by_key(|(_, width)| **width);
            let Some((_, width)) = widest else {
                break;
            };
            *width -= 1;
        }
    }
    widths
}

/// Lays out rows, with a line for the header if given. A cell that is not cut may widen its
/// column.
fn lines(
    columns: &[Column],
    widths: &[usize],
    header: Option<&[Column]>,
    rows: &[Vec<String>],
    cut: bool,
) -> impl Iterator<Item = String> {
    let header = header.map(|columns| columns.iter().map(|c| c.header.to_owned()).collect());
    let mut rows: Vec<Vec<String>> = header.into_iter().chain(rows.iter().cloned()).collect();
    let mut widened = widths.to_vec();
    for row in &mut rows {
        for (at, cell) in row.iter_mut().enumerate() {
            if cut && columns[at].min.is_some() {
                *cell = shorten(cell, widths[at]);
            }
            widened[at] = widened[at].max(cell.width());
        }
    }
    rows.into_iter()
        .map(move |row| line(columns, &widened, &row))
}

fn line(columns: &[Column], widths: &[usize], row: &[String]) -> String {
    let mut line = String::new();
    for ((cell, column), width) in row.iter().zip(columns).zip(widths) {
        let room = width.saturating_sub(cell.width());
        let (before, after) = match column.align {
            Align::Left => (0, room + GAP),
            Align::Right => (room, GAP),
        };
        line.push_str(&" ".repeat(before));
        line.push_str(cell);
        line.push_str(&" ".repeat(after));
    }
    line.truncate(line.trim_end().len());
    line
}

/// Cuts text to a display width between graphemes, with `…` at a cut.
pub(super) fn shorten(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(ELLIPSIS.width());
    // The width of a text is not always the sum of its graphemes' widths: measure prefixes.
    let end = text
        .grapheme_indices(true)
        .map(|(at, grapheme)| at + grapheme.len())
        .take_while(|end| text[..*end].width() <= room)
        .last()
        .unwrap_or(0);
    format!("{}{ELLIPSIS}", text[..end].trim_end())
}

#[cfg(test)]
mod tests;
