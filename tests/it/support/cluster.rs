//! Throw-away PostgreSQL servers, each with its own cluster; existing servers are never used.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::certs::Authorities;
use super::client::Client;
use super::database::TestDatabase;
use super::guard::Guard;
use super::{free_port, random_word};

/// The kinds of certificates of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsKind {
    /// A certificate for localhost, 127.0.0.1 and ::1, by the run's authority.
    Good,
    /// One for `other.example`, by the run's authority.
    WrongHost,
    /// One that ended in 2021, by the run's authority.
    Expired,
    /// One for the right names that ends in ten days, by the run's authority.
    EndsSoon,
    /// One for the right names, by an authority that no client trusts.
    UnknownAuthority,
    /// No TLS at all.
    None,
}

/// Makes the template that each server's data directory is a copy of.
const INITDB: &str = r#"
start() {
    printf '%s\n' "$PASSWORD" >password
    "$BINDIR/initdb" --pgdata=data --no-sync --username=blogctl --pwfile=password \
        --locale=C.UTF-8 --encoding=UTF8 --auth-host=scram-sha-256 --auth-local=trust >log 2>&1 || return
    cat >>data/postgresql.conf <<END
listen_addresses = '127.0.0.1, ::1'
max_connections = 200
# Whose line it is: see explain.rs.
log_line_prefix = '%d|'
# Nothing here outlives the run.
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
# Inside the data directory, so that nothing stays in /dev/shm after a hard end.
dynamic_shared_memory_type = mmap
END
}
stop() { :; }
"#;

/// Runs one server. `pg_ctl` gives it a session of its own, waits until it answers, and waits
/// again until it has stopped.
const SERVER: &str = r#"
start() {
    cp -a "$TEMPLATE/data" data 2>log || return
    printf %s "$AUTHORITY" >ca.pem
    mkdir -m 700 socket
    (
        umask 077
        printf %s "$CERTIFICATE" >data/server.crt
        printf %s "$KEY" >data/server.key
    )
    unset CERTIFICATE KEY
    cat >>data/postgresql.conf <<END
port = $PORT
unix_socket_directories = '$DIR/socket'
ssl = $SSL
$MORE
END
    start_again
}
stop() { "$BINDIR/pg_ctl" --pgdata=data --mode=immediate --wait stop >/dev/null 2>&1; }
start_again() {
    "$BINDIR/pg_ctl" --pgdata=data --log=log --wait --timeout=60 start >/dev/null 2>&1
}
"#;

/// The reason why nextest is refused.
const NO_NEXTEST: &str = "run the integration tests with `cargo test`: they share one PostgreSQL \
                          server per process, and nextest starts a process, and so a server, for \
                          every test";

/// The address of a server, and the means to log in.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its port, on loopback and in the socket's name.
    pub port: u16,
    /// The superuser's password; needed over TCP, not over the socket.
    pub password: String,
    /// The directory of the Unix socket. Open to root and to whom the server runs as.
    pub socket_dir: PathBuf,
    /// The run's authority, as PEM; readable by all.
    pub ca_file: PathBuf,
    /// The server's log.
    pub log_file: PathBuf,
}

impl Endpoint {
    /// Over TLS, with the run's authority to check the certificate against.
    pub fn url(&self, database: &str) -> String {
        let ca_file = self.ca_file.display();
        self.tcp_url(database, &format!("sslmode=require&sslrootcert={ca_file}"))
    }

    /// Over TCP without TLS.
    pub fn plain_url(&self, database: &str) -> String {
        self.tcp_url(database, "sslmode=disable")
    }

    /// Over TCP to 127.0.0.1, with options as given: `sslmode=require&...`.
    pub fn tcp_url(&self, database: &str, options: &str) -> String {
        let Self { port, password, .. } = self;
        format!("postgresql://blogctl:{password}@127.0.0.1:{port}/{database}?{options}")
    }

    /// Over the Unix socket.
    pub fn socket_url(&self, database: &str) -> String {
        let (socket, port) = (self.socket_dir.display(), self.port);
        format!("postgresql:///{database}?host={socket}&port={port}&user=blogctl&sslmode=disable")
    }
}

