//! Properties of files that are written from rows.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::part::{Part, list};
use super::test_reading::{reading, settings};
use super::writer::Source;
use super::writer_tests::{edited, path, row_of, style, written};
use crate::invisible::is_blank;
use crate::label::label;
use crate::post::{Extra, Field, FieldSet, PostId, StoredPost, Value};

fn text(most: usize) -> impl Strategy<Value = String> {
    let chars = proptest::collection::vec(any::<char>(), 1..=most);
    chars
        .prop_map(|chars| chars.into_iter().filter(|c| *c != '\0').collect::<String>())
        .prop_filter("blank", |text| !is_blank(text) && !text.trim().is_empty())
}

fn time() -> impl Strategy<Value = Option<jiff::Timestamp>> {
    let micros = -62_000_000_000_000_000_i64..253_000_000_000_000_000;
    let time = micros.prop_map(|micros| jiff::Timestamp::from_microsecond(micros).unwrap());
    proptest::option::of(time)
}

fn extra_value() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        (-1_000_000..1_000_000_i32).prop_map(|n| Json::from(f64::from(n) / 8.0)),
        text(40).prop_map(Json::from),
        Just(json!("true")),
        Just(json!("2025-01-01")),
        Just(json!("")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
            proptest::collection::btree_map(text(8), inner, 0..3)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

prop_compose! {
    fn any_row()(
        id in 1..=i32::MAX,
        title in text(255),
        description in proptest::option::of(text(200)),
        category in proptest::option::of(text(30).prop_map(|text| label(&text).into_owned())),
        tags in proptest::collection::btree_set(text(20).prop_map(|text| label(&text).into_owned()), 0..4),
        image in proptest::option::of(text(40)),
        (created_at, updated_at) in (time(), time()),
        word_count in proptest::option::of(0..i32::MAX),
        slug in proptest::option::of("[a-z0-9가-힣/ :#-]{0,20}[a-z0-9]"),
        extra in proptest::collection::btree_map(text(12), extra_value(), 0..3),
    ) -> StoredPost {
        let mut row = StoredPost::new(PostId::new(id.into()).unwrap());
        row.title = Some(title);
        row.description = description;
        row.category = category;
        row.tags = tags.into_iter().collect();
        row.image = image;
        row.created_at = created_at;
        row.updated_at = updated_at;
        row.word_count = word_count;
        row.slug = slug;
        row.extra = Extra(extra);
        row
    }
}

const SAMPLES: [&str; 8] = [
    "",
    "---\nid: 1\ntitle: 'T'\ntags: [a]\ncreated_at: 2025-01-01\n---\nBody\n",
    "---\r\ntitle: \"T\"\r\nid: 1\r\ntags:\r\n- a\r\ncreated_at: \"2025-01-01 09:00 +09\"\r\n---\r\n\r\nBody\r\n",
    "---\ntags:\n    - a\nid: 1\nword_count: 1\nimage: 'i'\ntitle: T\nslug: \"s\"\n---\n\nBody",
    "\u{feff}---\nid: 1\ndraft: false\ntitle: |\n  T\ndescription: >-\n  a\n  b\nk: {a: 1}\n---\n",
    "+++\nid = 1\ntitle = 'T'\ntags = ['a']\ncreated_at = 2025-01-01\n+++\nBody\n",
    "+++\r\ntitle = \"T\"\r\nid = 1\r\ntags = [\r\n    'a', # c\r\n]\r\ncreated_at = \"2025-01-01 09:00 +09\"\r\n\r\n[t]\r\na = 1\r\n+++\r\n\r\nBody\r\n",
    "\u{feff}+++\nk.a = 1\nid = 1\nupdated_at = 2025-01-01 09:00:00.5+09:00\ntitle = \"\"\"\nT\"\"\"\nk.b = {c = []}\n+++\n",
];

/// Takes out what TOML does not have: empty values.
fn without_null(value: Json) -> Option<Json> {
    Some(match value {
        Json::Null => return None,
        Json::Array(items) => items.into_iter().filter_map(without_null).collect(),
        Json::Object(map) => {
            let pairs = map.into_iter();
            Json::Object(
                pairs
                    .filter_map(|(k, v)| Some((k, without_null(v)?)))
                    .collect(),
            )
        }
        other => other,
    })
}

/// Makes a row one that a file in the syntax of a sample can hold.
fn for_sample(mut row: StoredPost, sample: &str) -> StoredPost {
    if sample.contains("+++") {
        let pairs = std::mem::take(&mut row.extra.0).into_iter();
        row.extra.0 = pairs
            .filter_map(|(k, v)| Some((k, without_null(v)?)))
            .collect();
    }
    row
}

/// The entries of a front matter, each as people write it; one of each line is taken, in any order.
const ENTRIES: [&[&str]; 9] = [
    &["id: 7\n", "\"id\": 7 # ours\n", "'id':   7\n"],
    &[
        "title: T\n",
        "title: 'It''s: T'\n",
        "title: \"T \\u0041\" # shown\n",
        "title: >-\n  a\n  b\n",
        "title: |-\n  T\n",
    ],
    &[
        "",
        "description:\n",
        "description: ~\n",
        "description: |\n  one\n\n  two\n",
        "description: plain # c\n",
    ],
    &[
        "",
        "tags: []\n",
        "tags: [b, 'a c', \"d\"]\n",
        "tags: [\n  b,\n  a,\n]\n",
        "tags:\n- b\n- a # why\n",
        "tags: # why\n    - 'b'\n\n    # between\n    - a\n",
    ],
    &[
        "",
        "created_at: 2025-11-28\n",
        "created_at: '2025-11-28 09:00'\n",
        "created_at: 2025-11-28 09:00:30 +0900\n",
        "created_at: 2025-11-28T09:00:30.123456Z\n",
        "created_at: \"2025-11-28T09:00:30.5-03:30\" # c\n",
        "created_at: 2025-11-28T09:00Z\n",
    ],
    &[
        "",
        "updated_at: 2025-12-01T00:00:00.000001Z\n",
        "updated_at: 2025-12-01\n",
    ],
    &["", "word_count: 2\n", "word_count: 99 # counted by hand\n"],
    &[
        "",
        "layout: wide\n",
        "cover: {alt: x, list: [1, 2.5, ~]}\n",
        "nested:\n  - a: 1\n    b: [x]\n  - '0x1F'\n",
        "\"q: r\": 2025-01-01\n1: one\n",
        "draft: false\n",
    ],
    &["", "# a comment\n", "\n", "# one\n\n# two\n"],
];

/// The entries of a front matter in TOML, as [`ENTRIES`].
const TOML_ENTRIES: [&[&str]; 9] = [
    &["id = 7\n", "\"id\" = 7 # ours\n", "'id'   =   7\n"],
    &[
        "title = \"T\"\n",
        "title = 'It is: T'\n",
        "title = \"T \\u0041\" # shown\n",
        "title = '''\na\nb'''\n",
        "title = \"\"\"T\"\"\"\n",
    ],
    &[
        "",
        "description = \"\"\"\none\n\ntwo\n\"\"\"\n",
        "description = 'plain' # c\n",
    ],
    &[
        "",
        "tags = []\n",
        "tags = [\"b\", 'a c', \"d\"]\n",
        "tags = [\n  \"b\",\n  \"a\"\n]\n",
        "tags = [ # why\n    'b', # second\n\n    # between\n    \"a\",\n]\n",
    ],
    &[
        "",
        "created_at = 2025-11-28\n",
        "created_at = '2025-11-28 09:00'\n",
        "created_at = 2025-11-28 09:00:30+09:00\n",
        "created_at = 2025-11-28T09:00:30.123456Z\n",
        "created_at = \"2025-11-28T09:00:30.5-03:30\" # c\n",
        "created_at = 2025-11-28T09:00:00\n",
    ],
    &[
        "",
        "updated_at = 2025-12-01T00:00:00.000001Z\n",
        "updated_at = 2025-12-01\n",
    ],
    &[
        "",
        "word_count = 2\n",
        "word_count = 99 # counted by hand\n",
    ],
    &[
        "",
        "layout = 'wide'\n",
        "shown = {alt = 'x', list = [1, 2.5]}\n",
        "\"q: r\" = 2025-01-01\n",
        "draft = false\n",
        "part.b = 1\npart.c = [{d = 'x'}]\n",
    ],
    &["", "# a comment\n", "\n", "# one\n\n# two\n"],
];

/// Tables, which are at the end of a front matter in TOML.
const TABLES: [&str; 3] = [
    "",
    "\n[site] # s\nx = 1\n\n[site.deep]\ny = 'z'\n",
    "[[people]]\nname = 'A'\n[[people]]\nname = 'B'\n",
];

/// The end of a front matter and a body.
const ENDS: [&str; 7] = [
    "---",
    "---\n",
    "---\nTwo words\n",
    "---\n\nBody",
    "---\n\n\n  indented  \n\n",
    "---\n# A\n\n```\n---\n```\n",
    "---\n \n\u{3000}\nB\n---\n",
];

prop_compose! {
    fn toml_dialect()(
        choices in proptest::collection::vec(any::<proptest::sample::Index>(), TOML_ENTRIES.len()),
        order in Just((0..TOML_ENTRIES.len()).collect::<Vec<_>>()).prop_shuffle(),
        tables in proptest::sample::select(&TABLES[..]),
        end in proptest::sample::select(&ENDS[..]),
        has_crlf in any::<bool>(),
        has_bom in any::<bool>(),
    ) -> String {
        let entry = |at: usize| *choices[at].get(TOML_ENTRIES[at]);
        let entries: String = order.into_iter().map(entry).collect();
        let end = &end["---".len()..];
        let text = format!("+++\n{entries}{tables}+++{end}");
        let text = if has_crlf { text.replace('\n', "\r\n") } else { text };
        format!("{}{text}", if has_bom { "\u{feff}" } else { "" })
    }
}

fn any_dialect() -> impl Strategy<Value = String> {
    prop_oneof![dialect(), toml_dialect()]
}

prop_compose! {
    fn dialect()(
        choices in proptest::collection::vec(any::<proptest::sample::Index>(), ENTRIES.len()),
        order in Just((0..ENTRIES.len()).collect::<Vec<_>>()).prop_shuffle(),
        end in proptest::sample::select(&ENDS[..]),
        has_crlf in any::<bool>(),
        has_bom in any::<bool>(),
    ) -> String {
        let entry = |at: usize| *choices[at].get(ENTRIES[at]);
        let entries: String = order.into_iter().map(entry).collect();
        let text = format!("---\n{entries}{end}");
        let text = if has_crlf { text.replace('\n', "\r\n") } else { text };
        format!("{}{text}", if has_bom { "\u{feff}" } else { "" })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_new_file_reads_as_the_row_that_it_was_written_from(
        row in any_row(),
        body in "[^\0\r]{0,200}",
        sample in 0..SAMPLES.len(),
    ) {
        let row = for_sample(row, SAMPLES[sample]);
        let text = written(&row, &body, &style(&[SAMPLES[sample]]));
        prop_assert_eq!(text.starts_with("+++"), SAMPLES[sample].contains("+++"));
        let read = reading(&settings(), text.as_bytes());
        let (post, read_body) = read.post.unwrap();
        prop_assert_eq!(read_body.as_ref(), body.as_str());
        let words = body.split_whitespace().count();
        prop_assert_eq!(post.word_count, row.word_count.unwrap_or(i32::try_from(words).unwrap()));
        for field in Field::ALL.into_iter().filter(|field| *field != Field::WordCount) {
            prop_assert_eq!(post.get(field), row.get(field), "{}", text);
        }
        prop_assert_eq!(post.id, row.id);
    }

    #[test]
    fn an_edited_file_reads_as_its_row(
        row in any_row(),
        body in "[^\0\r]{0,100}",
        sample in 1..SAMPLES.len(),
    ) {
        let mut row = for_sample(row, SAMPLES[sample]);
        row.id = PostId::new(1).unwrap();
        let text = edited(SAMPLES[sample], &row, &body).unwrap();
        let source = Source::read(&settings(), &path(), text.as_bytes()).unwrap();
        let differences = source.differences(&row, &body, FieldSet::ALL);
        prop_assert_eq!(&differences, &Vec::<Part>::new(), "{}", list(&differences));
        // A second time there is nothing to do.
        prop_assert_eq!(edited(&text, &row, &body).unwrap(), text);
    }

    #[test]
    fn a_file_of_any_dialect_keeps_its_bytes_where_nothing_differs(file in any_dialect()) {
        let (row, body) = row_of(&file);
        prop_assert_eq!(&edited(&file, &row, &body).unwrap(), &file);
        // A column that holds fewer digits, and a form that sends CR LF, change nothing.
        let mut rounded = row.clone();
        for field in [Field::CreatedAt, Field::UpdatedAt] {
            if let Value::Time(Some(at)) = row.get(field) {
                rounded.set_time(field, Some(at.round(jiff::Unit::Millisecond).unwrap()));
            }
        }
        let sent = body.replace('\n', "\r\n");
        prop_assert_eq!(&edited(&file, &rounded, &sent).unwrap(), &file);
    }

    #[test]
    fn a_file_of_any_dialect_takes_a_change_and_its_comments_stay(file in any_dialect()) {
        let (row, body) = row_of(&file);
        let mut changed = row.clone();
        changed.title = Some("New: 'title'".into());
        changed.tags = vec!["a".into(), "z".into()];
        changed.created_at = "2024-02-03T01:30:00Z".parse().ok();
        changed.extra.0.insert("own".into(), json!(["x", 1]));
        let there = edited(&file, &changed, "Other\n").unwrap();
        for comment in ["# ours", "# a comment", "# one", "# two", "# counted by hand"] {
            prop_assert_eq!(there.contains(comment), file.contains(comment), "{}", there);
        }
        let back = edited(&there, &row, &body).unwrap();
        let (read, _) = row_of(&back);
        prop_assert_eq!(read.tags, row.tags);
        prop_assert_eq!(read.title, row.title);
        prop_assert_eq!(read.extra, row.extra);
        prop_assert_eq!(back.contains("\r\n"), file.contains("\r\n"));
    }
}
