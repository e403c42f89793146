//! Whom the program trusts with a password: servers with a right certificate, and those it
//! reaches without a network.

use crate::support::cluster::{Server, TlsKind};
use crate::support::database::TestDatabase;
use crate::support::project::{Output, Project};

/// Runs `list` against a server that it must not talk to, and demands that it says where it
/// did not connect, why, and what to do, and not the password. Returns what it said.
#[track_caller]
fn refused(server: &Server, args: &[&str], url: &str) -> String {
    let output = Project::new()
        .run(&[&["list", "--database", url], args].concat())
        .expect_status(3);
    assert_eq!(output.stdout, "");
    keeps_the_password(&output, &server.endpoint().password);
    let said = output.stderr.to_lowercase();
    let port = format!(":{}/postgres", server.endpoint().port);
    for part in [
        "error: cannot connect to postgresql://blogctl@",
        &port,
        "\n  caused by: ",
        "\nhelp: ",
    ] {
        assert!(said.contains(part), "no {part:?} in: {said}");
    }
    said
}

/// Demands that a certificate is refused in each of the modes that ask for one: none of them
/// is weaker than the others, whatever libpq makes of them.
#[track_caller]
fn refused_by_certificate(kind: TlsKind, why: &str, help: &str) {
    let server = Server::start(kind);
    let url = server.endpoint().url("postgres");
    for mode in ["require", "verify-ca", "verify-full"] {
        let url = url.replace("sslmode=require", &format!("sslmode={mode}"));
        let said = refused(&server, &[], &url);
        contains(&said, &[why]);
        contains(&said, &[help]);
    }
}

