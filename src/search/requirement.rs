//! Requirements: the conditions that a query sets for an index of terms.

use std::ops::Range;

use super::normalise::Kind;
use super::query::{Literal, Pattern, Query, Word};
use super::tokens::{MAX_TERM_BYTES, STEM_MARK, Token, WINDOW, end_of_name, term, tokens};

/// The most conditions of a requirement: more do not help an index, and some refuse expressions
/// with hundreds.
const MAX_CONDITIONS: usize = 64;

/// One way a post's terms can meet a condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TermMatch {
    /// The term itself.
    Exact(String),
    /// A term with this prefix.
    Prefix(String),
}

/// A condition, met by any of these terms.
pub type AnyOf = Vec<TermMatch>;

/// The conditions that the terms of every matching post satisfy, unless they were truncated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The conditions that must all be met. 1 to 64.
    pub all: Vec<AnyOf>,
    /// The conditions that must not be met: only exclusions that an index decides as the text
    /// does.
    pub none: Vec<AnyOf>,
    /// True if the terms alone decide, so that [`Query::matches`] has nothing to add, for posts
    /// whose terms were not truncated.
    pub is_exact: bool,
}

impl Requirement {
    /// Returns true if terms, sorted by bytes, satisfy the requirement.
    pub fn is_satisfied_by(&self, terms: &[String]) -> bool {
        let met = |any: &AnyOf| any.iter().any(|one| is_met(one, terms));
        self.all.iter().all(met) && !self.none.iter().any(met)
    }
}

fn is_met(one: &TermMatch, terms: &[String]) -> bool {
    let at = |text: &str| terms.partition_point(|term| term.as_str() < text);
    match one {
        TermMatch::Exact(text) => terms.get(at(text)) == Some(text),
        TermMatch::Prefix(text) => terms
            .get(at(text))
            .is_some_and(|term| term.starts_with(text.as_str())),
    }
}

impl Query {
    /// Returns the requirement for an index. It is complete: no post that [`Query::matches`]
    /// accepts is missed, except for posts with truncated terms.
    pub fn requirement(&self) -> Requirement {
        let mut all: Vec<AnyOf> = Vec::new();
        let mut none = Vec::new();
        let mut is_exact = true;
        let share = MAX_CONDITIONS / self.clauses.len().max(1);
        for clause in &self.clauses {
            let needs = Needs::of(&clause.pattern);
            is_exact &= needs.is_exact;
            if !clause.excluded {
                for condition in needs.conditions.into_iter().take(share) {
                    if !all.contains(&condition) {
                        all.push(condition);
                    }
                }
            } else if needs.is_exact {
                none.extend(needs.conditions);
            }
        }
        Requirement {
            all,
            none,
            is_exact,
        }
    }
}

/// The conditions of one pattern.
struct Needs {
    conditions: Vec<AnyOf>,
    /// True if there is one condition, which is met exactly when the pattern occurs.
    is_exact: bool,
}

impl Needs {
    fn of(pattern: &Pattern) -> Self {
        match pattern {
            Pattern::Word(word) => Self::of_word(word),
            Pattern::Literal(literal) => Self::of_literal(literal),
        }
    }

    fn of_word(word: &Word) -> Self {
        let text = term(&word.chars);
        let mut any = Vec::new();
        if let Some(stem) = &word.stem {
            any.push(TermMatch::Exact(format!("{STEM_MARK}{stem}")));
            // A word that is its own stem has no other term; the prefix finds words that start
            // with it.
            if !stem.starts_with(&text) {
                any.push(TermMatch::Exact(stem.clone()));
            }
        }
        any.push(if word.is_whole() {
            TermMatch::Exact(text)
        } else {
            TermMatch::Prefix(text)
        });
        Self {
            conditions: vec![any],
            is_exact: bytes(&word.chars) <= MAX_TERM_BYTES,
        }
    }

    fn of_literal(literal: &Literal) -> Self {
        let mut conditions: Vec<TermMatch> = Vec::new();
        for run in tokens(&literal.kinds) {
            match run {
                Token::Name(range) => conditions.extend(name(literal, range)),
                Token::Windows(range) => windows(literal, range, &mut conditions),
                Token::Symbol(at) => {
                    conditions.push(TermMatch::Exact(term(&literal.chars[at..=at])))
                }
            }
        }
        // One letter starts thousands of terms: slow to search, and hardly selective.
        if conditions.len() > 1 {
            let tells =
                |one: &TermMatch| !matches!(one, TermMatch::Prefix(text) if text.len() == 1);
            if conditions.iter().any(tells) {
                conditions.retain(tells);
            }
        }
        let decide = match &conditions[..] {
            [TermMatch::Exact(text) | TermMatch::Prefix(text)] => {
                text.chars().eq(literal.chars.iter().copied())
                    && !(literal.quoted && literal.kinds.contains(&Kind::Word))
            }
            _ => false,
        };
        Self {
            conditions: conditions.into_iter().map(|one| vec![one]).collect(),
            is_exact: decide,
        }
    }
}

