//! Search over the project's own posts.

use super::*;

const POSTS: [(&str, &str); 15] = [
    (
        "slow-page",
        include_str!("../../content/case-studies/slow-page.md"),
    ),
    (
        "one-command",
        include_str!("../../content/case-studies/one-command.md"),
    ),
    (
        "front-matter",
        include_str!("../../content/guide/front-matter.md"),
    ),
    (
        "getting-started",
        include_str!("../../content/guide/getting-started.md"),
    ),
    (
        "publishing-from-ci",
        include_str!("../../content/guide/publishing-from-ci.md"),
    ),
    (
        "counts",
        include_str!("../../content/ideas/counts-kept-when-writing.md"),
    ),
    (
        "file-names",
        include_str!("../../content/ideas/file-names-nfc-nfd.md"),
    ),
    (
        "keyset-paging",
        include_str!("../../content/ideas/keyset-paging.md"),
    ),
    (
        "korean-search",
        include_str!("../../content/ideas/korean-search.md"),
    ),
    (
        "plan-and-conflicts",
        include_str!("../../content/ideas/plan-and-conflicts.md"),
    ),
    (
        "pooler-and-sessions",
        include_str!("../../content/ideas/pooler-and-sessions.md"),
    ),
    (
        "round-trips",
        include_str!("../../content/ideas/round-trips.mdx"),
    ),
    (
        "serverless",
        include_str!("../../content/ideas/serverless-cold-start.md"),
    ),
    (
        "index-design",
        include_str!("../../content/ideas/인덱스-설계.md"),
    ),
    (
        "transactions",
        include_str!("../../content/reference/transactions-and-locks.markdown"),
    ),
];

/// Returns the body, without the front matter.
fn document(file: &'static str) -> Document<'static> {
    let markdown = file.splitn(3, "---\n").nth(2).unwrap();
    Document {
        markdown,
        ..Document::default()
    }
}

#[track_caller]
fn found(query: &str) -> Vec<&'static str> {
    let query = Query::parse(query).unwrap();
    let requirement = query.requirement();
    let mut found = Vec::new();
    for (name, file) in POSTS {
        let document = document(file);
        let terms = terms(&document, None);
        assert!(!terms.truncated);
        if query.matches(&SearchableText::new(&document)) {
            assert!(requirement.is_satisfied_by(&terms.terms), "{name}");
            found.push(name);
        }
    }
    found
}

fn containing(text: &str) -> Vec<&'static str> {
    let has = |file| text::of_markdown(document(file).markdown).contains(text);
    let posts = POSTS.iter().filter(|(_, file)| has(file));
    posts.map(|(name, _)| *name).collect()
}

#[test]
fn korean_is_found_wherever_it_stands() {
    for word in [
        "쿼리",
        "데이터베이스",
        "인덱스",
        "글",
        "를",
        "트랜잭션",
        "음절",
        "복합인덱스를",
    ] {
        let expected = containing(word);
        assert!(!expected.is_empty(), "{word}");
        assert_eq!(found(word), expected, "{word}");
    }
}

#[test]
fn phrases_and_exclusions_are_found() {
    assert_eq!(found("\"cold start\""), containing("cold start"));
    assert!(found("serverless").contains(&"round-trips"));
    assert!(found("serverless prisma").contains(&"serverless"));
    let without = found("-prisma serverless");
    assert!(without.contains(&"round-trips") && !without.contains(&"serverless"));
}

#[test]
fn names_find_themselves() {
    assert_eq!(found("max_connections"), containing("max_connections"));
    assert_eq!(found("15.18"), containing("15.18"));
    assert_eq!(found("C++"), ["getting-started", "korean-search"]);
    assert_eq!(found("O(log n)"), containing("O(log n)"));
    assert_eq!(found("\"O(log n)\""), containing("O(log n)"));
    assert_eq!(found("@prisma/client"), ["serverless"]);
    assert!(found("MAX_CONN").contains(&"serverless"));
    assert!(found("connections").contains(&"korean-search"));
    assert!(found("Next.js").contains(&"one-command"));
}

#[test]
fn snippets_show_the_words() {
    let query = Query::parse("cold 컴퓨트").unwrap();
    let prepared = SearchableText::new(&document(POSTS[12].1));
    let shown = snippet(&query, &prepared, 80);
    assert_eq!(
        shown.text,
        "…준다. 대신 잠든 뒤 첫 연결이 컴퓨트를 깨운다. 이것이 cold start다. 깨어나는 시간 첫 요청이 치르는 값 Neon 문서에…"
    );
    let chars: Vec<char> = shown.text.chars().collect();
    let marked: Vec<String> = shown
        .matches
        .into_iter()
        .map(|range| chars[range].iter().collect())
        .collect();
    assert_eq!(marked, ["컴퓨트", "cold"]);
}

/// If this fails, posts produce other terms than those that stores hold: raise
/// [`TERMS_VERSION`], so that they are indexed again, and put both new values here.
#[test]
fn terms_change_only_with_their_version() {
    let document = Document {
        title: "PostgreSQL 15.18의 복합인덱스",
        description: Some("Indexes, relational databases; ΣΟΦΟΣ, ｶﾞﾁｬ, ไทย, नमस्ते 👍🏽 →"),
        tags: &["한글 검색".to_owned(), "c++".to_owned()],
        markdown: "# `useEffect` in *HTTPServer*\n\n| max_connections | .NET |\n|---|---|\n\
                   | --dry-run | a@b.io |\n\n<p>don’t &amp; ![alt](x) [link](y) ㄱㅏ e\u{301} ﬁ</p>",
    };
    let terms = terms(&document, Some("CASE_STUDY")).terms.join("\n");
    let digest = &blake3::hash(terms.as_bytes()).to_hex()[..16];
    assert_eq!((TERMS_VERSION, digest), (1, "9173972f04d3fd66"));
}
