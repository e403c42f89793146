//! Pages of posts.
//!
//! A page is one walk down an index in the order in which it is shown, from the cursor on:
//! of the primary key, of a category's posts, or of the posts of the rarest tag or pair of an
//! extra key and its value that is wanted, or in a blog with locales of the texts of one locale.
//! Every other filter is a probe for each row of the walk. The counts that the syncs keep tell
//! which walk is the shortest; the posts of a pair are counted as far as it takes.
//!
//! A span of time bounds the walk on both sides before it starts. Ids mostly rise with time,
//! and where they do not, the span is only wider, never wrong.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, ToSql, named_params};
use serde_json::json;

use super::error::failed;
use super::rows::{ABOVE_ALL, kept, stored_post};
use super::statements::{
    BY_CATEGORY, BY_CATEGORY_IN_LOCALE, BY_EXTRA, BY_EXTRA_IN_LOCALE, BY_ID, BY_LOCALE, BY_TAG,
    BY_TAG_IN_LOCALE,
};
use crate::locale::Locale;
use crate::page::{Filter, Page, Position};
use crate::post::{ExtraTerm, StoredPost};
use crate::store::Result;
use crate::store::fields::short_text;

pub(super) const NEWEST_BLOCK: &str = include_str!("list/newest_block.sql");
pub(super) const OLDEST_BLOCK: &str = include_str!("list/oldest_block.sql");
pub(super) const COUNT_EXTRA: &str = include_str!("list/count_extra.sql");

const CATEGORY_COUNT: &str =
    "SELECT CAST(posts AS INTEGER) FROM blogctl_category_count WHERE category = ?1";
const LOCALE_COUNT: &str =
    "SELECT CAST(posts AS INTEGER) FROM blogctl_locale_count WHERE locale = ?1";

/// The most posts of a pair that are counted to find the rarest of several: less than a
/// millisecond of work.
const COUNTED: i64 = 4_096;

/// Ids in a block of the index on (id / 4000, created_at).
const BLOCK: i64 = 4000;

/// The index that a page walks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Walk {
    /// The primary key.
    Ids,
    /// The texts of one locale; every tag and the category are probed for.
    Locale { tags: Vec<i64> },
    /// One category; every tag is probed for.
    Category { tags: Vec<i64> },
    /// The rarest tag; the others and the category are probed for.
    Tag { tag: i64, others: Vec<i64> },
    /// The rarest pair of an extra key and its value; the others, the tags and the category are
    /// probed for.
    Extra { pair: ExtraTerm, tags: Vec<i64> },
}

/// Ids to walk, the upper end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) lower: i64,
    pub(super) upper: i64,
}

/// Reads one page, in the caller's transaction.
pub(super) fn page(
    connection: &Connection,
    filter: &Filter,
    position: Position,
    locale: Option<Locale>,
) -> Result<Page<StoredPost>> {
    let upper = position.cursor.map_or(ABOVE_ALL, |id| id.get().into());
    // `post` holds the main texts.
    let locale = locale.filter(|_| !filter.in_main_text);
    let posts = || {
        let Some(walk) = walk(connection, filter, locale)? else {
            return Ok(Vec::new());
        };
        match span(connection, filter, upper)? {
            Some(span) => {
                let rows = position.limit.probe();
                posts(connection, filter, locale, &walk, span, rows)
            }
            None => Ok(Vec::new()),
        }
    };
    let posts = posts().map_err(failed(connection, "list the posts"))?;
    Ok(Page::from_probe(
        posts,
        position.limit,
        |post: &StoredPost| post.id,
    ))
}

