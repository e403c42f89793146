//! One state of the store, read in one transaction by several statements.

use std::time::Duration;

use futures_util::future::{join, join5};
use tokio::time::timeout;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Error, Row};

use super::connect::AnswerLimit;
use super::index::{self, Unread};
use super::pipeline::{Parameter, bind, borrowed};
use super::read::{self, HISTORY};
use super::waiting::Bound;
use super::{PostgresStore, catalog, decode, refused, timeout_text};
use crate::index::{Generation, Index};
use crate::model::Run;
use crate::page::{Page, Position};
use crate::post::{PostId, StoredPost};
use crate::store::{Part, Result, Snapshot, StoreError};

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Bounds each statement, and the silence between two: another store is written to meanwhile, after
/// waiting for its lock. A time without a zone counts as UTC, as ORMs mean it. A server whose
/// database has no encoding would refuse to send text that is not UTF-8.
const SET: &str = "\
    SELECT set_config('statement_timeout', $1, true), set_config('TimeZone', 'UTC', true),
        set_config('idle_in_transaction_session_timeout', '2h', true),
        CASE WHEN current_setting('server_encoding') = 'SQL_ASCII'
            THEN set_config('client_encoding', 'SQL_ASCII', true)
        END";

/// Has posts read by their keys, as [`read::WALK`] does, once the index is read as a whole.
const BY_KEYS: &str = "\
    SET LOCAL enable_seqscan = off; \
    SET LOCAL enable_bitmapscan = off; \
    SET LOCAL max_parallel_workers_per_gather = 0; \
    SET LOCAL jit = off";

/// The time that ending the transaction may take.
const END_TIMEOUT: Duration = Duration::from_secs(2);

const OPERATION: &str = "read the store";
const READ_POSTS: &str = "read the posts";
const READ_TAGS: &str = "read the tags";
const READ_HISTORY: &str = "read the history";

/// A transaction that reads. It ends when it is dropped.
pub struct PostgresSnapshot<'s> {
    store: &'s PostgresStore,
    is_open: bool,
}

/// Opens the transaction, and reads the index in it, in one round trip.
pub fn open(store: &PostgresStore) -> Result<(Index, PostgresSnapshot<'_>)> {
    let mut snapshot = PostgresSnapshot {
        store,
        is_open: true,
    };
    let index = snapshot.index()?;
    Ok((index, snapshot))
}

