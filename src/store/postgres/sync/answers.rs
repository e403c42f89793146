//! What the server must answer to each statement of a sync, and what it means if it does not.

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;

use super::super::connect::AnswerLimit;
use super::super::lock::lock_error;
use super::super::pipeline::Answered;
use super::super::waiting::Bound;
use super::Transaction;
use super::outcome::Own;
use crate::store::{Result, StoreError};

/// How long asking who holds the lock may take.
const HOLDER_TIMEOUT: Duration = Duration::from_secs(5);

/// What another attempt may not meet.
const PASSING: [SqlState; 3] = [
    SqlState::UNIQUE_VIOLATION,
    SqlState::T_R_SERIALIZATION_FAILURE,
    SqlState::T_R_DEADLOCK_DETECTED,
];

/// What the answer to a statement must be.
pub enum Expect {
    /// No error.
    Success(&'static str),
    /// No error; a timeout means that another sync holds the lock.
    Lock,
    /// One row, holding true.
    True,
    /// As [`Self::True`], and this program's version of the tables beside it.
    Current,
    /// One row, holding this count.
    Count(&'static str, usize),
    /// One row, saying which transaction this is.
    Own,
}

impl Transaction<'_> {
    /// Judges one answer.
    pub(super) fn check(&mut self, answered: Answered<Expect>) -> Result<()> {
        let Answered {
            expectation,
            answer,
        } = answered;
        match (expectation, answer) {
            (Expect::Success(_) | Expect::Lock, Ok(_)) => Ok(()),
            (Expect::True, Ok(rows)) if first::<bool>(&rows) == Some(true) => Ok(()),
            (Expect::Count(_, expected), Ok(rows))
                if first::<i64>(&rows) == i64::try_from(expected).ok() =>
            {
                Ok(())
            }
            (Expect::Current, Ok(rows)) => {
                if let Some(version) = rows.first().and_then(|row| row.try_get(1).ok()) {
                    self.store.check_version(version)?;
                }
                match first::<bool>(&rows) {
                    Some(true) => Ok(()),
                    _ => Err(StoreError::Stale),
                }
            }
            (Expect::Own, Ok(rows)) => {
                self.own = rows.first().and_then(Own::read);
                Ok(())
            }
            (Expect::True | Expect::Count(..), Ok(_)) => Err(StoreError::Stale),
            (Expect::Lock, Err(error)) => {
                self.roll_back();
                let waited = self.lock_timeout;
                let told = lock_error(self.store, error, waited, "take the lock");
                let told = async { timeout(HOLDER_TIMEOUT, told).await };
                let bound = Bound::none(AnswerLimit::SHORT);
                let told = self.store.wait("take the lock", bound, told)?;
                Err(told.unwrap_or(StoreError::Busy {
                    holder: None,
                    waited,
                }))
            }
            // A row that appeared since the index was read, or somebody else's writes in the
            // way of these.
            (_, Err(error)) if error.code().is_some_and(|state| PASSING.contains(state)) => {
                Err(StoreError::Stale)
            }
            (Expect::Success(operation) | Expect::Count(operation, _), Err(error)) => {
                Err(self.store.error(operation, error))
            }
            (Expect::True | Expect::Current, Err(error)) => {
                Err(self.store.error("read the generation", error))
            }
            (Expect::Own, Err(error)) => Err(self.store.error("record the run", error)),
        }
    }
}

fn first<'r, T: tokio_postgres::types::FromSql<'r>>(rows: &'r [Row]) -> Option<T> {
    rows.first().and_then(|row| row.try_get(0).ok())
}
