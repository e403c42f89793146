//! Explains why the server refuses a statement that it took before: the tables have changed.

use futures_util::future::join3;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use super::{PostgresStore, catalog, decode, index};
use crate::catalog::Catalog;
use crate::post::Field;
use crate::store::StoreError;
use crate::tables::BlogTable;

/// The codes by which the server refuses columns that are missing or of another type.
const CODES: [SqlState; 11] = [
    SqlState::UNDEFINED_COLUMN,
    // An operator is a function to it.
    SqlState::UNDEFINED_FUNCTION,
    SqlState::AMBIGUOUS_FUNCTION,
    SqlState::DATATYPE_MISMATCH,
    SqlState::CANNOT_COERCE,
    SqlState::WRONG_OBJECT_TYPE,
    SqlState::COLLATION_MISMATCH,
    // A date may be later than any time.
    SqlState::DATETIME_FIELD_OVERFLOW,
    SqlState::INVALID_TEXT_REPRESENTATION,
    SqlState::INVALID_BINARY_REPRESENTATION,
    SqlState::UNDEFINED_OBJECT,
];

const HELP: &str = "change the table back, or give blogctl a database of its own; \
    `blogctl doctor` looks at all of them";

/// Gives an error of the driver its meaning; where the tables are to blame, asks which of
/// their columns. The statement's transaction has ended.
pub async fn explained(store: &PostgresStore, operation: &'static str, error: Error) -> StoreError {
    if error.code() == Some(&SqlState::CHARACTER_NOT_IN_REPERTOIRE) {
        return StoreError::Tables {
            operation,
            what: "a row holds text that is not UTF-8".to_owned(),
            help: "find the row and write its text again, or give blogctl a database of its own, \
                with the encoding UTF8",
            source: error.into(),
        };
    }
    if error.code() == Some(&SqlState::UNDEFINED_TABLE) {
        // The records are there, since their version was read: a table of posts is gone.
        let fit = match described(store).await {
            Some(catalog) => index::check(store, &catalog, true),
            None => Ok(()),
        };
        return fit.err().unwrap_or_else(|| store.error(operation, error));
    }
    if !error.code().is_some_and(|code| CODES.contains(code)) {
        return store.error(operation, error);
    }
    let what = match strange_columns(store).await {
        // What the server said is enough where the catalogs say no more.
        Err(_) => String::new(),
        Ok(columns) => columns.join("; "),
    };
    let what = match what.is_empty() {
        true => "the tables are not as blogctl needs them".to_owned(),
        false => what,
    };
    StoreError::Tables {
        operation,
        what,
        help: HELP,
        source: error.into(),
    }
}

/// Returns true if the server refused a category that is no label of an enum: no post has it.
pub async fn is_missing_label(store: &PostgresStore, error: &Error) -> bool {
    if error.code() != Some(&SqlState::INVALID_TEXT_REPRESENTATION) {
        return false;
    }
    let map = store.map();
    let catalog = described(store).await;
    let column = catalog.as_ref().and_then(|catalog| {
        let table = catalog.table(map.table(BlogTable::Post).name())?;
        table.column(map.column(Field::Category)?.as_str())
    });
    column.is_some_and(|column| column.category == "E")
}

/// Describes the tables of the posts; `None` if the server does not answer.
async fn described(store: &PostgresStore) -> Option<Catalog> {
    let rows = catalog::ask(store.client(), store.map()).await.ok()?;
    catalog::read(&rows).ok()
}

/// Names the columns that are missing or of a type that the statements do not take.
async fn strange_columns(store: &PostgresStore) -> Result<Vec<String>, Error> {
    let client = store.client();
    let (begun, rows, ended) = join3(
        client.batch_execute("BEGIN READ ONLY; SET LOCAL statement_timeout = '5s'"),
        client.query_typed(&store.statements.refused_columns, &[]),
        client.batch_execute("COMMIT"),
    )
    .await;
    begun?;
    let rows = rows?;
    ended?;
    Ok(rows
        .iter()
        .filter_map(|row| decode::text(row, "words"))
        .collect())
}
