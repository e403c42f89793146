//! The levels that a project gives to rules.

use std::collections::BTreeMap;

use super::rules::RULES;
use super::{Finding, Kind, Level, Rule};

/// The words that set a level.
pub const WORDS: [&str; 4] = ["off", "hint", "warning", "error"];

/// The levels that a project sets; every other rule keeps its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    /// The level by the rule's name; `None` for a rule that is off.
    set: BTreeMap<&'static str, Option<Level>>,
}

/// The reason why a level cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LevelError {
    /// There is no such rule.
    #[error("there is no such rule")]
    UnknownRule,

    /// The level of the rule is fixed.
    #[error("the level of `{}` cannot be set: {}", .rule.name, fixed(.rule.kind))]
    Fixed {
        /// The rule.
        rule: &'static Rule,
    },

    /// The level is none of the words for one.
    #[error("`{}` is set to something that is not a level", .rule.name)]
    NotALevel {
        /// The rule.
        rule: &'static Rule,
    },
}

/// Returns the reason why rules of a kind have a fixed level.
fn fixed(kind: Kind) -> &'static str {
    match kind {
        Kind::Invalid => "a file that violates it is not a post that could be published",
        Kind::Count => "it has the worst level among the findings that it counts",
        Kind::Check => "it is a check of `doctor`, not a rule for files",
        Kind::Lint => "",
    }
}

impl Levels {
    /// Sets the level of a rule by the words of `blogctl.toml`.
    ///
    /// # Errors
    /// [`LevelError`] if there is no such rule or level, or the rule's level is fixed.
    pub fn set(&mut self, name: &str, level: &str) -> Result<(), LevelError> {
        let rule = super::rule(name).ok_or(LevelError::UnknownRule)?;
        if rule.kind != Kind::Lint {
            return Err(LevelError::Fixed { rule });
        }
        let level = match level {
            "off" => None,
            "hint" => Some(Level::Hint),
            "warning" => Some(Level::Warning),
            "error" => Some(Level::Error),
            _ => return Err(LevelError::NotALevel { rule }),
        };
        self.set.insert(rule.name, level);
        Ok(())
    }

    /// Returns the level of a rule's findings; `None` if the rule is off.
    pub fn of(&self, rule: &Rule) -> Option<Level> {
        match self.set.get(rule.name) {
            Some(level) if rule.kind == Kind::Lint => *level,
            _ => Some(rule.level),
        }
    }

    /// Gives a finding the level of its rule; `None` if the rule is off.
    pub fn apply(&self, mut finding: Finding) -> Option<Finding> {
        if finding.rule.kind == Kind::Lint {
            finding.level = self.of(finding.rule)?;
        }
        Some(finding)
    }

    /// Returns text that differs wherever the levels do, and is empty for the default levels.
    pub fn fingerprint(&self) -> String {
        let mut fingerprint = String::new();
        for rule in RULES {
            if self.of(rule) != Some(rule.level) {
                let level = self.of(rule).map_or("off", Level::as_str);
                fingerprint += &format!("{rule}={level};");
            }
        }
        fingerprint
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{rule, rules};

    fn levels(set: &[(&str, &str)]) -> Levels {
        let mut levels = Levels::default();
        for (name, level) in set {
            levels.set(name, level).unwrap();
        }
        levels
    }

    #[test]
    fn sets_the_levels_of_lints_alone() {
        let levels = levels(&[("word-count", "error"), ("repeated-tag", "off")]);
        assert_eq!(levels.of(rules::WORD_COUNT), Some(Level::Error));
        assert_eq!(levels.of(rules::REPEATED_TAG), None);
        assert_eq!(levels.of(rules::COMMENT), Some(Level::Hint));
        let refused = |name, level| Levels::default().set(name, level).unwrap_err().to_string();
        assert_eq!(refused("wordcount", "off"), "there is no such rule");
        assert_eq!(
            refused("missing-id", "off"),
            "the level of `missing-id` cannot be set: a file that violates it is not a post \
             that could be published"
        );
        assert!(refused("more-findings", "off").contains("worst level"));
        assert!(refused("tls", "off").contains("check of `doctor`"));
        assert!(refused("word-count", "ok").contains("not a level"));
    }

    #[test]
    fn fingerprints_differ_where_levels_do() {
        assert_eq!(Levels::default().fingerprint(), "");
        let default = rule("word-count").unwrap().level.as_str();
        assert_eq!(levels(&[("word-count", default)]).fingerprint(), "");
        let forward = levels(&[("word-count", "off"), ("comment", "error")]);
        let backward = levels(&[("comment", "error"), ("word-count", "off")]);
        assert_eq!(forward.fingerprint(), backward.fingerprint());
        let other = levels(&[("word-count", "hint"), ("comment", "error")]);
        assert_ne!(forward.fingerprint(), other.fingerprint());
    }
}
