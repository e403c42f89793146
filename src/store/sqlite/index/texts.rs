//! The translations of a blog with locales.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, Row};

use super::{FOREIGN, damaged, row_state, stated};
use crate::index::{Entry, ForeignRow, Index, PostRow, RowState};
use crate::locale::{Locale, Locales};
use crate::post::{PostId, SourcePath, TextId};
use crate::store::fields::{integer, short_text};
use crate::store::sqlite::catalog::has_column;
use crate::store::sqlite::rows::{digest, kept, optional_digest};
use crate::store::sqlite::statements::TEXT_ENTRIES;
use crate::store::sqlite::write::gaps::has_new_locale;
use crate::store::{Result, StoreError};

const TABLE: &str = "blogctl_translation";

/// Makes the index of all texts from that of the posts.
///
/// # Errors
/// If the file cannot be read, or blogctl's own table holds what blogctl never wrote.
pub(super) fn complete(
    connection: &Connection,
    posts: Index,
    locales: &Locales,
    fail: impl FnOnce(rusqlite::Error) -> StoreError,
) -> Result<Index> {
    let rows = || -> rusqlite::Result<_> {
        let entries = connection
            .prepare_cached(&TEXT_ENTRIES)?
            .query_map([], |row| Ok(entry(row)))?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        let foreign = foreign(connection, include_str!("../translations/foreign.sql"))?;
        Ok((entries, foreign, has_new_locale(connection, locales)?))
    };
    let (entries, foreign, has_new_locale) = rows().map_err(fail)?;
    let entries = entries.into_iter().collect::<Result<Vec<_>>>()?;
    let mut index = joined(posts, entries, locales.default_locale());
    index.foreign.extend(foreign);
    index.has_new_locale = has_new_locale;
    Ok(index)
}

/// Joins the lines of the posts with those of their texts.
fn joined(posts: Index, mut texts: Vec<Entry>, default: Locale) -> Index {
    let mut index = Index {
        generation: posts.generation,
        foreign: posts.foreign,
        ..Index::default()
    };
    let places = texts.iter().enumerate();
    let places: HashMap<TextId, usize> = places
        .map(|(place, text)| (text.text_id(), place))
        .collect();
    let known: HashSet<PostId> = texts.iter().map(|text| text.id).collect();
    for post in posts.entries {
        index.posts.push(PostRow {
            id: post.id,
            category: post.category.clone(),
            state: post.row,
        });
        if let Some(place) = places.get(&post.text_id()) {
            // The line of the post also has the fields that all locales share.
            let text = &mut texts[*place];
            text.is_main = true;
            text.has_others = post.has_others;
            text.stated = post.stated;
            text.category = post.category;
        } else if post.locale.is_some() || !known.contains(&post.id) {
            // A post from before the blog had locales. Where the blog had some once and has them
            // again, the texts have lines of their own, and none of them is the main one until it
            // is written.
            texts.push(Entry {
                locale: post.locale.or(Some(default)),
                row: RowState::Unwritten,
                ..post
            });
        }
    }
    index.entries = texts;
    index
}

/// Reads the translations that another program keeps in a store without blogctl's tables.
pub(super) fn of_strangers(connection: &Connection) -> rusqlite::Result<Vec<ForeignRow>> {
    for column in ["post_id", "locale"] {
        if !has_column(connection, "post_translation", column)? {
            return Ok(Vec::new());
        }
    }
    foreign(
        connection,
        "SELECT post_id AS id, locale FROM post_translation",
    )
}

/// Reads rows that blogctl did not write, but for those whose key or locale no file could state.
fn foreign(connection: &Connection, sql: &str) -> rusqlite::Result<Vec<ForeignRow>> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| {
        let id = kept(row, "id", integer).ok().and_then(PostId::new);
        let locale = kept(row, "locale", short_text).ok();
        let locale = locale.and_then(|name| Locale::new(&name));
        Ok(id.zip(locale).map(|(id, locale)| ForeignRow {
            id,
            locale: Some(locale),
            category: None,
            version: FOREIGN,
        }))
    })?;
    rows.filter_map(rusqlite::Result::transpose).collect()
}

fn entry(row: &Row<'_>) -> Result<Entry> {
    let id: i64 = kept(row, "post_id", integer)
        .map_err(|words| damaged(TABLE, "a translation", "post_id", &words))?;
    let text = format!("a translation of post {id}");
    let read = |column, words: String| damaged(TABLE, &text, column, &words);
    let digest = |column| digest(row, column).map_err(|words| read(column, words));
    let locale: String = kept(row, "locale", short_text).map_err(|words| read("locale", words))?;
    let stated_names: String =
        kept(row, "stated", short_text).map_err(|words| read("stated", words))?;
    Ok(Entry {
        id: PostId::new(id).ok_or_else(|| read("post_id", "is no id of a post".into()))?,
        locale: Some(Locale::new(&locale).ok_or_else(|| read("locale", "is not a locale".into()))?),
        is_main: false,
        text_digest: Some(digest("text_digest")?),
        made_from: optional_digest(row, "made_from").map_err(|words| read("made_from", words))?,
        path: kept(row, "path", short_text)
            .map(SourcePath::new)
            .map_err(|words| read("path", words))?,
        file_digest: digest("file_digest")?,
        post_digest: digest("post_digest")?,
        stated: stated(&stated_names),
        has_others: false,
        category: None,
        terms_version: kept(row, "terms_version", integer)
            .map_err(|words| read("terms_version", words))?,
        row: row_state(row).map_err(|words| read("touches", words))?,
    })
}
