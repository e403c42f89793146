//! Ending a transaction, and finding out what became of it where the answer is lost.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use tokio_postgres::error::{DbError, Severity, SqlState};
use tokio_postgres::types::Type;
use tokio_postgres::{Error, Row};

use super::super::{PostgresStore, said};
use super::refusal;
use crate::model::RunRecord;
use crate::store::{Result, StoreError};

/// The time to wait for a server that has not yet noticed that its client is gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// A transaction, as the server knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    transaction: i64,
    process: i32,
    generation: i64,
}

impl Own {
    /// Reads the answer of [`NEXT_GENERATION`](super::statements::NEXT_GENERATION).
    pub fn read(row: &Row) -> Option<Self> {
        Some(Self {
            transaction: row.try_get("transaction").ok()?,
            process: row.try_get("process").ok()?,
            generation: row.try_get("generation").ok()?,
        })
    }
}

/// Commits; if the answer is lost, asks the server over another connection for the outcome.
///
/// # Errors
/// [`StoreError::Failed`] or [`StoreError::Lost`] if nothing was written,
/// [`StoreError::UnknownOutcome`] if the server cannot be asked.
pub fn commit(store: &PostgresStore, own: Option<Own>, run: Option<&RunRecord>) -> Result<()> {
    match send_commit(store) {
        Ok(Ok(())) => Ok(()),
        // The server refused: nothing was written. What is worse than an error, or no answer of
        // the server's, leaves that open.
        Ok(Err(error)) if is_refusal(&error) => Err(refusal::explained(store, "commit", error)),
        Ok(Err(error)) => find_out(store, own, run, said::cause(error)),
        Err(StoreError::Lost { source, .. } | StoreError::TimedOut { source, .. }) => {
            find_out(store, own, run, source)
        }
        Err(error) => Err(error),
    }
}

/// Returns whether the server refused a statement and goes on.
fn is_refusal(error: &Error) -> bool {
    let severity = error.as_db_error().and_then(DbError::parsed_severity);
    severity == Some(Severity::Error)
}

/// Sends COMMIT and waits for its answer, whatever interrupts.
fn send_commit(store: &PostgresStore) -> Result<std::result::Result<(), Error>> {
    let answer = store.client().batch_execute("COMMIT");
    let answer = store.within("commit", store.bound_of_writes(), answer);
    store.runtime.block_on(answer)
}

/// Asks the server for the outcome, after the connection ended between COMMIT and its answer.
///
/// # Errors
/// [`StoreError::Lost`] if nothing was written, [`StoreError::UnknownOutcome`] if the server
/// cannot be asked.
fn find_out(
    store: &PostgresStore,
    own: Option<Own>,
    run: Option<&RunRecord>,
    source: Cause,
) -> Result<()> {
    store.session().abort();
    let Some(own) = own else {
        return Err(StoreError::UnknownOutcome { source });
    };
    match store.runtime.block_on(ask(store, own, run)) {
        Some(Outcome::Committed) => Ok(()),
        Some(Outcome::Aborted) => Err(StoreError::Lost {
            operation: "commit",
            source,
        }),
        None => Err(StoreError::UnknownOutcome { source }),
    }
}

type Cause = Box<dyn std::error::Error + Send + Sync>;

enum Outcome {
    Committed,
    Aborted,
}

async fn ask(store: &PostgresStore, own: Own, run: Option<&RunRecord>) -> Option<Outcome> {
    /// NULL for a transaction too old to be known.
    const STATUS: &str = "SELECT txid_status($1)";
    /// Nobody is there any more to end it; that it is still the same one, `backend_xid`
    /// says, which is the number without its epoch.
    const END: &str = "\
        SELECT pg_terminate_backend(pid)
        FROM pg_stat_activity
        WHERE pid = $1 AND backend_xid::text::bigint = $2 & 4294967295";
    /// A server that took over, or that lost its latest log, gives the number to another
    /// transaction: what this one wrote must be there, too. The latest runs, by their key.
    const WRITTEN: &str = "\
        SELECT (SELECT generation FROM blogctl.state) >= $1
            AND ($2::timestamptz IS NULL OR EXISTS (
                SELECT
                FROM (SELECT started_at, actor FROM blogctl.run ORDER BY id DESC LIMIT 100) r
                WHERE r.started_at = $2 AND r.actor = $3
            ))";
    let session = store.connector.connect().await.ok()?;
    let begun = Instant::now();
    let mut outcome = None;
    while begun.elapsed() < PATIENCE {
        let client = &session.client;
        let parameters = [(&own.transaction as _, Type::INT8)];
        let rows = client.query_typed(STATUS, &parameters);
        let rows = match tokio::time::timeout(PATIENCE, rows).await {
            Ok(Ok(rows)) => rows,
            // A number that it has not given out yet: it crashed before it wrote anything of
            // this transaction. A standby may only be late.
            Ok(Err(error)) if error.code() == Some(&SqlState::INVALID_PARAMETER_VALUE) => {
                let standby = client.query_typed("SELECT pg_is_in_recovery()", &[]);
                let standby = tokio::time::timeout(PATIENCE, standby).await.ok()?.ok()?;
                let is_standby = standby.first().and_then(|row| row.try_get(0).ok());
                outcome = (is_standby == Some(false)).then_some(Outcome::Aborted);
                break;
            }
            _ => break,
        };
        let status: Option<String> = rows.first().and_then(|row| row.try_get(0).ok()).flatten();
        outcome = match status.as_deref() {
            Some("committed") => {
                let (started_at, actor) = (run.map(|r| r.started_at), run.map(|r| &r.actor));
                let parameters = [
                    (&own.generation as _, Type::INT8),
                    (&started_at as _, Type::TIMESTAMPTZ),
                    (&actor as _, Type::TEXT),
                ];
                let rows = client.query_typed(WRITTEN, &parameters);
                let rows = tokio::time::timeout(PATIENCE, rows).await.ok()?.ok()?;
                let written = rows.first().and_then(|row| row.try_get(0).ok());
                (written == Some(true)).then_some(Outcome::Committed)
            }
            Some("aborted") => Some(Outcome::Aborted),
            Some("in progress") => {
                let parameters = [
                    (&own.process as _, Type::INT4),
                    (&own.transaction as _, Type::INT8),
                ];
                let ended = client.query_typed(END, &parameters);
                let _ = tokio::time::timeout(PATIENCE, ended).await;
                sleep(Duration::from_millis(100)).await;
                continue;
            }
            _ => None,
        };
        break;
    }
    session.close(store.options().interrupt.left()).await;
    outcome
}
