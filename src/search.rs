//! Full-text search without a store: index terms, queries, verification, ranking and snippets.
//!
//! A store indexes [`terms`] and answers a [`Requirement`] with every post that may match.
//! [`Query::matches`] then verifies the text, [`snippet`] shows the match, and [`score`] ranks.
//! Nothing here does I/O or depends on a database's notion of words, case or locale.

mod normalise;
mod query;
mod requirement;
mod score;
mod snippet;
mod terms;
mod text;
mod tokens;
mod verify;

#[cfg(test)]
mod content_tests;
#[cfg(test)]
mod fuzz_tests;
#[cfg(test)]
mod growth_tests;
#[cfg(test)]
mod property_tests;

pub use normalise::MAX_FOLDED;
pub use query::{MAX_QUERY_CHARACTERS, MAX_QUERY_CLAUSES, Query, QueryError};
pub use requirement::{AnyOf, Requirement, TermMatch};
pub use score::score;
pub use snippet::{Snippet, snippet};
pub use terms::{MAX_TERMS, MAX_TERMS_BYTES, TERMS_VERSION, Terms, category_term, tag_term, terms};
pub use text::Document;
pub use verify::SearchableText;
