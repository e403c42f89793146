//! Edits of TOML, made from the places of keys and values. They are tried by [`super::edit`].

use std::ops::Range;

use super::document::{Document, Entry, Node, Value};
use super::edit::{Operation, edit, items, line_end, line_start, with_comma};
use super::render::Look;
use super::render_toml::{bare, inline, key, lines, literal, value_of};
use super::yaml_reader::lines as whole_lines;
use crate::finding::Edit;

/// Returns several ways to carry out an operation, the best first.
pub(super) fn ways(
    text: &str,
    document: &Document,
    operation: Operation<'_>,
) -> Option<Vec<Vec<Edit>>> {
    let editor = Editor { text, document };
    Some(match operation {
        Operation::Set { key, value } => {
            vec![editor.set(key, &document.get(key)?.value, value)?]
        }
        Operation::Insert { key, value, after } => editor.insert(key, value, after)?,
        Operation::InsertIn { table, key, value } => editor.insert_in(table, key, value)?,
        Operation::Remove { key } => editor.remove(document.get(key)?),
        Operation::SetItem { key, item, value } => {
            let node = items(document, key)?.get(item)?;
            vec![vec![edit(
                node.range.clone(),
                editor.written(key, node, value)?,
            )]]
        }
        Operation::RemoveItem { key, item } => editor.remove_item(items(document, key)?, item)?,
    })
}

struct Editor<'a> {
    text: &'a str,
    document: &'a Document,
}

