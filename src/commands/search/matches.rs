//! From candidates to matches: asks for as many as it takes, and lets each post's text decide.

use std::cmp::Reverse;

use crate::page::{Filter, Limit, Page, Position};
use crate::post::{PostId, StoredPost, Unreadable};
use crate::search::{Document, Prepared, Query, Requirement, score};
use crate::store::{Candidate, Reader, Result, SearchRequest, StoreError};

/// How many of the newest matches are ranked: enough for a blog's search, and few enough to
/// read the text of each.
pub const WINDOW: usize = 200;

/// Candidates to ask for beyond what is missing, where the index cannot decide alone: the
/// first answer then nearly always has the page, though some of it is no match.
const SPARE: usize = 8;

/// The most candidates of one answer: each comes with up to 64 KiB of text.
const MAX_CANDIDATES: usize = 256;

/// How many long posts are fetched together; they are megabytes each.
const LONG_AT_ONCE: usize = 32;

/// Where candidates come from.
pub trait Source {
    /// Whether the index decides, so that nearly every candidate is a match.
    fn decides(&self) -> bool;

    /// At most as many candidates with an id below the cursor, newest first.
    ///
    /// # Errors
    /// Whatever the store fails with.
    fn candidates(&mut self, cursor: Option<PostId>, rows: usize) -> Result<Vec<Candidate>>;

    /// The Markdown of posts that are still there.
    ///
    /// # Errors
    /// Whatever the store fails with.
    fn bodies(&mut self, ids: &[PostId]) -> Result<Vec<(PostId, String)>>;
}

/// A store, asked for one query and filter.
pub struct InStore<'a> {
    /// The store.
    pub store: &'a mut dyn Reader,
    /// What the query asks of the index.
    pub requirement: &'a Requirement,
    /// What else must hold.
    pub filter: &'a Filter,
    /// Posts whose Markdown cannot be read, so that nothing is found in it.
    pub unread: Vec<(PostId, Unreadable)>,
}

impl Source for InStore<'_> {
    fn decides(&self) -> bool {
        self.requirement.decides
    }

    fn candidates(&mut self, cursor: Option<PostId>, rows: usize) -> Result<Vec<Candidate>> {
        let candidates = self.store.search(&SearchRequest {
            requirement: self.requirement,
            filter: self.filter,
            cursor,
            rows,
        })?;
        for Candidate { post, .. } in &candidates {
            let content = post.unreadable.iter().find(|one| one.column == "content");
            self.unread
                .extend(content.map(|content| (post.id, content.clone())));
        }
        Ok(candidates)
    }

    fn bodies(&mut self, ids: &[PostId]) -> Result<Vec<(PostId, String)>> {
        self.store.bodies(ids)
    }
}

/// Finds one page of matches. `take` makes of each what is kept.
///
/// # Errors
/// Whatever the source fails with.
pub fn page<T>(
    source: &mut dyn Source,
    query: &Query,
    position: Position,
    mut take: impl FnMut(StoredPost, &Prepared) -> T,
) -> Result<Page<T>> {
    let limit = position.limit;
    let keyed = |post: StoredPost, text: &Prepared| (post.id, take(post, text));
    let found = newest(source, query, position.cursor, limit.get() + 1, keyed)?;
    let page = Page::from_probe(found, limit, |(id, _)| *id);
    Ok(Page {
        items: page.items.into_iter().map(|(_, kept)| kept).collect(),
        next_cursor: page.next_cursor,
    })
}

/// Matches, the best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranked<T> {
    /// At most as many as the limit said.
    pub items: Vec<T>,
    /// Whether there are matches that were too old to be looked at.
    pub window_cut: bool,
}

/// Finds the best of the newest [`WINDOW`] matches; of equally good ones, the newer. `take`
/// makes of each what is kept.
///
/// # Errors
/// Whatever the source fails with.
pub fn best<T>(
    source: &mut dyn Source,
    query: &Query,
    limit: Limit,
    mut take: impl FnMut(StoredPost, &Prepared) -> T,
) -> Result<Ranked<T>> {
    let scored = |post: StoredPost, text: &Prepared| {
        let rank = Reverse((score(query, text), post.id));
        (rank, take(post, text))
    };
    let mut found = newest(source, query, None, WINDOW + 1, scored)?;
    let window_cut = found.len() > WINDOW;
    found.truncate(WINDOW);
    found.sort_by_key(|(rank, _)| *rank);
    found.truncate(limit.get());
    Ok(Ranked {
        items: found.into_iter().map(|(_, kept)| kept).collect(),
        window_cut,
    })
}

/// Finds the newest matches below a cursor, at most `wanted`. `take` makes of each what is
/// kept; the text is dropped, so that one is held at a time.
///
/// # Errors
/// Whatever the source fails with.
pub fn newest<T>(
    source: &mut dyn Source,
    query: &Query,
    mut cursor: Option<PostId>,
    wanted: usize,
    mut take: impl FnMut(StoredPost, &Prepared) -> T,
) -> Result<Vec<T>> {
    let spare = if source.decides() { 0 } else { SPARE };
    let mut found = Vec::with_capacity(wanted);
    let mut rows = 0;
    loop {
        // Where few of the last candidates matched, few of the next will: ask for more each
        // time, so that even then the answers stay few.
        rows = (wanted - found.len() + spare)
            .max(rows * 2)
            .min(MAX_CANDIDATES);
        let candidates = source.candidates(cursor, rows)?;
        let is_last = candidates.len() < rows;
        let Some(last) = candidates.last().map(|candidate| candidate.post.id) else {
            return Ok(found);
        };
        // A walk that does not go down would never end.
        if cursor.is_some_and(|cursor| last >= cursor) {
            return Err(StoreError::failed("search")(
                "it found again what it had found before",
            ));
        }
        cursor = Some(last);
        let mut candidates = candidates.into_iter().peekable();
        while candidates.peek().is_some() {
            for (post, body) in with_bodies(source, &mut candidates)? {
                let text = prepared(&post, &body);
                if query.matches(&text) {
                    found.push(take(post, &text));
                    if found.len() == wanted {
                        return Ok(found);
                    }
                }
            }
        }
        if is_last {
            return Ok(found);
        }
    }
}

/// Takes candidates up to so many long ones, and fetches these together. Posts that are gone
/// meanwhile are left out.
fn with_bodies(
    source: &mut dyn Source,
    candidates: &mut impl Iterator<Item = Candidate>,
) -> Result<Vec<(StoredPost, String)>> {
    let mut taken = Vec::new();
    let mut long = Vec::new();
    for candidate in candidates {
        if candidate.body.is_none() {
            long.push(candidate.post.id);
        }
        taken.push(candidate);
        if long.len() == LONG_AT_ONCE {
            break;
        }
    }
    let mut bodies = match &long[..] {
        [] => Vec::new(),
        ids => source.bodies(ids)?,
    };
    let with_body = |candidate: Candidate| {
        let id = candidate.post.id;
        let body = candidate.body.or_else(|| {
            let at = bodies.iter().position(|(other, _)| *other == id)?;
            Some(bodies.swap_remove(at).1)
        })?;
        Some((candidate.post, body))
    };
    Ok(taken.into_iter().filter_map(with_body).collect())
}

fn prepared(post: &StoredPost, body: &str) -> Prepared {
    Prepared::new(&Document {
        title: post.title.as_deref().unwrap_or_default(),
        description: post.description.as_deref(),
        tags: &post.tags,
        markdown: body,
    })
}

#[cfg(test)]
mod tests;
