//! Syncs: changes by others, and the lock.

use super::*;

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
        let counts = store.categories(None).unwrap().into_iter();
        counts
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
    // Readers continue meanwhile.
    assert_eq!(store.tags(None).unwrap().len(), 1);
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
        let posts = store.posts(&ids(wanted), None).unwrap();
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
