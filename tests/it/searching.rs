//! `search` as a user runs it, on both stores.

mod changes;
mod extremes;
mod formats;
mod pages;
mod quality;

use std::path::Path;

use serde_json::{Value, json};

use crate::support::project::Project;
use crate::support::test_blog::{TestBlog, ids, on_both_stores};

on_both_stores!(
    a_reader_of_the_sample_blog_finds_what_they_look_for,
    the_title_ranks_first,
    words_phrases_and_exclusions_are_understood,
    arguments_that_start_with_a_hyphen_are_words_or_options,
    filters_answer_with_the_query,
    nothing_found_is_an_answer,
);

/// Publishes the sample blog of this repository.
fn sample(site: &TestBlog) {
    copy_sample(&site.project);
    site.sync(&[]);
}

fn copy_sample(project: &Project) {
    fn copy(project: &Project, from: &Path, to: &str) {
        for entry in from.read_dir().expect("the sample is there") {
            let path = entry.expect("the sample is there").path();
            let name = path.file_name().expect("an entry has a name");
            let name = format!("{to}/{}", name.to_str().expect("names are UTF-8"));
            if path.is_dir() {
                copy(project, &path, &name);
            } else {
                let text = std::fs::read(&path).expect("the sample can be read");
                project.write(name, text);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    copy(project, &root.join("content"), "content");
}

/// Six posts, each with what others lack.
fn published(site: &TestBlog) {
    write_posts(&site.project);
    site.sync(&[]);
}

fn write_posts(project: &Project) {
    for (id, title, more, body) in [
        (
            1,
            "Cold start",
            "category: guide\ntags: [neon]\ncreated_at: 2025-01-01",
            "A database that sleeps has a cold start.",
        ),
        (
            2,
            "느린 쿼리",
            "category: 노트\ntags: [색인, neon]\ncreated_at: 2025-02-01",
            "복합인덱스를 만들면 쿼리가 빨라진다. `max_connections`도 본다.",
        ),
        (
            3,
            "Start of a cold day",
            "category: guide\ncreated_at: 2025-03-01",
            "The start was cold, says [the log](https://example.com/prisma).",
        ),
        (
            5,
            "Serverless",
            "category: guide\ntags: [색인]\ncreated_at: 2025-04-01",
            "Prisma and serverless: a cold\nstart, once more.",
        ),
        (
            8,
            "Names",
            "category: 노트\ncreated_at: 2025-05-01\ndescription: C++와 .NET",
            "Useful: `useEffect`, 15.18, O(log n), ann@example.com.",
        ),
        (
            13,
            "서버리스",
            "tags: [neon, tls]\ncreated_at: 2025-06-01",
            "Serverless without an ORM. 인덱스가 답이다.",
        ),
    ] {
        project.post_with(id, title, more, &format!("{body}\n"));
    }
}

#[track_caller]
fn search(site: &TestBlog, words: &[&str]) -> Value {
    site.json(&[&["search", "--format", "json"], words].concat())
}

#[track_caller]
fn found(site: &TestBlog, words: &[&str], expected: &[i64]) {
    assert_eq!(ids(&search(site, words)), expected, "{words:?}");
}

/// The matches of a post, as text.
fn matched(post: &Value) -> Vec<String> {
    let snippet: Vec<char> = post["snippet"].as_str().expect("text").chars().collect();
    let ranges = post["matches"].as_array().expect("a list");
    let range = |range: &Value| {
        let [start, end] = [0, 1].map(|at| range[at].as_u64().expect("a number"));
        snippet[start as usize..end as usize].iter().collect()
    };
    ranges.iter().map(range).collect()
}

fn a_reader_of_the_sample_blog_finds_what_they_look_for(site: &TestBlog) {
    sample(site);
    for (words, expected) in [
        (&["쿼리"][..], &[13, 12, 10, 7, 5, 4][..]),
        (&["데이터베이스"], &[14, 13, 10, 7, 6, 5, 4, 3, 2]),
        (&["\"cold start\""], &[11, 10, 7]),
        (&["max_connections"], &[12, 9, 7]),
        (&["-prisma", "serverless"], &[10, 9]),
    ] {
        found(site, words, expected);
        for post in search(site, words)["posts"].as_array().expect("a list") {
            let marked = matched(post).concat().to_lowercase();
            let word = words[words.len() - 1].trim_matches('"');
            assert!(marked.contains(word), "{words:?}: {post}");
        }
    }
}

fn the_title_ranks_first(site: &TestBlog) {
    sample(site);
    let best = |words: &[&str]| {
        let args = [words, &["--sort", "relevance"]].concat();
        ids(&search(site, &args))[0]
    };
    assert_eq!(best(&["\"cold start\""]), 7);
    assert_eq!(best(&["pooler"]), 9);
    assert_eq!(best(&["한글", "검색"]), 12);
}

fn words_phrases_and_exclusions_are_understood(site: &TestBlog) {
    published(site);
    found(site, &["cold", "start"], &[5, 3, 1]);
    found(site, &["cold start"], &[5, 3, 1]);
    found(site, &["\"cold start\""], &[5, 1]);
    found(site, &["“cold start”"], &[5, 1]);
    found(site, &["\"cold", "start\""], &[5, 1]);
    found(site, &["start", "-\"cold start\""], &[3]);
    found(site, &["prisma"], &[5]);
    found(site, &["COLD", "ＳＴＡＲＴ"], &[5, 3, 1]);
    found(site, &["인덱스"], &[13, 2]);
    found(site, &["인\u{1103}\u{1166}\u{11a8}스"], &[13, 2]);
    found(site, &["쿼"], &[2]);
    found(site, &["effect"], &[8]);
    found(site, &["15.18"], &[8]);
    found(site, &[".net"], &[8]);
    found(site, &["O(log n)"], &[8]);
    found(site, &["ann@example.com"], &[8]);
    found(site, &["neon"], &[13, 2, 1]);
}

fn arguments_that_start_with_a_hyphen_are_words_or_options(site: &TestBlog) {
    published(site);
    found(site, &["-prisma", "serverless"], &[13]);
    found(site, &["serverless", "-prisma"], &[13]);
    found(site, &["--", "serverless", "-prisma"], &[13]);
    found(site, &["-prisma", "serverless", "-orm", "-q"], &[]);
    found(
        site,
        &["start", "-serverless", "--limit", "1", "-database"],
        &[3],
    );
    found(
        site,
        &["--category", "guide", "-serverless", "start"],
        &[3, 1],
    );
    found(site, &["serverless", "--", "--limit"], &[]);
    let slip = site
        .run(&["search", "cold", "--catgory", "guide"])
        .expect_status(2);
    assert!(slip.stderr.contains("'--catgory'"), "{}", slip.stderr);
    let help = site
        .run(&["search", "-prisma", "-h"])
        .expect_status(0)
        .stdout;
    assert!(help.contains("blogctl search serverless -prisma"), "{help}");
}

fn filters_answer_with_the_query(site: &TestBlog) {
    published(site);
    found(site, &["start", "--category", "guide"], &[5, 3, 1]);
    found(site, &["start", "--category", "노트"], &[]);
    found(site, &["start", "--category", "GUIDE"], &[]);
    found(site, &["start", "--tag", "neon"], &[1]);
    found(site, &["인덱스", "--tag", "neon", "--tag", "색인"], &[2]);
    found(site, &["인덱스", "--tag", "neon", "--tag", "tls"], &[13]);
    found(site, &["cold", "--since", "2025-02-01"], &[5, 3]);
    found(site, &["cold", "--until", "2025-03-01"], &[3, 1]);
    found(
        site,
        &[
            "cold",
            "--since",
            "2025-01-02",
            "--until",
            "2025-03-01",
            "--category",
            "guide",
        ],
        &[3],
    );
    found(site, &["cold", "--cursor", "5"], &[3, 1]);
}

fn nothing_found_is_an_answer(site: &TestBlog) {
    published(site);
    let output = site.run(&["search", "kubernetes"]).expect_status(0);
    assert_eq!(output.stdout, "");
    assert_eq!(output.stderr, "no posts match kubernetes\n");
    let output = site.run(&["search", "noen"]).expect_status(0);
    assert_eq!(
        output.stderr,
        "no posts match noen\nhint: did you mean \"neon\"? It is a tag\n"
    );
    let output = site.run(&["search", "cold", "--tag", "x"]).expect_status(0);
    assert!(output.stderr.contains("blogctl tags"), "{}", output.stderr);
    let output = site.run(&["search", "kubernetes", "-q"]).expect_status(0);
    assert_eq!((&*output.stdout, &*output.stderr), ("", ""));
    assert_eq!(
        search(site, &["kubernetes"]),
        json!({"posts": [], "has_more": false, "next_cursor": null})
    );
    for format in ["jsonl", "table"] {
        let output = site.run(&["search", "kubernetes", "--format", format]);
        assert_eq!(output.expect_status(0).stdout, "");
    }
    let ids = site
        .run(&["search", "kubernetes", "--ids"])
        .expect_status(0);
    assert_eq!((&*ids.stdout, &*ids.stderr), ("", ""));
}
