//! From candidates to matches: asks for as many as it takes, and lets each post's text decide.

use std::cmp::Reverse;
use std::collections::VecDeque;

use crate::page::{Filter, Limit, Page, Position};
use crate::post::{PostId, StoredPost, Unreadable};
use crate::search::{Document, Query, Requirement, SearchableText, score};
use crate::store::{Candidate, MAX_BODIES_BYTES, Reader, Result, SearchRequest, StoreError};

/// The number of the newest matches that are ranked: enough for a blog's search, and few enough
/// to read the text of each.
pub const WINDOW: usize = 200;

/// Candidates to ask for beyond what is missing, where the index cannot decide alone: the
/// first answer then nearly always has the page, though some of it is no match.
const SPARE: usize = 8;

/// The most candidates of one answer: each comes with up to 64 KiB of text.
const MAX_CANDIDATES: usize = 256;

/// The number of long posts that are fetched together; they are megabytes each.
const LONG_AT_ONCE: usize = 32;

/// A source of candidates.
pub trait Source {
    /// Returns true if the index is exact, so that nearly every candidate is a match.
    fn is_exact(&self) -> bool;

    /// At most as many candidates with an id below the cursor, newest first.
    ///
    /// # Errors
    /// Whatever the store fails with.
    fn candidates(&mut self, cursor: Option<PostId>, rows: usize) -> Result<Vec<Candidate>>;

    /// The Markdown of posts that are still there, as [`Reader::bodies`] answers it.
    ///
    /// # Errors
    /// Whatever the store fails with.
    fn bodies(&mut self, ids: &[PostId]) -> Result<Vec<(PostId, String)>>;
}

/// A store, asked for one query and filter.
pub struct InStore<'a> {
    /// The store.
    pub store: &'a mut dyn Reader,
    /// The requirement of the query.
    pub requirement: &'a Requirement,
    /// The filter.
    pub filter: &'a Filter,
    /// Posts whose Markdown cannot be read, so that nothing is found in it.
    pub unread: Vec<(PostId, Unreadable)>,
}

impl Source for InStore<'_> {
    fn is_exact(&self) -> bool {
        self.requirement.is_exact
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
    mut take: impl FnMut(StoredPost, &SearchableText) -> T,
) -> Result<Page<T>> {
    let limit = position.limit;
    let keyed = |post: StoredPost, text: &SearchableText| (post.id, take(post, text));
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
    /// True if there are matches that were too old to be ranked.
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
    mut take: impl FnMut(StoredPost, &SearchableText) -> T,
) -> Result<Ranked<T>> {
    let scored = |post: StoredPost, text: &SearchableText| {
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
    mut take: impl FnMut(StoredPost, &SearchableText) -> T,
) -> Result<Vec<T>> {
    let spare = if source.is_exact() { 0 } else { SPARE };
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
        let mut candidates = VecDeque::from(candidates);
        while !candidates.is_empty() {
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

/// Takes candidates up to so many long ones, and fetches these together; those that one answer
/// has no room for are left for the next call. Posts that are gone meanwhile are left out.
fn with_bodies(
    source: &mut dyn Source,
    candidates: &mut VecDeque<Candidate>,
) -> Result<Vec<(StoredPost, String)>> {
    let is_long = |candidate: &&Candidate| candidate.body.is_none();
    let long = candidates.iter().filter(is_long).take(LONG_AT_ONCE);
    let long: Vec<PostId> = long.map(|candidate| candidate.post.id).collect();
    let mut bodies = match &long[..] {
        [] => Vec::new(),
        ids => source.bodies(ids)?,
    };
    let bytes: usize = bodies.iter().map(|(_, body)| body.len()).sum();
    // The last long one whose body is here, or is known to be gone.
    let last = match bodies.iter().map(|(id, _)| *id).min() {
        Some(id) if bytes >= MAX_BODIES_BYTES => Some(id),
        _ => long.last().copied(),
    };
    let mut taken = Vec::new();
    let mut is_last = false;
    while let Some(candidate) = candidates.pop_front_if(|candidate| {
        // Short ones behind the last long one need nothing more.
        !is_last || candidate.body.is_some()
    }) {
        let id = candidate.post.id;
        is_last |= Some(id) == last;
        let body = candidate.body.or_else(|| {
            let at = bodies.iter().position(|(other, _)| *other == id)?;
            Some(bodies.swap_remove(at).1)
        });
        taken.extend(body.map(|body| (candidate.post, body)));
    }
    Ok(taken)
}

fn prepared(post: &StoredPost, body: &str) -> SearchableText {
    SearchableText::new(&Document {
        title: post.title.as_deref().unwrap_or_default(),
        description: post.description.as_deref(),
        tags: &post.tags,
        markdown: body,
    })
}

#[cfg(test)]
mod tests;
