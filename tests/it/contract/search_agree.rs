//! Random posts and queries: every store finds exactly the posts whose terms satisfy the
//! requirement, and after verification those whose text matches, page by page.

use std::collections::BTreeMap;

use blogctl::search::{Query, Requirement, SearchableText};
use blogctl::store::Candidate;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::agree::Make;
use super::paging::passes;
use super::searching::{ask, candidate_ids};
use blogctl::post::FieldSet;

use super::*;

/// The number of random blogs.
const CASES: u32 = 10;

/// Holds every store against the terms and the texts themselves, and so against each other.
pub fn all_agree(makes: &[Make<'_>]) {
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..Config::default()
    };
    let blogs = (
        prop::collection::vec(some_post(), 1..25),
        prop::collection::vec(some_post(), 0..6),
        prop::collection::vec((query(), filter()), 20),
    );
    TestRunner::new(config)
        .run(&blogs, |(posts, rewritten, queries)| {
            let posts = numbered(posts, &[1, 2, 511, 512, 4096, 70_000]);
            let rewritten = numbered(rewritten, &[2, 512, 600]);
            let queries: Vec<_> = queries
                .iter()
                .filter_map(|(text, filter)| Some((Query::parse(text).ok()?, filter)))
                .collect();
            for make in makes {
                let place = make();
                let mut store = place.store();
                let mut blog = Blog::default();
                for writes in [&posts, &rewritten] {
                    blog.write(&mut *store, writes);
                    for (query, filter) in &queries {
                        blog.compare(&mut *store, query, filter)?;
                    }
                }
            }
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

/// Gives posts ids: these first, and then one after the other.
fn numbered(posts: Vec<(Post, String)>, first: &[i64]) -> Vec<(Post, String)> {
    let last = first.last().copied().unwrap_or(0);
    let values = first.iter().copied().chain(last + 1..);
    let with_id = |((made, body), value)| {
        (
            Post {
                id: id(value),
                ..made
            },
            body,
        )
    };
    posts.into_iter().zip(values).map(with_id).collect()
}

/// Pieces that texts and queries are put together from, so that they meet often.
const PIECES: [&str; 44] = [
    "인덱스",
    "복합인덱스를",
    "쿼리",
    "쿼",
    "데이터베이스",
    "를",
    "日本語",
    "index",
    "Indexes",
    "in",
    "log",
    "n",
    "C++",
    "C#",
    ".NET",
    "15.18",
    "node.js",
    "max_connections",
    "connections",
    "useEffect",
    "--dry-run",
    "-run",
    "a@b.io",
    "O(log n)",
    "don't",
    "PostgreSQL의",
    "привет",
    "👍",
    "👩‍👩‍👧",
    "→",
    "é",
    "e\u{301}",
    "\u{1100}\u{1161}",
    ".",
    "\"",
    "'",
    "\\",
    ":*",
    " & !",
    " ",
    " ",
    " ",
    " ",
    "\n\n",
];

fn text(most: usize) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        12 => prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
        2 => "[가-각나-낙]{1,4}",
        2 => "[a-cA-C_]{1,4}",
        // No store takes NUL.
        1 => "\\PC",
    ];
    prop::collection::vec(piece, 0..most).prop_map(|pieces| pieces.concat())
}

/// One or two clauses; a third of them leave something out or stand in quotes.
fn query() -> impl Strategy<Value = String> {
    let clause = (text(4), 0..6_u8).prop_map(|(text, sign)| match sign {
        0 => format!("-{text}"),
        1 => format!("\"{text}\""),
        _ => text,
    });
    let one = prop::sample::select(&PIECES[..]).prop_map(str::to_owned);
    prop_oneof![
        1 => one,
        2 => prop::collection::vec(clause, 1..3).prop_map(|clauses| clauses.join(" ")),
    ]
}

const NAMES: [&str; 6] = ["a", "A", "b c", "한글 이름", "it's \"x\"", "\\"];

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(&NAMES[..]).prop_map(str::to_owned)
}

fn day() -> impl Strategy<Value = Timestamp> {
    (0..12i64).prop_map(|n| now() + Duration::from_secs(86_400) * n as u32)
}

fn some_post() -> impl Strategy<Value = (Post, String)> {
    (
        text(5),
        prop::option::of(text(5)),
        text(16),
        prop::option::of(name()),
        prop::collection::btree_set(name(), 0..3),
        prop::option::of(day()),
    )
        .prop_map(|(title, description, body, category, tags, created_at)| {
            let made = Post {
                title,
                description,
                category,
                tags: tags.into_iter().collect(),
                created_at,
                ..post(1)
            };
            (made, body)
        })
}

