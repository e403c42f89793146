//! One state of the store, read in one transaction by several statements.

use std::time::Duration;

use rusqlite::{OptionalExtension, Row, Transaction, named_params};

use super::bounds::Clock;
use super::connect::Watch;
use super::error::failed;
use super::rows::{self, stored_post, text, with_body};
use super::search::newest_first;
use super::statements::{ROW, ROW_IN_LOCALE, SHOW, SHOW_IN_LOCALE};
use super::{SqliteStore, index};
use crate::index::Index;
use crate::model::Run;
use crate::page::{Page, Position};
use crate::post::{PostId, StoredPost};
use crate::store::{Part, Result, Snapshot, StoreError};

const READ_POSTS: &str = "read the posts";

/// As many rows as there are tags.
const OTHER_TAGS: &str = "
    SELECT t.name
    FROM tag AS t LEFT JOIN blogctl_tag_count AS c ON c.tag_id = t.id
    WHERE NOT coalesce(c.created, 0)";

/// A transaction that reads.
pub(super) struct SqliteSnapshot<'a> {
    transaction: Transaction<'a>,
    clock: Clock,
    /// The time that one answer may take.
    limit: Duration,
    watch: Watch,
}

/// Opens the transaction, and reads the index in it.
pub(super) fn open(store: &mut SqliteStore) -> Result<(Index, SqliteSnapshot<'_>)> {
    let (clock, limit) = (store.clock.clone(), store.options.read_timeout);
    let locales = store.options.locales.clone();
    clock.start(limit);
    let connected = store.connected().map(drop);
    clock.judged(connected)?;
    let watch = store.opened.as_ref().map(|opened| opened.watch());
    let transaction = clock.judged(store.reading("read the store"))?;
    let snapshot = SqliteSnapshot {
        transaction,
        clock,
        limit,
        watch: watch.unwrap_or_default(),
    };
    let index = snapshot.read(|transaction| index::read(transaction, locales.as_ref()))?;
    Ok((index, snapshot))
}

impl SqliteSnapshot<'_> {
    /// Reads, in the time that one answer may take.
    fn read<T>(&self, read: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        self.clock.start(self.limit);
        let outcome = self.clock.judged(read(&self.transaction))?;
        if self.watch.has_thawed() {
            return Err(StoreError::Failed {
                operation: "read the store",
                source: "another program wrote to it meanwhile; run the command again".into(),
            });
        }
        Ok(outcome)
    }
}

/// Reads a row by its key; with a locale that of a text.
fn by_key<T>(
    transaction: &Transaction<'_>,
    id: PostId,
    part: Part,
    [of_post, of_text]: [&str; 2],
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Option<T>> {
    match part {
        Part::Posts(_) => {
            let mut statement = transaction.prepare_cached(of_post)?;
            statement.query_row([id.get()], read).optional()
        }
        Part::Texts(locale) => {
            let mut statement = transaction.prepare_cached(of_text)?;
            let key = named_params! { ":key": id.get(), ":locale": locale.as_str() };
            statement.query_row(key, read).optional()
        }
    }
}

impl Snapshot for SqliteSnapshot<'_> {
    fn posts(&mut self, ids: &[PostId], part: Part) -> Result<Vec<(StoredPost, Option<String>)>> {
        self.read(|transaction| {
            let size = |(_, body): &(_, Option<String>)| body.as_ref().map_or(0, String::len);
            newest_first(ids, size, |id| {
                let statements: [&str; 2] = [&SHOW, &SHOW_IN_LOCALE];
                by_key(transaction, id, part, statements, |row| {
                    with_body(row, "content")
                })
                .map_err(failed(transaction, READ_POSTS))
            })
        })
    }

    fn rows(&mut self, ids: &[PostId], part: Part) -> Result<Vec<StoredPost>> {
        self.read(|transaction| {
            newest_first(
                ids,
                |_| 0,
                |id| {
                    let statements: [&str; 2] = [&ROW, &ROW_IN_LOCALE];
                    by_key(transaction, id, part, statements, stored_post)
                        .map_err(failed(transaction, READ_POSTS))
                },
            )
        })
    }

    fn other_tags(&mut self) -> Result<Vec<String>> {
        self.read(|transaction| {
            let names = || -> rusqlite::Result<Vec<Option<String>>> {
                let mut statement = transaction.prepare_cached(OTHER_TAGS)?;
                let names = statement.query_map([], |row| Ok(text(row, "name")))?;
                names.collect()
            };
            let names = names().map_err(failed(transaction, "read the tags"))?;
            Ok(names.into_iter().flatten().collect())
        })
    }

    fn history(&mut self, position: Position) -> Result<Page<Run>> {
        self.read(|transaction| {
            rows::runs(transaction, position).map_err(failed(transaction, "read the history"))
        })
    }
}
