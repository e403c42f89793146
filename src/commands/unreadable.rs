//! Warnings of values that could not be shown.

use std::fmt::Display;

use super::Context;
use crate::post::Unreadable;

/// Values that are told one by one; the others are counted.
const TOLD: usize = 5;

/// The warnings of one command, on standard error. Counts the last of them as it is dropped,
/// so that they are told also where the command fails later.
pub struct Warnings<'c> {
    context: &'c Context,
    seen: usize,
}

impl<'c> Warnings<'c> {
    /// Begins with nothing told.
    pub fn new(context: &'c Context) -> Self {
        Self { context, seen: 0 }
    }

    /// Tells what of a row cannot be shown, as long as few have been told.
    pub fn note(&mut self, row: impl Display, unreadable: &[Unreadable]) {
        for one in unreadable {
            self.seen += 1;
            if self.seen <= TOLD {
                self.context.ui.warning(format_args!("{row}: {one}"));
            }
        }
    }
}

impl Drop for Warnings<'_> {
    fn drop(&mut self) {
        let more = self.seen.saturating_sub(TOLD);
        if more > 0 {
            let values = if more == 1 { "value" } else { "values" };
            self.context
                .ui
                .warning(format_args!("{more} more {values} cannot be shown"));
        }
    }
}
