//! Drizzle's application, and what its kit would push.

use super::three_posts;
use crate::support::orm::{App, Drift, OrmDatabase};

#[test]
fn the_site_shows_what_the_application_wrote() {
    let mut blog = OrmDatabase::deploy(App::Drizzle);
    assert_eq!(blog.insert(&three_posts()), [1, 2, 3]);
    blog.view(2);
    assert_eq!(blog.titles(), ["Three []", "Two [a]", "One [a, b]"]);
    assert_eq!(blog.page(Some(3))[0]["views"], 1);
}

fn none() -> Drift {
    Drift {
        differs: false,
        sql: String::new(),
    }
}

#[test]
fn the_kit_drops_every_index_that_it_does_not_know() {
    let mut blog = OrmDatabase::deploy(App::Drizzle);
    assert_eq!(blog.drift(), none());
    blog.client()
        .batch("CREATE INDEX partial ON post (category, id DESC) WHERE id IS NOT NULL");
    assert_eq!(blog.drift().sql, "DROP INDEX \"partial\";");
}

#[test]
fn the_kit_does_not_see_other_schemas() {
    let mut blog = OrmDatabase::deploy(App::Drizzle);
    blog.client()
        .batch("CREATE SCHEMA blogctl; CREATE TABLE blogctl.source (post_id integer PRIMARY KEY)");
    assert_eq!(blog.drift(), none());
}
