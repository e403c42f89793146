//! Tests of SQLite's own behaviour; the contract's cases are in `tests/it/contract`.

#[cfg(unix)]
mod hostile;
mod listing;
mod migrating;
mod searching;

use std::error::Error;
use std::fs;

use jiff::Timestamp;
use tempfile::TempDir;

use super::*;
use crate::model::RunRecord;
use crate::page::Limit;
use crate::plan::Replaces;
use crate::post::{Digest, Post, SourcePath};
use crate::store::{Finish, PostWrite};

const NO_WAIT: Duration = Duration::ZERO;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn store_in(folder: &TempDir) -> SqliteStore {
    SqliteStore::open(&folder.path().join("content.db")).unwrap()
}

fn embedded(project: &TempDir) -> Result<SqliteStore> {
    let path = project.path().join(".blogctl/content.db");
    SqliteStore::open_embedded(&path, SqliteOptions::default())
}

fn begin(generation: Option<crate::index::Generation>) -> Begin {
    Begin {
        generation,
        lock_timeout: NO_WAIT,
        now: Timestamp::UNIX_EPOCH,
    }
}

fn post_write(id: i64, body: String) -> PostWrite {
    let post = Post {
        tags: vec!["a".to_owned()],
        word_count: 1,
        ..Post::new(PostId::new(id).unwrap(), format!("Post {id}"))
    };
    let digest = Digest::from_bytes(&[7; Digest::LEN]).unwrap();
    PostWrite {
        managed: post.stated(),
        extra_terms: Vec::new(),
        post,
        body,
        path: SourcePath::new("content/a.md"),
        file_digest: digest,
        post_digest: digest,
        replaces: Replaces::Nothing,
        terms: Vec::new(),
    }
}

fn finish() -> Finish {
    Finish {
        categories: Vec::new(),
        prune_tags: false,
        run: Some(RunRecord {
            started_at: Timestamp::UNIX_EPOCH,
            finished_at: Timestamp::UNIX_EPOCH,
            counts: Default::default(),
            directory: "content".to_owned(),
            actor: "me@here".to_owned(),
        }),
    }
}

fn sync_one(store: &mut SqliteStore, id: i64) {
    let index = store.index().unwrap();
    let mut transaction = store.begin(begin(index.generation)).unwrap();
    transaction
        .write(post_write(id, "Body".to_owned()))
        .unwrap();
    transaction.finish(&finish()).unwrap();
    transaction.commit().unwrap();
}

#[test]
fn triggers_notice_programs_that_leave_foreign_keys_off() {
    let folder = folder();
    let mut store = store_in(&folder);
    sync_one(&mut store, 1);
    sync_one(&mut store, 2);
    let other = Connection::open(&store.path).unwrap();
    other.pragma_update(None, "foreign_keys", false).unwrap();
    other
        .execute_batch("DELETE FROM post WHERE id = 1; DELETE FROM tag WHERE name = 'a';")
        .unwrap();
    let links: i64 = other
        .query_row("SELECT count(*) FROM post_tag", [], |row| row.get(0))
        .unwrap();
    assert_eq!(links, 0);
    let mut index = store.index().unwrap();
    index.entries.sort_by_key(|entry| entry.id);
    let states: Vec<_> = index.entries.iter().map(|entry| entry.row).collect();
    assert_eq!(states[0], crate::index::RowState::Missing);
    assert!(matches!(states[1], crate::index::RowState::Edited(_)));
}

