//! The differences between files and rows: a pure function of both.
//!
//! [`pairs()`] finds the posts whose file and row may differ, from the index alone; [`compare`]
//! tells the differences of one of them, field by field. In a difference the row is the old side
//! and the file is the new one, since that is what a sync would do.

mod hunks;
mod pair;
mod text_rows;

#[cfg(test)]
mod tests;

pub use hunks::{CONTEXT, Hunk, Piece, Side, Unified, file_hunks, hunks};
pub use pair::{FileChange, OnlyIn, Pair, Pairs, Part, RowChange, pairs};
pub use text_rows::TextRows;

use crate::comparison::{self, CONTENT, FieldDifference, TagDifference};
use crate::post::{Field, FieldSet, Kind, Post, SourcePath, StoredPost, Unreadable, Value};

/// The differences between a post's file and its row.
#[derive(Clone, Debug, PartialEq)]
pub struct PostDiff<'a> {
    /// The post, its file, and the side that changed.
    pub pair: &'a Pair,
    /// The fields that differ, without the tags, in the order of [`Field::ALL`].
    pub fields: Vec<FieldDiff<'a>>,
    /// The tags that differ.
    pub tags: TagDifference<'a>,
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

impl PostDiff<'_> {
    /// Returns whether no field, tag or line of the Markdown differs.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
            && self.tags.is_empty()
            && self.body.is_empty()
            && !self.is_content_unreadable()
    }

    /// Returns whether the file and the row differ. A row that somebody edited or made, and that
    /// says what the file says, does not.
    pub fn is_difference(&self) -> bool {
        !self.is_empty() || self.pair.is_sync_change() || self.pair.only_in().is_some()
    }

    /// Returns whether the row's Markdown cannot be shown, so that it is not compared.
    pub fn is_content_unreadable(&self) -> bool {
        Unreadable::has(self.unreadable, CONTENT)
    }

    /// Returns the path of the post's file; `None` if it never had one.
    pub fn path(&self) -> Option<&SourcePath> {
        self.pair.path.as_ref()
    }
}

/// Returns the differences between a post's file and its row, each with its Markdown; `None` is a
/// side that is not there. Fields that are not `stored` have no value in any row, and do not differ.
/// Another text than the main one has only the `translated` fields; `None` in a blog without locales.
pub fn compare<'a>(
    pair: &'a Pair,
    file: Option<&'a (Post, String)>,
    row: Option<&'a (StoredPost, String)>,
    stored: FieldSet,
    translated: Option<FieldSet>,
) -> PostDiff<'a> {
    let own = translated.filter(|_| !pair.is_main);
    let stored = own.map_or(stored, |own| stored & own);
    let unreadable = row.map_or(&[][..], |(row, _)| &row.unreadable);
    let (fields, tags) = match (file, row) {
        (Some((post, body)), Some((row, _))) => {
            let managed = (post.stated() | pair.stated) & stored;
            let found = comparison::fields(post, body, row, managed);
            let field = |one: &FieldDifference<'a>| FieldDiff {
                field: one.field,
                file: present(one.file),
                row: present(one.row),
            };
            (found.fields.iter().map(field).collect(), found.tags)
        }
        _ => {
            let sides = (file.map(|(post, _)| post), row.map(|(row, _)| row));
            one_sided(sides, own.unwrap_or(FieldSet::ALL))
        }
    };
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

/// Returns all that a post without one of its sides holds in some fields.
fn one_sided<'a>(
    (file, row): (Option<&'a Post>, Option<&'a StoredPost>),
    shown: FieldSet,
) -> (Vec<FieldDiff<'a>>, TagDifference<'a>) {
    let has_tags = shown.contains(Field::Tags);
    let mut tags = TagDifference {
        is_unreadable: row.is_some_and(|row| Unreadable::has(&row.unreadable, Field::Tags.name())),
        ..TagDifference::between(
            file.map_or(&[], |post| &post.tags),
            row.map_or(&[], |row| &row.tags),
        )
    };
    if !has_tags {
        tags = TagDifference::default();
    }
    let fields = shown.fields().filter(|field| field.kind() != Kind::Names);
    let field = |field: Field| {
        let (file, row_value) = (
            file.and_then(|post| present(post.get(field))),
            row.and_then(|row| present(row.get(field))),
        );
        let is_unreadable = row.is_some_and(|row| Unreadable::has(&row.unreadable, field.name()));
        let is_shown = file.is_some() || row_value.is_some() || is_unreadable;
        is_shown.then_some(FieldDiff {
            field,
            file,
            row: row_value,
        })
    };
    (fields.filter_map(field).collect(), tags)
}

/// Returns a value that is one; `None` for an empty one.
fn present(value: Value<'_>) -> Option<Value<'_>> {
    Some(value).filter(|value| match value {
        Value::Text(text) => text.is_some(),
        Value::Integer(number) => number.is_some(),
        Value::Time(at) => at.is_some(),
        Value::Names(names) => !names.is_empty(),
        Value::Json(extra) => !extra.is_empty(),
    })
}
