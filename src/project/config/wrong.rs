//! A wrong value in the settings file.

use std::ops::Range;

/// A wrong value: its place, what is wrong with it, and the remedy.
pub(super) struct Wrong {
    pub(super) span: Range<usize>,
    pub(super) message: String,
    pub(super) help: String,
}
