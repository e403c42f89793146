//! `list`, `show`, `categories`, `tags` and `history` as a user runs them, on both stores.

mod extra;
mod others;
mod outputs;
mod paging;

use serde_json::{Value, json};

use crate::support::project::Project;
use crate::support::test_blog::{TestBlog, ids, on_both_stores};

on_both_stores!(
    every_reading_command_says_that_there_is_nothing_yet,
    a_list_is_a_table_for_people,
    a_list_has_every_format,
    filters_answer_alone_and_together,
    arguments_that_make_no_sense_are_usage_errors,
);

/// Seven posts with categories, tags and times.
fn published(site: &TestBlog) {
    write_posts(&site.project);
    site.sync(&[]);
}

fn write_posts(project: &Project) {
    for (id, more) in [
        (1, "category: guide\ntags: [neon]\ncreated_at: 2025-01-01"),
        (
            2,
            "category: guide\ntags: [neon, 색인]\ncreated_at: 2025-02-01",
        ),
        (
            3,
            "category: 노트\ntags: [색인]\ncreated_at: 2025-03-01T12:00:00+09:00",
        ),
        (
            5,
            "category: guide\ntags: [neon, 색인, tls]\ncreated_at: 2025-04-01",
        ),
        (
            8,
            "category: 노트\ncreated_at: 2025-05-01\nupdated_at: 2025-06-01",
        ),
        (
            13,
            "tags: [tls]\ncreated_at: 2025-06-01\nimage: /a.png\ndescription: 설명",
        ),
        (21, "category: guide\ntags: [neon]\ncreated_at: 2025-07-01"),
    ] {
        let body = format!("# 제목\n\nThe body of post {id}.\n");
        project.post_with(id, &format!("글 {id}"), more, &body);
    }
}

fn every_reading_command_says_that_there_is_nothing_yet(site: &TestBlog) {
    let commands: [&[&str]; 6] = [
        &["list"],
        &["list", "--all", "--format", "json"],
        &["show", "1"],
        &["categories"],
        &["tags"],
        &["history"],
    ];
    for args in commands {
        let output = site.run(args).expect_status(3);
        assert_eq!(output.stdout, "", "{args:?}");
        assert!(
            output.stderr.contains("has no blogctl tables yet"),
            "{}",
            output.stderr
        );
        assert!(
            output.stderr.contains("blogctl sync content/"),
            "{}",
            output.stderr
        );
    }
    assert_eq!(site.dump(), "", "reading makes nothing");
    assert!(!site.project.path(".blogctl").exists());
    // Tables without a post are no error.
    site.run(&["schema", "apply"]).expect_status(0);
    let output = site.run(&["list"]).expect_status(0);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 0
        --- stdout ---
        --- stderr ---
        no posts
        hint: `blogctl sync content/` publishes the files of content/
        ");
    }
    let empty = site.json(&["list", "--format", "json"]);
    assert_eq!(
        empty,
        json!({"posts": [], "has_more": false, "next_cursor": null})
    );
    site.run(&["show", "1"]).expect_status(6);
}

fn a_list_is_a_table_for_people(site: &TestBlog) {
    published(site);
    let output = site.run(&["list", "--limit", "4"]).expect_status(0);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 0
        --- stdout ---
        ID  CREATED (UTC)  CATEGORY  WORDS  TITLE  TAGS
        21  2025-07-01     guide         7  글 21  neon
        13  2025-06-01     -             7  글 13  tls
         8  2025-05-01     노트          7  글 8
         5  2025-04-01     guide         7  글 5   neon, tls, 색인
        --- stderr ---
        more: blogctl list --limit 4 --cursor 5
        ");
    }
}

