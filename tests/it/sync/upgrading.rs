//! Stores that an earlier version of the program made.

use std::fs;
use std::path::Path;

use serde_json::Value as Json;

use crate::support::test_blog::TestBlog;

/// A project whose store the program of version 1 made.
fn site_of_version_1() -> TestBlog {
    let site = TestBlog::embedded();
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
    let tables = |site: &TestBlog| -> Vec<(String, Option<String>)> {
        let connection = rusqlite::Connection::open(site.file()).expect("the store is there");
        let mut statement = connection
            .prepare("SELECT name, sql FROM sqlite_schema ORDER BY type, name")
            .expect("every file has it");
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        let rows = rows.expect("it can be read");
        rows.map(|row| row.expect("it can be read")).collect()
    };
    let (old, new) = (site_of_version_1(), TestBlog::embedded());
    for site in [&old, &new] {
        site.run(&["schema", "apply"]).expect_status(0);
    }
    assert_eq!(tables(&old), tables(&new));
}

/// The tables of version 1 in Postgres.
const POSTGRES_1: &str = include_str!("../../../src/store/postgres/migrations/0001_tables.sql");

/// Renders a migration for blogctl's own tables.
fn of_own_tables(template: &str) -> String {
    let is_mark = |line: &&str| line.starts_with("{#") || line.starts_with("{/");
    let mut template = template.to_owned();
    // The parts for tables of other programs.
    while let Some(start) = template.find("{^is_own}") {
        const END: &str = "{/is_own}";
        let end = template[start..].find(END).expect("the part ends");
        template.replace_range(start..start + end + END.len(), "");
    }
    let lines: Vec<&str> = template.lines().filter(|line| !is_mark(line)).collect();
    lines
        .join("\n")
        .replace("{post.category}", "category")
        .replace("{post_tag.tag_id}", "tag_id")
        .replace("{post_tag}", "public.post_tag")
        .replace("{post}", "public.post")
}

