//! Finding posts by their terms.

use blogctl::search::{AnyOf, Query, Requirement, TermMatch};
use blogctl::store::{Candidate, MAX_BODIES_BYTES, MAX_INLINE_BODY, SearchRequest};

use super::indexing::{owned, reindex};
use super::*;

/// More than any test has.
const MANY: usize = 100;

pub fn titled(value: i64, title: &str) -> Post {
    Post {
        title: title.to_owned(),
        ..post(value)
    }
}

/// Returns all that a store answers to a search.
pub fn ask(
    store: &mut dyn Store,
    requirement: &Requirement,
    filter: &Filter,
    cursor: Option<PostId>,
    rows: usize,
) -> Vec<Candidate> {
    let request = SearchRequest {
        requirement,
        filter,
        cursor,
        rows,
    };
    store.search(&request).expect("the store answers")
}

pub fn candidate_ids(candidates: &[Candidate]) -> Vec<i32> {
    candidates.iter().map(|one| one.post.id.get()).collect()
}

pub fn found_with(store: &mut dyn Store, requirement: &Requirement, filter: &Filter) -> Vec<i32> {
    candidate_ids(&ask(store, requirement, filter, None, MANY))
}

pub fn requirement_of(query: &str) -> Requirement {
    Query::parse(query)
        .expect("a test's query is understood")
        .requirement()
}

/// The ids that the index gives for a query.
pub fn found(store: &mut dyn Store, query: &str) -> Vec<i32> {
    found_with(store, &requirement_of(query), &Filter::default())
}

pub fn exact(term: &str) -> TermMatch {
    TermMatch::Exact(term.to_owned())
}

pub fn prefix(term: &str) -> TermMatch {
    TermMatch::Prefix(term.to_owned())
}

pub fn requires(all: &[AnyOf], none: &[AnyOf]) -> Requirement {
    Requirement {
        all: all.to_vec(),
        none: none.to_vec(),
        is_exact: false,
    }
}

pub fn each_kind_of_requirement_is_met(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write((1..=4).map(post)).apply(&mut *store);
    let terms: [&[&str]; 4] = [
        &["a", "ab", "쿼리", "쿼리를"],
        &["abc", "쿼"],
        &["b", "인덱스", "=index"],
        &["a", "b", "쿼터"],
    ];
    let terms: Vec<_> = (1..).zip(terms.map(owned)).collect();
    reindex(&mut *store, &terms).unwrap();
    let a_and_b = [vec![exact("a")], vec![exact("b")]];
    for (requirement, expected) in [
        (requires(&[vec![exact("a")]], &[]), &[4, 1][..]),
        (requires(&[vec![exact("ab")]], &[]), &[1]),
        (requires(&[vec![prefix("a")]], &[]), &[4, 2, 1]),
        (requires(&[vec![prefix("ab")]], &[]), &[2, 1]),
        (requires(&[vec![prefix("abcd")]], &[]), &[]),
        (requires(&[vec![prefix("쿼")]], &[]), &[4, 2, 1]),
        (requires(&[vec![prefix("쿼리")]], &[]), &[1]),
        (requires(&[vec![exact("쿼리")]], &[]), &[1]),
        (requires(&[vec![exact("쿼")]], &[]), &[2]),
        (requires(&[vec![prefix("인덱스")]], &[]), &[3]),
        (requires(&[vec![exact("index")]], &[]), &[]),
        (requires(&[vec![exact("=index")]], &[]), &[3]),
        (requires(&a_and_b, &[]), &[4]),
        (
            requires(&[vec![exact("abc"), prefix("인"), exact("ab")]], &[]),
            &[3, 2, 1],
        ),
        (
            requires(&[vec![prefix("a")]], &[vec![exact("ab")]]),
            &[4, 2],
        ),
        (
            requires(
                &[vec![prefix("a"), exact("b")]],
                &[vec![prefix("쿼리")], vec![exact("abc"), exact("=index")]],
            ),
            &[4],
        ),
        (requires(&[vec![exact("a")]], &[vec![prefix("쿼")]]), &[]),
    ] {
        let found = found_with(&mut *store, &requirement, &Filter::default());
        assert_eq!(found, expected, "{requirement:?}");
        let answers = terms.iter().rev();
        let satisfied = answers.filter(|(_, terms)| requirement.is_satisfied_by(terms));
        assert!(satisfied.map(|(value, _)| *value as i32).eq(found));
    }
}

