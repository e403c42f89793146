//! Edits change what they are asked to, and no other byte.

use super::document::{Node, Value};
use super::edit::{Operation, apply, edits};
use super::render::Look;
use super::{front_matter, render, yaml};

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn list(items: &[&str]) -> Value {
    let node = |item: &&str| Node {
        value: text(item),
        range: 0..0,
    };
    Value::List(items.iter().map(node).collect())
}

/// Makes a change of a text that is all front matter; `None` if it is refused.
fn changed(yaml: &str, operation: Operation<'_>) -> Option<String> {
    let document = yaml::read(yaml, 0..yaml.len()).unwrap();
    apply(yaml, &edits(yaml, &document, operation)?)
}

fn set(yaml: &str, key: &str, value: &Value) -> Option<String> {
    changed(yaml, Operation::Set { key, value })
}

fn insert(yaml: &str, key: &str, value: &Value, after: Option<&str>) -> Option<String> {
    changed(yaml, Operation::Insert { key, value, after })
}

fn remove(yaml: &str, key: &str) -> Option<String> {
    changed(yaml, Operation::Remove { key })
}

#[test]
fn sets_a_value_and_keeps_comments_quotes_order_and_line_ends() {
    let yaml = "# top\r\nid: 1   # one\r\n'title': \"Old\" # t\r\ntags: [a, 'b'] # c\r\n# end\r\n";
    assert_eq!(
        set(yaml, "title", &text("New: 2")).unwrap(),
        yaml.replace("\"Old\"", "\"New: 2\"")
    );
    assert_eq!(
        set(yaml, "title", &text("New")).unwrap(),
        yaml.replace("\"Old\"", "New")
    );
    assert_eq!(
        set(yaml, "id", &Value::Integer(7)).unwrap(),
        yaml.replace("1   #", "7   #")
    );
    assert_eq!(
        set(yaml, "tags", &list(&["C#", "#go", "x, y"])).unwrap(),
        yaml.replace("[a, 'b']", "[C#, \"#go\", \"x, y\"]")
    );
    assert_eq!(set(yaml, "id", &Value::Integer(1)).unwrap(), yaml);
}

#[test]
fn sets_a_value_that_is_missing_or_has_several_lines() {
    for (yaml, expected) in [
        ("k:\nl: 1\n", "k: v\nl: 1\n"),
        ("k: # none\nl: 1\n", "k: v # none\nl: 1\n"),
        ("k: ~\n", "k: v\n"),
        ("k: |\n  a\n  b\n\nl: 1\n", "k: v\n\nl: 1\n"),
        ("k: >- # folded\n  a\nl: 1\n", "k: v\nl: 1\n"),
        (
            "k: # mine\n  - a # x\n  - b # y\nl: 1\n",
            "k: v # mine # y\nl: 1\n",
        ),
        ("k:\n# mine\n- a\nl: 1\n", "k: v\n# mine\nl: 1\n"),
        ("k:\r\n- a\r\nl: 1\r\n", "k: v\r\nl: 1\r\n"),
        ("k:\n  a\n  b\nl: 1\n", "k: v\nl: 1\n"),
        ("k:\n  x: 1\n  y: {z: 2}\nl: 1\n", "k: v\nl: 1\n"),
        ("k: 'a\n  b'\nl: 1\n", "k: v\nl: 1\n"),
        ("{k: 1, l: 2}\n", "{k: v, l: 2}\n"),
        ("{k, l: 2}\n", "{k: v, l: 2}\n"),
        ("k: !t x\n", "k: v\n"),
        ("k: &a x\n", "k: v\n"),
    ] {
        assert_eq!(
            set(yaml, "k", &text("v")).as_deref(),
            Some(expected),
            "{yaml}"
        );
    }
    let item = "k:\n  - a\n  - b # c\nl: 1\n";
    assert_eq!(
        set(item, "k", &list(&["x", "- y"])).unwrap(),
        "k:\n  - x\n  - \"- y\" # c\nl: 1\n"
    );
    assert_eq!(set(item, "k", &list(&[])).unwrap(), "k: [] # c\nl: 1\n");
}

#[test]
fn inserts_a_key_after_another_or_at_the_end() {
    let one = Value::Integer(1);
    for (yaml, after, expected) in [
        ("", None, "id: 1\n"),
        ("# only\n", None, "# only\nid: 1\n"),
        ("a: 2\nb: 3\n", Some("a"), "a: 2\nid: 1\nb: 3\n"),
        ("a: 2 # x\n# y\n", None, "a: 2 # x\nid: 1\n# y\n"),
        ("a: 2", None, "a: 2\nid: 1\n"),
        ("a: 2\r\n", None, "a: 2\r\nid: 1\r\n"),
        ("  a: 2\n", None, "  a: 2\n  id: 1\n"),
        ("a:\n- x\n", Some("a"), "a:\n- x\nid: 1\n"),
        (
            "a: |+\n  x\n\nb: 2\n",
            Some("a"),
            "a: |+\n  x\n\nid: 1\nb: 2\n",
        ),
        ("a: 2\n...\n", None, "a: 2\nid: 1\n...\n"),
        ("{}\n", None, "{id: 1}\n"),
        ("{a: 2} # x\n", None, "{a: 2, id: 1} # x\n"),
        ("{a: 2, b: 3}\n", Some("a"), "{a: 2, id: 1, b: 3}\n"),
    ] {
        assert_eq!(
            insert(yaml, "id", &one, after).as_deref(),
            Some(expected),
            "{yaml}"
        );
    }
    assert_eq!(insert("id: 1\n", "id", &one, None), None);
    assert_eq!(
        insert("a: 2\n", "k: l", &text("yes"), None).unwrap(),
        "a: 2\n\"k: l\": \"yes\"\n"
    );
}

