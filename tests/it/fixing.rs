//! `blogctl fix` as a user runs it: ids, times and safe fixes in files, and nothing else.

mod from_git;
mod sequences;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::project::{Output, Project};
use crate::support::test_blog::{TestBlog, json, on_both_stores};

on_both_stores!(
    ids_follow_the_greatest_of_files_and_rows_in_order_of_time_and_path,
    translations_of_a_post_get_one_id,
);

/// Writes a post without an id.
fn without_id(project: &Project, path: &str, front_matter: &str) {
    project.write(path, format!("---\ntitle: T\n{front_matter}---\nText.\n"));
}

/// The first line of the front matter of a file.
fn first_line(project: &Project, path: &str) -> String {
    let text = project.read(path);
    text.lines().nth(1).expect("a front matter").to_owned()
}

fn fix(project: &Project, args: &[&str]) -> Output {
    project.run(&[&["fix"], args].concat())
}

fn ids_follow_the_greatest_of_files_and_rows_in_order_of_time_and_path(site: &TestBlog) {
    let project = &site.project;
    project.post(1, "One").post(2, "Two").post(6, "Six");
    site.sync(&[]);
    // The row stays, and so its id is taken.
    project.remove("content/6.md");
    project.post(4, "Four");
    without_id(project, "content/a/untimed.md", "");
    without_id(project, "content/c.md", "created_at: 2024-02-01\n");
    without_id(project, "content/b.md", "created_at: 2024-02-01\n");
    without_id(project, "content/z.md", "date: 2024-01-01\n");
    let output = site.run(&["sync"]).expect_status(1);
    let help = "run `blogctl fix`: it gives each post without an id a free one; the next is ";
    assert!(output.stderr.contains(help), "{}", output.stderr);
    let output = site.run(&["fix"]).expect_status(0);
    let sum = "ids 7 to 10 given to 4 posts; 4 files changed\n";
    assert_eq!((&*output.stdout, &*output.stderr), (sum, ""));
    for (path, id) in [
        ("content/z.md", 7),
        ("content/b.md", 8),
        ("content/c.md", 9),
        ("content/a/untimed.md", 10),
    ] {
        assert_eq!(first_line(project, path), format!("id: {id}"), "{path}");
    }
    let before = fs::metadata(project.path("content/z.md")).expect("it is there");
    let output = site.run(&["fix"]).expect_status(0);
    assert_eq!((&*output.stdout, &*output.stderr), ("nothing to fix\n", ""));
    let after = fs::metadata(project.path("content/z.md")).expect("it is there");
    assert_eq!(
        before.modified().expect("Linux has it"),
        after.modified().expect("Linux has it")
    );
    assert_eq!(site.sync_json(&[])["counts"]["created"], 5);
    assert_eq!(site.ids(), [10, 9, 8, 7, 6, 4, 2, 1]);
}

fn translations_of_a_post_get_one_id(site: &TestBlog) {
    let project = &site.project;
    project.write(
        "blogctl.toml",
        "[locales]\ndefault = \"ko\"\nothers = [\"en\"]\npath = \"{locale}/{name}\"\n",
    );
    project.write("content/ko/1.md", "---\nid: 1\ntitle: 하나\n---\n하나.\n");
    without_id(project, "content/en/1.md", "");
    without_id(project, "content/ko/b.md", "created_at: 2024-02-01\n");
    without_id(project, "content/en/b.md", "");
    without_id(project, "content/ko/c.md", "created_at: 2024-01-01\n");
    let output = site.run(&["fix"]).expect_status(0);
    let sum = "ids 1 to 3 given to 4 posts; 4 files changed\n";
    assert_eq!(output.stdout, sum);
    for (path, id) in [
        ("content/en/1.md", 1),
        ("content/ko/b.md", 3),
        ("content/en/b.md", 3),
        ("content/ko/c.md", 2),
    ] {
        assert_eq!(first_line(project, path), format!("id: {id}"), "{path}");
    }
    site.sync(&[]);
    assert_eq!(site.ids(), [3, 2, 1]);
    let shown = site.run(&["show", "3", "--locale", "en"]).expect_status(0);
    assert!(shown.stdout.contains("Text."), "{}", shown.stdout);
}

