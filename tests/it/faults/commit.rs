//! The answer to COMMIT lost: the server may have committed or not, and blogctl finds out.

use std::net::{Ipv4Addr, SocketAddr};

use super::scene::{Scene, State, address, judge_words};
use crate::support::cluster::Server;
use crate::support::database::TestDatabase;
use crate::support::pgbouncer::PgBouncer;
use crate::support::project::Output;
use crate::support::relay::{Direction, Fault, Kind, Relay};

/// Runs a sync whose last message, COMMIT, meets a fault on the way to `server`.
fn at_commit(
    scene: &Scene,
    database: &TestDatabase,
    server: SocketAddr,
    kind: Kind,
    forever: bool,
    connect_timeout: u8,
) -> (Output, State) {
    let relay = Relay::breaking(server);
    let fault = Fault::new(kind, Direction::ToServer, scene.messages.to_server);
    relay.arm(if forever { fault.forever() } else { fault });
    let timeout = format!("--connect-timeout={connect_timeout}");
    let output = scene.sync(&relay.url(database), &[&timeout]);
    assert!(relay.has_struck());
    drop(relay);
    let state = scene.state(database);
    (output, state)
}

/// Lost answers to COMMIT: its effect, and the report on it.
fn finds_out(scene: &Scene, kind: Kind) {
    let database = scene.database();
    let (output, state) = at_commit(scene, &database, address(&database), kind, false, 30);
    assert_eq!((output.status, &state), (0, &State::New), "{output:#?}");
    // Not what a second sync would have left to do, and one run in the history.
    assert!(scene.says_what_it_did(&output), "{output:#?}");
    assert_eq!(scene.next_sync(&database), Ok(()));
}

#[test]
fn a_commit_whose_answer_was_lost_is_found_out() {
    let scene = Scene::every_kind(TestDatabase::create());
    finds_out(&scene, Kind::CutAfter);
    let first = Scene::first(TestDatabase::create());
    finds_out(&first, Kind::CutAfter);
}

#[test]
fn a_commit_that_the_server_never_got_is_made_again() {
    let scene = Scene::every_kind(TestDatabase::create());
    finds_out(&scene, Kind::CutBefore);
    let first = Scene::first(TestDatabase::create());
    finds_out(&first, Kind::CutBefore);
}

#[test]
fn a_commit_of_which_nothing_can_be_found_out_is_said_to_be_unknown() {
    let scene = Scene::every_kind(TestDatabase::create());
    for (kind, expected) in [(Kind::CutAfter, State::New), (Kind::CutBefore, State::Old)] {
        let database = scene.database();
        let (output, state) = at_commit(&scene, &database, address(&database), kind, true, 1);
        assert_eq!((output.status, &state), (3, &expected), "{output:#?}");
        assert_eq!(output.stdout, "");
        assert_eq!(judge_words(&output, &state, true), Ok(()));
        assert!(
            !output.stderr.contains("nothing was written"),
            "{}",
            output.stderr
        );
        assert_eq!(scene.next_sync(&database), Ok(()));
    }
}

#[test]
fn a_commit_that_is_still_under_way_is_found_out() {
    let scene = Scene::every_kind(TestDatabase::create());
    let database = scene.database();
    // The server takes its time to commit.
    database.client().batch(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$; \
         CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON blogctl.run \
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()",
    );
    let server = address(&database);
    let (output, state) = at_commit(&scene, &database, server, Kind::CutAfter, false, 30);
    assert_eq!((output.status, &state), (0, &State::New), "{output:#?}");
    assert!(scene.says_what_it_did(&output), "{output:#?}");
}

#[test]
fn a_commit_whose_answer_was_lost_before_a_pooler_is_found_out() {
    let scene = Scene::every_kind(TestDatabase::create());
    let bouncer = PgBouncer::with_pool_size(Server::shared(), 2);
    let pooler = SocketAddr::from((Ipv4Addr::LOCALHOST, bouncer.port()));
    for kind in [Kind::CutAfter, Kind::CutBefore] {
        let database = scene.database();
        let relay = Relay::breaking(pooler);
        relay.arm(Fault::new(
            kind,
            Direction::ToServer,
            scene.messages.to_server,
        ));
        let output = scene.sync(&relay.url(&database), &[]);
        assert!(relay.has_struck());
        // The pooler keeps its connections.
        assert_eq!(output.status, 0, "{output:#?}");
        assert!(scene.says_what_it_did(&output), "{output:#?}");
        let state = scene.state_now(&database);
        assert_eq!(state, State::New, "{kind:?}");
    }
}
