//! Pieces of a file in messages: cut to a length, and quoted so that YAML reads them back.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::document::Value;
use super::{steps, yaml_reader};

/// The longest piece of a file that a message quotes, in bytes.
const LONGEST: usize = 100;
/// The longest way back to the start of a word, in bytes.
const LONGEST_WORD: usize = 4096;

/// A text in quotes, with escapes, cut where it is long.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", cut(text, LONGEST))
}

/// A text as it is, cut where it is long.
pub(super) fn excerpt(text: &str) -> Cow<'_, str> {
    cut(text, LONGEST)
}

/// Cuts a text to a length in bytes, with an ellipsis where something is missing.
pub(super) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(most);
    let end = start_of_secret(text, end).unwrap_or(end);
    Cow::Owned(format!("{}…", &text[..end]))
}

/// Finds the start of the word that a cut at `at` would go through, if the part before may be
/// that of an address or a setting with a password. Passwords are taken out of what is printed
/// by their form, and half of one has none.
pub(super) fn start_of_secret(text: &str, at: usize) -> Option<usize> {
    let from = text.floor_char_boundary(at.saturating_sub(LONGEST_WORD));
    let before = &text[from..at];
    steps::count(before.len());
    let word = before
        .char_indices()
        .rev()
        .find(|(_, c)| c.is_whitespace())
        .map_or(0, |(at, c)| at + c.len_utf8());
    let before = &before[word..];
    (before.contains("://") || before.contains('=')).then_some(from + word)
}

/// A text in double quotes as YAML reads it back; `None` for one too long to be shown whole.
pub(super) fn yaml_text(text: &str) -> Option<String> {
    (text.len() <= LONGEST).then(|| double_quoted(text))
}

/// Returns a text in double quotes as YAML reads it back.
pub(super) fn double_quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() || yaml_reader::is_forbidden(c) => {
                // Writing into a String cannot fail.
                let _ = write!(quoted, "\\u{:04X}", c as u32);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A text as an item of a list in brackets: as it is where YAML then reads it back, else in
/// double quotes; `None` for one too long to be shown whole.
pub(super) fn yaml_item(text: &str) -> Option<String> {
    let quoted = yaml_text(text)?;
    let list = format!("k: [{text}]");
    let plain = yaml_reader::read_quietly(&list).is_some_and(|document| {
        matches!(
            document.entries.as_slice(),
            [entry] if matches!(&entry.value.value, Value::List(items)
                if matches!(items.as_slice(), [item] if item.value == Value::Text(text.to_owned())))
        )
    });
    Some(if plain { text.to_owned() } else { quoted })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::yaml;

    #[test]
    fn cuts_what_is_long_at_a_character() {
        assert_eq!(quoted("a\"b"), "\"a\\\"b\"");
        let long = quoted(&"가".repeat(1000));
        assert_eq!(long.chars().count(), 33 + 3);
        assert!(long.ends_with("…\""));
    }

    #[test]
    fn cuts_no_password_in_half() {
        let address = format!("postgresql://u:{}@host/db", "p".repeat(200));
        assert_eq!(excerpt(&address), "…");
        let text = format!("see {address}");
        assert_eq!(excerpt(&text), "see …");
        assert_eq!(excerpt(&format!("password={}", "p".repeat(200))), "…");
        let text = format!("a://b {}", "c".repeat(200));
        assert_eq!(excerpt(&text).len(), 100 + "…".len());
    }

    #[test]
    fn quotes_a_text_so_that_yaml_reads_it_back() {
        for text in [
            "a",
            "a: b",
            "it's",
            "\"",
            "C:\\new",
            "#x",
            "가 나",
            "true",
            "",
            "a\nb",
            "\u{85}",
            "\u{2028}x",
            "\u{feff}",
            "🎉",
            "\u{7f}",
            "- a",
            "[",
            "a, b",
            "x]",
            "~",
            "1.5",
            "\t",
        ] {
            let list = format!(
                "k: {}\nl: [{}]",
                yaml_text(text).unwrap(),
                yaml_item(text).unwrap()
            );
            let document = yaml::read(&list, 0..list.len()).unwrap();
            let wanted = Value::Text(text.to_owned());
            assert_eq!(document.entries[0].value.value, wanted, "{list}");
            let Value::List(items) = &document.entries[1].value.value else {
                panic!("{list}");
            };
            assert_eq!(items.len(), 1, "{list}");
            assert_eq!(items[0].value, wanted, "{list}");
        }
        assert_eq!(yaml_item("rust").unwrap(), "rust");
        assert_eq!(yaml_text(&"x".repeat(101)), None);
    }
}
