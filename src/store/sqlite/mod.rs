//! Posts in the embedded store.
