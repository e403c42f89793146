//! Slugs and extra keys.

use blogctl::page::PostKey;
use blogctl::post::{Extra, ExtraTerm};
use blogctl::search::{Requirement, TermMatch};
use blogctl::store::SearchRequest;

use super::*;

pub fn extra(text: &str) -> Extra {
    Extra::from_text(text).expect("a test's extra keys are JSON")
}

pub fn term(key: &str, value: &str) -> ExtraTerm {
    ExtraTerm {
        key: key.to_owned(),
        value: value.to_owned(),
    }
}

fn with_extra(value: i64, text: &str) -> Post {
    Post {
        extra: extra(text),
        ..post(value)
    }
}

fn found(store: &mut dyn Store, pairs: &[(&str, &str)]) -> Vec<i32> {
    let filter = Filter {
        extra: pairs.iter().map(|(key, value)| term(key, value)).collect(),
        ..Filter::default()
    };
    let listed = ids(&walk(store, &filter, 2));
    // Every post has its title, so that a search finds what a listing does.
    let requirement = Requirement {
        all: vec![vec![TermMatch::Exact("post".to_owned())]],
        none: Vec::new(),
        is_exact: false,
    };
    let request = SearchRequest {
        requirement: &requirement,
        filter: &filter,
        cursor: None,
        rows: 100,
    };
    let candidates = store.search(&request).expect("the search is answered");
    let searched: Vec<_> = candidates.iter().map(|one| one.post.id.get()).collect();
    assert_eq!(searched, listed, "{pairs:?}");
    listed
}

const NONE: [i32; 0] = [];

const MUCH: &str = r#"{"layout":"post","math":true,"weight":1.5,"none":null,
    "authors":["김","lee"],"cover":{"alt":"it's \"x\" \\","size":{"w":10}}}"#;

pub fn slug_and_extra_keys_come_back_as_they_went_in(place: &dyn TestStore) {
    let mut store = place.store();
    let full = Post {
        slug: Some("글-1".to_owned()),
        ..with_extra(1, MUCH)
    };
    Change::write([full.clone(), post(2)]).apply(&mut *store);
    assert_eq!(everything(&mut *store)[1], stored(&full, now()));
    let (shown, _) = store.show(id(1).into()).unwrap().unwrap();
    assert_eq!(shown, stored(&full, now()));
    let (shown, _) = store.show(id(2).into()).unwrap().unwrap();
    assert_eq!(shown, stored(&post(2), now()));
    let entries = store.index().unwrap().entries;
    assert!(
        entries
            .iter()
            .all(|entry| matches!(entry.row, RowState::Intact(_)))
    );
    // And go away again.
    Change::write([post(1)]).apply(&mut *store);
    assert_eq!(everything(&mut *store)[1], stored(&post(1), now()));
    assert_eq!(found(&mut *store, &[("layout", "post")]), NONE);
}

pub fn a_post_is_shown_by_its_slug(place: &dyn TestStore) {
    let mut store = place.store();
    let slug = |value: i64, slug: &str| Post {
        slug: Some(slug.to_owned()),
        ..post(value)
    };
    let posts = [slug(1, "one"), slug(2, "same"), slug(30, "same"), post(4)];
    Change::write(posts).apply(&mut *store);
    let mut id_of = |slug: &str| {
        let shown = store.show(PostKey::Slug(slug)).unwrap();
        shown.map(|(post, body)| (post.id.get(), body))
    };
    assert_eq!(id_of("one"), Some((1, "# Post 1\n\nBody.\n".to_owned())));
    assert_eq!(id_of("same").map(|(id, _)| id), Some(30));
    assert_eq!(id_of("One"), None);
    assert_eq!(id_of(""), None);
}

