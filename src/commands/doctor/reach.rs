//! Connecting to the store and examining it.

use std::time::Duration;

use anyhow::Result;

use super::super::Context;
use super::super::sync::is_ephemeral_target;
use super::problem;
use crate::doctor::facts::{Facts, Problem, Unreachable};
use crate::project::Target;
use crate::store::{self, Store, StoreError};

/// Connects to the store and examines it.
///
/// # Errors
/// An interrupt alone.
pub fn primary(
    context: &Context,
    target: &Target,
    facts: &mut Facts,
) -> Result<Option<Box<dyn Store>>> {
    facts.setting.source = Some(target.source.to_string());
    facts.setting.location = Some(target.kind.to_string());
    facts.setting.is_ephemeral = is_ephemeral_target(target);
    match examined(context, target, facts) {
        Ok(store) => return Ok(Some(store)),
        Err(interrupted @ StoreError::Interrupted(_)) => return Err(interrupted.into()),
        Err(StoreError::Target { message, help }) => {
            facts.setting.problem = Some(Problem {
                message,
                remedy: Some(help),
            });
        }
        Err(error) => facts.unreachable = Some(unreachable(error)),
    }
    Ok(None)
}

/// Returns why a store could not be reached, and the stage at which that failed.
pub fn unreachable(error: StoreError) -> Unreachable {
    let stage = store::failed_stage(&error);
    let problem = match error {
        StoreError::Unreachable { source, help, .. } => Problem {
            message: source.to_string(),
            remedy: help,
        },
        error => problem(&error.into()),
    };
    Unreachable { stage, problem }
}

fn examined(
    context: &Context,
    target: &Target,
    facts: &mut Facts,
) -> Result<Box<dyn Store>, StoreError> {
    let mut store = store::open(
        &target.kind,
        &context.open_options(Duration::MAX, &target.tables),
    )?;
    let notes = store.notes().iter();
    facts.setting.notes = notes
        .map(|note| (note.text.clone(), note.is_warning))
        .collect();
    facts.setting.location = Some(store.location());
    facts.store = Some(store.examine()?);
    Ok(store)
}
