//! Rows to the types that all share.

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ValueRef};
use rusqlite::{Connection, Row, named_params};

use crate::page::{Page, Position};
use crate::post::{Digest, PostId, SourcePath, StoredPost};
use crate::store::{Counts, Run, RunRecord, Tally};

/// Above every id that a post or a run can have: one more than [`PostId::MAX`].
pub(super) const ABOVE_ALL: i64 = 1 << 31;

/// A timestamp as the store keeps it: microseconds since 1970.
struct Micros(Timestamp);

impl FromSql for Micros {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let micros = value.as_i64()?;
        // In two parts: `from_microsecond` refuses the last second that can be written.
        let second = micros.div_euclid(1_000_000);
        let nanosecond = micros.rem_euclid(1_000_000) as i32 * 1000;
        Timestamp::new(second, nanosecond)
            .map(Self)
            .map_err(|_| FromSqlError::OutOfRange(micros))
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

struct Hash(Digest);

impl FromSql for Hash {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = value.as_blob()?;
        Digest::from_bytes(bytes)
            .map(Self)
            .ok_or(FromSqlError::InvalidBlobSize {
                expected_size: Digest::LEN,
                blob_size: bytes.len(),
            })
    }
}

/// The names that `json_group_array` made of a post's tags, sorted by bytes.
struct Tags(Vec<String>);

impl FromSql for Tags {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let mut names: Vec<String> =
            serde_json::from_str(value.as_str()?).map_err(FromSqlError::other)?;
        names.sort_unstable();
        Ok(Self(names))
    }
}

pub(super) fn post_id(row: &Row<'_>, column: &str) -> rusqlite::Result<PostId> {
    row.get(column).map(|Id(id)| id)
}

pub(super) fn digest(row: &Row<'_>, column: &str) -> rusqlite::Result<Digest> {
    row.get(column).map(|Hash(digest)| digest)
}

fn timestamp(row: &Row<'_>, column: &str) -> rusqlite::Result<Timestamp> {
    row.get(column).map(|Micros(at)| at)
}

/// Reads the columns of `list/columns.sql`.
pub(super) fn stored_post(row: &Row<'_>) -> rusqlite::Result<StoredPost> {
    let optional = |column| -> rusqlite::Result<_> {
        Ok(row.get::<_, Option<Micros>>(column)?.map(|Micros(at)| at))
    };
    Ok(StoredPost {
        id: post_id(row, "id")?,
        title: row.get("title")?,
        description: row.get("description")?,
        category: row.get("category")?,
        tags: row.get::<_, Tags>("tags")?.0,
        image: row.get("image")?,
        created_at: optional("created_at")?,
        updated_at: optional("updated_at")?,
        word_count: row.get("word_count")?,
        path: row.get::<_, Option<String>>("path")?.map(SourcePath::new),
    })
}

/// Reads names and counts.
pub(super) fn tallies(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<Tally>> {
    connection
        .prepare_cached(sql)?
        .query_map([], |row| {
            Ok(Tally {
                name: row.get(0)?,
                posts: row.get(1)?,
            })
        })?
        .collect()
}

/// Reads one page of the runs, newest first.
pub(super) fn runs(connection: &Connection, position: Position) -> rusqlite::Result<Page<Run>> {
    let runs = connection
        .prepare_cached(
            // The keyset: `id` alone is unique, so that no tie is left to break.
            "SELECT * FROM blogctl_run WHERE id < :upper ORDER BY id DESC LIMIT :rows",
        )?
        .query_map(
            named_params! {
                ":upper": position.cursor.map_or(ABOVE_ALL, |id| id.get().into()),
                ":rows": position.limit.probe(),
            },
            run,
        )?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Page::from_probe(runs, position.limit, |run: &Run| run.id))
}

fn run(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: post_id(row, "id")?,
        record: RunRecord {
            started_at: timestamp(row, "started_at")?,
            finished_at: timestamp(row, "finished_at")?,
            counts: Counts {
                created: row.get("created")?,
                updated: row.get("updated")?,
                moved: row.get("moved")?,
                removed: row.get("removed")?,
                unchanged: row.get("unchanged")?,
            },
            directory: row.get("directory")?,
            actor: row.get("actor")?,
        },
    })
}
