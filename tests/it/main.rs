//! The integration tests: one program, so that one throw-away PostgreSQL server serves all.

mod contract;
mod harness;
mod memory;
mod plans;
mod pooler;
mod round_trips;
mod support;
mod tls;
