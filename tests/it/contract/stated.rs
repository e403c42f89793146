//! The fields that a file states, which a sync manages, and rows that it adopts as they are.

use blogctl::plan;
use blogctl::post::{Extra, Field, FieldSet};
use blogctl::store::StoreError;

use super::extras::extra;
use super::searching::found;
use super::*;

/// A post that states every field.
fn full(value: i64) -> Post {
    Post {
        description: Some("ours".to_owned()),
        category: Some("ours".to_owned()),
        tags: tags(&["ours"]),
        image: Some("/ours.png".to_owned()),
        created_at: Some(at("2024-01-01T00:00:00Z")),
        updated_at: Some(at("2024-01-02T00:00:00Z")),
        slug: Some("ours".to_owned()),
        extra: extra(r#"{"layout":"ours"}"#),
        ..post(value)
    }
}

fn retitled(post: Post) -> Post {
    Post {
        title: "Another title".to_owned(),
        ..post
    }
}

/// Puts values into every column that a file need not state.
fn set_all(place: &dyn TestStore, value: i64) {
    place.sql(&format!(
        "UPDATE post SET description = 'theirs', category = 'theirs', image = '/theirs.png',
            slug = 'theirs', extra = '{{\"layout\":\"theirs\"}}' WHERE id = {value};
         INSERT INTO tag (name) VALUES ('theirs');
         INSERT INTO post_tag (post_id, tag_id) SELECT {value}, id FROM tag WHERE name = 'theirs'"
    ));
}

fn shown(store: &mut dyn Store, value: i64) -> StoredPost {
    store.show(id(value).into()).unwrap().unwrap().0
}

fn stated_of(store: &mut dyn Store, value: i64) -> FieldSet {
    stated_in(&store.index().unwrap(), id(value))
}

pub fn what_no_file_states_is_left_to_others(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1), post(2)]).apply(&mut *store);
    assert_eq!(
        stated_of(&mut *store, 1),
        FieldSet::from_iter([Field::Title, Field::WordCount])
    );
    set_all(place, 1);
    assert!(matches!(row_state(&mut *store, 1), RowState::Intact(_)));
    let later = at("2026-05-05T05:05:05Z");
    Change::write([retitled(post(1))])
        .at(later)
        .apply(&mut *store);
    let expected = StoredPost {
        title: Some("Another title".to_owned()),
        description: Some("theirs".to_owned()),
        category: Some("theirs".to_owned()),
        tags: tags(&["theirs"]),
        image: Some("/theirs.png".to_owned()),
        created_at: Some(now()),
        updated_at: Some(later),
        slug: Some("theirs".to_owned()),
        extra: extra(r#"{"layout":"theirs"}"#),
        ..stored(&post(1), now())
    };
    assert_eq!(shown(&mut *store, 1), expected);
    assert!(matches!(row_state(&mut *store, 1), RowState::Intact(_)));
    // The times are the row's, too, once the file states the other.
    place.sql("UPDATE post SET updated_at = NULL WHERE id = 1");
    assert!(matches!(row_state(&mut *store, 1), RowState::Intact(_)));
}

pub fn what_a_file_states_no_more_is_cleared(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([full(1), post(2)]).apply(&mut *store);
    assert_eq!(shown(&mut *store, 1), stored(&full(1), now()));
    assert_eq!(stated_of(&mut *store, 1), FieldSet::from_iter(Field::ALL));
    let later = at("2026-05-05T05:05:05Z");
    Change::write([post(1)]).at(later).apply(&mut *store);
    let cleared = StoredPost {
        created_at: full(1).created_at,
        updated_at: Some(later),
        ..stored(&post(1), now())
    };
    assert_eq!(shown(&mut *store, 1), cleared);
    assert!(matches!(row_state(&mut *store, 1), RowState::Intact(_)));
    // From now on they are others'.
    set_all(place, 1);
    assert!(matches!(row_state(&mut *store, 1), RowState::Intact(_)));
    Change::write([retitled(post(1))]).apply(&mut *store);
    assert_eq!(shown(&mut *store, 1).tags, tags(&["theirs"]));
    assert_eq!(shown(&mut *store, 1).slug.as_deref(), Some("theirs"));
}

