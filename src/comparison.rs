//! The comparison of a file with a row: the one that decides which rows are conflicts, which
//! differences are shown, and which parts of a file a pull changes. Pure.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::label::label;
use crate::post::{Field, FieldSet, Kind, Post, StoredPost, Unreadable, Value};

/// The name of the column with the Markdown.
pub const CONTENT: &str = "content";

/// The fields of a post that differ between its file and its row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldDifferences<'a> {
    /// All but the tags, in the order of [`Field::ALL`].
    pub fields: Vec<FieldDifference<'a>>,
    /// The tags.
    pub tags: TagDifference<'a>,
}

/// A field whose values differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FieldDifference<'a> {
    /// The field.
    pub field: Field,
    /// The value of the file.
    pub file: Value<'a>,
    /// The value of the row.
    pub row: Value<'a>,
}

/// The tags that only one side has, sorted by bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagDifference<'a> {
    /// The tags of the file that the row does not have.
    pub added: Vec<&'a str>,
    /// The tags of the row that the file does not have.
    pub removed: Vec<&'a str>,
    /// True if the row has tags that cannot be shown, so that it is not known whether it differs.
    pub is_unreadable: bool,
}

impl<'a> TagDifference<'a> {
    /// Compares two sets of names.
    pub fn between(file: &'a [String], row: &'a [String]) -> Self {
        // Both are sorted by bytes; a row of another program might not be, so nothing relies on it.
        let only = |of: &'a [String], other: &[String]| -> Vec<&'a str> {
            // A row of another program may have a name in another spelling that looks the same.
            let other: BTreeSet<_> = other.iter().map(|name| label(name)).collect();
            let names: BTreeSet<&'a str> = of.iter().map(String::as_str).collect();
            let is_missing = |name: &&str| !other.contains(&label(name));
            names.into_iter().filter(is_missing).collect()
        };
        Self {
            added: only(file, row),
            removed: only(row, file),
            is_unreadable: false,
        }
    }

    /// Returns whether no tag differs.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && !self.is_unreadable
    }
}

/// Compares some fields of a file, whose Markdown is `body`, with those of its row.
pub fn fields<'a>(
    post: &'a Post,
    body: &str,
    row: &'a StoredPost,
    compared: FieldSet,
) -> FieldDifferences<'a> {
    let mut found = FieldDifferences::default();
    for field in compared.fields() {
        let is_unreadable = Unreadable::has(&row.unreadable, field.name());
        // A count that is that of the body says nothing of its own: most files state none.
        if field == Field::WordCount && post.word_count == words(body) {
            continue;
        }
        if field.kind() == Kind::Names {
            found.tags = TagDifference {
                is_unreadable,
                ..TagDifference::between(&post.tags, &row.tags)
            };
        } else if is_unreadable || !is_same(field, post, row) {
            found.fields.push(FieldDifference {
                field,
                file: post.get(field),
                row: row.get(field),
            });
        }
    }
    found
}

/// Returns whether a sync that writes this field would leave the row's value.
fn is_same(field: Field, post: &Post, row: &StoredPost) -> bool {
    match (post.get(field), row.get(field)) {
        (Value::Time(None), Value::Time(_)) if field == Field::CreatedAt => true,
        // Without any time in the file the sync uses its own time, which is not compared.
        (Value::Time(None), Value::Time(_)) if post.created_at.is_none() => true,
        (Value::Time(Some(file)), Value::Time(Some(row))) => is_rounded(file, row),
        (Value::Text(Some(file)), Value::Text(Some(row))) if field == Field::Category => {
            label(file) == label(row)
        }
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
pub fn is_same_body(one: &str, other: &str) -> bool {
    one == other || lines(one).eq(lines(other))
}

/// Returns the lines of a body between the outer line breaks, without their line ends.
pub fn lines(body: &str) -> impl Iterator<Item = &str> {
    let inner = body.trim_matches(['\n', '\r']);
    inner
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
}
