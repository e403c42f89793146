//! Files, rows and other syncs that do not hold still while a sync runs.

use crate::support::project::{Running, post};
use crate::support::test_blog::{Hold, TestBlog, on_both_stores};

on_both_stores!(
    a_sync_says_who_holds_it_up,
    a_sync_waits_no_longer_than_it_was_told,
    a_sync_that_waited_goes_on_when_the_lock_is_free,
    two_syncs_at_once_both_end_well,
    a_file_that_changes_meanwhile_is_published_as_it_is_at_the_end,
    a_file_that_is_added_meanwhile_is_published,
    a_file_that_is_removed_meanwhile_is_not_published,
    an_unchanged_file_that_changes_meanwhile_is_published,
    a_file_that_gets_an_error_meanwhile_stops_the_sync,
    a_row_that_is_edited_meanwhile_is_a_conflict,
    a_row_that_is_made_meanwhile_is_a_conflict,
    a_row_that_is_deleted_meanwhile_is_a_conflict,
    reading_goes_on_while_a_sync_writes,
    a_sync_that_is_killed_leaves_nothing_behind,
);

/// Three posts, synced, and a change of the first to be published.
fn prepared(site: &TestBlog) {
    for id in 1..=3 {
        site.project.post(id, &format!("Post {id}"));
    }
    site.sync(&[]);
    site.project.post(1, "Post 1, edited");
}

/// Starts a sync that waits: it has read the files and the index, and written nothing.
fn waiting(site: &TestBlog) -> (Running, Hold) {
    let hold = site.hold();
    let sync = site.spawn(&["sync", "--lock-timeout", "60"]);
    site.wait_until_it_waits(&sync);
    (sync, hold)
}

/// Changes that happen while a sync waits for the lock.
fn after(site: &TestBlog, meanwhile: impl FnOnce(), status: i32) -> String {
    let (sync, hold) = waiting(site);
    meanwhile();
    hold.release();
    let output = sync.wait().expect_status(status);
    output.stdout + &output.stderr
}

fn title(site: &TestBlog, id: i64) -> String {
    let post = site.json(&["show", &id.to_string(), "--format", "json"]);
    post["title"].as_str().expect("it has a title").to_owned()
}

fn a_sync_says_who_holds_it_up(site: &TestBlog) {
    prepared(site);
    let stall = site.stall();
    let first = site.spawn(&["sync", "--lock-timeout", "60"]);
    site.wait_until_it_holds(&first);
    let before = site.dump();
    let second = site.run(&["sync", "--lock-timeout", "1"]).expect_status(4);
    assert_eq!(second.stdout, "");
    // A file's lock says no more of its holder than the process.
    let holder = match &site.database {
        Some(_) => "tester@".to_owned(),
        None => format!("process {}", first.id()),
    };
    for words in [
        "error: another sync is running: ",
        &holder,
        "--lock-timeout",
    ] {
        assert!(second.stderr.contains(words), "{words}: {}", second.stderr);
    }
    assert_eq!(site.dump(), before);
    stall.release();
    first.wait().expect_status(0);
    assert_eq!(title(site, 1), "Post 1, edited");
}

fn a_sync_waits_no_longer_than_it_was_told(site: &TestBlog) {
    prepared(site);
    let before = site.dump();
    let _hold = site.hold();
    for (seconds, least) in [("0", 0), ("1", 1)] {
        let begun = std::time::Instant::now();
        let output = site
            .run(&["sync", "--lock-timeout", seconds])
            .expect_status(4);
        assert!(begun.elapsed().as_secs() >= least, "{}", output.stderr);
        assert!(begun.elapsed().as_secs() < 30, "{}", output.stderr);
        let words = format!("waited {seconds} s");
        assert!(output.stderr.contains(&words), "{}", output.stderr);
    }
    assert_eq!(site.dump(), before);
    // A sync that has nothing to write needs no lock.
    site.project.post(1, "Post 1");
    site.run(&["sync", "--lock-timeout", "0"]).expect_status(0);
}

fn a_sync_that_waited_goes_on_when_the_lock_is_free(site: &TestBlog) {
    prepared(site);
    let said = after(site, || {}, 0);
    assert!(said.contains("1 updated"), "{said}");
    assert_eq!(title(site, 1), "Post 1, edited");
}

fn two_syncs_at_once_both_end_well(site: &TestBlog) {
    prepared(site);
    let stall = site.stall();
    let first = site.spawn(&["sync", "--lock-timeout", "60"]);
    site.wait_until_it_holds(&first);
    let second = site.spawn(&["sync", "--lock-timeout", "60"]);
    site.wait_until_it_waits(&second);
    stall.release();
    let (first, second) = (first.wait(), second.wait());
    assert!(first.stdout.contains("1 updated"), "{}", first.stderr);
    assert!(
        second.stdout.starts_with("nothing changed: 3 posts"),
        "{}{}",
        second.stdout,
        second.stderr
    );
    let runs = site.json(&["history", "--format", "json"]);
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(2));
}

fn a_file_that_changes_meanwhile_is_published_as_it_is_at_the_end(site: &TestBlog) {
    prepared(site);
    let change = || {
        site.project.post(1, "Post 1, edited twice");
    };
    after(site, change, 0);
    assert_eq!(title(site, 1), "Post 1, edited twice");
    assert!(site.sync(&[]).stdout.starts_with("nothing changed"));
}

