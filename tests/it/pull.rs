//! `blogctl pull`: rows that others changed or made come to files, and nothing is lost on the
//! way.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::project::post;
use crate::support::schemas::assert_valid;
use crate::support::test_blog::{TestBlog, json, on_both_stores};

on_both_stores!(
    an_edited_row_changes_what_differs_in_its_file_and_nothing_else,
    a_row_that_the_app_made_becomes_a_file_like_the_others,
    files_stay_as_they_are_and_come_back_when_they_are_gone,
    a_file_that_changed_too_is_a_conflict,
    nothing_is_written_if_a_row_is_refused,
    ids_choose_the_posts,
    a_named_post_brings_what_its_file_never_stated,
    a_rehearsal_writes_nothing,
    a_new_file_is_never_written_over_what_is_there,
    no_file_is_written_through_a_link,
    what_would_not_be_read_is_not_written,
    a_value_that_cannot_be_read_is_refused,
    the_first_files_of_a_blog_come_from_its_rows,
    a_directory_takes_the_new_files,
    files_that_are_newer_are_left_alone,
    a_sync_after_a_pull_writes_nothing,
);

/// Returns every file of the content with its bytes.
fn contents(site: &TestBlog) -> BTreeMap<String, Vec<u8>> {
    fn add(directory: &Path, root: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(directory).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(&path, root, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                files.insert(name.to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    let mut files = BTreeMap::new();
    add(
        &site.project.path("content"),
        &site.project.root(),
        &mut files,
    );
    files
}

/// A time as the store's column holds it.
fn time(site: &TestBlog, text: &str) -> String {
    let at: jiff::Timestamp = text.parse().unwrap();
    match site.is_postgres() {
        true => format!("'{text}'"),
        false => at.as_microsecond().to_string(),
    }
}

/// Two posts, written by hand and published.
fn published(site: &TestBlog) {
    site.project.write(
        "content/1.md",
        "---\r\n# ours\r\ntitle: 'One' # the title\r\nid: 1\r\ntags:\r\n  - b # why\r\n  - a\r\n\
         created_at: \"2025-11-28\"\r\nlayout: wide\r\n---\r\n\r\nOne  \r\n\r\ntwo\r\n",
    );
    site.project.post(2, "Two");
    site.sync(&[]);
}

fn an_edited_row_changes_what_differs_in_its_file_and_nothing_else(site: &TestBlog) {
    published(site);
    let before = site.project.read("content/1.md");
    let late = time(site, "2025-11-28T09:30:00Z");
    site.sql(
        &format!(
            "UPDATE post SET title = 'One: it''s edited', content = 'One' || char(10) || 'three',
             created_at = {late}, description = 'A text' WHERE id = 1;
         DELETE FROM post_tag WHERE tag_id = (SELECT id FROM tag WHERE name = 'a')"
        )
        .replace(
            "char(10)",
            if site.is_postgres() {
                "chr(13) || chr(10)"
            } else {
                "char(13, 10)"
            },
        ),
    );
    let output = site.run(&["pull"]).expect_status(0);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 0
        --- stdout ---
        update  content/1.md (id 1): title, description, tags, created_at, body
        0 created, 1 updated, 1 unchanged from [STORE]
        --- stderr ---
        ");
    }
    let expected = before
        .replace("'One'", "'One: it''s edited'")
        .replace("  - a\r\n", "")
        .replace("\"2025-11-28\"", "\"2025-11-28 09:30\"")
        .replace("id: 1\r\n", "description: A text\r\nid: 1\r\n")
        .replace("One  \r\n\r\ntwo\r\n", "One\r\nthree\r\n");
    let pulled = site.project.read("content/1.md");
    // Where the new key goes is the writer's choice.
    let sorted = |text: &str| {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&pulled), sorted(&expected));
    let again = site.json(&["pull", "--format", "json"]);
    assert_eq!(again["counts"]["unchanged"], 2);
    assert_eq!(again["changes"], serde_json::json!([]));
}

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
            {"action": "create", "id": 43, "path": "content/notes/by-the-app.md", "fields": []},
            {"action": "create", "id": 42, "path": "content/notes/by-the-app-42.md", "fields": []}
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

/// Posts as people write them, each in another way.
const ODD: [&str; 12] = [
    "---\nid: 1\ntitle: T\n---\nBody",
    "---\nid: 2\ntitle: T\n---",
    "---\r\nid: 3\r\ntitle: T\r\n---\r\n\r\nBody\r\n\r\n",
    "\u{feff}---\ntitle: >-\n  a\n  b\nid: 4\n---\n\n\n\n  indented\n\n",
    "---\nid: 5\ntitle: \"A \\u0007 b\"\ndescription: |\n  one\n\n  two\n---\nBody\n---\nmore\n",
    "---\n{id: 6, title: T, tags: [a, 'b']}\n---\nBody\n",
    "---\nid: 7\ntitle: T\nslug: 글\ncreated_at: 2025-01-01\nupdated_at: 2025-01-02T03:04:05.678901+09:00\n---\n",
    "---\nid: 8\ntitle: T\nword_count: 99\nimage: i\ncategory: ''\"'\n---\n \nBody\n",
    "---\nid: 9\ntitle: T\n1: one\nnested: {a: [1.5, .inf, ~, 'x\ty']}\n\"q: r\": 2025-01-01\n---\nB\n",
    "---\nid: 10\ntitle: &t T\nother: *t\ndraft: false\n---\n# Body\n\n```\n---\n```\n",
    "---\nid: 11\ntitle: T\ntags:\n- 'null'\n- \"1\"\n- ~x\n---\nB\rC\n",
    "---\nid: 12\ntitle: T\ntags: []\nempty:\nlist: []\nmap: {}\nfalse: no\n---\n\u{a0}\u{3000}\nB\n",
];

fn files_stay_as_they_are_and_come_back_when_they_are_gone(site: &TestBlog) {
    for (number, text) in (1..).zip(ODD) {
        let text = text.replace("category: ''\"'\n", "");
        site.project
            .write(format!("content/d{}/p{number}.md", number % 3), text);
    }
    site.sync(&[]);
    let before = contents(site);
    let rows = site.dump();
    let told = site.json(&["pull", "--format", "json"]);
    assert_eq!(told["counts"]["unchanged"], 12);
    let ids: Vec<_> = (1..=12).map(|id| id.to_string()).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    site.run(&[&["pull"], &*ids].concat()).expect_status(0);
    site.run(&["pull", "--force"]).expect_status(0);
    assert_eq!(contents(site), before);

    for path in before.keys() {
        site.project.remove(path);
    }
    let told = site.json(&["pull", "--format", "json"]);
    assert_eq!(told["counts"]["created"], 12);
    let after = contents(site);
    assert!(after.keys().eq(before.keys()));
    // Every post is the same as before, to the last byte of its body.
    let sync = site.sync_json(&[]);
    assert_eq!(sync["counts"]["unchanged"], 12, "{sync:#}");
    assert_eq!(sync["changes"], serde_json::json!([]));
    // Pulling reads the store and nothing else.
    site.run(&["pull"]).expect_status(0);
    assert_eq!(contents(site), after);
    assert_eq!(rows.lines().count(), site.dump().lines().count());
}

fn a_file_that_changed_too_is_a_conflict(site: &TestBlog) {
    published(site);
    let edit = "UPDATE post SET title = 'Theirs', description = 'New' WHERE id = 2";
    site.sql(edit);
    site.project.post(2, "Ours");
    let before = contents(site);
    let output = site.run(&["pull"]).expect_status(4);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 4
        --- stdout ---
        --- stderr ---
        error: 1 post cannot be pulled; nothing was written:
          content/2.md (id 2): its file changed since the last sync, and has another title, description
        help: to publish what the file says, run `blogctl sync --force`; to overwrite the file, name the post and add --force
        ");
    }
    assert_eq!(contents(site), before);
    let refused = json(&site.run(&["pull", "--format", "json"]).expect_status(4));
    assert_valid("pull", &refused);
    assert_eq!(refused["status"], "refused");
    assert_eq!(refused["refused"][0]["reason"], "changed");
    assert_eq!(
        refused["refused"][0]["fields"],
        serde_json::json!(["title", "description"])
    );
    site.run(&["pull", "2", "--force"]).expect_status(0);
    assert_eq!(
        site.project.read("content/2.md"),
        post(2, "Theirs", "description: New", "The body of post 2.\n")
    );
    // A file that is no post any more can only be written over as a whole.
    site.project
        .write("content/2.md", "---\nid: 2\nx: 1\n---\nMine\n");
    site.run(&["pull"]).expect_status(4);
    site.run(&["pull", "--force"]).expect_status(0);
    assert!(
        site.project
            .read("content/2.md")
            .contains("title: 'Theirs'")
    );
}

