//! One line of an ignore file, read and matched as git does.
//!
//! A glob library is not used for it: git's patterns are a language of their own (`{` is an
//! ordinary character, `**` counts between slashes alone, a class never matches `/`), and a
//! library that refuses or misreads a pattern publishes what the line keeps private. A pattern
//! is matched in one pass over the path, so none is too complex by itself, and the work for all
//! of them is counted.

use std::cell::Cell;
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

/// The steps that matching may still take, and the memory that patterns may.
#[derive(Debug)]
pub(super) struct Work {
    steps: Cell<u64>,
    memory: Cell<usize>,
}

impl Work {
    pub fn new(steps: u64, memory: usize) -> Self {
        Self {
            steps: Cell::new(steps),
            memory: Cell::new(memory),
        }
    }

    /// Returns whether nothing is left. What a pattern has answered since does not count.
    pub fn is_spent(&self) -> bool {
        self.steps.get() == 0 || self.memory.get() == 0
    }

    /// Counts what a pattern takes in memory, as if it were kept to the end of the walk.
    pub fn keep(&self, pattern: &Pattern) {
        let left = self.memory.get().saturating_sub(pattern.memory());
        self.memory.set(left);
    }

    fn take(&self, steps: usize) {
        let left = self.steps.get().saturating_sub(steps as u64);
        self.steps.set(left);
    }
}

/// A part of a pattern behind its literal beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
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
type Bytes = [u64; 4];

/// A pattern of an ignore file.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// The pattern begins with `!`: what it matches is not ignored.
    pub is_negative: bool,
    /// The pattern ends in `/`: it matches directories alone.
    is_for_directories: bool,
    /// The pattern has no `/`: it is matched against the last part of a path.
    is_for_names: bool,
    /// The literal beginning.
    prefix: Box<[u8]>,
    tokens: Box<[Token]>,
    /// The number of bytes at the end of `tokens` are literal.
    literal_end: usize,
}

