//! Posts in the embedded store: one SQLite file.
//!
//! Reading never makes a file: a store that is not there answers like one without tables.
//! Only [`Store::begin`] and [`Store::apply_schema`] make the file and its folder. Next to it
//! are `.blogctl-lock`, which one sync at a time holds, and while it is open SQLite's own `-wal`
//! and `-shm`.
//!
//! The file, or anything under these names, may come from a repository of somebody who means
//! harm: see `files`, `shape` and `bounds`.

mod bounds;
mod connect;
mod doctor;
mod error;
mod extra;
mod files;
mod index;
mod list;
mod lock;
mod migrations;
mod rows;
mod schema;
mod search;
mod shape;
mod statements;
mod terms;
mod write;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{
    Begin, Candidate, Note, Reader, Result, SearchRequest, Store, StoreError, SyncTransaction,
};
use crate::doctor::facts;
use crate::index::Index;
use crate::interrupt::Interrupt;
use crate::model::{NameCount, Run, SCHEMA_VERSION, SchemaState};
use crate::page::{Filter, Page, Position, PostKey};
use crate::post::{PostId, StoredPost};

use bounds::Clock;
use connect::{Opened, Place, READ_PATIENCE};
pub use migrations::{SCHEMA, pending};

use error::failed;
pub(super) use error::location;
use lock::SyncLock;
use write::SqliteTransaction;

/// The bounds of a store's statements.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// The time for a command's reading; zero is no limit.
    pub read_timeout: Duration,
    /// The time for one write of a sync; zero is no limit.
    pub write_timeout: Duration,
    /// The interrupt that ends a statement that is under way.
    pub interrupt: Interrupt,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            read_timeout: Duration::from_secs(5),
            write_timeout: Duration::from_secs(60),
            interrupt: Interrupt::never(),
        }
    }
}

/// A store in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    /// True if the file's folder is blogctl's own, and kept out of git.
    own_folder: bool,
    opened: Option<Opened>,
    /// `PRAGMA data_version` at the last [`Store::index`]: it changes with every commit by
    /// another connection.
    seen: Option<i64>,
    options: SqliteOptions,
    clock: Clock,
}

