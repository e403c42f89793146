//! The passwords that this process was given, and taking them out of what it prints.
//!
//! No message is made of a password; this is the second wall, for messages made elsewhere.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{PoisonError, RwLock};

/// What stands for a password.
const MASK: &str = "***";

/// What has fewer characters stands in harmless lines, too.
const MINIMUM: usize = 6;

/// Each secret, and whether lines that are printed in the ordinary way are cleared of it.
static SECRETS: RwLock<BTreeMap<String, bool>> = RwLock::new(BTreeMap::new());

/// Remembers an address that may hold a password, in whatever form and however broken.
pub fn register_address(address: &str) {
    for range in passwords(address) {
        register_within(&address[range.clone()], |password| {
            let (before, after) = (&address[..range.start], &address[range.end..]);
            before.contains(password) || after.contains(password)
        });
    }
    if address.chars().count() >= MINIMUM {
        add(address, false);
    }
}

/// Remembers a password. `shown` is what is shown beside it: where that holds the password,
/// as for the user `blog` with the password `blog`, lines are left as they are.
pub fn register(password: &[u8], shown: &[&str]) {
    register_within(&String::from_utf8_lossy(password), |password| {
        shown.iter().any(|text| text.contains(password))
    });
}

fn register_within(password: &str, is_shown: impl Fn(&str) -> bool) {
    for form in [password, &percent_decoded(password)] {
        add(form, form.chars().count() >= MINIMUM && !is_shown(form));
    }
}

fn add(secret: &str, in_lines: bool) {
    if secret.trim().is_empty() {
        return;
    }
    // A writer that panicked has left what it had added.
    let mut secrets = SECRETS.write().unwrap_or_else(PoisonError::into_inner);
    let quoted = format!("{secret:?}");
    let escaped = &quoted[1..quoted.len() - 1];
    for form in [secret, escaped] {
        secrets.insert(form.to_owned(), in_lines);
    }
}

/// Takes remembered passwords out of a line.
pub fn scrubbed(line: &str) -> String {
    without_secrets(line, true)
}

/// Takes out of a text of unknown making all that is remembered, and all that stands where
/// passwords do. Better too much than too little.
pub fn scrubbed_thoroughly(text: &str) -> String {
    without_forms(without_secrets(text, false))
}

fn without_forms(mut text: String) -> String {
    for range in passwords(&text).into_iter().rev() {
        text.replace_range(range, MASK);
    }
    text
}

fn without_secrets(text: &str, only_in_lines: bool) -> String {
    let secrets = SECRETS.read().unwrap_or_else(PoisonError::into_inner);
    let wanted = secrets
        .iter()
        .filter(|(_, in_lines)| **in_lines || !only_in_lines);
    let mut found: Vec<&str> = wanted
        .map(|(secret, _)| secret.as_str())
        .filter(|secret| text.contains(secret))
        .collect();
    // One may be a piece of another.
    found.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
    let mut text = text.to_owned();
    for secret in found {
        text = text.replace(secret, MASK);
    }
    text
}

/// Finds where in a text passwords stand by its form: between the user and the last `@` of a
/// URL, and after `password=`. Later ranges do not overlap earlier ones.
fn passwords(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices("://") {
        let from = at + "://".len();
        let end = text[from..].rfind('@').map(|end| from + end);
        // Without an end it may have been cut off.
        let end = end.unwrap_or(text.len());
        if let Some(colon) = text[from..end].find(':') {
            found.push(from + colon + 1..end);
        }
    }
    let lower = text.to_ascii_lowercase();
    for key in ["password", "passwd", "pwd"] {
        for (at, _) in lower.match_indices(key) {
            let after = at + key.len();
            let rest = text[after..].trim_start();
            let Some(value) = rest.strip_prefix('=').map(str::trim_start) else {
                continue;
            };
            let from = text.len() - value.len();
            found.push(from..from + value_length(value));
        }
    }
    found.retain(|range| !range.is_empty());
    found.sort_unstable_by_key(|range| range.start);
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in found {
        match apart.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// How far a value goes: to its closing quote, or to what parts it from the next.
fn value_length(value: &str) -> usize {
    let quote = value.chars().next().filter(|c| matches!(c, '\'' | '"'));
    let mut characters = value.char_indices().skip(usize::from(quote.is_some()));
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            c if quote == Some(c) => return at + 1,
            c if quote.is_none() && (c.is_whitespace() || matches!(c, '&' | ';')) => return at,
            _ => {}
        }
    }
    value.len()
}

/// Decodes what is encoded, and leaves the rest as it is.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        match byte {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_taken_out_in_every_form_it_was_given_in() {
        register_address("postgresql://me:zebra%40seven@h/d");
        register(b"walrus\"eight", &["me", "h"]);
        for text in [
            "a zebra%40seven b",
            "a zebra@seven b",
            "a walrus\"eight b",
            "a walrus\\\"eight b",
        ] {
            assert_eq!(scrubbed(text), "a *** b");
            assert!(scrubbed_thoroughly(text).contains(" *** "), "{text}");
        }
    }

    #[test]
    fn a_line_keeps_what_is_shown_anyhow_and_short_words() {
        register_address("postgresql://giraffe:giraffe@h/d");
        register(b"hippopotamus", &["the hippopotamus"]);
        register(b"emu", &[]);
        for line in ["cannot reach giraffe@h", "the hippopotamus", "an emu"] {
            assert_eq!(scrubbed(line), line);
            assert!(scrubbed_thoroughly(line).contains(MASK), "{line}");
        }
    }

    #[test]
    fn whatever_stands_where_passwords_do_is_taken_out_of_a_text_of_unknown_making() {
        for (text, expected) in [
            (
                "at postgresql://u:ostrich@h/d!",
                "at postgresql://u:***@h/d!",
            ),
            ("at postgresql://u:os@tri/ch x@h", "at postgresql://u:***@h"),
            ("at `postgresql://u:ostr", "at `postgresql://u:***"),
            (
                "host=h PassWord = 'os\\'tr ich' x",
                "host=h PassWord = *** x",
            ),
            ("?password=ostrich&a=b", "?password=***&a=b"),
            ("Password=ostrich;Pwd=ostrich", "Password=***;Pwd=***"),
            ("password='ostrich", "password=***"),
            ("no password at http://h/d", "no password at http://h/d"),
        ] {
            assert_eq!(without_forms(text.to_owned()), expected);
        }
    }

    #[test]
    fn the_help_that_shows_how_to_write_an_address_stays() {
        let help = "write it as postgresql://USER:PASSWORD@HOST/DATABASE";
        assert_eq!(scrubbed(help), help);
    }
}
