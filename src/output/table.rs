//! Tables for people: aligned by display width, one line per row, cut to the terminal.

use std::io::{self, Write};

use jiff::tz::TimeZone;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::shortened;
use super::stream::is_stdout_terminal;
use super::{Record, Sink, clean, style, zone_name};
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
    /// True for times, whose zone the header names where there is room.
    has_zone: bool,
    /// The order in which columns are left out of a narrow table; `None` for those that stay.
    left_out: Option<u8>,
    /// The width in display columns below which other columns are left out before it is cut.
    wanted: Option<usize>,
}

impl Column {
    /// Creates a column that is never cut.
    pub const fn fixed(header: &'static str, align: Align) -> Self {
        Self {
            header,
            align,
            min: None,
            has_zone: false,
            left_out: None,
            wanted: None,
        }
    }

    /// Creates a column of text that may be cut to `min` display columns.
    pub const fn flexible(header: &'static str, min: usize) -> Self {
        Self {
            header,
            min: Some(min),
            ..Self::fixed(header, Align::Left)
        }
    }

    /// Makes it one of times, whose zone the header names.
    pub const fn zoned(self) -> Self {
        Self {
            has_zone: true,
            ..self
        }
    }

    /// Makes it the `order`th that is left out of a narrow table.
    pub const fn left_out(self, order: u8) -> Self {
        Self {
            left_out: Some(order),
            ..self
        }
    }

    /// Makes it one for which others are left out before it is cut to less than `width` display
    /// columns.
    pub const fn wanted(self, width: usize) -> Self {
        Self {
            wanted: Some(width),
            ..self
        }
    }

    /// Returns the header with the name of the zone, if it is one of times.
    fn full_header(&self, zone: &TimeZone) -> String {
        match self.has_zone {
            true => format!("{} ({})", self.header, zone_name(zone)),
            false => self.header.to_owned(),
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
    layout: Option<Layout>,
}

/// The columns that a table shows.
struct Layout {
    /// Their indices.
    shown: Vec<usize>,
    columns: Vec<Column>,
    headers: Vec<String>,
    widths: Vec<usize>,
}

impl<W: Write> Pages<W> {
    /// Creates a sink that writes to `out`, in lines of up to `terminal` display columns if
    /// given.
    pub fn new(out: W, terminal: Option<usize>, zone: TimeZone) -> Self {
        Self {
            out,
            terminal,
            zone,
            layout: None,
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
        let first = self.layout.is_none();
        let layout = self
            .layout
            .get_or_insert_with(|| Layout::of(T::COLUMNS, &rows, self.terminal, &self.zone));
        let rows: Vec<Vec<String>> = rows.into_iter().map(|row| layout.pick(row)).collect();
        let cut = self.terminal.is_some();
        let header = first.then_some(layout.headers.as_slice());
        // One wide row widens all others, so only a few rows are laid out together.
        for (part, rows) in rows.chunks(ROWS_AT_ONCE).enumerate() {
            let header = header.filter(|_| part == 0);
            let lines = lines(&layout.columns, &layout.widths, header, rows, cut);
            for (number, line) in lines.enumerate() {
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

impl Layout {
    /// Chooses the columns for rows: all of them, unless one would be cut too far. The first
    /// column is left out before the names of zones, and all others after them.
    fn of(
        columns: &[Column],
        rows: &[Vec<String>],
        terminal: Option<usize>,
        zone: &TimeZone,
    ) -> Self {
        let full: Vec<String> = columns.iter().map(|c| c.full_header(zone)).collect();
        let short: Vec<String> = columns.iter().map(|c| c.header.to_owned()).collect();
        let mut orders: Vec<u8> = columns
            .iter()
            .filter_map(|column| column.left_out)
            .collect();
        orders.sort_unstable();
        let mut shown: Vec<usize> = (0..columns.len()).collect();
        let mut steps = vec![(shown.clone(), &full)];
        for (number, order) in orders.iter().enumerate() {
            shown.retain(|at| columns[*at].left_out != Some(*order));
            if number == 0 {
                steps.push((shown.clone(), &full));
            }
            steps.push((shown.clone(), &short));
        }
        let natural = widths(columns, &short, rows);
        let fitted = |(shown, headers): &(Vec<usize>, &Vec<String>)| {
            Self::fitted(columns, headers, rows, shown, terminal)
        };
        let is_readable = |layout: &Self| {
            let mut wide = layout.shown.iter().zip(&layout.widths);
            let total = layout.widths.iter().sum::<usize>() + GAP * (layout.widths.len() - 1);
            terminal.is_none_or(|terminal| total <= terminal)
                && wide.all(|(at, width)| {
                    let column = &columns[*at];
                    let least = column.wanted.or(column.min).unwrap_or_default();
                    *width >= least.min(natural[*at])
                })
        };
        let found = steps.iter().map(fitted).find(is_readable);
        found.unwrap_or_else(|| fitted(&(shown, &short)))
    }

    fn fitted(
        columns: &[Column],
        headers: &[String],
        rows: &[Vec<String>],
        shown: &[usize],
        terminal: Option<usize>,
    ) -> Self {
        let widths = widths(columns, headers, rows);
        let columns: Vec<Column> = shown.iter().map(|at| columns[*at]).collect();
        let widths = shown.iter().map(|at| widths[*at]).collect();
        Self {
            shown: shown.to_vec(),
            widths: fit(&columns, widths, terminal),
            columns,
            headers: shown.iter().map(|at| headers[*at].clone()).collect(),
        }
    }

    /// Returns the cells that are shown.
    fn pick(&self, mut row: Vec<String>) -> Vec<String> {
        let cells = self.shown.iter();
        cells.map(|at| std::mem::take(&mut row[*at])).collect()
    }
}

/// Returns the display width of the content of each column.
fn widths(columns: &[Column], headers: &[String], rows: &[Vec<String>]) -> Vec<usize> {
    let width = |at: usize| {
        let cells = rows.iter().map(|row| row[at].width());
        cells.fold(headers[at].width(), usize::max)
    };
    (0..columns.len()).map(width).collect()
}

/// Narrows the widest flexible columns until a line fits.
fn fit(columns: &[Column], mut widths: Vec<usize>, terminal: Option<usize>) -> Vec<usize> {
    let Some(terminal) = terminal else {
        return widths;
    };
    let room = terminal.saturating_sub(GAP * (columns.len() - 1));
    // Down to the widths that are wanted, then to readable ones; if that does not fit, to a
    // letter or two.
    for pass in 0..3 {
        let least = |column: &Column| match pass {
            0 => column.wanted.or(column.min),
            1 => column.min,
            _ => column.min.map(|min| min.min(3)),
        };
        while widths.iter().sum::<usize>() > room {
            let narrowable = columns.iter().zip(&mut widths);
            let widest = narrowable
                .filter(|(column, width)| least(column).is_some_and(|least| **width > least))
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
    header: Option<&[String]>,
    rows: &[Vec<String>],
    cut: bool,
) -> impl Iterator<Item = String> {
    let header = header.map(<[String]>::to_vec);
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
