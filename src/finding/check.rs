//! Results of checks that are not about one file.

use super::Level;

/// The part that needs a fix. It decides the exit status, which is that of a sync with the same
/// error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// The files.
    Content,
    /// The settings and arguments.
    Setting,
    /// The store, or the connection to it.
    Store,
    /// Something that a guard would refuse.
    Guard,
}

/// The result of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckFinding {
    /// The name of the check, one of [`checks::CHECKS`](super::checks::CHECKS).
    pub rule: &'static str,
    /// The severity.
    pub level: Level,
    /// The message, with the values that were found.
    pub message: String,
    /// The remedy.
    pub help: Option<String>,
    /// The part that it is about.
    pub area: Area,
}

impl CheckFinding {
    /// Makes a finding about the store, without a remedy.
    pub fn new(rule: &'static str, level: Level, message: impl Into<String>) -> Self {
        Self {
            rule,
            level,
            message: message.into(),
            help: None,
            area: Area::Store,
        }
    }

    /// Makes a finding of a check that passed.
    pub fn ok(rule: &'static str, message: impl Into<String>) -> Self {
        Self::new(rule, Level::Ok, message)
    }

    /// Makes a hint.
    pub fn hint(rule: &'static str, message: impl Into<String>) -> Self {
        Self::new(rule, Level::Hint, message)
    }

    /// Makes a warning.
    pub fn warning(rule: &'static str, message: impl Into<String>) -> Self {
        Self::new(rule, Level::Warning, message)
    }

    /// Makes an error.
    pub fn error(rule: &'static str, message: impl Into<String>) -> Self {
        Self::new(rule, Level::Error, message)
    }

    /// Adds the remedy.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Sets the remedy, where one is known.
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// Sets the part that it is about.
    pub fn in_area(mut self, area: Area) -> Self {
        self.area = area;
        self
    }
}
