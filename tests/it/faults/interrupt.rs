//! Ctrl-C and SIGTERM: blogctl ends at once, nothing is half done, and the server stops
//! working on what nobody waits for.

use std::thread;
use std::time::{Duration, Instant};

use super::fixture::{Fixture, State, address, judge_words};
use crate::support::client::Client;
use crate::support::cluster::Server;
use crate::support::database::TestDatabase;
use crate::support::pgbouncer::PgBouncer;
use crate::support::project::{Output, Running};
use crate::support::relay::{Direction, Fault, Kind, Relay};
use crate::support::test_blog::{LOCK_KEY, TestBlog};

/// The signals that ask a process to end, and its exit status for each.
const SIGNALS: [(i32, i32); 2] = [(libc::SIGINT, 130), (libc::SIGTERM, 143)];

/// The time that the end may take. Cancelling on the server is one connection.
const AT_ONCE: Duration = Duration::from_secs(10);

/// Sessions over the network that wait, or work.
const BUSY: &str = "SELECT count(*) FROM pg_stat_activity \
    WHERE datname = current_database() AND client_port > 0 AND state = 'active'";

fn wait_for(client: &Client, query: &str, expected: &str) {
    let begun = Instant::now();
    while client.text(query) != expected {
        let found = client.text(
            "SELECT pid, state, wait_event, left(query, 80) FROM pg_stat_activity \
             WHERE datname = current_database()",
        );
        assert!(
            begun.elapsed() < AT_ONCE,
            "{query} never says {expected}:\n{found}"
        );
        thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until the server says that a run has come to where it waits.
fn wait_until_there(mut run: Running, client: &Client, waiting: &str) -> Running {
    let begun = Instant::now();
    while client.text(waiting) != "1" {
        // Coming there may take long on a busy machine; only ending must not.
        if !run.is_running() || begun.elapsed() > Duration::from_secs(30) {
            panic!("it does not wait: {:#?}", run.kill());
        }
        thread::sleep(Duration::from_millis(5));
    }
    run
}

fn send(run: &Running, signal: i32) {
    let pid = i32::try_from(run.id()).expect("a process's number");
    // SAFETY: kill takes numbers; the process is a child of this one and not yet waited for.
    unsafe { libc::kill(pid, signal) };
}

/// Sends a signal to a run, which must end as interrupted.
fn interrupt(run: Running, (signal, status): (i32, i32)) -> Output {
    let begun = Instant::now();
    send(&run, signal);
    let output = run.wait().expect_status(status);
    assert!(begun.elapsed() < AT_ONCE, "it took {:?}", begun.elapsed());
    assert_eq!(output.stdout, "");
    assert!(
        output.stderr.contains("interrupted"),
        "it does not say so: {}",
        output.stderr
    );
    output
}

fn demand_nothing_written(output: &Output) {
    let Output { stderr, .. } = output;
    assert!(stderr.contains("nothing was written"), "{stderr}");
}

/// The ways from blogctl to the server: through the network, and through a pooler.
fn ways(database: &TestDatabase) -> [(String, Option<PgBouncer>); 2] {
    let bouncer = PgBouncer::with_pool_size(Server::shared(), 2);
    let pooled = bouncer.url(database.name());
    [(database.plain_url(), None), (pooled, Some(bouncer))]
}

/// Interrupts a sync that the server keeps waiting: `keep` makes it so, on a session that goes
/// on until the sync has ended, and `reached` tells when it is.
fn interrupts_a_sync(keep: &str, options: &[&str], reached: &str) {
    let fixture = Fixture::every_kind(TestDatabase::create());
    let database = fixture.database();
    for (url, _bouncer) in ways(&database) {
        for signal in SIGNALS {
            let keeper = database.client();
            keeper.batch(keep);
            let sync = fixture.spawn(&url, options);
            let watcher = database.client();
            let output = interrupt(wait_until_there(sync, &watcher, reached), signal);
            demand_nothing_written(&output);
            wait_for(&watcher, BUSY, "0");
            keeper.batch("ROLLBACK");
            wait_for(
                &watcher,
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                "0",
            );
            assert_eq!(fixture.state_now(&database), State::Old);
        }
    }
}

#[test]
fn a_sync_that_waits_for_another_is_interrupted() {
    interrupts_a_sync(
        &format!("BEGIN; SELECT pg_advisory_xact_lock({LOCK_KEY})"),
        &["--lock-timeout=60"],
        "SELECT count(*) FROM pg_stat_activity \
         WHERE datname = current_database() AND wait_event = 'advisory'",
    );
}

#[test]
fn a_sync_whose_writes_wait_for_a_table_is_interrupted() {
    interrupts_a_sync(
        "BEGIN; LOCK TABLE blogctl.run IN SHARE MODE",
        &["--lock-timeout=60"],
        "SELECT count(*) FROM pg_stat_activity \
         WHERE datname = current_database() AND wait_event = 'relation'",
    );
}

#[test]
fn a_long_statement_of_a_sync_is_interrupted() {
    let fixture = Fixture::every_kind(TestDatabase::create());
    let template = fixture.database();
    template.client().batch(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$; \
         CREATE TRIGGER slow AFTER INSERT ON public.post \
             FOR EACH STATEMENT EXECUTE FUNCTION slow()",
    );
    for (url, _bouncer) in ways(&template) {
        for signal in SIGNALS {
            let sync = fixture.spawn(&url, &[]);
            let watcher = template.client();
            let sleeping = "SELECT count(*) FROM pg_stat_activity \
                WHERE datname = current_database() AND wait_event = 'PgSleep'";
            let output = interrupt(wait_until_there(sync, &watcher, sleeping), signal);
            demand_nothing_written(&output);
            wait_for(&watcher, sleeping, "0");
            wait_for(&watcher, BUSY, "0");
            assert_eq!(fixture.state_now(&template), State::Old);
        }
    }
}

#[test]
fn an_interrupt_that_comes_while_the_server_commits_tells_the_truth() {
    let fixture = Fixture::every_kind(TestDatabase::create());
    let template = fixture.database();
    template.client().batch(
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN PERFORM pg_sleep(3); RETURN NULL; END $$; \
         CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON blogctl.run \
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()",
    );
    template.settle();
    // Whoever presses it twice does not want to wait.
    for times in [1, 2] {
        let database = template.copy();
        let sync = fixture.spawn(&database.plain_url(), &[]);
        let watcher = database.client();
        let committing = "SELECT count(*) FROM pg_stat_activity \
            WHERE datname = current_database() AND wait_event = 'PgSleep'";
        let mut sync = wait_until_there(sync, &watcher, committing);
        for _ in 0..times {
            send(&sync, libc::SIGINT);
            thread::sleep(Duration::from_millis(200));
        }
        assert_eq!(sync.is_running(), times == 1, "after {times} signals");
        let output = sync.wait();
        let state = fixture.state(&database);
        match output.status {
            0 => {
                assert_eq!(state, State::New);
                assert!(fixture.says_what_it_did(&output), "{output:#?}");
            }
            status => {
                assert_eq!(status, 130, "{output:#?}");
                assert!(output.stderr.contains("interrupted"), "{output:#?}");
                assert_eq!(judge_words(&output, &state, true), Ok(()));
            }
        }
    }
}

#[test]
fn a_read_that_waits_is_interrupted_and_cancelled_on_the_server() {
    let site = TestBlog::postgres();
    site.project.post(1, "One");
    site.sync(&[]);
    let database = site.database();
    let bouncer = PgBouncer::with_pool_size(Server::shared(), 2);
    for through_pooler in [false, true] {
        for signal in SIGNALS {
            for args in [&["list"][..], &["search", "body"], &["show", "1"]] {
                let relay = Relay::breaking(if through_pooler {
                    ([127, 0, 0, 1], bouncer.port()).into()
                } else {
                    address(database)
                });
                let keeper = database.client();
                keeper.batch("BEGIN; LOCK TABLE public.post IN ACCESS EXCLUSIVE MODE");
                let url = relay.url(database);
                let options = ["--statement-timeout", "60", "--database", &url];
                let read = site.project.spawn(&[args, &options].concat());
                let watcher = database.client();
                let waiting = "SELECT count(*) FROM pg_stat_activity \
                    WHERE datname = current_database() AND wait_event = 'relation'";
                interrupt(wait_until_there(read, &watcher, waiting), signal);
                wait_for(&watcher, waiting, "0");
                assert_eq!(relay.cancels(), 1, "{args:?}");
                keeper.batch("ROLLBACK");
            }
        }
    }
}

#[test]
fn a_server_that_does_not_answer_is_not_waited_for() {
    let fixture = Fixture::every_kind(TestDatabase::create());
    let database = fixture.database();
    for signal in SIGNALS {
        // Before the login, and in the middle of the sync.
        for fault in [
            Fault::new(Kind::Stall, Direction::ToClient, 1).counted_from_connect(),
            Fault::new(Kind::Stall, Direction::ToClient, 1),
            Fault::new(
                Kind::Stall,
                Direction::ToServer,
                fixture.messages.to_server / 2,
            ),
        ] {
            let relay = Relay::breaking(address(&database));
            relay.arm(fault.forever());
            let sync = fixture.spawn(&relay.url(&database), &[]);
            let begun = Instant::now();
            while !relay.has_struck() {
                assert!(begun.elapsed() < AT_ONCE, "it never comes there");
                thread::sleep(Duration::from_millis(5));
            }
            thread::sleep(Duration::from_millis(100));
            interrupt(sync, signal);
            drop(relay);
            assert_eq!(fixture.state(&database), State::Old);
        }
    }
}

#[test]
fn a_sync_to_a_file_is_interrupted() {
    for signal in SIGNALS {
        let site = TestBlog::embedded();
        site.project.post(1, "One");
        site.sync(&[]);
        site.project.post(2, "Two");
        let before = site.dump();
        let hold = site.hold();
        let sync = site.spawn(&["sync", "--lock-timeout", "60"]);
        site.wait_until_it_waits(&sync);
        demand_nothing_written(&interrupt(sync, signal));
        hold.release();
        let stall = site.stall();
        let sync = site.spawn(&["sync", "--lock-timeout", "60"]);
        site.wait_until_it_holds(&sync);
        demand_nothing_written(&interrupt(sync, signal));
        stall.release();
        assert_eq!(site.dump(), before);
        site.sync(&[]);
        assert_eq!(site.ids(), [2, 1]);
    }
}
