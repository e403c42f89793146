//! Tests of PgBouncer in transaction mode.

use super::*;

#[test]
fn shares_one_server_connection_between_transactions() {
    let database = TestDatabase::create();
    let bouncer = PgBouncer::start(Server::shared());
    let clients = [(); 2].map(|()| Client::connect(&bouncer.url(database.name())));
    let pids = clients
        .each_ref()
        .map(|client| client.text("SELECT pg_backend_pid()"));
    assert_eq!(pids[0], pids[1], "the mode is not transaction");
}

#[test]
fn loses_named_prepared_statements_between_transactions() {
    let database = TestDatabase::create();
    let bouncer = PgBouncer::start(Server::shared());
    let [one, other] = [(); 2].map(|()| Client::connect(&bouncer.url(database.name())));
    block_on(async {
        let statement = one.inner().prepare("SELECT 1").await.unwrap();
        // Holds the server connection on which it was prepared.
        other.inner().batch_execute("BEGIN").await.unwrap();
        let error = one.inner().query(&statement, &[]).await.unwrap_err();
        assert_eq!(error.code().map(|code| code.code()), Some("26000"));
    });
}
