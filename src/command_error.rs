//! The error that a command ends with, and the exit statuses.

use std::process::ExitCode;

use crate::interrupt::Interrupted;

/// The exit status of the process. The numbers are a documented contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 0: what was asked for is done.
    Done = 0,
    /// 1: the content has errors, and nothing was written.
    Content = 1,
    /// 2: the command line, a setting or a file given to blogctl is not usable.
    Usage = 2,
    /// 3: the store could not be reached, or it or the system failed.
    Store = 3,
    /// 4: a guard refused: removal, conflict, another sync running.
    Refused = 4,
    /// 5: `--exit-code` of a dry run or of `diff` found changes.
    Changes = 5,
    /// 6: the post that was asked for does not exist.
    NotFound = 6,
    /// 130: interrupted by the user, as shells say it: 128 and the signal's number.
    Interrupted = 130,
    /// 143: the system asked to end.
    Terminated = 143,
}

impl From<&Interrupted> for Status {
    fn from(interrupted: &Interrupted) -> Self {
        match interrupted.signal {
            15 => Self::Terminated,
            _ => Self::Interrupted,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// An error that a command makes itself, with the status to end with.
///
/// Errors of the parts below keep their own types; `exit` knows the status of each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CommandError {
    /// The exit status.
    pub status: Status,
    /// The problem, naming the input; empty if everything was said already.
    pub message: String,
    /// The remedy.
    pub help: Option<String>,
}

impl CommandError {
    fn new(status: Status, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            help: None,
        }
    }

    /// Makes an error about the command line, a variable or a file given to blogctl.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Status::Usage, message)
    }

    /// Makes an error about the content, whose findings were already shown.
    pub fn content(message: impl Into<String>) -> Self {
        Self::new(Status::Content, message)
    }

    /// Makes the error of a guard that refuses the action.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::new(Status::Refused, message)
    }

    /// Makes an error about an item that does not exist.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Status::NotFound, message)
    }

    /// Makes an error whose reason was already shown.
    pub fn silent(status: Status) -> Self {
        Self::new(status, "")
    }

    /// Adds the remedy.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
