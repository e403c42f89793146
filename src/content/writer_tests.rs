//! A file that is written says what the row says, and of a file nothing else changes.

use serde_json::json;

use super::part::WriteError;
use super::style::{Observations, Style};
use super::test_reading::{reading, settings};
use super::writer::{Source, new_file};
use crate::post::{FieldSet, PostId, SourcePath, StoredPost};

pub(super) fn path() -> SourcePath {
    SourcePath::new("content/a.md")
}

pub(super) fn style(files: &[&str]) -> Style {
    let mut observations = Observations::new(&settings().time_zone);
    files
        .iter()
        .for_each(|file| observations.add(file.as_bytes()));
    observations.style()
}

/// Returns the row that a sync makes of a file, with the times that it fills in.
pub(super) fn row_of(file: &str) -> (StoredPost, String) {
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

pub(super) fn edited(file: &str, row: &StoredPost, body: &str) -> Result<String, WriteError> {
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

pub(super) fn written(row: &StoredPost, body: &str, style: &Style) -> String {
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
            .contains("published")
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

/// A file of another program, with keys of its own for fields.
const OTHER: &str = "---\nid: 1\ntitle: T\ndate: 2024-01-05 # day\ncategories: [a, b]\nkeywords: [x]\n\
                     cover: {image: i.png, alt: A}\n---\nBody\n";

#[test]
fn a_field_is_written_to_the_key_by_which_the_file_gives_it() {
    let (row, body) = row_of(OTHER);
    assert_eq!(edited(OTHER, &row, &body).unwrap(), OTHER);
    let with = |from: &str, to: &str| OTHER.replace(from, to);
    let at = "2024-02-02T15:00:00Z";
    assert_eq!(
        change(OTHER, |row| row.created_at = at.parse().ok()).unwrap(),
        with("2024-01-05", "2024-02-03")
    );
    assert_eq!(
        change(OTHER, |row| row.category = Some("c".into())).unwrap(),
        with("[a, b]", "[c, b]")
    );
    assert_eq!(
        change(OTHER, |row| row.description = Some("D".into())).unwrap(),
        with("title: T\n", "title: T\ndescription: D\n")
    );
    // What is within another value is not changed, and that is said.
    let image = change(OTHER, |row| row.image = Some("j.png".into()));
    assert_eq!(
        image.unwrap_err().to_string(),
        "its image cannot be changed without changing more of the front matter"
    );
}

#[test]
fn a_new_file_has_the_keys_of_the_others() {
    let (mut row, body) = row_of(OTHER);
    row.tags = vec!["x".into()];
    row.image = None;
    row.extra = Default::default();
    assert_eq!(
        written(&row, &body, &style(&[OTHER, OTHER])),
        "---\nid: 1\ntitle: T\ndate: 2024-01-05\ncategories: [a]\nkeywords: [x]\n---\nBody\n"
    );
}