/// A running server. Dropping it stops it and removes its files.
#[derive(Debug)]
pub struct Server {
    endpoint: Endpoint,
    guard: Guard,
}

impl Server {
    /// Returns the server that most tests share, and starts it on the first call.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        // nextest sets the variable.
        assert!(std::env::var_os("NEXTEST").is_none(), "{NO_NEXTEST}");
        SHARED.get_or_init(|| Self::start(TlsKind::Good))
    }

    /// Starts a further server, for tests of what the shared one does not do.
    pub fn start(tls: TlsKind) -> Self {
        Self::configured(tls, "")
    }

    /// As [`Server::start`], without TLS, for tests that [kill](Server::kill) it: what it says
    /// that it committed is in its files, as it is on any server that is not set up for tests.
    pub fn start_lasting() -> Self {
        Self::configured(
            TlsKind::None,
            "synchronous_commit = on\nwal_level = replica",
        )
    }

    /// As [`Server::start`], with further lines in postgresql.conf.
    pub fn configured(tls: TlsKind, settings: &str) -> Self {
        let template = Template::shared();
        let authorities = Authorities::of_this_run();
        let certificate = authorities.issue(tls);
        let mut words = String::new();
        // Another process may have taken the port between its choice and its use.
        for _ in 0..5 {
            let port = free_port();
            let started = Guard::start(
                SERVER,
                &[
                    ("BINDIR", &template.bindir),
                    ("TEMPLATE", &template.guard.dir().to_string_lossy()),
                    ("PORT", &port.to_string()),
                    ("SSL", if certificate.is_some() { "on" } else { "off" }),
                    ("MORE", settings),
                    ("AUTHORITY", &authorities.trusted_pem()),
                    (
                        "CERTIFICATE",
                        certificate.as_ref().map_or("", |c| &c.certificate),
                    ),
                    ("KEY", certificate.as_ref().map_or("", |c| &c.key)),
                ],
            );
            match started {
                Ok(guard) => {
                    let endpoint = Endpoint {
                        port,
                        password: template.password.clone(),
                        socket_dir: guard.dir().join("socket"),
                        ca_file: guard.dir().join("ca.pem"),
                        log_file: guard.dir().join("log"),
                    };
                    return Self { endpoint, guard };
                }
                Err(said) => words = said,
            }
        }
        panic!("PostgreSQL in {} did not start:\n{words}", template.bindir);
    }

    /// Returns the address of the server and the means to log in.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Makes a database of a test's own on this server.
    pub fn database(&self) -> TestDatabase {
        TestDatabase::create_on(self.endpoint.clone())
    }

    /// Connects as the superuser to a database, past the network.
    pub fn client(&self, database: &str) -> Client {
        Client::connect(&self.endpoint.socket_url(database))
    }

    /// Ends it as `kill -9` of all its processes does: nobody gets a message, and nothing
    /// is written any more. What was written to its files stays, as it does where the
    /// machine lives on.
    pub fn kill(&mut self) {
        let pid_file = self.dir().join("data/postmaster.pid");
        let postmaster: i32 = std::fs::read_to_string(&pid_file)
            .ok()
            .and_then(|text| text.lines().next()?.parse().ok())
            .unwrap_or_else(|| panic!("{} names no running server", pid_file.display()));
        // First, so that it starts no further ones.
        let mut pids = vec![postmaster];
        send(postmaster, libc::SIGSTOP);
        pids.extend(children(postmaster));
        for pid in &pids {
            send(*pid, libc::SIGKILL);
        }
        // A successor refuses to start while one of them still holds their shared memory.
        let begun = Instant::now();
        while pids.iter().any(|pid| is_alive(*pid)) {
            assert!(begun.elapsed() < Duration::from_secs(20), "it stays alive");
            std::thread::sleep(Duration::from_millis(2));
        }
        // Where nobody reaps it, its number stays taken, and a successor would believe that
        // it runs.
        let socket = format!("socket/.s.PGSQL.{}.lock", self.endpoint.port);
        for lock in [pid_file, self.dir().join(socket)] {
            std::fs::remove_file(&lock).unwrap_or_else(|e| panic!("{}: {e}", lock.display()));
        }
    }

    /// Ends it at once without a checkpoint: clients are told that it shuts down.
    pub fn stop_at_once(&mut self) {
        assert!(self.guard.call("stop"), "the server does not stop");
    }

    /// Starts it again after [`Server::kill`] or [`Server::stop_at_once`]: same port, same
    /// data, recovered from its log. Returns when it answers.
    pub fn start_again(&mut self) {
        // Its port may have been a client's for a moment.
        let started = (0..5).any(|_| self.guard.call("start_again"));
        let log = std::fs::read_to_string(&self.endpoint.log_file).unwrap_or_default();
        assert!(started, "the server does not start again:\n{log}");
    }

    /// Its directory, gone once it has stopped.
    pub fn dir(&self) -> &Path {
        self.guard.dir()
    }
}

