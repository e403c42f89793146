//! Errors in the files: all are reported at once, and nothing is written.

use crate::support::project::post;
use crate::support::test_blog::{TestBlog, json, on_both_stores};

on_both_stores!(
    all_errors_of_all_files_are_shown_and_nothing_is_written,
    errors_are_told_to_programs,
    an_id_that_stands_twice_names_both_files,
    an_id_that_an_unchanged_file_has_names_both_files,
    an_id_that_a_file_outside_the_directory_has_names_both_files,
    an_id_whose_other_file_is_gone_is_free,
    keys_near_a_known_one_are_warned_of,
    posts_with_the_same_slug_are_warned_of,
    keys_and_values_of_other_programs_are_read_with_a_hint_once,
    warnings_are_published_unless_strict,
    strict_reads_also_files_that_did_not_change,
    without_a_path_the_content_directory_is_meant,
    a_category_that_the_project_no_longer_lists_is_an_error,
    a_directory_that_is_not_there_is_a_usage_error,
);

/// A good post and three bad ones, one of them bad in two ways.
fn with_errors(site: &TestBlog) {
    site.project.post(1, "One").post(2, "Two");
    site.sync(&[]);
    site.project.post(1, "One, edited");
    site.project
        .write("content/a.md", "---\nid: 0\ntitle: \"\"\n---\nBody.\n");
    site.project.write(
        "content/b.md",
        "---\nid: 7\ntitle: Sieben\ncreated_at: gestern\n---\n",
    );
    site.project.write("content/나쁜.md", "No front matter.\n");
}

fn all_errors_of_all_files_are_shown_and_nothing_is_written(site: &TestBlog) {
    with_errors(site);
    let before = site.dump();
    let output = site.run(&["sync"]).expect_status(1);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r#"
        status: 1
        --- stdout ---
        --- stderr ---
        error[invalid-id]: id must be from 1 to 2147483647, not 0
         --> content/a.md:2:5
          |
        2 | id: 0
          |     ^
          |
          = help: give the post a number that no other has

        error[missing-title]: the post has no title
         --> content/a.md:3:1
          |
        3 | title: ""
          | ^^^^^
          |
          = help: give it a value, like `title: "A title"`

        error[invalid-created-at]: created_at: "gestern" is not a date or a time that blogctl reads
         --> content/b.md:4:13
          |
        4 | created_at: gestern
          |             ^^^^^^^
          |
          = help: write it like 2025-11-28, 2025-11-28 09:00, 2025-11-28 09:00:00.000 +0900 or 2025-11-28T09:00:00Z

        error[no-front-matter]: the file has no front matter
        --> content/나쁜.md:1:1
         = help: begin the file with `---`, `id: 1`, `title: A title` and `---`, each on a line of its own; a file that is no post belongs into .blogctlignore

        error: 4 errors in the content; nothing was written
        "#);
    }
    assert_eq!(site.dump(), before);
    // Neither a rehearsal nor force gets past them.
    for args in [&["--dry-run"][..], &["--force"], &["--prune"]] {
        site.run(&[&["sync"], args].concat()).expect_status(1);
    }
    assert_eq!(site.dump(), before);
}

