//! A real PgBouncer in transaction mode: as in front of many hosted databases.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use super::cluster::{Endpoint, Server};
use super::free_port;
use super::guard::Guard;

/// PgBouncer has nothing to save, and it leaves no child behind.
const BOUNCER: &str = r#"
start() {
    umask 077
    printf '"blogctl" "%s"\n' "$PASSWORD" >users
    cat >pgbouncer.ini <<END
[databases]
* = host=127.0.0.1 port=$SERVER_PORT
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $PORT
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $DIR/users
pool_mode = transaction
server_tls_sslmode = disable
logfile = $DIR/log
$MORE
END
    "$PROGRAM" --quiet pgbouncer.ini >>log 2>&1 &
    pid=$!
    # It says so in its log once it listens.
    tries=0
    until grep -q 'process up' log 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] && kill -0 "$pid" 2>/dev/null || return 1
        sleep 0.1
    done
}
stop() { [ -z "${pid:-}" ] || kill -KILL "$pid" 2>/dev/null; }
"#;

/// A running PgBouncer. Dropping it stops it.
#[derive(Debug)]
pub struct PgBouncer {
    port: u16,
    password: String,
    _guard: Guard,
}

impl PgBouncer {
    /// Starts one in front of every database of a server.
    pub fn start(server: &Server) -> Self {
        Self::configured(server, "")
    }

    /// As [`PgBouncer::start`], with at most so many server connections for a database and
    /// user: with more clients than that, each transaction gets another one.
    pub fn with_pool_size(server: &Server, connections: usize) -> Self {
        Self::configured(server, &format!("default_pool_size = {connections}"))
    }

    fn configured(server: &Server, settings: &str) -> Self {
        let Endpoint {
            port: server_port,
            password,
            ..
        } = server.endpoint().clone();
        let program = program();
        let more = format!("{}\n{settings}", options(&program));
        let mut words = String::new();
        // Another process may have taken the port between its choice and its use.
        for _ in 0..5 {
            let port = free_port();
            let started = Guard::start(
                BOUNCER,
                &[
                    ("PROGRAM", &program.to_string_lossy()),
                    ("PORT", &port.to_string()),
                    ("SERVER_PORT", &server_port.to_string()),
                    ("PASSWORD", &password),
                    ("MORE", &more),
                ],
            );
            match started {
                Ok(guard) => {
                    wait_until_open(port);
                    return Self {
                        port,
                        password,
                        _guard: guard,
                    };
                }
                Err(said) => words = said,
            }
        }
        panic!("{} did not start:\n{words}", program.display());
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of a database through it.
    pub fn url(&self, database: &str) -> String {
        let Self { port, password, .. } = self;
        format!("postgresql://blogctl:{password}@127.0.0.1:{port}/{database}?sslmode=disable")
    }
}

/// Named prepared statements are off: from 1.21 on that is an option, before there were none.
fn options(program: &PathBuf) -> &'static str {
    let said = Command::new(program)
        .arg("--version")
        .output()
        .map(|output| output.stdout);
    let said = String::from_utf8(said.unwrap_or_default()).unwrap_or_default();
    let version = said
        .split_whitespace()
        .find_map(|word| {
            let mut parts = word.split('.').map(str::parse::<u32>);
            Some((parts.next()?.ok()?, parts.next()?.ok()?))
        })
        .unwrap_or((0, 0));
    if version >= (1, 21) {
        "max_prepared_statements = 0"
    } else {
        ""
    }
}

fn wait_until_open(port: u16) {
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "PgBouncer does not answer"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into()])
        .map(|dir| dir.join("pgbouncer"))
        .find(|program| program.is_file())
        .expect(
            "these tests start a PgBouncer of their own, and the program is nowhere to be found. \
             Run ./test, which installs what is missing, or install the package `pgbouncer`.",
        )
}
