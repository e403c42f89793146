//! The answers that a sync expects of the server, and the meaning of others.

use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Error, Row};

use super::super::PostgresStore;
use super::super::connect::AnswerLimit;
use super::super::lock::lock_error;
use super::super::pipeline::Answered;
use super::super::waiting::Bound;
use super::outcome::Own;
use super::refusal::{self, About, Said};
use crate::store::{Result, StoreError};

/// The time limit for asking who holds the lock.
const HOLDER_TIMEOUT: Duration = Duration::from_secs(5);

/// The errors that are transient: another attempt may not meet them.
const TRANSIENT: [SqlState; 2] = [
    SqlState::T_R_SERIALIZATION_FAILURE,
    SqlState::T_R_DEADLOCK_DETECTED,
];

/// The answer that a statement must get.
pub enum Expect {
    /// No error.
    Success(&'static str),
    /// No error; a timeout means that another sync holds the lock.
    Lock,
    /// One row, holding true.
    True,
    /// As [`Self::True`], and with it this program's version of the tables.
    Current,
    /// As [`Self::True`]: everything was written.
    Whole(&'static str),
    /// One row, holding this count.
    Count(&'static str, usize),
    /// One row, saying which transaction this is.
    Own,
}

/// An expectation, and the subject of a statement that writes rows.
pub struct Sent {
    /// The expectation.
    pub expect: Expect,
    /// The subject; `None` for a statement that prepares the transaction.
    pub about: Option<About>,
}

/// The judgement of an answer that is no error for the sync yet.
pub enum Verdict {
    /// The expected answer.
    Right,
    /// The answer to [`Expect::Own`], as far as it can be read.
    Own(Option<Own>),
    /// The lock was not given.
    NoLock(Error),
    /// The server refused a row.
    Refused(Box<Said>, About),
}

/// Judges one answer.
///
/// # Errors
/// [`StoreError::Stale`] if the tables have changed meanwhile, or whatever the server says.
pub fn judge(store: &PostgresStore, answered: Answered<Sent>) -> Result<Verdict> {
    let Answered {
        expectation: Sent { expect, about },
        answer,
    } = answered;
    if let (Some(about), Err(error)) = (about, &answer)
        && let Some(said) = refusal::said(error)
    {
        return Ok(Verdict::Refused(Box::new(said), about));
    }
    match (expect, answer) {
        (Expect::Success(_) | Expect::Lock, Ok(_)) => Ok(Verdict::Right),
        (Expect::True | Expect::Whole(_), Ok(rows)) if first::<bool>(&rows) == Some(true) => {
            Ok(Verdict::Right)
        }
        (Expect::Count(_, expected), Ok(rows))
            if first::<i64>(&rows) == i64::try_from(expected).ok() =>
        {
            Ok(Verdict::Right)
        }
        (Expect::Current, Ok(rows)) => {
            if let Some(version) = rows.first().and_then(|row| row.try_get(1).ok()) {
                store.check_version(version)?;
            }
            match first::<bool>(&rows) {
                Some(true) => Ok(Verdict::Right),
                _ => Err(StoreError::Stale),
            }
        }
        (Expect::Own, Ok(rows)) => Ok(Verdict::Own(rows.first().and_then(Own::read))),
        (Expect::True | Expect::Whole(_) | Expect::Count(..), Ok(_)) => Err(StoreError::Stale),
        (Expect::Lock, Err(error)) => Ok(Verdict::NoLock(error)),
        // A row that appeared since the index was read, or writes of another program that
        // conflict with these.
        (_, Err(error)) if error.code().is_some_and(|state| TRANSIENT.contains(state)) => {
            Err(StoreError::Stale)
        }
        (
            Expect::Success(operation) | Expect::Whole(operation) | Expect::Count(operation, _),
            Err(error),
        ) => Err(store.error(operation, error)),
        (Expect::True | Expect::Current, Err(error)) => {
            Err(store.error("read the generation", error))
        }
        (Expect::Own, Err(error)) => Err(store.error("record the run", error)),
    }
}

/// Returns the error of a sync that was not given the lock, with its holder if that can be found
/// out. The transaction has ended.
pub fn no_lock(store: &PostgresStore, error: Error, waited: Duration) -> StoreError {
    const OPERATION: &str = "take the lock";
    let asked = lock_error(store, error, waited, OPERATION);
    let asked = async { timeout(HOLDER_TIMEOUT, asked).await };
    match store.wait(OPERATION, Bound::none(AnswerLimit::SHORT), asked) {
        Ok(answered) => answered.unwrap_or(StoreError::Busy {
            holder: None,
            waited,
        }),
        Err(error) => error,
    }
}

fn first<'r, T: tokio_postgres::types::FromSql<'r>>(rows: &'r [Row]) -> Option<T> {
    rows.first().and_then(|row| row.try_get(0).ok())
}
