//! Copies of a blog with locales: each text comes with all that blogctl keeps of it.

use serde_json::json as value;

use super::{End, Pair};
use crate::support::database::TestDatabase;
use crate::support::project::{Output, Project};
use crate::support::schemas::assert_valid;
use crate::support::test_blog::json;
use crate::support::variants::named;

const LOCALES: &str =
    "[locales]\ndefault = \"ko\"\nothers = [\"en\"]\npath = \"{locale}/{name}\"\n";

fn korean(id: i32, body: &str) -> String {
    format!(
        "---\nid: {id}\ntitle: 글 {id}\ncategory: GUIDE\ntags: [데이터]\nslug: post-{id}\n\
         created_at: 2025-01-0{id}\nlayout: wide\n---\n인덱스 {body} {id} 이다.\n"
    )
}

fn english(id: i32, body: &str) -> String {
    format!("---\nid: {id}\ntitle: Post {id}\nslug: post-{id}\nlayout: wide\n---\n{body} {id}.\n")
}

/// Three posts in Korean, the first in English, too, and the fourth in English alone. The English
/// text of the first is stale.
fn publish(project: &Project, sync: impl Fn()) {
    for id in 1..=3 {
        project.write(format!("content/ko/{id}.md"), korean(id, "본문"));
    }
    project
        .write("content/en/1.md", english(1, "The index body"))
        .write("content/en/4.md", english(4, "Alone"));
    sync();
    project.write("content/ko/1.md", korean(1, "새 본문"));
    sync();
}

#[track_caller]
fn assert_starts(output: &Output, with: &str) {
    assert!(output.stdout.starts_with(with), "{output:#?}");
}

/// Copies from one store to another, and has nothing to do when it is repeated.
#[track_caller]
fn copied(project: &Project, from: &End, to: &End, created: u64) {
    let (source, target) = (from.url(), to.url());
    let args = ["copy", "--from", &source, "--to", &target];
    let before = from.dump();
    let told = json(
        &project
            .run(&[&args[..], &["--format", "json"]].concat())
            .expect_status(0),
    );
    assert_valid("copy", &told);
    assert_eq!(told["counts"]["created"], created, "{told:#}");
    let after = to.dump();
    let again = project.run(&args).expect_status(0);
    assert_starts(&again, "nothing changed: ");
    assert_eq!(to.dump(), after);
    assert_eq!(from.dump(), before);
}

#[test]
fn the_texts_of_every_locale_go_from_store_to_store() {
    let pair = Pair::new(true, false);
    let project = &pair.project;
    let last = End::Server(TestDatabase::create());
    project.write("blogctl.toml", LOCALES);
    publish(project, || drop(pair.sync(&pair.source)));
    pair.source.sql(
        "INSERT INTO post (id, title, category) VALUES (40, 'By the app', 'NEWS');
         INSERT INTO post_translation (post_id, locale, title, content)
         VALUES (40, 'en', 'By the app', 'needle'), (2, 'en', 'Also by the app', 'needle')",
    );
    copied(project, &pair.source, &pair.target, 8);
    copied(project, &pair.target, &last, 8);
    for end in [&pair.target, &last] {
        for args in [
            &["list"][..],
            &["list", "--category", "GUIDE"],
            &["list", "--tag", "데이터"],
            &["list", "--stale", "en"],
            &["list", "--where", "layout=wide"],
            &["list", "--all-locales"],
            &["search", "index"],
            &["search", "본문"],
            &["search", "데이터"],
            &["search", "alone"],
            &["show", "1"],
            &["show", "--slug", "post-1"],
            &["categories"],
            &["tags"],
        ] {
            for locale in ["ko", "en"] {
                let args = [args, &["--locale", locale, "--format", "json"]].concat();
                let of = |end: &End| pair.run(end, &args).expect_status(0).stdout;
                // No sync of the source has counted the rows of the application yet.
                if !["categories", "tags"].contains(&args[0]) {
                    assert_eq!(of(end), of(&pair.source), "{args:?}");
                }
            }
        }
        let synced = pair.sync(end);
        assert_starts(&synced, "nothing changed: 5 posts");
        let stale = "hint[translation-stale]: content/ko/1.md has changed since";
        assert!(synced.stderr.contains(stale), "{}", synced.stderr);
    }
    // A sync of the copy goes on like one of the source.
    project.write("content/en/1.md", english(1, "The new index body"));
    for end in [&pair.source, &pair.target] {
        let synced = pair.sync(end);
        assert!(!synced.stderr.contains("translation-stale"), "{synced:#?}");
        assert!(synced.stdout.contains("1 updated"), "{synced:#?}");
    }
    // Only that text is left to bring to the other.
    let (from, to) = (pair.source.url(), last.url());
    let args = ["copy", "--from", &from, "--to", &to, "--format", "json"];
    let told = json(&project.run(&args).expect_status(0));
    assert_eq!(
        told["changes"],
        value!([{
            "action": "update", "id": 1, "locale": "en", "path": "content/en/1.md",
            "fields": ["word_count", "content"],
        }])
    );
    let synced = pair.sync(&last);
    assert_starts(&synced, "nothing changed: 5 posts");
    assert!(!synced.stderr.contains("translation-stale"), "{synced:#?}");
}

