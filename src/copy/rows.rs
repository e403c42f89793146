//! The rows of a store, each text with those that hold it.

use std::collections::{HashMap, HashSet};

use super::{Parts, PostName};
use crate::index::{Entry, Index, RowState, RowVersion};
use crate::locale::{Locale, Locales};
use crate::post::{PostId, TextId};
use crate::store::Part;

/// The state of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// As a sync left it.
    Intact(RowVersion),
    /// Changed since by someone else.
    Edited(RowVersion),
    /// Deleted since by someone else.
    Missing,
    /// Never written: the post is from before the blog had locales.
    Unwritten,
    /// Written by another program.
    Foreign(RowVersion),
}

impl From<RowState> for Row {
    fn from(state: RowState) -> Self {
        match state {
            RowState::Intact(version) => Self::Intact(version),
            RowState::Edited(version) => Self::Edited(version),
            RowState::Missing => Self::Missing,
            RowState::Unwritten => Self::Unwritten,
        }
    }
}

impl Row {
    /// Returns the version of a row that is there.
    pub fn version(self) -> Option<RowVersion> {
        match self {
            Self::Intact(version) | Self::Edited(version) | Self::Foreign(version) => Some(version),
            Self::Missing | Self::Unwritten => None,
        }
    }
}

/// A row of a text.
#[derive(Clone, Copy)]
pub(super) struct Side {
    /// Its identity; without a locale the row is that of a post.
    pub id: TextId,
    /// Its state.
    pub row: Row,
    /// The part of each store that it belongs to.
    pub parts: Parts,
}

/// A text and its rows; in a blog without locales a post.
#[derive(Clone)]
pub(super) struct Text<'i> {
    /// The identity; without a locale it is the row of a post alone.
    pub id: TextId,
    /// The record of the text; `None` if blogctl did not write it.
    pub entry: Option<&'i Entry>,
    /// True if it is the post's main text.
    pub is_main: bool,
    /// True if a sync wrote another text as the main one, which is not there any more.
    pub is_replaced: bool,
    /// The row of the post, if it comes with this text.
    post: Option<Row>,
    /// The row of the text.
    text: Option<Row>,
    /// The locale that the row of the post takes what it does not hold from.
    main: Option<Locale>,
}

impl Text<'_> {
    /// Returns the row of the post, if it comes with this text.
    pub fn post_side(&self) -> Option<Side> {
        let part = Part::Posts(self.main);
        Some(Side {
            id: self.id.post.into(),
            row: self.post?,
            parts: Parts {
                source: part,
                target: part,
            },
        })
    }

    /// Returns the row of the text, in a blog with locales.
    pub fn text_side(&self) -> Option<Side> {
        let (row, locale) = (self.text?, self.id.locale?);
        let source = match row {
            // Only the row of the post has it.
            Row::Unwritten => Part::Posts(Some(locale)),
            _ => Part::Texts(locale),
        };
        Some(Side {
            id: self.id,
            row,
            parts: Parts {
                source,
                target: Part::Texts(locale),
            },
        })
    }

    /// Returns both.
    pub fn sides(&self) -> impl Iterator<Item = Side> {
        self.post_side().into_iter().chain(self.text_side())
    }

    /// Returns its name for users.
    pub fn name(&self) -> PostName {
        PostName {
            id: self.id.post,
            locale: self.id.locale,
            path: self.entry.map(|entry| entry.path.clone()),
        }
    }
}

/// The rows of a store.
#[derive(Default)]
pub(super) struct Rows<'i> {
    /// The records of texts.
    pub entries: HashMap<TextId, &'i Entry>,
    /// The categories of posts.
    pub categories: HashMap<PostId, &'i str>,
    /// The rows of posts, which have no locale, and of texts.
    rows: HashMap<TextId, Row>,
    /// The texts that are there.
    pub texts: Vec<Text<'i>>,
    /// The texts that were deleted since the last sync.
    pub deleted: Vec<PostName>,
    /// The texts in other locales than those of the project.
    pub other_locales: Vec<PostName>,
}

