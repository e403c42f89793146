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
        differences: vec![Difference::Field(Field::Title), Difference::Body],
    };
    Report {
        store: "sqlite:x".into(),
        changes: vec![
            Change {
                action: Action::Create,
                id: id(7),
                path: SourcePath::new("content/7.md"),
                differences: Vec::new(),
            },
            Change {
                action: Action::Update,
                id: id(2),
                path: SourcePath::new("content/2.md"),
                differences: vec![
                    Difference::Field(Field::Title),
                    Difference::Key("lay\u{1b}out".into()),
                ],
            },
        ],
        refused: vec![
            Refused {
                id: id(4),
                path: None,
                refusal: Refusal::Unwritable(WriteError::NoTitle),
            },
            Refused {
                id: id(3),
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
