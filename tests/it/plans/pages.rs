//! Pages of posts: every filter, alone and combined, near and deep.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use blogctl::page::{Filter, Limit, Position};
use blogctl::post::{ExtraTerm, PostId};
use blogctl::store::Reader;

use super::blog::{POSTS, Statistics, blog, copy, store};
use crate::support::client::Client;
use crate::support::database::TestDatabase;
use crate::support::explain::Ran;

/// Ids that one look into the index of times answers for: see `schema.sql`.
const BLOCK: i64 = 4000;

/// Posts in a block, at three ids a post.
const POSTS_A_BLOCK: u64 = BLOCK as u64 / 3 + 1;

/// Tags that a post has at most.
const LINKS: u64 = 5;

/// Rows that a page reads to know whether there is more.
const PROBE: usize = 21;

const JUNE_2018: [&str; 2] = ["2018-06-01T00:00:00Z", "2018-07-01T00:00:00Z"];
const A_DAY: [&str; 2] = ["2015-03-01T00:00:00Z", "2015-03-02T00:00:00Z"];
const LATE: [&str; 2] = ["2022-06-01T00:00:00Z", ""];
const LONG: [&str; 2] = ["2016-01-01T00:00:00Z", ""];
const EARLY: [&str; 2] = ["", "2015-01-20T00:00:00Z"];
const MOST: [&str; 2] = ["", "2022-01-01T00:00:00Z"];
const UNTIL_2019: [&str; 2] = ["", "2019-01-01T00:00:00Z"];
const NEVER: [&str; 2] = ["2000-01-01T00:00:00Z", "2001-01-01T00:00:00Z"];
const ANY: [&str; 2] = ["", ""];

/// A category or nothing; tags, and pairs of extra keys and values, such as `kind=old`; since and
/// before or nothing.
type Asked = (&'static str, &'static [&'static str], [&'static str; 2]);

const CASES: &[Asked] = &[
    ("", &[], ANY),
    ("old", &[], ANY),
    ("rare", &[], ANY),
    ("one", &[], ANY),
    ("third", &[], ANY),
    ("most", &[], ANY),
    ("none", &[], ANY),
    ("", &["old"], ANY),
    ("", &["rare"], ANY),
    ("", &["one"], ANY),
    ("", &["third"], ANY),
    ("", &["most"], ANY),
    ("", &["unused 1"], ANY),
    ("", &["none"], ANY),
    ("", &["most", "third"], ANY),
    ("", &["most", "one"], ANY),
    ("", &["rare", "third"], ANY),
    ("", &["most", "old"], ANY),
    ("", &["most", "none"], ANY),
    ("", &["most", "one", "third"], ANY),
    ("", &["most", "old", "third"], ANY),
    ("", &[], LATE),
    ("", &[], LONG),
    ("", &[], EARLY),
    ("", &[], MOST),
    ("", &[], JUNE_2018),
    ("", &[], A_DAY),
    ("", &[], NEVER),
    ("third", &["third"], ANY),
    ("most", &["most"], ANY),
    ("most", &["rare"], ANY),
    ("rare", &["most"], ANY),
    ("old", &["most"], ANY),
    ("old", &["third"], ANY),
    ("most", &["old"], ANY),
    ("one", &["one"], ANY),
    ("third", &["most", "third"], ANY),
    ("most", &[], JUNE_2018),
    ("third", &[], EARLY),
    ("third", &[], LATE),
    ("rare", &[], MOST),
    ("old", &[], EARLY),
    ("old", &[], LATE),
    ("most", &[], NEVER),
    ("new", &[], EARLY),
    ("new", &[], UNTIL_2019),
    ("new", &["most"], UNTIL_2019),
    ("", &["most"], JUNE_2018),
    ("", &["third"], LATE),
    ("", &["third"], MOST),
    ("", &["rare"], LONG),
    ("", &["old"], EARLY),
    ("", &["old"], LATE),
    ("", &["most", "third"], JUNE_2018),
    ("third", &["third"], JUNE_2018),
    ("third", &["most", "third"], MOST),
    ("most", &["one"], LONG),
    ("old", &["most"], EARLY),
    ("rare", &["most", "third"], LONG),
    ("", &["kind=most"], ANY),
    ("", &["kind=one"], ANY),
    ("", &["kind=rare"], ANY),
    ("", &["kind=old"], ANY),
    ("", &["kind=none"], ANY),
    ("", &["kind=most", "kind=rare"], ANY),
    ("", &["kind=most", "kind=old"], ANY),
    ("", &["kind=most"], JUNE_2018),
    ("", &["kind=rare"], LONG),
    ("", &["kind=old"], LATE),
    ("third", &["kind=most"], ANY),
    ("old", &["kind=most"], ANY),
    ("most", &["kind=rare"], ANY),
    ("", &["third", "kind=most"], ANY),
    ("", &["most", "kind=one"], ANY),
    ("", &["none", "kind=most"], ANY),
    ("third", &["most", "kind=most"], UNTIL_2019),
    ("most", &["most", "third", "kind=rare"], LONG),
];

