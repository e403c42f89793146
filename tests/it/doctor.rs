//! `doctor` as a user runs it: a healthy blog, and one with each thing wrong.

mod file;
mod reaching;
mod replica;
mod tables;

use serde_json::Value;

use crate::support::database::TestDatabase;
use crate::support::project::{Output, Project};
use crate::support::schemas::assert_valid;
use crate::support::test_blog::{TestBlog, json, on_both_stores};

on_both_stores!(
    posts_that_changed_are_a_hint,
    rows_that_others_changed_are_an_error_because_a_sync_refuses,
    errors_in_the_content_end_with_the_status_of_a_sync,
    a_directory_that_is_not_there_is_found_and_not_a_usage_message,
    a_sync_that_runs_is_a_hint,
    a_store_without_tables_is_healthy_and_stays_without,
    tables_of_another_version_are_an_error,
    quiet_leaves_out_what_is_well,
    the_json_has_the_documented_fields,
);

/// A database with a published post, asked over an address.
struct Patient {
    project: Project,
    database: TestDatabase,
}

impl Patient {
    fn new() -> Self {
        Self::of(TestDatabase::create())
    }

    fn of(database: TestDatabase) -> Self {
        let patient = Self {
            project: Project::new(),
            database,
        };
        patient
            .project
            .post_with(1, "One", "category: guide\ntags: [a]\n", "Its body.\n");
        let url = patient.database.plain_url();
        let args = ["sync", "content", "--database", &url];
        patient.project.run(&args).expect_status(0);
        patient
    }

    /// `doctor` over an address, with more arguments.
    fn doctor(&self, url: &str, args: &[&str]) -> Output {
        let args = [&["doctor", "--database", url], args].concat();
        let output = self.project.run(&args);
        let password = &self.database.endpoint().password;
        let Output { stdout, stderr, .. } = &output;
        assert!(!stdout.contains(password.as_str()), "{stdout}");
        assert!(!stderr.contains(password.as_str()), "{stderr}");
        output
    }

    /// Returns the findings of one check, over TCP without TLS, and the exit status.
    #[track_caller]
    fn found(&self, check: &str, status: i32) -> Vec<Found> {
        let url = self.database.plain_url();
        let output = self.doctor(&url, &["--format", "json"]);
        found(&output.expect_status(status), check)
    }
}

/// A finding: level, message, help.
type Found = (String, String, String);

#[track_caller]
fn found(output: &Output, check: &str) -> Vec<Found> {
    let answer = json(output);
    assert_valid("doctor", &answer);
    let findings = answer["findings"].as_array().expect("there are findings");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    findings
        .iter()
        .filter(|finding| finding["rule"] == check)
        .map(|finding| {
            (
                text(&finding["level"]),
                text(&finding["message"]),
                text(&finding["help"]),
            )
        })
        .collect()
}

/// The one finding of a check.
#[track_caller]
fn only(found: Vec<Found>) -> Found {
    let [one] = <[Found; 1]>::try_from(found).unwrap_or_else(|found| panic!("{found:#?}"));
    one
}

/// Runs `doctor`, demands a status, and returns what was found of a check.
#[track_caller]
fn examined(site: &TestBlog, args: &[&str], status: i32, check: &str) -> Vec<Found> {
    let args = [&["doctor", "--format", "json"], args].concat();
    found(&site.run(&args).expect_status(status), check)
}

fn published(site: &TestBlog) {
    for id in 1..=3 {
        site.project.post(id, &format!("Post {id}"));
    }
    site.sync(&[]);
}

fn posts_that_changed_are_a_hint(site: &TestBlog) {
    published(site);
    let (level, message, _) = only(examined(site, &[], 0, "drift"));
    assert_eq!(
        (&*level, &*message),
        ("ok", "3 posts are as their files say")
    );
    site.project.post(1, "Another title").post(4, "New");
    site.project.rename("content/2.md", "content/a/2.md");
    site.project.remove("content/3.md");
    let (level, message, remedy) = only(examined(site, &[], 0, "drift"));
    assert_eq!(
        (&*level, &*message),
        (
            "hint",
            "1 to create, 1 to update, 1 to move, 1 without a published file, 0 unchanged"
        )
    );
    assert!(remedy.contains("--prune"), "{remedy}");
    // Nothing of it was done.
    assert_eq!(site.ids(), [3, 2, 1]);
}

