//! The sequence of the posts' ids.

use futures_util::future::join4;
use tokio_postgres::types::{ToSql, Type};

use super::{PostgresStore, SET_STATEMENT_TIMEOUT, decode, timeout_text};
use crate::post::PostId;
use crate::store::{Result, StoreError};

const OPERATION: &str = "reading the sequence of ids";

/// Reads the last id that the sequence has given.
pub(super) async fn last_drawn_id(store: &PostgresStore) -> Result<Option<PostId>> {
    let client = store.client();
    let timeout = timeout_text(store.options().read_timeout);
    let timeout: [(&(dyn ToSql + Sync), Type); 1] = [(&timeout, Type::TEXT)];
    let (begun, bounded, rows, ended) = join4(
        client.batch_execute("BEGIN READ ONLY"),
        client.query_typed(SET_STATEMENT_TIMEOUT, &timeout),
        client.query_typed(&store.statements.last_drawn_id, &[]),
        client.batch_execute("COMMIT"),
    )
    .await;
    let fail = |error| store.error(OPERATION, error);
    begun.map_err(fail)?;
    bounded.map_err(fail)?;
    let rows = rows.map_err(fail)?;
    ended.map_err(fail)?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let value: Option<i64> = decode::value(row, "value")
        .map_err(|words| StoreError::failed(OPERATION)(format!("value {words}")))?;
    Ok(value.and_then(PostId::new))
}