pub fn requirements_may_be_as_large_as_queries_make_them(place: &dyn TestStore) {
    let mut store = place.store();
    let words: String = (0..200).map(|n| format!("word{n} ")).collect();
    Change::write([titled(1, "word0"), titled(2, &words[..250])]).apply(&mut *store);
    let any: AnyOf = (0..64).map(|n| prefix(&format!("word{n}"))).collect();
    let all: Vec<AnyOf> = (0..64).map(|_| any.clone()).collect();
    let none: Vec<AnyOf> = (0..64).map(|n| vec![exact(&format!("no{n}"))]).collect();
    let filter = Filter {
        tags: (0..300).map(|n| format!("tag {n}")).collect(),
        ..Filter::default()
    };
    let large = requires(&all, &none);
    assert_eq!(found_with(&mut *store, &large, &Filter::default()), [2, 1]);
    assert_eq!(found_with(&mut *store, &large, &filter), [] as [i32; 0]);
}

pub fn the_newest_are_found_first_and_a_cursor_goes_on(place: &dyn TestStore) {
    let mut store = place.store();
    // Across the blocks of ids that a store may divide its search by.
    let values = [
        1,
        2,
        511,
        512,
        513,
        4095,
        4096,
        40_000,
        300_000,
        2_147_483_647,
    ];
    let posts = values.map(|value| titled(value, if value % 2 == 0 { "even" } else { "odd" }));
    Change::write(posts).apply(&mut *store);
    let newest: Vec<i32> = values.iter().rev().map(|value| *value as i32).collect();
    for (query, expected) in [
        ("body", newest.clone()),
        (
            "odd",
            newest.iter().copied().filter(|n| n % 2 == 1).collect(),
        ),
        (
            "even",
            newest.iter().copied().filter(|n| n % 2 == 0).collect(),
        ),
    ] {
        let requirement = requirement_of(query);
        for rows in [1, 3, MANY] {
            let mut all = Vec::new();
            let mut cursor = None;
            loop {
                let filter = Filter::default();
                let page = ask(&mut *store, &requirement, &filter, cursor, rows);
                assert!(page.len() <= rows);
                cursor = page.last().map(|one| one.post.id);
                all.extend(candidate_ids(&page));
                if page.len() < rows {
                    break;
                }
            }
            assert_eq!(all, expected, "{query} by {rows}");
        }
    }
    // A cursor need not exist, and nothing comes before the first post.
    let body = requirement_of("body");
    for (cursor, expected) in [(4000, &[513, 512][..]), (2, &[1]), (1, &[])] {
        let page = ask(
            &mut *store,
            &body,
            &Filter::default(),
            PostId::new(cursor),
            2,
        );
        assert_eq!(candidate_ids(&page), expected);
    }
}

pub fn filters_hold_alone_and_together(place: &dyn TestStore) {
    let mut store = place.store();
    let day = |n: i64| at("2025-01-01T00:00:00Z") + Duration::from_secs(86_400) * n as u32;
    let posts: Vec<Post> = (1..=60)
        .map(|value| Post {
            category: [Some("one"), Some("두 번째"), None][value as usize % 3].map(str::to_owned),
            tags: [("a", 2), ("Tag: \"b\" c", 3), ("드묾", 17)]
                .iter()
                .filter(|(_, every)| value % every == 0)
                .map(|(name, _)| (*name).to_owned())
                .collect(),
            // Mostly rising with the ids; every seventh is out of order.
            created_at: Some(day(if value % 7 == 0 { 90 - value } else { value })),
            ..titled(value * 100, if value % 4 == 0 { "fourth" } else { "other" })
        })
        .collect();
    Change::write(posts.clone()).apply(&mut *store);
    let spans = [
        (None, None),
        (Some(day(20)), None),
        (None, Some(day(20))),
        (Some(day(30)), Some(day(40))),
        (Some(day(40)), Some(day(30))),
        (Some(day(500)), None),
    ];
    for category in [
        None,
        Some("one"),
        Some("두 번째"),
        Some("두"),
        Some("ONE"),
        Some(""),
    ] {
        for names in [
            &[][..],
            &["a"],
            &["Tag: \"b\" c", "a"],
            &["드묾"],
            &["A"],
            &["Tag:"],
            &["a", "a"],
        ] {
            for (since, before) in spans {
                let filter = Filter {
                    category: category.map(str::to_owned),
                    tags: names.iter().map(|&name| name.to_owned()).collect(),
                    since,
                    before,
                    extra: Vec::new(),
                    ..Filter::default()
                };
                let expected: Vec<i32> = posts
                    .iter()
                    .rev()
                    .filter(|post| post.title == "fourth")
                    .map(|post| stored(post, now()))
                    .filter(|post| super::paging::passes(&filter, post))
                    .map(|post| post.id.get())
                    .collect();
                let requirement = requirement_of("fourth");
                let found = found_with(&mut *store, &requirement, &filter);
                assert_eq!(found, expected, "{filter:?}");
                let first = ask(&mut *store, &requirement, &filter, PostId::new(3001), 2);
                let rest = expected.into_iter().filter(|value| *value < 3001).take(2);
                assert_eq!(
                    candidate_ids(&first),
                    rest.collect::<Vec<_>>(),
                    "{filter:?}"
                );
            }
        }
    }
}

