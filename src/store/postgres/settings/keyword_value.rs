//! Keyword/value connection strings: libpq's, separated by spaces, and those of .NET, separated
//! by semicolons.

use super::keys;
use super::refusal::refuse;
use crate::store::{Result, StoreError};

/// Parses pairs as libpq does: values may be in single quotes, and a backslash escapes the next
/// character.
/// <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE>
pub(super) fn read(text: &str) -> Result<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=').ok_or_else(unreadable)?;
        let key = key.trim_end();
        if !is_key(key) {
            return Err(unreadable());
        }
        let (value, after) = value(after.trim_start()).ok_or_else(unreadable)?;
        pairs.push((key.to_owned(), value));
        rest = after.trim_start();
    }
    Ok(pairs)
}

/// Returns true if a text has the form of a keyword.
pub(super) fn is_key(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !text.is_empty() && text.chars().all(is_letter)
}

/// Parses one value and returns the rest after it; `None` if a quote is not closed.
fn value(text: &str) -> Option<(String, &str)> {
    let quoted = text.starts_with('\'');
    let mut value = String::new();
    let mut characters = text.char_indices().skip(usize::from(quoted));
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => value.extend(characters.next().map(|(_, next)| next)),
            '\'' if quoted => return Some((value, &text[at + 1..])),
            _ if !quoted && character.is_whitespace() => return Some((value, &text[at..])),
            _ => value.push(character),
        }
    }
    (!quoted).then_some((value, ""))
}

/// Parses `Key=value;Key=value`; `None` if the text has another form. Every key must be one
/// that some program knows: a semicolon may also be part of the password of a libpq string.
pub(super) fn read_semicolons(text: &str) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    let mut rest = text.trim();
    if !rest.contains(';') {
        return None;
    }
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        if !keys::is_known(key) {
            return None;
        }
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '\'' | '"'));
        let (value, after) = match quote {
            Some(quote) => doubled(&after[1..], quote)?,
            None => {
                let (value, after) = after.split_once(';').unwrap_or((after, ""));
                // Another pair after a space: this is a libpq string.
                if value
                    .split_whitespace()
                    .skip(1)
                    .any(|word| word.contains('='))
                {
                    return None;
                }
                (value.trim_end().to_owned(), after)
            }
        };
        pairs.push((key.trim().to_owned(), value));
        rest = after.trim_start_matches(|c: char| c == ';' || c.is_whitespace());
    }
    (!pairs.is_empty()).then_some(pairs)
}

/// Parses up to the closing quote; within the value, quotes are doubled.
fn doubled(text: &str, quote: char) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let (part, after) = rest.split_once(quote)?;
        value.push_str(part);
        match after.strip_prefix(quote) {
            Some(more) => {
                value.push(quote);
                rest = more;
            }
            None => {
                let after = after.trim_start();
                return (after.is_empty() || after.starts_with(';')).then_some((value, after));
            }
        }
    }
}

pub(super) fn unreadable() -> StoreError {
    refuse(
        "the connection string cannot be read as key=value pairs",
        "write it as host=HOST dbname=DATABASE user=USER, with values that hold spaces in \
         single quotes, or as a postgresql:// URL",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        pairs.iter().map(own).collect()
    }

    #[test]
    fn values_may_stand_in_quotes_and_escape_a_character() {
        for (text, expected) in [
            (
                r"user='a \'b\'' password = p\ w",
                vec![("user", "a 'b'"), ("password", "p w")],
            ),
            (r"a='\\' b=\\", vec![("a", r"\"), ("b", r"\")]),
            ("a='' b= c=1", vec![("a", ""), ("b", "c=1")]),
            ("a=x;y", vec![("a", "x;y")]),
            ("a='x'b='y'", vec![("a", "x"), ("b", "y")]),
            ("  ", vec![]),
        ] {
            assert_eq!(read(text).unwrap(), owned(&expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_pairs_is_refused() {
        for bad in [
            "secret", "a='b", "a=b c", "a='b''c'", "=b", "a b=c", "a-b=c", r"a='b\'",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn semicolons_part_the_pairs_of_dotnet() {
        let text = "Host=h; Port=5432;User Id=me;Password='a;b''c';SSL Mode=\"Require\";";
        let expected = owned(&[
            ("Host", "h"),
            ("Port", "5432"),
            ("User Id", "me"),
            ("Password", "a;b'c"),
            ("SSL Mode", "Require"),
        ]);
        assert_eq!(read_semicolons(text), Some(expected));
    }

    #[test]
    fn a_semicolon_within_a_value_of_libpq_parts_nothing() {
        for text in [
            "host=h",
            "password=a;b host=h dbname=d",
            "host=h;nonsense=x",
            "host=h user=me password=a;",
            "host=h password=a;port=5;user=me dbname=d",
            "host=h;password='a",
            "host=h;password='a'b;user=c",
            ";",
        ] {
            assert_eq!(read_semicolons(text), None, "{text}");
        }
    }
}
