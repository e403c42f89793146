use super::*;
use serde_json::json;

use crate::comparison::CONTENT;
use crate::left_out::Reason;
use crate::plan::{Comparison, Conflict, ConflictKind, Difference, Gone, Refusal};
use crate::post::PostId;

fn change(action: Action, id: i64, path: &str, from: Option<&str>) -> Change {
    Change {
        action,
        id: PostId::new(id).unwrap(),
        locale: None,
        path: SourcePath::new(path),
        from: from.map(SourcePath::new),
        gone: None,
    }
}

fn plan() -> Plan {
    Plan {
        changes: vec![
            change(Action::Create, 3, "content/글.md", None),
            change(Action::Move, 2, "content/b.md", Some("content/a.md")),
            change(Action::Remove, 1, "content/\u{1b}[2Jc.md", None),
        ],
        unchanged: 4,
        ..Plan::default()
    }
}

fn differing() -> Conflict {
    let difference = |field, file, row| Difference {
        field,
        file,
        row,
        lines: None,
        unreadable: None,
    };
    let body = difference(CONTENT, json!(null), json!(null));
    Conflict {
        kind: ConflictKind::Foreign,
        id: PostId::new(3).unwrap(),
        locale: None,
        path: SourcePath::new("content/글.md"),
        is_file_changed: true,
        comparison: Comparison {
            differences: vec![
                difference("title", json!("Ours"), json!("글".repeat(70))),
                difference("word_count", json!(3), json!(null)),
                Difference {
                    unreadable: Some("is of type bytea".into()),
                    ..difference("image", json!("/a.png"), json!(null))
                },
                Difference {
                    lines: Some(2),
                    ..body
                },
            ],
            tags_added: vec!["go".into(), "\u{1b}[2J".into()],
            tags_removed: vec!["rust".into()],
            category: None,
        },
    }
}