pub fn candidates_carry_the_row_and_the_body(place: &dyn TestStore) {
    let mut store = place.store();
    let full = Post {
        description: Some("설명".to_owned()),
        category: Some("one".to_owned()),
        tags: tags(&["b", "a", "가"]),
        image: Some("/i.png".to_owned()),
        created_at: Some(at("2025-11-28T00:00:00Z")),
        updated_at: Some(at("2025-11-29T00:00:00Z")),
        ..titled(1, "needle")
    };
    // The limit is in bytes.
    let longest = "가".repeat(MAX_INLINE_BODY / 3) + "x";
    assert_eq!(longest.len(), MAX_INLINE_BODY);
    let longer = longest.clone() + "y";
    let change = Change {
        writes: vec![
            (full.clone(), "본문\n".to_owned()),
            (titled(2, "needle"), longest.clone()),
            (titled(3, "needle"), longer.clone()),
            (titled(4, "needle"), String::new()),
        ],
        ..Change::new()
    };
    change.apply(&mut *store);
    let requirement = requirement_of("needle");
    let candidates = ask(&mut *store, &requirement, &Filter::default(), None, MANY);
    let candidate = |post: &Post, body: Option<&str>| Candidate {
        post: stored(post, now()),
        body: body.map(str::to_owned),
    };
    assert!(
        candidates
            == [
                candidate(&titled(4, "needle"), Some("")),
                candidate(&titled(3, "needle"), None),
                candidate(&titled(2, "needle"), Some(&longest)),
                candidate(&full, Some("본문\n")),
            ]
    );
    let mut bodies = store.bodies(&[id(3), id(99), id(1), id(4)]).unwrap();
    bodies.sort();
    let expected = [
        (id(1), "본문\n".to_owned()),
        (id(3), longer),
        (id(4), String::new()),
    ];
    assert!(bodies == expected);
    assert_eq!(store.bodies(&[]).unwrap(), []);
}

pub fn bodies_end_with_the_one_that_reaches_the_limit(place: &dyn TestStore) {
    let mut store = place.store();
    let half = "\n".repeat(MAX_BODIES_BYTES / 2);
    let writes = [
        (1, "old"),
        (2, half.as_str()),
        (3, half.as_str()),
        (4, "new"),
    ];
    let change = Change {
        writes: writes
            .map(|(number, body)| (titled(number, "needle"), body.to_owned()))
            .to_vec(),
        ..Change::new()
    };
    change.apply(&mut *store);
    let mut ids_of = |ids: &[i64]| -> Vec<i32> {
        let ids: Vec<PostId> = ids.iter().map(|number| id(*number)).collect();
        let bodies = store.bodies(&ids).unwrap();
        bodies.iter().map(|(id, _)| id.get()).collect()
    };
    assert_eq!(ids_of(&[4, 3, 2, 1]), [4, 3, 2]);
    assert_eq!(ids_of(&[3, 2, 1]), [3, 2]);
    assert_eq!(ids_of(&[4, 3, 1]), [4, 3, 1]);
}

pub fn names_of_any_text_filter_a_search(place: &dyn TestStore) {
    let mut store = place.store();
    let names = [
        "Rust 언어",
        "rust 언어",
        "it's \"quoted\"",
        r"back\slash\",
        "a:b",
        "👩‍👩‍👧‍👦 \u{10ffff}",
        " spaces ",
        "\u{1b}[31m\t",
        "%_*",
        "가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가가",
    ];
    let posts = names.iter().zip(1..).map(|(name, value)| Post {
        category: Some((*name).to_owned()),
        tags: tags(&[name]),
        ..titled(value, "needle")
    });
    Change::write(posts).apply(&mut *store);
    for (name, value) in names.iter().zip(1..) {
        for (category, tag) in [(true, false), (false, true), (true, true)] {
            let filter = Filter {
                category: category.then(|| (*name).to_owned()),
                tags: tag.then(|| (*name).to_owned()).into_iter().collect(),
                ..Filter::default()
            };
            let found = found_with(&mut *store, &requirement_of("needle"), &filter);
            assert_eq!(found, [value], "{filter:?}");
        }
    }
}
