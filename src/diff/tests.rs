//! Tests of pairs and of comparisons.

use std::collections::HashSet;

use serde_json::json;

use super::*;
use crate::index::{Entry, ForeignRow, Generation, Index, PostRow, RowState, RowVersion};
use crate::locale::{Locale, LocaleFilter, Locales};
use crate::model::FileEntry;
use crate::post::{Digest, Extra, FieldSet, PostId};

fn id(number: i64) -> PostId {
    PostId::new(number).unwrap()
}

fn digest(number: u8) -> Digest {
    Digest::from_bytes(&[number; Digest::LEN]).unwrap()
}

fn file(number: i64, path: &str, says: u8) -> FileEntry {
    FileEntry {
        id: id(number),
        locale: None,
        is_main: true,
        path: SourcePath::new(path),
        file_digest: digest(says),
        post_digest: digest(says),
        category: None,
        draft: false,
    }
}

/// Returns the entry of a post that said 1 at the last sync.
fn entry(number: i64, path: &str, row: RowState) -> Entry {
    Entry {
        id: id(number),
        locale: None,
        is_main: true,
        text_digest: None,
        made_from: None,
        path: SourcePath::new(path),
        file_digest: digest(1),
        post_digest: digest(1),
        stated: FieldSet::default(),
        has_others: false,
        category: None,
        terms_version: 1,
        row,
    }
}

const INTACT: RowState = RowState::Intact(RowVersion(1));
const EDITED: RowState = RowState::Edited(RowVersion(2));

fn found(files: &[FileEntry], entries: Vec<Entry>, foreign: &[i64]) -> Pairs {
    let index = Index {
        generation: Some(Generation(1)),
        entries,
        foreign: foreign
            .iter()
            .map(|number| ForeignRow {
                id: id(*number),
                locale: None,
                category: None,
                version: RowVersion(1),
            })
            .collect(),
        ..Index::default()
    };
    let in_scope = |path: &SourcePath| path.as_str().starts_with("content/");
    let is_unreadable = |path: &SourcePath| path.as_str() == "content/bad.md";
    let claimed = HashSet::from([id(10).into()]);
    let part = Part {
        texts: LocaleFilter::default(),
        in_scope: &in_scope,
        is_unreadable: &is_unreadable,
        claimed: Some(&claimed),
    };
    pairs(files, &index, &part)
}

fn states(found: &Pairs) -> Vec<(i32, &'static str)> {
    let state = |pair: &Pair| (pair.id.get(), pair.state());
    found.changed.iter().map(state).collect()
}

#[test]
fn the_state_tells_which_side_changed() {
    let path = |number| format!("content/{number}.md");
    let cases = [
        (Some(1), INTACT, "moved"),
        (Some(2), INTACT, "file_changed"),
        (Some(1), EDITED, "row_changed"),
        (Some(2), EDITED, "both_changed"),
        (Some(1), RowState::Missing, "row_removed"),
        (Some(2), RowState::Missing, "row_removed"),
        (None, INTACT, "file_removed"),
        (None, EDITED, "both_changed"),
        (None, RowState::Missing, "file_removed"),
    ];
    for (says, row, state) in cases {
        // Only the post that is otherwise equal has moved.
        let was = if state == "moved" {
            "content/a.md"
        } else {
            "content/1.md"
        };
        let files: Vec<_> = says
            .map(|says| file(1, &path(1), says))
            .into_iter()
            .collect();
        let found = found(&files, vec![entry(1, was, row)], &[]);
        assert_eq!(states(&found), [(1, state)], "{says:?} {row:?}");
        let refuses = says.is_some() && row != INTACT;
        assert_eq!(found.changed[0].is_conflict(), refuses, "{says:?} {row:?}");
    }
}

#[test]
fn posts_of_one_side_are_found_newest_first() {
    let mut draft = file(4, "content/4.md", 1);
    draft.draft = true;
    let mut unpublished = file(5, "content/5.md", 1);
    unpublished.draft = true;
    let files = [
        file(1, "content/1.md", 1),
        file(2, "content/2.md", 1),
        file(3, "content/3.md", 1),
        draft,
        unpublished,
    ];
    let entries = vec![
        entry(3, "content/3.md", INTACT),
        entry(4, "content/4.md", INTACT),
        entry(6, "elsewhere/6.md", INTACT),
        entry(7, "content/bad.md", INTACT),
        entry(8, "content/8.md", INTACT),
    ];
    // Row 9 has no file, row 10 one that is no valid post, and row 5 a draft.
    let found = found(&files, entries, &[2, 5, 9, 10]);
    assert_eq!(
        states(&found),
        [
            (9, "no_file"),
            (8, "file_removed"),
            (4, "draft"),
            (2, "foreign_row"),
            (1, "new_file")
        ]
    );
    assert_eq!(found.equal, 1);
    let only_in: Vec<_> = found.changed.iter().map(Pair::only_in).collect();
    let (files, database) = (Some(OnlyIn::Files), Some(OnlyIn::Database));
    assert_eq!(only_in, [database, database, None, None, files]);
}

