//! Reading a blog with locales: each reader walks an index of its locale.

use rusqlite::StatementStatus;

use super::super::list::{self, Walk};
use super::super::store::{CATEGORIES_IN_LOCALE, TAGS_IN_LOCALE};
use super::super::{doctor, statements};
use super::listing::plan;
use super::locales::{id, locale, reading, sync, text};
use super::*;
use crate::page::PostKey;
use crate::search::{Requirement, TermMatch};
use crate::store::SearchRequest;

/// A blog with `posts` posts in Korean, of which every hundredth is in English, too: the last one
/// written by a sync, the others by another program.
fn filled(folder: &TempDir, posts: u32) -> SqliteStore {
    let mut store = reading(folder, "ko");
    store.apply_schema(NO_WAIT).unwrap();
    let connection = &store.opened.as_ref().unwrap().connection;
    connection
        .execute_batch(&format!(
            "BEGIN;
             INSERT INTO tag (id, name) VALUES (1, 'common'), (2, 'rare');
             WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {posts})
             INSERT INTO post (id, title, category, created_at)
             SELECT n, 'Post ' || n, 'category ' || (n % 10), n * 86400000000 FROM n;
             INSERT INTO post_tag SELECT id, 1 FROM post;
             INSERT INTO post_tag SELECT id, 2 FROM post WHERE id % 1000 = 0;
             INSERT INTO post_translation (post_id, locale, title, slug, content)
             SELECT id, 'ko', 'Ko ' || id, 'ko-' || id, 'Body' FROM post;
             INSERT INTO post_translation (post_id, locale, title, slug, content)
             SELECT id, 'en', 'En ' || id, 'same', 'English body' FROM post WHERE id % 100 = 0;
             INSERT INTO blogctl_extra_value
             SELECT locale || char(31) || 'layout', 'post', post_id FROM post_translation;
             INSERT INTO blogctl_locale (number, name) VALUES (0, 'ko'), (1, 'en');
             INSERT INTO blogctl_translation_search (rowid, terms)
             SELECT post_id * 256 + (locale = 'en'),
                    'all half' || (post_id % 2) || ' ' || char(0xe002) || locale
             FROM post_translation;
             COMMIT;"
        ))
        .unwrap();
    let last = i64::from(posts) + 1;
    sync(&mut store, |transaction| {
        transaction.write(text(last, "ko", true, "ko")).unwrap();
        transaction.write(text(last, "en", false, "en")).unwrap();
    });
    store
}

fn page(
    store: &mut SqliteStore,
    filter: &Filter,
    cursor: Option<PostId>,
) -> (Vec<i32>, Option<PostId>) {
    let position = Position {
        cursor,
        limit: Limit::new(3).unwrap(),
    };
    let page = store.list(filter, position).unwrap();
    for post in &page.items {
        assert_eq!(post.locale, store.locale);
    }
    let ids = page.items.iter().map(|post| post.id.get()).collect();
    (ids, page.next_cursor)
}

fn requirement(term: &str) -> Requirement {
    Requirement {
        all: vec![vec![TermMatch::Exact(term.to_owned())]],
        none: Vec::new(),
        is_exact: false,
    }
}

fn searched(store: &mut SqliteStore, term: &str, filter: &Filter, cursor: Option<i64>) -> Vec<i32> {
    let requirement = requirement(term);
    let request = SearchRequest {
        requirement: &requirement,
        filter,
        cursor: cursor.and_then(PostId::new),
        rows: 3,
    };
    let found = store.search(&request).unwrap();
    assert!(found.iter().all(|one| one.post.locale == store.locale));
    found.iter().map(|one| one.post.id.get()).collect()
}

