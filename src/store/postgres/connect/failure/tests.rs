use std::io;

use super::*;

fn failure(stage: Stage, cause: impl Into<Cause>) -> Failure {
    Failure {
        place: "db.example:5432".into(),
        stage,
        cause: cause.into(),
    }
}

fn of_kind(stage: Stage, kind: ErrorKind) -> Failure {
    failure(stage, io::Error::from(kind))
}

fn answer(code: &str, text: &str) -> Retry {
    retry_after_answer(&SqlState::from_code(code), &text.to_lowercase())
}

#[test]
fn what_a_server_says_of_itself_passes() {
    for (code, text) in [
        ("57P03", "the database system is starting up"),
        (
            "57P01",
            "terminating connection due to administrator command",
        ),
        ("53300", "sorry, too many clients already"),
        ("08006", "server closed the connection"),
        ("08P01", "query_wait_timeout"),
        ("08P01", "no more connections allowed (max_client_conn)"),
        ("XX000", "Couldn't connect to compute node"),
        ("XX000", "Control plane request failed"),
        (
            "XX000",
            "Failed to acquire permit to connect to the database. Too many database connection attempts are currently ongoing.",
        ),
    ] {
        assert_eq!(answer(code, text), Retry::UntilDeadline, "{text}");
    }
}

#[test]
fn a_refusal_does_not_pass_whoever_hands_it_on() {
    for (code, text) in [
        ("28P01", "password authentication failed for user \"u\""),
        (
            "08P01",
            "server login has been failing, cached error: FATAL: password authentication failed for user \"u\"",
        ),
        ("3D000", "database \"x\" does not exist"),
        ("08P01", "no such database: x"),
        (
            "08P01",
            "unsupported startup parameter in options: statement_timeout",
        ),
        (
            "28000",
            "no pg_hba.conf entry for host \"192.0.2.1\", user \"u\", database \"d\", no encryption",
        ),
        (
            "XX000",
            "Endpoint ID is not specified. Either please upgrade the postgres client library",
        ),
        (
            "XX000",
            "The requested endpoint could not be found, or you don't have access to it.",
        ),
        (
            "XX000",
            "Endpoint is disabled. Enable it using the console and retry",
        ),
        (
            "XX000",
            "Your project has exceeded the data transfer quota.",
        ),
        (
            "XX000",
            "This IP address 192.0.2.1 is not allowed to connect to this endpoint.",
        ),
        ("XX000", "something never seen"),
    ] {
        assert_eq!(answer(code, text), Retry::Never, "{text}");
    }
}

#[test]
fn a_connection_that_breaks_off_passes_and_one_that_is_refused_may() {
    assert_eq!(
        of_kind(Stage::Reach, ErrorKind::ConnectionRefused).retry(),
        Retry::Briefly
    );
    assert_eq!(
        of_kind(Stage::Reach, ErrorKind::NetworkUnreachable).retry(),
        Retry::Briefly
    );
    assert_eq!(
        of_kind(Stage::Reach, ErrorKind::NotFound).retry(),
        Retry::Briefly
    );
    assert_eq!(
        of_kind(Stage::Reach, ErrorKind::PermissionDenied).retry(),
        Retry::Never
    );
    for stage in [Stage::Tls, Stage::Login] {
        assert_eq!(
            of_kind(stage, ErrorKind::ConnectionReset).retry(),
            Retry::UntilDeadline
        );
        assert_eq!(
            of_kind(stage, ErrorKind::UnexpectedEof).retry(),
            Retry::UntilDeadline
        );
    }
}

#[test]
fn a_name_that_is_not_there_is_not_asked_for_again() {
    let unknown = "failed to lookup address information: Name or service not known";
    let offline = "failed to lookup address information: Temporary failure in name resolution";
    assert_eq!(failure(Stage::Name, unknown).retry(), Retry::Never);
    assert_eq!(failure(Stage::Name, offline).retry(), Retry::Briefly);
}

#[test]
fn a_certificate_is_not_tried_again() {
    let text = "certificate verify failed: unexpected eof while reading";
    assert_eq!(failure(Stage::Tls, text).retry(), Retry::Never);
    assert_eq!(
        failure(Stage::Tls, "server does not support TLS").retry(),
        Retry::Never
    );
}

#[test]
fn each_stage_is_told_as_it_was_noted() {
    let cell = StageCell::default();
    assert_eq!(cell.get(), Stage::Name);
    for stage in StageCell::STAGES {
        cell.clone().set(stage);
        assert_eq!(cell.get(), stage);
    }
}

#[test]
fn who_came_further_weighs_more() {
    let unreachable = of_kind(Stage::Reach, ErrorKind::NetworkUnreachable);
    let refused = of_kind(Stage::Reach, ErrorKind::ConnectionRefused);
    let tls = failure(Stage::Tls, "certificate verify failed");
    assert!(tls.specificity() > refused.specificity());
    assert!(refused.specificity() > unreachable.specificity());
}
