//! Whom the program trusts with a password: servers with a right certificate, and those it
//! reaches without a network.

use crate::support::cluster::{Server, TlsKind};
use crate::support::database::TestDatabase;
use crate::support::project::{Output, Project};

/// Runs `list` against a server that it must not talk to, and demands that it says where it
/// did not connect and why, and not the password.
#[track_caller]
fn refused(server: &Server, url: &str) -> String {
    let output = Project::new()
        .run(&["list", "--database", url])
        .expect_status(3);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("127.0.0.1"), "{}", output.stderr);
    keeps_the_password(&output, &server.endpoint().password);
    output.stderr.to_lowercase()
}

/// Demands the refusal with and without `sslmode`: an address that does not say must not
/// fall back to talking in the clear.
#[track_caller]
fn refused_by_certificate(kind: TlsKind) -> String {
    let server = Server::start(kind);
    let url = server.endpoint().url("postgres");
    let silent = url.replace("sslmode=require&", "");
    refused(&server, &silent);
    refused(&server, &url)
}

#[track_caller]
fn contains(said: &str, words: &[&str]) {
    assert!(
        words.iter().any(|word| said.contains(word)),
        "none of {words:?} in: {said}"
    );
}

#[track_caller]
fn keeps_the_password(output: &Output, password: &str) {
    let Output { stdout, stderr, .. } = output;
    assert!(
        !stdout.contains(password) && !stderr.contains(password),
        "{output:#?}"
    );
}

/// Syncs a post and lists it again.
#[track_caller]
fn works(url: &str, password: &str) {
    let project = Project::new();
    project.post(1, "Over the wire");
    for args in [
        ["sync", "content/", "--verbose", "--database", url].as_slice(),
        ["list", "--verbose", "--database", url].as_slice(),
    ] {
        let output = project.run(args).expect_status(0);
        keeps_the_password(&output, password);
    }
    let output = project
        .run_with(&["list"], &[("DATABASE_URL", url)])
        .expect_status(0);
    assert!(output.stdout.contains("Over the wire"), "{output:#?}");
    keeps_the_password(&output, password);
}

#[test]
fn connects_with_a_good_certificate() {
    let database = TestDatabase::create();
    works(&database.url(), &database.endpoint().password);
}

#[test]
fn connects_by_the_hosts_name_with_a_good_certificate() {
    let database = TestDatabase::create();
    let url = database.url().replace("@127.0.0.1:", "@localhost:");
    works(&url, &database.endpoint().password);
}

#[test]
fn connects_without_tls_to_a_loopback_address() {
    let database = TestDatabase::create();
    let url = database.plain_url();
    works(&url, &database.endpoint().password);
    works(
        &url.replace("@127.0.0.1:", "@localhost:"),
        &database.endpoint().password,
    );
}

#[test]
fn connects_without_tls_over_a_socket() {
    let database = TestDatabase::create();
    works(&database.socket_url(), &database.endpoint().password);
}

#[test]
fn fails_for_a_certificate_of_another_host() {
    let said = refused_by_certificate(TlsKind::WrongHost);
    contains(&said, &["mismatch", "another host", "host name"]);
}

#[test]
fn fails_for_a_certificate_by_an_unknown_authority() {
    let said = refused_by_certificate(TlsKind::UnknownAuthority);
    contains(&said, &["issuer", "authority", "self-signed"]);
}

#[test]
fn fails_for_an_expired_certificate() {
    contains(&refused_by_certificate(TlsKind::Expired), &["expired"]);
}

#[test]
fn fails_for_an_authority_that_it_was_not_told_of() {
    let server = Server::shared();
    let url = server.endpoint().tcp_url("postgres", "sslmode=require");
    contains(
        &refused(server, &url),
        &["issuer", "authority", "self-signed"],
    );
}

#[test]
fn fails_for_a_server_without_tls() {
    let server = Server::start(TlsKind::None);
    for options in ["sslmode=require", ""] {
        let url = server.endpoint().tcp_url("postgres", options);
        contains(&refused(&server, &url), &["tls", "ssl"]);
    }
}

#[test]
fn fails_for_an_authority_file_that_is_not_there() {
    let server = Server::shared();
    let url = server
        .endpoint()
        .tcp_url("postgres", "sslmode=require&sslrootcert=/nowhere/ca.pem");
    let output = Project::new()
        .run(&["list", "--database", &url])
        .expect_status(3);
    assert!(
        output.stderr.contains("/nowhere/ca.pem"),
        "{}",
        output.stderr
    );
    keeps_the_password(&output, &server.endpoint().password);
}

#[test]
fn fails_for_a_wrong_password_without_showing_it() {
    let database = TestDatabase::create();
    let wrong = "a-wrong-word";
    let url = database.url().replace(&database.endpoint().password, wrong);
    let output = Project::new()
        .run(&["list", "--database", &url])
        .expect_status(3);
    contains(&output.stderr, &["password"]);
    keeps_the_password(&output, wrong);
}

#[test]
fn fails_for_a_port_where_nobody_listens() {
    let server = Server::start(TlsKind::None);
    let url = server.endpoint().plain_url("postgres");
    let password = server.endpoint().password.clone();
    drop(server);
    let output = Project::new()
        .run(&["list", "--database", &url])
        .expect_status(3);
    contains(&output.stderr, &["refused"]);
    keeps_the_password(&output, &password);
}

#[test]
fn refuses_to_go_without_tls_to_a_remote_host() {
    // A name that never resolves: the refusal must come before any look at the network.
    let url = "postgresql://blogctl:a-secret-word@db.example/blog?sslmode=disable";
    let output = Project::new().run(&["list", "--database", url]);
    assert!(matches!(output.status, 2 | 3), "{output:#?}");
    contains(&output.stderr, &["sslmode=disable"]);
    keeps_the_password(&output, "a-secret-word");
}
