//! Queries: words, phrases and exclusions.

use super::normalise::{Folded, Kind};
use super::tokens::with_stem;

/// The most characters of a query.
pub const MAX_QUERY_CHARACTERS: usize = 1_000;

/// The most words and phrases of a query.
pub const MAX_QUERY_CLAUSES: usize = 32;

/// A parsed query, with at least one word or phrase that an index can find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub(super) clauses: Vec<Clause>,
}

/// An error in a query.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// Nothing but white space.
    #[error("the query is empty; give a word to look for")]
    Empty,
    /// Every clause is an exclusion.
    #[error("the query only says what to leave out; add a word to look for")]
    OnlyExclusions,
    /// Punctuation alone.
    #[error("the query has no letter, digit or symbol to look for; add a word")]
    NothingSearchable,
    /// More than [`MAX_QUERY_CHARACTERS`].
    #[error("the query has {characters} characters; shorten it to at most {MAX_QUERY_CHARACTERS}")]
    TooLong {
        /// The number of characters.
        characters: usize,
    },
    /// More than [`MAX_QUERY_CLAUSES`].
    #[error(
        "the query has {clauses} words and phrases; leave at most {MAX_QUERY_CLAUSES}, \
         or put words that stand together in double quotes"
    )]
    TooManyClauses {
        /// The number of clauses.
        clauses: usize,
    },
}

/// One word or phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clause {
    pub excluded: bool,
    pub pattern: Pattern,
}

/// The pattern that a clause finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    Word(Word),
    Literal(Literal),
}

/// A word of letters, digits and `_`: matches words and parts of words that start with it, and
/// words with the same stem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub chars: Vec<char>,
    pub stem: Option<String>,
}

impl Word {
    /// True if it matches nothing longer: one Latin letter or digit starts half of all words.
    pub fn is_whole(&self) -> bool {
        matches!(self.chars[..], [c] if c.is_ascii())
    }
}

/// Text that must occur as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    pub chars: Vec<char>,
    pub kinds: Vec<Kind>,
    /// True if a letter at either end must be the first or last of its word.
    pub quoted: bool,
    /// The failure table: for each prefix of the text, its longest proper prefix that is also a
    /// suffix.
    pub borders: Vec<usize>,
}

impl Query {
    /// Parses a query.
    ///
    /// Words are separated by white space and control characters and are all required. Text in
    /// double quotes must occur as written, up to the query's end if they are not closed. A `-`
    /// right before a word or quote excludes it, unless another `-` follows, as in `--dry-run`.
    /// Punctuation around a word is dropped, except where it makes a name: `.NET`, `C++`.
    ///
    /// # Errors
    ///
    /// Returns a [`QueryError`] for a query that has nothing to find, or is too large.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        let characters = text.chars().count();
        if characters > MAX_QUERY_CHARACTERS {
            return Err(QueryError::TooLong { characters });
        }
        let mut clauses: Vec<Clause> = Vec::new();
        let mut rest = text.trim_start_matches(is_separator);
        if rest.is_empty() {
            return Err(QueryError::Empty);
        }
        while !rest.is_empty() {
            let (clause, after) = next_clause(rest);
            clauses.extend(clause.filter(|clause| !clauses.contains(clause)));
            rest = after.trim_start_matches(is_separator);
        }
        if clauses.len() > MAX_QUERY_CLAUSES {
            let clauses = clauses.len();
            return Err(QueryError::TooManyClauses { clauses });
        }
        if !clauses.is_empty() && clauses.iter().all(|clause| clause.excluded) {
            return Err(QueryError::OnlyExclusions);
        }
        let query = Self { clauses };
        if query.requirement().all.is_empty() {
            return Err(QueryError::NothingSearchable);
        }
        Ok(query)
    }

    /// Returns the patterns that must occur.
    pub(super) fn required(&self) -> impl Iterator<Item = &Pattern> {
        let required = self.clauses.iter().filter(|clause| !clause.excluded);
        required.map(|clause| &clause.pattern)
    }
}