/// Chooses the shortest walk; `None` if a wanted tag is not there at all.
pub(super) fn walk(
    connection: &Connection,
    filter: &Filter,
    locale: Option<Locale>,
) -> rusqlite::Result<Option<Walk>> {
    let mut wanted = Vec::with_capacity(filter.tags.len());
    for name in &filter.tags {
        let found = connection
            .prepare_cached(
                "SELECT CAST(coalesce(c.posts, 0) AS INTEGER), t.id
                 FROM tag AS t LEFT JOIN blogctl_tag_count AS c ON c.tag_id = t.id
                 WHERE t.name = ?1",
            )?
            .query_row([name], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
            .optional()?;
        match found {
            Some(tag) => wanted.push(tag),
            None => return Ok(None),
        }
    }
    wanted.sort_unstable();
    let ids = |tags: &[(i64, i64)]| tags.iter().map(|(_, id)| *id).collect();
    let in_category = match &filter.category {
        Some(category) => Some(kept_count(connection, CATEGORY_COUNT, category)?),
        None => None,
    };
    let in_locale = match locale {
        Some(locale) => Some(kept_count(connection, LOCALE_COUNT, locale.as_str())?),
        None => None,
    };
    let with_tag = wanted.first().map(|(posts, _)| *posts);
    let labelled = [with_tag, in_category].into_iter().flatten().min();
    let kept = [labelled, in_locale].into_iter().flatten().min();
    if let Some(pair) = rarest(connection, &filter.terms(locale), kept)? {
        return Ok(Some(Walk::Extra {
            pair: pair.clone(),
            tags: ids(&wanted),
        }));
    }
    if let Some(in_locale) = in_locale
        && labelled.is_none_or(|labelled| in_locale < labelled)
    {
        return Ok(Some(Walk::Locale { tags: ids(&wanted) }));
    }
    Ok(Some(match (wanted.first(), in_category) {
        (None, None) => Walk::Ids,
        (Some((posts, _)), Some(in_category)) if in_category < *posts => {
            Walk::Category { tags: ids(&wanted) }
        }
        (Some((_, tag)), _) => Walk::Tag {
            tag: *tag,
            others: ids(&wanted[1..]),
        },
        (None, Some(_)) => Walk::Category { tags: Vec::new() },
    }))
}

/// Returns the pair with the fewest posts; `None` if the rarest tag, the category or the locale,
/// of which one has as many as `kept`, has fewer. Each pair is counted a little further than
/// before, so that a rare one costs no count of a common one.
fn rarest<'a>(
    connection: &Connection,
    pairs: &'a [ExtraTerm],
    kept: Option<i64>,
) -> rusqlite::Result<Option<&'a ExtraTerm>> {
    if pairs.is_empty() || pairs.len() == 1 && kept.is_none() {
        return Ok(pairs.first());
    }
    let most = kept.unwrap_or(COUNTED).min(COUNTED);
    let mut statement = connection.prepare_cached(COUNT_EXTRA)?;
    let mut bound = 64.min(most);
    loop {
        let mut least = (bound, None);
        for pair in pairs {
            let posts: i64 = statement.query_row(
                named_params! {":key": pair.key, ":value": pair.value, ":most": least.0},
                |row| row.get(0),
            )?;
            if posts < least.0 {
                least = (posts, Some(pair));
            }
        }
        if let (_, Some(pair)) = least {
            return Ok(Some(pair));
        }
        if bound == most {
            // As common as can be told: whatever is known to be no more common is taken.
            let is_known = kept.is_some_and(|kept| kept <= most);
            return Ok(pairs.first().filter(|_| !is_known));
        }
        bound = (bound * 4).min(most);
    }
}

/// Reads how many posts a category or a locale has, as the syncs counted them.
fn kept_count(connection: &Connection, sql: &str, name: &str) -> rusqlite::Result<i64> {
    let count = connection
        .prepare_cached(sql)?
        .query_row([name], |row| row.get::<_, Option<i64>>(0))
        .optional()?;
    Ok(count.flatten().unwrap_or(0))
}