pub fn only_a_change_of_what_a_file_states_is_an_edit(place: &dyn TestStore) {
    let mut store = place.store();
    let time = |text: &str| {
        let time = at(text);
        // Whole microseconds in one store, a text in the other.
        match place.too_late().contains('\'') {
            true => format!("'{time}'"),
            false => time.as_microsecond().to_string(),
        }
    };
    let early = time("2001-01-01T00:00:00Z");
    let edits = [
        (Field::Description, "description = 'x'".to_owned()),
        (Field::Category, "category = 'x'".to_owned()),
        (Field::Image, "image = 'x'".to_owned()),
        (Field::CreatedAt, format!("created_at = {early}")),
        (Field::UpdatedAt, format!("updated_at = {early}")),
        (Field::Slug, "slug = 'x'".to_owned()),
        (Field::Extra, "extra = '{\"x\":1}'".to_owned()),
    ];
    for (field, edit) in edits {
        // Post 1 states this field and post 2 all the others.
        let mut one = post(1);
        let mut others = full(2);
        let (all, none) = (full(1), post(2));
        match field {
            Field::Description => {
                one.description = all.description;
                others.description = none.description;
            }
            Field::Category => {
                one.category = all.category;
                others.category = none.category;
            }
            Field::Image => {
                one.image = all.image;
                others.image = none.image;
            }
            Field::CreatedAt => {
                one.created_at = all.created_at;
                others.created_at = none.created_at;
            }
            Field::UpdatedAt => {
                one.updated_at = all.updated_at;
                others.updated_at = none.updated_at;
            }
            Field::Slug => {
                one.slug = all.slug;
                others.slug = none.slug;
            }
            _ => {
                one.extra = all.extra;
                others.extra = none.extra;
            }
        }
        Change::remove([1, 2]).apply_if_there(&mut *store);
        Change::write([one, others]).apply(&mut *store);
        place.sql(&format!("UPDATE post SET {edit}"));
        let states = [1, 2].map(|value| row_state(&mut *store, value));
        assert!(
            matches!(states, [RowState::Edited(_), RowState::Intact(_)]),
            "{field}: {states:?}"
        );
    }
}

pub fn an_empty_list_of_tags_takes_all_away(place: &dyn TestStore) {
    let mut store = place.store();
    let none = Post {
        has_empty_tags: true,
        ..post(1)
    };
    assert_ne!(none.digest("x"), post(1).digest("x"));
    Change::write([post(1), post(2)]).apply(&mut *store);
    for value in [1, 2] {
        place.sql(&format!(
            "INSERT INTO tag (name) VALUES ('t{value}');
             INSERT INTO post_tag (post_id, tag_id)
             SELECT {value}, id FROM tag WHERE name = 't{value}'"
        ));
    }
    Change::write([none]).apply(&mut *store);
    assert_eq!(shown(&mut *store, 1).tags, [""; 0]);
    assert_eq!(shown(&mut *store, 2).tags, ["t2"]);
    place.sql("INSERT INTO post_tag (post_id, tag_id) SELECT 1, id FROM tag WHERE name = 't1'");
    assert!(matches!(row_state(&mut *store, 1), RowState::Edited(_)));
    assert!(matches!(row_state(&mut *store, 2), RowState::Intact(_)));
}

/// A row as another program makes it of the file of [`post`].
fn insert_theirs(place: &dyn TestStore, value: i64) {
    let body = body_of(&post(value));
    place.sql(&format!(
        "INSERT INTO post (id, title, content, word_count)
         VALUES ({value}, 'Post {value}', '{body}', 3)"
    ));
}

