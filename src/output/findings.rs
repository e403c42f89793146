//! Findings about files, in every format.
//!
//! A format is a file here with a function `write`, and a line in [`Format`] and in
//! [`Format::write`].

mod concise;
mod github;
pub mod human;
pub mod json;
mod sarif;

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use crate::finding::{self, Finding, Level};
use crate::left_out::LeftOut;

/// The formats of a list of findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// With the line in question and what to do about it.
    #[default]
    Human,
    /// One line per finding.
    Concise,
    /// One JSON object.
    Json,
    /// Annotations of a GitHub Actions workflow.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// The findings about some files.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The findings, in the order of paths and places.
    pub findings: &'a [Finding],
    /// The number of files that were read.
    pub files: usize,
    /// True if warnings count as errors.
    pub strict: bool,
    /// The command that lists all findings, one per line.
    pub list_command: &'a str,
    /// The files that were left out.
    pub left_out: &'a LeftOut,
}

impl Report<'_> {
    /// Returns the number of findings of a level.
    pub fn count(&self, level: Level) -> usize {
        finding::count(self.findings, level)
    }

    /// Tells whether nothing forbids to publish the files.
    pub fn is_valid(&self) -> bool {
        self.count(Level::Error) == 0 && !(self.strict && self.count(Level::Warning) > 0)
    }
}

impl Format {
    /// Writes a report in this format, and flushes.
    ///
    /// # Errors
    /// Any error of the stream.
    pub fn write(self, out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
        match self {
            Self::Human => human::write(out, report),
            Self::Concise => concise::write(out, report),
            Self::Json => json::write(out, report),
            Self::Github => github::write(out, report),
            Self::Sarif => sarif::write(out, report),
        }?;
        out.flush()
    }
}
