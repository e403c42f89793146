//! The line and column of a place in a text, and the line to show.

use std::ops::Range;

use super::quote::start_of_secret;
use super::steps;
use crate::finding::{LineColumn, Location};

/// The longest piece of a line that a finding carries, in bytes.
const LONGEST_LINE: usize = 400;
/// The part of a long line that is shown before the place in question, in bytes.
const BEFORE: usize = 100;

/// Finds the lines and columns of a range of bytes. The excerpt ends with the first line.
pub(super) fn locate(text: &str, range: Range<usize>) -> Location {
    Locator::new(text).find(range)
}

/// Finds the lines and columns of places. Those that come in order take one pass over the text.
pub(super) struct Locator<'t> {
    text: &'t str,
    /// The end of what was read of the text, on a character boundary.
    at: usize,
    /// The line and column there, from 1, and where the line begins.
    line: usize,
    column: usize,
    line_start: usize,
}

impl<'t> Locator<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
            column: 1,
            line_start: 0,
        }
    }

    /// Finds the lines and columns of a range of bytes. The excerpt ends with the first line.
    pub fn find(&mut self, range: Range<usize>) -> Location {
        let text = self.text;
        let start = text.floor_char_boundary(range.start.min(text.len()));
        self.go_to(start);
        // No more of a line is looked at than can be shown, however long it is.
        let ahead = text.floor_char_boundary((start + LONGEST_LINE).min(text.len()));
        steps::count(ahead - start);
        let end = match text[start..ahead].find('\n') {
            Some(length) => Some(start + length),
            None => (ahead == text.len()).then_some(ahead),
        };
        // It is cut on the left only where the place would not be in sight otherwise.
        let from = start - self.line_start;
        let fits = end.is_some_and(|end| end - self.line_start <= LONGEST_LINE);
        let left = if fits || from + BEFORE <= LONGEST_LINE {
            self.line_start
        } else {
            text.floor_char_boundary(start - BEFORE)
        };
        let mut right = text.floor_char_boundary(end.unwrap_or(ahead).min(left + LONGEST_LINE));
        // No half of a password is shown, as nobody could tell that it is one.
        let mut left = left;
        if left > self.line_start && start_of_secret(text, left).is_some() {
            let rest = text[left..start].find(char::is_whitespace);
            left = rest.map_or(right, |length| left + length);
        }
        if end != Some(right)
            && let Some(word) = start_of_secret(text, right)
        {
            right = word.max(left);
        }
        let mut line = &text[left..right];
        let mut column = self.column;
        if end == Some(right) {
            line = line.trim_end_matches('\r');
            // A place in the line's end counts as one behind its last character.
            column -= start.saturating_sub(left + line.len());
        }
        let from = start.saturating_sub(left).min(line.len());
        let to = line.ceil_char_boundary(range.end.saturating_sub(left).clamp(from, line.len()));
        let first = LineColumn {
            line: self.line,
            column,
        };
        Location {
            range: Some(start..range.end.clamp(start, text.len())),
            start: first,
            end: self.end(range.end).max(first),
            excerpt: line.to_owned(),
            span: from..to,
        }
    }

    /// Finds the line and column of the end of a range that begins where this is.
    fn end(&self, end: usize) -> LineColumn {
        let passed = self.text.get(self.at..end.min(self.text.len()));
        let passed = passed.unwrap_or_default();
        steps::count(passed.len());
        match passed.rfind('\n') {
            Some(last) => LineColumn {
                line: self.line + passed.matches('\n').count(),
                column: passed[last + 1..].chars().count() + 1,
            },
            None => LineColumn {
                line: self.line,
                column: self.column + passed.chars().count(),
            },
        }
    }

    fn go_to(&mut self, to: usize) {
        if to < self.at {
            *self = Self::new(self.text);
        }
        let passed = &self.text[self.at..to];
        steps::count(passed.len());
        let lines = passed.matches('\n').count();
        match passed.rfind('\n') {
            Some(last) => {
                self.line += lines;
                self.line_start = self.at + last + 1;
                self.column = passed[last + 1..].chars().count() + 1;
            }
            None => self.column += passed.chars().count(),
        }
        self.at = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_from_one_and_columns_in_characters() {
        let text = "제목\r\n가나 다라\r\n";
        let at = text.find('다').unwrap();
        let location = locate(text, at..at + 6);
        assert_eq!((location.start.line, location.start.column), (2, 4));
        assert_eq!((location.end.line, location.end.column), (2, 6));
        assert_eq!(location.excerpt, "가나 다라");
        assert_eq!(&location.excerpt[location.span], "다라");
    }

    #[test]
    fn ends_a_span_with_its_line() {
        let location = locate("ab\ncd\nef", 4..8);
        assert_eq!((location.excerpt.as_str(), location.span), ("cd", 1..2));
        assert_eq!((location.start.line, location.start.column), (2, 2));
        assert_eq!((location.end.line, location.end.column), (3, 3));
        assert_eq!(location.range, Some(4..8));
    }

    #[test]
    fn gives_an_empty_span_at_the_end_of_the_text() {
        let location = locate("ab\n", 3..3);
        assert_eq!((location.start.line, location.start.column), (2, 1));
        assert_eq!(location.span, 0..0);
    }

    #[test]
    fn finds_places_in_order_and_out_of_order_alike() {
        let text = "가\r\n나다 라\r\n\r\n".to_owned() + &"마".repeat(500) + "\nx\r\r\n";
        let mut locator = Locator::new(&text);
        let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        let mut places: Vec<usize> = ends.collect();
        places.extend(places.clone().into_iter().rev().step_by(7));
        for at in places {
            let location = locator.find(at..at + 1);
            let before = &text[..at];
            let start = before.rfind('\n').map_or(0, |end| end + 1);
            assert_eq!(location.start.line, before.matches('\n').count() + 1);
            let line = text[start..].lines().next().unwrap_or_default();
            let line = line.trim_end_matches('\r');
            let column = before[start..].chars().count().min(line.chars().count()) + 1;
            assert_eq!(location.start.column, column, "{at}");
            assert!(
                line.contains(&location.excerpt) && location.excerpt.get(location.span).is_some()
            );
        }
    }

    #[test]
    fn shows_no_half_of_a_password() {
        let address = format!("postgresql://u:{}@host/db", "p".repeat(500));
        for (text, at) in [
            (format!("id: {address}"), 4),
            (format!("id: {address} x"), address.len() + 5),
            (format!("tags: [{address}, x]"), 400),
            (format!("id: password={} x", "p".repeat(500)), 400),
        ] {
            let location = locate(&text, at..at + 1);
            assert!(!location.excerpt.contains('p'), "{location:?}");
            assert_eq!(location.start.column, at + 1);
            assert!(location.excerpt.get(location.span).is_some());
        }
        // One that is shown whole has its form.
        let short = "id: postgresql://u:p@host/db";
        assert_eq!(locate(short, 4..28).excerpt, short);
    }

    #[test]
    fn keeps_the_place_in_sight_when_it_cuts_a_long_line() {
        let text = format!("{}!{}", "가".repeat(1000), "나".repeat(1000));
        let location = locate(&text, 3000..3001);
        assert_eq!(location.start.column, 1001);
        assert!(location.excerpt.len() <= LONGEST_LINE);
        assert_eq!(&location.excerpt[location.span], "!");
    }
}