impl SqliteStore {
    /// Opens the store in the file at `path`, which need not be there yet. Its folder may be
    /// reached through links, but neither the file nor what SQLite keeps next to it may be one.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] if there is something at `path`, or next to it, that is not
    /// SQLite's.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_with(path, SqliteOptions::default())
    }

    /// Opens the store in a file, with bounds.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(path: &Path, options: SqliteOptions) -> Result<Self> {
        Self::new(path.to_owned(), false, options)
    }

    /// Opens the default store of a project, whose folder is blogctl's own: it is made with the
    /// first write, and keeps itself out of git.
    ///
    /// # Errors
    /// As [`Self::open`], and if the folder is a link.
    pub fn open_embedded(path: &Path, options: SqliteOptions) -> Result<Self> {
        Self::new(path.to_owned(), true, options)
    }

    fn new(path: PathBuf, own_folder: bool, options: SqliteOptions) -> Result<Self> {
        let mut store = Self {
            path,
            own_folder,
            opened: None,
            seen: None,
            clock: Clock::new(options.interrupt.clone()),
            options,
        };
        store.reading_begins();
        let outcome = store.connected().map(drop);
        store.clock.judged(outcome)?;
        Ok(store)
    }

    /// The connection, if there is a file to connect to.
    fn connected(&mut self) -> Result<Option<&mut Connection>> {
        if self.opened.is_none() {
            self.opened = connect::existing(&self.path, self.own_folder, &self.clock)?;
        }
        Ok(self.opened.as_mut().map(|opened| &mut opened.connection))
    }

    fn reading_begins(&self) {
        self.clock.start(self.options.read_timeout);
    }

    /// Reads, in the time that reading may take.
    fn bounded<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.reading_begins();
        let outcome = read(self);
        let outcome = self.clock.judged(outcome)?;
        if self.opened.as_ref().is_some_and(Opened::has_thawed) {
            return Err(StoreError::Failed {
                operation: "read the store",
                source: "another program wrote to it meanwhile; run the command again".into(),
            });
        }
        Ok(outcome)
    }

    /// Reads in a transaction on tables of this version: all statements see one state.
    fn read<T>(
        &mut self,
        operation: &'static str,
        read: impl FnOnce(&Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        self.bounded(|store| read(&store.reading(operation)?))
    }

    /// A read transaction on tables of this version: all its statements see one state.
    fn reading(&mut self, operation: &'static str) -> Result<Transaction<'_>> {
        let own = self.own_folder;
        let location = location(&self.path);
        let absent = || StoreError::SchemaAbsent {
            location: location.clone(),
        };
        let connection = self.connected()?.ok_or_else(absent)?;
        let snapshot = read_transaction(connection, operation)?;
        match schema::state(&snapshot, own)? {
            SchemaState::Absent => Err(absent()),
            SchemaState::Version(SCHEMA_VERSION) => Ok(snapshot),
            SchemaState::Version(found) => Err(StoreError::SchemaVersion { location, found }),
        }
    }

    /// Reads the index, and what tells whether the file was written to since.
    fn index_and_version(&mut self) -> Result<Index> {
        let location = location(&self.path);
        let own = self.own_folder;
        self.seen = None;
        let Some(connection) = self.connected()? else {
            return Ok(Index::default());
        };
        let snapshot = read_transaction(connection, "read the index")?;
        let index = match schema::state(&snapshot, own)? {
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

    /// Takes the sync lock, and opens a write transaction in a file that is made if need be.
    fn writing(&mut self, lock_timeout: Duration) -> Result<(Transaction<'_>, Guard)> {
        let started = Instant::now();
        connect::make_folder(&self.path, self.own_folder)?;
        let lock = SyncLock::acquire(&self.path, lock_timeout)?;
        self.clock.start(self.options.write_timeout);
        if self.opened.as_ref().is_some_and(Opened::is_frozen) {
            self.opened = None;
        }
        let opened = match &mut self.opened {
            Some(opened) => opened,
            none => none.insert(connect::new_or_existing(
                &self.path,
                self.own_folder,
                &self.clock,
            )?),
        };
        // SQLite would begin, and fail at the first write.
        if opened.connection.is_readonly("main").unwrap_or(false) {
            return Err(connect::read_only(&self.path));
        }
        let guard = Guard {
            _lock: lock,
            place: opened.place(),
            location: location(&self.path),
            clock: self.clock.clone(),
            limit: self.options.write_timeout,
        };
        let patience = lock_timeout.saturating_sub(started.elapsed());
        let transaction = immediate(&mut opened.connection, patience).map_err(|error| {
            if error::is_busy(&error) {
                StoreError::Busy {
                    holder: Some(format!("another program writes to {}", self.path.display())),
                    waited: started.elapsed(),
                }
            } else {
                error::explained("begin a transaction", &self.path.to_string_lossy(), error)
            }
        })?;
        guard.require_in_place(&transaction)?;
        // Waiting for the other does not count.
        self.clock.start(self.options.write_timeout);
        Ok((transaction, guard))
    }
}

/// The lock, the file and the bounds of a write transaction, until it ends.
#[derive(Debug)]
struct Guard {
    _lock: SyncLock,
    place: Place,
    location: String,
    clock: Clock,
    limit: Duration,
}

impl Guard {
    /// Fails if the path leads to another file than the one that is written to.
    fn require_in_place(&self, connection: &Connection) -> Result<()> {
        if self.place.is_left_by(connection) {
            return Err(StoreError::Replaced {
                location: self.location.clone(),
            });
        }
        Ok(())
    }

    /// Does one write, in the time that it may take.
    fn bounded<T>(&self, write: impl FnOnce() -> Result<T>) -> Result<T> {
        self.clock.start(self.limit);
        self.clock.judged(write())
    }

    /// Commits, and sees that what was committed is where it was meant to be.
    fn commit(&self, transaction: Transaction<'_>, operation: &'static str) -> Result<()> {
        self.require_in_place(&transaction)?;
        let path = transaction.path().unwrap_or_default().to_owned();
        // No more is looked for an interrupt: its answer is waited for.
        self.clock.start(Duration::ZERO);
        transaction
            .commit()
            .map_err(|error| error::explained(operation, &path, error))?;
        if self.place.is_left() {
            return Err(StoreError::Replaced {
                location: self.location.clone(),
            });
        }
        Ok(())
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

/// Returns true if nothing was ever written to the file.
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
        self.read("list the posts", |snapshot| {
            list::page(snapshot, filter, position)
        })
    }

    fn show(&mut self, key: PostKey<'_>) -> Result<Option<(StoredPost, String)>> {
        self.read("read the post", |snapshot| {
            let post = match key {
                PostKey::Id(id) => search::shown(snapshot, &statements::SHOW, &id.get()),
                PostKey::Slug(slug) => search::shown(snapshot, &statements::SHOW_SLUG, &slug),
            };
            post.map_err(failed(snapshot, "read the post"))
        })
    }

    fn search(&mut self, request: &SearchRequest) -> Result<Vec<Candidate>> {
        self.read("search", |snapshot| search::candidates(snapshot, request))
    }

    fn bodies(&mut self, ids: &[PostId]) -> Result<Vec<(PostId, String)>> {
        self.read("read the posts", |snapshot| search::bodies(snapshot, ids))
    }

    fn posts(&mut self, ids: &[PostId]) -> Result<Vec<(StoredPost, String)>> {
        self.read("read the posts", |snapshot| search::posts(snapshot, ids))
    }

    fn categories(&mut self) -> Result<Vec<NameCount>> {
        self.read("read the categories", |snapshot| {
            rows::tallies(
                snapshot,
                "SELECT category AS name, posts FROM blogctl_category_count
             WHERE posts > 0 ORDER BY posts DESC, category",
            )
            .map_err(failed(snapshot, "read the categories"))
        })
    }

    fn tags(&mut self) -> Result<Vec<NameCount>> {
        self.read("read the tags", |snapshot| {
            rows::tallies(
                snapshot,
                "SELECT t.name, c.posts
             FROM blogctl_tag_count AS c JOIN tag AS t ON t.id = c.tag_id
             WHERE c.posts > 0 ORDER BY c.posts DESC, t.name",
            )
            .map_err(failed(snapshot, "read the tags"))
        })
    }

    fn replica_state(&mut self) -> Result<facts::ReplicaState> {
        Ok(facts::ReplicaState {
            is_in_recovery: None,
            lag: None,
            generation: doctor::generation(self)?,
            primary_generation: None,
        })
    }
}

impl Store for SqliteStore {
    fn index(&mut self) -> Result<Index> {
        self.bounded(Self::index_and_version)
    }

    fn begin(&mut self, begin: Begin) -> Result<Box<dyn SyncTransaction + '_>> {
        let location = self.location();
        let (seen, own, clock) = (self.seen, self.own_folder, self.clock.clone());
        let (transaction, guard) = clock.judged(self.writing(begin.lock_timeout))?;
        let generation = match schema::state(&transaction, own)? {
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
            schema::apply(&transaction, SchemaState::Absent, &location)?;
        }
        Ok(Box::new(SqliteTransaction::new(
            transaction,
            guard,
            begin.now,
        )))
    }

    fn history(&mut self, position: Position) -> Result<Page<Run>> {
        self.read("read the history", |snapshot| {
            rows::runs(snapshot, position).map_err(failed(snapshot, "read the history"))
        })
    }

    fn schema_state(&mut self) -> Result<SchemaState> {
        let own = self.own_folder;
        self.bounded(|store| match store.connected()? {
            Some(connection) => schema::state(connection, own),
            None => Ok(SchemaState::Absent),
        })
    }

    fn missing(&mut self, _: Duration) -> Result<Vec<String>> {
        doctor::missing_parts(self)
    }

    fn apply_schema(&mut self, lock_timeout: Duration) -> Result<SchemaState> {
        let location = self.location();
        let (own, clock) = (self.own_folder, self.clock.clone());
        let (transaction, guard) = clock.judged(self.writing(lock_timeout))?;
        let found = schema::state(&transaction, own)?;
        guard.bounded(|| schema::apply(&transaction, found, &location))?;
        guard.commit(transaction, "make the tables")?;
        Ok(found)
    }

    fn examine(&mut self) -> Result<facts::Store> {
        let found = doctor::examine(self)?;
        Ok(facts::Store::Sqlite(Box::new(found)))
    }

    fn notes(&self) -> &[Note] {
        &[]
    }
}
