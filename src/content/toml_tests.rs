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

/// A slip, the place that is blamed, a part of the message, and the text with the remedy applied:
/// `None` if the help shows the line to write, which is then tried.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
);

const SLIPS: &[Case] = &[
    ("title = Hello\n", "Hello", "a text must be in quotes", None),
    (
        "title = Hello World # c\nid = 1\n",
        "Hello World",
        "in quotes",
        None,
    ),
    ("tags = [a, b]\n", "a", "in quotes", None),
    (
        "tags = [\n  a,\n]\n",
        "a",
        "in quotes",
        Some("tags = [\n  \"a\",\n]\n"),
    ),
    ("image = /a/b.png\n", "/a/b.png", "in quotes", None),
    ("title = “Hello”\n", "“Hello”", "straight quotes", None),
    (
        "draft = yes\n",
        "yes",
        "a boolean is `true` or `false`",
        None,
    ),
    (
        "draft = True\n",
        "True",
        "a boolean is `true` or `false`",
        None,
    ),
    ("title =\n", "title =", "no value", Some("title = \"\"\n")),
    ("a = 1 // c\n", "// c", "a comment begins with `#`", None),
    ("a = \"x\" // c\n", "// c", "follows the value", None),
    ("// c\na = 1\n", "// c", "a comment begins with `#`", None),
    (
        "id = 1 title = \"x\"\n",
        "1 title = \"x\"",
        "two keys",
        Some("id = 1\ntitle = \"x\"\n"),
    ),
    (
        "a = \"x\" b = 1\n",
        "b = 1",
        "follows",
        Some("a = \"x\"\nb = 1\n"),
    ),
    ("a = null\n", "null", "no empty value", Some("")),
    ("n = 007\n", "007", "not written as TOML has it", None),
    (
        "n = 1__0\n",
        "1__0",
        "not written as TOML has it",
        Some("n = \"1__0\"\n"),
    ),
    (
        "title = \"Hello\nid = 1\n",
        "\"Hello",
        "no closing quote",
        None,
    ),
    ("title = 'Hello\n", "'Hello", "no closing quote", None),
    ("tags = [\"a\", \"b]\n", "\"b]", "no closing quote", None),
    (
        "t = \"\"\"Hello\nid = 1\n",
        "\"\"\"Hello",
        "no end",
        Some("t = \"\"\"Hello\nid = 1\n\"\"\""),
    ),
    (
        "t = \"a\\d\"\n",
        "\\d",
        "a backslash in double quotes",
        None,
    ),
    (
        "t = \"\\u12\"\n",
        "\\u",
        "a backslash in double quotes",
        None,
    ),
    ("t = 'it's'\n", "'it's'", "within the text ends it", None),
    (
        "t = \"say \"hi\"\"\n",
        "\"say \"hi\"\"",
        "within the text ends it",
        None,
    ),
    ("t = \"x\",\nid = 1\n", ",", "follows the value", None),
    (
        "tags = [\"a\", \"b\"\nid = 1\n",
        "[\"a\", \"b\"",
        "no closing bracket",
        None,
    ),
    (
        "tags = [\n  \"a\",\n",
        "[",
        "no closing bracket",
        Some("tags = [\n  \"a\",\n]\n"),
    ),
    (
        "tags = [\"a\" \"b\"]\n",
        "\"b\"]",
        "a comma is missing",
        None,
    ),
    ("tags = [\"a\",, \"b\"]\n", ",", "a comma too many", None),
    ("a = {b = 1\n", "{b = 1", "no closing brace", None),
    ("[extra\nb = 1\n", "[extra", "no closing bracket", None),
    ("[[extra]\nb = 1\n", "[[extra]", "no closing bracket", None),
    (
        "id = 1\ntitle: Hello\n",
        "title: Hello",
        "not by a colon",
        None,
    ),
    (
        "id = 1\ntitle: \"a: b\" # c\n",
        "title: \"a: b\" # c",
        "not by a colon",
        None,
    ),
    (
        "id = 1\ntags:\n  - a\n  - b\n",
        "tags:",
        "not by a colon",
        None,
    ),
    ("id = 1\nurl: a=b\n", "url: a=b", "not by a colon", None),
    ("title = a: b\n", "a: b", "in quotes", None),
    ("title = Say \"hi\"\n", "Say \"hi\"", "in quotes", None),
    ("a := 1\n", "a := 1", "separated by `=`", None),
    ("a == 1\n", "=", "two `=`", None),
    ("my key = 1\n", "my key = 1", "must be in quotes", None),
    ("키 = 1\n", "키 = 1", "must be in quotes", None),
    ("= 1\n", "= 1", "no key", Some("title = 1\n")),
    ("title\n", "title", "no `=`", Some("#title\n")),
    (
        "id = 1\n- a\n",
        "- a",
        "hyphen",
        Some("id = 1\ntags = [\"a\"]\n"),
    ),
    (
        "d = 2025-02-30\n",
        "2025-02-30",
        "does not exist",
        Some("d = 2025-02-28\n"),
    ),
    (
        "d = 2025-13-01\n",
        "2025-13-01",
        "no month 13",
        Some("d = 2025-12-01\n"),
    ),
    (
        "d = 2025-1-2\n",
        "2025-1-2",
        "not written as TOML has it",
        None,
    ),
    (
        "d = 2025-01-02 09:00:00 +0900\n",
        "2025-01-02 09:00:00 +0900",
        "as TOML has it",
        None,
    ),
    (
        "d = 2025-01-02T09:00:00+09\n",
        "2025-01-02T09:00:00+09",
        "as TOML has it",
        None,
    ),
    (
        "d = 2025-01-02 9:00\n",
        "2025-01-02 9:00",
        "as TOML has it",
        None,
    ),
];

#[test]
fn each_slip_is_found_at_its_place_and_its_remedy_works() {
    let wrong: Vec<String> = SLIPS
        .iter()
        .filter_map(|case| wrong_with(case).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns what is wrong with the finding for a slip.
fn wrong_with((text, place, words, fixed): &Case) -> Result<(), String> {
    {
        let finding = finding(text);
        let help = finding.help.unwrap();
        let range = finding.range.unwrap();
        let found = source(text, &range);
        let about = format!("{text:?}: {} at {found:?} / {help}", finding.message);
        let is_ours = ["expected", "invalid", "newline"]
            .iter()
            .all(|word| !finding.message.contains(word) && !help.contains(word));
        if finding.rule != rules::TOML_SYNTAX || found != *place || !is_ours {
            return Err(about);
        }
        if !finding.message.contains(words) {
            return Err(format!("no {words:?}: {about}"));
        }
        let fixed = match fixed {
            Some(fixed) => (*fixed).to_owned(),
            None => applied(text, &help, range.start).ok_or(format!("no line: {about}"))?,
        };
        let document = toml::read(&fixed, 0..fixed.len());
        document.map_err(|e| format!("{about}\n{fixed}\n{}", e.message))?;
        Ok(())
    }
}

/// Writes the line that a help shows instead of the one at a byte.
fn applied(text: &str, help: &str, at: usize) -> Option<String> {
    let (_, rest) = help.split_once("write `")?;
    let (line, rest) = rest.split_once('`')?;
    let count = rest.split_once("instead of the ").map_or(1, |(_, rest)| {
        rest.split(' ').next().unwrap().parse().unwrap()
    });
    let number = text[..at].matches('\n').count();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.splice(number..number + count, [line]);
    Some(lines.join("\n"))
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
