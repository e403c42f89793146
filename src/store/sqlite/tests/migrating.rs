//! A file of an earlier version becomes one of this version, and a new file is the same.

use rusqlite::Connection;
use tempfile::TempDir;

use super::super::{SCHEMA, migrations, pending};
use super::*;
use crate::index::RowVersion;

/// A store of version 1 with one post, written as the program of version 1 wrote it.
const VERSION_1: &str = include_str!("../migrations/0001_tables.sql");

fn version_1(folder: &TempDir) -> SqliteStore {
    let path = folder.path().join("content.db");
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(VERSION_1).unwrap();
    connection
        .execute_batch(
            "INSERT INTO post (id, title, category, content) VALUES (1, 'One', 'x', 'Body');
             INSERT INTO blogctl_source (post_id, path, file_digest, post_digest, row_digest,
                                         terms_version, touches, written_touches)
             VALUES (1, 'a.md', zeroblob(16), zeroblob(16), zeroblob(16), 1, 5, 5);",
        )
        .unwrap();
    drop(connection);
    SqliteStore::open(&path).unwrap()
}

/// The migration to version 2.
const VERSION_2: [&str; 2] = [
    include_str!("../migrations/0002_slug_and_extra.sql"),
    include_str!("../migrations/0002_content_last.sql"),
];

/// The digest of a row as version 2 made it; a slug counted where the file stated it.
const ROW_DIGEST_2: &str = "
    UPDATE blogctl_source SET row_digest = (
        SELECT blogctl_row_digest(
            p.id, p.title, p.description, p.created_at, p.updated_at, p.category,
            p.image, p.word_count, p.content,
            (SELECT json_group_array(t.name ORDER BY t.name)
             FROM post_tag AS pt JOIN tag AS t ON t.id = pt.tag_id WHERE pt.post_id = p.id),
            iif(instr(stated, '\"slug\"') > 0, p.slug, NULL), NULL
        )
        FROM post AS p WHERE p.id = post_id
    )";

#[test]
fn rows_of_version_2_keep_their_digests() {
    let folder = folder();
    let path = folder.path().join("content.db");
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(&[VERSION_1, VERSION_2[0], VERSION_2[1], VERSION_1].concat())
        .unwrap();
    connection
        .execute_batch(
            "INSERT INTO post (id, title, category, slug, created_at, content) VALUES
                 (1, 'One', 'x', 'one', 5, 'Body'), (2, 'Two', NULL, 'theirs', 5, 'Body');
             INSERT INTO tag (name) VALUES ('a');
             INSERT INTO post_tag (post_id, tag_id) VALUES (1, 1);
             INSERT INTO blogctl_source (post_id, path, file_digest, post_digest, row_digest,
                                         terms_version, stated)
             SELECT id, id, zeroblob(16), zeroblob(16), zeroblob(16), 1,
                    iif(id = 1, '[\"slug\"]', '[]')
             FROM post;",
        )
        .unwrap();
    let mut store = SqliteStore::open(&path).unwrap();
    assert!(store.index().is_err());
    let own = &store.opened.as_ref().unwrap().connection;
    own.execute_batch(ROW_DIGEST_2).unwrap();
    let found = store.apply_schema(NO_WAIT).unwrap();
    assert_eq!(found, SchemaState::Version(2));
    let states = |store: &mut SqliteStore| {
        let mut entries = store.index().unwrap().entries;
        entries.sort_by_key(|entry| entry.id);
        let is_intact = |row| matches!(row, crate::index::RowState::Intact(_));
        entries
            .iter()
            .map(|entry| is_intact(entry.row))
            .collect::<Vec<_>>()
    };
    // Every row is touched, so that only its digest tells.
    connection
        .execute_batch("UPDATE post SET title = title")
        .unwrap();
    assert_eq!(states(&mut store), [true, true]);
    connection
        .execute_batch("UPDATE post SET slug = 'x'")
        .unwrap();
    assert_eq!(states(&mut store), [false, true]);
    // Version 2 managed the columns of version 1 and the tags, whatever the file stated.
    connection
        .execute_batch("INSERT INTO post_tag (post_id, tag_id) VALUES (2, 1)")
        .unwrap();
    assert_eq!(states(&mut store), [false, false]);
    // Applying the migrations again changes no line.
    let lines = |sql: &str| -> String { connection.query_row(sql, [], |row| row.get(0)).unwrap() };
    let stated = "SELECT group_concat(stated, ' ') FROM blogctl_source";
    let before = lines(stated);
    assert!(before.contains("\"word_count\",\"slug\"]"), "{before}");
    store.apply_schema(NO_WAIT).unwrap();
    assert_eq!(lines(stated), before);
}

/// The tables, indexes and triggers, with their statements.
fn objects(store: &SqliteStore) -> Vec<(String, String)> {
    let connection = Connection::open(&store.path).unwrap();
    let mut statement = connection
        .prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name")
        .unwrap();
    let objects = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    objects.unwrap().map(std::result::Result::unwrap).collect()
}

fn columns(store: &SqliteStore) -> Vec<String> {
    let connection = Connection::open(&store.path).unwrap();
    let mut statement = connection
        .prepare("SELECT name FROM pragma_table_info('post')")
        .unwrap();
    let names = statement.query_map([], |row| row.get(0)).unwrap();
    names.map(std::result::Result::unwrap).collect()
}

