//! The integration tests: one program, so that one throw-away PostgreSQL server serves all.

mod connecting;
mod contract;
mod harness;
mod memory;
mod plans;
mod pooler;
mod reading;
mod round_trips;
mod searching;
mod statuses;
mod support;
mod sync;
mod tls;
