//! The relay's faults tested by themselves: one that broke nothing would prove anything.

use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::future::{join, join3};
use tokio_postgres::NoTls;

use crate::support::certs::Authorities;
use crate::support::client::{Client, block_on};
use crate::support::database::TestDatabase;
use crate::support::relay::{Direction, Fault, Kind, Messages, Relay};

/// A relay to a database of the test's own.
fn breaking() -> (TestDatabase, Relay) {
    let database = TestDatabase::create();
    let port = database.endpoint().port;
    let relay = Relay::breaking((Ipv4Addr::LOCALHOST, port).into());
    (database, relay)
}

fn tables(database: &TestDatabase) -> String {
    database.client().text(
        "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables \
         WHERE schemaname = 'public'",
    )
}

/// Makes a table `one` and then a table `two` on a connection on which a fault happens; tells
/// which of the two calls succeeded, and which tables there are.
fn two_tables(fault: Fault) -> (bool, bool, String) {
    let (database, relay) = breaking();
    let client = Client::connect(&relay.url(&database));
    relay.arm(fault);
    let one = client.try_batch("CREATE TABLE one ()").is_ok();
    let two = client.try_batch("CREATE TABLE two ()").is_ok();
    assert!(relay.has_struck());
    // The connection is over, and another one passes.
    assert!(client.try_batch("SELECT 1").is_err());
    Client::connect(&relay.url(&database)).batch("SELECT 1");
    database.settle();
    (one, two, tables(&database))
}

#[test]
fn a_message_that_is_cut_before_reaches_nobody() {
    let to_server = |n| two_tables(Fault::new(Kind::CutBefore, Direction::ToServer, n));
    assert_eq!(to_server(1), (false, false, String::new()));
    assert_eq!(to_server(2), (true, false, "one".into()));
    // An answer is CommandComplete and ReadyForQuery.
    let to_client = |n| two_tables(Fault::new(Kind::CutBefore, Direction::ToClient, n));
    assert_eq!(to_client(1), (false, false, "one".into()));
    assert_eq!(to_client(2), (false, false, "one".into()));
    assert_eq!(to_client(3), (true, false, "one two".into()));
}

#[test]
fn a_message_that_is_cut_after_is_the_last() {
    let to_server = |n| two_tables(Fault::new(Kind::CutAfter, Direction::ToServer, n));
    assert_eq!(to_server(1), (false, false, "one".into()));
    assert_eq!(to_server(2), (true, false, "one two".into()));
    let to_client = |n| two_tables(Fault::new(Kind::CutAfter, Direction::ToClient, n));
    assert_eq!(to_client(1), (false, false, "one".into()));
    assert_eq!(to_client(2), (true, false, "one".into()));
    assert_eq!(to_client(4), (true, true, "one two".into()));
}

#[test]
fn a_connection_is_cut_between_messages_that_come_together() {
    let run = |database: &TestDatabase, relay: &Relay, fault: Option<Fault>| {
        let client = Client::connect(&relay.url(database));
        if let Some(fault) = fault {
            relay.arm(fault);
        }
        relay.reset();
        let insert = || {
            let sql = "INSERT INTO number VALUES (1)";
            client.inner().query_typed(sql, &[])
        };
        let (one, two, three) = block_on(join3(insert(), insert(), insert()));
        [one, two, three]
            .iter()
            .filter(|answer| answer.is_ok())
            .count()
    };
    let database = TestDatabase::create();
    // Answers come when all statements have been sent.
    let server = (Ipv4Addr::LOCALHOST, database.endpoint().port).into();
    let relay = Relay::with_delay(server, Duration::from_millis(50));
    database.client().batch("CREATE TABLE number (n integer)");
    assert_eq!(run(&database, &relay, None), 3);
    let Messages {
        to_server,
        to_client,
    } = relay.counts().messages;
    // One Parse, Bind, Describe, Execute and Sync each, and their answers.
    assert_eq!((to_server, to_client), (15, 18));
    let rows = |fault: Fault| {
        database.client().batch("TRUNCATE number");
        let answered = run(&database, &relay, Some(fault));
        database.settle();
        let count = database.client().text("SELECT count(*) FROM number");
        (answered, count.parse::<usize>().expect("a count"))
    };
    for n in 1..=15 {
        // What was sent before the cut is carried out, and its answer may still arrive.
        let fault = Fault::new(Kind::CutAfter, Direction::ToServer, n);
        assert_eq!(rows(fault).1, n / 5, "{n} messages");
    }
    for n in 1..=18 {
        let fault = Fault::new(Kind::CutBefore, Direction::ToClient, n);
        assert_eq!(rows(fault), ((n - 1) / 6, 3), "{n} messages");
    }
}

#[test]
fn a_stalled_connection_stays_open_and_carries_nothing() {
    for direction in [Direction::ToServer, Direction::ToClient] {
        let (database, relay) = breaking();
        let url = relay.url(&database);
        let (client, connection) = block_on(async {
            let connected = tokio_postgres::connect(&url, NoTls).await;
            let (client, connection) = connected.expect("the relay leads to the server");
            (client, tokio::spawn(connection))
        });
        block_on(client.batch_execute("BEGIN; CREATE TABLE one ()"))
            .expect("nothing is broken yet");
        // That was one message, and had two answers and a ReadyForQuery.
        let number = match direction {
            Direction::ToServer => 2,
            Direction::ToClient => 4,
        };
        relay.arm(Fault::new(Kind::Stall, direction, number));
        let answer = async {
            let query = client.simple_query("COMMIT");
            tokio::time::timeout(Duration::from_millis(300), query).await
        };
        assert!(block_on(answer).is_err(), "an answer came");
        assert!(relay.has_struck());
        assert!(!client.is_closed());
        let came = direction == Direction::ToClient;
        assert_eq!(tables(&database), if came { "one" } else { "" });
        // The server learns of it when the client gives up.
        connection.abort();
        database.settle();
        assert_eq!(tables(&database), if came { "one" } else { "" });
    }
}

