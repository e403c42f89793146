//! Posts in the embedded store: one SQLite file.
//!
//! Reading never makes a file: a store that is not there answers like one without tables.
//! Only [`Store::begin`] and [`Store::apply_schema`] make the file and its folder. Beside it
//! stand `.lock`, which one sync at a time holds, and while it is open SQLite's own `-wal` and `-shm`.

mod connect;
mod doctor;
mod error;
mod index;
mod list;
mod lock;
mod rows;
mod schema;
mod search;
mod terms;
mod write;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use super::{
    Begin, Candidate, Reader, Result, Run, SCHEMA_VERSION, SchemaState, SearchRequest, Store,
    StoreError, SyncTransaction, Tally,
};
use crate::index::Index;
use crate::page::{Filter, Page, Position};
use crate::post::{PostId, StoredPost};

use connect::{READ_PATIENCE, location};
pub use schema::SCHEMA;

use error::failed;
use lock::SyncLock;
use write::SqliteTransaction;

/// A store in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    /// Whether the file's folder is blogctl's own, to be kept out of git.
    own_folder: bool,
    connection: Option<Connection>,
    /// `PRAGMA data_version` at the last [`Store::index`]: it changes with every commit by
    /// another connection.
    seen: Option<i64>,
}

impl SqliteStore {
    /// Opens the store in the file at `path`, which need not be there yet.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] if there is something at `path` that is not a readable
    /// SQLite file.
    pub fn open(path: &Path) -> Result<Self> {
        Self::new(path.to_owned(), false)
    }

    /// Opens the default store of a project, `.blogctl/content.db` below its root. The
    /// folder is made with the first write, and keeps itself out of git.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn in_project(root: &Path) -> Result<Self> {
        Self::new(root.join(".blogctl").join("content.db"), true)
    }

    fn new(path: PathBuf, own_folder: bool) -> Result<Self> {
        let mut store = Self {
            path,
            own_folder,
            connection: None,
            seen: None,
        };
        store.connected()?;
        Ok(store)
    }

    /// The connection, if there is a file to connect to.
    fn connected(&mut self) -> Result<Option<&mut Connection>> {
        if self.connection.is_none() {
            self.connection = connect::existing(&self.path)?;
        }
        Ok(self.connection.as_mut())
    }

    /// A read transaction on tables of this version: all its statements see one state.
    fn reading(&mut self, operation: &'static str) -> Result<Transaction<'_>> {
        let location = location(&self.path);
        let absent = || StoreError::SchemaAbsent {
            location: location.clone(),
        };
        let connection = self.connected()?.ok_or_else(absent)?;
        let snapshot = read_transaction(connection, operation)?;
        match schema::state(&snapshot)? {
            SchemaState::Absent => Err(absent()),
            SchemaState::Version(SCHEMA_VERSION) => Ok(snapshot),
            SchemaState::Version(found) => Err(StoreError::SchemaVersion { location, found }),
        }
    }

    /// Takes the sync lock, and opens a write transaction in a file that is made if need be.
    fn writing(&mut self, lock_timeout: Duration) -> Result<(Transaction<'_>, SyncLock)> {
        let started = Instant::now();
        connect::make_folder(&self.path, self.own_folder)?;
        let lock = SyncLock::acquire(&self.path, lock_timeout)?;
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(connect::new_or_existing(&self.path)?),
        };
        let patience = lock_timeout.saturating_sub(started.elapsed());
        let transaction = immediate(connection, patience).map_err(|error| {
            if error::is_busy(&error) {
                StoreError::Busy {
                    holder: Some(format!("another program writes to {}", self.path.display())),
                    waited: started.elapsed(),
                }
            } else {
                error::explained("begin a transaction", &self.path.to_string_lossy(), error)
            }
        })?;
        Ok((transaction, lock))
    }
}

fn read_transaction<'a>(
    connection: &'a mut Connection,
    operation: &'static str,
) -> Result<Transaction<'a>> {
    let path = connection.path().unwrap_or_default().to_owned();
    connection
        .transaction_with_behavior(TransactionBehavior::Deferred)
        .map_err(|error| error::explained(operation, &path, error))
}

/// Begins a transaction that holds SQLite's write lock from its start.
fn immediate(connection: &mut Connection, patience: Duration) -> rusqlite::Result<Transaction<'_>> {
    // SQLite counts the milliseconds in 32 bits.
    connection.busy_timeout(patience.min(Duration::from_secs(86_400)))?;
    // Readers then go on beside a writer. Another program's file keeps the mode that it has,
    // and a file system without shared memory its own.
    if is_empty(connection)? {
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.busy_timeout(READ_PATIENCE)?;
    Ok(transaction)
}

/// Whether nothing was ever written to the file.
fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "PRAGMA page_count",
        [],
        |row| Ok(row.get::<_, i64>(0)? == 0),
    )
}

fn data_version(connection: &Connection) -> Result<i64> {
    connection
        .query_row("PRAGMA data_version", [], |row| row.get(0))
        .map_err(failed(connection, "read the file's version"))
}