#[test]
fn a_syncs_own_writes_are_no_edits() {
    let folder = folder();
    let mut store = store_in(&folder);
    sync_one(&mut store, 1);
    let index = store.index().unwrap();
    let crate::index::RowState::Intact(version) = index.entries[0].row else {
        panic!("{index:?}");
    };
    let mut transaction = store.begin(begin(index.generation)).unwrap();
    let mut write = post_write(1, "Another body".to_owned());
    write.post.tags = vec!["b".to_owned()];
    write.replaces = Replaces::Row(version);
    transaction.write(write).unwrap();
    transaction.finish(&finish()).unwrap();
    transaction.commit().unwrap();
    // Else each index would read the body, to digest the row.
    let touched: i64 = store
        .opened
        .as_ref()
        .unwrap()
        .connection
        .query_row(
            "SELECT count(*) FROM blogctl_source WHERE touches <> written_touches",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(touched, 0);
}

#[test]
fn what_others_change_is_counted_by_the_next_sync() {
    let folder = folder();
    let mut store = store_in(&folder);
    sync_one(&mut store, 1);
    let path = store.path.clone();
    let mut categories_after = |statement: &str, id: i64| {
        let other = Connection::open(&path).unwrap();
        other.execute_batch(statement).unwrap();
        sync_one(&mut store, id);
        let tallies = store.categories().unwrap().into_iter();
        tallies
            .map(|t| (t.name.unwrap(), t.posts.unwrap()))
            .collect::<Vec<_>>()
    };
    let insert = "INSERT INTO post (id, title, category) VALUES (90, '', 'x'), (91, '', 'x')";
    assert_eq!(categories_after(insert, 2), [("x".to_owned(), 2)]);
    let update = "UPDATE post SET category = 'y' WHERE id = 90";
    let both = [("x".to_owned(), 1), ("y".to_owned(), 1)];
    assert_eq!(categories_after(update, 3), both);
    let delete = "DELETE FROM post WHERE id = 91";
    assert_eq!(categories_after(delete, 4), [("y".to_owned(), 1)]);
}

#[test]
fn any_commit_by_others_between_index_and_begin_is_stale() {
    let folder = folder();
    let mut store = store_in(&folder);
    sync_one(&mut store, 1);
    let index = store.index().unwrap();
    let other = Connection::open(&store.path).unwrap();
    other
        .execute_batch("INSERT INTO post (id, title) VALUES (9, 'theirs')")
        .unwrap();
    let outcome = store.begin(begin(index.generation)).map(drop);
    assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
}

#[test]
fn busy_names_the_process_that_holds_the_lock() {
    let folder = folder();
    let (mut first, mut second) = (store_in(&folder), store_in(&folder));
    let running = first.begin(begin(None)).unwrap();
    match second.begin(begin(None)).map(drop) {
        Err(StoreError::Busy { holder, .. }) => {
            let process = format!("process {}", std::process::id());
            assert!(holder.unwrap().starts_with(&process));
        }
        outcome => panic!("{outcome:?}"),
    }
    drop(running);
    second.begin(begin(None)).map(drop).unwrap();
}

#[test]
fn busy_tells_of_a_program_that_is_not_a_sync() {
    let folder = folder();
    let mut store = store_in(&folder);
    sync_one(&mut store, 1);
    let index = store.index().unwrap();
    let other = Connection::open(&store.path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    match store.begin(begin(index.generation)).map(drop) {
        Err(StoreError::Busy { holder, .. }) => {
            assert!(holder.unwrap().starts_with("another program"));
        }
        outcome => panic!("{outcome:?}"),
    }
    // Readers go on beside it.
    assert_eq!(store.tags().unwrap().len(), 1);
}

#[test]
fn the_lock_of_a_dead_process_means_nothing() {
    let folder = folder();
    fs::write(folder.path().join("content.db.blogctl-lock"), "").unwrap();
    let mut store = store_in(&folder);
    sync_one(&mut store, 1);
}

#[test]
fn a_rollback_leaves_no_tables() {
    let folder = folder();
    let mut store = store_in(&folder);
    let mut transaction = store.begin(begin(None)).unwrap();
    transaction.write(post_write(1, String::new())).unwrap();
    drop(transaction);
    let other = Connection::open(&store.path).unwrap();
    let tables: i64 = other
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 0);
}

#[test]
fn reading_makes_no_file() {
    let folder = folder();
    let mut store = embedded(&folder).unwrap();
    assert_eq!(store.index().unwrap(), Index::default());
    assert_eq!(store.schema_state().unwrap(), SchemaState::Absent);
    store.tags().unwrap_err();
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
    let tally = |name: &str, posts| NameCount::new(name, posts);
    assert_eq!(store.categories().unwrap(), [tally("theirs", 1)]);
    assert_eq!(store.tags().unwrap(), [tally("a", 2)]);
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

/// The help beside an error or in its causes.
fn advice(error: StoreError) -> String {
    match error {
        StoreError::Unreachable { help, .. } => help.unwrap(),
        error => error.source().unwrap().to_string(),
    }
}

#[test]
fn fails_with_help_for_a_file_that_is_no_database() {
    let folder = folder();
    let path = folder.path().join("notes.db");
    fs::write(&path, "These are my notes, and not a database. ".repeat(50)).unwrap();
    let error = SqliteStore::open(&path).unwrap_err();
    assert!(error.to_string().contains("notes.db"));
    assert!(advice(error).contains("not a SQLite database"));
}

#[test]
fn fails_with_help_for_a_folder() {
    let folder = folder();
    let error = SqliteStore::open(folder.path()).unwrap_err();
    assert!(advice(error).contains("not a folder"));
}

#[test]
fn fails_with_help_where_no_folder_can_be_made() {
    let folder = folder();
    fs::write(folder.path().join("file"), "").unwrap();
    // Whether it is seen on opening or on writing is the system's choice.
    let path = folder.path().join("file").join("content.db");
    let error = SqliteStore::open(&path)
        .and_then(|mut store| store.apply_schema(NO_WAIT))
        .unwrap_err();
    assert!(advice(error).contains("check that the path is right"));
}

#[test]
fn fails_with_help_for_a_damaged_database() {
    let folder = folder();
    let mut store = store_in(&folder);
    sync_one(&mut store, 1);
    let path = store.path.clone();
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    bytes[4096..].fill(0xff);
    fs::write(&path, bytes).unwrap();
    let error = SqliteStore::open(&path)
        .and_then(|mut store| store.index())
        .unwrap_err();
    assert!(advice(error).contains("damaged"));
}

#[test]
fn a_full_disk_is_told_and_leaves_all_as_it_was() {
    let folder = folder();
    let mut store = store_in(&folder);
    sync_one(&mut store, 1);
    let index = store.index().unwrap();
    let connection = &store.opened.as_ref().unwrap().connection;
    let pages: i64 = connection
        .query_row("PRAGMA page_count", [], |row| row.get(0))
        .unwrap();
    connection
        .query_row(
            &format!("PRAGMA max_page_count = {}", pages + 2),
            [],
            |_| Ok(()),
        )
        .unwrap();
    let mut transaction = store.begin(begin(index.generation)).unwrap();
    let error = transaction
        .write(post_write(2, "long ".repeat(100_000)))
        .unwrap_err();
    drop(transaction);
    assert!(advice(error).contains("free some space"));
    assert_eq!(store.index().unwrap(), index);
}

#[test]
fn posts_end_with_the_one_that_reaches_the_limit() {
    let folder = folder();
    let mut store = store_in(&folder);
    store.apply_schema(NO_WAIT).unwrap();
    let half = crate::store::MAX_BODIES_BYTES / 2;
    Connection::open(&store.path)
        .unwrap()
        .execute(
            "INSERT INTO post (id, title, content)
             SELECT value, 'Post ' || value, replace(hex(zeroblob(?1 / 2)), '00', 'ab')
             FROM json_each('[1, 2, 3]')",
            [half as i64],
        )
        .unwrap();
    let ids = |values: &[i64]| -> Vec<PostId> {
        let ids = values.iter().map(|value| PostId::new(*value).unwrap());
        ids.collect()
    };
    let mut found = |wanted: &[i64]| -> Vec<i32> {
        let posts = store.posts(&ids(wanted)).unwrap();
        let id = |(post, body): &(StoredPost, String)| {
            assert_eq!(body.len(), half);
            assert_eq!(post.title, Some(format!("Post {}", post.id)));
            post.id.get()
        };
        posts.iter().map(id).collect()
    };
    assert_eq!(found(&[1, 3, 2]), [3, 2]);
    assert_eq!(found(&[1, 9]), [1]);
    assert_eq!(found(&[]), [0; 0]);
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

#[test]
fn a_state_that_another_program_wrote_is_told_in_words() {
    for (column, value) in [
        ("version", "99999999999"),
        ("version", "NULL"),
        ("generation", "NULL"),
    ] {
        let folder = folder();
        let mut store = store_in(&folder);
        sync_one(&mut store, 1);
        let other = Connection::open(&store.path).unwrap();
        other
            .execute_batch(
                "PRAGMA writable_schema = ON;
                 UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '')
                 WHERE name = 'blogctl_state';",
            )
            .unwrap();
        drop(other);
        let other = Connection::open(&store.path).unwrap();
        let set = format!("UPDATE blogctl_state SET {column} = {value}");
        other.execute_batch(&set).unwrap();
        drop((store, other));
        let error = store_in(&folder).index().unwrap_err();
        match error {
            StoreError::Tables { what, .. } => assert!(what.contains(column), "{what}"),
            error => panic!("{column} = {value}: {error:?}"),
        }
    }
}
