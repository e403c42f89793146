//! Files that are read, and the findings of those that are wrong.

use super::test_reading::{fails, findings, good, post, reading, settings, shown};
use crate::finding::{Finding, Level};
use crate::post::{Post, PostId};

#[test]
fn reads_every_key() {
    let (post, body) = good(
        "---
id: 41
title: \"Keyset: 페이지 🎉\"
description: One sentence.
category: Postgres
tags: [rust, 데이터베이스, Rust]
image: /images/a.png
created_at: 2025-11-28 09:00:00.000 +0900
updated_at: 2025-11-29
word_count: 3
draft: false
---

Three words here.
",
    );
    assert_eq!(
        post,
        Post {
            description: Some("One sentence.".into()),
            category: Some("Postgres".into()),
            tags: vec!["Rust".into(), "rust".into(), "데이터베이스".into()],
            image: Some("/images/a.png".into()),
            created_at: Some("2025-11-28T00:00:00Z".parse().unwrap()),
            updated_at: Some("2025-11-28T15:00:00Z".parse().unwrap()),
            word_count: 3,
            ..Post::new(PostId::new(41).unwrap(), "Keyset: 페이지 🎉")
        }
    );
    assert_eq!(body, "Three words here.\n");
}

#[test]
fn tells_an_empty_list_of_tags_from_none() {
    let (empty, none) = (post("tags: []"), post(""));
    assert!(empty.has_empty_tags && empty.tags.is_empty());
    assert!(!none.has_empty_tags && !post("tags: [a]").has_empty_tags);
    assert!(!post("tags:").has_empty_tags);
    assert_ne!(empty.digest(""), none.digest(""));
}

#[test]
fn takes_a_key_without_a_value_as_absent() {
    let keys = "description:\ncategory: ~\ntags:\nimage: null\ncreated_at:\nupdated_at:\nword_count:\ndraft:";
    assert_eq!(post(keys), post(""));
    assert_eq!(post("").tags, Vec::<String>::new());
}

#[test]
fn reads_a_file_with_a_bom_and_crlf_like_one_without() {
    let (plain, body) =
        good("---\nid: 1\ntitle: T\ndescription: |\n  a\n  b\n---\n\na b\n---\nc\n");
    let text = "\u{feff}---\r\nid: 1\r\ntitle: T\r\ndescription: |\r\n  a\r\n  b\r\n---\r\n\r\na b\r\n---\r\nc\r\n";
    let (windows, windows_body) = good(text);
    assert_eq!((&plain, &body), (&windows, &windows_body));
    assert_eq!(plain.digest(&body), windows.digest(&windows_body));
    assert_eq!(body, "a b\n---\nc\n");
}

#[test]
fn tells_the_place_in_the_file_despite_a_bom_and_crlf() {
    let found = findings("\u{feff}---\r\nid: 1\r\ntitle: 가\r\ndraft: 예  \r\n---\r\n");
    assert_eq!(shown(&found), ["invalid-draft 4:8 예"]);
    assert_eq!(found[0].location.as_ref().unwrap().excerpt, "draft: 예  ");
}

#[test]
fn reports_all_errors_of_a_file_down_the_file() {
    let found = findings(
        "---
tags: {a: b}
draft: perhaps
id: -1
title: [x]
created_at: soon
id: 2
image: {x: y}
---
",
    );
    assert_eq!(
        shown(&found),
        [
            "invalid-tags 2:7 {a: b}",
            "invalid-draft 3:8 perhaps",
            "invalid-id 4:5 -1",
            "invalid-title 5:8 [x]",
            "invalid-created-at 6:13 soon",
            "duplicate-key 7:1 id",
            "invalid-image 8:8 {x: y}",
        ]
    );
    assert!(found.iter().all(|finding| finding.help.is_some()));
    assert!(found[5].message.contains("line 4"), "{}", found[5].message);
}

#[test]
fn asks_for_the_id_and_the_title_that_are_missing() {
    for text in [
        "---\n---\n",
        "---\n# nothing\n---\nBody\n",
        "---\ndraft: false\n---\n",
    ] {
        assert_eq!(
            shown(&findings(text)),
            ["missing-id 1:1 ---", "missing-title 1:1 ---"]
        );
    }
    let found = findings("---\nid:\ntitle: ~\n---\n");
    assert_eq!(
        shown(&found),
        ["missing-id 2:1 id", "missing-title 3:1 title"]
    );
    let found = findings("---\nID: 1\ntitel: x\n---\n");
    assert_eq!(
        shown(&found),
        ["missing-id 2:1 ID", "missing-title 3:1 titel"]
    );
    assert!(
        found[1]
            .help
            .as_ref()
            .unwrap()
            .contains("`title` instead of \"titel\"")
    );
}

#[test]
fn fails_for_merge_keys() {
    fails("<<: {title: x}", "merge-key 4:1 <<", "write the keys out");
}

