//! Detection of passwords in a text by their context.

use std::ops::Range;

/// The end of the range that a password in an address may extend to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The address's word, or its line if the word holds only a part: for messages, which
    /// continue after an address.
    Word,
    /// The last `@` of the text: for texts of unknown origin.
    Text,
    /// As [`Self::Text`], for a text that is one address: a port is no password.
    Address,
}

/// The replacement for a password.
pub const MASK: &str = "***";

/// The keys that are followed by a password, in lower case.
const KEYS: [&str; 3] = ["password", "passwd", "pwd"];

/// The maximum length in bytes of an unquoted value with spaces.
const NEAR: usize = 256;

/// Returns the ranges of passwords: between the user and the `@` of a URL, and after
/// `password=`. The ranges are sorted and disjoint. Takes linear time.
pub fn passwords(text: &str, reach: Reach) -> Vec<Range<usize>> {
    let mut found = in_urls(text, reach);
    found.extend(after_keys(text));
    found.retain(|range| !range.is_empty() && !is_placeholder(&text[range.clone()]));
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

/// Returns a text with a mask in the place of each password that its context tells.
pub fn without_forms(text: &str, reach: Reach) -> String {
    let mut left = String::with_capacity(text.len());
    let mut at = 0;
    for range in passwords(text, reach) {
        left.push_str(&text[at..range.start]);
        left.push_str(MASK);
        at = range.end;
    }
    left.push_str(&text[at..]);
    left
}

/// Returns true for the placeholder of help texts and for the mask.
fn is_placeholder(value: &str) -> bool {
    let value = value.trim_end_matches(['`', '"', '\'', ',', '.', ')']);
    matches!(value, "PASSWORD" | "***" | "...")
}

fn in_urls(text: &str, reach: Reach) -> Vec<Range<usize>> {
    if !text.contains(":/") {
        return Vec::new();
    }
    if reach != Reach::Word {
        return in_url(text, reach).into_iter().collect();
    }
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let ranges = in_line(line).into_iter();
        found.extend(ranges.map(|range| at + range.start..at + range.end));
        at += line.len();
    }
    found
}

/// Returns everything up to the last `@` as the password of the first URL.
fn in_url(text: &str, reach: Reach) -> Option<Range<usize>> {
    let from = text.find("://")? + "://".len();
    let end = text[from..].rfind('@').map(|end| from + end);
    if end.is_none() && reach == Reach::Address && colon(&text[from..]).is_some_and(is_port) {
        return None;
    }
    // An address without an end may be cut off.
    let end = end.unwrap_or(text.len());
    let (_, after) = split_at_colon(&text[from..end])?;
    Some(end - after.len()..end)
}

fn in_line(line: &str) -> Vec<Range<usize>> {
    let last_at = line.rfind('@');
    let mut found = Vec::new();
    let (mut from, mut end) = (0, 0);
    while let Some(at) = line[from..].find(":/") {
        let after_scheme = from + at + 1;
        let slashes = line[after_scheme..]
            .bytes()
            .take_while(|byte| *byte == b'/')
            .count();
        let start = after_scheme + slashes;
        from = start;
        if start >= end {
            let length = line[start..].find(char::is_whitespace);
            end = length.map_or(line.len(), |length| start + length);
        }
        let Some(after) = colon(&line[start..end]) else {
            continue;
        };
        let password = end - after.len();
        match after.rfind('@') {
            Some(at) => {
                found.push(password..password + at);
                from = end;
            }
            // A path has one slash after a drive's letter, and may lie in a message.
            None if slashes < 2 || after.is_empty() || is_port(after) => {}
            None if line[start..password].contains('@') => {}
            None => {
                from = last_at.filter(|at| *at > end).unwrap_or(end);
                found.push(password..from);
            }
        }
    }
    found
}

/// Returns the text after the first colon of a URL's authority, if it has one.
fn colon(authority: &str) -> Option<&str> {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.1,
        None => authority,
    };
    let (before, after) = split_at_colon(host)?;
    (!before.contains(['/', '?', '#'])).then_some(after)
}

/// Splits a text at its first colon, encoded or not.
fn split_at_colon(text: &str) -> Option<(&str, &str)> {
    let colons = text.match_indices([':', '%']);
    let mut lengths = colons.map(|(at, colon)| {
        let is_encoded =
            colon == "%" && matches!(text.as_bytes().get(at + 1..at + 3), Some(b"3A" | b"3a"));
        (
            at,
            if is_encoded {
                3
            } else {
                usize::from(colon == ":")
            },
        )
    });
    let (at, length) = lengths.find(|(_, length)| *length > 0)?;
    Some((&text[..at], &text[at + length..]))
}

/// Returns true if a text begins with a port number.
fn is_port(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - rest.len();
    let ends = |c: char| c.is_whitespace() || "/?#,;.)\"'`".contains(c) || c == ':';
    // After a port a message may go on with a colon, which a space follows.
    let ends_well = rest.chars().next().is_none_or(ends)
        && rest
            .strip_prefix(':')
            .is_none_or(|rest| rest.trim().is_empty());
    (1..=5).contains(&digits) && ends_well
}

