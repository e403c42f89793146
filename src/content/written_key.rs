//! The keys that fields are written to: those of the file, else those of the blog.

use super::document::{Document, Node, Value};
use super::resolve;
use super::style::Style;
use crate::key_map::{KeyMap, ReadField};
use crate::post::Field;

/// The key of a field in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FileKey {
    /// A key at the top level.
    Own(String),
    /// A key within another, whose value is not changed.
    Nested,
    /// None: the file does not give the field.
    None,
}

/// Returns the key by which a file gives a field. An address that is more than the slug is none.
pub(super) fn in_file(document: &Document, map: &KeyMap, field: Field) -> FileKey {
    let Some(field) = ReadField::named(field.name()) else {
        return FileKey::None;
    };
    let is_slug = |node: &Node| !matches!(&node.value, Value::Text(text) if field == ReadField::Slug && text.contains('/'));
    let given = resolve::given(document, map, field).find(|given| is_slug(given.node));
    let empty = || resolve::all(document, map, field).find(|given| is_slug(given.node));
    let Some(found) = given.or_else(empty) else {
        return FileKey::None;
    };
    // The path of an image may be one of several things that a value says.
    let is_part = matches!(found.node.value, Value::Map(_) | Value::List(_));
    if field == ReadField::Image && is_part {
        return FileKey::Nested;
    }
    match document.get(&found.name) {
        Some(_) => FileKey::Own(found.name.into_owned()),
        None => FileKey::Nested,
    }
}

/// Returns the key that a field is written to where the file gives none: the one that most files of
/// the blog have. `None` if the field is read from no key.
pub fn in_blog<'a>(style: &Style, map: &'a KeyMap, field: ReadField) -> Option<&'a str> {
    let keys = map.get(field).keys();
    // Of the keys that as many files have, the first one.
    let most = keys.clone().map(|key| style.files(key)).max().unwrap_or(0);
    let mut keys = keys.filter(|key| style.files(key) == most);
    keys.find(|key| !key.contains('.') || most > 0)
}

/// Returns a category as a file is to have it: where there was a list, its other names stay.
pub(super) fn category(old: Option<&Value>, new: Value) -> Value {
    let Some(Value::List(items)) = old else {
        return new;
    };
    let first = Node {
        value: new,
        range: 0..0,
    };
    let rest = items.iter().skip(1).cloned();
    Value::List(std::iter::once(first).chain(rest).collect())
}
