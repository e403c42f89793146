//! What users see.

pub mod diagnostics;
