//! What commands print: tables for people, JSON, JSON lines and CSV for programs.
//!
//! A kind of row says in [`Record`] how it looks in each format; a format is a [`Sink`]
//! that takes pages, so that nothing here holds more than a page at a time.

mod clean;
mod csv;
pub mod doctor;
mod fields;
pub mod findings;
pub mod hits;
pub mod human;
pub mod json;
pub mod progress;
mod records;
#[cfg(test)]
mod samples;
pub mod stream;
pub mod style;
pub mod sync;
pub mod table;
mod time;

use std::io;

use jiff::tz::TimeZone;

pub use clean::{clean, clean_block};
pub(crate) use clean::{one_line, shortened};
pub use stream::{Holds, json_stdout};
pub use time::{rfc3339, zoned_minutes};

use crate::post::PostId;
use crate::secret;

/// Makes a text of unknown making a part of a message on one line: passwords are masked, it is
/// cleaned, and cut to 4 KiB.
pub fn message(text: &str) -> String {
    // A password that was cut would not be known any more.
    let text = secret::redacted(text);
    shortened(clean(&text)).into_owned()
}

/// What an error of standard output is about, for whoever adds that to it.
pub const CANNOT_WRITE: &str = "cannot write to standard output";

/// The formats of everything that is a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns, cut to the terminal's width.
    #[default]
    Table,
    /// One JSON object.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values with a header.
    Csv,
}

/// The formats of everything that is not a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Report {
    /// Lines for people.
    #[default]
    Human,
    /// One JSON object.
    Json,
}

/// How a kind of row looks in each format.
pub trait Record {
    /// The columns of a table.
    const COLUMNS: &'static [table::Column];
    /// The header of a CSV file.
    const CSV_HEADER: &'static [&'static str];

    /// The row of a table, one cell for each column; timestamps in the given zone.
    fn cells(&self, zone: &TimeZone) -> Vec<String>;
    /// The line below the row in a table of the given width, styled and cleaned; most have none.
    fn below(&self, _terminal: Option<usize>) -> Option<String> {
        None
    }
    /// The fields of a CSV record, one for each name in the header.
    fn csv_fields(&self) -> Vec<String>;
    /// The row's JSON object.
    fn to_json(&self) -> impl serde::Serialize + '_;
}

/// Takes pages of rows and writes them in one format.
pub trait Sink<T> {
    /// Writes a page and flushes it.
    ///
    /// # Errors
    /// Whatever the stream fails with; a closed pipe among it.
    fn page(&mut self, rows: &[T]) -> io::Result<()>;

    /// Writes what comes after the last row: where the next page would start, if one follows.
    ///
    /// # Errors
    /// As [`Self::page`].
    fn end(&mut self, next_cursor: Option<PostId>) -> io::Result<()>;
}

/// The object around the rows in `--format json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// `{"KEY": [...], "has_more": ..., "next_cursor": ...}`.
    Paged(&'static str),
    /// As [`Self::Paged`], of one page, with `"window_cut": ...`.
    Ranked {
        /// The name of the rows.
        key: &'static str,
        /// Whether there are more than were ranked.
        window_cut: bool,
    },
    /// `{"KEY": [...]}`.
    Whole(&'static str),
}

/// Makes the sink for a format over standard output.
pub fn stdout_sink<'a, T: Record + 'a>(
    format: Format,
    envelope: Envelope,
    zone: &TimeZone,
) -> Box<dyn Sink<T> + 'a> {
    match format {
        Format::Table => Box::new(table::Pages::new(
            style::stdout(),
            table::terminal_width(),
            zone.clone(),
        )),
        Format::Json => Box::new(json::Pages::new(json_stdout(Holds::Posts), envelope)),
        Format::Jsonl => Box::new(json::Lines::new(json_stdout(Holds::Posts))),
        Format::Csv => Box::new(csv::Pages::new(stream::csv_stdout())),
    }
}
