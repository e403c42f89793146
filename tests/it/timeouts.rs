//! Timeouts of statements and locks.

use std::time::{Duration, Instant};

use crate::support::project::Output;
use crate::support::test_blog::TestBlog;

/// Far more than any of these may take, and far less than waiting for all eternity.
const SOON: Duration = Duration::from_secs(30);

/// A site with a post in it, and a change to be published.
fn site() -> TestBlog {
    let site = TestBlog::postgres();
    site.project.post(1, "One");
    site.sync(&[]);
    site.project.post(2, "Two");
    site
}

fn bounded(site: &TestBlog, args: &[&str]) -> Output {
    let begun = Instant::now();
    let output = site.run(args);
    assert!(begun.elapsed() < SOON, "{output:#?}");
    output
}

#[track_caller]
fn says(output: &Output, parts: &[&str]) {
    for part in parts {
        assert!(output.stderr.contains(part), "no {part:?} in {output:#?}");
    }
    assert_eq!(output.stdout, "");
}

#[test]
fn reading_is_bounded() {
    let site = site();
    let holder = site.database().client();
    holder.batch("BEGIN; LOCK TABLE public.post IN ACCESS EXCLUSIVE MODE");
    for args in [&["list"][..], &["show", "1"], &["search", "one"]] {
        let args = [args, &["--statement-timeout", "1"]].concat();
        let output = bounded(&site, &args).expect_status(3);
        says(
            &output,
            &[
                "in the time it may take",
                "statement timeout",
                "help: allow more with --statement-timeout",
            ],
        );
    }
    // Also where nobody says for how long.
    bounded(&site, &["list"]).expect_status(3);
    holder.batch("ROLLBACK");
    bounded(&site, &["list"]).expect_status(0);
}

#[test]
fn reading_goes_on_without_a_bound_where_none_is_wanted() {
    let site = site();
    let holder = site.database().client();
    holder.batch("BEGIN; LOCK TABLE public.post IN ACCESS EXCLUSIVE MODE");
    let list = site.spawn(&["list", "--statement-timeout", "0"]);
    // Longer than reading may take by default.
    std::thread::sleep(Duration::from_secs(6));
    holder.batch("ROLLBACK");
    assert!(list.wait().expect_status(0).stdout.contains("One"));
}

#[test]
fn a_table_that_somebody_locked_is_waited_for_no_longer_than_told() {
    let site = site();
    let before = site.dump();
    let holder = site.database().client();
    holder.batch("BEGIN; LOCK TABLE public.post IN SHARE MODE");
    let output = bounded(&site, &["sync", "--lock-timeout", "1"]).expect_status(3);
    says(
        &output,
        &[
            "; nothing was written",
            "lock timeout",
            "help: allow more with --lock-timeout",
        ],
    );
    let args = ["sync", "--lock-timeout", "60", "--statement-timeout", "1"];
    let output = bounded(&site, &args).expect_status(3);
    says(
        &output,
        &[
            "; nothing was written",
            "statement timeout",
            "help: allow more with --statement-timeout",
        ],
    );
    holder.batch("ROLLBACK");
    assert_eq!(site.dump(), before);
    assert_eq!(site.sync_json(&[])["counts"]["created"], 1);
}

#[test]
fn making_the_tables_does_not_queue_behind_a_busy_one() {
    let site = TestBlog::postgres();
    site.project.post(1, "One");
    site.sync(&[]);
    let holder = site.database().client();
    // A table in use, of which a part is missing: what waits for it is in everybody's way.
    holder.batch("ALTER TABLE public.post DROP COLUMN slug");
    let before = site.dump();
    holder.batch("BEGIN; SELECT FROM public.post; LOCK TABLE public.post IN ROW EXCLUSIVE MODE");
    let output = bounded(&site, &["schema", "apply", "--lock-timeout", "1"]).expect_status(3);
    says(
        &output,
        &["lock timeout", "help: allow more with --lock-timeout"],
    );
    assert_eq!(site.dump(), before);
    holder.batch("ROLLBACK");
    bounded(&site, &["schema", "apply"]).expect_status(0);
}
