//! The formats of search results.

use serde_json::{Value, json};

use super::{copy_sample, matched, published, search};
use crate::support::database::TestDatabase;
use crate::support::project::Project;
use crate::support::test_blog::{TestBlog, on_both_stores};

on_both_stores!(
    a_find_is_a_line_and_a_snippet,
    a_find_has_every_format,
    matches_mark_what_was_found,
    control_characters_of_posts_stay_out_of_snippets,
    matches_are_coloured_where_colour_is_wanted,
);

fn a_find_is_a_line_and_a_snippet(site: &TestBlog) {
    published(site);
    let output = site.run(&["search", "start", "cold"]).expect_status(0);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 0
        --- stdout ---
        ID  CREATED (UTC)  CATEGORY  WORDS  TITLE                TAGS
         5  2025-04-01     guide         8  Serverless           색인
            Prisma and serverless: a cold start, once more.
         3  2025-03-01     guide         7  Start of a cold day
            The start was cold, says the log.
         1  2025-01-01     guide         8  Cold start           neon
            A database that sleeps has a cold start.
        --- stderr ---
        ");
    }
}

fn a_find_has_every_format(site: &TestBlog) {
    published(site);
    let in_format = |format: &str| {
        let args = ["search", "쿼리", "--format", format];
        site.run(&args).expect_status(0).stdout
    };
    insta::allow_duplicates! {
        insta::assert_snapshot!(in_format("json"), @r#"
        {"posts":[
        {"id":2,"title":"느린 쿼리","description":null,"category":"노트","tags":["neon","색인"],"image":null,"created_at":"2025-02-01T00:00:00Z","updated_at":null,"word_count":6,"path":"content/2.md","slug":null,"extra":{},"snippet":"복합인덱스를 만들면 쿼리가 빨라진다. max_connections도 본다.","matches":[[11,13]]}
        ],"has_more":false,"next_cursor":null}
        "#);
        insta::assert_snapshot!(in_format("csv"), @r#"
        id,title,description,category,tags,image,created_at,updated_at,word_count,path,slug,extra,snippet
        2,느린 쿼리,,노트,"[""neon"",""색인""]",,2025-02-01T00:00:00Z,,6,content/2.md,,{},복합인덱스를 만들면 쿼리가 빨라진다. max_connections도 본다.
        "#);
    }
    let whole: Value = serde_json::from_str(&in_format("json")).expect("it is JSON");
    let line: Value = serde_json::from_str(&in_format("jsonl")).expect("a line is JSON");
    assert_eq!(whole["posts"], json!([line]));
    let ids = site.run(&["search", "cold", "--ids"]).expect_status(0);
    assert_eq!((&*ids.stdout, &*ids.stderr), ("5\n3\n1\n", ""));
    let first = site.run(&["search", "cold", "--ids", "--limit", "1"]);
    assert_eq!(first.expect_status(0).stdout, "5\n");
}

fn matches_mark_what_was_found(site: &TestBlog) {
    published(site);
    let marks = |words: &[&str]| {
        let answer = search(site, words);
        matched(&answer["posts"][0])
    };
    assert_eq!(marks(&["인덱스", "--cursor", "9"]), ["인덱스"]);
    assert_eq!(
        marks(&["MAX_CONNECTIONS", "쿼리"]),
        ["쿼리", "max_connections"]
    );
    assert_eq!(marks(&["\"cold start\""]), ["cold start"]);
    assert_eq!(marks(&["useeffect"]), ["useEffect"]);
    assert_eq!(marks(&["c++"]), ["C++"], "found in the description");
}

fn control_characters_of_posts_stay_out_of_snippets(site: &TestBlog) {
    let text = "---\nid: 1\ntitle: \"Evil \\e[2J needle\"\n---\n\
        needle \u{1b}[31mred\u{9b}2J\u{202e} \u{7} needle\n";
    site.project.write("content/1.md", text);
    site.sync(&[]);
    for format in ["table", "json", "jsonl", "csv"] {
        let args = ["search", "needle", "--format", format];
        let output = site.run(&args).expect_status(0);
        assert!(output.stdout.contains("needle"));
        let found = output
            .stdout
            .chars()
            .find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!(found, None, "{:?}", output.stdout);
    }
    let answer = search(site, &["needle"]);
    let snippet = answer["posts"][0]["snippet"].as_str().expect("text");
    assert!(!snippet.chars().any(char::is_control), "{snippet:?}");
    assert_eq!(matched(&answer["posts"][0]), ["needle", "needle"]);
}

fn matches_are_coloured_where_colour_is_wanted(site: &TestBlog) {
    published(site);
    let run = |color| {
        let args = ["search", "쿼리", "--color", color];
        site.run(&args).expect_status(0).stdout
    };
    let coloured = run("always");
    assert!(
        coloured.contains("\u{1b}[1m\u{1b}[32m쿼리\u{1b}[0m가"),
        "{coloured:?}"
    );
    assert!(!run("auto").contains('\u{1b}'));
    assert!(!run("never").contains('\u{1b}'));
}

#[test]
fn both_stores_answer_with_the_same_bytes() {
    let project = Project::new();
    copy_sample(&project);
    write_posts_beside(&project);
    let database = TestDatabase::create();
    let postgres = database.url();
    let stores = [postgres.as_str(), "sqlite:a.db"];
    let run = |store: &str, args: &[&str]| {
        let args = [args, &["--database", store]].concat();
        project.run(&args).expect_status(0).stdout
    };
    for store in stores {
        run(store, &["sync"]);
    }
    let queries: [&[&str]; 12] = [
        &["쿼리"],
        &["데이터베이스"],
        &["\"cold start\""],
        &["max_connections"],
        &["-prisma", "serverless"],
        &["인덱스", "--tag", "postgres"],
        &["sync", "--category", "GUIDE"],
        &["post", "--since", "2025-11-10", "--until", "2025-12-01"],
        &["글", "--limit", "7", "--cursor", "1200"],
        &["t3"],
        &["the", "--sort", "relevance"],
        &["nowhere"],
    ];
    for query in queries {
        for format in ["table", "json", "jsonl", "csv"] {
            let args = [&["search", "--format", format], query].concat();
            let [one, other] = stores.map(|store| run(store, &args));
            assert!(one == other, "{args:?}\n{one}\n{other}");
        }
    }
    let all = ["search", "글", "--all", "--ids"];
    let [one, other] = stores.map(|store| run(store, &all));
    assert_eq!(one, other);
    assert!(one.lines().count() > 120, "{one}");
}

/// More posts than a page or two, above the ids of the sample.
fn write_posts_beside(project: &Project) {
    for id in 1_100..=1_250 {
        let more = format!(
            "category: GUIDE\ntags: [t{}, 색인]\ncreated_at: 2024-05-06",
            id % 7
        );
        project.post_with(id, &format!("글 {id} 👩‍👩‍👧"), &more, "A body, 본문.\n");
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let site = TestBlog::postgres();
    for id in 1..=1_000 {
        site.project.post(id, &"long title ".repeat(20));
    }
    site.sync(&["--quiet"]);
    let url = site.database().plain_url();
    for format in ["--format table", "--format jsonl", "--ids"] {
        let line = format!(
            "($BLOGCTL search body --all {format} --database '{url}'; echo status $? >&2) | head -1"
        );
        let output = site.project.shell(&line);
        assert_eq!(output.stderr, "status 0\n", "{format}");
        assert!(!output.stdout.is_empty(), "{format}");
    }
}
