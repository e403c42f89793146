//! Finding posts by their terms.
//!
//! FTS5 keeps the ids of each term in order, so that a page is one walk down those ids from
//! the cursor on, in step where several terms must meet. A category and a tag are terms like
//! any other; a span of time bounds the walk as it does a listing's.

use rusqlite::{Connection, OptionalExtension, named_params};

use super::error::failed;
use super::list::{micros, span};
use super::rows::{ABOVE_ALL, text, with_body};
use super::terms::any_of;
use crate::page::Filter;
use crate::post::PostId;
use crate::search::{Requirement, TermMatch, category_term, tag_term};
use crate::store::{Candidate, MAX_BODIES_BYTES, MAX_INLINE_BODY, Result, SearchRequest};

pub(super) const FOUND: &str = concat!(
    include_str!("list/columns.sql"),
    include_str!("search/found.sql")
);

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
            .prepare_cached(FOUND)?
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
    let body = |id: &PostId| -> rusqlite::Result<Option<(PostId, String)>> {
        let body = connection
            .prepare_cached("SELECT content AS body FROM post WHERE id = ?1")?
            .query_row([id.get()], |row| Ok(text(row, "body").unwrap_or_default()))
            .optional()?;
        Ok(body.map(|body| (*id, body)))
    };
    let mut ids = ids.to_vec();
    ids.sort_unstable_by(|one, other| other.cmp(one));
    let mut bytes = 0;
    let mut bodies = Vec::new();
    for id in &ids {
        if bytes >= MAX_BODIES_BYTES {
            break;
        }
        if let Some(found) = body(id).map_err(failed(connection, "read the posts"))? {
            bytes += found.1.len();
            bodies.push(found);
        }
    }
    Ok(bodies)
}

/// The expression that FTS5 is asked.
fn query(requirement: &Requirement, filter: &Filter) -> String {
    let exact = |term: String| vec![TermMatch::Exact(term)];
    let category = filter.category.as_deref().map(category_term).map(exact);
    let tags = filter.tags.iter().map(|tag| exact(tag_term(tag)));
    let wanted: Vec<_> = category.into_iter().chain(tags).collect();
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
