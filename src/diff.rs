//! The differences between files and rows: a pure function of both.
//!
//! [`pairs()`] finds the posts whose file and row may differ, from the index alone; [`compare`]
//! tells the differences of one of them, field by field. In a difference the row is the old side
//! and the file is the new one, since that is what a sync would do.

mod body;
mod pair;

#[cfg(test)]
mod tests;

pub use body::{CONTEXT, Hunk, Piece, Side, hunks};
pub use pair::{FileChange, Pair, Pairs, RowChange, pairs};

use crate::plan::{self, CONTENT};
use crate::post::{Field, Kind, Post, SourcePath, StoredPost, Unreadable, Value};

/// The differences between a post's file and its row.
#[derive(Clone, Debug, PartialEq)]
pub struct PostDiff<'a> {
    /// The post, its file, and the side that changed.
    pub pair: &'a Pair,
    /// The fields that differ, without the tags, in the order of [`Field::ALL`].
    pub fields: Vec<FieldDiff<'a>>,
    /// The tags that differ.
    pub tags: TagDiff<'a>,
    /// The parts of the Markdown that differ.
    pub body: Vec<Hunk<'a>>,
    /// The columns of the row whose value cannot be shown.
    pub unreadable: &'a [Unreadable],
}

/// A field whose values differ; `None` is a side without a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FieldDiff<'a> {
    /// The field.
    pub field: Field,
    /// The value of the file.
    pub file: Option<Value<'a>>,
    /// The value of the row.
    pub row: Option<Value<'a>>,
}

/// The tags that one side alone has, sorted by bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagDiff<'a> {
    /// The tags of the file that the row does not have.
    pub added: Vec<&'a str>,
    /// The tags of the row that the file does not have.
    pub removed: Vec<&'a str>,
}

impl PostDiff<'_> {
    /// Returns whether no field, tag or line of the Markdown differs.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
            && self.tags.added.is_empty()
            && self.tags.removed.is_empty()
            && self.body.is_empty()
            && !self.is_content_unreadable()
    }

    /// Returns whether the file and the row differ. A row that somebody edited or made, and that
    /// says what the file says, does not.
    pub fn is_difference(&self) -> bool {
        !self.is_empty() || self.pair.is_sync_change()
    }

    /// Returns whether the row's Markdown cannot be shown, so that it is not compared.
    pub fn is_content_unreadable(&self) -> bool {
        Unreadable::has(self.unreadable, CONTENT)
    }

    /// Returns the path of the post's file.
    pub fn path(&self) -> &SourcePath {
        &self.pair.path
    }
}

/// Tells the differences between a post's file and its row, each with its Markdown; `None` is a
/// side that is not there.
pub fn compare<'a>(
    pair: &'a Pair,
    file: Option<&'a (Post, String)>,
    row: Option<&'a (StoredPost, String)>,
) -> PostDiff<'a> {
    let mut fields = Vec::new();
    let mut tags = TagDiff::default();
    let unreadable = row.map_or(&[][..], |(row, _)| &row.unreadable);
    for field in Field::ALL {
        let of_file = file.map(|(post, _)| post.get(field));
        let of_row = row.map(|(row, _)| row.get(field));
        let is_unreadable = Unreadable::has(unreadable, field.name());
        if let (Some((post, _)), Some((row, _))) = (file, row) {
            let is_same = || field.kind() != Kind::Names && plan::is_same(field, post, row);
            if !is_managed(field, post, pair) || !is_unreadable && is_same() {
                continue;
            }
        }
        if field.kind() == Kind::Names {
            tags = TagDiff::between(names(of_file), names(of_row));
            continue;
        }
        let (file, row) = (present(of_file), present(of_row));
        if file.is_some() || row.is_some() || is_unreadable {
            fields.push(FieldDiff { field, file, row });
        }
    }
    let text = |body: Option<&'a String>| body.map_or("", String::as_str);
    let body = if Unreadable::has(unreadable, CONTENT) {
        Vec::new()
    } else {
        hunks(
            text(row.map(|(_, body)| body)),
            text(file.map(|(_, body)| body)),
        )
    };
    PostDiff {
        pair,
        fields,
        tags,
        body,
        unreadable,
    }
}

/// Returns whether a sync of the post writes the field: the file states it, or did at the last
/// sync. All others are the row's own.
fn is_managed(field: Field, post: &Post, pair: &Pair) -> bool {
    post.states(field) || pair.stated.contains(field)
}

impl<'a> TagDiff<'a> {
    /// Tells what two sets of names have not in common.
    fn between(file: &'a [String], row: &'a [String]) -> Self {
        // Both are sorted by bytes; a row of another program might not be, so nothing relies on it.
        let only = |of: &'a [String], other: &[String]| -> Vec<&'a str> {
            let other: std::collections::BTreeSet<&str> =
                other.iter().map(String::as_str).collect();
            let names = of.iter().map(String::as_str);
            names.filter(|name| !other.contains(name)).collect()
        };
        Self {
            added: only(file, row),
            removed: only(row, file),
        }
    }
}

/// Returns the names that a value holds.
fn names(value: Option<Value<'_>>) -> &[String] {
    match value {
        Some(Value::Names(names)) => names,
        _ => &[],
    }
}

/// Returns a value that is one; `None` for an empty one.
fn present(value: Option<Value<'_>>) -> Option<Value<'_>> {
    value.filter(|value| match value {
        Value::Text(text) => text.is_some(),
        Value::Integer(number) => number.is_some(),
        Value::Time(at) => at.is_some(),
        Value::Names(names) => !names.is_empty(),
        Value::Json(extra) => !extra.is_empty(),
    })
}
