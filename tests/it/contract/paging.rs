//! Pages and filters.

use super::*;

/// Ids with gaps, over several thousands, so that a span begins and ends inside and between
/// blocks of ids.
fn many() -> Vec<Post> {
    let ids = (1..=40)
        .chain(985..=1015)
        .chain(2990..=3010)
        .chain([50_000, 2_147_483_647]);
    ids.zip(0..)
        .map(|(value, n): (i64, i64)| Post {
            category: [Some("one"), Some("두 번째"), None][n as usize % 3].map(str::to_owned),
            tags: [("a", 2), ("b", 3), ("드묾", 17)]
                .iter()
                .filter(|(_, every)| n % every == 0)
                .map(|(name, _)| (*name).to_owned())
                .collect(),
            // Mostly rising with the ids; every seventh is out of order.
            created_at: Some(day(if n % 7 == 0 { 90 - n } else { n })),
            ..post(value)
        })
        .collect()
}

fn day(number: i64) -> Timestamp {
    Timestamp::from_second(1_735_689_600 + number * 86_400).expect("in this century")
}

/// Returns true if a post passes a filter: the filter's meaning in the plainest code.
pub fn passes(filter: &Filter, post: &StoredPost) -> bool {
    let category = filter.category.is_none() || filter.category == post.category;
    let since = filter
        .since
        .is_none_or(|since| post.created_at.is_some_and(|at| at >= since));
    let before = filter
        .before
        .is_none_or(|before| post.created_at.is_some_and(|at| at < before));
    let pairs = post.extra.terms();
    category
        && since
        && before
        && filter.tags.iter().all(|tag| post.tags.contains(tag))
        && filter.extra.iter().all(|pair| pairs.contains(pair))
}

fn every_filter() -> Vec<Filter> {
    let mut filters = Vec::new();
    let spans = [
        (None, None),
        (Some(day(20)), None),
        (None, Some(day(20))),
        (Some(day(30)), Some(day(60))),
        (Some(day(60)), Some(day(30))),
        (Some(day(500)), None),
        (None, Some(day(0))),
        (Some(day(41)), Some(day(42))),
        (Some(day(60)), Some(day(61))),
        (Some(day(85)), None),
    ];
    for category in [None, Some("one"), Some("두 번째"), Some("no such")] {
        for names in [
            &[][..],
            &["a"],
            &["드묾"],
            &["a", "b"],
            &["b", "a", "드묾"],
            &["a", "no such"],
        ] {
            for (since, before) in spans {
                filters.push(Filter {
                    category: category.map(str::to_owned),
                    tags: names.iter().map(|&name| name.to_owned()).collect(),
                    since,
                    before,
                    extra: Vec::new(),
                    ..Filter::default()
                });
            }
        }
    }
    filters
}

pub fn walks_agree_at_every_limit_for_every_filter(place: &dyn TestStore) {
    let mut store = place.store();
    let posts = many();
    Change::write(posts.clone()).apply(&mut *store);
    for filter in every_filter() {
        let expected: Vec<_> = posts
            .iter()
            .rev()
            .map(|post| stored(post, now()))
            .filter(|post| passes(&filter, post))
            .collect();
        for rows in [1, 3, 100] {
            let found = walk(&mut *store, &filter, rows);
            assert_eq!(found, expected, "{filter:?} at limit {rows}");
        }
    }
}

pub fn posts_without_a_time_match_no_span(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1)]).apply(&mut *store);
    place.sql("INSERT INTO post (id, title) VALUES (2, 'no time')");
    assert_eq!(ids(&everything(&mut *store)), [2, 1]);
    for (since, before) in [
        (Some(at("0001-01-01T00:00:00Z")), None),
        (None, Some(at("9999-01-01T00:00:00Z"))),
    ] {
        let filter = Filter {
            since,
            before,
            ..Filter::default()
        };
        assert_eq!(ids(&walk(&mut *store, &filter, 1)), [1]);
    }
}

