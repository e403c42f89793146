//! Pages of a list, on both stores.

use serde_json::json;

use super::{published, walk};
use crate::support::test_blog::{TestBlog, ids, on_both_stores};

on_both_stores!(
    walks_of_every_limit_agree,
    the_newest_twenty_are_the_default,
    a_page_tells_how_to_go_on,
    a_span_of_days_follows_the_projects_zone,
);

fn walks_of_every_limit_agree(site: &TestBlog) {
    for id in 1..=130 {
        let more = if id % 3 == 0 { "tags: [third]" } else { "" };
        site.project.post_with(id * 7, "A title", more, "Body.\n");
    }
    site.sync(&[]);
    let all = site.ids();
    assert_eq!(all, (1..=130).rev().map(|id| id * 7).collect::<Vec<_>>());
    for limit in ["3", "100"] {
        assert_eq!(walk(site, &[], limit), all, "{limit}");
    }
    let third: Vec<i64> = all.iter().copied().filter(|id| id % 21 == 0).collect();
    for limit in ["1", "3", "100"] {
        assert_eq!(walk(site, &["--tag", "third"], limit), third, "{limit}");
    }
    let below = ["list", "--all", "--format", "json", "--cursor", "100"];
    assert_eq!(ids(&site.json(&below)), all[all.len() - 14..]);
}

fn the_newest_twenty_are_the_default(site: &TestBlog) {
    for id in 1..=21 {
        site.project.post(id, "A title");
    }
    site.sync(&[]);
    let page = site.json(&["list", "--format", "json"]);
    assert_eq!(ids(&page), (2..=21).rev().collect::<Vec<_>>());
    assert_eq!(
        (&page["has_more"], &page["next_cursor"]),
        (&json!(true), &json!(2))
    );
    let last = site.json(&["list", "--format", "json", "--cursor", "2"]);
    assert_eq!(
        (&last["has_more"], &last["next_cursor"]),
        (&json!(false), &json!(null))
    );
    assert_eq!(ids(&last), [1]);
    // A last page that is full has nothing after it.
    let full = site.json(&["list", "--format", "json", "--limit", "21"]);
    assert_eq!(full["has_more"], false);
}

fn a_page_tells_how_to_go_on(site: &TestBlog) {
    published(site);
    let first = site
        .run(&["list", "--tag", "neon", "--limit", "2"])
        .expect_status(0);
    assert_eq!(
        first.stderr,
        "more: blogctl list --tag neon --limit 2 --cursor 5\n"
    );
    let quiet = site
        .run(&["list", "--tag", "neon", "--limit", "2", "--quiet"])
        .expect_status(0);
    assert_eq!((quiet.stdout, quiet.stderr), (first.stdout, String::new()));
    let none = site.run(&["list", "--category", "x"]).expect_status(0);
    assert_eq!(none.stdout, "");
    assert!(
        none.stderr.contains("blogctl categories"),
        "{}",
        none.stderr
    );
}

fn a_span_of_days_follows_the_projects_zone(site: &TestBlog) {
    site.project.post_with(
        1,
        "Evening in UTC",
        "created_at: 2025-01-01T20:00:00Z",
        "Body.\n",
    );
    site.sync(&[]);
    let day =
        |day: &str| ids(&site.json(&["list", "--format", "json", "--since", day, "--until", day]));
    assert_eq!((day("2025-01-01"), day("2025-01-02")), (vec![1], vec![]));
    site.project
        .write("blogctl.toml", "time_zone = \"Asia/Seoul\"\n");
    assert_eq!((day("2025-01-01"), day("2025-01-02")), (vec![], vec![1]));
    let table = site.run(&["list"]).expect_status(0).stdout;
    assert!(table.contains("2025-01-02"), "{table}");
}
