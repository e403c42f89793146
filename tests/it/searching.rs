//! `search` as a user runs it, on both stores.

mod formats;
mod pages;
mod quality;

use std::path::Path;

use serde_json::{Value, json};

use crate::support::project::Project;
use crate::support::site::{Site, ids, on_both_stores};

on_both_stores!(
    a_reader_of_the_sample_blog_finds_what_they_look_for,
    the_title_ranks_first,
    words_phrases_and_exclusions_are_understood,
    arguments_that_start_with_a_hyphen_are_words_or_options,
    filters_answer_with_the_query,
    nothing_found_is_an_answer,
    queries_that_make_no_sense_are_usage_errors,
    strange_queries_are_answered,
    very_long_posts_are_found_like_others,
    posts_of_five_megabytes_and_of_a_hundred_thousand_words_are_published,
    terms_of_another_version_are_made_anew_by_the_next_sync,
    what_was_edited_or_removed_is_found_no_more,
    posts_of_others_are_not_found,
);

/// Publishes the sample blog of this repository.
fn sample(site: &Site) {
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
fn published(site: &Site) {
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
fn search(site: &Site, words: &[&str]) -> Value {
    site.json(&[&["search", "--format", "json"], words].concat())
}

#[track_caller]
fn found(site: &Site, words: &[&str], expected: &[i64]) {
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

fn a_reader_of_the_sample_blog_finds_what_they_look_for(site: &Site) {
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

fn the_title_ranks_first(site: &Site) {
    sample(site);
    let best = |words: &[&str]| {
        let args = [words, &["--sort", "relevance"]].concat();
        ids(&search(site, &args))[0]
    };
    assert_eq!(best(&["\"cold start\""]), 7);
    assert_eq!(best(&["pooler"]), 9);
    assert_eq!(best(&["한글", "검색"]), 12);
}

fn words_phrases_and_exclusions_are_understood(site: &Site) {
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

fn arguments_that_start_with_a_hyphen_are_words_or_options(site: &Site) {
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

fn filters_answer_with_the_query(site: &Site) {
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

fn nothing_found_is_an_answer(site: &Site) {
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

fn queries_that_make_no_sense_are_usage_errors(site: &Site) {
    let output = site.run(&["search", "cold"]).expect_status(3);
    assert!(
        output.stderr.contains("has no blogctl tables yet"),
        "{}",
        output.stderr
    );
    // The following is refused before a connection is made.
    let long = "가".repeat(10_000);
    let many = numbered(40);
    for (words, said) in [
        (&[""][..], "empty"),
        (&["  \t"], "empty"),
        (&["-cold"], "only says what to leave out"),
        (&["-\"cold start\"", "-x"], "only says what to leave out"),
        (&["- -- ! & | ( )"], "no letter"),
        (&["\"\"", "\\", "''"], "no letter"),
        (&[&long], "10000 characters"),
        (&[&many], "words and phrases"),
        (&["cold", "--since", "yesterday"], "--since"),
    ] {
        let output = site.run(&[&["search", "--"], words].concat());
        let output = match words {
            ["cold", ..] => site.run(&[&["search"], words].concat()),
            _ => output,
        };
        let output = output.expect_status(2);
        assert!(output.stderr.contains(said), "{words:?}: {}", output.stderr);
        assert!(output.stderr.contains("help: "), "{}", output.stderr);
        assert_eq!(output.stdout, "");
    }
    let output = site.run(&["search"]).expect_status(2);
    assert!(output.stderr.contains("<QUERY>"), "{}", output.stderr);
}

fn numbered(count: usize) -> String {
    (0..count).map(|n| format!(" a{n}")).collect()
}

fn strange_queries_are_answered(site: &Site) {
    published(site);
    site.project
        .post_with(21, "Strange 👩‍👩‍👧", "", "It's 100% \\d+ & 'q' | :* <-> 👍🏽\n");
    site.sync(&[]);
    found(site, &["👍"], &[21]);
    found(site, &["👩‍👩‍👧"], &[21]);
    found(site, &["it's"], &[21]);
    found(site, &["\"\\d+ & 'q' | :*\""], &[21]);
    found(site, &["100%", "\\d"], &[21]);
    for query in [
        "cold & start | !x <-> y:*",
        "'cold' 'start",
        "cold\\",
        "\\'cold",
        "%cold% _",
        "cold OR start NEAR/2 (",
        "\"cold",
        "{cold} ^start col:umn",
        "cold; DROP TABLE post; --",
        "\u{1}cold\u{7f}\u{202e}",
        "🇰🇷🏽\u{200d}\u{fe0f}",
        "a\u{301}\u{301}\u{301}",
        "𠀀 ｶﾞ ǅ İ ß",
    ] {
        let output = site.run(&["search", "--format", "json", "--", query]);
        output.expect_status(0);
    }
    let longest = "가나다라마".repeat(200);
    found(site, &[&longest], &[]);
    found(site, &["--", &numbered(32)], &[]);
    assert_eq!(site.ids().len(), 7);
}

fn very_long_posts_are_found_like_others(site: &Site) {
    published(site);
    let line = "Words that fill a line of a very long post, 한 줄을 채우는 말.\n";
    let fill = line.repeat(1_000_000 / line.len());
    for id in 30..33 {
        let body = format!("{fill}\nA needle, 바늘 하나.\n\n{fill}");
        site.project.post_with(id, "Long", "", &body);
    }
    site.project.post_with(33, "Short", "", "A needle.\n");
    site.sync(&[]);
    found(site, &["needle"], &[33, 32, 31, 30]);
    found(site, &["\"바늘 하나\"", "--limit", "2"], &[32, 31]);
    let answer = search(site, &["needle", "바늘"]);
    for post in answer["posts"].as_array().expect("a list") {
        assert_eq!(matched(post), ["needle", "바늘"]);
        assert!(post["snippet"].as_str().expect("text").chars().count() <= 160);
    }
}

fn posts_of_five_megabytes_and_of_a_hundred_thousand_words_are_published(site: &Site) {
    let line = "Words that fill a line of a very long post, 한 줄을 채우는 말.\n";
    let long = line.repeat(5_000_000 / line.len()) + "\nAt the end a needle.\n";
    let words: String = (0..100_000).map(|n| format!("word{n} ")).collect();
    site.project.post_with(1, "Five megabytes", "", &long);
    site.project.post_with(2, "Many words", "", &words);
    let output = site.sync(&[]);
    // An index takes 30,000 different words of one post; that the rest is not found is said.
    assert!(
        output
            .stderr
            .contains("content/2.md has more different words"),
        "{}",
        output.stderr
    );
    assert!(!output.stderr.contains("content/1.md"), "{}", output.stderr);
    found(site, &["needle"], &[1]);
    found(site, &["word7"], &[2]);
    found(site, &["many"], &[2]);
    assert_eq!(site.ids().len(), 2);
}

fn terms_of_another_version_are_made_anew_by_the_next_sync(site: &Site) {
    published(site);
    let source = if site
        .run(&["schema", "print"])
        .stdout
        .contains("blogctl_source")
    {
        "blogctl_source"
    } else {
        "blogctl.source"
    };
    site.sql(&format!("UPDATE {source} SET terms_version = 0"));
    let planned = site.sync(&["--dry-run"]).stderr;
    assert!(
        planned.contains("those of 6 posts would be rebuilt"),
        "{planned}"
    );
    let output = site.sync(&[]);
    assert!(
        output.stdout.starts_with("nothing changed"),
        "{}",
        output.stdout
    );
    assert!(
        output.stderr.contains("those of 6 posts were rebuilt"),
        "{}",
        output.stderr
    );
    found(site, &["cold"], &[5, 3, 1]);
    let again = site.sync(&[]);
    assert!(!again.stderr.contains("rebuilt"), "{}", again.stderr);
    // Nothing changed that a reader of the blog sees: the history keeps the first sync alone.
    let history = site.json(&["history", "--format", "json"]);
    assert_eq!(
        history["runs"].as_array().map(Vec::len),
        Some(1),
        "{history}"
    );
}

fn what_was_edited_or_removed_is_found_no_more(site: &Site) {
    published(site);
    site.project.post_with(1, "Warm", "", "Nothing sleeps.\n");
    site.project.remove("content/3.md");
    site.project.rename("content/5.md", "content/moved.md");
    site.sync(&["--prune"]);
    found(site, &["cold"], &[5]);
    found(site, &["sleep"], &[1]);
    assert_eq!(
        search(site, &["cold"])["posts"][0]["path"],
        "content/moved.md"
    );
}

fn posts_of_others_are_not_found(site: &Site) {
    published(site);
    site.sql("INSERT INTO post (id, title, content) VALUES (99, 'Cold', 'A cold start')");
    found(site, &["cold"], &[5, 3, 1]);
}