fn rows_that_others_changed_are_an_error_because_a_sync_refuses(site: &TestBlog) {
    published(site);
    site.sql(match site.is_postgres() {
        true => "UPDATE public.post SET title = 'Edited' WHERE id = 2",
        false => "UPDATE post SET title = 'Edited' WHERE id = 2",
    });
    let (level, message, remedy) = only(examined(site, &[], 4, "conflicts"));
    assert_eq!(level, "error");
    assert_eq!(
        message,
        "1 row in the way of a sync: content/2.md (id 2): its row was edited since the last sync: \
         title"
    );
    assert!(remedy.contains("--force"), "{remedy}");
    site.run(&["sync", "content"]).expect_status(4);
}

fn errors_in_the_content_end_with_the_status_of_a_sync(site: &TestBlog) {
    published(site);
    site.project
        .write("content/4.md", "---\nid: x\ntitle: T\n---\n")
        .write("content/5.md", "---\nid: 1\ntitle: T\n---\n");
    let (level, message, remedy) = only(examined(site, &[], 1, "content"));
    assert_eq!(level, "error");
    assert!(message.contains("content/4.md:2: "), "{message}");
    assert!(remedy.contains("`blogctl check`"), "{remedy}");
    // Files that cannot be read say nothing of the rows.
    assert_eq!(examined(site, &[], 1, "drift"), []);
    site.run(&["sync", "content"]).expect_status(1);
}

fn a_directory_that_is_not_there_is_found_and_not_a_usage_message(site: &TestBlog) {
    let (level, message, _) = only(examined(site, &[], 0, "content"));
    assert_eq!(level, "warning");
    assert_eq!(message, "there is no content/");
    // Who names one means it.
    let (level, ..) = only(examined(site, &["posts/"], 2, "content"));
    assert_eq!(level, "error");
    examined(site, &["--strict"], 2, "content");
}

fn a_sync_that_runs_is_a_hint(site: &TestBlog) {
    published(site);
    assert_eq!(examined(site, &[], 0, "lock"), []);
    let hold = site.hold();
    let (level, message, _) = only(examined(site, &[], 0, "lock"));
    assert_eq!(level, "hint");
    assert!(message.starts_with("a sync is running: "), "{message}");
    hold.release();
    assert_eq!(examined(site, &[], 0, "lock"), []);
}

fn a_store_without_tables_is_healthy_and_stays_without(site: &TestBlog) {
    site.project.post(1, "One");
    let output = site.run(&["doctor"]).expect_status(0);
    assert!(output.stdout.contains("first sync makes"), "{output:#?}");
    assert!(output.stdout.contains("1 to create"), "{output:#?}");
    assert_eq!(site.dump(), "");
}

fn tables_of_another_version_are_an_error(site: &TestBlog) {
    published(site);
    site.set_version(99);
    let (level, message, remedy) = only(examined(site, &[], 3, "schema"));
    assert_eq!(level, "error");
    assert!(message.contains("version 99"), "{message}");
    assert_eq!(remedy, "upgrade blogctl");
    // Said once.
    let (level, ..) = only(examined(site, &[], 3, "drift"));
    assert_eq!(level, "hint");
}

fn quiet_leaves_out_what_is_well(site: &TestBlog) {
    published(site);
    let output = site.run(&["doctor", "--quiet"]).expect_status(0);
    assert_eq!((&*output.stdout, &*output.stderr), ("", ""));
}

fn the_json_has_the_documented_fields(site: &TestBlog) {
    published(site);
    let answer = site.json(&["doctor", "--format", "json"]);
    assert_eq!(answer["healthy"], true);
    for finding in answer["findings"].as_array().expect("a list") {
        let fields = finding.as_object().expect("an object");
        assert_eq!(fields.len(), 7, "{finding}");
        for field in ["rule", "level", "message"] {
            assert!(finding[field].is_string(), "{finding}");
        }
        for field in ["help", "path", "range", "fix"] {
            assert!(fields.contains_key(field), "{finding}");
        }
    }
    let facts = &answer["facts"];
    assert_eq!(facts["drift"]["unchanged"], 3);
    assert_eq!(facts["content"]["published"], 3);
    let (here, there) = match site.is_postgres() {
        true => ("postgres", "sqlite"),
        false => ("sqlite", "postgres"),
    };
    assert_eq!(facts[there], Value::Null);
    let store = &facts[here];
    assert_eq!(store["schema"]["found"], blogctl::model::SCHEMA_VERSION);
    assert_eq!(store["last_run"]["directory"], "content");
    assert_eq!(store["lock_holder"], Value::Null);
    let queries = store["queries"].as_array().expect("a list");
    assert!(queries.len() > 5, "{store}");
    for query in queries {
        assert_eq!(query["full_scans"], serde_json::json!([]), "{query}");
        assert_eq!(query["error"], Value::Null, "{query}");
    }
}