#[test]
fn a_server_behind_a_hole_never_learns_that_its_client_is_gone() {
    let (database, relay) = breaking();
    let url = relay.url(&database);
    let (client, connection) = block_on(async {
        let connected = tokio_postgres::connect(&url, NoTls).await;
        let (client, connection) = connected.expect("the relay leads to the server");
        (client, tokio::spawn(connection))
    });
    block_on(client.batch_execute("BEGIN")).expect("nothing is broken yet");
    relay.arm(Fault::new(Kind::Hole, Direction::ToServer, 2));
    let answer = async {
        let query = client.simple_query("SELECT 1");
        tokio::time::timeout(Duration::from_millis(100), query).await
    };
    assert!(block_on(answer).is_err(), "an answer came");
    connection.abort();
    std::thread::sleep(Duration::from_millis(300));
    let held = "SELECT count(*) FROM pg_stat_activity \
        WHERE datname = current_database() AND state = 'idle in transaction'";
    assert_eq!(database.client().text(held), "1");
    // Until the relay goes.
    drop(relay);
    database.settle();
}

#[test]
fn what_is_broken_for_ever_stays_so_for_later_connections() {
    let (database, relay) = breaking();
    let client = Client::connect(&relay.url(&database));
    relay.arm(Fault::new(Kind::CutBefore, Direction::ToServer, 1).forever());
    assert!(client.try_batch("SELECT 1").is_err());
    for _ in 0..3 {
        assert!(Client::try_connect(&relay.url(&database)).is_err());
    }
    relay.disarm();
    let client = Client::connect(&relay.url(&database));
    assert_eq!(relay.counts().connections, 5);
    relay.arm(Fault::new(Kind::Stall, Direction::ToServer, 1).forever());
    let url = relay.url(&database);
    let connecting = async {
        let connecting = tokio_postgres::connect(&url, NoTls);
        tokio::time::timeout(Duration::from_millis(300), connecting).await
    };
    let query = async {
        let query = client.inner().simple_query("SELECT 1");
        tokio::time::timeout(Duration::from_millis(300), query).await
    };
    assert!(block_on(query).is_err(), "an answer came");
    assert!(block_on(connecting).is_err(), "it logged in, or was told");
}

#[test]
fn a_login_is_broken_at_each_of_its_messages() {
    let (database, relay) = breaking();
    Client::connect(&relay.url(&database));
    let all = relay.counts().messages_from_connect;
    assert_eq!(relay.counts().messages, Messages::default());
    // The StartupMessage and two of the password's exchange.
    assert_eq!(all.to_server, 3);
    assert!(all.to_client > 10, "{all:?}");
    for (direction, count) in [
        (Direction::ToServer, all.to_server),
        (Direction::ToClient, all.to_client),
    ] {
        for n in 1..=count {
            relay.arm(Fault::new(Kind::CutBefore, direction, n).counted_from_connect());
            let refused = Client::try_connect(&relay.url(&database)).is_err();
            assert!(refused && relay.has_struck(), "{direction:?} {n}");
        }
    }
    Client::connect(&relay.url(&database));
}

#[test]
fn a_request_to_cancel_passes_and_is_counted() {
    let (database, relay) = breaking();
    let client = Client::connect(&relay.url(&database));
    let cancel = client.inner().cancel_token();
    let (slept, cancelled) = block_on(join(
        client.inner().simple_query("SELECT pg_sleep(60)"),
        async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            cancel.cancel_query(NoTls).await
        },
    ));
    cancelled.expect("the relay leads to the server");
    let error = slept.expect_err("it was cancelled");
    assert_eq!(error.code().map(|code| code.code()), Some("57014"));
    assert_eq!((relay.cancels(), relay.counts().logins), (1, 1));
    client.batch("SELECT 1");
}

#[test]
fn round_trips_over_tls_are_counted_from_the_first_byte_on() {
    let database = TestDatabase::create();
    let relay = Relay::opaque(&database);
    let port = relay.port();
    let url = database
        .endpoint()
        .tcp_url(database.name(), "sslmode=require");
    let url = url.replace(
        &format!(":{}/", database.endpoint().port),
        &format!(":{port}/"),
    );
    let authority = Authorities::of_this_run().trusted_pem();
    let client = Client::try_connect_tls(&url, &authority).expect("TLS passes");
    // One asks for TLS, one or two are its handshake (two where the server wants another curve
    // than the client's first), and three the password's exchange.
    let login = relay.round_trips();
    assert!((5..=6).contains(&login), "{login}");
    client.batch("SELECT 1");
    assert_eq!(relay.round_trips(), login + 1);
    let (one, two) = block_on(join(
        client.inner().query_typed("SELECT 1", &[]),
        client.inner().query_typed("SELECT 2", &[]),
    ));
    assert!(one.is_ok() && two.is_ok());
    assert_eq!(relay.round_trips(), login + 2);
    drop(client);
    // The end of a session is no wait.
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(relay.round_trips(), login + 2);
}
