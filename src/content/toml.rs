//! TOML as a [`Document`], or as a finding that says how to write it.

use std::ops::Range;

use super::document::Document;
use super::text_findings::TextFinding;
use super::toml_errors;
use super::toml_reader::{Fault, parse};
use super::yaml::forbidden;
use crate::finding::rules;

/// Reads the keys and values at `toml` in a file's text; nothing but comments is an empty document.
/// All ranges, also those of findings, are bytes of `text`.
pub(super) fn read(text: &str, toml: Range<usize>) -> Result<Document, TextFinding> {
    let source = &text[toml.clone()];
    parse(source, toml.start, text).map_err(|fault| {
        let mut finding = explained(source, &fault);
        if let Some(range) = &mut finding.range {
            *range = toml.start + range.start..toml.start + range.end;
        }
        finding
    })
}

/// Returns the finding for a fault, with its range in bytes of `toml`.
fn explained(toml: &str, fault: &Fault) -> TextFinding {
    match fault {
        Fault::Forbidden(at, c) => forbidden(*at, *c),
        Fault::Syntax => toml_errors::of_syntax(toml),
        Fault::Number(range) => TextFinding::new(
            rules::TOML_SYNTAX,
            "the front matter is not valid TOML: the number has too many digits",
        )
        .help("put it in quotes, if the digits are a text")
        .at(range.clone()),
    }
}
