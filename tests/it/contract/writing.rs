//! The rows that a sync writes, and the rules for times.

use blogctl::index::RowState;

use super::*;

pub fn the_index_tells_what_was_written(place: &dyn TestStore) {
    let mut store = place.store();
    let written = Post {
        category: Some("소개".to_owned()),
        ..post(7)
    };
    Change::write([written.clone()]).apply(&mut *store);
    let index = place.store().index().unwrap();
    assert!(index.foreign.is_empty());
    assert_eq!(index.entries.len(), 1);
    let entry = &index.entries[0];
    let body = body_of(&written);
    assert_eq!(entry.id, id(7));
    assert_eq!(entry.path, path_of(id(7)));
    assert_eq!(entry.file_digest, digest_of(&body));
    assert_eq!(entry.post_digest, written.digest(&body));
    assert_eq!(entry.category.as_deref(), Some("소개"));
    assert!(matches!(entry.row, RowState::Intact(_)));
}

pub fn an_update_replaces_columns_and_tags(place: &dyn TestStore) {
    let mut store = place.store();
    let before = Post {
        description: Some("gone".to_owned()),
        category: Some("one".to_owned()),
        image: Some("/gone.png".to_owned()),
        tags: tags(&["stays", "goes"]),
        created_at: Some(at("2024-01-01T00:00:00Z")),
        ..post(1)
    };
    Change::write([before, post(2)]).apply(&mut *store);
    let after = Post {
        title: "Renamed".to_owned(),
        category: Some("two".to_owned()),
        tags: tags(&["stays", "comes"]),
        created_at: Some(at("2024-02-02T00:00:00Z")),
        word_count: 0,
        ..post(1)
    };
    Change::write([after.clone()]).apply(&mut *store);
    assert_eq!(
        everything(&mut *store),
        [stored(&post(2), now()), stored(&after, now())]
    );
    let (shown, body) = store.show(id(1).into()).unwrap().unwrap();
    assert_eq!((shown, body), (stored(&after, now()), body_of(&after)));
    assert!(matches!(row_state(&mut *store, 1), RowState::Intact(_)));
}

// An index of Postgres takes some 2,700 bytes of a key, and a longer one fails the whole sync.
pub fn the_longest_values_of_a_front_matter_fit(place: &dyn TestStore) {
    // Four bytes each, and no two alike, so that nothing can be compressed.
    let long = |length: usize, first: usize| -> String {
        (0..length)
            .map(|n| char::from_u32(0x20000 + ((first + 7919 * n) % 40_000) as u32).unwrap())
            .collect()
    };
    let longest = Post {
        title: long(255, 1),
        description: Some(long(16 * 1024, 2)),
        category: Some(long(255, 3)),
        tags: vec![long(100, 4)],
        image: Some(long(500, 5)),
        ..post(1)
    };
    let mut store = place.store();
    Change::write([longest.clone(), post(2)]).apply(&mut *store);
    let path: &'static str = format!("content/{}.md", long(1000, 6)).leak();
    Change {
        relocations: vec![(1, path)],
        ..Change::new()
    }
    .apply(&mut *store);
    let expected = StoredPost {
        path: Some(SourcePath::new(path)),
        ..stored(&longest, now())
    };
    let (shown, _) = store.show(id(1).into()).unwrap().unwrap();
    assert_eq!(shown, expected);
    let filter = Filter {
        category: longest.category.clone(),
        tags: longest.tags.clone(),
        ..Filter::default()
    };
    assert_eq!(ids(&walk(&mut *store, &filter, 5)), [1]);
}

pub fn a_relocation_changes_the_path_and_keeps_the_row(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1)]).apply(&mut *store);
    Change {
        relocations: vec![(1, "content/새 자리/하나.md")],
        ..Change::new()
    }
    .at(at("2027-01-01T00:00:00Z"))
    .apply(&mut *store);
    let moved = SourcePath::new("content/새 자리/하나.md");
    let expected = StoredPost {
        path: Some(moved.clone()),
        ..stored(&post(1), now())
    };
    assert_eq!(everything(&mut *store), [expected]);
    let index = store.index().unwrap();
    let entry = &index.entries[0];
    assert_eq!(entry.path, moved);
    assert_eq!(entry.file_digest, digest_of("content/새 자리/하나.md"));
    assert_eq!(entry.post_digest, post(1).digest(&body_of(&post(1))));
    assert!(matches!(entry.row, RowState::Intact(_)));
}

pub fn a_removal_takes_the_post_and_all_that_is_kept_of_it(place: &dyn TestStore) {
    let mut store = place.store();
    let tagged = Post {
        category: Some("one".to_owned()),
        tags: tags(&["shared"]),
        ..post(1)
    };
    let other = Post {
        tags: tags(&["shared"]),
        ..post(2)
    };
    Change::write([tagged, other.clone()]).apply(&mut *store);
    Change::remove([1]).apply(&mut *store);
    assert_eq!(everything(&mut *store), [stored(&other, now())]);
    let index = store.index().unwrap();
    assert_eq!(index.entries.len(), 1);
    assert!(index.foreign.is_empty());
    assert_eq!(store.show(id(1).into()).unwrap(), None);
    // The id is free again, without the old tags.
    Change::write([post(1)]).apply(&mut *store);
    assert_eq!(everything(&mut *store)[1], stored(&post(1), now()));
}

