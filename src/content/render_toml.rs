//! Front matter written as TOML.

use std::borrow::Cow;

use super::document::{Node, Value};
use super::quote::double_quoted;
use super::render::Look;
use super::toml_reader;

/// The widest line of a list in brackets, in characters; a longer one gets a line an item.
const WIDEST: usize = 90;

/// The keys of times, which are written as TOML's own unless a file has them in quotes.
const TIMES: [&str; 2] = ["created_at", "updated_at"];

/// Returns a front matter of these keys and values, without its `+++` lines, with LF line ends.
///
/// `None` where no front matter would read as they are: with a key that is there twice, or with
/// an empty value, which TOML does not have.
pub(super) fn render(
    entries: &[(String, Value)],
    look: impl Fn(&str, &Value) -> Look,
) -> Option<String> {
    let mut keys = String::new();
    let mut tables = String::new();
    for (name, value) in entries {
        match value {
            Value::Map(pairs) if !pairs.is_empty() => {
                tables.push_str(&format!("\n[{}]\n", key(name)?));
                for (name, value) in pairs {
                    tables.push_str(&pair(name, value)?);
                }
            }
            _ => {
                let value = value_of(name, value, look(name, value))?;
                keys.push_str(&format!("{} = {value}\n", key(name)?));
            }
        }
    }
    // What follows a table would be a part of it.
    let out = keys + &tables;
    let read = toml_reader::read_quietly(&out)?;
    let is_there = |(name, value): &(String, Value)| {
        let entry = read.get(name);
        entry.is_some_and(|entry| sorted(&entry.value.value).same(&sorted(value)))
    };
    (read.entries.len() == entries.len() && entries.iter().all(is_there)).then_some(out)
}

fn pair(name: &Node, value: &Node) -> Option<String> {
    let Value::Text(name) = &name.value else {
        return None;
    };
    let value = value_of(name, &value.value, Look::Plain)?;
    Some(format!("{} = {value}\n", key(name)?))
}

/// Returns a value with the keys of all its tables in one order: TOML has none.
pub(super) fn sorted(value: &Value) -> Value {
    let node = |node: &Node| Node {
        value: sorted(&node.value),
        range: node.range.clone(),
    };
    match value {
        Value::List(items) => Value::List(items.iter().map(node).collect()),
        Value::Map(pairs) => {
            let mut pairs: Vec<_> = pairs.iter().map(|(k, v)| (node(k), node(v))).collect();
            pairs.sort_by(|(a, _), (b, _)| match (&a.value, &b.value) {
                (Value::Text(a), Value::Text(b)) => a.cmp(b),
                _ => std::cmp::Ordering::Equal,
            });
            Value::Map(pairs)
        }
        other => other.clone(),
    }
}

/// Returns a value as it follows the `=` of a key.
pub(super) fn value_of(name: &str, value: &Value, look: Look) -> Option<String> {
    match (value, look) {
        (Value::Text(text), Look::Bare) => bare(text).or_else(|| inline(value)),
        (Value::Text(text), Look::Plain) if TIMES.contains(&name) => {
            bare(text).or_else(|| inline(value))
        }
        (Value::Text(text), Look::Plain | Look::Double) => lines(text).or_else(|| inline(value)),
        (Value::Text(text), Look::Single) => literal(text).or_else(|| inline(value)),
        (Value::List(items), look) => list(items, look),
        _ => inline(value),
    }
}

fn list(items: &[Node], look: Look) -> Option<String> {
    let one_line = in_brackets(items)?;
    let indent = match look {
        Look::Block { indent } => Some(indent.min(8)),
        _ if one_line.chars().count() > WIDEST => Some(2),
        _ => None,
    };
    let Some(indent) = indent.filter(|_| !items.is_empty()) else {
        return Some(one_line);
    };
    let items: Option<Vec<String>> = items
        .iter()
        .map(|item| Some(format!("{:indent$}{},\n", "", inline(&item.value)?)))
        .collect();
    Some(format!("[\n{}]", items?.concat()))
}

/// Returns a date or a time without quotes, if every program that reads TOML takes it for one.
pub(super) fn bare(text: &str) -> Option<String> {
    // Seconds may be left out only since TOML 1.1.
    let has_seconds = text.len() == "0000-00-00".len() || text.matches(':').count() > 1;
    let is_time = has_seconds && text.starts_with(|c: char| c.is_ascii_digit());
    let is_same = is_time
        && text
            .parse::<toml::value::Datetime>()
            .is_ok_and(|time| time.date.is_some());
    (is_same && reads_as(text, text)).then(|| text.to_owned())
}

