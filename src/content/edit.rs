//! Changes of a front matter that leave every other byte of the file as it is.
//!
//! Edits are made from the places of keys and values. They are then tried: if the edited
//! text does not read as what was asked for, there are no edits. So an unusual way of writing
//! is refused, and never damaged.

use std::ops::Range;

use super::document::{Document, Node, Syntax, Value};
use super::render_toml::sorted;
use super::{edit_toml, edit_yaml, front_matter};
use crate::finding::Edit;

/// A change of a front matter.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operation<'a> {
    /// Gives a key that is there another value.
    Set { key: &'a str, value: &'a Value },
    /// Adds a key after another, or at the end.
    Insert {
        key: &'a str,
        value: &'a Value,
        after: Option<&'a str>,
    },
    /// Adds a key to a table of TOML, and the table if it is not there.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "no command changes keys of tables yet")
    )]
    InsertIn {
        table: &'a str,
        key: &'a str,
        value: &'a Value,
    },
    /// Removes a key with its value and the comment behind it.
    Remove { key: &'a str },
    /// Gives an item of a key's list another value.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "no command changes single items yet")
    )]
    SetItem {
        key: &'a str,
        item: usize,
        value: &'a Value,
    },
    /// Removes an item of a key's list.
    RemoveItem { key: &'a str, item: usize },
}

/// Returns the edits of `text` that carry out an operation, in the order of their ranges; `None`
/// if it cannot be done without changing anything else.
///
/// `document` must have been read from `text`. A value that is there already needs no edit.
pub(super) fn edits(
    text: &str,
    document: &Document,
    operation: Operation<'_>,
) -> Option<Vec<Edit>> {
    let wanted = wanted(document, operation)?;
    if is_done(document, operation) {
        return Some(Vec::new());
    }
    let ways = match document.syntax {
        Syntax::Yaml => edit_yaml::ways(text, document, operation)?,
        Syntax::Toml => edit_toml::ways(text, document, operation)?,
    };
    ways.into_iter()
        .find(|edits| gives(text, document, edits, &wanted))
}

/// Returns whether a value that an operation sets is there already.
fn is_done(document: &Document, operation: Operation<'_>) -> bool {
    match operation {
        Operation::Set { key, value } => {
            let entry = document.get(key);
            entry.is_some_and(|entry| entry.value.value.same(value))
        }
        Operation::SetItem { key, item, value } => {
            let node = items(document, key).and_then(|items| items.get(item));
            node.is_some_and(|node| node.value.same(value))
        }
        _ => false,
    }
}

/// Returns a text with some edits made, which must be in the order of their ranges.
pub(super) fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut edited = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        edited.push_str(text.get(at..edit.range.start)?);
        edited.push_str(&edit.content);
        at = edit.range.end;
    }
    edited.push_str(text.get(at..)?);
    Some(edited)
}

/// The key of an entry by which it is known again.
#[derive(PartialEq)]
enum Key<'a> {
    Name(&'a str),
    /// The number of an entry whose key is no text, in the original.
    Other(usize),
}

