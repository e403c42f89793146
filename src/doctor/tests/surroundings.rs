//! Findings about everything but a database: the setting, the replica, the files, a store in a file.

use super::super::facts::{Content, Drift, Problem, Replica, ReplicaState, Sqlite, Unreachable};
use super::*;

#[test]
fn a_setting_is_told_with_who_gave_it() {
    let setting = |source: &str| Facts {
        setting: Setting {
            source: Some(source.into()),
            location: Some("postgresql://ann@db.example/blog".into()),
            ..Setting::default()
        },
        ..Facts::default()
    };
    let message = |facts: &Facts| findings(facts, now())[0].message.clone();
    assert_eq!(
        message(&setting(".env")),
        "postgresql://ann@db.example/blog (.env)"
    );
    assert!(message(&setting("default")).contains("nothing names a database"));
    let mut nowhere = setting("default");
    nowhere.setting.is_ephemeral = true;
    insta::assert_snapshot!(told(&nowhere).join("\n"), @r"error setting: CI is set and no database is given: a sync would refuse postgresql://ann@db.example/blog | set DATABASE_URL or --database; a store in a file is --database sqlite:PATH");
    assert_eq!(
        verdict(&findings(&nowhere, now()), false),
        Some(Area::Guard)
    );
    let mut noted = setting(".env");
    noted.setting.notes = vec![
        ("left out: a".into(), false),
        ("not enforced: b".into(), true),
    ];
    insta::assert_snapshot!(told(&noted).join("\n"), @r"
    hint setting: left out: a | -
    warning setting: not enforced: b | -
    ");
    let mut bad = Facts::default();
    bad.setting.problem = Some(Problem {
        message: ".env does not hold the address of a database".into(),
        remedy: Some("write one".into()),
    });
    assert_eq!(verdict(&findings(&bad, now()), false), Some(Area::Setting));
}

#[test]
fn what_cannot_be_reached_is_told_with_its_stage() {
    let facts = |stage: Option<&str>| Facts {
        unreachable: Some(Unreachable {
            stage: stage.map(str::to_owned),
            problem: Problem {
                message: "db.example:5432: refused".into(),
                remedy: Some("check host and port".into()),
            },
        }),
        ..Facts::default()
    };
    insta::assert_snapshot!([
        told(&facts(Some("logging in"))).concat(),
        told(&facts(None)).concat(),
    ].join("\n"), @r"
    error connection: logging in failed: db.example:5432: refused | check host and port
    error connection: db.example:5432: refused | check host and port
    ");
    let found = findings(&facts(None), now());
    assert_eq!(verdict(&found, false), Some(Area::Store));
}

#[test]
fn a_replica_is_told_by_how_far_it_is_behind() {
    let told = |generation, primary, is_in_recovery| {
        let replica = Replica {
            source: "--read-database".into(),
            location: "postgresql://r/d".into(),
            state: Ok(ReplicaState {
                is_in_recovery,
                lag: Some(Duration::from_secs(70)),
                generation,
                primary_generation: primary,
            }),
            is_refused: false,
            is_backed: true,
        };
        let finding = crate::doctor::replica(&replica);
        format!("{} {}", finding.level.as_str(), finding.message)
    };
    let cases = [
        (Some(4), Some(4), Some(true)),
        (Some(3), Some(4), Some(true)),
        (Some(1), Some(4), Some(true)),
        (Some(5), Some(4), Some(true)),
        (Some(4), Some(4), Some(false)),
        (Some(4), Some(4), None),
        (None, Some(4), Some(true)),
        (Some(4), None, Some(false)),
    ];
    let lines: Vec<String> = cases
        .into_iter()
        .map(|(generation, primary, follows)| told(generation, primary, follows))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    ok postgresql://r/d (--read-database) has all that was published
    hint postgresql://r/d (--read-database) is 1 sync behind; the last that it has was written 70 s ago
    hint postgresql://r/d (--read-database) is 3 syncs behind; the last that it has was written 70 s ago
    warning postgresql://r/d (--read-database) has seen syncs that the primary has not
    warning postgresql://r/d (--read-database) follows no other server: it is not a replica
    ok postgresql://r/d (--read-database) has all that was published
    warning postgresql://r/d (--read-database) has no blogctl tables
    ok postgresql://r/d (--read-database) answers
    ");
}

#[test]
fn a_replica_that_fails_weighs_what_it_costs() {
    let level = |is_refused, is_backed| {
        let replica = Replica {
            source: "--read-database".into(),
            location: "postgresql://r/d".into(),
            state: Err(Problem::default()),
            is_refused,
            is_backed,
        };
        crate::doctor::replica(&replica).level
    };
    assert_eq!(level(false, true), Level::Warning);
    assert_eq!(level(false, false), Level::Error);
    assert_eq!(level(true, true), Level::Error);
}

fn files(content: Content) -> Facts {
    Facts {
        content: Some(Content {
            directory: "content".into(),
            ..content
        }),
        ..Facts::default()
    }
}

#[test]
fn the_files_are_told_by_what_is_wrong_with_them() {
    let good = Content {
        published: 3,
        ..Content::default()
    };
    assert_eq!(told(&files(good.clone())), [""; 0]);
    let lines =
        |count: usize| -> Vec<String> { (1..=count).map(|n| format!("{n}.md:1: bad")).collect() };
    insta::assert_snapshot!([
        told(&files(Content { errors: lines(5), ..good.clone() })).concat(),
        told(&files(Content { warnings: lines(1), drafts: 1, ..good.clone() })).concat(),
        told(&files(Content::default())).concat(),
    ].join("\n"), @r"
    error content: 5 errors: 1.md:1: bad; 2.md:1: bad; 3.md:1: bad; and 2 more | run `blogctl check content`, which shows each with its line
    warning content: 3 posts, 1 draft, 1 warning: 1.md:1: bad | run `blogctl check content`, which shows each with its line
    warning content: there is no post to publish in content | -
    ");
    let missing = |is_default| {
        let content = Content {
            problem: Some(Problem::default()),
            is_default,
            ..Content::default()
        };
        findings(&files(content), now())[0].level
    };
    assert_eq!(missing(true), Level::Warning);
    assert_eq!(missing(false), Level::Error);
}

#[test]
fn drift_is_a_note_and_conflicts_are_errors() {
    let told = |drift: Drift| {
        told(&Facts {
            drift: Some(Ok(drift)),
            ..Facts::default()
        })
        .join("\n")
    };
    assert_eq!(
        told(Drift {
            unchanged: 3,
            ..Drift::default()
        }),
        ""
    );
    insta::assert_snapshot!([
        told(Drift { created: 1, unchanged: 3, ..Drift::default() }),
        told(Drift { orphaned: 2, ..Drift::default() }),
        told(Drift { updated: 1, moved: 2, orphaned: 2, ..Drift::default() }),
    ].join("\n"), @r"
    hint drift: 1 to create, 3 unchanged | a sync publishes the changes
    hint drift: 2 without a published file, 0 unchanged | a sync with --prune removes what has no file
    hint drift: 1 to update, 2 to move, 2 without a published file, 0 unchanged | a sync publishes the changes; with --prune it removes what has no file
    ");
    insta::assert_snapshot!(told(Drift {
        conflicts: (1..=5).map(|n| format!("{n}.md (id {n}): edited")).collect(),
        ..Drift::default()
    }), @r"error conflicts: 5 rows in the way of a sync: 1.md (id 1): edited; 2.md (id 2): edited; 3.md (id 3): edited; and 2 more | copy what is worth keeping into the files, then run the sync with --force to overwrite the rows");
}

#[test]
fn what_kept_the_rows_from_being_read_is_told_once() {
    let unread = || Some(Err(Problem::default()));
    let alone = Facts {
        drift: unread(),
        ..Facts::default()
    };
    assert_eq!(findings(&alone, now())[0].level, Level::Error);
    let mut database = healthy();
    database.schema = None;
    let mut said = of(database);
    said.drift = unread();
    assert_eq!(findings(&said, now()).last().unwrap().level, Level::Hint);
}

#[test]
fn the_first_error_decides_and_a_warning_where_it_counts() {
    let of = |levels: &[(Level, Area)]| -> Vec<Finding> {
        levels
            .iter()
            .map(|(level, area)| Finding::new("x", *level, "").in_area(*area))
            .collect()
    };
    let found = of(&[
        (Level::Warning, Area::Setting),
        (Level::Error, Area::Content),
        (Level::Error, Area::Guard),
    ]);
    assert_eq!(verdict(&found, false), Some(Area::Content));
    assert_eq!(verdict(&found, true), Some(Area::Content));
    let found = of(&[(Level::Hint, Area::Store), (Level::Warning, Area::Setting)]);
    assert_eq!(verdict(&found, false), None);
    assert_eq!(verdict(&found, true), Some(Area::Setting));
}

/// A store in a file with nothing wrong.
fn file() -> Sqlite {
    Sqlite {
        path: "/blog/.blogctl/content.db".into(),
        size: Some(3 << 20),
        unwritable: None,
        open_to_others: vec![],
        journal: Some("wal".into()),
        damage: vec![],
        is_check_cut: false,
        version: "3.50.0".into(),
        schema: Some(SchemaState::Version(SCHEMA_VERSION)),
        missing: vec![],
        queries: vec![],
        holder: None,
        last_run: None,
    }
}

#[test]
fn each_thing_about_a_file_is_told() {
    let broken = |change: &dyn Fn(&mut Sqlite)| {
        let mut store = file();
        change(&mut store);
        let facts = Facts {
            store: Some(Store::Sqlite(Box::new(store))),
            ..Facts::default()
        };
        told(&facts).join("\n")
    };
    assert_eq!(broken(&|_| {}), "");
    insta::assert_snapshot!([
        broken(&|s| s.size = None),
        broken(&|s| s.unwritable = Some("permission denied".into())),
        broken(&|s| s.open_to_others = vec!["a (mode 666)".into(), "b (mode 777)".into()]),
        broken(&|s| s.journal = Some("delete".into())),
        broken(&|s| s.damage = vec!["a".into(), "b".into()]),
        broken(&|s| s.is_check_cut = true),
        broken(&|s| s.schema = Some(SchemaState::Absent)),
        broken(&|s| s.missing = vec!["post_category_id_idx".into()]),
        broken(&|s| s.holder = Some("process 7".into())),
    ].join("\n"), @r"
    hint file: not there yet: the first sync makes it | -
    error file: cannot be written to: permission denied | the file and its folder must be writable; correct their permissions, or name another file with `--database sqlite:PATH`
    warning permissions: others may write to a (mode 666), b (mode 777) | take the right away with `chmod go-w`, unless they are to publish there, too
    hint journal: delete, SQLite 3.50.0: readers wait while a sync writes | -
    error integrity: the database is damaged: a (and 1 more) | restore it from a backup, or move it away and run `blogctl sync`, which builds it again from the files
    hint integrity: nothing wrong as far as a few seconds went | -
    hint schema: no blogctl tables yet: the first sync makes those of version 4 | -
    error indexes: missing: post_category_id_idx | run `blogctl schema apply`, which makes what is missing
    hint lock: a sync is running: process 7 | -
    ");
}
