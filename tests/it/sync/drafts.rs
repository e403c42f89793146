//! Drafts are never published.

use serde_json::json;

use crate::support::test_blog::{TestBlog, on_both_stores};

on_both_stores!(
    a_draft_is_not_published_until_it_is_none,
    a_post_that_becomes_a_draft_goes_with_prune_only,
    a_mistake_in_a_draft_is_a_warning,
    what_other_programs_keep_back_is_a_draft,
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

fn a_mistake_in_a_draft_is_a_warning(site: &TestBlog) {
    let project = &site.project;
    project.post(1, "One");
    project.post_with(2, "Two", "draft: true\ntags: {a: 1}", "Later.\n");
    project.write("content/3.md", "---\ndraft: true\n---\nAn idea.\n");
    let told = site.sync_json(&[]);
    let found: Vec<_> = told["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    let found: Vec<_> = found
        .iter()
        .map(|found| (&found["path"], &found["level"], &found["rule"]))
        .collect();
    assert_eq!(
        json!(found),
        json!([
            ["content/2.md", "warning", "invalid-tags"],
            ["content/3.md", "hint", "missing-id"],
            ["content/3.md", "hint", "missing-title"],
        ])
    );
    assert_eq!(told["counts"]["created"], 1);
    assert_eq!(site.ids(), [1]);
    site.run(&["sync", "--strict"]).expect_status(1);
    // Once it is to be published it is an error.
    project.post_with(2, "Two", "tags: {a: 1}", "Now.\n");
    site.run(&["sync"]).expect_status(1);
    assert_eq!(site.ids(), [1]);
}

fn what_other_programs_keep_back_is_a_draft(site: &TestBlog) {
    let project = &site.project;
    project.post(1, "One");
    let lines = [
        "published: false",
        "private: true",
        "status: draft",
        "Draft: true",
    ];
    for (id, line) in (2..).zip(lines) {
        project.post_with(id, "Later", line, "Later.\n");
    }
    project.write("content/_drafts/6.md", "---\nid: 6\ntitle: T\n---\n");
    assert_eq!(
        site.sync(&["--strict"]).stderr,
        "hint: 5 drafts left out
"
    );
    assert_eq!(site.ids(), [1]);
    // Nobody can tell whether these are public.
    for line in ["hidden: true", "status: review"] {
        project.post_with(7, "Seven", line, "Text.\n");
        let output = site.run(&["sync", "--format", "json"]).expect_status(1);
        let told: serde_json::Value = serde_json::from_str(&output.stdout).expect("it is JSON");
        assert_eq!(told["findings"][0]["rule"], "not-public", "{line}");
        assert_eq!(site.ids(), [1]);
    }
    project.post_with(7, "Seven", "hidden: true\ndraft: true", "Text.\n");
    assert_eq!(site.sync(&[]).stderr, "hint: 6 drafts left out\n");
    // The settings name the keys that count.
    project.post_with(7, "Seven", "status: review", "Text.\n");
    project.write("blogctl.toml", "[front_matter]\ndraft = [\"draft\"]\n");
    site.sync(&[]);
    assert_eq!(site.ids(), [7, 4, 3, 2, 1]);
}

fn a_draft_holds_its_id(site: &TestBlog) {
    site.project.post(1, "One");
    let draft = "---\nid: 1\ntitle: Another\ndraft: true\n---\n";
    site.project.write("content/draft.md", draft);
    let output = site.run(&["sync"]).expect_status(1);
    assert!(output.stderr.contains("content/1.md"), "{}", output.stderr);
    assert!(output.stderr.contains("content/draft.md"));
}
