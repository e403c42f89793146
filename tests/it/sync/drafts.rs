//! Drafts are never published.

use serde_json::json;

use crate::support::test_blog::{TestBlog, on_both_stores};

on_both_stores!(
    a_draft_is_not_published_until_it_is_none,
    a_post_that_becomes_a_draft_goes_with_prune_only,
    a_draft_with_an_error_is_an_error,
    a_draft_holds_its_id,
);

const DRAFT: &str = "draft: true";

fn a_draft_is_not_published_until_it_is_none(site: &TestBlog) {
    site.project.post(1, "One");
    site.project.post_with(2, "Two", DRAFT, "Later.\n");
    let output = site.sync(&["--prune"]);
    assert!(
        output.stderr.contains("1 draft left out"),
        "{}",
        output.stderr
    );
    assert_eq!(site.ids(), [1]);
    site.project.post_with(2, "Two", "draft: false", "Now.\n");
    assert_eq!(site.sync_json(&[])["counts"]["created"], 1);
    assert_eq!(site.ids(), [2, 1]);
}

fn a_post_that_becomes_a_draft_goes_with_prune_only(site: &TestBlog) {
    for id in 1..=3 {
        site.project.post(id, "A title");
    }
    site.sync(&[]);
    site.project.post_with(2, "A title", DRAFT, "Later.\n");
    let told = site.sync_json(&[]);
    assert_eq!(
        told["not_pruned"],
        json!([{"action": "remove", "id": 2, "path": "content/2.md", "from": null, "reason": "draft"}])
    );
    assert_eq!(site.ids(), [3, 2, 1]);
    let kept = site.json(&["show", "2", "--format", "json"]);
    assert_eq!(kept["content"], "The body of post 2.\n");
    assert_eq!(site.sync_json(&["--prune"])["counts"]["removed"], 1);
    assert_eq!(site.ids(), [3, 1]);
}

fn a_draft_with_an_error_is_an_error(site: &TestBlog) {
    site.project.post(1, "One");
    site.project
        .post_with(2, "Two", "draft: true\ntags: 7", "Later.\n");
    site.run(&["sync"]).expect_status(1);
    assert_eq!(site.dump(), "");
}

fn a_draft_holds_its_id(site: &TestBlog) {
    site.project.post(1, "One");
    let draft = "---\nid: 1\ntitle: Another\ndraft: true\n---\n";
    site.project.write("content/draft.md", draft);
    let output = site.run(&["sync"]).expect_status(1);
    assert!(output.stderr.contains("content/1.md"), "{}", output.stderr);
    assert!(output.stderr.contains("content/draft.md"));
}
