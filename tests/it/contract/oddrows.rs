//! Rows that others made what no sync makes: one never takes the others along.

use blogctl::page::Filter;
use blogctl::post::Unreadable;
use blogctl::search::Query;
use blogctl::store::{SearchRequest, StoreError};

use super::*;

/// A value that a column of post 2 is given, as SQL for all that is said of it.
pub struct Odd {
    /// The column that cannot be shown any more; `None` where that still can be.
    pub column: Option<&'static str>,
    /// A change that another program makes.
    pub sql: &'static str,
    /// Words of the reason.
    pub reason: &'static str,
}

/// A value that cannot be shown.
pub const fn odd(column: &'static str, sql: &'static str, reason: &'static str) -> Odd {
    Odd {
        column: Some(column),
        sql,
        reason,
    }
}

/// A value that no sync writes, and that can be shown.
pub const fn plain(sql: &'static str) -> Odd {
    Odd {
        column: None,
        sql,
        reason: "",
    }
}

/// Changes that are possible in both stores.
const SHARED: [Odd; 3] = [
    odd(
        "tags",
        "UPDATE tag SET name = NULL WHERE name = 'two'",
        "NULL",
    ),
    plain("UPDATE post SET title = NULL WHERE id = 2"),
    plain("UPDATE post SET word_count = -5 WHERE id = 2"),
];

fn full(value: i64) -> Post {
    Post {
        description: Some("What it is about".to_owned()),
        category: Some("one".to_owned()),
        tags: tags(&["shared", if value == 2 { "two" } else { "others" }]),
        image: Some("/a.png".to_owned()),
        created_at: Some(at("2025-01-02T00:00:00Z")),
        updated_at: Some(at("2025-01-03T00:00:00Z")),
        ..post(value)
    }
}

fn filters() -> Vec<Filter> {
    let since = Some(at("2025-01-01T00:00:00Z"));
    let category = Some("one".to_owned());
    let tags = tags(&["shared"]);
    let none = Filter::default();
    let by_tag = Filter {
        tags: tags.clone(),
        ..none.clone()
    };
    let span = Filter {
        since,
        ..none.clone()
    };
    let by_category = Filter {
        category: category.clone(),
        ..none.clone()
    };
    let all = Filter {
        category,
        tags,
        since,
        before: Some(at("2026-01-01T00:00:00Z")),
        extra: Vec::new(),
        ..Filter::default()
    };
    vec![none, by_tag, span, by_category, all]
}

fn columns(unreadable: &[Unreadable]) -> Vec<&'static str> {
    unreadable.iter().map(|one| one.column).collect()
}

/// Returns the result of a search for all three posts.
fn found(store: &mut dyn Store) -> Vec<StoredPost> {
    let query = Query::parse("body").expect("it is a query");
    let requirement = query.requirement();
    let request = SearchRequest {
        requirement: &requirement,
        filter: &Filter::default(),
        cursor: None,
        rows: 10,
    };
    let found = store.search(&request).expect("the search is answered");
    let bodies = found.iter().filter(|found| found.post.id != id(2));
    for candidate in bodies {
        assert!(
            candidate
                .body
                .as_deref()
                .is_some_and(|body| !body.is_empty())
        );
    }
    found.into_iter().map(|candidate| candidate.post).collect()
}

