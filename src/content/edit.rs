//! Changes of a front matter that leave every other byte of the file as it is.
//!
//! Edits are made from the places of keys and values. They are then tried: if the edited
//! text does not read as what was asked for, there are no edits. So an unusual way of writing
//! is refused, and never damaged.

use std::ops::Range;

use super::document::{Document, Entry, Node, Syntax, Value};
use super::render_toml::sorted;
use super::{edit_toml, front_matter, render};
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
    let editor = Editor { text, document };
    if is_done(document, operation) {
        return Some(Vec::new());
    }
    let ways = match document.syntax {
        Syntax::Yaml => editor.ways(operation)?,
        Syntax::Toml => edit_toml::ways(text, document, operation)?,
    };
    ways.into_iter().find(|edits| editor.gives(edits, &wanted))
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

struct Editor<'a> {
    text: &'a str,
    document: &'a Document,
}

impl Editor<'_> {
    /// Returns several ways to carry out an operation, the best first.
    fn ways(&self, operation: Operation<'_>) -> Option<Vec<Vec<Edit>>> {
        let document = self.document;
        Some(match operation {
            Operation::Set { key, value } => vec![self.set(document.get(key)?, value)?],
            Operation::Insert { key, value, after } => self.insert(key, value, after)?,
            Operation::InsertIn { .. } => return None,
            Operation::Remove { key } => self.remove(document.position(key)?)?,
            Operation::SetItem { key, item, value } => {
                let node = items(document, key)?.get(item)?;
                vec![self.set_item(document.get(key)?, node, value)?]
            }
            Operation::RemoveItem { key, item } => {
                vec![self.remove_item(document.get(key)?, items(document, key)?, item)?]
            }
        })
    }

    fn source(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    fn line_end(&self) -> &'static str {
        line_end(self.text, self.document)
    }

    fn render(&self, value: &Value) -> Option<String> {
        if self.document.braces.is_some() {
            render::in_brackets(value)
        } else {
            render::inline(value)
        }
    }

    fn set(&self, entry: &Entry, value: &Value) -> Option<Vec<Edit>> {
        let old = &entry.value.range;
        let gap = self.source(entry.key.end..old.start);
        let Some(rest) = gap.trim_start_matches(' ').strip_prefix(':') else {
            // `{id}` and the like.
            let is_bare = self.document.braces.is_some() && gap.is_empty() && old.is_empty();
            let content = format!(": {}", self.render(value)?);
            return is_bare.then(|| vec![edit(old.clone(), content)]);
        };
        if let Some(lines) = self.block_list(entry, value) {
            return Some(vec![edit(old.clone(), lines?)]);
        }
        let new = self.render(value)?;
        let Some(line_end) = rest.rfind('\n') else {
            let space = if gap.ends_with(':') { " " } else { "" };
            return Some(vec![edit(old.clone(), format!("{space}{new}"))]);
        };
        // The value begins on another line than its key, where only some values may; what is
        // between the two stays.
        let colon = old.start - rest.len();
        let line_end = if rest[..line_end].ends_with('\r') {
            colon + line_end - 1
        } else {
            colon + line_end
        };
        Some(vec![
            edit(colon..colon, format!(" {new}")),
            edit(line_end..old.end, String::new()),
        ])
    }

    /// Returns a list with an item on each line, to replace one that is written like that.
    fn block_list(&self, entry: &Entry, value: &Value) -> Option<Option<String>> {
        let old = self.source(entry.value.range.clone());
        let (Value::List(_), Value::List(items)) = (&entry.value.value, value) else {
            return None;
        };
        if !old.starts_with('-') || items.is_empty() {
            return None;
        }
        let start = entry.value.range.start;
        let indent = &self.text[self.line_start(start)..start];
        if !indent.bytes().all(|byte| byte == b' ') {
            return None;
        }
        let between = format!("{}{indent}", self.line_end());
        let items: Option<Vec<String>> = items
            .iter()
            .map(|item| Some(format!("- {}", render::inline(&item.value)?)))
            .collect();
        Some(items.map(|items| items.join(&between)))
    }

    /// Returns several ways to add an entry, the best first.
    fn insert(&self, key: &str, value: &Value, after: Option<&str>) -> Option<Vec<Vec<Edit>>> {
        let entries = &self.document.entries;
        let new = format!("{}: {}", render::key(key)?, self.render(value)?);
        let before = match after.and_then(|after| self.document.position(after)) {
            Some(number) => Some(number),
            None => entries.len().checked_sub(1),
        };
        if let Some(braces) = &self.document.braces {
            let (at, content) = match before {
                Some(number) => (entries[number].extent.end, format!(", {new}")),
                None => {
                    let brace = self.source(braces.clone()).find('{')?;
                    (braces.start + brace + 1, new)
                }
            };
            return Some(vec![vec![edit(at..at, content)]]);
        }
        let indent = match entries.first() {
            Some(first) => {
                let line = self.source(first.extent.start..first.key.start);
                let rest = line.trim_start_matches(' ');
                &line[..line.len() - rest.len()]
            }
            None => "",
        };
        let end = self.document.range.end;
        // A block of text that keeps the blank lines below it ends where the next key begins.
        let places = match before {
            Some(number) => {
                let next = entries.get(number + 1);
                [
                    entries[number].extent.end,
                    next.map_or(end, |next| next.extent.start),
                ]
            }
            None => [end, self.document.range.start],
        };
        let edits = places.map(|at| {
            let line_end = self.line_end();
            let is_open = at > self.document.range.start && !self.text[..at].ends_with('\n');
            let before = if is_open { line_end } else { "" };
            vec![edit(at..at, format!("{before}{indent}{new}{line_end}"))]
        });
        Some(edits.into())
    }

    /// Returns several ways to remove an entry, the best first.
    fn remove(&self, number: usize) -> Option<Vec<Vec<Edit>>> {
        let entries = &self.document.entries;
        let extent = entries[number].extent.clone();
        if self.document.braces.is_some() {
            let before = number.checked_sub(1).map(|n| entries[n].extent.end);
            let range = self.with_comma(before, extent)?;
            return Some(vec![vec![edit(range, String::new())]]);
        }
        // A block of text may own the blank lines below it.
        let below = self.source(extent.end..self.document.range.end);
        let blank = below.len() - below.trim_start().len();
        let lines = below[..blank].rfind('\n').map_or(0, |at| at + 1);
        let whole = extent.start..extent.end + lines;
        let ways = [extent, whole].map(|range| vec![edit(range, String::new())]);
        Some(ways.into())
    }

    fn set_item(&self, entry: &Entry, item: &Node, value: &Value) -> Option<Vec<Edit>> {
        let list = self.source(entry.value.range.clone());
        let new = if self.document.braces.is_some() || list.starts_with('[') {
            render::in_brackets(value)?
        } else {
            render::inline(value)?
        };
        let space = if self.text[..item.range.start].ends_with('-') {
            " "
        } else {
            ""
        };
        Some(vec![edit(item.range.clone(), format!("{space}{new}"))])
    }

    fn remove_item(&self, entry: &Entry, items: &[Node], number: usize) -> Option<Vec<Edit>> {
        let item = items.get(number)?.range.clone();
        let list = self.source(entry.value.range.clone());
        if !list.starts_with('-') {
            let before = number.checked_sub(1).map(|n| items[n].range.end);
            return Some(vec![edit(self.with_comma(before, item)?, String::new())]);
        }
        if items.len() == 1 {
            return self.set(entry, &Value::List(Vec::new()));
        }
        let start = self.line_start(item.start);
        let end = self.text[item.end..]
            .find('\n')
            .map_or(self.document.range.end, |at| item.end + at + 1);
        let end = end.min(self.document.range.end);
        Some(vec![edit(start..end, String::new())])
    }

    fn with_comma(&self, before: Option<usize>, range: Range<usize>) -> Option<Range<usize>> {
        with_comma(self.text, self.document, before, range)
    }

    fn line_start(&self, at: usize) -> usize {
        line_start(self.text, self.document, at)
    }

    /// Returns whether the front matter reads as `wanted` with these edits.
    fn gives(&self, edits: &[Edit], wanted: &[(Key<'_>, Value)]) -> bool {
        let Document { range, entries, .. } = self.document;
        let Some(edited) = apply(self.text, edits) else {
            return false;
        };
        let end = edited.len() - (self.text.len() - range.end);
        let Ok(read) = front_matter::read_as(self.document.syntax, &edited, range.start..end)
        else {
            return false;
        };
        if read.entries.len() != wanted.len()
            || read.braces.is_some() != self.document.braces.is_some()
        {
            return false;
        }
        if self.document.syntax == Syntax::Toml {
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
                        let old = &self.text[entries[number].key.clone()];
                        entry.name.is_none() && edited[entry.key.clone()] == *old
                    }
                };
                is_key && entry.value.value.same(value)
            })
    }
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
