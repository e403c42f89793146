//! Recall and precision of `search` compared to a plain search for substrings: figures, with
//! bounds.

use std::collections::BTreeSet;

use blogctl::page::Filter;
use blogctl::search::{Document, Query, SearchableText};
use blogctl::store::{Reader, SearchRequest, Store, sqlite::SqliteStore};
use pulldown_cmark::{Event, Options, Parser, TagEnd};

use super::copy_sample;
use crate::support::project::Project;

/// One post as a reader sees it, in lower case.
struct Read {
    id: i32,
    text: String,
}

/// Sums over queries of one kind.
#[derive(Default)]
struct Figures {
    queries: u32,
    wanted: usize,
    found_of_wanted: usize,
    candidates: usize,
    found: usize,
}

impl Figures {
    fn recall(&self) -> f64 {
        self.found_of_wanted as f64 / self.wanted as f64
    }

    fn precision(&self) -> f64 {
        self.found_of_wanted as f64 / self.found as f64
    }

    fn precision_of_the_index(&self) -> f64 {
        self.found_of_wanted as f64 / self.candidates as f64
    }
}

#[test]
fn search_finds_what_a_search_for_substrings_finds() {
    let project = Project::new();
    copy_sample(&project);
    for n in 0..150 {
        project.post_with(1000 + n, "생성한 글", "", &generated(n));
    }
    project.run(&["sync", "content/"]).expect_status(0);
    let path = project.root().join(".blogctl/content.db");
    let mut store = SqliteStore::open(&path).expect("the store opens");
    let posts = read_all(&mut store);
    assert!(posts.len() > 160);

    for syllables in 1..=6 {
        let queries = korean(&posts, syllables);
        let figures = measure(&mut store, &posts, &queries);
        println!(
            "Korean, {syllables} syllables: {} queries, recall {:.3}, precision {:.3} \
             (of the index alone {:.3})",
            figures.queries,
            figures.recall(),
            figures.precision(),
            figures.precision_of_the_index(),
        );
        assert!(figures.queries >= 40, "{syllables}: {}", figures.queries);
        assert_eq!(
            figures.found_of_wanted, figures.wanted,
            "{syllables} syllables: recall"
        );
        assert_eq!(
            figures.found, figures.wanted,
            "{syllables} syllables: precision"
        );
        assert!(
            figures.precision_of_the_index() > 0.8,
            "{syllables} syllables"
        );
    }
    let queries = identifiers(&posts);
    let figures = measure(&mut store, &posts, &queries);
    println!(
        "identifiers: {} queries, recall {:.3}, precision {:.3}",
        figures.queries,
        figures.recall(),
        figures.precision()
    );
    assert!(figures.queries >= 20, "{}", figures.queries);
    assert_eq!(
        figures.found_of_wanted, figures.wanted,
        "identifiers: recall"
    );
    // A stem finds other forms, which a substring does not.
    assert!(figures.precision() > 0.95);
}

/// A Korean or an English post of a hundred words, the same for the same number.
fn generated(n: i64) -> String {
    const STEMS: [&str; 12] = [
        "인덱스",
        "쿼리",
        "데이터베이스",
        "서버",
        "연결",
        "복합인덱스",
        "페이지",
        "커서",
        "글",
        "동기화",
        "트랜잭션",
        "잠금",
    ];
    const ENDS: [&str; 8] = ["", "가", "를", "에서", "으로", "의", "까지", "입니다"];
    const WORDS: [&str; 10] = [
        "index",
        "cold_start",
        "useEffect",
        "maxPoolSize",
        "row_version",
        "serverless",
        "query",
        "pages",
        "HTTPServer",
        "read_only",
    ];
    let mut state = n as u64 + 1;
    let mut next = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let word = |next: &mut dyn FnMut(usize) -> usize| match n % 2 {
        0 => format!("{}{}", STEMS[next(12)], ENDS[next(8)]),
        _ => WORDS[next(10)].to_owned(),
    };
    let words: Vec<String> = (0..30).map(|_| word(&mut next)).collect();
    words.join(" ") + "\n"
}

/// Reads every post, and takes from its Markdown what is not markup.
fn read_all(store: &mut SqliteStore) -> Vec<Read> {
    let index = store.index().expect("the index is read");
    let read = |entry: &blogctl::index::Entry| {
        let (post, markdown) = store
            .show(entry.id.into())
            .expect("it is read")
            .expect("it is there");
        let mut text = format!(
            "{}\n{}\n{}\n",
            post.title.unwrap_or_default(),
            post.tags.join("\n"),
            post.description.unwrap_or_default()
        );
        for event in Parser::new_ext(&markdown, Options::all()) {
            match event {
                Event::Text(piece) | Event::Code(piece) => text.push_str(&piece),
                Event::SoftBreak | Event::HardBreak => text.push(' '),
                Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link | TagEnd::Image) => {}
                Event::End(_) => text.push('\n'),
                _ => {}
            }
        }
        Read {
            id: entry.id.get(),
            text: text.to_lowercase(),
        }
    };
    index.entries.iter().map(read).collect()
}

/// Pieces of the posts' Korean words, strewn over them.
fn korean(posts: &[Read], syllables: usize) -> Vec<String> {
    let is_hangul = |c: char| ('가'..='힣').contains(&c);
    let mut pieces = BTreeSet::new();
    for post in posts {
        for run in post.text.split(|c: char| !is_hangul(c)) {
            let run: Vec<char> = run.chars().collect();
            pieces.extend(run.windows(syllables).map(String::from_iter));
        }
    }
    let step = pieces.len() / 60 + 1;
    pieces.into_iter().step_by(step).collect()
}

/// Names with an underscore that the posts hold as words of their own.
fn identifiers(posts: &[Read]) -> Vec<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut names = BTreeSet::new();
    for post in posts {
        let words = post.text.split(|c: char| !is_word(c));
        names.extend(
            words
                .filter(|word| {
                    word.contains('_') && word.starts_with(|c: char| c.is_ascii_lowercase())
                })
                .map(str::to_owned),
        );
    }
    names.into_iter().collect()
}

fn measure(store: &mut SqliteStore, posts: &[Read], queries: &[String]) -> Figures {
    let mut figures = Figures::default();
    for text in queries {
        let query = Query::parse(text).expect("it is a query");
        let wanted: BTreeSet<i32> = posts
            .iter()
            .filter(|post| post.text.contains(text.as_str()))
            .map(|p| p.id)
            .collect();
        let request = SearchRequest {
            requirement: &query.requirement(),
            filter: &Filter::default(),
            cursor: None,
            rows: 1_000,
        };
        let candidates = store.search(&request).expect("it is answered");
        let matches = candidates.iter().filter(|candidate| {
            let post = &candidate.post;
            query.matches(&SearchableText::new(&Document {
                title: post.title.as_deref().unwrap_or_default(),
                description: post.description.as_deref(),
                tags: &post.tags,
                markdown: candidate.body.as_deref().expect("no body is long here"),
            }))
        });
        let found: BTreeSet<i32> = matches.map(|candidate| candidate.post.id.get()).collect();
        figures.queries += 1;
        figures.wanted += wanted.len();
        figures.found += found.len();
        figures.candidates += candidates.len();
        figures.found_of_wanted += found.intersection(&wanted).count();
    }
    figures
}
