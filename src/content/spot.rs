//! Findings, and the places they are about.

use std::collections::BTreeMap;
use std::ops::Range;

use super::quote::{cut, start_of_secret};
use super::rules::Rule;
use super::steps;
use crate::diagnostic::{Diagnostic, Spot};
use crate::post::SourcePath;

/// The longest piece of a line that a diagnostic carries, in bytes.
const LONGEST_LINE: usize = 400;
/// The part of a long line that is shown before the place in question, in bytes.
const BEFORE: usize = 100;
/// The longest message and the longest help, in bytes.
const LONGEST_WORDS: usize = 600;
/// The most findings under one rule that are kept of one file.
pub(super) const KEPT: usize = 10;

/// What is wrong, by its bytes in the text being read; the path is added by the caller.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub rule: Rule,
    pub message: String,
    pub help: Option<String>,
    pub range: Option<Range<usize>>,
}

impl Finding {
    pub fn new(rule: Rule, message: impl AsRef<str>) -> Self {
        Self {
            rule,
            message: cut(message.as_ref(), LONGEST_WORDS).into_owned(),
            help: None,
            range: None,
        }
    }

    pub fn help(mut self, help: impl AsRef<str>) -> Self {
        self.help = Some(cut(help.as_ref(), LONGEST_WORDS).into_owned());
        self
    }

    pub fn at(mut self, range: impl Into<Option<Range<usize>>>) -> Self {
        self.range = range.into();
        self
    }
}

/// The findings of one file: the first [`KEPT`] of each rule, and the number of the others.
#[derive(Debug, Default)]
pub(super) struct Findings {
    kept: Vec<Finding>,
    by_rule: BTreeMap<&'static str, NameCount>,
}

#[derive(Debug, Default)]
struct NameCount {
    kept: usize,
    /// The number of those that were not kept, the rule, and the place of the first.
    more: Option<(usize, Rule, Option<Range<usize>>)>,
}

impl Findings {
    /// Adds a finding, or counts it.
    pub fn push(&mut self, finding: Finding) {
        if self.take(finding.rule, finding.range.as_ref()) {
            self.kept.push(finding);
        }
    }

    /// Adds a finding for which [`Findings::take`] was true.
    pub fn keep(&mut self, finding: Finding) {
        self.kept.push(finding);
    }

    /// Tells if a finding under `rule` is to be kept; if not, it is counted.
    pub fn take(&mut self, rule: Rule, range: Option<&Range<usize>>) -> bool {
        let tally = self.by_rule.entry(rule.name).or_default();
        if tally.kept < KEPT {
            tally.kept += 1;
            return true;
        }
        tally
            .more
            .get_or_insert_with(|| (0, rule, range.cloned()))
            .0 += 1;
        false
    }

    /// Drops every finding for which `keep` is false, and its count.
    pub fn retain(&mut self, keep: impl Fn(Rule) -> bool) {
        self.kept.retain(|finding| keep(finding.rule));
        self.by_rule
            .retain(|_, tally| tally.more.as_ref().is_none_or(|(_, rule, _)| keep(*rule)));
    }

    /// The findings down the file, and for each rule with more one that says how many more.
    pub fn into_sorted(self) -> Vec<Finding> {
        let mut all = self.kept;
        for (more, rule, range) in self.by_rule.into_values().filter_map(|tally| tally.more) {
            let message = format!("and {more} more like this in the file");
            all.push(
                Finding::new(rule, message)
                    .help("fix those that are shown; the others are shown next time")
                    .at(range),
            );
        }
        all.sort_by_key(|finding| finding.range.as_ref().map_or(0, |range| range.start));
        all
    }
}

/// Turns findings into diagnostics about `path`, whose text is `text`, in one pass over it if
/// they come in the order of places. Where `quote` is false of a place, no line is shown.
pub(super) fn diagnostics(
    findings: Vec<Finding>,
    path: &SourcePath,
    text: &str,
    quote: impl Fn(&Range<usize>) -> bool,
) -> Vec<Diagnostic> {
    let mut spots = Spots::new(text);
    findings
        .into_iter()
        .map(|finding| Diagnostic {
            rule: finding.rule.name,
            severity: finding.rule.severity,
            message: finding.message,
            help: finding.help,
            path: path.clone(),
            spot: finding.range.map(|range| {
                let spot = spots.find(range.clone());
                if quote(&range) {
                    return spot;
                }
                Spot {
                    text: String::new(),
                    span: 0..0,
                    ..spot
                }
            }),
        })
        .collect()
}

/// Finds the line and column of a range of bytes; what lies past the line's end is cut.
pub(super) fn spot(text: &str, range: Range<usize>) -> Spot {
    Spots::new(text).find(range)
}

/// Finds the lines and columns of places that come in order without going over the text again.
pub(super) struct Spots<'t> {
    text: &'t str,
    /// The end of what was read of the text, on a character boundary.
    at: usize,
    /// The line and column there, from 1, and where the line begins.
    line: usize,
    column: usize,
    line_start: usize,
}

impl<'t> Spots<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
            column: 1,
            line_start: 0,
        }
    }

    /// Finds the line and column of a range of bytes; what lies past the line's end is cut.
    pub fn find(&mut self, range: Range<usize>) -> Spot {
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
        Spot {
            line: self.line,
            column,
            text: line.to_owned(),
            span: from..to,
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
    fn finds_places_in_order_and_out_of_order_alike() {
        let text = "가\r\n나다 라\r\n\r\n".to_owned() + &"마".repeat(500) + "\nx\r\r\n";
        let mut spots = Spots::new(&text);
        let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        let mut places: Vec<usize> = ends.collect();
        places.extend(places.clone().into_iter().rev().step_by(7));
        for at in places {
            let spot = spots.find(at..at + 1);
            let before = &text[..at];
            let start = before.rfind('\n').map_or(0, |end| end + 1);
            assert_eq!(spot.line, before.matches('\n').count() + 1);
            let line = text[start..].lines().next().unwrap_or_default();
            let line = line.trim_end_matches('\r');
            let column = before[start..].chars().count().min(line.chars().count()) + 1;
            assert_eq!(spot.column, column, "{at}");
            assert!(line.contains(&spot.text) && spot.text.get(spot.span).is_some());
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
            let spot = spot(&text, at..at + 1);
            assert!(!spot.text.contains('p'), "{spot:?}");
            assert_eq!(spot.column, at + 1);
            assert!(spot.text.get(spot.span).is_some());
        }
        // One that is shown whole has its form.
        let short = "id: postgresql://u:p@host/db";
        assert_eq!(spot(short, 4..28).text, short);
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
