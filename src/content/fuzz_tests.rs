//! Random front matters: nothing panics, values are those of `serde_yaml` or `toml`, places are
//! right.

use std::ops::Range;

use serde_json::{Value as Json, json};

use super::document::{Document, Node, Syntax, Value};
use super::front_matter;
use super::fuzz_toml_tests;
use super::test_reading::{reading, settings};
use super::yaml;
use crate::finding::rules;
use crate::fuzz;
use crate::post::Extra;

const CORPUS: &[&[u8]] = &[
    b"---\nid: 1\ntitle: T\n---\nBody\n",
    b"---\nid: 41\ntitle: \"Keyset: \xed\x8e\x98\xec\x9d\xb4\"\ndescription: One.\ncategory: Postgres\ntags: [rust, 'a''b', \"c\\n\", 2025]\nimage: /a.png\ncreated_at: 2025-11-28 09:00\nupdated_at: 2025-11-29\nword_count: 3\ndraft: false\n---\n\nThree words here.\n",
    b"\xef\xbb\xbf---\r\nid: 1\r\ntitle: >-\r\n  a\r\n  b\r\ntags:\r\n  - x\r\n  - # c\r\n---\r\n",
    b"---\ntitle: &t Rust\ndescription: *t\ntags: &l [a, *t, [b, {c: d}]]\ncategory: *l\nslug: !x {a: 1.5}\n---\n",
    b"---\n{id: 1, \"title\": x, tags: [a,\n b, ], ? z : y, ? [k, l] : m}\n---\n",
    b"---\n? id\n: 7\n? |\n  title\n: - a\n  - - b\n    - c\n  -\n  - k: v\n    l: w\n<<: *x\n---\n",
    b"---\ntitle: |+\n  a: b\n\n   c\n\n# d\nid: 0x1F\ncategory: ~\ntags: # none\n- null\n- 1e3\n- .nan\n---\n",
    b"---\n%YAML 1.1\n%TAG !e! tag:e,2000:\n--- !e!x\nid: !!int \"3\"\ntitle: !!str 5\n...\n---\n",
    b"---\n? id\n: 7\n? ? |\n  ",
    b"+++\nid = 1\n\"title\" = \"T \\u00e9\"\ntags = ['a', \"b\", 3]\ncreated_at = 2025-11-28 09:00:00+09:00\n\n[extra] # c\nx = { a.b = 1.5, c = [] }\n+++\nBody\n",
    b"\xef\xbb\xbf+++\r\nid = 0x1F\r\ntitle = \"\"\"\r\na\r\n\"\"\"\r\na.b = true\r\na.c = 1_0\r\n[[l]]\r\nn = nan\r\n[[l]]\r\n[l.m]\r\nk = 09:30:00\r\n+++\r\n",
];

const DICTIONARY: &[&[u8]] = &[
    b"---\n",
    b"...\n",
    b": ",
    b"- ",
    b"? ",
    b"\n",
    b"\n  ",
    b"\n- ",
    b"\r\n",
    b"\r",
    b"\t",
    b" #",
    b"#",
    b"\"",
    b"'",
    b"[",
    b"]",
    b"{",
    b"}",
    b", ",
    b"&a ",
    b"*a",
    b"!",
    b"!!int ",
    b"!t ",
    b"|",
    b">",
    b"|-\n  ",
    b"%TAG ",
    b"<<: ",
    b"id: ",
    b"title: ",
    b"tags: ",
    b"category: ",
    b"created_at: ",
    b"word_count: ",
    b"draft: ",
    b"true",
    b"null",
    b"~",
    b"1.5",
    b".inf",
    b"0o7",
    b"12345678901234567890123",
    b"\\u0041",
    b"\\0",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xc2\x85",
    b"\xe2\x80\xa8",
    b"\xea\xb0\x80",
    b"\xf0\x9f\x8e\x89",
    b"\xff",
    b"2025-11-28",
    b"k: v\n",
    b"+++\n",
    b" = ",
    b"id = ",
    b"title = ",
    b"tags = ",
    b"\"\"\"",
    b"\x27\x27\x27",
    b"[a]\n",
    b"[a.b]\n",
    b"[[a]]\n",
    b"a.b = 1\n",
    b"k = {",
    b"2025-02-30",
];

