//! The file, its folder and its tables, as they are made or joined.

use super::*;

#[test]
fn reading_makes_no_file() {
    let folder = folder();
    let mut store = embedded(&folder).unwrap();
    assert_eq!(store.index().unwrap(), Index::default());
    assert_eq!(store.schema_state().unwrap(), SchemaState::Absent);
    store.tags(None).unwrap_err();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_projects_store_keeps_itself_out_of_git() {
    let folder = folder();
    let mut store = embedded(&folder).unwrap();
    sync_one(&mut store, 1);
    let own = folder.path().join(".blogctl");
    assert!(own.join("content.db").is_file());
    assert_eq!(fs::read_to_string(own.join(".gitignore")).unwrap(), "*\n");
    // A named file's folder is the user's.
    let mut named = SqliteStore::open(&folder.path().join("new/folder/a.db")).unwrap();
    sync_one(&mut named, 1);
    assert!(!folder.path().join("new/folder/.gitignore").exists());
}

#[test]
fn tables_that_another_program_made_are_joined_and_counted() {
    let folder = folder();
    let mut store = store_in(&folder);
    Connection::open(&store.path)
        .unwrap()
        .execute_batch(
            "CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT, description TEXT,
                                content TEXT, created_at INTEGER, updated_at INTEGER,
                                category TEXT, image TEXT, word_count INTEGER, extra TEXT);
             CREATE TABLE tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
             CREATE TABLE post_tag (post_id INTEGER REFERENCES post (id) ON DELETE CASCADE,
                                    tag_id INTEGER REFERENCES tag (id) ON DELETE CASCADE,
                                    PRIMARY KEY (post_id, tag_id));
             INSERT INTO post (id, category, extra, created_at)
             VALUES (5, 'theirs', 'kept', 7), (0, NULL, NULL, 7), (-1, NULL, NULL, 7);
             INSERT INTO tag VALUES (1, 'a');
             INSERT INTO post_tag VALUES (5, 1);",
        )
        .unwrap();
    let index = store.index().unwrap();
    assert_eq!(index.generation, None);
    // An id of 0 is none that a file can have.
    assert_eq!(index.foreign.len(), 1);
    sync_one(&mut store, 1);
    let count = |name: &str, posts| NameCount::new(name, posts);
    assert_eq!(store.categories(None).unwrap(), [count("theirs", 1)]);
    assert_eq!(store.tags(None).unwrap(), [count("a", 2)]);
    let position = Position {
        cursor: None,
        limit: Limit::MAX,
    };
    let page = store.list(&Filter::default(), position).unwrap();
    assert_eq!(page.items.len(), 2);
    assert_eq!(page.items[0].title, None);
    let all_time = Filter {
        since: Some(Timestamp::MIN),
        ..Filter::default()
    };
    assert_eq!(store.list(&all_time, position).unwrap(), page);
}

#[test]
fn a_table_that_lacks_columns_gets_them() {
    let folder = folder();
    let mut store = store_in(&folder);
    Connection::open(&store.path)
        .unwrap()
        .execute_batch(
            "CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT NOT NULL);
             INSERT INTO post VALUES (5, 'theirs');",
        )
        .unwrap();
    sync_one(&mut store, 1);
    let (post, _) = store.show(PostId::new(5).unwrap().into()).unwrap().unwrap();
    assert_eq!(post.title.as_deref(), Some("theirs"));
    assert_eq!(post.created_at, None);
}

#[test]
fn names_with_a_meaning_to_sqlite_are_plain_files() {
    let folder = folder();
    for name in [
        "file:a.db",
        ":memory:",
        "50%?mode=memory&x#y.db",
        "한글 이름.db",
    ] {
        let path = folder.path().join(name);
        let mut store = SqliteStore::open(&path).unwrap();
        sync_one(&mut store, 1);
        assert!(path.is_file(), "{name}");
        assert!(store.location().starts_with("sqlite:"));
    }
}