pub fn a_row_of_others_is_adopted_as_it_is(place: &dyn TestStore) {
    let mut store = place.store();
    store.apply_schema(LOCK_TIMEOUT).unwrap();
    insert_theirs(place, 5);
    insert_theirs(place, 6);
    set_all(place, 5);
    let before = everything(&mut *store);
    assert_eq!(found(&mut *store, "theirs"), [0; 0]);
    let change = Change::adopt([post(5)]);
    change.apply(&mut *store);
    let adopted = StoredPost {
        path: Some(path_of(id(5))),
        ..before[1].clone()
    };
    assert_eq!(
        everything(&mut *store),
        [before[0].clone(), adopted.clone()]
    );
    let index = store.index().unwrap();
    assert_eq!((index.entries.len(), index.foreign.len()), (1, 1));
    let entry = &index.entries[0];
    assert!(matches!(entry.row, RowState::Intact(_)), "{entry:?}");
    assert!(entry.has_others);
    assert_eq!(entry.post_digest, post(5).digest(&body_of(&post(5))));
    assert_eq!(entry.stated, post(5).stated());
    // It is found by all that it says, and counted.
    for term in ["body", "theirs"] {
        assert_eq!(found(&mut *store, term), [5], "{term}");
    }
    assert_eq!(pairs(store.tags(None).unwrap()), [("theirs".to_owned(), 1)]);
    assert_eq!(
        pairs(store.categories(None).unwrap()),
        [("theirs".to_owned(), 1)]
    );
    let filter = Filter {
        extra: vec![super::extras::term("layout", "theirs")],
        ..Filter::default()
    };
    assert_eq!(ids(&walk(&mut *store, &filter, 5)), [5]);
    // A later change leaves what is not the file's.
    Change::write([retitled(post(5))]).apply(&mut *store);
    let kept = shown(&mut *store, 5);
    assert_eq!(kept.title.as_deref(), Some("Another title"));
    assert_eq!((kept.tags, kept.slug), (adopted.tags, adopted.slug));
    Change::remove([5]).apply(&mut *store);
    assert_eq!(ids(&everything(&mut *store)), [6]);
}

pub fn an_edited_row_is_adopted_as_it_is(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([full(1), post(2)]).apply(&mut *store);
    place.sql("UPDATE post SET title = 'Another title' WHERE id = 1");
    assert!(matches!(row_state(&mut *store, 1), RowState::Edited(_)));
    let mut edited = retitled(full(1));
    let before = shown(&mut *store, 1);
    Change::adopt([edited.clone()]).apply(&mut *store);
    assert!(matches!(row_state(&mut *store, 1), RowState::Intact(_)));
    assert_eq!(shown(&mut *store, 1), before);
    assert_eq!(found(&mut *store, "another"), [1]);
    // Its tags are still managed.
    edited.tags = tags(&["others"]);
    Change::write([edited]).apply(&mut *store);
    assert_eq!(shown(&mut *store, 1).tags, ["others"]);
}

pub fn an_adoption_of_a_row_that_changed_meanwhile_is_stale(place: &dyn TestStore) {
    let mut store = place.store();
    store.apply_schema(LOCK_TIMEOUT).unwrap();
    insert_theirs(place, 5);
    for sql in [
        "UPDATE post SET title = 'changed' WHERE id = 5",
        "DELETE FROM post WHERE id = 5",
    ] {
        let index = store.index().unwrap();
        place.sql(sql);
        let outcome = Change::adopt([post(5)]).apply_to(&mut *store, &index);
        assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
    }
    assert!(store.index().unwrap().entries.is_empty());
}

