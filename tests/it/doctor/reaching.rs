//! The way to the server: what it costs, what protects it, and where it ends.

use super::{Patient, found, only};
use crate::support::client::Client;
use crate::support::cluster::{Server, TlsKind};
use crate::support::database::TestDatabase;
use crate::support::pgbouncer::PgBouncer;
use crate::support::project::{Output, Project};
use crate::support::test_blog::json;

/// The screen, without what differs between servers and days.
fn screen(output: &Output) -> String {
    let text = output.snapshot();
    let filters = [
        (r"PostgreSQL [0-9.]+", "PostgreSQL [VERSION]"),
        (r"in [0-9]+ days", "in [DAYS] days"),
        (r"by [^ ]+@[^ ]+ from", "by [ACTOR] from"),
        (r"TLS 1\.[23], [A-Z0-9_]+", "TLS [VERSION], [CIPHER]"),
        (r"(socket:|PGSQL\.)[0-9]+", "$1[PORT]"),
    ];
    filters.iter().fold(text, |text, (pattern, name)| {
        let pattern = regex::Regex::new(pattern).expect("the pattern is valid");
        pattern.replace_all(&text, *name).into_owned()
    })
}

#[test]
fn a_healthy_blog_over_tls_is_one_screen() {
    let patient = Patient::new();
    let output = patient.doctor(&patient.database.url(), &[]);
    insta::assert_snapshot!(screen(&output), @r"
    status: 0
    --- stdout ---
    ok       setting          postgresql://blogctl@127.0.0.1:[PORT]/[DATABASE] (--database)
    ok       connection       127.0.0.1:[PORT] in [DURATION]: network [DURATION], TLS [DURATION], login [DURATION]
    ok       tls              TLS [VERSION], [CIPHER], chain and name verified
    ok       certificate      for localhost and 2 more, ends 2100-01-01 UTC, in [DAYS] days
    ok       channel-binding  the login is tied to the TLS channel
    ok       pooler           none: the server itself answers
    ok       round-trip       [DURATION] there and back
    ok       timeouts         connect [DURATION], a statement that reads [DURATION], one that writes [DURATION]
    ok       server           PostgreSQL [VERSION], as role blogctl
    ok       tables           posts fit into public.post, public.tag, public.post_tag
    ok       schema           tables of version 4, as needed
    ok       permissions      all that a sync needs
    ok       indexes          all 14 that queries are made for
    ok       queries          all 16 of the readers are answered by an index
    ok       history          last published [NOW] by [ACTOR] from content
    ok       content          1 post in content
    ok       drift            1 post is as its file says

    healthy
    --- stderr ---
    ");
}

#[test]
fn over_a_socket_there_is_no_tls_and_nobody_between() {
    let patient = Patient::new();
    let output = patient.doctor(&patient.database.socket_url(), &[]);
    insta::assert_snapshot!(screen(&output), @r"
    status: 0
    --- stdout ---
    ok       setting          postgresql:[SERVER]/socket:[PORT]/[DATABASE] (--database)
    ok       connection       [SERVER]/socket/.s.PGSQL.[PORT] in [DURATION]: network [DURATION], login [DURATION]
    ok       tls              none: the server is this machine
    ok       pooler           none: the server itself answers
    ok       round-trip       [DURATION] there and back
    ok       timeouts         connect [DURATION], a statement that reads [DURATION], one that writes [DURATION]
    ok       server           PostgreSQL [VERSION], as role blogctl
    ok       tables           posts fit into public.post, public.tag, public.post_tag
    ok       schema           tables of version 4, as needed
    ok       permissions      all that a sync needs
    ok       indexes          all 14 that queries are made for
    ok       queries          all 16 of the readers are answered by an index
    ok       history          last published [NOW] by [ACTOR] from content
    ok       content          1 post in content
    ok       drift            1 post is as its file says

    healthy
    --- stderr ---
    ");
}

/// The version and the cipher as the server tells them of a connection like blogctl's, in
/// the words that blogctl uses.
fn agreed(server: &Server) -> (String, String) {
    let authority = std::fs::read_to_string(&server.endpoint().ca_file).expect("it is there");
    let url = server.endpoint().tcp_url("postgres", "sslmode=require");
    let client = Client::try_connect_tls(&url, &authority).expect("the server takes TLS");
    let told = client.text("SELECT version, cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    let (version, cipher) = told.split_once('|').expect("two columns");
    let version = version.replace("TLSv", "TLS ");
    // From TLS 1.3 on OpenSSL's names are those of everybody.
    let cipher = match cipher.split_once("-AES") {
        Some((exchange, rest)) => {
            let rest = rest.replace('-', "_");
            let (bits, mode) = rest.split_at(3);
            format!("TLS_{}_WITH_AES_{bits}{mode}", exchange.replace('-', "_"))
        }
        None => cipher.to_owned(),
    };
    (version, cipher)
}

#[test]
fn what_was_agreed_on_is_what_the_server_says() {
    for limit in ["TLSv1.3", "TLSv1.2"] {
        let settings = format!("ssl_max_protocol_version = '{limit}'");
        let server = Server::configured(TlsKind::Good, &settings);
        let patient = Patient::of(server.database());
        let output = patient.doctor(&patient.database.url(), &["--format", "json"]);
        let answer = json(&output.expect_status(0));
        let link = &answer["facts"]["postgres"]["link"];
        let tls = &link["tls"];
        let (version, cipher) = agreed(&server);
        assert_eq!(tls["version"], version);
        assert_eq!(tls["cipher"], cipher);
        assert_eq!(version.replace("TLS ", "TLSv"), limit);
        assert_eq!(tls["channel_bound"], true);
        let names = serde_json::json!(["localhost", "127.0.0.1", "::1"]);
        assert_eq!(tls["certificate"]["names"], names);
        assert_eq!(tls["certificate"]["not_after"], "2100-01-01T00:00:00Z");
        assert_eq!(link["route"], "direct");
        for phase in ["name", "network", "tls", "login"] {
            assert!(link["phases_ms"][phase].is_number(), "{link}");
        }
    }
}

#[test]
fn a_pooler_is_told_from_a_server() {
    let patient = Patient::new();
    let bouncer = PgBouncer::start(Server::shared());
    let url = bouncer.url(patient.database.name());
    let output = patient.doctor(&url, &["--format", "json"]).expect_status(0);
    let (level, message, _) = only(found(&output, "pooler"));
    assert_eq!(level, "hint");
    assert!(
        message.starts_with("a pooler or a proxy answers"),
        "{message}"
    );
    let (level, message, _) = only(patient.found("pooler", 0));
    assert_eq!(
        (&*level, &*message),
        ("ok", "none: the server itself answers")
    );
}

#[test]
fn a_certificate_that_ends_soon_is_a_warning() {
    let server = Server::start(TlsKind::EndsSoon);
    let patient = Patient::of(server.database());
    let url = patient.database.url();
    let output = patient.doctor(&url, &["--format", "json"]).expect_status(0);
    let (level, message, remedy) = only(found(&output, "certificate"));
    assert_eq!(level, "warning");
    assert!(
        message.starts_with("for localhost and 2 more, ends "),
        "{message}"
    );
    assert!(remedy.starts_with("renew"), "{remedy}");
    patient.doctor(&url, &["--strict"]).expect_status(3);
}

/// Runs `doctor` against what cannot be reached, and returns its one finding about it.
#[track_caller]
fn failed(url: &str) -> (String, String) {
    let project = Project::new();
    project.post(1, "One");
    let args = ["doctor", "--format", "json", "--database", url];
    let output = project.run(&args).expect_status(3);
    assert_eq!(output.stderr, "");
    let (level, message, remedy) = only(found(&output, "connection"));
    assert_eq!(level, "error");
    // What is known all the same.
    let (level, message_of_setting, _) = only(found(&output, "setting"));
    assert_eq!(level, "ok");
    assert!(
        message_of_setting.ends_with("(--database)"),
        "{message_of_setting}"
    );
    assert_eq!(only(found(&output, "content")).0, "ok");
    (message, remedy)
}

#[test]
fn each_stage_that_fails_is_named_with_its_remedy() {
    let server = Server::shared();
    let endpoint = server.endpoint();
    let url = endpoint.url("postgres");
    let gone = {
        let server = Server::start(TlsKind::None);
        server.endpoint().plain_url("postgres")
    };
    let expired = Server::start(TlsKind::Expired);
    let wrong = url.replace(&format!(":{}@", endpoint.password), ":a-wrong-word@");
    for (url, stage, remedy) in [
        (
            &*url.replace("127.0.0.1", "no-such-host.invalid"),
            "looking up the host's name failed",
            "check the host's name",
        ),
        (
            &*gone,
            "opening the connection failed",
            "check host and port",
        ),
        (
            &*expired.endpoint().url("postgres"),
            "negotiating TLS failed",
            "renew the server's certificate",
        ),
        (
            &*wrong,
            "logging in failed",
            "check the user and the password",
        ),
        (
            &*endpoint.url("nowhere"),
            "logging in failed",
            "check the database's name",
        ),
    ] {
        let (message, told) = failed(url);
        assert!(message.starts_with(stage), "{message}");
        assert!(told.starts_with(remedy), "{told}");
        assert!(!message.contains("a-wrong-word"), "{message}");
    }
}

#[test]
fn an_address_that_is_none_is_a_finding() {
    let project = Project::new();
    project.post(1, "One");
    for url in [
        "mysql://me:hunter2@h/d",
        "postgresql://me:hunter2@db.example/d?sslmode=disable",
    ] {
        let args = ["doctor", "--database", url];
        let output = project.run(&args).expect_status(2);
        assert_eq!(output.stderr, "");
        assert!(output.stdout.contains("error    setting"), "{output:#?}");
        assert!(output.stdout.contains("help: "), "{output:#?}");
        assert!(!output.stdout.contains("hunter2"), "{output:#?}");
    }
    project.write("blogctl.toml", "colour = 3\n");
    let output = project.run(&["doctor"]).expect_status(2);
    assert!(
        output.stdout.contains("unknown key `colour`"),
        "{output:#?}"
    );
}

#[test]
fn in_ci_the_default_store_is_refused_as_a_sync_refuses_it() {
    let project = Project::new();
    project.post(1, "One");
    let output = project
        .run_with(&["doctor"], &[("CI", "true")])
        .expect_status(4);
    assert!(
        output.stdout.contains("CI is set and no database is given"),
        "{output:#?}"
    );
    let named = [("CI", "true"), ("DATABASE_URL", "sqlite:a.db")];
    project.run_with(&["doctor"], &named).expect_status(0);
}

#[test]
fn plaintext_to_another_host_is_a_warning() {
    let database = TestDatabase::create();
    let patient = Patient::of(database);
    let url = patient
        .database
        .plain_url()
        .replace("@127.0.0.1:", "@0.0.0.0:");
    let output = patient.doctor(&url, &["--allow-plaintext", "--format", "json"]);
    let (level, message, remedy) = only(found(&output.expect_status(0), "tls"));
    assert_eq!(level, "warning", "{message}");
    assert!(remedy.contains("--allow-plaintext"), "{remedy}");
}
