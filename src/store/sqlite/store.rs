//! The contract of a store, kept by one SQLite file.

use std::time::Duration;

use super::error::{failed, location};
use super::transactions::{data_version, is_empty, read_transaction};
use super::write::SqliteTransaction;
use super::{SqliteStore, doctor, index, list, rows, schema, search, snapshot};
use crate::catalog::Catalog;
use crate::doctor::facts;
use crate::finding::CheckFinding;
use crate::index::Index;
use crate::locale::Locale;
use crate::model::{NameCount, Run, SCHEMA_VERSION, SchemaState};
use crate::page::{Filter, Page, Position, PostKey};
use crate::plan::Dependent;
use crate::post::{PostId, StoredPost};
use crate::store::{
    Begin, Candidate, Note, Reader, Result, SearchRequest, Snapshot, Store, StoreError,
    SyncTransaction, Text,
};

const CATEGORIES: &str = "
    SELECT category AS name, posts FROM blogctl_category_count
    WHERE posts > 0 ORDER BY posts DESC, category";

pub(super) const CATEGORIES_IN_LOCALE: &str = "
    SELECT category AS name, posts FROM blogctl_locale_category_count
    WHERE locale = ?1 AND posts > 0 ORDER BY posts DESC, category";

const TAGS: &str = "
    SELECT t.name, c.posts
    FROM blogctl_tag_count AS c JOIN tag AS t ON t.id = c.tag_id
    WHERE c.posts > 0 ORDER BY c.posts DESC, t.name";

pub(super) const TAGS_IN_LOCALE: &str = "
    SELECT t.name, c.posts
    FROM blogctl_locale_tag_count AS c CROSS JOIN tag AS t ON t.id = c.tag_id
    WHERE c.locale = ?1 AND c.posts > 0 ORDER BY c.posts DESC, t.name";

impl Reader for SqliteStore {
    fn location(&self) -> String {
        location(&self.path)
    }

    fn list(&mut self, filter: &Filter, position: Position) -> Result<Page<StoredPost>> {
        let locale = self.locale;
        self.read("list the posts", |snapshot| {
            list::page(snapshot, filter, position, locale)
        })
    }

    fn show(&mut self, key: PostKey<'_>) -> Result<Option<(StoredPost, String)>> {
        let locale = self.locale;
        self.read("read the post", |snapshot| {
            search::shown(snapshot, key, locale).map_err(failed(snapshot, "read the post"))
        })
    }

    fn search(&mut self, request: &SearchRequest) -> Result<Vec<Candidate>> {
        let locale = self.locale;
        self.read("search", |snapshot| {
            search::candidates(snapshot, request, locale)
        })
    }

    fn bodies(&mut self, ids: &[PostId]) -> Result<Vec<(PostId, String)>> {
        let locale = self.locale;
        self.read("read the posts", |snapshot| {
            search::bodies(snapshot, ids, locale)
        })
    }

    fn posts(
        &mut self,
        ids: &[PostId],
        locale: Option<Locale>,
    ) -> Result<Vec<(StoredPost, String)>> {
        let locale = self.read_locale(locale);
        self.read("read the posts", |snapshot| {
            search::posts(snapshot, ids, locale)
        })
    }

    fn texts(
        &mut self,
        ids: &[PostId],
        locales: &[Locale],
        with_content: bool,
    ) -> Result<Vec<Text>> {
        self.read("read the translations", |snapshot| {
            search::texts(snapshot, ids, locales, with_content)
        })
    }

    fn categories(&mut self, locale: Option<Locale>) -> Result<Vec<NameCount>> {
        let locale = self.read_locale(locale);
        self.read("read the categories", |snapshot| {
            let counts = match locale {
                None => rows::counts(snapshot, CATEGORIES, []),
                Some(locale) => rows::counts(snapshot, CATEGORIES_IN_LOCALE, [locale.as_str()]),
            };
            counts.map_err(failed(snapshot, "read the categories"))
        })
    }

    fn tags(&mut self, locale: Option<Locale>) -> Result<Vec<NameCount>> {
        let locale = self.read_locale(locale);
        self.read("read the tags", |snapshot| {
            let counts = match locale {
                None => rows::counts(snapshot, TAGS, []),
                Some(locale) => rows::counts(snapshot, TAGS_IN_LOCALE, [locale.as_str()]),
            };
            counts.map_err(failed(snapshot, "read the tags"))
        })
    }

    fn replica_state(&mut self) -> Result<facts::ReplicaState> {
        Ok(facts::ReplicaState {
            is_in_recovery: None,
            lag: None,
            generation: doctor::generation(self)?,
            primary_generation: None,
        })
    }
}

impl SqliteStore {
    /// Returns the locale to read if this one is asked for; `None` in a blog without locales.
    fn read_locale(&self, asked: Option<Locale>) -> Option<Locale> {
        self.locale.map(|own| asked.unwrap_or(own))
    }

