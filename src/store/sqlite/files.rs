//! The files of a store, and what may be at their paths.
//!
//! SQLite keeps a journal, a log and shared memory next to the database, under names made from
//! the database's; blogctl adds a lock. A cloned repository can hold anything under these names,
//! and a person can have a file of their own there. SQLite follows links in part, and deletes
//! or overwrites what it takes for a log of its own, so everything is looked at before SQLite
//! is.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::error::{CHECK_PATH, unreachable};
use crate::input_file::{self, Links, kind_name};
use crate::store::Result;

/// The ending that makes the lock's name of the database's: no other program uses it.
pub(super) const LOCK: &str = ".blogctl-lock";
const JOURNAL: &str = "-journal";
const LOG: &str = "-wal";
const SHARED_MEMORY: &str = "-shm";
const COMPANIONS: [&str; 4] = [JOURNAL, LOG, SHARED_MEMORY, LOCK];

/// The first bytes of a rollback journal, and its last ones where it names another file.
const JOURNAL_MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
/// The first bytes of a write-ahead log; the last bit is the byte order of its checksums.
const LOG_MAGIC: [[u8; 4]; 2] = [[0x37, 0x7f, 0x06, 0x82], [0x37, 0x7f, 0x06, 0x83]];

/// A path of the store at which there is something that blogctl does not touch.
#[derive(Debug, thiserror::Error)]
#[error("{} {what}", .path.display())]
struct Refused {
    path: PathBuf,
    what: String,
}

/// A file, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// Identifies an open file, or one at a path, by its metadata. Elsewhere than on Unix all
    /// files are alike, and the system lets nobody replace one that is open.
    pub(super) fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            Self {
                device: metadata.dev(),
                inode: metadata.ino(),
            }
        }
        #[cfg(not(unix))]
        {
            let _ = metadata;
            Self {
                device: 0,
                inode: 0,
            }
        }
    }

    /// Identifies the file at a path, which is not followed if it is a link.
    pub(super) fn at(path: &Path) -> Option<Self> {
        fs::symlink_metadata(path).ok().as_ref().map(Self::of)
    }

    /// The number of the file within its file system, and that of the file system.
    #[cfg(target_os = "linux")]
    pub(super) fn parts(self) -> (u64, u64) {
        (self.inode, self.device)
    }
}

/// Returns true if two paths lead to one file, which need not be there yet.
pub(in crate::store) fn is_same_file(one: &Path, other: &Path) -> bool {
    let resolved = |path: &Path| match path.canonicalize() {
        Ok(path) => Some(path),
        Err(_) => Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?)),
    };
    let identity = |path: &Path| fs::metadata(path).ok().as_ref().map(Identity::of);
    // A file may have two names.
    let is_one = cfg!(unix) && identity(one).is_some_and(|found| Some(found) == identity(other));
    is_one || resolved(one).is_some_and(|found| Some(found) == resolved(other))
}

/// The path of one of the files next to the database.
pub(super) fn companion(database: &Path, suffix: &str) -> PathBuf {
    let mut path = OsString::from(database);
    path.push(suffix);
    path.into()
}

/// All paths of a store, the database first.
pub(super) fn all(database: &Path) -> impl Iterator<Item = PathBuf> {
    let companions = COMPANIONS.map(|suffix| companion(database, suffix));
    std::iter::once(database.to_owned()).chain(companions)
}

/// Returns whether SQLite left something that only it can read: changes in the log, or a transaction
/// to take back.
pub(super) fn leftover(database: &Path) -> Option<PathBuf> {
    [LOG, JOURNAL]
        .map(|suffix| companion(database, suffix))
        .into_iter()
        .find(|path| fs::symlink_metadata(path).is_ok_and(|found| found.len() > 0))
}

