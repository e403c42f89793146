//! Common slips in YAML that the parser reports in words, or at a place, that do not help.
//!
//! A remedy that shows a line was tried first: the front matter is readable with that line.

use super::quote::{cut, excerpt, yaml_item};
use super::yaml_reader;

/// The longest line that a remedy shows, in bytes.
const LONGEST: usize = 200;
/// The most lines without a colon above a key that are looked at.
const MOST_LINES: usize = 100;

/// A slip, with its first byte in the YAML; it goes to the end of the line.
pub(super) struct Slip {
    pub message: String,
    pub help: String,
    pub at: usize,
}

/// The parser's words for an error, and the start and text of the line that it blames.
pub(super) struct Clue<'a> {
    pub yaml: &'a str,
    pub words: &'a str,
    pub within: &'a str,
    /// The byte at which the parser gave up.
    pub at: usize,
    /// The byte at which the innermost construct begins, or `at`.
    pub within_at: usize,
}

/// Recognizes a slip by what the parser said of it.
pub(super) fn find(clue: &Clue<'_>) -> Option<Slip> {
    match clue.words {
        "mapping values are not allowed in this context" => line_without_colon(clue),
        "could not find expected ':'" => hyphen(clue),
        "did not find expected <document start>" => indented_first_key(clue),
        "found unknown escape character" | "did not find expected hexadecimal number" => {
            escape(clue)
        }
        _ => list(clue).or_else(|| open_brace(clue)),
    }
}

/// Recognizes lines above a key that have no colon, which the parser takes for a part of it.
fn line_without_colon(clue: &Clue<'_>) -> Option<Slip> {
    let (start, line) = line_at(clue.yaml, clue.at);
    if !is_name(&line[..clue.at.checked_sub(start)?]) {
        return None;
    }
    let mut first = None;
    let mut end = start;
    for _ in 0..MOST_LINES {
        if end == 0 {
            break;
        }
        let (start, line) = line_at(clue.yaml, end - 1);
        let is_plain = line.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if !is_plain || line.contains(": ") || line.ends_with(':') {
            break;
        }
        first = Some((start, line));
        end = start;
    }
    let (at, line) = first?;
    Some(without_colon(at, line))
}

/// Describes a line that has a key but no colon.
fn without_colon(at: usize, line: &str) -> Slip {
    let message = "a line has no colon between key and value".to_owned();
    let is_wide = line.contains('：');
    let split = if is_wide {
        line.split_once('：')
    } else {
        line.split_once(' ')
    };
    let fixed = split
        .map(|(key, value)| (key.trim(), value.trim_start()))
        .filter(|(key, value)| is_name(key) && !value.is_empty())
        .map(|(key, value)| format!("{key}: {value}"))
        .filter(|fixed| fixed.len() <= LONGEST && reads(fixed));
    let help = match fixed {
        Some(fixed) if is_wide => format!("write an ordinary colon and a space: `{fixed}`"),
        Some(fixed) => format!("write `{fixed}`, with a colon and a space"),
        None => "write `key: value`, with a colon and a space".to_owned(),
    };
    Slip { message, help, at }
}

/// Recognizes an item of a list that has no space after its hyphen.
fn hyphen(clue: &Clue<'_>) -> Option<Slip> {
    let (start, line) = line_at(clue.yaml, clue.within_at);
    let item = line.trim_start().strip_prefix('-')?;
    if item.is_empty() || item.starts_with(['-', ' ']) {
        return None;
    }
    Some(Slip {
        message: "an item of a list has no space after its hyphen".to_owned(),
        help: format!("write `- {}`", excerpt(item)),
        at: start + line.len() - line.trim_start().len(),
    })
}

/// Recognizes a first key with more spaces before it than one below.
fn indented_first_key(clue: &Clue<'_>) -> Option<Slip> {
    let mut start = 0;
    let first = clue.yaml.split_inclusive('\n').find(|line| {
        let line = line.trim();
        let is_content = !line.is_empty() && !line.starts_with('#');
        if !is_content {
            start += clue.yaml[start..].find('\n').map_or(0, |at| at + 1);
        }
        is_content
    })?;
    let (_, line) = line_at(clue.yaml, clue.at);
    (first.starts_with(' ') && !line.starts_with(' ')).then(|| Slip {
        message: "the first key is indented, and a key below it is not".to_owned(),
        help: "remove the spaces before the first key: every key begins at the start of its line"
            .to_owned(),
        at: start + first.len() - first.trim_start().len(),
    })
}

