//! The lock of a sync, and who holds it.

use std::time::Duration;

use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Error, Row};

use super::{PostgresStore, said};
use crate::store::StoreError;

/// The advisory lock of a sync: one a database, given back with the transaction.
pub const LOCK_KEY: i64 = i64::from_be_bytes(*b"blogctl1");
pub const LOCK: &str = "SELECT pg_advisory_xact_lock($1)";
/// The lock has a bound of its own; that of statements, which a role may come with, comes
/// after it.
pub const SET_LOCK_TIMEOUT: &str = "\
    SELECT set_config('lock_timeout', $1, true), set_config('statement_timeout', '0', true)";

/// Names the holder of the lock. A key of 64 bits is shown as two halves; `objsubid` 1 says so.
const HOLDER: &str = "\
    SELECT a.application_name, host(a.client_addr) AS address, l.pid,
        extract(epoch FROM clock_timestamp() - a.xact_start)::bigint AS seconds
    FROM pg_locks l
    JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.classid::bigint = $1 >> 32 AND l.objid::bigint = $1 & 4294967295";

/// The setting's text. Zero would mean no limit, so a millisecond is the least.
pub fn lock_timeout_text(timeout: Duration) -> String {
    format!("{}ms", timeout.as_millis().clamp(1, i32::MAX as u128))
}

/// Gives an error its meaning that may be one of taking the lock: on a timeout, asks who holds
/// it; where nobody does, a table was locked. The transaction has ended.
pub async fn lock_error(
    store: &PostgresStore,
    error: Error,
    waited: Duration,
    operation: &'static str,
) -> StoreError {
    if error.code() != Some(&SqlState::LOCK_NOT_AVAILABLE) {
        return store.error(operation, error);
    }
    match holder(store).await.ok().flatten() {
        None => store.error(operation, error),
        holder => StoreError::Busy { holder, waited },
    }
}

/// Asks who holds the lock, in words: a name, an address, the server process, since when.
pub async fn holder(store: &PostgresStore) -> Result<Option<String>, Error> {
    let key: [(&(dyn ToSql + Sync), Type); 1] = [(&LOCK_KEY, Type::INT8)];
    let holders = store.client().query_typed(HOLDER, &key).await?;
    Ok(holders.first().and_then(holder_words))
}

fn holder_words(row: &Row) -> Option<String> {
    // Hidden from a user who may not see others' activity.
    let name: Option<String> = row.try_get("application_name").ok()?;
    let name = name.as_deref().map_or("somebody else".into(), said::shown);
    let address: Option<String> = row.try_get("address").ok()?;
    let pid: i32 = row.try_get("pid").ok()?;
    let since = match row.try_get::<_, Option<i64>>("seconds").ok()? {
        Some(seconds) => format!(", for {seconds} s"),
        None => String::new(),
    };
    let from = address.map_or_else(String::new, |address| {
        format!(" from {}", said::shown(&address))
    });
    Some(format!("{name}{from}, server process {pid}{since}"))
}
