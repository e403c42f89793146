//! Reads other than listing, and the schema.

use blogctl::model::{SCHEMA_VERSION, SchemaState};
use blogctl::search::Query;
use blogctl::store::{SearchRequest, StoreError};

use super::*;

const START: Position = Position {
    cursor: None,
    limit: Limit::DEFAULT,
};

pub fn a_store_without_tables_says_so_to_every_read(place: &dyn TestStore) {
    let mut store = place.store();
    let requirement = Query::parse("a").unwrap().requirement();
    let request = SearchRequest {
        requirement: &requirement,
        filter: &Filter::default(),
        cursor: None,
        rows: 1,
    };
    let outcomes = [
        store.list(&Filter::default(), START).map(drop),
        store.show(id(1).into()).map(drop),
        store.categories(None).map(drop),
        store.tags(None).map(drop),
        store.history(START).map(drop),
        store.search(&request).map(drop),
        store.bodies(&[id(1)]).map(drop),
    ];
    for outcome in outcomes {
        assert!(
            matches!(outcome, Err(StoreError::SchemaAbsent { .. })),
            "{outcome:?}"
        );
    }
}

pub fn a_store_without_tables_has_an_empty_index(place: &dyn TestStore) {
    assert!(is_empty(&place.store().index().unwrap()));
    assert_eq!(place.store().schema_state().unwrap(), SchemaState::Absent);
}

pub fn show_gives_the_post_and_its_markdown(place: &dyn TestStore) {
    let mut store = place.store();
    let full = Post {
        description: Some("설명".to_owned()),
        category: Some("one".to_owned()),
        tags: tags(&["b", "a", "가"]),
        image: Some("/i.png".to_owned()),
        created_at: Some(at("2025-11-28T00:00:00Z")),
        updated_at: Some(at("2025-11-29T00:00:00Z")),
        ..post(1)
    };
    Change::write([full.clone()]).apply(&mut *store);
    let shown = place.store().show(id(1).into()).unwrap();
    assert_eq!(shown, Some((stored(&full, now()), body_of(&full))));
}

pub fn show_of_an_absent_post_is_nothing(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1)]).apply(&mut *store);
    assert_eq!(store.show(id(2).into()).unwrap(), None);
    assert_eq!(store.show(PostId::MAX.into()).unwrap(), None);
}

pub fn history_pages_agree_at_every_limit(place: &dyn TestStore) {
    let mut store = place.store();
    let mut expected = Vec::new();
    for round in 1..=7 {
        let change =
            Change::write([post(round)]).at(now() + Duration::from_secs(60) * round as u32);
        expected.insert(0, change.run());
        change.apply(&mut *store);
    }
    for rows in [1, 3, 100] {
        let runs = walk_with(rows, |position| store.history(position).unwrap());
        assert!(runs.is_sorted_by(|a, b| a.id > b.id));
        let records: Vec<_> = runs.into_iter().map(record_of).collect();
        assert_eq!(records, expected, "at limit {rows}");
    }
}

pub fn applying_the_schema_twice_changes_nothing(place: &dyn TestStore) {
    let mut store = place.store();
    let found = store.apply_schema(LOCK_TIMEOUT).unwrap();
    assert_eq!(found, SchemaState::Absent);
    let first = Post {
        category: Some("one".to_owned()),
        tags: tags(&["a"]),
        ..post(1)
    };
    Change::write([first]).apply(&mut *store);
    let before = (store.index().unwrap(), everything(&mut *store));
    let found = place.store().apply_schema(LOCK_TIMEOUT).unwrap();
    assert_eq!(found, SchemaState::Version(SCHEMA_VERSION));
    assert_eq!((store.index().unwrap(), everything(&mut *store)), before);
    assert_eq!(
        pairs(store.categories(None).unwrap()),
        [("one".to_owned(), 1)]
    );
    assert_eq!(pairs(store.tags(None).unwrap()), [("a".to_owned(), 1)]);
}

pub fn the_schema_says_its_version(place: &dyn TestStore) {
    let mut store = place.store();
    store.apply_schema(LOCK_TIMEOUT).unwrap();
    let current = SchemaState::Version(SCHEMA_VERSION);
    assert_eq!(store.schema_state().unwrap(), current);
    assert!(store.index().unwrap().generation.is_some());
    assert!(everything(&mut *store).is_empty());
}

pub fn tables_of_a_newer_version_are_refused(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1)]).apply(&mut *store);
    let index = store.index().unwrap();
    let newer = SCHEMA_VERSION + 1;
    place.set_version(newer);
    let mut store = place.store();
    assert_eq!(store.schema_state().unwrap(), SchemaState::Version(newer));
    let requirement = Query::parse("a").unwrap().requirement();
    let request = SearchRequest {
        requirement: &requirement,
        filter: &Filter::default(),
        cursor: None,
        rows: 1,
    };
    let outcomes = [
        store.index().map(drop),
        store.list(&Filter::default(), START).map(drop),
        store.show(id(1).into()).map(drop),
        store.categories(None).map(drop),
        store.tags(None).map(drop),
        store.history(START).map(drop),
        store.search(&request).map(drop),
        store.bodies(&[id(1)]).map(drop),
        store.apply_schema(LOCK_TIMEOUT).map(drop),
        Change::write([post(2)]).apply_to(&mut *store, &index),
    ];
    for outcome in outcomes {
        assert!(
            matches!(outcome, Err(StoreError::SchemaVersion { found, .. }) if found == newer),
            "{outcome:?}"
        );
    }
}
