//! Rows that others edited, and the files that they have.

use super::{contents, crlf, published, pulls_nothing, refuses, time};
use crate::support::schemas::assert_valid;
use crate::support::test_blog::{TestBlog, json, on_both_stores};

on_both_stores!(
    an_edited_row_changes_what_differs_in_its_file_and_nothing_else,
    a_named_post_brings_what_its_file_never_stated,
    ids_choose_the_posts,
    files_that_are_newer_are_left_alone,
    a_rehearsal_writes_nothing,
);

fn an_edited_row_changes_what_differs_in_its_file_and_nothing_else(site: &TestBlog) {
    published(site);
    let before = site.project.read("content/1.md");
    let late = time(site, "2025-11-28T09:30:00Z");
    let crlf = crlf(site);
    site.sql(&format!(
        "UPDATE post SET title = 'One: it''s edited', content = 'One' || {crlf} || 'three',
             created_at = {late}, description = 'A text' WHERE id = 1;
         DELETE FROM post_tag WHERE tag_id = (SELECT id FROM tag WHERE name = 'a')"
    ));
    let output = site.run(&["pull"]).expect_status(0);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 0
        --- stdout ---
        update  content/1.md (id 1): title, description, tags, created_at, body
        0 created, 1 updated, 1 unchanged from [STORE]
        --- stderr ---
        ");
    }
    let expected = before
        .replace("'One'", "'One: it''s edited'")
        .replace("  - a\r\n", "")
        .replace("\"2025-11-28\"", "\"2025-11-28 09:30\"")
        .replace("id: 1\r\n", "description: A text\r\nid: 1\r\n")
        .replace("One  \r\n\r\ntwo\r\n", "One\r\nthree\r\n");
    let pulled = site.project.read("content/1.md");
    // Where the new key goes is the writer's choice.
    let sorted = |text: &str| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&pulled), sorted(&expected));
    let again = site.json(&["pull", "--format", "json"]);
    assert_eq!(again["counts"]["unchanged"], 2);
    assert_eq!(again["changes"], serde_json::json!([]));
}

fn a_named_post_brings_what_its_file_never_stated(site: &TestBlog) {
    published(site);
    site.sql("UPDATE post SET description = 'Theirs', slug = 'two' WHERE id = 2");
    pulls_nothing(site);
    let told = site.json(&["pull", "1", "2", "--format", "json"]);
    assert_eq!(told["counts"]["unchanged"], 1);
    assert_eq!(
        told["changes"][0]["fields"],
        serde_json::json!(["description", "slug"])
    );
    let file = site.project.read("content/2.md");
    assert!(
        file.contains("description: Theirs\n") && file.contains("slug: two\n"),
        "{file}"
    );
}

fn ids_choose_the_posts(site: &TestBlog) {
    published(site);
    site.sql("UPDATE post SET title = 'New'");
    let told = site.json(&["pull", "2", "--format", "json"]);
    assert_eq!(told["changes"][0]["id"], 2);
    assert_eq!(told["counts"]["updated"], 1);
    assert!(!site.project.read("content/1.md").contains("New"));
    let output = site.run(&["pull", "1", "8", "9"]).expect_status(6);
    assert!(
        output.stderr.contains("has no posts 8, 9"),
        "{}",
        output.stderr
    );
    assert!(!site.project.read("content/1.md").contains("New"));
    let failed = json(
        &site
            .run(&["pull", "8", "--format", "json"])
            .expect_status(6),
    );
    assert_valid("pull", &failed);
    assert_eq!(failed["status"], "failed");
    site.run(&["pull", "one", "2"]).expect_status(2);
    site.run(&["pull", "1", "content/2.md"]).expect_status(2);
}

fn files_that_are_newer_are_left_alone(site: &TestBlog) {
    published(site);
    site.project.post(2, "Newer").post(3, "Three");
    site.sync(&[]);
    site.project.post(3, "Newer");
    site.sql("DELETE FROM post_tag; DELETE FROM post WHERE id = 2");
    let before = contents(site);
    let output = site.run(&["pull", "--dry-run"]).expect_status(0);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r#"
        status: 0
        --- stdout ---
        update  content/1.md (id 1): tags
        @@ -2,9 +2,6 @@
         # ours
         title: 'One' # the title
         id: 1
        -tags:
        -  - b # why
        -  - a
         created_at: "2025-11-28"
         layout: wide
         ---

        would be: 0 created, 1 updated, 0 unchanged from [STORE]
        --- stderr ---
        hint: 1 file changed since the last sync, whose rows did not:
          content/3.md
          `blogctl sync` publishes them
        hint: 1 file left alone, whose rows were deleted in the database:
          content/2.md
          delete them, or publish them again with `blogctl sync --force`
        "#);
    }
    assert_eq!(contents(site), before);
    refuses(site, &["3"], &["its file changed since the last sync"]);
}

fn a_rehearsal_writes_nothing(site: &TestBlog) {
    published(site);
    site.sql(
        "UPDATE post SET title = 'New' WHERE id = 1;
         INSERT INTO post (id, title) VALUES (3, 'Three')",
    );
    let (files, rows) = (contents(site), site.dump());
    let output = site.run(&["pull", "--dry-run"]).expect_status(0);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r#"
        status: 0
        --- stdout ---
        create  content/3.md (id 3)
        @@ -0,0 +1,4 @@
        +---
        +id: 3
        +title: "Three"
        +---

        update  content/1.md (id 1): title
        @@ -1,6 +1,6 @@
         ---
         # ours
        -title: 'One' # the title
        +title: 'New' # the title
         id: 1
         tags:
           - b # why

        would be: 1 created, 1 updated, 1 unchanged from [STORE]
        --- stderr ---
        "#);
    }
    let told = site.json(&["pull", "--dry-run", "--format", "json"]);
    assert_eq!(told["dry_run"], true);
    let diffs: Vec<_> = told["changes"].as_array().expect("a list").iter().collect();
    assert_eq!(
        diffs[0]["diff"],
        "@@ -0,0 +1,4 @@\n+---\n+id: 3\n+title: \"Three\"\n+---\n"
    );
    // The line ends are those of the file, so that the diff can be applied.
    let line = "\n-title: 'One' # the title\r\n+title: 'New' # the title\r\n";
    assert!(
        diffs[1]["diff"]
            .as_str()
            .is_some_and(|diff| diff.contains(line))
    );
    assert_eq!(contents(site), files);
    site.run(&["pull"]).expect_status(0);
    assert_eq!(site.dump(), rows, "a pull writes nothing to the store");
}
