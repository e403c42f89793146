//! Tests of the output of differences.

use super::human::heading;
use super::*;
use crate::diff::{FileChange, Pair, PostDiff, RowChange, compare};
use crate::post::{Extra, FieldSet, Post, PostId, SourcePath, StoredPost};

fn id() -> PostId {
    PostId::new(8).unwrap()
}

fn pair(file: FileChange, row: RowChange) -> Pair {
    Pair {
        id: id(),
        locale: None,
        is_main: true,
        path: (file != FileChange::Absent).then(|| SourcePath::new("content/8.md")),
        from: None,
        stated: FieldSet::default(),
        file,
        row,
    }
}

fn people(posts: &[PostDiff<'_>], sum: Sum) -> String {
    let mut out = anstream::StripStream::new(Vec::new());
    let mut human = Human::new(&mut out);
    for post in posts {
        human.post(post).unwrap();
    }
    human.end(sum, "[STORE]").unwrap();
    String::from_utf8(out.into_inner()).unwrap()
}

fn file() -> (Post, String) {
    let post = Post {
        tags: vec!["go".into(), "sql".into()],
        description: Some("A longer text, of which one word was changed by somebody".into()),
        created_at: Some(jiff::Timestamp::UNIX_EPOCH),
        word_count: 2,
        extra: Extra::from_text(r#"{"a":1,"layout":"wide"}"#).unwrap(),
        ..Post::new(id(), "A \"title\"")
    };
    (post, "one\ntwo\n".into())
}

fn row() -> (StoredPost, String) {
    let row = StoredPost {
        title: Some("A title\u{1b}[31m".into()),
        description: Some("A longer text, of which one word was edited by somebody".into()),
        tags: vec!["rust".into(), "sql".into()],
        word_count: Some(2),
        extra: Extra::from_text(r#"{"a":1,"layout":"narrow","toc":true}"#).unwrap(),
        ..StoredPost::new(id())
    };
    (row, "one\r\n\t\u{1b}[2Jtwo\n".into())
}

#[test]
fn people_see_the_row_and_the_file_of_each_difference() {
    let (file, row) = (file(), row());
    let mut both = pair(FileChange::Changed, RowChange::Edited);
    both.from = Some(SourcePath::new("content/old.md"));
    let gone = pair(FileChange::Removed, RowChange::Deleted);
    let posts = [
        compare(&both, Some(&file), Some(&row), FieldSet::ALL, None),
        compare(&gone, None, None, FieldSet::ALL, None),
    ];
    let sum = Sum {
        different: 1,
        equal: 2,
        ..Sum::default()
    };
    insta::assert_snapshot!(people(&posts, sum), @r#"
    content/8.md · id 8 · the file was changed and the row was edited since the last sync · it was content/old.md
    title: - "A title\u001b[31m" + "A \"title\""
    description:
      - "A longer text, of which one word was edited by somebody"
      + "A longer text, of which one word was changed by somebody"
    created_at: + 1970-01-01T00:00:00Z
    extra.layout: - "narrow" + "wide"
    extra.toc: - true
    tags: + go - rust
    content:
    @@ -1,2 +1,2 @@
     one
    -	\u{1b}[2Jtwo
    +two

    content/8.md · id 8 · the file is gone and the row was deleted since the last sync

    1 post differs from its file, 2 are equal in [STORE]
    "#);
}

#[test]
fn long_lines_are_cut_for_people() {
    let new = pair(FileChange::New, RowChange::Absent);
    let file = (Post::new(id(), "t"), "x".repeat(5000));
    let shown = people(
        &[compare(&new, Some(&file), None, FieldSet::ALL, None)],
        Sum::default(),
    );
    assert!(shown.contains("xxx… (904 bytes left out)\n"), "{shown}");
}

#[test]
fn very_many_lines_are_cut_for_people() {
    let new = pair(FileChange::New, RowChange::Absent);
    let file = (Post::new(id(), "t"), "x\n".repeat(10_002));
    let shown = people(
        &[compare(&new, Some(&file), None, FieldSet::ALL, None)],
        Sum::default(),
    );
    assert_eq!(shown.matches("+x\n").count(), 10_000);
    assert!(shown.contains("… (2 lines left out)\n"), "{shown}");
}

#[test]
fn nothing_to_show_is_said() {
    let one = Sum {
        equal: 1,
        ..Sum::default()
    };
    assert_eq!(
        people(&[], one),
        "no differences: 1 post in [STORE] is as the files say\n"
    );
}

#[test]
fn the_sum_tells_posts_of_one_side_apart() {
    let sum = |different, only_in_files, only_in_database, equal| {
        let sum = Sum {
            different,
            only_in_files,
            only_in_database,
            equal,
        };
        sum.line("[STORE]")
    };
    let lines = [
        sum(1, 0, 0, 2),
        sum(4, 1, 1, 1),
        sum(3, 1, 2, 0),
        sum(1, 0, 1, 0),
    ];
    insta::assert_snapshot!(lines.join("\n"), @r"
    1 post differs from its file, 2 are equal in [STORE]
    2 posts differ from their files, 1 is only in files, 1 is only in the database, 1 is equal in [STORE]
    1 post is only in files, 2 are only in the database, 0 are equal in [STORE]
    1 post is only in the database, 0 are equal in [STORE]
    ");
}

#[test]
fn headings_tell_which_side_changed() {
    use FileChange as File;
    use RowChange as Row;
    let cases = [
        (File::Unchanged, Row::Unchanged),
        (File::Unchanged, Row::Edited),
        (File::Unchanged, Row::Deleted),
        (File::Changed, Row::Unchanged),
        (File::Changed, Row::Deleted),
        (File::New, Row::Absent),
        (File::New, Row::Foreign),
        (File::Removed, Row::Unchanged),
        (File::Removed, Row::Edited),
        (File::Draft, Row::Unchanged),
        (File::Absent, Row::Foreign),
    ];
    let headings = cases.map(|(file, row)| heading(&pair(file, row)));
    insta::assert_snapshot!(headings.join("\n"), @r"
    only the path was changed
    the row was edited since the last sync
    only in files: the row was deleted since the last sync
    the file was changed since the last sync
    only in files: the file was changed and the row was deleted since the last sync
    only in files: the file is new
    no sync wrote the row
    only in the database: the file is gone
    only in the database: the file is gone and the row was edited since the last sync
    the file is a draft
    only in the database: no sync wrote the row
    ");
}

#[test]
fn programs_get_whole_values() {
    let (file, row) = (file(), row());
    let edited = pair(FileChange::Unchanged, RowChange::Edited);
    let new = pair(FileChange::New, RowChange::Absent);
    let mut out = Vec::new();
    let mut json = Json::begin(&mut out).unwrap();
    json.post(&compare(
        &edited,
        Some(&file),
        Some(&row),
        FieldSet::ALL,
        None,
    ))
    .unwrap();
    json.post(&compare(&new, Some(&file), None, FieldSet::ALL, None))
        .unwrap();
    let sum = Sum {
        different: 2,
        only_in_files: 1,
        ..Sum::default()
    };
    json.end(sum, &[]).unwrap();
    let text = String::from_utf8(out).unwrap();
    serde_json::from_str::<serde_json::Value>(&text).expect("it is JSON");
    insta::assert_snapshot!(text, @r#"
    {"posts":[
    {"id":8,"path":"content/8.md","from":null,"state":"row_changed","fields":[{"field":"title","file":"A \"title\"","row":"A title\u001b[31m"},{"field":"description","file":"A longer text, of which one word was changed by somebody","row":"A longer text, of which one word was edited by somebody"},{"field":"created_at","file":"1970-01-01T00:00:00Z","row":null},{"field":"extra","file":{"a":1,"layout":"wide"},"row":{"a":1,"layout":"narrow","toc":true}}],"tags":{"added":["go"],"removed":["rust"]},"content":"@@ -1,2 +1,2 @@\n one\n-\t\u001b[2Jtwo\n+two\n"},
    {"id":8,"path":"content/8.md","from":null,"state":"new_file","fields":[{"field":"title","file":"A \"title\"","row":null},{"field":"description","file":"A longer text, of which one word was changed by somebody","row":null},{"field":"created_at","file":"1970-01-01T00:00:00Z","row":null},{"field":"word_count","file":2,"row":null},{"field":"extra","file":{"a":1,"layout":"wide"},"row":null}],"tags":{"added":["go","sql"],"removed":[]},"content":"@@ -0,0 +1,2 @@\n+one\n+two\n"}
    ],"different":2,"only_in_files":1,"only_in_database":0,"equal":0,"findings":[]}
    "#);
}
