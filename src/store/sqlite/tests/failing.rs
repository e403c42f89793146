//! Files that cannot be used, and the help in the errors.

use super::*;

/// Returns the help of an error or of its causes.
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
