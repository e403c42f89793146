//! The meaning of the errors by which a server refuses single rows.

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use super::super::{PostgresStore, said};
use crate::store::StoreError;
use crate::tables::{BlogTable, TableMap};

const HELP: &str = "correct the post; `blogctl doctor` shows the tables";
const HELP_WITH_VALUES: &str =
    "correct [tables.post.values] in blogctl.toml, or the post; `blogctl doctor` shows the tables";

/// Gives an error its meaning: the constraint or the column that refused a row.
pub fn explained(store: &PostgresStore, operation: &'static str, error: Error) -> StoreError {
    let map = store.map();
    let Some((state, what)) = error
        .as_db_error()
        .and_then(|said| Some((said.code().clone(), words(operation, said, map)?)))
    else {
        return store.error(operation, error);
    };
    if state == SqlState::UNIQUE_VIOLATION {
        if error.as_db_error().is_some_and(|said| is_of_id(said, map)) {
            // A row that appeared since the index was read.
            return StoreError::Stale;
        }
        let source = said::cause(error);
        return StoreError::Duplicate {
            operation,
            what,
            source,
        };
    }
    StoreError::Tables {
        operation,
        what,
        help: match map.values() {
            [] => HELP,
            _ => HELP_WITH_VALUES,
        },
        source: said::cause(error),
    }
}

/// Returns the words for a refusal of a row; `None` for other errors.
fn words(operation: &str, said: &DbError, map: &TableMap) -> Option<String> {
    let shown = |name: &str| said::shown(name).into_owned();
    let table = match (said.schema(), said.table()) {
        (Some(schema), Some(table)) => format!("{}.{}", shown(schema), shown(table)),
        _ => map.table(BlogTable::Post).name().to_string(),
    };
    let constraint = shown(said.constraint().unwrap_or("of its own"));
    let state = said.code();
    if *state == SqlState::UNIQUE_VIOLATION {
        return Some(format!(
            "the unique index {constraint} of {table} has one of the values already"
        ));
    }
    if *state == SqlState::NOT_NULL_VIOLATION {
        let column = shown(said.column().unwrap_or("a column"));
        return Some(format!("{table}.{column} needs a value"));
    }
    if *state == SqlState::CHECK_VIOLATION {
        return Some(match said.datatype() {
            Some(domain) => format!(
                "the CHECK {constraint} of the type {} refuses a value",
                shown(domain)
            ),
            None => format!("the CHECK {constraint} of {table} refuses a row"),
        });
    }
    if *state == SqlState::FOREIGN_KEY_VIOLATION {
        return Some(format!(
            "the foreign key {constraint} of {table} refuses a row"
        ));
    }
    if *state == SqlState::EXCLUSION_VIOLATION {
        return Some(format!(
            "the constraint {constraint} of {table} refuses a row"
        ));
    }
    // Class 22: a value does not fit its type. The server does not say where.
    let table = match operation {
        "insert posts" | "update posts" => BlogTable::Post,
        "write the tags" => BlogTable::Tag,
        _ => return None,
    };
    let name = map.table(table).name();
    let is_of_value = state.code().starts_with("22");
    is_of_value.then(|| format!("a column of {name} does not take a value"))
}

/// Returns true if a value that is there already is the id of a post.
fn is_of_id(said: &DbError, map: &TableMap) -> bool {
    let post = map.table(BlogTable::Post);
    let is_post = said.table() == Some(post.name().name.as_str());
    let key = post.column("id").map(|id| id.as_str().to_owned());
    let detail = said.detail().unwrap_or_default();
    is_post && key.is_some_and(|key| detail.contains(&format!("({key})=(")))
}
