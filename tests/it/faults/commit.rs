//! The answer to COMMIT lost: the server may have committed or not, and blogctl finds out.

use std::net::{Ipv4Addr, SocketAddr};

use super::fixture::{Fixture, State, address, judge_words};
use crate::support::cluster::Server;
use crate::support::database::TestDatabase;
use crate::support::pgbouncer::PgBouncer;
use crate::support::project::Output;
use crate::support::relay::{Direction, Fault, Kind, Relay};

/// Runs a sync whose last message, COMMIT, meets a fault on the way to `server`.
fn at_commit(
    fixture: &Fixture,
    database: &TestDatabase,
    server: SocketAddr,
    kind: Kind,
    forever: bool,
    connect_timeout: u8,
) -> (Output, State) {
    let relay = Relay::breaking(server);
    let fault = Fault::new(kind, Direction::ToServer, fixture.messages.to_server);
    relay.arm(if forever { fault.forever() } else { fault });
    let timeout = format!("--connect-timeout={connect_timeout}");
    let output = fixture.sync(&relay.url(database), &[&timeout]);
    assert!(relay.has_struck());
    drop(relay);
    let state = fixture.state(database);
    (output, state)
}

/// Lost answers to COMMIT: its effect, and the report on it.
fn finds_out(fixture: &Fixture, kind: Kind) {
    let database = fixture.database();
    let (output, state) = at_commit(fixture, &database, address(&database), kind, false, 30);
    assert_eq!((output.status, &state), (0, &State::New), "{output:#?}");
    // Not what a second sync would have left to do, and one run in the history.
    assert!(fixture.says_what_it_did(&output), "{output:#?}");
    assert_eq!(fixture.next_sync(&database), Ok(()));
}

#[test]
fn a_commit_whose_answer_was_lost_is_found_out() {
    let fixture = Fixture::every_kind(TestDatabase::create());
    finds_out(&fixture, Kind::CutAfter);
    let first = Fixture::first(TestDatabase::create());
    finds_out(&first, Kind::CutAfter);
}

#[test]
fn a_commit_that_the_server_never_got_is_made_again() {
    let fixture = Fixture::every_kind(TestDatabase::create());
    finds_out(&fixture, Kind::CutBefore);
    let first = Fixture::first(TestDatabase::create());
    finds_out(&first, Kind::CutBefore);
}

#[test]
fn a_commit_of_which_nothing_can_be_found_out_is_said_to_be_unknown() {
    let fixture = Fixture::every_kind(TestDatabase::create());
    for (kind, expected) in [(Kind::CutAfter, State::New), (Kind::CutBefore, State::Old)] {
        let database = fixture.database();
        let (output, state) = at_commit(&fixture, &database, address(&database), kind, true, 1);
        assert_eq!((output.status, &state), (3, &expected), "{output:#?}");
        assert_eq!(output.stdout, "");
        assert_eq!(judge_words(&output, &state, true), Ok(()));
        assert!(
            !output.stderr.contains("nothing was written"),
            "{}",
            output.stderr
        );
        assert_eq!(fixture.next_sync(&database), Ok(()));
    }
}

#[test]
fn a_commit_that_is_still_under_way_is_found_out() {
    let fixture = Fixture::every_kind(TestDatabase::create());
    let database = fixture.database();
    // The server takes its time to commit.
    database.client().batch(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$; \
         CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON blogctl.run \
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()",
    );
    let server = address(&database);
    let (output, state) = at_commit(&fixture, &database, server, Kind::CutAfter, false, 30);
    assert_eq!((output.status, &state), (0, &State::New), "{output:#?}");
    assert!(fixture.says_what_it_did(&output), "{output:#?}");
}

#[test]
fn a_commit_whose_answer_was_lost_before_a_pooler_is_found_out() {
    let fixture = Fixture::every_kind(TestDatabase::create());
    let bouncer = PgBouncer::with_pool_size(Server::shared(), 2);
    let pooler = SocketAddr::from((Ipv4Addr::LOCALHOST, bouncer.port()));
    for kind in [Kind::CutAfter, Kind::CutBefore] {
        let database = fixture.database();
        let relay = Relay::breaking(pooler);
        relay.arm(Fault::new(
            kind,
            Direction::ToServer,
            fixture.messages.to_server,
        ));
        let output = fixture.sync(&relay.url(&database), &[]);
        assert!(relay.has_struck());
        // The pooler keeps its connections.
        assert_eq!(output.status, 0, "{output:#?}");
        assert!(fixture.says_what_it_did(&output), "{output:#?}");
        let state = fixture.state_now(&database);
        assert_eq!(state, State::New, "{kind:?}");
    }
}
