//! Copies that are refused, forced, or fail.

use serde_json::json;

use super::{End, Pair};
use crate::support::test_blog::LOCK_KEY;

/// A pair with each kind of store as the source and as the target.
fn pairs() -> [Pair; 2] {
    [Pair::new(false, true), Pair::new(true, false)]
}

fn copied() -> [Pair; 2] {
    pairs().map(|pair| {
        pair.project
            .post_with(1, "One", "category: A\ntags: [a]", "One.\n")
            .post_with(2, "Two", "category: A", "Two.\n")
            .post(3, "Three");
        pair.sync(&pair.source);
        pair.copy(&[]).expect_status(0);
        pair
    })
}

#[test]
fn a_row_that_was_edited_at_the_target_is_overwritten_by_force_alone() {
    for pair in copied() {
        pair.target.sql(
            "UPDATE post SET title = 'Edited', category = 'B' WHERE id = 1;
             DELETE FROM post WHERE id = 2;
             UPDATE post SET image = 'theirs' WHERE id = 3",
        );
        let before = pair.target.dump();
        let refused = pair.copy_json(&[], 4);
        assert_eq!(
            refused["conflicts"],
            json!([
                {"reason": "edited", "id": 1, "path": "content/1.md", "fields": ["title", "category"]},
                {"reason": "deleted", "id": 2, "path": "content/2.md", "fields": []},
            ])
        );
        let told = pair.copy(&[]).expect_status(4);
        let expected = "\
error: 2 posts would overwrite what others did in the target:
  content/1.md (id 1): its row was edited since blogctl wrote it, and differs in title, category
  content/2.md (id 2): its row was deleted since blogctl wrote it
help: bring what is worth keeping to the source, then run it again with --force to overwrite what \
differs
";
        assert_eq!(told.stderr, expected);
        assert_eq!(pair.target.dump(), before);
        let forced = pair.copy_json(&["--force"], 0);
        // A value that no file states is the source's all the same.
        let counts = json!({"created": 1, "updated": 2, "recorded": 0, "unchanged": 0, "runs": 0});
        assert_eq!(forced["counts"], counts);
        assert_eq!(forced["overwrites"][0], refused["conflicts"][0]);
        for id in 1..=3 {
            assert_eq!(pair.shown(&pair.target, id), pair.shown(&pair.source, id));
        }
        let categories = |end: &End| pair.run(end, &["categories"]).stdout;
        assert_eq!(categories(&pair.target), categories(&pair.source));
        let again = pair.copy(&[]).expect_status(0);
        assert!(
            again.stdout.starts_with("nothing changed"),
            "{}",
            again.stdout
        );
    }
}

#[test]
fn rows_that_are_the_same_are_recorded_and_not_written() {
    for pair in pairs() {
        pair.project.post(1, "One").post(2, "Two");
        pair.sync(&pair.source);
        pair.sync(&pair.target);
        // The target forgets one post, and both stores have the times of one sync.
        let times = "created_at = NULL, updated_at = NULL";
        for end in [&pair.source, &pair.target] {
            end.sql(&format!("UPDATE post SET {times}"));
        }
        let source = match pair.target {
            End::File(_) => "blogctl_source",
            End::Server(_) => "blogctl.source",
        };
        pair.target
            .sql(&format!("DELETE FROM {source} WHERE post_id = 1"));
        let told = pair.copy_json(&[], 0);
        let counts = json!({"created": 0, "updated": 0, "recorded": 1, "unchanged": 1, "runs": 0});
        assert_eq!(told["counts"], counts);
        let synced = pair.sync(&pair.target);
        assert!(
            synced.stdout.starts_with("nothing changed: 2"),
            "{}",
            synced.stdout
        );
        assert_eq!(pair.copy_json(&[], 0)["counts"]["unchanged"], 2);
    }
}

