use super::*;
use crate::output::samples::id;
use crate::post::SourcePath;

fn post(n: i64, path: Option<&str>) -> PostName {
    PostName {
        id: id(n),
        locale: None,
        path: path.map(SourcePath::new),
    }
}

fn plan() -> Plan {
    let change = |action, post, fields| Change {
        action,
        post,
        fields,
    };
    let conflict = Conflict {
        kind: ConflictKind::Edited,
        post: post(2, Some("content/b.md")),
        fields: vec!["title", "content"],
    };
    Plan {
        changes: vec![
            change(Action::Create, post(1, Some("content/a.md")), vec![]),
            change(
                Action::Update,
                post(2, Some("content/b.md")),
                vec!["title", "content"],
            ),
            change(Action::Record, post(3, Some("content/c\x1b.md")), vec![]),
            change(Action::Create, post(4, None), vec![]),
        ],
        overwrites: vec![conflict],
        only_in_target: vec![post(8, None), post(9, Some("content/i.md"))],
        deleted: vec![post(7, Some("content/g.md"))],
        unchanged: 12,
        ..Plan::default()
    }
}

fn report(plan: &Plan) -> Report<'_> {
    Report {
        source: "sqlite:/a.db",
        target: "postgresql://me@db.example/blog",
        dry_run: false,
        plan,
        problems: &[],
        runs: 3,
    }
}

fn human(report: &Report<'_>) -> String {
    let mut out = Vec::new();
    report.write_human(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_line_tells_each_change_and_the_sum_both_stores() {
    let plan = plan();
    insta::assert_snapshot!(human(&report(&plan)), @r"
    create  content/a.md (id 1)
    update  content/b.md (id 2): title, body
    record  content/c\u{1b}.md (id 3)
    create  post 4, which no sync wrote
    2 created, 1 updated, 1 recorded, 12 unchanged in postgresql://me@db.example/blog, from sqlite:/a.db
    ");
    let rehearsal = Report {
        dry_run: true,
        ..report(&plan)
    };
    assert!(human(&rehearsal).contains("\nwould be: 2 created"));
}

#[test]
fn no_change_is_told_in_one_line() {
    let plan = Plan {
        unchanged: 1,
        ..Plan::default()
    };
    insta::assert_snapshot!(
        human(&report(&plan)),
        @"nothing changed: 1 post in postgresql://me@db.example/blog is as in sqlite:/a.db"
    );
}

#[test]
fn a_refusal_lists_ten_and_counts_the_others() {
    let conflict = |n| Conflict {
        kind: ConflictKind::Foreign,
        post: post(n, None),
        fields: vec!["tags"],
    };
    let plan = Plan {
        conflicts: (1..=12).map(conflict).collect(),
        ..Plan::default()
    };
    let (message, help) = report(&plan).refusal().unwrap();
    assert!(
        message.starts_with("12 posts would overwrite what others did in the target:\npost 1,")
    );
    assert!(message.ends_with("\nand 2 more"), "{message}");
    assert!(help.contains("--force"));
    // Values come first: no option overcomes them.
    let problems = [Problem {
        id: id(5).into(),
        column: "title".into(),
        reason: "is NULL".into(),
    }];
    let report = Report {
        problems: &problems,
        ..report(&plan)
    };
    let (message, _) = report.refusal().unwrap();
    insta::assert_snapshot!(message, @r"
    1 value of the source cannot be copied; nothing was written:
    post 5: title is NULL
    ");
}

#[test]
fn the_object_has_every_key_whatever_the_outcome() {
    let plan = plan();
    let report = report(&plan);
    let written = |outcome| {
        let mut out = Vec::new();
        write_json(&mut out, outcome, false).unwrap();
        serde_json::from_slice::<serde_json::Value>(&out).unwrap()
    };
    let done = written(Outcome::Done(&report));
    assert_eq!(done["status"], "done");
    assert_eq!(done["counts"]["runs"], 3);
    assert_eq!(done["changes"][3]["path"], serde_json::Value::Null);
    assert_eq!(done["changes"][1]["fields"][1], "content");
    let failed = written(Outcome::Failed {
        message: "no",
        help: None,
        findings: &[],
    });
    let keys = |value: &serde_json::Value| -> Vec<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(keys(&done), keys(&failed));
    assert_eq!(failed["counts"], serde_json::Value::Null);
}