#[test]
fn a_conflict_names_each_field_with_both_values() {
    let (message, _) = refusal_words(&Refusal::Conflicts(vec![differing()]), &Commands::default());
    insta::assert_snapshot!(message, @r#"
    1 post would overwrite what others did in the database:
    content/글.md (id 3): its row was not written by blogctl
      title: "Ours" in the file, "글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글..." in the row
      word_count: 3 in the file, nothing in the row
      image: the row's value is of type bytea, which cannot be compared
      body: 2 lines differ
      tags: + go + \u{1b}[2J - rust
    "#);
    assert_eq!(
        difference_names(&differing().comparison),
        "title, word_count, image, body, tags"
    );
    let plan = Plan {
        conflicts: vec![differing()],
        ..Plan::default()
    };
    let json = json(Outcome::Refused(&plan, "conflicts", "decide"));
    let conflict = &json["conflicts"][0];
    assert_eq!(conflict["reason"], "foreign");
    assert_eq!(conflict["tags_removed"], json!(["rust"]));
    let title = &conflict["differences"][0];
    assert_eq!(
        (&title["field"], &title["file"]),
        (&json!("title"), &json!("Ours"))
    );
    assert_eq!(conflict["differences"][3]["lines"], 2);
}

#[test]
fn force_says_what_it_overwrites_and_adopted_rows_are_counted() {
    let plan = Plan {
        changes: vec![
            change(Action::Update, 3, "content/글.md", None),
            change(Action::Adopt, 4, "content/b.md", None),
        ],
        overwrites: vec![differing()],
        ..Plan::default()
    };
    let text = shown(&plan, true, |r, out| r.write_human(out).unwrap());
    insta::assert_snapshot!(text, @r#"
    update  content/글.md (id 3)
              title: "Ours" in the file, "글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글글..." in the row
              word_count: 3 in the file, nothing in the row
              image: the row's value is of type bytea, which cannot be compared
              body: 2 lines differ
              tags: + go + \u{1b}[2J - rust
    adopt   content/b.md (id 4)
    would be: 0 created, 1 updated, 1 adopted, 0 moved, 0 removed, 0 unchanged in sqlite:x.db
    "#);
    let json = json(Outcome::Done(&plan));
    assert_eq!(json["counts"]["adopted"], 1);
    assert_eq!(json["changes"][1]["action"], "adopt");
    assert_eq!(json["overwrites"][0]["id"], 3);
}

fn shown(plan: &Plan, dry_run: bool, write: impl Fn(&Report, &mut Vec<u8>)) -> String {
    let report = Report {
        plan,
        counts: counts(plan),
        dry_run,
        store: "sqlite:x.db",
    };
    let mut out = Vec::new();
    write(&report, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn people_read_a_line_a_change_and_the_sum() {
    let text = shown(&plan(), false, |r, out| r.write_human(out).unwrap());
    insta::assert_snapshot!(text, @r"
    create  content/글.md (id 3)
    move    content/a.md -> content/b.md (id 2)
    remove  content/\u{1b}[2Jc.md (id 1)
    1 created, 0 updated, 1 moved, 1 removed, 4 unchanged in sqlite:x.db
    ");
}

#[test]
fn a_rehearsal_says_that_it_is_one() {
    let text = shown(&plan(), true, |r, out| r.write_human(out).unwrap());
    assert!(text.ends_with(
        "would be: 1 created, 0 updated, 1 moved, 1 removed, 4 unchanged in sqlite:x.db\n"
    ));
}

#[test]
fn a_sync_without_a_change_says_so() {
    let plan = Plan {
        unchanged: 1,
        ..Plan::default()
    };
    let text = shown(&plan, false, |r, out| r.write_human(out).unwrap());
    assert_eq!(
        text,
        "nothing changed: 1 post in sqlite:x.db is as the files say\n"
    );
}

fn json(outcome: Outcome<'_>) -> serde_json::Value {
    let mut out = Vec::new();
    write_json(&mut out, outcome, false, Some("sqlite:x.db"), &[], &[]).unwrap();
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn programs_read_every_change() {
    let json = json(Outcome::Done(&plan()));
    assert_eq!(json["status"], "done");
    assert_eq!(json["counts"]["created"], 1);
    assert_eq!(json["changes"][1]["action"], "move");
    assert_eq!(json["changes"][1]["from"], "content/a.md");
    assert_eq!(json["changes"][2]["path"], "content/\u{1b}[2Jc.md");
    assert_eq!(json["dry_run"], false);
}

#[test]
fn programs_read_the_same_keys_whatever_the_outcome() {
    let plan = plan();
    let keys = |outcome| {
        let json = json(outcome);
        let object = json.as_object().unwrap();
        let is_text = |key: &str| object[key].is_string();
        let told = (
            is_text("message"),
            is_text("help"),
            object["counts"].is_object(),
        );
        (object.keys().cloned().collect::<Vec<_>>(), told)
    };
    let done = keys(Outcome::Done(&plan));
    let refused = keys(Outcome::Refused(
        &plan,
        "nothing to publish",
        "check the path",
    ));
    let invalid = keys(Outcome::Invalid("2 errors in the content"));
    assert_eq!(done.0, refused.0);
    assert_eq!(done.0, invalid.0);
    let failed = keys(Outcome::Failed("cannot connect", Some("start it")));
    assert_eq!(done.0, failed.0);
    assert_eq!(failed.1, (true, true, false));
    assert_eq!(done.1, (false, false, true));
    assert_eq!(refused.1, (true, true, true));
    assert_eq!(invalid.1, (true, false, false));
}

#[test]
fn a_refusal_names_the_posts_and_counts_the_rest() {
    let conflicts = (1..=12)
        .map(|id| Conflict {
            kind: ConflictKind::Edited,
            id: PostId::new(id).unwrap(),
            locale: None,
            path: SourcePath::new(format!("content/{id}.md")),
            is_file_changed: false,
            comparison: Comparison::default(),
        })
        .collect();
    let commands = Commands {
        diff: "blogctl diff".to_owned(),
        pull: Some("blogctl pull 1 2".to_owned()),
        overwrites_files: true,
        has_deleted: true,
    };
    let (message, help) = refusal_words(&Refusal::Conflicts(conflicts), &commands);
    assert!(message.starts_with("12 posts would overwrite"));
    assert!(message.contains("content/1.md (id 1): its row was edited"));
    assert!(message.ends_with("and 2 more"));
    insta::assert_snapshot!(help, @"`blogctl diff` shows what differs; to keep what is in the database, run `blogctl pull 1 2`, which overwrites what changed in the files; to leave posts deleted, remove their files; to publish what the files say, run the sync with --force");
}

#[test]
fn posts_that_are_online_although_their_files_are_left_out_are_named_with_the_reason() {
    let gone = |number: i64, gone| Change {
        gone,
        ..change(
            Action::Remove,
            number,
            &format!("content/{number}.md"),
            None,
        )
    };
    let draft = gone(1, Some(Gone::Draft));
    let ignored = gone(2, Some(Gone::LeftOut(Reason::Gitignore)));
    let plan = |unpruned: &[&Change]| Plan {
        unpruned: unpruned.iter().map(|&change| change.clone()).collect(),
        ..Plan::default()
    };
    insta::assert_snapshot!(crate::output::ui::plain(&notes(&plan(&[&ignored]))), @"
    warning: 1 post is still online; `--prune` takes it offline:
      content/2.md (id 2) is now ignored by .gitignore
    ");
    let three = plan(&[&draft, &ignored, &gone(3, None)]);
    insta::assert_snapshot!(crate::output::ui::plain(&notes(&three)), @"
    warning: 2 posts are still online; `--prune` takes them offline:
      content/1.md (id 1) is now a draft
      content/2.md (id 2) is now ignored by .gitignore
    hint: 1 post in the database without a published file:
      content/3.md (id 3)
      --prune removes them
    ");
    assert_eq!(
        json(Outcome::Done(&three))["not_pruned"][1]["reason"],
        "gitignore"
    );
    let pruned = Plan {
        changes: vec![draft],
        ..Plan::default()
    };
    let text = shown(&pruned, false, |r, out| r.write_human(out).unwrap());
    assert!(
        text.starts_with("remove  content/1.md (id 1): it is now a draft\n"),
        "{text}"
    );
    let json = json(Outcome::Done(&pruned));
    assert_eq!(json["changes"][0]["reason"], "draft");
}
