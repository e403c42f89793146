//! Rows to the types that all share.
//!
//! SQLite holds a value of any type in any column that is not of a strict table, and text that
//! is not UTF-8 in all of them: what does not fit its column is left out of its row.

use std::borrow::Cow;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, Params, Row, named_params};

use crate::model::{NameCount, Run};
use crate::page::{Page, Position};
use crate::post::{Digest, PostId, StoredPost};
use crate::store::fields::{self, Cell, Columns, Fields};

/// Above every id that a post or a run can have: one more than [`PostId::MAX`].
pub(super) const ABOVE_ALL: i64 = 1 << 31;

/// The columns of a row of a statement's answer.
struct Named<'r>(&'r Row<'r>);

impl Columns for Named<'_> {
    fn cell(&self, column: &str) -> Cell<'_> {
        match self.0.get_ref(column) {
            Ok(value) => cell(value),
            // Fails for a column that the statement does not answer with, and for nothing else.
            Err(error) => Cell::Odd(error.to_string().into()),
        }
    }

    /// A timestamp as the store keeps it: microseconds since 1970.
    fn time(&self, column: &str) -> Cell<'_> {
        match self.cell(column) {
            Cell::Integer(micros) => Cell::Micros(micros.into()),
            other => other,
        }
    }

    /// The names that `json_group_array` made of a post's tags.
    fn names(&self, column: &str) -> Result<Vec<Cell<'_>>, Cow<'static, str>> {
        let text = match self.cell(column) {
            Cell::Text(text) if text.len() > fields::MAX_ROW => {
                return Err("are too long".into());
            }
            Cell::Text(text) => text,
            other => return Err(fields::instead(&other).into()),
        };
        let text = String::from_utf8_lossy(&text);
        let names: Vec<Option<String>> =
            serde_json::from_str(&text).map_err(|error| format!("cannot be read ({error})"))?;
        let name = |name: Option<String>| match name {
            None => Cell::Null,
            Some(name) if matches!(text, Cow::Owned(_)) && name.contains('\u{fffd}') => {
                Cell::Odd("is not UTF-8".into())
            }
            Some(name) => Cell::Text(Cow::Owned(name.into_bytes())),
        };
        Ok(names.into_iter().map(name).collect())
    }
}

fn cell(value: ValueRef<'_>) -> Cell<'_> {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(_) => Cell::Odd("is a number with a fraction".into()),
        ValueRef::Text(text) => Cell::Text(Cow::Borrowed(text)),
        ValueRef::Blob(_) => Cell::Odd("is a blob".into()),
    }
}

struct Id(PostId);

impl FromSql for Id {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let id = value.as_i64()?;
        PostId::new(id)
            .map(Self)
            .ok_or(FromSqlError::OutOfRange(id))
    }
}

/// Reads the id of a row that the statement found by it.
pub(super) fn post_id(row: &Row<'_>, column: &str) -> rusqlite::Result<PostId> {
    row.get(column).map(|Id(id)| id)
}

/// Reads text or NULL; `None` for whatever else there is.
pub(super) fn text(row: &Row<'_>, column: &str) -> Option<String> {
    fields::text(&Named(row).cell(column)).ok().flatten()
}

/// Reads what blogctl itself keeps in a column.
///
/// # Errors
/// What the column holds instead, in words that end a sentence.
pub(super) fn kept<T>(
    row: &Row<'_>,
    column: &str,
    read: impl FnOnce(&Cell<'_>) -> Result<Option<T>, String>,
) -> Result<T, String> {
    read(&Named(row).cell(column))?.ok_or_else(|| "is NULL".into())
}

/// Reads a digest or NULL, as [`digest`] does.
pub(super) fn optional_digest(row: &Row<'_>, column: &str) -> Result<Option<Digest>, String> {
    match row.get_ref(column) {
        Ok(ValueRef::Null) => Ok(None),
        _ => digest(row, column).map(Some),
    }
}

/// Reads a digest, for [`kept`].
pub(super) fn digest(row: &Row<'_>, column: &str) -> Result<Digest, String> {
    let value = row.get_ref(column).map_err(|error| error.to_string())?;
    match value {
        ValueRef::Blob(bytes) => {
            Digest::from_bytes(bytes).ok_or_else(|| "has a wrong length".into())
        }
        other => Err(fields::instead(&cell(other))),
    }
}

/// Reads the columns of `list/columns.sql`.
pub(super) fn stored_post(row: &Row<'_>) -> rusqlite::Result<StoredPost> {
    Ok(Fields::new(Named(row)).post(post_id(row, "id")?))
}

/// Reads the columns of `list/columns.sql`, and Markdown; `None` for what cannot be shown.
pub(super) fn with_body(
    row: &Row<'_>,
    column: &str,
) -> rusqlite::Result<(StoredPost, Option<String>)> {
    Ok(Fields::new(Named(row)).post_and_body(post_id(row, "id")?, column))
}

/// Reads names and counts: the columns `name` and `posts`.
pub(super) fn counts(
    connection: &Connection,
    sql: &str,
    parameters: impl Params,
) -> rusqlite::Result<Vec<NameCount>> {
    connection
        .prepare_cached(sql)?
        .query_map(parameters, |row| Ok(Fields::new(Named(row)).name_count()))?
        .collect()
}

/// Reads one page of the runs, newest first.
pub(super) fn runs(connection: &Connection, position: Position) -> rusqlite::Result<Page<Run>> {
    let runs = connection
        .prepare_cached(
            // The keyset: `id` alone is unique, so that no tie is left to break. A run that
            // another program numbered below 1 is none.
            "SELECT * FROM blogctl_run
             WHERE id < :upper AND id >= 1 AND typeof(id) = 'integer'
             ORDER BY id DESC LIMIT :rows",
        )?
        .query_map(
            named_params! {
                ":upper": position.cursor.map_or(ABOVE_ALL, |id| id.get().into()),
                ":rows": position.limit.probe(),
            },
            |row| Ok(Fields::new(Named(row)).run(post_id(row, "id")?)),
        )?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Page::from_probe(runs, position.limit, |run: &Run| run.id))
}
