//! The syntax of the patterns in ignore files, as git reads it.

use std::fmt;

/// The longest pattern in bytes.
pub(super) const MAX_PATTERN: usize = 1024;

/// The reason why a line is not a pattern. It never holds the text of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PatternError {
    Empty,
    TooLong,
    Nul,
    TrailingBackslash,
    UnclosedClass,
    UnknownClass,
    ReversedRange,
}

impl PatternError {
    /// The remedy.
    pub fn help(self) -> &'static str {
        match self {
            Self::Empty => "write the name that is not to be ignored behind the `!`",
            Self::TooLong => "split it, or ignore a directory as a whole",
            Self::Nul => "save the file as plain text in UTF-8",
            Self::TrailingBackslash => "delete the `\\`, or double it",
            Self::UnclosedClass => "close it with `]`, or write `\\[` for the character itself",
            Self::UnknownClass => {
                "use alnum, alpha, blank, cntrl, digit, graph, lower, print, punct, space, upper or xdigit"
            }
            Self::ReversedRange => "write the smaller character first: `[a-z]`",
        }
    }
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is no pattern behind the `!`"),
            Self::TooLong => write!(f, "the pattern is longer than {MAX_PATTERN} bytes"),
            Self::Nul => f.write_str("the pattern holds a NUL character"),
            Self::TrailingBackslash => f.write_str("the pattern ends in a `\\`"),
            Self::UnclosedClass => f.write_str("a `[` in the pattern is never closed"),
            Self::UnknownClass => f.write_str("the pattern names an unknown `[:class:]`"),
            Self::ReversedRange => f.write_str("the pattern has a range that runs backwards"),
        }
    }
}

/// A part of a pattern behind its literal beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// This byte.
    Byte(u8),
    /// `?`: any byte but `/`.
    Any,
    /// `[...]`: a byte of this set, which never has `/`.
    Class(Box<Bytes>),
    /// `*`: any number of bytes but `/`.
    Star,
    /// `**` at the end: anything.
    Everything,
    /// `**/`: nothing, or directories. [`Token::Directories`] follows it.
    OptionalDirectories,
    /// The part of `**/` that matches directories: anything that ends in `/`.
    Directories,
}

/// A set of bytes.
pub(super) type Bytes = [u64; 4];

pub(super) fn without_trailing_spaces(line: &[u8]) -> &[u8] {
    let mut end = 0;
    let mut at = 0;
    while at < line.len() {
        // A space behind a backslash stays.
        let step = if line[at] == b'\\' { 2 } else { 1 };
        if line[at] != b' ' {
            end = (at + step).min(line.len());
        }
        at += step;
    }
    &line[..end]
}

pub(super) fn tokens(pattern: &[u8]) -> Result<Vec<Token>, PatternError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&byte) = pattern.get(at) {
        at += 1;
        match byte {
            b'\\' => {
                let escaped = pattern.get(at).ok_or(PatternError::TrailingBackslash)?;
                tokens.push(Token::Byte(*escaped));
                at += 1;
            }
            b'?' => tokens.push(Token::Any),
            b'[' => {
                let (class, end) = class(pattern, at)?;
                tokens.push(Token::Class(Box::new(class)));
                at = end;
            }
            b'*' => {
                let begins_part = at == 1 || pattern[at - 2] == b'/';
                let stars = pattern[at..].iter().take_while(|b| **b == b'*').count();
                at += stars;
                let rest = &pattern[at..];
                let ends_part = rest.is_empty() || rest[0] == b'/' || rest.starts_with(b"\\/");
                if stars == 0 || !begins_part || !ends_part {
                    tokens.push(Token::Star);
                } else if rest.first() == Some(&b'/') {
                    tokens.extend([Token::OptionalDirectories, Token::Directories]);
                    at += 1;
                } else {
                    tokens.push(Token::Everything);
                }
            }
            literal => tokens.push(Token::Byte(literal)),
        }
    }
    Ok(tokens)
}

/// Reads a class whose `[` is just before `at`. Returns it with the place behind its `]`.
fn class(pattern: &[u8], mut at: usize) -> Result<(Bytes, usize), PatternError> {
    let byte = |at: usize| pattern.get(at).copied();
    let unclosed = PatternError::UnclosedClass;
    let mut bytes = Bytes::default();
    let is_negated = matches!(byte(at), Some(b'!' | b'^'));
    if is_negated {
        at += 1;
    }
    let first = at;
    // The byte that a range may begin with.
    let mut before = None;
    loop {
        let current = byte(at).ok_or(unclosed)?;
        // A `]` in the first place is an ordinary character.
        if current == b']' && at > first {
            break;
        }
        at += 1;
        match (current, before) {
            (b'\\', _) => {
                let escaped = byte(at).ok_or(unclosed)?;
                at += 1;
                insert(&mut bytes, escaped);
                before = Some(escaped);
            }
            (b'-', Some(from)) if byte(at).is_some_and(|next| next != b']') => {
                let mut to = byte(at).ok_or(unclosed)?;
                at += 1;
                if to == b'\\' {
                    to = byte(at).ok_or(unclosed)?;
                    at += 1;
                }
                if from > to {
                    return Err(PatternError::ReversedRange);
                }
                (from..=to).for_each(|byte| insert(&mut bytes, byte));
                before = None;
            }
            (b'[', _) if byte(at) == Some(b':') => {
                let length = pattern[at + 1..].iter().position(|byte| *byte == b']');
                let name = &pattern[at + 1..at + 1 + length.ok_or(unclosed)?];
                match name.strip_suffix(b":") {
                    Some(name) => {
                        let is_in = named_class(name).ok_or(PatternError::UnknownClass)?;
                        let members = (0..=u8::MAX).filter(is_in);
                        members.for_each(|byte| insert(&mut bytes, byte));
                        at += name.len() + 3;
                        before = None;
                    }
                    None => {
                        insert(&mut bytes, b'[');
                        before = Some(b'[');
                    }
                }
            }
            (literal, _) => {
                insert(&mut bytes, literal);
                before = Some(literal);
            }
        }
    }
    if is_negated {
        bytes.iter_mut().for_each(|word| *word = !*word);
    }
    remove(&mut bytes, b'/');
    Ok((bytes, at + 1))
}

fn named_class(name: &[u8]) -> Option<fn(&u8) -> bool> {
    Some(match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |byte| matches!(byte, b' '..=b'~'),
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |byte| matches!(byte, b'\t'..=b'\r' | b' '),
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    })
}

fn insert(bytes: &mut Bytes, byte: u8) {
    bytes[usize::from(byte) / 64] |= 1 << (byte % 64);
}

fn remove(bytes: &mut Bytes, byte: u8) {
    bytes[usize::from(byte) / 64] &= !(1 << (byte % 64));
}

pub(super) fn contains(bytes: &Bytes, byte: u8) -> bool {
    bytes[usize::from(byte) / 64] & (1 << (byte % 64)) != 0
}