pub fn posts_are_found_by_the_values_of_extra_keys(place: &dyn TestStore) {
    let mut store = place.store();
    let posts = [
        with_extra(1, MUCH),
        with_extra(2, r#"{"layout":"post"}"#),
        with_extra(3, r#"{"layout":"page","math":true}"#),
        post(4),
        with_extra(5, r#"{"layout":["post","page"],"a=b":"c","a":"b=c"}"#),
    ];
    Change::write(posts).apply(&mut *store);
    let mut found = |pairs: &[(&str, &str)]| found(&mut *store, pairs);
    assert_eq!(found(&[("layout", "post")]), [5, 2, 1]);
    assert_eq!(found(&[("layout", "page"), ("layout", "post")]), [5]);
    assert_eq!(found(&[("layout", "post"), ("math", "true")]), [1]);
    assert_eq!(found(&[("math", "true")]), [3, 1]);
    assert_eq!(found(&[("weight", "1.5")]), [1]);
    assert_eq!(found(&[("authors", "김")]), [1]);
    assert_eq!(found(&[("cover.alt", "it's \"x\" \\")]), [1]);
    assert_eq!(found(&[("cover.size.w", "10")]), [1]);
    assert_eq!(found(&[("a=b", "c")]), [5]);
    assert_eq!(found(&[("a", "b=c")]), [5]);
    assert_eq!(found(&[("layout", "Post")]), NONE);
    assert_eq!(found(&[("Layout", "post")]), NONE);
    assert_eq!(found(&[("none", "null")]), NONE);
    assert_eq!(found(&[("layout", "post"), ("no", "such")]), NONE);
}

pub fn values_of_extra_keys_follow_updates_and_removals(place: &dyn TestStore) {
    let mut store = place.store();
    let layout = |value, layout| with_extra(value, &format!(r#"{{"layout":"{layout}"}}"#));
    Change::write((1..=5).map(|value| layout(value, "a"))).apply(&mut *store);
    Change {
        removals: vec![2],
        ..Change::write([layout(3, "b"), post(4)])
    }
    .apply(&mut *store);
    assert_eq!(found(&mut *store, &[("layout", "a")]), [5, 1]);
    assert_eq!(found(&mut *store, &[("layout", "b")]), [3]);
    // A row that someone else deletes is found no more.
    place.sql("DELETE FROM post WHERE id = 5");
    assert_eq!(found(&mut *store, &[("layout", "a")]), [1]);
    // Terms that are made again leave them as they are.
    let index = store.index().unwrap();
    let mut transaction = store
        .begin(Begin {
            generation: index.generation,
            lock_timeout: LOCK_TIMEOUT,
            now: now(),
        })
        .unwrap();
    let document = Document {
        title: "Post 1",
        ..Document::default()
    };
    transaction
        .write_terms(blogctl::store::TermsWrite {
            id: id(1).into(),
            is_main: true,
            extra_terms: Vec::new(),
            terms: search::terms(&document, None).terms,
        })
        .unwrap();
    transaction
        .finish(&Finish {
            categories: Vec::new(),
            prune_tags: false,
            run: None,
        })
        .unwrap();
    transaction.commit().unwrap();
    assert_eq!(found(&mut *store, &[("layout", "a")]), [1]);
}

pub fn an_edit_of_a_slug_or_an_extra_key_is_an_edit_of_the_post(place: &dyn TestStore) {
    let mut store = place.store();
    let full = Post {
        slug: Some("one".to_owned()),
        ..with_extra(1, r#"{"layout":"post"}"#)
    };
    Change::write([full]).apply(&mut *store);
    let undone = "UPDATE post SET slug = 'one' WHERE id = 1";
    for edit in [
        "UPDATE post SET slug = 'two' WHERE id = 1",
        "UPDATE post SET slug = NULL WHERE id = 1",
    ] {
        place.sql(edit);
        assert!(
            matches!(row_state(&mut *store, 1), RowState::Edited(_)),
            "{edit}"
        );
        place.sql(undone);
        assert!(
            matches!(row_state(&mut *store, 1), RowState::Intact(_)),
            "{edit}"
        );
    }
    place.sql("UPDATE post SET extra = '{}' WHERE id = 1");
    assert!(matches!(row_state(&mut *store, 1), RowState::Edited(_)));
    place.sql("UPDATE post SET extra = '{\"layout\":\"post\"}' WHERE id = 1");
    assert!(matches!(row_state(&mut *store, 1), RowState::Intact(_)));
}

pub fn posts_are_read_by_their_ids_newest_first(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([with_extra(1, MUCH), post(2), post(30)]).apply(&mut *store);
    let posts = store.posts(&[id(1), id(9), id(30)], None).unwrap();
    let expected = [post(30), with_extra(1, MUCH)];
    let expected = expected.map(|post| (stored(&post, now()), body_of(&post)));
    assert_eq!(posts, expected);
    assert!(store.posts(&[], None).unwrap().is_empty());
}

pub fn a_column_that_no_file_states_is_left_to_others(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1), post(2)]).apply(&mut *store);
    place.sql("UPDATE post SET slug = 'theirs' WHERE id = 1");
    assert!(matches!(row_state(&mut *store, 1), RowState::Intact(_)));
    let slug_of = |store: &mut dyn Store| store.show(id(1).into()).unwrap().unwrap().0.slug;
    let edited = Post {
        title: "Another title".to_owned(),
        ..post(1)
    };
    Change::write([edited.clone()]).apply(&mut *store);
    assert_eq!(slug_of(&mut *store).as_deref(), Some("theirs"));
    // Once a file states it, it is the file's.
    let stated = Post {
        slug: Some("ours".to_owned()),
        ..edited.clone()
    };
    Change::write([stated]).apply(&mut *store);
    assert_eq!(slug_of(&mut *store).as_deref(), Some("ours"));
    Change::write([edited]).apply(&mut *store);
    assert_eq!(slug_of(&mut *store), None);
    assert!(matches!(row_state(&mut *store, 1), RowState::Intact(_)));
}
