//! The tables and their version.

use rusqlite::{Connection, OptionalExtension};

use super::error::failed;
use super::shape;
use crate::index::Generation;
use crate::model::SchemaState;
use crate::store::{Result, StoreError};

/// The tables, as `blogctl schema print` shows them.
pub const SCHEMA: &str = include_str!("migrations/0001_tables.sql");

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

/// Whether the file has a table of this name.
pub(super) fn has_table(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE)",
        [name],
        |row| row.get(0),
    )
}

/// Whether the file has a table of this name with a column of that.
pub(super) fn has_column(
    connection: &Connection,
    table: &str,
    column: &str,
) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2 COLLATE NOCASE)",
        [table, column],
        |row| row.get(0),
    )
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

/// What a `post` table of another program's making may lack.
const COLUMNS: [(&str, &str); 8] = [
    ("title", "TEXT"),
    ("description", "TEXT"),
    ("content", "TEXT"),
    ("created_at", "INTEGER"),
    ("updated_at", "INTEGER"),
    ("category", "TEXT"),
    ("image", "TEXT"),
    ("word_count", "INTEGER"),
];

/// Makes what is not there, in the caller's transaction.
pub(super) fn apply(connection: &Connection) -> Result<()> {
    add_columns(connection)
        .and_then(|()| connection.execute_batch(SCHEMA))
        .map_err(failed(connection, "make the tables"))
}

/// SQLite has no `ADD COLUMN IF NOT EXISTS`.
fn add_columns(connection: &Connection) -> rusqlite::Result<()> {
    if !has_table(connection, "post")? {
        return Ok(());
    }
    for (column, kind) in COLUMNS {
        let there: bool = connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM pragma_table_info('post') WHERE name = ?1 COLLATE NOCASE)",
            [column],
            |row| row.get(0),
        )?;
        if !there {
            connection.execute(&format!("ALTER TABLE post ADD COLUMN {column} {kind}"), [])?;
        }
    }
    Ok(())
}
