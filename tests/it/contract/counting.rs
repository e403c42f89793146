//! Posts per category and per tag.

use super::*;

fn kept(value: i64, category: Option<&str>, names: &[&str]) -> Post {
    Post {
        category: category.map(str::to_owned),
        tags: tags(names),
        ..post(value)
    }
}

#[track_caller]
fn assert_counts(store: &mut dyn Store, categories: &[(&str, i64)], tags: &[(&str, i64)]) {
    let owned = |pairs: &[(&str, i64)]| -> Vec<_> {
        let pairs = pairs.iter();
        pairs
            .map(|(name, posts)| ((*name).to_owned(), *posts))
            .collect()
    };
    assert_eq!(pairs(store.categories(None).unwrap()), owned(categories));
    assert_eq!(pairs(store.tags(None).unwrap()), owned(tags));
}

pub fn counts_follow_creates_updates_and_removals(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([
        kept(1, Some("one"), &["a", "b"]),
        kept(2, Some("one"), &["a"]),
        kept(3, None, &[]),
    ])
    .apply(&mut *store);
    assert_counts(&mut *store, &[("one", 2)], &[("a", 2), ("b", 1)]);

    Change::write([
        kept(1, Some("two"), &["b", "c"]),
        kept(3, Some("one"), &["c"]),
    ])
    .apply(&mut *store);
    assert_counts(
        &mut *store,
        &[("one", 2), ("two", 1)],
        &[("c", 2), ("a", 1), ("b", 1)],
    );

    Change::write([kept(2, None, &[])]).apply(&mut *store);
    assert_counts(
        &mut *store,
        &[("one", 1), ("two", 1)],
        &[("c", 2), ("b", 1)],
    );

    Change::remove([1]).apply(&mut *store);
    assert_counts(&mut *store, &[("one", 1)], &[("c", 1)]);
    Change::remove([2, 3]).apply(&mut *store);
    assert_counts(&mut *store, &[], &[]);
}

pub fn counts_take_in_rows_of_others(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([kept(1, Some("one"), &["a"])]).apply(&mut *store);
    place.sql(
        "INSERT INTO post (id, title, category) VALUES (50, 'theirs', 'one');
         INSERT INTO post_tag (post_id, tag_id) SELECT 50, id FROM tag WHERE name = 'a';",
    );
    Change::write([kept(2, Some("one"), &["a"])]).apply(&mut *store);
    assert_counts(&mut *store, &[("one", 3)], &[("a", 3)]);
    Change::remove([1, 2]).apply(&mut *store);
    assert_counts(&mut *store, &[("one", 1)], &[("a", 1)]);
}

pub fn counts_survive_a_row_deleted_by_others(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([
        kept(1, Some("one"), &["a"]),
        kept(2, Some("one"), &["a", "b"]),
    ])
    .apply(&mut *store);
    place.sql("DELETE FROM post WHERE id = 2");
    Change::write([kept(2, Some("one"), &["c"])]).apply(&mut *store);
    assert_counts(&mut *store, &[("one", 2)], &[("a", 1), ("c", 1)]);
    place.sql("DELETE FROM post WHERE id = 2");
    Change::remove([2]).apply(&mut *store);
    assert_eq!(pairs(store.tags(None).unwrap()), [("a".to_owned(), 1)]);
}

pub fn counts_come_commonest_first_and_then_by_name(place: &dyn TestStore) {
    let mut store = place.store();
    let names = ["b", "B", "가", "a b", "_", "é", "z"];
    let mut posts: Vec<_> = names
        .iter()
        .zip(1..)
        .map(|(name, value)| kept(value, Some(name), &[name]))
        .collect();
    posts.push(kept(99, Some("z"), &["z"]));
    Change::write(posts).apply(&mut *store);
    // By code point, as every computer has it, not by any language's custom.
    let order = [
        ("z", 2),
        ("B", 1),
        ("_", 1),
        ("a b", 1),
        ("b", 1),
        ("é", 1),
        ("가", 1),
    ];
    assert_counts(&mut *store, &order, &order);
}

fn has_tag(place: &dyn TestStore, name: &str) -> bool {
    // A link to the tag can be made where the tag is there: without a way to ask in SQL
    // that every store shares, the answer is read off a listing.
    place.sql(&format!(
        "INSERT INTO post (id, title) VALUES (900, 'probe');
         INSERT INTO post_tag (post_id, tag_id) SELECT 900, id FROM tag WHERE name = '{name}';"
    ));
    let (probe, _) = place.store().show(id(900).into()).unwrap().unwrap();
    place.sql("DELETE FROM post WHERE id = 900");
    probe.tags == [name]
}

pub fn tags_without_posts_stay_unless_asked(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([kept(1, None, &["used", "unused"])]).apply(&mut *store);
    Change::write([kept(1, None, &["used"])]).apply(&mut *store);
    assert!(has_tag(place, "unused"));
    assert_counts(&mut *store, &[], &[("used", 1)]);
    Change {
        prune_tags: true,
        ..Change::write([kept(2, None, &[])])
    }
    .apply(&mut *store);
    assert!(!has_tag(place, "unused"));
    assert!(has_tag(place, "used"));
}

pub fn tags_of_others_are_never_pruned(place: &dyn TestStore) {
    let mut store = place.store();
    store.apply_schema(LOCK_TIMEOUT).unwrap();
    place.sql("INSERT INTO tag (name) VALUES ('theirs')");
    Change::write([kept(1, None, &["theirs"])]).apply(&mut *store);
    Change {
        prune_tags: true,
        ..Change::write([kept(1, None, &[])])
    }
    .apply(&mut *store);
    assert!(has_tag(place, "theirs"));
}
