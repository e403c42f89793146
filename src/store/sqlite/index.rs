//! The index of the store's posts.

use rusqlite::{Connection, Row};

use super::catalog::has_column;
use super::error::failed;
use super::rows::{digest, kept};
use super::schema;
use super::statements::ENTRIES;
use crate::index::{Entry, ForeignRow, Index, RowState, RowVersion};
use crate::post::{Field, FieldSet, PostId, SourcePath};
use crate::store::fields::{integer, short_text};
use crate::store::{Result, StoreError};

const OPERATION: &str = "read the index";

/// A row that blogctl did not write has no count of touches. That it changed between the
/// index and the transaction is seen from the file's version as a whole.
pub(super) const FOREIGN: RowVersion = RowVersion(0);

/// Reads the index of a store with tables, in the caller's transaction.
pub(super) fn read(connection: &Connection) -> Result<Index> {
    let generation = schema::generation(connection)?;
    let rows = || -> rusqlite::Result<_> {
        let entries = connection
            .prepare_cached(&ENTRIES)?
            .query_map([], |row| Ok(entry(row)))?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        let foreign = foreign(
            connection,
            "SELECT id, category FROM post
             WHERE NOT EXISTS (SELECT 1 FROM blogctl_source WHERE post_id = post.id)",
        )?;
        Ok((entries, foreign))
    };
    let (entries, foreign) = rows().map_err(failed(connection, OPERATION))?;
    let entries = entries.into_iter().collect::<Result<_>>()?;
    Ok(Index {
        generation: Some(generation),
        entries,
        foreign,
        catalog: None,
    })
}

/// Reads the index of a store without blogctl's tables: the posts that another program
/// keeps there, if it has any.
pub(super) fn of_strangers(connection: &Connection) -> Result<Index> {
    let rows = || {
        // Its columns are another program's, and may not all be there yet.
        if !has_column(connection, "post", "id")? {
            Ok(Vec::new())
        } else if has_column(connection, "post", "category")? {
            foreign(connection, "SELECT id, category FROM post")
        } else {
            foreign(connection, "SELECT id, NULL AS category FROM post")
        }
    };
    Ok(Index {
        foreign: rows().map_err(failed(connection, OPERATION))?,
        ..Index::default()
    })
}

fn foreign(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<ForeignRow>> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        // A table of another program's making may hold ids that no file can have.
        let id = kept(row, "id", integer).ok().and_then(PostId::new);
        Ok(id.map(|id| ForeignRow {
            id,
            category: kept(row, "category", short_text).ok(),
            version: FOREIGN,
        }))
    })?;
    rows.filter_map(rusqlite::Result::transpose).collect()
}

fn entry(row: &Row<'_>) -> Result<Entry> {
    let id: i64 =
        kept(row, "post_id", integer).map_err(|words| damaged("a post", "post_id", &words))?;
    let post = format!("post {id}");
    let read = |column, words: String| damaged(&post, column, &words);
    let touches = kept(row, "touches", integer).map_err(|words| read("touches", words))?;
    let is = |column| kept(row, column, integer) == Ok(1);
    let version = RowVersion(touches);
    Ok(Entry {
        id: PostId::new(id).ok_or_else(|| read("post_id", "is no id of a post".into()))?,
        path: kept(row, "path", short_text)
            .map(SourcePath::new)
            .map_err(|words| read("path", words))?,
        file_digest: digest(row, "file_digest").map_err(|words| read("file_digest", words))?,
        post_digest: digest(row, "post_digest").map_err(|words| read("post_digest", words))?,
        stated: stated(&kept(row, "stated", short_text).map_err(|words| read("stated", words))?),
        has_others: is("has_others"),
        category: kept(row, "category", short_text).ok(),
        terms_version: kept(row, "terms_version", integer)
            .map_err(|words| read("terms_version", words))?,
        // Whatever is not plainly as it was written counts as edited.
        row: match (is("present"), is("intact")) {
            (false, _) => RowState::Missing,
            (true, true) => RowState::Intact(version),
            (true, false) => RowState::Edited(version),
        },
    })
}

/// Returns the fields that a JSON array names, found as the statements find them.
fn stated(names: &str) -> FieldSet {
    let is_named = |field: &Field| names.contains(&format!("\"{field}\""));
    Field::ALL.into_iter().filter(is_named).collect()
}

/// A line of `blogctl_source` that blogctl never wrote so.
fn damaged(post: &str, column: &str, words: &str) -> StoreError {
    StoreError::Tables {
        operation: OPERATION,
        what: format!("blogctl_source: {column} of {post} {words}"),
        help: "delete this line of blogctl_source: the post then counts as one that blogctl \
            did not write, and `sync --force` takes it over",
        source: "another program wrote to blogctl's own tables".into(),
    }
}
