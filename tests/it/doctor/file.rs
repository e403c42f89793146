//! The embedded store.

use super::{examined, only, published};
use crate::support::test_blog::TestBlog;

#[test]
fn a_healthy_store_is_one_screen() {
    let site = TestBlog::embedded();
    published(&site);
    let output = site.run(&["doctor"]);
    let filtered = regex::Regex::new(r"(SQLite [0-9.]+|by [^ ]+@[^ ]+ from|[0-9]+ KiB)")
        .expect("the pattern is valid")
        .replace_all(&output.snapshot(), "[...]")
        .into_owned();
    insta::assert_snapshot!(filtered, @r"
    status: 0
    --- stdout ---
    ok       setting          sqlite:[PROJECT]/.blogctl/content.db (nothing names a database: the default)
    ok       file             [...], writable
    ok       journal          wal, [...]: readers go on during a sync
    ok       integrity        nothing wrong
    ok       schema           tables of version 4, as needed
    ok       queries          all 9 of the readers are answered by an index
    ok       history          last published [NOW] [...] content
    ok       content          3 posts in content
    ok       drift            3 posts are as their files say

    healthy
    --- stderr ---
    ");
}

#[test]
fn an_index_that_was_dropped_is_an_error_that_apply_mends() {
    let site = TestBlog::embedded();
    published(&site);
    site.sql("DROP INDEX post_category_id_idx");
    let (level, message, remedy) = only(examined(&site, &[], 3, "indexes"));
    assert_eq!(level, "error");
    assert_eq!(message, "missing: post_category_id_idx");
    assert!(remedy.contains("blogctl schema apply"), "{remedy}");
    site.run(&["schema", "apply"]).expect_status(0);
    assert_eq!(examined(&site, &[], 0, "indexes"), []);
}

#[test]
fn a_file_that_is_no_database_is_told() {
    let site = TestBlog::embedded();
    site.project.post(1, "One");
    site.project.write(
        ".blogctl/content.db",
        "not a database, but a text\n".repeat(100),
    );
    let (level, message, remedy) = only(examined(&site, &[], 3, "connection"));
    assert_eq!(level, "error");
    assert!(message.contains("not a database"), "{message}");
    assert!(remedy.contains("move it away"), "{remedy}");
}
