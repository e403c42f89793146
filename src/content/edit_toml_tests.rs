//! Edits of TOML change what they are to change, and no other byte.

use serde_json::json;

use super::document::{Node, Syntax, Value};
use super::edit::{Operation, apply, edits};
use super::front_matter::read_as;
use super::render::Look;
use super::render_toml;
use super::writer_tests::{edited, row_of, style, written};
use crate::post::Field;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn node(value: Value) -> Node {
    Node { value, range: 0..0 }
}

fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| node(text(item))).collect())
}

fn table(pairs: &[(&str, Value)]) -> Value {
    let pairs = pairs.iter();
    Value::Map(
        pairs
            .map(|(key, value)| (node(text(key)), node(value.clone())))
            .collect(),
    )
}

fn changed(toml: &str, operation: Operation<'_>) -> Option<String> {
    let document = read_as(Syntax::Toml, toml, 0..toml.len()).unwrap();
    apply(toml, &edits(toml, &document, operation)?)
}

fn set(toml: &str, key: &str, value: &Value) -> Option<String> {
    changed(toml, Operation::Set { key, value })
}

#[test]
fn a_value_is_set_in_the_way_in_which_the_old_one_is_written() {
    for (before, value, after) in [
        ("k  =  \"a\" # c\n", text("b\"c"), "k  =  \"b\\\"c\" # c\n"),
        ("k = 'a'\n", text("b\\c"), "k = 'b\\c'\n"),
        ("k = 'a'\n", text("it's"), "k = \"it's\"\n"),
        (
            "k = '''a'''\r\n",
            text("b\nc\n"),
            "k = \"\"\"\r\nb\r\nc\r\n\"\"\"\r\n",
        ),
        (
            "k = 2025-01-01\n",
            text("2025-02-03T04:05:06Z"),
            "k = 2025-02-03T04:05:06Z\n",
        ),
        ("k = 2025-01-01\n", text("soon"), "k = \"soon\"\n"),
        (
            "k = '2025-01-01'\n",
            text("2025-02-03"),
            "k = '2025-02-03'\n",
        ),
        ("k = 1", Value::Integer(2), "k = 2"),
        (
            "k = ['a'] # c\n",
            list(&["b", "c"]),
            "k = [\"b\", \"c\"] # c\n",
        ),
        (
            "k = [\r\n    'a',\r\n]\r\n",
            list(&["b", "c"]),
            "k = [\r\n    \"b\",\r\n    \"c\",\r\n]\r\n",
        ),
        (
            "k = { a = 1 }\n",
            table(&[("b", list(&[]))]),
            "k = { b = [] }\n",
        ),
    ] {
        assert_eq!(set(before, "k", &value).as_deref(), Some(after), "{before}");
    }
    assert_eq!(set("k = 1\n", "k", &Value::Null), None);
}

#[test]
fn of_a_table_only_the_lines_that_differ_are_changed() {
    let before = "id = 1\n\n[k] # c\n# one\na = 1 # a\nb = 2\n\n[k.d]\nx = 1\n";
    let deep = table(&[("x", Value::Integer(1))]);
    let value = table(&[("a", Value::Integer(3)), ("c", text("new")), ("d", deep)]);
    assert_eq!(
        set(before, "k", &value).unwrap(),
        "id = 1\n\n[k] # c\n# one\na = 3 # a\nc = \"new\"\n\n[k.d]\nx = 1\n"
    );
    let dotted = "k.a = 1\nid = 1\nk.b = 2\n";
    let value = table(&[("a", Value::Integer(1)), ("c", Value::Integer(5))]);
    assert_eq!(
        set(dotted, "k", &value).unwrap(),
        "k.a = 1\nid = 1\nk.c = 5\n"
    );
    assert_eq!(set(before, "k", &Value::Integer(1)), None);
}

#[test]
fn a_new_key_is_put_before_the_first_table() {
    let insert = |toml, after| {
        let value = &Value::Bool(true);
        let key = "new";
        changed(toml, Operation::Insert { key, value, after }).unwrap()
    };
    let toml = "id = 1 # c\ntitle = \"T\"\n\n# about x\n[x]\ny = 1\n";
    assert_eq!(
        insert(toml, Some("id")),
        "id = 1 # c\nnew = true\ntitle = \"T\"\n\n# about x\n[x]\ny = 1\n"
    );
    for after in [None, Some("x"), Some("nowhere")] {
        assert_eq!(
            insert(toml, after),
            "id = 1 # c\ntitle = \"T\"\nnew = true\n\n# about x\n[x]\ny = 1\n"
        );
    }
    assert_eq!(insert("", None), "new = true\n");
    assert_eq!(
        insert("# c\r\n[x]\r\n", None),
        "new = true\r\n# c\r\n[x]\r\n"
    );
    assert_eq!(insert("a = [\n]", None), "a = [\n]\nnew = true\n");
}

