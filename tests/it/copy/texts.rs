//! Copies of a blog with locales: every text comes along with what blogctl keeps of it.

use serde_json::{Value as Json, json as value};

use super::{End, Pair};
use crate::support::database::TestDatabase;
use crate::support::project::{Output, Project};
use crate::support::relay::Relay;
use crate::support::test_blog::json;

const LOCALES: &str =
    "[locales]\ndefault = \"ko\"\nothers = [\"en\"]\npath = \"{locale}/{name}\"\n";

fn korean(id: i32, body: &str) -> String {
    format!(
        "---\nid: {id}\ntitle: 글 {id}\ncategory: GUIDE\ntags: [데이터]\ncreated_at: 2025-01-0{id}\n\
         ---\n인덱스 {body} {id} 이다.\n"
    )
}

fn english(id: i32, body: &str) -> String {
    format!("---\nid: {id}\ntitle: 글 {id}\n---\n{body} {id}.\n")
}

/// Three posts in Korean, two of them in English, too, and one in English alone; one of the
/// translations is stale.
fn publish(pair: &Pair) {
    let project = &pair.project;
    project.write("blogctl.toml", LOCALES);
    for id in 1..=3 {
        project.write(format!("content/ko/{id}.md"), korean(id, "본문"));
    }
    for id in 1..=2 {
        project.write(format!("content/en/{id}.md"), english(id, "The index body"));
    }
    let alone = "---\nid: 4\ntitle: Alone\ncategory: NOTE\n---\nOne language.\n";
    project.write("content/en/4.md", alone);
    pair.sync(&pair.source);
    project.write("content/ko/1.md", korean(1, "새 본문"));
    pair.sync(&pair.source);
}

/// Runs a copy from one store to another.
fn copy(project: &Project, from: &End, to: &End, args: &[&str]) -> Output {
    let (from, to) = (from.url(), to.url());
    let ends = ["copy", "--from", &from, "--to", &to];
    project.run(&[&ends, args].concat())
}

#[track_caller]
fn copy_json(project: &Project, from: &End, to: &End) -> Json {
    let told = json(&copy(project, from, to, &["--format", "json"]).expect_status(0));
    crate::support::schemas::assert_valid("copy", &told);
    told
}

/// Whether a store answers readers as another does, and has nothing to do for a sync or a copy.
#[track_caller]
fn assert_same(pair: &Pair, one: &End, other: &End, texts: usize) {
    for args in [
        &["list"][..],
        &["list", "--category", "GUIDE"],
        &["list", "--tag", "데이터"],
        &["search", "index"],
        &["search", "본문"],
        &["search", "데이터"],
        &["show", "1"],
        &["categories"],
        &["tags"],
    ] {
        for locale in ["ko", "en"] {
            let args = [args, &["--locale", locale, "--format", "json"]].concat();
            let of = |end: &End| pair.run(end, &args).expect_status(0).stdout;
            assert_eq!(of(one), of(other), "{args:?}");
        }
    }
    let before = other.dump();
    let again = copy(&pair.project, one, other, &[]).expect_status(0);
    let nothing = format!("nothing changed: {texts} posts");
    assert!(again.stdout.starts_with(&nothing), "{}", again.stdout);
    let synced = pair.sync(other);
    assert!(synced.stdout.starts_with(&nothing), "{}", synced.stdout);
    let stale = "hint[translation-stale]: content/ko/1.md has changed since";
    assert!(synced.stderr.contains(stale), "{}", synced.stderr);
    assert_eq!(synced.stderr.matches("translation-stale").count(), 1);
    assert_eq!(other.dump(), before);
}

#[test]
fn every_text_goes_from_a_server_to_a_file_and_to_another_server() {
    let pair = Pair::new(true, false);
    publish(&pair);
    let (source, file) = (&pair.source, &pair.target);
    let server = End::new(&pair.project, "third", true);
    let told = copy_json(&pair.project, source, file);
    assert_eq!(
        told["counts"],
        value!({"created": 6, "updated": 0, "recorded": 0, "unchanged": 0, "runs": 2})
    );
    let first = value!({
        "action": "create", "id": 1, "locale": "ko", "path": "content/ko/1.md", "fields": []
    });
    assert_eq!(told["changes"][0], first);
    assert_same(&pair, source, file, 6);
    let told = copy_json(&pair.project, file, &server);
    assert_eq!(told["counts"]["created"], 6);
    assert_same(&pair, file, &server, 6);

    // What changes in a text follows, and nothing else.
    pair.project
        .write("content/en/2.md", english(2, "Another body"));
    pair.sync(source);
    for (from, to) in [(source, file), (file, &server)] {
        let told = copy_json(&pair.project, from, to);
        let expected = value!([{
            "action": "update", "id": 2, "locale": "en", "path": "content/en/2.md",
            "fields": ["word_count", "content"]
        }]);
        assert_eq!(told["changes"], expected);
        assert_eq!(told["counts"]["unchanged"], 5);
        assert_same(&pair, from, to, 6);
    }
    // What a post says for all locales finds its other texts, too.
    let note = korean(2, "본문").replace("GUIDE", "NOTE");
    pair.project.write("content/ko/2.md", note);
    pair.sync(source);
    for (from, to) in [(source, file), (file, &server)] {
        let told = copy_json(&pair.project, from, to);
        assert_eq!(told["changes"].as_array().map(Vec::len), Some(1), "{told}");
        assert_eq!(told["changes"][0]["fields"], value!(["category"]));
        let found = [
            "search",
            "body",
            "--category",
            "NOTE",
            "--locale",
            "en",
            "--ids",
        ];
        assert_eq!(pair.run(to, &found).expect_status(0).stdout, "2\n");
        assert_same(&pair, from, to, 6);
    }
}

