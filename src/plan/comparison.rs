//! The comparison of a file with a row that no sync wrote as it is now.

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use crate::comparison::{self, CONTENT, FieldDifference, is_same_body, lines};
use crate::post::{Field, FieldSet, Post, StoredPost, Unreadable};

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
/// are cleared by a sync, and differ if the row has a value. Fields that are not `stored` have no
/// value in any row, and do not differ.
pub fn compare(
    (post, body): (&Post, &str),
    (row, row_body): (&StoredPost, &str),
    before: FieldSet,
    stored: FieldSet,
) -> Comparison {
    let managed = (post.stated() | before) & stored;
    let found = comparison::fields(post, body, row, managed);
    let mut differences: Vec<Difference> = found
        .fields
        .iter()
        .map(|one| difference(one, row))
        .collect();
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    if found.tags.is_unreadable {
        let names = |names| json!(names);
        differences.push(Difference {
            field: Field::Tags.name(),
            file: names(&post.tags),
            row: names(&row.tags),
            lines: None,
            unreadable: reason(&row.unreadable, Field::Tags.name()),
        });
    }
    let unreadable = reason(&row.unreadable, CONTENT);
    if unreadable.is_some() || !is_same_body(body, row_body) {
        differences.push(Difference {
            field: CONTENT,
            file: Json::Null,
            row: Json::Null,
            lines: unreadable.is_none().then(|| lines_apart(body, row_body)),
            unreadable,
        });
    }
    Comparison {
        differences,
        tags_added: owned(found.tags.added),
        tags_removed: owned(found.tags.removed),
        category: row.category.clone(),
    }
}

fn difference(one: &FieldDifference<'_>, row: &StoredPost) -> Difference {
    Difference {
        field: one.field.name(),
        file: one.file.to_json(),
        row: one.row.to_json(),
        lines: None,
        unreadable: reason(&row.unreadable, one.field.name()),
    }
}

fn reason(unreadable: &[Unreadable], column: &str) -> Option<String> {
    let of_column = unreadable.iter().find(|one| one.column == column)?;
    Some(of_column.reason.clone())
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

#[cfg(test)]
mod tests;
