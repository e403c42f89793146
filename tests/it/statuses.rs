//! The exit statuses, which scripts rely on: one case for each number.

use crate::support::project::Project;
use crate::support::site::Site;

#[test]
fn every_exit_status_is_the_documented_one() {
    let site = Site::embedded();
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
