//! The values of a front matter for each field, by the key map.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use super::document::{Document, Node, Syntax, Value};
use crate::key_map::{KeyMap, ReadField};

/// A value that a front matter gives for a field.
#[derive(Clone, Debug)]
pub(super) struct Given<'a> {
    /// The key as it is written, with dots for tables.
    pub name: Cow<'a, str>,
    /// The key's bytes in the file's text.
    pub key: &'a Range<usize>,
    /// The value.
    pub node: &'a Node,
    /// True if the key is not the field's own name and no settings name it.
    pub is_told: bool,
}

/// Returns the values of a front matter for a field, in the order in which its keys are tried. Keys
/// without a value are left out.
pub(super) fn given<'a>(
    document: &'a Document,
    map: &'a KeyMap,
    field: ReadField,
) -> impl Iterator<Item = Given<'a>> {
    all(document, map, field).filter(|given| !is_absent(&given.node.value))
}

/// Returns the keys of a front matter for a field, also those without a value.
pub(super) fn all<'a>(
    document: &'a Document,
    map: &'a KeyMap,
    field: ReadField,
) -> impl Iterator<Item = Given<'a>> {
    let sources = map.get(field);
    let names = sources.keys().flat_map(move |key| {
        let nested = tables(document, sources.is_configured, field)
            .iter()
            .map(move |table| Cow::Owned(format!("{table}.{key}")));
        std::iter::once(Cow::Borrowed(key)).chain(nested)
    });
    let is_configured = sources.is_configured;
    names.filter_map(move |name| {
        let (key, node) = find(document, &name)?;
        let is_told = !is_configured && name != field.name();
        Some(Given {
            name,
            key,
            node,
            is_told,
        })
    })
}

/// Returns the tables in which keys are looked for as well. Zola takes keys of its own alone at the
/// top level.
fn tables(document: &Document, is_configured: bool, field: ReadField) -> &'static [&'static str] {
    match (document.syntax, field) {
        (Syntax::Yaml, _) => &[],
        _ if is_configured => &[],
        (Syntax::Toml, ReadField::Category | ReadField::Tags) => &["taxonomies", "extra"],
        (Syntax::Toml, _) => &["extra"],
    }
}

/// Finds a key and its value, by its name or by a path into tables.
pub(super) fn find<'a>(document: &'a Document, path: &str) -> Option<(&'a Range<usize>, &'a Node)> {
    if let Some(entry) = document.get(path) {
        return Some((&entry.key, &entry.value));
    }
    let (first, mut rest) = path.split_once('.')?;
    let mut node = &document.get(first)?.value;
    loop {
        let Value::Map(pairs) = &node.value else {
            return None;
        };
        let (name, deeper) = match rest.split_once('.') {
            Some((name, deeper)) => (name, Some(deeper)),
            None => (rest, None),
        };
        let is_named = |key: &Node| matches!(&key.value, Value::Text(text) if text == name);
        let (key, value) = pairs.iter().find(|(key, _)| is_named(key))?;
        match deeper {
            None => return Some((&key.range, value)),
            Some(deeper) => {
                node = value;
                rest = deeper;
            }
        }
    }
}

/// Returns whether a value counts as none: nothing, or a text of blanks.
pub(super) fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// The parts of a front matter that fields were read from, which `extra` does not repeat.
#[derive(Debug, Default)]
pub(super) struct Used(HashSet<usize>);

impl Used {
    /// Marks a key, or an item of a list, by its place.
    pub fn add(&mut self, place: &Range<usize>) {
        self.0.insert(place.start);
    }

    /// Takes the mark off again.
    pub fn remove(&mut self, place: &Range<usize>) {
        self.0.remove(&place.start);
    }

    /// Returns whether a key or an item is marked.
    pub fn has(&self, place: &Range<usize>) -> bool {
        self.0.contains(&place.start)
    }

    /// Returns what is left of a value without what is marked in it; `None` if nothing is.
    pub fn rest<'a>(&self, node: &'a Node) -> Option<Cow<'a, Value>> {
        let is_kept = |place: &Range<usize>| !self.has(place);
        match &node.value {
            Value::Map(pairs) => {
                let is_whole = |(key, value): &(Node, Node)| {
                    is_kept(&key.range) && matches!(self.rest(value), Some(Cow::Borrowed(_)))
                };
                if pairs.iter().all(is_whole) {
                    return Some(Cow::Borrowed(&node.value));
                }
                let pairs = pairs.iter().filter(|(key, _)| is_kept(&key.range));
                let left: Vec<(Node, Node)> = pairs
                    .filter_map(|(key, value)| {
                        let rest = self.rest(value)?.into_owned();
                        let range = value.range.clone();
                        Some((key.clone(), Node { value: rest, range }))
                    })
                    .collect();
                (!left.is_empty()).then_some(Cow::Owned(Value::Map(left)))
            }
            Value::List(items) if !items.iter().all(|item| is_kept(&item.range)) => {
                let left: Vec<Node> = items
                    .iter()
                    .filter(|item| is_kept(&item.range))
                    .cloned()
                    .collect();
                (!left.is_empty()).then_some(Cow::Owned(Value::List(left)))
            }
            value => Some(Cow::Borrowed(value)),
        }
    }
}