impl Reader for SqliteStore {
    fn location(&self) -> String {
        location(&self.path)
    }

    fn list(&mut self, filter: &Filter, position: Position) -> Result<Page<StoredPost>> {
        let snapshot = self.reading("list the posts")?;
        list::page(&snapshot, filter, position)
    }

    fn show(&mut self, id: PostId) -> Result<Option<(StoredPost, String)>> {
        let snapshot = self.reading("read the post")?;
        snapshot
            .prepare_cached(list::SHOW)
            .and_then(|mut statement| {
                statement
                    .query_row([id.get()], |row| {
                        let (post, body) = rows::with_body(row, "content")?;
                        Ok((post, body.unwrap_or_default()))
                    })
                    .optional()
            })
            .map_err(failed(&snapshot, "read the post"))
    }

    fn search(&mut self, request: &SearchRequest) -> Result<Vec<Candidate>> {
        let snapshot = self.reading("search")?;
        search::candidates(&snapshot, request)
    }

    fn bodies(&mut self, ids: &[PostId]) -> Result<Vec<(PostId, String)>> {
        let snapshot = self.reading("read the posts")?;
        search::bodies(&snapshot, ids)
    }

    fn categories(&mut self) -> Result<Vec<Tally>> {
        let snapshot = self.reading("read the categories")?;
        rows::tallies(
            &snapshot,
            "SELECT category AS name, posts FROM blogctl_category_count
             WHERE posts > 0 ORDER BY posts DESC, category",
        )
        .map_err(failed(&snapshot, "read the categories"))
    }

    fn tags(&mut self) -> Result<Vec<Tally>> {
        let snapshot = self.reading("read the tags")?;
        rows::tallies(
            &snapshot,
            "SELECT t.name, c.posts
             FROM blogctl_tag_count AS c JOIN tag AS t ON t.id = c.tag_id
             WHERE c.posts > 0 ORDER BY c.posts DESC, t.name",
        )
        .map_err(failed(&snapshot, "read the tags"))
    }
}

impl Store for SqliteStore {
    fn index(&mut self) -> Result<Index> {
        let location = self.location();
        self.seen = None;
        let Some(connection) = self.connected()? else {
            return Ok(Index::default());
        };
        let snapshot = read_transaction(connection, "read the index")?;
        let index = match schema::state(&snapshot)? {
            SchemaState::Absent => index::of_strangers(&snapshot)?,
            SchemaState::Version(SCHEMA_VERSION) => index::read(&snapshot)?,
            SchemaState::Version(found) => {
                return Err(StoreError::SchemaVersion { location, found });
            }
        };
        // An empty file has no row to watch, and is about to change its mode, which counts.
        let empty = is_empty(&snapshot).map_err(failed(&snapshot, "read the index"))?;
        let seen = if empty {
            None
        } else {
            Some(data_version(&snapshot)?)
        };
        drop(snapshot);
        self.seen = seen;
        Ok(index)
    }

    fn begin(&mut self, begin: Begin) -> Result<Box<dyn SyncTransaction + '_>> {
        let location = self.location();
        let seen = self.seen;
        let (transaction, lock) = self.writing(begin.lock_timeout)?;
        let generation = match schema::state(&transaction)? {
            SchemaState::Absent => None,
            SchemaState::Version(SCHEMA_VERSION) => Some(schema::generation(&transaction)?),
            SchemaState::Version(found) => {
                return Err(StoreError::SchemaVersion { location, found });
            }
        };
        // A commit by anyone else since the index was read may have changed any row.
        let moved = match seen {
            Some(seen) => data_version(&transaction)? != seen,
            None => false,
        };
        if moved || generation != begin.generation {
            return Err(StoreError::Stale);
        }
        if generation.is_none() {
            schema::apply(&transaction)?;
        }
        Ok(Box::new(SqliteTransaction::new(
            transaction,
            lock,
            begin.now,
        )))
    }

    fn history(&mut self, position: Position) -> Result<Page<Run>> {
        let snapshot = self.reading("read the history")?;
        rows::runs(&snapshot, position).map_err(failed(&snapshot, "read the history"))
    }

    fn schema_state(&mut self) -> Result<SchemaState> {
        match self.connected()? {
            Some(connection) => schema::state(connection),
            None => Ok(SchemaState::Absent),
        }
    }

    fn apply_schema(&mut self, lock_timeout: Duration) -> Result<SchemaState> {
        let location = self.location();
        let (transaction, _lock) = self.writing(lock_timeout)?;
        let found = schema::state(&transaction)?;
        match found {
            SchemaState::Absent | SchemaState::Version(SCHEMA_VERSION) => {
                schema::apply(&transaction)?;
            }
            SchemaState::Version(found) => {
                return Err(StoreError::SchemaVersion { location, found });
            }
        }
        let path = transaction.path().unwrap_or_default().to_owned();
        transaction
            .commit()
            .map_err(|error| error::explained("make the tables", &path, error))?;
        Ok(found)
    }
}
