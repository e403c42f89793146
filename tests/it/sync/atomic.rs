//! A sync that fails anywhere leaves the database exactly as it was.

use std::net::Ipv4Addr;
use std::time::Duration;

use crate::support::relay::{Direction, Fault, Kind, Relay};
use crate::support::site::Site;

/// A relay that holds nothing back: it is here to cut, not to count round trips.
fn relay(site: &Site) -> Relay {
    let server = (Ipv4Addr::LOCALHOST, site.database().endpoint().port);
    Relay::with_delay(server.into(), Duration::ZERO)
}

/// Cuts the connection after each message that a sync sends, one sync after the other, and
/// demands that the database is as before, until the last message is out, which is the
/// commit. Then a sync that nobody cuts has nothing left to do.
fn fails_at_every_message(prepare: impl Fn(&Site), args: &[&str]) -> Site {
    let sync = |site: &Site, relay: &Relay| {
        let url = relay.url(site.database());
        let args = [&["sync", "content"], args].concat();
        site.project.run_with(&args, &[("DATABASE_URL", &url)])
    };
    // The same sync in another place, uncut: how much it sends.
    let twin = Site::postgres();
    prepare(&twin);
    let uncut = relay(&twin);
    sync(&twin, &uncut).expect_status(0);
    let all = uncut.statements();

    let site = Site::postgres();
    prepare(&site);
    let relay = relay(&site);
    let before = site.dump();
    let mut messages = 0;
    loop {
        messages += 1;
        relay.reset();
        relay.arm(Fault::new(Kind::CutAfter, Direction::ToServer, messages));
        let output = sync(&site, &relay);
        let sent = relay.statements();
        assert_eq!(output.status, 3, "{sent} of {all}: {}", output.stderr);
        assert_eq!(output.stdout, "", "{sent} of {all}");
        assert!(output.stderr.starts_with("error: "), "{}", output.stderr);
        site.database().settle();
        if sent == all {
            break;
        }
        assert_eq!(site.dump(), before, "{sent} of {all} statements");
    }
    assert!(messages > 5, "the sync was cut {messages} times only");
    // The server was told to commit and the program was not told that it did.
    let output = site.sync(args);
    assert!(
        output.stdout.starts_with("nothing changed"),
        "{}",
        output.stdout
    );
    site
}

#[test]
fn the_first_sync_leaves_no_table_wherever_it_is_cut() {
    let prepare = |site: &Site| {
        site.project
            .post_with(1, "One", "tags: [a, b]\ncategory: guide", "Body.\n");
        site.project.post(2, "Two");
    };
    let site = fails_at_every_message(prepare, &[]);
    assert_eq!(site.ids(), [2, 1]);
}

#[test]
fn a_sync_of_every_kind_of_change_leaves_every_row_wherever_it_is_cut() {
    let prepare = |site: &Site| {
        for id in 1..=6 {
            let more = format!("tags: [a, t{id}]\ncategory: c{id}");
            site.project
                .post_with(id, &format!("Post {id}"), &more, "Body.\n");
        }
        site.sync(&[]);
        site.project
            .post_with(1, "Edited", "tags: [b]\ncategory: new", "Other.\n");
        site.project.rename("content/2.md", "content/moved/2.md");
        site.project.remove("content/3.md");
        site.project
            .post_with(7, "Seven", "tags: [a, c]", "Body.\n");
    };
    let site = fails_at_every_message(prepare, &["--prune"]);
    assert_eq!(site.ids(), [7, 6, 5, 4, 2, 1]);
}

#[test]
fn a_statement_that_the_server_refuses_leaves_every_row() {
    let site = Site::postgres();
    site.project.post(1, "One").post(2, "Two");
    site.sync(&[]);
    site.sql("ALTER TABLE post ADD CONSTRAINT theirs CHECK (title <> 'Forbidden')");
    site.project
        .post(1, "Forbidden")
        .post(2, "Allowed")
        .post(3, "New");
    let before = site.dump();
    let output = site.run(&["sync"]).expect_status(3);
    assert!(output.stderr.contains("theirs"), "{}", output.stderr);
    assert_eq!(site.dump(), before);
    site.project.post(1, "One");
    assert_eq!(site.sync_json(&[])["created"], 1);
}

#[test]
fn a_statement_that_the_embedded_store_refuses_leaves_every_row() {
    let site = Site::embedded();
    site.project.post(1, "One").post(2, "Two");
    site.sync(&[]);
    site.sql(
        "CREATE TRIGGER theirs BEFORE UPDATE ON post WHEN NEW.title = 'Forbidden' \
         BEGIN SELECT RAISE(ABORT, 'theirs'); END",
    );
    site.project
        .post(1, "Allowed")
        .post(2, "Forbidden")
        .post(3, "New");
    let before = site.dump();
    let output = site.run(&["sync"]).expect_status(3);
    assert!(output.stderr.contains("theirs"), "{}", output.stderr);
    assert_eq!(site.dump(), before);
    site.project.post(2, "Two");
    assert_eq!(site.sync_json(&[])["created"], 1);
}

/// Lets no file grow beyond a size, one size after the other: a process that would write
/// more is ended by the system, as a crash would.
fn fails_at_every_size(site: &Site, args: &str) {
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
    let site = Site::embedded();
    site.project
        .post_with(1, "One", "tags: [a, b]\ncategory: guide", "Body.\n");
    fails_at_every_size(&site, "");
    assert_eq!(site.ids(), [1]);
}

#[test]
fn a_sync_into_a_file_leaves_every_row_wherever_it_ends() {
    let site = Site::embedded();
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
