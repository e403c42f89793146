//! The connection cut after each message of a sync, before many, and stalled at many.

use std::fmt;
use std::time::{Duration, Instant};

use super::each;
use super::fixture::{Fixture, State, address, judge_words};
use crate::support::database::TestDatabase;
use crate::support::figure;
use crate::support::project::Output;
use crate::support::relay::{Counted, Direction, Fault, Kind, Messages, Relay, Then};

/// Syncs at once: most of the time they wait for something that will not come.
const THREADS: usize = 8;

/// Stalls cost seconds each, so that not every message has one.
const STALLS: usize = 24;

/// Stalls of which the server never learns.
const HOLES: usize = 8;

/// No sync may take longer than this to find out that its connection is lost.
const BOUND: Duration = Duration::from_secs(40);

/// One run: a sync, and what happens to its connection.
struct Point<'s> {
    fixture: &'s Fixture,
    fault: Fault,
}

impl fmt::Display for Point<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault {
            direction,
            message,
            counted,
            kind,
            then,
        } = self.fault;
        let all = number(self.all(), direction);
        let name = self.fixture.name;
        write!(
            f,
            "{name}, {kind:?} {then:?} {direction:?} {message} of {all} {counted:?}"
        )
    }
}

fn number(messages: Messages, direction: Direction) -> usize {
    match direction {
        Direction::ToServer => messages.to_server,
        Direction::ToClient => messages.to_client,
    }
}

impl Point<'_> {
    fn all(&self) -> Messages {
        match self.fault.counted {
            Counted::FromLogin => self.fixture.messages,
            Counted::FromConnect => self.fixture.messages_from_connect,
        }
    }

    /// The server says that it has committed in the last two messages; what the sync needs to
    /// know of it is the last.
    fn is_the_end(&self) -> bool {
        let Fault {
            direction,
            message,
            kind,
            ..
        } = self.fault;
        (direction, kind) == (Direction::ToClient, Kind::CutAfter)
            && message == self.all().to_client
    }

    /// Returns true if COMMIT may have been sent without its answer being seen: from the last
    /// answer before it on.
    fn is_at_commit(&self) -> bool {
        let Fault {
            direction, message, ..
        } = self.fault;
        match direction {
            Direction::ToServer => message == self.all().to_server,
            Direction::ToClient => message + 2 >= self.all().to_client,
        }
    }

    fn options(&self) -> &'static [&'static str] {
        match (self.fault.kind, self.fault.then) {
            // What may pass in silence is the two of them and five seconds.
            (Kind::Stall | Kind::Hole, _) => &[
                "--connect-timeout=3",
                "--statement-timeout=1",
                "--lock-timeout=1",
            ],
            (_, Then::Forever) => &["--connect-timeout=1"],
            (_, Then::Once) => &["--connect-timeout=30"],
        }
    }

    /// Runs the sync and the next one, and tells what is wrong.
    fn run(&self) -> Vec<String> {
        let database = self.fixture.database();
        let relay = Relay::breaking(address(&database));
        relay.arm(self.fault);
        let begun = Instant::now();
        let output = self.fixture.sync(&relay.url(&database), self.options());
        let took = begun.elapsed();
        let struck = relay.has_struck();
        // Ends what still hangs in it.
        drop(relay);
        let state = self.fixture.state(&database);
        let mut wrong = Vec::new();
        if !struck {
            wrong.push("it never came to that message".to_owned());
        }
        if took > BOUND {
            wrong.push(format!("it took {took:?}"));
        }
        wrong.extend(self.judge(&output, &state).err());
        wrong.extend(self.fixture.next_sync(&database).err());
        wrong
            .into_iter()
            .map(|words| format!("{self}: {words}"))
            .collect()
    }

    fn judge(&self, output: &Output, state: &State) -> Result<(), String> {
        if let State::Mixed(difference) = state {
            return Err(format!("{MIXED}:\n{difference}"));
        }
        if self.fault.then == Then::Once || self.is_the_end() {
            if (output.status, state) != (0, &State::New) {
                let Output { status, stderr, .. } = output;
                return Err(format!("it ended with {status} and {state:?}: {stderr}"));
            }
            if !self.fixture.says_what_it_did(output) {
                return Err(format!("it does not say what it did: {}", output.stdout));
            }
            return Ok(());
        }
        if output.status != 3 || !output.stdout.is_empty() {
            return Err(format!("it does not end as failed: {output:?}"));
        }
        if !output.stderr.starts_with("error: ") && !output.stderr.contains("\nerror: ") {
            return Err(format!("it names no error: {}", output.stderr));
        }
        // Without a session there is nothing to say of the database.
        if self.fault.counted == Counted::FromConnect && *state == State::Old {
            return Ok(());
        }
        judge_words(output, state, self.is_at_commit())
    }
}

