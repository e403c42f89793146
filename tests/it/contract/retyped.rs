//! Columns of Postgres that their owner gave another type: what can be shown is, and what the
//! server refuses is refused in words.

use blogctl::model::SCHEMA_VERSION;
use blogctl::page::Filter;
use blogctl::search::Query;
use blogctl::store::postgres::{ConnectOptions, PostgresStore};
use blogctl::store::{Reader, SearchRequest, StoreError};

use super::*;
use crate::support::database::TestDatabase;

/// The outcome of a query.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Now {
    /// It is answered as before.
    Same,
    /// These columns cannot be shown.
    Without(&'static [&'static str]),
    /// The server refuses it, and blogctl names a column of the changed table.
    Refused,
}
use Now::{Refused, Same, Without};

/// A change of a table, and what becomes of the questions.
struct Case {
    sql: &'static str,
    /// Words of a refusal.
    words: &'static str,
    list: Now,
    by_category: Now,
    by_tag: Now,
    show: Now,
    search: Now,
    tags: Now,
    index: Now,
}

/// A change after which everything is answered as before.
const ALL: Case = Case {
    sql: "",
    words: "",
    list: Same,
    by_category: Same,
    by_tag: Same,
    show: Same,
    search: Same,
    tags: Same,
    index: Same,
};

/// A change that shows in `columns` of each post, and that a sync refuses.
const fn without(sql: &'static str, words: &'static str, columns: Now) -> Case {
    Case {
        sql,
        words,
        list: columns,
        by_category: columns,
        by_tag: columns,
        show: columns,
        search: columns,
        tags: Same,
        index: Refused,
    }
}

fn cases() -> Vec<Case> {
    vec![
        Case {
            sql: "ALTER TABLE post ALTER id TYPE bigint",
            ..ALL
        },
        Case {
            sql: "ALTER TABLE post ALTER id TYPE bigint;
                ALTER TABLE tag ALTER id TYPE bigint;
                ALTER TABLE post_tag ALTER post_id TYPE bigint, ALTER tag_id TYPE bigint",
            ..ALL
        },
        Case {
            sql: "ALTER TABLE post
                ALTER created_at TYPE timestamp(3) USING created_at AT TIME ZONE 'UTC',
                ALTER updated_at TYPE date USING updated_at AT TIME ZONE 'UTC'",
            words: "public.post.updated_at is of type date",
            index: Refused,
            ..ALL
        },
        Case {
            sql: "ALTER TABLE post ALTER title TYPE char(40), ALTER description TYPE name,
                ALTER image TYPE text",
            words: "public.post.title is of type character(40)",
            index: Refused,
            ..ALL
        },
        Case {
            sql: "CREATE DOMAIN short AS varchar(90) CHECK (length(value) < 80);
                ALTER TABLE post ALTER title TYPE short, ALTER category TYPE short",
            ..ALL
        },
        Case {
            sql: "CREATE TYPE cat AS ENUM ('one', 'two');
                ALTER TABLE post ALTER category TYPE cat USING category::cat",
            ..ALL
        },
        Case {
            sql: "CREATE TYPE names AS ENUM ('shared', 'x');
                ALTER TABLE tag ALTER name TYPE names USING name::text::names",
            words: "public.tag.name is of type names, and blogctl needs text",
            by_tag: Refused,
            index: Refused,
            ..ALL
        },
        without(
            "ALTER TABLE post ALTER title TYPE bytea USING convert_to(title, 'UTF8')",
            "public.post.title is of type bytea, and blogctl needs text",
            Without(&["title"]),
        ),
        without(
            "ALTER TABLE post ALTER title TYPE jsonb USING to_jsonb(title),
                ALTER image TYPE text[] USING ARRAY[image]",
            "public.post.image is of type text[], and blogctl needs text",
            Without(&["title", "image"]),
        ),
        Case {
            sql: "ALTER TABLE post ALTER word_count TYPE bigint",
            ..ALL
        },
        without(
            "ALTER TABLE post ALTER word_count TYPE numeric",
            "public.post.word_count is of type numeric",
            Without(&["word_count"]),
        ),
        without(
            "ALTER TABLE post ALTER updated_at TYPE bigint
                USING extract(epoch FROM updated_at)",
            "public.post.updated_at is of type bigint",
            Without(&["updated_at"]),
        ),
        Case {
            list: Same,
            by_category: Same,
            by_tag: Same,
            ..without(
                "ALTER TABLE post ALTER content TYPE jsonb USING to_jsonb(content)",
                "public.post.content is of type jsonb, and blogctl needs text",
                Without(&["content"]),
            )
        },
        Case {
            sql: "ALTER TABLE post DROP content",
            words: "public.post.content is missing",
            show: Refused,
            search: Refused,
            index: Refused,
            ..ALL
        },
        Case {
            tags: Same,
            ..without(
                "ALTER TABLE post_tag DROP CONSTRAINT post_tag_post_id_fkey;
                    ALTER TABLE post DROP id; ALTER TABLE post ADD id uuid",
                "public.post.id is of type uuid, and blogctl needs integer",
                Refused,
            )
        },
        Case {
            sql: "ALTER TABLE post ALTER id DROP IDENTITY; ALTER TABLE post ALTER id TYPE numeric",
            words: "public.post.id is of type numeric, and blogctl needs integer",
            list: Refused,
            by_category: Refused,
            by_tag: Refused,
            search: Refused,
            index: Refused,
            ..ALL
        },
        Case {
            sql: "ALTER TABLE tag ALTER name TYPE bytea USING convert_to(name, 'UTF8')",
            words: "public.tag.name is of type bytea",
            list: Without(&["tags"]),
            by_category: Without(&["tags"]),
            by_tag: Refused,
            show: Without(&["tags"]),
            search: Without(&["tags"]),
            tags: Without(&["name"]),
            index: Refused,
        },
    ]
}

