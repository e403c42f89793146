//! The databases of blogs that others made.

use std::collections::BTreeSet;

use crate::support::database::TestDatabase;
use crate::support::role::Role;
use crate::support::variants::{Shown, all, named};

#[test]
fn every_variant_can_be_made_and_shows_no_posts() {
    let names: BTreeSet<_> = all().map(|variant| variant.name).collect();
    assert_eq!(names.len(), all().count());
    let database = TestDatabase::create();
    let client = database.client();
    for variant in all() {
        client.batch("BEGIN");
        variant.create_in(&client);
        assert_eq!(variant.shown(&client), [], "{}", variant.name);
        client.batch("ROLLBACK");
        let parsed: Result<toml::Table, _> = variant.tables.parse();
        assert!(parsed.is_ok(), "{}: {parsed:?}", variant.name);
    }
}

#[test]
fn a_variant_shows_posts_with_their_tags() {
    let variant = named("Prisma's names");
    let database = variant.create();
    let client = database.client();
    client.batch(
        r#"INSERT INTO "Post" (title, content, "updatedAt", category)
            VALUES ('One', 'Text', now(), 'GUIDE'), ('Two', '', now(), NULL);
           INSERT INTO "Tag" (name) VALUES ('b'), ('a');
           INSERT INTO "_PostToTag" VALUES (1, 1), (1, 2)"#,
    );
    let post = |id, title: &str, category: &str, text: &str, tags: &str| Shown {
        id,
        title: title.to_owned(),
        category: category.to_owned(),
        text: text.to_owned(),
        tags: tags.to_owned(),
    };
    assert_eq!(
        variant.shown(&client),
        [
            post(2, "Two", "", "", ""),
            post(1, "One", "GUIDE", "Text", "a,b"),
        ]
    );
}

#[test]
fn a_role_is_bound_by_policies() {
    let database = named("row-level security").create();
    let client = database.client();
    client.batch(
        "INSERT INTO post (id, title, content, updated_at, word_count)
            VALUES (1, 'One', '', now(), 0), (100, 'Hidden', '', now(), 0)",
    );
    let role = Role::create(&database, &["SELECT ON post"]);
    assert_ne!(role.url(), database.plain_url());
    client.batch(&format!("SET ROLE {}", role.name()));
    assert_eq!(client.text("SELECT title FROM post"), "One");
}
