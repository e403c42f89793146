use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::Settings;
use super::reader::{Reading, read};
use super::timestamp;
use crate::diagnostic::{Diagnostic, Severity};
use crate::post::{Post, PostId, SourcePath};

fn settings() -> Settings {
    Settings {
        root: "/project".into(),
        time_zone: TimeZone::get("Asia/Seoul").unwrap(),
        categories: None,
    }
}

fn reading<'t>(settings: &Settings, bytes: &'t [u8]) -> Reading<'t> {
    read(settings, &SourcePath::new("content/글.md"), bytes)
}

fn good(text: &str) -> (Post, String) {
    let reading = reading(&settings(), text.as_bytes());
    assert_eq!(reading.diagnostics, [], "{text}");
    let (post, body) = reading.post.unwrap();
    (post, body.into_owned())
}

/// A post with an id, a title and these lines besides.
fn post(lines: &str) -> Post {
    good(&format!("---\nid: 1\ntitle: T\n{lines}\n---\n")).0
}

fn findings(text: &str) -> Vec<Diagnostic> {
    reading(&settings(), text.as_bytes()).diagnostics
}

/// `rule line:column "underlined"` of each finding.
fn shown(findings: &[Diagnostic]) -> Vec<String> {
    let show = |finding: &Diagnostic| {
        let spot = finding.spot.as_ref().unwrap();
        let under = &spot.text[spot.span.clone()];
        format!("{} {}:{} {under}", finding.rule, spot.line, spot.column)
    };
    findings.iter().map(show).collect()
}

/// The only finding about a post with an id, a title and this line 4 besides.
#[track_caller]
fn only(line: &str) -> Diagnostic {
    let mut found = findings(&format!("---\nid: 1\ntitle: T\n{line}\n---\n"));
    assert_eq!(found.len(), 1, "{line}: {found:#?}");
    found.remove(0)
}