#[test]
fn every_reader_of_a_locale_walks_an_index_and_sorts_nothing() {
    let folder = folder();
    let store = filled(&folder, 3000);
    let connection = &store.opened.as_ref().unwrap().connection;
    let text = "SEARCH tr USING INDEX sqlite_autoindex_post_translation_1 (post_id=? AND locale=?)";
    let source = "SEARCH s USING PRIMARY KEY (post_id=? AND locale=?) LEFT-JOIN";
    let by_locale = "SEARCH tr USING INDEX post_translation_locale_post_id_idx \
                     (locale=? AND post_id>? AND post_id<?)";
    let by_slug = "SEARCH tr USING INDEX post_translation_slug_locale_post_id_idx \
                   (slug=? AND locale=?";
    let post = "SEARCH p USING INTEGER PRIMARY KEY (rowid=?)";
    let by_category = "SEARCH p USING INDEX post_category_id_idx (category=? AND id>? AND id<?)";
    let by_tag = "SEARCH walk USING COVERING INDEX post_tag_tag_id_post_id_idx \
                  (tag_id=? AND post_id>? AND post_id<?)";
    let by_pair = "SEARCH walk USING PRIMARY KEY (key=? AND value=? AND post_id>? AND post_id<?)";
    let cases: [(&str, &[&str]); 7] = [
        (&statements::BY_LOCALE, &[by_locale, post, source]),
        (
            &statements::BY_CATEGORY_IN_LOCALE,
            &[by_category, text, source],
        ),
        (&statements::BY_TAG_IN_LOCALE, &[by_tag, post, text, source]),
        (
            &statements::BY_EXTRA_IN_LOCALE,
            &[by_pair, post, text, source],
        ),
        (&statements::SHOW_IN_LOCALE, &[post, text, source]),
        (&statements::SHOW_SLUG_IN_LOCALE, &[by_slug, post, source]),
        (&statements::FOUND_IN_LOCALE, &["", post, text, source]),
    ];
    for statistics in ["", "ANALYZE"] {
        connection.execute_batch(statistics).unwrap();
        for (sql, wanted) in &cases {
            let steps = plan(connection, sql);
            let is = |step: &str, wanted: &str| {
                // Which of two indexes that have both columns finds the one text does not matter.
                let is_text = wanted == text
                    && step.starts_with("SEARCH tr USING INDEX")
                    && ["locale=?", "post_id=?"]
                        .iter()
                        .all(|key| step.contains(key));
                let is_walk = wanted.is_empty()
                    && step.starts_with("SCAN walk VIRTUAL TABLE INDEX")
                    && step.ends_with(":M1<>");
                !wanted.is_empty() && step.starts_with(wanted) || is_text || is_walk
            };
            assert!(is(&steps[0], wanted[0]), "{steps:#?}");
            // Probes for what else is wanted may come between.
            let mut rest = steps.iter();
            for wanted in *wanted {
                assert!(rest.any(|step| is(step, wanted)), "{wanted}: {steps:#?}");
            }
            for step in &steps[1..] {
                assert!(!step.contains("B-TREE"), "sorts: {steps:#?}");
                assert!(
                    !step.starts_with("SCAN p") && !step.starts_with("SCAN t"),
                    "{steps:#?}"
                );
            }
        }
        for sql in [CATEGORIES_IN_LOCALE, TAGS_IN_LOCALE] {
            let steps = plan(connection, sql);
            assert!(
                steps[0].ends_with("USING PRIMARY KEY (locale=?)"),
                "{steps:#?}"
            );
        }
    }
}

