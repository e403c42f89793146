//! Random edits of a front matter.

use fastrand::Rng;

use super::document::{Document, Node, Syntax, Value};
use super::edit::{Operation, apply, edits};
use super::front_matter::read_as;
use super::render::Look;
use super::render_toml::{self, sorted};
use super::{render, yaml};
use crate::fuzz;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

const YAML: &[&[u8]] = &[
    b"id: 41\ntitle: \"Keyset: x\" # c\ntags: [rust, 'a''b', \"c\\n\", 2025]\ncreated_at: 2025-11-28 09:00\ndraft: false\n",
    b"id: 1\r\ntitle: >-\r\n  a\r\n  b\r\ntags:\r\n  - x\r\n  - # c\r\n",
    b"title: &t Rust\ndescription: *t\ntags: &l [a, *t, [b, {c: d}]]\nslug: !x {a: 1.5}\n",
    b"{id: 1, \"title\": x, tags: [a,\n b, ], ? z : y, ? [k, l] : m}\n",
    b"? id\n: 7\n? |\n  title\n: - a\n  - - b\n    - c\n  -\n  - k: v\n    l: w\n",
    b"title: |+\n  a: b\n\n   c\n\n# d\nid: 0x1F\ntags: # none\n- null\n- 1e3\n- .nan\n",
    b"  id: 1\n  # c\n  tags:\n  - a\n  - b: 1\n",
];

const TOML: &[&[u8]] = &[
    b"id = 41 # c\n\"title\" = \"Keyset: x\" # c\ntags = [\"rust\", 'a b', 2025]\ncreated_at = 2025-11-28\ndraft = false\n",
    b"id = 1\r\ntitle = '''\r\na\r\nb'''\r\ntags = [\r\n  'x', # c\r\n  \"y\"\r\n]\r\n",
    b"title = 'T'\n\n[extra] # c\n# c\nid = 4\nf = 1.5\n\n[extra.deep]\nx = { a = 1, b.c = [] }\n",
    b"taxonomies.tags = ['a', \"b\"]\nid = 0x1F\ntaxonomies.series = []\n[[list]]\nn = nan\n[[list]]\n\n[a.b]\nx = 1\n[a]\n",
    b"# c\n\n[extra]\nid = 1\n[empty]\n",
];

const TOML_PIECES: &[&[u8]] = &[
    b" = ",
    b"\n",
    b"\r\n",
    b" # c",
    b"\"",
    b"'",
    b"\"\"\"",
    b"'''",
    b"[",
    b"]",
    b"[[",
    b"]]",
    b"{",
    b"}",
    b", ",
    b".",
    b"id = 1\n",
    b"new.x = 1\n",
    b"[new]\n",
    b"[extra]\n",
    b"[extra.sub]\n",
    b"[[extra]]\n",
    b"tags = [\"a\"]\n",
    b"true",
    b"1.5",
    b"2025-01-01",
    b"\\n",
    b"  ",
];

const PIECES: &[&[u8]] = &[
    b": ", b"- ", b"? ", b"\n", b"\n  ", b"\n- ", b"\r\n", b" #", b"\"", b"'", b"[", b"]", b"{",
    b"}", b", ", b"&a ", b"*a", b"!t ", b"|", b">", b"|-\n  ", b"id: ", b"tags: ", b"true", b"~",
    b"1.5", b"k: v\n", b"...\n",
];

fn any_value(rng: &mut Rng, depth: usize) -> Value {
    let node = |value| Node { value, range: 0..0 };
    match rng.u8(..if depth == 0 { 6 } else { 9 }) {
        0 => Value::Null,
        1 => Value::Bool(rng.bool()),
        2 => Value::Integer(rng.i64(..).into()),
        3 => Value::Float([f64::NAN, f64::INFINITY, -0.5, 1e300, rng.f64()][rng.usize(..5)]),
        4 | 5 => any_text(rng),
        6 => text("plain"),
        7 => Value::List(
            (0..rng.usize(..4))
                .map(|_| node(any_value(rng, depth - 1)))
                .collect(),
        ),
        _ => Value::Map(
            (0..rng.usize(..3))
                .map(|n| {
                    (
                        node(text(&format!("k{n}"))),
                        node(any_value(rng, depth - 1)),
                    )
                })
                .collect(),
        ),
    }
}

