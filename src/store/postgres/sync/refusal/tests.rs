use std::sync::LazyLock;

use super::*;
use crate::catalog::{Check, Table};
use crate::tables::{Identifier, TableName, Template};

/// A map to `blog.post`, where `heading` holds the title, and `price` gets a fixed value.
fn map() -> TableMap {
    let mut map = TableMap::adopted();
    let name = |name: &str| Identifier::new(name).unwrap();
    for (table, key) in [
        (BlogTable::Post, "blog.post"),
        (BlogTable::Tag, "blog.tag"),
        (BlogTable::PostTag, "blog.post_tag"),
    ] {
        map.set_table(table, TableName::parse(key).unwrap());
    }
    map.set_column(BlogTable::Post, "title", Some(name("heading")))
        .unwrap();
    let price = FixedValue::new(name("price"), Template::parse("0").unwrap());
    map.add_value(price);
    map
}

fn column(name: &str, type_name: &str) -> Column {
    Column {
        name: name.to_owned(),
        type_sql: format!("pg_catalog.{type_name}"),
        type_name: type_name.to_owned(),
        ..Column::default()
    }
}

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let stars = Column {
        type_sql: "blog.\"Stars\"".to_owned(),
        checks: vec![Check {
            name: "at_most_five".to_owned(),
            definition: "CHECK ((VALUE <= 5))".to_owned(),
            columns: Vec::new(),
        }],
        ..column("price", "\"Stars\"")
    };
    let heading = Column {
        length: Some(20),
        ..column("heading", "character varying(20)")
    };
    let table = Table {
        schema: "blog".to_owned(),
        name: "post".to_owned(),
        columns: vec![
            column("id", "integer"),
            heading,
            column("word_count", "smallint"),
            stars,
            column("views", "smallint"),
        ],
        ..Table::default()
    };
    Catalog {
        tables: vec![table],
        ..Catalog::default()
    }
});

fn found(definition: Definition) -> Found<'static> {
    Found {
        definition: Some(definition),
        catalog: Some(&CATALOG),
    }
}

fn said(code: &str, table: Option<&str>) -> Said {
    Said {
        code: code.to_owned(),
        message: "words of the server".to_owned(),
        schema: table.map(|_| "blog".to_owned()),
        table: table.map(str::to_owned),
        ..Said::default()
    }
}

fn of_constraint(code: &str, table: &str, constraint: &str) -> Said {
    Said {
        constraint: Some(constraint.to_owned()),
        ..said(code, Some(table))
    }
}

fn refused(said: &Said, about: &About, found: &Found) -> RefusedWrite {
    match judge(said, about, found, &map()) {
        StoreError::Refused(refused) => *refused,
        other => panic!("{other}"),
    }
}

fn writing(posts: &[i32]) -> About {
    About::posts(Action::Write, posts)
}

fn on(columns: &[&str]) -> Definition {
    Definition {
        index: Some(format!(
            "CREATE UNIQUE INDEX x ON blog.post USING btree ({})",
            columns.join(", ")
        )),
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        ..Definition::default()
    }
}

#[test]
fn each_code_has_its_kind() {
    for (code, kind) in [
        ("23514", Some(Kind::Check)),
        ("23505", Some(Kind::Unique)),
        ("23P01", Some(Kind::Exclusion)),
        ("23503", Some(Kind::ForeignKey)),
        ("23001", Some(Kind::ForeignKey)),
        ("23502", Some(Kind::Required)),
        ("22001", Some(Kind::Value)),
        ("22P05", Some(Kind::Value)),
        ("54000", Some(Kind::Value)),
        ("42501", Some(Kind::Permission)),
        ("25006", Some(Kind::ReadOnly)),
        ("53100", Some(Kind::DiskFull)),
        ("P0001", Some(Kind::Raised)),
        // Transient, cancelled, lost, and tables that have changed.
        ("40001", None),
        ("40P01", None),
        ("57014", None),
        ("55P03", None),
        ("57P01", None),
        ("42P01", None),
        ("42703", None),
    ] {
        assert_eq!(said(code, None).kind(), kind, "{code}");
    }
}