    /// Reads the index, and what tells whether the file was written to since.
    fn index_and_version(&mut self) -> Result<Index> {
        let location = location(&self.path);
        let own = self.own_folder;
        let locales = self.options.locales.clone();
        self.seen = None;
        let Some(connection) = self.connected()? else {
            return Ok(Index::default());
        };
        let snapshot = read_transaction(connection, "read the index")?;
        let index = match schema::state(&snapshot, own)? {
            SchemaState::Absent => index::of_strangers(&snapshot, locales.is_some())?,
            SchemaState::Version(SCHEMA_VERSION) => index::read(&snapshot, locales.as_ref())?,
            SchemaState::Version(found) => {
                return Err(StoreError::SchemaVersion { location, found });
            }
        };
        // An empty file has no row to watch, and is about to change its mode, which counts.
        let empty = is_empty(&snapshot).map_err(failed(&snapshot, "read the index"))?;
        let seen = if empty {
            None
        } else {
            Some(data_version(&snapshot)?)
        };
        drop(snapshot);
        self.seen = seen;
        Ok(index)
    }
}

impl Store for SqliteStore {
    fn index(&mut self) -> Result<Index> {
        self.bounded(Self::index_and_version)
    }

    fn untracked_posts(
        &mut self,
        ids: &[PostId],
        locale: Option<Locale>,
    ) -> Result<Vec<(StoredPost, String)>> {
        let locale = self.read_locale(locale);
        self.bounded(|store| {
            let own = store.own_folder;
            let Some(connection) = store.connected()? else {
                return Ok(Vec::new());
            };
            let snapshot = read_transaction(connection, "read the posts")?;
            // Sees to it that the tables are tables.
            schema::state(&snapshot, own)?;
            search::untracked_posts(&snapshot, ids, locale)
        })
    }

    fn dependents(&mut self, _: &Index, _: &[PostId]) -> Result<Vec<Dependent>> {
        // The file's own tables have no foreign keys to posts that blogctl enforces.
        Ok(Vec::new())
    }

    fn snapshot(&mut self) -> Result<(Index, Box<dyn Snapshot + '_>)> {
        let (index, snapshot) = snapshot::open(self)?;
        Ok((index, Box::new(snapshot)))
    }

    fn begin(&mut self, begin: Begin) -> Result<Box<dyn SyncTransaction + '_>> {
        let location = self.location();
        let (seen, own, clock) = (self.seen, self.own_folder, self.clock.clone());
        let locales = self.options.locales.clone();
        let (transaction, guard) = clock.judged(self.writing(begin.lock_timeout))?;
        let generation = match schema::state(&transaction, own)? {
            SchemaState::Absent => None,
            SchemaState::Version(SCHEMA_VERSION) => Some(schema::generation(&transaction)?),
            SchemaState::Version(found) => {
                return Err(StoreError::SchemaVersion { location, found });
            }
        };
        // A commit by anyone else since the index was read may have changed any row.
        let moved = match seen {
            Some(seen) => data_version(&transaction)? != seen,
            None => false,
        };
        if moved || generation != begin.generation {
            return Err(StoreError::Stale);
        }
        if generation.is_none() {
            schema::apply(&transaction, SchemaState::Absent, &location)?;
        }
        Ok(Box::new(SqliteTransaction::new(
            transaction,
            guard,
            begin.now,
            locales,
        )))
    }

    fn history(&mut self, position: Position) -> Result<Page<Run>> {
        self.read("read the history", |snapshot| {
            rows::runs(snapshot, position).map_err(failed(snapshot, "read the history"))
        })
    }

    fn schema_state(&mut self) -> Result<SchemaState> {
        let own = self.own_folder;
        self.bounded(|store| match store.connected()? {
            Some(connection) => schema::state(connection, own),
            None => Ok(SchemaState::Absent),
        })
    }

    fn apply_schema(&mut self, lock_timeout: Duration) -> Result<SchemaState> {
        let location = self.location();
        let (own, clock) = (self.own_folder, self.clock.clone());
        let (transaction, guard) = clock.judged(self.writing(lock_timeout))?;
        let found = schema::state(&transaction, own)?;
        guard.bounded(|| schema::apply(&transaction, found, &location))?;
        guard.commit(transaction, "make the tables")?;
        Ok(found)
    }

    fn missing(&mut self, _: Duration) -> Result<Vec<String>> {
        doctor::missing_parts(self)
    }

    fn preflight(&mut self) -> Result<(SchemaState, Vec<CheckFinding>)> {
        Ok((self.schema_state()?, Vec::new()))
    }

    fn survey(&mut self) -> Result<Option<Catalog>> {
        Ok(None)
    }

    fn last_drawn_id(&mut self) -> Result<Option<PostId>> {
        Ok(None)
    }

    fn examine(&mut self) -> Result<facts::Store> {
        let found = doctor::examine(self)?;
        Ok(facts::Store::Sqlite(Box::new(found)))
    }

    fn notes(&self) -> &[Note] {
        &[]
    }
}
