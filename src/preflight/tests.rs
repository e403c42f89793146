use super::*;
use crate::catalog::{Column, OnDelete, Reference, Table};
use crate::post::{Field, PostId, SourcePath};
use crate::tables::{FixedValue, Identifier, Template};

pub(crate) fn column(name: &str, base: &str) -> Column {
    Column {
        name: name.to_owned(),
        type_sql: format!("pg_catalog.{base}"),
        type_name: base.to_owned(),
        base: base.to_owned(),
        base_sql: format!("pg_catalog.{base}"),
        category: "X".to_owned(),
        is_readable: true,
        is_insertable: true,
        is_updatable: true,
        ..Column::default()
    }
}

pub(crate) fn table(name: &str, columns: Vec<Column>, keys: &[&[&str]]) -> Table {
    Table {
        schema: "public".to_owned(),
        name: name.to_owned(),
        kind: "r".to_owned(),
        is_reachable: true,
        is_versioned: true,
        is_deletable: true,
        columns,
        keys: keys
            .iter()
            .map(|key| key.iter().map(|column| (*column).to_owned()).collect())
            .collect(),
        ..Table::default()
    }
}

pub(crate) fn reference(table: &str, column: &str, to: &str) -> Reference {
    Reference {
        schema: "public".to_owned(),
        table: table.to_owned(),
        columns: vec![column.to_owned()],
        to_schema: "public".to_owned(),
        to_table: to.to_owned(),
        to_columns: vec!["id".to_owned()],
        on_delete: OnDelete::Cascade,
        is_readable: true,
    }
}

/// Returns the catalog of tables that fit.
pub(crate) fn fitting() -> Catalog {
    let identity = Column {
        is_identity: true,
        is_required: true,
        ..column("id", "int4")
    };
    let post = vec![
        identity.clone(),
        column("title", "varchar"),
        column("description", "text"),
        column("content", "text"),
        column("created_at", "timestamptz"),
        column("updated_at", "timestamp"),
        column("category", "text"),
        column("image", "varchar"),
        column("word_count", "int4"),
        column("slug", "text"),
        column("extra", "jsonb"),
    ];
    Catalog {
        server: Server {
            encoding: "UTF8".to_owned(),
            role: "app".to_owned(),
            has_public: true,
            ..Server::default()
        },
        tables: vec![
            table("post", post, &[&["id"]]),
            table(
                "tag",
                vec![identity, column("name", "text")],
                &[&["id"], &["name"]],
            ),
            table(
                "post_tag",
                vec![column("post_id", "int4"), column("tag_id", "int8")],
                &[&["tag_id", "post_id"]],
            ),
        ],
        ..Catalog::default()
    }
}

/// Returns the errors about a catalog, each as `check: message | help`.
fn errors(catalog: &Catalog, map: &TableMap) -> Vec<String> {
    let found = judge(catalog, map, true).into_iter();
    found
        .filter(|finding| finding.level == Level::Error)
        .map(|finding| {
            let help = finding.help.unwrap_or_default();
            format!("{}: {} | {help}", finding.rule, finding.message)
        })
        .collect()
}

/// Changes the fitting catalog, and expects one error.
fn error(change: impl FnOnce(&mut Catalog)) -> String {
    let mut catalog = fitting();
    change(&mut catalog);
    let mut errors = errors(&catalog, &TableMap::adopted());
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.remove(0)
}

fn change(catalog: &mut Catalog, name: &str, change: impl FnOnce(&mut Column)) {
    let mut columns = catalog
        .tables
        .iter_mut()
        .flat_map(|table| &mut table.columns);
    change(columns.find(|column| column.name == name).unwrap());
}

#[test]
fn tables_that_fit_have_one_finding_that_says_so() {
    for map in [TableMap::default(), TableMap::adopted()] {
        let found = judge(&fitting(), &map, true);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].level, Level::Ok);
        assert!(
            found[0]
                .message
                .ends_with("public.post, public.tag, public.post_tag")
        );
    }
}

#[test]
fn types_that_do_not_fit_are_named() {
    for (name, base) in [
        ("id", "uuid"),
        ("title", "int4"),
        ("created_at", "date"),
        ("category", "int4"),
        ("word_count", "numeric"),
        ("extra", "json"),
        ("tag_id", "text"),
        ("content", "bytea"),
    ] {
        let error = error(|catalog| {
            change(catalog, name, |column| {
                column.base = base.to_owned();
                column.type_name = base.to_owned();
            });
        });
        assert!(error.starts_with("columns: public."), "{error}");
        assert!(
            error.contains(&format!("{name} is of type {base}, and blogctl needs ")),
            "{error}"
        );
    }
}

