//! Searches: terms of every frequency, near and deep, alone and with filters.

use blogctl::page::Filter;
use blogctl::post::{ExtraTerm, PostId};
use blogctl::search::Query;
use blogctl::store::{Reader, SearchRequest};

use super::blog::{Statistics, blog, store};

/// Rows that a page asks for.
const ROWS: usize = 25;

/// Pages that a search may touch: some 15 a row that is answered (the row, its tags, its
/// file, each by key), and for each of six windows a few for each term. A window holds at most
/// eight times as many ids as the one before, which held less than a page of matches, so some
/// 200 matches are looked at beside those shown, a page or two each.
const PAGES_ALLOWED: u64 = 1_000;

/// The same with a span of time: each match that is looked at takes a look at its post, and
/// the span's ends are found by probing the blocks of ids.
const PAGES_ALLOWED_IN_A_SPAN: u64 = 4_000;

/// A query, a category or nothing, tags, since and before or nothing, and values of the key `kind`.
type Asked = (
    &'static str,
    &'static str,
    &'static [&'static str],
    [&'static str; 2],
    &'static [&'static str],
);

const ANY: [&str; 2] = ["", ""];
const JUNE_2018: [&str; 2] = ["2018-06-01T00:00:00Z", "2018-07-01T00:00:00Z"];
const UNTIL_2019: [&str; 2] = ["", "2019-01-01T00:00:00Z"];

const CASES: &[Asked] = &[
    ("common", "", &[], ANY, &[]),
    ("frequent", "", &[], ANY, &[]),
    ("seldom", "", &[], ANY, &[]),
    ("rarest", "", &[], ANY, &[]),
    ("ancient", "", &[], ANY, &[]),
    ("absent", "", &[], ANY, &[]),
    ("데이터", "", &[], ANY, &[]),
    ("데이터베", "", &[], ANY, &[]),
    ("common seldom", "", &[], ANY, &[]),
    ("common ancient", "", &[], ANY, &[]),
    ("common -frequent", "", &[], ANY, &[]),
    ("common", "third", &[], ANY, &[]),
    ("common", "rare", &[], ANY, &[]),
    ("seldom", "most", &["most"], ANY, &[]),
    ("frequent", "", &["one"], ANY, &[]),
    ("rarest", "most", &[], ANY, &[]),
    ("common", "", &[], JUNE_2018, &[]),
    ("seldom", "", &[], UNTIL_2019, &[]),
    ("rarest", "third", &["most"], UNTIL_2019, &[]),
    ("common", "", &[], ANY, &["most"]),
    ("common", "", &[], ANY, &["rare"]),
    ("frequent", "", &[], ANY, &["one"]),
    ("seldom", "third", &[], ANY, &["most"]),
    ("common", "", &[], JUNE_2018, &["most"]),
    ("common", "", &[], ANY, &["old"]),
];

/// Returns the pair that `--where kind=VALUE` asks for.
fn kind_of(value: &str) -> ExtraTerm {
    ExtraTerm {
        key: "kind".to_owned(),
        value: value.to_owned(),
    }
}

#[test]
fn a_page_of_matches_looks_at_a_small_multiple_with_fresh_statistics() {
    a_page_of_matches_looks_at_a_small_multiple(Statistics::Fresh);
}

#[test]
fn a_page_of_matches_looks_at_a_small_multiple_with_no_statistics_ever_made() {
    a_page_of_matches_looks_at_a_small_multiple(Statistics::Never);
}

fn a_page_of_matches_looks_at_a_small_multiple(statistics: Statistics) {
    let database = blog(statistics);
    let mut store = store(&database);
    let mut asked = Vec::new();
    for case in CASES {
        let (words, category, tags, [since, before], kinds) = *case;
        let requirement = Query::parse(words).expect("it is a query").requirement();
        let time = |text: &str| (!text.is_empty()).then(|| text.parse().expect("a time"));
        let filter = Filter {
            category: (!category.is_empty()).then(|| category.to_owned()),
            tags: tags.iter().map(ToString::to_string).collect(),
            since: time(since),
            before: time(before),
            extra: kinds.iter().map(|kind| kind_of(kind)).collect(),
            ..Filter::default()
        };
        for (depth, cursor) in [
            ("first", None),
            ("middle", Some(1_300_000)),
            ("deep", Some(9_000)),
        ] {
            let request = SearchRequest {
                requirement: &requirement,
                filter: &filter,
                cursor: cursor.and_then(PostId::new),
                rows: ROWS,
            };
            let found = store.search(&request).expect("it is answered");
            assert!(found.is_sorted_by(|a, b| a.post.id > b.post.id), "{case:?}");
            asked.push((case, depth, found.len()));
        }
    }
    drop(store);
    let plans = database.plans();
    let plans: Vec<_> = plans
        .iter()
        .filter(|ran| ran.query.contains("blogctl.search s"))
        .collect();
    assert_eq!(plans.len(), asked.len());
    let mut wrong = Vec::new();
    for ((case, depth, found), ran) in asked.iter().zip(plans) {
        let touched = ran.pages_touched();
        let at = format!(
            "{statistics:?} {case:?} {depth}: {found} found, {} rows, {touched} pages",
            ran.rows_read()
        );
        println!("{at}");
        if !ran.sequential_scans().is_empty() {
            wrong.push(format!("{at}: scans {:?}", ran.sequential_scans()));
        }
        if !ran.indexes().contains(&"search_terms_idx") {
            wrong.push(format!("{at}: by {:?}", ran.indexes()));
        }
        let allowed = match case.3 {
            ANY => PAGES_ALLOWED,
            _ => PAGES_ALLOWED_IN_A_SPAN,
        };
        if touched > allowed {
            wrong.push(format!("{at}: too many pages\n{}", ran.outline()));
        }
    }
    // Each word occurs: what costs nothing because it finds nothing proves nothing.
    for (case, depth, found) in &asked {
        if *depth == "first" {
            assert_eq!(*found == 0, case.0 == "absent", "{case:?}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