#[test]
fn an_edit_at_the_source_is_one_at_the_target_as_well() {
    for pair in pairs() {
        pair.project.post(1, "One").post(2, "Two");
        pair.sync(&pair.source);
        pair.source
            .sql("UPDATE post SET title = 'Edited' WHERE id = 1; DELETE FROM post WHERE id = 2");
        let told = pair.copy_json(&[], 0);
        assert_eq!(told["counts"]["created"], 1);
        assert_eq!(told["deleted"], json!([{"id": 2, "path": "content/2.md"}]));
        assert_eq!(pair.shown(&pair.target, 1)["title"], "Edited");
        let refused = pair
            .run(&pair.target, &["sync", "content"])
            .expect_status(4);
        let line = "content/1.md (id 1): its row was edited since the last sync";
        assert!(refused.stderr.contains(line), "{}", refused.stderr);
        assert_eq!(pair.copy_json(&[], 0)["counts"]["unchanged"], 1);
        // Settled at the source, it is settled at the target.
        pair.run(&pair.source, &["sync", "content", "--force"])
            .expect_status(0);
        pair.copy(&[]).expect_status(4);
        pair.copy(&["--force"]).expect_status(0);
        let synced = pair.sync(&pair.target);
        assert!(
            synced.stdout.starts_with("nothing changed: 2"),
            "{}",
            synced.stdout
        );
    }
}

#[test]
fn posts_of_the_target_alone_are_left_alone_and_named() {
    for pair in copied() {
        pair.target
            .sql("INSERT INTO post (id, title) VALUES (50, 'Theirs')");
        pair.project.post(4, "Four");
        pair.sync(&pair.target);
        let told = pair.copy(&[]).expect_status(0);
        assert!(
            told.stdout.starts_with("nothing changed: 3"),
            "{}",
            told.stdout
        );
        let lines = "content/4.md (id 4)\n";
        assert!(
            told.stderr.contains("2 posts left alone, only in "),
            "{}",
            told.stderr
        );
        assert!(told.stderr.contains(lines), "{}", told.stderr);
        assert!(
            told.stderr.contains("post 50, which no sync wrote"),
            "{}",
            told.stderr
        );
    }
}

#[test]
fn a_value_that_cannot_be_read_is_named_and_nothing_is_written() {
    for pair in pairs() {
        pair.project.post(1, "One").post(2, "Two");
        pair.sync(&pair.source);
        let (edit, expected) = match pair.source {
            End::File(_) => (
                "UPDATE post SET category = CAST(x'ff' AS TEXT) WHERE id = 2",
                "post 2: category is not UTF-8",
            ),
            End::Server(_) => (
                "UPDATE post SET created_at = 'infinity' WHERE id = 2",
                "post 2: created_at is infinity",
            ),
        };
        pair.source.sql(edit);
        for args in [&["--dry-run"][..], &[]] {
            let told = pair.copy(args).expect_status(4);
            assert!(told.stderr.contains(expected), "{}", told.stderr);
        }
        assert_eq!(pair.copy_json(&[], 4)["problems"][0]["id"], 2);
        assert_eq!(pair.target.dump(), "");
    }
}

#[test]
fn a_body_of_3_mb_comes_along() {
    let pair = Pair::new(true, true);
    pair.project.post(1, "Long").post(2, "Two");
    pair.sync(&pair.source);
    // The words of a row that was edited are those of its file: no sync has to take them apart.
    let body = "줄 of text\n".repeat(250_000);
    let edit = "UPDATE post SET content = repeat(E'줄 of text\\n', 250000) WHERE id = 1";
    pair.source.sql(edit);
    pair.copy(&["-q"]).expect_status(0);
    let shown = pair.shown(&pair.target, 1);
    assert_eq!(shown["content"].as_str().map(str::len), Some(body.len()));
    assert_eq!(shown, pair.shown(&pair.source, 1));
}

#[test]
fn a_copy_that_fails_leaves_the_target_as_it_was() {
    let pair = Pair::new(false, true);
    pair.project.post(1, "One").post(2, "Two");
    pair.sync(&pair.source);
    pair.copy(&[]).expect_status(0);
    pair.project.post(2, "Two again").post(3, "Three");
    pair.sync(&pair.source);
    pair.target.sql(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
         CREATE TRIGGER refuse AFTER UPDATE ON post FOR EACH ROW WHEN (NEW.id = 2)
             EXECUTE FUNCTION refuse()",
    );
    let before = pair.target.dump();
    let told = pair.copy(&[]).expect_status(1);
    assert!(
        told.stderr.contains("nothing was written"),
        "{}",
        told.stderr
    );
    assert_eq!(pair.copy_json(&[], 1)["status"], "failed");
    assert_eq!(pair.target.dump(), before);

    pair.target.sql("DROP TRIGGER refuse ON post");
    let End::Server(database) = &pair.target else {
        unreachable!("the target is a server")
    };
    let holder = database.client();
    holder.batch(&format!("BEGIN; SELECT pg_advisory_xact_lock({LOCK_KEY})"));
    let told = pair.copy(&["--lock-timeout", "0"]).expect_status(4);
    assert!(
        told.stderr.contains("another sync is running"),
        "{}",
        told.stderr
    );
    holder.batch("ROLLBACK");
    pair.copy(&[]).expect_status(0);
}

