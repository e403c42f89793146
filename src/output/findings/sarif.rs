//! Findings as SARIF 2.1.0, the format of code scanning services.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::Report;
use crate::finding::{Applicability, Finding, Fix, Level, Location, Rule};
use crate::output::json;
use crate::secret;

/// Writes one SARIF log with one run on one line.
///
/// # Errors
/// Any error of the stream.
pub fn write(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    let mut rules: Vec<&Rule> = Vec::new();
    for finding in report.findings {
        if !rules.contains(&finding.rule) {
            rules.push(finding.rule);
        }
    }
    let results: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| result(finding, &rules))
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "blogctl",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    json::write_line(&mut &mut *out, &log)
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": format!("{} {}", rule.summary, rule.explanation)},
        "defaultConfiguration": {"level": level(rule.level)},
    })
}

fn result(finding: &Finding, rules: &[&Rule]) -> Value {
    let mut text = secret::redacted(&finding.message);
    if let Some(help) = &finding.help {
        text = format!("{text}; {}", secret::redacted(help));
    }
    let artifact = json!({"uri": relative_uri(&secret::redacted(finding.path.as_str()))});
    let mut physical = json!({"artifactLocation": artifact});
    if let Some(location) = &finding.location {
        physical["region"] = region(location);
    }
    let mut result = json!({
        "ruleId": finding.rule.name,
        "ruleIndex": rules.iter().position(|rule| *rule == finding.rule),
        "level": level(finding.level),
        "message": {"text": text},
        "locations": [{"physicalLocation": physical}],
    });
    let content = |fix: &Fix| {
        fix.edits
            .iter()
            .all(|e| secret::redacted(&e.content) == e.content)
    };
    if let Some(fix) = finding.fix.as_ref().filter(|fix| content(fix)) {
        result["fixes"] = json!([self::fix(fix, &artifact)]);
    }
    result
}

fn region(location: &Location) -> Value {
    let mut region = json!({
        "startLine": location.start.line,
        "startColumn": location.start.column,
        "endLine": location.end.line,
        "endColumn": location.end.column,
    });
    if let Some(range) = &location.range {
        region["byteOffset"] = range.start.into();
        region["byteLength"] = range.len().into();
    }
    region
}

fn fix(fix: &Fix, artifact: &Value) -> Value {
    let replacements: Vec<Value> = fix
        .edits
        .iter()
        .map(|edit| {
            json!({
                "deletedRegion": {"byteOffset": edit.range.start, "byteLength": edit.range.len()},
                "insertedContent": {"text": edit.content},
            })
        })
        .collect();
    let text = match fix.applicability {
        Applicability::Safe => "Safe",
        Applicability::Review => "To be reviewed",
    };
    json!({
        "description": {"text": text},
        "artifactChanges": [{"artifactLocation": artifact, "replacements": replacements}],
    })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Hint => "note",
        Level::Ok => "none",
    }
}

/// Makes a relative URI of a path: all bytes but unreserved ones and `/` are escaped.
fn relative_uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            // Writing to a string cannot fail.
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_paths_as_uris() {
        assert_eq!(
            relative_uri("a b/글%:#?.md"),
            "a%20b/%EA%B8%80%25%3A%23%3F.md"
        );
    }
}
