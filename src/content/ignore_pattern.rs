//! One line of an ignore file, read and matched as git does.
//!
//! A glob library is not used for it: git's patterns are a language of their own (`{` is an
//! ordinary character, `**` counts between slashes alone, a class never matches `/`), and a
//! library that refuses or misreads a pattern publishes what the line keeps private. A pattern
//! is matched in one pass over the path, so none is too complex by itself, and the work for all
//! of them is counted.

use std::cell::Cell;

use super::ignore_syntax::{
    Bytes, MAX_PATTERN, PatternError, Token, contains, tokens, without_trailing_spaces,
};

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

#[cfg(test)]
mod tests;
