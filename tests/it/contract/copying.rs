//! Reading one state of a store, and writing rows as they are.

use blogctl::index::{PostRecord, RowState};
use blogctl::plan::Replaces;
use blogctl::post::FieldSet;
use blogctl::store::{Part, PostCopy, StoreError};

use super::*;

/// Applies writes in one transaction.
fn written(
    store: &mut dyn Store,
    write: impl FnOnce(&mut dyn blogctl::store::SyncTransaction) -> Result<()>,
) -> Result<()> {
    let index = store.index()?;
    let mut transaction = store.begin(Begin {
        generation: index.generation,
        lock_timeout: LOCK_TIMEOUT,
        now: now(),
    })?;
    write(transaction.as_mut())?;
    transaction.finish(&Finish {
        categories: Vec::new(),
        prune_tags: false,
        run: None,
    })?;
    transaction.commit()
}

fn bare(value: i64) -> StoredPost {
    StoredPost {
        title: Some("Theirs".to_owned()),
        ..StoredPost::new(id(value))
    }
}

fn copy_of(row: StoredPost, record: Option<PostRecord>, replaces: Replaces) -> PostCopy {
    PostCopy {
        row,
        body: None,
        fields: FieldSet::from_iter(blogctl::post::Field::ALL),
        record,
        locale: None,
        replaces,
        extra_terms: Vec::new(),
        terms: Vec::new(),
    }
}

pub fn a_snapshot_is_one_state(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1), post(2)]).apply(&mut *store);
    let mut reader = place.store();
    let (index, mut snapshot) = reader.snapshot().unwrap();
    assert_eq!(index.entries.len(), 2);
    place.sql("UPDATE post SET title = 'Later' WHERE id = 1; DELETE FROM post WHERE id = 2");
    let all = [id(1), id(2), id(3)];
    let titles = |rows: Vec<StoredPost>| -> Vec<Option<String>> {
        rows.into_iter().map(|row| row.title).collect()
    };
    let before = titles(snapshot.rows(&all, Part::Posts(None)).unwrap());
    assert_eq!(before.len(), 2);
    assert!(!before.contains(&Some("Later".to_owned())));
    let posts = snapshot.posts(&all, Part::Posts(None)).unwrap();
    assert_eq!(posts.len(), 2);
    assert_eq!(posts[0].1.as_deref(), Some(&*body_of(&post(2))));
    let position = Position {
        cursor: None,
        limit: Limit::DEFAULT,
    };
    assert_eq!(snapshot.history(position).unwrap().items.len(), 1);
    assert!(snapshot.other_tags().unwrap().is_empty());
    drop(snapshot);
    // The next one is of another state, and the store answers as before.
    let (_, mut snapshot) = reader.snapshot().unwrap();
    assert_eq!(
        titles(snapshot.rows(&all, Part::Posts(None)).unwrap()),
        [Some("Later".to_owned())]
    );
    drop(snapshot);
    assert_eq!(everything(&mut *reader).len(), 1);
}

pub fn a_snapshot_needs_tables_of_this_version(place: &dyn TestStore) {
    let mut store = place.store();
    let absent = store.snapshot().err();
    assert!(matches!(absent, Some(StoreError::SchemaAbsent { .. })));
    Change::write([post(1)]).apply(&mut *store);
    place.set_version(99);
    let later = store.snapshot().err();
    assert!(matches!(
        later,
        Some(StoreError::SchemaVersion { found: 99, .. })
    ));
}

pub fn a_copied_row_has_no_value_that_it_is_not_given(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1)]).apply(&mut *store);
    place.sql("UPDATE post SET image = 'x', created_at = NULL WHERE id = 1");
    let version = match row_state(&mut *store, 1) {
        RowState::Intact(version) | RowState::Edited(version) => version,
        RowState::Missing | RowState::Unwritten => panic!("the row is there"),
    };
    let record = PostRecord {
        path: SourcePath::new("content/copied.md"),
        file_digest: Digest::NONE,
        post_digest: Digest::NONE,
        stated: FieldSet::default(),
    };
    written(&mut *store, |transaction| {
        let update = copy_of(bare(1), Some(record.clone()), Replaces::Row(version));
        transaction.copy(update)?;
        transaction.copy(copy_of(bare(2), None, Replaces::Nothing))
    })
    .unwrap();
    let index = store.index().unwrap();
    assert_eq!(index.entries.len(), 1);
    assert!(matches!(index.entries[0].row, RowState::Intact(_)));
    assert_eq!(index.foreign.len(), 1);
    for value in [1, 2] {
        let row = store.show(id(value).into()).unwrap().unwrap().0;
        let path = (value == 1).then(|| record.path.clone());
        assert_eq!(
            row,
            StoredPost {
                path,
                ..bare(value)
            }
        );
    }
    // A row that another program changed meanwhile is not overwritten.
    let stale = written(&mut *store, |transaction| {
        let update = copy_of(bare(1), Some(record.clone()), Replaces::Row(version));
        transaction.copy(update)
    });
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
}

pub fn what_a_copy_records_is_as_it_says(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1), post(2)]).apply(&mut *store);
    let run = Change::new().run();
    written(&mut *store, |transaction| {
        transaction.mark_edited(&[id(1).into()])?;
        transaction.make_tags(&["theirs".to_owned(), "also theirs".to_owned()])?;
        transaction.record_runs(&[run.clone(), run.clone()])
    })
    .unwrap();
    assert!(matches!(row_state(&mut *store, 1), RowState::Edited(_)));
    assert!(matches!(row_state(&mut *store, 2), RowState::Intact(_)));
    let (_, mut snapshot) = store.snapshot().unwrap();
    let mut others = snapshot.other_tags().unwrap();
    others.sort();
    assert_eq!(others, ["also theirs", "theirs"]);
    let position = Position {
        cursor: None,
        limit: Limit::DEFAULT,
    };
    assert_eq!(snapshot.history(position).unwrap().items.len(), 3);
    drop(snapshot);
    // A post that is not recorded cannot be edited.
    let stale = written(&mut *store, |transaction| {
        transaction.mark_edited(&[id(9).into()])
    });
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
}
