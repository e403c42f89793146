//! Pages by the last id seen.
//!
//! A page is `WHERE id < cursor ORDER BY id DESC LIMIT n + 1`: the extra row says whether
//! there is more, and is not shown. An OFFSET would read and drop every row before the
//! page, so that page 1,000 costs a thousand pages, and a post added meanwhile would shift
//! every later page by one. The last id seen stays where it is.

use std::fmt;

use jiff::Timestamp;

use crate::locale::{Gap, Locale};
use crate::post::{ExtraTerm, Field, PostId};

/// The number of rows of a page: 1 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit(u8);

impl Limit {
    /// The page size when none is asked for: 20.
    pub const DEFAULT: Self = Self(20);
    /// The largest page: 100 rows.
    pub const MAX: Self = Self(100);

    /// Returns the limit, or `None` outside `1..=100`.
    pub fn new(rows: u64) -> Option<Self> {
        u8::try_from(rows)
            .ok()
            .filter(|rows| (1..=Self::MAX.0).contains(rows))
            .map(Self)
    }

    /// Rows on a page.
    pub fn get(self) -> usize {
        self.0.into()
    }

    /// Rows to ask a store for: the page and the one that says whether there is more.
    pub fn probe(self) -> i64 {
        i64::from(self.0) + 1
    }
}

/// One page, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// At most as many as the limit said.
    pub items: Vec<T>,
    /// The key after which the next page starts; `None` on the last page.
    pub next_cursor: Option<PostId>,
}

impl<T> Page<T> {
    /// Makes a page of up to `limit + 1` rows in descending order of `key`.
    pub fn from_probe(mut rows: Vec<T>, limit: Limit, key: impl Fn(&T) -> PostId) -> Self {
        let has_more = rows.len() > limit.get();
        rows.truncate(limit.get());
        let next_cursor = if has_more { rows.last().map(key) } else { None };
        Self {
            items: rows,
            next_cursor,
        }
    }

    /// Returns true if another page follows.
    pub fn has_more(&self) -> bool {
        self.next_cursor.is_some()
    }
}

/// A filter of posts. All conditions that are set must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Posts of this category, compared exactly.
    pub category: Option<String>,
    /// Posts that carry all of these tags, compared exactly.
    pub tags: Vec<String>,
    /// Posts created at this time or later.
    pub since: Option<Timestamp>,
    /// Posts created before this time.
    pub before: Option<Timestamp>,
    /// Posts whose extra keys have all of these values, compared exactly. Sorted, each once.
    pub extra: Vec<ExtraTerm>,
    /// Posts with all of these gaps, in a blog with locales. A search knows none.
    pub gaps: Vec<Gap>,
    /// True if each post is read in its main text rather than in one locale: posts that are not in
    /// that locale are there, too. A search is always in one locale.
    pub in_main_text: bool,
}

impl Filter {
    /// Returns the terms that a post must have, sorted, each once. `locale` is the one whose texts
    /// are read, where each has extra keys of its own.
    pub fn terms(&self, locale: Option<Locale>) -> Vec<ExtraTerm> {
        let locale = locale.filter(|_| !self.in_main_text);
        let of_text = |term: &ExtraTerm| match locale {
            Some(locale) => term.in_locale(locale),
            None => term.clone(),
        };
        let gaps = self.gaps.iter().map(|gap| gap.term());
        let mut terms: Vec<ExtraTerm> = self.extra.iter().map(of_text).chain(gaps).collect();
        terms.sort();
        terms.dedup();
        terms
    }

    /// Returns the fields that posts are filtered by. The values of extra keys are not among them:
    /// posts are found by those without their field.
    pub fn fields(&self) -> impl Iterator<Item = Field> {
        let asked = [
            (Field::Category, self.category.is_some()),
            (Field::Tags, !self.tags.is_empty()),
            (
                Field::CreatedAt,
                self.since.is_some() || self.before.is_some(),
            ),
        ];
        asked
            .into_iter()
            .filter_map(|(field, is_asked)| is_asked.then_some(field))
    }
}

/// The key of one post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostKey<'a> {
    /// Its id.
    Id(PostId),
    /// Its slug, compared exactly; of several posts that have it, the one with the greatest id.
    Slug(&'a str),
}

impl PostKey<'_> {
    /// Returns the field that holds the key; `None` for the id.
    pub fn field(self) -> Option<Field> {
        match self {
            Self::Id(_) => None,
            Self::Slug(_) => Some(Field::Slug),
        }
    }
}

impl fmt::Display for PostKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "post {id}"),
            Self::Slug(slug) => write!(f, "post with the slug {slug:?}"),
        }
    }
}

impl From<PostId> for PostKey<'_> {
    fn from(id: PostId) -> Self {
        Self::Id(id)
    }
}

/// A page of the filtered posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Posts whose id is less than this; `None` starts at the newest.
    pub cursor: Option<PostId>,
    /// Rows on the page.
    pub limit: Limit,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page_of(ids: &[i64], limit: u64) -> Page<PostId> {
        let rows = ids.iter().map(|id| PostId::new(*id).unwrap()).collect();
        Page::from_probe(rows, Limit::new(limit).unwrap(), |id| *id)
    }

    #[test]
    fn a_full_page_without_an_extra_row_is_the_last() {
        let page = page_of(&[3, 2], 2);
        assert_eq!(page.items.len(), 2);
        assert!(!page.has_more());
    }

    #[test]
    fn the_extra_row_is_not_shown_and_not_skipped() {
        let page = page_of(&[9, 7, 4], 2);
        assert_eq!(page.items.len(), 2);
        assert_eq!(page.next_cursor, PostId::new(7));
    }

    #[test]
    fn limits_outside_one_to_a_hundred_are_refused() {
        assert_eq!(Limit::new(0), None);
        assert_eq!(Limit::new(101), None);
        assert_eq!(Limit::new(u64::MAX), None);
        assert_eq!(Limit::new(100), Some(Limit::MAX));
    }
}
