//! Tables that are none, and triggers that are not blogctl's.
//!
//! A database file can come with a repository. A view or a virtual table under the name of one of
//! the tables would have a statement do something else than what it says, and a trigger
//! something more.

use std::path::Path;

use rusqlite::Connection;

use super::error::{failed, unreachable};
use super::migrations::SCHEMA;
use crate::store::Result;

/// The application's tables, in whose file blogctl may be a guest.
const SHARED: [&str; 4] = ["post", "tag", "post_tag", "post_translation"];
/// The tables that are virtual.
const SEARCH: [&str; 2] = ["blogctl_search", "blogctl_translation_search"];

/// All that has to do with a table of ours, by its own name or by its table's.
const OBJECTS: &str = "
    SELECT type, name, tbl_name, coalesce(rootpage, 0) AS rootpage, coalesce(sql, '') AS sql
    FROM sqlite_schema
    WHERE lower(tbl_name) IN ('post', 'tag', 'post_tag', 'post_translation')
       OR lower(tbl_name) GLOB 'blogctl_*'
       OR lower(name) IN ('post', 'tag', 'post_tag', 'post_translation')
       OR lower(name) GLOB 'blogctl_*'";

/// An object of the database that blogctl does not work with.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Foreign(String);

struct Object {
    kind: String,
    name: String,
    table: String,
    rootpage: i64,
    sql: String,
}

/// Refuses a file in which one of the tables is a view or a virtual table, or has a trigger that
/// blogctl did not make. Where the file is another program's as well, triggers of that program on
/// its own tables are none of blogctl's business.
///
/// # Errors
/// [`StoreError::Unreachable`](crate::store::StoreError::Unreachable), which names the object.
pub(super) fn check(connection: &Connection, own: bool) -> Result<()> {
    let objects = || {
        connection
            .prepare_cached(OBJECTS)?
            .query_map([], |row| {
                Ok(Object {
                    kind: row.get("type")?,
                    name: row.get("name")?,
                    table: row.get("tbl_name")?,
                    rootpage: row.get("rootpage")?,
                    sql: row.get("sql")?,
                })
            })?
            .map(|object| object.map(|object| wrong(&object, own)))
            .find_map(rusqlite::Result::transpose)
            .transpose()
    };
    match objects().map_err(failed(connection, "read the tables of the store"))? {
        None => Ok(()),
        Some(what) => Err(unreachable(
            Path::new(connection.path().unwrap_or_default()),
            Some("drop it, or name another database with `--database sqlite:PATH`"),
            Foreign(what),
        )),
    }
}

/// Returns what is wrong with an object, if anything is.
fn wrong(object: &Object, own: bool) -> Option<String> {
    let Object {
        kind, name, table, ..
    } = object;
    match kind.as_str() {
        "index" => None,
        "table" if object.rootpage > 0 => None,
        "table"
            if SEARCH.contains(&name.as_str()) && is_in_schema("VIRTUAL TABLE", &object.sql) =>
        {
            None
        }
        "table" => Some(format!("`{name}` is a virtual table of another kind")),
        "trigger" if is_in_schema("TRIGGER", &object.sql) => None,
        "trigger" => {
            let is_shared = SHARED
                .iter()
                .any(|shared| table.eq_ignore_ascii_case(shared));
            let poses = name.to_ascii_lowercase().starts_with("blogctl_");
            (own || poses || !is_shared)
                .then(|| format!("`{table}` has a trigger that is not blogctl's: `{name}`"))
        }
        other => Some(format!("`{name}` is a {other}, not a table")),
    }
}

/// Returns whether the schema makes this very thing; SQLite keeps the statement from the name on.
fn is_in_schema(kind: &str, sql: &str) -> bool {
    let begin = format!("CREATE {kind} ");
    sql.strip_prefix(&begin)
        .is_some_and(|rest| SCHEMA.contains(&format!("{begin}IF NOT EXISTS {rest};")))
}