/// Recognizes a backslash in double quotes that begins no escape.
fn escape(clue: &Clue<'_>) -> Option<Slip> {
    let (start, line) = line_at(clue.yaml, clue.at);
    let mut fixed = String::new();
    let mut first = None;
    let mut rest = line.char_indices().peekable();
    let mut quoted = false;
    while let Some((at, c)) = rest.next() {
        fixed.push(c);
        quoted ^= c == '"';
        if c != '\\' || !quoted {
            continue;
        }
        let digits = match rest.peek() {
            Some((_, 'x')) => 2,
            Some((_, 'u')) => 4,
            Some((_, 'U')) => 8,
            _ => 0,
        };
        let hex = line[at + 1..].chars().skip(1).take(digits);
        let is_whole = hex.filter(char::is_ascii_hexdigit).count() == digits;
        match rest.peek() {
            Some(&(_, next)) if is_whole && "0abt\tnvfre \"/\\N_LPxuU".contains(next) => {
                fixed.push(next);
                rest.next();
            }
            _ => {
                fixed.push('\\');
                first.get_or_insert(at);
            }
        }
    }
    let at = first?;
    let name: String = line[at..].chars().take(2).collect();
    let help = if reads(&fixed) && fixed.len() <= LONGEST {
        format!("write the backslash twice: `{fixed}`")
    } else {
        "write the backslash twice: `\\\\`".to_owned()
    };
    Some(Slip {
        message: format!("`{name}` means nothing in a text in double quotes"),
        help,
        at: start + at,
    })
}

/// Recognizes a list in brackets, on one line, with an item that YAML does not read.
fn list(clue: &Clue<'_>) -> Option<Slip> {
    let starts_there = matches!(
        clue.within,
        "while scanning a quoted scalar" | "while parsing a flow sequence"
    );
    let (start, line) = line_at(
        clue.yaml,
        if starts_there {
            clue.within_at
        } else {
            clue.at
        },
    );
    let (key, value) = line.split_once(": ")?;
    let value = value.trim();
    let inner = value.strip_prefix('[')?;
    if !is_name(key) || line.len() > LONGEST {
        return None;
    }
    let closed = inner.strip_suffix(']');
    let inner = closed.unwrap_or(inner);
    if inner.contains(['[', ']', '{', '}']) {
        return None;
    }
    let next = clue.yaml[start + line.len()..].trim_start_matches(['\r', '\n']);
    if closed.is_none() && next.starts_with([' ', '\t', '-', ']', ',']) {
        return None;
    }
    let mut message = match closed {
        None => Some("a list has no `]` at its end".to_owned()),
        Some(_) => None,
    };
    let mut items = Vec::new();
    let split = split_items(inner);
    let count = split.len();
    for (number, item) in split.into_iter().enumerate() {
        if item.is_empty() {
            if number + 1 < count {
                message.get_or_insert("a list has nothing between two commas".to_owned());
            }
            continue;
        }
        if let Some(quote) = item.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            if item.len() > 1 && item.ends_with(quote) {
                items.push(item.to_owned());
                continue;
            }
            message = Some(format!("a text in a list has no {quote} at its end"));
        }
        let text = item.trim_start_matches(['"', '\'']);
        let written = yaml_item(text)?;
        if written != text {
            message = Some(match text.chars().next() {
                Some('#') => "in a list, `#` after a space begins a comment".to_owned(),
                Some(first) if !first.is_alphanumeric() => {
                    format!("an item that begins with `{first}` must be in quotes")
                }
                _ => format!("the item {} must be in quotes", cut(&written, LONGEST)),
            });
        }
        items.push(written);
    }
    let fixed = format!("{key}: [{}]", items.join(", "));
    reads(&fixed).then_some(Slip {
        message: message?,
        help: format!("write `{fixed}`"),
        at: start + line.len() - line.trim_start().len() + key.len() + 2,
    })
}

/// Splits the inside of brackets at commas that are not within quotes.
fn split_items(inner: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let mut rest = inner.trim_start();
    loop {
        let closing = rest
            .chars()
            .next()
            .filter(|c| matches!(c, '"' | '\''))
            .and_then(|quote| rest[1..].find(quote))
            .map_or(0, |at| at + 2);
        let Some(comma) = rest[closing..].find(',') else {
            items.push(rest.trim_end());
            return items;
        };
        let (item, after) = rest.split_at(closing + comma);
        items.push(item.trim_end());
        rest = after[1..].trim_start();
    }
}

/// Recognizes front matter in braces that are not closed.
fn open_brace(clue: &Clue<'_>) -> Option<Slip> {
    if clue.within != "while parsing a flow mapping"
        || !clue.yaml[..clue.within_at].trim().is_empty()
    {
        return None;
    }
    let closed = format!("{}}}", clue.yaml.trim_end().trim_end_matches(','));
    reads(&closed).then(|| Slip {
        message: "the brace `{` has no `}`".to_owned(),
        help: "put a `}` after the last key and value, or write each key on a line of its own, \
               without braces and commas"
            .to_owned(),
        at: clue.within_at,
    })
}

/// Returns whether a text is front matter that can be read.
fn reads(text: &str) -> bool {
    yaml_reader::read_quietly(text).is_some()
}

/// Returns whether a key may be written without quotes, whatever the parser.
pub(super) fn is_name(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

/// Returns where the line that holds a byte begins, and its text without its line end; for
/// one past the end, the last line.
fn line_at(yaml: &str, at: usize) -> (usize, &str) {
    let at = yaml.floor_char_boundary(at.min(yaml.trim_end().len()));
    let start = yaml[..at].rfind('\n').map_or(0, |at| at + 1);
    let line = yaml[start..].split('\n').next().unwrap_or_default();
    (start, line.trim_end())
}
