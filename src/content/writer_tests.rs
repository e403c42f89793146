//! A file that is written says what the row says, and of a file nothing else changes.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::part::{Part, WriteError, list};
use super::style::{Observations, Style};
use super::test_reading::{reading, settings};
use super::writer::{Source, new_file};
use crate::invisible::is_blank;
use crate::post::{Extra, Field, FieldSet, PostId, SourcePath, StoredPost, Value};

fn path() -> SourcePath {
    SourcePath::new("content/a.md")
}

fn style(files: &[&str]) -> Style {
    let mut observations = Observations::new(&settings().time_zone);
    files
        .iter()
        .for_each(|file| observations.add(file.as_bytes()));
    observations.style()
}

/// Returns the row that a sync makes of a file, with the times that it fills in.
fn row_of(file: &str) -> (StoredPost, String) {
    let read = reading(&settings(), file.as_bytes());
    let (post, body) = read.post.unwrap_or_else(|| panic!("{:?}", read.findings));
    let mut row = StoredPost::new(post.id);
    row.title = Some(post.title);
    row.description = post.description;
    row.category = post.category;
    row.tags = post.tags;
    row.image = post.image;
    row.created_at = post
        .created_at
        .or_else(|| "2026-01-02T03:04:05Z".parse().ok());
    row.updated_at = post.updated_at;
    row.word_count = Some(post.word_count);
    row.slug = post.slug;
    row.extra = post.extra;
    (row, body.into_owned())
}

fn edited(file: &str, row: &StoredPost, body: &str) -> Result<String, WriteError> {
    let source = Source::read(&settings(), &path(), file.as_bytes())?;
    let bytes = source.edited(&settings(), &style(&[file]), &path(), row, body)?;
    Ok(String::from_utf8(bytes).unwrap())
}

/// Changes the row of a file, and the file after it.
fn change(file: &str, change: impl FnOnce(&mut StoredPost)) -> Result<String, WriteError> {
    let (mut row, body) = row_of(file);
    change(&mut row);
    edited(file, &row, &body)
}

fn written(row: &StoredPost, body: &str, style: &Style) -> String {
    new_file(
        &settings(),
        style,
        &path(),
        (row, FieldSet::default()),
        body,
    )
    .unwrap()
}

const FILE: &str = "\u{feff}---\r\n# ours\r\ntitle: 'Old'  # the title\r\nid: 1\r\n\
    tags:\r\n    - b # why\r\n    - a\r\ncreated_at: \"2025-11-28\"\r\n\
    layout: wide\r\ncover: {alt: x}\r\n---\r\n\r\nOne  \r\ntwo\r\n\r\n";

#[test]
fn a_file_that_says_what_its_row_says_is_not_changed() {
    assert_eq!(change(FILE, |_| {}).unwrap(), FILE);
    // The times and the count of words that a sync fills in are no difference.
    let (mut row, body) = row_of("---\nid: 1\ntitle: T\n---\nBody\n");
    row.updated_at = row.created_at;
    row.word_count = Some(99);
    let source = Source::read(&settings(), &path(), b"---\nid: 1\ntitle: T\n---\nBody\n");
    assert_eq!(source.unwrap().differences(&row, &body, FieldSet::ALL), []);
}

#[test]
fn only_what_differs_is_changed() {
    let title = |row: &mut StoredPost| row.title = Some("It's new".into());
    assert_eq!(
        change(FILE, title).unwrap(),
        FILE.replace("'Old'", "'It''s new'")
    );
    let later = |row: &mut StoredPost| row.created_at = "2024-02-03T01:30:00Z".parse().ok();
    assert_eq!(
        change(FILE, later).unwrap(),
        FILE.replace("2025-11-28", "2024-02-03 10:30")
    );
    let fewer = |row: &mut StoredPost| row.tags.retain(|tag| tag == "b");
    assert_eq!(
        change(FILE, fewer).unwrap(),
        FILE.replace("    - a\r\n", "")
    );
    let none = |row: &mut StoredPost| row.tags.clear();
    assert_eq!(
        change(FILE, none).unwrap(),
        FILE.replace("tags:\r\n    - b # why\r\n    - a\r\n", "")
    );
    let layout = |row: &mut StoredPost| {
        row.extra.0.insert("layout".into(), json!(["a", 1, null]));
        row.extra.0.remove("cover");
    };
    assert_eq!(
        change(FILE, layout).unwrap(),
        FILE.replace("wide", "[a, 1, null]")
            .replace("cover: {alt: x}\r\n", "")
    );
}

#[test]
fn a_tag_that_is_new_comes_last() {
    let file = "---\nid: 1\ntitle: T\ntags: [z, b]\n---\n";
    let more = |row: &mut StoredPost| row.tags = vec!["a".into(), "z".into()];
    assert_eq!(change(file, more).unwrap(), file.replace("z, b", "z, a"));
}