fn any_text(rng: &mut Rng) -> Value {
    let pieces = [
        "a", "가", "🎉", " ", "  ", ": ", ":", " #", "#", "\"", "'", "\\", "[", "]", "{", "}", ",",
        ", ", "- ", "---", "\n", "\r\n", "\t", "&a", "*a", "!", "|", ">", "%", "@", "`", "true",
        "~", "1", ".5", "\u{7f}", "\u{85}", "\u{2028}", "\u{feff}", "\u{1b}", "?", "<<", "yes",
    ];
    let count = rng.usize(..6);
    text(
        &(0..count)
            .map(|_| pieces[rng.usize(..pieces.len())])
            .collect::<String>(),
    )
}

/// A value that is the same as every other one that means the same.
fn comparable(toml: bool, value: &Value) -> Value {
    match toml {
        true => sorted(value),
        false => value.clone(),
    }
}

/// Every key but one reads as before.
fn check_others(before: &Document, after: &Document, key: &str) {
    let toml = before.syntax == Syntax::Toml;
    let others = |document: &Document| -> Vec<(Option<String>, Value)> {
        let others = document
            .entries
            .iter()
            .filter(|e| e.name.as_deref() != Some(key));
        others
            .map(|e| (e.name.clone(), comparable(toml, &e.value.value)))
            .collect()
    };
    let (mut before, mut after) = (others(before), others(after));
    assert_eq!(before.len(), after.len());
    if toml {
        // Its keys have no order.
        before.sort_by(|(a, _), (b, _)| a.cmp(b));
        after.sort_by(|(a, _), (b, _)| a.cmp(b));
    }
    for ((name, value), (other_name, other)) in before.iter().zip(&after) {
        assert_eq!(name, other_name);
        assert!(value.same(other), "{name:?}: {value:?} is now {other:?}");
    }
}

#[test]
fn random_edits_of_yaml_change_nothing_else() {
    check_random_edits("edits", Syntax::Yaml, YAML, PIECES);
}

#[test]
fn random_edits_of_toml_change_nothing_else() {
    check_random_edits("TOML edits", Syntax::Toml, TOML, TOML_PIECES);
}

fn check_random_edits(target: &str, syntax: Syntax, corpus: &[&[u8]], pieces: &[&[u8]]) {
    let done = std::cell::Cell::new(0);
    let toml = syntax == Syntax::Toml;
    let read_whole = |text: &str| read_as(syntax, text, 0..text.len());
    fuzz::run(target, corpus, pieces, |bytes| {
        let Ok(yaml) = std::str::from_utf8(bytes) else {
            return;
        };
        let Ok(before) = read_whole(yaml) else {
            return;
        };
        let mut rng = Rng::with_seed(bytes.len() as u64);
        let value = &any_value(&mut rng, 2);
        let names: Vec<_> = before
            .entries
            .iter()
            .filter_map(|e| e.name.as_deref())
            .collect();
        let key = names
            .get(rng.usize(..=names.len()))
            .copied()
            .unwrap_or("new");
        let after = names.first().copied();
        for operation in [
            Operation::Set { key, value },
            Operation::Insert {
                key: "new",
                value,
                after,
            },
            Operation::Insert {
                key: "new",
                value,
                after: None,
            },
            Operation::InsertIn {
                table: key,
                key: "new",
                value,
            },
            Operation::Remove { key },
            Operation::SetItem {
                key,
                item: 0,
                value,
            },
            Operation::RemoveItem { key, item: 0 },
        ] {
            let Some(edits) = edits(yaml, &before, operation) else {
                continue;
            };
            done.set(done.get() + 1);
            assert!(
                edits
                    .windows(2)
                    .all(|pair| pair[0].range.end <= pair[1].range.start)
            );
            let edited = apply(yaml, &edits).unwrap();
            let read = read_whole(&edited).unwrap();
            match operation {
                Operation::Set { key, value } => {
                    check_others(&before, &read, key);
                    let found = &read.get(key).unwrap().value.value;
                    assert!(
                        comparable(toml, found).same(&comparable(toml, value)),
                        "{edited}"
                    );
                }
                Operation::Insert { key, value, .. } => {
                    check_others(&before, &read, key);
                    let found = &read.get(key).unwrap().value.value;
                    assert!(
                        comparable(toml, found).same(&comparable(toml, value)),
                        "{edited}"
                    );
                }
                Operation::InsertIn { table, .. } => {
                    check_others(&before, &read, table);
                    let Value::Map(pairs) = &read.get(table).unwrap().value.value else {
                        panic!("{edited}");
                    };
                    let new = pairs.iter().find(|(key, _)| key.value == text("new"));
                    assert!(
                        sorted(&new.unwrap().1.value).same(&sorted(value)),
                        "{edited}"
                    );
                }
                Operation::Remove { key } => {
                    check_others(&before, &read, key);
                    assert_eq!(read.get(key), None);
                }
                Operation::SetItem { key, .. } | Operation::RemoveItem { key, .. } => {
                    check_others(&before, &read, key);
                }
            }
            // Comments outside the edits are still there.
            let kept = |text: &str| text.matches(" # c").count();
            let removed: usize = edits.iter().map(|e| kept(&yaml[e.range.clone()])).sum();
            if !edits.iter().any(|e| e.content.contains('#')) {
                assert!(kept(&edited) + removed + 1 >= kept(yaml));
            }
        }
    });
    assert!(done.get() > 100, "{} edits were made", done.get());
}

