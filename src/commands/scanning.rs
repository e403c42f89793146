//! The files of a project, found with a bar where that is asked for.

use std::error::Error;
use std::path::Path;

use super::Context;
use crate::command_error::CommandError;
use crate::content::{self, ReadSettings, ScanError, Snapshot};
use crate::output::progress::Progress;

impl Context {
    /// Finds the files at `path`, with a bar where progress is shown.
    ///
    /// # Errors
    /// [`CommandError`] if there is nothing to scan.
    pub fn scan(&self, settings: &ReadSettings, path: &Path) -> anyhow::Result<Snapshot> {
        let progress = Progress::reading(self.ui.shows_progress(), None);
        content::scan(settings, path, &|done| progress.reach(done)).map_err(|error: ScanError| {
            let cause = error
                .source()
                .map_or_else(String::new, |e| format!(": {e}"));
            CommandError::usage(format!("{error}{cause}"))
                .help(error.help())
                .into()
        })
    }
}
