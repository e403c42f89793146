//! A search walks the index of terms, and reads no more than its page takes.

use std::ffi::c_int;

use jiff::Timestamp;
use rusqlite::ffi;
use tempfile::TempDir;

use super::super::{statements, terms};
use super::folder;
use super::listing::{filled, pairs, plan};
use crate::page::Filter;
use crate::post::PostId;
use crate::search::{AnyOf, Requirement, TermMatch, category_term, tag_term};
use crate::store::sqlite::SqliteStore;
use crate::store::{Reader, SearchRequest};

const POSTS: i64 = 20_000;

/// The store of the listings' tests, with terms of every frequency.
fn indexed(folder: &TempDir) -> SqliteStore {
    let mut store = filled(folder, POSTS as u32);
    let transaction = store
        .opened
        .as_mut()
        .unwrap()
        .connection
        .transaction()
        .unwrap();
    // The pairs of extra keys are in their table already.
    for value in 1..=POSTS {
        let mut made = vec![
            category_term(&format!("category {}", value % 10)),
            tag_term("common"),
        ];
        let mut add = |every: i64, term: &str| {
            if value % every == 0 {
                made.push(term.to_owned());
            }
        };
        add(2, "half");
        add(3, "third");
        add(100, "percent");
        add(4000, "rare");
        add(2, &format!("쿼리{}", value % 7));
        add(1, "all");
        terms::write(&transaction, PostId::new(value).unwrap(), &made).unwrap();
    }
    transaction.commit().unwrap();
    store
}

#[test]
fn a_search_walks_the_index_of_terms_and_sorts_nothing() {
    let folder = folder();
    // Those of a store this small are the worst statistics that a large one can have.
    let store = filled(&folder, 2);
    let connection = &store.opened.as_ref().unwrap().connection;
    for statistics in ["", "ANALYZE"] {
        connection.execute_batch(statistics).unwrap();
        let steps = plan(connection, &statements::FOUND);
        // M for MATCH on the whole row, < and > for the bounds of the ids.
        let walk =
            steps[0].starts_with("SCAN walk VIRTUAL TABLE INDEX") && steps[0].ends_with(":M1<>");
        assert!(walk, "{steps:#?}");
        assert_eq!(steps[1], "SEARCH p USING INTEGER PRIMARY KEY (rowid=?)");
        for step in &steps[1..] {
            assert!(!step.contains("B-TREE"), "sorts: {steps:#?}");
            assert!(!step.starts_with("SCAN"), "scans: {steps:#?}");
        }
    }
}

/// Pages that SQLite has looked at, in memory or not.
fn pages_read(store: &SqliteStore) -> i64 {
    let connection = &store.opened.as_ref().unwrap().connection;
    [
        ffi::SQLITE_DBSTATUS_CACHE_HIT,
        ffi::SQLITE_DBSTATUS_CACHE_MISS,
    ]
    .into_iter()
    .map(|counter| {
        let (mut current, mut highest): (c_int, c_int) = (0, 0);
        // SAFETY: the handle is that of an open connection, used by this thread alone;
        // the call keeps none of the pointers.
        let outcome = unsafe {
            ffi::sqlite3_db_status(
                connection.handle(),
                counter,
                &raw mut current,
                &raw mut highest,
                0,
            )
        };
        assert_eq!(outcome, ffi::SQLITE_OK);
        i64::from(current)
    })
    .sum()
}

#[test]
fn a_page_reads_the_same_at_any_depth_and_frequency() {
    let folder = folder();
    let mut store = indexed(&folder);
    let exact = |term: &str| vec![TermMatch::Exact(term.to_owned())];
    let prefix = |term: &str| vec![TermMatch::Prefix(term.to_owned())];
    let day = |n: i64| Some(Timestamp::from_second(n * 86_400).unwrap());
    let none = Filter::default();
    let labels = Filter {
        category: Some("category 6".to_owned()),
        tags: vec!["common".to_owned()],
        ..none.clone()
    };
    let span = Filter {
        since: day(500),
        before: day(18_000),
        ..none.clone()
    };
    let with = |extra: &[(&str, &str)]| Filter {
        extra: pairs(extra),
        ..none.clone()
    };
    let (common, rare) = (("layout", "post"), ("series", "rare"));
    let (every, few) = (with(&[common]), with(&[common, rare]));
    let few_of_many = Filter {
        tags: vec!["common".to_owned()],
        since: day(500),
        before: day(18_000),
        ..with(&[("math", "true")])
    };
    let cases: [(&[AnyOf], &[AnyOf], &Filter); 12] = [
        (&[exact("all")], &[], &every),
        (&[exact("all")], &[], &few),
        (&[prefix("쿼리")], &[exact("third")], &few_of_many),
        (&[exact("all")], &[], &none),
        (&[exact("half"), exact("third")], &[], &none),
        (&[exact("percent"), exact("all")], &[], &none),
        (&[exact("all")], &[exact("half")], &none),
        (&[prefix("쿼리")], &[], &none),
        (&[prefix("쿼"), exact("all")], &[], &none),
        (&[exact("half")], &[], &labels),
        (&[exact("all")], &[], &span),
        (&[prefix("쿼리")], &[exact("third")], &span),
    ];
    for (all, none, filter) in cases {
        let requirement = Requirement {
            all: all.to_vec(),
            none: none.to_vec(),
            is_exact: false,
        };
        for cursor in [None, Some(10_000), Some(3_010)] {
            let before = pages_read(&store);
            let request = SearchRequest {
                requirement: &requirement,
                filter,
                cursor: cursor.and_then(PostId::new),
                rows: 20,
            };
            let found = store.search(&request).unwrap();
            assert_eq!(found.len(), 20, "{requirement:?} {filter:?}");
            let read = pages_read(&store) - before;
            // Beside the newer end of a span, one block of 4,000 ids at most is looked at
            // post by post.
            let block = filter.before.is_some() && cursor.is_none();
            let most = if block { 4_200 } else { 200 };
            let case = format!("{requirement:?} {filter:?} {cursor:?}");
            assert!(read < most, "{read} pages: {case}");
        }
    }
}
