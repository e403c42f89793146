//! Reading what a plan needs.

use futures_util::future::{join, join4, join5};
use futures_util::{TryStreamExt, pin_mut};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Error, Row};

use super::{PostgresStore, SET_STATEMENT_TIMEOUT, is_schema_absent, timeout_text};
use crate::index::{Entry, ForeignRow, Generation, Index, RowState, RowVersion};
use crate::post::{Digest, PostId, SourcePath};
use crate::store::{Result, StoreError};

const OPERATION: &str = "read the index";

/// One snapshot for both statements.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

const STATE: &str = "SELECT version, generation FROM blogctl.state";

/// Rows of a table that was there before blogctl's; none, and nothing read, where blogctl's
/// are there. Its columns may be of any type yet, and `category` may be missing: then the
/// name means the one beside it.
const FOREIGN: &str = "\
    SELECT p.id, p.category, p.version
    FROM (SELECT NULL::text AS category) AS absent
    CROSS JOIN LATERAL (
        SELECT post.id::text AS id, category::text AS category, post.xmin::text::bigint AS version
        FROM public.post
        WHERE to_regclass('blogctl.state') IS NULL
    ) p";

/// Reads the index in one round trip; returns beside it whether untouched rows bear another
/// version than the one kept.
pub async fn read(store: &PostgresStore) -> Result<(Index, bool)> {
    let client = store.client();
    let timeout = timeout_text(store.options().write_timeout);
    let timeout: [(&(dyn ToSql + Sync), Type); 1] = [(&timeout, Type::TEXT)];
    let ((begun, bounded), state, index, ended, strangers) = join5(
        join(
            client.batch_execute(BEGIN),
            client.query_typed(SET_STATEMENT_TIMEOUT, &timeout),
        ),
        client.query_typed(STATE, &[]),
        entries(store),
        client.batch_execute("COMMIT"),
        // Asked in any case, so that a first sync need not wait once more; in a transaction
        // of its own, since the other one ends where there are no tables.
        join4(
            client.batch_execute(BEGIN),
            client.query_typed(SET_STATEMENT_TIMEOUT, &timeout),
            client.query_typed(FOREIGN, &[]),
            client.batch_execute("COMMIT"),
        ),
    )
    .await;
    let (_, _, strangers, _) = strangers;
    let fail = |error| store.error(OPERATION, error);
    begun.map_err(fail)?;
    bounded.map_err(fail)?;
    let state = match state {
        Err(error) if is_schema_absent(&error) => {
            return Ok((foreign_only(store, strangers)?, false));
        }
        state => state.map_err(fail)?,
    };
    let Some(state) = state.first() else {
        return Err(StoreError::failed(OPERATION)("blogctl.state has no row"));
    };
    store.check_version(state.get("version"))?;
    let (mut index, stale_versions) = index?;
    ended.map_err(fail)?;
    index.generation = Some(Generation(state.get("generation")));
    Ok((index, stale_versions))
}

/// Streams the rows, so that they are held once.
async fn entries(store: &PostgresStore) -> Result<(Index, bool)> {
    let fail = |error| store.error(OPERATION, error);
    let no_parameters: [(i32, Type); 0] = [];
    let statement = include_str!("index.sql");
    let rows = store.client().query_typed_raw(statement, no_parameters);
    let rows = rows.await.map_err(fail)?;
    pin_mut!(rows);
    let mut index = Index::default();
    let mut stale_versions = false;
    while let Some(row) = rows.try_next().await.map_err(fail)? {
        let version = row.get::<_, Option<i64>>("version").map(RowVersion);
        match row.get::<_, Option<i32>>("post_id") {
            None => index.foreign.extend(foreign_row(&row, row.get("row_id"))),
            Some(id) => {
                let intact = row.get::<_, Option<bool>>("intact") == Some(true);
                stale_versions |= intact && row.get::<_, Option<bool>>("untouched") == Some(false);
                index.entries.push(Entry {
                    id: post_id(id)?,
                    path: SourcePath::new(row.get::<_, String>("path")),
                    file_digest: digest(row.get("file_digest"))?,
                    post_digest: digest(row.get("post_digest"))?,
                    category: row.get("category"),
                    terms_version: row.get("terms_version"),
                    row: match version {
                        None => RowState::Missing,
                        Some(version) if intact => RowState::Intact(version),
                        Some(version) => RowState::Edited(version),
                    },
                });
            }
        }
    }
    Ok((index, stale_versions))
}

/// The index of a database that no sync has written to yet.
fn foreign_only(
    store: &PostgresStore,
    strangers: std::result::Result<Vec<Row>, Error>,
) -> Result<Index> {
    let rows = match strangers {
        Err(error) if is_schema_absent(&error) => vec![],
        rows => rows.map_err(|error| store.error(OPERATION, error))?,
    };
    Ok(Index {
        foreign: rows
            .iter()
            .filter_map(|row| foreign_row(row, row.get::<_, &str>("id").parse().ok()?))
            .collect(),
        ..Index::default()
    })
}

/// A row that blogctl did not write; `None` for a key that no file could state.
fn foreign_row(row: &Row, id: i32) -> Option<ForeignRow> {
    Some(ForeignRow {
        id: PostId::new(id.into())?,
        category: row.get("category"),
        version: RowVersion(row.get("version")),
    })
}

fn post_id(id: i32) -> Result<PostId> {
    PostId::new(id.into()).ok_or_else(|| damaged("an id below 1"))
}

fn digest(bytes: &[u8]) -> Result<Digest> {
    Digest::from_bytes(bytes).ok_or_else(|| damaged("a digest of a wrong length"))
}

fn damaged(what: &'static str) -> StoreError {
    StoreError::failed(OPERATION)(format!("blogctl.source holds {what}"))
}
