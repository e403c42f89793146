//! Making and upgrading the tables, and reading their version.

use std::time::Duration;

use futures_util::future::{join, join4};
use tokio_postgres::types::{ToSql, Type};

use super::errors::is_schema_absent;
use super::lock::{LOCK, LOCK_KEY, SET_LOCK_TIMEOUT, lock_error, lock_timeout_text};
use super::migrations::pending;
use super::missing::{self, Failure};
use super::{PostgresStore, SET_STATEMENT_TIMEOUT, catalog, decode, index, timeout_text};
use crate::finding::CheckFinding;
use crate::model::{SCHEMA_VERSION, SchemaState};
use crate::preflight;
use crate::store::Result;

/// Reads the version of the tables.
pub async fn state(store: &PostgresStore) -> Result<SchemaState> {
    const OPERATION: &str = "read the schema's version";
    let client = store.client();
    let timeout = timeout_text(store.options().read_timeout);
    let timeout: [(&(dyn ToSql + Sync), Type); 1] = [(&timeout, Type::TEXT)];
    let (begun, bounded, version, ended) = join4(
        client.batch_execute("BEGIN READ ONLY"),
        client.query_typed(SET_STATEMENT_TIMEOUT, &timeout),
        client.query_typed(&store.statements.version, &[]),
        client.batch_execute("COMMIT"),
    )
    .await;
    let fail = |error| store.error(OPERATION, error);
    begun.map_err(fail)?;
    bounded.map_err(fail)?;
    let rows = match version {
        Err(error) if is_schema_absent(&error) => return Ok(SchemaState::Absent),
        rows => rows.map_err(fail)?,
    };
    ended.map_err(fail)?;
    // Where the row is missing, making the tables writes it.
    if rows.is_empty() {
        return Ok(SchemaState::Absent);
    }
    let version = decode::state(&rows, "version", OPERATION)?;
    Ok(SchemaState::Version(version))
}

/// Reads the version of the tables, and judges whether posts can be published into them as they
/// are, in one round trip.
pub async fn preflight(store: &PostgresStore) -> Result<(SchemaState, Vec<CheckFinding>)> {
    let (found, rows) = join(state(store), catalog::ask(store.client(), store.map())).await;
    let found = found?;
    let catalog = catalog::read(&rows.map_err(|error| store.error(OPERATION, error))?)?;
    let has_records = found != SchemaState::Absent;
    let findings = preflight::judge(&catalog, store.map(), has_records);
    Ok((found, findings))
}

/// Refuses tables that another program made: they are adopted only as `[tables]` says, and are
/// never altered. Tables of other names that look alike do not count: the user has asked for
/// blogctl's own.
async fn check(store: &PostgresStore) -> Result<()> {
    let rows = catalog::ask(store.client(), store.map()).await;
    let mut catalog = catalog::read(&rows.map_err(|error| store.error(OPERATION, error))?)?;
    // Tables with records beside them are blogctl's own, also where the records are damaged.
    if catalog.server.has_blogctl && !store.map().is_adopted() {
        return Ok(());
    }
    catalog.lookalikes.clear();
    index::check(store, &catalog, false)
}

const OPERATION: &str = "apply the schema";

/// Makes the tables, brings them to the newest version, or restores what is missing of them, in
/// one transaction, under the lock that a sync takes and under a lock timeout, so that a busy
/// table is never queued behind for long. If nothing is missing it takes no lock. If another
/// process did it meanwhile, the migrations change nothing.
pub async fn apply(store: &PostgresStore, lock_timeout: Duration) -> Result<SchemaState> {
    let found = state(store).await?;
    if let SchemaState::Version(version) = found {
        if version == SCHEMA_VERSION && missing::parts(store, lock_timeout).await?.is_empty() {
            return Ok(found);
        }
        if !(1..=SCHEMA_VERSION).contains(&version) {
            store.check_version(version)?;
        }
    }
    if found == SchemaState::Absent {
        check(store).await?;
    }
    let migrations = pending(found, store.map());
    let client = store.client();
    let fail = |error| store.error(OPERATION, error);
    client.batch_execute("BEGIN").await.map_err(fail)?;
    let applied: std::result::Result<(), Failure> = async {
        let timeout = lock_timeout_text(lock_timeout);
        client
            .query_typed(SET_LOCK_TIMEOUT, &[(&timeout, Type::TEXT)])
            .await?;
        client.query_typed(LOCK, &[(&LOCK_KEY, Type::INT8)]).await?;
        let timeout = timeout_text(store.options().write_timeout);
        client
            .query_typed(SET_STATEMENT_TIMEOUT, &[(&timeout, Type::TEXT)])
            .await?;
        if found == SchemaState::Version(SCHEMA_VERSION) {
            missing::restore(store).await?;
        } else {
            client.batch_execute(&migrations).await?;
        }
        client.batch_execute("COMMIT").await?;
        Ok(())
    }
    .await;
    if let Err(failure) = applied {
        // What went wrong is worth more than a rollback that may go wrong, too: the server
        // rolls back by itself when the connection ends.
        let _ = client.batch_execute("ROLLBACK").await;
        return Err(match failure {
            Failure::Server(error) => lock_error(store, error, lock_timeout, OPERATION).await,
            Failure::Store(error) => error,
        });
    }
    Ok(found)
}
