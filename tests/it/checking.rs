//! `blogctl check` as a user runs it, and the levels that `blogctl.toml` gives to rules.

use serde_json::Value;

use crate::support::project::{Output, Project};
use crate::support::schemas::{assert_conforms, assert_valid};
use crate::support::test_blog::{TestBlog, json, on_both_stores};

on_both_stores!(
    levels_count_in_syncs_of_unchanged_files,
    refusals_and_rehearsals_are_told_to_programs,
    every_output_is_as_its_schema_says,
);

/// Has one post that is fine, and a file with an error, a warning with a fix, and a hint.
fn project() -> Project {
    let project = Project::new();
    project.write("content/1.md", "---\nid: 1\ntitle: One\n---\nText.\n");
    project.write(
        "content/글 2.md",
        "---\nid: 2\ntitle: [2025]\nword_count: 9\ndescription: C # for all\n---\nText.\n",
    );
    project
}

fn check(project: &Project, args: &[&str]) -> Output {
    project.run(&[&["check"], args].concat())
}

#[test]
fn people_see_everything_without_a_database() {
    let output = check(&project(), &[]).expect_status(1);
    insta::assert_snapshot!(output.snapshot(), @r##"
    status: 1
    --- stdout ---
    error[invalid-title]: title must be text, but this is a list
     --> content/글 2.md:3:8
      |
    3 | title: [2025]
      |        ^^^^^^
      |
      = help: write one text; one with brackets goes in quotes

    warning[word-count]: word_count says 9, but the body has 1 word
     --> content/글 2.md:4:13
      |
    4 | word_count: 9
      |             ^
      |
      = help: remove the line: blogctl counts the words

    hint[comment]: what follows `#` is a comment and not published
     --> content/글 2.md:5:16
      |
    5 | description: C # for all
      |                ^^^^^^^^^
      |
      = help: to keep it, write it in quotes: `description: "C # for all"`

    2 files checked: 1 error, 1 warning, 1 hint
    --- stderr ---
    error: 1 error in the content
    "##);
}

#[test]
fn every_format_goes_to_standard_output() {
    let project = project();
    let lines = |format| {
        let output = check(&project, &["--format", format]).expect_status(1);
        assert_eq!(output.stderr, "error: 1 error in the content\n");
        output.stdout
    };
    insta::assert_snapshot!(lines("concise"), @r##"
    content/글 2.md:3:8: error[invalid-title] title must be text, but this is a list
    content/글 2.md:4:13: warning[word-count] word_count says 9, but the body has 1 word
    content/글 2.md:5:16: hint[comment] what follows `#` is a comment and not published
    "##);
    insta::assert_snapshot!(lines("github"), @r##"
    ::error title=invalid-title,file=content/글 2.md,line=3,endLine=3,col=8,endColumn=14::title must be text, but this is a list%0Awrite one text; one with brackets goes in quotes
    ::warning title=word-count,file=content/글 2.md,line=4,endLine=4,col=13,endColumn=14::word_count says 9, but the body has 1 word%0Aremove the line: blogctl counts the words
    ::notice title=comment,file=content/글 2.md,line=5,endLine=5,col=16,endColumn=25::what follows `#` is a comment and not published%0Ato keep it, write it in quotes: `description: "C # for all"`
    "##);
    let told: Value = serde_json::from_str(&lines("json")).expect("it is JSON");
    assert_valid("check", &told);
    assert_eq!((&told["files"], &told["errors"]), (&2.into(), &1.into()));
    assert_eq!(told["findings"].as_array().map(Vec::len), Some(3));
    let log: Value = serde_json::from_str(&lines("sarif")).expect("it is JSON");
    assert_conforms("tests/it/support/sarif-2.1.0-essentials.json", &log);
    let results = log["runs"][0]["results"].as_array().expect("a list");
    let rules = log["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .expect("a list");
    assert_eq!(results.len(), 3);
    for result in results {
        let index = result["ruleIndex"].as_u64().expect("a number");
        let index = usize::try_from(index).expect("a small number");
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
}

#[test]
fn nothing_wrong_is_said_in_every_format() {
    let project = Project::new();
    project.write("content/1.md", "---\nid: 1\ntitle: One\n---\nText.\n");
    let output = |format| {
        check(&project, &["--format", format])
            .expect_status(0)
            .stdout
    };
    assert_eq!(output("human"), "1 file checked: no findings\n");
    assert_eq!((output("concise"), output("github")), Default::default());
    assert_valid(
        "check",
        &serde_json::from_str(&output("json")).expect("it is JSON"),
    );
    let log = serde_json::from_str(&output("sarif")).expect("it is JSON");
    assert_conforms("tests/it/support/sarif-2.1.0-essentials.json", &log);
}

#[test]
fn warnings_fail_a_strict_check_alone() {
    let project = Project::new();
    project.write(
        "content/1.md",
        "---\nid: 1\ntitle: One\nword_count: 9\n---\nText.\n",
    );
    check(&project, &[]).expect_status(0);
    let told = json(&check(&project, &["--format", "json", "--strict"]).expect_status(1));
    assert_eq!(told["status"], "invalid");
    project.write("blogctl.toml", "[rules]\nword-count = \"error\"\n");
    check(&project, &[]).expect_status(1);
    project.write("blogctl.toml", "[rules]\nword-count = \"off\"\n");
    let output = check(&project, &["--strict"]).expect_status(0);
    assert_eq!(output.stdout, "1 file checked: no findings\n");
}

#[test]
fn rules_are_explained() {
    let explain = |rule| check(&Project::new(), &["--explain", rule]);
    insta::assert_snapshot!(explain("repeated-tag").expect_status(0).stdout, @r##"
    repeated-tag (warning; [rules] in blogctl.toml changes it)

    A tag is there twice.

    It is stored once. Remove the second one.

    Example:

      ---
      id: 1
      title: A title
      tags: [one, two, one]
      ---
    "##);
    let output = explain("repeted-tag").expect_status(2);
    assert!(
        output.stderr.contains("did you mean `repeated-tag`?"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_rule_whose_level_is_fixed_is_a_usage_error() {
    let project = project();
    project.write("blogctl.toml", "[rules]\nmissing-id = \"off\"\n");
    let output = check(&project, &[]).expect_status(2);
    assert!(
        output
            .stderr
            .contains("blogctl.toml:2: the level of `missing-id`"),
        "{}",
        output.stderr
    );
}

/// A file that a sync knows is not read again, unless the levels changed.
fn levels_count_in_syncs_of_unchanged_files(site: &TestBlog) {
    site.project
        .post_with(1, "One", "word_count: 9", "Three words here.\n");
    site.sync(&[]);
    site.project
        .write("blogctl.toml", "[rules]\nword-count = \"error\"\n");
    let output = site.run(&["sync", "--format", "json"]).expect_status(1);
    let told = json(&output);
    assert_valid("sync", &told);
    assert_eq!(told["findings"][0]["rule"], "word-count");
    site.project
        .write("blogctl.toml", "[rules]\nword-count = \"off\"\n");
    let told = site.sync_json(&["--strict"]);
    assert_eq!(told["counts"]["unchanged"], 1);
    assert_eq!(told["findings"], Value::Array(Vec::new()));
}

fn refusals_and_rehearsals_are_told_to_programs(site: &TestBlog) {
    site.project.post(1, "One").post(2, "Two");
    let told = site.sync_json(&["--dry-run"]);
    assert_eq!(
        (&told["status"], &told["dry_run"]),
        (&"done".into(), &true.into())
    );
    site.sync(&[]);
    site.project.remove("content/1.md").remove("content/2.md");
    let output = site
        .run(&["sync", "--prune", "--format", "json"])
        .expect_status(4);
    let told = json(&output);
    assert_valid("sync", &told);
    assert_eq!(told["status"], "refused");
    assert_eq!(told["counts"]["removed"], 2);
    assert!(
        told["message"].is_string() && told["help"].is_string(),
        "{told}"
    );
}

/// [`TestBlog::json`] checks what it reads.
fn every_output_is_as_its_schema_says(site: &TestBlog) {
    let keys = "category: guide\ntags: [a, b]\nslug: one\nlayout: {wide: true}";
    site.project.post_with(1, "One", keys, "Some words.\n");
    site.project.post(2, "Two");
    site.sync(&[]);
    for command in ["list", "categories", "tags", "history", "doctor"] {
        site.json(&[command, "--format", "json"]);
    }
    site.json(&["list", "--limit", "1", "--format", "json"]);
    site.json(&["search", "words", "--format", "json"]);
    site.json(&["search", "words", "--sort", "relevance", "--format", "json"]);
    site.json(&["show", "1", "--format", "json"]);
}
