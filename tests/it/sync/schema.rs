//! The tables: who makes them, which version they have, and tables that were there before.

use blogctl::model::SCHEMA_VERSION;

use crate::support::test_blog::{TestBlog, on_both_stores};

on_both_stores!(
    the_first_sync_makes_the_tables,
    the_schema_is_applied_once,
    the_status_is_told_in_every_state,
    older_tables_ask_for_the_schema,
    newer_tables_ask_for_a_newer_program,
    the_printed_schema_is_the_applied_one,
);

fn state(site: &TestBlog) -> String {
    let status = site.json(&["schema", "status", "--format", "json"]);
    status["state"].as_str().expect("it has a state").to_owned()
}

fn the_first_sync_makes_the_tables(site: &TestBlog) {
    site.project.post(1, "One");
    assert_eq!(state(site), "absent");
    assert_eq!(site.dump(), "", "asking makes nothing");
    site.sync(&[]);
    assert_eq!(state(site), "current");
}

fn the_schema_is_applied_once(site: &TestBlog) {
    let first = site.run(&["schema", "apply"]).expect_status(0);
    assert!(
        first
            .stdout
            .starts_with(&format!("made the tables of version {SCHEMA_VERSION} in ")),
        "{}",
        first.stdout
    );
    site.project.post(1, "One");
    site.sync(&[]);
    let before = site.dump();
    let again = site.run(&["schema", "apply"]).expect_status(0);
    assert!(
        again.stdout.starts_with("nothing to do: "),
        "{}",
        again.stdout
    );
    assert_eq!(site.dump(), before);
}

fn the_status_is_told_in_every_state(site: &TestBlog) {
    let human = |site: &TestBlog| {
        let output = site.run(&["schema", "status"]).expect_status(0);
        output.stdout
    };
    assert!(human(site).contains("has no blogctl tables"));
    site.run(&["schema", "apply"]).expect_status(0);
    let current = format!("has tables of version {SCHEMA_VERSION}, as needed");
    assert!(human(site).contains(&current));
    for (version, expected) in [(0, "older"), (SCHEMA_VERSION + 1, "newer")] {
        site.set_version(version);
        assert_eq!(state(site), expected);
        assert_eq!(human(site).lines().count(), 2, "the remedy is below");
    }
}

/// Every command that reads or writes posts fails alike and changes nothing.
#[track_caller]
fn all_ask_for(site: &TestBlog, version: i32, remedy: &str) {
    site.project.post(1, "One");
    site.sync(&[]);
    site.project.post(1, "One, edited");
    site.set_version(version);
    let before = site.dump();
    let commands: [&[&str]; 7] = [
        &["sync"],
        &["sync", "--force"],
        &["list"],
        &["show", "1"],
        &["categories"],
        &["tags"],
        &["history"],
    ];
    for args in commands {
        let output = site.run(args).expect_status(3);
        let words = format!(
            "has tables of version {version}, and this blogctl needs version {SCHEMA_VERSION}"
        );
        assert!(
            output.stderr.contains(&words),
            "{args:?}: {}",
            output.stderr
        );
        assert!(
            output.stderr.contains(remedy),
            "{args:?}: {}",
            output.stderr
        );
        assert_eq!(output.stdout, "", "{args:?}");
    }
    assert_eq!(site.dump(), before);
}

fn older_tables_ask_for_the_schema(site: &TestBlog) {
    all_ask_for(site, 0, "help: run `blogctl schema apply`");
}

fn newer_tables_ask_for_a_newer_program(site: &TestBlog) {
    all_ask_for(site, SCHEMA_VERSION + 1, "help: upgrade blogctl");
    let before = site.dump();
    let output = site.run(&["schema", "apply"]).expect_status(3);
    assert!(
        output.stderr.contains("upgrade blogctl"),
        "{}",
        output.stderr
    );
    assert_eq!(site.dump(), before);
}

