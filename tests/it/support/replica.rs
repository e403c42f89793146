//! A primary and real streaming replicas of it.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::client::Client;
use super::cluster::{Endpoint, Server, TlsKind, bindir};
use super::database::TestDatabase;
use super::free_port;
use super::guard::Guard;

/// Settings for replication, and for the count of [`connections`].
const FOLLOWED: &str = "\
wal_level = replica
max_wal_senders = 20
# Else a copy may need what is gone by the time that it begins to follow.
wal_keep_size = '256MB'
# Else the writer of the log sends a commit on when it next comes by.
synchronous_commit = on
log_connections = on";

/// Copies the primary while it runs, and follows it from there.
const STANDBY: &str = r#"
start() {
    "$BINDIR/pg_basebackup" --pgdata=data --host="$PRIMARY/socket" --port="$PRIMARY_PORT" \
        --username=blogctl --checkpoint=fast --wal-method=stream --write-recovery-conf \
        --no-sync >log 2>&1 || return
    mkdir -m 700 socket
    cat >>data/postgresql.conf <<END
port = $PORT
unix_socket_directories = '$DIR/socket'
wal_retrieve_retry_interval = '100ms'
# A query in the way of what the primary sends is cancelled soon.
max_standby_streaming_delay = '1s'
END
    "$BINDIR/pg_ctl" --pgdata=data --log=log --wait --timeout=60 start >/dev/null 2>&1
}
stop() { "$BINDIR/pg_ctl" --pgdata=data --mode=immediate --wait stop >/dev/null 2>&1; }
"#;

/// The time that a replica has to apply what it was sent.
const PATIENCE: Duration = Duration::from_secs(60);

/// The server that is copied, one for all tests; each has a database of its own there.
pub fn primary() -> &'static Server {
    static PRIMARY: OnceLock<Server> = OnceLock::new();
    PRIMARY.get_or_init(|| Server::configured(TlsKind::Good, FOLLOWED))
}

/// A hot standby of [`primary`]. Dropping it stops it at once and removes its files.
#[derive(Debug)]
pub struct Replica {
    endpoint: Endpoint,
    _guard: Guard,
}

impl Replica {
    /// Makes a replica that follows the primary.
    pub fn start() -> Self {
        let primary = primary();
        let bindir = bindir();
        let mut words = String::new();
        // Another process may have taken the port between its choice and its use.
        for _ in 0..5 {
            let port = free_port();
            let started = Guard::start(
                STANDBY,
                &[
                    ("BINDIR", &bindir.to_string_lossy()),
                    ("PRIMARY", &primary.dir().to_string_lossy()),
                    ("PRIMARY_PORT", &primary.endpoint().port.to_string()),
                    ("PORT", &port.to_string()),
                ],
            );
            match started {
                Ok(guard) => {
                    let endpoint = Endpoint {
                        port,
                        socket_dir: guard.dir().join("socket"),
                        log_file: guard.dir().join("log"),
                        ..primary.endpoint().clone()
                    };
                    return Self {
                        endpoint,
                        _guard: guard,
                    };
                }
                Err(said) => words = said,
            }
        }
        panic!("the replica did not start:\n{words}");
    }

    /// Returns the address and the login, which is the primary's except for the port.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The address of a database's copy, over TCP without TLS.
    pub fn url(&self, database: &TestDatabase) -> String {
        self.endpoint.plain_url(database.name())
    }

    /// Connects as the superuser, past the network.
    pub fn client(&self, database: &str) -> Client {
        Client::connect(&self.endpoint.socket_url(database))
    }

    /// Waits until all that the primary has done so far shows here.
    pub fn catch_up(&self) {
        let sent = primary()
            .client("postgres")
            .text("SELECT pg_current_wal_flush_lsn()");
        let client = self.client("postgres");
        let begun = Instant::now();
        let shows = format!("SELECT pg_last_wal_replay_lsn() >= '{sent}'");
        while client.text(&shows) != "t" {
            assert!(begun.elapsed() < PATIENCE, "the replica does not catch up");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Lets nothing that the primary does from now on show here, until [`Replica::resume`].
    pub fn pause(&self) {
        self.client("postgres")
            .batch("SELECT pg_wal_replay_pause()");
    }

    /// Follows the primary again.
    pub fn resume(&self) {
        self.client("postgres")
            .batch("SELECT pg_wal_replay_resume()");
    }
}

/// Returns the number of sessions that a server, started with the primary's settings, has let
/// into a database.
pub fn connections(endpoint: &Endpoint, database: &TestDatabase) -> usize {
    let log = std::fs::read_to_string(&endpoint.log_file)
        .unwrap_or_else(|e| panic!("{}: {e}", endpoint.log_file.display()));
    let name = format!("database={} ", database.name());
    let ends = format!("database={}", database.name());
    log.lines()
        .filter(|line| line.contains("connection authorized: "))
        .filter(|line| line.contains(&name) || line.ends_with(&ends))
        .count()
}