#[test]
fn a_function_may_raise_any_code_but_those_that_are_retried() {
    let raised = |code| Said {
        routine: Some("exec_stmt_raise".to_owned()),
        ..said(code, None)
    };
    for code in ["23505", "23514", "57014", "42501", "XX000"] {
        assert_eq!(raised(code).kind(), Some(Kind::Raised), "{code}");
    }
    for code in ["40001", "40P01"] {
        assert_eq!(raised(code).kind(), None, "{code}");
    }
    let policy = Said {
        routine: Some("ExecWithCheckOptions".to_owned()),
        ..said("42501", None)
    };
    assert_eq!(policy.kind(), Some(Kind::Policy));
}

#[test]
fn the_same_post_tag_or_link_of_another_program_is_a_race() {
    for (table, columns) in [
        ("post", &["id"][..]),
        ("tag", &["name"]),
        ("post_tag", &["tag_id", "post_id"]),
    ] {
        let said = of_constraint("23505", table, "x");
        let judged = judge(&said, &writing(&[1]), &found(on(columns)), &map());
        assert!(matches!(judged, StoreError::Stale), "{table}");
    }
    // So is a key of which nothing is known, and one of blogctl's own records.
    let said = of_constraint("23505", "post", "x");
    let judged = judge(&said, &writing(&[1]), &Found::default(), &map());
    assert!(matches!(judged, StoreError::Stale));
    let own = Said {
        schema: Some("blogctl".to_owned()),
        ..of_constraint("23505", "source", "source_pkey")
    };
    let judged = judge(&own, &writing(&[1]), &found(on(&["post_id"])), &map());
    assert!(matches!(judged, StoreError::Stale));
}

#[test]
fn without_the_catalogs_the_detail_tells_a_race() {
    for (detail, is_race) in [
        ("Key (id)=(3) already exists.", true),
        ("Key (heading)=(x) already exists.", false),
    ] {
        let said = Said {
            detail: Some(detail.to_owned()),
            ..of_constraint("23505", "post", "x")
        };
        let judged = judge(&said, &writing(&[3]), &Found::default(), &map());
        assert_eq!(matches!(judged, StoreError::Stale), is_race, "{detail}");
    }
}

#[test]
fn a_partition_counts_as_its_table() {
    let definition = Definition {
        root: Some(("blog".to_owned(), "post".to_owned())),
        ..on(&["id"])
    };
    let said = of_constraint("23505", "post_1", "post_1_pkey");
    let judged = judge(&said, &writing(&[1]), &found(definition), &map());
    assert!(matches!(judged, StoreError::Stale));
}

#[test]
fn other_unique_keys_refuse_the_post() {
    let said = of_constraint("23505", "post", "by_heading");
    let refused = refused(&said, &writing(&[12]), &found(on(&["heading"])));
    assert_eq!(
        refused.to_string(),
        "post 12: blog.post refuses it: \"by_heading\" keeps (heading) unique, and another row has \
         the same"
    );
    assert_eq!(
        refused.help(),
        "change `title` in the file, or ask the owner of blog.post"
    );
    assert_eq!(refused.columns[0].key(), Some("title"));
}

#[test]
fn the_columns_of_an_expression_are_found_by_name() {
    let index = "CREATE UNIQUE INDEX x ON blog.post USING btree (lower((heading)::text)) \
                 WHERE (id > 3)";
    let definition = Definition {
        index: Some(index.to_owned()),
        ..Definition::default()
    };
    let said = of_constraint("23505", "post", "x");
    let refused = refused(&said, &writing(&[12]), &found(definition));
    let names: Vec<_> = refused.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["heading"]);
    assert!(
        refused
            .to_string()
            .contains("keeps (lower((heading)::text)) WHERE (id > 3) unique")
    );
}

#[test]
fn the_condition_of_a_check_is_shown_and_the_row_never() {
    let definition = Definition {
        constraint: Some("CHECK ((price > (0)::numeric)) NOT VALID".to_owned()),
        columns: vec!["price".to_owned()],
        ..Definition::default()
    };
    let said = Said {
        detail: Some("Failing row contains (12, secret words).".to_owned()),
        ..of_constraint("23514", "post", "positive")
    };
    let refused = refused(&said, &writing(&[12]), &found(definition));
    assert_eq!(
        refused.to_string(),
        "post 12: blog.post refuses it: CHECK \"positive\" is (price > (0)::numeric)"
    );
    assert_eq!(
        refused.help(),
        "change `price` under [tables.post.values] in blogctl.toml, or ask the owner of blog.post"
    );
}