#[test]
fn ordinary_front_matter_can_always_be_edited() {
    fuzz::repeat("ordinary edits", 200, |rng| {
        let entries: Vec<_> = (0..rng.usize(1..6))
            .map(|n| (format!("key{n}"), any_value(rng, 2)))
            .collect();
        let yaml =
            render::render(&entries, |_, _| Look::Plain).unwrap_or_else(|| panic!("{entries:?}"));
        let read = yaml::read(&yaml, 0..yaml.len()).unwrap();
        for ((name, value), entry) in entries.iter().zip(&read.entries) {
            assert_eq!(entry.name.as_ref(), Some(name));
            assert!(entry.value.value.same(value), "{yaml}");
        }
        let yaml = &if rng.bool() {
            yaml.replace('\n', "\r\n")
        } else {
            yaml
        };
        let read = yaml::read(yaml, 0..yaml.len()).unwrap();
        let key = &*entries[rng.usize(..entries.len())].0;
        let value = &any_value(rng, 2);
        for operation in [
            Operation::Set { key, value },
            Operation::Insert {
                key: "new",
                value,
                after: Some(key),
            },
            Operation::Remove { key },
        ] {
            assert!(
                edits(yaml, &read, operation).is_some(),
                "{operation:?} of {yaml}"
            );
        }
    });
}

/// A value that TOML has, with what is there for an empty one.
fn without_null(value: Value) -> Value {
    let node = |node: Node| Node {
        value: without_null(node.value),
        ..node
    };
    match value {
        Value::Null => Value::Bool(false),
        Value::List(items) => Value::List(items.into_iter().map(node).collect()),
        Value::Map(pairs) => Value::Map(pairs.into_iter().map(|(k, v)| (k, node(v))).collect()),
        other => other,
    }
}

#[test]
fn ordinary_toml_can_always_be_edited() {
    fuzz::repeat("ordinary TOML edits", 200, |rng| {
        let entries: Vec<_> = (0..rng.usize(1..6))
            .map(|n| (format!("key{n}"), without_null(any_value(rng, 2))))
            .collect();
        let looks = [
            Look::Plain,
            Look::Single,
            Look::Bare,
            Look::Block { indent: 2 },
        ];
        let look = looks[rng.usize(..looks.len())];
        let toml = render_toml::render(&entries, |_, _| look);
        let toml = toml.unwrap_or_else(|| panic!("{entries:?}"));
        let toml = &match rng.bool() {
            true => toml.replace('\n', "\r\n"),
            false => toml,
        };
        let read = read_as(Syntax::Toml, toml, 0..toml.len()).unwrap();
        for (name, value) in &entries {
            let found = &read.get(name).unwrap().value.value;
            assert!(sorted(found).same(&sorted(value)), "{toml}");
        }
        let (key, old) = &entries[rng.usize(..entries.len())];
        let value = &without_null(any_value(rng, 2));
        let is_table = matches!(old, Value::Map(pairs) if !pairs.is_empty());
        let after = Some(key.as_str());
        let new = "new";
        for operation in [
            Operation::Set { key, value },
            Operation::Insert {
                key: new,
                value,
                after,
            },
            Operation::InsertIn {
                table: new,
                key,
                value,
            },
            Operation::Remove { key },
        ] {
            // A table that has lines of its own does not become another value.
            if matches!(operation, Operation::Set { .. }) && is_table {
                continue;
            }
            let found = edits(toml, &read, operation);
            assert!(found.is_some(), "{operation:?} of {toml}");
        }
    });
}
