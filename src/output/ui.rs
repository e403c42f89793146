//! The one writer of text for people: lines about the work on standard error, and the streams
//! for results.

use std::fmt::{self, Display};
use std::io::{self, Write};

use anstyle::Style;

use super::findings::{self, Format, human};
use super::message;
use super::progress::print_above;
use super::stream::{self, Holds, is_stderr_terminal};
use super::style::{self, Styled};
use crate::finding::{Finding, Level};

/// The amount that a user wants to be told, and the one way to tell it.
///
/// Every line is redacted, cleaned, cut to a bound and styled alike, and printed above whatever
/// progress is shown. Results go to the streams that it makes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ui {
    quiet: bool,
    verbose: bool,
    styled: Styled,
}

impl Ui {
    /// Takes `--quiet` and `--verbose`, and what `--color` comes to.
    pub fn new(quiet: bool, verbose: bool, styled: Styled) -> Self {
        Self {
            quiet,
            verbose,
            styled,
        }
    }

    /// Returns standard output for text with styles, buffered: flush it.
    pub fn stdout(self, holds: Holds) -> impl Write {
        stream::stdout(holds, self.styled.stdout)
    }

    /// Returns standard output for a report of what a command did; if quiet, it goes nowhere.
    pub fn report_stdout(self, holds: Holds) -> Box<dyn Write> {
        match self.quiet {
            true => Box::new(io::sink()),
            false => Box::new(self.stdout(holds)),
        }
    }

    /// Returns standard error for text with styles.
    pub fn stderr(self) -> impl Write {
        stream::stderr(self.styled.stderr)
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
            self.print(None, &text);
        }
    }

    /// Prints a warning, unless quiet.
    pub fn warning(self, text: impl Display) {
        if !self.quiet {
            self.print(Some(WARNING), &text);
        }
    }

    /// Prints a hint, unless quiet.
    pub fn hint(self, text: impl Display) {
        if !self.quiet {
            self.print(Some(HINT), &text);
        }
    }

    /// Prints a line about the work, if verbose.
    pub fn detail(self, text: impl Display) {
        if self.verbose {
            self.print(None, &text);
        }
    }

    /// Prints a note, unless quiet.
    pub fn note(self, note: &Notice) {
        if !self.quiet {
            self.print(note.label(), &note.text);
            for line in &note.lines {
                let line = message(line);
                let _ = print_above(|| writeln!(self.stderr(), "  {line}"));
            }
        }
    }

    /// Returns the lowest level of findings that are shown: errors if quiet, and with them the
    /// warnings if they count as errors.
    pub fn least(self, strict: bool) -> Level {
        match (self.quiet, strict) {
            (false, _) => Level::Hint,
            (true, true) => Level::Warning,
            (true, false) => Level::Error,
        }
    }

    /// Draws findings about files from [`Self::least`] on. `list_command` is the command that
    /// lists all of them.
    pub fn findings(self, findings: &[Finding], strict: bool, list_command: &str) {
        let least = self.least(strict);
        let shown = findings.iter().filter(|finding| finding.level >= least);
        // Nothing can be done about a standard error that takes no line.
        let _ = print_above(|| human::write_folded(&mut self.stderr(), shown, list_command));
    }

    /// Writes a report of findings to standard output, as the result of a command.
    ///
    /// # Errors
    /// Any error of the stream.
    pub fn report(self, format: Format, report: &findings::Report<'_>) -> io::Result<()> {
        match format {
            Format::Json | Format::Sarif => {
                format.write(&mut stream::json_stdout(Holds::Messages), report)
            }
            _ => format.write(&mut self.stdout(Holds::Messages), report),
        }
    }

    fn print(self, label: Option<Label>, text: &dyn Display) {
        let line = line(label, &text.to_string());
        // Nothing can be done about a standard error that takes no line.
        let _ = print_above(|| writeln!(self.stderr(), "{line}"));
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
