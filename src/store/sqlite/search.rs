//! Finding posts by their terms.
//!
//! FTS5 keeps the ids of each term in order, so that a page is one walk down those ids from
//! the cursor on, in step where several terms must meet. A category and a tag are terms like
//! any other; a span of time bounds the walk as it does a listing's.

use rusqlite::{Connection, OptionalExtension, ToSql, named_params};

use super::catalog::has_column;
use super::error::failed;
use super::list::{micros, span};
use super::rows::{ABOVE_ALL, text, with_body};
use super::statements::{FOUND, SHOW, columns, untracked};
use super::terms::{any_of, extra_match};
use crate::page::Filter;
use crate::post::{Field, PostId, StoredPost};
use crate::search::{Requirement, TermMatch, category_term, tag_term};
use crate::store::{Candidate, MAX_BODIES_BYTES, MAX_INLINE_BODY, Result, SearchRequest};

const OPERATION: &str = "read the posts";

/// Finds candidates, newest id first, in the caller's transaction.
pub(super) fn candidates(
    connection: &Connection,
    request: &SearchRequest<'_>,
) -> Result<Vec<Candidate>> {
    let filter = request.filter;
    let upper = request.cursor.map_or(ABOVE_ALL, |id| id.get().into());
    let candidates = || {
        let Some(span) = span(connection, filter, upper)? else {
            return Ok(Vec::new());
        };
        connection
            .prepare_cached(&FOUND)?
            .query_map(
                named_params! {
                    ":query": query(request.requirement, filter),
                    ":lower": span.lower, ":upper": span.upper,
                    ":since": micros(filter.since), ":before": micros(filter.before),
                    ":rows": i64::try_from(request.rows).unwrap_or(i64::MAX),
                    ":longest": i64::try_from(MAX_INLINE_BODY).unwrap_or(i64::MAX),
                },
                |row| {
                    let is_long: bool = row.get("is_long")?;
                    let (post, body) = with_body(row, "body")?;
                    let body = (!is_long).then(|| body.unwrap_or_default());
                    Ok(Candidate { post, body })
                },
            )?
            .collect()
    };
    candidates().map_err(failed(connection, "search"))
}

/// Reads whole bodies, newest first, up to [`MAX_BODIES_BYTES`], in the caller's transaction.
pub(super) fn bodies(connection: &Connection, ids: &[PostId]) -> Result<Vec<(PostId, String)>> {
    let mut statement = connection
        .prepare_cached("SELECT content AS body FROM post WHERE id = ?1")
        .map_err(failed(connection, OPERATION))?;
    newest_first(ids, body_bytes, |id| {
        statement
            .query_row([id.get()], |row| Ok(text(row, "body").unwrap_or_default()))
            .optional()
            .map(|body| body.map(|body| (id, body)))
            .map_err(failed(connection, OPERATION))
    })
}

/// Reads posts and whole bodies, as [`bodies`] does.
pub(super) fn posts(connection: &Connection, ids: &[PostId]) -> Result<Vec<(StoredPost, String)>> {
    newest_first(ids, body_bytes, |id| {
        shown(connection, &SHOW, &id.get()).map_err(failed(connection, OPERATION))
    })
}

/// Reads posts of a store without blogctl's tables, as [`posts`] does.
pub(super) fn untracked_posts(
    connection: &Connection,
    ids: &[PostId],
) -> Result<Vec<(StoredPost, String)>> {
    let statement = || -> rusqlite::Result<_> {
        let has = |table, column| has_column(connection, table, column);
        let mut there = Vec::new();
        for column in columns().into_iter().map(Field::name).chain(["content"]) {
            if has("post", column)? {
                there.push(column);
            }
        }
        let has_tags = has("post_tag", "post_id")?
            && has("post_tag", "tag_id")?
            && has("tag", "id")?
            && has("tag", "name")?;
        Ok(untracked(|column| there.contains(&column), has_tags))
    };
    let statement = statement().map_err(failed(connection, OPERATION))?;
    newest_first(ids, body_bytes, |id| {
        shown(connection, &statement, &id.get()).map_err(failed(connection, OPERATION))
    })
}

/// Reads a post and its Markdown by a statement that takes its key.
pub(super) fn shown(
    connection: &Connection,
    statement: &str,
    key: &dyn ToSql,
) -> rusqlite::Result<Option<(StoredPost, String)>> {
    connection
        .prepare_cached(statement)?
        .query_row([key], |row| {
            let (post, body) = with_body(row, "content")?;
            Ok((post, body.unwrap_or_default()))
        })
        .optional()
}

fn body_bytes<T>((_, body): &(T, String)) -> usize {
    body.len()
}

/// Reads posts, newest first; ends with the one whose bytes bring all of them to
/// [`MAX_BODIES_BYTES`] or more.
pub(super) fn newest_first<T>(
    ids: &[PostId],
    bytes_of: impl Fn(&T) -> usize,
    mut read: impl FnMut(PostId) -> Result<Option<T>>,
) -> Result<Vec<T>> {
    let mut ids = ids.to_vec();
    ids.sort_unstable_by(|one, other| other.cmp(one));
    let mut bytes = 0;
    let mut found = Vec::new();
    for id in ids {
        if bytes >= MAX_BODIES_BYTES {
            break;
        }
        if let Some(one) = read(id)? {
            bytes += bytes_of(&one);
            found.push(one);
        }
    }
    Ok(found)
}

/// The expression that FTS5 is asked.
fn query(requirement: &Requirement, filter: &Filter) -> String {
    let exact = |term: String| vec![TermMatch::Exact(term)];
    let category = filter.category.as_deref().map(category_term).map(exact);
    let tags = filter.tags.iter().map(|tag| exact(tag_term(tag)));
    let pairs = filter.extra.iter().map(|pair| vec![extra_match(pair)]);
    let wanted: Vec<_> = category.into_iter().chain(tags).chain(pairs).collect();
    let all = requirement.all.iter().chain(&wanted).map(|any| any_of(any));
    let mut text = all.collect::<Vec<_>>().join(" AND ");
    // One NOT for all: FTS5 nests each in the one before, and refuses to go deep.
    let none: Vec<_> = requirement.none.iter().map(|any| any_of(any)).collect();
    // A requirement has a condition to meet; without one, nothing is found.
    if !none.is_empty() && !text.is_empty() {
        text = format!("({text}) NOT ({})", none.join(" OR "));
    }
    text
}
