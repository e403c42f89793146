//! Tables, triggers and rows that another program made to do harm.

use super::hostile::{said, write};
use super::*;

/// A store that is synced, then changed by statements that SQLite itself would refuse as well
/// where `sqlite_schema` has to be written to.
fn changed_by(folder: &TempDir, sql: &str) -> SqliteStore {
    let path = folder.path().join("content.db");
    let mut store = SqliteStore::open(&path).unwrap();
    write(&mut store).unwrap();
    drop(store);
    let other = Connection::open(&path).unwrap();
    other.execute_batch(sql).unwrap();
    drop(other);
    SqliteStore::open(&path).unwrap()
}

#[test]
fn tables_that_are_none_and_foreign_triggers_are_refused() {
    let endless =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    let cases = [
        (
            format!("PRAGMA foreign_keys = 0; DROP TABLE post; CREATE VIEW post AS {endless}"),
            "`post` is a view",
        ),
        (
            format!("PRAGMA foreign_keys = 0; DROP TABLE TAG; CREATE VIEW TAG AS {endless}"),
            "`TAG` is a view",
        ),
        (
            "DROP TABLE blogctl_run; CREATE VIEW blogctl_run AS SELECT 1".to_owned(),
            "`blogctl_run` is a view",
        ),
        (
            "DROP TABLE blogctl_state; CREATE VIEW blogctl_state AS SELECT 1 AS version".to_owned(),
            "`blogctl_state` is a view",
        ),
        (
            "DROP TABLE blogctl_extra_value;
             CREATE VIEW blogctl_extra_value AS SELECT 'a' AS key, 'b' AS value, 1 AS post_id"
                .to_owned(),
            "`blogctl_extra_value` is a view",
        ),
        (
            "DROP TRIGGER blogctl_extra_deleted;
             CREATE TRIGGER blogctl_extra_deleted AFTER DELETE ON post BEGIN DELETE FROM tag; END"
                .to_owned(),
            "trigger that is not blogctl's: `blogctl_extra_deleted`",
        ),
        (
            "DROP TABLE post_tag; CREATE VIRTUAL TABLE post_tag USING fts5 (post_id, tag_id)"
                .to_owned(),
            "`post_tag` is a virtual table",
        ),
        (
            "DROP TABLE blogctl_search;
             CREATE VIRTUAL TABLE blogctl_search USING fts5 (terms, content='sqlite_schema')"
                .to_owned(),
            "`blogctl_search` is a virtual table",
        ),
        (
            "DROP TABLE post_translation;
             CREATE VIEW post_translation AS SELECT 1 AS post_id, 'en' AS locale"
                .to_owned(),
            "`post_translation` is a view",
        ),
        (
            "DROP TABLE blogctl_translation_search;
             CREATE VIRTUAL TABLE blogctl_translation_search USING fts5 (terms, content='post')"
                .to_owned(),
            "`blogctl_translation_search` is a virtual table",
        ),
        (
            "CREATE TRIGGER more AFTER UPDATE ON blogctl_state BEGIN DELETE FROM post; END"
                .to_owned(),
            "`blogctl_state` has a trigger that is not blogctl's: `more`",
        ),
        (
            "DROP TRIGGER blogctl_post_updated;
             CREATE TRIGGER blogctl_post_updated AFTER UPDATE ON post BEGIN SELECT 1; END"
                .to_owned(),
            "trigger that is not blogctl's: `blogctl_post_updated`",
        ),
    ];
    for (sql, expected) in cases {
        let folder = folder();
        let mut store = changed_by(&folder, &sql);
        for error in [
            store.index().map(drop).unwrap_err(),
            store.tags(None).map(drop).unwrap_err(),
            store.schema_state().map(drop).unwrap_err(),
            store.apply_schema(NO_WAIT).map(drop).unwrap_err(),
            store.examine().map(drop).unwrap_err(),
        ] {
            let said = said(error);
            assert!(
                said.contains(expected) && said.contains("drop it"),
                "{sql}: {said}"
            );
        }
    }
}

#[test]
fn another_programs_triggers_are_its_own_in_its_own_file_alone() {
    let folder = folder();
    let trigger = "CREATE TRIGGER theirs AFTER UPDATE ON post BEGIN SELECT 1; END";
    let mut store = changed_by(&folder, trigger);
    store.index().unwrap();
    let project = super::folder();
    let mut own = embedded(&project).unwrap();
    write(&mut own).unwrap();
    let other = Connection::open(&own.path).unwrap();
    other.execute_batch(trigger).unwrap();
    assert!(said(own.index().unwrap_err()).contains("`theirs`"));
}

/// A store in which others have made a trigger, with little time for each statement.
fn slow(folder: &TempDir, trigger: &str) -> SqliteStore {
    let options = SqliteOptions {
        read_timeout: Duration::from_millis(200),
        write_timeout: Duration::from_millis(200),
        ..SqliteOptions::default()
    };
    let store = changed_by(folder, trigger);
    let path = store.path.clone();
    drop(store);
    SqliteStore::open_with(&path, options).unwrap()
}

const ENDLESS: &str = "
    CREATE TRIGGER endless AFTER INSERT ON post BEGIN
        UPDATE post SET image = (
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
            SELECT max(i) FROM n
        ) WHERE id = NEW.id;
    END";

#[test]
fn a_statement_that_never_ends_is_ended() {
    let folder = folder();
    let mut store = slow(&folder, ENDLESS);
    let index = store.index().unwrap();
    let mut transaction = store.begin(begin(index.generation)).unwrap();
    let error = transaction.write(post_write(8, String::new())).unwrap_err();
    drop(transaction);
    assert!(
        matches!(
            error,
            StoreError::TimedOut {
                operation: "write a post",
                option: "--statement-timeout",
                ..
            }
        ),
        "{error:?}"
    );
    assert!(said(error).contains("--statement-timeout"));
    // Nothing of it is left, and the store goes on.
    assert_eq!(store.index().unwrap(), index);
}

#[test]
fn an_interrupt_ends_a_statement() {
    let folder = folder();
    let path = slow(&folder, ENDLESS).path.clone();
    let options = SqliteOptions::default();
    let interrupt = options.interrupt.clone();
    let mut store = SqliteStore::open_with(&path, options).unwrap();
    let index = store.index().unwrap();
    let mut transaction = store.begin(begin(index.generation)).unwrap();
    interrupt.raise(2);
    let error = transaction.write(post_write(8, String::new())).unwrap_err();
    assert!(matches!(error, StoreError::Interrupted(_)), "{error:?}");
}

#[test]
fn what_a_row_says_of_its_size_takes_no_memory() {
    let folder = folder();
    let sql = "CREATE TABLE new (id INTEGER PRIMARY KEY, title TEXT, description TEXT,
                   created_at INTEGER, updated_at INTEGER, category TEXT,
                   image TEXT AS (hex(zeroblob(40000000))), word_count INTEGER, slug TEXT, extra TEXT, content TEXT);
               INSERT INTO new SELECT id, title, description, created_at, updated_at, category,
                   word_count, slug, extra, content FROM post;
               PRAGMA foreign_keys = 0; DROP TABLE post; ALTER TABLE new RENAME TO post;
               CREATE INDEX post_category_id_idx ON post (category, id DESC)";
    let mut store = changed_by(&folder, sql);
    let error = store.show(PostId::new(7).unwrap().into()).unwrap_err();
    assert!(said(error).contains("too big"));
}
