//! Reading other than lists: one post, the counts, the history.

use futures_util::future::{join4, join5};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Error, Row};

use super::pipeline::{Parameter, bind, borrowed};
use super::statements::Statements;
use super::{PostgresStore, decode, refused, timeout_text};
use crate::locale::Locale;
use crate::model::{NameCount, Run};
use crate::page::{Page, Position, PostKey};
use crate::post::{PostId, StoredPost};
use crate::store::{MAX_BODIES_BYTES, Result, StoreError, Text};

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
/// encoding refuses to send text that is not UTF-8, and the rest of its page with it; so it
/// sends all text unchanged. A time without a zone counts as UTC, as ORMs mean it.
const SET_FOR_READING: &str = "\
    SELECT set_config('statement_timeout', $1, true), set_config('TimeZone', 'UTC', true),
        CASE WHEN current_setting('server_encoding') = 'SQL_ASCII'
            THEN set_config('client_encoding', 'SQL_ASCII', true)
        END";

const READ_POST: &str = "read the post";
const READ_POSTS: &str = "read the posts";
const READ_HISTORY: &str = "read the history";

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
        // Tables of another version may mean something else by the same names.
        client.query_typed(&store.statements.version, &[]),
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
        Err(error) if refused::is_missing_label(store, &error).await => return Ok(Vec::new()),
        Err(error) => return Err(refused::explained(store, operation, error).await),
    };
    ended.map_err(fail)?;
    Ok(rows)
}

/// Returns the statement that reads a post by a key of this kind, and its parameter.
pub fn statement<'s>(statements: &'s Statements, key: PostKey<'_>) -> (&'s str, Vec<Parameter>) {
    let (statement, mut parameters) = match key {
        PostKey::Id(id) => (&statements.show[..], vec![bind(id.get(), Type::INT4)]),
        PostKey::Slug(slug) => (
            &statements.show_slug[..],
            vec![bind(slug.to_owned(), Type::TEXT)],
        ),
    };
    parameters.extend(statements.locale.map(of_locale));
    (statement, parameters)
}

/// Returns the parameter that has a locale as text.
pub fn of_locale(locale: Locale) -> Parameter {
    bind(locale.to_string(), Type::TEXT)
}

/// Reads one post.
pub async fn show(store: &PostgresStore, key: PostKey<'_>) -> Result<Option<(StoredPost, String)>> {
    let (statement, parameters) = statement(&store.statements, key);
    let rows = query(store, READ_POST, statement, &borrowed(&parameters)).await?;
    let Some(row) = rows.first().filter(|row| decode::is_present(row)) else {
        return Ok(None);
    };
    let id = match key {
        // Whatever the type of the column is by now, it is equal to this.
        PostKey::Id(id) => id,
        PostKey::Slug(_) => decode::found(row, READ_POST)?,
    };
    Ok(Some(post_and_body(row, id, store.statements.locale)))
}

/// Reads posts with their bodies, newest first, up to [`MAX_BODIES_BYTES`].
pub async fn posts(
    store: &PostgresStore,
    ids: &[PostId],
    locale: Option<Locale>,
) -> Result<Vec<(StoredPost, String)>> {
    let locale = locale.or(store.statements.locale);
    let parameters = bodies_parameters(ids, locale);
    let statement = &store.statements.posts;
    let rows = query(store, READ_POSTS, statement, &borrowed(&parameters)).await?;
    decode::check_rows(&rows, count(ids), READ_POSTS)?;
    // Each row goes as its text is taken.
    let present = rows.into_iter().filter(decode::is_present);
    let posts = present.map(|row| {
        Ok(post_and_body(
            &row,
            decode::found(&row, READ_POSTS)?,
            locale,
        ))
    });
    posts.collect()
}

/// Reads the texts of posts in each of these locales, by the unique index on (post_id, locale).
pub async fn texts(
    store: &PostgresStore,
    ids: &[PostId],
    locales: &[Locale],
    with_content: bool,
) -> Result<Vec<Text>> {
    const OPERATION: &str = "read the translations";
    let statement = match with_content {
        true => &store.statements.texts_with_content,
        false => &store.statements.texts,
    };
    if statement.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<i32> = ids.iter().map(|id| id.get()).collect();
    let names: Vec<String> = locales.iter().map(ToString::to_string).collect();
    let parameters = [bind(keys, Type::INT4_ARRAY), bind(names, Type::TEXT_ARRAY)];
    let rows = query(store, OPERATION, statement, &borrowed(&parameters)).await?;
    let most = count(ids).saturating_mul(i64::try_from(locales.len()).unwrap_or(i64::MAX));
    decode::check_rows(&rows, most, OPERATION)?;
    let present = rows.into_iter().filter(decode::is_present);
    let texts = present.map(|row| {
        let id = decode::found(&row, OPERATION)?;
        let locale = decode::text(&row, "locale");
        let locale = locale.as_deref().and_then(Locale::new);
        let (post, content) = match with_content {
            true => decode::fields(&row).post_and_body(id, "content"),
            false => (decode::fields(&row).post(id), None),
        };
        Ok((StoredPost { locale, ..post }, content))
    });
    texts.collect()
}

/// Reads posts with their bodies as [`posts`] does, where blogctl's tables are not there.
pub async fn untracked_posts(
    store: &PostgresStore,
    ids: &[PostId],
    locale: Option<Locale>,
) -> Result<Vec<(StoredPost, String)>> {
    let locale = locale.or(store.statements.locale);
    let parameters = bodies_parameters(ids, locale);
    let rows = untracked(store, &store.statements.untracked, &parameters).await?;
    let rows = rows.map_err(|error| store.error(READ_POSTS, error))?;
    decode::check_rows(&rows, count(ids), READ_POSTS)?;
    let posts = rows.into_iter();
    let posts = posts.map(|row| {
        Ok(post_and_body(
            &row,
            decode::found(&row, READ_POSTS)?,
            locale,
        ))
    });
    posts.collect()
}

