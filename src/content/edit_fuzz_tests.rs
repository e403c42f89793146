//! Random edits of a front matter.

use fastrand::Rng;

use super::document::{Document, Node, Value};
use super::edit::{Operation, apply, edits};
use super::render::Look;
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

/// Every key but one reads as before.
fn check_others(before: &Document, after: &Document, key: &str) {
    let others = |document: &Document| -> Vec<(Option<String>, Value)> {
        let others = document
            .entries
            .iter()
            .filter(|e| e.name.as_deref() != Some(key));
        others
            .map(|e| (e.name.clone(), e.value.value.clone()))
            .collect()
    };
    let (before, after) = (others(before), others(after));
    assert_eq!(before.len(), after.len());
    for ((name, value), (other_name, other)) in before.iter().zip(&after) {
        assert_eq!(name, other_name);
        assert!(value.same(other), "{name:?}: {value:?} is now {other:?}");
    }
}

#[test]
fn random_edits_change_nothing_else() {
    let done = std::cell::Cell::new(0);
    fuzz::run("edits", YAML, PIECES, |bytes| {
        let Ok(yaml) = std::str::from_utf8(bytes) else {
            return;
        };
        let Ok(before) = yaml::read(yaml, 0..yaml.len()) else {
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
            let read = yaml::read(&edited, 0..edited.len()).unwrap();
            match operation {
                Operation::Set { key, value } => {
                    check_others(&before, &read, key);
                    assert!(read.get(key).unwrap().value.value.same(value));
                }
                Operation::Insert { key, value, .. } => {
                    check_others(&before, &read, key);
                    assert!(read.get(key).unwrap().value.value.same(value));
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
