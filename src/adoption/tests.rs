use super::*;
use crate::finding::Level;
use crate::preflight::tests::{column, fitting, reference, table};
use crate::project::Config;

/// Returns the section for a catalog, which must be read back as the proposed map.
fn section(catalog: &Catalog) -> String {
    let proposal = propose(catalog, &[], None).unwrap();
    let section = sections(&proposal.map, false);
    let read = Config::parse(&section, std::path::Path::new("blogctl.toml")).unwrap();
    assert_eq!(read.tables, proposal.map);
    section
}

#[test]
fn tables_with_blogctls_names_are_named() {
    let mut catalog = fitting();
    catalog.references = vec![
        reference("post_tag", "post_id", "post"),
        reference("post_tag", "tag_id", "tag"),
    ];
    insta::assert_snapshot!(section(&catalog), @r#"
    [tables.post]
    name = "public.post"

    [tables.tag]
    name = "public.tag"

    [tables.post_tag]
    name = "public.post_tag"
    "#);
    let found = preflight::judge(&catalog, &propose(&catalog, &[], None).unwrap().map, true);
    assert!(
        found.iter().all(|finding| finding.level == Level::Ok),
        "{found:?}"
    );
}

#[test]
fn the_names_of_an_orm_are_found_by_its_foreign_keys() {
    let id = || {
        let mut id = column("id", "int4");
        id.is_identity = true;
        id
    };
    let mut published = column("published", "bool");
    published.is_required = true;
    let mut author = column("authorId", "int4");
    author.is_required = true;
    let post = vec![
        id(),
        column("title", "text"),
        column("body", "text"),
        column("createdAt", "timestamp"),
        column("updatedAt", "timestamp"),
        published,
        author,
    ];
    let catalog = Catalog {
        tables: vec![
            table("Comment", vec![id(), column("text", "text")], &[&["id"]]),
            table("Post", post, &[&["id"]]),
            table(
                "Tag",
                vec![id(), column("label", "text")],
                &[&["id"], &["label"]],
            ),
            table(
                "_PostToTag",
                vec![column("A", "int4"), column("B", "int4")],
                &[&["A", "B"]],
            ),
        ],
        references: vec![
            reference("_PostToTag", "A", "Post"),
            reference("_PostToTag", "B", "Tag"),
        ],
        ..fitting()
    };
    insta::assert_snapshot!(section(&catalog), @r#"
    [tables.post]
    name = "public.Post"
    columns = { content = "body", created_at = "createdAt", updated_at = "updatedAt", description = false, category = false, image = false, word_count = false, slug = false, extra = false }
    values = { published = true }

    [tables.tag]
    name = "public.Tag"
    columns = { name = "label" }

    [tables.post_tag]
    name = "public._PostToTag"
    columns = { post_id = "A", tag_id = "B" }
    "#);
    assert_eq!(propose(&catalog, &[], None).unwrap().unfilled, ["authorId"]);
}

#[test]
fn a_blog_without_tags_has_none() {
    let mut catalog = fitting();
    catalog.tables.truncate(1);
    assert!(section(&catalog).starts_with("[tables]\ntags = false\n"));
}

#[test]
fn tables_of_something_else_are_not_posts() {
    let mut catalog = fitting();
    catalog.tables = vec![
        table(
            "product",
            vec![column("id", "int4"), column("title", "text")],
            &[&["id"]],
        ),
        table(
            "note",
            vec![
                column("id", "uuid"),
                column("title", "text"),
                column("body", "text"),
            ],
            &[&["id"]],
        ),
    ];
    assert_eq!(propose(&catalog, &[], None), None);
}

#[test]
fn languages_of_paths_are_locales_where_two_have_a_file_of_the_same_name() {
    let told = |paths: &[&str]| {
        let paths: Vec<SourcePath> = paths.iter().map(|path| SourcePath::new(*path)).collect();
        told_by_paths(&paths).map(|locales| locales_section(&locales))
    };
    let by_directory = told(&["content/ko/a.md", "content/ko/b.md", "content/en/a.md"]);
    insta::assert_snapshot!(by_directory.unwrap(), @r#"
    [locales]
    default = "ko"
    others = ["en"]
    path = "{locale}/{name}"
    "#);
    let by_ending = told(&["posts/a.en.md", "posts/b.en.md", "posts/a.fr.md"]);
    insta::assert_snapshot!(by_ending.unwrap(), @r#"
    [locales]
    default = "en"
    others = ["fr"]
    path = "{name}.{locale}"
    "#);
    // Directories that are called like languages, and files without one.
    assert_eq!(told(&["content/it/a.md", "content/no/b.md"]), None);
    assert_eq!(told(&["content/a.md", "content/en/a.md"]), None);
    assert_eq!(told(&[]), None);
}