#[test]
fn a_rehearsal_shows_a_diff_and_writes_nothing() {
    let project = Project::new();
    project.post(1, "One");
    without_id(&project, "content/a.md", "tags: [x]\n");
    project.write(
        "content/b.md",
        "---\ntitle: B\nword_count: 9\n---\nThree words here.\n",
    );
    let before = ["content/a.md", "content/b.md"].map(|path| project.read(path));
    let output = fix(&project, &["--dry-run"]).expect_status(0);
    insta::assert_snapshot!(output.snapshot(), @r"
    status: 0
    --- stdout ---
    --- content/a.md
    +++ content/a.md
    @@ -1,4 +1,5 @@
     ---
    +id: 2
     title: T
     tags: [x]
     ---

    --- content/b.md
    +++ content/b.md
    @@ -1,5 +1,6 @@
     ---
    +id: 3
     title: B
    -word_count: 9
    +word_count: 3
     ---
     Three words here.

    would be: ids 2 to 3 given to 2 posts, 1 finding of word-count corrected; 2 files changed
    --- stderr ---
    ");
    assert_eq!(fix(&project, &["-n", "--exit-code"]).status, 5);
    let after = ["content/a.md", "content/b.md"].map(|path| project.read(path));
    assert_eq!(before, after);
    assert!(!project.path(".blogctl").exists());
    let output = fix(&project, &["--exit-code"]).expect_status(2);
    assert!(output.stderr.contains("--dry-run"), "{}", output.stderr);
    fix(&project, &[]).expect_status(0);
    assert_eq!(
        project.read("content/b.md"),
        "---\nid: 3\ntitle: B\nword_count: 3\n---\nThree words here.\n"
    );
    let output = fix(&project, &["--dry-run", "--exit-code"]).expect_status(0);
    assert_eq!(output.stdout, "nothing to fix\n");
    let mut left: Vec<_> = fs::read_dir(project.path("content"))
        .expect("it is there")
        .map(|entry| entry.expect("it is there").file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["1.md", "a.md", "b.md"]);
}

#[test]
fn nothing_but_the_new_line_changes_by_a_byte() {
    let project = Project::new();
    let files: [(&str, &[u8], &[u8]); 4] = [
        (
            "content/a-crlf.md",
            b"---\r\ntitle: 'T'   # why\r\ntags:\r\n- a\r\n---\r\n\r\nText  \r\nmore\t\nno end",
            b"---\r\nid: 1\r\ntitle: 'T'   # why\r\ntags:\r\n- a\r\n---\r\n\r\nText  \r\nmore\t\nno end",
        ),
        (
            "content/b-bom.md",
            b"\xef\xbb\xbf---\ntitle: T\n---\nid: none\n",
            b"\xef\xbb\xbf---\nid: 2\ntitle: T\n---\nid: none\n",
        ),
        (
            "content/c-empty.md",
            b"---\ntitle: T\nid:\nother:  {a: 1,   b: [2]}\n---\n",
            b"---\ntitle: T\nid: 3\nother:  {a: 1,   b: [2]}\n---\n",
        ),
        (
            "content/d-comment.md",
            b"---\n# The first line\n\ntitle: >-\n  T\n---\n\n\n",
            b"---\nid: 4\n# The first line\n\ntitle: >-\n  T\n---\n\n\n",
        ),
    ];
    for (path, before, _) in files {
        project.write(path, before);
    }
    let secret = project.path("content/b-bom.md");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("the file is ours");
    fix(&project, &[]);
    for (path, _, after) in files {
        let bytes = fs::read(project.path(path)).expect("it is there");
        let shown = String::from_utf8_lossy(&bytes);
        assert_eq!(shown, String::from_utf8_lossy(after), "{path}");
    }
    let mode = fs::metadata(&secret).expect("it is there").permissions();
    assert_eq!(mode.mode() & 0o7777, 0o600);
}

#[test]
fn safe_fixes_are_made_and_counted() {
    let project = Project::new();
    project.write(
        "content/1.md",
        "---\nid: \"007\"\ntitle: T\ntags: [one, two, one]\nword_count: 8\n---\nTwo words.\n",
    );
    project.write(
        "content/2.md",
        "---\nid: 2\ntitle: T\nword_count: 8\n---\nTwo words.\n",
    );
    let output = fix(&project, &[]).expect_status(0);
    insta::assert_snapshot!(output.snapshot(), @r"
    status: 0
    --- stdout ---
    1 finding of invalid-id corrected, 1 finding of repeated-tag corrected, 2 findings of word-count corrected; 2 files changed
    --- stderr ---
    ");
    assert_eq!(
        project.read("content/1.md"),
        "---\nid: 7\ntitle: T\ntags: [one, two]\nword_count: 2\n---\nTwo words.\n"
    );
    let checked = project.run(&["check", "--strict"]).expect_status(0);
    assert_eq!(checked.stdout, "2 files checked: no findings\n");
}

#[test]
fn drafts_and_files_that_cannot_be_read_are_left_alone_and_named() {
    let project = Project::new();
    without_id(&project, "content/1.md", "draft: true\n");
    without_id(&project, "content/_drafts/2.md", "");
    without_id(&project, "content/3.md", "published: false\n");
    project.write("content/4.md", "---\ntitle: [\n---\n");
    project.write("content/5.md", "No front matter.\n");
    without_id(&project, "content/6.md", "");
    let output = fix(&project, &[]).expect_status(0);
    insta::assert_snapshot!(output.snapshot(), @r"
    status: 0
    --- stdout ---
    id 1 given to 1 post; 1 file changed
    --- stderr ---
    warning: 2 files left alone, whose front matter cannot be read:
      content/4.md
      content/5.md
      `blogctl check` says what is wrong with each
    hint: 3 drafts left alone: a draft needs no id until it is published
    ");
    for number in [1, 3] {
        assert_eq!(
            first_line(&project, &format!("content/{number}.md")),
            "title: T"
        );
    }
}

#[test]
fn an_id_of_another_kind_stays_and_the_number_has_a_key_of_its_own() {
    let project = Project::new();
    let text = "---\nid: 5f0c-hello\ntitle: T\n---\n";
    project.write("content/a.md", text);
    let output = project.run(&["check"]).expect_status(1);
    let line = "`id = [\"blogctl_id\"]`";
    assert!(output.stdout.contains(line), "{}", output.stdout);
    fix(&project, &[]).expect_status(0);
    assert_eq!(project.read("content/a.md"), text);
    project.write("blogctl.toml", "[front_matter]\nid = [\"blogctl_id\"]\n");
    fix(&project, &[]).expect_status(0);
    assert_eq!(
        project.read("content/a.md"),
        "---\nblogctl_id: 1\nid: 5f0c-hello\ntitle: T\n---\n"
    );
    project.run(&["sync"]).expect_status(0);
    let output = project.run(&["show", "1", "--format", "json"]);
    let shown = json(&output.expect_status(0));
    assert_eq!(shown["extra"], serde_json::json!({"id": "5f0c-hello"}));
}

#[test]
fn the_paths_alone_are_repaired_and_ids_are_free_among_all_files() {
    let project = Project::new();
    project.post(9, "Nine");
    for path in ["content/a.md", "content/b/c.md", "content/d.md", "about.md"] {
        without_id(&project, path, "");
    }
    let paths = ["about.md", "content/b", "content/a.md"];
    let output = fix(&project, &paths).expect_status(0);
    let sum = "ids 10 to 12 given to 3 posts; 3 files changed\n";
    assert_eq!((&*output.stdout, &*output.stderr), (sum, ""));
    for (path, line) in [
        ("about.md", "id: 10"),
        ("content/a.md", "id: 11"),
        ("content/b/c.md", "id: 12"),
        ("content/d.md", "title: T"),
    ] {
        assert_eq!(first_line(&project, path), line, "{path}");
    }
}

#[test]
fn without_the_database_ids_are_free_among_the_files_which_is_said() {
    let project = Project::new();
    project.post(3, "Three");
    without_id(&project, "content/a.md", "");
    let nobody = [(
        "DATABASE_URL",
        "postgresql://me@127.0.0.1:1/blog?sslmode=disable",
    )];
    let args = ["fix", "--dry-run", "--connect-timeout", "1"];
    let output = project.run_with(&args, &nobody).expect_status(0);
    assert!(output.stdout.contains("\n+id: 4\n"), "{}", output.stdout);
    let warning = "warning: the database was not asked which ids it has had (";
    assert!(output.stderr.starts_with(warning), "{}", output.stderr);
    let end = "): the new ones are free among the files alone\n";
    assert!(output.stderr.ends_with(end), "{}", output.stderr);
    let output = project.run_with(&["fix", "--offline"], &nobody);
    let output = output.expect_status(0);
    let sum = "id 4 given to 1 post; 1 file changed\n";
    assert_eq!((&*output.stdout, &*output.stderr), (sum, ""));
    // Where no id is needed nobody is asked.
    let output = project.run_with(&["fix"], &nobody).expect_status(0);
    assert_eq!((&*output.stdout, &*output.stderr), ("nothing to fix\n", ""));
}

/// A file that is read through a link belongs to somebody else.
#[test]
fn a_file_behind_a_link_is_not_written() {
    let project = Project::new();
    without_id(&project, "shared/a.md", "");
    project.write("content/1.md", "---\ntitle: T\n---\n");
    let link = project.path("content/z.md");
    std::os::unix::fs::symlink("../shared/a.md", link).expect("the project is ours");
    let before = project.read("shared/a.md");
    let output = fix(&project, &[]);
    insta::assert_snapshot!(output.snapshot(), @r"
    status: 4
    --- stdout ---
    --- stderr ---
    error: content/z.md is read through a link
    help: repair the file that the link leads to; nothing was written
    ");
    assert_eq!(project.read("shared/a.md"), before);
    assert_eq!(first_line(&project, "content/1.md"), "title: T");
}