fn fresh(folder: &TempDir) -> SqliteStore {
    let mut store = store_in(folder);
    let found = store.apply_schema(NO_WAIT).unwrap();
    assert_eq!(found, SchemaState::Absent);
    store
}

#[test]
fn an_upgraded_file_has_the_tables_of_a_new_one() {
    let (old, new) = (folder(), folder());
    let mut upgraded = version_1(&old);
    let error = upgraded.index().unwrap_err();
    assert!(
        matches!(error, StoreError::SchemaVersion { found: 1, .. }),
        "{error:?}"
    );
    let found = upgraded.apply_schema(NO_WAIT).unwrap();
    assert_eq!(found, SchemaState::Version(1));
    assert_eq!(
        upgraded.schema_state().unwrap(),
        SchemaState::Version(SCHEMA_VERSION)
    );
    let fresh = fresh(&new);
    assert_eq!(objects(&upgraded), objects(&fresh));
    assert_eq!(columns(&fresh).last().map(String::as_str), Some("content"));
}

#[test]
fn the_upgrade_touches_no_post() {
    let folder = folder();
    let mut store = version_1(&folder);
    store.apply_schema(NO_WAIT).unwrap();
    let index = store.index().unwrap();
    let untouched = crate::index::RowState::Intact(RowVersion(5));
    assert_eq!(index.entries[0].row, untouched);
    let (post, body) = store.show(PostId::new(1).unwrap().into()).unwrap().unwrap();
    assert_eq!(
        (post.title.as_deref(), body.as_str()),
        (Some("One"), "Body")
    );
    assert_eq!((post.slug, post.extra.is_empty()), (None, true));
    // A change is seen as before.
    let other = Connection::open(&store.path).unwrap();
    other.execute_batch("UPDATE post SET title = 'x'").unwrap();
    let index = store.index().unwrap();
    let touched = crate::index::RowState::Edited(RowVersion(6));
    assert_eq!(index.entries[0].row, touched);
}

#[test]
fn applying_again_makes_what_is_missing_and_changes_nothing_else() {
    let folder = folder();
    let mut store = fresh(&folder);
    sync_one(&mut store, 1);
    let whole = objects(&store);
    let other = Connection::open(&store.path).unwrap();
    for damage in [
        "",
        "DROP INDEX post_slug_id_idx",
        "DROP TRIGGER blogctl_post_updated",
        "DROP TRIGGER blogctl_extra_deleted",
        "DROP TABLE blogctl_extra_value",
        "DROP TRIGGER blogctl_translation_moved",
        "DROP TABLE blogctl_translation",
        "DROP TABLE post_translation",
        "DROP TABLE post",
    ] {
        other.execute_batch(damage).unwrap();
        let found = store.apply_schema(NO_WAIT).unwrap();
        assert_eq!(found, SchemaState::Version(SCHEMA_VERSION));
        assert_eq!(objects(&store), whole, "{damage}");
    }
}

#[test]
fn what_others_made_of_the_table_keeps_its_columns_where_they_are() {
    for theirs in [
        "CREATE VIEW recent AS SELECT id, content FROM post",
        "CREATE TRIGGER theirs AFTER UPDATE ON post BEGIN UPDATE post SET image = 'x'; END",
        "ALTER TABLE post ADD COLUMN slug TEXT; UPDATE post SET slug = 'theirs'",
    ] {
        let folder = folder();
        let mut store = version_1(&folder);
        let other = Connection::open(&store.path).unwrap();
        other.execute_batch(theirs).unwrap();
        store.apply_schema(NO_WAIT).unwrap();
        let columns = columns(&store);
        for column in ["slug", "extra"] {
            assert!(
                columns.iter().any(|one| one == column),
                "{theirs}: {columns:?}"
            );
        }
        let (post, body) = store.show(PostId::new(1).unwrap().into()).unwrap().unwrap();
        assert_eq!((post.image, body.as_str()), (None, "Body"), "{theirs}");
    }
}

#[test]
fn the_pending_steps_are_those_after_the_version_that_was_found() {
    assert_eq!(pending(SchemaState::Absent), SCHEMA);
    let from_1 = pending(SchemaState::Version(1));
    assert!(SCHEMA.ends_with(&from_1) && from_1.contains("ADD COLUMN slug"));
    assert_eq!(pending(SchemaState::Version(SCHEMA_VERSION)), "");
    assert_eq!(pending(SchemaState::Version(SCHEMA_VERSION + 1)), "");
    for (version, can) in [
        (0, false),
        (1, true),
        (SCHEMA_VERSION, true),
        (SCHEMA_VERSION + 1, false),
    ] {
        assert_eq!(
            migrations::can_apply(SchemaState::Version(version)),
            can,
            "{version}"
        );
    }
}

#[test]
fn the_printed_sql_makes_the_same_tables() {
    let (printed, applied) = (folder(), folder());
    let path = printed.path().join("content.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch(SCHEMA)
        .unwrap();
    let printed = SqliteStore::open(&path).unwrap();
    assert_eq!(objects(&printed), objects(&fresh(&applied)));
}
