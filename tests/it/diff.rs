//! `blogctl diff` as a user runs it: files against rows, on both stores.

use serde_json::{Value, json};

use crate::support::schemas::assert_valid;
use crate::support::test_blog::{self, TestBlog, on_both_stores};

on_both_stores!(
    people_see_which_side_changed_and_how,
    programs_get_the_same,
    control_characters_of_a_row_are_escaped,
    values_that_cannot_be_shown_are_told,
    everything_is_new_before_the_first_sync,
    paths_narrow_what_is_compared,
    files_with_errors_are_not_compared,
    fields_that_no_file_states_are_the_rows_own,
    more_rows_than_one_answer_holds_are_compared,
    rows_that_say_what_their_files_say_are_equal,
);

/// Has one post for each kind of difference, and one that is equal.
fn differing(site: &TestBlog) {
    let stated = "category: guide\ntags: [go, sql]\ncreated_at: 2025-01-01\n";
    for id in 1..=7 {
        site.project
            .post_with(id, &format!("Post {id}"), stated, "One.\n\nTwo.\n");
    }
    site.sync(&[]);
    site.sql(
        "UPDATE post SET title = 'By hand', content = 'One.' WHERE id = 2;
         UPDATE post SET title = 'By hand' WHERE id = 3;
         DELETE FROM post_tag WHERE post_id IN (3, 4)
            AND tag_id = (SELECT id FROM tag WHERE name = 'go');
         DELETE FROM post_tag WHERE post_id = 4;
         DELETE FROM post WHERE id = 4;
         INSERT INTO post (id, title, content) VALUES (8, 'Theirs', ''), (9, 'Not ours', '')",
    );
    site.project
        .post_with(1, "Post 1", stated, "One.\n\nTwo.\nThree.\n");
    site.project
        .post_with(3, "Post three", stated, "One.\n\nTwo.\n");
    site.project.remove("content/5.md");
    site.project.rename("content/6.md", "content/a/6.md");
    site.project.post(8, "Ours").post(10, "New");
}

fn people_see_which_side_changed_and_how(site: &TestBlog) {
    differing(site);
    let before = site.dump();
    let output = site.run(&["diff"]).expect_status(0);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r#"
        status: 0
        --- stdout ---
        content/10.md · id 10 · only in files: the file is new
        title: + "New"
        word_count: + 5
        content:
        @@ -0,0 +1,1 @@
        +The body of post 10.

        id 9 · only in the database: no sync wrote the row
        title: - "Not ours"

        content/8.md · id 8 · no sync wrote the row
        title: - "Theirs" + "Ours"
        content:
        @@ -0,0 +1,1 @@
        +The body of post 8.

        content/a/6.md · id 6 · only the path was changed · it was content/6.md

        content/5.md · id 5 · only in the database: the file is gone
        title: - "Post 5"
        category: - "guide"
        created_at: - 2025-01-01T00:00:00Z
        word_count: - 2
        tags: - go - sql
        content:
        @@ -1,3 +0,0 @@
        -One.
        -
        -Two.

        content/4.md · id 4 · only in files: the row was deleted since the last sync
        title: + "Post 4"
        category: + "guide"
        created_at: + 2025-01-01T00:00:00Z
        word_count: + 2
        tags: + go + sql
        content:
        @@ -0,0 +1,3 @@
        +One.
        +
        +Two.

        content/3.md · id 3 · the file was changed and the row was edited since the last sync
        title: - "By hand" + "Post three"
        tags: + go

        content/2.md · id 2 · the row was edited since the last sync
        title: - "By hand" + "Post 2"
        content:
        @@ -1,1 +1,3 @@
         One.
        +
        +Two.

        content/1.md · id 1 · the file was changed since the last sync
        content:
        @@ -1,3 +1,4 @@
         One.
         
         Two.
        +Three.

        5 posts differ from their files, 2 are only in files, 2 are only in the database, 1 is equal in [STORE]
        --- stderr ---
        hint: a sync refuses to overwrite 4 posts that another program changed, unless --force is given
        hint: 2 posts in the database without a published file: `blogctl pull` brings them to files, `blogctl sync --prune` removes those that a sync wrote
        "#);
    }
    assert_eq!(site.dump(), before);
}

