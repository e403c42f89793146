//! Makes a blog's database equal to its Markdown files, and answers from it.
//!
//! The structure and the data's way through it stand in `docs/architecture.md`.

// All output goes through `output::stream`, which masks passwords.
#![deny(clippy::print_stdout, clippy::print_stderr)]

pub mod cli;
pub mod commands;
pub mod content;
pub mod diagnostic;
pub mod doctor;
pub mod exit;
#[cfg(test)]
mod fuzz;
pub mod index;
pub mod input_file;
pub mod interrupt;
pub mod output;
pub mod page;
pub mod panic;
pub mod plan;
pub mod post;
pub mod project;
pub mod search;
pub mod secret;
pub mod store;