#[test]
fn pages_of_a_locale_have_its_posts_alone() {
    let folder = folder();
    let mut korean = filled(&folder, 1000);
    let mut english = reading(&folder, "en");
    let all = Filter::default();
    assert_eq!(
        page(&mut korean, &all, None),
        (vec![1001, 1000, 999], PostId::new(999))
    );
    let (first, cursor) = page(&mut english, &all, None);
    assert_eq!((first, cursor), (vec![1001, 1000, 900], PostId::new(900)));
    assert_eq!(page(&mut english, &all, cursor).0, [800, 700, 600]);
    assert_eq!(
        page(&mut english, &all, PostId::new(300)),
        (vec![200, 100], None)
    );
    let category = |name: &str| Filter {
        category: Some(name.to_owned()),
        ..Filter::default()
    };
    assert_eq!(
        page(&mut english, &category("category 0"), None).0,
        [1000, 900, 800]
    );
    assert_eq!(page(&mut english, &category("category 1"), None).0, [0; 0]);
    let tagged = |names: &[&str]| Filter {
        tags: names.iter().map(|&name| name.to_owned()).collect(),
        ..Filter::default()
    };
    assert_eq!(
        page(&mut english, &tagged(&["common", "rare"]), None).0,
        [1000]
    );
    let span = Filter {
        since: Some(Timestamp::from_second(86_400 * 250).unwrap()),
        before: Some(Timestamp::from_second(86_400 * 450).unwrap()),
        extra: super::listing::pairs(&[("layout", "post")]),
        ..Filter::default()
    };
    assert_eq!(page(&mut english, &span, None).0, [400, 300]);
}

#[test]
fn the_locale_is_walked_where_nothing_is_rarer() {
    let folder = folder();
    let store = filled(&folder, 1000);
    let connection = &store.opened.as_ref().unwrap().connection;
    let chosen = |name: &str, category: Option<&str>, tags: &[&str]| {
        let filter = Filter {
            category: category.map(str::to_owned),
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            ..Filter::default()
        };
        list::walk(connection, &filter, Some(locale(name))).unwrap()
    };
    let by_locale = |tags: &[i64]| {
        Some(Walk::Locale {
            tags: tags.to_vec(),
        })
    };
    let category = Some("category 0");
    assert_eq!(chosen("ko", None, &[]), by_locale(&[]));
    // 11 posts in English, 100 in the category, 1,000 with the common tag and 1 with the rare one.
    assert_eq!(chosen("en", category, &["common"]), by_locale(&[1]));
    assert_eq!(
        chosen("ko", category, &[]),
        Some(Walk::Category { tags: vec![] })
    );
    let rare = Walk::Tag {
        tag: 2,
        others: vec![1],
    };
    assert_eq!(chosen("en", category, &["common", "rare"]), Some(rare));
    assert_eq!(chosen("en", None, &["no such"]), None);
}

#[test]
fn a_page_of_a_locale_costs_the_same_at_any_depth() {
    let folder = folder();
    let mut store = filled(&folder, 20_000);
    let mut english = reading(&folder, "en");
    let steps = |store: &mut SqliteStore, cursor| {
        let sql: &str = &statements::BY_LOCALE;
        let count = |store: &SqliteStore| {
            let connection = &store.opened.as_ref().unwrap().connection;
            let statement = connection.prepare_cached(sql).unwrap();
            statement.get_status(StatementStatus::VmStep)
        };
        let before = count(store);
        assert_eq!(
            page(store, &Filter::default(), PostId::new(cursor)).0.len(),
            3
        );
        count(store) - before
    };
    for store in [&mut store, &mut english] {
        for cursor in [19_990, 10_000, 500] {
            let taken = steps(store, cursor);
            assert!(taken < 1_000, "{taken} steps at {cursor}");
        }
    }
}

#[test]
fn a_search_finds_the_texts_of_its_locale() {
    let folder = folder();
    let mut korean = filled(&folder, 1000);
    let mut english = reading(&folder, "en");
    let all = Filter::default();
    assert_eq!(searched(&mut korean, "all", &all, None), [1001, 1000, 999]);
    assert_eq!(searched(&mut english, "all", &all, None), [1001, 1000, 900]);
    assert_eq!(
        searched(&mut english, "all", &all, Some(900)),
        [800, 700, 600]
    );
    assert_eq!(searched(&mut english, "all", &all, Some(101)), [100]);
    assert_eq!(searched(&mut english, "half1", &all, None), [0; 0]);
    assert_eq!(searched(&mut korean, "ko", &all, None), [1001]);
    assert_eq!(searched(&mut english, "ko", &all, None), [0; 0]);
    let span = Filter {
        since: Some(Timestamp::from_second(86_400 * 250).unwrap()),
        before: Some(Timestamp::from_second(86_400 * 450).unwrap()),
        ..Filter::default()
    };
    assert_eq!(searched(&mut english, "all", &span, None), [400, 300]);
    let requirement = requirement("en");
    let request = SearchRequest {
        requirement: &requirement,
        filter: &all,
        cursor: None,
        rows: 3,
    };
    let found = english.search(&request).unwrap();
    assert_eq!(found[0].body.as_deref(), Some("en"));
    assert_eq!(found[0].post.title.as_deref(), Some("en 1001"));
    // A term of a text is no locale's, whatever it is.
    assert_eq!(searched(&mut english, "\u{2}ko", &all, None), [0; 0]);
}

