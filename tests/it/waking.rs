//! A database that has to be woken, and one that will not be.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use crate::support::database::TestDatabase;
use crate::support::gateway::{Behaviour, FakeGateway, TlsGateway};
use crate::support::project::{Output, Project};

/// Far more than any of these may take, and far less than waiting for all eternity.
const SOON: Duration = Duration::from_secs(20);

fn status(url: &str, more: &[&str]) -> Output {
    let args = [&["schema", "status", "--verbose", "--database", url], more].concat();
    let begun = Instant::now();
    let output = Project::new().run(&args);
    assert!(begun.elapsed() < SOON, "{output:#?}");
    output
}

#[test]
fn a_database_that_wakes_is_waited_for() {
    let database = TestDatabase::create();
    for behaviour in [
        Behaviour::Refusal("57P03", "the database system is starting up"),
        Behaviour::Refusal(
            "57P01",
            "terminating connection due to administrator command",
        ),
        Behaviour::Refusal("53300", "sorry, too many clients already"),
        Behaviour::Refusal("XX000", "Couldn't connect to compute node"),
        Behaviour::Refusal("XX000", "Control plane request failed"),
        Behaviour::Refusal("08P01", "query_wait_timeout"),
        Behaviour::HangUp,
    ] {
        let gateway = FakeGateway::before(&database, vec![behaviour.clone(), behaviour.clone()]);
        let output = status(&gateway.url(&database), &[]).expect_status(0);
        assert_eq!(gateway.connections(), 3, "{behaviour:?}");
        for attempt in ["attempt 2: ", "attempt 3: "] {
            assert!(output.stderr.contains(attempt), "{output:#?}");
        }
        assert!(!output.stderr.contains(&database.endpoint().password));
    }
}

#[test]
fn what_does_not_pass_is_tried_once_and_told_with_its_remedy() {
    let database = TestDatabase::create();
    for (state, words, help) in [
        (
            "28P01",
            "password authentication failed for user \"blogctl\"",
            "the password",
        ),
        (
            "08P01",
            "server login has been failing, cached error: password authentication failed",
            "the password",
        ),
        (
            "3D000",
            "database \"x\" does not exist",
            "check the database's name",
        ),
        (
            "XX000",
            "Endpoint ID is not specified.",
            "options=endpoint%3D",
        ),
        (
            "XX000",
            "The requested endpoint could not be found",
            "check the host's name",
        ),
        (
            "XX000",
            "Your account or project has exceeded the compute time quota.",
            "limit",
        ),
        (
            "XX000",
            "This IP address 192.0.2.1 is not allowed to connect to this endpoint.",
            "this machine's address",
        ),
        (
            "08P01",
            "unsupported startup parameter in options: statement_timeout",
            "a pooler takes no options",
        ),
        (
            "28000",
            "no pg_hba.conf entry for host \"192.0.2.1\", no encryption",
            "sslmode=require",
        ),
    ] {
        let behaviour = vec![Behaviour::Refusal(state, words); 2];
        let gateway = FakeGateway::before(&database, behaviour);
        let output = status(&gateway.url(&database), &[]).expect_status(3);
        assert_eq!(gateway.connections(), 1, "{words}");
        assert!(output.stderr.contains(words), "{output:#?}");
        assert!(output.stderr.contains(help), "{output:#?}");
    }
}

#[test]
fn connecting_ends_in_time_where_nothing_ever_comes() {
    let database = TestDatabase::create();
    let gateway = FakeGateway::before(&database, vec![Behaviour::Silence; 8]);
    let url = gateway.url(&database);
    let output = status(&url, &["--connect-timeout", "1"]).expect_status(3);
    assert!(
        output
            .stderr
            .contains("no answer within 1 s, while logging in"),
        "{output:#?}"
    );
    assert!(output.stderr.contains("--connect-timeout"), "{output:#?}");
    // As the address itself may say; the option has the last word.
    let url = format!("{url}&connect_timeout=1");
    let output = status(&url, &[]).expect_status(3);
    assert!(
        output.stderr.contains("no answer within 1 s"),
        "{output:#?}"
    );
    let output = status(&url, &["--connect-timeout", "2"]).expect_status(3);
    assert!(
        output.stderr.contains("no answer within 2 s"),
        "{output:#?}"
    );
}

#[test]
fn connecting_ends_in_time_where_the_database_never_wakes() {
    let database = TestDatabase::create();
    let asleep = Behaviour::Refusal("57P03", "the database system is starting up");
    let gateway = FakeGateway::before(&database, vec![asleep; 100]);
    let output = status(&gateway.url(&database), &["--connect-timeout", "2"]).expect_status(3);
    assert!(gateway.connections() > 2, "{}", gateway.connections());
    let attempts = format!("({} attempts in ", gateway.connections());
    assert!(output.stderr.contains(&attempts), "{output:#?}");
    assert!(output.stderr.contains("is starting up"), "{output:#?}");
}

