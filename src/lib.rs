//! Syncs Markdown posts into Postgres or SQLite, and lists, searches and shows them.
//!
//! `docs/architecture.md` describes the structure and how data flows through it.

pub mod adoption;
pub mod catalog;
pub mod clean;
pub mod cli;
pub mod command_error;
pub mod commands;
mod comparison;
pub mod content;
pub mod copy;
pub mod diff;
pub mod doctor;
pub mod exit;
pub mod finding;
#[cfg(test)]
mod fuzz;
mod generator;
pub mod git;
mod ids;
pub mod index;
pub mod input_file;
pub mod interrupt;
mod invisible;
mod key_map;
mod label;
pub mod left_out;
pub mod locale;
pub mod model;
pub mod output;
pub mod output_file;
pub mod page;
pub mod panic;
pub mod plan;
pub mod post;
pub mod preflight;
pub mod project;
pub mod pull;
pub mod search;
pub mod secret;
pub mod store;
pub mod tables;