#[track_caller]
fn fails(line: &str, expected: &str, help: &str) {
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
fn takes_ids_from_1_to_the_greatest_integer() {
    for (written, id) in [("1", 1), ("2147483647", i32::MAX), ("+7", 7), ("0x10", 16)] {
        let (post, _) = good(&format!("---\nid: {written}\ntitle: T\n---\n"));
        assert_eq!(post.id.get(), id);
    }
}

#[test]
fn fails_for_other_ids() {
    for (written, help) in [
        ("0", "a number that no other has"),
        ("-3", "a number that no other has"),
        ("2147483648", "a number that no other has"),
        ("99999999999999999999999", "a number that no other has"),
        ("\"7\"", "`id: 7`"),
        ("'07'", "`id: 7`"),
        ("007", "`id: 7`"),
        ("1.0", "`id: 1`"),
        ("1e3", "`id: 1`"),
        ("seven", "`id: 1`"),
        ("true", "`id: 1`"),
        ("[1]", "`id: 1`"),
        ("{a: 1}", "`id: 1`"),
    ] {
        let found = findings(&format!("---\nid: {written}\ntitle: T\n---\n"));
        assert_eq!(shown(&found), [format!("invalid-id 2:5 {written}")]);
        assert!(found[0].help.as_ref().unwrap().contains(help), "{found:#?}");
    }
}

#[test]
fn keeps_the_id_of_a_post_with_other_errors() {
    let text = "---\ntitle: 1\nid: 12\n---\n".as_bytes();
    let reading = reading(&settings(), text);
    assert_eq!(reading.id, PostId::new(12));
    assert_eq!(reading.post, None);
    let spot = reading.id_spot.unwrap();
    assert_eq!(
        (spot.line, spot.column, spot.text.as_str()),
        (3, 5, "id: 12")
    );
}

#[test]
fn takes_titles_of_1_to_255_characters() {
    for title in ["x".to_owned(), "가".repeat(255), "🎉".repeat(255)] {
        assert_eq!(
            good(&format!("---\nid: 1\ntitle: {title}\n---\n")).0.title,
            title
        );
    }
    let (post, _) = good("---\nid: 1\ntitle: '2025'\n---\n");
    assert_eq!(post.title, "2025");
}

#[test]
fn fails_for_a_title_of_256_characters() {
    let found = findings(&format!("---\nid: 1\ntitle: {}\n---\n", "가".repeat(256)));
    assert_eq!(found[0].rule, "invalid-title");
    assert!(found[0].message.contains("256 characters"));
    assert_eq!(found.len(), 1);
}

#[test]
fn fails_for_titles_that_are_no_text_and_says_how_to_quote_them() {
    for (written, help) in [
        ("2025", "`title: \"2025\"`"),
        ("1.10", "`title: \"1.10\"`"),
        ("true", "`title: \"true\"`"),
        ("\"\"", "like `title: A title`"),
        ("'  '", "like `title: A title`"),
        ("[Draft] Hello", ""),
        ("[a, b]", "brackets goes in quotes"),
        ("{a}", "braces in quotes"),
        ("!x y", "begins with `!`"),
    ] {
        let found = findings(&format!("---\nid: 1\ntitle: {written}\n---\n"));
        assert_eq!(found.len(), 1, "{written}");
        if written != "[Draft] Hello" {
            assert_eq!(shown(&found), [format!("invalid-title 3:8 {written}")]);
        }
        assert!(found[0].help.as_ref().unwrap().contains(help), "{found:#?}");
    }
}

#[test]
fn takes_any_text_as_description() {
    let long = "x".repeat(5000);
    assert_eq!(
        post(&format!("description: {long}")).description,
        Some(long)
    );
    assert_eq!(
        post("description: >\n  a\n  b").description.as_deref(),
        Some("a b\n")
    );
    fails(
        "description: 5",
        "invalid-description 4:14 5",
        "`description: \"5\"`",
    );
    fails(
        "description: [a]",
        "invalid-description 4:14 [a]",
        "in quotes",
    );
}

#[test]
fn takes_any_category_where_none_are_listed_but_a_blank_one() {
    assert_eq!(
        post("category: 아무거나").category.as_deref(),
        Some("아무거나")
    );
    fails("category: ''", "invalid-category 4:11 ''", "name one");
    fails(
        "category: 7",
        "invalid-category 4:11 7",
        "`category: \"7\"`",
    );
    fails(
        "category: [a, b]",
        "invalid-category 4:11 [a, b]",
        "one text",
    );
    fails("category:\n  - a", "invalid-category 5:3 - a", "one text");
}

#[test]
fn takes_only_listed_categories_where_some_are() {
    let settings = Settings {
        categories: Some(vec!["Rust".into(), "데이터베이스".into()]),
        ..settings()
    };
    let found = |category: &str| {
        let text = format!("---\nid: 1\ntitle: T\ncategory: {category}\n---\n");
        reading(&settings, text.as_bytes()).diagnostics
    };
    assert_eq!(found("Rust"), []);
    let slip = found("rust");
    assert_eq!(shown(&slip), ["unknown-category 4:11 rust"]);
    assert!(slip[0].help.as_ref().unwrap().contains("write \"Rust\""));
    let other = found("요리");
    assert!(
        other[0]
            .help
            .as_ref()
            .unwrap()
            .contains("one of Rust, 데이터베이스")
    );
}

#[test]
fn fails_for_tags_that_are_no_list_of_texts() {
    fails("tags: a, b", "invalid-tags 4:7 a, b", "`tags: [a, b]`");
    fails("tags: rust", "invalid-tags 4:7 rust", "`tags: [rust]`");
    fails("tags: 7", "invalid-tags 4:7 7", "`tags: [one, two]`");
    fails(
        "tags: {a: b}",
        "invalid-tags 4:7 {a: b}",
        "`tags: [one, two]`",
    );
    fails("tags: [rust, 2025]", "invalid-tags 4:14 2025", "`\"2025\"`");
    fails(
        "tags:\n  - rust\n  - true # c",
        "invalid-tags 6:5 true",
        "`\"true\"`",
    );
    fails("tags: [a, '']", "invalid-tags 4:11 ''", "remove it");
    fails("tags: [a, [b]]", "invalid-tags 4:11 [b]", "in quotes");
    assert_eq!(only("tags: [a, ~]").rule, "invalid-tags");
    let long = "가".repeat(101);
    fails(
        &format!("tags: [{long}]"),
        &format!("invalid-tags 4:8 {long}"),
        "shorten",
    );
    assert_eq!(post(&format!("tags: [{}]", "가".repeat(100))).tags.len(), 1);
    assert_eq!(post("tags: []").tags, Vec::<String>::new());
}

#[test]
fn warns_of_a_tag_that_stands_twice_and_stores_it_once() {
    let text = "---\nid: 1\ntitle: T\ntags: [b, a, b]\n---\n";
    let reading = reading(&settings(), text.as_bytes());
    assert_eq!(shown(&reading.diagnostics), ["repeated-tag 4:14 b"]);
    assert_eq!(reading.diagnostics[0].severity, Severity::Warning);
    assert_eq!(reading.post.unwrap().0.tags, ["a", "b"]);
}

#[test]
fn takes_images_of_up_to_500_characters() {
    let image = "가".repeat(500);
    assert_eq!(post(&format!("image: {image}")).image, Some(image));
    assert_eq!(
        only(&format!("image: {}", "x".repeat(501))).rule,
        "invalid-image"
    );
    fails("image: 5", "invalid-image 4:8 5", "`image: \"5\"`");
}

#[test]
fn puts_times_without_an_offset_in_the_projects_zone() {
    let at = |text: &str| {
        post(&format!("created_at: {text}"))
            .created_at
            .unwrap()
            .to_string()
    };
    assert_eq!(at("2025-11-28 09:00"), "2025-11-28T00:00:00Z");
    assert_eq!(at("2025-11-28"), "2025-11-27T15:00:00Z");
    assert_eq!(at("'2025-11-28T00:00:00Z'"), "2025-11-28T00:00:00Z");
    let updated = post("updated_at: 2025-11-28 09:00:00 +0000")
        .updated_at
        .unwrap();
    assert_eq!(updated.to_string(), "2025-11-28T09:00:00Z");
}

#[test]
fn fails_for_times_in_other_forms_and_lists_the_forms() {
    for key in ["created_at", "updated_at"] {
        let rule = format!("invalid-{}", key.replace('_', "-"));
        for value in [
            "28.11.2025",
            "2025",
            "1764320400",
            "2025-02-30",
            "true",
            "[2025-01-01]",
        ] {
            fails(
                &format!("{key}: {value}"),
                &format!("{rule} 4:13 {value}"),
                timestamp::FORMS,
            );
        }
    }
}

#[test]
fn counts_words_and_warns_of_another_count() {
    let count = |body: &str| {
        good(&format!("---\nid: 1\ntitle: T\n---\n{body}"))
            .0
            .word_count
    };
    assert_eq!(count(""), 0);
    assert_eq!(
        count("하나 둘\n\n```rust\nlet x = 1;\n``` [link](https://x)\r\n\u{3000}끝"),
        10
    );
    let text = "---\nid: 1\ntitle: T\nword_count: 5\n---\none two";
    let reading = reading(&settings(), text.as_bytes());
    assert_eq!(shown(&reading.diagnostics), ["word-count 4:13 5"]);
    assert_eq!(reading.diagnostics[0].severity, Severity::Warning);
    assert!(reading.diagnostics[0].message.contains("has 2 words"));
    assert_eq!(reading.post.unwrap().0.word_count, 5);
}

#[test]
fn fails_for_word_counts_that_are_no_counts() {
    for value in ["-1", "2147483648", "1.5", "\"5\"", "many", "[5]"] {
        fails(
            &format!("word_count: {value}"),
            &format!("invalid-word-count 4:13 {value}"),
            "counts the words",
        );
    }
}

#[test]
fn takes_true_and_false_for_draft_and_nothing_else() {
    let draft = |line: &str| {
        let text = format!("---\nid: 1\ntitle: T\n{line}\n---\n");
        reading(&settings(), text.as_bytes()).draft
    };
    assert!(draft("draft: true"));
    assert!(!draft("draft: false"));
    assert!(!draft("draft:"));
    for value in ["yes", "\"true\"", "1", "[true]"] {
        fails(
            &format!("draft: {value}"),
            &format!("invalid-draft 4:8 {value}"),
            "`draft: true`",
        );
    }
}

#[test]
fn checks_a_draft_like_any_post() {
    let found = findings("---\nid: 1\ndraft: true\n---\n");
    assert_eq!(shown(&found), ["missing-title 1:1 ---"]);
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

fn any_text(most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), 1..=most)
        .prop_map(|chars| chars.into_iter().filter(|c| *c != '\0').collect::<String>())
        .prop_filter("blank", |text| !text.trim().is_empty())
}