/// Refuses a store if there is anything else than a regular file at one of its paths, or if its
/// log or journal is not SQLite's. `own` says that the folder is blogctl's, too. Opens
/// neither the database nor the shared memory: closing either would take away SQLite's locks.
///
/// # Errors
/// [`StoreError::Unreachable`](crate::store::StoreError::Unreachable), which names the path.
pub(super) fn check(database: &Path, own: bool) -> Result<()> {
    const REMOVE: &str = "move it away, or name another database with `--database sqlite:PATH`";
    let refuse = |path: &Path, what: String| {
        let path = path.to_owned();
        Err(unreachable(database, Some(REMOVE), Refused { path, what }))
    };
    if own && let Some(folder) = database.parent() {
        if let Some(found) = look(database, folder)?
            && !found.is_dir()
        {
            let what = format!("is {}, not a directory", kind_name(found.file_type()));
            return refuse(folder, what);
        }
        let ignore = folder.join(".gitignore");
        if let Some(found) = look(database, &ignore)?
            && !found.is_file()
        {
            let what = format!("is {}, not a regular file", kind_name(found.file_type()));
            return refuse(&ignore, what);
        }
    }
    for path in all(database) {
        if let Some(found) = look(database, &path)?
            && !found.is_file()
        {
            if found.is_dir() && path == database {
                let error = io::Error::from(io::ErrorKind::IsADirectory);
                return Err(unreachable(
                    database,
                    Some("name a file, not a folder"),
                    error,
                ));
            }
            let what = format!("is {}, not a regular file", kind_name(found.file_type()));
            return refuse(&path, what);
        }
    }
    for (suffix, judge) in [(JOURNAL, journal as Judge), (LOG, log as Judge)] {
        let path = companion(database, suffix);
        if let Some(what) = judge(&path).map_err(|e| unreachable(database, Some(CHECK_PATH), e))? {
            return refuse(&path, what.to_owned());
        }
    }
    let memory = companion(database, SHARED_MEMORY);
    // SQLite makes it 3 bytes long, then grows it by whole pages.
    if let Some(found) = look(database, &memory)?
        && found.len() > 3
        && found.len() % 4096 != 0
    {
        return refuse(&memory, "is not SQLite's shared memory".to_owned());
    }
    Ok(())
}

/// Returns the metadata of what is at a path, if anything is.
fn look(database: &Path, path: &Path) -> Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreachable(database, Some(CHECK_PATH), error)),
    }
}

/// Says what is wrong with a file that SQLite would take for its own.
type Judge = fn(&Path) -> io::Result<Option<&'static str>>;

/// A journal is empty, zeroed or begins with its mark. One that ends with the mark names a
/// further file, which SQLite would delete as it takes the transaction back; blogctl never
/// writes to two databases at once, and so never leaves one.
fn journal(path: &Path) -> io::Result<Option<&'static str>> {
    let Some((first, last)) = ends::<8>(path)? else {
        return Ok(None);
    };
    if first != JOURNAL_MAGIC && first != [0; 8] {
        return Ok(Some("is not a journal of SQLite"));
    }
    if first == JOURNAL_MAGIC && last.is_some_and(|last| last == JOURNAL_MAGIC) {
        return Ok(Some("is of a transaction over several databases"));
    }
    Ok(None)
}

/// A log is empty, zeroed or begins with its mark.
fn log(path: &Path) -> io::Result<Option<&'static str>> {
    Ok(match ends::<4>(path)? {
        Some((first, _)) if first != [0; 4] && !LOG_MAGIC.contains(&first) => {
            Some("is not a log of SQLite")
        }
        _ => None,
    })
}

type Ends<const N: usize> = ([u8; N], Option<[u8; N]>);

/// The first bytes of a file, padded with spaces, and the last if the file is longer; `None` if there
/// is no file, it is empty, or it cannot be read: then SQLite cannot use it either.
fn ends<const N: usize>(path: &Path) -> io::Result<Option<Ends<N>>> {
    let Ok((mut file, metadata)) = input_file::open(path, Links::Refuse) else {
        return Ok(None);
    };
    let mut first = [b' '; N];
    let mut at = 0;
    while at < N {
        match file.read(&mut first[at..])? {
            0 => break,
            read => at += read,
        }
    }
    if at == 0 {
        return Ok(None);
    }
    let mut last = None;
    if metadata.len() >= 2 * N as u64 {
        let mut bytes = [0; N];
        file.seek(SeekFrom::End(-(N as i64)))?;
        file.read_exact(&mut bytes)?;
        last = Some(bytes);
    }
    Ok(Some((first, last)))
}

/// The path with all links in its folder followed, for SQLite, which then follows none; `None`
/// where the folder is not there.
pub(super) fn resolved(path: &Path) -> io::Result<Option<PathBuf>> {
    let absolute = std::path::absolute(path)?;
    let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name()) else {
        return Err(io::ErrorKind::IsADirectory.into());
    };
    match folder.canonicalize() {
        Ok(folder) => Ok(Some(folder.join(name))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Those of a store's files, and its folder, that others than their owner may write to.
pub(super) fn open_to_others(database: &Path) -> Vec<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let folder = database.parent().map(Path::to_owned);
        let paths = folder.into_iter().chain(all(database));
        paths
            .filter_map(|path| {
                let found = fs::symlink_metadata(&path).ok()?;
                let mode = found.mode();
                // Many systems give each user a group of their own, by the same number.
                let by_group = mode & 0o020 != 0 && found.gid() != found.uid();
                (by_group || mode & 0o002 != 0)
                    .then(|| format!("{} (mode {:03o})", path.display(), mode & 0o7777))
            })
            .collect()
    }
    #[cfg(not(unix))]
    {
        let _ = database;
        Vec::new()
    }
}
