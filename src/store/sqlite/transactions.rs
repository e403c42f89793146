//! The transactions that read and write the file.

use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::SqliteStore;
use super::bounds::Clock;
use super::connect::{self, Opened, Place, READ_PATIENCE};
use super::error::{self, failed, location};
use super::lock::SyncLock;
use crate::store::{Result, StoreError};

impl SqliteStore {
    /// Takes the sync lock, and opens a write transaction in a file that is made if need be.
    pub(super) fn writing(&mut self, lock_timeout: Duration) -> Result<(Transaction<'_>, Guard)> {
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
pub(super) struct Guard {
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
    pub(super) fn bounded<T>(&self, write: impl FnOnce() -> Result<T>) -> Result<T> {
        self.clock.start(self.limit);
        self.clock.judged(write())
    }

    /// Commits, and sees that what was committed is where it was meant to be.
    pub(super) fn commit(
        &self,
        transaction: Transaction<'_>,
        operation: &'static str,
    ) -> Result<()> {
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

/// Begins a transaction whose statements all see one state.
pub(super) fn read_transaction<'a>(
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
    // Readers then continue during a write. Another program's file keeps the mode that it has,
    // and a file system without shared memory its own.
    if is_empty(connection)? {
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.busy_timeout(READ_PATIENCE)?;
    Ok(transaction)
}

/// Returns true if nothing was ever written to the file.
pub(super) fn is_empty(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row(
        "PRAGMA page_count",
        [],
        |row| Ok(row.get::<_, i64>(0)? == 0),
    )
}

/// Returns a number that changes with every commit by another connection.
pub(super) fn data_version(connection: &Connection) -> Result<i64> {
    connection
        .query_row("PRAGMA data_version", [], |row| row.get(0))
        .map_err(failed(connection, "read the file's version"))
}
