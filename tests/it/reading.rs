//! `list`, `show`, `categories`, `tags` and `history` as a user runs them, on both stores.

mod extra;

use serde_json::{Value, json};

use crate::support::database::TestDatabase;
use crate::support::project::{Project, post};
use crate::support::site::{Site, ids, on_both_stores};

on_both_stores!(
    every_reading_command_says_that_there_is_nothing_yet,
    a_list_is_a_table_for_people,
    a_list_has_every_format,
    filters_answer_alone_and_together,
    walks_of_every_limit_agree,
    the_newest_twenty_are_the_default,
    a_page_tells_how_to_go_on,
    a_span_of_days_follows_the_projects_zone,
    arguments_that_make_no_sense_are_usage_errors,
    a_post_is_shown_whole,
    a_post_that_does_not_exist_has_a_status_of_its_own,
    counts_are_listed_commonest_first,
    history_lists_what_changed_something,
    control_characters_of_posts_stay_out_of_what_people_read,
    a_list_is_aligned_and_never_cut_where_no_terminal_is,
);

/// Seven posts with categories, tags and times.
fn published(site: &Site) {
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

fn every_reading_command_says_that_there_is_nothing_yet(site: &Site) {
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

fn a_list_is_a_table_for_people(site: &Site) {
    published(site);
    let output = site.run(&["list", "--limit", "4"]).expect_status(0);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 0
        --- stdout ---
        ID  CREATED     CATEGORY  WORDS  TITLE  TAGS
        21  2025-07-01  guide         7  글 21  neon
        13  2025-06-01  -             7  글 13  tls
         8  2025-05-01  노트          7  글 8
         5  2025-04-01  guide         7  글 5   neon, tls, 색인
        --- stderr ---
        more: blogctl list --limit 4 --cursor 5
        ");
    }
}

fn a_list_has_every_format(site: &Site) {
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
fn found(site: &Site, filter: &[&str], expected: &[i64]) {
    let args = [&["list", "--format", "json"], filter].concat();
    assert_eq!(ids(&site.json(&args)), expected, "{filter:?}");
    for limit in ["1", "2"] {
        assert_eq!(walk(site, filter, limit), expected, "{filter:?} by {limit}");
    }
}

/// Follows the cursors from page to page.
fn walk(site: &Site, filter: &[&str], limit: &str) -> Vec<i64> {
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

fn filters_answer_alone_and_together(site: &Site) {
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

fn walks_of_every_limit_agree(site: &Site) {
    for id in 1..=130 {
        let more = if id % 3 == 0 { "tags: [third]" } else { "" };
        site.project.post_with(id * 7, "A title", more, "Body.\n");
    }
    site.sync(&[]);
    let all = site.ids();
    assert_eq!(all, (1..=130).rev().map(|id| id * 7).collect::<Vec<_>>());
    for limit in ["3", "100"] {
        assert_eq!(walk(site, &[], limit), all, "{limit}");
    }
    let third: Vec<i64> = all.iter().copied().filter(|id| id % 21 == 0).collect();
    for limit in ["1", "3", "100"] {
        assert_eq!(walk(site, &["--tag", "third"], limit), third, "{limit}");
    }
    let below = ["list", "--all", "--format", "json", "--cursor", "100"];
    assert_eq!(ids(&site.json(&below)), all[all.len() - 14..]);
}

fn the_newest_twenty_are_the_default(site: &Site) {
    for id in 1..=21 {
        site.project.post(id, "A title");
    }
    site.sync(&[]);
    let page = site.json(&["list", "--format", "json"]);
    assert_eq!(ids(&page), (2..=21).rev().collect::<Vec<_>>());
    assert_eq!(
        (&page["has_more"], &page["next_cursor"]),
        (&json!(true), &json!(2))
    );
    let last = site.json(&["list", "--format", "json", "--cursor", "2"]);
    assert_eq!(
        (&last["has_more"], &last["next_cursor"]),
        (&json!(false), &json!(null))
    );
    assert_eq!(ids(&last), [1]);
    // A last page that is full has nothing after it.
    let full = site.json(&["list", "--format", "json", "--limit", "21"]);
    assert_eq!(full["has_more"], false);
}

fn a_page_tells_how_to_go_on(site: &Site) {
    published(site);
    let first = site
        .run(&["list", "--tag", "neon", "--limit", "2"])
        .expect_status(0);
    assert_eq!(
        first.stderr,
        "more: blogctl list --tag neon --limit 2 --cursor 5\n"
    );
    let quiet = site
        .run(&["list", "--tag", "neon", "--limit", "2", "--quiet"])
        .expect_status(0);
    assert_eq!((quiet.stdout, quiet.stderr), (first.stdout, String::new()));
    let none = site.run(&["list", "--category", "x"]).expect_status(0);
    assert_eq!(none.stdout, "");
    assert!(
        none.stderr.contains("blogctl categories"),
        "{}",
        none.stderr
    );
}

fn a_span_of_days_follows_the_projects_zone(site: &Site) {
    site.project.post_with(
        1,
        "Evening in UTC",
        "created_at: 2025-01-01T20:00:00Z",
        "Body.\n",
    );
    site.sync(&[]);
    let day =
        |day: &str| ids(&site.json(&["list", "--format", "json", "--since", day, "--until", day]));
    assert_eq!((day("2025-01-01"), day("2025-01-02")), (vec![1], vec![]));
    site.project
        .write("blogctl.toml", "time_zone = \"Asia/Seoul\"\n");
    assert_eq!((day("2025-01-01"), day("2025-01-02")), (vec![], vec![1]));
    let table = site.run(&["list"]).expect_status(0).stdout;
    assert!(table.contains("2025-01-02"), "{table}");
}

fn arguments_that_make_no_sense_are_usage_errors(site: &Site) {
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

fn a_post_is_shown_whole(site: &Site) {
    published(site);
    let output = site.run(&["show", "13"]).expect_status(0);
    // Without updated_at of its own, it was never changed.
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 0
        --- stdout ---
        id           13
        title        글 13
        description  설명
        tags         tls
        image        /a.png
        created      2025-06-01 00:00 +00:00
        words        7
        path         content/13.md

        # 제목

        The body of post 13.
        --- stderr ---
        ");
    }
    let shown = site.json(&["show", "8", "--format", "json"]);
    assert_eq!(
        shown,
        json!({
            "id": 8, "title": "글 8", "description": null, "category": "노트", "tags": [],
            "image": null, "created_at": "2025-05-01T00:00:00Z",
            "updated_at": "2025-06-01T00:00:00Z", "word_count": 7, "path": "content/8.md",
            "slug": null, "extra": {},
            "content": "# 제목\n\nThe body of post 8.\n",
        })
    );
}

fn a_post_that_does_not_exist_has_a_status_of_its_own(site: &Site) {
    published(site);
    for args in [&["show", "4"][..], &["show", "4", "--format", "json"]] {
        let output = site.run(args).expect_status(6);
        insta::allow_duplicates! {
            insta::assert_snapshot!(site.snapshot(&output), @r"
            status: 6
            --- stdout ---
            --- stderr ---
            error: [STORE] has no post 4
            help: `blogctl list` shows which posts there are
            ");
        }
    }
}

fn counts_are_listed_commonest_first(site: &Site) {
    published(site);
    assert_eq!(
        site.json(&["categories", "--format", "json"]),
        json!({"categories": [{"name": "guide", "posts": 4}, {"name": "노트", "posts": 2}]})
    );
    assert_eq!(
        site.json(&["tags", "--format", "json"]),
        json!({"tags": [
            {"name": "neon", "posts": 4}, {"name": "색인", "posts": 3}, {"name": "tls", "posts": 2},
        ]})
    );
    let output = site.run(&["tags"]).expect_status(0);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 0
        --- stdout ---
        POSTS  NAME
            4  neon
            3  색인
            2  tls
        --- stderr ---
        ");
    }
    let csv = site
        .run(&["tags", "--format", "csv"])
        .expect_status(0)
        .stdout;
    assert_eq!(csv, "name,posts\nneon,4\n색인,3\ntls,2\n");
}

fn history_lists_what_changed_something(site: &Site) {
    published(site);
    site.sync(&[]);
    site.sync(&["--dry-run"]);
    site.project.remove("content/1.md");
    site.sync(&["--prune"]);
    site.project.rename("content/2.md", "content/b.md");
    site.run(&["sync", "content/b.md"]).expect_status(0);
    let history = site.json(&["history", "--format", "json"]);
    let runs = history["runs"].as_array().expect("a list");
    let numbers = |run: &Value| {
        ["created", "updated", "moved", "removed", "unchanged"].map(|key| run[key].as_i64())
    };
    let told: Vec<_> = runs.iter().map(numbers).collect();
    let expected = [[0, 0, 1, 0, 0], [0, 0, 0, 1, 6], [7, 0, 0, 0, 0]];
    assert_eq!(told, expected.map(|run| run.map(Some)));
    assert_eq!(runs[2]["directory"], "content");
    assert_eq!(runs[0]["directory"], "content/b.md");
    assert!(
        runs[0]["actor"]
            .as_str()
            .is_some_and(|who| who.starts_with("tester@"))
    );
    assert!(runs[0]["id"].as_i64() > runs[1]["id"].as_i64());
    let one = site.json(&["history", "--format", "json", "--limit", "1"]);
    assert_eq!(one["runs"], json!([runs[0]]));
    assert_eq!(one["next_cursor"], runs[0]["id"]);
    let cursor = one["next_cursor"].to_string();
    let rest = site.json(&["history", "--format", "json", "--cursor", &cursor]);
    assert_eq!(rest["runs"], json!(runs[1..]));
}

fn control_characters_of_posts_stay_out_of_what_people_read(site: &Site) {
    let title = r#"title: "Evil \e[2J\e]0;title\a \u202e\u009b1m""#;
    let text = format!(
        "---\nid: 1\n{title}\ncategory: \"c\\e[1m\"\ntags: [\"t\\e[1m\"]\n---\n\u{1b}[31mred\u{9b}2J\n"
    );
    site.project.write("content/\u{1b}[1m.md", text);
    let sync = site.run(&["sync"]);
    let mut outputs = vec![sync];
    let commands: [&[&str]; 9] = [
        &["list"],
        &["list", "--color", "always", "--format", "csv"],
        &["list", "--format", "json"],
        &["list", "--format", "jsonl"],
        &["show", "1"],
        &["show", "1", "--format", "json"],
        &["categories"],
        &["tags"],
        &["history"],
    ];
    if outputs[0].status == 0 {
        outputs.extend(commands.map(|args| site.run(args).expect_status(0)));
    }
    for output in outputs {
        for text in [&output.stdout, &output.stderr] {
            let found = text
                .chars()
                .find(|c| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c));
            assert_eq!(found, None, "{text:?}");
        }
    }
}

fn a_list_is_aligned_and_never_cut_where_no_terminal_is(site: &Site) {
    let long = "아주 ".repeat(80);
    site.project
        .post(1, "ab")
        .post(2, "한글 👩‍👩‍👧")
        .post(3, long.trim());
    site.sync(&[]);
    let table = site.run(&["list"]).expect_status(0).stdout;
    assert!(table.contains(long.trim()), "{table}");
    assert!(!table.contains('…'), "{table}");
    assert!(!table.lines().any(|line| line.ends_with(' ')), "{table}");
}

#[test]
fn both_stores_answer_with_the_same_bytes() {
    let project = Project::new();
    write_posts(&project);
    for id in 100..=250 {
        let more = format!(
            "tags: [t{}, 색인]\ncreated_at: 2024-05-06T07:08:09.123456Z",
            id % 7
        );
        project.post_with(id, &format!("글 {id} 👩‍👩‍👧"), &more, "Body.\n");
    }
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
    let commands: [&[&str]; 9] = [
        &["list", "--all", "--format", "json"],
        &["list", "--all", "--format", "jsonl"],
        &["list", "--all", "--format", "csv"],
        &["list", "--all"],
        &["list", "--tag", "t3", "--format", "json", "--limit", "5"],
        &["show", "13"],
        &["show", "13", "--format", "json"],
        &["categories", "--format", "json"],
        &["tags"],
    ];
    for args in commands {
        let [one, other] = stores.map(|store| run(store, args));
        assert!(one == other, "{args:?}\n{one}\n{other}");
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let site = Site::embedded();
    for id in 1..=3_000 {
        site.project.write(
            format!("content/{id}.md"),
            post(id, &"long title ".repeat(20), "", "Body.\n"),
        );
    }
    site.sync(&["--quiet"]);
    for format in ["table", "json", "jsonl", "csv"] {
        let line = format!("($BLOGCTL list --all --format {format}; echo status $? >&2) | head -1");
        let output = site.project.shell(&line);
        assert_eq!(output.stderr, "status 0\n", "{format}");
        assert!(!output.stdout.is_empty(), "{format}");
    }
}

#[test]
fn an_output_that_takes_nothing_is_named() {
    let site = Site::embedded();
    site.project.post(1, "One");
    for command in [
        "sync",
        "sync --format json",
        "list",
        "show 1",
        "tags --format csv",
    ] {
        let line = format!("exec $BLOGCTL {command} >/dev/full");
        let output = site.project.shell(&line).expect_status(3);
        let said = "error: cannot write to standard output\n";
        assert!(output.stderr.contains(said), "{command}: {}", output.stderr);
    }
    // What was written to the store stays there, and who looks finds it.
    assert_eq!(site.ids(), [1]);
    let closed = "($BLOGCTL sync --format json; echo status $? >&2) | true";
    assert_eq!(site.project.shell(closed).stderr, "status 0\n");
}