/// Adds the seconds to a time without them, which not every program that reads TOML takes for one.
pub(super) fn with_seconds(value: Value) -> Value {
    let minutes = "0000-00-00 00:00".len();
    match value {
        Value::Text(text)
            if text
                .get(minutes - 3..)
                .is_some_and(|rest| rest.starts_with(':')) =>
        {
            let (before, after) = text.split_at(minutes);
            if after.starts_with(':') {
                return Value::Text(text);
            }
            Value::Text(format!("{before}:00{after}"))
        }
        other => other,
    }
}

/// Returns a text in single quotes, if it can be in them.
pub(super) fn literal(text: &str) -> Option<String> {
    let quoted = format!("'{text}'");
    (!text.contains(['\'', '\n', '\r']) && reads_as(&quoted, text)).then_some(quoted)
}

/// Returns a text of several lines between triple quotes; `None` for one that needs escapes.
pub(super) fn lines(text: &str) -> Option<String> {
    if !text.contains('\n') || text.contains(['\r', '\\']) || text.contains("\"\"\"") {
        return None;
    }
    let quoted = format!("\"\"\"\n{text}\"\"\"");
    reads_as(&quoted, text).then_some(quoted)
}

/// Returns a key as TOML reads it back.
pub(super) fn key(name: &str) -> Option<Cow<'_, str>> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    if !name.is_empty() && name.bytes().all(is_plain) {
        return Some(Cow::Borrowed(name));
    }
    (!name.contains('\0')).then(|| Cow::Owned(double_quoted(name)))
}

/// Returns a value on one line; `None` for one that TOML does not have.
pub(super) fn inline(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null | Value::Tagged(..) => return None,
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) if value.is_nan() => "nan".to_owned(),
        Value::Float(value) if value.is_infinite() => {
            if *value > 0.0 { "inf" } else { "-inf" }.to_owned()
        }
        // With a point or an exponent, so that it is no integer.
        Value::Float(value) => format!("{value:?}"),
        Value::Text(text) => double_quoted(text),
        Value::List(items) => in_brackets(items)?,
        Value::Map(pairs) => {
            let pairs: Option<Vec<String>> = pairs
                .iter()
                .map(|(name, value)| match &name.value {
                    Value::Text(name) => {
                        Some(format!("{} = {}", key(name)?, inline(&value.value)?))
                    }
                    _ => None,
                })
                .collect();
            match pairs?.as_slice() {
                [] => "{}".to_owned(),
                pairs => format!("{{ {} }}", pairs.join(", ")),
            }
        }
    })
}

fn in_brackets(items: &[Node]) -> Option<String> {
    let items: Option<Vec<String>> = items.iter().map(|item| inline(&item.value)).collect();
    Some(format!("[{}]", items?.join(", ")))
}

/// Returns whether `toml` after a key is read as the text `wanted`.
fn reads_as(toml: &str, wanted: &str) -> bool {
    let entry = format!("k = {toml}\n");
    toml_reader::read_quietly(&entry).is_some_and(|document| {
        matches!(document.entries.as_slice(), [entry]
            if matches!(&entry.value.value, Value::Text(text) if text == wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_bare_if_every_reader_takes_it_for_one() {
        for text in [
            "2025-11-28",
            "2025-11-28T09:00:00Z",
            "2025-11-28 09:00:00.5+09:00",
        ] {
            assert_eq!(bare(text).as_deref(), Some(text));
        }
        for text in [
            "2025-11-28 09:00",
            "2025-11-28 09:00:00 +0900",
            "09:00:00",
            "2025-02-30",
            "1",
        ] {
            assert_eq!(bare(text), None, "{text}");
        }
    }

    #[test]
    fn seconds_are_added_to_a_time_without_them() {
        for (text, expected) in [
            ("2025-11-28 09:00", "2025-11-28 09:00:00"),
            ("2025-11-28T09:00+01:00", "2025-11-28T09:00:00+01:00"),
            ("2025-11-28T09:00:30Z", "2025-11-28T09:00:30Z"),
            ("2025-11-28", "2025-11-28"),
        ] {
            let value = with_seconds(Value::Text(text.to_owned()));
            assert_eq!(value, Value::Text(expected.to_owned()));
        }
    }
}
