//! Random TOML: values are those of the `toml` crate, places are right.

use std::ops::Range;

use super::document::{Entry, Node, Value};
use crate::finding::rules;

/// Checks that a text is read as the `toml` crate reads it, with the places of all values.
pub(super) fn check(text: &str, range: Range<usize>) {
    let reference = text[range.clone()].parse::<toml::Table>();
    match (super::toml::read(text, range.clone()), reference) {
        (Ok(document), reference) => {
            assert_eq!(document.range, range);
            for entry in &document.entries {
                let Entry {
                    key, value, extent, ..
                } = entry;
                assert!(range.start <= extent.start && extent.end <= range.end);
                assert!(extent.start <= key.start && key.end <= value.range.start);
                assert!(value.range.end <= extent.end);
                assert!(extent.end == range.end || text[..extent.end].ends_with('\n'));
                check_places(text, &range, value);
            }
            // It has no place for numbers of more than 64 bits.
            if let Ok(reference) = reference {
                assert_eq!(document.entries.len(), reference.len());
                for entry in &document.entries {
                    check_value(&entry.value, &reference[entry.name.as_ref().unwrap()]);
                }
            }
        }
        (Err(finding), reference) => {
            let range_of = finding.range.clone().unwrap();
            assert!(
                range.start <= range_of.start && range_of.end <= range.end,
                "{finding:?}"
            );
            assert!(text.get(range_of).is_some(), "{finding:?}");
            assert!(
                reference.is_err() || finding.rule == rules::CONTROL_CHARACTER,
                "{finding:?}"
            );
        }
    }
}

/// Places are within the front matter, and what is written there is the value.
fn check_places(text: &str, whole: &Range<usize>, node: &Node) {
    let range = &node.range;
    assert!(whole.start <= range.start && range.start <= range.end && range.end <= whole.end);
    let source = text.get(range.clone()).unwrap();
    match &node.value {
        Value::Text(value) => match source.chars().next() {
            Some(quote @ ('"' | '\'')) => assert!(source.len() > 1 && source.ends_with(quote)),
            _ => assert_eq!(source, value),
        },
        Value::List(items) => {
            assert_eq!(
                source.starts_with('['),
                source.ends_with(']') && source.starts_with('[')
            );
            items
                .iter()
                .for_each(|item| check_places(text, whole, item));
        }
        Value::Map(pairs) => {
            for (key, value) in pairs {
                assert!(
                    text.get(key.range.clone())
                        .is_some_and(|key| !key.is_empty())
                );
                assert!(key.range.end <= value.range.start);
                check_places(text, whole, value);
            }
        }
        Value::Bool(value) => assert_eq!(source, value.to_string()),
        Value::Integer(_) | Value::Float(_) => assert!(!source.contains(['\n', ' ', ','])),
        Value::Null | Value::Tagged(..) => panic!("{node:?}"),
    }
}

fn check_value(node: &Node, reference: &toml::Value) {
    use toml::Value as Toml;
    match (&node.value, reference) {
        (Value::Bool(value), Toml::Boolean(other)) => assert_eq!(value, other),
        (Value::Text(value), Toml::String(other)) => {
            assert_eq!(value.replace("\r\n", "\n"), other.replace("\r\n", "\n"));
        }
        (Value::Text(value), Toml::Datetime(other)) => {
            assert_eq!(
                value.parse::<toml::value::Datetime>().as_ref().ok(),
                Some(other)
            );
        }
        (Value::Integer(value), Toml::Integer(other)) => assert_eq!(*value, i128::from(*other)),
        (Value::Float(value), Toml::Float(other)) => {
            assert!(value == other || value.is_nan() && other.is_nan());
        }
        (Value::List(items), Toml::Array(others)) => {
            assert_eq!(items.len(), others.len());
            items
                .iter()
                .zip(others)
                .for_each(|(a, b)| check_value(a, b));
        }
        (Value::Map(pairs), Toml::Table(others)) => {
            assert_eq!(pairs.len(), others.len());
            for (key, value) in pairs {
                let Value::Text(key) = &key.value else {
                    panic!("{key:?}");
                };
                check_value(value, &others[key]);
            }
        }
        (value, other) => panic!("{value:?} is {other:?}"),
    }
}