fn errors_are_told_to_programs(site: &TestBlog) {
    with_errors(site);
    let output = site.run(&["sync", "--format", "json"]).expect_status(1);
    let told = json(&output);
    assert_eq!(told["status"], "invalid");
    assert_eq!(told["message"], "4 errors in the content");
    assert_eq!(told["counts"], serde_json::Value::Null);
    let findings = told["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 4);
    assert_eq!(findings[0]["path"], "content/a.md");
    let start = &findings[0]["range"]["start"];
    assert_eq!((&start["line"], &start["column"]), (&2.into(), &5.into()));
    for found in findings {
        assert_eq!(found["level"], "error");
        for key in ["rule", "message", "help", "path"] {
            assert!(
                found[key].as_str().is_some_and(|s| !s.is_empty()),
                "{found}"
            );
        }
    }
}

#[track_caller]
fn names_both(site: &TestBlog, args: &[&str], one: &str, other: &str) {
    let before = site.dump();
    let output = site.run(&[&["sync"], args].concat()).expect_status(1);
    assert!(
        output.stderr.contains("id 1 is also that of"),
        "{}",
        output.stderr
    );
    for path in [one, other] {
        assert!(output.stderr.contains(path), "{path}: {}", output.stderr);
    }
    assert_eq!(site.dump(), before);
}

fn an_id_that_stands_twice_names_both_files(site: &TestBlog) {
    site.project.post(1, "One");
    site.project
        .write("content/again.md", post(1, "Again", "", "Body.\n"));
    names_both(site, &[], "content/1.md:2", "content/again.md:2:5");
}

fn an_id_that_an_unchanged_file_has_names_both_files(site: &TestBlog) {
    site.project.post(1, "One");
    site.sync(&[]);
    site.project
        .write("content/again.md", post(1, "Again", "", "Body.\n"));
    names_both(site, &[], "content/1.md:2", "content/again.md:2:5");
    // Byte by byte the same, too: a copied file.
    site.project
        .write("content/again.md", site.project.read("content/1.md"));
    names_both(site, &[], "content/1.md:2", "content/again.md:2:5");
    // And where the old file comes later in the order of paths.
    site.project.remove("content/again.md");
    site.project
        .write("content/0.md", post(1, "Again", "", "Body.\n"));
    names_both(site, &[], "content/0.md:2", "content/1.md:2:5");
}

fn an_id_that_a_file_outside_the_directory_has_names_both_files(site: &TestBlog) {
    site.project
        .write("content/a/1.md", post(1, "One", "", "Body.\n"));
    site.sync(&[]);
    site.project
        .write("content/b/1.md", post(1, "Again", "", "Body.\n"));
    names_both(site, &["content/b"], "content/a/1.md:2", "content/b/1.md");
}

fn an_id_whose_other_file_is_gone_is_free(site: &TestBlog) {
    site.project
        .write("content/a/1.md", post(1, "One", "", "Body.\n"));
    site.sync(&[]);
    site.project.rename("content/a/1.md", "content/b/1.md");
    site.run(&["sync", "content/b"]).expect_status(0);
    site.project.rename("content/b/1.md", "content/c/1.md");
    // The file that had it states another id now.
    site.project
        .write("content/b/1.md", post(2, "Two", "", "Body.\n"));
    let output = site.run(&["sync", "content/c"]).expect_status(0);
    assert!(output.stdout.contains("1 moved"), "{}", output.stdout);
    site.sync(&[]);
    assert_eq!(site.ids(), [2, 1]);
}

fn keys_near_a_known_one_are_warned_of(site: &TestBlog) {
    for id in 1..=2 {
        site.project
            .post_with(id, "A title", "catgory: x\nlayout: post", "Body.\n");
    }
    let output = site.sync(&[]);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r#"
        status: 0
        --- stdout ---
        create  content/1.md (id 1)
        create  content/2.md (id 2)
        2 created, 0 updated, 0 moved, 0 removed, 0 unchanged in [STORE]
        --- stderr ---
        warning[unknown-key]: the key "catgory" is kept in `extra`, where it has no meaning
         --> content/1.md:4:1
          |
        4 | catgory: x
          | ^^^^^^^
          |
          = help: did you mean `category`?

        warning[unknown-key]: the key "catgory" is kept in `extra`, where it has no meaning
         --> content/2.md:4:1
          |
        4 | catgory: x
          | ^^^^^^^
          |
          = help: did you mean `category`?
        "#);
    }
    // They are not read again, so nothing is said again.
    assert_eq!(site.sync(&[]).stderr, "");
}

fn keys_and_values_of_other_programs_are_read_with_a_hint_once(site: &TestBlog) {
    // Decomposed, as macOS writes it.
    let tag = "\u{1109}\u{1165}\u{11bc}";
    for id in 1..=2 {
        let front_matter = format!(
            "date: 2024-01-05 09:00:00 +0900\nsummary: In short\n\
            categories: [GUIDE, web]\ntags: one, {tag}\ncover: {{src: /a.png, alt: A}}\n\
            url: /2024/01/hello-{id}/\nupdated_at: ''"
        );
        site.project
            .post_with(id, "A title", &front_matter, "Body.\n");
    }
    site.project
        .post_with(3, "A title", "pubDate: 2024-01-06", "Body.\n");
    let output = site.sync(&[]);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 0
        --- stdout ---
        create  content/1.md (id 1)
        create  content/2.md (id 2)
        create  content/3.md (id 3)
        3 created, 0 updated, 0 moved, 0 removed, 0 unchanged in [STORE]
        --- stderr ---
        hint: `summary` is read as description in 2 files
          `categories` is read as category in 2 files
          `cover` is read as image in 2 files
          `date` is read as created_at in 2 files
          `pubDate` is read as created_at in 1 file
          `url` is read as slug in 2 files
          `blogctl init` writes this into blogctl.toml, where it can be changed
        ");
    }
    let mut post = site.json(&["show", "2", "--format", "json"]);
    let post = post.as_object_mut().expect("a post");
    post.remove("updated_at");
    assert_eq!(
        serde_json::json!(post),
        serde_json::json!({
            "id": 2,
            "path": "content/2.md",
            "title": "A title",
            "description": "In short",
            "category": "GUIDE",
            "tags": ["one", "web", "성"],
            "image": "/a.png",
            "created_at": "2024-01-05T00:00:00Z",
            "word_count": 1,
            "slug": "hello-2",
            "extra": {"cover": {"alt": "A"}, "url": "/2024/01/hello-2/"},
            "content": "Body.\n",
        })
    );
    let tagged = site.json(&[
        "list",
        "--tag",
        "\u{1109}\u{1165}\u{11bc}",
        "--format",
        "json",
    ]);
    assert_eq!(tagged["posts"].as_array().map(Vec::len), Some(2));
    // What is read from a file that a sync knows was said before.
    assert_eq!(site.sync(&[]).stderr, "");
    // What the settings name is nothing to be said.
    site.project.write(
        "blogctl.toml",
        "[front_matter]\ncreated_at = [\"date\", \"pubDate\"]\ndescription = \"summary\"\n\
         category = { key = \"categories\", rest = \"extra\" }\nimage = false\nslug = \"url\"\n",
    );
    let output = site.sync(&[]);
    assert_eq!(output.stderr, "");
    let post = site.json(&["show", "2", "--format", "json"]);
    let expected = serde_json::json!([
        null,
        ["one", "성"],
        {
            "categories": ["web"],
            "cover": {"src": "/a.png", "alt": "A"},
            "url": "/2024/01/hello-2/",
        },
    ]);
    let found = serde_json::json!([post["image"], post["tags"], post["extra"]]);
    assert_eq!(found, expected);
}