impl Editor<'_> {
    fn source(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    fn line_end(&self) -> &'static str {
        line_end(self.text, self.document)
    }

    /// Returns the whole lines of a range.
    fn lines(&self, range: Range<usize>) -> Range<usize> {
        whole_lines(self.text, &self.document.range, range)
    }

    /// Returns whether a value is a table, or several, made of lines of their own.
    fn is_of_lines(&self, node: &Node) -> bool {
        let source = self.source(node.range.clone());
        match node.value {
            Value::Map(_) => !source.starts_with('{'),
            Value::List(_) => !source.starts_with('['),
            _ => false,
        }
    }

    /// Returns whether the line of a key is the header of a table.
    fn is_header(&self, key: &Range<usize>) -> bool {
        let start = line_start(self.text, self.document, key.start);
        self.source(start..key.start).trim_start().starts_with('[')
    }

    fn set(&self, name: &str, old: &Node, value: &Value) -> Option<Vec<Edit>> {
        if !self.is_of_lines(old) {
            return Some(vec![edit(
                old.range.clone(),
                self.written(name, old, value)?,
            )]);
        }
        let (Value::Map(old), Value::Map(new)) = (&old.value, value) else {
            return None;
        };
        let same = |a: &Node, b: &Node| a.value == b.value;
        let mut edits = Vec::new();
        for (name, value) in old {
            match new.iter().find(|(other, _)| same(other, name)) {
                Some((_, other)) if value.value.same(&other.value) => {}
                Some((_, other)) => {
                    let Value::Text(name) = &name.value else {
                        return None;
                    };
                    edits.extend(self.set(name, value, &other.value)?);
                }
                None => {
                    let range = self.lines(name.range.start..value.range.end);
                    edits.push(edit(range, String::new()));
                }
            }
        }
        let is_new = |name: &Node| !old.iter().any(|(other, _)| same(other, name));
        let mut added = String::new();
        let mut place = None;
        for (name, value) in new.iter().filter(|(name, _)| is_new(name)) {
            let Value::Text(name) = &name.value else {
                return None;
            };
            let (at, line) = self.line_in(old, name, &value.value)?;
            place = Some(at);
            added.push_str(&line);
        }
        edits.extend(place.map(|at| edit(at..at, added)));
        edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
        Some(edits)
    }

    /// Returns the place for a new key below the other keys of a table, and its line.
    fn line_in(
        &self,
        pairs: &[(Node, Node)],
        name: &str,
        value: &Value,
    ) -> Option<(usize, String)> {
        let own = |(name, value): &&(Node, Node)| {
            !self.is_of_lines(value) && !self.is_header(&name.range)
        };
        let (above, last) = pairs.iter().rfind(own)?;
        let start = line_start(self.text, self.document, above.range.start);
        // The spaces before the key, or the table that it is dotted with.
        let lead = self.source(start..above.range.start);
        let at = self.lines(last.range.clone()).end;
        let line = format!("{lead}{}", self.pair(name, value)?);
        Some((at, self.as_line(at, &line)))
    }

    fn pair(&self, name: &str, value: &Value) -> Option<String> {
        let value = value_of(name, value, Look::Plain)?;
        Some(format!("{} = {value}", key(name)?))
    }

    /// Returns what to insert at a byte for a line that is to be there.
    fn as_line(&self, at: usize, line: &str) -> String {
        let line_end = self.line_end();
        let is_open = at > self.document.range.start && !self.text[..at].ends_with('\n');
        let before = if is_open { line_end } else { "" };
        format!("{before}{}{line_end}", line.replace('\n', line_end))
    }

    /// Returns a value in the way in which another one is written.
    fn written(&self, name: &str, old: &Node, value: &Value) -> Option<String> {
        let source = self.source(old.range.clone());
        let written = match (&old.value, value) {
            (Value::Text(_), Value::Text(text)) => {
                let styled = match source.as_bytes().first()? {
                    _ if source.starts_with("\"\"\"") || source.starts_with("'''") => lines(text),
                    b'"' => None,
                    b'\'' => literal(text),
                    _ => bare(text),
                };
                styled.or_else(|| inline(value))?
            }
            (Value::List(items), Value::List(_)) if source.contains('\n') => {
                let first = items
                    .first()
                    .map_or(old.range.start, |item| item.range.start);
                let start = line_start(self.text, self.document, first);
                let indent = self.source(start..first);
                let is_indent = indent.bytes().all(|byte| byte == b' ');
                let indent = if is_indent { indent.len() } else { 2 };
                value_of(name, value, Look::Block { indent })?
            }
            (Value::List(_), Value::List(_)) => inline(value)?,
            _ => value_of(name, value, Look::Plain)?,
        };
        Some(written.replace('\n', self.line_end()))
    }

    fn insert(&self, name: &str, value: &Value, after: Option<&str>) -> Option<Vec<Vec<Edit>>> {
        let entries = &self.document.entries;
        let is_plain = |entry: &&Entry| !self.is_header(&entry.key);
        let first_header = entries.iter().find(|entry| !is_plain(entry));
        let end = first_header.map_or(self.document.range.end, |entry| entry.extent.start);
        let start = self.document.range.start;
        let after = after.and_then(|after| self.document.get(after));
        let last = entries.iter().rfind(is_plain);
        let place = match after.filter(is_plain).or(last) {
            Some(entry) => entry.extent.end,
            None if first_header.is_some() => start,
            None => end,
        };
        let line = self.pair(name, value)?;
        let ways = [place, end, start].map(|at| vec![edit(at..at, self.as_line(at, &line))]);
        Some(ways.into())
    }

    fn insert_in(&self, table: &str, name: &str, value: &Value) -> Option<Vec<Vec<Edit>>> {
        let line = self.pair(name, value)?;
        let end = self.document.range.end;
        let gap = if self.document.range.is_empty() {
            ""
        } else {
            "\n"
        };
        let header = format!("{gap}[{}]\n{line}", key(table)?);
        let last = vec![edit(end..end, self.as_line(end, &header))];
        let Some(entry) = self.document.get(table) else {
            return Some(vec![last]);
        };
        let Value::Map(pairs) = &entry.value.value else {
            return None;
        };
        if !self.is_of_lines(&entry.value) {
            let brace = entry.value.range.end.checked_sub(1)?;
            let (at, before, after) = match pairs.last() {
                Some((_, last)) => (last.range.end, ", ", ""),
                None => (brace, " ", " "),
            };
            let range = if pairs.is_empty() {
                entry.value.range.start + 1..brace
            } else {
                at..at
            };
            return Some(vec![vec![edit(range, format!("{before}{line}{after}"))]]);
        }
        let mut ways = Vec::new();
        if let Some((at, line)) = self.line_in(pairs, name, value) {
            ways.push(vec![edit(at..at, line)]);
        }
        if self.is_header(&entry.key) {
            let at = self.lines(entry.key.clone()).end;
            ways.push(vec![edit(at..at, self.as_line(at, &line))]);
        }
        // Where only tables within the table are there.
        ways.push(last);
        Some(ways)
    }

    fn remove(&self, entry: &Entry) -> Vec<Vec<Edit>> {
        let mut ways = vec![vec![edit(entry.extent.clone(), String::new())]];
        if self.is_of_lines(&entry.value) {
            // Other keys may be between those of a table.
            let mut parts = Vec::new();
            self.add_lines(&entry.key, &entry.value, &mut parts);
            parts.sort_by_key(|range: &Range<usize>| range.start);
            parts.dedup();
            ways.push(
                parts
                    .into_iter()
                    .map(|part| edit(part, String::new()))
                    .collect(),
            );
        }
        ways
    }

    fn add_lines(&self, key: &Range<usize>, value: &Node, parts: &mut Vec<Range<usize>>) {
        match &value.value {
            Value::Map(pairs) if self.is_of_lines(value) => {
                if self.is_header(key) {
                    parts.push(self.lines(key.clone()));
                }
                for (key, value) in pairs {
                    self.add_lines(&key.range, value, parts);
                }
            }
            _ => parts.push(self.lines(key.start..value.range.end)),
        }
    }

    fn remove_item(&self, items: &[Node], number: usize) -> Option<Vec<Vec<Edit>>> {
        let item = items.get(number)?.range.clone();
        let mut ways = Vec::new();
        let lines = self.lines(item.clone());
        let before = self.source(lines.start..item.start);
        let after = self.source(item.end..lines.end).trim();
        let after = after.strip_prefix(',').unwrap_or(after).trim_start();
        if before.trim().is_empty() && (after.is_empty() || after.starts_with('#')) {
            ways.push(vec![edit(lines, String::new())]);
        }
        let before = number.checked_sub(1).map(|number| items[number].range.end);
        let range = with_comma(self.text, self.document, before, item);
        ways.extend(range.map(|range| vec![edit(range, String::new())]));
        Some(ways)
    }
}
