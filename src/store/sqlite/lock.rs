//! One sync at a time.
//!
//! SQLite's own write lock would do, but says nothing of who holds it. The operating system's
//! lock on an empty file next to the database decides. The file has no content, so that nothing
//! is ever written to it: whatever else is at its path is refused and left as it is. A process
//! that ends loses its lock.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::error::{io_failed, unreachable};
use super::files::{self, Identity};
use crate::input_file::{self, Links, kind_name};
use crate::store::{Result, StoreError};

/// Time between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// A file that is not a lock, at the path of one.
#[derive(Debug, thiserror::Error)]
#[error("the lock {} {what}", .path.display())]
struct NotALock {
    path: PathBuf,
    what: String,
}

/// The lock, held until dropped. Its file stays: deleting it would let two processes lock two
/// files of one name.
#[derive(Debug)]
pub(super) struct SyncLock {
    file: File,
}

impl SyncLock {
    /// Takes the lock of the database at `database`.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if another process, or another store in this one, holds it for
    /// longer than `timeout`; [`StoreError::Unreachable`] if there is anything else than an
    /// empty file at the lock's path.
    pub(super) fn acquire(database: &Path, timeout: Duration) -> Result<Self> {
        let path = files::companion(database, files::LOCK);
        let started = Instant::now();
        let mut file = open(database, &path)?;
        loop {
            let left = timeout.saturating_sub(started.elapsed());
            match file.try_lock() {
                Ok(()) => {
                    let locked = file.metadata().map_err(|e| io_failed(database, e))?;
                    if Identity::at(&path) == Some(Identity::of(&locked)) {
                        return Ok(Self { file });
                    }
                    // Somebody deleted it meanwhile: a third would lock another file.
                    if left.is_zero() {
                        return Err(busy(None, started));
                    }
                    thread::sleep(PAUSE.min(left));
                    file = open(database, &path)?;
                }
                Err(TryLockError::WouldBlock) if left.is_zero() => {
                    return Err(busy(holder(&file), started));
                }
                Err(TryLockError::WouldBlock) => thread::sleep(PAUSE.min(left)),
                Err(TryLockError::Error(error)) => return Err(io_failed(database, error)),
            }
        }
    }
}

impl Drop for SyncLock {
    fn drop(&mut self) {
        // Closing the file is not enough: a program that another thread is just starting holds
        // a copy of it for a moment, and with it the lock.
        let _ = self.file.unlock();
    }
}

fn busy(holder: Option<String>, started: Instant) -> StoreError {
    StoreError::Busy {
        holder,
        waited: started.elapsed(),
    }
}

/// Opens the lock's file, and makes it if it is not there.
fn open(database: &Path, path: &Path) -> Result<File> {
    loop {
        // Never follows a link, not even one that leads nowhere.
        match OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(path)
        {
            Ok(file) => return Ok(file),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(io_failed(database, error)),
        }
        match open_existing(path) {
            Ok(file) => return Ok(file),
            // Deleted in between.
            Err(NotLocked::Io(error)) if error.kind() == io::ErrorKind::NotFound => {}
            Err(NotLocked::Io(error)) => return Err(io_failed(database, error)),
            Err(NotLocked::Foreign(what)) => return Err(not_a_lock(database, path, what)),
        }
    }
}

fn not_a_lock(database: &Path, path: &Path, what: String) -> StoreError {
    const MOVE: &str = "blogctl did not make it and leaves it alone: move it away, or name \
        another database with `--database sqlite:PATH`";
    let path = path.to_owned();
    unreachable(database, Some(MOVE), NotALock { path, what })
}

/// Fails if there is anything else than a lock at the lock's path, before anything is made.
///
/// # Errors
/// [`StoreError::Unreachable`].
pub(super) fn require_none_or_own(database: &Path) -> Result<()> {
    let path = files::companion(database, files::LOCK);
    match open_existing(&path) {
        Err(NotLocked::Foreign(what)) => Err(not_a_lock(database, &path, what)),
        _ => Ok(()),
    }
}

enum NotLocked {
    Foreign(String),
    Io(io::Error),
}

