//! Keeping which translations of posts are missing or stale.

use rusqlite::{Connection, named_params, params};
use serde_json::json;

use super::SqliteTransaction;
use crate::locale::{Gap, Locale, Locales};

const TOUCHED: &str = include_str!("../translations/touched_posts.sql");
const KEEP: &str = include_str!("../translations/keep_gaps.sql");

/// Keeps that the posts without a translation in a locale are known.
const KEEP_LOCALES: &str = "
    INSERT INTO blogctl_locale_count (locale, has_gaps)
    SELECT value, 1 FROM json_each(?1) WHERE true
    ON CONFLICT (locale) DO UPDATE SET has_gaps = 1";

/// Forgets what is kept of locales that the blog does not have any more.
const DROP: &str = "
    DELETE FROM blogctl_extra_value
    WHERE key IN (?2, ?3) AND value IN (
        SELECT locale FROM blogctl_locale_count
        WHERE has_gaps AND locale NOT IN (SELECT value FROM json_each(?1))
    )";
const DROP_LOCALES: &str = "
    UPDATE blogctl_locale_count SET has_gaps = 0
    WHERE has_gaps AND locale NOT IN (SELECT value FROM json_each(?1))";

impl SqliteTransaction<'_> {
    /// Keeps which translations are missing or stale, of the posts whose texts were touched. Runs
    /// before the marks of other programs' changes are taken away.
    pub(super) fn keep_gaps(&self, locales: &Locales) -> rusqlite::Result<()> {
        let names: Vec<&str> = locales.all().iter().map(Locale::as_str).collect();
        let names = json!(names).to_string();
        let (missing, stale) = (Gap::missing_key(), Gap::stale_key());
        let others: Vec<i64> = self
            .transaction
            .prepare_cached(TOUCHED)?
            .query_map([&names], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut touched = self.touched.borrow_mut();
        touched.extend(others);
        for id in std::mem::take(&mut *touched) {
            self.transaction
                .prepare_cached(
                    "DELETE FROM blogctl_extra_value WHERE post_id = ?1 AND key IN (?2, ?3)",
                )?
                .execute(params![id, missing, stale])?;
            self.transaction
                .prepare_cached(KEEP)?
                .execute(named_params! {
                    ":id": id, ":locales": names, ":missing": missing, ":stale": stale,
                })?;
        }
        self.transaction
            .execute(DROP, params![names, missing, stale])?;
        self.transaction.execute(DROP_LOCALES, [&names])?;
        self.transaction.execute(KEEP_LOCALES, [&names]).map(drop)
    }
}

/// Reads whether one of the locales was never counted.
pub(in crate::store::sqlite) fn has_new_locale(
    connection: &Connection,
    locales: &Locales,
) -> rusqlite::Result<bool> {
    let mut statement = connection
        .prepare_cached("SELECT 1 FROM blogctl_locale_count WHERE locale = ?1 AND has_gaps")?;
    for locale in locales.all() {
        if !statement.exists([locale.as_str()])? {
            return Ok(true);
        }
    }
    Ok(false)
}