fn nothing_is_written_if_a_row_is_refused(site: &TestBlog) {
    published(site);
    site.sql(
        "UPDATE post SET title = 'New' WHERE id = 1;
         INSERT INTO post (id, title, extra) VALUES (3, 'T', '{\"draft\": true}'), (4, 'T', NULL)",
    );
    let before = contents(site);
    let output = site.run(&["pull"]).expect_status(4);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 4
        --- stdout ---
        --- stderr ---
        error: 1 post cannot be pulled; nothing was written:
          post 3: its extra has the key `draft`, which has a meaning of its own in a file
        help: change the row in the database, then run it again; to pull other posts, name them
        ");
    }
    assert_eq!(contents(site), before);
    let output = site.run(&["pull", "--force"]).expect_status(4);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 4
        --- stdout ---
        create  content/4.md (id 4)
        update  content/1.md (id 1): title
        1 created, 1 updated, 1 unchanged from [STORE]
        --- stderr ---
        error: 1 post cannot be pulled; the other files were written:
          post 3: its extra has the key `draft`, which has a meaning of its own in a file
        help: change the row in the database, then run it again; to pull other posts, name them
        ");
    }
}

fn ids_choose_the_posts(site: &TestBlog) {
    published(site);
    site.sql("UPDATE post SET title = 'New'");
    let told = site.json(&["pull", "2", "--format", "json"]);
    assert_eq!(told["changes"][0]["id"], 2);
    assert_eq!(told["counts"]["updated"], 1);
    assert!(!site.project.read("content/1.md").contains("New"));
    let output = site.run(&["pull", "1", "8", "9"]).expect_status(6);
    assert!(
        output.stderr.contains("has no posts 8, 9"),
        "{}",
        output.stderr
    );
    assert!(!site.project.read("content/1.md").contains("New"));
    let failed = json(
        &site
            .run(&["pull", "8", "--format", "json"])
            .expect_status(6),
    );
    assert_valid("pull", &failed);
    assert_eq!(failed["status"], "failed");
    site.run(&["pull", "one", "2"]).expect_status(2);
    site.run(&["pull", "1", "content/2.md"]).expect_status(2);
}