/// Returns the condition for a run of words and joiners in a literal; `None` for joiners alone.
fn name(literal: &Literal, range: Range<usize>) -> Option<TermMatch> {
    let Literal { chars, kinds, .. } = literal;
    let word = range.clone().find(|i| kinds[*i] == Kind::Word)?;
    // Terms start at words and at the one joiner before.
    let start = word.saturating_sub(1).max(range.start);
    let end = end_of_name(chars, kinds, range.clone());
    let text = term(&chars[start..end]);
    let only_letters = kinds[start..end].iter().all(|kind| *kind == Kind::Word);
    // The text after the run in the literal ends the run in the post, too. At the literal's own
    // end the run may continue, unless it must end a word and no joiner makes a name of it.
    let ends = range.end < chars.len() || only_letters && (end < range.end || literal.quoted);
    Some(if ends {
        TermMatch::Exact(text)
    } else {
        TermMatch::Prefix(text)
    })
}

fn windows(literal: &Literal, range: Range<usize>, conditions: &mut Vec<TermMatch>) {
    let chars = &literal.chars[range.clone()];
    if chars.len() < WINDOW {
        conditions.push(if range.end < literal.chars.len() {
            TermMatch::Exact(term(chars))
        } else {
            TermMatch::Prefix(term(chars))
        });
        return;
    }
    let windows = chars.windows(WINDOW);
    conditions.extend(windows.map(|window| TermMatch::Exact(term(window))));
}

fn bytes(chars: &[char]) -> usize {
    chars.iter().map(|c| c.len_utf8()).sum()
}

#[cfg(test)]
mod tests {
    use super::TermMatch::{Exact, Prefix};
    use super::*;

    fn check(query: &str, all: &[&[TermMatch]], none: &[&[TermMatch]], is_exact: bool) {
        let found = Query::parse(query).unwrap().requirement();
        assert_eq!(found.all, all, "{query}");
        assert_eq!(found.none, none, "{query}");
        assert_eq!(found.is_exact, is_exact, "{query}");
    }

    fn exact(text: &str) -> TermMatch {
        Exact(text.to_owned())
    }

    fn prefix(text: &str) -> TermMatch {
        Prefix(text.to_owned())
    }

    #[test]
    fn windows_are_asked_for_by_length() {
        check("쿼", &[&[prefix("쿼")]], &[], true);
        check("쿼리", &[&[prefix("쿼리")]], &[], true);
        check("인덱스", &[&[exact("인덱스")]], &[], true);
        check(
            "복합인덱스",
            &[&[exact("복합인")], &[exact("합인덱")], &[exact("인덱스")]],
            &[],
            false,
        );
    }

    #[test]
    fn words_are_asked_for_as_prefixes_and_stems() {
        check(
            "Indexes",
            &[&[exact("=index"), exact("index"), prefix("indexes")]],
            &[],
            true,
        );
        check("R", &[&[exact("r")]], &[], true);
        check("максим", &[&[prefix("максим")]], &[], true);
    }

    #[test]
    fn names_are_asked_for_whole() {
        check("15.18", &[&[prefix("15.18")]], &[], true);
        check("C++", &[&[prefix("c++")]], &[], true);
        check(".NET", &[&[prefix(".net")]], &[], true);
        check("--dry-run", &[&[prefix("-dry-run")]], &[], false);
        check(
            "PostgreSQL의",
            &[&[exact("postgresql")], &[prefix("의")]],
            &[],
            false,
        );
        check(
            "\"O(log n)\"",
            &[&[exact("o")], &[exact("log")], &[exact("n")]],
            &[],
            false,
        );
        check(
            "\"cold start\"",
            &[&[exact("cold")], &[exact("start")]],
            &[],
            false,
        );
        check(
            "\"a. node.js\"",
            &[&[exact("a")], &[prefix("node.js")]],
            &[],
            false,
        );
        check("\"쿼리 a\"", &[&[exact("쿼리")], &[exact("a")]], &[], false);
    }

    #[test]
    fn only_what_an_index_can_judge_is_excluded_by_it() {
        let cold: &[&[TermMatch]] = &[&[exact("=cold"), prefix("cold")]];
        check("cold -쿼리", cold, &[&[prefix("쿼리")]], true);
        check("cold -데이터베이스", cold, &[], false);
        check("cold -\"start\"", cold, &[], false);
        check("cold -c++", cold, &[&[prefix("c++")]], true);
        check("cold -\"->\"", cold, &[], false);
    }

    #[test]
    fn long_queries_ask_for_a_bounded_number_of_terms() {
        let long: String = ('가'..).take(900).collect();
        let query = Query::parse(&format!("{long} {}", "-x y".repeat(2))).unwrap();
        assert!(query.requirement().all.len() <= MAX_CONDITIONS);
    }

    #[test]
    fn a_sorted_list_of_terms_answers_as_an_index_must() {
        let terms = ["a", "ab", "쿼리"].map(str::to_owned);
        let satisfied = |all, none| {
            Requirement {
                all,
                none,
                is_exact: false,
            }
            .is_satisfied_by(&terms)
        };
        assert!(satisfied(vec![vec![exact("x"), prefix("쿼")]], vec![]));
        assert!(!satisfied(vec![vec![exact("쿼")]], vec![]));
        assert!(!satisfied(vec![vec![prefix("abc")]], vec![]));
        assert!(!satisfied(vec![vec![exact("a")]], vec![vec![exact("ab")]]));
    }
}