#[test]
fn a_text_that_someone_edited_in_the_target_is_a_conflict() {
    let pair = Pair::new(false, false);
    pair.project.write("blogctl.toml", LOCALES);
    publish(&pair.project, || drop(pair.sync(&pair.source)));
    copied(&pair.project, &pair.source, &pair.target, 5);
    pair.target
        .sql("UPDATE post_translation SET content = 'theirs' WHERE post_id = 1 AND locale = 'en'");
    let told = pair.copy_json(&[], 4);
    assert_eq!(
        told["conflicts"],
        value!([{
            "reason": "edited", "id": 1, "locale": "en", "path": "content/en/1.md",
            "fields": ["content"],
        }])
    );
    let told = pair.copy_json(&["--force"], 0);
    assert_eq!(told["counts"]["updated"], 1);
    assert_starts(&pair.sync(&pair.target), "nothing changed: 5 posts");
    // An edit of the source comes along as one.
    pair.source
        .sql("UPDATE post_translation SET content = 'edited' WHERE post_id = 1 AND locale = 'en'");
    assert_eq!(pair.copy_json(&[], 0)["counts"]["updated"], 1);
    assert_starts(&pair.copy(&[]).expect_status(0), "nothing changed: 5 posts");
    let refused = pair
        .run(&pair.target, &["sync", "content"])
        .expect_status(4);
    let said = "content/en/1.md (id 1, en): its row was edited";
    assert!(refused.stderr.contains(said), "{}", refused.stderr);
    // Without the locale its texts are left out, and named.
    pair.project
        .write("blogctl.toml", LOCALES.replace("\"en\"", "\"fr\""));
    let other = End::File(pair.project.path("other.db"));
    let (from, to) = (pair.source.url(), other.url());
    let args = ["copy", "--from", &from, "--to", &to, "--format", "json"];
    let told = json(&pair.project.run(&args).expect_status(0));
    assert_eq!(told["counts"]["created"], 3, "{told:#}");
    assert_eq!(told["other_locales"].as_array().map(Vec::len), Some(2));
}

#[test]
fn posts_from_before_the_blog_had_locales_are_copied_as_the_default_ones() {
    let pair = Pair::new(true, false);
    pair.project
        .write("content/ko/1.md", korean(1, "본문"))
        .write("content/ko/2.md", korean(2, "본문"));
    pair.sync(&pair.source);
    pair.project.write("blogctl.toml", LOCALES);
    let refused = pair.copy(&[]);
    assert_ne!(refused.status, 0, "{refused:#?}");
    assert!(
        refused.stderr.contains("blogctl schema apply"),
        "{refused:#?}"
    );
    pair.run(&pair.source, &["schema", "apply"])
        .expect_status(0);
    copied(&pair.project, &pair.source, &pair.target, 2);
    let list = ["search", "본문", "--locale", "ko", "--ids"];
    let listed = pair.run(&pair.target, &list).expect_status(0);
    assert_eq!(listed.stdout, "2\n1\n");
    // The first sync with locales records what each has for itself, in the copy as in the source.
    for end in [&pair.source, &pair.target] {
        let synced = pair.sync(end);
        assert!(synced.stdout.contains(" 2 updated"), "{synced:#?}");
        assert_starts(&pair.sync(end), "nothing changed: 2 posts");
    }
}

#[test]
fn tables_with_translations_go_to_a_file_and_back() {
    let project = Project::new();
    let of_tables = || End::Server(named("version B").create());
    let (first, second) = (of_tables(), of_tables());
    let file = End::File(project.path("target.db"));
    let settings = |end: &End| {
        let tables = named("version B").tables;
        project.write(
            "blogctl.toml",
            format!("database = \"{}\"\n{tables}", end.url()),
        );
    };
    settings(&first);
    for id in 1..=3 {
        let post = format!(
            "---\nid: {id}\ntitle: 글 {id}\ncategory: GUIDE\ntags: [a]\n\
             created_at: 2025-01-0{id}\n---\n인덱스 {id}\n"
        );
        project.write(format!("content/ko/{id}.md"), post);
    }
    let english = |body: &str| format!("---\nid: 1\nlocale: en\n---\n{body}\n");
    project.write("content/en/1.md", english("An index"));
    let synced = project.run(&["sync", "content"]).expect_status(0);
    assert!(synced.stdout.contains("4 created"), "{synced:#?}");
    copied(&project, &first, &file, 4);
    settings(&second);
    copied(&project, &file, &second, 4);
    let site = "SELECT string_agg(p.id || ' ' || p.title || ' ' || p.category || ' ' || t.locale
                    || ' ' || t.content || t.word_count, ',' ORDER BY p.id, t.locale)
                FROM post p JOIN post_translation t ON t.post_id = p.id WHERE p.id < 1000";
    assert_eq!(second.text(site), first.text(site));
    let synced = project.run(&["sync", "content"]).expect_status(0);
    assert_starts(&synced, "nothing changed: 4 posts");
    // What changes in one text follows alone.
    project.write("content/en/1.md", english("A better index"));
    project.run(&["sync", "content"]).expect_status(0);
    let (from, to) = (second.url(), file.url());
    let args = ["copy", "--from", &from, "--to", &to, "--format", "json"];
    let told = json(&project.run(&args).expect_status(0));
    assert_eq!(told["counts"]["updated"], 1, "{told:#}");
    assert_eq!(told["changes"][0]["locale"], "en");
    assert_eq!(told["counts"]["unchanged"], 3);
}
