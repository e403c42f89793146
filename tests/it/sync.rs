//! `blogctl sync` as a user runs it: the real program, on both stores.

mod adopting;
mod atomic;
mod conflicts;
mod content;
mod drafts;
mod files;
mod locking;
mod maps;
mod plan;
mod prune;
mod refused;
mod refusing;
mod remedies;
mod same_bytes;
mod schema;
mod targets;
mod translations;
mod upgrading;
mod variants;
mod which_files;