impl PostgresSnapshot<'_> {
    fn index(&mut self) -> Result<Index> {
        let store = self.store;
        let client = store.client();
        let limit = timeout_text(store.options().write_timeout);
        let limit: [(&(dyn ToSql + Sync), Type); 1] = [(&limit, Type::TEXT)];
        // Three statements, each as long as one may take.
        let bound = Bound::of(store.options().write_timeout, AnswerLimit::INDEX).times(3);
        let answers = async {
            join5(
                client.batch_execute(BEGIN),
                client.query_typed(SET, &limit),
                client.query_typed(&store.statements.state, &[]),
                index::entries(store),
                join(
                    catalog::ask(client, store.map()),
                    client.batch_execute(BY_KEYS),
                ),
            )
            .await
        };
        let (begun, set, state, entries, rest) = store.wait(OPERATION, bound, answers)?;
        let (catalog, by_keys) = rest;
        let fail = |error| store.error(OPERATION, error);
        begun.map_err(fail)?;
        set.map_err(fail)?;
        let state = state.map_err(fail)?;
        store.check_state(&state, OPERATION)?;
        let (mut index, _) = match entries {
            Ok(entries) => entries,
            Err(Unread::Refused(error)) => return Err(self.refused(OPERATION, error)),
            Err(Unread::Damaged(error)) => return Err(error),
        };
        index.catalog = Some(catalog::read(&catalog.map_err(fail)?)?);
        by_keys.map_err(fail)?;
        let generation = decode::state(&state, "generation", OPERATION)?;
        index.generation = Some(Generation(generation));
        Ok(index)
    }

    /// Runs one statement in the transaction.
    fn query(
        &mut self,
        operation: &'static str,
        statement: &str,
        parameters: &[Parameter],
    ) -> Result<Vec<Row>> {
        let store = self.store;
        let bound = Bound::of(store.options().write_timeout, AnswerLimit::READ);
        let parameters = borrowed(parameters);
        let answer = store.client().query_typed(statement, &parameters);
        match store.wait(operation, bound, answer)? {
            Ok(rows) => Ok(rows),
            Err(error) => Err(self.refused(operation, error)),
        }
    }

    /// Gives an error of the server its meaning, after ending the transaction.
    fn refused(&mut self, operation: &'static str, error: Error) -> StoreError {
        self.end();
        let store = self.store;
        let bound = Bound::of(store.options().read_timeout, AnswerLimit::SHORT);
        let explained = refused::explained(store, operation, error);
        match store.wait(operation, bound, explained) {
            Ok(error) | Err(error) => error,
        }
    }

    fn read_by_ids(
        &mut self,
        statement: &str,
        ids: &[PostId],
        bytes: i64,
        part: Part,
    ) -> Result<Vec<Row>> {
        let keys: Vec<i32> = ids.iter().map(|id| id.get()).collect();
        let mut parameters = vec![bind(keys, Type::INT4_ARRAY), bind(bytes, Type::INT8)];
        if self.store.map().has_translations() {
            let locale = part.locale().map(|locale| locale.to_string());
            parameters.push(bind(locale, Type::TEXT));
        }
        let mut rows = self.query(READ_POSTS, statement, &parameters)?;
        let most = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        decode::check_rows(&rows, most, READ_POSTS)?;
        rows.retain(decode::is_present);
        Ok(rows)
    }

    /// Ends the transaction. Waits, so that the connection can be used again and a pooler finds it
    /// clean.
    fn end(&mut self) {
        if !std::mem::take(&mut self.is_open) || self.store.client().is_closed() {
            return;
        }
        let left = self.store.options().interrupt.left().min(END_TIMEOUT);
        let ended = self.store.client().batch_execute("ROLLBACK");
        let _ = self
            .store
            .runtime
            .block_on(async { timeout(left, ended).await });
    }
}

impl Snapshot for PostgresSnapshot<'_> {
    fn posts(&mut self, ids: &[PostId], part: Part) -> Result<Vec<(StoredPost, Option<String>)>> {
        let statements = &self.store.statements;
        let statement = match part {
            Part::Posts(_) => &statements.posts_alone,
            Part::Texts(_) => &statements.posts,
        };
        let rows = self.read_by_ids(statement, ids, read::most_bytes(), part)?;
        // Each row goes as its text is taken.
        let posts = rows.into_iter().map(|row| {
            let id = decode::found(&row, READ_POSTS)?;
            Ok(decode::fields(&row).post_and_body(id, "content"))
        });
        posts.collect()
    }

    fn rows(&mut self, ids: &[PostId], part: Part) -> Result<Vec<StoredPost>> {
        let statements = &self.store.statements;
        let statement = match part {
            Part::Posts(_) => &statements.rows_alone,
            Part::Texts(_) => &statements.rows,
        };
        let rows = self.read_by_ids(statement, ids, i64::MAX, part)?;
        let posts = rows.into_iter().map(|row| {
            let id = decode::found(&row, READ_POSTS)?;
            Ok(decode::fields(&row).post(id))
        });
        posts.collect()
    }

    fn other_tags(&mut self) -> Result<Vec<String>> {
        let statement = &self.store.statements.other_tags;
        let rows = self.query(READ_TAGS, statement, &[])?;
        let names = rows.iter().filter_map(|row| decode::text(row, "name"));
        Ok(names.collect())
    }

    fn history(&mut self, position: Position) -> Result<Page<Run>> {
        let rows = self.query(READ_HISTORY, HISTORY, &read::history_parameters(position))?;
        read::runs(&rows, position)
    }
}

impl Drop for PostgresSnapshot<'_> {
    fn drop(&mut self) {
        self.end();
    }
}