fn programs_get_the_same(site: &TestBlog) {
    differing(site);
    let told = site.json(&["diff", "--format", "json"]);
    let state = |post: &Value| (post["id"].as_i64(), post["state"].clone());
    let states: Vec<_> = told["posts"]
        .as_array()
        .expect("a list")
        .iter()
        .map(state)
        .collect();
    let expected = [
        (10, "new_file"),
        (9, "no_file"),
        (8, "foreign_row"),
        (6, "moved"),
        (5, "file_removed"),
        (4, "row_removed"),
        (3, "both_changed"),
        (2, "row_changed"),
        (1, "file_changed"),
    ];
    let expected = expected.map(|(id, state)| (Some(id), Value::from(state)));
    assert_eq!(states, expected);
    assert_eq!((&told["different"], &told["equal"]), (&json!(9), &json!(1)));
    let sides = (&told["only_in_files"], &told["only_in_database"]);
    assert_eq!(sides, (&json!(2), &json!(2)));
    let posts = &told["posts"];
    assert_eq!(posts[1]["path"], Value::Null);
    assert_eq!(posts[3]["from"], "content/6.md");
    assert_eq!(
        posts[6]["fields"],
        json!([{"field": "title", "file": "Post three", "row": "By hand"}])
    );
    assert_eq!(posts[6]["tags"], json!({"added": ["go"], "removed": []}));
    assert_eq!(posts[7]["content"], "@@ -1,1 +1,3 @@\n One.\n+\n+Two.\n");
    let status = |args: &[&str]| site.run(&[&["diff"], args].concat()).status;
    assert_eq!(status(&["--exit-code"]), 5);
    assert_eq!(status(&["--exit-code", "content/7.md"]), 0);
}

fn control_characters_of_a_row_are_escaped(site: &TestBlog) {
    site.project.post(1, "One");
    site.sync(&[]);
    let escape = match site.is_postgres() {
        true => "chr(27)",
        false => "char(27)",
    };
    site.sql(&format!(
        "UPDATE post SET title = 'a' || {escape} || '[2J', content = 'b' || {escape} || '[2J'"
    ));
    let shown = site.run(&["diff", "--color", "never"]).expect_status(0);
    assert!(!shown.stdout.contains('\u{1b}'), "{shown:#?}");
    assert!(shown.stdout.contains(r"\u001b[2J"), "{shown:#?}");
    assert!(shown.stdout.contains(r"-b\u{1b}[2J"), "{shown:#?}");
    let text = site.run(&["diff", "--format", "json"]).stdout;
    assert!(!text.contains('\u{1b}'), "{text}");
}

