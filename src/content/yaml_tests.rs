use std::ops::Range;

use super::document::{Document, Node, Value};
use super::text_findings::TextFinding;
use super::{steps, yaml};

fn read(text: &str) -> Result<Document, TextFinding> {
    yaml::read(text, 0..text.len())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// A value without its place.
fn node(value: Value) -> Node {
    Node { value, range: 0..0 }
}

fn list(values: Vec<Value>) -> Value {
    Value::List(values.into_iter().map(node).collect())
}

/// Takes the places off a value and all within it.
fn bare(Node { value, .. }: Node) -> Value {
    match value {
        Value::List(items) => list(items.into_iter().map(bare).collect()),
        Value::Map(pairs) => Value::Map(
            pairs
                .into_iter()
                .map(|(key, value)| (node(bare(key)), node(bare(value))))
                .collect(),
        ),
        Value::Tagged(tag, value) => Value::Tagged(tag, Box::new(node(bare(*value)))),
        other => other,
    }
}

fn values(yaml: &str) -> Vec<Value> {
    let entries = read(yaml).unwrap().entries;
    entries.into_iter().map(|entry| bare(entry.value)).collect()
}

/// A part of a front matter, by its number at the top level.
enum Part {
    Key(usize),
    Value(usize),
    Item(usize, usize),
}

fn locate(yaml: &str, part: Part) -> Range<usize> {
    let document = read(yaml).unwrap();
    match part {
        Part::Key(entry) => document.entries[entry].key.clone(),
        Part::Value(entry) => document.entries[entry].value.range.clone(),
        Part::Item(entry, item) => match &document.entries[entry].value.value {
            Value::List(items) => items[item].range.clone(),
            other => panic!("{other:?}"),
        },
    }
}

fn at(yaml: &str, part: Part) -> &str {
    &yaml[locate(yaml, part)]
}

/// The rule, the bytes it is about, and all of its words.
fn failure(yaml: &str) -> (&'static str, &str, String) {
    let finding = read(yaml).unwrap_err();
    let words = format!("{} / {}", finding.message, finding.help.unwrap());
    (finding.rule.name, &yaml[finding.range.unwrap()], words)
}

#[test]
fn keeps_every_kind_of_value_in_order() {
    let yaml =
        "a: x\nb: 1\nc: 1.5\nd: true\ne:\nf: ~\ng: [x, 1, [y]]\nh: {x: y}\ni: !t x\n'j': \"1\"\n";
    assert_eq!(
        values(yaml),
        [
            text("x"),
            Value::Integer(1),
            Value::Float(1.5),
            Value::Bool(true),
            Value::Null,
            Value::Null,
            list(vec![text("x"), Value::Integer(1), list(vec![text("y")])]),
            Value::Map(vec![(node(text("x")), node(text("y")))]),
            Value::Tagged("t".to_owned(), Box::new(node(text("x")))),
            text("1"),
        ]
    );
}

#[test]
fn keeps_keys_that_stand_twice_and_keys_that_are_no_text() {
    let keys = |yaml| -> Vec<Option<String>> {
        read(yaml)
            .unwrap()
            .entries
            .into_iter()
            .map(|entry| entry.name)
            .collect()
    };
    assert_eq!(keys("a: 1\na: 2\n"), [Some("a".into()), Some("a".into())]);
    assert_eq!(
        keys("1: x\ntrue: y\n[z]: w\n"),
        [Some("1".into()), Some("true".into()), None]
    );
}

#[test]
fn takes_nothing_and_comments_for_no_keys() {
    for yaml in ["", "\n \n", "# nothing\n\n  # here\n", "\r\n"] {
        assert_eq!(read(yaml).unwrap().entries, [], "{yaml:?}");
    }
}

#[test]
fn finds_keys_and_values_in_block_style() {
    let yaml = "제목: 가나 다라  # comment\n\"k 2\": 'it''s' # c\nthree:   |\n  text\n  more\nfour:\n  - x\n  - \"y\" # c\n";
    assert_eq!(at(yaml, Part::Key(0)), "제목");
    assert_eq!(at(yaml, Part::Value(0)), "가나 다라");
    assert_eq!(at(yaml, Part::Key(1)), "\"k 2\"");
    assert_eq!(at(yaml, Part::Value(1)), "'it''s'");
    assert_eq!(at(yaml, Part::Value(2)), "|\n  text\n  more");
    assert_eq!(at(yaml, Part::Value(3)), "- x\n  - \"y\"");
    assert_eq!(at(yaml, Part::Item(3, 0)), "x");
    assert_eq!(at(yaml, Part::Item(3, 1)), "\"y\"");
}

#[test]
fn finds_values_in_flow_style_and_after_crlf() {
    let yaml = "tags: [a, \"b, c\", d]\r\nid: 7\r\n";
    assert_eq!(at(yaml, Part::Value(0)), "[a, \"b, c\", d]");
    assert_eq!(at(yaml, Part::Item(0, 1)), "\"b, c\"");
    assert_eq!(at(yaml, Part::Item(0, 2)), "d");
    assert_eq!(at(yaml, Part::Value(1)), "7");
    let yaml = "tags: [[it's], {a: ']'}, [\"]\", x]] # [c]\n";
    assert_eq!(at(yaml, Part::Value(0)), "[[it's], {a: ']'}, [\"]\", x]]");
    assert_eq!(at(yaml, Part::Item(0, 0)), "[it's]");
    assert_eq!(at(yaml, Part::Item(0, 1)), "{a: ']'}");
    assert_eq!(at(yaml, Part::Item(0, 2)), "[\"]\", x]");
    let yaml = "{id: 7, title: x}";
    assert_eq!(at(yaml, Part::Value(0)), "7");
    assert_eq!(at(yaml, Part::Key(1)), "title");
    assert_eq!(at(yaml, Part::Value(1)), "x");
}

#[test]
fn is_not_misled_by_what_looks_like_a_key_in_a_block_of_text() {
    let yaml = "description: |\n  id: 1\nid: x\n";
    let range = locate(yaml, Part::Value(1));
    assert_eq!(range, yaml.len() - 2..yaml.len() - 1);
}

#[test]
fn asks_for_quotes_around_a_value_with_a_colon() {
    let (rule, place, words) = failure("id: 1\ntitle: Rust: the book\n");
    assert_eq!((rule, place), ("yaml-syntax", ": the book"));
    assert!(words.contains("title: \"Rust: the book\""), "{words}");
}

#[test]
fn points_at_the_right_character_after_wide_ones() {
    let (_, place, words) = failure("# 가나다 🎉\r\ntitle: 러스트: 책\r\nid: 1\r\n");
    assert_eq!(place, ": 책");
    assert!(words.contains("title: \"러스트: 책\""), "{words}");
    assert_eq!(failure("제목: @가\n").1, "@가");
}

#[test]
fn asks_for_spaces_where_a_tab_indents() {
    let (rule, _, words) = failure("tags:\n\t- a\n");
    assert_eq!(rule, "yaml-syntax");
    assert!(words.contains("indent with spaces"), "{words}");
}

#[test]
fn says_what_to_do_about_other_bad_syntax() {
    for (yaml, expected) in [
        ("title: @x\n", "begins with `@`"),
        ("title: `x`\n", "begins with ``"),
        ("title: \"x\n", "the quote that it begins with"),
        ("title: 'x' y\n", "the quote that it begins with"),
        ("tags: [a, b\n", "no `]` at its end"),
        ("tags: [a, [b\n", "close every bracket"),
        ("title: x\njust words\n", "a colon and a space"),
        ("title: *nowhere\n", "begins with `*`"),
        ("id: 1\n...\n--- \nid: 2\n", "one set of keys"),
    ] {
        let (rule, _, words) = failure(yaml);
        assert_eq!(rule, "yaml-syntax", "{yaml:?}");
        assert!(words.contains(expected), "{yaml:?}: {words}");
    }
}

#[test]
fn points_at_the_line_without_a_colon_and_not_at_the_next() {
    let (_, place, words) = failure("id: 1\ntitle x\n\ntags: []\n");
    assert_eq!(place, "title x");
    assert!(words.contains("a colon and a space"), "{words}");
}

#[test]
fn asks_for_a_key_that_is_indented_to_be_moved() {
    let (_, place, words) = failure("id: 9\n title: x\n");
    assert_eq!(place, ": x");
    assert!(
        words.contains("remove the spaces before the key"),
        "{words}"
    );
}

#[test]
fn fails_for_what_is_not_a_mapping() {
    for yaml in [
        "- a\n- b\n",
        "words\n",
        "1\n",
        "1.5\n",
        "true\n",
        "~\n",
        "!t x\n",
        "[a]\n",
        "id:1\n",
    ] {
        assert_eq!(failure(yaml).0, "not-a-mapping", "{yaml:?}");
    }
}

#[test]
fn fails_for_a_raw_control_character() {
    let (rule, place, words) = failure("id: 1\ntitle: a\u{1b}[31mb\n");
    assert_eq!((rule, place), ("control-character", "\u{1b}"));
    assert!(words.contains("U+001B"));
}

#[test]
fn fails_at_once_for_aliases_that_multiply() {
    // Nine to the ninth power, under a known key, under an unknown one, and nested.
    let mut bomb = String::from("a: &a [x,x,x,x,x,x,x,x,x]\n");
    for (name, last) in "bcdefghi".chars().zip("abcdefgh".chars()) {
        let aliases = vec![format!("*{last}"); 9].join(",");
        bomb.push_str(&format!("{name}: &{name} [{aliases}]\n"));
    }
    let long = format!(
        "a: &a {}\ntags: [{}]\n",
        "x".repeat(30_000),
        vec!["*a"; 10_000].join(",")
    );
    let wide = format!(
        "a: &a [{}]\nb: [{}]\n",
        vec!["1"; 16_000].join(","),
        vec!["*a"; 8_000].join(",")
    );
    for yaml in [format!("{bomb}tags: [*i]\n"), bomb, long, wide] {
        let steps = steps::of(|| assert_eq!(failure(&yaml).0, "yaml-size"));
        assert!(steps < 1_000_000, "{steps}");
    }
}

#[test]
fn fails_at_once_for_deep_nesting() {
    for yaml in [
        format!("a: {}", "[".repeat(60_000)),
        format!("a: {}", "{".repeat(60_000)),
        format!("{}x", "- ".repeat(30_000)),
        format!("a: {}{}", "[".repeat(128), "]".repeat(128)),
        format!("a: {}", "[\"]\",".repeat(10_000)),
        (0..300)
            .map(|depth| format!("{}k:\n", " ".repeat(depth)))
            .collect(),
    ] {
        let steps = steps::of(|| assert_eq!(failure(&yaml).0, "yaml-syntax"));
        // The text is looked at once for characters, and the parser stops early.
        assert!(steps < yaml.len() as u64 + 1_000, "{steps}");
    }
}

#[test]
fn takes_aliases_that_stay_small() {
    let yaml = "title: &t Rust\ndescription: *t\n";
    assert_eq!(values(yaml), [text("Rust"), text("Rust")]);
}

#[test]
fn keeps_values_of_every_form_whole_and_where_they_are() {
    for (yaml, value, place) in [
        ("k: -1.5e3 # c\n", Value::Float(-1500.0), "-1.5e3"),
        ("k: .inf\n", Value::Float(f64::INFINITY), ".inf"),
        ("k: 2025-11-28\n", text("2025-11-28"), "2025-11-28"),
        (
            "k: 2025-11-28 09:00:00\n",
            text("2025-11-28 09:00:00"),
            "2025-11-28 09:00:00",
        ),
        ("k: a\n  b\n\n  c # d\n", text("a b\nc"), "a\n  b\n\n  c"),
        (
            "k: \"a\n  b\\\n  c\" # d\n",
            text("a bc"),
            "\"a\n  b\\\n  c\"",
        ),
        ("k: 'a\n\n  b'\n", text("a\nb"), "'a\n\n  b'"),
        ("k: >-\n  a\n  b\n\n# d\n", text("a b"), ">-\n  a\n  b"),
        (
            "k: |2+ # c\n    a\n\nl: 1\n",
            text("  a\n\n"),
            "|2+ # c\n    a",
        ),
        ("k: a\u{a0}\n", text("a\u{a0}"), "a\u{a0}"),
        (
            "k: [a, [b, [c]], {}] # d\n",
            list(vec![
                text("a"),
                list(vec![text("b"), list(vec![text("c")])]),
                Value::Map(Vec::new()),
            ]),
            "[a, [b, [c]], {}]",
        ),
        (
            "k:\n  x:\n    - 1\n    - y: z # d\n\nl: 1\n",
            Value::Map(vec![(
                node(text("x")),
                node(list(vec![
                    Value::Integer(1),
                    Value::Map(vec![(node(text("y")), node(text("z")))]),
                ])),
            )]),
            "x:\n    - 1\n    - y: z",
        ),
        (
            "k: !t [1]\n",
            Value::Tagged(
                "t".to_owned(),
                Box::new(node(list(vec![Value::Integer(1)]))),
            ),
            "!t [1]",
        ),
    ] {
        let entries = read(yaml).unwrap().entries;
        assert_eq!(&yaml[entries[0].value.range.clone()], place, "{yaml}");
        assert_eq!(&yaml[entries[0].key.clone()], "k", "{yaml}");
        assert_eq!(bare(entries[0].value.clone()), value, "{yaml}");
    }
}
