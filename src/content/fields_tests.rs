use super::ReadSettings;
use super::test_reading::{fails, findings, good, only, post, reading, settings, shown};
use super::timestamp;
use crate::finding::Level;
use crate::post::PostId;

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
    let text = "---\ntitle: [1]\nid: 12\n---\n".as_bytes();
    let reading = reading(&settings(), text);
    assert_eq!(reading.id, PostId::new(12));
    assert_eq!(reading.post, None);
    let location = reading.id_location.unwrap();
    assert_eq!(
        (
            location.start.line,
            location.start.column,
            location.excerpt.as_str()
        ),
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
    for written in ["2025", "1.10", "0x1F", "007", "1e3", "true", "-5", "1_000"] {
        let (post, _) = good(&format!("---\nid: 1\ntitle: {written}\n---\n"));
        assert_eq!(post.title, written);
    }
    let (post, _) = good("---\nid: 1\ntitle: |\n  Foo: bar\n---\n");
    assert_eq!(post.title, "Foo: bar");
}

#[test]
fn fails_for_a_title_of_256_characters() {
    let found = findings(&format!("---\nid: 1\ntitle: {}\n---\n", "가".repeat(256)));
    assert_eq!(found[0].rule.name, "invalid-title");
    assert!(found[0].message.contains("256 characters"));
    assert_eq!(found.len(), 1);
}

#[test]
fn fails_for_titles_that_are_no_text_and_says_how_to_quote_them() {
    for (written, help) in [
        ("!!int 5", "in quotes"),
        ("&a 5", "in quotes"),
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
        Some("a b")
    );
    assert_eq!(post("description: 30").description.as_deref(), Some("30"));
    assert_eq!(post("description: ''").description, None);
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
    assert_eq!(post("category: 7").category.as_deref(), Some("7"));
    assert_eq!(post("category: ''").category, None);
    fails(
        "category: {a: b}",
        "invalid-category 4:11 {a: b}",
        "braces in quotes",
    );
    fails("category: [~]", "invalid-category 4:12 ~", "name it");
}

#[test]
fn takes_the_first_of_several_categories_and_the_others_as_tags() {
    for (lines, category, tags) in [
        ("category: [a, b]", "a", &["b"][..]),
        ("categories:\n  - a\n  - b\ntags: [c, b]", "a", &["b", "c"]),
        ("categories: [[a, b], [c]]", "a", &["b", "c"]),
        ("categories: a, b", "a", &["b"]),
        ("categories: a b", "a b", &[]),
        ("category: a, b", "a, b", &[]),
        ("categories: [2024]", "2024", &[]),
        ("category: ' a '", "a", &[]),
        ("category: '\u{1100}\u{1161}'", "가", &[]),
    ] {
        let post = post(lines);
        assert_eq!(post.category.as_deref(), Some(category), "{lines}");
        assert_eq!(post.tags, tags, "{lines}");
    }
}

#[test]
fn takes_categories_of_up_to_255_characters() {
    let category = "가".repeat(255);
    assert_eq!(
        post(&format!("category: {category}")).category,
        Some(category)
    );
    let found = only(&format!("category: {}", "가".repeat(256)));
    assert_eq!(found.rule.name, "invalid-category");
    assert!(found.message.contains("256 characters"), "{found:?}");
    assert_eq!(found.location.unwrap().start.line, 4);
}

