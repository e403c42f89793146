//! Posts and terms that changed since they were indexed, on both stores.

use super::{found, published, search};
use crate::support::test_blog::{TestBlog, on_both_stores};

on_both_stores!(
    terms_of_another_version_are_made_again_by_the_next_sync,
    what_was_edited_or_removed_is_found_no_more,
    posts_of_others_are_not_found,
);

fn terms_of_another_version_are_made_again_by_the_next_sync(site: &TestBlog) {
    published(site);
    let source = if site
        .run(&["schema", "print"])
        .stdout
        .contains("blogctl_source")
    {
        "blogctl_source"
    } else {
        "blogctl.source"
    };
    site.sql(&format!("UPDATE {source} SET terms_version = 0"));
    let planned = site.sync(&["--dry-run"]).stderr;
    assert!(
        planned.contains("those of 6 posts would be rebuilt"),
        "{planned}"
    );
    let output = site.sync(&[]);
    assert!(
        output.stdout.starts_with("nothing changed"),
        "{}",
        output.stdout
    );
    assert!(
        output.stderr.contains("those of 6 posts were rebuilt"),
        "{}",
        output.stderr
    );
    found(site, &["cold"], &[5, 3, 1]);
    let again = site.sync(&[]);
    assert!(!again.stderr.contains("rebuilt"), "{}", again.stderr);
    // Nothing changed that a reader of the blog sees: the history keeps the first sync alone.
    let history = site.json(&["history", "--format", "json"]);
    assert_eq!(
        history["runs"].as_array().map(Vec::len),
        Some(1),
        "{history}"
    );
}

fn what_was_edited_or_removed_is_found_no_more(site: &TestBlog) {
    published(site);
    site.project.post_with(1, "Warm", "", "Nothing sleeps.\n");
    site.project.remove("content/3.md");
    site.project.rename("content/5.md", "content/moved.md");
    site.sync(&["--prune"]);
    found(site, &["cold"], &[5]);
    found(site, &["sleep"], &[1]);
    assert_eq!(
        search(site, &["cold"])["posts"][0]["path"],
        "content/moved.md"
    );
}

fn posts_of_others_are_not_found(site: &TestBlog) {
    published(site);
    site.sql("INSERT INTO post (id, title, content) VALUES (99, 'Cold', 'A cold start')");
    found(site, &["cold"], &[5, 3, 1]);
}
