//! What a plan needs to know of the store.

use rusqlite::{Connection, Row};

use super::error::failed;
use super::rows::{digest, post_id};
use super::schema;
use crate::index::{Entry, ForeignRow, Index, RowState, RowVersion};
use crate::post::{PostId, SourcePath};
use crate::store::Result;

const ENTRIES: &str = include_str!("entries.sql");

/// A row that blogctl did not write has no count of touches. That it changed between the
/// index and the transaction is seen from the file's version as a whole.
pub(super) const FOREIGN: RowVersion = RowVersion(0);

/// Reads the index of a store with tables, in the caller's transaction.
pub(super) fn read(connection: &Connection) -> Result<Index> {
    let generation = schema::generation(connection)?;
    let rows = || -> rusqlite::Result<_> {
        let entries = connection
            .prepare_cached(ENTRIES)?
            .query_map([], entry)?
            .collect::<rusqlite::Result<_>>()?;
        let foreign = foreign(
            connection,
            "SELECT id, category FROM post
             WHERE NOT EXISTS (SELECT 1 FROM blogctl_source WHERE post_id = post.id)",
        )?;
        Ok((entries, foreign))
    };
    let (entries, foreign) = rows().map_err(failed(connection, "read the index"))?;
    Ok(Index {
        generation: Some(generation),
        entries,
        foreign,
    })
}

/// Reads the index of a store without blogctl's tables: the posts that another program
/// keeps there, if it has any.
pub(super) fn of_strangers(connection: &Connection) -> Result<Index> {
    let rows = || {
        // Its columns are another program's, and may not all be there yet.
        if !schema::has_column(connection, "post", "id")? {
            Ok(Vec::new())
        } else if schema::has_column(connection, "post", "category")? {
            foreign(connection, "SELECT id, category FROM post")
        } else {
            foreign(connection, "SELECT id, NULL FROM post")
        }
    };
    Ok(Index {
        foreign: rows().map_err(failed(connection, "read the index"))?,
        ..Index::default()
    })
}

fn foreign(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<ForeignRow>> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))?;
    // A table of another program's making may hold ids that no file can have.
    let foreign = |(id, category)| {
        PostId::new(id).map(|id| ForeignRow {
            id,
            category,
            version: FOREIGN,
        })
    };
    rows.filter_map(|row| row.map(foreign).transpose())
        .collect()
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let version = RowVersion(row.get("touches")?);
    let state = match (row.get("present")?, row.get("intact")?) {
        (false, _) => RowState::Missing,
        (true, true) => RowState::Intact(version),
        (true, false) => RowState::Edited(version),
    };
    Ok(Entry {
        id: post_id(row, "post_id")?,
        path: SourcePath::new(row.get::<_, String>("path")?),
        file_digest: digest(row, "file_digest")?,
        post_digest: digest(row, "post_digest")?,
        category: row.get("category")?,
        terms_version: row.get("terms_version")?,
        row: state,
    })
}
