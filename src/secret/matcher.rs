//! Search for all known secrets in a stream of bytes.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, Input, MatchKind};

use super::forms::{MASK, Reach, without_forms};
use crate::clean::{clean, json, one_line};

/// A known secret and the rules for masking it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Secret {
    pub(super) kind: Kind,
    /// True if it is masked everywhere in messages.
    pub(super) in_lines: bool,
}

/// The kind of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Password,
    /// A part of a password between characters that separate the parts of addresses and paths.
    Piece,
    /// An address with a password.
    Address,
}

/// The set of secrets to mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// Passwords within addresses: for posts, which are the user's data.
    Posts,
    /// All passwords, except short ones and those that are shown anyway.
    Messages,
    /// Everything: for texts of unknown origin.
    Unknown,
}

/// The encoding of text in a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// Plain text, cleaned or not.
    Text,
    /// In the strings of JSON.
    Json,
    /// In the fields of CSV.
    Csv,
}

/// A matcher that finds secrets in bytes and returns their replacements.
pub(crate) struct Matcher {
    /// The version of the secrets that the matcher was built from.
    pub(crate) version: u64,
    coding: Coding,
    patterns: Vec<Pattern>,
    /// `None` if there are no secrets.
    automaton: Option<AhoCorasick>,
    /// The length of the longest pattern, in bytes.
    longest: usize,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Pattern {
    text: String,
    mask: String,
    /// True if the secret must not be followed by a letter or a digit.
    is_word: bool,
}

/// A range of bytes, and its replacement.
pub(crate) type Edit<'m> = (Range<usize>, &'m str);

impl Matcher {
    /// Builds a matcher for secrets at a version of them.
    pub(super) fn new(
        secrets: &BTreeMap<String, Secret>,
        version: u64,
        level: Level,
        coding: Coding,
    ) -> Self {
        let mut patterns: Vec<Pattern> = secrets
            .iter()
            .flat_map(|(text, secret)| patterns(text, *secret, level))
            .flat_map(|pattern| pattern.coded(coding))
            .collect();
        patterns.sort_unstable();
        patterns.dedup_by(|a, b| a.text == b.text);
        let automaton = (!patterns.is_empty()).then(|| {
            AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .build(patterns.iter().map(|pattern| &pattern.text))
                .expect("passwords have far fewer than the four billion bytes that it takes")
        });
        let longest = patterns.iter().map(|pattern| pattern.text.len()).max();
        Self {
            version,
            coding,
            patterns,
            automaton,
            longest: longest.unwrap_or(0),
        }
    }

    /// Returns true if there are no secrets.
    pub(crate) fn is_empty(&self) -> bool {
        self.automaton.is_none()
    }

    /// Masks the secrets in a whole text.
    pub(crate) fn replaced(&self, text: &str) -> String {
        let mut left = String::with_capacity(text.len());
        let mut at = 0;
        for (range, mask) in self.edits(text.as_bytes(), text.len()) {
            left.push_str(&text[at..range.start]);
            left.push_str(mask);
            at = range.end;
        }
        left.push_str(&text[at..]);
        left
    }

    /// Returns where in a text, of which more may follow, everything that begins before is
    /// decided.
    pub(crate) fn decided(&self, text: &[u8], is_flushed: bool) -> usize {
        // One byte more than a pattern, since what follows it may count.
        let far = text.len().saturating_sub(self.longest + 1);
        if !is_flushed {
            return far;
        }
        let begins = |at: &usize| {
            let rest = &text[*at..];
            let mut patterns = self.patterns.iter().map(|pattern| pattern.text.as_bytes());
            patterns.any(|pattern| pattern.len() > rest.len() && pattern.starts_with(rest))
        };
        (far..text.len()).find(begins).unwrap_or(text.len())
    }

    /// Returns what to replace of what begins before `end`, in order and apart.
    pub(crate) fn edits(&self, text: &[u8], end: usize) -> Vec<Edit<'_>> {
        let mut edits = Vec::new();
        let Some(automaton) = &self.automaton else {
            return edits;
        };
        let mut from = 0;
        while let Some(found) = automaton.find(Input::new(text).range(from..)) {
            if found.start() >= end {
                break;
            }
            let pattern = &self.patterns[found.pattern().as_usize()];
            let follows = text.get(found.end());
            let is_longer = pattern.is_word && follows.is_some_and(u8::is_ascii_alphanumeric);
            if is_longer || self.coding == Coding::Json && is_within_escape(&text[..found.start()])
            {
                from = found.start() + 1;
                continue;
            }
            edits.push((found.range(), &*pattern.mask));
            from = found.end();
        }
        edits
    }
}

/// Returns what to look for on behalf of a secret.
fn patterns(text: &str, secret: Secret, level: Level) -> Vec<Pattern> {
    let whole = |mask: String| Pattern {
        text: text.to_owned(),
        mask,
        is_word: false,
    };
    match (level, secret.kind) {
        (Level::Unknown, _) => vec![whole(MASK.into())],
        (Level::Messages, _) if secret.in_lines => vec![whole(MASK.into())],
        (Level::Posts, Kind::Address) => vec![whole(without_forms(text, Reach::Text))],
        (Level::Posts, Kind::Password) if secret.in_lines => {
            let keys = [
                "password=",
                "Password=",
                "PASSWORD=",
                "passwd=",
                "pwd=",
                "Pwd=",
                "PWD=",
            ];
            let keyed = keys.iter().map(|key| Pattern {
                text: format!("{key}{text}"),
                mask: format!("{key}{MASK}"),
                is_word: true,
            });
            let in_url = Pattern {
                text: format!(":{text}@"),
                mask: format!(":{MASK}@"),
                is_word: false,
            };
            keyed.chain([in_url]).collect()
        }
        (Level::Messages | Level::Posts, _) => Vec::new(),
    }
}

impl Pattern {
    /// Returns it in every way in which it may be written.
    fn coded(self, coding: Coding) -> Vec<Self> {
        let quoted = format!("{:?}", self.text);
        let debug = quoted[1..quoted.len() - 1].to_owned();
        let cleaned = clean(&self.text).into_owned();
        let forms = match coding {
            Coding::Text => [self.text, debug, cleaned],
            Coding::Json => [self.text, debug, cleaned].map(|form| json::escaped(&form)),
            // A list in a field is JSON.
            Coding::Csv => [
                one_line(&self.text),
                json::escaped(&self.text).into(),
                debug.into(),
            ]
            .map(|form| form.replace('"', "\"\"")),
        };
        let mask = match coding {
            Coding::Text => self.mask,
            Coding::Json => json::escaped(&self.mask),
            Coding::Csv => one_line(&self.mask).replace('"', "\"\""),
        };
        let pattern = |text: String| Self {
            mask: mask.clone(),
            text,
            is_word: self.is_word,
        };
        forms.into_iter().map(pattern).collect()
    }
}

/// Returns whether JSON that goes on here would go on within an escape, as in `\n` or `\u001b`.
fn is_within_escape(before: &[u8]) -> bool {
    let ends_in_backslash = |bytes: &[u8]| {
        let backslashes = bytes.iter().rev().take_while(|byte| **byte == b'\\');
        backslashes.count() % 2 == 1
    };
    // Up to four digits may follow `\u`.
    let is_number = (0..4).any(|digits| {
        let Some(at) = before.len().checked_sub(digits + 1) else {
            return false;
        };
        let is_hex = before[at + 1..].iter().all(u8::is_ascii_hexdigit);
        before[at] == b'u' && is_hex && ends_in_backslash(&before[..at])
    });
    is_number || ends_in_backslash(before)
}
