//! A reader's connection breaks: it is asked again over another one, and answers the same.

use super::each;
use crate::support::figure;
use crate::support::project::Output;
use crate::support::relay::{Direction, Fault, Kind, Messages, Relay};
use crate::support::test_blog::TestBlog;

const READS: [&[&str]; 7] = [
    &["list", "--all", "--format", "json"],
    &["list", "--tag", "a"],
    &["show", "7"],
    &["search", "body"],
    &["categories"],
    &["tags"],
    &["history", "--format", "json"],
];

fn site() -> TestBlog {
    let site = TestBlog::postgres();
    for id in 1..=30 {
        site.project
            .post_with(id, "A post", "tags: [a]\ncategory: guide", "A body.\n");
    }
    site.sync(&[]);
    site
}

fn read(site: &TestBlog, relay: &Relay, args: &[&str]) -> Output {
    let url = relay.url(site.database());
    let args = [
        args,
        &["--statement-timeout", "1", "--connect-timeout", "2"],
    ]
    .concat();
    site.project.run_with(&args, &[("DATABASE_URL", &url)])
}

fn relay(site: &TestBlog) -> Relay {
    let port = site.database().endpoint().port;
    Relay::breaking((std::net::Ipv4Addr::LOCALHOST, port).into())
}

/// Returns the faults for a read: at each of its messages, in either direction.
fn breaks(messages: Messages) -> Vec<(Direction, usize)> {
    let sent = (1..=messages.to_server).map(|n| (Direction::ToServer, n));
    let received = (1..=messages.to_client).map(|n| (Direction::ToClient, n));
    sent.chain(received).collect()
}

#[test]
fn a_reader_whose_connection_breaks_answers_as_if_it_had_not() {
    let site = site();
    let figures = each(2, &READS, |args| {
        let whole = relay(&site);
        let expected = read(&site, &whole, args).expect_status(0);
        let breaks = breaks(whole.counts().messages);
        // Each kind of break meets each message of some command.
        for (n, &(direction, message)) in breaks.iter().enumerate() {
            let kind = [Kind::CutBefore, Kind::CutAfter][n % 2];
            let relay = relay(&site);
            relay.arm(Fault::new(kind, direction, message));
            let output = read(&site, &relay, args).expect_status(0);
            assert_eq!(
                output.stdout, expected.stdout,
                "{args:?} {direction:?} {message}"
            );
        }
        breaks.len()
    });
    let points: usize = figures.iter().sum();
    figure(format_args!(
        "reads: {points} cut points, every answer the same"
    ));
    assert!(points > 100, "{points}");
}

#[test]
fn a_reader_whose_server_stays_away_or_silent_ends_in_time_and_says_so() {
    let site = site();
    let kinds = [Kind::CutBefore, Kind::CutAfter, Kind::Stall, Kind::Hole];
    each(4, &kinds, |&kind| {
        let relay = relay(&site);
        relay.arm(Fault::new(kind, Direction::ToServer, 1).forever());
        let output = read(&site, &relay, &["list"]).expect_status(3);
        assert_eq!(output.stdout, "", "{kind:?}");
        let said = output.stderr.starts_with("error: cannot connect to ")
            || output.stderr.starts_with("error: the connection was lost");
        assert!(said, "{kind:?}: {}", output.stderr);
        assert!(
            output.stderr.contains("help: "),
            "{kind:?}: {}",
            output.stderr
        );
    });
}