impl<'i> Rows<'i> {
    /// Sorts the rows of an index.
    pub fn new(index: &'i Index, locales: Option<&Locales>) -> Self {
        let mut rows = Self::default();
        let is_known = |locale: Option<Locale>| match (locales, locale) {
            (Some(locales), Some(locale)) => locales.all().contains(&locale),
            _ => true,
        };
        for row in &index.foreign {
            let id = TextId {
                post: row.id,
                locale: row.locale,
            };
            if !is_known(row.locale) {
                rows.leave_out(id, None);
                continue;
            }
            rows.rows.insert(id, Row::Foreign(row.version));
            rows.categories
                .extend(row.category.as_deref().map(|name| (row.id, name)));
        }
        for row in &index.posts {
            rows.rows.insert(row.id.into(), row.state.into());
            rows.categories
                .extend(row.category.as_deref().map(|name| (row.id, name)));
        }
        for entry in &index.entries {
            if !is_known(entry.locale) {
                rows.leave_out(entry.text_id(), Some(entry));
                continue;
            }
            rows.entries.insert(entry.text_id(), entry);
            rows.categories
                .extend(entry.category.as_deref().map(|name| (entry.id, name)));
            // Another program may have written what no sync has.
            let is_there = rows.rows.contains_key(&entry.text_id());
            if entry.row != RowState::Unwritten || !is_there {
                rows.rows.insert(entry.text_id(), entry.row.into());
            }
        }
        match locales {
            None => rows.sort_posts(),
            Some(locales) => rows.sort_texts(locales),
        }
        rows
    }

    /// Returns the row of a post or of a text.
    pub fn row(&self, id: TextId) -> Option<Row> {
        self.rows.get(&id).copied()
    }

    fn leave_out(&mut self, id: TextId, entry: Option<&Entry>) {
        self.other_locales.push(PostName {
            id: id.post,
            locale: id.locale,
            path: entry.map(|entry| entry.path.clone()),
        });
    }

    /// Takes the rows of a blog without locales, each as a post.
    fn sort_posts(&mut self) {
        let rows = self.rows.iter().map(|(id, row)| (*id, *row));
        for (id, row) in rows {
            let text = Text {
                id,
                entry: self.entries.get(&id).copied(),
                is_main: true,
                is_replaced: false,
                post: Some(row),
                text: None,
                main: None,
            };
            match row.version() {
                Some(_) => self.texts.push(text),
                None => self.deleted.push(text.name()),
            }
        }
    }

    /// Takes the rows of a blog with locales, those of each post together.
    fn sort_texts(&mut self, locales: &Locales) {
        let left_out: HashSet<PostId> = self.other_locales.iter().map(|name| name.id).collect();
        let mut posts: HashMap<PostId, Vec<Locale>> = HashMap::new();
        for id in self.rows.keys() {
            posts.entry(id.post).or_default().extend(id.locale);
        }
        for (post, mut of_post) in posts {
            if of_post.is_empty() && left_out.contains(&post) {
                continue;
            }
            of_post.sort_by_key(|locale| locales.rank(*locale));
            self.sort_post(post, &of_post);
        }
    }

    /// Takes the texts of one post.
    fn sort_post(&mut self, post: PostId, locales: &[Locale]) {
        let id = |locale: Locale| TextId {
            post,
            locale: Some(locale),
        };
        let of_post = self.row(post.into());
        let has_post = of_post.is_some_and(|row| row.version().is_some());
        let row = |locale: Locale| self.rows.get(&id(locale)).copied();
        let is_live = |locale: &Locale| {
            let row = row(*locale);
            has_post && row.is_some_and(|row| row != Row::Missing)
        };
        let entry = |locale: Locale| self.entries.get(&id(locale)).copied();
        let written = |locale: &Locale| entry(*locale).is_some() && is_live(locale);
        let recorded = |locale: &Locale| entry(*locale).is_some_and(|entry| entry.is_main);
        let of_record = locales.iter().copied().find(recorded);
        let main = of_record.filter(written);
        // A row of a post that blogctl did not write comes alone.
        let is_foreign = matches!(of_post, Some(Row::Foreign(_)));
        let main = match is_foreign {
            true => None,
            false => main.or_else(|| locales.iter().copied().find(written)),
        };
        let mut texts = Vec::new();
        if main.is_none() && has_post {
            texts.push(Text {
                id: post.into(),
                entry: None,
                is_main: false,
                is_replaced: false,
                post: of_post,
                text: None,
                main: locales.iter().copied().find(is_live),
            });
        }
        let mut deleted = Vec::new();
        for locale in locales.iter().copied() {
            let is_main = main == Some(locale);
            let text = Text {
                id: id(locale),
                entry: entry(locale),
                is_main,
                is_replaced: is_main && of_record != main,
                post: of_post.filter(|_| is_main),
                text: row(locale),
                main,
            };
            match is_live(&locale) {
                true => texts.push(text),
                // A row without that of its post is no text.
                false if text.entry.is_some() => deleted.push(text.name()),
                false => {}
            }
        }
        self.texts.extend(texts);
        self.deleted.extend(deleted);
    }
}
