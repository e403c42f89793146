//! Opening the file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

#[cfg(unix)]
use rusqlite::FileControl;
use rusqlite::config::DbConfig;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::bounds::Clock;
use super::error::{io_failed, remedy, unreachable};
use super::files::{self, Identity};
use super::lock;
use crate::post::Digest;
use crate::store::{Result, StoreError};

/// The time that a read waits for a program that keeps the whole file locked.
pub(super) const READ_PATIENCE: Duration = Duration::from_secs(5);

/// Distinct statements of a sync, with room to spare.
const CACHED_STATEMENTS: usize = 32;

/// A connection, and the file that it is to.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) connection: Connection,
    place: Place,
    /// The state of a file that is read without locks, since none can be had.
    frozen: Option<Stamp>,
}

/// The path and the identity of an open file.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The path with all links in its folder followed.
    path: PathBuf,
    identity: Identity,
}

/// The properties that change when a file is written to: its length and its time of change.
type Stamp = (Identity, u64, Option<SystemTime>);

impl Opened {
    pub(super) fn place(&self) -> Place {
        self.place.clone()
    }

    /// Returns whether this can only ever read.
    pub(super) fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    /// Returns whether a file that is read without locks was written to since.
    pub(super) fn has_thawed(&self) -> bool {
        self.watch().has_thawed()
    }

    /// Returns what tells later whether the file was written to.
    pub(super) fn watch(&self) -> Watch {
        let frozen = self.frozen;
        Watch(frozen.map(|stamp| (self.place.path.clone(), stamp)))
    }
}

/// The state of a file that is read without locks; nothing for any other.
#[derive(Debug, Default)]
pub(super) struct Watch(Option<(PathBuf, Stamp)>);

impl Watch {
    /// Returns whether a file that is read without locks was written to since.
    pub(super) fn has_thawed(&self) -> bool {
        self.0.as_ref().is_some_and(|(path, frozen)| {
            Some(*frozen) != stamp(path) || files::leftover(path).is_some()
        })
    }
}

impl Place {
    /// Returns whether the path leads to another file by now, or to none.
    pub(super) fn is_left(&self) -> bool {
        Identity::at(&self.path) != Some(self.identity)
    }

    /// As [`Self::is_left`], and as SQLite sees it.
    pub(super) fn is_left_by(&self, connection: &Connection) -> bool {
        self.is_left() || says_moved(connection)
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let found = fs::symlink_metadata(path).ok()?;
    Some((Identity::of(&found), found.len(), found.modified().ok()))
}

#[cfg(unix)]
fn says_moved(connection: &Connection) -> bool {
    let mut moved = 0;
    let asked = connection.file_control(None::<&str>, FileControl::HasMoved(&mut moved));
    asked.is_ok() && moved != 0
}

#[cfg(not(unix))]
fn says_moved(_: &Connection) -> bool {
    false
}

/// Connects to a file that is there, or returns `None`. Where SQLite could only do so if it
/// were allowed to write, and nobody else writes, it is read as what cannot change.
pub(super) fn existing(path: &Path, own: bool, clock: &Clock) -> Result<Option<Opened>> {
    files::check(path, own)?;
    let Some(resolved) = resolved(path)? else {
        return Ok(None);
    };
    match fs::symlink_metadata(&resolved) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_failed(path, error)),
    }
    let error = match open(&resolved, Mode::Existing, clock) {
        Ok(opened) => return Ok(Some(opened)),
        Err(error) => error,
    };
    if !is_for_lack_of_permission(&error) {
        return Err(cannot_open(path, error));
    }
    if let Some(leftover) = files::leftover(&resolved) {
        let name = leftover.file_name().unwrap_or_default();
        let help = format!(
            "{0} holds changes that only somebody who may write in the folder can read; allow it, \
             or copy the database and {0} to where you may write, and name the copy with \
             `--database sqlite:PATH`",
            name.to_string_lossy()
        );
        return Err(unreachable(path, Some(&help), error));
    }
    match open(&resolved, Mode::Frozen, clock) {
        Ok(opened) => Ok(Some(opened)),
        Err(_) => Err(cannot_open(path, error)),
    }
}