#[test]
fn an_interrupted_copy_leaves_the_target_as_it_was() {
    let pair = Pair::new(false, true);
    pair.project.post(1, "One");
    pair.sync(&pair.source);
    pair.copy(&[]).expect_status(0);
    pair.project.post(1, "One again").post(2, "Two");
    pair.sync(&pair.source);
    let before = pair.target.dump();
    let End::Server(database) = &pair.target else {
        unreachable!("the target is a server")
    };
    // The copy has written its posts, and cannot record its run.
    let holder = database.client();
    holder.batch("BEGIN; LOCK TABLE blogctl.run IN SHARE MODE");
    let (from, to) = (pair.source.url(), pair.target.url());
    let mut copy = pair.project.spawn(&["copy", "--from", &from, "--to", &to]);
    let client = database.client();
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
        AND wait_event_type = 'Lock' AND wait_event = 'relation'";
    while client.text(waiting) == "0" {
        assert!(copy.is_running(), "{:#?}", copy.kill());
    }
    let pid = i32::try_from(copy.id()).expect("a process's number");
    // SAFETY: kill takes numbers; the process is a child of this one and not yet waited for.
    unsafe { libc::kill(pid, libc::SIGINT) };
    let told = copy.wait().expect_status(130);
    assert!(
        told.stderr.contains("nothing was written"),
        "{}",
        told.stderr
    );
    holder.batch("ROLLBACK");
    assert_eq!(pair.target.dump(), before);
}

#[test]
fn stores_that_cannot_be_copied_are_refused_with_the_usual_words() {
    for pair in pairs() {
        let told = pair.copy(&[]).expect_status(3);
        assert!(
            told.stderr.contains("has no blogctl tables yet"),
            "{}",
            told.stderr
        );
        let url = pair.source.url();
        let same = ["copy", "--from", &url, "--to", &url];
        let told = pair.project.run(&same).expect_status(2);
        assert!(
            told.stderr.contains("are the same store"),
            "{}",
            told.stderr
        );
        assert_eq!(pair.target.dump(), "");
    }
    let pair = Pair::new(false, false);
    pair.project.post(1, "One");
    pair.sync(&pair.source);
    let told = pair
        .project
        .run(&[
            "copy",
            "--from",
            "sqlite:source.db",
            "--to",
            "sqlite:./x/../source.db",
        ])
        .expect_status(2);
    assert!(
        told.stderr.contains("are the same store"),
        "{}",
        told.stderr
    );
    let told = pair
        .project
        .run(&[
            "copy",
            "--from",
            "me:hunter2@db.example/x",
            "--to",
            "sqlite:a.db",
        ])
        .expect_status(2);
    assert!(
        told.stderr.contains("--from does not hold the address"),
        "{}",
        told.stderr
    );
    assert!(!told.stderr.contains("hunter2"), "{}", told.stderr);
    pair.source.sql("UPDATE blogctl_state SET version = 2");
    let told = pair.copy(&[]).expect_status(3);
    assert!(
        told.stderr.contains("has tables of version 2"),
        "{}",
        told.stderr
    );
}

#[test]
fn tables_of_the_target_that_do_not_fit_are_findings() {
    let pair = Pair::new(false, true);
    pair.project.post(1, "One");
    pair.sync(&pair.source);
    pair.target
        .sql("CREATE TABLE post (id uuid PRIMARY KEY, title text NOT NULL)");
    let before = pair.target.dump();
    let told = pair.copy_json(&[], 3);
    assert_eq!(told["status"], "failed");
    let findings = told["findings"].as_array().unwrap();
    assert!(!findings.is_empty(), "{told:#}");
    assert_eq!(pair.target.dump(), before);
}
