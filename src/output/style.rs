//! Colours and their use.
//!
//! Styled text always contains its codes, and goes to a stream made here, which drops them if
//! they are not wanted: `--color never`, `NO_COLOR`, a pipe, a dumb terminal.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use super::stream::{self, Holds};

/// The choice of `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// Colour on a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Colour also in pipes and files.
    Always,
    /// No colour.
    Never,
}

/// The style of the word that begins an error.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// The style of the word that begins a warning.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// The style of the word that begins a hint or a help.
pub const HELP: Style = AnsiColor::Cyan.on_default().bold();
/// The style of table headers and field names.
pub const HEADER: Style = Style::new().bold();
/// The style of search matches in a text.
pub const MATCH: Style = AnsiColor::Green.on_default().bold();

/// Sets the choice for the whole process.
pub fn choose(color: Color) {
    let choice = match color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    choice.write_global();
}

/// Returns standard output for posts, in text that may be coloured, buffered: flush it.
pub fn stdout() -> impl Write {
    stream::stdout(Holds::Posts)
}

/// Returns standard error for text that may be coloured.
pub fn stderr() -> impl Write {
    stream::stderr()
}
