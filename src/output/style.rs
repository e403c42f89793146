//! Colours and their use.
//!
//! Styled text always contains its codes, and goes to a stream made by `Ui`, which drops them if
//! they are not wanted: `--color never`, `NO_COLOR`, a pipe, a dumb terminal.

use anstyle::{AnsiColor, Style};

use super::stream;

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

/// The standard streams that keep the codes of styles; none by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Styled {
    /// True for standard output.
    pub stdout: bool,
    /// True for standard error.
    pub stderr: bool,
}

impl Color {
    /// Applies the choice to the standard streams; [`Self::Auto`] looks at them and at the
    /// environment.
    pub fn resolve(self) -> Styled {
        match self {
            Self::Auto => Styled {
                stdout: stream::stdout_takes_styles(),
                stderr: stream::stderr_takes_styles(),
            },
            Self::Always => Styled {
                stdout: true,
                stderr: true,
            },
            Self::Never => Styled::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stated_choice_holds_for_both_streams() {
        let both = Styled {
            stdout: true,
            stderr: true,
        };
        assert_eq!(Color::Always.resolve(), both);
        assert_eq!(Color::Never.resolve(), Styled::default());
    }
}
