//! The values of extra keys by which posts are found.

use rusqlite::{Connection, Transaction, params};

use super::rows::text;
use crate::locale::Locale;
use crate::post::{ExtraTerm, PostId};

/// Makes the pairs of a post those given.
pub(super) fn write(
    transaction: &Transaction<'_>,
    id: PostId,
    terms: &[ExtraTerm],
) -> rusqlite::Result<()> {
    remove(transaction, id)?;
    insert(transaction, id, terms.iter().cloned())
}

/// Makes the pairs of a text those given. Their keys begin with the locale.
pub(super) fn write_text(
    transaction: &Transaction<'_>,
    id: PostId,
    locale: Locale,
    terms: &[ExtraTerm],
) -> rusqlite::Result<()> {
    remove_text(transaction, id, locale)?;
    let terms = terms.iter().map(|term| term.in_locale(locale));
    insert(transaction, id, terms)
}

fn insert(
    transaction: &Transaction<'_>,
    id: PostId,
    terms: impl Iterator<Item = ExtraTerm>,
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(
        "INSERT INTO blogctl_extra_value (key, value, post_id) VALUES (?1, ?2, ?3)",
    )?;
    for term in terms {
        insert.execute(params![term.key, term.value, id.get()])?;
    }
    Ok(())
}

/// Removes the pairs of a post, but for those of its texts and gaps.
fn remove(transaction: &Transaction<'_>, id: PostId) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "DELETE FROM blogctl_extra_value WHERE post_id = ?1 AND instr(key, char(31)) = 0",
        )?
        .execute([id.get()])
        .map(|_| ())
}

/// Removes the pairs of a text.
pub(super) fn remove_text(
    transaction: &Transaction<'_>,
    id: PostId,
    locale: Locale,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "DELETE FROM blogctl_extra_value
             WHERE post_id = ?1 AND substr(key, 1, length(?2) + 1) = ?2 || char(31)",
        )?
        .execute(params![id.get(), locale.as_str()])
        .map(|_| ())
}

/// Removes all that a post is found by.
pub(super) fn remove_all(transaction: &Transaction<'_>, id: PostId) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("DELETE FROM blogctl_extra_value WHERE post_id = ?1")?
        .execute([id.get()])
        .map(|_| ())
}

/// Reads the pairs of a post. What another program put there and is no text is left out.
pub(super) fn of_post(connection: &Connection, id: PostId) -> rusqlite::Result<Vec<ExtraTerm>> {
    let mut statement = connection.prepare_cached(
        "SELECT key, value FROM blogctl_extra_value
             WHERE post_id = ?1 AND instr(key, char(31)) = 0",
    )?;
    let pairs = statement.query_map([id.get()], |row| {
        let (key, value) = (text(row, "key"), text(row, "value"));
        Ok(key.zip(value).map(|(key, value)| ExtraTerm { key, value }))
    })?;
    pairs.filter_map(rusqlite::Result::transpose).collect()
}
