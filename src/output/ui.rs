//! Lines that tell a user, on standard error, about the work and its result.

use std::fmt::{self, Display};
use std::io::Write;

use anstyle::Style;

use super::progress::print_above;
use super::stream::is_stderr_terminal;
use super::{message, style};

/// The amount that a user wants to be told, and the one way to tell it.
///
/// Every line is redacted, cleaned, cut to a bound and styled alike, and printed above whatever
/// progress is shown. Results are not told here: they go to standard output.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ui {
    quiet: bool,
    verbose: bool,
}

impl Ui {
    /// Takes `--quiet` and `--verbose`.
    pub fn new(quiet: bool, verbose: bool) -> Self {
        Self { quiet, verbose }
    }

    /// Returns true if only results and errors are printed.
    pub fn is_quiet(self) -> bool {
        self.quiet
    }

    /// Returns true if progress is shown: on a terminal, unless quiet.
    pub fn shows_progress(self) -> bool {
        !self.quiet && is_stderr_terminal()
    }

    /// Prints a line about the result, unless quiet.
    pub fn status(self, text: impl Display) {
        if !self.quiet {
            print(None, &text);
        }
    }

    /// Prints a warning, unless quiet.
    pub fn warning(self, text: impl Display) {
        if !self.quiet {
            print(Some(WARNING), &text);
        }
    }

    /// Prints a hint, unless quiet.
    pub fn hint(self, text: impl Display) {
        if !self.quiet {
            print(Some(HINT), &text);
        }
    }

    /// Prints a line about the work, if verbose.
    pub fn detail(self, text: impl Display) {
        if self.verbose {
            print(None, &text);
        }
    }

    /// Prints a note, unless quiet.
    pub fn note(self, note: &Notice) {
        if !self.quiet {
            print(note.label(), &note.text);
            for line in &note.lines {
                let line = message(line);
                let _ = print_above(|| writeln!(style::stderr(), "  {line}"));
            }
        }
    }
}

/// A note about a result, which is made apart from printing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    kind: NoticeKind,
    text: String,
    /// Lines below the first, indented.
    lines: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoticeKind {
    Status,
    Hint,
    Warning,
}

impl Notice {
    /// Makes a note that says how things are.
    pub fn status(text: impl Into<String>) -> Self {
        Self::new(NoticeKind::Status, text)
    }

    /// Makes a note that says what to do or to know.
    pub fn hint(text: impl Into<String>) -> Self {
        Self::new(NoticeKind::Hint, text)
    }

    /// Makes a note about something that is probably not as it was meant.
    pub fn warning(text: impl Into<String>) -> Self {
        Self::new(NoticeKind::Warning, text)
    }

    fn new(kind: NoticeKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            lines: Vec::new(),
        }
    }

    /// Adds a line below.
    pub fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    fn label(&self) -> Option<Label> {
        match self.kind {
            NoticeKind::Status => None,
            NoticeKind::Hint => Some(HINT),
            NoticeKind::Warning => Some(WARNING),
        }
    }
}

/// Shows the note without styles, over several lines.
impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((word, _)) = self.label() {
            write!(f, "{word}: ")?;
        }
        f.write_str(&self.text)?;
        self.lines
            .iter()
            .try_for_each(|line| write!(f, "\n  {line}"))
    }
}

/// Returns notes as they are printed, without styles, for tests.
#[cfg(test)]
pub(crate) fn plain(notes: &[Notice]) -> String {
    let lines: Vec<_> = notes.iter().map(Notice::to_string).collect();
    lines.join("\n")
}

/// The word that begins a line, and its style.
type Label = (&'static str, Style);

const WARNING: Label = ("warning", style::WARNING);
const HINT: Label = ("hint", style::HELP);

fn print(label: Option<Label>, text: &dyn Display) {
    let line = line(label, &text.to_string());
    // Nothing can be done about a standard error that takes no line.
    let _ = print_above(|| writeln!(style::stderr(), "{line}"));
}

/// Returns the line with its styles.
fn line(label: Option<Label>, text: &str) -> String {
    let text = message(text);
    match label {
        Some((word, style)) => format!("{style}{word}{style:#}: {text}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_the_label_and_cleans_the_text() {
        let shown = line(Some(HINT), "two\nlines \u{1b}[31mred");
        let (label, text) = shown.split_once(": ").unwrap();
        assert_eq!(label, format!("{0}hint{0:#}", style::HELP));
        assert!(!text.contains(['\n', '\u{1b}']), "{text:?}");
        assert_eq!(line(None, "no posts"), "no posts");
    }

    #[test]
    fn redacts_passwords() {
        let shown = line(Some(WARNING), "reading postgresql://me:hunter2@h/d");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