/// None, mostly: a query with a filter seldom finds anything.
fn filter() -> impl Strategy<Value = Filter> {
    let some = (
        prop::option::of(name()),
        prop::collection::vec(name(), 0..2),
        prop::option::of(day()),
        prop::option::of(day()),
    )
        .prop_map(|(category, tags, since, before)| Filter {
            category,
            tags,
            since,
            before,
            extra: Vec::new(),
            ..Filter::default()
        });
    prop_oneof![2 => Just(Filter::default()), 1 => some]
}

/// A post as the search takes it, whether it comes from a file or from a store.
fn document<'a>(
    title: &'a str,
    description: Option<&'a str>,
    tags: &'a [String],
    markdown: &'a str,
) -> Document<'a> {
    Document {
        title,
        description,
        tags,
        markdown,
    }
}

/// The posts that were written, oldest id first.
#[derive(Default)]
struct Blog {
    posts: BTreeMap<PostId, Written>,
}

struct Written {
    row: StoredPost,
    stated: FieldSet,
    terms: Vec<String>,
    prepared: SearchableText,
}

impl Blog {
    fn write(&mut self, store: &mut dyn Store, writes: &[(Post, String)]) {
        for (post, body) in writes {
            let document = document(&post.title, post.description.as_deref(), &post.tags, body);
            let row = match self.posts.get(&post.id) {
                Some(before) => stored_over(post, now(), &before.row, before.stated),
                None => stored(post, now()),
            };
            let written = Written {
                row,
                stated: post.stated(),
                terms: search::terms(&document, post.category.as_deref()).terms,
                prepared: SearchableText::new(&document),
            };
            self.posts.insert(post.id, written);
        }
        let change = Change {
            writes: writes.to_vec(),
            ..Change::new()
        };
        change.apply(store);
    }

    fn compare(
        &self,
        store: &mut dyn Store,
        query: &Query,
        filter: &Filter,
    ) -> std::result::Result<(), TestCaseError> {
        let requirement = query.requirement();
        let ids_of = |wanted: &dyn Fn(&Written) -> bool| -> Vec<i32> {
            let posts = self.posts.values().rev();
            let wanted = posts.filter(|one| passes(filter, &one.row) && wanted(one));
            wanted.map(|one| one.row.id.get()).collect()
        };
        let satisfying = ids_of(&|one| requirement.is_satisfied_by(&one.terms));
        let matching = ids_of(&|one| query.matches(&one.prepared));
        let candidates = ask(store, &requirement, filter, None, 1000);
        prop_assert_eq!(
            candidate_ids(&candidates),
            satisfying,
            "{:?} {:?}",
            requirement,
            filter
        );
        for candidate in &candidates {
            prop_assert_eq!(&candidate.post, &self.posts[&candidate.post.id].row);
        }
        for rows in [1, 3, 100] {
            let pages = walk_with(rows, |position| {
                page(store, query, &requirement, filter, position)
            });
            let found = candidate_ids(&pages);
            prop_assert_eq!(&found, &matching, "{:?} {:?} by {}", query, filter, rows);
        }
        Ok(())
    }
}

/// One page of those whose text matches, too: asks for more until it is full.
fn page(
    store: &mut dyn Store,
    query: &Query,
    requirement: &Requirement,
    filter: &Filter,
    position: Position,
) -> Page<Candidate> {
    let wanted = position.limit.get() + 1;
    let mut cursor = position.cursor;
    let mut found = Vec::new();
    loop {
        let candidates = ask(store, requirement, filter, cursor, wanted);
        let last = candidates.len() < wanted;
        cursor = candidates.last().map(|one| one.post.id).or(cursor);
        found.extend(candidates.into_iter().filter(|one| matches(query, one)));
        if last || found.len() >= wanted {
            found.truncate(wanted);
            return Page::from_probe(found, position.limit, |one: &Candidate| one.post.id);
        }
    }
}

fn matches(query: &Query, candidate: &Candidate) -> bool {
    let post = &candidate.post;
    query.matches(&SearchableText::new(&document(
        post.title.as_deref().expect("blogctl wrote a title"),
        post.description.as_deref(),
        &post.tags,
        candidate.body.as_deref().expect("a short body comes along"),
    )))
}