#[test]
fn tells_where_the_first_byte_is_that_is_not_utf8() {
    let found = reading(&settings(), b"---\nid: 1\ntitle: \xea\xb0\x80\xff!\n---\n").findings;
    assert_eq!(shown(&found), ["invalid-utf8 3:9 "]);
    let utf16: Vec<u8> = "\u{feff}---\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        shown(&reading(&settings(), &utf16).findings),
        ["invalid-utf8 1:1 "]
    );
}

#[test]
fn tells_where_a_nul_is_wherever_it_is() {
    let at = |text: &str| shown(&findings(text));
    assert_eq!(
        at("---\nid: 1\ntitle: T\n---\nx\n가\0\n"),
        ["nul-character 6:2 \0"]
    );
    assert_eq!(at("---\nid: 1\ntitle: \0\n---\n"), ["nul-character 3:8 \0"]);
    assert_eq!(
        at("---\nid: 1\ntitle: \"a\\0\"\n---\n"),
        ["nul-character 3:8 \"a\\0\""]
    );
    assert_eq!(
        at("---\nid: 1\ntitle: T\ntags: [a, \"\\0\"]\n---\n"),
        ["nul-character 4:11 \"\\0\""]
    );
    // The other errors are reported, too.
    assert_eq!(
        at("---\nid: 0\ntitle: T\n---\n\0"),
        ["invalid-id 2:5 0", "nul-character 5:1 \0"]
    );
}

#[test]
fn tells_the_place_of_bad_syntax_in_the_file() {
    let found = findings("---\nid: 1\ntitle: 러스트: 책\n---\n");
    assert_eq!(shown(&found), ["yaml-syntax 3:11 : 책"]);
    assert!(
        found[0]
            .help
            .as_ref()
            .unwrap()
            .contains("title: \"러스트: 책\"")
    );
    for (text, rule) in [
        ("", "empty-file"),
        ("Hello\n", "no-front-matter"),
        ("---\nid: 1\n", "unclosed-front-matter"),
        ("---\n- a\n---\n", "not-a-mapping"),
    ] {
        assert_eq!(findings(text)[0].rule.name, rule);
    }
}

#[test]
fn shows_nothing_of_a_file_that_is_no_post() {
    for text in [
        "hunter2\n",
        "-----BEGIN KEY-----\nhunter2\n",
        "hunter2\0\n",
        "---\npassword: hunter2\n",
        "---\nhunter2\n---\n",
        "---\n- hunter2\n---\n",
        "---\npassword: hunter2\npassword: x\nhunter2: 1\nhunter2: 2\n<<: hunter2\n---\n",
        "---\npassword: a: hunter2\n---\n",
        "---\npassword: !!int hunter2\n---\n",
        "---\npassword: \"hunter2\n---\n",
        "---\npassword: hunter2\u{1}\n---\n",
        "---\npassword: hunter2\0\n---\n",
        "---\npassword: \"hunter2\\0\"\n---\n",
        "---\nhunter2: {\"hunter2\\0\": 1, hunter2: 2, hunter2: 3}\n---\n",
        "---\npassword: *hunter2\n---\n",
        "---\n[hunter2]: 1\n---\n",
        "---\ntags: hunter2, b\nimage: [hunter2]\ncategory: !hunter2 x\n---\n",
        "---\ncreated_at: hunter2\ndescription: a #hunter2\n---\n",
        "password: hunter2\n---\ntitle: T\n---\n",
    ] {
        let reading = reading(&settings(), text.as_bytes());
        assert!(!reading.findings.is_empty());
        let all = format!("{:?}", reading.findings);
        assert!(!all.contains("hunter2"), "{text:?}: {all}");
    }
    let found = reading(&settings(), b"hunter2 \xff").findings;
    assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
}

#[test]
fn names_ten_findings_of_a_rule_and_counts_the_others() {
    let found = findings(&format!(
        "---\nid: 1\ntitle: T\ntags: [{}]\n---\n",
        "~,".repeat(5000)
    ));
    assert_eq!(found.len(), 11);
    assert_eq!(found[10].rule.name, "invalid-tags");
    assert_eq!(found[10].message, "and 4990 more like this in the file");
    assert_eq!(found[10].location.as_ref().unwrap().start.column, 28);
    assert!(found.iter().all(|found| found.level == Level::Error));
}

#[test]
fn quotes_no_more_of_a_long_value_than_can_be_read() {
    let long = "x".repeat(30_000);
    for lines in [
        format!("id: {long}\ntitle: T"),
        format!("id: 1\ntitle: [{long}]"),
        format!("id: 1\ntitle: T\ncreated_at: {long}"),
        format!("id: 1\ntitle: T\n{long}: 1\n{long}: 2"),
        format!("id: 1\ntitle: T\ncategory: !{long} x"),
        format!("id: 1\ntitle: T\ntags: {long}"),
        format!("id: 1\ntitle: T\ntags: {long}, b: c"),
    ] {
        let found = findings(&format!("---\n{lines}\n---\n"));
        let words = |found: &Finding| {
            found.message.len() + found.help.as_ref().map_or(0, |help| help.len())
        };
        assert!(!found.is_empty());
        assert!(found.iter().all(|found| words(found) < 700), "{found:?}");
    }
}