#[test]
fn a_field_that_the_file_did_not_have_comes_after_the_one_before_it() {
    let file = "---\nid: 1\ntitle: T\ntags: [a]\n---\nBody";
    let slug = |row: &mut StoredPost| {
        row.description = Some("D: e".into());
        row.slug = Some("s".into());
        row.extra.0.insert("own".into(), json!({"a": [1.5]}));
    };
    assert_eq!(
        change(file, slug).unwrap(),
        "---\nid: 1\ntitle: T\ndescription: \"D: e\"\ntags: [a]\nslug: s\nown: {a: [1.5]}\n---\nBody"
    );
}

#[test]
fn a_new_field_is_written_as_in_other_files() {
    let others = "---\r\nid: 2\r\ntags:\r\n  - a\r\ndescription: \"D\"\r\n---\r\n";
    let file = "---\r\nid: 1\r\ntitle: T\r\nslug: s\r\n---\r\nBody";
    let (mut row, body) = row_of(file);
    row.tags = vec!["x".into(), "y: z".into()];
    row.description = Some("New".into());
    let source = Source::read(&settings(), &path(), file.as_bytes()).unwrap();
    let style = style(&[others, others]);
    let bytes = source.edited(&settings(), &style, &path(), &row, &body);
    assert_eq!(
        String::from_utf8(bytes.unwrap()).unwrap(),
        "---\r\nid: 1\r\ntitle: T\r\ntags:\r\n  - x\r\n  - \"y: z\"\r\nslug: s\r\n\
         description: \"New\"\r\n---\r\nBody"
    );
}

#[test]
fn a_field_that_the_row_lost_goes() {
    let file =
        "---\nid: 1\ntitle: T\ncategory: c # x\nimage: i\nupdated_at: 2025-01-01\n---\nBody\n";
    let bare = |row: &mut StoredPost| {
        row.category = None;
        row.image = None;
        row.updated_at = None;
    };
    assert_eq!(
        change(file, bare).unwrap(),
        "---\nid: 1\ntitle: T\n---\nBody\n"
    );
}

#[test]
fn a_body_gets_the_line_ends_of_the_file() {
    for (file, body, expected) in [
        (
            FILE,
            "One\n\nthree",
            FILE.replace("One  \r\ntwo", "One\r\n\r\nthree"),
        ),
        (FILE, "\n\nOne  \r\ntwo", FILE.to_owned()),
        (
            "---\nid: 1\ntitle: T\n---\nx",
            "y\n",
            "---\nid: 1\ntitle: T\n---\ny".into(),
        ),
        (
            "---\nid: 1\ntitle: T\n---",
            "y\n",
            "---\nid: 1\ntitle: T\n---\ny\n".into(),
        ),
        (
            "---\r\nid: 1\r\ntitle: T\r\n---\r\n",
            "y\nz\n",
            "---\r\nid: 1\r\ntitle: T\r\n---\r\ny\r\nz\r\n".into(),
        ),
        (
            "---\nid: 1\ntitle: T\n---\nx\n",
            " \ny",
            "---\nid: 1\ntitle: T\n---\n\n \ny\n".into(),
        ),
        (
            "---\nid: 1\ntitle: T\n---\n\nx\n",
            "",
            "---\nid: 1\ntitle: T\n---\n\n\n".into(),
        ),
    ] {
        let (row, _) = row_of(file);
        assert_eq!(edited(file, &row, body).unwrap(), expected, "{body:?}");
    }
}

#[test]
fn what_cannot_be_edited_or_said_is_an_error_with_words() {
    let anchored = "---\nid: 1\ntitle: &t T\nother: *t\n---\n";
    let title = |row: &mut StoredPost| row.title = Some("New".into());
    let words = |error: Result<String, WriteError>| error.unwrap_err().to_string();
    assert_eq!(
        words(change(anchored, title)),
        "its title cannot be changed without changing more of the front matter"
    );
    let none = |row: &mut StoredPost| row.title = None;
    assert_eq!(
        change(FILE, none).unwrap_err(),
        WriteError::Invalid("the post has no title".into())
    );
    let long = |row: &mut StoredPost| row.title = Some("x".repeat(300));
    assert_eq!(
        words(change(FILE, long)),
        "the file would not be a post: title has 300 characters; at most 255 fit"
    );

    let row = StoredPost::new(PostId::new(1).unwrap());
    let new = |row: &StoredPost, body: &str| {
        new_file(
            &settings(),
            &Style::default(),
            &path(),
            (row, FieldSet::default()),
            body,
        )
    };
    assert_eq!(new(&row, ""), Err(WriteError::NoTitle));
    let titled = |change: fn(&mut StoredPost)| {
        let mut row = StoredPost::new(PostId::new(1).unwrap());
        row.title = Some("T".into());
        change(&mut row);
        words(new(&row, "Body\n"))
    };
    assert_eq!(
        titled(|row| drop(row.extra.0.insert("draft".into(), json!(true)))),
        "its extra has the key `draft`, which has a meaning of its own in a file"
    );
    assert!(
        titled(|row| drop(row.extra.0.insert("published".into(), json!(false))))
            .contains("says that the post is not public")
    );
    assert_eq!(
        titled(|row| row.description = Some("a\0b".into())),
        "the file would not be a post: description holds a NUL character"
    );
    let mut row = row;
    row.title = Some("T".into());
    let nul = words(new(&row, "a\0b"));
    assert_eq!(
        nul,
        "the file would not be a post: the file holds a NUL character"
    );
    // The number of words is not known, but a file has one anyway.
    row.word_count = None;
    assert!(new(&row, "Body").is_ok());
}

