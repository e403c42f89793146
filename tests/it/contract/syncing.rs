//! Transactions: all or nothing, one at a time, from an index that is still current.

use std::thread;
use std::time::{Duration, Instant};

use blogctl::index::RowState;
use blogctl::model::SchemaState;
use blogctl::store::StoreError;

use super::*;

pub fn the_first_sync_makes_the_tables_and_the_posts(place: &dyn TestStore) {
    let mut store = place.store();
    let index = store.index().unwrap();
    assert_eq!(index.generation, None);
    Change::write([post(1), post(2)])
        .apply_to(&mut *store, &index)
        .unwrap();
    assert!(matches!(
        store.schema_state().unwrap(),
        SchemaState::Version(_)
    ));
    let expected = [stored(&post(2), now()), stored(&post(1), now())];
    assert_eq!(everything(&mut *store), expected);
    assert_eq!(everything(&mut *place.store()), expected);
}

pub fn the_first_sync_may_be_without_posts(place: &dyn TestStore) {
    let mut store = place.store();
    Change::new().apply(&mut *store);
    assert!(everything(&mut *store).is_empty());
    assert!(store.index().unwrap().generation.is_some());
}

pub fn dropping_the_first_transaction_leaves_no_tables(place: &dyn TestStore) {
    let mut store = place.store();
    let index = store.index().unwrap();
    let transaction = Change::write([post(1)])
        .enter(&mut *store, &index, LOCK_TIMEOUT)
        .unwrap();
    drop(transaction);
    assert_eq!(store.schema_state().unwrap(), SchemaState::Absent);
    assert!(is_empty(&place.store().index().unwrap()));
}

pub fn dropping_a_transaction_leaves_all_as_it_was(place: &dyn TestStore) {
    let mut store = place.store();
    let first = Post {
        category: Some("기록".to_owned()),
        tags: tags(&["kept", "태그"]),
        ..post(1)
    };
    Change::write([first, post(2), post(3)]).apply(&mut *store);
    let look = |store: &mut dyn Store| {
        let history = Position {
            cursor: None,
            limit: limit(100),
        };
        let mut index = store.index().unwrap();
        index.entries.sort_by_key(|entry| entry.id);
        (
            index,
            everything(store),
            pairs(store.categories(None).unwrap()),
            pairs(store.tags(None).unwrap()),
            store.history(history).unwrap(),
        )
    };
    let before = look(&mut *store);

    let change = Change {
        removals: vec![2],
        relocations: vec![(3, "content/elsewhere.md")],
        prune_tags: true,
        ..Change::write([
            post(9),
            Post {
                category: Some("other".to_owned()),
                tags: tags(&["new"]),
                ..post(1)
            },
        ])
    };
    drop(change.enter(&mut *store, &before.0, LOCK_TIMEOUT).unwrap());
    assert_eq!(look(&mut *store), before);
    assert_eq!(look(&mut *place.store()), before);
    // And the way is free.
    change.apply_to(&mut *store, &before.0).unwrap();
    assert_eq!(ids(&everything(&mut *store)), [9, 3, 1]);
}

pub fn a_reader_sees_the_state_before_until_the_commit(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1)]).apply(&mut *store);
    let mut reader = place.store();
    let index = store.index().unwrap();
    let transaction = Change::write([post(2)])
        .enter(&mut *store, &index, LOCK_TIMEOUT)
        .unwrap();
    assert_eq!(ids(&everything(&mut *reader)), [1]);
    transaction.commit().unwrap();
    assert_eq!(ids(&everything(&mut *reader)), [2, 1]);
}

pub fn a_second_sync_waits_for_the_first(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1)]).apply(&mut *store);
    let mut other = place.store();
    let index = other.index().unwrap();
    let running = Change::write([post(2)])
        .enter(&mut *store, &index, LOCK_TIMEOUT)
        .unwrap();
    let second = thread::spawn(move || {
        let started = Instant::now();
        Change::write([post(3)])
            .apply_to(&mut *other, &index)
            .unwrap();
        started.elapsed()
    });
    thread::sleep(Duration::from_millis(300));
    assert!(!second.is_finished());
    drop(running);
    assert!(second.join().unwrap() >= Duration::from_millis(200));
    assert_eq!(ids(&everything(&mut *store)), [3, 1]);
}

pub fn a_second_sync_is_told_who_is_in_the_way(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1)]).apply(&mut *store);
    let mut other = place.store();
    let index = other.index().unwrap();
    let running = Change::write([post(2)])
        .enter(&mut *store, &index, LOCK_TIMEOUT)
        .unwrap();
    let patience = Duration::from_millis(200);
    let second = Change::write([post(3)]);
    match second.enter(&mut *other, &index, patience).map(drop) {
        Err(StoreError::Busy { holder, waited }) => {
            assert!(!holder.unwrap_or_default().is_empty());
            assert!(waited >= patience, "waited only {waited:?}");
        }
        outcome => panic!("expected Busy, got {outcome:?}"),
    }
    drop(running);
    second.apply(&mut *other);
    assert_eq!(ids(&everything(&mut *store)), [3, 1]);
}

pub fn a_sync_from_an_old_index_is_stale(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1)]).apply(&mut *store);
    let index = store.index().unwrap();
    Change::write([post(2)]).apply(&mut *place.store());
    let outcome = Change::write([post(3)]).apply_to(&mut *store, &index);
    assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
    assert_eq!(ids(&everything(&mut *store)), [2, 1]);
}

pub fn a_sync_from_an_index_without_tables_is_stale_once_there_are_some(place: &dyn TestStore) {
    let mut store = place.store();
    let index = store.index().unwrap();
    Change::write([post(1)]).apply(&mut *place.store());
    let outcome = Change::write([post(2)]).apply_to(&mut *store, &index);
    assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
    assert_eq!(ids(&everything(&mut *store)), [1]);
}

pub fn the_generation_rises_with_every_commit(place: &dyn TestStore) {
    let mut store = place.store();
    let mut seen = Vec::new();
    for round in 1..=3 {
        Change::write([post(round)]).apply(&mut *store);
        seen.extend(store.index().unwrap().generation.map(|g| g.0));
    }
    assert!(
        seen.len() == 3 && seen.is_sorted_by(|a, b| a < b),
        "{seen:?}"
    );
}

pub fn one_handle_syncs_again_after_it_was_stale(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1)]).apply(&mut *store);
    let index = store.index().unwrap();
    Change::write([post(2)]).apply(&mut *place.store());
    let change = Change::write([post(3)]);
    change.apply_to(&mut *store, &index).unwrap_err();
    change.apply(&mut *store);
    assert_eq!(ids(&everything(&mut *store)), [3, 2, 1]);
    assert!(matches!(row_state(&mut *store, 3), RowState::Intact(_)));
}
