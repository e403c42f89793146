//! Rules, levels and fixes, against what the reader really does.

use super::test_reading::{reading, settings};
use crate::finding::rules::{self, RULES};
use crate::finding::{Applicability, Finding, Fix, Kind, Level};

/// Applies a fix to a file.
pub(super) fn apply(fix: &Fix, bytes: &[u8]) -> Vec<u8> {
    let mut fixed = Vec::new();
    let mut at = 0;
    for edit in &fix.edits {
        assert!(at <= edit.range.start, "edits overlap: {fix:?}");
        fixed.extend_from_slice(&bytes[at..edit.range.start]);
        fixed.extend_from_slice(edit.content.as_bytes());
        at = edit.range.end;
    }
    fixed.extend_from_slice(&bytes[at..]);
    fixed
}

fn findings(text: &str) -> Vec<Finding> {
    reading(&settings(), text.as_bytes()).findings
}

#[test]
fn the_example_of_every_rule_violates_it() {
    let mut files = 0;
    for rule in RULES {
        // Some begin so because they lack the end of the front matter.
        let is_file = rule.example.starts_with("---\n") || rule.example.starts_with("+++\n");
        if !is_file || rule == &rules::FRONT_MATTER_SIZE {
            continue;
        }
        files += 1;
        let found = findings(rule.example);
        let names: Vec<_> = found.iter().map(|found| found.rule.name).collect();
        assert_eq!(names, [rule.name], "{}", rule.example);
    }
    assert!(files > 19, "only {files} examples are files");
}

#[test]
fn every_fix_resolves_its_finding_and_adds_none() {
    let file = |lines: &str| format!("---\nid: 1\ntitle: T\n{lines}\n---\nOne two three.\n");
    let files = [
        file("word_count: 9"),
        file("word_count: 9 # about"),
        file("tags: [a, b, a]"),
        file("tags: [a, a, a,  b, 'a']"),
        file("tags:\n  - a\n  - 'a'\n  - b\n  - a"),
        file("tags:\n- a\n- b\n- a # two"),
        file("{tags: [a, a]}").replace("id: 1\ntitle: T\n{", "{id: 1, title: T, "),
        file("description: C # for all"),
        file("tags: a, b # c"),
        file("category: guide #1"),
        file("").replace("id: 1", "id: \"12\""),
        file("").replace("id: 1", "id: '007'"),
    ];
    for file in files {
        for mark in ["", "\u{feff}"] {
            let text = format!("{mark}{file}");
            let before = findings(&text);
            let first = before.iter().find(|found| found.fix.is_some());
            let first = first.unwrap_or_else(|| panic!("no fix: {before:?}\n{text}"));
            let fixed = apply(first.fix.as_ref().unwrap(), text.as_bytes());
            let fixed = String::from_utf8(fixed).unwrap();
            let after = findings(&fixed);
            let of_rule = |found: &[Finding]| {
                let of_this = found.iter().filter(|found| found.rule == first.rule);
                of_this.count()
            };
            assert!(of_rule(&after) < of_rule(&before), "{text}\n{fixed}");
            // A value that was wrong may hide a second mistake, but nothing may become worse.
            let worst = |found: &[Finding]| found.iter().map(|found| found.level).max();
            assert!(
                worst(&after) <= worst(&before),
                "{text}\n{fixed}\n{after:?}"
            );
        }
    }
}

#[test]
fn safe_fixes_keep_the_post() {
    for (lines, safe) in [
        ("tags: [b, a, b]\nword_count: 3", true),
        ("description: text # and more", false),
    ] {
        let text = format!("---\nid: 1\ntitle: T\n{lines}\n---\nOne two three.\n");
        let before = reading(&settings(), text.as_bytes());
        let fix = before.findings[0].fix.as_ref().unwrap();
        assert_eq!(fix.applicability == Applicability::Safe, safe);
        let fixed = apply(fix, text.as_bytes());
        let after = reading(&settings(), &fixed);
        assert_eq!(before.post == after.post, safe, "{lines}");
    }
}

#[test]
fn offers_no_fix_that_would_change_something_else() {
    let file = |lines: &str| format!("---\nid: 1\ntitle: T\n{lines}\n---\nOne two three.\n");
    for text in [
        file("word_count: &n 9\ndescription: x"),
        file("tags:\n  - a\n  # why\n  - a"),
        file("tags: [a, &x a]\ncategory: *x"),
        file("tags: [a, # one\n  a]"),
    ] {
        for found in findings(&text) {
            assert_eq!(found.fix, None, "{text}");
        }
    }
}

#[test]
fn levels_change_findings_and_leave_the_post() {
    let text = "---\nid: 1\ntitle: T\nword_count: 9\n---\nOne two three.\n";
    let read = |level: &str| {
        let mut settings = settings();
        settings.levels.set("word-count", level).unwrap();
        let reading = reading(&settings, text.as_bytes());
        assert!(reading.post.is_some(), "{level}");
        reading.findings.iter().map(|f| f.level).collect::<Vec<_>>()
    };
    assert_eq!(read("off"), []);
    assert_eq!(read("hint"), [Level::Hint]);
    assert_eq!(read("warning"), [Level::Warning]);
    assert_eq!(read("error"), [Level::Error]);
}

#[test]
fn a_category_that_is_not_listed_counts_if_the_rule_is_off() {
    let mut settings = settings();
    settings.categories = Some(vec!["guide".into()]);
    let text = "---\nid: 1\ntitle: T\ncategory: giude\n---\n";
    assert_eq!(
        reading(&settings, text.as_bytes()).findings[0].level,
        Level::Error
    );
    settings.levels.set("unknown-category", "off").unwrap();
    let reading = reading(&settings, text.as_bytes());
    assert_eq!(reading.findings, []);
    assert_eq!(reading.category.as_deref(), Some("giude"));
    assert!(reading.post.is_some());
}

#[test]
fn a_post_is_impossible_only_for_rules_that_say_so() {
    for rule in RULES
        .iter()
        .filter(|rule| rule.example.starts_with("---\n"))
    {
        let reading = reading(&settings(), rule.example.as_bytes());
        let is_invalid = rule.kind == Kind::Invalid;
        assert_eq!(reading.post.is_none(), is_invalid, "{rule}");
    }
}

#[test]
fn places_are_bytes_lines_and_columns_of_the_file() {
    let text = "\u{feff}---\nid: 1\ntitle: [가,\n  나]\n---\n";
    let found = &findings(text)[0];
    let location = found.location.as_ref().unwrap();
    assert_eq!(&text[location.range.clone().unwrap()], "[가,\n  나]");
    assert_eq!((location.start.line, location.start.column), (3, 8));
    assert_eq!((location.end.line, location.end.column), (4, 5));
}
