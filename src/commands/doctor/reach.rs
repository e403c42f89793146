//! Reaching the store, and examining it.

use std::time::Duration;

use anyhow::Result;

use super::super::Context;
use super::super::sync::is_nowhere;
use super::problem;
use crate::doctor::facts::{self, Facts, Problem, Unreachable};
use crate::project::{Project, Target, TargetKind};
use crate::store::postgres::{PostgresStore, Unconnected};
use crate::store::sqlite::SqliteStore;
use crate::store::{Reader, Store, StoreError};

/// Connects, and examines what was reached.
///
/// # Errors
/// An interrupt alone.
pub fn primary(
    context: &Context,
    project: &Project,
    target: &Target,
    facts: &mut Facts,
) -> Result<Option<Box<dyn Store>>> {
    facts.setting.source = Some(target.source.to_string());
    facts.setting.location = Some(target.kind.to_string());
    facts.setting.is_nowhere = is_nowhere(target);
    let reached = match &target.kind {
        TargetKind::Postgres(url) => server(context, url.expose(), facts),
        TargetKind::Sqlite { path, embedded } => {
            file(context.open_file(project, path, *embedded), facts)
        }
    };
    match reached {
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

/// Why a store could not be reached, and how far that came.
pub fn unreachable(error: StoreError) -> Unreachable {
    match error {
        StoreError::Unreachable { source, help, .. } => {
            let stage = source
                .downcast_ref::<Unconnected>()
                .and_then(Unconnected::stage);
            Unreachable {
                stage: stage.map(|stage| stage.to_string()),
                problem: Problem {
                    message: source.to_string(),
                    remedy: help,
                },
            }
        }
        error => Unreachable {
            stage: None,
            problem: problem(&error.into()),
        },
    }
}

fn server(
    context: &Context,
    connection: &str,
    facts: &mut Facts,
) -> Result<Box<dyn Store>, StoreError> {
    let (mut store, notes) =
        PostgresStore::connect(connection, &context.connecting(Duration::MAX))?;
    facts.setting.notes = notes
        .into_iter()
        .map(|note| (note.text, note.is_warning))
        .collect();
    facts.setting.location = Some(store.location());
    let found = store.examine()?;
    facts.store = Some(facts::Store::Postgres(Box::new(found)));
    Ok(Box::new(store))
}

fn file(
    opened: Result<SqliteStore, StoreError>,
    facts: &mut Facts,
) -> Result<Box<dyn Store>, StoreError> {
    let mut store = opened?;
    let found = store.examine()?;
    facts.store = Some(facts::Store::Sqlite(Box::new(found)));
    Ok(Box::new(store))
}
