//! Files to posts (work in progress).

mod front_matter;
pub mod rules;
mod spot;
pub mod timestamp;
mod yaml;
#[cfg(test)]
mod yaml_tests;