fn outcome<T>(case: &Case, answer: Result<T>, unreadable: impl Fn(&T) -> Vec<&'static str>) -> Now {
    match answer {
        Ok(answer) => match unreadable(&answer)[..] {
            [] => Same,
            [one] => Without(match one {
                "title" => &["title"],
                "tags" => &["tags"],
                "name" => &["name"],
                "word_count" => &["word_count"],
                "updated_at" => &["updated_at"],
                "content" => &["content"],
                other => panic!("{other}: {}", case.sql),
            }),
            ["title", "image"] => Without(&["title", "image"]),
            ref others => panic!("{others:?}: {}", case.sql),
        },
        Err(StoreError::Tables { what, .. }) => {
            assert!(what.contains(case.words), "{}: {what}", case.sql);
            Refused
        }
        Err(StoreError::Unfit { findings }) => {
            // What a publishing program needs is less than what a reader takes.
            let words = case.words.split(", and blogctl").next().unwrap_or_default();
            let is_told = findings
                .iter()
                .any(|finding| finding.message.contains(words));
            assert!(is_told && !words.is_empty(), "{}: {findings:?}", case.sql);
            Refused
        }
        Err(error) => panic!("{}: {error:?}", case.sql),
    }
}

fn of_post(post: &StoredPost) -> Vec<&'static str> {
    post.unreadable.iter().map(|one| one.column).collect()
}

#[test]
fn columns_of_another_type_are_shown_or_named() {
    let original = TestDatabase::create();
    // A zone in which a time without one would be another.
    original.client().batch(&format!(
        "ALTER DATABASE {} SET timezone = 'Asia/Seoul'",
        original.name()
    ));
    let connect = |database: &TestDatabase| {
        let connected = PostgresStore::connect(&database.url(), &ConnectOptions::default());
        connected.expect("the server takes connections")
    };
    let written = Post {
        description: Some("About".to_owned()),
        category: Some("one".to_owned()),
        tags: tags(&["shared"]),
        image: Some("/a.png".to_owned()),
        created_at: Some(at("2025-01-02T00:00:00Z")),
        updated_at: Some(at("2025-01-03T00:00:00Z")),
        ..post(7)
    };
    let mut store = connect(&original);
    Change::write([written.clone()]).apply(&mut store);
    drop(store);
    original.settle();
    let query = Query::parse("body").expect("it is a query");
    let requirement = query.requirement();
    let none = Filter::default();
    let by_category = Filter {
        category: written.category.clone(),
        ..none.clone()
    };
    let by_tag = Filter {
        tags: written.tags.clone(),
        since: written.created_at,
        before: Some(at("2025-01-02T00:00:01Z")),
        ..none.clone()
    };
    let search = SearchRequest {
        requirement: &requirement,
        filter: &none,
        cursor: None,
        rows: 10,
    };
    let newest = Position {
        cursor: None,
        limit: Limit::DEFAULT,
    };
    for case in cases() {
        let database = original.copy();
        let zone = format!(
            "ALTER DATABASE {} SET timezone = 'Asia/Seoul'",
            database.name()
        );
        database.client().batch(&zone);
        database.client().batch(case.sql);
        let mut store = connect(&database);
        let page = |answer: &Page<StoredPost>| {
            assert_eq!(ids(&answer.items), [7], "{}", case.sql);
            if answer.items[0].unreadable.is_empty() {
                assert_eq!(answer.items[0], stored(&written, now()), "{}", case.sql);
            }
            of_post(&answer.items[0])
        };
        let listed = outcome(&case, store.list(&none, newest), page);
        assert_eq!(listed, case.list, "{}", case.sql);
        let listed = outcome(&case, store.list(&by_category, newest), page);
        assert_eq!(listed, case.by_category, "{}", case.sql);
        let listed = outcome(&case, store.list(&by_tag, newest), page);
        assert_eq!(listed, case.by_tag, "{}", case.sql);
        let shown = outcome(&case, store.show(id(7).into()), |shown| {
            of_post(&shown.as_ref().expect("it is there").0)
        });
        assert_eq!(shown, case.show, "{}", case.sql);
        let found = outcome(&case, store.search(&search), |found| {
            of_post(&found[0].post)
        });
        assert_eq!(found, case.search, "{}", case.sql);
        let counted = outcome(&case, store.tags(None), |tags| {
            tags[0].unreadable.iter().map(|one| one.column).collect()
        });
        assert_eq!(counted, case.tags, "{}", case.sql);
        store.categories(None).expect("they are read");
        store.history(newest).expect("it is read");
        store.examine().expect("doctor goes on");
        let index = outcome(&case, store.index(), |_| Vec::new());
        assert_eq!(index, case.index, "{}", case.sql);
    }
}

