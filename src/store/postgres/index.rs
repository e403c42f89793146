//! Reading what a plan needs.

use futures_util::future::{join, join3, join5};
use futures_util::{TryStreamExt, pin_mut};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Error, Row};

use super::decode::Array;
use super::lock::lock_timeout_text;
use super::{PostgresStore, catalog, decode, is_schema_absent, refused, timeout_text};
use crate::catalog::Catalog;
use crate::finding::Level;
use crate::index::{Entry, ForeignRow, Generation, Index, RowState, RowVersion};
use crate::locale::Locale;
use crate::post::{Digest, FieldSet, PostId, SourcePath};
use crate::preflight;
use crate::store::{Result, StoreError};

mod translations;

const OPERATION: &str = "read the index";

/// One snapshot for both statements.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Bounds each statement and each wait for a lock. A time without a zone counts as UTC, as ORMs
/// mean it.
const SET: &str = "\
    SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true),
        set_config('TimeZone', 'UTC', true)";

const COUNTED_LOCALES: &str = "SELECT locale FROM blogctl.locale_count";

/// The answer to everything that a plan needs to know.
pub struct Read {
    /// The index.
    pub index: Index,
    /// True if untouched rows have another version than the one kept for them.
    pub stale_versions: bool,
}

/// Reads the index and the catalog in one round trip.
///
/// # Errors
/// [`StoreError::Unfit`] if nothing can be published into the tables as they are.
pub async fn read(store: &PostgresStore) -> Result<Read> {
    let client = store.client();
    let timeout = timeout_text(store.options().write_timeout);
    let lock_timeout = lock_timeout_text(store.options().lock_timeout);
    let timeouts: [(&(dyn ToSql + Sync), Type); 2] =
        [(&timeout, Type::TEXT), (&lock_timeout, Type::TEXT)];
    let ((begun, bounded), state, index, ended, tables) = join5(
        join(
            client.batch_execute(BEGIN),
            client.query_typed(SET, &timeouts),
        ),
        client.query_typed(&store.statements.state, &[]),
        entries(store),
        client.batch_execute("COMMIT"),
        // In a transaction of its own, since the other one ends where there are no records yet.
        // A first sync asks for the rows of an adopted table here, so that it need not wait once
        // more.
        join5(
            client.batch_execute(BEGIN),
            client.query_typed(SET, &timeouts),
            catalog::ask(client, store.map()),
            join(
                client.query_typed(&store.statements.foreign, &[]),
                foreign_translations(store),
            ),
            client.batch_execute("COMMIT"),
        ),
    )
    .await;
    let (_, _, catalog, (strangers, strange_texts), _) = tables;
    let fail = |error| store.error(OPERATION, error);
    begun.map_err(fail)?;
    bounded.map_err(fail)?;
    let state = match state {
        Err(error) if is_schema_absent(&error) => None,
        state => Some(state.map_err(fail)?),
    };
    if let Some(state) = &state {
        store.check_state(state, OPERATION)?;
    }
    let catalog = catalog::read(&catalog.map_err(fail)?)?;
    check(store, &catalog, state.is_some())?;
    let Some(state) = state else {
        let has_posts = strangers.is_ok();
        let mut index = foreign_only(store, strangers)?;
        if has_posts {
            let texts = foreign_only(store, strange_texts)?;
            index.foreign.extend(texts.foreign);
        }
        index.catalog = Some(catalog);
        return Ok(Read {
            index,
            stale_versions: false,
        });
    };
    let (mut index, stale_versions) = match index {
        Ok(index) => index,
        Err(Unread::Refused(error)) => {
            return Err(refused::explained(store, OPERATION, error).await);
        }
        Err(Unread::Damaged(error)) => return Err(error),
    };
    ended.map_err(fail)?;
    let generation = decode::state(&state, "generation", OPERATION)?;
    index.generation = Some(Generation(generation));
    index.catalog = Some(catalog);
    Ok(Read {
        index,
        stale_versions,
    })
}

/// Refuses tables into which nothing can be published as they are.
pub(super) fn check(store: &PostgresStore, catalog: &Catalog, has_records: bool) -> Result<()> {
    let mut findings = preflight::judge(catalog, store.map(), has_records);
    findings.retain(|finding| finding.level == Level::Error);
    if findings.is_empty() {
        Ok(())
    } else {
        Err(StoreError::Unfit { findings })
    }
}

/// The reason why the entries could not be read.
pub(super) enum Unread {
    /// The server refused the statement.
    Refused(Error),
    /// A row holds what blogctl never wrote.
    Damaged(StoreError),
}

