//! The comparison of a file with a row that no sync wrote as it is now.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::post::{Field, FieldSet, Kind, Post, StoredPost, Unreadable, Value};

/// The name of the column with the Markdown.
pub const CONTENT: &str = "content";

/// The differences between a post's file and its row, as far as a sync manages the row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The fields that differ, without the tags, in the order of [`Field::ALL`], then the body.
    pub differences: Vec<Difference>,
    /// The tags of the file that the row does not have, sorted by bytes.
    pub tags_added: Vec<String>,
    /// The tags of the row that the file does not have, sorted by bytes.
    pub tags_removed: Vec<String>,
    /// The row's category.
    pub category: Option<String>,
}

/// A field or a body with another value in the file than in the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The field's name; [`CONTENT`] for the body.
    pub field: &'static str,
    /// The file's value; `null` for none, and for a body.
    pub file: Json,
    /// The row's value; `null` for none, for one that cannot be shown, and for a body.
    pub row: Json,
    /// The number of lines that differ, for a body.
    pub lines: Option<usize>,
    /// The reason why the row's value cannot be shown, as the end of a sentence.
    pub unreadable: Option<String>,
}

impl Comparison {
    /// Returns whether the row is as the file says.
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty() && self.tags_added.is_empty() && self.tags_removed.is_empty()
    }
}

/// Compares a file with a row, each with its Markdown.
///
/// `before` has the fields that the file stated at the last sync: those that it does not state now
/// are cleared by a sync, and differ if the row has a value.
pub fn compare(
    post: &Post,
    body: &str,
    row: &StoredPost,
    row_body: &str,
    before: FieldSet,
) -> Comparison {
    let mut comparison = Comparison {
        category: row.category.clone(),
        ..Comparison::default()
    };
    let managed = post.stated() | before;
    for field in managed.fields() {
        let unreadable = reason(&row.unreadable, field.name());
        // A count that is that of the body says nothing of its own: most files state none.
        if field == Field::WordCount && post.word_count == words(body) {
            continue;
        }
        if field.kind() == Kind::Names {
            comparison.tags_added = missing(&post.tags, &row.tags);
            comparison.tags_removed = missing(&row.tags, &post.tags);
            if unreadable.is_none() {
                continue;
            }
        } else if unreadable.is_none() && is_same(field, post, row) {
            continue;
        }
        comparison.differences.push(Difference {
            field: field.name(),
            file: shown(post.get(field)),
            row: shown(row.get(field)),
            lines: None,
            unreadable,
        });
    }
    let unreadable = reason(&row.unreadable, CONTENT);
    if unreadable.is_some() || !is_same_body(body, row_body) {
        comparison.differences.push(Difference {
            field: CONTENT,
            file: Json::Null,
            row: Json::Null,
            lines: unreadable.is_none().then(|| lines_apart(body, row_body)),
            unreadable,
        });
    }
    comparison
}

fn reason(unreadable: &[Unreadable], column: &str) -> Option<String> {
    let of_column = unreadable.iter().find(|one| one.column == column)?;
    Some(of_column.reason.clone())
}

/// Returns whether a sync that writes this field would leave the row's value.
pub fn is_same(field: Field, post: &Post, row: &StoredPost) -> bool {
    match (post.get(field), row.get(field)) {
        (Value::Time(None), Value::Time(_)) if field == Field::CreatedAt => true,
        // Without any time in the file the sync uses its own time, which is not compared.
        (Value::Time(None), Value::Time(_)) if post.created_at.is_none() => true,
        (Value::Time(Some(file)), Value::Time(Some(row))) => is_rounded(file, row),
        (file, row) => file == row,
    }
}

/// Returns the number of words of a body.
fn words(body: &str) -> i32 {
    i32::try_from(body.split_whitespace().count()).unwrap_or(i32::MAX)
}

/// Returns whether the row's time is the file's at a precision of 0 to 6 digits.
fn is_rounded(file: Timestamp, row: Timestamp) -> bool {
    (0..=6).any(|digits: u32| {
        let step = 10_i128.pow(9 - digits);
        let nanoseconds = file.as_nanosecond();
        let rounded = (nanoseconds + step / 2).div_euclid(step) * step;
        rounded == row.as_nanosecond()
    })
}

/// Returns whether two bodies are equal but for line breaks at either end and CR before LF.
fn is_same_body(one: &str, other: &str) -> bool {
    one == other || lines(one).eq(lines(other))
}

/// Returns the lines between the outer line breaks.
fn lines(body: &str) -> impl Iterator<Item = &str> {
    let inner = body.trim_matches(['\n', '\r']);
    inner
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
}

/// Returns the number of lines that one body has and the other does not, of the one that has more
/// of them; at least 1.
fn lines_apart(one: &str, other: &str) -> usize {
    let mut counts: HashMap<&str, i64> = HashMap::new();
    for line in lines(one) {
        *counts.entry(line).or_default() += 1;
    }
    for line in lines(other) {
        *counts.entry(line).or_default() -= 1;
    }
    let of_one: i64 = counts.values().filter(|count| **count > 0).sum();
    let of_other: i64 = counts.values().filter(|count| **count < 0).sum();
    let apart = of_one.max(-of_other);
    if apart > 0 {
        return usize::try_from(apart).unwrap_or(usize::MAX);
    }
    // The same lines in another order.
    let moved = lines(one)
        .zip(lines(other))
        .filter(|(one, other)| one != other);
    moved.count().max(1)
}

/// Returns the names that another list does not have.
fn missing(names: &[String], other: &[String]) -> Vec<String> {
    let other: BTreeSet<&String> = other.iter().collect();
    let mut missing: Vec<_> = names
        .iter()
        .filter(|name| !other.contains(name))
        .cloned()
        .collect();
    missing.sort();
    missing
}

fn shown(value: Value<'_>) -> Json {
    match value {
        Value::Text(text) => json!(text),
        Value::Integer(number) => json!(number),
        Value::Time(at) => json!(at.map(|at| at.to_string())),
        Value::Names(names) => json!(names),
        Value::Json(extra) if extra.is_empty() => Json::Null,
        Value::Json(extra) => json!(extra),
    }
}

#[cfg(test)]
mod tests;
