//! The embedded store keeps the contract.

use std::path::PathBuf;

use blogctl::locale::Locale;
use blogctl::store::Store;
use blogctl::store::sqlite::{SqliteOptions, SqliteStore};
use tempfile::TempDir;

use super::oddrows::{Odd, odd};
use super::{TestStore, contract_tests, texts};

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

impl TestStore for SqlitePlace {
    fn store(&self) -> Box<dyn Store> {
        Box::new(SqliteStore::open(&self.path()).expect("the store opens"))
    }

    fn store_in(&self, locale: Locale) -> Box<dyn Store> {
        let options = SqliteOptions {
            locales: Some(texts::locales()),
            locale: Some(locale),
            ..SqliteOptions::default()
        };
        Box::new(SqliteStore::open_with(&self.path(), options).expect("the store opens"))
    }

    fn sql(&self, statements: &str) {
        let connection = rusqlite::Connection::open(self.path()).expect("the file opens");
        connection
            .execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
            .expect("both are known");
        connection
            .execute_batch(statements)
            .expect("the statements run");
    }

    fn set_version(&self, version: i32) {
        self.sql(&format!("UPDATE blogctl_state SET version = {version}"));
    }

    fn loosen(&self) {
        // There is no ALTER TABLE for this; the new version makes open connections look.
        self.sql(
            "PRAGMA writable_schema = ON;
             UPDATE sqlite_schema
             SET sql = replace(replace(replace(
                 sql, ') STRICT, ', ') '), ') STRICT', ')'), ' NOT NULL', '')
             WHERE type = 'table' AND sql LIKE '%STRICT%';
             PRAGMA schema_version = 1000;
             PRAGMA writable_schema = RESET",
        );
    }

    fn odd_values(&self) -> &'static [Odd] {
        const ODD: [Odd; 17] = [
            odd(
                "title",
                "UPDATE post SET title = x'00ff' WHERE id = 2",
                "is a blob",
            ),
            odd(
                "title",
                "UPDATE post SET title = CAST(x'61ff' AS TEXT) WHERE id = 2",
                "is not UTF-8",
            ),
            odd(
                "description",
                "UPDATE post SET description = x'' WHERE id = 2",
                "is a blob",
            ),
            odd(
                "category",
                "UPDATE post SET category = x'6f6e65' WHERE id = 2",
                "is a blob",
            ),
            odd(
                "category",
                "UPDATE post SET category = CAST(x'ff' AS TEXT) WHERE id = 2",
                "is not UTF-8",
            ),
            odd(
                "image",
                "UPDATE post SET image = x'00' WHERE id = 2",
                "is a blob",
            ),
            odd(
                "created_at",
                "UPDATE post SET created_at = 'now' WHERE id = 2",
                "is text",
            ),
            odd(
                "created_at",
                "UPDATE post SET created_at = 1.5 WHERE id = 2",
                "number with a fraction",
            ),
            odd(
                "created_at",
                "UPDATE post SET created_at = 9223372036854775807 WHERE id = 2",
                "years -9999 to 9999",
            ),
            odd(
                "updated_at",
                "UPDATE post SET updated_at = x'00' WHERE id = 2",
                "is a blob",
            ),
            odd(
                "word_count",
                "UPDATE post SET word_count = 9223372036854775807 WHERE id = 2",
                "is 9223372036854775807",
            ),
            odd(
                "word_count",
                "UPDATE post SET word_count = 'many' WHERE id = 2",
                "is text",
            ),
            odd(
                "content",
                "UPDATE post SET content = x'00' WHERE id = 2",
                "is a blob",
            ),
            odd(
                "content",
                "UPDATE post SET content = zeroblob(100000) WHERE id = 2",
                "is a blob",
            ),
            odd(
                "content",
                "UPDATE post SET content = CAST(x'ff' AS TEXT) WHERE id = 2",
                "is not UTF-8",
            ),
            odd(
                "tags",
                "UPDATE tag SET name = x'74776f' WHERE name = 'two'",
                "a name that",
            ),
            odd(
                "tags",
                "UPDATE tag SET name = CAST(x'ff' AS TEXT) WHERE name = 'two'",
                "is not UTF-8",
            ),
        ];
        &ODD
    }

    fn kept(&self, table: &str) -> String {
        format!("blogctl_{table}")
    }

    fn too_late(&self) -> &'static str {
        "9223372036854775807"
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
fn holds_the_texts_that_the_files_say() {
    super::texts_agree::all_agree(&[&|| Box::new(SqlitePlace::new())]);
}

#[test]
fn finds_what_the_terms_and_the_text_say() {
    super::search_agree::all_agree(&[&|| Box::new(SqlitePlace::new())]);
}

/// Postgres takes the tables of another program only as a table map names them.
#[test]
fn rows_are_read_and_adopted_before_there_are_tables_of_blogctl() {
    super::stated::rows_are_read_and_adopted_before_there_are_tables_of_blogctl(&SqlitePlace::new());
}
