use super::*;
use jiff::Timestamp;

use crate::post::{Extra, PostId};
use serde_json::json;

fn post() -> Post {
    Post {
        word_count: 2,
        ..Post::new(PostId::new(1).unwrap(), "A title")
    }
}

fn row() -> StoredPost {
    StoredPost {
        title: Some("A title".into()),
        word_count: Some(2),
        ..StoredPost::new(PostId::new(1).unwrap())
    }
}

fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

fn fields(comparison: &Comparison) -> Vec<&'static str> {
    comparison.differences.iter().map(|one| one.field).collect()
}

/// Compares a file that no sync has published with a row of tables that store every field.
fn compared(post: &Post, body: &str, row: &StoredPost, row_body: &str) -> Comparison {
    let before = FieldSet::default();
    compare((post, body), (row, row_body), before, FieldSet::ALL)
}

fn differing(post: &Post, row: &StoredPost) -> Vec<&'static str> {
    fields(&compared(post, "Body.\n", row, "Body.\n"))
}

/// A row with a value in every field that a file need not state.
fn kept_by_others() -> StoredPost {
    StoredPost {
        description: Some("theirs".into()),
        category: Some("theirs".into()),
        tags: vec!["theirs".into()],
        image: Some("/theirs.png".into()),
        created_at: at("2024-01-01T00:00:00Z"),
        updated_at: at("2024-01-02T00:00:00Z"),
        slug: Some("theirs".into()),
        extra: Extra::from_text(r#"{"views":7}"#).unwrap(),
        ..row()
    }
}

#[test]
fn only_what_the_file_states_counts() {
    let row = kept_by_others();
    let comparison = compared(&post(), "Body.\n", &row, "Body.\n");
    assert!(comparison.is_equal(), "{comparison:?}");
    assert_eq!(comparison.category.as_deref(), Some("theirs"));
    let full = Post {
        description: Some("ours".into()),
        category: Some("ours".into()),
        tags: vec!["ours".into()],
        image: Some("/ours.png".into()),
        created_at: at("2025-01-01T00:00:00Z"),
        updated_at: at("2025-01-02T00:00:00Z"),
        slug: Some("ours".into()),
        extra: Extra::from_text(r#"{"layout":"post"}"#).unwrap(),
        ..post()
    };
    let comparison = compared(&full, "Body.\n", &row, "Other.\n");
    let all = [
        "description",
        "category",
        "image",
        "created_at",
        "updated_at",
        "slug",
        "extra",
        "content",
    ];
    assert_eq!(fields(&comparison), all);
    assert_eq!(comparison.tags_added, ["ours"]);
    assert_eq!(comparison.tags_removed, ["theirs"]);
    assert_eq!(comparison.differences[0].file, json!("ours"));
    assert_eq!(comparison.differences[0].row, json!("theirs"));
    assert_eq!(comparison.differences[6].row, json!({"views": 7}));
    assert_eq!(comparison.differences[7].lines, Some(1));
}

#[test]
fn a_field_that_the_file_stated_before_is_cleared_and_so_differs() {
    let before = FieldSet::from_iter(Field::ALL);
    let comparison = compare(
        (&post(), "Body.\n"),
        (&kept_by_others(), "Body.\n"),
        before,
        FieldSet::ALL,
    );
    // A sync keeps the time of writing, and sets that of the change by itself.
    let cleared = ["description", "category", "image", "slug", "extra"];
    assert_eq!(fields(&comparison), cleared);
    assert_eq!(comparison.tags_removed, ["theirs"]);
    let equal = compare(
        (&post(), "Body.\n"),
        (&row(), "Body.\n"),
        before,
        FieldSet::ALL,
    );
    assert!(equal.is_equal(), "{equal:?}");
    let dated = Post {
        created_at: at("2024-01-01T00:00:00Z"),
        ..post()
    };
    let comparison = compare(
        (&dated, "Body.\n"),
        (&kept_by_others(), "Body.\n"),
        before,
        FieldSet::ALL,
    );
    assert!(fields(&comparison).contains(&"updated_at"));
}

#[test]
fn an_empty_list_of_tags_is_stated() {
    let none = Post {
        has_empty_tags: true,
        ..post()
    };
    let comparison = compared(&none, "", &kept_by_others(), "");
    assert_eq!(comparison.tags_removed, ["theirs"]);
    assert!(!comparison.is_equal());
}

#[test]
fn times_are_equal_at_the_precision_of_the_row() {
    let cases = [
        (
            "2024-01-01T00:00:00.123456Z",
            "2024-01-01T00:00:00.123456Z",
            true,
        ),
        (
            "2024-01-01T00:00:00.123456Z",
            "2024-01-01T00:00:00.123Z",
            true,
        ),
        (
            "2024-01-01T00:00:00.1235Z",
            "2024-01-01T00:00:00.124Z",
            true,
        ),
        ("2024-01-01T00:00:00.5Z", "2024-01-01T00:00:01Z", true),
        ("1969-12-31T23:59:59.6Z", "1970-01-01T00:00:00Z", true),
        (
            "2024-01-01T00:00:00.123456Z",
            "2024-01-01T00:00:00.122Z",
            false,
        ),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000001Z", false),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:01Z", false),
    ];
    for (file, in_row, equal) in cases {
        let post = Post {
            created_at: at(file),
            ..post()
        };
        let row = StoredPost {
            created_at: at(in_row),
            ..row()
        };
        assert_eq!(differing(&post, &row).is_empty(), equal, "{file} {in_row}");
    }
}

#[test]
fn bodies_are_equal_up_to_outer_line_breaks_and_crlf() {
    for (file, in_row, lines) in [
        ("a\nb\n", "a\nb\n", None),
        ("a\nb\n", "\n\na\r\nb", None),
        ("", "\n", None),
        ("a\nb\n", "a \nb\n", Some(1)),
        ("a\nb\nc\n", "x\nb\ny\n", Some(2)),
        ("a\nb\n", "b\na\n", Some(2)),
        ("a\n", "", Some(1)),
        ("a\n", "a\n\nb\nc\n", Some(3)),
    ] {
        let comparison = compared(&post(), file, &row(), in_row);
        let found = comparison.differences.first().and_then(|one| one.lines);
        assert_eq!(found, lines, "{file:?} {in_row:?}");
    }
}

#[test]
fn a_value_that_cannot_be_shown_differs_where_the_file_states_it() {
    let unreadable = |column| StoredPost {
        unreadable: vec![Unreadable {
            column,
            reason: "is of type bytea".into(),
        }],
        ..row()
    };
    assert_eq!(differing(&post(), &unreadable("description")), [""; 0]);
    for column in ["word_count", "content"] {
        let row = unreadable(column);
        let comparison = compared(&post(), "Body.\n", &row, "Body.\n");
        assert_eq!(fields(&comparison), [column]);
        let reason = comparison.differences[0].unreadable.as_deref();
        assert_eq!(reason, Some("is of type bytea"));
    }
    let tagged = Post {
        tags: vec!["a".into()],
        ..post()
    };
    let mut row = unreadable("tags");
    row.tags = vec!["a".into()];
    assert_eq!(differing(&tagged, &row), ["tags"]);
}

#[test]
fn a_count_of_words_that_only_counts_the_body_is_no_difference() {
    let counted = Post {
        word_count: 1,
        ..post()
    };
    for theirs in [None, Some(0), Some(1), Some(99)] {
        let row = StoredPost {
            word_count: theirs,
            ..row()
        };
        assert_eq!(differing(&counted, &row), [] as [&str; 0]);
    }
    // Another one is stated.
    let row = StoredPost {
        word_count: Some(1),
        ..row()
    };
    assert_eq!(differing(&post(), &row), ["word_count"]);
}

#[test]
fn a_field_that_the_tables_do_not_store_is_no_difference() {
    let full = Post {
        tags: vec!["ours".into()],
        slug: Some("ours".into()),
        extra: Extra::from_text(r#"{"layout":"post"}"#).unwrap(),
        ..post()
    };
    let all = Field::ALL.into_iter();
    let stored = all.filter(|field| !matches!(field, Field::Tags | Field::Slug | Field::Extra));
    let stored: FieldSet = stored.collect();
    let before = FieldSet::ALL;
    let comparison = compare((&full, "a"), (&row(), "a"), before, stored);
    assert!(comparison.is_equal(), "{comparison:?}");
    let comparison = compare((&full, "a"), (&row(), "a"), before, FieldSet::ALL);
    assert_eq!(fields(&comparison), ["slug", "extra"]);
}
