//! Errors as people read them.

use std::error::Error;
use std::fmt;
use std::io::{self, Write};

use super::{message, style};

/// Returns an error and its causes in one line.
pub fn in_one_line(error: &(dyn Error + 'static)) -> String {
    causes(error).collect::<Vec<_>>().join(": ")
}

/// Returns the messages of an error and of those causes that add something.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = String> + use<'e> {
    let mut said: Option<String> = None;
    anyhow::Chain::new(error).filter_map(move |cause| {
        let text = cause.to_string();
        // Some libraries repeat their cause in their own message, and the driver of Postgres
        // only announces the server's.
        let adds = match &said {
            Some(said) => !said.contains(&text) && text != "db error",
            None => true,
        };
        said = Some(text.clone());
        adds.then_some(text)
    })
}

/// Writes an error, its causes and its remedy over several lines, and flushes.
///
/// # Errors
/// If `err` takes no more.
pub fn write(error: &anyhow::Error, help: Option<&str>, err: &mut dyn Write) -> io::Result<()> {
    let (bad, good, off) = (style::ERROR, style::HELP, style::ERROR.render_reset());
    for (depth, text) in causes(error.as_ref()).enumerate() {
        match depth {
            0 => writeln!(err, "{bad}error{off}: {}", Lines(&text))?,
            _ => writeln!(err, "  caused by: {}", Lines(&text))?,
        }
    }
    if let Some(help) = help {
        writeln!(err, "{good}help{off}: {}", Lines(help))?;
    }
    err.flush()
}

/// The labels of the lines that this program writes itself.
const LABELS: [&str; 7] = [
    "error",
    "warning",
    "hint",
    "note",
    "help",
    "caused by",
    "internal error",
];

/// The bytes after which a message of many lines is cut.
const LONGEST: usize = 4096;

/// A message that may have several lines, without what could move a terminal's cursor;
/// later lines are indented below the first.
struct Lines<'a>(&'a str);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut room = LONGEST;
        for (number, line) in self.0.trim_end().lines().enumerate() {
            if number > 0 {
                f.write_str("\n  ")?;
                // A name with a line end in it must not pass for a line of this program.
                if LABELS
                    .iter()
                    .any(|label| line.trim_start().starts_with(label))
                {
                    f.write_str("| ")?;
                }
            }
            if room == 0 {
                return f.write_str("…");
            }
            let line = message(line);
            room = room.saturating_sub(line.len());
            f.write_str(&line)?;
        }
        Ok(())
    }
}
