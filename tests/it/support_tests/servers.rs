//! Servers that go away and come back, and poolers with few connections, tested by themselves.

use std::thread;
use std::time::Duration;

use crate::support::client::Client;
use crate::support::cluster::Server;
use crate::support::database::TestDatabase;
use crate::support::pgbouncer::PgBouncer;

#[test]
fn a_server_that_was_ended_comes_back_with_what_was_committed() {
    let mut server = Server::start_lasting();
    let database = server.database();
    database.client().batch("CREATE TABLE number (n integer)");
    let ways: [fn(&mut Server); 2] = [Server::kill, Server::stop_at_once];
    for (n, end) in ways.into_iter().enumerate() {
        let client = database.client();
        client.batch(&format!("INSERT INTO number VALUES ({n})"));
        client.batch("BEGIN; INSERT INTO number VALUES (-1)");
        end(&mut server);
        assert!(client.try_batch("SELECT 1").is_err());
        assert!(Client::try_connect(&database.plain_url()).is_err());
        server.start_again();
        let rows = "SELECT string_agg(n::text, ' ' ORDER BY n) FROM number";
        let expected = ["0", "0 1"][n];
        assert_eq!(database.client().text(rows), expected);
    }
    // It still goes with its files.
    let dir = server.dir().to_owned();
    drop(database);
    drop(server);
    assert!(!dir.exists());
}

#[test]
fn a_pooler_with_two_connections_serves_eight_clients() {
    let database = TestDatabase::create();
    let bouncer = PgBouncer::with_pool_size(Server::shared(), 2);
    let url = bouncer.url(database.name());
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let client = Client::connect(&url);
                for _ in 0..5 {
                    client.batch("BEGIN; SELECT pg_sleep(0.02); COMMIT");
                }
            });
        }
        let watcher = database.client();
        for _ in 0..10 {
            let servers = "SELECT count(*) FROM pg_stat_activity \
                WHERE datname = current_database() AND client_port > 0";
            let count: usize = watcher.text(servers).parse().expect("a count");
            assert!(count <= 2, "{count} connections");
            thread::sleep(Duration::from_millis(20));
        }
    });
}
