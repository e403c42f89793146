//! Edits of YAML, made from the places of keys and values. They are tried by [`super::edit`].

use std::ops::Range;

use super::document::{Document, Entry, Node, Value};
use super::edit::{Operation, edit, items, line_end, line_start, with_comma};
use super::render;
use crate::finding::Edit;

/// Returns several ways to carry out an operation, the best first.
pub(super) fn ways(
    text: &str,
    document: &Document,
    operation: Operation<'_>,
) -> Option<Vec<Vec<Edit>>> {
    Editor { text, document }.ways(operation)
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
}
