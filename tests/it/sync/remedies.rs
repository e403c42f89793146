//! The commands that a refused sync names: each works as it is printed.

use crate::support::project::{Output, post};
use crate::support::test_blog::{TestBlog, on_both_stores};

on_both_stores!(
    the_commands_of_a_conflict_show_it_and_bring_the_rows_to_the_files,
    a_row_whose_file_is_gone_comes_back_instead_of_being_pruned,
    a_deleted_row_has_nothing_to_bring,
);

/// Returns the commands between backquotes in the help of a refused sync.
fn commands(stderr: &str) -> Vec<String> {
    let help = stderr.lines().find_map(|line| line.strip_prefix("help: "));
    let parts = help.unwrap_or_default().split('`');
    parts.skip(1).step_by(2).map(str::to_owned).collect()
}

/// Runs a command as a shell takes it.
fn shell(site: &TestBlog, line: &str) -> Output {
    let line = line.replacen("blogctl", "\"$BLOGCTL\"", 1);
    site.project.shell(&match &site.database {
        Some(database) => format!("DATABASE_URL='{}' {line}", database.plain_url()),
        None => line,
    })
}

fn the_commands_of_a_conflict_show_it_and_bring_the_rows_to_the_files(site: &TestBlog) {
    for name in ["it's one", "two"] {
        let id = if name == "two" { 2 } else { 1 };
        let text = post(id, "Ours", "", "Body.\n");
        site.project.write(format!("content/{name}.md"), text);
    }
    site.sync(&[]);
    site.sql(
        "UPDATE post SET title = 'Edited';
         INSERT INTO post (id, title, content) VALUES (3, 'Theirs', 'By the app')",
    );
    let refused = site.run(&["sync"]).expect_status(4);
    let [diff, pull] = &commands(&refused.stderr)[..] else {
        panic!("{}", refused.stderr)
    };
    assert_eq!(pull, "blogctl pull 1 2", "their files did not change");
    // A file that changed, and one that no sync has published.
    let text = post(2, "Changed", "", "Body.\n");
    site.project.write("content/two.md", text).post(3, "Three");
    let refused = site.run(&["sync"]).expect_status(4);
    assert_eq!(
        shell(site, diff)
            .expect_status(0)
            .stdout
            .matches("Edited")
            .count(),
        2
    );
    let [diff, pull] = &commands(&refused.stderr)[..] else {
        panic!("{}", refused.stderr)
    };
    let shown = shell(site, diff).expect_status(0).stdout;
    for words in [
        "\"Edited\"",
        "\"Theirs\"",
        "\"Changed\"",
        "content/it's one.md",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    shell(site, pull).expect_status(0);
    assert_eq!(site.sync_json(&[])["counts"]["adopted"], 3);
    assert!(site.project.read("content/two.md").contains("Edited"));
    assert!(site.project.read("content/3.md").contains("By the app"));
}

fn a_row_whose_file_is_gone_comes_back_instead_of_being_pruned(site: &TestBlog) {
    site.project.post(1, "One").post(2, "Two").post(3, "Three");
    site.sync(&[]);
    site.sql("UPDATE post SET title = 'Edited' WHERE id = 2");
    site.project.remove("content/2.md");
    let refused = site.run(&["sync", "content", "--prune"]).expect_status(4);
    let [diff, pull] = &commands(&refused.stderr)[..] else {
        panic!("{}", refused.stderr)
    };
    assert_eq!(
        (&**diff, &**pull),
        ("blogctl diff content/2.md", "blogctl pull 2")
    );
    assert!(shell(site, diff).expect_status(0).stdout.contains("Edited"));
    shell(site, pull).expect_status(0);
    assert_eq!(site.sync_json(&["--prune"])["counts"]["adopted"], 1);
}

fn a_deleted_row_has_nothing_to_bring(site: &TestBlog) {
    site.project.post(1, "One").post(2, "Two");
    site.sync(&[]);
    site.sql("DELETE FROM post WHERE id = 2");
    let refused = site.run(&["sync"]).expect_status(4);
    let commands = commands(&refused.stderr);
    assert_eq!(commands, ["blogctl diff content/2.md"]);
    let shown = shell(site, &commands[0]).expect_status(0).stdout;
    assert!(
        shown.contains("only in files: the row was deleted"),
        "{shown}"
    );
    assert!(
        refused.stderr.contains("remove their files"),
        "{}",
        refused.stderr
    );
    site.project.remove("content/2.md");
    site.sync(&["--prune"]);
}

/// Neither the database nor the directory is one that a command finds by itself.
#[test]
fn commands_name_the_database_and_the_directory_that_the_sync_was_given() {
    let site = TestBlog::embedded();
    site.project.write("blogctl.toml", "");
    for id in 1..=4 {
        site.project
            .write(format!("posts/{id}.md"), post(id, "Ours", "", "Body.\n"));
    }
    let sync = ["sync", "posts", "--database", "sqlite:my blog.db"];
    site.run(&sync).expect_status(0);
    rusqlite::Connection::open(site.project.path("my blog.db"))
        .and_then(|connection| connection.execute_batch("UPDATE post SET title = 'Edited'"))
        .expect("the store is a database");
    let refused = site.run(&sync).expect_status(4);
    let [diff, pull] = &commands(&refused.stderr)[..] else {
        panic!("{}", refused.stderr)
    };
    assert_eq!(diff, "blogctl diff --database 'sqlite:my blog.db' posts");
    assert_eq!(
        pull,
        "blogctl pull --database 'sqlite:my blog.db' 1 2 3 4 posts"
    );
    let shown = shell(&site, diff).expect_status(0).stdout;
    assert!(shown.contains("4 posts differ"), "{shown}");
    shell(&site, pull).expect_status(0);
    let synced = site.run(&sync).expect_status(0);
    assert!(synced.stdout.contains("4 adopted"), "{synced:#?}");
}

#[test]
fn a_password_is_no_part_of_a_command() {
    let site = TestBlog::postgres();
    site.project.post(1, "One");
    site.sync(&[]);
    site.sql("UPDATE post SET title = 'Edited'");
    let url = site.database().plain_url();
    let url = url.replace("blogctl@", "blogctl:hunter2@");
    let refused = site
        .run(&["sync", "content", "--database", &url])
        .expect_status(4);
    assert!(!refused.stderr.contains("hunter2"), "{}", refused.stderr);
    assert_eq!(commands(&refused.stderr).len(), 2);
}
