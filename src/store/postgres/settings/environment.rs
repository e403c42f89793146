//! The environment that completes a connection string: variables, files, and the system's user.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The directories where Postgres' packages put its sockets.
pub(super) const SOCKET_DIRECTORIES: [&str; 3] = ["/var/run/postgresql", "/run/postgresql", "/tmp"];

/// The sources of settings that a connection string leaves out. The default is empty.
#[derive(Clone, Default)]
pub struct Environment {
    /// The `PG*` variables of the process.
    pub variables: BTreeMap<String, OsString>,
    /// The home directory, with `.pgpass`, `.pg_service.conf` and `.postgresql/`.
    pub home: Option<PathBuf>,
    /// The system's user, which is the default user of the database.
    pub user: Option<String>,
    /// The directories to search for sockets if no host is given.
    pub socket_directories: Vec<PathBuf>,
}

impl Environment {
    /// Returns the environment of this process.
    pub fn current() -> Self {
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

    /// Returns a variable that is set and not empty.
    pub(super) fn variable(&self, name: &str) -> Option<&OsStr> {
        let value = self.variables.get(name)?;
        (!value.is_empty()).then_some(value)
    }
}
