//! Reads what the walk found: hashes all of it, and parses a file at a time.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::tz::TimeZone;
use rayon::prelude::*;

use super::reader::{self, Reading};
use super::walk::{self, Found, Stamp, Walked};
use super::{Parsed, ScanError, ScannedFile, Settings, Snapshot, rules};
use crate::diagnostic::Diagnostic;
use crate::post::{Digest, Post};

/// The most bytes that a file may have: 16 MiB.
pub const MAX_FILE: u64 = 16 * 1024 * 1024;

/// Part of every file's digest. To be raised with every change of what a file's bytes mean,
/// so that the next sync reads all files anew.
const READER_VERSION: u8 = 2;

/// Why a scanned file could not be read again.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is not the file that was scanned: scan again.
    #[error("{} changed while it was being read", .path.display())]
    Changed {
        /// Where it is.
        path: PathBuf,
    },

    /// It has errors, which [`parse`] reports.
    #[error("{} has errors", .path.display())]
    Invalid {
        /// Where it is.
        path: PathBuf,
    },

    /// The system refuses.
    #[error("cannot read {}", .path.display())]
    Io {
        /// Where it is.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Walks `path`, a directory or one file of the project, and hashes every post's file, on
/// all cores. Memory does not grow with the files' sizes.
///
/// `progress` is told how many files are done, from any thread, as each is.
///
/// # Errors
/// [`ScanError`] if there is nothing to scan at `path`. What is wrong with single files
/// stands in [`Snapshot::problems`].
pub fn scan(
    settings: &Settings,
    path: &Path,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Snapshot, ScanError> {
    let Walked {
        scope,
        files,
        mut problems,
    } = walk::walk(settings, path)?;
    let done = AtomicU64::new(0);
    let zone = zone_identity(&settings.time_zone);
    let hashed: Vec<Option<Result<ScannedFile, Diagnostic>>> = files
        .into_par_iter()
        .map(|found| {
            let hashed = hash(&zone, found);
            progress(done.fetch_add(1, Ordering::Relaxed) + 1);
            hashed
        })
        .collect();
    let mut files = Vec::with_capacity(hashed.len());
    for file in hashed.into_iter().flatten() {
        match file {
            Ok(file) => files.push(file),
            Err(problem) => problems.push(problem),
        }
    }
    problems.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Snapshot {
        scope,
        files,
        problems,
    })
}

/// Hashes one file; `None` if it was removed since the walk.
fn hash(zone: &str, found: Found) -> Option<Result<ScannedFile, Diagnostic>> {
    let Found { path, location, .. } = found;
    let too_large = |size: u64| {
        let message = format!(
            "the file is {:.1} MiB; a post may have at most 16 MiB",
            size as f64 / (1024.0 * 1024.0)
        );
        let help = "split the post; images and other data go in files of their own";
        walk::problem(rules::FILE_SIZE, &path, message, help)
    };
    if found.stamp.size > MAX_FILE {
        return Some(Err(too_large(found.stamp.size)));
    }
    let hashed = File::open(&location).and_then(|file| {
        // From the open file, before its first byte: what changes later shows in `unmoved`.
        let stamp = Stamp::from(&file.metadata()?);
        let mut hasher = hasher(zone);
        // A file that grows meanwhile is caught when it is read again.
        hasher.update_reader(file.take(MAX_FILE))?;
        Ok((stamp, Digest::from(&hasher)))
    });
    match hashed {
        Ok((stamp, _)) if stamp.size > MAX_FILE => Some(Err(too_large(stamp.size))),
        Ok((stamp, digest)) => Some(Ok(ScannedFile {
            path,
            location,
            digest,
            size: stamp.size,
            stamp,
        })),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            let (rule, message, help) = walk::unreadable(&error);
            Some(Err(walk::problem(rule, &path, message, help)))
        }
    }
}

/// Reads a scanned file again and checks all of it, but keeps no body.
///
/// # Errors
/// [`LoadError::Changed`] if the file is not the one that was scanned; [`LoadError::Io`].
/// What is wrong with its content stands in [`Parsed::diagnostics`].
pub fn parse(settings: &Settings, file: &ScannedFile) -> Result<Parsed, LoadError> {
    let bytes = verified(settings, file)?;
    let reading = reader::read(settings, &file.path, &bytes);
    Ok(Parsed {
        id: reading.id,
        id_spot: reading.id_spot,
        draft: reading.draft,
        post_digest: reading.post.map(|(post, body)| post.digest(&body)),
        category: reading.category,
        diagnostics: reading.diagnostics,
        unknown_keys: reading.unknown_keys,
        more_unknown_keys: reading.more_unknown_keys,
    })
}

/// Reads a scanned file again, for writing it: the post, and its body with LF line ends.
///
/// # Errors
/// [`LoadError::Changed`] if the file is not the one that was scanned;
/// [`LoadError::Invalid`] if [`parse`] would report an error; [`LoadError::Io`].
pub fn load(settings: &Settings, file: &ScannedFile) -> Result<(Post, String), LoadError> {
    let bytes = verified(settings, file)?;
    let Reading { post, .. } = reader::read(settings, &file.path, &bytes);
    let (post, body) = post.ok_or_else(|| LoadError::Invalid {
        path: file.location.clone(),
    })?;
    Ok((post, body.into_owned()))
}

/// Tells whether nothing was added, removed or touched since the scan of the same `path`.
/// Reads no file: compares paths, sizes, times of change and inodes.
///
/// # Errors
/// [`ScanError`] if `path` cannot be walked any more.
pub fn unmoved(settings: &Settings, snapshot: &Snapshot, path: &Path) -> Result<bool, ScanError> {
    let walked = walk::walk(settings, path)?;
    let same = |(found, file): (&Found, &ScannedFile)| {
        found.path == file.path && found.location == file.location && found.stamp == file.stamp
    };
    // Files with problems are not in the snapshot; with an error among them nothing is
    // written, and a warning's file is in both.
    Ok(walked.scope == snapshot.scope
        && walked.files.len() == snapshot.files.len()
        && walked.files.iter().zip(&snapshot.files).all(same))
}

/// Reads a file whose digest still stands.
fn verified(settings: &Settings, file: &ScannedFile) -> Result<Vec<u8>, LoadError> {
    let path = || file.location.clone();
    let io = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => LoadError::Changed { path: path() },
        _ => LoadError::Io {
            path: path(),
            source,
        },
    };
    let mut bytes = Vec::with_capacity(usize::try_from(file.size).unwrap_or(0) + 1);
    File::open(&file.location)
        .and_then(|handle| handle.take(file.size + 1).read_to_end(&mut bytes))
        .map_err(io)?;
    let mut hasher = hasher(&zone_identity(&settings.time_zone));
    hasher.update(&bytes);
    if Digest::from(&hasher) == file.digest {
        Ok(bytes)
    } else {
        Err(LoadError::Changed { path: path() })
    }
}

/// A hasher that has taken in what changes the meaning of a file's bytes. Categories are
/// not in it: a store knows each post's, so a changed list is checked without reading files.
fn hasher(zone: &str) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[READER_VERSION]);
    // The length first: no zone and file together feed the same bytes as another pair.
    hasher.update(&(zone.len() as u64).to_le_bytes());
    hasher.update(zone.as_bytes());
    hasher
}

/// What tells a zone from others, the same on every machine.
fn zone_identity(zone: &TimeZone) -> String {
    match (zone.iana_name(), zone.to_fixed_offset()) {
        (Some(name), _) => name.to_owned(),
        (None, Ok(offset)) => offset.to_string(),
        (None, Err(_)) => format!("{zone:?}"),
    }
}
