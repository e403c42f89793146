//! The differences between a post's file and its row, for people and for programs.

use serde::Serialize;
use serde_json::Value as Json;

use crate::comparison::CONTENT;
use crate::output::message;
use crate::output::report::PostJson;
use crate::plan::{Comparison, Conflict, Difference};

/// The most characters of a value that people see.
const SHOWN: usize = 60;

/// A value that differs, for programs.
#[derive(Serialize)]
pub struct DifferenceJson<'a> {
    field: &'a str,
    file: &'a Json,
    row: &'a Json,
    lines: Option<usize>,
    unreadable: Option<String>,
}

impl<'a> From<&'a Difference> for DifferenceJson<'a> {
    fn from(difference: &'a Difference) -> Self {
        Self {
            field: difference.field,
            file: &difference.file,
            row: &difference.row,
            lines: difference.lines,
            unreadable: difference.unreadable.clone(),
        }
    }
}

/// A post in conflict, or one whose row is overwritten, for programs.
#[derive(Serialize)]
pub struct ConflictJson<'a> {
    reason: &'a str,
    #[serde(flatten)]
    post: PostJson,
    differences: Vec<DifferenceJson<'a>>,
    tags_added: &'a [String],
    tags_removed: &'a [String],
}

impl<'a> From<&'a Conflict> for ConflictJson<'a> {
    fn from(conflict: &'a Conflict) -> Self {
        let comparison = &conflict.comparison;
        Self {
            reason: conflict.kind.as_str(),
            post: PostJson::new(conflict.id, &conflict.path),
            differences: comparison.differences.iter().map(Into::into).collect(),
            tags_added: &comparison.tags_added,
            tags_removed: &comparison.tags_removed,
        }
    }
}

/// Returns a line for each field that differs, with both values.
pub fn lines(comparison: &Comparison) -> Vec<String> {
    let mut lines: Vec<_> = comparison.differences.iter().map(line).collect();
    let tags = [
        ("+", &comparison.tags_added),
        ("-", &comparison.tags_removed),
    ];
    let tags = tags.into_iter().flat_map(|(sign, names)| {
        names
            .iter()
            .map(move |name| format!("{sign} {}", cut(name)))
    });
    let tags: Vec<_> = tags.collect();
    if !tags.is_empty() {
        lines.push(format!("tags: {}", cut_to(&tags.join(" "), 4 * SHOWN)));
    }
    lines
}

/// Returns the names of the fields that differ: `title, tags, body`.
pub fn names(comparison: &Comparison) -> String {
    let mut names: Vec<_> = comparison.differences.iter().map(name).collect();
    let has_tags = !comparison.tags_added.is_empty() || !comparison.tags_removed.is_empty();
    if has_tags && !names.contains(&"tags") {
        names.push("tags");
    }
    names.join(", ")
}

fn name(difference: &Difference) -> &'static str {
    if difference.field == CONTENT {
        "body"
    } else {
        difference.field
    }
}

fn line(difference: &Difference) -> String {
    let name = name(difference);
    match (&difference.unreadable, difference.lines) {
        (Some(reason), _) => format!("{name}: the row's value {reason}, which cannot be compared"),
        (None, Some(1)) => format!("{name}: 1 line differs"),
        (None, Some(lines)) => format!("{name}: {lines} lines differ"),
        (None, None) => format!(
            "{name}: {} in the file, {} in the row",
            value(&difference.file),
            value(&difference.row)
        ),
    }
}

fn value(value: &Json) -> String {
    match value {
        Json::Null => "nothing".to_owned(),
        Json::String(text) => format!("\"{}\"", cut(text)),
        other => cut(&other.to_string()),
    }
}

/// Returns the text as people see it, cut.
fn cut(text: &str) -> String {
    cut_to(&message(text), SHOWN)
}

fn cut_to(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
