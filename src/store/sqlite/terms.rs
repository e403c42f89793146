//! Search terms as FTS5 keeps them.
//!
//! FTS5 splits text into tokens and folds them. blogctl's terms are tokens already, and a
//! name's term may hold spaces, capitals and any punctuation: they are written so that the
//! `ascii` tokenizer, which takes every character outside ASCII as it is, keeps them whole.
//! One character becomes one, nearly always: the sizes of the prefix indexes are in
//! characters, and a prefix of a term must stay a prefix of what is written.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::extra;
use crate::locale::Locale;
use crate::post::{ExtraTerm, PostId};
use crate::search::TermMatch;

/// What an ASCII character that the tokenizer would fold or split at is written as: this
/// plus its code, in the Private Use Area.
const MOVED: u32 = 0xE000;

/// Stands before a character that is itself one of these.
const MARK: char = '\u{E0FF}';

/// Ids of the index of texts for each post, as many as there can be locales.
const TEXTS: i64 = 256;

/// Writes a term, or its start. No two terms are written alike.
fn push(term: &str, to: &mut String) {
    for c in term.chars() {
        match c {
            'a'..='z' | '0'..='9' => to.push(c),
            '\0'..='\x7f' => to.extend(char::from_u32(MOVED + u32::from(c))),
            '\u{E000}'..=MARK => to.extend([MARK, c]),
            _ => to.push(c),
        }
    }
}

/// Returns the term of a pair of an extra key and its value. The control character at its start
/// is in no term of a text.
fn extra_term(pair: &ExtraTerm) -> String {
    let ExtraTerm { key, value } = pair;
    format!("\u{1}{}:{key}={value}", key.len())
}

/// Returns the match for a pair of an extra key and its value.
pub(super) fn extra_match(pair: &ExtraTerm) -> TermMatch {
    TermMatch::Exact(extra_term(pair))
}

/// Returns the term of a locale, which is in no text.
fn locale_term(locale: Locale) -> String {
    format!("\u{2}{locale}")
}

/// Returns the match for a locale.
pub(super) fn locale_match(locale: Locale) -> TermMatch {
    TermMatch::Exact(locale_term(locale))
}

/// Makes the terms of a post those given, and those of its extra keys.
pub(super) fn write(
    transaction: &Transaction<'_>,
    id: PostId,
    terms: &[String],
) -> rusqlite::Result<()> {
    remove(transaction, id)?;
    let pairs = extra::of_post(transaction, id)?;
    let pairs: Vec<_> = pairs.iter().map(extra_term).collect();
    let text = joined(terms.iter().chain(&pairs));
    transaction
        .prepare_cached("INSERT INTO blogctl_search (rowid, terms) VALUES (?1, ?2)")?
        .execute(params![id.get(), text])
        .map(|_| ())
}

/// Makes the terms of a text those given, those of its extra keys, and that of its locale.
pub(super) fn write_text(
    transaction: &Transaction<'_>,
    id: PostId,
    locale: Locale,
    terms: &[String],
    pairs: &[ExtraTerm],
) -> rusqlite::Result<()> {
    remove_text(transaction, id, locale)?;
    let pairs: Vec<_> = pairs.iter().map(extra_term).collect();
    let locale_term = [locale_term(locale)];
    let text = joined(terms.iter().chain(&pairs).chain(&locale_term));
    let number = match number(transaction, locale)? {
        Some(number) => number,
        None => transaction.query_row(
            "INSERT INTO blogctl_locale (number, name)
             SELECT coalesce(max(number) + 1, 0), ?1 FROM blogctl_locale
             RETURNING number",
            [locale.as_str()],
            |row| row.get(0),
        )?,
    };
    transaction
        .prepare_cached("INSERT INTO blogctl_translation_search (rowid, terms) VALUES (?1, ?2)")?
        .execute(params![first_text(id.get().into()) + number, text])
        .map(|_| ())
}

/// Takes a text out of the index.
pub(super) fn remove_text(
    transaction: &Transaction<'_>,
    id: PostId,
    locale: Locale,
) -> rusqlite::Result<()> {
    let Some(number) = number(transaction, locale)? else {
        return Ok(());
    };
    transaction
        .prepare_cached("DELETE FROM blogctl_translation_search WHERE rowid = ?1")?
        .execute([first_text(id.get().into()) + number])
        .map(|_| ())
}

/// Returns the least id that a text of the post can have in the index of texts.
pub(super) fn first_text(post: i64) -> i64 {
    post * TEXTS
}

/// Reads the number of a locale in the ids of texts; `None` if no text has it yet.
fn number(transaction: &Transaction<'_>, locale: Locale) -> rusqlite::Result<Option<i64>> {
    transaction
        .prepare_cached("SELECT number FROM blogctl_locale WHERE name = ?1")?
        .query_row([locale.as_str()], |row| row.get(0))
        .optional()
}

fn joined<'t>(terms: impl Iterator<Item = &'t String> + Clone) -> String {
    let size = terms.clone().map(|term| term.len() + 1).sum();
    let mut text = String::with_capacity(size);
    for term in terms {
        push(term, &mut text);
        text.push(' ');
    }
    text
}

/// Takes a post out of the index.
pub(super) fn remove(transaction: &Transaction<'_>, id: PostId) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("DELETE FROM blogctl_search WHERE rowid = ?1")?
        .execute([id.get()])
        .map(|_| ())
}

/// Returns an expression of FTS5 for any of some terms. Every term is in quotes, and none
/// contains a quote.
pub(super) fn any_of(terms: &[TermMatch]) -> String {
    let mut text = String::from("(");
    for (at, one) in terms.iter().enumerate() {
        if at > 0 {
            text.push_str(" OR ");
        }
        let (term, end) = match one {
            TermMatch::Exact(term) => (term, "\""),
            TermMatch::Prefix(term) => (term, "\"*"),
        };
        text.push('"');
        push(term, &mut text);
        text.push_str(end);
    }
    text.push(')');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(term: &str) -> String {
        let mut text = String::new();
        push(term, &mut text);
        text
    }

    #[test]
    fn letters_and_digits_stand_as_they_are() {
        assert_eq!(written("쿼리postgresql15é👍"), "쿼리postgresql15é👍");
    }

    #[test]
    fn no_two_terms_are_written_alike_and_prefixes_stay_prefixes() {
        let pieces = [
            "a", "A", "z", "0", "_", "=", ":", " ", "\"", "*", "\\", "\0", "\x7f", "\u{80}", "가",
            "\u{E000}", "\u{E041}", "\u{E0FE}", "\u{E0FF}", "\u{E100}", "👍",
        ];
        let mut terms: Vec<String> = pieces.iter().map(|&piece| piece.to_owned()).collect();
        for one in pieces {
            terms.extend(pieces.iter().map(|other| format!("{one}{other}")));
        }
        for one in &terms {
            let whole = written(one);
            let kept = |c: char| !c.is_ascii() || c.is_ascii_lowercase() || c.is_ascii_digit();
            assert!(whole.chars().all(kept), "{one:?}");
            for other in &terms {
                let starts = other.starts_with(one.as_str());
                assert_eq!(
                    written(other).starts_with(&whole),
                    starts,
                    "{one:?} {other:?}"
                );
            }
        }
    }
}
