//! The migrations: the steps from one version of the tables to the next.
//!
//! A new file and one of an earlier version go through the same steps, so that both end with the
//! same tables. All steps are taken at the newest version, too: what is missing is made again.

use rusqlite::{Connection, ErrorCode, OptionalExtension as _};

use super::catalog::{has_column, has_table};
use crate::model::{SCHEMA_VERSION, SchemaState};

const TABLES: &str = include_str!("migrations/0001_tables.sql");
const SLUG_AND_EXTRA: &str = include_str!("migrations/0002_slug_and_extra.sql");
const CONTENT_LAST: &str = include_str!("migrations/0002_content_last.sql");
const STATED_FIELDS: &str = include_str!("migrations/0003_stated_fields.sql");
const TRANSLATIONS: &str = include_str!("migrations/0004_translations.sql");

/// The tables, as `blogctl schema print` shows them.
pub const SCHEMA: &str = concat!(
    include_str!("migrations/0001_tables.sql"),
    include_str!("migrations/0002_slug_and_extra.sql"),
    include_str!("migrations/0002_content_last.sql"),
    include_str!("migrations/0003_stated_fields.sql"),
    include_str!("migrations/0004_translations.sql"),
);

/// The SQL that leads to each version from the one before it.
const STEPS: [(i32, &[&str]); 4] = [
    (1, &[TABLES]),
    (2, &[SLUG_AND_EXTRA, CONTENT_LAST]),
    (3, &[STATED_FIELDS]),
    (4, &[TRANSLATIONS]),
];

/// The columns that a table of another program's making may lack: of `post` those of version 1.
const COLUMNS: [(&str, &str, &str); 14] = [
    ("post", "title", "TEXT"),
    ("post", "description", "TEXT"),
    ("post", "content", "TEXT"),
    ("post", "created_at", "INTEGER"),
    ("post", "updated_at", "INTEGER"),
    ("post", "category", "TEXT"),
    ("post", "image", "TEXT"),
    ("post", "word_count", "INTEGER"),
    ("post_translation", "title", "TEXT"),
    ("post_translation", "description", "TEXT"),
    ("post_translation", "word_count", "INTEGER"),
    ("post_translation", "slug", "TEXT"),
    ("post_translation", "extra", "TEXT"),
    ("post_translation", "content", "TEXT"),
];

/// Returns the SQL of the migrations that tables still need; empty for tables of this version
/// or a later one.
pub fn pending(found: SchemaState) -> String {
    let from = match found {
        SchemaState::Absent => 0,
        SchemaState::Version(version) => version,
    };
    let steps = STEPS.iter().filter(|(version, _)| *version > from);
    steps.flat_map(|(_, parts)| *parts).copied().collect()
}

/// Returns whether [`apply`] brings tables in this state to this version.
pub(super) fn can_apply(found: SchemaState) -> bool {
    match found {
        SchemaState::Absent => true,
        SchemaState::Version(version) => (1..=SCHEMA_VERSION).contains(&version),
    }
}

/// Makes what is not there, in the caller's transaction.
pub(super) fn apply(connection: &Connection) -> rusqlite::Result<()> {
    add_columns(connection)?;
    connection.execute_batch(TABLES)?;
    connection.execute_batch(&without_present_columns(connection, SLUG_AND_EXTRA)?)?;
    if may_reorder(connection)? {
        put_content_last(connection)?;
    }
    connection.execute_batch(STATED_FIELDS)?;
    connection.execute_batch(&without_present_columns(connection, TRANSLATIONS)?)
}

fn add_columns(connection: &Connection) -> rusqlite::Result<()> {
    for (table, column, kind) in COLUMNS {
        if has_table(connection, table)? && !has_column(connection, table, column)? {
            connection.execute(
                &format!("ALTER TABLE {table} ADD COLUMN {column} {kind}"),
                [],
            )?;
        }
    }
    Ok(())
}

/// Returns a migration without its `ADD COLUMN` lines of columns that are there.
fn without_present_columns(connection: &Connection, sql: &str) -> rusqlite::Result<String> {
    let mut lines = Vec::new();
    for line in sql.lines() {
        let words: Vec<_> = line.split(' ').collect();
        let is_there = match words[..] {
            ["ALTER", "TABLE", table, "ADD", "COLUMN", column, ..] => {
                has_column(connection, table, column)?
            }
            _ => false,
        };
        if !is_there {
            lines.push(line);
        }
    }
    Ok(lines.join("\n"))
}

/// Returns whether `post` is as blogctl made it, with columns behind `content`, and nothing in
/// the file but blogctl's own triggers depends on it.
fn may_reorder(connection: &Connection) -> rusqlite::Result<bool> {
    // Up to the end of the last column of version 1.
    let made = TABLES
        .split_once("CREATE TABLE IF NOT EXISTS post (")
        .and_then(|(_, rest)| rest.split_once("\n) STRICT"))
        .map_or("", |(columns, _)| columns);
    let post: Option<String> = connection
        .query_row(
            "SELECT sql FROM sqlite_schema
             WHERE type = 'table' AND name = 'post' AND NOT EXISTS (
                 SELECT 1 FROM sqlite_schema
                 WHERE type = 'view' OR type = 'trigger' AND name NOT LIKE 'blogctl\\_%' ESCAPE '\\'
             )",
            [],
            |row| row.get(0),
        )
        .optional()?;
    // SQLite keeps the statement as it was written.
    Ok(post.is_some_and(|sql| {
        sql.strip_prefix("CREATE TABLE post (")
            .is_some_and(|rest| rest.starts_with(made))
    }))
}

/// Moves `content` behind the other columns. What SQLite refuses stays as it is: listings then
/// only read more.
fn put_content_last(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("SAVEPOINT content_last")?;
    // The trigger would count the copy as a change of each post.
    let moved = connection
        .execute_batch("DROP TRIGGER blogctl_post_updated")
        .and_then(|()| connection.execute_batch(CONTENT_LAST))
        .and_then(|()| connection.execute_batch(TABLES));
    match moved {
        Ok(()) => connection.execute_batch("RELEASE content_last"),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => {
            connection.execute_batch("ROLLBACK TO content_last; RELEASE content_last")
        }
        Err(error) => Err(error),
    }
}
