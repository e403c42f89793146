//! Bounds to what a statement may take: time, an interrupt, memory.
//!
//! SQLite runs in this process, so nobody ends a statement from outside. It asks every few
//! thousand steps whether to go on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite::limits::Limit;

use crate::interrupt::Interrupt;
use crate::store::Result;

/// Steps of SQLite's virtual machine between two questions: about a millisecond.
const STEPS: i32 = 20_000;

/// The longest text or blob in bytes, so that a column that is computed as it is read, or a
/// row of any size, does not take all memory. Posts are far shorter.
const LONGEST: i32 = 64 << 20;

/// Bytes of memory that SQLite may take in this process.
const MEMORY: i64 = 256 << 20;

/// Ends statements that take too long, or that are called off.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    deadline: Arc<Mutex<Option<Instant>>>,
    interrupt: Interrupt,
}

impl Clock {
    pub(super) fn new(interrupt: Interrupt) -> Self {
        Self {
            deadline: Arc::default(),
            interrupt,
        }
    }

    /// Lets what comes next take so long; zero is no limit.
    pub(super) fn start(&self, limit: Duration) {
        let deadline = Instant::now().checked_add(limit);
        let kept = self.deadline.lock();
        // It is only ever replaced, so that a panic leaves it whole.
        *kept.unwrap_or_else(PoisonError::into_inner) = deadline.filter(|_| !limit.is_zero());
    }

    fn is_over(&self) -> bool {
        let deadline = self.deadline.lock();
        let deadline = *deadline.unwrap_or_else(PoisonError::into_inner);
        self.interrupt.check().is_err() || deadline.is_some_and(|at| Instant::now() >= at)
    }

    /// Bounds all statements of a connection.
    pub(super) fn bound(&self, connection: &mut Connection) -> rusqlite::Result<()> {
        let clock = self.clone();
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
        connection.query_row(
            &format!("PRAGMA hard_heap_limit = {MEMORY}"),
            [],
            |_| Ok(()),
        )?;
        connection.progress_handler(STEPS, Some(move || clock.is_over()))
    }

    /// Tells an interrupt where one ended a statement.
    pub(super) fn judged<T>(&self, outcome: Result<T>) -> Result<T> {
        match outcome {
            Err(crate::store::StoreError::TimedOut { .. }) => {
                self.interrupt.check()?;
                outcome
            }
            outcome => outcome,
        }
    }
}
