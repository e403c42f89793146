//! Rows that another program made or changed: equal ones are adopted, others are named field by
//! field, and what no file states stays theirs.

use serde_json::json;

use crate::support::schemas;
use crate::support::test_blog::{TestBlog, json, on_both_stores};

on_both_stores!(
    rows_made_from_the_same_files_are_adopted_without_a_write,
    a_rehearsal_shows_what_is_adopted_and_writes_nothing,
    a_row_that_differs_is_named_with_each_field_and_both_values,
    force_overwrites_only_what_the_file_states_and_says_so,
    a_view_counter_is_no_edit,
    an_edit_of_row_and_file_to_the_same_is_adopted,
    a_later_change_keeps_what_others_wrote_findable,
);

/// The columns that the application has no use for.
const TABLES: &str = "\
    [tables.post.columns]\n\
    created_at = false\nslug = false\nextra = false\n";

/// The tables of an application, with columns that blogctl does not know, and posts that it made of
/// the same files; blogctl has never been there.
fn with_an_application(blog: &TestBlog) {
    let post = "tags: [go, rust]\ndescription: In short\n";
    blog.project
        .post_with(1, "One", post, "First line.\n\nSecond line.\n");
    blog.project.post(2, "Two");
    if blog.is_postgres() {
        blog.project.write("blogctl.toml", TABLES);
    } else {
        std::fs::create_dir_all(blog.project.path(".blogctl")).expect("the project is ours");
        std::fs::write(blog.project.path(".blogctl/.gitignore"), "*\n").expect("it is, too");
    }
    if blog.is_postgres() {
        // The application draws the ids of its tags from a sequence, here from 4 on.
        blog.sql("CREATE SEQUENCE tag_ids START 4");
    }
    let added = match blog.is_postgres() {
        true => ", image varchar(500), updated_at timestamptz",
        false => "",
    };
    let tag_id = match blog.is_postgres() {
        true => "integer PRIMARY KEY DEFAULT nextval('tag_ids')",
        false => "integer PRIMARY KEY",
    };
    blog.sql(&format!(
        "CREATE TABLE post (id integer PRIMARY KEY, title varchar(255) NOT NULL, description text,
             content text, word_count integer, category text, views integer{added});
         CREATE TABLE tag (id {tag_id}, name varchar(100) NOT NULL UNIQUE);
         CREATE TABLE post_tag (post_id integer NOT NULL, tag_id integer NOT NULL,
             PRIMARY KEY (post_id, tag_id));
         INSERT INTO post VALUES
             (1, 'One', 'In short', 'First line.\r\n\r\nSecond line.', 4, 'theirs', 7),
             (2, 'Two', 'Of their own', 'The body of post 2.\n', 5, NULL, 8);
         INSERT INTO tag VALUES (1, 'go'), (2, 'rust'), (3, 'theirs');
         INSERT INTO post_tag VALUES (1, 1), (1, 2), (2, 3)",
    ));
}

