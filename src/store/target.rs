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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn server(address: &str) -> TargetKind {
        TargetKind::Postgres(SecretUrl::new(address))
    }

    fn file(path: &Path) -> TargetKind {
        TargetKind::Sqlite {
            path: path.to_owned(),
            embedded: false,
        }
    }

    #[test]
    fn a_database_is_the_same_whoever_connects_and_however_it_is_written() {
        let one = server("postgresql://me:hunter2@db.example/blog?sslmode=require");
        for same in [
            "postgresql://me:hunter2@db.example/blog?sslmode=require",
            "postgres://other@db.example:5432/blog",
            "host=db.example dbname=blog user=me",
        ] {
            assert!(one.is_same_store(&server(same)), "{same}");
        }
        for other in [
            "postgresql://me@db.example/other",
            "postgresql://me@db.example:5433/blog",
            "postgresql://me@other.example/blog",
            "postgresql://me@db.example,other.example/blog",
        ] {
            assert!(!one.is_same_store(&server(other)), "{other}");
        }
        assert!(!one.is_same_store(&file(Path::new("/blog"))));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_the_same_by_each_of_its_names() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::create_dir(path("sub")).unwrap();
        fs::write(path("sub/a.db"), "x").unwrap();
        fs::write(path("sub/b.db"), "x").unwrap();
        fs::hard_link(path("sub/a.db"), path("hard.db")).unwrap();
        std::os::unix::fs::symlink(path("sub"), path("link")).unwrap();
        let one = file(&path("sub/a.db"));
        for same in ["sub/a.db", "hard.db", "link/a.db"] {
            assert!(one.is_same_store(&file(&path(same))), "{same}");
        }
        assert!(!one.is_same_store(&file(&path("sub/b.db"))));
        assert!(!one.is_same_store(&file(&path("none.db"))));
        // Also where none of them is there yet.
        assert!(file(&path("sub/new.db")).is_same_store(&file(&path("link/new.db"))));
    }
}
