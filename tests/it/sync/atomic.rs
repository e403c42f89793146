//! A sync that fails anywhere leaves the database exactly as it was. What breaks its connection
//! is in `tests/it/faults`.

use crate::support::test_blog::TestBlog;

#[test]
fn a_statement_that_the_server_refuses_leaves_every_row() {
    let site = TestBlog::postgres();
    site.project.post(1, "One").post(2, "Two");
    site.sync(&[]);
    site.sql("ALTER TABLE post ADD CONSTRAINT theirs CHECK (title <> 'Forbidden')");
    site.project
        .post(1, "Forbidden")
        .post(2, "Allowed")
        .post(3, "New");
    let before = site.dump();
    let output = site.run(&["sync"]).expect_status(1);
    assert!(output.stderr.contains("theirs"), "{}", output.stderr);
    assert_eq!(site.dump(), before);
    site.project.post(1, "One");
    assert_eq!(site.sync_json(&[])["counts"]["created"], 1);
}

#[test]
fn a_statement_that_the_embedded_store_refuses_leaves_every_row() {
    let site = TestBlog::embedded();
    site.project.post(1, "One").post(2, "Two");
    site.sync(&[]);
    site.sql("CREATE UNIQUE INDEX theirs ON post (title)");
    site.project
        .post(1, "Allowed")
        .post(2, "Twice")
        .post(3, "Twice");
    let before = site.dump();
    let output = site.run(&["sync"]).expect_status(1);
    assert!(output.stderr.contains("post.title"), "{}", output.stderr);
    assert_eq!(site.dump(), before);
    site.project.post(2, "Two");
    assert_eq!(site.sync_json(&[])["counts"]["created"], 1);
}

/// Lets no file grow beyond a size, one size after the other: a process that would write
/// more is ended by the system, as a crash would.
fn fails_at_every_size(site: &TestBlog, args: &str) {
    let before = site.dump();
    let mut sizes = 0;
    loop {
        // In blocks of 512 bytes; a page has eight.
        let blocks = sizes * 8;
        sizes += 1;
        assert!(sizes < 500, "the sync never ends");
        let line = format!("ulimit -f {blocks}; exec $BLOGCTL sync {args}");
        let output = site.project.shell(&line);
        if site.dump() != before {
            break;
        }
        assert_ne!(output.status, 0, "{blocks} blocks: {}", output.stdout);
        assert_eq!(output.stdout, "", "{blocks} blocks");
    }
    assert!(sizes > 5, "the sync was stopped {sizes} times only");
    let output = site.run(&["sync"]).expect_status(0);
    assert!(
        output.stdout.starts_with("nothing changed"),
        "{}",
        output.stdout
    );
}

#[test]
fn the_first_sync_into_a_file_leaves_no_table_wherever_it_ends() {
    let site = TestBlog::embedded();
    site.project
        .post_with(1, "One", "tags: [a, b]\ncategory: guide", "Body.\n");
    fails_at_every_size(&site, "");
    assert_eq!(site.ids(), [1]);
}

#[test]
fn a_sync_into_a_file_leaves_every_row_wherever_it_ends() {
    let site = TestBlog::embedded();
    for id in 1..=6 {
        let more = format!("tags: [a, t{id}]\ncategory: c{id}");
        site.project
            .post_with(id, &format!("Post {id}"), &more, &"Long. ".repeat(3_000));
    }
    site.sync(&[]);
    site.project.post_with(
        1,
        "Edited",
        "tags: [b]\ncategory: new",
        &"Other. ".repeat(9_000),
    );
    site.project.rename("content/2.md", "content/moved/2.md");
    site.project.remove("content/3.md");
    site.project
        .post_with(7, "Seven", "tags: [a, c]", &"New. ".repeat(9_000));
    fails_at_every_size(&site, "--prune");
    assert_eq!(site.ids(), [7, 6, 5, 4, 2, 1]);
}
