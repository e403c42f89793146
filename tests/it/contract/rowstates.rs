//! Rows that others edited, deleted or made.

use blogctl::index::RowState;
use blogctl::store::StoreError;

use super::*;

fn tagged(value: i64) -> Post {
    Post {
        tags: tags(&["a", "b"]),
        ..post(value)
    }
}

fn assert_stale(outcome: Result<()>) {
    assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
}

pub fn an_edited_row_is_told_and_overwritten_when_asked(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([tagged(1), tagged(2)]).apply(&mut *store);
    place.sql("UPDATE post SET content = 'by hand' WHERE id = 1");
    assert!(matches!(row_state(&mut *store, 1), RowState::Edited(_)));
    assert!(matches!(row_state(&mut *store, 2), RowState::Intact(_)));
    Change::write([tagged(1)]).apply(&mut *store);
    assert!(matches!(row_state(&mut *store, 1), RowState::Intact(_)));
    let (_, body) = store.show(id(1).into()).unwrap().unwrap();
    assert_eq!(body, body_of(&tagged(1)));
}

pub fn an_edit_of_the_tags_is_an_edit_of_the_post(place: &dyn TestStore) {
    let mut store = place.store();
    let none = Post {
        has_empty_tags: true,
        ..post(2)
    };
    Change::write([tagged(1), none, post(3), post(4)]).apply(&mut *store);
    place.sql(
        "DELETE FROM post_tag WHERE post_id = 1 AND tag_id = (SELECT id FROM tag WHERE name = 'a')",
    );
    place.sql("INSERT INTO post_tag (post_id, tag_id) SELECT 2, id FROM tag WHERE name = 'b'");
    // A file without a list of tags leaves them to others.
    place.sql("INSERT INTO post_tag (post_id, tag_id) SELECT 3, id FROM tag WHERE name = 'b'");
    assert!(matches!(row_state(&mut *store, 1), RowState::Edited(_)));
    assert!(matches!(row_state(&mut *store, 2), RowState::Edited(_)));
    assert!(matches!(row_state(&mut *store, 3), RowState::Intact(_)));
    assert!(matches!(row_state(&mut *store, 4), RowState::Intact(_)));
}

pub fn an_edit_that_was_undone_is_none(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1)]).apply(&mut *store);
    place.sql("UPDATE post SET title = 'by hand' WHERE id = 1");
    place.sql("UPDATE post SET title = 'Post 1' WHERE id = 1");
    assert!(matches!(row_state(&mut *store, 1), RowState::Intact(_)));
    Change::write([post(1)]).apply(&mut *store);
}

pub fn a_write_over_a_row_that_changed_meanwhile_is_stale(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1)]).apply(&mut *store);
    let index = store.index().unwrap();
    place.sql("UPDATE post SET title = 'by hand' WHERE id = 1");
    assert_stale(Change::write([post(2), post(1)]).apply_to(&mut *store, &index));
    let all = everything(&mut *store);
    assert_eq!(ids(&all), [1]);
    assert_eq!(all[0].title.as_deref(), Some("by hand"));
    // Nor may another handle pass it over, one that did not read the index itself.
    assert_stale(Change::write([post(1)]).apply_to(&mut *place.store(), &index));
}

pub fn a_removal_of_a_row_that_changed_meanwhile_is_stale(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1), post(2)]).apply(&mut *store);
    let index = store.index().unwrap();
    place.sql("UPDATE post SET title = 'by hand' WHERE id = 1");
    assert_stale(Change::remove([2, 1]).apply_to(&mut *store, &index));
    assert_stale(Change::remove([2, 1]).apply_to(&mut *place.store(), &index));
    assert_eq!(ids(&everything(&mut *store)), [2, 1]);
}

