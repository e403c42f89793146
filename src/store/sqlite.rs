//! Posts in the embedded store: one SQLite file.
//!
//! Reading never makes a file: a store that is not there answers like one without tables.
//! Only [`Store::begin`](super::Store::begin) and
//! [`Store::apply_schema`](super::Store::apply_schema) make the file and its folder. Next to it
//! are `.blogctl-lock`, which one sync at a time holds, and while it is open SQLite's own `-wal`
//! and `-shm`.
//!
//! The file, or anything under these names, may come from a repository of somebody who means
//! harm: see `files`, `shape` and `bounds`.

mod bounds;
mod catalog;
mod connect;
mod copy;
mod doctor;
mod error;
mod extra;
mod files;
mod index;
mod list;
mod lock;
mod migrations;
mod rows;
mod schema;
mod search;
mod shape;
mod snapshot;
mod statements;
mod store;
mod terms;
mod transactions;
mod write;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, Transaction};

use super::{Result, StoreError};
use crate::interrupt::Interrupt;
use crate::locale::{Locale, Locales};
use crate::model::{SCHEMA_VERSION, SchemaState};

use bounds::Clock;
use connect::Opened;
pub use migrations::{SCHEMA, pending};

pub(super) use error::location;
pub(super) use files::is_same_file;
use transactions::read_transaction;

/// The bounds of a store's statements, and the locales of its blog.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    /// The time for a command's reading; zero is no limit.
    pub read_timeout: Duration,
    /// The time for one write of a sync; zero is no limit.
    pub write_timeout: Duration,
    /// The interrupt that ends a statement that is under way.
    pub interrupt: Interrupt,
    /// The locales of the blog; `None` in a blog without locales.
    pub locales: Option<Locales>,
    /// The locale to read, in a blog with locales; its default if none is named.
    pub locale: Option<Locale>,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            read_timeout: Duration::from_secs(5),
            write_timeout: Duration::from_secs(60),
            interrupt: Interrupt::never(),
            locales: None,
            locale: None,
        }
    }
}

/// A store in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    path: PathBuf,
    /// True if the file's folder is blogctl's own, and kept out of git.
    own_folder: bool,
    opened: Option<Opened>,
    /// `PRAGMA data_version` at the last [`Store::index`](super::Store::index): it changes with every commit by
    /// another connection.
    seen: Option<i64>,
    /// The locale that is read; `None` in a blog without locales.
    locale: Option<Locale>,
    options: SqliteOptions,
    clock: Clock,
}

impl SqliteStore {
    /// Opens the store in the file at `path`, which need not be there yet. Its folder may be
    /// reached through links, but neither the file nor what SQLite keeps next to it may be one.
    ///
    /// # Errors
    /// [`StoreError::Unreachable`] if there is something at `path`, or next to it, that is not
    /// SQLite's.
    pub fn open(path: &Path) -> Result<Self> {
        Self::open_with(path, SqliteOptions::default())
    }

    /// Opens the store in a file, with bounds.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with(path: &Path, options: SqliteOptions) -> Result<Self> {
        Self::new(path.to_owned(), false, options)
    }

    /// Opens the default store of a project, whose folder is blogctl's own: it is made with the
    /// first write, and keeps itself out of git.
    ///
    /// # Errors
    /// As [`Self::open`], and if the folder is a link.
    pub fn open_embedded(path: &Path, options: SqliteOptions) -> Result<Self> {
        Self::new(path.to_owned(), true, options)
    }

    fn new(path: PathBuf, own_folder: bool, options: SqliteOptions) -> Result<Self> {
        let default = options.locales.as_ref().map(Locales::default_locale);
        let mut store = Self {
            locale: default.map(|default| options.locale.unwrap_or(default)),
            path,
            own_folder,
            opened: None,
            seen: None,
            clock: Clock::new(options.interrupt.clone()),
            options,
        };
        store.reading_begins();
        let outcome = store.connected().map(drop);
        store.clock.judged(outcome)?;
        Ok(store)
    }

    /// The connection, if there is a file to connect to.
    fn connected(&mut self) -> Result<Option<&mut Connection>> {
        if self.opened.is_none() {
            self.opened = connect::existing(&self.path, self.own_folder, &self.clock)?;
        }
        Ok(self.opened.as_mut().map(|opened| &mut opened.connection))
    }

    fn reading_begins(&self) {
        self.clock.start(self.options.read_timeout);
    }

    /// Reads, in the time that reading may take.
    fn bounded<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.reading_begins();
        let outcome = read(self);
        let outcome = self.clock.judged(outcome)?;
        if self.opened.as_ref().is_some_and(Opened::has_thawed) {
            return Err(StoreError::Failed {
                operation: "read the store",
                source: "another program wrote to it meanwhile; run the command again".into(),
            });
        }
        Ok(outcome)
    }

    /// Reads in a transaction on tables of this version: all statements see one state.
    fn read<T>(
        &mut self,
        operation: &'static str,
        read: impl FnOnce(&Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        self.bounded(|store| read(&store.reading(operation)?))
    }

    /// A read transaction on tables of this version: all its statements see one state.
    fn reading(&mut self, operation: &'static str) -> Result<Transaction<'_>> {
        let own = self.own_folder;
        let location = location(&self.path);
        let absent = || StoreError::SchemaAbsent {
            location: location.clone(),
        };
        let connection = self.connected()?.ok_or_else(absent)?;
        let snapshot = read_transaction(connection, operation)?;
        match schema::state(&snapshot, own)? {
            SchemaState::Absent => Err(absent()),
            SchemaState::Version(SCHEMA_VERSION) => Ok(snapshot),
            SchemaState::Version(found) => Err(StoreError::SchemaVersion { location, found }),
        }
    }
}
