//! Keys of other programs that say that a post is not public.
//!
//! blogctl reads `draft` alone. A file that keeps its post back in the way of another program must
//! not be published, and what is not understood must not be guessed.

use super::document::Value;

/// Keys that keep a post back if they are true, without `_` and `-` and in lower case.
const IF_TRUE: [&str; 6] = [
    "draft",
    "hidden",
    "isdraft",
    "private",
    "unlisted",
    "unpublished",
];

/// Keys that keep a post back if they are false.
const IF_FALSE: [&str; 4] = ["ispublished", "public", "publish", "published"];

/// Keys that keep a post back by a word, and the words.
const BY_WORD: [&str; 3] = ["state", "status", "visibility"];
const WORDS: [&str; 6] = [
    "draft",
    "hidden",
    "pending",
    "private",
    "unlisted",
    "unpublished",
];

/// Returns true if a key with this value says that the post is not public, or may say so; false if
/// it says that the post is public; `None` if it says neither.
pub(super) fn says_not_public(name: &str, value: &Value) -> Option<bool> {
    let name: String = name
        .chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect();
    let name = name.as_str();
    if IF_TRUE.contains(&name) {
        // Anything but a plain no may be a yes.
        let is_empty = matches!(value, Value::Null);
        return (!is_empty).then(|| truth(value) != Some(false));
    }
    if IF_FALSE.contains(&name) {
        return truth(value).map(|is_public| !is_public);
    }
    let word = |text: &str| WORDS.contains(&text.trim().to_lowercase().as_str());
    let is_word = matches!(value, Value::Text(text) if word(text));
    (BY_WORD.contains(&name) && is_word).then_some(true)
}

/// Returns the truth value that programs take a value for; `None` for any other value.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Integer(0) => Some(false),
        Value::Integer(1) => Some(true),
        Value::Text(text) => match text.trim().to_lowercase().as_str() {
            "true" | "yes" | "on" | "y" => Some(true),
            "false" | "no" | "off" | "n" => Some(false),
            _ => None,
        },
        Value::Tagged(_, inner) => truth(&inner.value),
        Value::Null | Value::Integer(_) | Value::Float(_) | Value::List(_) | Value::Map(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::content::test_reading::{reading, settings};
    use crate::finding::rules;

    /// Returns whether a post with this line could be published.
    fn is_public(line: &str) -> bool {
        let text = format!("---\nid: 1\ntitle: T\n{line}\n---\n");
        let reading = reading(&settings(), text.as_bytes());
        let mut found = reading.findings.iter();
        let is_refused = found.any(|found| found.rule == rules::NOT_PUBLIC);
        assert_eq!(reading.post.is_none(), is_refused, "{line}");
        !is_refused && !reading.draft
    }

    #[test]
    fn what_says_that_it_is_not_public_is_refused() {
        for line in [
            "Draft: true",
            "DRAFT: yes",
            "is_draft: 1",
            "published: false",
            "Published: no",
            "publish: \"false\"",
            "private: true",
            "private: perhaps",
            "hidden: [true]",
            "unlisted: on",
            "status: draft",
            "status: Private ",
            "visibility: hidden",
            "draft: false\npublished: false",
        ] {
            assert!(!is_public(line), "{line}");
        }
    }

    #[test]
    fn what_says_that_it_is_public_or_nothing_about_it_is_not_refused() {
        for line in [
            "Draft: false",
            "published: true",
            "published: 2024-01-05",
            "publish: yes",
            "private: no",
            "private:",
            "status: published",
            "state: 서울",
            "visibility: [a]",
        ] {
            assert!(is_public(line), "{line}");
        }
    }

    #[test]
    fn a_draft_may_say_it_twice() {
        let text = "---\nid: 1\ntitle: T\ndraft: true\npublished: false\n---\n";
        let reading = reading(&settings(), text.as_bytes());
        assert!(reading.draft && reading.findings.is_empty());
    }
}