#[test]
fn the_check_of_a_domain_names_its_columns() {
    let said = Said {
        schema: Some("blog".to_owned()),
        datatype: Some("Stars".to_owned()),
        constraint: Some("at_most_five".to_owned()),
        ..said("23514", None)
    };
    let refused = refused(&said, &writing(&[12]), &found(Definition::default()));
    assert_eq!(
        refused.to_string(),
        "post 12: blog.post refuses it: price: CHECK \"at_most_five\" of the type blog.Stars is \
         (VALUE <= 5)"
    );
}

#[test]
fn a_type_in_the_message_tells_the_columns() {
    for (message, code, columns) in [
        (
            "value too long for type character varying(20)",
            "22001",
            &["heading"][..],
        ),
        ("smallint out of range", "22003", &["word_count"]),
        ("integer out of range", "22003", &[]),
        (
            "invalid input syntax for type smallint: \"x\"",
            INVALID_TEXT,
            &[],
        ),
        ("division by zero", "22012", &[]),
    ] {
        let said = Said {
            message: message.to_owned(),
            ..said(code, None)
        };
        let refused = refused(&said, &writing(&[12]), &found(Definition::default()));
        let names: Vec<_> = refused.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, columns, "{message}");
        assert!(refused.to_string().ends_with(message), "{refused}");
    }
}

#[test]
fn one_of_several_posts_is_not_guessed() {
    let said = of_constraint("23514", "post", "x");
    let refused = refused(&said, &writing(&[11, 12]), &found(Definition::default()));
    assert_eq!((refused.post, refused.among.len()), (None, 2));
    assert!(
        refused
            .to_string()
            .starts_with("blog.post refuses what the sync writes: ")
    );
}

#[test]
fn the_role_and_the_server_are_the_same_for_each_post() {
    for code in ["42501", "25006", "53100"] {
        let refused = refused(&said(code, None), &writing(&[11, 12]), &Found::default());
        assert_eq!((refused.post, refused.among.len()), (None, 0));
        assert_eq!(
            refused.to_string(),
            "the database refuses what the sync writes: words of the server"
        );
    }
}

#[test]
fn the_detail_of_a_foreign_key_tells_the_post() {
    let key = Definition {
        constraint: Some("FOREIGN KEY (post_id) REFERENCES blog.post(id)".to_owned()),
        columns: vec!["post_id".to_owned()],
        refers_to: Some(("blog".to_owned(), "post".to_owned(), vec!["id".to_owned()])),
        ..Definition::default()
    };
    let at_commit = About::no_post(Action::Commit);
    for (about, detail) in [
        (
            &at_commit,
            "Key (id)=(3) is still referenced from table \"comment\".",
        ),
        (
            &at_commit,
            "Key (post_id)=(3) is not present in table \"post\".",
        ),
        (
            &About::posts(Action::Remove, &[3, 4]),
            "Key (id)=(3) is still referenced from table \"comment\".",
        ),
    ] {
        let said = Said {
            detail: Some(detail.to_owned()),
            ..of_constraint("23503", "comment", "comment_post_id_fkey")
        };
        let refused = refused(&said, about, &found(key.clone()));
        assert_eq!(refused.post, PostId::new(3), "{detail}");
        assert!(matches!(refused.reason, Reason::Referenced { .. }));
        assert_eq!(
            refused.help(),
            "delete the rows that refer to it first, or leave out --prune"
        );
    }
    // Another table's key is no post's id.
    let author = Definition {
        columns: vec!["author_id".to_owned()],
        refers_to: Some(("blog".into(), "author".into(), vec!["id".to_owned()])),
        ..Definition::default()
    };
    let said = Said {
        detail: Some("Key (author_id)=(7) is not present in table \"author\".".to_owned()),
        ..of_constraint("23503", "post", "post_author_id_fkey")
    };
    let refused = refused(&said, &at_commit, &found(author));
    assert_eq!(refused.post, None);
    assert!(matches!(refused.reason, Reason::NoSuchRow { .. }));
}

#[test]
fn tags_are_changed_in_the_file() {
    let about = About {
        table: BlogTable::Tag,
        ..writing(&[12])
    };
    let definition = Definition {
        constraint: Some("CHECK ((name = lower(name)))".to_owned()),
        columns: vec!["name".to_owned()],
        ..Definition::default()
    };
    let said = of_constraint("23514", "tag", "lowercase");
    let refused = refused(&said, &about, &found(definition));
    assert_eq!(
        refused.help(),
        "change `tags` in the file, or ask the owner of blog.tag"
    );
}