pub fn rows_are_read_and_adopted_before_there_are_tables_of_blogctl(place: &dyn TestStore) {
    let mut store = place.store();
    place.sql(
        "CREATE TABLE post (id integer PRIMARY KEY, title varchar(255) NOT NULL, content text)",
    );
    place.sql("INSERT INTO post (id, title, content) VALUES (7, 'Bare', 'Its body.')");
    // A program without tags, and without most columns.
    let bare = StoredPost {
        title: Some("Bare".to_owned()),
        ..StoredPost::new(id(7))
    };
    let read = store.untracked_posts(&[id(7), id(8)], None).unwrap();
    assert_eq!(read, [(bare, "Its body.".to_owned())]);
    place.sql(
        "ALTER TABLE post ADD COLUMN word_count integer;
         ALTER TABLE post ADD COLUMN category text;
         CREATE TABLE tag (id integer PRIMARY KEY, name varchar(100) NOT NULL UNIQUE);
         CREATE TABLE post_tag (post_id integer NOT NULL, tag_id integer NOT NULL,
             PRIMARY KEY (post_id, tag_id))",
    );
    insert_theirs(place, 5);
    place.sql(
        "UPDATE post SET category = 'theirs' WHERE id = 5;
         INSERT INTO tag (id, name) VALUES (1, 'theirs');
         INSERT INTO post_tag (post_id, tag_id) VALUES (5, 1)",
    );
    let theirs = StoredPost {
        title: Some("Post 5".to_owned()),
        category: Some("theirs".to_owned()),
        tags: tags(&["theirs"]),
        word_count: Some(3),
        ..StoredPost::new(id(5))
    };
    let read = store.untracked_posts(&[id(5), id(7)], None).unwrap();
    assert_eq!(ids(&[read[0].0.clone(), read[1].0.clone()]), [7, 5]);
    assert_eq!(read[1], (theirs.clone(), body_of(&post(5))));
    let index = store.index().unwrap();
    assert_eq!((index.generation, index.foreign.len()), (None, 2));
    Change::adopt([post(5)])
        .apply_to(&mut *store, &index)
        .unwrap();
    let adopted = StoredPost {
        path: Some(path_of(id(5))),
        ..theirs
    };
    assert_eq!(everything(&mut *store)[1], adopted);
    assert!(matches!(row_state(&mut *store, 5), RowState::Intact(_)));
    assert_eq!(found(&mut *store, "theirs"), [5]);
}

pub fn the_index_names_rows_with_values_of_others(place: &dyn TestStore) {
    let mut store = place.store();
    let has_others = |store: &mut dyn Store| {
        let entries = store.index().unwrap().entries;
        entries.iter().any(|entry| entry.has_others)
    };
    for sql in [
        "UPDATE post SET description = 'x' WHERE id = 2",
        "UPDATE post SET category = 'x' WHERE id = 2",
        "UPDATE post SET extra = '{\"x\":1}' WHERE id = 2",
        "INSERT INTO tag (name) VALUES ('x');
         INSERT INTO post_tag (post_id, tag_id) SELECT 2, id FROM tag WHERE name = 'x'",
    ] {
        Change::remove([1, 2]).apply_if_there(&mut *store);
        Change::write([full(1), post(2)]).apply(&mut *store);
        assert!(!has_others(&mut *store), "{sql}");
        place.sql(sql);
        assert!(has_others(&mut *store), "{sql}");
    }
}

pub fn a_comparison_finds_a_written_row_equal(place: &dyn TestStore) {
    let mut store = place.store();
    let written = [full(1), post(2)];
    Change::write(written.clone()).apply(&mut *store);
    for (row, row_body) in store.posts(&[id(1), id(2)], None).unwrap() {
        let post = written.iter().find(|post| post.id == row.id).unwrap();
        let before = post.stated();
        let compared = |post: &Post, body: &str, before| {
            plan::compare((post, body), (&row, &row_body), before, FieldSet::ALL)
        };
        let comparison = compared(post, &body_of(post), before);
        assert!(comparison.is_equal(), "{comparison:?}");
        let cleared = Post {
            extra: Extra::default(),
            ..post.clone()
        };
        let comparison = compared(&cleared, &body_of(post), before);
        assert_eq!(comparison.is_equal(), post.extra.is_empty());
    }
}