/// Bounds the ids to walk below `upper`; `None` if no post there was created in the span.
pub(super) fn span(
    connection: &Connection,
    filter: &Filter,
    upper: i64,
) -> rusqlite::Result<Option<Span>> {
    if filter.since.is_none() && filter.before.is_none() {
        return Ok(Some(Span { lower: 1, upper }));
    }
    let since = micros(filter.since).unwrap_or(i64::MIN);
    let before = micros(filter.before).unwrap_or(i64::MAX);
    let newest: Option<i64> = connection.prepare_cached(NEWEST_BLOCK)?.query_row(
        named_params! {":upper": upper, ":since": since, ":before": before},
        |row| row.get(0),
    )?;
    let Some(newest) = newest else {
        return Ok(None);
    };
    let oldest: Option<i64> = connection
        .prepare_cached(OLDEST_BLOCK)?
        .query_row(named_params! {":since": since, ":before": before}, |row| {
            row.get(0)
        })?;
    Ok(Some(Span {
        // Where there is a newest block, there is an oldest; and no id is less than 1.
        lower: oldest.map_or(1, |oldest| (oldest * BLOCK).max(1)),
        upper: upper.min((newest + 1) * BLOCK),
    }))
}

fn posts(
    connection: &Connection,
    filter: &Filter,
    locale: Option<Locale>,
    walk: &Walk,
    span: Span,
    rows: i64,
) -> rusqlite::Result<Vec<StoredPost>> {
    let (sql, tags) = statement(walk, locale.is_some());
    let mut statement = connection.prepare_cached(sql)?;
    let mut bind = |name: &str, value: &dyn ToSql| match statement.parameter_index(name)? {
        Some(index) => statement.raw_bind_parameter(index, value),
        // Not every walk has every probe.
        None => Ok(()),
    };
    let walked = match walk {
        Walk::Tag { tag, .. } => {
            bind(":tag", tag)?;
            None
        }
        Walk::Extra { pair, .. } => {
            bind(":key", &pair.key)?;
            bind(":value", &pair.value)?;
            Some(pair)
        }
        _ => None,
    };
    let terms = filter.terms(locale);
    let others = terms.iter().filter(|pair| Some(*pair) != walked);
    bind(":lower", &span.lower)?;
    bind(":upper", &span.upper)?;
    bind(":since", &micros(filter.since))?;
    bind(":before", &micros(filter.before))?;
    bind(":category", &filter.category)?;
    bind(":tags", &json!(tags).to_string())?;
    bind(":extra", &pairs(others))?;
    bind(":rows", &rows)?;
    bind(":locale", &locale.as_ref().map(Locale::as_str))?;
    let posts = statement.raw_query().mapped(|row| {
        // In a blog without locales there may still be some of earlier.
        let in_own = || kept(row, "text_locale", short_text).ok();
        let own = filter.in_main_text.then(in_own).flatten();
        Ok(StoredPost {
            locale: locale.or_else(|| Locale::new(&own?)),
            ..stored_post(row)?
        })
    });
    posts.collect()
}

/// Returns the statement of a walk, and the tags to probe for.
fn statement(walk: &Walk, has_locale: bool) -> (&'static str, &[i64]) {
    match (walk, has_locale) {
        (Walk::Ids, _) => (&BY_ID, &[]),
        (Walk::Locale { tags }, _) => (&BY_LOCALE, tags),
        (Walk::Category { tags }, false) => (&BY_CATEGORY, tags),
        (Walk::Category { tags }, true) => (&BY_CATEGORY_IN_LOCALE, tags),
        (Walk::Tag { others, .. }, false) => (&BY_TAG, others),
        (Walk::Tag { others, .. }, true) => (&BY_TAG_IN_LOCALE, others),
        (Walk::Extra { tags, .. }, false) => (&BY_EXTRA, tags),
        (Walk::Extra { tags, .. }, true) => (&BY_EXTRA_IN_LOCALE, tags),
    }
}

/// Returns pairs as the array of arrays that `json_each` takes; `None` for no pairs.
fn pairs<'a>(pairs: impl Iterator<Item = &'a ExtraTerm>) -> Option<String> {
    let pairs: Vec<_> = pairs.map(|pair| [&pair.key, &pair.value]).collect();
    (!pairs.is_empty()).then(|| json!(pairs).to_string())
}

pub(super) fn micros(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_microsecond)
}