#[test]
fn a_new_file_has_the_habits_of_the_others() {
    let others = [
        "---\r\ntitle: \"A\"\r\ncreated_at: '2025-01-01 09:00:00 +0900'\r\nlayout: wide\r\n\
         tags:\r\n  - x\r\nid: 1\r\ndraft: false\r\n---\r\n\r\nBody\r\n",
        "---\r\ntitle: \"B\"\r\nlayout: tall\r\ntags:\r\n  - x\r\nid: 2\r\ndraft: false\r\n---\r\n\r\nBody\r\n",
        "---\ntitle: C\nid: 3\n---\nBody\n",
    ];
    let mut row = StoredPost::new(PostId::new(42).unwrap());
    row.title = Some("New".into());
    row.description = Some("Two\nlines".into());
    row.tags = vec!["a".into(), "b: c".into()];
    row.created_at = "2025-11-28T00:00:00Z".parse().ok();
    row.updated_at = "2025-11-29T00:00:30.5Z".parse().ok();
    row.word_count = Some(1);
    row.extra.0.insert("layout".into(), json!("wide"));
    row.extra.0.insert("own".into(), json!("\u{7}"));
    assert_eq!(
        written(&row, "Body", &style(&others)),
        "---\r\ntitle: \"New\"\r\ndescription: |-\r\n  Two\r\n  lines\r\n\
         created_at: '2025-11-28 09:00:00 +0900'\r\nupdated_at: '2025-11-29 09:00:30.5 +0900'\r\n\
         layout: wide\r\ntags:\r\n  - a\r\n  - \"b: c\"\r\nid: 42\r\ndraft: false\r\n\
         own: \"\\u0007\"\r\n---\r\n\r\nBody"
    );
}

#[test]
fn without_other_files_the_fields_are_in_the_order_of_the_documentation() {
    let file = "---\nid: 1\ntitle: T\ndescription: D\ncategory: C\ntags: [a]\nimage: i\n\
        created_at: 2025-11-28T09:00:00+09:00\nupdated_at: 2025-11-28T09:00:00+09:00\nword_count: 7\n\
        slug: s\na: 1\nb: 2\n---\nBody\n";
    let (row, body) = row_of(file);
    assert_eq!(written(&row, &body, &Style::default()), file);
}

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
        category in proptest::option::of(text(30)),
        tags in proptest::collection::btree_set(text(20), 0..4),
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

const SAMPLES: [&str; 5] = [
    "",
    "---\nid: 1\ntitle: 'T'\ntags: [a]\ncreated_at: 2025-01-01\n---\nBody\n",
    "---\r\ntitle: \"T\"\r\nid: 1\r\ntags:\r\n- a\r\ncreated_at: \"2025-01-01 09:00 +09\"\r\n---\r\n\r\nBody\r\n",
    "---\ntags:\n    - a\nid: 1\nword_count: 1\nimage: 'i'\ntitle: T\nslug: \"s\"\n---\n\nBody",
    "\u{feff}---\nid: 1\ndraft: false\ntitle: |\n  T\ndescription: >-\n  a\n  b\nk: {a: 1}\n---\n",
];

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
        let text = written(&row, &body, &style(&[SAMPLES[sample]]));
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
        let mut row = row;
        row.id = PostId::new(1).unwrap();
        let text = edited(SAMPLES[sample], &row, &body).unwrap();
        let source = Source::read(&settings(), &path(), text.as_bytes()).unwrap();
        let differences = source.differences(&row, &body, FieldSet::ALL);
        prop_assert_eq!(&differences, &Vec::<Part>::new(), "{}", list(&differences));
        // A second time there is nothing to do.
        prop_assert_eq!(edited(&text, &row, &body).unwrap(), text);
    }

    #[test]
    fn a_file_of_any_dialect_keeps_its_bytes_where_nothing_differs(file in dialect()) {
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
    fn a_file_of_any_dialect_takes_a_change_and_its_comments_stay(file in dialect()) {
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
