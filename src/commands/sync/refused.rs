//! Rows that the database refuses while they are written, as findings about their files.

use anyhow::{Error, Result};

use super::apply::{Run, apply};
use super::{Sync, nothing_written};
use crate::command_error::CommandError;
use crate::commands::check;
use crate::content;
use crate::finding::{Finding, rules};
use crate::model::Counts;
use crate::output::sync::Outcome;
use crate::plan::Plan;
use crate::post::{PostId, SourcePath};
use crate::store::{RefusedWrite, Store, StoreError};

/// Writes the plan. If the database refuses one of several posts and does not tell which, writes
/// it again, with these posts apart.
///
/// # Errors
/// As [`apply`]; the post of a refusal has its path.
pub(super) fn apply_naming_posts(
    store: &mut dyn Store,
    plan: &Plan,
    counts: Counts,
    run: &Run,
) -> Result<Vec<SourcePath>> {
    let mut applied = apply(store, plan, counts, run, &[]);
    if let Err(error) = &applied {
        let among = refused(error).map(|refused| refused.among.clone());
        let among = among.unwrap_or_default();
        if !among.is_empty() {
            applied = apply(store, plan, counts, run, &among);
        }
    }
    applied.map_err(|error| match error.downcast() {
        Ok(StoreError::Refused(mut refused)) => {
            refused.path = refused.post.and_then(|post| path_of(plan, post));
            StoreError::Refused(refused).into()
        }
        Ok(error) => error.into(),
        Err(error) => error,
    })
}

fn refused(error: &Error) -> Option<&RefusedWrite> {
    match error.downcast_ref()? {
        StoreError::Refused(refused) => Some(refused),
        _ => None,
    }
}

fn path_of(plan: &Plan, post: PostId) -> Option<SourcePath> {
    let mut changes = plan.changes.iter();
    let change = changes.find(|change| change.id == post)?;
    Some(change.path.clone())
}

impl Sync<'_> {
    /// Reports a sync that failed while it wrote: a refusal that is tied to a file as a finding,
    /// with those that were found before.
    pub(super) fn failed(&self, error: Error, findings: &[Finding], store: &str) -> Error {
        let Some(finding) = refused(&error).and_then(|refused| self.finding(refused)) else {
            return nothing_written(error);
        };
        let list_command = check::list_command(&self.args.paths);
        let new = std::slice::from_ref(&finding);
        self.context.ui.findings(new, false, &list_command);
        let sum = "the database refuses 1 post";
        // A closed pipe must not pass for a sync that has ended well.
        let all = [findings, new].concat();
        let _ = self.write_json(Outcome::Invalid(sum), store, &all);
        CommandError::content(format!("{sum}; nothing was written")).into()
    }

    /// Makes the finding of a refusal about the file of a post.
    fn finding(&self, refused: &RefusedWrite) -> Option<Finding> {
        if refused.is_removal() || !refused.is_about_data() {
            return None;
        }
        let path = refused.path.clone()?;
        let mut files = self.snapshot.files.iter();
        let file = files.find(|file| file.path == path)?;
        let mut keys = refused.columns.iter().filter_map(|column| column.key());
        // Of several columns any may be to blame.
        let key = keys.next().filter(|_| refused.columns.len() == 1);
        let location = key.and_then(|key| content::place(self.settings, file, key));
        // The file is shown as the place.
        let mut message = refused.clone();
        message.path = None;
        Some(Finding {
            rule: rules::REFUSED_ROW,
            level: rules::REFUSED_ROW.level,
            message: message.to_string(),
            help: Some(refused.help()),
            path,
            location,
            fix: None,
        })
    }
}
