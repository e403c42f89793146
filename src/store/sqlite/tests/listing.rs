//! Listings walk their indexes, and a page's cost does not grow with its depth.

use jiff::Timestamp;
use rusqlite::{Connection, StatementStatus};
use tempfile::TempDir;

use super::super::list::{self, Walk};
use super::super::statements;
use super::{NO_WAIT, folder, store_in, sync_one};
use crate::page::{Filter, Limit, Position, PostKey};
use crate::post::{ExtraTerm, PostId};
use crate::store::sqlite::SqliteStore;
use crate::store::{Reader, Store};

/// A store with `posts` posts: a category for every tenth, a tag and an extra key for every post,
/// for every second and for every fiftieth, a slug for each, a day between one post and the next.
pub(super) fn filled(folder: &TempDir, posts: u32) -> SqliteStore {
    let mut store = store_in(folder);
    store.apply_schema(NO_WAIT).unwrap();
    let connection = &store.opened.as_ref().unwrap().connection;
    connection
        .execute_batch(&format!(
            "BEGIN;
             INSERT INTO tag (id, name) VALUES (1, 'common'), (2, 'rare'), (3, 'half');
             WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {posts})
             INSERT INTO post (id, title, category, created_at, slug, content)
             SELECT n, 'Post ' || n, 'category ' || (n % 10), n * 86400000000, 'post-' || n, 'Body'
             FROM n;
             INSERT INTO blogctl_source (post_id, path, file_digest, post_digest, row_digest, terms_version)
             SELECT id, 'content/' || id || '.md', zeroblob(16), zeroblob(16), zeroblob(16), 1 FROM post;
             INSERT INTO post_tag SELECT id, 1 FROM post;
             INSERT INTO post_tag SELECT id, 2 FROM post WHERE id % 50 = 0;
             INSERT INTO post_tag SELECT id, 3 FROM post WHERE id % 2 = 0;
             INSERT INTO blogctl_extra_value SELECT 'layout', 'post', id FROM post;
             INSERT INTO blogctl_extra_value SELECT 'series', 'rare', id FROM post WHERE id % 50 = 0;
             INSERT INTO blogctl_extra_value SELECT 'math', 'true', id FROM post WHERE id % 2 = 0;
             COMMIT;"
        ))
        .unwrap();
    sync_one(&mut store, i64::from(posts) + 1);
    store
}

/// The steps of the plan, as SQLite words them.
pub(super) fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap();
    // Planning needs no values.
    let steps = statement.raw_query().mapped(|row| row.get("detail"));
    steps.collect::<rusqlite::Result<_>>().unwrap()
}

#[track_caller]
fn assert_walks(connection: &Connection, sql: &str, walk: &str) {
    let steps = plan(connection, sql);
    assert_eq!(steps[0], walk, "{steps:#?}");
    for step in &steps {
        assert!(!step.contains("B-TREE"), "sorts: {steps:#?}");
        let scans = step.starts_with("SCAN") && !step.contains("VIRTUAL TABLE");
        assert!(!scans, "scans: {steps:#?}");
    }
}

#[test]
fn every_listing_walks_its_index_and_sorts_nothing() {
    let folder = folder();
    let store = filled(&folder, 3000);
    let connection = &store.opened.as_ref().unwrap().connection;
    for statistics in ["", "ANALYZE"] {
        connection.execute_batch(statistics).unwrap();
        assert_walks(
            connection,
            &statements::BY_ID,
            "SEARCH p USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)",
        );
        assert_walks(
            connection,
            &statements::ROW,
            "SEARCH p USING INTEGER PRIMARY KEY (rowid=?)",
        );
        assert_walks(
            connection,
            &statements::BY_CATEGORY,
            "SEARCH p USING INDEX post_category_id_idx (category=? AND id>? AND id<?)",
        );
        assert_walks(
            connection,
            &statements::BY_TAG,
            "SEARCH walk USING COVERING INDEX post_tag_tag_id_post_id_idx \
             (tag_id=? AND post_id>? AND post_id<?)",
        );
        let pair = "SEARCH walk USING PRIMARY KEY (key=? AND value=? AND post_id>? AND post_id<?)";
        assert_walks(connection, &statements::BY_EXTRA, pair);
        assert_walks(
            connection,
            &statements::SHOW_SLUG,
            "SEARCH p USING INDEX post_slug_id_idx (slug=? AND id>? AND id<?)",
        );
        // The others that are wanted are probed for.
        let probe = "SEARCH has USING PRIMARY KEY (key=? AND value=? AND post_id=?)";
        for sql in [
            &statements::BY_CATEGORY,
            &statements::BY_TAG,
            &statements::BY_EXTRA,
        ] {
            let steps = plan(connection, sql);
            assert!(steps.iter().any(|step| step == probe), "{steps:#?}");
        }
        let count = plan(connection, list::COUNT_EXTRA);
        assert!(
            count[1].ends_with("walk USING PRIMARY KEY (key=? AND value=?)"),
            "{count:#?}"
        );
    }
}