fn a_list_has_every_format(site: &TestBlog) {
    published(site);
    let list = |format: &str| {
        let args = ["list", "--category", "노트", "--format", format];
        site.run(&args).expect_status(0).stdout
    };
    insta::allow_duplicates! {
        insta::assert_snapshot!(list("json"), @r#"
        {"posts":[
        {"id":8,"title":"글 8","description":null,"category":"노트","tags":[],"image":null,"created_at":"2025-05-01T00:00:00Z","updated_at":"2025-06-01T00:00:00Z","word_count":7,"path":"content/8.md","slug":null,"extra":{}},
        {"id":3,"title":"글 3","description":null,"category":"노트","tags":["색인"],"image":null,"created_at":"2025-03-01T03:00:00Z","updated_at":null,"word_count":7,"path":"content/3.md","slug":null,"extra":{}}
        ],"has_more":false,"next_cursor":null}
        "#);
        insta::assert_snapshot!(list("csv"), @r#"
        id,title,description,category,tags,image,created_at,updated_at,word_count,path,slug,extra
        8,글 8,,노트,[],,2025-05-01T00:00:00Z,2025-06-01T00:00:00Z,7,content/8.md,,{}
        3,글 3,,노트,"[""색인""]",,2025-03-01T03:00:00Z,,7,content/3.md,,{}
        "#);
    }
    let lines = list("jsonl");
    let posts: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is JSON"))
        .collect();
    let whole: Value = serde_json::from_str(&list("json")).expect("it is JSON");
    assert_eq!(whole["posts"], json!(posts));
}

#[track_caller]
fn found(site: &TestBlog, filter: &[&str], expected: &[i64]) {
    let args = [&["list", "--format", "json"], filter].concat();
    assert_eq!(ids(&site.json(&args)), expected, "{filter:?}");
    for limit in ["1", "2"] {
        assert_eq!(walk(site, filter, limit), expected, "{filter:?} by {limit}");
    }
}

/// Follows the cursors from page to page.
fn walk(site: &TestBlog, filter: &[&str], limit: &str) -> Vec<i64> {
    let mut all = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut args = vec!["list", "--format", "json", "--limit", limit];
        args.extend(filter);
        if let Some(cursor) = &cursor {
            args.extend(["--cursor", cursor]);
        }
        let page = site.json(&args);
        let found = ids(&page);
        assert!(found.len() <= limit.parse().expect("a limit is a number"));
        all.extend(found);
        assert_eq!(page["has_more"], json!(!page["next_cursor"].is_null()));
        match page["next_cursor"].as_i64() {
            Some(next) => {
                assert_eq!(all.last(), Some(&next), "the cursor is the last id seen");
                cursor = Some(next.to_string());
            }
            None => return all,
        }
    }
}

fn filters_answer_alone_and_together(site: &TestBlog) {
    published(site);
    found(site, &[], &[21, 13, 8, 5, 3, 2, 1]);
    found(site, &["--category", "guide"], &[21, 5, 2, 1]);
    found(site, &["--category", "GUIDE"], &[]);
    found(site, &["--category", "노트"], &[8, 3]);
    found(site, &["--tag", "neon"], &[21, 5, 2, 1]);
    found(site, &["--tag", "neon", "--tag", "색인"], &[5, 2]);
    found(
        site,
        &["--tag", "색인", "--tag", "neon", "--tag", "tls"],
        &[5],
    );
    found(site, &["--tag", "neon", "--tag", "no such"], &[]);
    found(site, &["--since", "2025-05-01"], &[21, 13, 8]);
    found(site, &["--until", "2025-02-01"], &[2, 1]);
    found(
        site,
        &["--since", "2025-02-01", "--until", "2025-04-01"],
        &[5, 3, 2],
    );
    found(
        site,
        &[
            "--since",
            "2025-03-01T03:00:00Z",
            "--until",
            "2025-03-01T12:00+09:00",
        ],
        &[3],
    );
    found(site, &["--category", "guide", "--tag", "색인"], &[5, 2]);
    found(
        site,
        &["--category", "guide", "--since", "2025-02-01"],
        &[21, 5, 2],
    );
    found(site, &["--tag", "tls", "--until", "2025-05-31"], &[5]);
    let all = [
        "--category",
        "guide",
        "--tag",
        "neon",
        "--tag",
        "색인",
        "--since",
        "2025-03-01",
    ];
    found(site, &all, &[5]);
}

fn arguments_that_make_no_sense_are_usage_errors(site: &TestBlog) {
    published(site);
    let wrong: [&[&str]; 11] = [
        &["list", "--limit", "0"],
        &["list", "--limit", "101"],
        &["list", "--limit", "ten"],
        &["list", "--cursor", "0"],
        &["list", "--cursor", "4294967296"],
        &["list", "--all", "--limit", "5"],
        &["list", "--since", "yesterday"],
        &["list", "--since", "2025-02-01", "--until", "2025-01-01"],
        &["list", "--format", "xml"],
        &["show", "0"],
        &["lst"],
    ];
    for args in wrong {
        let output = site.run(args).expect_status(2);
        assert_eq!(output.stdout, "", "{args:?}");
        assert!(
            output.stderr.starts_with("error: "),
            "{args:?}: {}",
            output.stderr
        );
    }
}
