//! YAML as a [`Document`], or as a finding that says how to write it.

use std::ops::Range;

use super::document::Document;
use super::text_findings::TextFinding;
use super::toml_reader;
use super::unopened::key_end;
use super::yaml_errors;
use super::yaml_reader::{Fault, parse};
use crate::finding::rules;

/// Reads the top-level mapping at `yaml` in a file's text; nothing but comments is an empty
/// mapping. All ranges, also those of findings, are bytes of `text`.
pub(super) fn read(text: &str, yaml: Range<usize>) -> Result<Document, TextFinding> {
    let source = &text[yaml.clone()];
    parse(source, yaml.start, text).map_err(|fault| {
        let mut finding = toml_in(source, explained(source, &fault));
        if let Some(range) = &mut finding.range {
            *range = yaml.start + range.start..yaml.start + range.end;
        }
        finding
    })
}

/// Changes the finding for what is TOML, and not YAML.
fn toml_in(yaml: &str, finding: TextFinding) -> TextFinding {
    let mut lines = yaml.lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    if first.and_then(key_end) != Some('=') {
        return finding;
    }
    let document = toml_reader::read_quietly(yaml);
    match document
        .as_ref()
        .and_then(|document| document.entries.first())
    {
        Some(first) => TextFinding::new(
            finding.rule,
            "the front matter is TOML, although the lines around it are `---`",
        )
        .help("write `+++` instead of both `---` lines")
        .at(first.extent.start..first.extent.start + yaml[first.extent.clone()].trim_end().len()),
        None => finding,
    }
}

/// Returns the finding for a fault, with its range in bytes of `yaml`.
fn explained(yaml: &str, fault: &Fault) -> TextFinding {
    match fault {
        Fault::Forbidden(at, c) => forbidden(*at, *c),
        Fault::Syntax(problem) => yaml_errors::of_syntax(yaml, problem),
        Fault::Values {
            error,
            is_over_budget,
        } => yaml_errors::of_values(yaml, error, *is_over_budget),
        Fault::NotAMapping => yaml_errors::not_a_mapping(yaml),
    }
}

pub(super) fn forbidden(at: usize, c: char) -> TextFinding {
    let kind = match c {
        '\u{85}' | '\u{2028}' | '\u{2029}' => "invisible line separator",
        _ => "control character",
    };
    let message = format!("the front matter holds the {kind} U+{:04X}", c as u32);
    TextFinding::new(rules::CONTROL_CHARACTER, message)
        .help("delete it; in a text in double quotes it may be written as an escape")
        .at(at..at + c.len_utf8())
}