/// A project whose database has tables of version 1, with what the program of that version
/// wrote: the digests are those of the fixture, which are the same in every store.
fn database_of_version_1() -> TestBlog {
    let (site, file) = (TestBlog::postgres(), site_of_version_1());
    for name in ["first", "second", "third"] {
        let path = format!("content/{name}.md");
        let bytes = fs::read(file.project.path(&path)).expect("the fixture is there");
        site.project.write(&path, bytes);
    }
    let connection = rusqlite::Connection::open(file.file()).expect("the fixture is a store");
    // SQLite quotes as the standard says, which is what Postgres reads.
    let script = |sql: &str| -> String {
        let mut statement = connection.prepare(sql).expect("version 1 has these");
        let rows = statement.query_map([], |row| row.get::<_, String>(0));
        let lines = rows
            .expect("it can be read")
            .map(|line| line.expect("text"));
        lines.collect::<Vec<_>>().join("\n")
    };
    let time = |column: &str| {
        format!("'''epoch''::timestamptz + ' || quote({column}) || ' * interval ''1 us'''")
    };
    let posts = script(&format!(
        "SELECT 'INSERT INTO post VALUES (' || id || ',' || quote(title) || ','
            || quote(description) || ',' || quote(content) || ',' || {} || ',' || {} || ','
            || quote(category) || ',' || quote(image) || ',' || quote(word_count) || ');'
         FROM post",
        time("created_at"),
        time("updated_at")
    ));
    let tags = script("SELECT 'INSERT INTO tag (name) VALUES (' || quote(name) || ');' FROM tag");
    let links = script(
        "SELECT 'INSERT INTO post_tag SELECT ' || l.post_id || ', id FROM tag WHERE name = '
            || quote(t.name) || ';'
         FROM post_tag l JOIN tag t ON t.id = l.tag_id",
    );
    let sources = script(
        "SELECT 'INSERT INTO blogctl.source SELECT p.id, ' || quote(path) || ', ''\\x'
            || hex(file_digest) || ''', ''\\x' || hex(post_digest) || ''',
                pg_current_xact_id()::xid, blogctl.row_digest(p.title, p.description, p.content,
                    p.created_at, p.updated_at, p.category, p.image, p.word_count),
                ARRAY(SELECT t.name::text FROM tag t JOIN post_tag l ON l.tag_id = t.id
                    WHERE l.post_id = p.id ORDER BY t.name COLLATE \"C\"), '
            || terms_version || ' FROM post p WHERE id = ' || post_id || ';'
         FROM blogctl_source",
    );
    site.sql(&of_own_tables(POSTGRES_1));
    site.sql(&format!(
        "BEGIN; {posts} {tags} {links} {sources}
         INSERT INTO blogctl.search SELECT id, '' FROM post;
         INSERT INTO blogctl.category_count
            SELECT category, count(*) FROM post WHERE category IS NOT NULL GROUP BY category;
         INSERT INTO blogctl.tag_count SELECT tag_id, count(*) FROM post_tag GROUP BY tag_id;
         UPDATE blogctl.state SET generation = 1; COMMIT"
    ));
    site
}

#[test]
fn a_database_of_version_1_is_upgraded_and_answers_as_before() {
    let site = database_of_version_1();
    let refused = site.run(&["list"]).expect_status(3);
    assert!(refused.stderr.contains("run `blogctl schema apply`"));
    let applied = site.run(&["schema", "apply"]).expect_status(0).stdout;
    assert!(applied.contains("from version 1 to "), "{applied}");
    for (before, args) in [
        (
            include_str!("../fixtures/v1/list.json"),
            &["list", "--all"][..],
        ),
        (include_str!("../fixtures/v1/show.json"), &["show", "1"]),
    ] {
        let found = site.json(&[args, &["--format", "json"]].concat());
        let before: Json = serde_json::from_str(before).expect("the fixture is JSON");
        assert_holds(&found, &before);
    }
    let synced = site.sync(&[]).stdout;
    assert!(synced.starts_with("nothing changed: 3 posts "), "{synced}");
    // As after a dump and a restore: only the digests of the rows tell that nobody edited them.
    site.sql("UPDATE post SET title = title");
    let synced = site.sync(&[]).stdout;
    assert!(synced.starts_with("nothing changed: 3 posts "), "{synced}");
}

#[test]
fn an_upgraded_database_has_the_tables_of_a_new_one() {
    let catalog = |site: &TestBlog| {
        let client = site.database().client();
        [
            "SELECT table_schema, table_name, column_name, ordinal_position, data_type,
                character_maximum_length, is_nullable, column_default, is_identity,
                identity_generation
             FROM information_schema.columns WHERE table_schema IN ('public', 'blogctl')
             ORDER BY 1, 2, 3",
            "SELECT indexdef FROM pg_indexes WHERE schemaname IN ('public', 'blogctl') ORDER BY 1",
            "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint
             WHERE connamespace IN ('public'::regnamespace, 'blogctl'::regnamespace)
             ORDER BY 1, 2",
            "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'blogctl'::regnamespace",
        ]
        .map(|sql| client.text(sql))
    };
    let (old, new) = (database_of_version_1(), TestBlog::postgres());
    for site in [&old, &new] {
        site.run(&["schema", "apply"]).expect_status(0);
    }
    assert_eq!(catalog(&old), catalog(&new));
}

#[test]
fn a_dry_run_prints_the_migrations_and_writes_nothing() {
    let site = database_of_version_1();
    let before = site.dump();
    let sql = site
        .run(&["schema", "apply", "--dry-run"])
        .expect_status(0)
        .stdout;
    assert!(
        sql.starts_with("-- would bring the tables in "),
        "{sql:.200}"
    );
    assert!(sql.contains("ADD COLUMN IF NOT EXISTS slug"));
    assert!(!sql.contains("CREATE TABLE IF NOT EXISTS public.post ("));
    assert_eq!(site.dump(), before);
    // It is the SQL that `schema apply` runs.
    site.sql(&sql);
    let again = site
        .run(&["schema", "apply", "--dry-run"])
        .expect_status(0)
        .stdout;
    assert!(again.starts_with("-- nothing to do: "), "{again}");
}

#[test]
fn an_application_inserts_posts_without_meeting_an_id_of_a_sync() {
    let site = database_of_version_1();
    let client = site.database().client();
    client.batch("GRANT INSERT ON post TO pg_monitor");
    site.run(&["schema", "apply"]).expect_status(0);
    let may = "SELECT has_sequence_privilege('pg_monitor', 'post_id_seq', 'UPDATE')";
    assert_eq!(client.text(may), "t", "who may insert may advance the ids");
    let insert = || {
        let id = client.text("INSERT INTO post (title) VALUES ('Theirs') RETURNING id");
        id.parse::<i64>().expect("an id")
    };
    let greatest = site.ids().into_iter().max().expect("there are posts");
    assert_eq!(insert(), greatest + 1);
    // By a step, and by a leap.
    for id in [greatest + 7, greatest + 100_000] {
        site.project.post(id, "Another");
        site.sync(&[]);
        assert_eq!(insert(), id + 1);
    }
}

/// The migration to version 2 in Postgres.
const POSTGRES_2: &str =
    include_str!("../../../src/store/postgres/migrations/0002_slug_and_extra.sql");

#[test]
fn a_database_of_version_2_is_upgraded_and_no_post_is_touched() {
    let blog = database_of_version_1();
    blog.sql(&of_own_tables(POSTGRES_2));
    let versions = "SELECT id, xmin FROM post ORDER BY id";
    let before = blog.database().client().text(versions);
    let applied = blog.run(&["schema", "apply"]).expect_status(0).stdout;
    assert!(applied.contains("from version 2 to "), "{applied}");
    let synced = blog.sync(&[]).stdout;
    assert!(synced.starts_with("nothing changed: 3 posts "), "{synced}");
    assert_eq!(blog.database().client().text(versions), before);
    // Version 2 managed each column, whether or not the file stated it.
    blog.sql("UPDATE post SET title = title");
    let synced = blog.sync(&[]).stdout;
    assert!(synced.starts_with("nothing changed: 3 posts "), "{synced}");
    blog.sql("UPDATE post SET image = '/theirs.png' WHERE id = 1");
    let refused = blog.run(&["sync", "content"]).expect_status(4).stderr;
    assert!(refused.contains("image: "), "{refused}");
}
