//! Remarks for the user on how a connection string was read.

/// A remark on how a connection string was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The message; never contains a value that may be secret.
    pub text: String,
    /// True if it is always shown, false if `--verbose` shows it.
    pub is_warning: bool,
}

impl Note {
    pub(super) fn detail(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_warning: false,
        }
    }

    pub(super) fn warning(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_warning: true,
        }
    }
}