fn pair() -> Pair {
    Pair {
        id: id(1),
        locale: None,
        is_main: true,
        path: Some(SourcePath::new("content/1.md")),
        from: None,
        stated: FieldSet::default(),
        file: FileChange::Changed,
        row: RowChange::Unchanged,
    }
}

fn at(seconds: i64) -> Option<jiff::Timestamp> {
    Some(jiff::Timestamp::from_second(seconds).unwrap())
}

fn extra(keys: serde_json::Value) -> Extra {
    Extra::from_text(&keys.to_string()).unwrap()
}

/// Returns a file with every field, and the row that a sync makes of it.
fn both() -> ((Post, String), (StoredPost, String)) {
    let post = Post {
        description: Some("d".into()),
        category: Some("c".into()),
        tags: vec!["go".into(), "rust".into()],
        image: Some("i".into()),
        created_at: at(1),
        updated_at: at(2),
        word_count: 1,
        slug: Some("s".into()),
        extra: extra(json!({"layout": "wide"})),
        ..Post::new(id(1), "t")
    };
    let row = StoredPost {
        title: Some(post.title.clone()),
        description: post.description.clone(),
        category: post.category.clone(),
        tags: post.tags.clone(),
        image: post.image.clone(),
        created_at: post.created_at,
        updated_at: post.updated_at,
        word_count: Some(post.word_count),
        slug: post.slug.clone(),
        extra: post.extra.clone(),
        ..StoredPost::new(id(1))
    };
    ((post, "a\n".into()), (row, "a\n".into()))
}

fn fields(post: &PostDiff<'_>) -> Vec<Field> {
    post.fields.iter().map(|one| one.field).collect()
}

#[test]
fn equal_sides_have_no_difference() {
    let (file, mut row) = both();
    let pair = pair();
    assert!(compare(&pair, Some(&file), Some(&row), FieldSet::ALL, None).is_empty());
    row.1 = "\n\na".into();
    assert!(compare(&pair, Some(&file), Some(&row), FieldSet::ALL, None).is_empty());
}

#[test]
fn every_field_is_compared() {
    let pair = pair();
    let (mut file, _) = both();
    // Not the number of words of the body, or it would not count as stated.
    file.0.word_count = 5;
    let row = (StoredPost::new(id(1)), String::new());
    let found = compare(&pair, Some(&file), Some(&row), FieldSet::ALL, None);
    let but_tags: Vec<_> = Field::ALL
        .into_iter()
        .filter(|field| *field != Field::Tags)
        .collect();
    assert_eq!(fields(&found), but_tags);
    assert_eq!(found.tags.added, ["go", "rust"]);
    assert_eq!(found.body.len(), 1);
    assert!(found.fields.iter().all(|one| one.row.is_none()));
    // A side that is not there is the same as one that holds nothing.
    assert_eq!(
        compare(&pair, Some(&file), None, FieldSet::ALL, None),
        found
    );
    let (_, row) = both();
    let found = compare(&pair, None, Some(&row), FieldSet::ALL, None);
    assert_eq!(fields(&found), but_tags);
    assert_eq!(found.tags.removed, ["go", "rust"]);
}

#[test]
fn a_difference_has_both_values() {
    let (mut file, mut row) = both();
    file.0.title = "new".into();
    file.0.tags = vec!["go".into(), "zig".into()];
    file.0.word_count = 5;
    row.0.word_count = Some(7);
    row.1 = "b".into();
    let pair = pair();
    let found = compare(&pair, Some(&file), Some(&row), FieldSet::ALL, None);
    let difference = |field, file, row| FieldDiff {
        field,
        file: Some(file),
        row: Some(row),
    };
    let title = difference(
        Field::Title,
        Value::Text(Some("new")),
        Value::Text(Some("t")),
    );
    let words = difference(
        Field::WordCount,
        Value::Integer(Some(5)),
        Value::Integer(Some(7)),
    );
    assert_eq!(found.fields, [title, words]);
    assert_eq!(
        (&*found.tags.added, &*found.tags.removed),
        (&["zig"][..], &["rust"][..])
    );
    assert_eq!(found.body.len(), 1);
}

#[test]
fn fields_that_no_file_states_are_the_rows_own() {
    let (_, row) = both();
    let mut file = (Post::new(id(1), "t"), "a".to_owned());
    file.0.word_count = 1;
    let mut pair = pair();
    assert!(compare(&pair, Some(&file), Some(&row), FieldSet::ALL, None).is_empty());
    // What the file stated at the last sync would be cleared.
    pair.stated = Field::ALL.into_iter().collect();
    let found = compare(&pair, Some(&file), Some(&row), FieldSet::ALL, None);
    let cleared = [
        Field::Description,
        Field::Category,
        Field::Image,
        Field::Slug,
        Field::Extra,
    ];
    assert_eq!(fields(&found), cleared, "times are never cleared");
    assert_eq!(found.tags.removed, ["go", "rust"]);
    // Of a post whose file is gone, all that the row holds would go.
    assert_eq!(
        compare(&pair, None, Some(&row), FieldSet::ALL, None)
            .fields
            .len(),
        9
    );
}

