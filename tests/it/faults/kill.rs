//! blogctl ended by `kill -9` at random moments of a sync.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use super::fixture::{self, Fixture, State};
use crate::support::database::TestDatabase;
use crate::support::figure;
use crate::support::project::Running;
use crate::support::test_blog::TestBlog;

/// Runs on each store that are killed in time.
const KILLS: u32 = 30;

/// Random moments that cover the time of a sync, and what came of the runs killed there.
struct Kills {
    random: u64,
    /// The duration of a sync, as measured so far: other tests run at the same time.
    whole: Duration,
    killed: u32,
    ended: u32,
    old: u32,
}

impl Kills {
    /// The seed is printed; `BLOGCTL_FAULT_SEED` repeats its moments.
    fn new(whole: Duration) -> Self {
        let given = std::env::var("BLOGCTL_FAULT_SEED").ok();
        let seed = given.map_or_else(
            || u64::from(std::process::id()),
            |seed| seed.parse().expect("BLOGCTL_FAULT_SEED is a number"),
        );
        figure(format_args!(
            "BLOGCTL_FAULT_SEED={seed}, a sync takes {whole:.0?}"
        ));
        Self {
            random: seed,
            whole,
            killed: 0,
            ended: 0,
            old: 0,
        }
    }

    /// A fraction of a sync's time: one in each of so many equal parts, in turn, and somewhat
    /// beyond its end.
    fn next_fraction(&mut self) -> f64 {
        // Knuth's generator: any will do.
        self.random = self
            .random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let within = (self.random >> 33) as f64 / (1_u64 << 31) as f64;
        let part = (self.killed + self.ended) % KILLS;
        1.1 * (f64::from(part) + within) / f64::from(KILLS)
    }

    /// Kills a run at the next moment, unless it ends before.
    fn kill(&mut self, mut sync: Running) {
        let fraction = self.next_fraction();
        let (begun, moment) = (Instant::now(), self.whole.mul_f64(fraction));
        while begun.elapsed() < moment && sync.is_running() {
            thread::sleep(Duration::from_millis(1));
        }
        let lasted = begun.elapsed();
        if sync.kill().status == -1 {
            self.killed += 1;
            if fraction > 1.0 {
                self.whole = self.whole.mul_f64(1.1);
            }
        } else {
            self.ended += 1;
            self.whole = lasted.min(self.whole);
        }
    }

    /// Returns true if enough runs were killed in time.
    fn is_done(&self) -> bool {
        assert!(self.ended < 10 * KILLS, "{} were killed", self.killed);
        self.killed >= KILLS
    }

    fn sum_up(&self, store: &str) {
        let Self {
            killed, ended, old, ..
        } = self;
        figure(format_args!(
            "{store}: {killed} syncs killed, {ended} ended before; {old} left the old state, {} \
             the new",
            killed + ended - old
        ));
        assert!(*old > 0);
    }
}

#[test]
fn a_sync_to_postgres_that_is_killed_leaves_the_state_before_or_after() {
    let fixture = Fixture::large(TestDatabase::create());
    let twin = fixture.database();
    let begun = Instant::now();
    fixture.sync(&twin.plain_url(), &[]).expect_status(0);
    let mut kills = Kills::new(begun.elapsed());
    while !kills.is_done() {
        let database = fixture.database();
        kills.kill(fixture.spawn(&database.plain_url(), &[]));
        match fixture.state(&database) {
            State::Old => kills.old += 1,
            State::New => {}
            State::Mixed(difference) => panic!("{difference}"),
        }
        assert_eq!(fixture.next_sync(&database), Ok(()));
    }
    kills.sum_up("postgres");
}

#[test]
fn a_sync_to_a_file_that_is_killed_leaves_the_state_before_or_after() {
    let site = TestBlog::embedded();
    fixture::write_many(&site.project);
    site.sync(&[]);
    fixture::change_many(&site.project);
    let (before, old_state) = (fs::read(site.file()).expect("it is there"), site.dump());
    let restore = || {
        for file in fs::read_dir(site.project.path(".blogctl")).expect("it is there") {
            let path = file.expect("it is ours").path();
            fs::remove_file(path).expect("it is ours");
        }
        fs::write(site.file(), &before).expect("it is ours");
        assert_eq!(site.dump(), old_state);
    };
    const CHANGES: [&str; 2] = ["--prune", "--force"];
    restore();
    let begun = Instant::now();
    site.sync(&CHANGES);
    let whole = begun.elapsed();
    let new_state = without_times(&site.dump());
    let mut kills = Kills::new(whole);
    while !kills.is_done() {
        restore();
        kills.kill(site.spawn(&["sync", "content", "--prune", "--force"]));
        let found = site.dump();
        if found == old_state {
            kills.old += 1;
        } else {
            assert!(without_times(&found) == new_state, "a mixed state");
        }
        site.sync(&CHANGES);
        assert!(without_times(&site.dump()) == new_state, "the next sync");
    }
    kills.sum_up("embedded");
}

/// A dump in which the runs' times, microseconds since 1970, are left out; the posts' own are
/// older.
pub fn without_times(dump: &str) -> String {
    let year = jiff::Timestamp::now().strftime("%Y").to_string();
    let begins: jiff::Timestamp = format!("{year}-01-01T00:00:00Z")
        .parse()
        .expect("it is a time");
    let day = 86_400_000_000;
    let recent = begins.as_microsecond() - day..i64::MAX;
    dump.split("Integer(")
        .map(|part| {
            let Some((number, rest)) = part.split_once(')') else {
                return part.to_owned();
            };
            let is_recent = number
                .parse()
                .is_ok_and(|number: i64| recent.contains(&number));
            let shown = if is_recent { "NOW" } else { number };
            format!("{shown}){rest}")
        })
        .collect()
}
