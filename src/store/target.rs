//! The address of a store of either kind.

use std::fmt;
use std::path::PathBuf;

use super::address::SecretUrl;
use super::{postgres, sqlite};
use crate::model::SchemaState;
use crate::tables::TableMap;

/// A kind of store and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetKind {
    /// A Postgres database.
    Postgres(SecretUrl),
    /// A database file.
    Sqlite {
        /// An absolute path.
        path: PathBuf,
        /// True for the default store of a project, whose folder is created if it is missing
        /// and keeps itself out of git.
        embedded: bool,
    },
}

impl TargetKind {
    /// Returns true if both addresses lead to one store, as far as they tell: the same file, or the
    /// same database at the same hosts.
    pub fn is_same_store(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Postgres(one), Self::Postgres(other)) => {
                postgres::settings::is_same_database(one.expose(), other.expose())
            }
            (Self::Sqlite { path: one, .. }, Self::Sqlite { path: other, .. }) => {
                one == other || sqlite::is_same_file(one, other)
            }
            _ => false,
        }
    }

    /// Returns the dialect of SQL that the store speaks.
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres(_) => Dialect::Postgres,
            Self::Sqlite { .. } => Dialect::Sqlite,
        }
    }
}

/// Shows the address without a password.
impl fmt::Display for TargetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(url) => url.fmt(f),
            Self::Sqlite { path, .. } => f.write_str(&sqlite::location(path)),
        }
    }
}

/// A dialect of SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// That of Postgres.
    Postgres,
    /// That of SQLite.
    Sqlite,
}

impl Dialect {
    /// Returns the SQL that makes the tables.
    pub fn schema(self, map: &TableMap) -> String {
        match self {
            Self::Postgres => postgres::schema(map),
            Self::Sqlite => sqlite::SCHEMA.to_owned(),
        }
    }

    /// Returns the SQL of the migrations that tables in this state still need; empty for those
    /// of the newest version or a later one.
    pub fn pending(self, found: SchemaState, map: &TableMap) -> String {
        match self {
            Self::Postgres => postgres::pending(found, map),
            Self::Sqlite => sqlite::pending(found),
        }
    }
}