fn posts_with_the_same_slug_are_warned_of(site: &TestBlog) {
    for id in 1..=2 {
        site.project
            .post_with(id, "A title", "slug: a-title", "Body.\n");
    }
    let output = site.sync(&[]);
    assert!(
        output
            .stderr
            .contains("warning[duplicate-slug]: slug \"a-title\" is also that of content/1.md:4"),
        "{}",
        output.stderr
    );
}

fn warnings_are_published_unless_strict(site: &TestBlog) {
    site.project
        .post_with(1, "One", "word_count: 9", "Three words here.\n");
    let output = site.run(&["sync", "--strict"]).expect_status(1);
    assert!(
        output.stderr.contains("content/1.md:4:13"),
        "{}",
        output.stderr
    );
    assert!(
        output.stderr.contains("0 errors and 1 warning"),
        "{}",
        output.stderr
    );
    assert_eq!(site.dump(), "");
    let told = site.sync_json(&[]);
    assert_eq!(told["counts"]["created"], 1);
    assert_eq!(told["findings"][0]["level"], "warning");
    assert_eq!(told["findings"][0]["path"], "content/1.md");
    let post = site.json(&["show", "1", "--format", "json"]);
    assert_eq!(post["word_count"], 9, "the stated count is stored");
}

fn a_category_that_the_project_no_longer_lists_is_an_error(site: &TestBlog) {
    site.project
        .write("blogctl.toml", "categories = [\"guide\", \"note\"]\n");
    site.project
        .post_with(1, "One", "category: note", "Body.\n");
    site.sync(&[]);
    site.project
        .write("blogctl.toml", "categories = [\"guide\"]\n");
    let output = site.run(&["sync"]).expect_status(1);
    assert!(
        output.stderr.contains("content/1.md:4:11"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("guide"), "{}", output.stderr);
}

fn a_directory_that_is_not_there_is_a_usage_error(site: &TestBlog) {
    site.project.post(1, "One");
    let output = site.run(&["sync", "contnet"]).expect_status(2);
    assert!(output.stderr.contains("contnet"), "{}", output.stderr);
    assert!(output.stderr.contains("help: "), "{}", output.stderr);
    assert_eq!(site.dump(), "");
}

fn strict_reads_also_files_that_did_not_change(site: &TestBlog) {
    site.project
        .post_with(1, "One", "word_count: 9", "Three words here.\n");
    site.sync(&[]);
    assert_eq!(site.sync(&[]).stderr, "", "it is known and not read again");
    // What CI says must not depend on who published before.
    let output = site.run(&["sync", "--strict"]).expect_status(1);
    assert!(
        output.stderr.contains("content/1.md:4:13"),
        "{}",
        output.stderr
    );
    site.project.post_with(1, "One", "", "Three words here.\n");
    site.sync(&["--strict"]);
    let again = site.sync(&["--strict"]);
    assert!(
        again.stdout.starts_with("nothing changed"),
        "{}",
        again.stdout
    );
}

fn without_a_path_the_content_directory_is_meant(site: &TestBlog) {
    let output = site.run(&["sync"]).expect_status(2);
    assert!(output.stderr.contains("content"), "{}", output.stderr);
    site.project.post(1, "One");
    site.project
        .write("drafts/2.md", post(2, "Two", "", "Body.\n"));
    site.run(&["sync"]).expect_status(0);
    assert_eq!(site.ids(), [1]);
}
