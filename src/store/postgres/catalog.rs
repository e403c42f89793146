//! Reading the catalog of the tables that hold the posts.

use futures_util::future::join4;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Row};

use super::pipeline::{Parameter, bind, borrowed};
use super::{PostgresStore, SET_STATEMENT_TIMEOUT, decode, timeout_text};
use crate::catalog::Catalog;
use crate::store::{Result, StoreError};
use crate::tables::{BlogTable, TableMap};

const OPERATION: &str = "read the catalog";
const TABLES: &str = include_str!("catalog/tables.sql");

/// Asks for the tables of a map, also for those of tags that are not stored: they tell whether a
/// database without `[tables]` is another program's.
pub async fn ask(client: &Client, map: &TableMap) -> std::result::Result<Vec<Row>, Error> {
    let tables = BlogTable::ALL.into_iter();
    let tables = tables.filter(|table| *table != BlogTable::Translation || map.has_translations());
    let names: Vec<_> = tables.map(|table| map.table(table).name()).collect();
    let schemas: Vec<String> = names.iter().map(|name| name.schema.to_string()).collect();
    let tables: Vec<String> = names.iter().map(|name| name.name.to_string()).collect();
    let parameters = [
        bind(schemas, Type::TEXT_ARRAY),
        bind(tables, Type::TEXT_ARRAY),
    ];
    client.query_typed(TABLES, &borrowed(&parameters)).await
}

/// Describes all tables of the database.
pub async fn survey(store: &PostgresStore) -> Result<Catalog> {
    let client = store.client();
    let timeout = timeout_text(store.options().read_timeout);
    let timeout: [(&(dyn ToSql + Sync), Type); 1] = [(&timeout, Type::TEXT)];
    let nothing: [Parameter; 2] = [
        bind(None::<Vec<String>>, Type::TEXT_ARRAY),
        bind(None::<Vec<String>>, Type::TEXT_ARRAY),
    ];
    let nothing = borrowed(&nothing);
    let (begun, bounded, rows, ended) = join4(
        client.batch_execute("BEGIN READ ONLY"),
        client.query_typed(SET_STATEMENT_TIMEOUT, &timeout),
        client.query_typed(TABLES, &nothing),
        client.batch_execute("COMMIT"),
    )
    .await;
    let fail = |error| store.error(OPERATION, error);
    begun.map_err(fail)?;
    bounded.map_err(fail)?;
    let catalog = read(&rows.map_err(fail)?)?;
    ended.map_err(fail)?;
    Ok(catalog)
}

/// Reads the answer.
///
/// # Errors
/// [`StoreError::Failed`] if it is not what the statement returns.
pub fn read(rows: &[Row]) -> Result<Catalog> {
    let row = rows
        .first()
        .ok_or_else(|| StoreError::failed(OPERATION)("the server answers no row"))?;
    let text: &str = decode::value(row, "catalog")
        .map_err(|words| StoreError::failed(OPERATION)(format!("the answer {words}")))?;
    serde_json::from_str(text).map_err(StoreError::failed(OPERATION))
}
