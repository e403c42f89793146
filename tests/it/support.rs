//! Test support: real database servers, a relay that counts round trips, and projects in
//! temporary directories.
//!
//! Everything here panics, with the remedy, where something is missing: a test that cannot
//! reach a server fails, it is never skipped.

pub mod certs;
pub mod client;
pub mod cluster;
pub mod database;

pub mod explain;
pub mod gateway;
pub mod guard;
pub mod hostile;
pub mod memory;
pub mod orm;
pub mod pgbouncer;
pub mod project;
pub mod relay;
pub mod replica;
pub mod role;
pub mod schemas;
pub mod test_blog;
pub mod variants;

/// Returns a port of 127.0.0.1 that was free a moment ago. Whoever starts a server on it
/// must be ready to try another.
fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .expect("the loopback interface has a free port")
        .port()
}

/// Returns unguessable letters and digits.
fn random_word() -> String {
    use std::hash::{BuildHasher, RandomState};
    // Each RandomState has keys of its own, seeded by the system.
    format!("{:016x}", RandomState::new().hash_one(0))
}

/// Prints a figure of the run, even if the test's output is captured.
pub fn figure(words: impl std::fmt::Display) {
    use std::io::Write;
    // The macros' output is captured; a figure is for every log.
    let _ = writeln!(std::io::stderr(), "figure: {words}");
}
