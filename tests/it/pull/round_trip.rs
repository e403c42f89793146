//! Files that come back from their rows, and syncs that find nothing to do.

use super::{contents, crlf, published, pulls_nothing};
use crate::support::test_blog::{TestBlog, on_both_stores};

on_both_stores!(
    files_stay_as_they_are_and_come_back_when_they_are_gone,
    a_sync_after_a_pull_writes_nothing,
);

/// Posts as people write them, each in another way.
const ODD: [&str; 20] = [
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
    "---\ntags: [a , b ]\ncreated_at: 2025-11-28 09:00:00 +0900\ntitle: 'T'\nid: 13\n# last\n---\nB\n",
    "---\nid: 14\ntitle: T\ncreated_at: 2025-11-28T09:00Z\nupdated_at: '2025-11-28 09:00:00.25'\ntags: [\"x y\", 'x: z', x,]\n---\n\nB\n",
    "---\r\n# first\r\n\r\ntags: # why\r\n    - 'b'   # because\r\n    - a\r\n\r\nid: 15\r\ntitle: T\r\ncreated_at: 2025-11-28 # a day\r\n---\r\nB\r\n\r\nC",
    "\u{feff}---\r\nid: 16\r\ntitle: \"It's\"\r\ndescription: >\r\n  one\r\n  two\r\n\r\ntags: [\r\n  a,\r\n  b,\r\n]\r\n---\r\n\r\nB\r\n",
    "---\n'id': 17\n\"title\": T\n? slug\n: s\n---\nB\n",
    "---\nid: 18\ntitle: T\ncreated_at: 2025-11-28T00:00:00.000001-03:30\nword_count: 1\n---\nB",
    "---\nid: 19\ntitle: |-\n  T\ntags: [a]\ncategory: \"글\"\nimage: ''\n---\n\n\n",
    "---\ntitle: T\nid: 20\nnested:\n  - a: 1\n    b: [x, {y: z}]\n  -\n    - '0x1F'\n\"\": empty\n---\n\tB\n",
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
    assert_eq!(told["counts"]["unchanged"], ODD.len());
    let ids: Vec<_> = (1..=ODD.len()).map(|id| id.to_string()).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    site.run(&[&["pull"], &*ids].concat()).expect_status(0);
    site.run(&["pull", "--force"]).expect_status(0);
    assert_eq!(contents(site), before);

    for path in before.keys() {
        site.project.remove(path);
    }
    let told = site.json(&["pull", "--format", "json"]);
    assert_eq!(told["counts"]["created"], ODD.len());
    let after = contents(site);
    assert!(after.keys().eq(before.keys()));
    // Every post is the same as before, to the last byte of its body.
    let sync = site.sync_json(&[]);
    assert_eq!(sync["counts"]["unchanged"], ODD.len(), "{sync:#}");
    assert_eq!(sync["changes"], serde_json::json!([]));
    // Pulling reads the store and nothing else.
    site.run(&["pull"]).expect_status(0);
    assert_eq!(contents(site), after);
    assert_eq!(rows.lines().count(), site.dump().lines().count());
}

fn a_sync_after_a_pull_writes_nothing(site: &TestBlog) {
    published(site);
    let line_end = crlf(site);
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
    pulls_nothing(site);
}
