//! One sync at a time.
//!
//! SQLite's own write lock would do, but says nothing of who holds it. The operating
//! system's lock on a file beside the database decides; the file's text only tells whom one
//! waits for. A process that dies loses its lock, and what it left in the file means
//! nothing.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::connect::beside;
use crate::store::{Result, StoreError};

/// Time between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// The longest text about a holder that is read, in bytes.
const HOLDER_MAX: u64 = 300;

/// The lock, held until dropped.
#[derive(Debug)]
pub(super) struct SyncLock {
    file: File,
}

impl SyncLock {
    /// Takes the lock of the database at `database`.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if another process, or another store in this one, holds it for
    /// longer than `timeout`.
    pub(super) fn acquire(database: &Path, timeout: Duration) -> Result<Self> {
        let path = lock_path(database);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(|error| beside(database, error))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if started.elapsed() >= timeout => {
                    return Err(StoreError::Busy {
                        holder: holder(&path),
                        waited: started.elapsed(),
                    });
                }
                Err(TryLockError::WouldBlock) => {
                    thread::sleep(PAUSE.min(timeout.saturating_sub(started.elapsed())));
                }
                Err(TryLockError::Error(error)) => return Err(beside(database, error)),
            }
        }
        let lock = Self { file };
        lock.sign();
        Ok(lock)
    }

    /// Says who holds the lock. Failing to is no reason not to sync.
    fn sign(&self) {
        let words = format!(
            "process {} of {}, since {}",
            std::process::id(),
            who(),
            Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC"),
        );
        let _ = self.file.set_len(0);
        let _ = (&self.file).write_all(words.as_bytes());
    }
}

impl Drop for SyncLock {
    fn drop(&mut self) {
        // The file stays: deleting it would let two processes lock two files of one name.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

fn lock_path(database: &Path) -> PathBuf {
    let mut path = OsString::from(database);
    path.push(".lock");
    path.into()
}

/// Who holds the lock at this moment, if anybody does. Makes no file.
pub(super) fn current_holder(database: &Path) -> Option<String> {
    let path = lock_path(database);
    let file = File::open(&path).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            Some(holder(&path).unwrap_or_else(|| "another process".to_owned()))
        }
        // Given back as the file is closed.
        _ => None,
    }
}

/// What the holder wrote, on one line and without control characters.
fn holder(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(HOLDER_MAX).read_to_end(&mut bytes).ok()?;
    let words: String = String::from_utf8_lossy(&bytes)
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    Some(words).filter(|words| !words.is_empty())
}

/// `user@host`, as far as the environment says.
fn who() -> String {
    let user = ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .find_map(|name| env::var(name).ok())
        .unwrap_or_else(|| "an unknown user".to_owned());
    let host = fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .or_else(|| env::var("HOSTNAME").ok())
        .or_else(|| env::var("COMPUTERNAME").ok());
    match host {
        Some(host) => format!("{user}@{}", host.trim()),
        None => user,
    }
}
