use super::*;
use crate::content::WriteError;
use crate::post::Field;
use crate::pull::FileState;

fn id(id: i64) -> PostId {
    PostId::new(id).unwrap()
}

fn report() -> Report {
    let changed = Refusal::Changed {
        path: SourcePath::new("content/3.md"),
        file: FileState::Changed,
        differences: vec![Part::Field(Field::Title), Part::Body],
    };
    Report {
        store: "sqlite:x".into(),
        changes: vec![
            Change {
                action: Action::Create,
                id: id(7),
                locale: None,
                path: SourcePath::new("content/7.md"),
                differences: Vec::new(),
                diff: None,
            },
            Change {
                action: Action::Update,
                id: id(2),
                locale: None,
                path: SourcePath::new("content/2.md"),
                differences: vec![Part::Field(Field::Title), Part::Key("lay\u{1b}out".into())],
                diff: None,
            },
        ],
        refused: vec![
            Refused {
                id: id(4),
                locale: None,
                path: None,
                refusal: Refusal::Unwritable(WriteError::NoTitle),
            },
            Refused {
                id: id(3),
                locale: None,
                path: changed.path().cloned(),
                refusal: changed,
            },
        ],
        unchanged: 5,
        newer_files: vec![SourcePath::new("content/a.md")],
        ..Report::default()
    }
}

#[test]
fn says_what_was_written() {
    let mut out = Vec::new();
    report().write_human(&mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r"
    create  content/7.md (id 7)
    update  content/2.md (id 2): title, lay\u{1b}out
    1 created, 1 updated, 5 unchanged from sqlite:x
    ");
}

#[test]
fn says_what_was_refused_and_what_to_do() {
    let (message, help) = report().refusal(false).unwrap();
    insta::assert_snapshot!(message, @r"
    2 posts cannot be pulled; nothing was written:
    post 4: its row has no title
    content/3.md (id 3): its file changed since the last sync, and has another title, body
    ");
    assert!(help.contains("--force"));
    assert_eq!(Report::default().refusal(false), None);
}

#[test]
fn tells_of_files_that_were_left_alone() {
    insta::assert_snapshot!(crate::output::ui::plain(&report().notes()), @r"
    hint: 1 file changed since the last sync, whose rows did not:
      content/a.md
      `blogctl sync` publishes them
    ");
}

#[test]
fn a_dry_run_shows_the_lines_that_would_change() {
    let mut report = report();
    let text = "@@ -1,2 +1,2 @@\n a\r\n-b\u{1b}\r\n+c\r\n";
    report.changes[0].diff = Some(FileDiff::Text(text.to_owned()));
    report.changes[1].diff = Some(FileDiff::LeftOut);
    report.dry_run = true;
    let mut out = anstream::StripStream::new(Vec::new());
    report.write_human(&mut out).unwrap();
    insta::assert_snapshot!(String::from_utf8(out.into_inner()).unwrap(), @r"
    create  content/7.md (id 7)
    @@ -1,2 +1,2 @@
     a
    -b\u{1b}
    +c

    update  content/2.md (id 2): title, lay\u{1b}out
    (the diff is left out)

    would be: 1 created, 1 updated, 5 unchanged from sqlite:x
    ");
    let mut out = Vec::new();
    write_json(&mut out, Outcome::Done(&report), true).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(json["changes"][0]["diff"], text);
    assert_eq!(json["changes"][1]["diff"], serde_json::Value::Null);
}
