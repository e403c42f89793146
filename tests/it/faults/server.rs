//! The server ended in the middle of a sync, and started again.

use std::thread;
use std::time::{Duration, Instant};

use super::fixture::{Fixture, State, judge_words};
use crate::support::cluster::Server;
use crate::support::figure;

/// Moments, spread over the time that a sync takes.
const MOMENTS: u32 = 10;

#[test]
fn a_server_that_is_ended_and_started_again_holds_the_state_before_or_after() {
    let mut server = Server::start_lasting();
    let fixture = Fixture::large(server.database());
    let begun = Instant::now();
    let twin = fixture.database();
    fixture.sync(&twin.plain_url(), &[]).expect_status(0);
    let whole = begun.elapsed();
    let (mut went_on, mut gave_up) = (0, 0);
    for moment in 0..MOMENTS {
        let database = fixture.database();
        let sync = fixture.spawn(&database.plain_url(), &[]);
        thread::sleep(whole * moment / MOMENTS);
        if moment % 2 == 0 {
            server.kill();
        } else {
            server.stop_at_once();
        }
        server.start_again();
        let output = sync.wait();
        let state = fixture.state(&database);
        match output.status {
            0 => {
                assert_eq!(state, State::New, "moment {moment}: {output:#?}");
                assert!(
                    fixture.says_what_it_did(&output),
                    "moment {moment}: {output:#?}"
                );
                went_on += 1;
            }
            status => {
                assert_eq!(status, 3, "moment {moment}: {output:#?}");
                assert_eq!(
                    judge_words(&output, &state, true),
                    Ok(()),
                    "moment {moment}"
                );
                println!("moment {moment}: {output:#?}");
                gave_up += 1;
            }
        }
        assert_eq!(fixture.next_sync(&database), Ok(()), "moment {moment}");
    }
    figure(format_args!(
        "server ended {MOMENTS} times: {went_on} syncs went on, {gave_up} gave up"
    ));
    assert_eq!(gave_up, 0, "it was back within a second or two");
}

#[test]
fn a_server_that_stays_away_is_said_to_be_away() {
    let mut server = Server::start_lasting();
    let fixture = Fixture::large(server.database());
    let database = fixture.database();
    // Another's transaction, so that the sync is surely in the middle.
    let holder = database.client();
    holder.batch("BEGIN; LOCK TABLE blogctl.run IN SHARE MODE");
    let sync = fixture.spawn(
        &database.plain_url(),
        &["--connect-timeout=2", "--lock-timeout=60"],
    );
    let watcher = database.client();
    let waiting = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let begun = Instant::now();
    while watcher.text(waiting) == "0" {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "it never comes there"
        );
        thread::sleep(Duration::from_millis(5));
    }
    server.kill();
    let output = sync.wait().expect_status(3);
    server.start_again();
    assert_eq!(fixture.state(&database), State::Old);
    assert_eq!(judge_words(&output, &State::Old, false), Ok(()));
    assert_eq!(fixture.next_sync(&database), Ok(()));
}