fn check(place: &dyn TestStore, odd: &Odd) {
    let sql = odd.sql;
    let store = &mut *place.store();
    let expected = Vec::from_iter(odd.column);
    // A list does not read the Markdown.
    let listed = Vec::from_iter(odd.column.filter(|column| *column != "content"));
    for rows in [1, 2, 100] {
        let posts = walk(store, &Filter::default(), rows);
        assert_eq!(ids(&posts), [3, 2, 1], "{sql}");
        for post in &posts {
            let columns = columns(&post.unreadable);
            match post.id == id(2) {
                true => assert_eq!(columns, listed, "{sql}"),
                false => assert_eq!(columns, [""; 0], "{sql}"),
            }
        }
    }
    for filter in filters() {
        // Whether post 2 still meets it depends on what it has now.
        let mut others = ids(&walk(store, &filter, 1));
        others.retain(|id| *id != 2);
        assert_eq!(others, [3, 1], "{sql}: {filter:?}");
    }
    let hits = found(store);
    assert_eq!(ids(&hits), [3, 2, 1], "{sql}");
    assert_eq!(columns(&hits[1].unreadable), expected, "{sql}");
    let (shown, _) = store
        .show(id(2).into())
        .expect("it is read")
        .expect("it is there");
    assert_eq!(columns(&shown.unreadable), expected, "{sql}");
    for one in &shown.unreadable {
        let words = one.to_string();
        assert!(words.contains(odd.reason), "{sql}: {words}");
    }
    store.tags(None).expect("the tags are read");
    store.categories(None).expect("the categories are read");
    let newest = Position {
        cursor: None,
        limit: Limit::DEFAULT,
    };
    let runs = store.history(newest).expect("the runs are read");
    assert!(!runs.items.is_empty());
    // Whatever it is, it is not what the last sync wrote.
    let state = row_state(store, 2);
    assert!(matches!(state, RowState::Edited(_)), "{sql}: {state:?}");
    for intact in [1, 3] {
        let state = row_state(store, intact);
        assert!(matches!(state, RowState::Intact(_)), "{sql}: {state:?}");
    }
}

pub fn a_value_that_cannot_be_shown_hides_no_other(place: &dyn TestStore) {
    let store = &mut *place.store();
    Change::write([full(1), full(2), full(3)]).apply(store);
    place.loosen();
    for odd in SHARED.iter().chain(place.odd_values()) {
        place.sql(odd.sql);
        check(place, odd);
        // A sync of another post ignores it, and one with force overwrites it.
        Change::write([post(4)]).apply(store);
        Change::remove([4]).apply(store);
        Change::write([full(2)]).apply(store);
        let state = row_state(store, 2);
        assert!(matches!(state, RowState::Intact(_)), "{}", odd.sql);
        let (shown, body) = store.show(id(2).into()).unwrap().expect("it is there");
        assert_eq!(shown, stored(&full(2), now()), "{}", odd.sql);
        assert_eq!(body, body_of(&full(2)));
    }
}

pub fn a_tag_without_a_name_is_counted_and_named_unreadable(place: &dyn TestStore) {
    let store = &mut *place.store();
    Change::write([full(1), full(2), full(3)]).apply(store);
    place.loosen();
    place.sql("UPDATE tag SET name = NULL WHERE name = 'shared'");
    let tags = store.tags(None).unwrap();
    assert_eq!(tags.len(), 3);
    assert_eq!((tags[0].name.as_deref(), tags[0].posts), (None, Some(3)));
    assert_eq!(columns(&tags[0].unreadable), ["name"]);
    assert_eq!(tags[1].name.as_deref(), Some("others"));
    assert_eq!(columns(&tags[1].unreadable), [""; 0]);
}

pub fn runs_that_someone_edited_hide_no_other(place: &dyn TestStore) {
    let store = &mut *place.store();
    for value in 1..=3 {
        Change::write([full(value)]).apply(store);
    }
    place.loosen();
    let (run, late) = (place.kept("run"), place.too_late());
    let middle = format!("WHERE id = (SELECT max(id) - 1 FROM {run})");
    let of_middle = |set: &str, store: &mut dyn Store, expected: &[&str]| {
        place.sql(&format!("UPDATE {run} SET {set} {middle}"));
        for rows in [1, 100] {
            let runs = walk_with(rows, |position| store.history(position).unwrap());
            assert_eq!(runs.len(), 3, "{set}");
            assert_eq!(columns(&runs[1].unreadable), expected, "{set}");
            record_of(runs[0].clone());
            record_of(runs[2].clone());
        }
    };
    of_middle("created = -5", store, &["created"]);
    of_middle("created = 1, directory = NULL", store, &["directory"]);
    of_middle(
        &format!("directory = 'x', started_at = {late}, finished_at = NULL"),
        store,
        &["started_at", "finished_at"],
    );
    // Runs that another program numbered below 1 are none, and end no walk.
    place.sql(&format!("UPDATE {run} SET id = -id {middle}"));
    for rows in [1, 100] {
        let runs = walk_with(rows, |position| store.history(position).unwrap());
        assert_eq!(runs.len(), 2);
    }
}

