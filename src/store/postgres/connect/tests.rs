use super::super::settings::Environment;
use super::*;

fn failed(stage: Stage, cause: impl Into<failure::Cause>) -> Failed {
    let failure = Failure {
        place: "db.example:5432".into(),
        stage,
        cause: cause.into(),
    };
    Failed {
        failures: vec![failure],
        retry: Retry::UntilDeadline,
    }
}

#[test]
fn a_round_that_the_deadline_cuts_short_does_not_hide_the_one_before() {
    let timeout = |stage| failed(stage, NoAnswer(Duration::ZERO, stage));
    let refused = || failed(Stage::Reach, "connection refused");
    let wrong_kind = failed(Stage::Login, "the server is not read only");
    let mut cut_short = timeout(Stage::Login);
    cut_short.failures.extend(refused().failures);
    assert!(cut_short.is_cut_short_after(&wrong_kind));
    assert!(!cut_short.is_cut_short_after(&refused()));
    assert!(timeout(Stage::Login).is_cut_short_after(&refused()));
    assert!(!refused().is_cut_short_after(&wrong_kind));
}

fn settings(connection: &str) -> Settings {
    Settings::parse(connection, &Environment::default(), true).unwrap()
}

fn shown(connection: &str) -> String {
    location(&settings(connection))
}

#[test]
fn a_location_never_shows_the_password() {
    assert_eq!(
        shown("postgresql://ann:secret@db.example.com/blog?sslmode=require"),
        "postgresql://ann@db.example.com:5432/blog"
    );
    assert_eq!(
        shown("host=/run/pg user=ann password=secret port=5433"),
        "postgresql://ann@/run/pg:5433/ann"
    );
    assert_eq!(
        shown("postgresql://u:secret@[::1]:6000/b"),
        "postgresql://u@[::1]:6000/b"
    );
}

#[test]
fn waits_grow_to_a_bound_and_differ() {
    for (attempt, longest) in [(2, 100), (3, 200), (4, 400), (8, 3_000), (1_000, 3_000)] {
        for _ in 0..100 {
            let wait = wait_before(attempt).as_millis();
            assert!(wait >= longest / 2 && wait <= longest, "{attempt}: {wait}");
        }
    }
    let waits: std::collections::HashSet<_> = (0..20).map(|_| wait_before(5)).collect();
    assert!(waits.len() > 1);
}

#[test]
fn the_name_at_the_server_is_short_and_unique_to_the_process() {
    let named = |actor: &str| {
        let settings = settings("postgresql://u@h/b");
        let options = ConnectOptions {
            actor: actor.into(),
            ..ConnectOptions::default()
        };
        let connector = Connector::new(settings, options);
        connector
            .settings
            .config
            .get_application_name()
            .unwrap()
            .to_owned()
    };
    assert!(named("ann@laptop").starts_with("blogctl ann@laptop pid "));
    assert!(named("ann@laptop") != named("ann@laptop"));
    let long = named(&"안녕".repeat(40));
    assert!(long.len() <= APPLICATION_NAME_BYTES, "{long}");
    assert!(long.contains(" pid "), "{long}");
    // Only such characters reach the server as they are.
    assert!(
        long.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
        "{long}"
    );
}
