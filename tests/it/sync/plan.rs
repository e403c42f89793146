//! Syncs of files that are new, changed, moved, gone or unchanged.

use serde_json::json;

use crate::support::test_blog::{TestBlog, on_both_stores};

on_both_stores!(
    each_kind_of_change_is_done_and_said,
    each_kind_of_change_is_told_to_programs,
    a_second_sync_changes_nothing,
    a_file_written_differently_is_unchanged,
    a_body_of_other_words_is_an_update,
    a_post_that_is_moved_and_edited_is_one_update,
    moves_may_exchange_paths,
    a_time_that_no_file_states_stays,
    a_new_time_zone_moves_the_times_without_an_offset,
    a_single_file_may_be_synced,
    a_rehearsal_writes_nothing,
    a_rehearsal_into_nothing_leaves_nothing,
    a_rehearsal_answers_with_its_exit_status,
    quiet_says_nothing,
);

/// Five posts, synced; then one of each kind of change in the files.
fn with_changes(site: &TestBlog) {
    for id in 1..=5 {
        site.project.post(id, &format!("Post {id}"));
    }
    site.sync(&[]);
    site.project.post(2, "Post 2, edited");
    site.project.rename("content/3.md", "content/deep/셋.md");
    site.project.remove("content/4.md");
    site.project.post(6, "Post 6");
}

fn each_kind_of_change_is_done_and_said(site: &TestBlog) {
    with_changes(site);
    let output = site.sync(&["--prune"]);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 0
        --- stdout ---
        update  content/2.md (id 2)
        remove  content/4.md (id 4)
        create  content/6.md (id 6)
        move    content/3.md -> content/deep/셋.md (id 3)
        1 created, 1 updated, 1 moved, 1 removed, 2 unchanged in [STORE]
        --- stderr ---
        ");
    }
    assert_eq!(site.ids(), [6, 5, 3, 2, 1]);
    let edited = site.json(&["show", "2", "--format", "json"]);
    assert_eq!(edited["title"], "Post 2, edited");
    let moved = site.json(&["show", "3", "--format", "json"]);
    assert_eq!(moved["path"], "content/deep/셋.md");
}

fn each_kind_of_change_is_told_to_programs(site: &TestBlog) {
    with_changes(site);
    let mut told = site.sync_json(&["--prune"]);
    let store = told["store"].take();
    assert!(store.as_str().is_some_and(|s| s.contains(':')), "{store}");
    assert_eq!(
        told,
        json!({
            "status": "done", "dry_run": false, "store": null, "message": null, "help": null,
            "counts": {"created": 1, "updated": 1, "adopted": 0, "moved": 1, "removed": 1,
                "unchanged": 2},
            "not_pruned": [], "conflicts": [], "overwrites": [], "dependents": [],
            "findings": [],
            "changes": [
                {"action": "update", "id": 2, "path": "content/2.md", "from": null,
                    "reason": null},
                {"action": "remove", "id": 4, "path": "content/4.md", "from": null,
                    "reason": null},
                {"action": "create", "id": 6, "path": "content/6.md", "from": null,
                    "reason": null},
                {"action": "move", "id": 3, "path": "content/deep/셋.md",
                 "from": "content/3.md", "reason": null},
            ],
        })
    );
}

fn a_second_sync_changes_nothing(site: &TestBlog) {
    site.project.post(1, "One").post(2, "Two");
    site.sync(&[]);
    let before = site.dump();
    let output = site.sync(&[]);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 0
        --- stdout ---
        nothing changed: 2 posts in [STORE] are as the files say
        --- stderr ---
        ");
    }
    assert_eq!(site.dump(), before);
}

fn a_file_written_differently_is_unchanged(site: &TestBlog) {
    let text = "---\nid: 1\ntitle: One\ntags: [a, b]\n---\nFirst.\nSecond.\n";
    site.project.write("content/1.md", text);
    site.sync(&[]);
    let row = site.json(&["show", "1", "--format", "json"]);
    for same in [
        text.replace('\n', "\r\n"),
        format!("\u{feff}{text}"),
        "---\ntags: [b, a]\ntitle: 'One'\nid: 1\n---\nFirst.\nSecond.\n".to_owned(),
    ] {
        site.project.write("content/1.md", &same);
        for _ in 0..2 {
            let told = site.sync_json(&[]);
            assert_eq!(told["counts"]["unchanged"], 1, "{same:?}: {told}");
            assert_eq!(told["changes"], json!([]), "{same:?}");
        }
        assert_eq!(site.json(&["show", "1", "--format", "json"]), row);
    }
    // Nothing that a reader sees has happened since.
    let dump = site.dump();
    site.sync(&[]);
    assert_eq!(site.dump(), dump, "the digests of the files are known");
}

fn a_body_of_other_words_is_an_update(site: &TestBlog) {
    site.project.post_with(1, "One", "", "Two words.\n");
    site.sync(&[]);
    site.project.post_with(1, "One", "", "Now three words.\n");
    assert_eq!(site.sync_json(&[])["counts"]["updated"], 1);
    let post = site.json(&["show", "1", "--format", "json"]);
    assert_eq!(post["content"], "Now three words.\n");
    assert_eq!(post["word_count"], 3);
}

