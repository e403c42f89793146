//! Random syncs and queries: every store answers like a plain list in memory.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use blogctl::page::PostKey;
use blogctl::post::{Extra, ExtraTerm, FieldSet};
use serde_json::Value as Json;

use super::paging::passes;
use super::*;

/// The number of random blogs.
const CASES: u32 = 32;

/// Makes a fresh, empty place.
pub type Make<'a> = &'a dyn Fn() -> Box<dyn TestStore>;

/// Holds every store against the same model, and so against each other.
pub fn all_agree(makes: &[Make<'_>]) {
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let blogs = (
        prop::collection::vec(step(), 1..6),
        prop::collection::vec(filter(), 1..8),
    );
    TestRunner::new(config)
        .run(&blogs, |(steps, filters)| {
            for make in makes {
                let place = make();
                let mut store = place.store();
                let mut model = Model::default();
                for step in &steps {
                    let change = model.apply(step);
                    change.apply(&mut *store);
                    model.compare(&mut *store, &filters)?;
                }
            }
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

/// One sync before it is known which of its posts exist.
#[derive(Clone, Debug)]
struct Step {
    writes: Vec<(Post, String)>,
    removals: Vec<i64>,
    prune_tags: bool,
}

fn some_id() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => 1..12i64,
        3 => 995..1005i64,
        2 => 1_999_998..2_000_002i64,
        1 => Just(i64::from(i32::MAX)),
    ]
}

const NAMES: [&str; 10] = [
    "a",
    "A",
    "b c",
    "가",
    "나다",
    "한글 이름",
    "é",
    "it's \"x\"",
    "\\",
    "👍",
];

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(&NAMES[..]).prop_map(str::to_owned)
}

fn time() -> impl Strategy<Value = Timestamp> {
    // Few, so that they meet; with microseconds, so that no store rounds.
    (0..12i64).prop_map(|n| {
        Timestamp::from_microsecond(1_700_000_000_000_000 + n * 86_400_000_001)
            .expect("in this century")
    })
}

/// A scalar of JSON.
fn scalar() -> impl Strategy<Value = Json> {
    prop_oneof![
        4 => name().prop_map(Json::from),
        1 => any::<bool>().prop_map(Json::from),
        1 => (0..3).prop_map(Json::from),
        1 => Just(Json::from(1.5)),
        1 => Just(Json::Null),
    ]
}

fn extra() -> impl Strategy<Value = Extra> {
    let value = prop_oneof![
        4 => scalar(),
        1 => prop::collection::vec(scalar(), 0..3).prop_map(Json::from),
        1 => (name(), scalar()).prop_map(|(key, value)| serde_json::json!({key: value})),
    ];
    prop::collection::btree_map(name(), value, 0..3).prop_map(Extra)
}

/// Pairs of which some are in a post: its key, or a nested one, and a value.
fn wanted_pairs() -> impl Strategy<Value = Vec<ExtraTerm>> {
    let key = prop_oneof![
        3 => name(),
        1 => (name(), name()).prop_map(|(key, nested)| format!("{key}.{nested}")),
    ];
    let value = prop_oneof![
        3 => name(),
        1 => prop::sample::select(&["true", "1", "1.5", ""][..]).prop_map(str::to_owned),
    ];
    let pair = (key, value).prop_map(|(key, value)| ExtraTerm { key, value });
    prop::collection::btree_set(pair, 0..2).prop_map(Vec::from_iter)
}

pub fn some_post() -> impl Strategy<Value = (Post, String)> {
    (
        some_id(),
        "[a-z가-힣 '\"\\\\]{1,12}",
        prop::option::of(name()),
        prop::collection::btree_set(name(), 0..4),
        prop::option::of(time()),
        prop::option::of(time()),
        prop::option::of("[가-힣a-z\\n]{0,9}"),
        "[#a-z가-힣\\n \\-]{0,40}",
        prop::option::of(name()),
        extra(),
    )
        .prop_map(
            |(
                id,
                title,
                category,
                tags,
                created_at,
                updated_at,
                description,
                body,
                slug,
                extra,
            )| {
                let image = description.clone();
                let made = Post {
                    title,
                    category,
                    tags: tags.into_iter().collect(),
                    created_at,
                    updated_at,
                    description,
                    image,
                    word_count: body.len() as i32,
                    slug,
                    extra,
                    ..post(id)
                };
                (made, body)
            },
        )
}

fn step() -> impl Strategy<Value = Step> {
    (
        prop::collection::vec(some_post(), 0..8),
        prop::collection::vec(some_id(), 0..4),
        any::<bool>(),
    )
        .prop_map(|(writes, removals, prune_tags)| Step {
            writes,
            removals,
            prune_tags,
        })
}

pub fn filter() -> impl Strategy<Value = Filter> {
    (
        prop::option::of(name()),
        prop::collection::vec(name(), 0..3),
        prop::option::of(time()),
        prop::option::of(time()),
        wanted_pairs(),
    )
        .prop_map(|(category, tags, since, before, extra)| Filter {
            category,
            tags,
            since,
            before,
            extra,
            ..Filter::default()
        })
}

/// The blog as a map, and its runs.
#[derive(Default)]
struct Model {
    posts: BTreeMap<PostId, (StoredPost, String)>,
    /// The fields that the file of each stated last.
    stated: BTreeMap<PostId, FieldSet>,
    runs: Vec<RunRecord>,
}

impl Model {
    /// Does the step here, and says what a sync is to do for the same.
    fn apply(&mut self, step: &Step) -> Change {
        let round = u32::try_from(self.runs.len()).expect("few rounds");
        let now = now() + Duration::from_secs(3600) * round;
        // The last of several posts with one id counts; a written post is not removed.
        let writes: BTreeMap<PostId, &(Post, String)> = step
            .writes
            .iter()
            .map(|write| (write.0.id, write))
            .collect();
        let removals: BTreeSet<i64> = step
            .removals
            .iter()
            .copied()
            .filter(|&value| self.posts.contains_key(&id(value)))
            .filter(|&value| !writes.contains_key(&id(value)))
            .collect();
        for value in &removals {
            self.posts.remove(&id(*value));
        }
        for (post, body) in writes.values() {
            let row = match self.posts.get(&post.id) {
                Some((old, _)) => stored_over(post, now, old, self.stated[&post.id]),
                None => stored(post, now),
            };
            self.stated.insert(post.id, post.stated());
            self.posts.insert(post.id, (row, body.clone()));
        }
        let change = Change {
            writes: writes.into_values().cloned().collect(),
            removals: removals.into_iter().collect(),
            prune_tags: step.prune_tags,
            now,
            ..Change::new()
        };
        self.runs.insert(0, change.run());
        change
    }

    fn compare(
        &self,
        store: &mut dyn Store,
        filters: &[Filter],
    ) -> std::result::Result<(), TestCaseError> {
        for filter in filters.iter().chain([&Filter::default()]) {
            let rows = self.posts.values().rev().map(|(row, _)| row);
            let expected: Vec<_> = rows.filter(|row| passes(filter, row)).cloned().collect();
            for rows in [1, 3, 100] {
                let found = walk(store, filter, rows);
                prop_assert_eq!(&found, &expected, "{:?} at limit {}", filter, rows);
            }
        }
        for (id, shown) in &self.posts {
            let found = store.show((*id).into()).unwrap();
            prop_assert_eq!(found.as_ref(), Some(shown));
            if let Some(slug) = &shown.0.slug {
                let mut last = self.posts.values().rev();
                let last = last.find(|(row, _)| row.slug == shown.0.slug);
                let found = store.show(PostKey::Slug(slug)).unwrap();
                prop_assert_eq!(found.as_ref(), last);
            }
        }
        let rows = || self.posts.values().map(|(row, _)| row);
        let categories = counted(rows().filter_map(|row| row.category.as_ref()));
        prop_assert_eq!(pairs(store.categories(None).unwrap()), categories);
        let tags = counted(rows().flat_map(|row| &row.tags));
        prop_assert_eq!(pairs(store.tags(None).unwrap()), tags);
        let runs = walk_with(3, |position| store.history(position).unwrap());
        let records: Vec<_> = runs.into_iter().map(record_of).collect();
        prop_assert_eq!(&records, &self.runs);
        Ok(())
    }
}

/// Commonest first, then by name.
pub fn counted<'a>(names: impl Iterator<Item = &'a String>) -> Vec<(String, i64)> {
    let mut counts = BTreeMap::<&String, i64>::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().map(|(n, c)| (n.clone(), c)).collect();
    // Stable, and the map was in order of names.
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}
