//! The integration tests: one program, so that one throw-away PostgreSQL server serves all.

mod harness;
mod support;