#[test]
fn removes_a_key_with_its_lines() {
    for (yaml, expected) in [
        ("k: 1 # x\nl: 2\n", "l: 2\n"),
        (
            "# top\nk:\n  - a\n  # in\n  - b\n# below\nl: 2\n",
            "# top\n# below\nl: 2\n",
        ),
        ("l: 2\r\nk: |\r\n  a\r\n", "l: 2\r\n"),
        ("k: 1", ""),
        ("? k\n: 1\nl: 2\n", "l: 2\n"),
        ("{k: 1, l: 2}\n", "{l: 2}\n"),
        ("{l: 2, k: 1}\n", "{l: 2}\n"),
        ("{k: 1}\n", "{}\n"),
    ] {
        assert_eq!(remove(yaml, "k").as_deref(), Some(expected), "{yaml}");
    }
}

#[test]
fn changes_one_item_of_a_list() {
    let set = |yaml, item, value: &str| {
        let value = &text(value);
        changed(
            yaml,
            Operation::SetItem {
                key: "k",
                item,
                value,
            },
        )
    };
    assert_eq!(
        set("k: [a, b ,c] # x\n", 1, "C, D").unwrap(),
        "k: [a, \"C, D\" ,c] # x\n"
    );
    assert_eq!(
        set("k:\n- a # x\n-\n- c\n", 1, "b, #").unwrap(),
        "k:\n- a # x\n- \"b, #\"\n- c\n"
    );
    assert_eq!(set("k: [a]\n", 1, "b"), None);
    let remove = |yaml, item| changed(yaml, Operation::RemoveItem { key: "k", item });
    assert_eq!(remove("k: [a, b, c]\n", 0).unwrap(), "k: [b, c]\n");
    assert_eq!(remove("k: [a, b, c]\n", 2).unwrap(), "k: [a, b]\n");
    assert_eq!(remove("k:\n- a # x\n- b\n", 0).unwrap(), "k:\n- b\n");
    assert_eq!(
        remove("k:\n- a # x\nl: 1\n", 0).unwrap(),
        "k: [] # x\nl: 1\n"
    );
}

#[test]
fn refuses_what_it_cannot_do_without_changing_something_else() {
    for yaml in ["k: &a x\nl: *a\n", "k: 1\nk: 2\n", "? k\n: 1\n", "l: 1\n"] {
        assert_eq!(set(yaml, "k", &text("v")), None, "{yaml}");
    }
    assert_eq!(remove("k: &a x\nl: *a\n", "k"), None);
    assert_eq!(
        changed("k: x\n", Operation::RemoveItem { key: "k", item: 0 }),
        None
    );
}

#[test]
fn leaves_the_byte_order_mark_and_the_body_alone() {
    let file = "---\r\nid: 1\r\ntitle: a\r\n---\r\ntitle: b\r\n";
    let split = front_matter::split(file).unwrap();
    let document = yaml::read(file, split.matter).unwrap();
    let value = &text("c");
    let edits = edits(
        file,
        &document,
        Operation::Set {
            key: "title",
            value,
        },
    )
    .unwrap();
    assert_eq!(
        apply(file, &edits).unwrap(),
        "---\r\nid: 1\r\ntitle: c\r\n---\r\ntitle: b\r\n"
    );
}

#[test]
fn keeps_the_lines_of_each_key() {
    let yaml = "# a\na: 1 # x\n# b\nb:\n  - c\n\nd: |\n  e\n# f\n? g\n: h\n";
    let document = yaml::read(yaml, 0..yaml.len()).unwrap();
    let extents: Vec<_> = document
        .entries
        .iter()
        .map(|entry| &yaml[entry.extent.clone()])
        .collect();
    assert_eq!(
        extents,
        ["a: 1 # x\n", "b:\n  - c\n", "d: |\n  e\n", "? g\n: h\n"]
    );
}

#[test]
fn renders_values_as_one_would_write_them() {
    let entries = [
        ("id".to_owned(), Value::Integer(1)),
        ("title".to_owned(), text("Rust: the book")),
        ("tags".to_owned(), list(&["C#", "#go", "on", "12:30"])),
        ("created_at".to_owned(), text("2025-11-28 09:00")),
        ("rate".to_owned(), Value::Float(2.0)),
        ("about".to_owned(), text("One.\n\n  Two.")),
        ("none".to_owned(), Value::Null),
    ];
    assert_eq!(
        render::render(&entries, |_, _| Look::Plain).unwrap(),
        "id: 1\ntitle: \"Rust: the book\"\ntags: [C#, \"#go\", \"on\", \"12:30\"]\n\
         created_at: 2025-11-28 09:00\nrate: 2.0\nabout: |-\n  One.\n\n    Two.\nnone: null\n"
    );
    let twice = [entries[0].clone(), entries[0].clone()];
    assert_eq!(render::render(&twice, |_, _| Look::Plain), None);
}
