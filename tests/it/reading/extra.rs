//! Slugs and extra keys as a user finds them again, on both stores.

use serde_json::{Value, json};

use crate::support::test_blog::{TestBlog, ids, on_both_stores};

on_both_stores!(
    a_slug_and_extra_keys_are_shown,
    a_slug_and_extra_keys_are_in_every_format,
    posts_are_found_by_their_extra_keys,
    the_next_page_keeps_the_pairs,
    a_pair_that_nothing_has_says_what_to_try,
    pairs_and_keys_that_make_no_sense_are_usage_errors,
    a_slug_that_no_post_has_is_not_found,
    of_two_posts_with_a_slug_the_newest_is_shown,
    what_is_hard_to_keep_comes_back_as_it_was,
    a_changed_extra_key_is_an_update,
    a_removed_extra_key_is_gone,
);

fn published(site: &TestBlog) {
    for (id, more) in [
        (1, "layout: wide\nmath: true\ntags: [neon]"),
        (2, "layout: wide\nauthors: [kim, lee]\ncategory: guide"),
        (
            3,
            "created_at: 2025-03-01\nslug: 글/a-title\nlayout: narrow\ncover: {alt: a cat, size: 1.5}",
        ),
        (4, "layout: wide\nauthors: [lee]\ncategory: guide"),
    ] {
        site.project
            .post_with(id, &format!("Post {id}"), more, "Its body.\n");
    }
    site.sync(&[]);
}

fn found(site: &TestBlog, args: &[&str]) -> Vec<i64> {
    ids(&site.json(&[args, &["--format", "json"]].concat()))
}