/// The address of a server on this machine that the program must take for a remote one: it
/// leads here, and is not one of the loopback addresses.
fn as_if_remote(url: &str) -> String {
    url.replace("@127.0.0.1:", "@0.0.0.0:")
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
fn connects_without_tls_to_this_machine_unless_it_is_demanded() {
    let server = Server::start(TlsKind::None);
    for options in ["", "sslmode=prefer", "sslmode=allow"] {
        let url = server.endpoint().tcp_url("postgres", options);
        let output = Project::new()
            .run(&["schema", "status", "--database", &url])
            .expect_status(0);
        keeps_the_password(&output, &server.endpoint().password);
    }
}

#[test]
fn fails_for_a_certificate_of_another_host() {
    refused_by_certificate(TlsKind::WrongHost, "mismatch", "the name that is in");
}

#[test]
fn fails_for_a_certificate_by_an_unknown_authority() {
    let help = "not from the authority in sslrootcert";
    refused_by_certificate(TlsKind::UnknownAuthority, "issuer certificate", help);
}

#[test]
fn fails_for_an_expired_certificate() {
    refused_by_certificate(TlsKind::Expired, "has expired", "renew the server's");
}

#[test]
fn fails_for_an_authority_that_it_was_not_told_of() {
    let server = Server::shared();
    let url = server.endpoint().tcp_url("postgres", "sslmode=require");
    let said = refused(server, &[], &url);
    contains(&said, &["issuer certificate"]);
    contains(
        &said,
        &["help: give the authority of the server's certificate with sslrootcert"],
    );
}

#[test]
fn fails_for_a_server_without_tls_where_tls_is_demanded() {
    let server = Server::start(TlsKind::None);
    for mode in ["require", "verify-ca", "verify-full"] {
        let options = format!("sslmode={mode}");
        let url = server.endpoint().tcp_url("postgres", &options);
        let said = refused(&server, &[], &url);
        contains(&said, &["server does not support tls"]);
        contains(&said, &["help: turn tls on at the server"]);
    }
}

#[test]
fn never_falls_back_to_plaintext_on_a_remote_host() {
    let server = Server::start(TlsKind::None);
    for options in ["", "sslmode=prefer", "sslmode=allow", "sslmode=require"] {
        let url = as_if_remote(&server.endpoint().tcp_url("postgres", options));
        // The flag allows what the address asks for, and nothing else.
        for args in [&[][..], &["--allow-plaintext"]] {
            let said = refused(&server, args, &url);
            contains(&said, &["server does not support tls"]);
        }
    }
}

#[test]
fn checks_the_host_name_of_a_remote_host_in_every_mode() {
    let server = Server::shared();
    let ca_file = server.endpoint().ca_file.display();
    for mode in [
        "",
        "&sslmode=prefer",
        "&sslmode=require",
        "&sslmode=verify-ca",
    ] {
        let options = format!("sslrootcert={ca_file}{mode}");
        let url = as_if_remote(&server.endpoint().tcp_url("postgres", &options));
        contains(&refused(server, &[], &url), &["mismatch"]);
    }
}

#[test]
fn fails_for_an_authority_file_that_cannot_be_used() {
    let server = Server::shared();
    let project = Project::new();
    project.write("no.pem", "nothing of the kind\n");
    let no_pem = project.path("no.pem").display().to_string();
    for file in ["/nowhere/ca.pem", &no_pem] {
        let options = format!("sslmode=require&sslrootcert={file}");
        let said = refused(
            server,
            &[],
            &server.endpoint().tcp_url("postgres", &options),
        );
        contains(&said, &[&format!(": sslrootcert {file}: ").to_lowercase()]);
        contains(&said, &["pem"]);
    }
}

#[test]
fn fails_for_a_wrong_or_a_missing_password_without_showing_it() {
    let server = Server::shared();
    let url = server.endpoint().url("postgres");
    let wrong = "a-wrong-word";
    for instead in [format!(":{wrong}@"), "@".to_owned()] {
        let url = url.replace(&format!(":{}@", server.endpoint().password), &instead);
        let said = refused(server, &[], &url);
        contains(&said, &["password"]);
        contains(&said, &["help: check the user and the password"]);
        assert!(!said.contains(wrong), "{said}");
    }
}

#[test]
fn fails_for_a_database_that_is_not_there() {
    let url = Server::shared().endpoint().url("nowhere");
    let output = Project::new()
        .run(&["list", "--database", &url])
        .expect_status(3);
    contains(&output.stderr, &["database \"nowhere\" does not exist"]);
    contains(&output.stderr, &["help: check the database's name"]);
}

#[test]
fn fails_for_a_port_or_a_socket_where_nobody_listens() {
    let server = Server::start(TlsKind::None);
    let endpoint = server.endpoint().clone();
    drop(server);
    for (url, why, help) in [
        (
            endpoint.plain_url("postgres"),
            "refused",
            "check host and port",
        ),
        (
            endpoint.socket_url("postgres"),
            "No such file",
            "check the socket's directory",
        ),
    ] {
        let output = Project::new()
            .run(&["list", "--database", &url])
            .expect_status(3);
        contains(&output.stderr, &[why]);
        contains(&output.stderr, &[&format!("help: {help}")]);
        keeps_the_password(&output, &endpoint.password);
    }
}

#[test]
fn refuses_to_go_without_tls_to_a_remote_host() {
    let server = Server::shared();
    let url = as_if_remote(&server.endpoint().plain_url("postgres"));
    let output = Project::new()
        .run(&["list", "--database", &url])
        .expect_status(2);
    assert_eq!(output.stdout, "");
    contains(&output.stderr, &["error: sslmode=disable would send"]);
    contains(&output.stderr, &["--allow-plaintext"]);
    keeps_the_password(&output, &server.endpoint().password);
}

#[test]
fn goes_without_tls_to_a_remote_host_where_that_is_allowed() {
    let database = TestDatabase::create();
    let url = as_if_remote(&database.plain_url());
    let project = Project::new();
    project.post(1, "In the clear");
    for command in ["sync", "list"] {
        let output = project
            .run(&[command, "--allow-plaintext", "--database", &url])
            .expect_status(0);
        keeps_the_password(&output, &database.endpoint().password);
    }
}