fn a_post_that_is_moved_and_edited_is_one_update(site: &TestBlog) {
    site.project.post(1, "Old");
    site.sync(&[]);
    site.project.rename("content/1.md", "content/new/1.md");
    site.project.write(
        "content/new/1.md",
        "---\nid: 1\ntitle: New\n---\nThe body of post 1.\n",
    );
    let output = site.sync(&[]);
    assert!(
        output
            .stdout
            .starts_with("update  content/1.md -> content/new/1.md (id 1)\n"),
        "{}",
        output.stdout
    );
    let post = site.json(&["show", "1", "--format", "json"]);
    assert_eq!(post["title"], "New");
    assert_eq!(post["path"], "content/new/1.md");
    assert_eq!(site.ids(), [1]);
}

fn moves_may_exchange_paths(site: &TestBlog) {
    site.project.post(1, "One").post(2, "Two");
    site.sync(&[]);
    site.project.rename("content/1.md", "content/x.md");
    site.project.rename("content/2.md", "content/1.md");
    site.project.rename("content/x.md", "content/2.md");
    let told = site.sync_json(&["--prune"]);
    assert_eq!(
        (&told["counts"]["moved"], &told["counts"]["removed"]),
        (&json!(2), &json!(0))
    );
    let post = site.json(&["show", "1", "--format", "json"]);
    assert_eq!(post["path"], "content/2.md");
}

fn a_single_file_may_be_synced(site: &TestBlog) {
    site.project.post(1, "One").post(2, "Two");
    site.run(&["sync", "content/2.md"]).expect_status(0);
    assert_eq!(site.ids(), [2]);
    site.run(&["sync", "content/1.md", "--prune"])
        .expect_status(0);
    assert_eq!(site.ids(), [2, 1]);
}

fn a_rehearsal_writes_nothing(site: &TestBlog) {
    with_changes(site);
    let before = site.dump();
    let output = site.sync(&["--dry-run", "--prune"]);
    let sum = "would be: 1 created, 1 updated, 1 moved, 1 removed, 2 unchanged in ";
    assert!(output.stdout.contains(sum), "{}", output.stdout);
    let told = site.sync_json(&["--dry-run", "--prune"]);
    assert_eq!(told["dry_run"], true);
    assert_eq!(told["changes"].as_array().map(Vec::len), Some(4));
    assert_eq!(site.dump(), before);
}

fn a_rehearsal_into_nothing_leaves_nothing(site: &TestBlog) {
    site.project.post(1, "One");
    assert_eq!(site.sync_json(&["--dry-run"])["counts"]["created"], 1);
    assert_eq!(site.dump(), "", "no tables were made");
    assert!(!site.project.path(".blogctl").exists());
}

fn a_rehearsal_answers_with_its_exit_status(site: &TestBlog) {
    site.project.post(1, "One");
    let rehearsal = ["sync", "--dry-run", "--exit-code"];
    let output = site.run(&rehearsal).expect_status(5);
    assert!(output.stdout.contains("create  content/1.md"));
    assert_eq!(output.stderr, "", "changes are no error");
    site.sync(&[]);
    site.run(&rehearsal).expect_status(0);
    // A file that only would be removed with --prune is no change without it.
    site.project.remove("content/1.md").post(2, "Two");
    site.sync(&[]);
    site.run(&rehearsal).expect_status(0);
    let force = ["--prune", "--force"];
    site.run(&[rehearsal.as_slice(), &force].concat())
        .expect_status(5);
}

fn quiet_says_nothing(site: &TestBlog) {
    site.project.post(1, "One").post(2, "Two");
    site.sync(&[]);
    site.project.remove("content/1.md");
    site.project
        .post_with(3, "Three", "draft: true", "Later.\n");
    assert_ne!(site.sync(&[]).stderr, "");
    let quiet = site.sync(&["--quiet"]);
    assert_eq!(quiet.stderr, "");
    assert_eq!(quiet.stdout, "");
}

fn a_time_that_no_file_states_stays(site: &TestBlog) {
    site.project.post(1, "One");
    site.sync(&[]);
    let show = || site.json(&["show", "1", "--format", "json"]);
    let first = show();
    assert_eq!(first["created_at"], first["updated_at"]);
    assert!(first["created_at"].is_string());
    site.project.post(1, "One, edited");
    site.sync(&[]);
    let second = show();
    assert_eq!(second["created_at"], first["created_at"]);
    assert_ne!(second["updated_at"], first["updated_at"]);
}

fn a_new_time_zone_moves_the_times_without_an_offset(site: &TestBlog) {
    site.project
        .post_with(1, "One", "created_at: 2025-11-28 09:00", "Body.\n");
    site.project
        .post_with(2, "Two", "created_at: 2025-11-28T09:00:00Z", "Body.\n");
    site.sync(&[]);
    site.project
        .write("blogctl.toml", "time_zone = \"Asia/Seoul\"\n");
    let told = site.sync_json(&[]);
    assert_eq!(
        (&told["counts"]["updated"], &told["counts"]["unchanged"]),
        (&json!(1), &json!(1))
    );
    let post = site.json(&["show", "1", "--format", "json"]);
    assert_eq!(post["created_at"], "2025-11-28T00:00:00Z");
}