/// The marker by which a mixed state is distinguished from other failures.
const MIXED: &str = "neither the old nor the new state";

/// One run for every so many messages of each direction, cut as told; every second one for
/// ever.
fn cuts(fixture: &Fixture, kind: Kind, every: usize) -> Vec<Point<'_>> {
    let mut points = Vec::new();
    for direction in [Direction::ToServer, Direction::ToClient] {
        let all = number(fixture.messages, direction);
        // Counted from the end: COMMIT and its answer are always among them.
        for (turn, message) in (1..=all).rev().step_by(every).enumerate() {
            let fault = Fault::new(kind, direction, message);
            let fault = if turn % 2 == 0 {
                fault.forever()
            } else {
                fault
            };
            points.push(Point { fixture, fault });
        }
    }
    points
}

/// Every message of the login.
fn login_cuts(fixture: &Fixture) -> Vec<Point<'_>> {
    let mut points = Vec::new();
    for direction in [Direction::ToServer, Direction::ToClient] {
        let login =
            number(fixture.messages_from_connect, direction) - number(fixture.messages, direction);
        for message in 1..=login {
            let fault = Fault::new(Kind::CutBefore, direction, message).counted_from_connect();
            let fault = if message % 2 == 0 {
                fault.forever()
            } else {
                fault
            };
            points.push(Point { fixture, fault });
        }
    }
    points
}

/// A spread of messages of both directions, first and last among them.
fn stalls(fixture: &Fixture, kind: Kind, count: usize) -> Vec<Point<'_>> {
    let mut points = Vec::new();
    for direction in [Direction::ToServer, Direction::ToClient] {
        let (all, steps) = (number(fixture.messages, direction), count / 2);
        for step in 0..steps {
            let message = 1 + (all - 1) * step / (steps - 1);
            let fault = Fault::new(kind, direction, message);
            let fault = if step % 2 == 0 {
                fault
            } else {
                fault.forever()
            };
            points.push(Point { fixture, fault });
        }
    }
    points
}

#[test]
fn wherever_a_connection_breaks_the_database_holds_the_state_before_or_after() {
    let first = Fixture::first(TestDatabase::create());
    let every_kind = Fixture::every_kind(TestDatabase::create());
    // Those that wait longest begin first.
    let mut points = stalls(&every_kind, Kind::Stall, STALLS);
    points.extend(stalls(&every_kind, Kind::Hole, HOLES));
    // To be cut before a message is to be cut after the one before, but for an answer that
    // may still arrive: some will do.
    points.extend(cuts(&every_kind, Kind::CutAfter, 1));
    points.extend(cuts(&every_kind, Kind::CutBefore, 9));
    points.extend(cuts(&first, Kind::CutAfter, 7));
    points.extend(cuts(&first, Kind::CutBefore, 13));
    points.extend(login_cuts(&every_kind));

    let begun = Instant::now();
    let wrong: Vec<String> = each(THREADS, &points, Point::run).concat();

    let of = |kind| points.iter().filter(|p| p.fault.kind == kind).count();
    let forever = points.iter().filter(|p| p.fault.then == Then::Forever);
    let mixed = wrong.iter().filter(|words| words.contains(MIXED)).count();
    figure(format_args!(
        "fault suite: {} cut points ({} cut before, {} cut after, {} stalled; {} of them for \
         ever), {mixed} mixed states, in {:.0?}",
        points.len(),
        of(Kind::CutBefore),
        of(Kind::CutAfter),
        of(Kind::Stall) + of(Kind::Hole),
        forever.count(),
        begun.elapsed()
    ));
    assert!(points.len() >= 200, "{} points", points.len());
    assert_eq!(mixed, 0, "{}", wrong.join("\n"));
    assert!(
        wrong.is_empty(),
        "{} of {} points:\n{}",
        wrong.len(),
        points.len(),
        wrong.join("\n")
    );
}