#[test]
fn a_database_without_an_encoding_shows_the_rows_beside_what_is_not_utf_8() {
    let original = TestDatabase::create();
    let name = format!("{}_ascii", original.name());
    original.client().batch(&format!(
        "CREATE DATABASE {name} ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    ));
    let url = original.url().replace(original.name(), &name);
    let connected = PostgresStore::connect(&url, &ConnectOptions::default());
    let mut store = connected.expect("the server takes connections");
    Change::write([post(1), post(2), post(3)]).apply(&mut store);
    let socket = original.socket_url().replace(original.name(), &name);
    crate::support::client::Client::connect(&socket)
        .batch("UPDATE post SET title = E'x\\xff' WHERE id = 2");
    let all = everything(&mut store);
    assert_eq!(ids(&all), [3, 2, 1]);
    assert_eq!(of_post(&all[1]), ["title"]);
    assert_eq!(all[1].unreadable[0].reason, "is not UTF-8");
    assert_eq!(all[0], stored(&post(3), now()));
    let error = store.index().unwrap_err();
    assert!(error.to_string().contains("not UTF-8"), "{error}");
    drop(store);
    original
        .client()
        .batch(&format!("DROP DATABASE {name} WITH (FORCE)"));
}

#[test]
fn a_state_without_its_one_row_is_told_with_a_remedy() {
    let place = super::postgres::PostgresPlace::new();
    let store = &mut *place.store();
    Change::write([post(1)]).apply(store);
    let what = |answer: Result<()>| match answer.unwrap_err() {
        StoreError::Tables { what, .. } => what,
        error => panic!("{error:?}"),
    };
    place.sql("DELETE FROM blogctl.state");
    let words = "blogctl.state has no row";
    assert_eq!(what(store.tags(None).map(drop)), words);
    assert_eq!(what(store.index().map(drop)), words);
    // The remedy.
    store.apply_schema(LOCK_TIMEOUT).unwrap();
    assert_eq!(ids(&everything(store)), [1]);
    Change::write([post(2)]).apply(store);
    place.sql("ALTER TABLE blogctl.state DROP CONSTRAINT state_pkey");
    place.sql("ALTER TABLE blogctl.state ALTER version DROP NOT NULL");
    place.sql("UPDATE blogctl.state SET version = NULL");
    let words = "blogctl.state: version is NULL";
    assert_eq!(what(store.tags(None).map(drop)), words);
    assert_eq!(what(store.schema_state().map(drop)), words);
    place.set_version(SCHEMA_VERSION);
    place.sql("INSERT INTO blogctl.state SELECT * FROM blogctl.state");
    let words = "blogctl.state has 2 rows instead of one";
    assert_eq!(what(store.tags(None).map(drop)), words);
    assert_eq!(what(store.index().map(drop)), words);
    assert_eq!(what(store.schema_state().map(drop)), words);
}
