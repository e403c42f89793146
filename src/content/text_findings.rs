//! The findings of one file, by their bytes in its text.

use std::collections::BTreeMap;
use std::ops::Range;

use super::locator::Locator;
use super::quote::cut;
use crate::finding::{Finding, Fix, Level, Levels, Location, Rule};
use crate::post::SourcePath;

/// The longest message and the longest help, in bytes.
const LONGEST_WORDS: usize = 600;

/// The most findings under one rule that are kept of one file.
pub(super) const KEPT: usize = 10;

/// A finding about bytes of the text being read. [`located`] adds the path, the line and the
/// column.
#[derive(Clone, Debug)]
pub(super) struct TextFinding {
    pub rule: &'static Rule,
    pub message: String,
    pub help: Option<String>,
    pub range: Option<Range<usize>>,
    pub fix: Option<Fix>,
}

impl TextFinding {
    pub fn new(rule: &'static Rule, message: impl AsRef<str>) -> Self {
        Self {
            rule,
            message: cut(message.as_ref(), LONGEST_WORDS).into_owned(),
            help: None,
            range: None,
            fix: None,
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

    /// Adds a change of the file that resolves the finding.
    pub fn fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fix = fix.into();
        self
    }
}

/// The findings of one file: the first [`KEPT`] of each rule, and the number of the others.
/// Those of rules that are off are left out.
#[derive(Debug)]
pub(super) struct TextFindings {
    levels: Levels,
    kept: Vec<TextFinding>,
    by_rule: BTreeMap<&'static str, NameCount>,
}

#[derive(Debug, Default)]
struct NameCount {
    kept: usize,
    /// The number of those that were not kept, the rule, and the place of the first.
    more: Option<(usize, &'static Rule, Option<Range<usize>>)>,
}

impl TextFindings {
    pub fn new(levels: &Levels) -> Self {
        Self {
            levels: levels.clone(),
            kept: Vec::new(),
            by_rule: BTreeMap::new(),
        }
    }

    /// Adds a finding, or counts it.
    pub fn push(&mut self, finding: TextFinding) {
        if self.take(finding.rule, finding.range.as_ref()) {
            self.kept.push(finding);
        }
    }

    /// Adds a finding for which [`TextFindings::take`] was true.
    pub fn keep(&mut self, finding: TextFinding) {
        self.kept.push(finding);
    }

    /// Returns true if a finding under `rule` is to be kept; if not, it is counted.
    pub fn take(&mut self, rule: &'static Rule, range: Option<&Range<usize>>) -> bool {
        if self.levels.of(rule).is_none() {
            return false;
        }
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

    /// Returns whether there is a finding under `rule`.
    pub fn has(&self, rule: &'static Rule) -> bool {
        self.kept.iter().any(|finding| finding.rule == rule)
    }

    /// Drops every finding for which `keep` is false, and its count.
    pub fn retain(&mut self, keep: impl Fn(&Rule) -> bool) {
        self.kept.retain(|finding| keep(finding.rule));
        self.by_rule
            .retain(|_, tally| tally.more.as_ref().is_none_or(|(_, rule, _)| keep(rule)));
    }

    /// Returns the findings down the file, and for each rule with more one that says how many more.
    pub fn into_sorted(self) -> Vec<TextFinding> {
        let mut all = self.kept;
        for (more, rule, range) in self.by_rule.into_values().filter_map(|tally| tally.more) {
            let message = format!("and {more} more like this in the file");
            all.push(
                TextFinding::new(rule, message)
                    .help("fix those that are shown; the others are shown next time")
                    .at(range),
            );
        }
        all.sort_by_key(|finding| finding.range.as_ref().map_or(0, |range| range.start));
        all
    }
}

/// Turns findings in a text into findings about the file at `path`, in one pass over the text if
/// they come in the order of places. Where `quote` is false of a place, no line is shown.
pub(super) fn located(
    findings: Vec<TextFinding>,
    levels: &Levels,
    path: &SourcePath,
    text: &str,
    quote: impl Fn(&Range<usize>) -> bool,
) -> Vec<Finding> {
    let mut locator = Locator::new(text);
    findings
        .into_iter()
        .map(|finding| Finding {
            rule: finding.rule,
            level: levels.of(finding.rule).unwrap_or(Level::Hint),
            message: finding.message,
            help: finding.help,
            path: path.clone(),
            location: finding.range.map(|range| {
                let location = locator.find(range.clone());
                if quote(&range) {
                    return location;
                }
                Location {
                    excerpt: String::new(),
                    span: 0..0,
                    ..location
                }
            }),
            fix: finding.fix,
        })
        .collect()
}
