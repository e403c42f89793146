//! The values of extra keys by which posts are found.

use rusqlite::{Connection, Transaction, params};

use super::rows::text;
use crate::post::{ExtraTerm, PostId};

/// Makes the pairs of a post those given.
pub(super) fn write(
    transaction: &Transaction<'_>,
    id: PostId,
    terms: &[ExtraTerm],
) -> rusqlite::Result<()> {
    remove(transaction, id)?;
    let mut insert = transaction.prepare_cached(
        "INSERT INTO blogctl_extra_value (key, value, post_id) VALUES (?1, ?2, ?3)",
    )?;
    for term in terms {
        insert.execute(params![term.key, term.value, id.get()])?;
    }
    Ok(())
}

/// Removes the pairs of a post.
pub(super) fn remove(transaction: &Transaction<'_>, id: PostId) -> rusqlite::Result<()> {
    transaction
        .prepare_cached("DELETE FROM blogctl_extra_value WHERE post_id = ?1")?
        .execute([id.get()])
        .map(|_| ())
}

/// Reads the pairs of a post. What another program put there and is no text is left out.
pub(super) fn of_post(connection: &Connection, id: PostId) -> rusqlite::Result<Vec<ExtraTerm>> {
    let mut statement = connection
        .prepare_cached("SELECT key, value FROM blogctl_extra_value WHERE post_id = ?1")?;
    let pairs = statement.query_map([id.get()], |row| {
        let (key, value) = (text(row, "key"), text(row, "value"));
        Ok(key.zip(value).map(|(key, value)| ExtraTerm { key, value }))
    })?;
    pairs.filter_map(rusqlite::Result::transpose).collect()
}
