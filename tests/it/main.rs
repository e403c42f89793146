//! The integration tests: one program, so that one throw-away PostgreSQL server serves all.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the rules about output and panics are for the program"
)]

mod blogs;
mod checking;
mod connecting;
mod contract;
mod copy;
mod diff;
mod docs;
mod doctor;
mod faults;
mod fixing;
mod hostile_server;
mod licences;
mod memory;
mod orm;
mod plans;
mod pooler;
mod pull;
mod reading;
mod replica;
mod round_trips;
mod searching;
mod statuses;
mod support;
mod support_tests;
mod sync;
mod timeouts;
mod tls;
mod unreadable;
mod usage;
mod waking;
