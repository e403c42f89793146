//! Prisma's application, its schema engine, and the diagnosis of `prisma migrate dev`.

use serde_json::json;

use super::three_posts;
use crate::support::orm::{App, Drift, OrmDatabase};
use crate::support::project::Project;
use crate::support::variants::named;

fn none() -> Drift {
    Drift {
        differs: false,
        sql: "-- This is an empty migration.\n".to_owned(),
    }
}

#[test]
fn what_prisma_made_is_no_drift_to_it() {
    for app in [App::PrismaMapped, App::PrismaPlain] {
        let mut blog = OrmDatabase::deploy(app);
        blog.insert(&three_posts());
        assert_eq!(blog.drift(), none(), "{app:?}");
        assert_eq!(blog.diagnose(), "createMigration", "{app:?}");
    }
}

#[test]
fn the_tables_in_plain_sql_are_those_that_prisma_makes() {
    for (app, variant) in [
        (App::PrismaMapped, "version A"),
        (App::PrismaPlain, "Prisma's names"),
    ] {
        let mut blog = OrmDatabase::attach(app, named(variant).create());
        assert_eq!(blog.drift(), none(), "{variant}");
    }
}

#[test]
fn the_site_shows_what_the_application_wrote() {
    for app in [App::PrismaMapped, App::PrismaPlain] {
        let mut blog = OrmDatabase::deploy(app);
        assert_eq!(blog.insert(&three_posts()), [1, 2, 3]);
        assert_eq!(blog.titles(), ["Three []", "Two [a]", "One [a, b]"]);

        let before = blog.page(Some(2));
        blog.view(1);
        let after = blog.page(Some(2));
        assert_eq!((before.len(), after.len()), (1, 1));
        assert_eq!(after[0]["views"], 1);
        assert_ne!(after[0]["updatedAt"], before[0]["updatedAt"]);

        blog.edit(1, &json!({ "title": "First" }));
        assert_eq!(blog.titles().last().unwrap(), "First [a, b]");
    }
}

#[test]
fn an_index_without_a_condition_is_drift_and_one_with_a_condition_is_none() {
    let mut blog = OrmDatabase::deploy(App::PrismaMapped);
    blog.client()
        .batch("CREATE INDEX partial ON post (category, id DESC) WHERE id IS NOT NULL");
    assert_eq!(blog.drift(), none());
    assert_eq!(blog.diagnose(), "createMigration");

    blog.client()
        .batch("CREATE INDEX plain ON post (category, id DESC)");
    let drift = blog.drift();
    assert!(drift.differs);
    assert_eq!(drift.sql, "-- DropIndex\nDROP INDEX \"plain\";\n");
    assert!(blog.diagnose().starts_with("reset: Drift detected"));

    let pushed = blog.push(false);
    assert_eq!(pushed["warnings"], json!([]));
    assert_eq!(blog.drift(), none());
    let indexes = "SELECT indexname FROM pg_indexes WHERE indexname IN ('plain', 'partial')";
    assert_eq!(blog.client().text(indexes), "partial");
}

#[test]
fn an_insert_fails_where_the_sequence_is_behind() {
    let mut blog = OrmDatabase::deploy(App::PrismaMapped);
    blog.client().batch(
        "INSERT INTO post (id, title, content, updated_at, word_count)
            VALUES (1, 'By hand', '', now(), 0)",
    );
    let words = blog.try_insert(&three_posts()).unwrap_err();
    assert!(words.contains("P2002"), "{words}");
    // The sequence goes on even so.
    assert_eq!(blog.insert(&three_posts()), [2, 3, 4]);
}

#[test]
fn a_sync_that_is_refused_leaves_all_as_it_was() {
    let mut blog = OrmDatabase::deploy(App::PrismaMapped);
    blog.insert(&three_posts());
    let shown = blog.page(None);
    let project = Project::new();
    project.post(1, "Another");
    let url = blog.database().plain_url();
    let output = project.run(&["sync", "content", "--database", &url]);
    assert_ne!(output.status, 0, "{}", output.stdout);
    assert_eq!(blog.page(None), shown);
    assert_eq!(blog.drift(), none());
    assert_eq!(blog.diagnose(), "createMigration");
}

#[test]
fn a_blog_in_two_languages_is_published_as_it_is() {
    let mut blog = OrmDatabase::deploy(App::PrismaTranslated);
    let project = Project::new();
    for id in 1..=15 {
        let post = format!(
            "---\nid: {id}\ntitle: 글 {id}\ncategory: GUIDE\ntags: [색인]\n\
             created_at: 2025-01-{id:02}\n---\n인덱스 {id}\n"
        );
        project.write(format!("content/ko/{id}.md"), post);
    }
    for id in [2, 8, 15] {
        let post = format!("---\nid: {id}\ntitle: 글 {id}\n---\nAn index {id}\n");
        project.write(format!("content/en/{id}.md"), post);
    }
    let url = blog.database().plain_url();
    let run = |args: &[&str]| {
        let output = project.run_with(args, &[("DATABASE_URL", &url)]);
        output.expect_status(0).stdout
    };
    run(&["init"]);
    let told = run(&["sync", "content/"]);
    assert!(told.contains("18 created"), "{told}");
    let mut texts = |locale: &str, before| -> Vec<(i64, String)> {
        let posts = blog.page_in(locale, before).into_iter();
        posts
            .map(|post| {
                assert_eq!(
                    (&post["category"], &post["tags"]),
                    (&json!("GUIDE"), &json!(["색인"]))
                );
                let content = post["content"].as_str().expect("a text").to_owned();
                (post["id"].as_i64().expect("an id"), content)
            })
            .collect()
    };
    assert_eq!(texts("ko", None).len(), 15);
    assert_eq!(texts("ko", Some(2)), [(1, "인덱스 1\n".to_owned())]);
    let english = |id: i64| (id, format!("An index {id}\n"));
    assert_eq!(texts("en", None), [15, 8, 2].map(english));
    assert_eq!(texts("en", Some(8)), [english(2)]);
    assert!(run(&["sync", "content/"]).starts_with("nothing changed: 18 posts"));
    assert_eq!(
        run(&["search", "index", "--locale", "en", "--ids"]),
        "15\n8\n2\n"
    );
    assert_eq!(run(&["search", "인덱스", "--ids", "--limit", "1"]), "15\n");
    assert_eq!(run(&["search", "index", "--ids"]), "");
    assert_eq!(blog.drift(), none());
    assert_eq!(blog.diagnose(), "createMigration");
}
