//! The bytes of the output, and where they go.

use super::write_posts;
use crate::support::database::TestDatabase;
use crate::support::project::{Project, post};
use crate::support::test_blog::{TestBlog, on_both_stores};

on_both_stores!(
    control_characters_of_posts_stay_out_of_what_people_read,
    a_list_is_aligned_and_never_cut_where_no_terminal_is,
);

fn control_characters_of_posts_stay_out_of_what_people_read(site: &TestBlog) {
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

fn a_list_is_aligned_and_never_cut_where_no_terminal_is(site: &TestBlog) {
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
    let site = TestBlog::embedded();
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
    let site = TestBlog::embedded();
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