#[test]
fn points_at_the_line_where_a_slip_begins() {
    for (lines, expected) in [
        ("title x", "yaml-syntax 3:1 title x"),
        ("title：x", "yaml-syntax 3:1 title：x"),
        ("title: \"x\ndraft: true", "yaml-syntax 3:8 \"x"),
        (
            "tags: [a, b\ntitle: x\ndraft: true",
            "yaml-syntax 3:7 [a, b",
        ),
        ("tags: {a: b\ntitle: x", "yaml-syntax 3:7 {a: b"),
    ] {
        let found = findings(&format!("---\nid: 1\n{lines}\n---\nBody\n"));
        assert_eq!(shown(&found), [expected], "{lines}");
    }
}

#[test]
fn fails_for_line_separators_that_nobody_sees() {
    for c in ['\u{85}', '\u{2028}', '\u{2029}'] {
        let found = findings(&format!("---\nid: 1\ntitle: a{c}draft: true\n---\n"));
        assert_eq!(shown(&found), [format!("control-character 3:9 {c}")]);
        // An escape is what was meant, and so is one in the body.
        let (post, _) = good(&format!(
            "---\nid: 1\ntitle: \"a\\u{:04X}b\"\n---\n{c}\n",
            c as u32
        ));
        assert_eq!(post.title, format!("a{c}b"));
    }
}

/// Takes the first piece of a help that is between backticks.
fn remedy(found: &Finding) -> String {
    let help = found.help.as_ref().unwrap();
    help.split('`').nth(1).unwrap_or_default().to_owned()
}

#[test]
fn prints_remedies_that_work_when_followed_to_the_letter() {
    for line in [
        "tags: {a: b}",
        "tags: #rust",
        "category: #general",
        "description: C # for all",
        "description: it's # \"so\"",
    ] {
        let text = |line: &str| format!("---\nid: 1\ntitle: T\n{line}\n---\n");
        let found = findings(&text(line));
        let remedy = remedy(&found[0]);
        assert_ne!(remedy, "", "{line}: {found:?}");
        assert_eq!(findings(&text(&remedy)), [], "{line} -> {remedy}");
    }
    for title in ["C # for all", "'2025'x: y", "~ # x"] {
        let text = |line: &str| format!("---\nid: 1\n{line}\n---\n");
        let found = findings(&text(&format!("title: {title}")));
        let remedy = remedy(&found[0]);
        if remedy.starts_with("title:") {
            assert_eq!(findings(&text(&remedy)), [], "{title} -> {remedy}");
        }
    }
    for lines in ["title: a: b", "title: C:\\new: x", "title: it's: so # c"] {
        let found = findings(&format!("---\nid: 1\n{lines}\n---\n"));
        let help = found[0].help.as_ref().unwrap();
        let line = help.strip_prefix("put the value in quotes: ").unwrap();
        let (post, _) = good(&format!("---\nid: 1\n{line}\n---\n"));
        assert!(lines.contains(&post.title), "{lines} -> {}", post.title);
    }
    for line in [
        "draft: maybe",
        "status: review",
        "hidden: true",
        "published: soon",
    ] {
        let text = |line: &str| format!("---\nid: 1\ntitle: T\n{line}\n---\n");
        let found = findings(&text(line));
        let remedy = remedy(&found[0]);
        assert_eq!(remedy, "draft: true", "{line}");
        assert_eq!(findings(&text(&remedy)), [], "{line}");
    }
    for line in [
        "created_at: 25.11.2025",
        "date: 05/01/2024",
        "updated: 20240105",
    ] {
        let text = |line: &str| format!("---\nid: 1\ntitle: T\n{line}\n---\n");
        let found = findings(&text(line));
        let (key, _) = line.split_once(": ").unwrap();
        let remedy = format!("{key}: {}", remedy(&found[0]));
        assert_eq!(findings(&text(&remedy)), [], "{line} -> {remedy}");
    }
    let found = findings("---\nid: '007'\ntitle: T\n---\n");
    good(&format!("---\n{}\ntitle: T\n---\n", remedy(&found[0])));
    let found = findings("---\n{id: 1}\n---\n");
    assert_eq!(remedy(&found[0]), "title: \"A title\",");
    good("---\n{title: \"A title\",id: 1}\n---\n");
}

#[test]
fn points_out_the_end_of_a_value_that_is_a_comment() {
    let hints = |line: &str| {
        let text = format!("---\nid: 1\ntitle: T\n{line}\n---\n");
        let found = findings(&text);
        assert!(found.iter().all(|found| found.level == Level::Hint));
        shown(&found)
    };
    assert_eq!(hints("category: C # x "), ["comment 4:13 # x"]);
    assert_eq!(hints("tags: #rust"), ["comment 4:7 #rust"]);
    for line in [
        "category: C#x",
        "category: 'C' # x",
        "category: # none yet",
        "tags: [a] # b",
        "tags:\n  - a # b",
        "description: | # c\n  text",
        "draft: true # for now",
        "created_at: 2025-11-28 # or so",
        "slug: x # y",
    ] {
        assert_eq!(hints(line), Vec::<String>::new(), "{line}");
    }
}
