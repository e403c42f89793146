//! The error for a connection string that cannot be used.

use crate::store::StoreError;

/// Returns an error about a connection string.
pub(super) fn refuse(message: impl Into<String>, help: impl Into<String>) -> StoreError {
    StoreError::Target {
        message: message.into(),
        help: help.into(),
    }
}