#[test]
fn an_enum_fits_a_category_alone() {
    let to_enum = |column: &mut Column| {
        column.base = "Category".to_owned();
        column.category = "E".to_owned();
        column.labels = vec!["GUIDE".to_owned()];
    };
    let mut catalog = fitting();
    change(&mut catalog, "category", to_enum);
    assert_eq!(errors(&catalog, &TableMap::adopted()), [""; 0]);
    let constraints = Constraints::new(&catalog, &TableMap::adopted());
    let labels = constraints
        .field(Field::Category)
        .unwrap()
        .labels
        .as_deref();
    assert_eq!(labels, Some(&["GUIDE".to_owned()][..]));
    assert!(error(|catalog| change(catalog, "slug", to_enum)).contains("needs text or varchar"));
}

#[test]
fn a_missing_column_is_named_with_the_line_that_leaves_it_out() {
    let error = error(|catalog| {
        catalog.tables[0]
            .columns
            .retain(|column| column.name != "slug")
    });
    assert_eq!(
        error,
        "columns: the column public.post.slug is missing | in blogctl.toml, write the name of \
         the column that holds it: [tables.post.columns] slug = \"...\"; or slug = false if it \
         is not stored"
    );
}

#[test]
fn a_missing_table_is_named_with_its_section() {
    let error = error(|catalog| {
        catalog.tables.pop();
    });
    assert!(
        error.starts_with("tables: the table public.post_tag is missing"),
        "{error}"
    );
    assert!(
        error.contains("[tables.post_tag]") && error.contains("tags = false"),
        "{error}"
    );
}

#[test]
fn a_column_that_nobody_fills_is_an_error_until_it_has_a_value() {
    let author = || Column {
        is_required: true,
        ..column("authorId", "int4")
    };
    let error = error(|catalog| catalog.tables[0].columns.push(author()));
    assert!(
        error.contains("[tables.post.values] \"authorId\" = "),
        "{error}"
    );
    let mut catalog = fitting();
    catalog.tables[0].columns.push(author());
    let mut map = TableMap::adopted();
    let name = Identifier::new("authorId").unwrap();
    map.add_value(FixedValue::new(name, Template::parse("1").unwrap()));
    assert_eq!(errors(&catalog, &map), [""; 0]);
}

#[test]
fn keys_that_are_not_unique_are_errors() {
    for (number, keys, words) in [
        (0, vec![], "(id) of public.post"),
        (1, vec![vec!["id".to_owned()]], "(name) of public.tag"),
        (2, vec![], "(post_id, tag_id) of public.post_tag"),
    ] {
        let error = error(|catalog| catalog.tables[number].keys = keys);
        assert!(
            error.starts_with("unique-key: ") && error.contains(words),
            "{error}"
        );
    }
}

#[test]
fn permissions_are_judged_by_column() {
    let error = error(|catalog| {
        change(catalog, "title", |column| column.is_updatable = false);
        change(catalog, "slug", |column| {
            column.is_insertable = false;
            column.is_updatable = false;
        });
    });
    assert_eq!(
        error,
        "permissions: this role lacks INSERT (slug), UPDATE (title, slug) on public.post | \
         GRANT INSERT (slug), UPDATE (title, slug) ON public.post TO app"
    );
}

#[test]
fn grants_on_single_columns_do_not_include_the_version_of_a_row() {
    let error = error(|catalog| catalog.tables[0].is_versioned = false);
    assert!(
        error.ends_with("GRANT SELECT (xmin) ON public.post TO app"),
        "{error}"
    );
}

#[test]
fn what_hides_rows_or_cannot_hold_them_is_an_error() {
    let error_of = |change: fn(&mut Catalog)| error(change);
    let policies = error_of(|catalog| catalog.tables[0].has_row_security = true);
    assert!(policies.starts_with("row-security: "), "{policies}");
    let encoding = error_of(|catalog| catalog.server.encoding = "LATIN1".to_owned());
    assert!(encoding.starts_with("encoding: "), "{encoding}");
    let replica = error_of(|catalog| catalog.server.is_in_recovery = true);
    assert!(replica.starts_with("writable: "), "{replica}");
    let view = error_of(|catalog| catalog.tables[0].kind = "v".to_owned());
    assert!(
        view.starts_with("tables: public.post is not a table"),
        "{view}"
    );
}

