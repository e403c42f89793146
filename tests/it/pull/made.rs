//! Rows that others made, and the new files that they get.

use std::fs;

use super::{contents, published, pulls_nothing, refuses, time};
use crate::support::project::post;
use crate::support::test_blog::{TestBlog, on_both_stores};

on_both_stores!(
    a_row_that_the_app_made_becomes_a_file_like_the_others,
    the_first_files_of_a_blog_come_from_its_rows,
    a_directory_takes_the_new_files,
    a_new_file_is_never_written_over_what_is_there,
);

fn a_row_that_the_app_made_becomes_a_file_like_the_others(site: &TestBlog) {
    for id in 1..=2 {
        let more = "created_at: 2025-01-01 09:00\ntags: [x]\nlayout: tall";
        let text = post(id, "T", more, "\nBody.\n");
        site.project
            .write(format!("content/notes/post-{id}.md"), text);
    }
    site.sync(&[]);
    let at = time(site, "2025-11-28T16:30:00Z");
    site.sql(&format!(
        "INSERT INTO post (id, title, description, category, image, content, created_at, slug, extra)
         VALUES (43, 'T', NULL, NULL, NULL, 'x', {at}, 'by-the-app', NULL),
             (42, 'By the app', 'Two: words', 'NEWS', 'a.png', 'Its body', {at}, 'by-the-app',
             '{{\"layout\": \"wide\", \"cover\": {{\"alt\": [1, true, null, \"x\"]}}}}');
         INSERT INTO tag (id, name) VALUES (77, 'a: b');
         INSERT INTO post_tag (post_id, tag_id) VALUES (42, 77);
         INSERT INTO post_tag (post_id, tag_id) SELECT 42, id FROM tag WHERE name = 'x'"
    ));
    let told = site.json(&["pull", "--format", "json"]);
    assert_eq!(
        told["changes"],
        serde_json::json!([
            {"action": "create", "id": 43, "path": "content/notes/by-the-app.md", "fields": [],
             "diff": null},
            {"action": "create", "id": 42, "path": "content/notes/by-the-app-42.md", "fields": [],
             "diff": null}
        ])
    );
    assert_eq!(
        site.project.read("content/notes/by-the-app-42.md"),
        "---\nid: 42\ntitle: \"By the app\"\ndescription: \"Two: words\"\ncategory: NEWS\n\
         created_at: 2025-11-28 16:30\nslug: by-the-app\ntags: [a: b, x]\nimage: a.png\n\
         layout: wide\ncover: {alt: [1, true, null, x]}\n---\n\nIts body\n"
            .replace("[a: b, x]", "[\"a: b\", x]")
    );
    site.sync(&["--force"]);
    let shown = site.json(&["show", "42", "--format", "json"]);
    assert_eq!(shown["extra"]["cover"]["alt"][1], true);
    assert_eq!(shown["tags"], serde_json::json!(["a: b", "x"]));
}

fn the_first_files_of_a_blog_come_from_its_rows(site: &TestBlog) {
    site.run(&["pull"]).expect_status(3);
    site.run(&["schema", "apply"]).expect_status(0);
    pulls_nothing(site);
    site.sql(
        "INSERT INTO post (id, title, content) VALUES (3, 'Three', 'Body'), (4, 'Four', NULL)",
    );
    site.run(&["pull"]).expect_status(0);
    assert_eq!(
        site.project.read("content/3.md"),
        "---\nid: 3\ntitle: Three\n---\nBody\n"
    );
    assert_eq!(
        site.project.read("content/4.md"),
        "---\nid: 4\ntitle: Four\n---\n"
    );
}

fn a_directory_takes_the_new_files(site: &TestBlog) {
    published(site);
    site.sql(
        "INSERT INTO post (id, title) VALUES (3, 'Three');
         UPDATE post SET title = 'New' WHERE id = 1",
    );
    // What is outside the directory is not looked for.
    let told = site.json(&["pull", "content/notes", "--format", "json"]);
    assert_eq!(told["counts"]["created"], 1);
    assert_eq!(told["counts"]["updated"], 0);
    assert!(site.project.path("content/notes/3.md").exists());
    // Files elsewhere in the content count as files.
    site.sql("INSERT INTO post (id, title) VALUES (4, 'Four')");
    let told = site.json(&["pull", "1", "4", "content/notes", "--format", "json"]);
    assert_eq!(told["changes"][0]["path"], "content/notes/4.md");
    assert_eq!(told["changes"][1]["path"], "content/1.md");
    // A post that has a file outside the content is not made again.
    site.project.rename("content/2.md", "old/2.md");
    site.sync(&["--force"]);
    site.run(&["sync", "old", "--force"]).expect_status(0);
    let line = "old/2.md (id 2): its file is not in the directory";
    refuses(site, &["2"], &[line]);
}

fn a_new_file_is_never_written_over_what_is_there(site: &TestBlog) {
    published(site);
    site.sql("INSERT INTO post (id, title) VALUES (3, 'Three'), (4, 'Four')");
    site.project
        .write("content/3.md", "---\nid: 99\ntitle: Mine\n---\n");
    fs::create_dir(site.project.path("content/4.md")).unwrap();
    let before = contents(site);
    for force in [&[][..], &["--force"]] {
        let lines = [
            "content/3.md (id 3): something else is there",
            "content/4.md (id 4): something else is there",
        ];
        refuses(site, force, &lines);
        assert_eq!(contents(site), before);
    }
}