/// Connects to the file, and makes it if it is not there.
pub(super) fn new_or_existing(path: &Path, own: bool, clock: &Clock) -> Result<Opened> {
    files::check(path, own)?;
    let Some(resolved) = resolved(path)? else {
        return Err(io_failed(path, io::ErrorKind::NotFound.into()));
    };
    open(&resolved, Mode::New, clock).map_err(|error| cannot_open(path, error))
}

fn resolved(path: &Path) -> Result<Option<PathBuf>> {
    files::resolved(path).map_err(|error| io_failed(path, error))
}

fn cannot_open(path: &Path, error: rusqlite::Error) -> StoreError {
    unreachable(path, remedy(&error), error)
}

/// The error of a file that can be read and not be written to.
pub(super) fn read_only(path: &Path) -> StoreError {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY);
    cannot_open(path, rusqlite::Error::SqliteFailure(code, None))
}

/// Returns whether reading alone may do. SQLite's shared memory is a file that it must be able to make:
/// where it cannot, the system's reason comes as one of these.
fn is_for_lack_of_permission(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{CannotOpen, DiskFull, PermissionDenied, ReadOnly, SystemIoFailure};
    matches!(
        error.sqlite_error_code(),
        Some(CannotOpen | DiskFull | PermissionDenied | ReadOnly | SystemIoFailure)
    )
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Existing,
    New,
    Frozen,
}

/// Connects to a path in whose folder is no link.
fn open(path: &Path, mode: Mode, clock: &Clock) -> rusqlite::Result<Opened> {
    let flags = OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let frozen = (mode == Mode::Frozen).then(|| stamp(path)).flatten();
    let mut connection = match mode {
        // Absolute, because SQLite gives names such as `:memory:` and `file:x` a meaning.
        Mode::Existing => {
            Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_READ_WRITE)
        }
        Mode::New => Connection::open_with_flags(
            path,
            flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        ),
        Mode::Frozen => Connection::open_with_flags(
            immutable(path),
            flags | OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI,
        ),
    }?;
    connection.busy_timeout(READ_PATIENCE)?;
    clock.bound(&mut connection)?;
    distrust(&connection)?;
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
    let identity = Identity::at(path);
    match identity {
        Some(identity) if !says_moved(&connection) => Ok(Opened {
            connection,
            place: Place {
                path: path.to_owned(),
                identity,
            },
            frozen,
        }),
        _ => Err(rusqlite::Error::InvalidPath(path.to_owned())),
    }
}

/// Has SQLite take the file for one that somebody else may have made to do harm.
fn distrust(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.pragma_update(None, "cell_size_check", true)
}

/// The path as an address that has SQLite use no locks and no files next to it.
fn immutable(path: &Path) -> String {
    let mut address = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                address.push(char::from(*byte));
            }
            _ => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address.push_str("?immutable=1");
    address
}

/// Digests its arguments, whatever they are: each with its type and its length first, so
/// that no two different rows feed the same bytes. NULLs at the end are left out: a column that
/// an upgrade adds changes no digest.
fn row_digest(context: &Context<'_>) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new();
    let mut field = |kind: u8, bytes: &[u8]| {
        hasher.update(&[kind]);
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    let is_null = |argument: &usize| context.get_raw(*argument) == ValueRef::Null;
    let trailing = (0..context.len()).rev().take_while(is_null).count();
    for argument in 0..context.len() - trailing {
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
/// Nothing is written through a link: the paths of a store in blogctl's own folder are looked
/// at before.
pub(super) fn make_folder(path: &Path, own: bool) -> Result<()> {
    files::check(path, own)?;
    lock::require_none_or_own(path)?;
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
        // Follows no link, not even one that leads nowhere.
        match fs::File::create_new(folder.join(".gitignore")) {
            Ok(mut file) => io::Write::write_all(&mut file, b"*\n"),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    });
    made.map_err(|error| io_failed(path, error))
}