/// Runs a reading statement that needs none of blogctl's tables; returns the server's refusal of it.
async fn untracked(
    store: &PostgresStore,
    statement: &str,
    parameters: &[Parameter],
) -> Result<std::result::Result<Vec<Row>, Error>> {
    let client = store.client();
    let timeout = timeout_text(store.options().read_timeout);
    let timeout: [(&(dyn ToSql + Sync), Type); 1] = [(&timeout, Type::TEXT)];
    let parameters = borrowed(parameters);
    let (begun, bounded, rows, ended) = join4(
        client.batch_execute(WALK),
        client.query_typed(SET_FOR_READING, &timeout),
        client.query_typed(statement, &parameters),
        client.batch_execute("COMMIT"),
    )
    .await;
    let fail = |error| store.error(READ_POSTS, error);
    begun.map_err(fail)?;
    bounded.map_err(fail)?;
    if rows.is_ok() {
        ended.map_err(fail)?;
    }
    Ok(rows)
}

/// Reads whole bodies, newest first, up to [`MAX_BODIES_BYTES`].
pub async fn bodies(store: &PostgresStore, ids: &[PostId]) -> Result<Vec<(PostId, String)>> {
    let parameters = bodies_parameters(ids, store.statements.locale);
    let statement = &store.statements.bodies;
    let rows = query(store, READ_POSTS, statement, &borrowed(&parameters)).await?;
    decode::check_rows(&rows, count(ids), READ_POSTS)?;
    let body = |row: &Row| {
        let id = decode::found(row, READ_POSTS)?;
        Ok((id, decode::text(row, "body").unwrap_or_default()))
    };
    // Each row goes as its text is taken: together they may be 48 MiB.
    rows.into_iter().map(|row| body(&row)).collect()
}

/// Returns the parameters of the statements that read bodies.
pub fn bodies_parameters(ids: &[PostId], locale: Option<Locale>) -> Vec<Parameter> {
    let ids: Vec<i32> = ids.iter().map(|id| id.get()).collect();
    let mut parameters = vec![bind(ids, Type::INT4_ARRAY), bind(most_bytes(), Type::INT8)];
    parameters.extend(locale.map(of_locale));
    parameters
}

/// Returns [`MAX_BODIES_BYTES`] as a parameter.
pub fn most_bytes() -> i64 {
    i64::try_from(MAX_BODIES_BYTES).unwrap_or(i64::MAX)
}

fn count(ids: &[PostId]) -> i64 {
    i64::try_from(ids.len()).unwrap_or(i64::MAX)
}

fn post_and_body(row: &Row, id: PostId, locale: Option<Locale>) -> (StoredPost, String) {
    let (mut post, content) = decode::fields(row).post_and_body(id, "content");
    post.locale = locale;
    (post, content.unwrap_or_default())
}

/// Reads the categories' counts.
pub async fn categories(store: &PostgresStore, locale: Option<Locale>) -> Result<Vec<NameCount>> {
    let statement = &store.statements.category_counts;
    let locale = counted_in(store, locale);
    let rows = query(store, "read the categories", statement, &borrowed(&locale)).await?;
    Ok(tallies(rows))
}

/// Reads the tags' counts.
pub async fn tags(store: &PostgresStore, locale: Option<Locale>) -> Result<Vec<NameCount>> {
    if !store.map().stores_tags() {
        return Ok(Vec::new());
    }
    let statement = &store.statements.tag_counts;
    let locale = counted_in(store, locale);
    let rows = query(store, "read the tags", statement, &borrowed(&locale)).await?;
    Ok(tallies(rows))
}

/// Returns the parameter of counts: the locale, in a blog with locales.
fn counted_in(store: &PostgresStore, locale: Option<Locale>) -> Vec<Parameter> {
    let own = store.statements.locale;
    let locale = own.map(|own| locale.unwrap_or(own));
    locale.map(of_locale).into_iter().collect()
}

fn tallies(rows: Vec<Row>) -> Vec<NameCount> {
    let tally = |row| decode::fields(row).name_count();
    rows.iter().map(tally).collect()
}

/// Reads one page of runs.
pub async fn history(store: &PostgresStore, position: Position) -> Result<Page<Run>> {
    let parameters = history_parameters(position);
    let rows = query(store, READ_HISTORY, HISTORY, &borrowed(&parameters)).await?;
    runs(&rows, position)
}

/// Returns the parameters of [`HISTORY`].
pub fn history_parameters(position: Position) -> Vec<Parameter> {
    // One more than the greatest id: the newest run is below it.
    let newest = i64::from(PostId::MAX.get()) + 1;
    let before: i64 = position.cursor.map_or(newest, |id| id.get().into());
    vec![
        bind(before, Type::INT8),
        bind(position.limit.probe(), Type::INT8),
    ]
}

/// Makes a page of the rows of [`HISTORY`].
pub fn runs(rows: &[Row], position: Position) -> Result<Page<Run>> {
    decode::check_rows(rows, position.limit.probe(), READ_HISTORY)?;
    let run = |row: &Row| {
        let id = decode::key(row, "id").map_err(|words| {
            StoreError::failed(READ_HISTORY)(format!("an id of blogctl.run {words}"))
        })?;
        Ok(id.map(|id| decode::fields(row).run(id)))
    };
    let runs = rows.iter().filter_map(|row| run(row).transpose());
    let runs = runs.collect::<Result<_>>()?;
    Ok(Page::from_probe(runs, position.limit, |run: &Run| run.id))
}
