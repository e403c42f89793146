use std::collections::BTreeSet;

use proptest::prelude::*;

use super::ReadSettings;
use super::document::Value;
use super::test_reading::{reading, settings};
use super::yaml;
use crate::invisible::is_blank;
use crate::label::label;

fn any_text(most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<char>(), 1..=most)
        .prop_map(|chars| {
            // Line separators are refused, and the writer of the samples does not escape them all.
            let is_plain = |c: &char| !matches!(*c, '\0' | '\u{85}' | '\u{2028}' | '\u{2029}');
            chars.into_iter().filter(is_plain).collect::<String>()
        })
        .prop_filter("blank", |text| !is_blank(text))
}

proptest! {
    #[test]
    fn never_panics_on_arbitrary_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let reading = reading(&settings(), &bytes);
        prop_assert!(reading.post.is_some() || !reading.findings.is_empty());
    }

    #[test]
    fn never_panics_on_arbitrary_front_matter(
        yaml in r#"([ \t\r\n\[\]{}:,#&*!|>'"%@`?~<=.0-9가-나-]|id: |title: |tags: |\n|\n  - |🎉|\PC){0,40}"#,
    ) {
        let text = format!("---\n{yaml}\n---\n");
        let reading = reading(&settings(), text.as_bytes());
        prop_assert!(reading.post.is_some() || !reading.findings.is_empty());
        for finding in reading.findings {
            let location = finding.location.unwrap();
            prop_assert!(location.excerpt.get(location.span).is_some());
        }
    }

    #[test]
    fn reads_back_any_post_written_as_yaml(
        id in 1..=i32::MAX,
        title in any_text(255),
        description in proptest::option::of(any_text(300)),
        category in proptest::option::of(any_text(30)),
        tags in proptest::collection::btree_set(any_text(20).prop_map(|name| label(&name).into_owned()), 0..5),
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
        let settings = ReadSettings { now: jiff::Timestamp::MAX, ..settings() };
        let reading = reading(&settings, text.as_bytes());
        prop_assert_eq!(&reading.findings, &[], "{}", yaml);
        let (post, read_body) = reading.post.unwrap();
        prop_assert_eq!(read_body.as_ref(), body.as_str());
        prop_assert_eq!(post.word_count as usize, body.split_whitespace().count());
        prop_assert_eq!(post.id.get(), id);
        // A block of text has a line end that is none of it.
        let inner = |text: &str| text.trim_end_matches(['\n', '\r']).to_owned();
        prop_assert_eq!(inner(&post.title), inner(&title));
        let read = post.description.as_deref().map(inner);
        prop_assert_eq!(read, description.as_deref().map(inner));
        let composed = |name: &String| label(name).into_owned();
        prop_assert_eq!(post.category, category.as_ref().map(composed));
        let tags: BTreeSet<String> = tags.iter().map(composed).collect();
        prop_assert_eq!(post.tags, tags.into_iter().collect::<Vec<_>>());
        prop_assert_eq!(post.created_at, created_at);
    }

    #[test]
    fn finds_each_value_where_it_is_written(
        tags in proptest::collection::vec(any_text(20), 1..5),
        flow in any::<bool>(),
    ) {
        let text = if flow {
            format!("k: {}\nl: 1\n", serde_json::to_string(&tags).unwrap())
        } else {
            serde_yaml::to_string(&serde_json::json!({ "k": tags, "l": 1 })).unwrap()
        };
        // JSON leaves some characters as they are that YAML wants escaped.
        let Ok(document) = yaml::read(&text, 0..text.len()) else {
            prop_assert!(flow);
            return Ok(());
        };
        let Value::List(items) = &document.entries[0].value.value else {
            panic!("{text}");
        };
        prop_assert_eq!(items.len(), tags.len());
        for (item, tag) in items.iter().zip(&tags) {
            prop_assert_eq!(&item.value, &Value::Text(tag.clone()));
            // Read alone, at the same indentation, it is the same.
            let alone = format!("k:\n- {}\n", &text[item.range.clone()]);
            let keeps = text[item.range.clone()].starts_with(['|', '>']);
            if let Ok(document) = yaml::read(&alone, 0..alone.len())
                && let Value::List(items) = &document.entries[0].value.value
                && !keeps
            {
                prop_assert_eq!(&items[0].value, &Value::Text(tag.clone()), "{}", alone);
            } else {
                prop_assert!(keeps, "{}", alone);
            }
        }
        prop_assert_eq!(&text[document.entries[1].value.range.clone()], "1");
    }
}