pub fn rows_below_1_are_passed_over_and_end_no_walk(place: &dyn TestStore) {
    let store = &mut *place.store();
    Change::write([full(1), full(2), full(3)]).apply(store);
    place.loosen();
    place.sql(
        "INSERT INTO post (id, title, category) VALUES (0, 'x', 'one'), (-1, 'x', 'one'),
         (-2, 'x', 'one'), (-2147483648, 'x', 'one');
         INSERT INTO post_tag (post_id, tag_id) SELECT post.id, tag.id FROM post, tag
         WHERE tag.name = 'shared' AND post.id < 1",
    );
    for filter in filters() {
        for rows in [1, 2, 3, 100] {
            assert_eq!(ids(&walk(store, &filter, rows)), [3, 2, 1], "{filter:?}");
        }
    }
    // A page that nothing but these rows could be on.
    let below = Position {
        cursor: Some(id(1)),
        limit: limit(1),
    };
    let page = store.list(&Filter::default(), below).unwrap();
    assert_eq!((page.items.len(), page.next_cursor), (0, None));
    assert!(store.index().unwrap().foreign.is_empty());
    Change::write([post(4)]).apply(store);
}

pub fn links_that_lead_to_no_post_hide_none(place: &dyn TestStore) {
    let store = &mut *place.store();
    Change::write([full(1), full(5), full(9)]).apply(store);
    place.loosen();
    for nowhere in [2, 3, 4, 6, 7, 8, 10, 11, 12] {
        place.sql(&format!(
            "INSERT INTO post_tag (post_id, tag_id) SELECT {nowhere}, id FROM tag"
        ));
    }
    let tag = |name: &str| Filter {
        tags: tags(&[name]),
        ..Filter::default()
    };
    for filter in [tag("shared"), tag("others")] {
        for rows in [1, 2, 3, 100] {
            let posts = walk(store, &filter, rows);
            assert_eq!(ids(&posts), [9, 5, 1], "at limit {rows}");
        }
    }
}

pub fn what_is_kept_of_a_post_and_damaged_is_named(place: &dyn TestStore) {
    let store = &mut *place.store();
    Change::write([full(1), full(2)]).apply(store);
    place.loosen();
    let source = place.kept("source");
    let generation = store.index().unwrap().generation;
    for (column, value, back) in [
        ("path", "NULL", "'content/2.md'"),
        ("file_digest", "NULL", ""),
        ("terms_version", "NULL", ""),
    ] {
        place.sql(&format!(
            "UPDATE {source} SET {column} = {value} WHERE post_id = 2"
        ));
        let error = store.index().unwrap_err();
        let StoreError::Tables { what, help, .. } = &error else {
            panic!("{error:?}");
        };
        assert!(
            what.contains(&format!("{column} of post 2 is NULL")),
            "{what}"
        );
        assert!(help.contains("delete this line"), "{help}");
        if !back.is_empty() {
            place.sql(&format!(
                "UPDATE {source} SET {column} = {back} WHERE post_id = 2"
            ));
            assert_eq!(store.index().unwrap().generation, generation);
        } else {
            // The help helps.
            place.sql(&format!("DELETE FROM {source} WHERE post_id = 2"));
            let index = store.index().unwrap();
            assert_eq!(index.foreign.len(), 1);
            Change::write([full(2)]).apply(store);
        }
    }
    // Reading does not need any of it.
    place.sql(&format!("UPDATE {source} SET path = NULL"));
    assert_eq!(everything(store)[0].path, None);
}
