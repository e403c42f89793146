//! Stores that an earlier version of the program made.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::support::site::Site;

/// A project whose store the program of version 1 made.
fn site_of_version_1() -> Site {
    let site = Site::embedded();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/v1");
    let files = [
        ("content.db", ".blogctl/content.db"),
        ("content/first.md", "content/first.md"),
        ("content/second.md", "content/second.md"),
        ("content/third.md", "content/third.md"),
    ];
    for (from, to) in files {
        let bytes = fs::read(fixture.join(from)).expect("the fixture is there");
        site.project.write(to, bytes);
    }
    site
}

/// Requires everything that the program of version 1 answered; fields may have come since.
#[track_caller]
fn assert_holds(found: &Json, before: &Json) {
    match (found, before) {
        (Json::Object(found), Json::Object(before)) => {
            for (key, value) in before {
                assert_holds(found.get(key).expect(key), value);
            }
        }
        (Json::Array(found), Json::Array(before)) => {
            assert_eq!(found.len(), before.len());
            for (found, before) in found.iter().zip(before) {
                assert_holds(found, before);
            }
        }
        (found, before) => assert_eq!(found, before),
    }
}

#[test]
fn a_file_of_version_1_is_upgraded_and_answers_as_before() {
    let site = site_of_version_1();
    let refused = site.run(&["list"]).expect_status(3);
    assert!(refused.stderr.contains("run `blogctl schema apply`"));
    let applied = site.run(&["schema", "apply"]).expect_status(0).stdout;
    assert!(applied.contains("from version 1 to "), "{applied}");
    let answers = [
        (
            include_str!("../fixtures/v1/list.json"),
            &["list", "--all"][..],
        ),
        (include_str!("../fixtures/v1/show.json"), &["show", "1"]),
        (
            include_str!("../fixtures/v1/search.json"),
            &["search", "인덱스"],
        ),
    ];
    for (before, args) in answers {
        let found = site.json(&[args, &["--format", "json"]].concat());
        let before: Json = serde_json::from_str(before).expect("the fixture is JSON");
        assert_holds(&found, &before);
    }
    let before = site.json(&["list", "--all", "--format", "json"]);
    let synced = site.sync(&[]).stdout;
    assert!(synced.starts_with("nothing changed: 3 posts "), "{synced}");
    assert_eq!(site.json(&["list", "--all", "--format", "json"]), before);
}

#[test]
fn an_upgraded_file_has_the_tables_of_a_new_one() {
    let tables = |site: &Site| -> Vec<(String, Option<String>)> {
        let connection = rusqlite::Connection::open(site.file()).expect("the store is there");
        let mut statement = connection
            .prepare("SELECT name, sql FROM sqlite_schema ORDER BY type, name")
            .expect("every file has it");
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        let rows = rows.expect("it can be read");
        rows.map(|row| row.expect("it can be read")).collect()
    };
    let (old, new) = (site_of_version_1(), Site::embedded());
    for site in [&old, &new] {
        site.run(&["schema", "apply"]).expect_status(0);
    }
    assert_eq!(tables(&old), tables(&new));
}