#[test]
fn a_server_that_is_being_started_is_waited_for() {
    let database = TestDatabase::create();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let mut endpoint = database.endpoint().clone();
    endpoint.port = address.port();
    drop(listener);
    let url = endpoint.plain_url(database.name());
    let gateway = std::thread::scope(|scope| {
        let gateway = scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(500));
            let listener = TcpListener::bind(address).expect("nobody took the port");
            FakeGateway::at(listener, &database, vec![])
        });
        let output = status(&url, &[]).expect_status(0);
        assert!(output.stderr.contains("attempt 2: "), "{output:#?}");
        assert!(output.stderr.contains("refused"), "{output:#?}");
        gateway.join().expect("it is opened")
    });
    assert_eq!(gateway.connections(), 1);
}

#[test]
fn a_wrong_password_is_not_hidden_behind_an_address_that_nobody_answers_at() {
    let database = TestDatabase::create();
    let right = database.plain_url();
    // The name has two addresses on most machines; the gateway is open at one of them.
    let refused = Behaviour::Refusal(
        "28P01",
        "password authentication failed for user \"blogctl\"",
    );
    let gateway = FakeGateway::before(&database, vec![refused; 3]);
    let url = gateway.url(&database).replace("@127.0.0.1:", "@localhost:");
    let output = status(&url, &[]).expect_status(3);
    assert!(
        output.stderr.contains("password authentication failed"),
        "{output:#?}"
    );
    assert_eq!(gateway.connections(), 1);
    // Nobody listens at the first of these, nor at the last.
    let wrong = right.replace(&format!(":{}@", database.endpoint().password), ":wrong@");
    let port = database.endpoint().port;
    let hosts = format!("@127.0.0.1:1,127.0.0.1:{port},127.0.0.1:2/");
    let several = wrong.replace(&format!("@127.0.0.1:{port}/"), &hosts);
    let output = status(&several, &[]).expect_status(3);
    let first = output
        .stderr
        .lines()
        .find(|line| line.contains("caused by"));
    let first = first.expect("there is a cause");
    assert!(
        first.contains("password authentication failed"),
        "{output:#?}"
    );
    assert!(
        output.stderr.contains("check the user and the password"),
        "{output:#?}"
    );
}

#[test]
fn the_next_of_several_hosts_is_tried() {
    let database = TestDatabase::create();
    let port = database.endpoint().port;
    let hosts = format!("@127.0.0.1:1,127.0.0.1:{port}/");
    let url = database
        .plain_url()
        .replace(&format!("@127.0.0.1:{port}/"), &hosts);
    status(&url, &[]).expect_status(0);
    // A server that is not of the kind asked for is passed over as well.
    let url = format!("{url}&target_session_attrs=read-write");
    status(&url, &[]).expect_status(0);
    let url = url.replace("read-write", "read-only");
    let output = status(&url, &["--connect-timeout", "1"]).expect_status(3);
    assert!(
        output.stderr.contains("the server is not read only"),
        "{output:#?}"
    );
    assert!(
        output.stderr.contains("target_session_attrs"),
        "{output:#?}"
    );
}

#[test]
fn tls_that_begins_without_a_question_is_used_where_it_is_asked_for() {
    let database = TestDatabase::create();
    let gateway = TlsGateway::before(&database);
    let url = gateway.url(&database, "sslnegotiation=direct");
    let output = status(&url, &[]).expect_status(0);
    assert_eq!(gateway.connections(), 1);
    assert!(!output.stderr.contains("direct TLS"), "{output:#?}");
}

#[test]
fn a_server_that_wants_to_be_asked_for_tls_is_asked() {
    let database = TestDatabase::create();
    let url = format!("{}&sslnegotiation=direct", database.url());
    let output = status(&url, &[]).expect_status(0);
    assert!(
        output.stderr.contains("the server takes no direct TLS"),
        "{output:#?}"
    );
}

#[test]
fn a_certificate_that_is_not_trusted_is_no_reason_to_ask_again() {
    let database = TestDatabase::create();
    let gateway = TlsGateway::before(&database);
    let url = gateway.url(&database, "sslnegotiation=direct");
    let ca_file = database.endpoint().ca_file.display().to_string();
    let url = url.replace(&format!("sslrootcert={ca_file}&"), "");
    let output = status(&url, &[]).expect_status(3);
    assert_eq!(gateway.connections(), 1);
    assert!(
        output.stderr.contains("authority that is not trusted here"),
        "{output:#?}"
    );
}

#[test]
fn the_login_is_bound_to_the_channel_where_that_is_demanded() {
    let database = TestDatabase::create();
    let url = format!("{}&channel_binding=require", database.url());
    status(&url, &[]).expect_status(0);
    // A proxy that ends TLS has no channel to bind to; that is what the demand is for.
    let gateway = TlsGateway::before(&database);
    let url = gateway.url(&database, "sslnegotiation=direct&channel_binding=require");
    let output = status(&url, &[]).expect_status(3);
    assert!(output.stderr.contains("channel binding"), "{output:#?}");
    assert!(
        output.stderr.contains("channel_binding=require"),
        "{output:#?}"
    );
}