fn after_keys(text: &str) -> Vec<Range<usize>> {
    if !text.contains('=') {
        return Vec::new();
    }
    let lower = text.to_ascii_lowercase();
    let mut found: Vec<Range<usize>> = Vec::new();
    for key in KEYS {
        let mut end = 0;
        for (at, _) in lower.match_indices(key) {
            let rest = text[at + key.len()..].trim_start();
            let Some(value) = rest.strip_prefix('=').map(str::trim_start) else {
                continue;
            };
            let from = text.len() - value.len();
            if from >= end {
                end = from + value_length(value);
                found.push(from..end);
            }
        }
    }
    found
}

/// Returns the length of a value: up to its closing quote, or to the separator before the next.
fn value_length(value: &str) -> usize {
    let quote = value.chars().next().filter(|c| matches!(c, '\'' | '"'));
    let Some(quote) = quote else {
        return bare_length(value);
    };
    let mut characters = value.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            characters.next();
        } else if character == quote && characters.next_if(|(_, c)| *c == quote).is_none() {
            return at + 1;
        }
    }
    value.len()
}

fn bare_length(value: &str) -> usize {
    let mut characters = value.char_indices();
    let mut end = value.len();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            c if c.is_whitespace() || matches!(c, '&' | ';') => {
                end = at;
                break;
            }
            _ => {}
        }
    }
    // With semicolons as separators, a value may contain spaces.
    let near = &value[..value.floor_char_boundary(NEAR)];
    match near.find(';') {
        Some(semicolon) if semicolon > end && !near[..semicolon].contains(['=', '\n', '&']) => {
            semicolon
        }
        _ => end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz;

    fn masked(text: &str, reach: Reach) -> String {
        let mut text = text.to_owned();
        for range in passwords(&text, reach).into_iter().rev() {
            text.replace_range(range, "***");
        }
        text
    }

    #[test]
    fn messages_lose_passwords_and_keep_what_comes_after() {
        for (text, expected) in [
            (
                "at postgresql://u:emu@h:1/d: no",
                "at postgresql://u:***@h:1/d: no",
            ),
            ("u postgres:/u:emu@h/d (x@y)", "u postgres:/u:***@h/d (x@y)"),
            (
                "in sqlite:/a/postgres:/u:emu@h",
                "in sqlite:/a/postgres:/u:***@h",
            ),
            ("postgresql://u:e m@u@h x", "postgresql://u:***@h x"),
            ("postgresql://u%3Aemu@h", "postgresql://u%3A***@h"),
            ("a \"postgresql://u:ostr\"", "a \"postgresql://u:***"),
            ("a\npostgresql://u:e@h\nb@c", "a\npostgresql://u:***@h\nb@c"),
            ("two x://u:a@h y://u:b@h", "two x://u:***@h y://u:***@h"),
            ("Password='e;m''u';Pwd=e mu;a=b", "Password=***;Pwd=***;a=b"),
            ("password=emu and more", "password=*** and more"),
        ] {
            assert_eq!(masked(text, Reach::Word), expected);
        }
    }

    #[test]
    fn what_is_no_password_stays() {
        for text in [
            "cannot connect to postgresql://db.example:5432/blog: refused by x@y",
            "postgresql://me@db.example:5432/blog (DATABASE_URL), last by ann@laptop",
            "postgresql://a:5432,[::1]:5433/blog",
            "http://[::1]:8080/a: no",
            "see https://example.com/a:b and mail me@example.com",
            "write postgresql://USER:PASSWORD@HOST/DATABASE, or password=PASSWORD",
            "postgresql://me:***@h/d",
            "the password is wrong; C:/a/b",
        ] {
            assert_eq!(masked(text, Reach::Word), text);
        }
    }

    #[test]
    fn a_port_is_no_password_of_an_address() {
        for text in [
            "postgresql://db.example:5432/blogdata",
            "postgresql://[::1]:5/d",
        ] {
            assert_eq!(masked(text, Reach::Address), text);
        }
        for text in ["postgresql://u:5432/emu@h/d", "postgresql://u:5432:emu"] {
            assert!(!masked(text, Reach::Address).contains("emu"), "{text}");
        }
    }

    #[test]
    fn ranges_are_in_order_and_apart_whatever_the_text() {
        let corpus: &[&[u8]] = &[b"postgresql://u:p@h", b"password='a' pwd=b;c", b"x:/y:z@"];
        let dictionary: &[&[u8]] = &[b"://", b":/", b"@", b":", b"%3a", b"password=", b"'", b"\n"];
        fuzz::run("password forms", corpus, dictionary, |bytes| {
            let text = String::from_utf8_lossy(bytes);
            for reach in [Reach::Word, Reach::Text, Reach::Address] {
                let ranges = passwords(&text, reach);
                assert!(ranges.windows(2).all(|two| two[0].end < two[1].start));
                assert!(ranges.iter().all(|range| text.get(range.clone()).is_some()));
            }
        });
    }
}