pub fn a_removal_of_a_row_that_came_back_meanwhile_is_stale(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1)]).apply(&mut *store);
    place.sql("DELETE FROM post WHERE id = 1");
    let index = store.index().unwrap();
    place.sql("INSERT INTO post (id, title) VALUES (1, 'back')");
    assert_stale(Change::remove([1]).apply_to(&mut *store, &index));
    assert_stale(Change::remove([1]).apply_to(&mut *place.store(), &index));
    assert_eq!(ids(&everything(&mut *store)), [1]);
}

pub fn a_new_post_over_an_existing_row_is_stale(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1)]).apply(&mut *store);
    let index = store.index().unwrap();
    place.sql("INSERT INTO post (id, title) VALUES (2, 'by hand')");
    assert_stale(Change::write([post(2)]).apply_to(&mut *store, &index));
    assert_stale(Change::write([post(2)]).apply_to(&mut *place.store(), &index));
    assert_eq!(everything(&mut *store)[0].title.as_deref(), Some("by hand"));
}

pub fn a_row_deleted_by_others_is_missing_and_written_again(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([tagged(1)]).apply(&mut *store);
    place.sql("DELETE FROM post WHERE id = 1");
    assert_eq!(row_state(&mut *store, 1), RowState::Missing);
    let later = at("2026-07-07T00:00:00Z");
    Change::write([tagged(1)]).at(later).apply(&mut *store);
    assert!(matches!(row_state(&mut *store, 1), RowState::Intact(_)));
    assert_eq!(everything(&mut *store), [stored(&tagged(1), later)]);
}

pub fn a_row_deleted_by_others_is_forgotten_when_removed(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([tagged(1)]).apply(&mut *store);
    place.sql("DELETE FROM post WHERE id = 1");
    Change::remove([1]).apply(&mut *store);
    let index = store.index().unwrap();
    assert!(index.entries.is_empty());
    assert!(index.foreign.is_empty());
}

pub fn rows_of_others_are_named_and_left_alone(place: &dyn TestStore) {
    let mut store = place.store();
    store.apply_schema(LOCK_TIMEOUT).unwrap();
    place.sql(
        "INSERT INTO post (id, title, category) VALUES (5, 'theirs', 'one');
         INSERT INTO tag (name) VALUES ('theirs');
         INSERT INTO post_tag (post_id, tag_id) SELECT 5, id FROM tag;",
    );
    let index = store.index().unwrap();
    assert!(index.entries.is_empty());
    let foreign: Vec<_> = index.foreign.iter().map(|foreign| foreign.id).collect();
    assert_eq!(foreign, [id(5)]);

    Change {
        prune_tags: true,
        ..Change::write([post(4), post(6)])
    }
    .apply_to(&mut *store, &index)
    .unwrap();
    Change::remove([4]).apply(&mut *store);
    let all = everything(&mut *store);
    assert_eq!(ids(&all), [6, 5]);
    let theirs = StoredPost {
        title: Some("theirs".to_owned()),
        category: Some("one".to_owned()),
        tags: tags(&["theirs"]),
        ..StoredPost::new(id(5))
    };
    assert_eq!(all[1], theirs);
    assert_eq!(
        store.show(id(5).into()).unwrap(),
        Some((theirs, String::new()))
    );
}

pub fn rows_of_others_are_taken_over_when_asked(place: &dyn TestStore) {
    let mut store = place.store();
    store.apply_schema(LOCK_TIMEOUT).unwrap();
    place.sql(
        "INSERT INTO post (id, title, category) VALUES (5, 'theirs', 'one');
         INSERT INTO tag (name) VALUES ('theirs');
         INSERT INTO post_tag (post_id, tag_id) SELECT 5, id FROM tag;",
    );
    Change::write([tagged(5)]).apply(&mut *store);
    assert!(matches!(row_state(&mut *store, 5), RowState::Intact(_)));
    assert!(store.index().unwrap().foreign.is_empty());
    // What the file does not state is still theirs.
    let taken = StoredPost {
        category: Some("one".to_owned()),
        created_at: None,
        ..stored(&tagged(5), now())
    };
    assert_eq!(everything(&mut *store), [taken]);
}
