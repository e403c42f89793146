//! Findings as JSON: the one vocabulary of `sync`, `check` and `doctor`.

use std::io::{self, Write};
use std::ops::Range;

use serde::Serialize;

use super::Report;
use crate::finding::{CheckFinding, Finding, Fix, Level, LineColumn, Location};
use crate::output::{json, left_out};
use crate::secret;

/// A finding's object; its names are a documented contract.
#[derive(Serialize)]
pub struct FindingJson<'a> {
    rule: &'a str,
    level: &'a str,
    message: String,
    help: Option<String>,
    path: Option<String>,
    range: Option<RangeJson>,
    fix: Option<FixJson<'a>>,
}

#[derive(Serialize)]
struct RangeJson {
    start: PlaceJson,
    end: PlaceJson,
}

#[derive(Serialize)]
struct PlaceJson {
    byte: Option<usize>,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct FixJson<'a> {
    applicability: &'a str,
    edits: Vec<EditJson<'a>>,
}

#[derive(Serialize)]
struct EditJson<'a> {
    start: usize,
    end: usize,
    content: &'a str,
}

impl<'a> FindingJson<'a> {
    /// Makes the object of a finding that is about no file.
    pub fn without_path(rule: &'a str, level: Level, message: &str, help: Option<&str>) -> Self {
        Self {
            rule,
            level: level.as_str(),
            message: secret::redact_message(message),
            help: help.map(secret::redact_message),
            path: None,
            range: None,
            fix: None,
        }
    }
}

impl<'a> From<&'a CheckFinding> for FindingJson<'a> {
    fn from(finding: &'a CheckFinding) -> Self {
        Self::without_path(
            finding.rule,
            finding.level,
            &finding.message,
            finding.help.as_deref(),
        )
    }
}

impl<'a> From<&'a Finding> for FindingJson<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            path: Some(secret::redact_message(finding.path.as_str())),
            range: finding.location.as_ref().map(RangeJson::from),
            fix: finding.fix.as_ref().and_then(FixJson::new),
            ..Self::without_path(
                finding.rule.name,
                finding.level,
                &finding.message,
                finding.help.as_deref(),
            )
        }
    }
}

impl From<&Location> for RangeJson {
    fn from(location: &Location) -> Self {
        let bytes = location
            .range
            .clone()
            .map(|Range { start, end }| (start, end));
        let place = |byte, LineColumn { line, column }| PlaceJson { byte, line, column };
        Self {
            start: place(bytes.map(|(start, _)| start), location.start),
            end: place(bytes.map(|(_, end)| end), location.end),
        }
    }
}

impl<'a> FixJson<'a> {
    /// Returns `None` for a fix with a password in it, which would not be right without.
    fn new(fix: &'a Fix) -> Option<Self> {
        let edits = fix.edits.iter().map(|edit| EditJson {
            start: edit.range.start,
            end: edit.range.end,
            content: &edit.content,
        });
        let is_shown = |edit: &EditJson<'_>| secret::redact_message(edit.content) == edit.content;
        let edits: Vec<_> = edits.collect();
        edits.iter().all(is_shown).then_some(Self {
            applicability: fix.applicability.as_str(),
            edits,
        })
    }
}

/// Writes one object on one line.
///
/// # Errors
/// Any error of the stream.
pub fn write(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    #[derive(Serialize)]
    struct Object<'a> {
        status: &'a str,
        files: usize,
        errors: usize,
        warnings: usize,
        findings: Vec<FindingJson<'a>>,
        left_out: serde_json::Value,
    }
    let object = Object {
        status: if report.is_valid() { "done" } else { "invalid" },
        files: report.files,
        errors: report.count(Level::Error),
        warnings: report.count(Level::Warning),
        findings: report.findings.iter().map(FindingJson::from).collect(),
        left_out: left_out::to_json(report.left_out),
    };
    json::write_line(&mut &mut *out, &object)
}
