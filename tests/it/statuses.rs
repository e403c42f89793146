//! The exit statuses, which scripts rely on: one case for each number.

use crate::support::project::Project;
use crate::support::test_blog::TestBlog;

#[test]
fn every_exit_status_is_the_documented_one() {
    let site = TestBlog::embedded();
    site.project.post(1, "One");
    let status = |args: &[&str]| site.run(args).status;
    assert_eq!(status(&["sync", "--dry-run", "--exit-code"]), 5, "changes");
    assert_eq!(status(&["sync"]), 0, "done");
    assert_eq!(status(&["show", "2"]), 6, "no such post");
    assert_eq!(status(&["show", "two"]), 2, "usage");
    site.project.write("content/2.md", "---\nid: 2\n---\n");
    assert_eq!(status(&["sync"]), 1, "content");
    site.project.remove("content/2.md").remove("content/1.md");
    assert_eq!(status(&["sync", "--prune"]), 4, "a guard refused");
    let nobody_there = "postgresql://me@127.0.0.1:1/blog?sslmode=disable";
    assert_eq!(status(&["list", "--database", nobody_there]), 3, "database");
}

#[test]
fn help_tells_every_exit_status() {
    let help = Project::new().run(&["--help"]).expect_status(0).stdout;
    for number in 0..=6 {
        assert!(help.contains(&format!("  {number}  ")), "{number}: {help}");
    }
}

/// Nobody reads what is said of it any more; the status must still tell.
#[test]
fn a_sync_whose_messages_nobody_reads_ends_with_its_status() {
    let status = |site: &TestBlog, args: &[&str]| {
        let mut command = site.project.command(args);
        let (_, closed) = std::io::pipe().expect("a pipe can be made");
        command.stderr(closed.try_clone().expect("it can be shared"));
        if args.contains(&"json") {
            command.stdout(closed);
        }
        command.status().expect("the program runs").code()
    };
    let site = TestBlog::embedded();
    site.project.write("content/1.md", "---\nid: 1\n---\n");
    assert_eq!(status(&site, &["sync"]), Some(1));
    assert_eq!(status(&site, &["sync", "--format", "json"]), Some(1));
    // A warning, and a post that is published in spite of it.
    site.project
        .post_with(1, "One", "word_count: 1000\nunknown: key", "Two words.\n");
    assert_eq!(status(&site, &["sync", "--strict"]), Some(1));
    let changes = ["sync", "--dry-run", "--exit-code"];
    assert_eq!(status(&site, &changes), Some(5));
    assert_eq!(status(&site, &["sync"]), Some(0));
    assert_eq!(site.ids(), [1]);
}