#[test]
fn values_that_cannot_be_shown_are_differences() {
    let (file, mut row) = both();
    row.0.created_at = None;
    row.0.unreadable = ["created_at", CONTENT]
        .map(|column| Unreadable {
            column,
            reason: "is odd".into(),
        })
        .into();
    row.1 = String::new();
    let pair = pair();
    let found = compare(&pair, Some(&file), Some(&row), FieldSet::ALL, None);
    assert_eq!(fields(&found), [Field::CreatedAt]);
    assert!(found.body.is_empty(), "it is not known whether it differs");
    assert!(!found.is_empty());
}

#[test]
fn a_foreign_row_that_equals_its_file_is_no_difference() {
    let (file, row) = both();
    let foreign = Pair {
        file: FileChange::New,
        row: RowChange::Foreign,
        ..pair()
    };
    assert!(!compare(&foreign, Some(&file), Some(&row), FieldSet::ALL, None).is_difference());
    let other = (Post::new(id(1), "other"), String::new());
    assert!(compare(&foreign, Some(&other), Some(&row), FieldSet::ALL, None).is_difference());
    let edited = Pair {
        row: RowChange::Edited,
        ..pair()
    };
    assert!(!compare(&edited, Some(&file), Some(&row), FieldSet::ALL, None).is_difference());
    // A sync publishes what changed in a file, even if it shows nowhere.
    assert!(compare(&pair(), Some(&file), Some(&row), FieldSet::ALL, None).is_difference());
}

#[test]
fn the_texts_of_a_post_are_compared_one_by_one() {
    let [ko, en] = ["ko", "en"].map(|name| Locale::new(name).unwrap());
    let locales = Locales::new(ko, [en], None);
    let text = |locale, row| Entry {
        locale: Some(locale),
        is_main: locale == ko,
        ..entry(1, &format!("content/{locale}/1.md"), row)
    };
    let stated = |locale: Locale| FileEntry {
        locale: Some(locale),
        is_main: locale == ko,
        ..file(1, &format!("content/{locale}/1.md"), 1)
    };
    let foreign = |number, locale| ForeignRow {
        id: id(number),
        locale: Some(locale),
        category: None,
        version: RowVersion(1),
    };
    let states = |row: RowState, post: RowState, only: Option<Locale>| {
        let index = Index {
            generation: Some(Generation(1)),
            entries: vec![text(ko, INTACT), text(en, row)],
            posts: vec![PostRow {
                id: id(1),
                category: None,
                state: post,
            }],
            foreign: vec![foreign(2, en), foreign(2, ko)],
            ..Index::default()
        };
        let part = Part {
            texts: LocaleFilter {
                locales: Some(&locales),
                only,
            },
            in_scope: &|_| true,
            is_unreadable: &|_| false,
            claimed: Some(&HashSet::new()),
        };
        let found = pairs(&[stated(ko), stated(en)], &index, &part);
        let state = |pair: &Pair| (pair.text_id().to_string(), pair.is_main, pair.state());
        found.changed.iter().map(state).collect::<Vec<_>>()
    };
    let foreign = [
        ("2 (ko)".to_owned(), true, "no_file"),
        ("2 (en)".to_owned(), false, "no_file"),
    ];
    let changed = |name: &str, is_main| (name.to_owned(), is_main, "row_changed");
    let all = states(EDITED, INTACT, None);
    assert_eq!(all[..2], foreign);
    assert_eq!(all[2..], [changed("1 (en)", false)]);
    // The post's own row is compared with the file of the main text.
    assert_eq!(states(INTACT, EDITED, None)[2..], [changed("1 (ko)", true)]);
    assert_eq!(states(EDITED, EDITED, Some(ko)).len(), 2);
}

#[test]
fn another_text_has_only_its_own_fields() {
    let (mut file, row) = both();
    let own = FieldSet::from_iter([Field::Title, Field::Slug]);
    file.0.title = "new".into();
    file.0.category = Some("other".into());
    file.0.tags.clear();
    let other = Pair {
        is_main: false,
        ..pair()
    };
    let found = compare(&other, Some(&file), Some(&row), FieldSet::ALL, Some(own));
    assert_eq!(fields(&found), [Field::Title]);
    assert!(found.tags.is_empty());
    let alone = compare(&other, None, Some(&row), FieldSet::ALL, Some(own));
    assert_eq!(fields(&alone), [Field::Title, Field::Slug]);
    assert!(alone.tags.is_empty());
    let first = pair();
    let main = compare(&first, Some(&file), Some(&row), FieldSet::ALL, Some(own));
    assert_eq!(fields(&main), [Field::Title, Field::Category]);
}