fn a_named_post_brings_what_its_file_never_stated(site: &TestBlog) {
    published(site);
    site.sql("UPDATE post SET description = 'Theirs', slug = 'two' WHERE id = 2");
    let output = site.run(&["pull"]).expect_status(0);
    assert!(
        output.stdout.starts_with("nothing to pull"),
        "{}",
        output.stdout
    );
    let told = site.json(&["pull", "1", "2", "--format", "json"]);
    assert_eq!(told["counts"]["unchanged"], 1);
    assert_eq!(
        told["changes"][0]["fields"],
        serde_json::json!(["description", "slug"])
    );
    let file = site.project.read("content/2.md");
    assert!(
        file.contains("description: Theirs\n") && file.contains("slug: two\n"),
        "{file}"
    );
}

fn a_rehearsal_writes_nothing(site: &TestBlog) {
    published(site);
    site.sql(
        "UPDATE post SET title = 'New' WHERE id = 1;
         INSERT INTO post (id, title) VALUES (3, 'Three')",
    );
    let (files, rows) = (contents(site), site.dump());
    let output = site.run(&["pull", "--dry-run"]).expect_status(0);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 0
        --- stdout ---
        create  content/3.md (id 3)
        update  content/1.md (id 1): title
        would be: 1 created, 1 updated, 1 unchanged from [STORE]
        --- stderr ---
        ");
    }
    let told = site.json(&["pull", "--dry-run", "--format", "json"]);
    assert_eq!(told["dry_run"], true);
    assert_eq!(contents(site), files);
    site.run(&["pull"]).expect_status(0);
    assert_eq!(site.dump(), rows, "a pull writes nothing to the store");
}

fn a_new_file_is_never_written_over_what_is_there(site: &TestBlog) {
    published(site);
    site.sql("INSERT INTO post (id, title) VALUES (3, 'Three'), (4, 'Four')");
    site.project
        .write("content/3.md", "---\nid: 99\ntitle: Mine\n---\n");
    fs::create_dir(site.project.path("content/4.md")).unwrap();
    let before = contents(site);
    for force in [&[][..], &["--force"]] {
        let output = site.run(&[&["pull"], force].concat()).expect_status(4);
        for line in [
            "content/3.md (id 3): something else is there",
            "content/4.md (id 4): something else is there",
        ] {
            assert!(output.stderr.contains(line), "{}", output.stderr);
        }
        assert_eq!(contents(site), before);
    }
}

fn no_file_is_written_through_a_link(site: &TestBlog) {
    published(site);
    site.project.post(3, "Three");
    site.project.rename("content/3.md", "content/in/3.md");
    site.sync(&[]);
    site.sql("UPDATE post SET title = 'New'");
    // A file and a directory are now links to what git keeps elsewhere.
    site.project.rename("content/2.md", "elsewhere/2.md");
    symlink("../elsewhere/2.md", site.project.path("content/2.md")).unwrap();
    site.project.rename("content/in/3.md", "elsewhere/in/3.md");
    fs::remove_dir(site.project.path("content/in")).unwrap();
    symlink("../elsewhere/in", site.project.path("content/in")).unwrap();
    let before = contents(site);
    let output = site.run(&["pull", "--force"]).expect_status(4);
    for path in ["content/2.md (id 2)", "content/in/3.md (id 3)"] {
        let line = format!("{path}: a symbolic link leads there");
        assert!(output.stderr.contains(&line), "{}", output.stderr);
    }
    let mut after = contents(site);
    assert!(site.project.read("content/1.md").contains("'New'"));
    after.insert("content/1.md".into(), before["content/1.md"].clone());
    assert_eq!(after, before);
    assert!(!site.project.read("elsewhere/2.md").contains("New"));

    // A link where the file was.
    site.project.remove("content/2.md").remove("elsewhere/2.md");
    symlink("../elsewhere/2.md", site.project.path("content/2.md")).unwrap();
    site.run(&["pull", "2"]).expect_status(4);
    assert!(!site.project.path("elsewhere/2.md").exists());
}