#[test]
fn reads_random_front_matter_as_its_parser_does() {
    fuzz::run("front matter", CORPUS, DICTIONARY, check);
}

fn check(bytes: &[u8]) {
    let reading = reading(&settings(), bytes);
    assert!(reading.post.is_some() || !reading.findings.is_empty());
    let locations = reading.findings.iter().filter_map(|d| d.location.as_ref());
    let own = reading.id_location.iter().chain(&reading.slug_location);
    for location in locations.chain(own) {
        assert!(location.start.line > 0 && location.start.column > 0);
        assert!(
            location.excerpt.get(location.span.clone()).is_some(),
            "{location:?}"
        );
        assert!(location.excerpt.len() <= 400 && !location.excerpt.contains('\n'));
    }
    if let Some((post, _)) = &reading.post {
        let text = post.extra.to_text();
        assert!(!has_nul(&json!(post.extra)), "{text}");
        assert_eq!(Extra::from_text(&text).as_ref(), Some(&post.extra));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    // What is put between the lines, and the text as a whole, which is bolder.
    if let Ok(split) = front_matter::split(text) {
        match split.syntax {
            Syntax::Yaml => check_yaml(text, split.matter),
            Syntax::Toml => fuzz_toml_tests::check(text, split.matter),
        }
    }
    check_yaml(text, 0..text.len());
    fuzz_toml_tests::check(text, 0..text.len());
}

/// Returns whether a text or key of a JSON value holds what no database can.
fn has_nul(value: &Json) -> bool {
    match value {
        Json::String(text) => text.contains('\0'),
        Json::Array(items) => items.iter().any(has_nul),
        Json::Object(entries) => entries
            .iter()
            .any(|(key, v)| key.contains('\0') || has_nul(v)),
        _ => false,
    }
}

fn check_yaml(text: &str, range: Range<usize>) {
    if text[range.clone()].contains('\0') {
        return;
    }
    let reference = serde_yaml::from_str::<serde_yaml::Value>(&text[range.clone()]);
    match (yaml::read(text, range.clone()), reference) {
        (Ok(document), reference) => {
            check_places(text, &range, &document);
            match reference {
                Ok(serde_yaml::Value::Null) => assert!(document.entries.is_empty()),
                Ok(reference) => check_entries(&document, &reference),
                // These it has no place for, or takes only one of.
                Err(error) => {
                    let words = error.to_string();
                    assert!(
                        words.contains("duplicate entry")
                            || words.contains("as i128")
                            || words.contains("as u128"),
                        "{words}"
                    );
                }
            }
        }
        (Err(finding), reference) => {
            let range_of = finding.range.clone().unwrap();
            assert!(range.start <= range_of.start && range_of.end <= range.end);
            assert!(text.get(range_of).is_some(), "{finding:?}");
            if let Ok(reference) = reference {
                match finding.rule {
                    rules::NOT_A_MAPPING => {
                        assert!(!matches!(reference, serde_yaml::Value::Mapping(_)))
                    }
                    rules::CONTROL_CHARACTER => {}
                    // Limits that serde_yaml does not have.
                    rules::YAML_SIZE => assert!(text.contains('*')),
                    _ if finding.message.contains("%TAG") => {}
                    _ => panic!("{finding:?} of what serde_yaml reads as {reference:?}"),
                }
            }
        }
    }
}

fn check_entries(document: &Document, reference: &serde_yaml::Value) {
    let reference = reference.as_mapping().unwrap();
    assert_eq!(document.entries.len(), reference.len());
    for (entry, (key, value)) in document.entries.iter().zip(reference) {
        check_value(&entry.value, value);
        let name = match key {
            serde_yaml::Value::String(text) => Some(text.clone()),
            serde_yaml::Value::Bool(value) => Some(value.to_string()),
            serde_yaml::Value::Null => Some("null".to_owned()),
            serde_yaml::Value::Number(n) if !n.is_f64() => Some(n.to_string()),
            _ => None,
        };
        assert_eq!(entry.name, name);
    }
}

fn check_value(node: &Node, reference: &serde_yaml::Value) {
    use serde_yaml::Value as Yaml;
    match (&node.value, reference) {
        (Value::Null, Yaml::Null) => {}
        (Value::Bool(value), Yaml::Bool(other)) => assert_eq!(value, other),
        (Value::Text(value), Yaml::String(other)) => assert_eq!(value, other),
        (Value::Integer(value), Yaml::Number(other)) => {
            let other = other
                .as_i64()
                .map(i128::from)
                .or(other.as_u64().map(i128::from));
            assert_eq!(Some(*value), other);
        }
        (Value::Float(value), Yaml::Number(other)) => {
            let other = other.as_f64().unwrap();
            assert!(*value == other || value.is_nan() && other.is_nan());
        }
        (Value::List(items), Yaml::Sequence(others)) => {
            assert_eq!(items.len(), others.len());
            items
                .iter()
                .zip(others)
                .for_each(|(a, b)| check_value(a, b));
        }
        (Value::Map(pairs), Yaml::Mapping(others)) => {
            assert_eq!(pairs.len(), others.len());
            for ((key, value), (other_key, other)) in pairs.iter().zip(others) {
                check_value(key, other_key);
                check_value(value, other);
            }
        }
        (Value::Tagged(tag, value), Yaml::Tagged(other)) => {
            assert_eq!(other.tag, tag.as_str());
            check_value(value, &other.value);
        }
        (value, other) => panic!("{value:?} is {other:?}"),
    }
}

/// Places are within each other, in order, and what is written there is the value.
fn check_places(text: &str, whole: &Range<usize>, document: &Document) {
    assert_eq!(document.range, *whole);
    let mut last = whole.start;
    let mut last_extent = whole.start;
    for entry in &document.entries {
        let extent = &entry.extent;
        assert!(text.get(extent.clone()).is_some());
        assert!(extent.start <= entry.key.start && entry.key.end <= extent.end);
        // A value that is not there may have its place before the next key.
        assert!(entry.value.range.is_empty() || entry.value.range.end <= extent.end);
        assert!(last_extent <= extent.start && extent.end <= whole.end);
        if document.braces.is_none() {
            assert!(extent.end == whole.end || text[..extent.end].ends_with(['\n', '\r']));
        }
        last_extent = extent.end;
        assert!(text.get(entry.key.clone()).is_some());
        assert!(last <= entry.key.start && entry.key.end <= entry.value.range.start);
        last = check_place(text, whole, &entry.value);
    }
    assert!(last <= whole.end);
}

fn check_place(text: &str, around: &Range<usize>, node: &Node) -> usize {
    let range = &node.range;
    assert!(around.start <= range.start && range.start <= range.end && range.end <= around.end);
    let source = text.get(range.clone()).unwrap();
    if source.starts_with('*') {
        return range.end;
    }
    match &node.value {
        Value::Text(value) => {
            let plain = !source.starts_with(['"', '\'', '|', '>', '&', '!']);
            if plain && !source.contains(['\n', '\r']) {
                assert_eq!(source, value);
            }
            if let Some(inner) = source.strip_prefix('"') {
                assert!(inner.ends_with('"'), "{source}");
            }
        }
        Value::List(items) => {
            let mut last = range.start;
            for item in items {
                assert!(last <= item.range.start);
                last = check_place(text, range, item);
            }
            if source.starts_with('[') {
                assert!(source.ends_with(']'), "{source}");
            }
        }
        Value::Map(pairs) => {
            let mut last = range.start;
            for (key, value) in pairs {
                assert!(last <= key.range.start);
                assert!(check_place(text, range, key) <= value.range.start);
                last = check_place(text, range, value);
            }
        }
        Value::Tagged(_, value) => assert_eq!(value.range, *range),
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {}
    }
    range.end
}