#[test]
fn a_key_of_a_table_is_added_below_the_others() {
    let insert = |toml| {
        let value = &Value::Integer(7);
        let (table, key) = ("extra", "id");
        changed(toml, Operation::InsertIn { table, key, value })
    };
    for (before, after) in [
        ("a = 1\n", "a = 1\n\n[extra]\nid = 7\n"),
        ("", "[extra]\nid = 7\n"),
        ("a = 1\r\n", "a = 1\r\n\r\n[extra]\r\nid = 7\r\n"),
        (
            "[extra]\n  b = 1 # b\n\n[z]\n",
            "[extra]\n  b = 1 # b\n  id = 7\n\n[z]\n",
        ),
        ("[extra] # c\n[z]\n", "[extra] # c\nid = 7\n[z]\n"),
        (
            "[extra]\nb = 1\n[extra.z]\nc = 1\n",
            "[extra]\nb = 1\nid = 7\n[extra.z]\nc = 1\n",
        ),
        (
            "[extra.z]\nc = 1\n",
            "[extra.z]\nc = 1\n\n[extra]\nid = 7\n",
        ),
        ("extra.b = 1\nz = 1\n", "extra.b = 1\nextra.id = 7\nz = 1\n"),
        ("extra = { b = 1 }\n", "extra = { b = 1, id = 7 }\n"),
        ("extra = {}\n", "extra = { id = 7 }\n"),
    ] {
        assert_eq!(insert(before).as_deref(), Some(after), "{before}");
    }
    assert_eq!(insert("extra = 1\n"), None);
    assert_eq!(insert("[extra]\nid = 1\n"), None);
}

#[test]
fn a_key_is_removed_with_all_its_lines() {
    let remove = |toml, key| changed(toml, Operation::Remove { key }).unwrap();
    assert_eq!(
        remove("a = 1\nb = [\n 1, # c\n] # d\nc = 2\n", "b"),
        "a = 1\nc = 2\n"
    );
    assert_eq!(
        remove("a = 1\n[b] # c\nx = 1\n\n[c]\n", "b"),
        "a = 1\n\n[c]\n"
    );
    assert_eq!(remove("b.x = 1\na = 1\nb.y = 2\n", "b"), "a = 1\n");
    assert_eq!(remove("[b]\nx = 1\n[a]\n[b.y]\nz = 1\n", "b"), "[a]\n");
    assert_eq!(remove("[[b]]\nx = 1\n[[b]]\n[a]\n", "b"), "[a]\n");
}

#[test]
fn an_item_of_a_list_is_set_or_removed_alone() {
    let key = "k";
    let value = &text("z");
    let set = |toml| {
        changed(
            toml,
            Operation::SetItem {
                key,
                item: 1,
                value,
            },
        )
        .unwrap()
    };
    assert_eq!(set("k = ['a', 'b'] # c\n"), "k = ['a', 'z'] # c\n");
    assert_eq!(
        set("k = [\n  \"a\", # a\n  \"b\" # b\n]\n"),
        "k = [\n  \"a\", # a\n  \"z\" # b\n]\n"
    );
    let remove = |toml, item| changed(toml, Operation::RemoveItem { key, item }).unwrap();
    assert_eq!(remove("k = ['a', 'b']\n", 0), "k = ['b']\n");
    assert_eq!(remove("k = ['a', 'b']\n", 1), "k = ['a']\n");
    assert_eq!(
        remove("k = [\n  'a', # a\n  'b' # b\n]\n", 1),
        "k = [\n  'a', # a\n]\n"
    );
    assert_eq!(
        remove("k = [\n  'a', # a\n  'b' # b\n]\n", 0),
        "k = [\n  'b' # b\n]\n"
    );
}

#[test]
fn a_date_of_a_file_stays_one_when_it_changes() {
    let file = "+++\nid = 1\ntitle = \"T\"\ncreated_at = 2025-11-28\n+++\n\nBody\n";
    let (mut row, body) = row_of(file);
    row.set_time(Field::CreatedAt, "2024-02-03T01:30:00Z".parse().ok());
    row.extra.0.insert("own".to_owned(), json!({"a": 1}));
    let after = edited(file, &row, &body).unwrap();
    assert_eq!(
        after,
        "+++\nid = 1\ntitle = \"T\"\ncreated_at = 2024-02-03 10:30:00\n\
         own = { a = 1 }\n+++\n\nBody\n"
    );
}

#[test]
fn a_new_file_is_like_the_others() {
    let others = "+++\r\ntitle = 'T'\r\nid = 1\r\ntags = [\r\n    'a',\r\n]\r\n\
                  created_at = 2025-11-28T09:00:00Z\r\n+++\r\n\r\nBody\r\n";
    let (mut row, _) = row_of(others);
    row.title = Some("New".to_owned());
    row.extra.0.insert("own".to_owned(), json!({"a": [1, 2]}));
    assert_eq!(
        written(&row, "Body\n", &style(&[others])),
        "+++\r\ntitle = 'New'\r\nid = 1\r\ntags = [\r\n    \"a\",\r\n]\r\n\
         created_at = 2025-11-28T09:00:00Z\r\n\r\n[own]\r\na = [1, 2]\r\n+++\r\n\r\nBody\r\n"
    );
}

#[test]
fn values_are_rendered_as_one_would_write_them() {
    let entries = [
        ("id".to_owned(), Value::Integer(1)),
        ("site".to_owned(), table(&[("a b", Value::Bool(true))])),
        ("title".to_owned(), text("Say \"hi\"")),
        ("created_at".to_owned(), text("2025-11-28")),
        ("rate".to_owned(), Value::Float(2.0)),
        ("about".to_owned(), text("One.\n\n  Two.\n")),
    ];
    assert_eq!(
        render_toml::render(&entries, |_, _| Look::Plain).unwrap(),
        "id = 1\ntitle = \"Say \\\"hi\\\"\"\ncreated_at = 2025-11-28\nrate = 2.0\n\
         about = \"\"\"\nOne.\n\n  Two.\n\"\"\"\n\n[site]\n\"a b\" = true\n"
    );
    let twice = [entries[0].clone(), entries[0].clone()];
    assert_eq!(render_toml::render(&twice, |_, _| Look::Plain), None);
    let null = [("a".to_owned(), Value::Null)];
    assert_eq!(render_toml::render(&null, |_, _| Look::Plain), None);
}