proptest! {
    #[test]
    fn never_panics_on_arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let reading = reading(&settings(), &bytes);
        prop_assert!(reading.post.is_some() || !reading.diagnostics.is_empty());
    }

    #[test]
    fn never_panics_on_arbitrary_front_matter(
        yaml in r#"([ \t\r\n\[\]{}:,#&*!|>'"%@`?~<=.0-9가-나-]|id: |title: |tags: |\n|\n  - |🎉|\PC){0,40}"#,
    ) {
        let text = format!("---\n{yaml}\n---\n");
        let reading = reading(&settings(), text.as_bytes());
        prop_assert!(reading.post.is_some() || !reading.diagnostics.is_empty());
        for finding in reading.diagnostics {
            let spot = finding.spot.unwrap();
            prop_assert!(spot.text.get(spot.span).is_some());
        }
    }

    #[test]
    fn reads_back_any_post_written_as_yaml(
        id in 1..=i32::MAX,
        title in any_text(255),
        description in proptest::option::of(any_text(300)),
        category in proptest::option::of(any_text(30)),
        tags in proptest::collection::btree_set(any_text(20), 0..5),
        created_at in proptest::option::of(-62_000_000_000_000_000_i64..253_000_000_000_000_000),
        body in "[^\0\r]{0,200}",
    ) {
        let created_at = created_at.map(|micros| jiff::Timestamp::from_microsecond(micros).unwrap());
        let tags: Vec<String> = tags.into_iter().collect();
        let yaml = serde_json::json!({
            "id": id,
            "title": title,
            "description": description,
            "category": category,
            "tags": tags,
            "created_at": created_at.map(|at| at.to_string()),
        });
        let yaml = serde_yaml::to_string(&yaml).unwrap();
        let text = format!("---\n{yaml}---\n\n{body}");
        let reading = reading(&settings(), text.as_bytes());
        prop_assert_eq!(&reading.diagnostics, &[], "{}", yaml);
        let (post, read_body) = reading.post.unwrap();
        prop_assert_eq!(read_body.as_ref(), body.as_str());
        prop_assert_eq!(post.word_count as usize, body.split_whitespace().count());
        prop_assert_eq!(post.id.get(), id);
        prop_assert_eq!(post.title, title);
        prop_assert_eq!(post.description, description);
        prop_assert_eq!(post.category, category);
        prop_assert_eq!(post.tags, tags);
        prop_assert_eq!(post.created_at, created_at);
    }
}
