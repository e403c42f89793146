//! What counts beside a connection string: variables, files, who runs the process.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Where Postgres' packages put its sockets.
pub(super) const SOCKET_DIRECTORIES: [&str; 3] = ["/var/run/postgresql", "/run/postgresql", "/tmp"];

/// What a connection string's gaps are filled from. The default is nothing at all.
#[derive(Clone, Default)]
pub struct Surroundings {
    /// The variables of the environment that concern Postgres.
    pub variables: BTreeMap<String, OsString>,
    /// Where `.pgpass`, `.pg_service.conf` and `.postgresql/` are.
    pub home: Option<PathBuf>,
    /// The name of the system's user, which libpq takes for that of the database's.
    pub user: Option<String>,
    /// Where sockets are looked for when no host is named.
    pub socket_directories: Vec<PathBuf>,
}

impl Surroundings {
    /// Looks at the process's environment and its user.
    pub fn of_this_process() -> Self {
        let is_postgres = |name: &OsString| name.to_str().is_some_and(|n| n.starts_with("PG"));
        let variables = env::vars_os().filter(|(name, _)| is_postgres(name));
        Self {
            variables: variables
                .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
                .collect(),
            home: env::home_dir().filter(|home| !home.as_os_str().is_empty()),
            user: whoami::username().ok(),
            socket_directories: SOCKET_DIRECTORIES.map(PathBuf::from).to_vec(),
        }
    }

    /// A variable that is set to something.
    pub(super) fn variable(&self, name: &str) -> Option<&OsStr> {
        let value = self.variables.get(name)?;
        (!value.is_empty()).then_some(value)
    }
}