fn what_would_not_be_read_is_not_written(site: &TestBlog) {
    published(site);
    site.project.write(".blogctlignore", "3.md\n");
    site.sql("INSERT INTO post (id, title) VALUES (3, 'Three')");
    let output = site.run(&["pull"]).expect_status(4);
    let line = "content/3.md (id 3): the file would not be read: it is hidden, or ignored";
    assert!(output.stderr.contains(line), "{}", output.stderr);
    assert!(!site.project.path("content/3.md").exists());
}

fn a_value_that_cannot_be_read_is_refused(site: &TestBlog) {
    published(site);
    let late = match site.is_postgres() {
        true => "'20000-01-01'",
        false => "568971820800000000",
    };
    site.sql(&format!("UPDATE post SET created_at = {late} WHERE id = 1"));
    let output = site.run(&["pull", "--force"]).expect_status(4);
    let line = "content/1.md (id 1): its row cannot be read: created_at is outside the years";
    assert!(output.stderr.contains(line), "{}", output.stderr);
}

fn the_first_files_of_a_blog_come_from_its_rows(site: &TestBlog) {
    site.run(&["pull"]).expect_status(3);
    site.run(&["schema", "apply"]).expect_status(0);
    let output = site.run(&["pull"]).expect_status(0);
    assert!(
        output.stdout.starts_with("nothing to pull"),
        "{}",
        output.stdout
    );
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
    // A post that has a file outside the content is not made anew.
    site.project.rename("content/2.md", "old/2.md");
    site.sync(&["--force"]);
    site.run(&["sync", "old", "--force"]).expect_status(0);
    let output = site.run(&["pull", "2"]).expect_status(4);
    let line = "old/2.md (id 2): its file is not in the directory";
    assert!(output.stderr.contains(line), "{}", output.stderr);
}

fn files_that_are_newer_are_left_alone(site: &TestBlog) {
    published(site);
    site.project.post(2, "Newer").post(3, "Three");
    site.sync(&[]);
    site.project.post(3, "Newer");
    site.sql("DELETE FROM post_tag; DELETE FROM post WHERE id = 2");
    let before = contents(site);
    let output = site.run(&["pull", "--dry-run"]).expect_status(0);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 0
        --- stdout ---
        update  content/1.md (id 1): tags
        would be: 0 created, 1 updated, 0 unchanged from [STORE]
        --- stderr ---
        hint: 1 file changed since the last sync, whose rows did not:
          content/3.md
          `blogctl sync` publishes them
        hint: 1 file left alone, whose rows were deleted in the database:
          content/2.md
          delete them, or publish them again with `blogctl sync --force`
        ");
    }
    assert_eq!(contents(site), before);
    let output = site.run(&["pull", "3"]).expect_status(4);
    assert!(
        output
            .stderr
            .contains("its file changed since the last sync"),
        "{}",
        output.stderr
    );
}

fn a_sync_after_a_pull_writes_nothing(site: &TestBlog) {
    published(site);
    let line_end = if site.is_postgres() {
        "chr(13) || chr(10)"
    } else {
        "char(13, 10)"
    };
    site.sql(&format!(
        "UPDATE post SET title = 'New', content = 'Many more words' || {line_end} || 'here'
             WHERE id = 2;
         INSERT INTO post (id, title, content, slug) VALUES (3, 'By the app', 'Its body', 's')"
    ));
    site.run(&["pull"]).expect_status(0);
    let rows = |site: &TestBlog| {
        let shown = |id: &str| {
            let mut shown = site.json(&["show", id, "--format", "json"]);
            shown["path"] = serde_json::Value::Null;
            shown
        };
        ["1", "2", "3"].map(shown)
    };
    let before = rows(site);
    let told = site.sync_json(&[]);
    assert_eq!(told["counts"]["updated"], 0, "{told:#}");
    assert_eq!(told["counts"]["created"], 0, "{told:#}");
    assert_eq!(rows(site), before);
    assert!(site.sync(&[]).stdout.starts_with("nothing changed"));
    let output = site.run(&["pull"]).expect_status(0);
    assert!(
        output.stdout.starts_with("nothing to pull"),
        "{}",
        output.stdout
    );
}
