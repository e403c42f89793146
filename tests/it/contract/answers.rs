//! The answers of a store, in the forms that tests compare.

use blogctl::index::Index;
use blogctl::model::{Counts, NameCount, Run, RunRecord};
use blogctl::page::{Filter, Limit, Page, Position};
use blogctl::post::{Field, FieldSet, Post, StoredPost};
use blogctl::store::Store;
use jiff::Timestamp;

use super::path_of;

pub fn limit(rows: u64) -> Limit {
    Limit::new(rows).expect("a test's limit is in range")
}

/// Reads every page.
pub fn walk(store: &mut dyn Store, filter: &Filter, rows: u64) -> Vec<StoredPost> {
    walk_with(rows, |position| {
        store.list(filter, position).expect("the page is read")
    })
}

/// Follows the cursors of any listing to its end.
pub fn walk_with<T>(rows: u64, mut page: impl FnMut(Position) -> Page<T>) -> Vec<T> {
    let mut all = Vec::new();
    let mut cursor = None;
    for _ in 0..1000 {
        let page = page(Position {
            cursor,
            limit: limit(rows),
        });
        assert!(page.items.len() <= limit(rows).get());
        all.extend(page.items);
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => return all,
        }
    }
    panic!("the walk does not end");
}

/// Every post, newest id first.
pub fn everything(store: &mut dyn Store) -> Vec<StoredPost> {
    walk(store, &Filter::default(), 100)
}

pub fn ids(posts: &[StoredPost]) -> Vec<i32> {
    posts.iter().map(|post| post.id.get()).collect()
}

/// Names and counts, for comparing; all of them can be shown.
pub fn pairs(counts: Vec<NameCount>) -> Vec<(String, i64)> {
    let pair = |count: NameCount| {
        assert_eq!(count.unreadable, []);
        (count.name.expect("a name"), count.posts.expect("a count"))
    };
    counts.into_iter().map(pair).collect()
}

/// Returns the record of a run, all of it readable.
pub fn record_of(run: Run) -> RunRecord {
    const WRITTEN: &str = "it was written";
    assert_eq!(run.unreadable, []);
    RunRecord {
        started_at: run.started_at.expect(WRITTEN),
        finished_at: run.finished_at.expect(WRITTEN),
        counts: Counts {
            created: run.created.expect(WRITTEN),
            updated: run.updated.expect(WRITTEN),
            adopted: 0,
            moved: run.moved.expect(WRITTEN),
            removed: run.removed.expect(WRITTEN),
            unchanged: run.unchanged.expect(WRITTEN),
        },
        directory: run.directory.expect(WRITTEN),
        actor: run.actor.expect(WRITTEN),
    }
}

/// Returns the expected answer of a store about a post that a first sync wrote at `now`.
pub fn stored(post: &Post, now: Timestamp) -> StoredPost {
    let fallback = post.created_at.is_none().then_some(now);
    StoredPost {
        title: Some(post.title.clone()),
        description: post.description.clone(),
        category: post.category.clone(),
        tags: post.tags.clone(),
        image: post.image.clone(),
        created_at: post.created_at.or(fallback),
        updated_at: post.updated_at.or(fallback),
        word_count: Some(post.word_count),
        slug: post.slug.clone(),
        extra: post.extra.clone(),
        path: Some(path_of(post.id)),
        ..StoredPost::new(post.id)
    }
}

/// Returns the expected answer of a store about a post that a sync wrote over a row; `stated` has
/// the fields that its file stated before.
pub fn stored_over(post: &Post, now: Timestamp, row: &StoredPost, stated: FieldSet) -> StoredPost {
    let mut written = stored(post, now);
    if post.created_at.is_none() {
        written.created_at = row.created_at;
    }
    let managed = post.stated() | stated;
    if post.created_at.is_some() && !managed.contains(Field::UpdatedAt) {
        written.updated_at = row.updated_at;
    }
    written
}

/// Returns true for the index of a store without posts and records.
pub fn is_empty(index: &Index) -> bool {
    index.generation.is_none() && index.entries.is_empty() && index.foreign.is_empty()
}