impl Pattern {
    /// Reads a line, without its line end. Returns `None` for a comment and a blank line.
    ///
    /// # Errors
    /// [`PatternError`] for a line by which git, too, would ignore nothing.
    pub fn parse(line: &str) -> Result<Option<Self>, PatternError> {
        let line = line.as_bytes();
        if line.first() == Some(&b'#') {
            return Ok(None);
        }
        let line = without_trailing_spaces(line);
        if line.is_empty() {
            return Ok(None);
        }
        if line.len() > MAX_PATTERN {
            return Err(PatternError::TooLong);
        }
        if line.contains(&0) {
            return Err(PatternError::Nul);
        }
        let (is_negative, rest) = match line.strip_prefix(b"!") {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        if rest.is_empty() {
            return Err(PatternError::Empty);
        }
        let (is_for_directories, rest) = match rest.strip_suffix(b"/") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let is_for_names = !rest.contains(&b'/');
        let rest = rest.strip_prefix(b"/").unwrap_or(rest);
        let literal = rest
            .iter()
            .position(|byte| b"*?[\\".contains(byte))
            .unwrap_or(rest.len());
        let (prefix, rest) = rest.split_at(literal);
        let tokens = tokens(rest)?;
        let literal_end = tokens
            .iter()
            .rev()
            .take_while(|token| matches!(token, Token::Byte(_)))
            .count();
        Ok(Some(Self {
            is_negative,
            is_for_directories,
            is_for_names,
            prefix: prefix.into(),
            tokens: tokens.into(),
            literal_end,
        }))
    }

    /// Returns about how many bytes the pattern takes in memory.
    fn memory(&self) -> usize {
        /// The bytes that an allocation takes besides its content.
        const ALLOCATION: usize = 16;
        let is_class = |token: &&Token| matches!(token, Token::Class(_));
        let classes = self.tokens.iter().filter(is_class).count();
        size_of::<Self>()
            + self.prefix.len()
            + size_of_val(&*self.tokens)
            + classes * size_of::<Bytes>()
            + (2 + classes) * ALLOCATION
    }

    /// Returns whether the pattern matches a path, which is relative to the ignore file's
    /// directory and has `/` between its parts.
    pub fn matches(&self, path: &[u8], is_directory: bool, work: &Work) -> bool {
        work.take(1);
        if self.is_for_directories && !is_directory {
            return false;
        }
        let text = if self.is_for_names {
            path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
        } else {
            path
        };
        let Some(text) = text.strip_prefix(&*self.prefix) else {
            return false;
        };
        // Most paths end otherwise, which is cheap to see.
        let end = &self.tokens[self.tokens.len() - self.literal_end..];
        let differs = |(token, byte): (&Token, &u8)| *token != Token::Byte(*byte);
        if text.len() < end.len() || end.iter().rev().zip(text.iter().rev()).any(differs) {
            return false;
        }
        self.matches_tokens(text, work)
    }

    /// Follows all ways through the tokens at once, a byte at a time.
    fn matches_tokens(&self, text: &[u8], work: &Work) -> bool {
        let words = self.tokens.len() / 64 + 1;
        let mut states = States::default();
        self.enter(&mut states, 0);
        for &byte in text {
            if work.is_spent() {
                return false;
            }
            let mut next = States::default();
            let mut steps = words;
            for state in states.iter(words) {
                steps += 1;
                let Some(token) = self.tokens.get(state) else {
                    continue;
                };
                match token {
                    Token::Byte(wanted) if *wanted == byte => self.enter(&mut next, state + 1),
                    Token::Any if byte != b'/' => self.enter(&mut next, state + 1),
                    Token::Class(bytes) if contains(bytes, byte) => {
                        self.enter(&mut next, state + 1);
                    }
                    Token::Star if byte != b'/' => self.enter(&mut next, state),
                    Token::Everything => self.enter(&mut next, state),
                    Token::Directories => {
                        next.insert(state);
                        if byte == b'/' {
                            self.enter(&mut next, state + 1);
                        }
                    }
                    _ => {}
                }
            }
            work.take(steps);
            if next.is_empty(words) {
                return false;
            }
            states = next;
        }
        states.contains(self.tokens.len())
    }

    /// Adds a state, and those that are reached from it without a byte.
    fn enter(&self, states: &mut States, mut state: usize) {
        while !states.contains(state) {
            states.insert(state);
            match self.tokens.get(state) {
                Some(Token::Star | Token::Everything) => state += 1,
                Some(Token::OptionalDirectories) => {
                    states.insert(state + 1);
                    state += 2;
                }
                _ => return,
            }
        }
    }
}

/// The positions in a pattern that the text so far may have led to. A pattern has no more
/// tokens than bytes.
#[derive(Default)]
struct States([u64; MAX_PATTERN / 64 + 1]);

impl States {
    fn insert(&mut self, state: usize) {
        self.0[state / 64] |= 1 << (state % 64);
    }

    fn contains(&self, state: usize) -> bool {
        self.0[state / 64] & (1 << (state % 64)) != 0
    }

    fn is_empty(&self, words: usize) -> bool {
        self.0[..words].iter().all(|word| *word == 0)
    }

    fn iter(&self, words: usize) -> impl Iterator<Item = usize> {
        self.0[..words].iter().enumerate().flat_map(|(at, word)| {
            let mut word = *word;
            std::iter::from_fn(move || {
                let bit = (word != 0).then(|| word.trailing_zeros() as usize)?;
                word &= word - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

fn without_trailing_spaces(line: &[u8]) -> &[u8] {
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

fn tokens(pattern: &[u8]) -> Result<Vec<Token>, PatternError> {
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

fn contains(bytes: &Bytes, byte: u8) -> bool {
    bytes[usize::from(byte) / 64] & (1 << (byte % 64)) != 0
}

#[cfg(test)]
mod tests;