impl From<Error> for Unread {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<StoreError> for Unread {
    fn from(error: StoreError) -> Self {
        Self::Damaged(error)
    }
}

/// Reads the rows that blogctl wrote, and those that it did not.
pub(super) async fn entries(store: &PostgresStore) -> std::result::Result<(Index, bool), Unread> {
    if !store.map().has_translations() {
        return posts(store).await;
    }
    let (posts, texts, counted) = join3(
        posts(store),
        translations::read(store),
        store.client().query_typed(COUNTED_LOCALES, &[]),
    )
    .await;
    let ((index, stale_posts), texts) = (posts?, texts?);
    let stale_versions = stale_posts || texts.stale_versions;
    let mut index = texts.complete(store, index);
    let counted: Vec<Option<String>> = counted?
        .iter()
        .map(|row| decode::text(row, "locale"))
        .collect();
    let is_new = |locale: &Locale| !counted.iter().flatten().any(|name| name == locale.as_str());
    let locales = store.map().locales();
    index.has_new_locale = locales.is_some_and(|locales| locales.all().iter().any(is_new));
    Ok((index, stale_versions))
}

/// Reads the rows of posts. Streams them, so that they are held once.
async fn posts(store: &PostgresStore) -> std::result::Result<(Index, bool), Unread> {
    let no_parameters: [(i32, Type); 0] = [];
    let statement = &store.statements.index;
    let rows = store.client().query_typed_raw(statement, no_parameters);
    let rows = rows.await?;
    pin_mut!(rows);
    let mut index = Index::default();
    let mut stale_versions = false;
    while let Some(row) = rows.try_next().await? {
        // A row without a version is none: the table joined with has no such row.
        let version: Option<i64> =
            decode::value(&row, "version").map_err(|words| damaged_row("xmin", &words))?;
        let version = version.map(RowVersion);
        let written: Option<i32> =
            decode::value(&row, "post_id").map_err(|words| damaged("a post", "post_id", &words))?;
        match (written, version) {
            (None, None) => return Err(damaged("a post", "post_id", "is NULL").into()),
            (None, Some(version)) => {
                // A key that no file could state is no post's.
                let id = decode::key(&row, "row_id").map_err(|words| damaged_row("id", &words))?;
                index.foreign.extend(id.map(|id| ForeignRow {
                    id,
                    locale: None,
                    category: decode::text(&row, "category"),
                    version,
                }));
            }
            (Some(id), version) => {
                // Whatever is not plainly as it was written counts as edited.
                let intact = decode::value(&row, "intact") == Ok(Some(true));
                stale_versions |= intact && decode::value(&row, "untouched") == Ok(Some(false));
                index.entries.push(entry(&row, id, version, intact)?);
            }
        }
    }
    Ok((index, stale_versions))
}

/// Returns the state of a row that blogctl wrote.
fn row_state(version: Option<RowVersion>, intact: bool) -> RowState {
    match version {
        None => RowState::Missing,
        Some(version) if intact => RowState::Intact(version),
        Some(version) => RowState::Edited(version),
    }
}

/// Reads what blogctl keeps of a post that it wrote.
fn entry(row: &Row, id: i32, version: Option<RowVersion>, intact: bool) -> Result<Entry> {
    let of_post = || format!("post {id}");
    let read = |column, words: String| damaged(&of_post(), column, &words);
    let id = PostId::new(id.into()).ok_or_else(|| read("post_id", "is below 1".into()))?;
    let path: String = decode::value(row, "path").map_err(|words| read("path", words))?;
    let digest = |column| -> Result<Digest> {
        let bytes: &[u8] = decode::value(row, column).map_err(|words| read(column, words))?;
        Digest::from_bytes(bytes).ok_or_else(|| read(column, "has a wrong length".into()))
    };
    // Not asked for in a blog without locales.
    let locale: Option<String> = decode::value(row, "main_locale").unwrap_or_default();
    Ok(Entry {
        id,
        locale: locale.as_deref().and_then(Locale::new),
        is_main: true,
        text_digest: None,
        made_from: None,
        path: SourcePath::new(path),
        file_digest: digest("file_digest")?,
        post_digest: digest("post_digest")?,
        stated: stated(row).map_err(|words| read("stated", words))?,
        has_others: decode::value(row, "has_others") == Ok(Some(true)),
        category: decode::text(row, "category"),
        // Another way of making the terms than any makes them again.
        terms_version: decode::value(row, "terms_version")
            .map_err(|words| read("terms_version", words))?,
        row: row_state(version, intact),
    })
}

/// Reads the names of the fields that a post's file stated.
fn stated(row: &Row) -> std::result::Result<FieldSet, String> {
    let Array(names): Array<Option<&str>> = decode::value(row, "stated")?;
    Ok(FieldSet::from_names(names.into_iter().flatten()))
}

/// Reads translations that were there before blogctl's records; none in a blog without locales.
async fn foreign_translations(store: &PostgresStore) -> std::result::Result<Vec<Row>, Error> {
    match store.map().has_translations() {
        true => {
            let statement = &store.statements.foreign_translations;
            store.client().query_typed(statement, &[]).await
        }
        false => Ok(Vec::new()),
    }
}

/// The index of a database that no sync has written to yet.
fn foreign_only(
    store: &PostgresStore,
    strangers: std::result::Result<Vec<Row>, Error>,
) -> Result<Index> {
    let rows = match strangers {
        // Tables of blogctl's own, which the first sync makes.
        Err(error) if is_schema_absent(&error) => vec![],
        rows => rows.map_err(|error| store.error(OPERATION, error))?,
    };
    let foreign = |row: &Row| {
        let id = decode::text(row, "id")?.parse().ok()?;
        Some(ForeignRow {
            id: PostId::new(id)?,
            locale: match decode::text(row, "locale") {
                Some(name) => Some(Locale::new(&name)?),
                None => None,
            },
            category: decode::text(row, "category"),
            version: RowVersion(decode::value(row, "version").ok()?),
        })
    };
    Ok(Index {
        foreign: rows.iter().filter_map(foreign).collect(),
        ..Index::default()
    })
}

/// A line of `blogctl.source` that blogctl never wrote so.
fn damaged(post: &str, column: &str, words: &str) -> StoreError {
    StoreError::Tables {
        operation: OPERATION,
        what: format!("blogctl.source: {column} of {post} {words}"),
        help: "delete this line of blogctl.source: the post then counts as one that blogctl \
            did not write, and `sync --force` takes it over",
        source: "another program wrote to blogctl's own tables".into(),
    }
}

/// A column of `post` that no post can have so.
fn damaged_row(column: &str, words: &str) -> StoreError {
    StoreError::failed(OPERATION)(format!("{column} of a row of public.post {words}"))
}
