//! Posts whose file is gone: removed when asked, and never more than was meant.

use crate::support::project::post;
use crate::support::test_blog::{TestBlog, on_both_stores};

on_both_stores!(
    nothing_is_removed_unless_asked,
    a_removed_post_goes_with_all_that_is_kept_of_it,
    a_prune_stays_in_its_directory,
    a_post_that_moved_out_of_the_directory_is_another_files,
    a_prune_without_a_post_left_is_refused,
    a_prune_of_more_than_the_share_is_refused,
    the_share_is_the_projects_to_set,
    tags_that_nobody_uses_go_with_a_prune,
);

fn some_posts(site: &TestBlog, ids: impl IntoIterator<Item = i64>) {
    for id in ids {
        site.project.post(id, &format!("Post {id}"));
    }
}

fn nothing_is_removed_unless_asked(site: &TestBlog) {
    some_posts(site, 1..=4);
    site.sync(&[]);
    let before = site.dump();
    site.project.remove("content/2.md").remove("content/4.md");
    let output = site.sync(&[]);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 0
        --- stdout ---
        nothing changed: 2 posts in [STORE] are as the files say
        --- stderr ---
        hint: 2 posts in the database without a published file:
          content/2.md (id 2)
          content/4.md (id 4)
          --prune removes them
        ");
    }
    assert_eq!(site.dump(), before);
}

fn a_removed_post_goes_with_all_that_is_kept_of_it(site: &TestBlog) {
    some_posts(site, 1..=2);
    let more = "category: notes\ntags: [rare, common]";
    site.project
        .post_with(3, "A post like no other", more, "Unmistakable.\n");
    site.project
        .post_with(4, "Four", "tags: [common]", "Body.\n");
    site.sync(&[]);
    site.project.remove("content/3.md");
    assert_eq!(site.sync_json(&["--prune"])["counts"]["removed"], 1);
    site.run(&["show", "3"]).expect_status(6);
    let dump = site.dump();
    for trace in ["like no other", "Unmistakable", "content/3.md"] {
        assert!(!dump.contains(trace), "{trace} in\n{dump}");
    }
    let tags = site.json(&["tags", "--format", "json"]);
    assert_eq!(
        tags["tags"],
        serde_json::json!([{"name": "common", "posts": 1}])
    );
    let categories = site.json(&["categories", "--format", "json"]);
    assert_eq!(categories["categories"], serde_json::json!([]));
    // It may come back.
    site.project.post(3, "Again");
    assert_eq!(site.sync_json(&[])["counts"]["created"], 1);
}

fn a_prune_stays_in_its_directory(site: &TestBlog) {
    for (path, id) in [("a/1", 1), ("a/2", 2), ("a/3", 3), ("b/4", 4), ("ab/5", 5)] {
        let text = post(id, "A title", "", "Body.\n");
        site.project.write(format!("content/{path}.md"), text);
    }
    site.sync(&[]);
    for path in ["a/1", "b/4", "ab/5"] {
        site.project.remove(format!("content/{path}.md"));
    }
    site.run(&["sync", "content/a", "--prune"]).expect_status(0);
    assert_eq!(
        site.ids(),
        [5, 4, 3, 2],
        "only content/a/1.md was in content/a"
    );
}

fn a_post_that_moved_out_of_the_directory_is_another_files(site: &TestBlog) {
    for id in 1..=3 {
        let text = post(id, "A title", "", "Body.\n");
        site.project.write(format!("content/a/{id}.md"), text);
    }
    site.sync(&[]);
    site.project.rename("content/a/1.md", "content/b/1.md");
    // Whoever syncs the new place first moves it there; then nothing is left to prune.
    let output = site.run(&["sync", "content/b"]).expect_status(0);
    assert!(output.stdout.contains("1 moved"), "{}", output.stdout);
    site.run(&["sync", "content/a", "--prune"]).expect_status(0);
    assert_eq!(site.ids(), [3, 2, 1]);
}

fn a_prune_without_a_post_left_is_refused(site: &TestBlog) {
    some_posts(site, 1..=3);
    site.sync(&[]);
    let before = site.dump();
    for id in 1..=3 {
        site.project.remove(format!("content/{id}.md"));
    }
    let prune = ["sync", "content", "--prune"];
    let output = site.run(&prune).expect_status(4);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 4
        --- stdout ---
        --- stderr ---
        error: there is no post to publish, and pruning would leave none in the database: 3 posts would go
        help: check the path; to remove them all, add --force
        ");
    }
    site.run(&[&prune[..], &["--dry-run"]].concat())
        .expect_status(4);
    assert_eq!(site.dump(), before);
    // Drafts are nothing to publish either.
    site.project.post_with(1, "One", "draft: true", "Later.\n");
    site.run(&prune).expect_status(4);
    assert_eq!(site.dump(), before);
    site.run(&[&prune[..], &["--force"]].concat())
        .expect_status(0);
    assert_eq!(site.ids(), [0i64; 0]);
}

fn a_prune_of_more_than_the_share_is_refused(site: &TestBlog) {
    some_posts(site, 1..=5);
    site.sync(&[]);
    for id in 1..=3 {
        site.project.remove(format!("content/{id}.md"));
    }
    let before = site.dump();
    let prune = ["sync", "content", "--prune"];
    let output = site.run(&prune).expect_status(4);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 4
        --- stdout ---
        --- stderr ---
        error: pruning would remove 3 of 5 posts, more than the 50 percent that are allowed
        help: look at it with --dry-run --prune --force; to go on, add --force, or raise max_prune under [sync] in blogctl.toml
        ");
    }
    assert_eq!(site.dump(), before);
    // Two of five are less than half.
    site.project.post(3, "Post 3");
    site.run(&prune).expect_status(0);
    assert_eq!(site.ids(), [5, 4, 3]);
    site.project.remove("content/3.md").remove("content/4.md");
    site.run(&[&prune[..], &["--force"]].concat())
        .expect_status(0);
    assert_eq!(site.ids(), [5]);
}

fn the_share_is_the_projects_to_set(site: &TestBlog) {
    some_posts(site, 1..=4);
    site.project
        .write("blogctl.toml", "[sync]\nmax_prune = 0\n");
    site.sync(&[]);
    site.project.remove("content/1.md");
    site.run(&["sync", "--prune"]).expect_status(4);
    site.project.remove("content/2.md").remove("content/3.md");
    site.project
        .write("blogctl.toml", "[sync]\nmax_prune = 75\n");
    site.run(&["sync", "--prune"]).expect_status(0);
    assert_eq!(site.ids(), [4]);
    site.project
        .write("blogctl.toml", "[sync]\nmax_prune = 101\n");
    let output = site.run(&["sync"]).expect_status(2);
    assert!(output.stderr.contains("max_prune"), "{}", output.stderr);
}

fn tags_that_nobody_uses_go_with_a_prune(site: &TestBlog) {
    site.project.post_with(1, "One", "tags: [old]", "Body.\n");
    site.sync(&[]);
    site.sql("INSERT INTO tag (id, name) VALUES (900, 'of others')");
    site.project.post_with(1, "One", "tags: [new]", "Body.\n");
    site.sync(&["--prune"]);
    let dump = site.dump();
    assert!(!dump.contains("old"), "{dump}");
    assert!(
        dump.contains("of others"),
        "blogctl did not make it:\n{dump}"
    );
}
