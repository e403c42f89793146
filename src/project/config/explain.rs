//! The errors of the TOML reader in words that say what to do.
//!
//! The reader's own words name the types of a program, and may quote a value, which may be an
//! address with a password.

use super::content::CONTENT_KEYS;
use super::{ALL_KEYS, KEYS, quotable};

/// An error in plain words, and its remedy where there is one.
pub(super) type Words = (String, Option<String>);

/// Says what is wrong with a file that is not what the settings are, and what to do. `at` is the
/// text that the reader points to, and `before` all of the file before it.
pub(super) fn explain(reader: &str, before: &str, at: &str) -> Words {
    let (words, expected) = reader.split_once(", expected ").unwrap_or((reader, ""));
    let of_key = || named(key_before(before)).unwrap_or_else(|| "this".to_owned());
    if words.starts_with("unknown field") {
        return unknown_key(at);
    }
    if let Some(found) = words.strip_prefix("invalid type: ") {
        return wrong_type(&of_key(), found, expected, at);
    }
    if let Some(key) = words.strip_prefix("missing field `") {
        let key = key.trim_end_matches('`');
        return said(
            format!("the section has no `{key}`"),
            format!("add a line `{key} = \"...\"`"),
        );
    }
    if words == "duplicate key" {
        let key = named(Some(at)).unwrap_or_else(|| "a key".to_owned());
        return said(format!("{key} is given twice"), "keep one of the two");
    }
    not_toml(words, before, at)
}

fn said(message: impl Into<String>, help: impl Into<String>) -> Words {
    (message.into(), Some(help.into()))
}

fn unknown_key(at: &str) -> Words {
    let Some(key) = quotable(at.trim_matches(['"', '\''])) else {
        return ("unknown key".to_owned(), Some(ALL_KEYS.to_owned()));
    };
    let nearest = KEYS
        .iter()
        .map(|known| (strsim::damerau_levenshtein(key, known), known))
        .min()
        .filter(|(distance, _)| *distance <= 2.max(key.len() / 3));
    let help = match nearest {
        Some((_, &"max_prune")) => "did you mean `max_prune`, in the section `[sync]`?".into(),
        Some((_, known)) if CONTENT_KEYS.contains(known) => {
            format!("did you mean `{known}`, in the section `[content]`?")
        }
        Some((_, known)) => format!("did you mean `{known}`?"),
        None => ALL_KEYS.into(),
    };
    (format!("unknown key `{key}`"), Some(help))
}

/// Describes a value of another type. `found` and `expected` are the reader's words.
fn wrong_type(key: &str, found: &str, expected: &str, at: &str) -> Words {
    if at.starts_with("[[") {
        return said(
            "a section has its name in one pair of brackets",
            "write `[NAME]` in place of `[[NAME]]`",
        );
    }
    if found.ends_with("as i128") {
        return said(
            format!("{key} is a number that is too large"),
            "write a smaller one",
        );
    }
    let kind = found.split(" `").next().unwrap_or(found);
    let found = match kind {
        _ if kind.starts_with("string") => "text",
        "integer" => "a number",
        "floating point" => "a number with a point",
        "boolean" => "true or false",
        "sequence" => "a list",
        // The reader has no type for dates.
        "map" if at.starts_with(|c: char| c.is_ascii_digit()) => "a date",
        _ => "a section",
    };
    let (expected, help) = match expected {
        "a string" | "string" => ("text", "put it in double quotes"),
        "i64" => ("a whole number", "write digits alone, without quotes"),
        "a boolean" => ("true or false", "write `true` or `false`, without quotes"),
        "a sequence" => ("a list", "write it in brackets: [\"one\", \"two\"]"),
        _ => (
            "a section",
            "write its name in brackets, `[NAME]`, and its keys below",
        ),
    };
    let help = if expected == "text" && matches!(found, "a list" | "a section") {
        "write one text in double quotes"
    } else {
        help
    };
    said(
        format!("{key} must be {expected}, but this is {found}"),
        help,
    )
}

/// Describes a line that is not TOML.
fn not_toml(words: &str, before: &str, at: &str) -> Words {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let is_bool = ["yes", "no", "on", "off", "true", "false"]
        .iter()
        .any(|word| at.eq_ignore_ascii_case(word));
    let (message, help) = match words {
        "string values must be quoted" if at.is_empty() => (
            "a key has no value",
            "write a value after the `=`, or remove the line",
        ),
        "string values must be quoted" | "invalid boolean" if is_bool => (
            "this is neither true nor false",
            "write `true` or `false`, in small letters",
        ),
        "string values must be quoted" if at.starts_with(['“', '”', '‘', '’', '„', '«']) => {
            (
                "these quotes are not those of TOML",
                "write straight quotes: \"...\"",
            )
        }
        "string values must be quoted" | "invalid boolean" => {
            ("a text has no quotes", "put it in double quotes")
        }
        "invalid literal string" | "invalid basic string" => (
            "a text has no closing quote on its line",
            "end it with the quote that it begins with",
        ),
        "invalid multi-line basic string" | "invalid multi-line literal string" => (
            "a text has no closing quotes",
            "end it with the three quotes that it begins with",
        ),
        "unexpected key or value" => (
            "the line goes on after its value",
            "write one `key = value` on each line; a text needs quotes",
        ),
        "missing comma between array elements" => (
            "a list has two items without a comma between them",
            "write a comma after each item",
        ),
        "unclosed array" => ("a list has no closing bracket", "end it with `]`"),
        "unclosed table" => (
            "the name of a section has no closing bracket",
            "write `[NAME]` on a line of its own",
        ),
        "unclosed inline table" => ("a `{` has no closing `}`", "end it with `}`"),
        "key with no value" if line.contains(':') || at.starts_with(':') => (
            "this line is not TOML: a key has a colon",
            "write `key = value`, with `=` in place of the colon",
        ),
        "key with no value" => (
            "this line is not TOML: a key has no value",
            "write `key = value`; a text needs quotes",
        ),
        "unquoted keys cannot be empty" => {
            ("there is no key before the `=`", "write `key = value`")
        }
        "missing escaped value" => (
            "a backslash in double quotes begins nothing that TOML knows",
            "write two backslashes, or put the text in single quotes",
        ),
        "invalid comment character" => ("a comment holds a control character", "remove it"),
        "invalid unquoted key" => (
            "a key holds something other than letters, digits, `-` and `_`",
            "write the key without it; a space before the `=` must be an ordinary one",
        ),
        _ => (
            "this line is not TOML",
            "write `key = value`; a text needs quotes",
        ),
    };
    said(message, help)
}

/// Returns a known key as messages name it.
fn named(key: Option<&str>) -> Option<String> {
    let key = quotable(key?.trim_matches(['"', '\'']))?;
    (!key.is_empty()).then(|| format!("`{key}`"))
}

/// Finds the key of the value that comes next, if it is one that the settings have.
fn key_before(before: &str) -> Option<&str> {
    let equals = before.rfind('=')?;
    let key = before[..equals].trim_end().trim_end_matches(['"', '\'']);
    let start = key
        .rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
        .map_or(0, |at| at + 1);
    let key = &key[start..];
    let is_rule = || {
        crate::finding::rules::RULES
            .iter()
            .any(|rule| rule.name == key)
    };
    (KEYS.contains(&key) || is_rule()).then_some(key)
}