/// Parses the clause at the start of a text; `None` for punctuation alone.
fn next_clause(text: &str) -> (Option<Clause>, &str) {
    let leaves_out = |rest: &&str| !rest.starts_with(|c| c == '-' || is_separator(c));
    let (excluded, text) = match text.strip_prefix('-').filter(leaves_out) {
        Some("") | None => (false, text),
        Some(rest) => (true, rest),
    };
    let (pattern, rest) = if let Some(text) = text.strip_prefix(is_quote) {
        let (phrase, rest) = text.split_once(is_quote).unwrap_or((text, ""));
        (phrase_pattern(phrase), rest)
    } else {
        let end = text.find(is_separator).unwrap_or(text.len());
        (word_pattern(&text[..end]), &text[end..])
    };
    let clause = pattern.map(|pattern| Clause { excluded, pattern });
    (clause, rest)
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '＂')
}

fn phrase_pattern(phrase: &str) -> Option<Pattern> {
    // A line feed is a space here: no phrase spans blocks.
    let mut folded = Folded::new(&phrase.replace(is_separator, " "));
    let start = first_that_stands_alone(&folded, 0);
    folded.cut(start..folded.len());
    (folded.len() > 0).then(|| literal(folded, true))
}

/// Skips spaces, and the combining marks on them.
fn first_that_stands_alone(folded: &Folded, from: usize) -> usize {
    let alone = |i: &usize| {
        folded.kinds[*i] != Kind::Space
            && !unicode_normalization::char::is_combining_mark(folded.chars[*i])
    };
    (from..folded.len()).find(alone).unwrap_or(folded.len())
}

fn word_pattern(word: &str) -> Option<Pattern> {
    let mut folded = Folded::new(word);
    let (start, end) = core(&folded)?;
    folded.cut(start..end);
    if folded.kinds.iter().all(|kind| *kind == Kind::Word) {
        let stem = with_stem(&folded.chars, str::to_owned);
        let chars = folded.chars;
        return Some(Pattern::Word(Word { chars, stem }));
    }
    Some(literal(folded, false))
}

/// Returns a word without surrounding punctuation, except for joiners before its first letter
/// and each `+` and `#` after its last.
fn core(folded: &Folded) -> Option<(usize, usize)> {
    let is_text = |kind: &Kind| matches!(kind, Kind::Word | Kind::Window | Kind::Symbol);
    let mut start = folded.kinds.iter().position(is_text)?;
    let mut end = folded.kinds.iter().rposition(is_text)? + 1;
    if folded.kinds[start] == Kind::Word {
        while start > 0 && folded.kinds[start - 1] == Kind::Joiner {
            start -= 1;
        }
    }
    if folded.kinds[end - 1] == Kind::Word {
        while folded
            .chars
            .get(end)
            .is_some_and(|c| matches!(c, '+' | '#'))
        {
            end += 1;
        }
    }
    Some((start, end))
}

fn literal(folded: Folded, quoted: bool) -> Pattern {
    let borders = borders(&folded.chars);
    Pattern::Literal(Literal {
        chars: folded.chars,
        kinds: folded.kinds,
        quoted,
        borders,
    })
}

