//! The error of settings that cannot be used.

/// An error in a setting: a flag, a variable or a file that says how to run or where to connect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConfigError {
    /// The problem, naming the flag, the variable or the file.
    pub message: String,
    /// The remedy.
    pub help: Option<String>,
}

impl ConfigError {
    /// Makes the error without a remedy.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
        }
    }

    /// Adds the remedy.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
