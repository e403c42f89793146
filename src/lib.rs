//! Makes a blog's database equal to its Markdown files, and answers from it.
//!
//! The structure and the data's way through it stand in `docs/architecture.md`.

pub mod diagnostic;
pub mod index;
pub mod page;
pub mod plan;
pub mod post;
pub mod store;
