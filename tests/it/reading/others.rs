//! `show`, `categories`, `tags` and `history`, on both stores.

use serde_json::{Value, json};

use super::published;
use crate::support::test_blog::{TestBlog, on_both_stores};

on_both_stores!(
    a_post_is_shown_whole,
    a_post_that_does_not_exist_has_a_status_of_its_own,
    counts_are_listed_commonest_first,
    history_lists_what_changed_something,
);

fn a_post_is_shown_whole(site: &TestBlog) {
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
        created      2025-06-01 00:00 +00:00 (UTC)
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

fn a_post_that_does_not_exist_has_a_status_of_its_own(site: &TestBlog) {
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

fn counts_are_listed_commonest_first(site: &TestBlog) {
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

fn history_lists_what_changed_something(site: &TestBlog) {
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
