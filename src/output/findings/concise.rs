//! Findings as one line each, as compilers and editors write them.

use std::io::{self, Write};

use super::Report;
use crate::output::message;

/// Writes `path:line:column: level[rule] message` for each finding.
///
/// # Errors
/// Any error of the stream.
pub fn write(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    for finding in report.findings {
        let path = message(finding.path.as_str());
        match &finding.location {
            Some(location) => {
                let start = location.start;
                write!(out, "{path}:{}:{}", start.line, start.column)?;
            }
            None => write!(out, "{path}")?,
        }
        let level = finding.level.as_str();
        let message = message(&finding.message);
        writeln!(out, ": {level}[{}] {message}", finding.rule)?;
    }
    Ok(())
}
