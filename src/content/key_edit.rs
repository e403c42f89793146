//! Edits of one key of a front matter, which leave every other byte as it is.

use super::document::{Document, Node, Syntax, Value};
use super::edit::{self, Operation};
use super::render::{self, Look};
use super::style::Style;
use super::{front_matter, render_toml};
use crate::finding::Edit;
use crate::label::label;

/// Sets, adds or removes a key of a front matter; `None` if that cannot be done without changing
/// more.
pub(super) fn with_value(
    text: &str,
    style: &Style,
    key: &str,
    value: Option<&Value>,
) -> Option<String> {
    let document = document(text)?;
    let operation = match (value, document.get(key)) {
        (None, None) => return Some(text.to_owned()),
        (None, Some(_)) => Operation::Remove { key },
        (Some(value), Some(_)) => {
            if let Some(requoted) = with_quoted(text, &document, key, value) {
                return Some(requoted);
            }
            Operation::Set { key, value }
        }
        (Some(value), None) => {
            let names = document.entries.iter().filter_map(|e| e.name.as_deref());
            let rank = style.rank(key);
            let above = names.filter(|name| style.rank(name) <= rank);
            let after = above.max_by_key(|name| style.rank(name));
            Operation::Insert { key, value, after }
        }
    };
    let edits = edit::edits(text, &document, operation)?;
    let edited = edit::apply(text, &edits)?;
    let is_new = document.get(key).is_none();
    let styled = value
        .filter(|_| is_new)
        .and_then(|value| with_look(&edited, key, value, style.look(key, value)));
    Some(styled.unwrap_or(edited))
}

/// Writes the value of a key in another way; `None` if it would not be the same value.
fn with_look(text: &str, key: &str, value: &Value, look: Look) -> Option<String> {
    let document = document(text)?;
    let entry = document.get(key)?;
    let (start, content) = match document.syntax {
        Syntax::Yaml => {
            let content = format!(":{}", render::with_look(value, look)?);
            (entry.key.end, content)
        }
        Syntax::Toml => {
            let content = render_toml::value_of(key, value, look)?;
            (entry.value.range.start, content)
        }
    };
    let edit = Edit {
        range: start..entry.value.range.end,
        content: content.replace('\n', edit::line_end(text, &document)),
    };
    let edited = edit::apply(text, &[edit])?;
    is_same(&document, &edited, key, value).then_some(edited)
}

/// Removes all tags but some; those that stay are not touched.
pub(super) fn without_tags(text: &str, key: &str, kept: &[String]) -> Option<String> {
    let mut text = text.to_owned();
    loop {
        let document = document(&text)?;
        let Value::List(items) = &document.get(key)?.value.value else {
            return None;
        };
        let is_kept = |item: &Node| match &item.value {
            Value::Text(tag) => kept.iter().any(|kept| label(tag) == *kept),
            _ => false,
        };
        let Some(item) = items.iter().position(|item| !is_kept(item)) else {
            return Some(text);
        };
        let edits = edit::edits(&text, &document, Operation::RemoveItem { key, item })?;
        text = edit::apply(&text, &edits)?;
    }
}

/// Replaces a text in quotes by another one in the same quotes: without them, other programs
/// would take a date for something else than text.
fn with_quoted(text: &str, document: &Document, key: &str, value: &Value) -> Option<String> {
    let old = &document.get(key)?.value;
    let (Value::Text(_), Value::Text(new)) = (&old.value, value) else {
        return None;
    };
    if document.syntax == Syntax::Toml {
        // There every text is set in the way in which the old one is written.
        return None;
    }
    let look = match text.get(old.range.clone())?.as_bytes().first()? {
        b'"' => Look::Double,
        b'\'' => Look::Single,
        _ => return None,
    };
    let edit = Edit {
        range: old.range.clone(),
        content: render::in_quotes(new, look)?,
    };
    let edited = edit::apply(text, &[edit])?;
    is_same(document, &edited, key, value).then_some(edited)
}

/// Returns whether an edited text has the keys and values of a document, with another value for
/// one key.
fn is_same(document: &Document, edited: &str, key: &str, value: &Value) -> bool {
    let (Some(number), Some(read)) = (document.position(key), self::document(edited)) else {
        return false;
    };
    read.entries.len() == document.entries.len()
        && read
            .entries
            .iter()
            .zip(&document.entries)
            .enumerate()
            .all(|(at, (read, old))| {
                let wanted = if at == number {
                    value
                } else {
                    &old.value.value
                };
                read.name == old.name && read.value.value.same(wanted)
            })
}

/// Reads the front matter of a text; `None` if it cannot be read.
pub(super) fn document(text: &str) -> Option<Document> {
    let split = front_matter::split(text).ok()?;
    front_matter::read(text, &split).ok()
}