#[test]
fn takes_only_listed_categories_where_some_are() {
    let settings = ReadSettings {
        categories: Some(vec!["Rust".into(), "데이터베이스".into()]),
        ..settings()
    };
    let found = |category: &str| {
        let text = format!("---\nid: 1\ntitle: T\ncategory: {category}\n---\n");
        reading(&settings, text.as_bytes()).findings
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
    fails(
        "tags: {a: b}",
        "invalid-tags 4:7 {a: b}",
        "`tags: [one, two]`",
    );
    fails("tags: [a, '']", "invalid-tags 4:11 ''", "remove it");
    fails("tags: [a, [b]]", "invalid-tags 4:11 [b]", "in quotes");
    assert_eq!(only("tags: [a, ~]").rule.name, "invalid-tags");
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
fn takes_tags_as_people_write_them() {
    for (line, tags) in [
        ("tags: word", &["word"][..]),
        ("tags: one two", &["one two"]),
        ("tags: 'b, a,, c'", &["a", "b", "c"]),
        ("tags: go，웹、rust", &["go", "rust", "웹"]),
        ("tags: 2024", &["2024"]),
        (
            "tags: [1.10, 2024, true, no]",
            &["1.10", "2024", "no", "true"],
        ),
        ("tags: ''", &[]),
        ("tags: [' a ', 'cafe\u{301}']", &["a", "café"]),
        ("keywords: [a]", &["a"]),
        ("tag: a", &["a"]),
    ] {
        assert_eq!(post(line).tags, tags, "{line}");
    }
}

#[test]
fn takes_an_image_out_of_a_list_or_a_mapping() {
    for (lines, image) in [
        ("image: 5", "5"),
        ("heroImage: a.png", "a.png"),
        ("cover: {image: a.png, alt: x}", "a.png"),
        ("image: {url: a.png, src: b.png}", "a.png"),
        ("images: [a.png, b.png]", "a.png"),
        ("images: [{src: a.png}]", "a.png"),
        ("image: ''\nbanner: b.png", "b.png"),
    ] {
        assert_eq!(post(lines).image.as_deref(), Some(image), "{lines}");
    }
    fails("image: {alt: x}", "invalid-image 4:8 {alt: x}", "url");
}

#[test]
fn takes_the_last_part_of_an_address_as_slug() {
    for (lines, slug) in [
        ("slug: hello", Some("hello")),
        ("permalink: /2024/01/hello/", Some("hello")),
        ("permalink: /blog/hello.html", Some("hello")),
        ("url: hello", Some("hello")),
        ("slug: a\npermalink: /b/", Some("a")),
        ("permalink: /:year/:title/", None),
        ("url: https://example.com/hello", None),
        ("permalink: /", None),
        ("slug: ''", None),
    ] {
        assert_eq!(post(lines).slug.as_deref(), slug, "{lines}");
    }
}

#[test]
fn warns_of_a_tag_that_stands_twice_and_stores_it_once() {
    let text = "---\nid: 1\ntitle: T\ntags: [b, a, b]\n---\n";
    let reading = reading(&settings(), text.as_bytes());
    assert_eq!(shown(&reading.findings), ["repeated-tag 4:14 b"]);
    assert_eq!(reading.findings[0].level, Level::Warning);
    assert_eq!(reading.post.unwrap().0.tags, ["a", "b"]);
}

#[test]
fn takes_images_of_up_to_500_characters() {
    let image = "가".repeat(500);
    assert_eq!(post(&format!("image: {image}")).image, Some(image));
    assert_eq!(
        only(&format!("image: {}", "x".repeat(501))).rule.name,
        "invalid-image"
    );
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
fn fails_for_times_in_other_forms_and_proposes_one() {
    for key in ["created_at", "updated_at"] {
        let rule = format!("invalid-{}", key.replace('_', "-"));
        for (value, help) in [
            ("25.11.2025", "`2025-11-25`"),
            ("05/01/2024", "`2024-01-05` for"),
            ("2025", timestamp::FORMS),
            ("2025-02-30", ""),
            ("true", timestamp::FORMS),
            ("[2025-01-01]", timestamp::FORMS),
        ] {
            fails(
                &format!("{key}: {value}"),
                &format!("{rule} 4:13 {value}"),
                help,
            );
        }
    }
}

#[test]
fn takes_a_date_out_of_another_key() {
    for lines in [
        "date: 2024-01-05",
        "pubDate: Jan 5, 2024",
        "created_at: ''\ndate: 2024/1/5",
        "publishDate: 2024-01-05 00:00:00 +0900",
    ] {
        let at = post(lines).created_at.unwrap().to_string();
        assert_eq!(at, "2024-01-04T15:00:00Z", "{lines}");
    }
    let found = only("date: soon");
    assert_eq!(found.rule.name, "invalid-created-at");
    assert!(found.message.starts_with("date: "), "{}", found.message);
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
    assert_eq!(shown(&reading.findings), ["word-count 4:13 5"]);
    assert_eq!(reading.findings[0].level, Level::Warning);
    assert!(reading.findings[0].message.contains("has 2 words"));
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
    for value in ["perhaps", "2", "[true]"] {
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
fn fails_for_an_item_that_yaml_reads_as_part_of_the_tag_above() {
    let expected = |tags: &str, under: &str| {
        let found = only(tags);
        let location = found.location.unwrap();
        assert_eq!(found.rule.name, "invalid-tags");
        assert_eq!(&location.excerpt[location.span], under, "{tags}");
        assert!(found.help.unwrap().contains("`- b`"), "{tags}");
    };
    expected("tags:\n- a\n -b", "-b");
    expected("tags:\n- a\n  - b", "- b");
    expected("tags:\r\n  - a\r\n    -b # c", "-b");
    assert_eq!(post("tags:\n- a\n- b").tags, ["a", "b"]);
    assert_eq!(post("tags:\n- a\n  b\n- 'c\n  - d'").tags, ["a b", "c - d"]);
}

#[test]
fn fails_for_names_that_nobody_can_see() {
    for name in ["\u{2800}", "\u{200b}", "\u{3164} \u{2060}"] {
        fails(
            &format!("category: {name}"),
            &format!("invalid-category 4:11 {name}"),
            "name one",
        );
        fails(
            &format!("tags: [{name}, a]"),
            &format!("invalid-tags 4:8 {name}"),
            "name it",
        );
        let found = findings(&format!("---\nid: 1\ntitle: {name}\n---\n"));
        assert_eq!(shown(&found), [format!("invalid-title 3:8 {name}")]);
    }
}
