//! Opening the file.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::error::{remedy, unreachable};
use crate::post::Digest;
use crate::store::{Result, StoreError};

/// How long a read waits for a program that keeps the whole file locked.
pub(super) const READ_PATIENCE: Duration = Duration::from_secs(5);

/// Distinct statements of a sync, with room to spare.
const CACHED_STATEMENTS: usize = 32;

/// Where the store is, for users.
pub(super) fn location(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

/// Connects to a file that is there, or returns `None`.
pub(super) fn existing(path: &Path) -> Result<Option<Connection>> {
    match fs::metadata(path) {
        Ok(_) => connect(path, OpenFlags::empty()).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreachable(path, Some(CHECK_PATH), error)),
    }
}

/// Connects to the file, and makes it if it is not there.
pub(super) fn new_or_existing(path: &Path) -> Result<Connection> {
    connect(path, OpenFlags::SQLITE_OPEN_CREATE)
}

const CHECK_PATH: &str = "check that the path is right and that you may read and write there, or name another \
     with `--database sqlite:PATH`";

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    if path.is_dir() {
        let error = io::Error::from(io::ErrorKind::IsADirectory);
        return Err(unreachable(path, Some("name a file, not a folder"), error));
    }
    let open = || {
        // Absolute, because SQLite gives names such as `:memory:` and `file:x` a meaning.
        let absolute =
            std::path::absolute(path).map_err(|_| rusqlite::Error::InvalidPath(path.to_owned()))?;
        let connection = Connection::open_with_flags(
            absolute,
            flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.busy_timeout(READ_PATIENCE)?;
        connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.create_scalar_function(
            "blogctl_row_digest",
            -1,
            FunctionFlags::SQLITE_UTF8
                | FunctionFlags::SQLITE_DETERMINISTIC
                | FunctionFlags::SQLITE_DIRECTONLY,
            |context| Ok(row_digest(context)),
        )?;
        // The first read is what tells a database from any other file.
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(connection)
    };
    open().map_err(|error: rusqlite::Error| unreachable(path, remedy(&error), error))
}

/// Digests its arguments, whatever they are: each with its type and its length first, so
/// that no two different rows feed the same bytes.
fn row_digest(context: &Context<'_>) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new();
    let mut field = |kind: u8, bytes: &[u8]| {
        hasher.update(&[kind]);
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    for argument in 0..context.len() {
        match context.get_raw(argument) {
            ValueRef::Null => field(0, &[]),
            ValueRef::Integer(value) => field(1, &value.to_le_bytes()),
            ValueRef::Real(value) => field(2, &value.to_le_bytes()),
            ValueRef::Text(value) => field(3, value),
            ValueRef::Blob(value) => field(4, value),
        }
    }
    Digest::from(&hasher).as_bytes().to_vec()
}

/// Makes the folder that the file goes into. blogctl's own folder tells git to pass it by.
pub(super) fn make_folder(path: &Path, own: bool) -> Result<()> {
    let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    else {
        return Ok(());
    };
    let made = fs::create_dir_all(folder).and_then(|()| {
        if !own {
            return Ok(());
        }
        match fs::File::create_new(folder.join(".gitignore")) {
            Ok(mut file) => io::Write::write_all(&mut file, b"*\n"),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    });
    made.map_err(|error| unreachable(path, Some(CHECK_PATH), error))
}

/// The help for an error of the file system beside the database itself.
pub(super) fn beside(path: &Path, error: io::Error) -> StoreError {
    unreachable(path, Some(CHECK_PATH), error)
}
