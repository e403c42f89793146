//! Findings: rules, levels, places and fixes, as all commands use them.
//!
//! Nothing here does I/O. `content` finds what is wrong with files, `doctor` with the rest of
//! what publishing depends on, and `output` shows both. A rule is declared once, in [`rules`] or
//! in [`checks`]; `docs/rules.md` is generated from the declarations.

mod check;
pub mod checks;
mod fix;
mod levels;
pub mod rules;

use std::fmt;
use std::ops::Range;

pub use self::check::{Area, CheckFinding};
pub use self::fix::{Applicability, Edit, Fix};
pub use self::levels::{LevelError, Levels, WORDS as LEVEL_WORDS};
use crate::post::SourcePath;

/// The weight of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A check of `doctor` passed. No finding about a file has this level.
    Ok,
    /// Worth knowing; it never stops anything.
    Hint,
    /// Probably a mistake; it stops publishing only with `--strict`.
    Warning,
    /// Nothing is published until it is fixed.
    Error,
}

impl Level {
    /// Returns the word that all output uses: `ok`, `hint`, `warning` or `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Hint => "hint",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// The part that a rule plays, which decides whether its level can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A violation leaves no post that could be published. Always an error.
    Invalid,
    /// A matter of judgement; `[rules]` in `blogctl.toml` sets the level.
    Lint,
    /// A count of findings that are not listed. It has the worst level among them.
    Count,
    /// A check of `doctor`, whose level depends on the result.
    Check,
}

/// A rule that files are held to, or a check of `doctor`.
#[derive(PartialEq, Eq)]
pub struct Rule {
    /// The stable name, in kebab case.
    pub name: &'static str,
    /// The part that the rule plays.
    pub kind: Kind,
    /// The level unless `blogctl.toml` sets another.
    pub level: Level,
    /// One sentence about what the rule finds.
    pub summary: &'static str,
    /// A paragraph on the reason and the remedy, in Markdown.
    pub explanation: &'static str,
    /// A file or listing that violates the rule; may be empty.
    pub example: &'static str,
}

/// Shows the name alone.
impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Returns the rule or check with this name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    let mut all = rules::RULES.iter().chain(checks::CHECKS);
    all.find(|rule| rule.name == name).copied()
}

/// A finding about one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that was violated.
    pub rule: &'static Rule,
    /// The weight, never [`Level::Ok`].
    pub level: Level,
    /// One sentence about what is wrong, naming the value.
    pub message: String,
    /// The remedy.
    pub help: Option<String>,
    /// The file.
    pub path: SourcePath,
    /// The place in the file; `None` if the finding is about the file as a whole.
    pub location: Option<Location>,
    /// A change of the file that resolves the finding.
    pub fix: Option<Fix>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The bytes in the file; `None` where only the line is known.
    pub range: Option<Range<usize>>,
    /// The first character.
    pub start: LineColumn,
    /// The first character after it.
    pub end: LineColumn,
    /// The text of the first line without its end, shortened if it is long. Empty if the line
    /// must not be shown.
    pub excerpt: String,
    /// The bytes of `excerpt` that the finding is about; may be empty.
    pub span: Range<usize>,
}

/// A line and a column, both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// The line.
    pub line: usize,
    /// The column in characters, that is Unicode code points.
    pub column: usize,
}

/// Returns the number of findings of a level.
pub fn count(findings: &[Finding], level: Level) -> usize {
    findings.iter().filter(|f| f.level == level).count()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_rule_is_declared_once_in_kebab_case_and_explained() {
        let mut names = HashSet::new();
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        for rule in rules::RULES.iter().chain(checks::CHECKS) {
            assert!(names.insert(rule.name), "{} is declared twice", rule.name);
            assert!(rule.name.chars().all(kebab), "{}", rule.name);
            let begins = rule.summary.chars().next().is_some_and(char::is_uppercase);
            assert!(begins && rule.summary.ends_with('.'), "{}", rule.summary);
            assert!(!rule.explanation.is_empty(), "{}", rule.name);
            assert_eq!(super::rule(rule.name), Some(*rule));
        }
    }

    #[test]
    fn what_makes_a_post_impossible_is_an_error() {
        for rule in rules::RULES {
            assert_ne!(rule.kind, Kind::Check, "{rule}");
            assert_ne!(rule.level, Level::Ok, "{rule}");
            if rule.kind == Kind::Invalid {
                assert_eq!(rule.level, Level::Error, "{rule}");
            }
        }
        assert!(checks::CHECKS.iter().all(|rule| rule.kind == Kind::Check));
    }
}
