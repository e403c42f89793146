//! Facts about the replica that answers readers.

use anyhow::Result;

use super::super::Context;
use super::super::reading::REPLICA_CONNECT_TIMEOUT;
use super::problem;
use super::reach::unreachable;
use crate::doctor::facts::{Problem, Replica, ReplicaState};
use crate::project::{self, Project, ReadTarget};
use crate::store::{self, StoreError};

/// Examines the replica, if one is in effect.
///
/// # Errors
/// An interrupt alone.
pub fn examine(context: &Context, project: &Project) -> Result<Option<Replica>> {
    let (replica, primary) = match context.read_target(project) {
        Ok(ReadTarget::Primary(_)) => return Ok(None),
        Ok(ReadTarget::Replica { replica, primary }) => (replica, primary),
        Err(error) => {
            return Ok(Some(Replica {
                source: String::new(),
                location: String::new(),
                state: Err(problem(&error)),
                is_refused: true,
                is_backed: true,
            }));
        }
    };
    let mut found = Replica {
        source: replica.source.to_string(),
        location: replica.kind.to_string(),
        state: Err(Problem::default()),
        is_refused: false,
        is_backed: primary.is_some(),
    };
    found.state = match state(context, &replica) {
        Ok(state) => Ok(state),
        Err(StoreError::Interrupted(interrupted)) => return Err(interrupted.into()),
        Err(StoreError::Target { message, help }) => {
            found.is_refused = true;
            Err(Problem {
                message: format!("{}: {message}", found.source),
                remedy: Some(help),
            })
        }
        Err(error) => Err(unreachable(error).problem),
    };
    Ok(Some(found))
}

fn state(context: &Context, replica: &project::Replica) -> Result<ReplicaState, StoreError> {
    let options = context.open_options(REPLICA_CONNECT_TIMEOUT, &replica.tables);
    store::open_reader(&replica.kind, &options)?.replica_state()
}
