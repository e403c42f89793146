//! Findings, and the places they are about.

use std::ops::Range;

use super::rules::Rule;
use crate::diagnostic::{Diagnostic, Spot};
use crate::post::SourcePath;

/// The longest piece of a line that a diagnostic carries, in bytes.
const LONGEST_LINE: usize = 400;
/// How much of a long line stands before the place in question, in bytes.
const BEFORE: usize = 100;

/// What is wrong, by its bytes in the text being read; the path is added by the caller.
#[derive(Debug)]
pub(super) struct Finding {
    pub rule: Rule,
    pub message: String,
    pub help: Option<String>,
    pub range: Option<Range<usize>>,
}

impl Finding {
    pub fn new(rule: Rule, message: impl Into<String>) -> Self {
        Self {
            rule,
            message: message.into(),
            help: None,
            range: None,
        }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub fn at(mut self, range: impl Into<Option<Range<usize>>>) -> Self {
        self.range = range.into();
        self
    }

    /// Turns it into a diagnostic about `path`, whose text is `text`.
    pub fn into_diagnostic(self, path: &SourcePath, text: &str) -> Diagnostic {
        Diagnostic {
            rule: self.rule.name,
            severity: self.rule.severity,
            message: self.message,
            help: self.help,
            path: path.clone(),
            spot: self.range.map(|range| spot(text, range)),
        }
    }
}

/// Finds the line and column of a range of bytes; what lies past the line's end is cut.
pub(super) fn spot(text: &str, range: Range<usize>) -> Spot {
    let start = text.floor_char_boundary(range.start);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..]
        .find('\n')
        .map_or(text.len(), |length| start + length);
    let line = text[line_start..line_end].trim_end_matches('\r');
    let from = (start - line_start).min(line.len());
    let to = range.end.saturating_sub(line_start).clamp(from, line.len());

    // A long line is cut on the left only where the place would not be in sight otherwise.
    let left = if line.len() <= LONGEST_LINE || from + BEFORE <= LONGEST_LINE {
        0
    } else {
        line.floor_char_boundary(from - BEFORE)
    };
    let right = line.floor_char_boundary((left + LONGEST_LINE).min(line.len()));
    let to = line.ceil_char_boundary(to).min(right);
    Spot {
        line: text[..line_start].matches('\n').count() + 1,
        column: text[line_start..line_start + from].chars().count() + 1,
        text: line[left..right].to_owned(),
        span: from - left..to - left,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_from_one_and_columns_in_characters() {
        let text = "제목\r\n가나 다라\r\n";
        let at = text.find('다').unwrap();
        let spot = spot(text, at..at + 6);
        assert_eq!((spot.line, spot.column), (2, 4));
        assert_eq!(spot.text, "가나 다라");
        assert_eq!(&spot.text[spot.span], "다라");
    }

    #[test]
    fn ends_a_span_with_its_line() {
        let spot = spot("ab\ncd\nef", 4..8);
        assert_eq!((spot.line, spot.text.as_str(), spot.span), (2, "cd", 1..2));
    }

    #[test]
    fn gives_an_empty_span_at_the_end_of_the_text() {
        let spot = spot("ab\n", 3..3);
        assert_eq!((spot.line, spot.column, spot.span), (2, 1, 0..0));
    }

    #[test]
    fn keeps_the_place_in_sight_when_it_cuts_a_long_line() {
        let text = format!("{}!{}", "가".repeat(1000), "나".repeat(1000));
        let spot = spot(&text, 3000..3001);
        assert_eq!(spot.column, 1001);
        assert!(spot.text.len() <= LONGEST_LINE);
        assert_eq!(&spot.text[spot.span], "!");
    }
}