#[test]
fn columns_that_posts_are_written_to_are_not_computed() {
    for name in ["title", "content"] {
        let error = error(|catalog| change(catalog, name, |column| column.is_generated = true));
        assert!(
            error.starts_with(&format!(
                "columns: public.post.{name} is computed by the database"
            )),
            "{error}"
        );
    }
    // The others are read, and no file can state them.
    let mut catalog = fitting();
    for name in ["slug", "word_count"] {
        change(&mut catalog, name, |column| column.is_generated = true);
    }
    assert_eq!(errors(&catalog, &TableMap::adopted()), [""; 0]);
    let constraints = Constraints::new(&catalog, &TableMap::adopted());
    let computed: Vec<_> = constraints.computed().collect();
    assert_eq!(computed, [(Field::Slug, "public.post.slug")]);
}

#[test]
fn rules_are_errors() {
    let error = error(|catalog| catalog.tables[1].rules = vec!["Keep".to_owned()]);
    assert_eq!(
        error,
        "tables: rules of public.tag change how rows are written: Keep | DROP RULE \"Keep\" ON \
         public.tag; a trigger can do the same"
    );
}

/// A map that fills the column `rank` with a value.
fn with_value(value: &str) -> TableMap {
    let mut map = TableMap::adopted();
    let name = Identifier::new("rank").unwrap();
    map.add_value(FixedValue::new(name, Template::parse(value).unwrap()));
    map
}

#[test]
fn fixed_values_fit_their_columns() {
    let mut catalog = fitting();
    catalog.tables[0].columns.push(column("rank", "int4"));
    assert_eq!(errors(&catalog, &with_value("7")), [""; 0]);
    assert_eq!(
        errors(&catalog, &with_value("seven")),
        [
            "columns: public.post.rank is of type int4, and takes no \"seven\" | correct \
             [tables.post.values] in blogctl.toml"
        ]
    );
    // One that depends on the post is judged post by post.
    let map = with_value("{slug}");
    assert_eq!(errors(&catalog, &map), [""; 0]);
    let constraints = Constraints::new(&catalog, &map);
    let path = SourcePath::new("content/x.md");
    let problems = |slug| -> Vec<String> {
        let id = PostId::new(1).unwrap();
        constraints.value_problems(id, Some(slug), &path).collect()
    };
    assert_eq!(problems("8"), [""; 0]);
    assert_eq!(
        problems("eight"),
        ["public.post.rank is of type int4, and takes no \"eight\""]
    );
}

#[test]
fn lengths_and_values_that_are_needed_become_constraints() {
    let mut catalog = fitting();
    change(&mut catalog, "title", |column| column.length = Some(20));
    change(&mut catalog, "description", |column| {
        column.is_required = true
    });
    change(&mut catalog, "updated_at", |column| {
        column.is_required = true
    });
    change(&mut catalog, "image", |column| {
        column.is_required = true;
        column.default = Some("''".to_owned());
    });
    change(&mut catalog, "name", |column| column.length = Some(30));
    let mut map = TableMap::adopted();
    map.set_column(BlogTable::Post, "slug", None).unwrap();
    let constraints = Constraints::new(&catalog, &map);
    let title = constraints.field(Field::Title).unwrap();
    assert_eq!(
        (title.length, title.column.as_str()),
        (Some(20), "public.post.title")
    );
    assert!(constraints.field(Field::Description).unwrap().is_required);
    // The time of the sync, and the default of the column.
    assert_eq!(constraints.field(Field::UpdatedAt), None);
    assert_eq!(constraints.field(Field::Image), None);
    assert_eq!(constraints.tag(), Some((30, "public.tag.name")));
    assert_eq!(constraints.unstored(), [Field::Slug]);
}

#[test]
fn tables_that_nothing_maps_stop_the_first_sync() {
    let mut catalog = fitting();
    catalog.lookalikes = vec!["blog.Article".to_owned()];
    let found = judge(&catalog, &TableMap::default(), false);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].rule, "unmapped-table");
    assert!(
        found[0]
            .message
            .contains("public.post_tag, blog.Article look like")
    );
    // In a database with neither, blogctl makes its own.
    catalog.tables.clear();
    catalog.lookalikes.clear();
    assert_eq!(judge(&catalog, &TableMap::default(), false), []);
    catalog.server.has_public = false;
    let found = judge(&catalog, &TableMap::default(), false);
    assert!(found[0].message.contains("no schema public"));
}
