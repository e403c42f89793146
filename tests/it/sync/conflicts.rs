//! Rows that someone else changed, deleted or wrote are never overwritten unasked.

use crate::support::test_blog::{TestBlog, on_both_stores};

on_both_stores!(
    rows_that_others_changed_are_named_and_left_alone,
    force_makes_the_rows_equal_to_the_files,
    an_edit_of_the_tags_is_a_conflict,
    an_edited_row_without_a_file_is_not_pruned_unasked,
    a_row_that_is_gone_like_its_file_is_forgotten,
    a_conflict_stands_also_in_a_rehearsal,
    a_row_rewritten_with_the_same_values_is_no_conflict,
    an_edited_row_whose_file_is_outside_the_directory_is_in_nobodys_way,
    rows_of_others_without_a_file_stay_as_they_are,
    the_first_sync_does_not_take_over_rows_of_others,
);

const EDIT: &str = "UPDATE post SET content = 'Corrected by hand' WHERE id = 2";

/// Five posts: 2 edited by hand, 3 deleted by hand, 6 written by hand and by a file.
fn with_conflicts(site: &TestBlog) {
    for id in 1..=5 {
        site.project.post(id, &format!("Post {id}"));
    }
    site.sync(&[]);
    site.sql(EDIT);
    site.sql("DELETE FROM post_tag WHERE post_id = 3; DELETE FROM post WHERE id = 3");
    site.sql("INSERT INTO post (id, title, content) VALUES (6, 'By hand', 'Theirs')");
    site.project.post(1, "Post 1, edited").post(6, "Post 6");
}

fn rows_that_others_changed_are_named_and_left_alone(site: &TestBlog) {
    with_conflicts(site);
    let before = site.dump();
    let output = site.run(&["sync"]).expect_status(4);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r#"
        status: 4
        --- stdout ---
        --- stderr ---
        error: 3 posts would overwrite what others did in the database:
          content/2.md (id 2): its row was edited since the last sync
            body: 1 line differs
          content/3.md (id 3): its row was deleted since the last sync
          content/6.md (id 6): its row was not written by blogctl
            title: "Post 6" in the file, "By hand" in the row
            body: 1 line differs
        help: `blogctl diff content/2.md content/3.md content/6.md` shows what differs; to keep what is in the database, run `blogctl pull 2 6 --force`, which overwrites what changed in the files; to leave posts deleted, remove their files; to publish what the files say, run the sync with --force
        "#);
    }
    assert_eq!(site.dump(), before);
}

fn force_makes_the_rows_equal_to_the_files(site: &TestBlog) {
    with_conflicts(site);
    let output = site.sync(&["--force"]);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r#"
        status: 0
        --- stdout ---
        update  content/1.md (id 1)
        update  content/2.md (id 2)
                  body: 1 line differs
        create  content/3.md (id 3)
        update  content/6.md (id 6)
                  title: "Post 6" in the file, "By hand" in the row
                  body: 1 line differs
        1 created, 3 updated, 0 moved, 0 removed, 2 unchanged in [STORE]
        --- stderr ---
        "#);
    }
    for id in 1..=6 {
        let post = site.json(&["show", &id.to_string(), "--format", "json"]);
        assert_eq!(post["content"], format!("The body of post {id}.\n"));
    }
    assert!(
        site.sync(&[])
            .stdout
            .starts_with("nothing changed: 6 posts")
    );
}

fn an_edit_of_the_tags_is_a_conflict(site: &TestBlog) {
    site.project.post_with(1, "One", "tags: [a, b]", "Body.\n");
    site.project.post(2, "Two");
    site.sync(&[]);
    site.sql("DELETE FROM post_tag WHERE tag_id = (SELECT id FROM tag WHERE name = 'a')");
    let output = site.run(&["sync"]).expect_status(4);
    assert!(
        output
            .stderr
            .contains("content/1.md (id 1): its row was edited"),
        "{}",
        output.stderr
    );
    site.sync(&["--force"]);
    let post = site.json(&["show", "1", "--format", "json"]);
    assert_eq!(post["tags"], serde_json::json!(["a", "b"]));
}

fn an_edited_row_without_a_file_is_not_pruned_unasked(site: &TestBlog) {
    for id in 1..=4 {
        site.project.post(id, &format!("Post {id}"));
    }
    site.sync(&[]);
    site.sql(EDIT);
    site.project.remove("content/2.md");
    // Without --prune nothing happens to it, and nothing is in the way.
    site.sync(&[]);
    let before = site.dump();
    let output = site.run(&["sync", "--prune"]).expect_status(4);
    assert!(
        output.stderr.contains("content/2.md (id 2)"),
        "{}",
        output.stderr
    );
    assert_eq!(site.dump(), before);
    site.sync(&["--prune", "--force"]);
    assert_eq!(site.ids(), [4, 3, 1]);
}

