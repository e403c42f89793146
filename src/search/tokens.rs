//! Tokens: runs of characters that terms are made of, the same in a post and in a query.

use std::cell::RefCell;
use std::ops::Range;

use rust_stemmers::{Algorithm, Stemmer};

use super::normalise::Kind;

/// The most bytes of a term made from text. Longer ones are cut, in posts as in queries; the
/// text itself decides then.
pub(super) const MAX_TERM_BYTES: usize = 64;

/// The number of characters in a term of a script without spaces.
pub(super) const WINDOW: usize = 3;

/// The prefix of stems, which no prefix of a word can match.
pub(super) const STEM_MARK: char = '=';

/// A maximal run of characters of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Words and the joiners between and around them: `node.js`, `--dry-run`, `c++`.
    Name(Range<usize>),
    /// Characters of scripts without spaces.
    Windows(Range<usize>),
    /// A single sign.
    Symbol(usize),
}

/// Returns the tokens, in order.
pub(super) fn tokens(kinds: &[Kind]) -> impl Iterator<Item = Token> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(kind) = kinds.get(at) {
            let start = at;
            let end_of = |member: fn(Kind) -> bool| {
                let more = kinds[start..].iter().take_while(|kind| member(**kind));
                start + more.count()
            };
            match kind {
                Kind::Word | Kind::Joiner => {
                    at = end_of(|kind| matches!(kind, Kind::Word | Kind::Joiner));
                    return Some(Token::Name(start..at));
                }
                Kind::Window => {
                    at = end_of(|kind| kind == Kind::Window);
                    return Some(Token::Windows(start..at));
                }
                Kind::Symbol => {
                    at += 1;
                    return Some(Token::Symbol(start));
                }
                Kind::Break | Kind::Space | Kind::Other => at += 1,
            }
        }
        None
    })
}

/// Returns the end of a name without the joiners that only end a sentence: those of `c++` and
/// `c#` belong to it, the full stop after a word does not.
pub(super) fn end_of_name(chars: &[char], kinds: &[Kind], name: Range<usize>) -> usize {
    let belongs = |i: &usize| kinds[*i] == Kind::Word || matches!(chars[*i], '+' | '#');
    name.clone()
        .rev()
        .find(belongs)
        .map_or(name.start, |last| last + 1)
}

/// Returns the end of the run of letters around `at`.
pub(super) fn end_of_word(kinds: &[Kind], at: usize) -> usize {
    let letters = kinds[at..].iter().take_while(|kind| **kind == Kind::Word);
    at + letters.count()
}

/// Returns the end of the part of an identifier that starts at `at`, in a word that ends at
/// `end`.
pub(super) fn end_of_part(chars: &[char], part_starts: &[bool], at: usize, end: usize) -> usize {
    let ends = |i: &usize| part_starts[*i] || chars[*i] == '_';
    (at + 1..end).find(ends).unwrap_or(end)
}

/// Returns characters as a term, cut to [`MAX_TERM_BYTES`].
pub(super) fn term(chars: &[char]) -> String {
    let mut term = String::with_capacity(MAX_TERM_BYTES);
    push_term(&mut term, chars);
    term
}

/// Appends characters as a term to an empty string; see [`term`].
pub(super) fn push_term(term: &mut String, chars: &[char]) {
    for c in chars {
        if term.len() + c.len_utf8() > MAX_TERM_BYTES {
            break;
        }
        term.push(*c);
    }
}

thread_local! {
    static ENGLISH: (Stemmer, RefCell<String>) =
        (Stemmer::create(Algorithm::English), RefCell::default());
}

/// Calls `f` with the English stem of a word of 3 to 32 letters a to z; other words have none.
pub(super) fn with_stem<T>(word: &[char], f: impl FnOnce(&str) -> T) -> Option<T> {
    if !(3..=32).contains(&word.len()) || !word.iter().all(char::is_ascii_lowercase) {
        return None;
    }
    ENGLISH.with(|(stemmer, scratch)| {
        let mut scratch = scratch.take();
        scratch.extend(word);
        let result = f(&stemmer.stem(&scratch));
        scratch.clear();
        ENGLISH.with(|(_, kept)| kept.replace(scratch));
        Some(result)
    })
}

#[cfg(test)]
mod tests {
    use super::super::normalise::Folded;
    use super::*;

    #[test]
    fn scripts_are_split_before_words() {
        let text = "PostgreSQL의 c++로, 👍a";
        let folded = Folded::new(text);
        let found: Vec<String> = tokens(&folded.kinds)
            .map(|run| match run {
                Token::Name(range) | Token::Windows(range) => folded.chars[range].iter().collect(),
                Token::Symbol(at) => folded.chars[at].to_string(),
            })
            .collect();
        assert_eq!(found, ["postgresql", "의", "c++", "로", "👍", "a"]);
    }

    #[test]
    fn a_sentence_ends_outside_its_last_name() {
        for (text, name) in [
            ("15.18.", "15.18"),
            ("C++.", "c++"),
            ("a/", "a"),
            ("--", ""),
        ] {
            let folded = Folded::new(text);
            let end = end_of_name(&folded.chars, &folded.kinds, 0..folded.len());
            assert_eq!(folded.chars[..end].iter().collect::<String>(), name);
        }
    }

    #[test]
    fn terms_are_cut_between_characters() {
        let long: Vec<char> = "é".repeat(100).chars().collect();
        assert_eq!(term(&long), "é".repeat(32));
        let odd: Vec<char> = format!("a{}", "한".repeat(100)).chars().collect();
        assert_eq!(term(&odd).len(), 64);
        assert_eq!(term(&odd[1..]).len(), 63);
    }

    #[test]
    fn only_english_words_have_stems() {
        let stem = |word: &str| {
            let word: Vec<char> = word.chars().collect();
            with_stem(&word, str::to_owned)
        };
        assert_eq!(stem("indexes").as_deref(), Some("index"));
        assert_eq!(stem("databases").as_deref(), Some("databas"));
        assert_eq!(stem("is"), None);
        assert_eq!(stem("naïve"), None);
        assert_eq!(stem("sha256"), None);
        assert_eq!(stem(&"a".repeat(33)), None);
    }
}