fn a_slug_and_extra_keys_are_shown(site: &TestBlog) {
    published(site);
    for args in [&["show", "3"][..], &["show", "--slug", "글/a-title"]] {
        let shown = site.run(args);
        insta::allow_duplicates! {
            insta::assert_snapshot!(site.snapshot(&shown), @r#"
            status: 0
            --- stdout ---
            id           3
            title        Post 3
            created      2025-03-01 00:00 +00:00 (UTC)
            words        2
            path         content/3.md
            slug         글/a-title
            extra        cover: {"alt":"a cat","size":1.5}
                         layout: narrow

            Its body.
            --- stderr ---
            "#);
        }
    }
}

fn a_slug_and_extra_keys_are_in_every_format(site: &TestBlog) {
    published(site);
    let extra = json!({"cover": {"alt": "a cat", "size": 1.5}, "layout": "narrow"});
    let shown = site.json(&["show", "3", "--format", "json"]);
    let listed = site.json(&["list", "--cursor", "4", "--limit", "1", "--format", "json"]);
    let found = site.json(&["search", "3", "--format", "json"]);
    for post in [&shown, &listed["posts"][0], &found["posts"][0]] {
        assert_eq!(post["slug"], "글/a-title");
        assert_eq!(post["extra"], extra);
    }
    assert_eq!(
        site.json(&["show", "1", "--format", "json"])["slug"],
        Value::Null
    );
    let line = |command: &[&str]| {
        let output = site.run(&[command, &["--format", "csv"]].concat());
        let text = output.expect_status(0).stdout;
        text.lines().nth(1).expect("there is a post").to_owned()
    };
    let text = r#"content/3.md,글/a-title,"{""cover"":{""alt"":""a cat"",""size"":1.5},""layout"":""narrow""}""#;
    assert!(line(&["list", "--cursor", "4"]).ends_with(text));
    assert!(line(&["search", "3"]).contains(text));
}

fn posts_are_found_by_their_extra_keys(site: &TestBlog) {
    published(site);
    for (args, expected) in [
        (&["list", "--where", "layout=wide"][..], &[4, 2, 1][..]),
        (&["list", "--where", "math=true"], &[1]),
        (&["list", "--where", "cover.alt=a cat"], &[3]),
        (&["list", "--where", "cover.size=1.5"], &[3]),
        (&["list", "--where", "authors=lee"], &[4, 2]),
        (
            &["list", "--where", "authors=lee", "--where", "authors=kim"],
            &[2],
        ),
        (
            &["list", "--where", "layout=wide", "--category", "guide"],
            &[4, 2],
        ),
        (&["list", "--where", "layout=wide", "--tag", "neon"], &[1]),
        (&["list", "--where", "layout=WIDE"], &[]),
        (&["search", "body", "--where", "layout=wide"], &[4, 2, 1]),
        (
            &[
                "search",
                "post",
                "-2",
                "--where",
                "authors=lee",
                "--where",
                "layout=wide",
            ],
            &[4],
        ),
    ] {
        assert_eq!(found(site, args), expected, "{args:?}");
    }
}

fn the_next_page_keeps_the_pairs(site: &TestBlog) {
    published(site);
    let first = site.run(&["list", "--where", "layout=wide", "--limit", "2"]);
    assert_eq!(
        first.expect_status(0).stderr,
        "more: blogctl list --where layout=wide --limit 2 --cursor 2\n"
    );
    assert_eq!(
        found(site, &["list", "--where", "layout=wide", "--cursor", "2"]),
        [1]
    );
}

fn a_pair_that_nothing_has_says_what_to_try(site: &TestBlog) {
    published(site);
    for command in [&["list"][..], &["search", "body"]] {
        let output = site.run(&[command, &["--where", "layout=none"]].concat());
        let said = output.expect_status(0).stderr;
        assert!(
            said.contains("hint: --where finds texts, numbers and booleans"),
            "{said}"
        );
    }
}

fn pairs_and_keys_that_make_no_sense_are_usage_errors(site: &TestBlog) {
    let long = format!("k={}", "x".repeat(256));
    for args in [
        &["list", "--where", "layout"][..],
        &["list", "--where", "=x"],
        &["list", "--where", "title=x"],
        &["list", "--where", &long],
        &["search", "x", "--where", "layout"],
        &["show"],
        &["show", "1", "--slug", "x"],
    ] {
        let said = site.run(args).expect_status(2).stderr;
        assert!(said.contains("error: "), "{args:?}: {said}");
    }
}

fn a_slug_that_no_post_has_is_not_found(site: &TestBlog) {
    published(site);
    let said = site
        .run(&["show", "--slug", "x\u{1b}y"])
        .expect_status(6)
        .stderr;
    assert!(said.contains("has no post with the slug"), "{said}");
    assert!(!said.contains('\u{1b}'), "{said}");
}

fn of_two_posts_with_a_slug_the_newest_is_shown(site: &TestBlog) {
    for id in [1, 2] {
        site.project.post_with(id, "T", "slug: x", "Body.\n");
    }
    site.sync(&[]);
    assert_eq!(
        site.json(&["show", "--slug", "x", "--format", "json"])["id"],
        2
    );
}

fn what_is_hard_to_keep_comes_back_as_it_was(site: &TestBlog) {
    let deep = format!("deep: {}1{}", "[".repeat(100), "]".repeat(100));
    let wide = format!("wide: [{}]", "\"\\a\",".repeat(10_000));
    let values = "numbers: [0.1, -0.0, 1e16, 1e300, 1e-300, 18446744073709551615, 1.0, 5e-324]\n\
                  texts: [\"\\e[2J\", \"\\u2028\", '\\u0000', '{\"a\": 1}', \"a\\nb\", '']\n\
                  \"odd \\\" key.with dots\": {\"\": ~, b: [], c: {}}\n";
    let more = format!("{values}{deep}\n{wide}");
    site.project.post_with(1, "T", &more, "Body.\n");
    site.sync(&[]);
    let again = site.run(&["sync", "--dry-run"]).expect_status(0);
    assert!(
        again.stdout.starts_with("nothing changed"),
        "{}",
        again.stdout
    );
    let shown = site.json(&["show", "1", "--format", "json"]);
    assert_eq!(shown.get("unreadable"), None);
    let extra = &shown["extra"];
    assert_eq!(
        extra["numbers"],
        json!([
            0.1,
            0.0,
            10_000_000_000_000_000_u64,
            1e300,
            1e-300,
            u64::MAX,
            1.0,
            5e-324
        ])
    );
    assert_eq!(
        extra["texts"],
        json!(["\u{1b}[2J", "\u{2028}", "\\u0000", "{\"a\": 1}", "a\nb", ""])
    );
    assert_eq!(
        extra["odd \" key.with dots"],
        json!({"": null, "b": [], "c": {}})
    );
    assert_eq!(extra["wide"].as_array().map(Vec::len), Some(10_000));
    assert!(extra["deep"].to_string().starts_with(&"[".repeat(100)));
}

fn a_changed_extra_key_is_an_update(site: &TestBlog) {
    published(site);
    site.project
        .post_with(1, "Post 1", "layout: narrow\ntags: [neon]", "Its body.\n");
    let output = site.sync(&[]);
    assert!(output.stdout.contains("1 updated"), "{}", output.stdout);
    assert_eq!(found(site, &["list", "--where", "layout=wide"]), [4, 2]);
    assert_eq!(found(site, &["list", "--where", "layout=narrow"]), [3, 1]);
    assert_eq!(
        found(site, &["list", "--where", "math=true"]),
        [] as [i64; 0]
    );
}

fn a_removed_extra_key_is_gone(site: &TestBlog) {
    published(site);
    site.project.post_with(3, "Post 3", "", "Its body.\n");
    site.sync(&[]);
    let shown = site.json(&["show", "3", "--format", "json"]);
    assert_eq!(
        (&shown["slug"], &shown["extra"]),
        (&Value::Null, &json!({}))
    );
    site.run(&["show", "--slug", "글/a-title"]).expect_status(6);
}
