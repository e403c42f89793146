//! Pages of posts.
//!
//! A page is one walk down an index in the order in which it is shown, from the cursor on:
//! of the primary key, of a category's posts, or of the posts of the rarest tag that is
//! wanted. Every other filter is a probe for each row of the walk. Which walk is the
//! shortest is told by the counts that the syncs keep.
//!
//! A span of time bounds the walk on both sides before it starts. Ids mostly rise with time,
//! and where they do not, the span is only wider, never wrong.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params};

use super::error::failed;
use super::rows::{ABOVE_ALL, stored_post};
use crate::page::{Filter, Page, Position};
use crate::post::StoredPost;
use crate::store::Result;

pub(super) const BY_ID: &str = concat!(
    include_str!("list/columns.sql"),
    include_str!("list/by_id.sql")
);
pub(super) const BY_CATEGORY: &str = concat!(
    include_str!("list/columns.sql"),
    include_str!("list/by_category.sql")
);
pub(super) const BY_TAG: &str = concat!(
    include_str!("list/columns.sql"),
    include_str!("list/by_tag.sql")
);
pub(super) const SHOW: &str = concat!(
    include_str!("list/columns.sql"),
    include_str!("list/show.sql")
);
pub(super) const NEWEST_BLOCK: &str = include_str!("list/newest_block.sql");
pub(super) const OLDEST_BLOCK: &str = include_str!("list/oldest_block.sql");

/// Ids in a block of the index on (id / 4000, created_at).
const BLOCK: i64 = 4000;

/// Which index a page walks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Walk {
    /// The primary key.
    Ids,
    /// One category; every tag is probed for.
    Category { tags: Vec<i64> },
    /// The rarest tag; the others and the category are probed for.
    Tag { tag: i64, others: Vec<i64> },
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
) -> Result<Page<StoredPost>> {
    let upper = position.cursor.map_or(ABOVE_ALL, |id| id.get().into());
    let posts = || {
        let Some(walk) = walk(connection, filter)? else {
            return Ok(Vec::new());
        };
        match span(connection, filter, upper)? {
            Some(span) => posts(connection, filter, &walk, span, position.limit.probe()),
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
pub(super) fn walk(connection: &Connection, filter: &Filter) -> rusqlite::Result<Option<Walk>> {
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
        Some(category) => Some(kept_count(connection, category)?),
        None => None,
    };
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

fn kept_count(connection: &Connection, category: &str) -> rusqlite::Result<i64> {
    let count = connection
        .prepare_cached(
            "SELECT CAST(posts AS INTEGER) FROM blogctl_category_count WHERE category = ?1",
        )?
        .query_row([category], |row| row.get::<_, Option<i64>>(0))
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
    walk: &Walk,
    span: Span,
    rows: i64,
) -> rusqlite::Result<Vec<StoredPost>> {
    let (since, before) = (micros(filter.since), micros(filter.before));
    let mut statement;
    let found = match walk {
        Walk::Ids => {
            statement = connection.prepare_cached(BY_ID)?;
            statement.query_map(
                named_params! {
                    ":lower": span.lower, ":upper": span.upper,
                    ":since": since, ":before": before, ":rows": rows,
                },
                stored_post,
            )?
        }
        Walk::Category { tags } => {
            statement = connection.prepare_cached(BY_CATEGORY)?;
            statement.query_map(
                named_params! {
                    ":lower": span.lower, ":upper": span.upper,
                    ":category": filter.category, ":tags": json(tags),
                    ":since": since, ":before": before, ":rows": rows,
                },
                stored_post,
            )?
        }
        Walk::Tag { tag, others } => {
            statement = connection.prepare_cached(BY_TAG)?;
            statement.query_map(
                named_params! {
                    ":lower": span.lower, ":upper": span.upper,
                    ":tag": tag, ":tags": json(others), ":category": filter.category,
                    ":since": since, ":before": before, ":rows": rows,
                },
                stored_post,
            )?
        }
    };
    found.collect()
}

pub(super) fn micros(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_microsecond)
}

/// Ids as the array that `json_each` takes.
fn json(ids: &[i64]) -> String {
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    format!("[{}]", ids.join(","))
}
