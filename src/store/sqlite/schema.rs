//! The version of the tables.

use rusqlite::{Connection, OptionalExtension};

use super::catalog::has_table;
use super::error::failed;
use super::{migrations, shape};
use crate::index::Generation;
use crate::model::SchemaState;
use crate::store::{Result, StoreError};

/// Reads the version of the tables, once they are seen to be tables. `own` says that the file
/// is blogctl's alone.
///
/// # Errors
/// As [`shape::check`].
pub(super) fn state(connection: &Connection, own: bool) -> Result<SchemaState> {
    shape::check(connection, own)?;
    let version = || {
        if !has_table(connection, "blogctl_state")? {
            return Ok(None);
        }
        connection
            .query_row("SELECT version FROM blogctl_state", [], |row| row.get(0))
            .optional()
    };
    let version = version().map_err(state_error(
        connection,
        "read the version of the tables",
        "version",
    ))?;
    Ok(version.map_or(SchemaState::Absent, SchemaState::Version))
}

/// Brings the tables to this version, in the caller's transaction.
///
/// # Errors
/// [`StoreError::SchemaVersion`] for tables that are newer than this program.
pub(super) fn apply(connection: &Connection, found: SchemaState, location: &str) -> Result<()> {
    if let SchemaState::Version(version) = found
        && !migrations::can_apply(found)
    {
        return Err(StoreError::SchemaVersion {
            location: location.to_owned(),
            found: version,
        });
    }
    migrations::apply(connection).map_err(failed(connection, "make the tables"))
}

/// Reads how many syncs changed the store; the tables must be there.
pub(super) fn generation(connection: &Connection) -> Result<Generation> {
    connection
        .query_row("SELECT generation FROM blogctl_state", [], |row| row.get(0))
        .map(Generation)
        .map_err(state_error(connection, "read the generation", "generation"))
}

/// Wraps an error of reading a column of `blogctl_state`, for `map_err`. A value that only
/// another program can have written gets words of its own.
fn state_error<'a>(
    connection: &'a Connection,
    operation: &'static str,
    column: &'static str,
) -> impl FnOnce(rusqlite::Error) -> StoreError + use<'a> {
    move |error| match error {
        rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::IntegralValueOutOfRange(..) => {
            StoreError::Tables {
                operation,
                what: format!("blogctl_state: {column} holds no number that blogctl writes"),
                help: "correct the row by hand, or move the file away and run `blogctl sync`, \
                       which makes a new one from the files",
                source: "another program wrote to blogctl's own tables".into(),
            }
        }
        error => failed(connection, operation)(error),
    }
}
