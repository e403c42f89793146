use jiff::tz::TimeZone;

use super::Settings;
use super::reader::{Reading, read};
use crate::diagnostic::{Diagnostic, Severity};
use crate::post::{Post, PostId, SourcePath};

pub(super) fn settings() -> Settings {
    Settings {
        root: "/project".into(),
        time_zone: TimeZone::get("Asia/Seoul").unwrap(),
        categories: None,
        follow_links: false,
    }
}

pub(super) fn reading<'t>(settings: &Settings, bytes: &'t [u8]) -> Reading<'t> {
    read(settings, &SourcePath::new("content/글.md"), bytes)
}

pub(super) fn good(text: &str) -> (Post, String) {
    let reading = reading(&settings(), text.as_bytes());
    assert_eq!(reading.diagnostics, [], "{text}");
    let (post, body) = reading.post.unwrap();
    (post, body.into_owned())
}

/// A post with an id, a title and these lines besides.
pub(super) fn post(lines: &str) -> Post {
    good(&format!("---\nid: 1\ntitle: T\n{lines}\n---\n")).0
}

pub(super) fn findings(text: &str) -> Vec<Diagnostic> {
    reading(&settings(), text.as_bytes()).diagnostics
}

/// `rule line:column "underlined"` of each finding.
pub(super) fn shown(findings: &[Diagnostic]) -> Vec<String> {
    let show = |finding: &Diagnostic| {
        let spot = finding.spot.as_ref().unwrap();
        let under = &spot.text[spot.span.clone()];
        format!("{} {}:{} {under}", finding.rule, spot.line, spot.column)
    };
    findings.iter().map(show).collect()
}

/// The only finding about a post with an id, a title and this line 4 besides.
#[track_caller]
pub(super) fn only(line: &str) -> Diagnostic {
    let mut found = findings(&format!("---\nid: 1\ntitle: T\n{line}\n---\n"));
    assert_eq!(found.len(), 1, "{line}: {found:#?}");
    found.remove(0)
}

#[track_caller]
pub(super) fn fails(line: &str, expected: &str, help: &str) {
    let found = only(line);
    assert_eq!(shown(std::slice::from_ref(&found)), [expected], "{line}");
    assert_eq!(found.severity, Severity::Error);
    let text = found.help.unwrap();
    assert!(text.contains(help), "{line}: {text}");
}

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
            id: PostId::new(41).unwrap(),
            title: "Keyset: 페이지 🎉".into(),
            description: Some("One sentence.".into()),
            category: Some("Postgres".into()),
            tags: vec!["Rust".into(), "rust".into(), "데이터베이스".into()],
            image: Some("/images/a.png".into()),
            created_at: Some("2025-11-28T00:00:00Z".parse().unwrap()),
            updated_at: Some("2025-11-28T15:00:00Z".parse().unwrap()),
            word_count: 3,
        }
    );
    assert_eq!(body, "Three words here.\n");
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
    assert_eq!(found[0].spot.as_ref().unwrap().text, "draft: 예  ");
}

#[test]
fn reports_all_errors_of_a_file_down_the_file() {
    let found = findings(
        "---
tags: a, b
draft: yes
id: -1
title: 2025
created_at: soon
id: 2
image: [x]
---
",
    );
    assert_eq!(
        shown(&found),
        [
            "invalid-tags 2:7 a, b",
            "invalid-draft 3:8 yes",
            "invalid-id 4:5 -1",
            "invalid-title 5:8 2025",
            "invalid-created-at 6:13 soon",
            "duplicate-key 7:1 id",
            "invalid-image 8:8 [x]",
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
        "---\ndraft: true\n---\n",
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
fn keeps_unknown_keys_apart_from_errors() {
    let text = "---\nid: 1\ntitle: T\nslug: x\n\"layout\": {a: [b]}\n1: y\n---\n";
    let reading = reading(&settings(), text.as_bytes());
    assert_eq!(reading.diagnostics, []);
    let keys: Vec<_> = reading
        .unknown_keys
        .iter()
        .map(|unknown| (unknown.key.as_str(), unknown.spot.line))
        .collect();
    assert_eq!(keys, [("slug", 4), ("layout", 5), ("1", 6)]);
    assert!(reading.post.is_some());
}

#[test]
fn fails_for_merge_keys() {
    fails("<<: {title: x}", "merge-key 4:1 <<", "write the keys out");
}

#[test]
fn tells_where_the_first_byte_is_that_is_not_utf8() {
    let found = reading(&settings(), b"---\nid: 1\ntitle: \xea\xb0\x80\xff!\n---\n").diagnostics;
    assert_eq!(shown(&found), ["invalid-utf8 3:9 \u{fffd}"]);
    let utf16: Vec<u8> = "\u{feff}---\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        shown(&reading(&settings(), &utf16).diagnostics),
        ["invalid-utf8 1:1 \u{fffd}"]
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
        assert_eq!(findings(text)[0].rule, rule);
    }
}
