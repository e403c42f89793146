//! Posts in Postgres.
