//! The output of commands: tables for people, JSON, JSON Lines and CSV for programs.
//!
//! A kind of row implements [`Record`], which describes it in each format; a format is a
//! [`Sink`] that takes pages, so that no more than one page is in memory.

pub mod copy;
mod csv;
pub mod diff;
pub mod doctor;
pub mod error;
mod fields;
pub mod findings;
pub mod hits;
pub mod human;
pub mod json;
pub mod left_out;
pub mod progress;
pub mod pull;
mod records;
mod report;
#[cfg(test)]
mod samples;
pub mod stream;
pub mod style;
pub mod sync;
pub mod table;
mod time;
pub mod ui;
pub mod words;

use std::io;

use jiff::tz::TimeZone;

pub use crate::clean::{clean, clean_block};
pub(crate) use crate::clean::{one_line, shortened, without_os_numbers};
pub use stream::{Holds, json_stdout};
pub use time::{rfc3339, zone_name, zoned_minutes};

use crate::post::PostId;
use crate::secret;

/// Returns a text of unknown origin as a part of a message on one line: redacted, cleaned, and
/// cut to 4 KiB.
pub fn message(text: &str) -> String {
    // A password must be masked before it is cut, or it is not recognised.
    let text = secret::redact_message(text);
    shortened(clean(without_os_numbers(&text).as_ref())).into_owned()
}

/// The context of errors of standard output.
pub const CANNOT_WRITE: &str = "cannot write to standard output";

/// The formats of lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Aligned columns, cut to the terminal's width.
    #[default]
    Table,
    /// One JSON object.
    Json,
    /// One JSON object per line.
    Jsonl,
    /// Comma-separated values with a header.
    Csv,
}

/// The formats of output other than lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Report {
    /// Lines for people.
    #[default]
    Human,
    /// One JSON object.
    Json,
}

/// A kind of row, with its form in each format.
pub trait Record {
    /// Returns the columns of a table.
    const COLUMNS: &'static [table::Column];
    /// Returns the header of a CSV file.
    const CSV_HEADER: &'static [&'static str];

    /// Returns the row of a table, one cell per column; timestamps are in the given zone.
    fn cells(&self, zone: &TimeZone) -> Vec<String>;
    /// Returns the line below the row in a table of the given width, styled and cleaned; most
    /// rows have none.
    fn below(&self, _terminal: Option<usize>) -> Option<String> {
        None
    }
    /// Returns the fields of a CSV record, one per name in the header.
    fn csv_fields(&self) -> Vec<String>;
    /// Returns the row's JSON object.
    fn to_json(&self) -> impl serde::Serialize + '_;
}

/// A writer of pages of rows in one format.
pub trait Sink<T> {
    /// Writes a page and flushes it.
    ///
    /// # Errors
    /// Returns the stream's error, which may be a closed pipe.
    fn page(&mut self, rows: &[T]) -> io::Result<()>;

    /// Writes the part after the last row: the cursor of the next page, if one follows.
    ///
    /// # Errors
    /// Returns the stream's error, which may be a closed pipe.
    fn end(&mut self, next_cursor: Option<PostId>) -> io::Result<()>;
}

/// The object around the rows in `--format json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// `{"KEY": [...], "has_more": ..., "next_cursor": ...}`.
    Paged(&'static str),
    /// A single page with `"window_cut": ...` besides the keys of [`Self::Paged`].
    Ranked {
        /// The key of the rows.
        key: &'static str,
        /// True if more posts matched than were ranked.
        window_cut: bool,
    },
    /// `{"KEY": [...]}`.
    Whole(&'static str),
}

/// Returns the sink for a format on standard output.
pub fn stdout_sink<'a, T: Record + 'a>(
    ui: ui::Ui,
    format: Format,
    envelope: Envelope,
    zone: &TimeZone,
) -> Box<dyn Sink<T> + 'a> {
    match format {
        Format::Table => Box::new(table::Pages::new(
            ui.stdout(Holds::Posts),
            table::terminal_width(),
            zone.clone(),
        )),
        Format::Json => Box::new(json::Pages::new(json_stdout(Holds::Posts), envelope)),
        Format::Jsonl => Box::new(json::Lines::new(json_stdout(Holds::Posts))),
        Format::Csv => Box::new(csv::Pages::new(stream::csv_stdout())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_system_have_no_number() {
        for (text, expected) in [
            (
                "cannot read a: No such file or directory (os error 2)",
                "cannot read a: No such file or directory",
            ),
            ("one (os error 2) two (os error 13)", "one two"),
            ("(os error x) (os error ", "(os error x) (os error "),
        ] {
            assert_eq!(message(text), expected);
        }
    }
}