pub fn text_comes_back_as_it_went_in(place: &dyn TestStore) {
    let mut store = place.store();
    let awkward = [
        "한글 제목과 e\u{301} 결합 문자",
        "👩‍👩‍👧‍👦 emoji 🏳️‍🌈 \u{10FFFF}",
        "it's \"quoted\" `ticked` $1 $$ :name ?1 -- /* */",
        r"back\slash \n \u0041 \x41 C:\path {\}",
        "tab\tinside, line\nbreak, {braces}, [brackets], a,b;c|d",
        " spaces around ",
        "\\N",
        "NULL",
        "%s %d {0}",
        "\u{feff}bom \u{200b} zero \u{1b}[31m escape \u{7f}",
    ];
    let posts: Vec<(Post, String)> = awkward
        .iter()
        .zip(1..)
        .map(|(text, value)| {
            let written = Post {
                title: (*text).to_owned(),
                description: Some((*text).to_owned()),
                category: Some((*text).to_owned()),
                image: Some((*text).to_owned()),
                tags: tags(&[text, "태그, \"둘\"", "{a,b}"]),
                ..post(value)
            };
            (written, format!("{text}\n---\n{text}"))
        })
        .chain([
            (post(100), String::new()),
            (
                Post {
                    title: "가".repeat(255),
                    description: Some("긴 글 ".repeat(20_000)),
                    image: Some("i".repeat(500)),
                    tags: tags(&[&"나".repeat(100)]),
                    ..post(101)
                },
                "한글과 emoji 👍, and a line.\n".repeat(100_000),
            ),
        ])
        .collect();
    Change {
        writes: posts.clone(),
        ..Change::new()
    }
    .apply(&mut *store);
    for (written, body) in &posts {
        let (shown, content) = store.show(written.id.into()).unwrap().unwrap();
        assert_eq!(shown, stored(written, now()));
        assert!(content == *body, "the body of post {} differs", written.id);
        assert!(matches!(
            row_state(&mut *store, written.id.get().into()),
            RowState::Intact(_)
        ));
    }
    for text in awkward {
        let filter = Filter {
            category: Some(text.to_owned()),
            tags: vec![text.to_owned()],
            ..Filter::default()
        };
        assert_eq!(walk(&mut *store, &filter, 3).len(), 1, "{text:?}");
    }
}

fn times(store: &mut dyn Store) -> (Option<Timestamp>, Option<Timestamp>) {
    let (post, _) = store.show(id(1).into()).unwrap().unwrap();
    (post.created_at, post.updated_at)
}

pub fn an_absent_created_at_takes_the_first_syncs_time_and_keeps_it(place: &dyn TestStore) {
    let mut store = place.store();
    let later = at("2026-05-05T05:05:05.000005Z");
    Change::write([post(1)]).apply(&mut *store);
    assert_eq!(times(&mut *store), (Some(now()), Some(now())));
    Change::write([post(1)]).at(later).apply(&mut *store);
    assert_eq!(times(&mut *store), (Some(now()), Some(later)));
}

pub fn a_stated_created_at_without_updated_at_leaves_that_empty(place: &dyn TestStore) {
    let mut store = place.store();
    let created = at("2020-02-29T12:00:00Z");
    let stated = Post {
        created_at: Some(created),
        ..post(1)
    };
    Change::write([stated.clone()]).apply(&mut *store);
    assert_eq!(times(&mut *store), (Some(created), None));
    // Nor does what an earlier file stated stay.
    let both = Post {
        updated_at: Some(created),
        ..stated.clone()
    };
    Change::write([both]).apply(&mut *store);
    assert_eq!(times(&mut *store), (Some(created), Some(created)));
    Change::write([stated]).apply(&mut *store);
    assert_eq!(times(&mut *store), (Some(created), None));
}

pub fn stated_times_are_kept_to_the_microsecond(place: &dyn TestStore) {
    let mut store = place.store();
    for (created, updated) in [
        ("1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00.000001Z"),
        ("0001-01-01T00:00:00Z", "9999-12-30T21:59:59.999999Z"),
    ] {
        let stated = Post {
            created_at: Some(at(created)),
            updated_at: Some(at(updated)),
            ..post(1)
        };
        Change::write([stated]).apply(&mut *store);
        assert_eq!(times(&mut *store), (Some(at(created)), Some(at(updated))));
    }
}

pub fn a_created_at_taken_out_of_the_file_stays_in_the_row(place: &dyn TestStore) {
    let mut store = place.store();
    let created = at("2020-02-29T12:00:00Z");
    let stated = Post {
        created_at: Some(created),
        ..post(1)
    };
    Change::write([stated]).apply(&mut *store);
    let later = at("2026-05-05T05:05:05Z");
    Change::write([post(1)]).at(later).apply(&mut *store);
    assert_eq!(times(&mut *store), (Some(created), Some(later)));
}
