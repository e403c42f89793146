//! Reading the translations of a blog with locales.

use std::collections::HashMap;

use futures_util::{TryStreamExt, pin_mut};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::{Unread, row_state, stated};
use crate::index::{Entry, ForeignRow, Index, PostRow, RowState, RowVersion};
use crate::locale::Locale;
use crate::post::{Digest, PostId, SourcePath, TextId};
use crate::store::postgres::{PostgresStore, decode};
use crate::store::{Result, StoreError};

/// The translations that blogctl wrote, and those that it did not.
#[derive(Default)]
pub struct Texts {
    entries: Vec<Entry>,
    foreign: Vec<ForeignRow>,
    /// True if untouched rows have another version than the one kept for them.
    pub stale_versions: bool,
}

/// Reads the translations. Streams the rows, so that they are held once.
pub async fn read(store: &PostgresStore) -> std::result::Result<Texts, Unread> {
    let no_parameters: [(i32, Type); 0] = [];
    let statement = &store.statements.index_translations;
    let rows = store.client().query_typed_raw(statement, no_parameters);
    let rows = rows.await?;
    pin_mut!(rows);
    let mut texts = Texts::default();
    while let Some(row) = rows.try_next().await? {
        let version: Option<i64> = decode::value(&row, "version").unwrap_or_default();
        let version = version.map(RowVersion);
        let written: Option<i32> = decode::value(&row, "post_id")
            .map_err(|words| damaged("a translation", "post_id", &words))?;
        match (written, version) {
            (None, None) => {}
            (None, Some(version)) => texts.foreign.extend(foreign(&row, version)),
            (Some(id), version) => {
                // Whatever is not plainly as it was written counts as edited.
                let intact = decode::value(&row, "intact") == Ok(Some(true));
                texts.stale_versions |=
                    intact && decode::value(&row, "untouched") == Ok(Some(false));
                texts
                    .entries
                    .push(entry(&row, id, row_state(version, intact))?);
            }
        }
    }
    Ok(texts)
}

/// Reads a row that blogctl did not write; `None` for a key or a locale that no file could state.
fn foreign(row: &Row, version: RowVersion) -> Option<ForeignRow> {
    Some(ForeignRow {
        id: decode::key(row, "row_id").ok()??,
        locale: Some(Locale::new(&decode::text(row, "row_locale")?)?),
        category: None,
        version,
    })
}

/// Reads what blogctl keeps of a translation that it wrote.
fn entry(row: &Row, id: i32, state: RowState) -> Result<Entry> {
    let text = format!("a translation of post {id}");
    let read = |column, words: String| damaged(&text, column, &words);
    let digest = |column| -> Result<Option<Digest>> {
        let bytes: Option<&[u8]> =
            decode::value(row, column).map_err(|words| read(column, words))?;
        let read = |bytes| {
            Digest::from_bytes(bytes).ok_or_else(|| read(column, "has a wrong length".into()))
        };
        bytes.map(read).transpose()
    };
    let needed = |column| digest(column)?.ok_or_else(|| read(column, "is NULL".into()));
    let locale: String = decode::value(row, "locale").map_err(|words| read("locale", words))?;
    let path: String = decode::value(row, "path").map_err(|words| read("path", words))?;
    Ok(Entry {
        id: PostId::new(id.into()).ok_or_else(|| read("post_id", "is below 1".into()))?,
        locale: Some(Locale::new(&locale).ok_or_else(|| read("locale", "is not a locale".into()))?),
        is_main: false,
        text_digest: Some(needed("text_digest")?),
        made_from: digest("made_from")?,
        path: SourcePath::new(path),
        file_digest: needed("file_digest")?,
        post_digest: needed("post_digest")?,
        stated: stated(row).map_err(|words| read("stated", words))?,
        has_others: false,
        category: None,
        terms_version: decode::value(row, "terms_version")
            .map_err(|words| read("terms_version", words))?,
        row: state,
    })
}

impl Texts {
    /// Makes the index of all texts from that of the posts.
    pub fn complete(mut self, store: &PostgresStore, posts: Index) -> Index {
        let mut index = Index {
            foreign: posts.foreign,
            ..Index::default()
        };
        let places = self.entries.iter().enumerate();
        let places: HashMap<TextId, usize> = places
            .map(|(place, text)| (text.text_id(), place))
            .collect();
        let locales = store.map().locales();
        let default = locales.map(|locales| locales.default_locale());
        for post in posts.entries {
            index.posts.push(PostRow {
                id: post.id,
                category: post.category.clone(),
                state: post.row,
            });
            let text = TextId {
                post: post.id,
                locale: post.locale.or(default),
            };
            match places.get(&text) {
                // What the line of the post says counts: its statement is the later.
                Some(place) if post.locale.is_some() => {
                    let text = &mut self.entries[*place];
                    text.is_main = true;
                    text.has_others = post.has_others;
                    text.stated = post.stated;
                    text.category = post.category;
                }
                // A text that has a record of its own is that.
                Some(_) => {}
                // A post from before the blog had locales.
                None => self.entries.push(Entry {
                    locale: text.locale,
                    row: RowState::Unwritten,
                    ..post
                }),
            }
        }
        index.foreign.extend(self.foreign);
        index.entries = self.entries;
        index
    }
}

/// A line of `blogctl.translation` that blogctl never wrote so.
fn damaged(text: &str, column: &str, words: &str) -> StoreError {
    StoreError::Tables {
        operation: super::OPERATION,
        what: format!("blogctl.translation: {column} of {text} {words}"),
        help: "delete this line of blogctl.translation: the translation then counts as one that \
            blogctl did not write, and `sync --force` takes it over",
        source: "another program wrote to blogctl's own tables".into(),
    }
}