/// Returns the failure table of Knuth, Morris and Pratt, with which a search never backtracks.
fn borders(chars: &[char]) -> Vec<usize> {
    let mut borders = vec![0; chars.len()];
    let mut length = 0;
    for at in 1..chars.len() {
        while length > 0 && chars[at] != chars[length] {
            length = borders[length - 1];
        }
        if chars[at] == chars[length] {
            length += 1;
        }
        borders[at] = length;
    }
    borders
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Formats the parsed clauses: `+` required, `-` excluded, quoted ones in quotes.
    fn shown(text: &str) -> Vec<String> {
        let query = Query::parse(text).unwrap();
        let show = |clause: &Clause| {
            let sign = if clause.excluded { '-' } else { '+' };
            match &clause.pattern {
                Pattern::Word(word) => format!("{sign}{}", String::from_iter(&word.chars)),
                Pattern::Literal(literal) if literal.quoted => {
                    format!("{sign}\"{}\"", String::from_iter(&literal.chars))
                }
                Pattern::Literal(literal) => {
                    format!("{sign}<{}>", String::from_iter(&literal.chars))
                }
            }
        };
        query.clauses.iter().map(show).collect()
    }

    #[test]
    fn words_phrases_and_exclusions_are_told_apart() {
        assert_eq!(
            shown("Cold -start \"As  Written\" -\"not this\""),
            ["+cold", "-start", "+\"as written\"", "-\"not this\""]
        );
        assert_eq!(shown("쿼리 -인덱스"), ["+<쿼리>", "-<인덱스>"]);
        assert_eq!(shown("“cold start”"), ["+\"cold start\""]);
    }

    #[test]
    fn operators_inside_words_are_ordinary() {
        assert_eq!(shown("a-b"), ["+<a-b>"]);
        assert_eq!(shown("say\"hi"), ["+<say\"hi>"]);
        assert_eq!(shown("--dry-run -x y"), ["+<--dry-run>", "-x", "+y"]);
        assert_eq!(shown("a - b -- -"), ["+a", "+b"]);
        assert_eq!(
            shown("a OR b AND (c|d) e:*"),
            ["+a", "+or", "+b", "+and", "+<c|d>", "+e"]
        );
    }

    #[test]
    fn an_open_quote_goes_to_the_end() {
        assert_eq!(shown("a \"b c"), ["+a", "+\"b c\""]);
        assert_eq!(shown("a \""), ["+a"]);
        assert_eq!(shown("a \"b\"c"), ["+a", "+\"b\"", "+c"]);
    }

    #[test]
    fn punctuation_around_words_goes_but_for_that_of_names() {
        assert_eq!(
            shown("(foo), C++. C#; .NET node.js? #설계 O(log n) useEffect() \\d %a% @x/y/"),
            [
                "+foo",
                "+<c++>",
                "+<c#>",
                "+<.net>",
                "+<node.js>",
                "+<설계>",
                "+<o(log>",
                "+n",
                "+useeffect",
                "+d",
                "+a",
                "+<@x/y>"
            ]
        );
    }

    #[test]
    fn controls_part_words_and_repetitions_count_once() {
        assert_eq!(shown("a\0b\u{1b}a\nA"), ["+a", "+b"]);
        assert_eq!(shown("\"a\0b\nc\""), ["+\"a b c\""]);
        assert_eq!(shown(&"x ".repeat(400)), ["+x"]);
    }

    #[test]
    fn queries_that_ask_for_nothing_are_refused() {
        for (text, error) in [
            ("", QueryError::Empty),
            (" \t\0\u{3000}", QueryError::Empty),
            ("-a -\"b c\"", QueryError::OnlyExclusions),
            ("-- ?! \\ ' - ;", QueryError::NothingSearchable),
            ("\"\"", QueryError::NothingSearchable),
            ("\"->\" -a", QueryError::NothingSearchable),
            ("\u{301}", QueryError::NothingSearchable),
        ] {
            assert_eq!(Query::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn queries_that_ask_for_too_much_are_refused() {
        let words = |count: usize| (0..count).map(|i| format!("a{i} ")).collect::<String>();
        assert!(Query::parse(&words(32)).is_ok());
        assert_eq!(
            Query::parse(&words(33)),
            Err(QueryError::TooManyClauses { clauses: 33 })
        );
        assert!(Query::parse(&"가".repeat(1_000)).is_ok());
        assert_eq!(
            Query::parse(&"가".repeat(1_001)),
            Err(QueryError::TooLong { characters: 1_001 })
        );
    }
}