fn the_printed_schema_is_the_applied_one(site: &TestBlog) {
    let sql = site.run(&["schema", "print"]).expect_status(0).stdout;
    assert_eq!(site.dump(), "", "printing makes nothing");
    assert!(!site.project.path(".blogctl").exists());
    std::fs::create_dir_all(site.project.path(".blogctl")).expect("the project is ours");
    site.sql(&sql);
    assert_eq!(state(site), "current");
    site.project.post(1, "One");
    site.sync(&[]);
    assert_eq!(site.ids(), [1]);
}

/// Tables as an ORM made them before: more columns, other types, links that nobody deletes.
const ORM: &str = "\
    CREATE TABLE public.post (
        id integer PRIMARY KEY, title varchar(255) NOT NULL, description text, content text,
        created_at timestamptz(6) DEFAULT now(), updated_at timestamptz(6), category text,
        image varchar(500), word_count integer,
        views integer NOT NULL DEFAULT 0, slug text UNIQUE
    );
    CREATE TABLE public.tag (id serial PRIMARY KEY, name varchar(100) NOT NULL UNIQUE,
        color text NOT NULL DEFAULT 'grey');
    CREATE TABLE public.post_tag (
        post_id integer NOT NULL REFERENCES public.post (id),
        tag_id integer NOT NULL REFERENCES public.tag (id),
        PRIMARY KEY (post_id, tag_id)
    );
    INSERT INTO public.post (id, title, views, category) VALUES (900, 'Theirs', 5, 'guide');
    INSERT INTO public.tag (name, color) VALUES ('shared', 'red');
    INSERT INTO public.post_tag SELECT 900, id FROM public.tag;";

#[test]
fn tables_that_an_orm_made_keep_their_columns() {
    let site = TestBlog::postgres();
    let client = site.database().client();
    client.batch(ORM);
    site.project
        .write("blogctl.toml", "[tables.post.columns]\nextra = false\n");
    for id in 1..=4 {
        let tags = format!("tags: [shared, only{id}]\ncategory: guide");
        site.project
            .post_with(id, &format!("Post {id}"), &tags, "Body.\n");
    }
    assert_eq!(site.sync_json(&[])["counts"]["created"], 4);
    client.batch("UPDATE post SET views = 100 + id, slug = 'post-' || id WHERE id < 900");
    let views = || client.text("SELECT id, title, views, slug FROM post ORDER BY id");

    // The other columns are not blogctl's: counting a view is no conflict.
    site.project
        .post_with(2, "Two, edited", "tags: [new]", "Body.\n");
    assert_eq!(site.sync_json(&[])["counts"]["updated"], 1);
    assert_eq!(
        views(),
        "1|Post 1|101|post-1\n2|Two, edited|102|post-2\n3|Post 3|103|post-3\n\
         4|Post 4|104|post-4\n900|Theirs|5|"
    );
    // Links go although no cascade takes them.
    site.project.remove("content/3.md");
    assert_eq!(site.sync_json(&["--prune"])["counts"]["removed"], 1);
    assert_eq!(site.ids(), [900, 4, 2, 1]);
    assert_eq!(
        client.text("SELECT count(*) FROM post_tag WHERE post_id = 3"),
        "0"
    );
    assert_eq!(
        client.text("SELECT name, color FROM tag WHERE name = 'shared'"),
        "shared|red"
    );
    let tags = site.json(&["tags", "--format", "json"]);
    assert_eq!(
        tags["tags"][0],
        serde_json::json!({"name": "shared", "posts": 3})
    );
    let categories = site.json(&["categories", "--format", "json"]);
    assert_eq!(
        categories["categories"],
        serde_json::json!([{"name": "guide", "posts": 3}])
    );
}

#[test]
fn the_printed_dialect_follows_the_store_or_the_flag() {
    let site = TestBlog::embedded();
    let print = |args: &[&str]| {
        let args = [&["schema", "print"], args].concat();
        site.run(&args).expect_status(0).stdout
    };
    assert_eq!(print(&[]), print(&["--dialect", "sqlite"]));
    let postgres = print(&["--dialect", "postgres"]);
    assert_eq!(postgres, include_str!("../../../schema.sql"));
    assert_eq!(print(&["--database", "postgresql://h/d"]), postgres);
}
