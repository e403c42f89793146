//! Tests of the servers that the tests start.

use super::*;

#[test]
fn answers_over_tcp_and_over_its_socket() {
    let database = TestDatabase::create();
    for url in [database.plain_url(), database.socket_url()] {
        let client = Client::connect(&url);
        assert_eq!(
            client.text("SELECT current_database(), 1 + 1, NULL"),
            format!("{}|2|", database.name())
        );
    }
}

#[test]
fn demands_the_password_over_tcp() {
    let database = TestDatabase::create();
    let wrong = database
        .plain_url()
        .replace(&database.endpoint().password, "wrong");
    let error = Client::try_connect(&wrong)
        .err()
        .expect("a wrong password is refused");
    assert_eq!(error.code().map(|code| code.code()), Some("28P01"));
}

#[test]
fn gives_each_test_a_database_that_goes_with_it() {
    let (kept, dropped) = (TestDatabase::create(), TestDatabase::create());
    let name = dropped.name().to_owned();
    let _still_connected = dropped.client();
    drop(dropped);
    let sql = format!(
        "SELECT count(*) FROM pg_database WHERE datname IN ('{name}', '{}')",
        kept.name()
    );
    assert_eq!(kept.client().text(&sql), "1");
}

#[test]
fn tells_how_a_statement_was_run() {
    let database = TestDatabase::create();
    database.client().batch(
        "CREATE TABLE number (n integer PRIMARY KEY, parity integer); \
         INSERT INTO number SELECT n, n % 2 FROM generate_series(1, 10000) n; \
         ANALYZE number",
    );
    database.record_plans();
    assert_eq!(database.plans().len(), 0);
    let client = database.client();
    client.batch("SELECT * FROM number WHERE parity = 5");
    block_on(client.inner().query_typed(
        "SELECT *\n\tFROM number WHERE n > $1 AND parity = 0 ORDER BY n LIMIT 5",
        &[(&9000, Type::INT4)],
    ))
    .unwrap();
    let plans = database.plans();
    let [all, few] = plans.as_slice() else {
        panic!("{plans:?}")
    };
    assert_eq!(
        (all.sequential_scans(), all.rows_read()),
        (vec!["number"], 10_000)
    );
    assert!(
        few.query
            .starts_with("SELECT *\n\tFROM number WHERE n > $1")
    );
    assert_eq!(
        (few.sequential_scans(), few.indexes()),
        (vec![], vec!["number_pkey"])
    );
    assert!((9..=10).contains(&few.rows_read()), "{}", few.json());
    // Ten thousand rows of 32 bytes fill 45 pages of 8 KB.
    assert!((40..=50).contains(&all.pages_touched()), "{}", all.json());
    assert!((2..=8).contains(&few.pages_touched()), "{}", few.json());
    assert!(few.outline().contains("number_pkey"), "{}", few.outline());
}

#[test]
fn goes_with_its_files_when_it_is_dropped() {
    let server = Server::start(TlsKind::None);
    let (dir, endpoint) = (server.dir().to_owned(), server.endpoint().clone());
    assert!(dir.is_dir());
    drop(server);
    assert!(!dir.exists());
    assert!(Client::try_connect(&endpoint.plain_url("postgres")).is_err());
}