#[test]
fn a_span_is_found_by_one_probe_a_block() {
    let folder = folder();
    let store = filled(&folder, 3000);
    let connection = &store.opened.as_ref().unwrap().connection;
    for sql in [list::NEWEST_BLOCK, list::OLDEST_BLOCK] {
        let steps = plan(connection, sql);
        let probe = "SEARCH post USING COVERING INDEX post_block_created_at_idx \
                     (<expr>=? AND created_at>? AND created_at<?)";
        assert!(steps.iter().any(|step| step == probe), "{steps:#?}");
        let scans = |step: &String| step.starts_with("SCAN") && step.contains("post");
        assert!(!steps.iter().any(scans), "{steps:#?}");
    }
}

/// Pairs of extra keys and their values.
pub(super) fn pairs(pairs: &[(&str, &str)]) -> Vec<ExtraTerm> {
    let pair = |&(key, value): &(&str, &str)| ExtraTerm {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    pairs.iter().map(pair).collect()
}

/// Virtual machine steps that one page takes, but for the count of a pair's posts.
fn steps_of(store: &mut SqliteStore, filter: &Filter, cursor: Option<i64>, rows: usize) -> i32 {
    let position = Position {
        cursor: cursor.and_then(PostId::new),
        limit: Limit::new(20).unwrap(),
    };
    let sent: [&str; 6] = [
        &statements::BY_EXTRA,
        &statements::BY_ID,
        &statements::BY_CATEGORY,
        &statements::BY_TAG,
        list::NEWEST_BLOCK,
        list::OLDEST_BLOCK,
    ];
    let steps = |store: &SqliteStore| -> i32 {
        let connection = &store.opened.as_ref().unwrap().connection;
        sent.iter()
            .map(|sql| {
                let statement = connection.prepare_cached(sql).unwrap();
                statement.get_status(StatementStatus::VmStep)
            })
            .sum()
    };
    let before = steps(store);
    let page = store.list(filter, position).unwrap();
    assert_eq!(page.items.len(), rows, "{filter:?}");
    steps(store) - before
}

#[test]
fn a_page_costs_the_same_at_any_depth() {
    let folder = folder();
    let mut store = filled(&folder, 20_000);
    let tagged = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect();
    let day = |n: i64| Some(Timestamp::from_second(n * 86_400).unwrap());
    let category = Some("category 0".to_owned());
    let none = Filter::default();
    let (common, half, rare) = (("layout", "post"), ("math", "true"), ("series", "rare"));
    let filters = [
        Filter {
            extra: pairs(&[common]),
            ..none.clone()
        },
        Filter {
            extra: pairs(&[common, half, rare]),
            ..none.clone()
        },
        Filter {
            extra: pairs(&[common, rare]),
            category: category.clone(),
            tags: tagged(&["common", "half"]),
            ..none.clone()
        },
        Filter {
            extra: pairs(&[common]),
            tags: tagged(&["rare"]),
            ..none.clone()
        },
        Filter {
            extra: pairs(&[half]),
            since: day(500),
            before: day(15_000),
            ..none.clone()
        },
        none.clone(),
        Filter {
            category: category.clone(),
            ..none.clone()
        },
        Filter {
            tags: tagged(&["common"]),
            ..none.clone()
        },
        Filter {
            tags: tagged(&["common", "half", "rare"]),
            ..none.clone()
        },
        Filter {
            tags: tagged(&["half"]),
            category: category.clone(),
            ..none.clone()
        },
        Filter {
            since: day(500),
            before: day(15_000),
            ..none.clone()
        },
        Filter {
            since: day(500),
            category: category.clone(),
            ..none.clone()
        },
        Filter {
            before: day(15_000),
            tags: tagged(&["half"]),
            category,
            ..none
        },
    ];
    for filter in filters {
        let first = steps_of(&mut store, &filter, Some(14_990), 20);
        let deep = steps_of(&mut store, &filter, Some(3_010), 20);
        // The rows of a page, and for a span a few steps for each of its blocks.
        assert!(first < 3_100, "{first} steps: {filter:?}");
        assert!(deep < 3_100, "{deep} steps: {filter:?}");
    }
}

#[test]
fn posts_outside_a_span_are_not_read_one_by_one() {
    let folder = folder();
    let mut store = filled(&folder, 20_000);
    let filter = Filter {
        since: Some(Timestamp::from_second(86_400 * 100).unwrap()),
        before: Some(Timestamp::from_second(86_400 * 110).unwrap()),
        ..Filter::default()
    };
    let found = steps_of(&mut store, &filter, None, 10);
    // At most one block of 4,000 is walked, some eight steps a row, and 5 are probed: not
    // 19,000 rows.
    assert!(found < 40_000, "{found} steps");
    let filter = Filter {
        since: Some(Timestamp::from_second(86_400 * 30_000).unwrap()),
        ..Filter::default()
    };
    let nothing = steps_of(&mut store, &filter, None, 0);
    assert!(nothing < 1_500, "{nothing} steps");
}

#[test]
fn the_shortest_walk_is_chosen() {
    let folder = folder();
    let mut store = filled(&folder, 3000);
    // The counts that the first sync after others' inserts keeps.
    assert_eq!(store.tags(None).unwrap().len(), 4);
    let connection = &store.opened.as_ref().unwrap().connection;
    let chosen = |category: Option<&str>, tags: &[&str]| {
        let filter = Filter {
            category: category.map(str::to_owned),
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            ..Filter::default()
        };
        list::walk(connection, &filter, None).unwrap()
    };
    let (common, rare, half) = (1, 2, 3);
    let category = Some("category 0");
    let by_category = |tags: &[i64]| Walk::Category {
        tags: tags.to_vec(),
    };
    let by_tag = |tag, others: &[i64]| Walk::Tag {
        tag,
        others: others.to_vec(),
    };
    assert_eq!(chosen(None, &[]), Some(Walk::Ids));
    assert_eq!(chosen(category, &[]), Some(by_category(&[])));
    assert_eq!(
        chosen(None, &["common", "half"]),
        Some(by_tag(half, &[common]))
    );
    // 300 posts in the category, 60 with the rare tag, 1,500 with the other.
    assert_eq!(
        chosen(category, &["half", "rare"]),
        Some(by_tag(rare, &[half]))
    );
    assert_eq!(
        chosen(category, &["common", "half"]),
        Some(by_category(&[half, common]))
    );
    assert_eq!(chosen(category, &["common", "no such"]), None);
}

#[test]
fn the_rarest_pair_is_walked_where_nothing_is_rarer() {
    let folder = folder();
    let store = filled(&folder, 3000);
    let connection = &store.opened.as_ref().unwrap().connection;
    let chosen = |category: Option<&str>, tags: &[&str], extra: &[(&str, &str)]| {
        let filter = Filter {
            category: category.map(str::to_owned),
            tags: tags.iter().map(|&tag| tag.to_owned()).collect(),
            extra: pairs(extra),
            ..Filter::default()
        };
        list::walk(connection, &filter, None).unwrap().unwrap()
    };
    let (all, half, rare) = (("layout", "post"), ("math", "true"), ("series", "rare"));
    let none = ("layout", "page");
    let by_pair = |pair, tags: &[i64]| Walk::Extra {
        pair: pairs(&[pair]).remove(0),
        tags: tags.to_vec(),
    };
    assert_eq!(chosen(None, &[], &[all]), by_pair(all, &[]));
    for order in [[all, half, rare], [rare, half, all], [half, rare, all]] {
        assert_eq!(chosen(None, &[], &order), by_pair(rare, &[]));
    }
    assert_eq!(chosen(None, &[], &[rare, none]), by_pair(none, &[]));
    // 60 posts with the rare pair or tag, 300 in the category, 1,500 with half of all tags.
    let category = Some("category 0");
    assert_eq!(chosen(category, &["half"], &[rare]), by_pair(rare, &[3]));
    assert_eq!(
        chosen(category, &["half"], &[all, half]),
        Walk::Category { tags: vec![3] }
    );
    let rare_tag = Walk::Tag {
        tag: 2,
        others: Vec::new(),
    };
    assert_eq!(chosen(None, &["rare"], &[all, half]), rare_tag);
}

#[test]
fn a_rare_pair_is_found_without_a_walk_of_the_common_ones() {
    let folder = folder();
    let mut store = filled(&folder, 20_000);
    let filter = |extra: &[(&str, &str)], category: Option<&str>| Filter {
        extra: pairs(extra),
        category: category.map(str::to_owned),
        ..Filter::default()
    };
    let all = ("layout", "post");
    for filter in [
        filter(&[all, ("series", "none")], None),
        filter(&[all, ("series", "none")], Some("category 0")),
        filter(&[("math", "true"), ("series", "none")], None),
    ] {
        let steps = steps_of(&mut store, &filter, None, 0);
        assert!(steps < 1_000, "{steps} steps: {filter:?}");
    }
    let connection = &store.opened.as_ref().unwrap().connection;
    let counted = || {
        let statement = connection.prepare_cached(list::COUNT_EXTRA).unwrap();
        statement.get_status(StatementStatus::VmStep)
    };
    let before = counted();
    let common = filter(&[all, ("math", "true")], None);
    list::walk(connection, &common, None).unwrap();
    // Two pairs of thousands of posts, each counted to 4,096 at most.
    assert!(counted() - before < 100_000, "{} steps", counted() - before);
}

#[test]
fn a_slug_is_found_by_its_index() {
    let folder = folder();
    let mut store = filled(&folder, 3000);
    let connection = Connection::open(&store.path).unwrap();
    let same = "UPDATE post SET slug = 'same' WHERE id IN (7, 70, 700)";
    connection.execute_batch(same).unwrap();
    let mut id_of = |slug| {
        let found = store.show(PostKey::Slug(slug)).unwrap();
        found.map(|(post, _)| post.id.get())
    };
    assert_eq!(id_of("post-1234"), Some(1234));
    assert_eq!(id_of("same"), Some(700));
    assert_eq!(id_of("Post-1234"), None);
    assert_eq!(id_of(""), None);
}