fn values_that_cannot_be_shown_are_told(site: &TestBlog) {
    site.project
        .post_with(1, "One", "created_at: 2025-01-01\n", "x\n");
    site.sync(&[]);
    let late = match site.is_postgres() {
        true => "'20000-01-01'",
        false => "568971820800000000",
    };
    site.sql(&format!("UPDATE post SET created_at = {late}"));
    let output = site.run(&["diff"]).expect_status(0);
    insta::allow_duplicates! {
        insta::assert_snapshot!(site.snapshot(&output), @r"
        status: 0
        --- stdout ---
        content/1.md · id 1 · the row was edited since the last sync
        created_at: - (unreadable) + 2025-01-01T00:00:00Z

        1 post differs from its file, 0 are equal in [STORE]
        --- stderr ---
        warning: post 1: created_at is outside the years -9999 to 9999, which cannot be shown
        hint: a sync refuses to overwrite 1 post that another program changed, unless --force is given
        ");
    }
    let told = site.json(&["diff", "--format", "json"]);
    assert_eq!(told["posts"][0]["unreadable"], json!(["created_at"]));
}

fn everything_is_new_before_the_first_sync(site: &TestBlog) {
    site.project.post(1, "One").post(2, "Two");
    let told = site.json(&["diff", "--format", "json"]);
    assert_eq!((&told["different"], &told["equal"]), (&json!(2), &json!(0)));
    assert_eq!(told["posts"][1]["state"], "new_file");
    assert_eq!(site.dump(), "", "nothing is made");
}

fn paths_narrow_what_is_compared(site: &TestBlog) {
    site.project.post(1, "One").post(2, "Two");
    site.project.write(
        "content/guide/3.md",
        "---\nid: 3\ntitle: Three\n---\nText.\n",
    );
    site.sync(&[]);
    site.sql("UPDATE post SET title = 'By hand'");
    site.project.remove("content/2.md");
    let ids = |paths: &[&str]| -> Vec<i64> {
        let args = [&["diff", "--format", "json"], paths].concat();
        test_blog::ids(&site.json(&args))
    };
    assert_eq!(ids(&[]), [3, 2, 1]);
    // A row without a file belongs to no path.
    site.sql("INSERT INTO post (id, title) VALUES (9, 'Theirs'), (8, 'Broken')");
    site.project
        .write("content/8.md", "---\nid: 8\ncreated_at: never\n---\n");
    assert_eq!(
        test_blog::ids(&test_blog::json(&site.run(&["diff", "--format", "json"]))),
        [9, 3, 2, 1],
        "the file of 8 is no valid post"
    );
    site.project.remove("content/8.md");
    assert_eq!(ids(&[]), [9, 8, 3, 2, 1]);
    assert_eq!(ids(&["content/1.md"]), [1]);
    assert_eq!(ids(&["content/2.md"]), [2], "its file is gone");
    assert_eq!(ids(&["content/guide/"]), [3]);
    assert_eq!(
        ids(&["content/1.md", "content", "content/guide"]),
        [3, 2, 1]
    );
    site.project.write("content/notes.txt", "No post.\n");
    for path in ["content/4.md", "content/nothing/", "content/notes.txt"] {
        let output = site.run(&["diff", "content/1.md", path]).expect_status(2);
        assert!(
            output.stderr.contains(path.trim_end_matches('/')),
            "{output:#?}"
        );
        assert_eq!(output.stdout, "");
    }
}

fn files_with_errors_are_not_compared(site: &TestBlog) {
    site.project.post(1, "One").post(2, "Two").post(3, "Three");
    site.sync(&[]);
    site.project.write("content/1.md", "---\nid: 1\n---\n");
    site.project.post(2, "Changed");
    // Two files with one id: neither of them is the post's.
    site.project.write(
        "content/4.md",
        "---\nid: 3\ntitle: Also three\n---\nText.\n",
    );
    let output = site.run(&["diff", "--format", "json"]).expect_status(1);
    let told = test_blog::json(&output);
    assert_valid("diff", &told);
    assert_eq!(test_blog::ids(&told), [2]);
    let rules: Vec<_> = told["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|finding| finding["rule"].clone())
        .collect();
    assert_eq!(rules, ["missing-title", "duplicate-id"]);
    assert!(
        output
            .stderr
            .contains("files with errors were not compared"),
        "{output:#?}"
    );
    // The same where each is named.
    let paths = ["diff", "content/3.md", "content/4.md"];
    let output = site.run(&paths).expect_status(1);
    assert!(output.stderr.contains("error[duplicate-id]"), "{output:#?}");
}

fn fields_that_no_file_states_are_the_rows_own(site: &TestBlog) {
    site.project.post(1, "One");
    site.project.post_with(2, "Two", "slug: two\n", "x\n");
    site.project.post_with(3, "Three", "slug: three\n", "x\n");
    site.sync(&[]);
    site.sql("UPDATE post SET slug = 'theirs', category = 'theirs'");
    site.project.post_with(3, "Three", "", "x\n");
    let told = site.json(&["diff", "--format", "json"]);
    assert_eq!(test_blog::ids(&told), [3, 2]);
    let slug = |file: Value| json!([{"field": "slug", "file": file, "row": "theirs"}]);
    // A sync clears what the file does not state any more.
    assert_eq!(told["posts"][0]["fields"], slug(Value::Null));
    assert_eq!(told["posts"][1]["fields"], slug("two".into()));
}

fn more_rows_than_one_answer_holds_are_compared(site: &TestBlog) {
    for id in 1..=5 {
        site.project.post(id, "A post");
    }
    site.sync(&[]);
    let long = match site.is_postgres() {
        true => "repeat('x', 10000000)",
        false => "replace(hex(zeroblob(5000000)), '0', 'x')",
    };
    site.sql(&format!("UPDATE post SET content = {long}"));
    let output = site.run(&["diff"]).expect_status(0);
    assert!(output.stdout.contains("5 posts differ"), "{output:#?}");
    let cut = "x… (9995904 bytes left out)";
    assert_eq!(output.stdout.matches(cut).count(), 5);
}

/// Postgres refuses such tables unless `[tables]` names them.
#[test]
fn a_table_that_no_sync_has_seen_is_compared() {
    let site = TestBlog::embedded();
    std::fs::create_dir(site.project.path(".blogctl")).expect("the project is ours");
    site.sql(
        "CREATE TABLE post (id integer PRIMARY KEY, title varchar(255) NOT NULL, content text);
         INSERT INTO post VALUES (1, 'One', 'Text.'), (2, 'Theirs', 'Text.')",
    );
    let file = |id: i64, title: &str| format!("---\nid: {id}\ntitle: {title}\n---\nText.\n");
    site.project.write("content/1.md", file(1, "One"));
    site.project.write("content/2.md", file(2, "Ours"));
    let told = site.json(&["diff", "--format", "json"]);
    assert_eq!(told["posts"][0]["state"], "foreign_row");
    let title = json!({"field": "title", "file": "Ours", "row": "Theirs"});
    assert_eq!(told["posts"][0]["fields"][0], title);
    assert_eq!(told["posts"][0]["content"], Value::Null);
}

fn rows_that_say_what_their_files_say_are_equal(site: &TestBlog) {
    site.project.post(1, "One");
    site.sync(&[]);
    site.sql("UPDATE post SET content = content || '  x'");
    site.project.write(
        "content/1.md",
        "---\nid: 1\ntitle: One\nword_count: 5\n---\nThe body of post 1.  x\n",
    );
    site.sql("UPDATE post SET content = 'The body of post 1.  x'");
    let output = site.run(&["diff", "--exit-code"]).expect_status(0);
    assert!(
        output.stdout.contains("the row says what the file says"),
        "{output:#?}"
    );
    assert!(output.stdout.contains("no differences: 1 post"));
}
