//! Reading, beside the list: one post, the counts, the history.

use futures_util::future::join5;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::{PostgresStore, decode, refused, timeout_text};
use crate::model::{NameCount, Run};
use crate::page::{Page, Position};
use crate::post::{PostId, StoredPost};
use crate::store::{Result, StoreError};

/// Opens a reading transaction. The
/// queries here are each made for one index; a planner whose statistics are young (after a
/// first sync, say) would rather scan, or collect all that an index finds in a bitmap and sort
/// it where walking the index ends after a page; both are ruled out. So are the helpers of
/// long queries: a page takes less time than compiling it does. A time without a zone counts
/// as UTC.
pub const WALK: &str = "BEGIN READ ONLY; \
    SET LOCAL timezone = 'UTC'; \
    SET LOCAL enable_seqscan = off; \
    SET LOCAL enable_bitmapscan = off; \
    SET LOCAL max_parallel_workers_per_gather = 0; \
    SET LOCAL jit = off";

/// As [`WALK`], for the index of terms, which only ever gives bitmaps. These must stay exact:
/// a page of the table of which only a part is known would have to be read in full.
pub const GATHER: &str = "BEGIN READ ONLY; \
    SET LOCAL timezone = 'UTC'; \
    SET LOCAL enable_seqscan = off; \
    SET LOCAL work_mem = '64MB'; \
    SET LOCAL max_parallel_workers_per_gather = 0; \
    SET LOCAL jit = off";

/// As [`SET_STATEMENT_TIMEOUT`](super::SET_STATEMENT_TIMEOUT). A server whose database has no
/// encoding refuses to send what is not UTF-8, and all that stands on the page with it; so it
/// sends all as it is.
const SET_FOR_READING: &str = "\
    SELECT set_config('statement_timeout', $1, true),
        CASE WHEN current_setting('server_encoding') = 'SQL_ASCII'
            THEN set_config('client_encoding', 'SQL_ASCII', true)
        END";

/// Tables of another version may mean something else by the same names.
const VERSION: &str = "SELECT version FROM blogctl.state";

/// One post by the primary key.
pub const SHOW: &str = include_str!("read/show.sql");

/// As many rows as there are categories: the counts are kept, not made.
pub const CATEGORIES: &str = "\
    SELECT category AS name, posts FROM blogctl.category_count
    WHERE posts > 0
    ORDER BY posts DESC, category COLLATE \"C\"";

/// As [`CATEGORIES`], for the tags.
pub const TAGS: &str = "\
    SELECT t.name::text AS name, c.posts,
        CASE
            WHEN pg_typeof(t.name) IN ('text'::regtype, 'varchar'::regtype) THEN NULL
            ELSE ARRAY[pg_typeof(t.name)]::oid[]
        END AS types
    FROM blogctl.tag_count c JOIN public.tag t ON t.id = c.tag_id
    WHERE c.posts > 0
    ORDER BY c.posts DESC, t.name::text COLLATE \"C\"";

/// Keyset: WHERE id < the last one seen, ORDER BY id DESC; both by the primary key. A run that
/// another program numbered below 1 is none.
pub const HISTORY: &str = "\
    SELECT id, started_at, finished_at, created, updated, moved, removed, unchanged,
        directory, actor
    FROM blogctl.run
    WHERE id < $1 AND id >= 1
    ORDER BY id DESC
    LIMIT $2";

/// Runs one reading statement that walks indexes, in a transaction of its own, all in one
/// round trip.
pub async fn query(
    store: &PostgresStore,
    operation: &'static str,
    statement: &str,
    parameters: &[(&(dyn ToSql + Sync), Type)],
) -> Result<Vec<Row>> {
    read(store, WALK, operation, statement, parameters).await
}

/// As [`query`], for a statement that asks the index of terms.
pub async fn query_terms(
    store: &PostgresStore,
    operation: &'static str,
    statement: &str,
    parameters: &[(&(dyn ToSql + Sync), Type)],
) -> Result<Vec<Row>> {
    read(store, GATHER, operation, statement, parameters).await
}

async fn read(
    store: &PostgresStore,
    begin: &'static str,
    operation: &'static str,
    statement: &str,
    parameters: &[(&(dyn ToSql + Sync), Type)],
) -> Result<Vec<Row>> {
    let client = store.client();
    let timeout = timeout_text(store.options().read_timeout);
    let timeout: [(&(dyn ToSql + Sync), Type); 1] = [(&timeout, Type::TEXT)];
    let (begun, bounded, version, rows, ended) = join5(
        client.batch_execute(begin),
        client.query_typed(SET_FOR_READING, &timeout),
        client.query_typed(VERSION, &[]),
        client.query_typed(statement, parameters),
        client.batch_execute("COMMIT"),
    )
    .await;
    let fail = |error| store.error(operation, error);
    begun.map_err(fail)?;
    bounded.map_err(fail)?;
    store.check_state(&version.map_err(fail)?, operation)?;
    let rows = match rows {
        Ok(rows) => rows,
        Err(error) => return Err(refused::explained(store, operation, error).await),
    };
    ended.map_err(fail)?;
    Ok(rows)
}

/// Reads one post.
pub async fn show(store: &PostgresStore, id: PostId) -> Result<Option<(StoredPost, String)>> {
    let rows = query(store, "read the post", SHOW, &[(&id.get(), Type::INT4)]).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let (post, content) = decode::fields(row).post_and_body(id, "content");
    Ok(Some((post, content.unwrap_or_default())))
}

/// Reads the categories' counts.
pub async fn categories(store: &PostgresStore) -> Result<Vec<NameCount>> {
    Ok(tallies(
        query(store, "read the categories", CATEGORIES, &[]).await?,
    ))
}

/// Reads the tags' counts.
pub async fn tags(store: &PostgresStore) -> Result<Vec<NameCount>> {
    Ok(tallies(query(store, "read the tags", TAGS, &[]).await?))
}

fn tallies(rows: Vec<Row>) -> Vec<NameCount> {
    let tally = |row| decode::fields(row).tally();
    rows.iter().map(tally).collect()
}

/// Reads one page of runs.
pub async fn history(store: &PostgresStore, position: Position) -> Result<Page<Run>> {
    const OPERATION: &str = "read the history";
    // One more than the greatest id: the newest run is below it.
    let newest = i64::from(PostId::MAX.get()) + 1;
    let before = position.cursor.map_or(newest, |id| id.get().into());
    let limit = position.limit.probe();
    let parameters: [(&(dyn ToSql + Sync), Type); 2] =
        [(&before, Type::INT8), (&limit, Type::INT8)];
    let rows = query(store, OPERATION, HISTORY, &parameters).await?;
    decode::check_rows(&rows, limit, OPERATION)?;
    let run = |row: &Row| {
        let id = decode::key(row, "id").map_err(|words| {
            StoreError::failed(OPERATION)(format!("an id of blogctl.run {words}"))
        })?;
        Ok(id.map(|id| decode::fields(row).run(id)))
    };
    let runs = rows.iter().filter_map(|row| run(row).transpose());
    let runs = runs.collect::<Result<_>>()?;
    Ok(Page::from_probe(runs, position.limit, |run: &Run| run.id))
}