pub fn a_walk_passes_by_what_is_added_and_removed_meanwhile(place: &dyn TestStore) {
    for (filter, rows) in [
        (Filter::default(), 1),
        (Filter::default(), 3),
        (
            Filter {
                category: Some("one".to_owned()),
                tags: tags(&["a"]),
                since: Some(day(0)),
                before: None,
                extra: Vec::new(),
                ..Filter::default()
            },
            3,
        ),
    ] {
        let made = |value: i64| Post {
            category: Some("one".to_owned()),
            tags: tags(&["a"]),
            created_at: Some(day(value)),
            ..post(value)
        };
        let mut store = place.store();
        let mut writer = place.store();
        let old = (10..30).map(made);
        Change::write(old).apply(&mut *writer);
        // Between any two pages a post is added above and one removed below the cursor.
        let (mut newer, mut doomed) = (100, 10);
        let found = walk_with(rows, |position| {
            let page = store.list(&filter, position).unwrap();
            Change {
                removals: vec![doomed],
                ..Change::write([made(newer)])
            }
            .apply(&mut *writer);
            newer += 1;
            doomed += 1;
            page
        });
        let found = ids(&found);
        assert!(found.is_sorted_by(|a, b| a > b), "{found:?}");
        assert_eq!(found.first(), Some(&29), "nothing added meanwhile is shown");
        // All that were there at the start and still are at the end.
        let lasting: Vec<_> = (i32::try_from(doomed).unwrap()..30).rev().collect();
        assert_eq!(found[..lasting.len()], lasting);
        let leftovers = everything(&mut *writer);
        let leftovers = ids(&leftovers).into_iter().map(i64::from);
        Change::remove(leftovers).apply(&mut *writer);
    }
}

pub fn a_cursor_need_not_exist(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(10), post(20), post(30)]).apply(&mut *store);
    let mut below = |cursor| {
        let position = Position {
            cursor: PostId::new(cursor),
            limit: limit(2),
        };
        let page = store.list(&Filter::default(), position).unwrap();
        (ids(&page.items), page.next_cursor.map(PostId::get))
    };
    assert_eq!(below(25), (vec![20, 10], None));
    assert_eq!(below(20), (vec![10], None));
    assert_eq!(below(1), (vec![], None));
    assert_eq!(below(2_147_483_647), (vec![30, 20], Some(20)));
}

pub fn filters_compare_exactly(place: &dyn TestStore) {
    let mut store = place.store();
    let kept = Post {
        category: Some("Rust 언어".to_owned()),
        tags: tags(&["Tag%"]),
        ..post(1)
    };
    Change::write([kept, post(2)]).apply(&mut *store);
    for (category, tag, found) in [
        (Some("Rust 언어"), None, 1),
        (Some("rust 언어"), None, 0),
        (Some("Rust 언어 "), None, 0),
        (Some("Rust%"), None, 0),
        (Some(""), None, 0),
        (None, Some("Tag%"), 1),
        (None, Some("tag%"), 0),
        (None, Some("Tag"), 0),
        (None, Some(""), 0),
        (Some("' OR 1=1 --"), None, 0),
    ] {
        let filter = Filter {
            category: category.map(str::to_owned),
            tags: tag.map(str::to_owned).into_iter().collect(),
            ..Filter::default()
        };
        assert_eq!(walk(&mut *store, &filter, 100).len(), found, "{filter:?}");
    }
}

pub fn a_tag_named_twice_counts_once(place: &dyn TestStore) {
    let mut store = place.store();
    let kept = Post {
        tags: tags(&["a"]),
        ..post(1)
    };
    Change::write([kept]).apply(&mut *store);
    let filter = Filter {
        tags: tags(&["a", "a"]),
        ..Filter::default()
    };
    assert_eq!(ids(&walk(&mut *store, &filter, 1)), [1]);
}