/// The rows of the application and what tells whether they were written.
fn rows(blog: &TestBlog) -> String {
    let dump = blog.dump();
    let lines = dump.lines().filter(|line| {
        // The tables grow columns, which old rows do not have.
        line.contains("First line.") || line.contains("The body of post 2.")
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn rows_made_from_the_same_files_are_adopted_without_a_write(blog: &TestBlog) {
    with_an_application(blog);
    let first = blog.sync(&[]);
    insta::allow_duplicates! {
        insta::assert_snapshot!(blog.snapshot(&first), @r"
        status: 0
        --- stdout ---
        adopt   content/1.md (id 1)
        adopt   content/2.md (id 2)
        0 created, 0 updated, 2 adopted, 0 moved, 0 removed, 0 unchanged in [STORE]
        --- stderr ---
        ");
    }
    let before = rows(blog);
    let again = blog.sync(&[]).stdout;
    assert!(again.starts_with("nothing changed: 2 posts"), "{again}");
    assert_eq!(rows(blog), before);
    let shown = blog.json(&["show", "1", "--format", "json"]);
    assert_eq!(shown["category"], "theirs");
    assert_eq!(shown["path"], "content/1.md");
    assert_eq!(shown["tags"], json!(["go", "rust"]));
    // Each is found by what its file and by what its row says.
    for (query, id) in [("second", 1), ("short", 1), ("own", 2), ("theirs", 2)] {
        let found = blog.json(&["search", query, "--format", "json"]);
        assert_eq!(found["posts"][0]["id"], id, "{query}: {found:#}");
    }
    let listed = blog.json(&["tags", "--format", "json"]);
    assert_eq!(
        listed["tags"].as_array().map(Vec::len),
        Some(3),
        "{listed:#}"
    );
    let runs = blog.json(&["history", "--format", "json"]);
    assert_eq!(runs["runs"][0]["unchanged"], 2, "{runs:#}");
    // From now on they are posts like others.
    blog.project.post(2, "Two, edited");
    assert_eq!(blog.sync_json(&[])["counts"]["updated"], 1);
    let shown = blog.json(&["show", "2", "--format", "json"]);
    assert_eq!(shown["description"], "Of their own");
    assert_eq!(shown["tags"], json!(["theirs"]));
    blog.project.remove("content/2.md");
    assert_eq!(blog.sync_json(&["--prune"])["counts"]["removed"], 1);
}

fn a_rehearsal_shows_what_is_adopted_and_writes_nothing(blog: &TestBlog) {
    with_an_application(blog);
    let before = blog.dump();
    let told = blog.sync_json(&["--dry-run"]);
    assert_eq!(told["counts"]["adopted"], 2);
    assert_eq!(told["changes"][0]["action"], "adopt");
    assert_eq!(blog.dump(), before);
    blog.run(&["sync", "content", "--dry-run", "--exit-code"])
        .expect_status(5);
    let report = blog.run(&["doctor", "content", "--format", "json"]);
    assert_eq!(json(&report)["healthy"], true, "{report:#?}");
}

/// Post 1 with another title, tag and body in the row than in the file.
fn with_differences(blog: &TestBlog) {
    with_an_application(blog);
    blog.sync(&[]);
    blog.sql(
        "UPDATE post SET title = 'Theirs', content = 'Another.' WHERE id = 1;
         UPDATE post SET image = '/theirs.png' WHERE id = 1;
         DELETE FROM post_tag WHERE post_id = 1 AND tag_id = 1;
         INSERT INTO post_tag VALUES (1, 3)",
    );
}

fn a_row_that_differs_is_named_with_each_field_and_both_values(blog: &TestBlog) {
    with_differences(blog);
    let output = blog.run(&["sync", "content"]).expect_status(4);
    insta::allow_duplicates! {
        insta::assert_snapshot!(blog.snapshot(&output), @r#"
        status: 4
        --- stdout ---
        --- stderr ---
        error: 1 post would overwrite what others did in the database:
          content/1.md (id 1): its row was edited since the last sync
            title: "One" in the file, "Theirs" in the row
            body: 3 lines differ
            tags: + go - theirs
        help: `blogctl diff content/1.md` shows what differs; to keep what is in the database, run `blogctl pull 1`; to publish what the files say, run the sync with --force
        "#);
    }
    let output = blog.run(&["sync", "content", "--format", "json"]);
    let told = json(&output.expect_status(4));
    schemas::assert_valid("sync", &told);
    let conflict = &told["conflicts"][0];
    assert_eq!(
        (&conflict["id"], &conflict["reason"]),
        (&json!(1), &json!("edited"))
    );
    assert_eq!(
        conflict["differences"],
        json!([
            {"field": "title", "file": "One", "row": "Theirs", "lines": null, "unreadable": null},
            {"field": "content", "file": null, "row": null, "lines": 3, "unreadable": null},
        ])
    );
    assert_eq!(conflict["tags_added"], json!(["go"]));
    assert_eq!(conflict["tags_removed"], json!(["theirs"]));
    let report = blog.run(&["doctor", "content"]).expect_status(4).stdout;
    assert!(
        report.contains("since the last sync: title, body, tags"),
        "{report}"
    );
}

fn force_overwrites_only_what_the_file_states_and_says_so(blog: &TestBlog) {
    with_differences(blog);
    let before = blog.dump();
    let output = blog.sync(&["--force", "--dry-run"]);
    insta::allow_duplicates! {
        insta::assert_snapshot!(blog.snapshot(&output), @r#"
        status: 0
        --- stdout ---
        update  content/1.md (id 1)
                  title: "One" in the file, "Theirs" in the row
                  body: 3 lines differ
                  tags: + go - theirs
        would be: 0 created, 1 updated, 0 moved, 0 removed, 1 unchanged in [STORE]
        --- stderr ---
        "#);
    }
    assert_eq!(blog.dump(), before);
    let told = blog.sync_json(&["--force"]);
    assert_eq!(told["overwrites"][0]["differences"][0]["row"], "Theirs");
    let shown = blog.json(&["show", "1", "--format", "json"]);
    assert_eq!(shown["title"], "One");
    assert_eq!(shown["tags"], json!(["go", "rust"]));
    assert_eq!(
        (&shown["category"], &shown["image"]),
        (&json!("theirs"), &json!("/theirs.png"))
    );
    assert!(blog.sync(&[]).stdout.starts_with("nothing changed"));
}

fn a_view_counter_is_no_edit(blog: &TestBlog) {
    with_an_application(blog);
    blog.sync(&[]);
    let now = if blog.is_postgres() { "now()" } else { "1" };
    blog.sql(&format!(
        "UPDATE post SET views = views + 1, updated_at = {now}"
    ));
    assert!(
        blog.sync(&[])
            .stdout
            .starts_with("nothing changed: 2 posts")
    );
    // A file that states the time owns it.
    let dated = "updated_at: 2025-01-01\n";
    blog.project
        .post_with(2, "Two", dated, "The body of post 2.\n");
    assert_eq!(blog.sync_json(&[])["counts"]["updated"], 1);
    blog.sql(&format!(
        "UPDATE post SET views = views + 1, updated_at = {now}"
    ));
    let output = blog.run(&["sync", "content"]).expect_status(4).stderr;
    assert!(
        output.contains("updated_at: \"2025-01-01T00:00:00Z\" in the file"),
        "{output}"
    );
}

fn an_edit_of_row_and_file_to_the_same_is_adopted(blog: &TestBlog) {
    blog.project.post(1, "One").post(2, "Two");
    blog.sync(&[]);
    blog.sql("UPDATE post SET title = 'New' WHERE id = 1");
    blog.project.post(1, "New");
    let told = blog.sync_json(&[]);
    assert_eq!(
        (&told["counts"]["adopted"], &told["counts"]["unchanged"]),
        (&json!(1), &json!(1))
    );
    assert!(
        blog.sync(&[])
            .stdout
            .starts_with("nothing changed: 2 posts")
    );
    let found = blog.json(&["search", "new", "--format", "json"]);
    assert_eq!(found["posts"][0]["id"], 1);
}

fn a_later_change_keeps_what_others_wrote_findable(blog: &TestBlog) {
    blog.project.post(1, "One").post(2, "Two");
    blog.sync(&[]);
    blog.sql(
        "UPDATE post SET description = 'walrus', category = 'theirs', extra = '{\"k\":\"v\"}'
             WHERE id = 1;
         INSERT INTO tag (name) VALUES ('theirs');
         INSERT INTO post_tag (post_id, tag_id) SELECT 1, id FROM tag",
    );
    blog.project.post(1, "One, edited");
    assert_eq!(blog.sync_json(&[])["counts"]["updated"], 1);
    for args in [
        &["walrus"][..],
        &["edited", "--category", "theirs"],
        &["edited", "--tag", "theirs"],
        &["edited", "--where", "k=v"],
    ] {
        let found = blog.json(&[&["search"], args, &["--format", "json"]].concat());
        assert_eq!(found["posts"][0]["id"], 1, "{args:?}: {found:#}");
    }
}

#[test]
fn fixed_values_fill_columns_that_blogctl_knows_nothing_of() {
    let blog = TestBlog::postgres();
    blog.sql(
        "CREATE TABLE post (id bigint PRIMARY KEY, title text NOT NULL, content text NOT NULL,
             published boolean NOT NULL, url text NOT NULL, rank integer NOT NULL)",
    );
    blog.project.write(
        "blogctl.toml",
        "[tables]\ntags = false\n[tables.post]\ncolumns = { description = false, category = false, \
         image = false, created_at = false, updated_at = false, word_count = false, slug = false, \
         extra = false }\nvalues = { published = true, url = \"/blog/{slug}-{id}\", rank = 7 }\n",
    );
    blog.project.post(1, "One").post(2, "Two");
    blog.sync(&[]);
    let rows = || {
        let client = blog.database().client();
        client.text("SELECT id, published, url, rank FROM post ORDER BY id")
    };
    assert_eq!(rows(), "1|t|/blog/1-1|7\n2|t|/blog/2-2|7");
    // An editor's choice stays; what follows from the post is written again.
    blog.sql("UPDATE post SET published = false, rank = 9, url = 'x' WHERE id = 1");
    blog.project.post(1, "One, edited");
    blog.sync(&[]);
    assert_eq!(rows(), "1|f|/blog/1-1|9\n2|t|/blog/2-2|7");
    assert!(blog.sync(&[]).stdout.starts_with("nothing changed"));
}
