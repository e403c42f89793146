//! Rows that are not brought to files, and the reasons.

use std::fs;
use std::os::unix::fs::symlink;

use super::{contents, published, refuses};
use crate::support::project::post;
use crate::support::schemas::assert_valid;
use crate::support::test_blog::{TestBlog, json, on_both_stores};

on_both_stores!(
    a_file_that_changed_too_is_a_conflict,
    nothing_is_written_if_a_row_is_refused,
    no_file_is_written_through_a_link,
    what_would_not_be_read_is_not_written,
    a_value_that_cannot_be_read_is_refused,
);

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
    refuses(
        site,
        &["--force"],
        &[
            "content/2.md (id 2): a symbolic link leads there",
            "content/in/3.md (id 3): a symbolic link leads there",
        ],
    );
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
    let line = "content/3.md (id 3): the file would not be read: it is hidden, or ignored";
    refuses(site, &[], &[line]);
    assert!(!site.project.path("content/3.md").exists());
}

fn a_value_that_cannot_be_read_is_refused(site: &TestBlog) {
    published(site);
    let late = match site.is_postgres() {
        true => "'20000-01-01'",
        false => "568971820800000000",
    };
    site.sql(&format!("UPDATE post SET created_at = {late} WHERE id = 1"));
    let line = "content/1.md (id 1): its row cannot be read: created_at is outside the years";
    refuses(site, &["--force"], &[line]);
}
