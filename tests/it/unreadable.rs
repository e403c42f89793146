//! Rows that others wrote, as a user meets them: each value that cannot be shown is marked and
//! named, and nothing else is lost.

use crate::support::test_blog::{TestBlog, ids, on_both_stores};

on_both_stores!(
    a_time_that_cannot_be_shown_is_marked_in_every_format,
    a_page_of_such_rows_is_told_in_a_few_lines,
    every_command_goes_on,
);

/// Three posts, one of them with a time that no output has.
fn published(site: &TestBlog) {
    for id in 1..=3 {
        let front_matter = format!("category: guide\ntags: [neon]\ncreated_at: 2025-01-0{id}\n");
        site.project
            .post_with(id, &format!("Post {id}"), &front_matter, "Its body.\n");
    }
    site.sync(&[]);
    spoil(site, "id = 2");
}

fn spoil(site: &TestBlog, posts: &str) {
    let late = match site.is_postgres() {
        true => "'20000-01-01'",
        false => "568971820800000000",
    };
    site.sql(&format!(
        "UPDATE post SET created_at = {late} WHERE {posts}"
    ));
}

fn a_time_that_cannot_be_shown_is_marked_in_every_format(site: &TestBlog) {
    published(site);
    let run = |args: &[&str]| site.snapshot(&site.run(args).expect_status(0));
    insta::allow_duplicates! {
        insta::assert_snapshot!(run(&["list"]), @r"
        status: 0
        --- stdout ---
        ID  CREATED (UTC)  CATEGORY  WORDS  TITLE   TAGS
         3  2025-01-03     guide         2  Post 3  neon
         2  (unreadable)   guide         2  Post 2  neon
         1  2025-01-01     guide         2  Post 1  neon
        --- stderr ---
        warning: post 2: created_at is outside the years -9999 to 9999, which cannot be shown
        ");
        insta::assert_snapshot!(run(&["list", "--format", "json"]), @r#"
        status: 0
        --- stdout ---
        {"posts":[
        {"id":3,"title":"Post 3","description":null,"category":"guide","tags":["neon"],"image":null,"created_at":"2025-01-03T00:00:00Z","updated_at":null,"word_count":2,"path":"content/3.md","slug":null,"extra":{}},
        {"id":2,"title":"Post 2","description":null,"category":"guide","tags":["neon"],"image":null,"created_at":null,"updated_at":null,"word_count":2,"path":"content/2.md","slug":null,"extra":{},"unreadable":["created_at"]},
        {"id":1,"title":"Post 1","description":null,"category":"guide","tags":["neon"],"image":null,"created_at":"2025-01-01T00:00:00Z","updated_at":null,"word_count":2,"path":"content/1.md","slug":null,"extra":{}}
        ],"has_more":false,"next_cursor":null}
        --- stderr ---
        warning: post 2: created_at is outside the years -9999 to 9999, which cannot be shown
        "#);
        insta::assert_snapshot!(run(&["list", "--format", "csv", "--limit", "2"]), @r#"
        status: 0
        --- stdout ---
        id,title,description,category,tags,image,created_at,updated_at,word_count,path,slug,extra
        3,Post 3,,guide,"[""neon""]",,2025-01-03T00:00:00Z,,2,content/3.md,,{}
        2,Post 2,,guide,"[""neon""]",,,,2,content/2.md,,{}
        --- stderr ---
        warning: post 2: created_at is outside the years -9999 to 9999, which cannot be shown
        "#);
        insta::assert_snapshot!(run(&["show", "2"]), @r"
        status: 0
        --- stdout ---
        id           2
        title        Post 2
        category     guide
        tags         neon
        created      (unreadable)
        words        2
        path         content/2.md

        Its body.
        --- stderr ---
        warning: post 2: created_at is outside the years -9999 to 9999, which cannot be shown
        ");
        insta::assert_snapshot!(run(&["show", "2", "--format", "json"]), @r#"
        status: 0
        --- stdout ---
        {"id":2,"title":"Post 2","description":null,"category":"guide","tags":["neon"],"image":null,"created_at":null,"updated_at":null,"word_count":2,"path":"content/2.md","slug":null,"extra":{},"unreadable":["created_at"],"content":"Its body.\n"}
        --- stderr ---
        warning: post 2: created_at is outside the years -9999 to 9999, which cannot be shown
        "#);
        insta::assert_snapshot!(run(&["search", "body", "--limit", "2"]), @r"
        status: 0
        --- stdout ---
        ID  CREATED (UTC)  CATEGORY  WORDS  TITLE   TAGS
         3  2025-01-03     guide         2  Post 3  neon
            Its body.
         2  (unreadable)   guide         2  Post 2  neon
            Its body.
        --- stderr ---
        warning: post 2: created_at is outside the years -9999 to 9999, which cannot be shown
        more: blogctl search --limit 2 --cursor 2 body
        ");
    }
    let quiet = site.run(&["list", "--quiet"]).expect_status(0);
    assert_eq!(quiet.stderr, "");
    assert!(quiet.stdout.contains("(unreadable)"));
}

fn a_page_of_such_rows_is_told_in_a_few_lines(site: &TestBlog) {
    for id in 1..=120 {
        site.project.post(id, &format!("Post {id}"));
    }
    site.sync(&[]);
    spoil(site, "true");
    let output = site
        .run(&["list", "--all", "--format", "jsonl"])
        .expect_status(0);
    assert_eq!(output.stdout.lines().count(), 120);
    let warnings: Vec<_> = output.stderr.lines().collect();
    assert_eq!(warnings.len(), 6, "{warnings:#?}");
    assert!(warnings[0].starts_with("warning: post 120: created_at is outside"));
    assert_eq!(warnings[5], "warning: 115 more values cannot be shown");
}

fn every_command_goes_on(site: &TestBlog) {
    published(site);
    for (args, status) in [
        (&["list", "--category", "guide", "--tag", "neon"][..], 0),
        (&["list", "--since", "2024-01-01"], 0),
        (&["search", "body", "--sort", "relevance"], 0),
        (&["tags"], 0),
        (&["categories"], 0),
        (&["history"], 0),
        // The row was edited, and that is what they say.
        (&["sync", "content", "--dry-run"], 4),
        (&["sync", "content"], 4),
        (&["doctor"], 4),
    ] {
        let output = site.run(args).expect_status(status);
        let told = output.stdout + &output.stderr;
        assert!(!told.contains("panic"), "{args:?}: {told}");
        if status == 4 {
            assert!(told.contains("content/2.md (id 2)"), "{args:?}: {told}");
        }
    }
    let all = site.json(&["list", "--all", "--format", "json"]);
    assert_eq!(ids(&all), [3, 2, 1]);
    site.sync(&["--force"]);
    assert_eq!(site.run(&["list"]).expect_status(0).stderr, "");
}

#[test]
fn a_search_says_in_whose_text_it_could_not_look() {
    let site = TestBlog::postgres();
    published(&site);
    site.sql("ALTER TABLE post ALTER content TYPE jsonb USING to_jsonb(content)");
    let output = site.run(&["search", "body"]).expect_status(0);
    assert_eq!(output.stdout, "");
    for id in 1..=3 {
        let warning = format!("warning: post {id}: content is of type jsonb");
        assert!(output.stderr.contains(&warning), "{}", output.stderr);
    }
    // Found by its title, a post has one warning for each of its columns.
    let output = site.run(&["search", "Post 2"]).expect_status(0);
    assert!(
        output.stdout.contains("\n 2  (unreadable)"),
        "{}",
        output.stdout
    );
    assert_eq!(output.stderr.matches("post 2: content").count(), 1);
    assert_eq!(output.stderr.matches("post 2: created_at").count(), 1);
}
