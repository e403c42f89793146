//! The index of the store's posts.

mod texts;

use rusqlite::{Connection, Row};

use super::catalog::has_column;
use super::error::failed;
use super::rows::{digest, kept};
use super::schema;
use super::statements::ENTRIES;
use crate::index::{Entry, ForeignRow, Index, RowState, RowVersion};
use crate::locale::{Locale, Locales};
use crate::post::{Field, FieldSet, PostId, SourcePath};
use crate::store::fields::{integer, short_text};
use crate::store::{Result, StoreError};

const OPERATION: &str = "read the index";
const TABLE: &str = "blogctl_source";

/// A row that blogctl did not write has no count of touches. That it changed between the
/// index and the transaction is seen from the file's version as a whole.
pub(super) const FOREIGN: RowVersion = RowVersion(0);

/// Reads the index of a store with tables, in the caller's transaction.
pub(super) fn read(connection: &Connection, locales: Option<&Locales>) -> Result<Index> {
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
    let posts = Index {
        generation: Some(generation),
        entries,
        foreign,
        ..Index::default()
    };
    match locales {
        None => Ok(without_locales(posts)),
        Some(locales) => texts::complete(connection, posts, locales, failed(connection, OPERATION)),
    }
}

/// Leaves out the locales that the blog had once.
fn without_locales(mut index: Index) -> Index {
    for entry in &mut index.entries {
        entry.locale = None;
    }
    index
}

/// Reads the index of a store without blogctl's tables: the posts that another program
/// keeps there, if it has any.
pub(super) fn of_strangers(connection: &Connection, has_locales: bool) -> Result<Index> {
    let rows = || {
        // Its columns are another program's, and may not all be there yet.
        let mut rows = if !has_column(connection, "post", "id")? {
            Vec::new()
        } else if has_column(connection, "post", "category")? {
            foreign(connection, "SELECT id, category FROM post")?
        } else {
            foreign(connection, "SELECT id, NULL AS category FROM post")?
        };
        if has_locales {
            rows.extend(texts::of_strangers(connection)?);
        }
        Ok(rows)
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
            locale: None,
            category: kept(row, "category", short_text).ok(),
            version: FOREIGN,
        }))
    })?;
    rows.filter_map(rusqlite::Result::transpose).collect()
}

fn entry(row: &Row<'_>) -> Result<Entry> {
    let id: i64 = kept(row, "post_id", integer)
        .map_err(|words| damaged(TABLE, "a post", "post_id", &words))?;
    let post = format!("post {id}");
    let read = |column, words: String| damaged(TABLE, &post, column, &words);
    Ok(Entry {
        id: PostId::new(id).ok_or_else(|| read("post_id", "is no id of a post".into()))?,
        locale: kept(row, "main_locale", short_text)
            .ok()
            .and_then(|name| Locale::new(&name)),
        is_main: true,
        text_digest: None,
        made_from: None,
        path: kept(row, "path", short_text)
            .map(SourcePath::new)
            .map_err(|words| read("path", words))?,
        file_digest: digest(row, "file_digest").map_err(|words| read("file_digest", words))?,
        post_digest: digest(row, "post_digest").map_err(|words| read("post_digest", words))?,
        stated: stated(&kept(row, "stated", short_text).map_err(|words| read("stated", words))?),
        has_others: kept(row, "has_others", integer) == Ok(1),
        category: kept(row, "category", short_text).ok(),
        terms_version: kept(row, "terms_version", integer)
            .map_err(|words| read("terms_version", words))?,
        row: row_state(row).map_err(|words| read("touches", words))?,
    })
}

/// Reads the state of a row that blogctl wrote: the columns `present`, `intact` and `touches`.
///
/// # Errors
/// A description of what `touches` holds instead, in words that end a sentence.
fn row_state(row: &Row<'_>) -> std::result::Result<RowState, String> {
    let version = RowVersion(kept(row, "touches", integer)?);
    let is = |column| kept(row, column, integer) == Ok(1);
    // Whatever is not plainly as it was written counts as edited.
    Ok(match (is("present"), is("intact")) {
        (false, _) => RowState::Missing,
        (true, true) => RowState::Intact(version),
        (true, false) => RowState::Edited(version),
    })
}

/// Returns the fields that a JSON array names, found as the statements find them.
fn stated(names: &str) -> FieldSet {
    let is_named = |field: &Field| names.contains(&format!("\"{field}\""));
    Field::ALL.into_iter().filter(is_named).collect()
}

/// A line of one of blogctl's tables that blogctl never wrote so.
fn damaged(table: &'static str, row: &str, column: &str, words: &str) -> StoreError {
    let help = match table {
        TABLE => {
            "delete this line of blogctl_source: the post then counts as one that blogctl did not \
             write, and `sync --force` takes it over"
        }
        _ => {
            "delete this line of blogctl_translation: the translation then counts as one that \
             blogctl did not write, and `sync --force` takes it over"
        }
    };
    StoreError::Tables {
        operation: OPERATION,
        what: format!("{table}: {column} of {row} {words}"),
        help,
        source: "another program wrote to blogctl's own tables".into(),
    }
}