/// Returns the keys and values that there are to be after an operation.
fn wanted<'a>(document: &'a Document, operation: Operation<'a>) -> Option<Vec<(Key<'a>, Value)>> {
    let mut wanted: Vec<_> = document
        .entries
        .iter()
        .enumerate()
        .map(|(number, entry)| {
            let key = entry.name.as_deref().map_or(Key::Other(number), Key::Name);
            (key, entry.value.value.clone())
        })
        .collect();
    let count = |key: &str| {
        let names = document.entries.iter().filter_map(|e| e.name.as_deref());
        names.filter(|name| *name == key).count()
    };
    match operation {
        Operation::Insert { key, value, after } => {
            if count(key) > 0 || after.is_some_and(|after| count(after) > 1) {
                return None;
            }
            let at = after
                .and_then(|after| document.position(after))
                .map_or(wanted.len(), |at| at + 1);
            wanted.insert(at, (Key::Name(key), value.clone()));
        }
        Operation::InsertIn { table, key, value } => {
            let node = |value| Node { value, range: 0..0 };
            let pair = (node(Value::Text(key.to_owned())), node(value.clone()));
            match document.position(table).map(|at| &mut wanted[at].1) {
                None => wanted.push((Key::Name(table), Value::Map(vec![pair]))),
                Some(Value::Map(pairs)) => {
                    if pairs.iter().any(|(key, _)| key.value == pair.0.value) {
                        return None;
                    }
                    pairs.push(pair);
                }
                Some(_) => return None,
            }
        }
        Operation::Set { key, .. }
        | Operation::Remove { key }
        | Operation::SetItem { key, .. }
        | Operation::RemoveItem { key, .. } => {
            if count(key) != 1 {
                return None;
            }
            let at = document.position(key)?;
            match (operation, &mut wanted[at].1) {
                (Operation::Set { value, .. }, old) => *old = value.clone(),
                (Operation::SetItem { item, value, .. }, Value::List(items)) => {
                    items.get_mut(item)?.value = value.clone();
                }
                (Operation::RemoveItem { item, .. }, Value::List(items)) => {
                    items.get(item)?;
                    items.remove(item);
                }
                (Operation::Remove { .. }, _) => {
                    wanted.remove(at);
                }
                _ => return None,
            }
        }
    }
    Some(wanted)
}

/// Returns the items of a key's list.
pub(super) fn items<'a>(document: &'a Document, key: &str) -> Option<&'a [Node]> {
    match &document.get(key)?.value.value {
        Value::List(items) => Some(items),
        _ => None,
    }
}

/// Returns whether the front matter reads as `wanted` with these edits.
fn gives(text: &str, document: &Document, edits: &[Edit], wanted: &[(Key<'_>, Value)]) -> bool {
    let Document { range, entries, .. } = document;
    let Some(edited) = apply(text, edits) else {
        return false;
    };
    let end = edited.len() - (text.len() - range.end);
    let Ok(read) = front_matter::read_as(document.syntax, &edited, range.start..end) else {
        return false;
    };
    if read.entries.len() != wanted.len() || read.braces.is_some() != document.braces.is_some() {
        return false;
    }
    if document.syntax == Syntax::Toml {
        // Its keys have names, and no order.
        return wanted.iter().all(|(key, value)| {
            let Key::Name(name) = key else {
                return false;
            };
            let entry = read.get(name);
            entry.is_some_and(|entry| sorted(&entry.value.value).same(&sorted(value)))
        });
    }
    read.entries
        .iter()
        .zip(wanted)
        .all(|(entry, (key, value))| {
            let is_key = match *key {
                Key::Name(name) => entry.name.as_deref() == Some(name),
                Key::Other(number) => {
                    let old = &text[entries[number].key.clone()];
                    entry.name.is_none() && edited[entry.key.clone()] == *old
                }
            };
            is_key && entry.value.value.same(value)
        })
}

pub(super) fn edit(range: Range<usize>, content: String) -> Edit {
    Edit { range, content }
}

/// Returns the line end that the front matter uses.
pub(super) fn line_end(text: &str, document: &Document) -> &'static str {
    if text[document.range.clone()].contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    }
}

/// Returns the start of the line in the front matter that holds the byte `at`.
pub(super) fn line_start(text: &str, document: &Document, at: usize) -> usize {
    let before = &text[document.range.start..at];
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    document.range.start + start
}

/// Widens the range of something in brackets by the comma behind it, or by the one that
/// separates it from what ends at `before`.
pub(super) fn with_comma(
    text: &str,
    document: &Document,
    before: Option<usize>,
    range: Range<usize>,
) -> Option<Range<usize>> {
    let rest = &text[range.end..document.range.end];
    let trimmed = rest.trim_start();
    if let Some(next) = trimmed.strip_prefix(',') {
        let spaces = next.len() - next.trim_start_matches(' ').len();
        let comma = range.end + rest.len() - trimmed.len() + 1;
        return Some(range.start..comma + spaces);
    }
    match before {
        Some(before) if text[before..range.start].contains('#') => None,
        Some(before) => Some(before..range.end),
        None => Some(range),
    }
}
