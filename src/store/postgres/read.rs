//! Reading, beside the list: one post, the counts, the history.

use futures_util::future::join5;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::texts::Texts;
use super::{PostgresStore, SET_STATEMENT_TIMEOUT, timeout_text};
use crate::page::{Page, Position};
use crate::post::{PostId, SourcePath, StoredPost};
use crate::store::{Counts, Result, Run, RunRecord, StoreError, Tally};

/// Opens a reading transaction. The
/// queries here are each made for one index; a planner whose statistics are young (after a
/// first sync, say) would rather scan, or collect all that an index finds in a bitmap and sort
/// it where walking the index ends after a page; both are ruled out. So are the helpers of
/// long queries: a page takes less time than compiling it does.
pub const WALK: &str = "BEGIN READ ONLY; \
    SET LOCAL enable_seqscan = off; \
    SET LOCAL enable_bitmapscan = off; \
    SET LOCAL max_parallel_workers_per_gather = 0; \
    SET LOCAL jit = off";

/// As [`WALK`], for the index of terms, which only ever gives bitmaps. These must stay exact:
/// a page of the table of which only a part is known would have to be read in full.
pub const GATHER: &str = "BEGIN READ ONLY; \
    SET LOCAL enable_seqscan = off; \
    SET LOCAL work_mem = '64MB'; \
    SET LOCAL max_parallel_workers_per_gather = 0; \
    SET LOCAL jit = off";

/// Tables of another version may mean something else by the same names.
const VERSION: &str = "SELECT version FROM blogctl.state";

/// One post by the primary key. LIMIT keeps each tag's name one look by its key.
pub const SHOW: &str = "\
    SELECT p.id, p.title, p.description, p.category, p.image, p.created_at, p.updated_at,
        p.word_count, coalesce(p.content, '') AS content,
        ARRAY(
            SELECT t.name::text
            FROM public.post_tag pt
            CROSS JOIN LATERAL (
                SELECT t.name FROM public.tag t WHERE t.id = pt.tag_id LIMIT 1
            ) t
            WHERE pt.post_id = p.id
            ORDER BY t.name COLLATE \"C\"
        ) AS tags,
        (SELECT s.path FROM blogctl.source s WHERE s.post_id = p.id) AS path
    FROM public.post p
    WHERE p.id = $1";

/// As many rows as there are categories: the counts are kept, not made.
pub const CATEGORIES: &str = "\
    SELECT category AS name, posts FROM blogctl.category_count
    WHERE posts > 0
    ORDER BY posts DESC, category COLLATE \"C\"";

/// As [`CATEGORIES`], for the tags.
pub const TAGS: &str = "\
    SELECT t.name::text AS name, c.posts
    FROM blogctl.tag_count c JOIN public.tag t ON t.id = c.tag_id
    WHERE c.posts > 0
    ORDER BY c.posts DESC, t.name COLLATE \"C\"";

/// Keyset: WHERE id < the last one seen, ORDER BY id DESC; both by the primary key.
pub const HISTORY: &str = "\
    SELECT id, started_at, finished_at, created, updated, moved, removed, unchanged,
        directory, actor
    FROM blogctl.run
    WHERE id < $1
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
        client.query_typed(SET_STATEMENT_TIMEOUT, &timeout),
        client.query_typed(VERSION, &[]),
        client.query_typed(statement, parameters),
        client.batch_execute("COMMIT"),
    )
    .await;
    let fail = |error| store.error(operation, error);
    begun.map_err(fail)?;
    bounded.map_err(fail)?;
    match version.map_err(fail)?.first() {
        Some(row) => store.check_version(row.get("version"))?,
        None => return Err(StoreError::failed(operation)("blogctl.state has no row")),
    }
    let rows = rows.map_err(fail)?;
    ended.map_err(fail)?;
    Ok(rows)
}

/// Reads one post.
pub async fn show(store: &PostgresStore, id: PostId) -> Result<Option<(StoredPost, String)>> {
    let rows = query(store, "read the post", SHOW, &[(&id.get(), Type::INT4)]).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(stored_post(row).map(|post| (post, row.get("content"))))
}

/// Reads the categories' counts.
pub async fn categories(store: &PostgresStore) -> Result<Vec<Tally>> {
    Ok(tallies(
        query(store, "read the categories", CATEGORIES, &[]).await?,
    ))
}

/// Reads the tags' counts.
pub async fn tags(store: &PostgresStore) -> Result<Vec<Tally>> {
    Ok(tallies(query(store, "read the tags", TAGS, &[]).await?))
}

fn tallies(rows: Vec<Row>) -> Vec<Tally> {
    let tally = |row: &Row| Tally {
        name: row.get("name"),
        posts: row.get("posts"),
    };
    rows.iter().map(tally).collect()
}

/// Reads one page of runs.
pub async fn history(store: &PostgresStore, position: Position) -> Result<Page<Run>> {
    const OPERATION: &str = "read the history";
    let before = i64::from(position.cursor.map_or(i32::MAX, PostId::get));
    let limit = position.limit.probe();
    let parameters: [(&(dyn ToSql + Sync), Type); 2] =
        [(&before, Type::INT8), (&limit, Type::INT8)];
    let rows = query(store, OPERATION, HISTORY, &parameters).await?;
    let runs = rows.iter().map(run).collect::<Option<Vec<_>>>();
    let runs = runs.ok_or_else(|| StoreError::failed(OPERATION)("a run has an id below 1"))?;
    Ok(Page::from_probe(runs, position.limit, |run| run.id))
}

fn run(row: &Row) -> Option<Run> {
    // The columns are integers that only ever hold counts.
    let count = |name| u32::try_from(row.get::<_, i32>(name)).unwrap_or_default();
    Some(Run {
        id: PostId::new(row.get::<_, i32>("id").into())?,
        record: RunRecord {
            started_at: row.get("started_at"),
            finished_at: row.get("finished_at"),
            counts: Counts {
                created: count("created"),
                updated: count("updated"),
                moved: count("moved"),
                removed: count("removed"),
                unchanged: count("unchanged"),
            },
            directory: row.get("directory"),
            actor: row.get("actor"),
        },
    })
}

/// A row of `post`; `None` for a key that no file could state.
pub fn stored_post(row: &Row) -> Option<StoredPost> {
    Some(StoredPost {
        id: PostId::new(row.get::<_, i32>("id").into())?,
        title: row.get("title"),
        description: row.get("description"),
        category: row.get("category"),
        tags: row.get::<_, Texts>("tags").0,
        image: row.get("image"),
        created_at: row.get("created_at"),
        updated_at: row.get("updated_at"),
        word_count: row.get("word_count"),
        path: row.get::<_, Option<String>>("path").map(SourcePath::new),
    })
}
