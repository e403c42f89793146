//! TOML front matter: values, their places, and what is said of slips.

use std::ops::Range;

use super::document::{Document, Node, Syntax, Value};
use super::test_reading::{reading, settings};
use super::text_findings::TextFinding;
use super::{toml, yaml};
use crate::finding::rules;

fn read(text: &str) -> Document {
    toml::read(text, 0..text.len()).unwrap_or_else(|finding| panic!("{text}: {finding:?}"))
}

fn finding(text: &str) -> TextFinding {
    toml::read(text, 0..text.len()).expect_err(text)
}

fn source<'t>(text: &'t str, range: &Range<usize>) -> &'t str {
    &text[range.clone()]
}

fn value<'d>(document: &'d Document, key: &str) -> &'d Node {
    &document
        .get(key)
        .unwrap_or_else(|| panic!("no {key}"))
        .value
}

fn text_value(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[test]
fn every_kind_of_value_is_read_with_its_place() {
    let text = "# c\nid = 41 # ours\n\"title\" = \"A \\\"b\\\" \\u00e9\"\ndescription = '''\none\ntwo'''\n\
                n = 0x1F\nbig = 1_000\nf = -1.5e3\nyes = true\ndate = 2025-11-28\n\
                at = 2025-11-28 09:00:00.25+09:00\nclock = 09:30:00\ntags = ['a', \"b\", # c\n  3,\n]\n\
                o = { a = 1, b.c = [] }\n";
    let document = read(text);
    assert_eq!(document.syntax, Syntax::Toml);
    for (key, wanted, written) in [
        ("id", Value::Integer(41), "41"),
        ("title", text_value("A \"b\" é"), "\"A \\\"b\\\" \\u00e9\""),
        ("description", text_value("one\ntwo"), "'''\none\ntwo'''"),
        ("n", Value::Integer(31), "0x1F"),
        ("big", Value::Integer(1000), "1_000"),
        ("f", Value::Float(-1500.0), "-1.5e3"),
        ("yes", Value::Bool(true), "true"),
        ("date", text_value("2025-11-28"), "2025-11-28"),
        (
            "at",
            text_value("2025-11-28 09:00:00.25+09:00"),
            "2025-11-28 09:00:00.25+09:00",
        ),
        ("clock", text_value("09:30:00"), "09:30:00"),
    ] {
        let node = value(&document, key);
        assert_eq!(node.value, wanted);
        assert_eq!(source(text, &node.range), written);
    }
    let title = document.get("title").unwrap();
    assert_eq!(source(text, &title.key), "\"title\"");
    let id = document.get("id").unwrap();
    assert_eq!(source(text, &id.extent), "id = 41 # ours\n");
    let Value::List(tags) = &value(&document, "tags").value else {
        panic!();
    };
    let items: Vec<_> = tags.iter().map(|tag| source(text, &tag.range)).collect();
    assert_eq!(items, ["'a'", "\"b\"", "3"]);
    let tags = document.get("tags").unwrap();
    assert!(source(text, &tags.extent).ends_with("3,\n]\n"));
    let Value::Map(pairs) = &value(&document, "o").value else {
        panic!();
    };
    assert_eq!(source(text, &pairs[1].0.range), "b");
    let Value::Map(inner) = &pairs[1].1.value else {
        panic!();
    };
    assert_eq!(source(text, &inner[0].0.range), "c");
    assert_eq!(source(text, &inner[0].1.range), "[]");
}

#[test]
fn tables_are_values_with_all_their_pairs() {
    let text = "z.b = 1\na = 2\nz.a = 3\n\n[extra] # why\n# note\nid = 4\n\n[extra.deep]\nx = 5\n\n\
                [[list]]\nn = 1\n[[list]]\nn = 2\n[empty]\n";
    let document = read(text);
    let names: Vec<_> = document
        .entries
        .iter()
        .map(|e| e.name.as_deref().unwrap())
        .collect();
    assert_eq!(names, ["z", "a", "extra", "list", "empty"]);
    let extra = document.get("extra").unwrap();
    assert_eq!(source(text, &extra.key), "extra");
    assert!(source(text, &extra.extent).starts_with("[extra] # why\n"));
    assert!(source(text, &extra.extent).ends_with("x = 5\n"));
    assert_eq!(
        source(text, &extra.value.range),
        "id = 4\n\n[extra.deep]\nx = 5"
    );
    let Value::Map(pairs) = &extra.value.value else {
        panic!();
    };
    let pair = |(key, value): &(Node, Node)| {
        (
            source(text, &key.range).to_owned(),
            source(text, &value.range).to_owned(),
        )
    };
    assert_eq!(pair(&pairs[0]), ("id".into(), "4".into()));
    assert_eq!(pair(&pairs[1]), ("deep".into(), "x = 5".into()));
    let Value::List(items) = &value(&document, "list").value else {
        panic!();
    };
    let items: Vec<_> = items.iter().map(|item| source(text, &item.range)).collect();
    assert_eq!(items, ["n = 1", "n = 2"]);
    let empty = document.get("empty").unwrap();
    assert_eq!(source(text, &empty.extent), "[empty]\n");
    assert_eq!(empty.value.value, Value::Map(Vec::new()));
    // A table may come after a part of it.
    let document = read("[a.b]\nx = 1\n[a]\ny = 2\n");
    assert_eq!(document.entries.len(), 1);
}

#[test]
fn line_ends_within_a_text_are_those_of_the_text() {
    let document = read("a = \"\"\"\r\none\r\ntwo\"\"\"\r\nb = 'x'\r\n");
    assert_eq!(value(&document, "a").value, text_value("one\ntwo"));
    assert_eq!(value(&document, "b").value, text_value("x"));
}

#[test]
fn nothing_but_comments_is_an_empty_document() {
    for text in ["", "\n", "# c\n", "  \r\n"] {
        assert_eq!(read(text).entries.len(), 0, "{text:?}");
    }
}

#[test]
fn yaml_between_the_marks_of_toml_is_named() {
    let text = "id: 1\ntitle: Hello\ntags: [a]\n";
    let finding = finding(text);
    assert_eq!(source(text, &finding.range.unwrap()), "id: 1");
    assert!(
        finding
            .message
            .ends_with("it is YAML, although the lines around it are `+++`")
    );
    assert_eq!(
        finding.help.unwrap(),
        "write `---` instead of both `+++` lines"
    );
}

#[test]
fn toml_between_the_marks_of_yaml_is_named() {
    let text = "# c\nid = 1 # d\ntitle = 'T'\n";
    let finding = yaml::read(text, 0..text.len()).unwrap_err();
    assert_eq!(source(text, &finding.range.unwrap()), "id = 1 # d");
    assert!(finding.message.contains("is TOML"));
    assert_eq!(
        finding.help.unwrap(),
        "write `+++` instead of both `---` lines"
    );
}

#[test]
fn a_key_or_table_that_is_there_twice_is_a_duplicate() {
    for (text, place, message) in [
        ("a = 1\nb = 2\na = 3\n", 12, "the key `a` is there twice"),
        (
            "[a]\nb = 1\n[a]\nc = 2\n",
            11,
            "the table `a` is there twice",
        ),
        ("a = 1\n[a]\n", 7, "the table `a` is there twice"),
        ("a = {b = 1, b = 2}\n", 12, "the key `b` is there twice"),
    ] {
        let finding = finding(text);
        assert_eq!(finding.rule, rules::DUPLICATE_KEY, "{text}");
        assert_eq!(finding.range.unwrap().start, place, "{text}");
        assert_eq!(finding.message, message);
    }
}

#[test]
fn a_control_character_is_found() {
    for text in ["a = \"\u{7}\"\n", "# \u{7f}\n", "a = 1\rb = 2\n"] {
        assert_eq!(finding(text).rule, rules::CONTROL_CHARACTER, "{text:?}");
    }
}

#[test]
fn what_is_deep_or_long_is_refused_and_not_followed() {
    let deep = format!("a = {}{}\n", "[".repeat(500), "]".repeat(500));
    assert!(finding(&deep).message.contains("too deep"));
    let dotted = format!("{}a = 1\n", "a.".repeat(500));
    assert!(finding(&dotted).message.contains("too deep"));
    let digits = format!("a = {}\n", "9".repeat(60));
    let found = finding(&digits);
    assert!(found.message.contains("too many digits"));
    assert_eq!(found.range, Some(4..64));
}

#[test]
fn a_post_in_toml_is_read_as_one_in_yaml_is() {
    let text = "+++\nid = 7\ntitle = 'T'\ntags = ['a', 'b']\ncreated_at = 2025-11-28\n\
                [own]\nx = 1\n+++\n\nBody\n";
    let read = reading(&settings(), text.as_bytes());
    let (post, body) = read.post.unwrap_or_else(|| panic!("{:?}", read.findings));
    assert_eq!(
        (post.id.get(), post.title.as_str(), &*body),
        (7, "T", "Body\n")
    );
    assert_eq!(post.tags, ["a", "b"]);
    assert_eq!(post.created_at.unwrap().to_string(), "2025-11-27T15:00:00Z");
    assert_eq!(post.extra.0["own"], serde_json::json!({"x": 1}));
}

#[test]
fn of_broken_toml_that_is_no_post_nothing_is_shown() {
    let finding = |text: &str| {
        let mut findings = reading(&settings(), text.as_bytes()).findings;
        assert_eq!(findings.len(), 1, "{findings:?}");
        findings.remove(0)
    };
    let post = finding("+++\ntitle = a secret\n+++\n");
    assert_eq!(post.location.unwrap().excerpt, "title = a secret");
    let other = finding("+++\nname = a secret\n+++\n");
    assert_eq!(other.message, "the front matter is not valid TOML");
    assert_eq!(other.location.unwrap().excerpt, "");
}