#[test]
fn every_page_reads_no_more_than_its_walk_with_fresh_statistics() {
    every_page_reads_no_more_than_its_walk(Statistics::Fresh);
}

#[test]
fn every_page_reads_no_more_than_its_walk_with_statistics_deleted() {
    every_page_reads_no_more_than_its_walk(Statistics::Deleted);
}

#[test]
fn every_page_reads_no_more_than_its_walk_with_no_statistics_ever_made() {
    every_page_reads_no_more_than_its_walk(Statistics::Never);
}

/// One page that was read, and what it may have cost.
struct Page {
    asked: Asked,
    depth: &'static str,
    rows_allowed: u64,
}

fn every_page_reads_no_more_than_its_walk(statistics: Statistics) {
    let database = blog(statistics);
    let oracle = &mut *ORACLE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut store = store(&database);
    let mut pages = Vec::new();
    for &asked in CASES {
        let matching = oracle.matching(asked);
        let mut cursors = vec![("first", None)];
        if matching.len() > 2 * PROBE {
            cursors.push(("middle", Some(matching[matching.len() / 2])));
            // Its page is full, and not the last.
            cursors.push(("deep", Some(matching[matching.len() - PROBE - 5])));
        }
        for (depth, cursor) in cursors {
            let position = Position {
                cursor: cursor.and_then(PostId::new),
                limit: Limit::DEFAULT,
            };
            let page = store.list(&filter(asked), position).expect("it is read");
            let expected: Vec<i64> = matching
                .iter()
                .copied()
                .filter(|id| cursor.is_none_or(|cursor| *id < cursor))
                .collect();
            let found: Vec<i64> = page.items.iter().map(|post| post.id.get().into()).collect();
            let shown = expected.len().min(PROBE - 1);
            assert_eq!(found, expected[..shown], "{asked:?}, {depth} page");
            pages.push(Page {
                asked,
                depth,
                rows_allowed: oracle.rows_allowed(asked, cursor, &expected),
            });
        }
    }
    drop(store);
    let plans = database.plans();
    let plans: Vec<&Ran> = plans
        .iter()
        .filter(|ran| ran.query.contains("RECURSIVE down"))
        .collect();
    assert_eq!(plans.len(), pages.len());
    let mut wrong = Vec::new();
    let mut first = 0;
    for (page, ran) in pages.iter().zip(&plans) {
        let (rows, touched) = (ran.rows_read(), ran.pages_touched());
        let Page {
            asked,
            depth,
            rows_allowed,
        } = page;
        let at = format!(
            "{statistics:?} {asked:?} {depth}: {rows} rows of {rows_allowed}, {touched} pages"
        );
        println!("{at}");
        let scans: Vec<_> = ran
            .sequential_scans()
            .into_iter()
            .filter(|table| ["post", "post_tag", "source", "tag", "extra_value"].contains(table))
            .collect();
        if !scans.is_empty() {
            wrong.push(format!("{at}: scans {scans:?}"));
        }
        if rows > *rows_allowed {
            wrong.push(format!("{at}: too many rows\n{}", ran.outline()));
        }
        // A row that is looked up takes the three levels of an index and the row itself.
        if touched > 4 * rows_allowed {
            wrong.push(format!("{at}: too many pages\n{}", ran.outline()));
        }
        // Filters that are strewn evenly cost the same at any depth.
        let even =
            matches!(asked, ("" | "third" | "most", [] | ["most" | "third"], t) if *t == ANY);
        match *depth {
            "first" => first = touched,
            _ if even && touched > first + first / 2 => {
                wrong.push(format!("{at}: the first page took {first} pages"));
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn filter((category, tags, [since, before]): Asked) -> Filter {
    let time = |text: &str| (!text.is_empty()).then(|| text.parse().expect("a time"));
    Filter {
        category: (!category.is_empty()).then(|| category.to_owned()),
        tags: names(tags).map(str::to_owned).collect(),
        since: time(since),
        before: time(before),
        extra: pairs(tags)
            .map(|(key, value)| ExtraTerm {
                key: key.to_owned(),
                value: value.to_owned(),
            })
            .collect(),
        ..Filter::default()
    }
}

/// The tags among what is asked for.
fn names<'a>(asked: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    asked.iter().copied().filter(|name| !name.contains('='))
}

/// The pairs of extra keys and values among what is asked for.
fn pairs<'a>(asked: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a str)> {
    asked.iter().filter_map(|pair| pair.split_once('='))
}

/// Knows the right answers, by reading everything, each thing once for all tests.
struct Oracle {
    client: Client,
    /// Ids that fulfil a condition, newest first.
    known: HashMap<String, Arc<[i64]>>,
    _database: TestDatabase,
}

static ORACLE: LazyLock<Mutex<Oracle>> = LazyLock::new(|| {
    let database = copy();
    Mutex::new(Oracle {
        client: database.client(),
        known: HashMap::new(),
        _database: database,
    })
});

impl Oracle {
    fn ids(&mut self, condition: &str) -> Arc<[i64]> {
        let read = || {
            let sql = format!("SELECT id FROM public.post p WHERE {condition} ORDER BY id DESC");
            let rows = self.client.rows(&sql);
            rows.iter()
                .filter_map(|row| row[0].as_ref()?.parse().ok())
                .collect()
        };
        Arc::clone(self.known.entry(condition.to_owned()).or_insert_with(read))
    }

    /// All ids of an answer, newest first.
    fn matching(&mut self, (category, tags, time): Asked) -> Arc<[i64]> {
        let mut conditions = vec![in_time(time)];
        if !category.is_empty() {
            conditions.push(format!("p.category = '{category}'"));
        }
        conditions.extend(tags.iter().map(|tag| tagged(tag)));
        self.ids(&conditions.join(" AND "))
    }

    /// The rows that a page may read: the walk along the rarest thing that was asked for,
    /// from the cursor to the page's last row, and what is looked up for each row of it and
    /// for the page. It does not depend on how many rows lie before the cursor or below the
    /// page; only a page that is not full walks to the end of what is rarest.
    fn rows_allowed(
        &mut self,
        (category, tags, time): Asked,
        cursor: Option<i64>,
        rest: &[i64],
    ) -> u64 {
        let span = time != ANY;
        let mut sets: Vec<_> = tags.iter().map(|tag| self.ids(&tagged(tag))).collect();
        if !category.is_empty() {
            sets.push(self.ids(&format!("p.category = '{category}'")));
        }
        let rarest = sets.into_iter().min_by_key(|ids| ids.len());
        let rarest = rarest.unwrap_or_else(|| self.ids("true"));
        let from = cursor.unwrap_or(i64::MAX);
        let last = rest.get(PROBE - 1).copied();
        let (low, high) = if span {
            // Only the blocks between the first and the last with a post of that time are
            // walked.
            let in_time = self.ids(&in_time(time));
            let below = in_time.iter().copied().find(|id| *id < from);
            let block = |id: i64| id / BLOCK * BLOCK;
            (
                last.unwrap_or(in_time.last().map_or(i64::MAX, |id| block(*id))),
                below.map_or(0, |id| (block(id) + BLOCK).min(from)),
            )
        } else {
            (last.unwrap_or(0), from)
        };
        let walked = rarest.iter().filter(|id| (low..high).contains(id)).count() as u64;
        // Each is looked up among the posts, and among its own links where tags are asked for.
        let looked_up = walked * if tags.is_empty() { 2 } else { 2 + LINKS };
        // Up and down, each block takes a look for a post of that time and one for the next
        // block that has any.
        let blocks = if span {
            4 * (POSTS / POSTS_A_BLOCK + 2)
        } else {
            0
        };
        // Each pair is looked up in each row; to find the rarest, up to 4,000 of its posts are
        // counted where it is not alone.
        let asked = pairs(tags).count() as u64;
        let is_alone = tags.len() == 1 && category.is_empty();
        let counted = if is_alone { 0 } else { asked * 4000 };
        let looked_up = looked_up + walked * 2 * asked + counted;
        // A row of the page has its tags, each a link and a name, its file and itself;
        // each tag that was asked for has a name, a count and a place in two lists.
        let page = (PROBE as u64) * (LINKS * 2 + 3) + 8 * tags.len() as u64 + 8;
        looked_up + blocks + page
    }
}

fn in_time([since, before]: [&str; 2]) -> String {
    let mut conditions = vec!["true".to_owned()];
    if !since.is_empty() {
        conditions.push(format!("p.created_at >= '{since}'"));
    }
    if !before.is_empty() {
        conditions.push(format!("p.created_at < '{before}'"));
    }
    conditions.join(" AND ")
}

fn tagged(tag: &str) -> String {
    if let Some((key, value)) = tag.split_once('=') {
        return format!(
            "p.id IN (SELECT v.post_id FROM blogctl.extra_value v
             WHERE v.key = '{key}' AND v.value = '{value}')"
        );
    }
    format!(
        "p.id IN (SELECT l.post_id FROM public.post_tag l JOIN public.tag t ON t.id = l.tag_id
         WHERE t.name = '{tag}')"
    )
}