fn a_file_that_is_added_meanwhile_is_published(site: &TestBlog) {
    prepared(site);
    let add = || {
        site.project.post(4, "Post 4");
    };
    let said = after(site, add, 0);
    assert!(said.contains("1 created, 1 updated"), "{said}");
    assert_eq!(site.ids(), [4, 3, 2, 1]);
}

fn a_file_that_is_removed_meanwhile_is_not_published(site: &TestBlog) {
    prepared(site);
    site.project.post(4, "Post 4");
    let remove = || {
        site.project.remove("content/4.md");
    };
    let said = after(site, remove, 0);
    assert!(said.contains("0 created, 1 updated"), "{said}");
    assert_eq!(site.ids(), [3, 2, 1]);
}

fn an_unchanged_file_that_changes_meanwhile_is_published(site: &TestBlog) {
    prepared(site);
    let change = || {
        site.project.post(2, "Post 2, edited");
    };
    let said = after(site, change, 0);
    assert!(said.contains("2 updated"), "{said}");
    assert_eq!(title(site, 2), "Post 2, edited");
}

fn a_file_that_gets_an_error_meanwhile_stops_the_sync(site: &TestBlog) {
    prepared(site);
    let before = site.dump();
    let spoil = || {
        site.project.write("content/2.md", "---\nid: 2\n---\n");
    };
    let said = after(site, spoil, 1);
    assert!(said.contains("content/2.md"), "{said}");
    assert_eq!(site.dump(), before);
}

fn a_row_that_is_edited_meanwhile_is_a_conflict(site: &TestBlog) {
    prepared(site);
    let edit = || site.sql("UPDATE post SET title = 'By hand' WHERE id = 1");
    let said = after(site, edit, 4);
    assert!(
        said.contains("content/1.md (id 1): its row was edited"),
        "{said}"
    );
    assert_eq!(title(site, 1), "By hand");
}

fn a_row_that_is_made_meanwhile_is_a_conflict(site: &TestBlog) {
    prepared(site);
    site.project.post(4, "Post 4");
    let make = || site.sql("INSERT INTO post (id, title) VALUES (4, 'By hand')");
    let said = after(site, make, 4);
    assert!(
        said.contains("content/4.md (id 4): its row was not written"),
        "{said}"
    );
    assert_eq!(title(site, 4), "By hand");
    assert_eq!(title(site, 1), "Post 1", "all or nothing");
}

fn a_row_that_is_deleted_meanwhile_is_a_conflict(site: &TestBlog) {
    prepared(site);
    let delete = || site.sql("DELETE FROM post WHERE id = 1");
    let said = after(site, delete, 4);
    assert!(
        said.contains("content/1.md (id 1): its row was deleted"),
        "{said}"
    );
    assert_eq!(site.ids(), [3, 2]);
}

fn reading_goes_on_while_a_sync_writes(site: &TestBlog) {
    prepared(site);
    let stall = site.stall();
    let sync = site.spawn(&["sync", "--lock-timeout", "60"]);
    site.wait_until_it_holds(&sync);
    assert_eq!(title(site, 1), "Post 1", "the state before");
    assert_eq!(site.ids(), [3, 2, 1]);
    site.run(&["history"]).expect_status(0);
    site.run(&["sync", "--dry-run"]).expect_status(0);
    stall.release();
    sync.wait().expect_status(0);
    assert_eq!(title(site, 1), "Post 1, edited", "the state after");
}

fn a_sync_that_is_killed_leaves_nothing_behind(site: &TestBlog) {
    prepared(site);
    site.project.write(
        "content/long.md",
        post(4, "Long", "", &"word ".repeat(100_000)),
    );
    let before = site.dump();
    let stall = site.stall();
    let sync = site.spawn(&["sync", "--lock-timeout", "60"]);
    site.wait_until_it_holds(&sync);
    sync.kill();
    stall.release();
    assert_eq!(site.dump(), before);
    // Its lock is gone with it.
    let output = site.sync(&["--lock-timeout", "20"]);
    assert!(
        output.stdout.contains("1 created, 1 updated"),
        "{}",
        output.stdout
    );
}

#[test]
fn a_sync_gives_up_where_the_files_never_hold_still() {
    let site = TestBlog::postgres();
    prepared(&site);
    let before = site.dump();
    let (sync, mut hold) = waiting(&site);
    for attempt in 1..=3 {
        site.wait_until_as_many_wait(1);
        hold = std::thread::scope(|scope| {
            // In the queue behind the sync: it has the lock between two attempts.
            let next = scope.spawn(|| site.hold());
            site.wait_until_as_many_wait(2);
            site.project.post(1, &format!("Post 1, edit {attempt}"));
            hold.release();
            next.join().expect("the lock is given in turn")
        });
    }
    let output = sync.wait().expect_status(4);
    hold.release();
    assert!(
        output.stderr.contains("gave up after 3 attempts"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("help: "), "{}", output.stderr);
    assert_eq!(site.dump(), before);
    site.sync(&[]);
    assert_eq!(title(&site, 1), "Post 1, edit 3");
}