#[test]
fn a_post_is_shown_in_the_locale_that_is_read() {
    let folder = folder();
    let mut korean = filled(&folder, 300);
    let mut english = reading(&folder, "en");
    let shown = |store: &mut SqliteStore, key: PostKey<'_>| {
        let (post, body) = store.show(key).unwrap()?;
        assert_eq!(post.locale, store.locale);
        Some((post.id.get(), post.title.unwrap(), body))
    };
    let of = |id, title: &str, body: &str| Some((id, title.to_owned(), body.to_owned()));
    let hundred = PostKey::Id(id(100));
    assert_eq!(shown(&mut korean, hundred), of(100, "Ko 100", "Body"));
    assert_eq!(
        shown(&mut english, hundred),
        of(100, "En 100", "English body")
    );
    assert_eq!(shown(&mut english, PostKey::Id(id(99))), None);
    assert_eq!(
        shown(&mut english, PostKey::Slug("same")),
        of(300, "En 300", "English body")
    );
    assert_eq!(shown(&mut korean, PostKey::Slug("same")), None);
    assert_eq!(
        shown(&mut korean, PostKey::Slug("ko-7")),
        of(7, "Ko 7", "Body")
    );
    let bodies = english.bodies(&[id(99), id(100)]).unwrap();
    assert_eq!(bodies, [(id(100), "English body".to_owned())]);
    // The row of a post is there, also where it has no text.
    let posts = english.posts(&[id(99), id(100)], None).unwrap();
    let titles: Vec<_> = posts
        .iter()
        .map(|(post, _)| post.title.as_deref())
        .collect();
    assert_eq!(titles, [Some("En 100"), None]);
    assert_eq!(posts[1].0.category.as_deref(), Some("category 9"));
    let posts = english.posts(&[id(100)], Some(locale("ko"))).unwrap();
    assert_eq!(posts[0].0.title.as_deref(), Some("Ko 100"));
    assert_eq!(posts[0].0.locale, Some(locale("ko")));
}

#[test]
fn doctor_examines_the_statements_of_a_blog_with_locales() {
    let folder = folder();
    let mut store = filled(&folder, 10);
    let facts = doctor::examine(&mut store).unwrap();
    assert_eq!(facts.missing, [""; 0]);
    for query in &facts.queries {
        let is_fine = query.scans.is_empty() && query.refusal.is_none();
        assert!(is_fine, "{query:?}");
    }
    let connection = &store.opened.as_ref().unwrap().connection;
    connection
        .execute_batch(
            "DROP INDEX post_translation_locale_post_id_idx;
             DROP TRIGGER blogctl_translation_moved",
        )
        .unwrap();
    let facts = doctor::examine(&mut store).unwrap();
    let missing = [
        "post_translation_locale_post_id_idx",
        "blogctl_translation_moved",
    ];
    assert_eq!(facts.missing, missing);
    let refused = facts.queries.iter().filter(|query| query.refusal.is_some());
    let refused: Vec<_> = refused.map(|query| query.name).collect();
    assert_eq!(refused, ["list"]);
    store.apply_schema(NO_WAIT).unwrap();
    assert_eq!(doctor::examine(&mut store).unwrap().missing, [""; 0]);
}
