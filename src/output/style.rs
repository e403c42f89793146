//! Whether there is colour, and which.
//!
//! Everything that colours writes its codes always, to a stream made here; the stream drops
//! them where they are not wanted: `--color never`, `NO_COLOR`, a pipe, a dumb terminal.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use super::stream::{self, Holds};

/// When to colour, as `--color` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Also into pipes and files.
    Always,
    /// Not at all.
    Never,
}

/// The word that begins an error.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// The word that begins a warning.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// The word that begins a hint or a help.
pub const HELP: Style = AnsiColor::Cyan.on_default().bold();
/// The head of a table, the names of fields.
pub const HEADER: Style = Style::new().bold();
/// What a search found in a text.
pub const MATCH: Style = AnsiColor::Green.on_default().bold();

/// Decides for the whole process.
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