/// Opens a lock's file that is there, for reading where that is all that is allowed: a lock
/// over a network may need more.
fn open_existing(path: &Path) -> std::result::Result<File, NotLocked> {
    let foreign = |what: &str| Err(NotLocked::Foreign(format!("is {what}, not an empty file")));
    let found = path.symlink_metadata().map_err(NotLocked::Io)?;
    if !found.is_file() {
        return foreign(kind_name(found.file_type()));
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    input_file::without_waiting(&mut options, Links::Refuse);
    let file = match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            options.write(false).open(path)
        }
        opened => opened,
    };
    let file = file.map_err(NotLocked::Io)?;
    let found = file.metadata().map_err(NotLocked::Io)?;
    if !found.is_file() {
        return foreign(kind_name(found.file_type()));
    }
    if found.len() > 0 {
        return foreign("a file with content");
    }
    Ok(file)
}

/// Names who holds the lock at this moment, if anybody does. Makes no file.
pub(super) fn current_holder(database: &Path) -> Option<String> {
    let file = open_existing(&files::companion(database, files::LOCK)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            Some(holder(&file).unwrap_or_else(|| "another process".to_owned()))
        }
        Ok(()) => {
            let _ = file.unlock();
            None
        }
        Err(TryLockError::Error(_)) => None,
    }
}

/// Names the process that holds a lock on the file, where the system says so.
#[cfg(target_os = "linux")]
fn holder(file: &File) -> Option<String> {
    /// More locks than that are not looked through.
    const LONGEST: u64 = 1 << 20;
    let (inode, device) = Identity::of(&file.metadata().ok()?).parts();
    let mut table = String::new();
    let locks = File::open("/proc/locks").ok()?;
    io::Read::read_to_string(&mut io::Read::take(locks, LONGEST), &mut table).ok()?;
    let process = holding(&table, inode, device)?;
    Some(format!("process {process}"))
}

#[cfg(not(target_os = "linux"))]
fn holder(_: &File) -> Option<String> {
    None
}

/// Finds the process in a table such as `1: FLOCK ADVISORY WRITE 4711 fd:01:1234 0 EOF`. Some
/// file systems number themselves otherwise there; then a file's own number has to do, if it
/// is there once.
#[cfg(target_os = "linux")]
fn holding(table: &str, inode: u64, device: u64) -> Option<u32> {
    let device = format!("{:02x}:{:02x}", libc::major(device), libc::minor(device));
    let mut same_inode = Vec::new();
    for line in table.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        // One who waits has an arrow before the kind.
        let [_, "FLOCK", _, "WRITE", process, place, ..] = words[..] else {
            continue;
        };
        // A process of another name space is 0 or less here.
        let Some(process) = process.parse().ok().filter(|process| *process > 0) else {
            continue;
        };
        let Some((at, number)) = place.rsplit_once(':') else {
            continue;
        };
        if number.parse() == Ok(inode) {
            if at == device {
                return Some(process);
            }
            same_inode.push(process);
        }
    }
    match same_inode[..] {
        [process] => Some(process),
        _ => None,
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_holder_is_found_by_device_and_number() {
        let table = "1: FLOCK  ADVISORY  WRITE 7 fd:01:40 0 EOF\n\
            2: FLOCK  ADVISORY  WRITE 8 fd:02:40 0 EOF\n\
            2: -> FLOCK  ADVISORY  WRITE 9 fd:02:40 0 EOF\n\
            3: POSIX  ADVISORY  WRITE 10 fd:02:41 0 EOF\n\
            4: FLOCK  ADVISORY  WRITE 0 fd:02:42 0 EOF\n\
            5: FLOCK  ADVISORY  WRITE 11 00:2f:43 0 EOF\n\
            nonsense\n";
        let device = libc::makedev(0xfd, 2);
        assert_eq!(holding(table, 40, device), Some(8));
        assert_eq!(holding(table, 40, libc::makedev(1, 1)), None);
        assert_eq!(holding(table, 41, device), None);
        assert_eq!(holding(table, 42, device), None);
        assert_eq!(holding(table, 43, device), Some(11));
    }
}
