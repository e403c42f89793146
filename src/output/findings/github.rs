//! Findings as annotations of a GitHub Actions workflow.
//!
//! The runner takes `::error file=F,line=L::TEXT` from what a step prints. Paths are relative to
//! the project root, so the root has to be the repository's.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::Report;
use crate::finding::{Finding, Level};
use crate::output::message;

/// Writes one workflow command for each finding.
///
/// # Errors
/// Any error of the stream.
pub fn write(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    for finding in report.findings {
        writeln!(out, "{}", annotation(finding))?;
    }
    Ok(())
}

fn annotation(finding: &Finding) -> String {
    let command = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Hint | Level::Ok => "notice",
    };
    let path = property(&message(finding.path.as_str()));
    let mut line = format!(
        "::{command} title={},file={path}",
        property(finding.rule.name)
    );
    if let Some(location) = &finding.location {
        let (start, end) = (location.start, location.end);
        // Writing to a string cannot fail.
        let _ = write!(line, ",line={},endLine={}", start.line, end.line);
        // Columns count only within one line.
        if start.line == end.line {
            let _ = write!(line, ",col={},endColumn={}", start.column, end.column);
        }
    }
    let mut text = message(&finding.message);
    if let Some(help) = &finding.help {
        text = format!("{text}\n{}", message(help));
    }
    line + "::" + &data(&text)
}

/// Escapes the text of a workflow command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Escapes the value of a property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_the_runner_would_read_as_its_own() {
        assert_eq!(data("100%\r\na:b,c"), "100%25%0D%0Aa:b,c");
        assert_eq!(property("100%\r\na:b,c"), "100%25%0D%0Aa%3Ab%2Cc");
    }
}
