//! Postgres keeps the contract.

use blogctl::store::Store;
use blogctl::store::postgres::{ConnectOptions, PostgresStore};

use super::sqlite::SqlitePlace;
use super::{Place, contract_tests};
use crate::support::database::TestDatabase;

/// A database of its own on the shared server, reached over TLS.
pub struct PostgresPlace {
    database: TestDatabase,
}

impl PostgresPlace {
    pub fn new() -> Self {
        Self {
            database: TestDatabase::create(),
        }
    }
}

impl Place for PostgresPlace {
    fn store(&self) -> Box<dyn Store> {
        let connected = PostgresStore::connect(&self.database.url(), &ConnectOptions::default());
        Box::new(connected.expect("the server takes connections").0)
    }

    fn sql(&self, statements: &str) {
        self.database.client().batch(statements);
    }

    fn set_version(&self, version: i32) {
        self.sql(&format!("UPDATE blogctl.state SET version = {version}"));
    }

    fn set_terms_version(&self, version: i32) {
        self.sql(&format!(
            "UPDATE blogctl.source SET terms_version = {version}"
        ));
    }
}

contract_tests!(cases, PostgresPlace::new);

#[test]
fn both_stores_answer_alike_and_as_the_model_does() {
    super::agree::all_agree(&[&|| Box::new(PostgresPlace::new()), &|| {
        Box::new(SqlitePlace::new())
    }]);
}

#[test]
fn both_stores_find_what_the_terms_and_the_text_say() {
    super::search_agree::all_agree(&[&|| Box::new(PostgresPlace::new()), &|| {
        Box::new(SqlitePlace::new())
    }]);
}