fn a_conflict_stands_also_in_a_rehearsal(site: &TestBlog) {
    with_conflicts(site);
    site.run(&["sync", "--dry-run"]).expect_status(4);
    site.run(&["sync", "--dry-run", "--exit-code"])
        .expect_status(4);
    site.run(&["sync", "--dry-run", "--exit-code", "--force"])
        .expect_status(5);
}

fn a_row_rewritten_with_the_same_values_is_no_conflict(site: &TestBlog) {
    site.project.post(1, "One").post(2, "Two");
    site.sync(&[]);
    site.sql("UPDATE post SET title = title");
    site.project.post(2, "Two, edited");
    assert_eq!(site.sync_json(&[])["counts"]["updated"], 1);
}

fn an_edited_row_whose_file_is_outside_the_directory_is_in_nobodys_way(site: &TestBlog) {
    for (path, id) in [("content/a/1.md", 1), ("content/b/2.md", 2)] {
        let text = crate::support::project::post(id, "A title", "", "Body.\n");
        site.project.write(path, text);
    }
    site.sync(&[]);
    site.sql(EDIT);
    let before = site.dump();
    site.run(&["sync", "content/a", "--prune"]).expect_status(0);
    assert_eq!(site.dump(), before);
    site.run(&["sync", "content"]).expect_status(4);
}

fn rows_of_others_without_a_file_stay_as_they_are(site: &TestBlog) {
    site.project.post(1, "One").post(2, "Two");
    site.run(&["schema", "apply"]).expect_status(0);
    site.sql(
        "INSERT INTO post (id, title, content, category, word_count) \
         VALUES (900, 'By hand', 'Theirs', 'guide', 1); \
         INSERT INTO tag (id, name) VALUES (900, 'theirs'); \
         INSERT INTO post_tag (post_id, tag_id) VALUES (900, 900)",
    );
    let theirs = |site: &TestBlog| {
        site.run(&["show", "900", "--format", "json"])
            .expect_status(0)
    };
    let before = theirs(site);
    for args in [&[][..], &["--prune"], &["--force"], &["--prune", "--force"]] {
        site.project.post(1, &format!("One, {args:?}"));
        site.sync(args);
        assert_eq!(theirs(site), before, "{args:?}");
    }
    // They are posts like others to a reader.
    assert_eq!(site.ids(), [900, 2, 1]);
    let listed = site.json(&["list", "--tag", "theirs", "--format", "json"]);
    assert_eq!(listed["posts"][0]["id"], 900);
    assert_eq!(listed["posts"][0]["path"], serde_json::Value::Null);
}

fn the_first_sync_does_not_take_over_rows_of_others(site: &TestBlog) {
    site.run(&["schema", "apply"]).expect_status(0);
    site.sql("INSERT INTO post (id, title) VALUES (1, 'By hand')");
    site.project.post(1, "One");
    let before = site.dump();
    let output = site.run(&["sync"]).expect_status(4);
    assert!(
        output
            .stderr
            .contains("content/1.md (id 1): its row was not written by blogctl"),
        "{}",
        output.stderr
    );
    assert_eq!(site.dump(), before);
}

fn a_row_that_is_gone_like_its_file_is_forgotten(site: &TestBlog) {
    for id in 1..=3 {
        site.project.post(id, &format!("Post {id}"));
    }
    site.sync(&[]);
    site.sql("DELETE FROM post WHERE id = 2");
    site.project.remove("content/2.md");
    assert_eq!(site.sync_json(&["--prune"])["counts"]["removed"], 1);
    assert!(!site.dump().contains("content/2.md"));
    // Nobody is in the way of another post of that id.
    site.project.post(2, "Another");
    assert_eq!(site.sync_json(&[])["counts"]["created"], 1);
}

#[test]
fn a_trigger_that_skips_rows_is_named_after_a_few_attempts() {
    let blog = TestBlog::postgres();
    blog.project.post(1, "One");
    blog.sync(&[]);
    blog.sql(
        "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER keeper BEFORE UPDATE ON public.post
             FOR EACH ROW EXECUTE FUNCTION nothing()",
    );
    blog.project.post(1, "One, edited");
    let before = blog.dump();
    // Longer than it takes, since nobody else writes.
    let output = blog
        .run(&["sync", "content", "--lock-timeout", "3600"])
        .expect_status(4);
    assert!(output.stderr.contains("in 3 attempts"), "{}", output.stderr);
    assert!(
        output.stderr.contains("keeper on public.post"),
        "{}",
        output.stderr
    );
    assert_eq!(blog.dump(), before);
}
