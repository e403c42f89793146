//! The embedded store keeps the contract.

use std::path::PathBuf;

use blogctl::store::Store;
use blogctl::store::sqlite::SqliteStore;
use tempfile::TempDir;

use super::{Place, contract_tests};

/// A file in a folder of its own.
pub struct SqlitePlace {
    folder: TempDir,
}

impl SqlitePlace {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder can be made"),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("content.db")
    }
}

impl Place for SqlitePlace {
    fn store(&self) -> Box<dyn Store> {
        Box::new(SqliteStore::open(&self.path()).expect("the store opens"))
    }

    fn sql(&self, statements: &str) {
        let connection = rusqlite::Connection::open(self.path()).expect("the file opens");
        connection
            .execute_batch(statements)
            .expect("the statements run");
    }

    fn set_version(&self, version: i32) {
        self.sql(&format!("UPDATE blogctl_state SET version = {version}"));
    }

    fn set_terms_version(&self, version: i32) {
        self.sql(&format!(
            "UPDATE blogctl_source SET terms_version = {version}"
        ));
    }
}

contract_tests!(cases, SqlitePlace::new);

#[test]
fn answers_as_the_model_does() {
    super::agree::all_agree(&[&|| Box::new(SqlitePlace::new())]);
}

#[test]
fn finds_what_the_terms_and_the_text_say() {
    super::search_agree::all_agree(&[&|| Box::new(SqlitePlace::new())]);
}
