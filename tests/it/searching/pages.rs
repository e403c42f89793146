//! Pages of finds, and the ranking.

use serde_json::json;

use super::{found, published, search};
use crate::support::test_blog::{TestBlog, ids, on_both_stores};

on_both_stores!(
    walks_of_every_limit_agree,
    a_walk_skips_and_repeats_nothing_while_posts_come_and_go,
    a_page_tells_how_to_go_on,
    a_ranking_tells_where_its_window_ends,
);

/// Follows the cursors from page to page; `between` is called before each further one.
fn walk(site: &TestBlog, words: &[&str], limit: &str, mut between: impl FnMut(usize)) -> Vec<i64> {
    let mut all = Vec::new();
    let mut cursor: Option<String> = None;
    for page in 1.. {
        let mut args = [words, &["--limit", limit]].concat();
        if let Some(cursor) = &cursor {
            args.extend(["--cursor", cursor]);
        }
        let answer = search(site, &args);
        let found = ids(&answer);
        assert!(found.len() <= limit.parse().expect("a limit is a number"));
        all.extend(found);
        assert_eq!(answer["has_more"], json!(!answer["next_cursor"].is_null()));
        let Some(next) = answer["next_cursor"].as_i64() else {
            break;
        };
        assert_eq!(all.last(), Some(&next), "the cursor is the last id seen");
        cursor = Some(next.to_string());
        between(page);
    }
    all
}

/// Posts of which every third has the phrase, and others its words apart.
fn many(site: &TestBlog) -> Vec<i64> {
    for id in 1..=150 {
        let body = match id % 3 {
            0 => "A cold start, 빠른 쿼리.\n",
            1 => "The start is cold. 쿼리 없이 빠른 글.\n",
            _ => "Neither.\n",
        };
        site.project.post_with(id, &format!("Post {id}"), "", body);
    }
    site.sync(&["--quiet"]);
    (1..=150).rev().filter(|id| id % 3 == 0).collect()
}

fn walks_of_every_limit_agree(site: &TestBlog) {
    let expected = many(site);
    for words in ["\"cold start\"", "\"빠른 쿼리\""] {
        for limit in ["7", "50", "100"] {
            assert_eq!(
                walk(site, &[words], limit, |_| ()),
                expected,
                "{words} {limit}"
            );
        }
        found(site, &[words, "--all"], &expected);
        found(site, &[words], &expected[..20]);
        found(site, &[words, "--all", "--cursor", "9"], &[6, 3]);
    }
    let last = ["\"cold start\"", "--cursor", "7"];
    assert_eq!(walk(site, &last[..1], "25", |_| ()).len(), 50);
    for limit in ["1", "3"] {
        let args = [&last[..], &["--limit", limit]].concat();
        assert_eq!(ids(&search(site, &args))[0], 6);
    }
}

fn a_walk_skips_and_repeats_nothing_while_posts_come_and_go(site: &TestBlog) {
    let expected = many(site);
    // Every further page is read after a new match came on top and the matches around the
    // cursor went.
    let gone = [135, 132, 129, 99];
    let seen = walk(site, &["\"cold start\""], "6", |page| {
        let new = 1_000 + i64::try_from(page).expect("pages are few");
        site.project.post_with(new, "New", "", "A cold start.\n");
        if page == 1 {
            for id in gone {
                site.project.remove(format!("content/{id}.md"));
            }
        }
        site.sync(&["--quiet", "--prune"]);
    });
    let first_page = |id: &&i64| **id >= expected[5];
    let stayed = |id: &&i64| first_page(id) || !gone.contains(id);
    let expected: Vec<i64> = expected.iter().filter(stayed).copied().collect();
    assert_eq!(seen, expected);
}

fn a_page_tells_how_to_go_on(site: &TestBlog) {
    published(site);
    let output = site
        .run(&[
            "search",
            "cold",
            "-orm",
            "--limit",
            "2",
            "--category",
            "guide",
        ])
        .expect_status(0);
    let more = "more: blogctl search --category guide --limit 2 --cursor 3 -- cold -orm\n";
    assert_eq!(output.stderr, more);
    let words: Vec<&str> = more["more: blogctl ".len()..].trim().split(' ').collect();
    let rest = site.run(&words).expect_status(0);
    assert!(rest.stdout.contains("Cold start"), "{}", rest.stdout);
    assert_eq!(rest.stderr, "");
}

fn a_ranking_tells_where_its_window_ends(site: &TestBlog) {
    for id in 1..=201 {
        let title = if id <= 2 { "Needle" } else { "Hay" };
        let body = if id == 100 {
            "needle ".repeat(20)
        } else {
            "A needle.".into()
        };
        site.project.post_with(id, title, "", &body);
    }
    site.sync(&["--quiet"]);
    let ranked = ["search", "needle", "--sort", "relevance"];
    let output = site.run(&[&ranked[..], &["--ids", "--limit", "3"]].concat());
    let output = output.expect_status(0);
    assert_eq!(
        output.stdout, "2\n100\n201\n",
        "post 1 is too old to be ranked"
    );
    assert!(
        output.stderr.contains("newest 200 matches"),
        "{}",
        output.stderr
    );
    let answer = search(site, &ranked[1..]);
    assert_eq!(answer["window_cut"], true);
    assert_eq!(
        (&answer["has_more"], &answer["next_cursor"]),
        (&json!(false), &json!(null))
    );
    assert_eq!(ids(&answer).len(), 20);
    site.project.remove("content/150.md");
    site.sync(&["--quiet", "--prune"]);
    let output = site.run(&[&ranked[..], &["--ids", "--limit", "3"]].concat());
    let output = output.expect_status(0);
    assert_eq!((&*output.stdout, &*output.stderr), ("2\n1\n100\n", ""));
    assert_eq!(search(site, &ranked[1..])["window_cut"], false);
    assert_eq!(search(site, &["needle"]).get("window_cut"), None);
    for flag in [&["--all"][..], &["--cursor", "7"]] {
        let output = site.run(&[&ranked[..], flag].concat()).expect_status(2);
        assert!(output.stderr.contains("does not go with --sort relevance"));
    }
}
