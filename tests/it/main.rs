//! The integration tests: one program, so that one throw-away PostgreSQL server serves all.

#![expect(
    clippy::disallowed_methods,
    reason = "the rule about output is for the program"
)]

mod checking;
mod connecting;
mod contract;
mod docs;
mod doctor;
mod faults;
mod harness;
mod hostile_server;
mod licences;
mod memory;
mod plans;
mod pooler;
mod reading;
mod replica;
mod round_trips;
mod searching;
mod statuses;
mod support;
mod sync;
mod timeouts;
mod tls;
mod unreadable;
mod waking;