#[test]
fn texts_of_others_come_as_such_and_edited_ones_as_edited() {
    let pair = Pair::new(false, true);
    publish(&pair);
    pair.source.sql(
        "UPDATE post_translation SET content = 'theirs' WHERE post_id = 2 AND locale = 'en';
         INSERT INTO post_translation (post_id, locale, title) VALUES (3, 'en', 'By the app');
         INSERT INTO post_translation (post_id, locale, title) VALUES (3, 'fr', 'Un');
         INSERT INTO post (id, title) VALUES (40, 'By the app');
         DELETE FROM post_translation WHERE post_id = 1 AND locale = 'en'",
    );
    let told = pair.copy_json(&[], 0);
    assert_eq!(told["counts"]["created"], 7, "{told}");
    let fr = value!([{"id": 3, "locale": "fr", "path": null}]);
    assert_eq!(told["other_locales"], fr);
    let deleted = value!([{"id": 1, "locale": "en", "path": "content/en/1.md"}]);
    assert_eq!(told["deleted"], deleted);
    let told = pair.copy_json(&[], 0);
    assert_eq!(told["changes"], value!([]));
    assert_eq!(told["counts"]["unchanged"], 7);
    let refused = pair
        .run(&pair.target, &["sync", "content"])
        .expect_status(4);
    let edited = "content/en/2.md (id 2, en): its row was edited";
    assert!(refused.stderr.contains(edited), "{}", refused.stderr);
    let count = "SELECT count(*) FROM blogctl_translation";
    assert_eq!(pair.target.text(count), "5");
    // The target's own edits are conflicts of their texts.
    pair.target
        .sql("UPDATE post_translation SET content = 'ours' WHERE post_id = 4");
    let told = pair.copy_json(&[], 4);
    let conflict = value!([{
        "reason": "edited", "id": 4, "locale": "en", "path": "content/en/4.md",
        "fields": ["content"]
    }]);
    assert_eq!(told["conflicts"], conflict);
    pair.copy_json(&["--force"], 0);
    assert_eq!(pair.copy_json(&[], 0)["changes"], value!([]));
}

#[test]
fn a_post_from_before_the_locales_is_a_text_in_the_default_one() {
    let pair = Pair::new(false, true);
    pair.project.write("content/ko/1.md", korean(1, "본문"));
    pair.sync(&pair.source);
    pair.copy_json(&[], 0);
    pair.project.write("blogctl.toml", LOCALES);
    // Tables that were made before the blog had locales have no place for texts.
    let refused = pair.copy(&[]).expect_status(3);
    assert!(
        refused.stderr.contains("blogctl schema apply"),
        "{}",
        refused.stderr
    );
    pair.run(&pair.target, &["schema", "apply"])
        .expect_status(0);
    let told = pair.copy_json(&[], 0);
    assert_eq!(told["counts"]["updated"], 1, "{told}");
    assert_eq!(told["changes"][0]["locale"], "ko");
    assert_eq!(pair.copy_json(&[], 0)["counts"]["unchanged"], 1);
    let shown = pair.run(&pair.target, &["show", "1", "--locale", "ko"]);
    assert!(shown.expect_status(0).stdout.contains("본문"));
}

/// The round trips of a copy from a server, and to it.
fn round_trips(project: &Project, posts: i32, locales: bool) -> [usize; 4] {
    let (source, target) = (TestDatabase::create(), TestDatabase::create());
    for id in 1..=posts {
        project.write(format!("content/ko/{id}.md"), english(id, "본문"));
        if locales {
            project.write(format!("content/en/{id}.md"), english(id, "A body"));
        }
    }
    let url = source.plain_url();
    project
        .run(&["sync", "content", "--database", &url])
        .expect_status(0);
    let (from, to) = (Relay::before(&source), Relay::before(&target));
    let mut counted = Vec::new();
    for said in [" created", "nothing changed"] {
        let (from_url, to_url) = (from.url(&source), to.url(&target));
        let copied = project.run(&["copy", "--from", &from_url, "--to", &to_url]);
        let copied = copied.expect_status(0);
        assert!(copied.stdout.contains(said), "{}", copied.stdout);
        for relay in [&from, &to] {
            counted.push(relay.round_trips());
            relay.reset();
        }
    }
    counted.try_into().expect("two of each")
}

#[test]
fn a_copy_takes_no_more_round_trips_for_more_posts() {
    // Of the source to copy, of both to find nothing to do. How many the writes take depends on
    // whether the target answers while the source is read, once for each part of it.
    for (locales, expected, most) in [(false, [6, 3, 4], 4), (true, [10, 5, 6], 6)] {
        for posts in [1, 60] {
            let project = Project::new();
            if locales {
                project.write("blogctl.toml", LOCALES);
            }
            let [read, written, again, compared] = round_trips(&project, posts, locales);
            let counted = [read, again, compared];
            assert_eq!(counted, expected, "{posts} posts, locales: {locales}");
            assert!(
                written <= most,
                "{written}: {posts} posts, locales: {locales}"
            );
        }
    }
}