fn send(pid: i32, signal: i32) {
    // SAFETY: kill takes numbers; one that has ended already is no error worth telling.
    unsafe { libc::kill(pid, signal) };
}

/// Returns true if a process is running. One that has ended but is not reaped does not count.
fn is_alive(pid: i32) -> bool {
    state_and_parent(pid).is_some_and(|(state, _)| state != "Z" && state != "X")
}

/// The processes that a process has started.
fn children(parent: i32) -> Vec<i32> {
    let processes = std::fs::read_dir("/proc").expect("these tests need /proc");
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| state_and_parent(*pid).is_some_and(|(_, its)| its == parent))
        .collect()
}

fn state_and_parent(pid: i32) -> Option<(String, i32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before them is in parentheses, and may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

/// A data directory as initdb leaves it; making one takes longer than copying it.
struct Template {
    guard: Guard,
    bindir: String,
    password: String,
}

impl Template {
    fn shared() -> &'static Self {
        static SHARED: OnceLock<Template> = OnceLock::new();
        SHARED.get_or_init(|| {
            let bindir = bindir().to_string_lossy().into_owned();
            let password = format!("secret-{}", random_word());
            let guard = Guard::start(INITDB, &[("BINDIR", &bindir), ("PASSWORD", &password)])
                .unwrap_or_else(|said| panic!("initdb in {bindir} failed:\n{said}"));
            Self {
                guard,
                bindir,
                password,
            }
        })
    }
}

/// The client's own program.
pub fn psql() -> PathBuf {
    find(&["psql"]).map(|dir| dir.join("psql")).expect(
        "these tests compare with psql, and it is nowhere to be found. Run ./test, which \
             installs what is missing, or install the package `postgresql-client`.",
    )
}

/// The variable that names the directory of another server's programs.
const POSTGRES: &str = "BLOGCTL_TEST_POSTGRES";

/// Finds the directory of the server's programs.
pub(super) fn bindir() -> PathBuf {
    const PROGRAMS: [&str; 3] = ["initdb", "pg_ctl", "postgres"];
    if let Some(dir) = std::env::var_os(POSTGRES).map(PathBuf::from) {
        assert!(
            PROGRAMS.iter().all(|program| dir.join(program).is_file()),
            "{POSTGRES} is {}, which lacks one of {PROGRAMS:?}",
            dir.display(),
        );
        return dir;
    }
    find(&PROGRAMS).expect(
        "these tests start a PostgreSQL server of their own, and its programs (initdb, \
         pg_ctl, postgres) are nowhere to be found.\n\
         Run ./test, which installs what is missing, or install the package \
         `postgresql`, or put the directory of the programs on the PATH.",
    )
}

/// Finds the directory that has all of these programs: distributions keep them off the PATH.
fn find(programs: &[&str]) -> Option<PathBuf> {
    let told = Command::new("pg_config")
        .arg("--bindir")
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map(|said| PathBuf::from(said.trim()));
    let mut debian: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let version = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let bin = format!("/usr/lib/postgresql/{version}/bin");
            Some((version, PathBuf::from(bin)))
        })
        .collect();
    debian.sort_by(|a, b| b.cmp(a));
    let path = std::env::var_os("PATH").unwrap_or_default();
    told.into_iter()
        .chain(debian.into_iter().map(|(_, dir)| dir))
        .chain(std::env::split_paths(&path))
        .find(|dir| programs.iter().all(|program| dir.join(program).is_file()))
}
