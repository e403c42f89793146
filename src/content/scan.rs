//! Reads what the walk found: hashes all of it, and parses a file at a time.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::findings;
use super::found::{Found, Walked};
use super::read_settings::ReadSettings;
use super::reader::{self, Reading};
use super::scan_error::ScanError;
use super::snapshot::{ScannedFile, Snapshot};
use super::stamp::Stamp;
use super::translations::SharedValue;
use super::walk;
use crate::finding::{Finding, Level, Location, rules};
use crate::input_file::{self, Links, ReadError};
use crate::key_map::ReadField;
use crate::locale::Locale;
use crate::post::{Digest, Post, PostId, TextId};

/// The most bytes that a file may have: 16 MiB.
pub const MAX_FILE: u64 = 16 * 1024 * 1024;

/// Part of every file's digest. To be raised with every change of what a file's bytes mean,
/// so that the next sync reads all files again.
const READER_VERSION: u8 = 4;

/// The result of parsing a file.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The id, where it is valid, whatever else is wrong.
    pub id: Option<PostId>,
    /// The place of the id.
    pub id_location: Option<Location>,
    /// True for a draft.
    pub draft: bool,
    /// True if the file is left out because it has no front matter.
    pub is_skipped: bool,
    /// The locale; `None` in a blog without locales, or if it is not one of them.
    pub locale: Option<Locale>,
    /// The values that the translations of the post share.
    pub shared: Vec<SharedValue>,
    /// True if the file states a title.
    pub has_title: bool,
    /// Digests what a store would write; `None` if a finding makes the post impossible.
    pub post_digest: Option<Digest>,
    /// Digests what each locale has for itself; `None` in a blog without locales, too.
    pub text_digest: Option<Digest>,
    /// The category, where it is valid.
    pub category: Option<String>,
    /// The slug of a post without errors, and its place.
    pub slug: Option<(String, Location)>,
    /// The keys that fields were read from without the settings naming them.
    pub read_as: Vec<(ReadField, String)>,
    /// The tags and the category of a post that is no draft.
    pub labels: Vec<(ReadField, String)>,
    /// All findings, down the file.
    pub findings: Vec<Finding>,
}

impl Parsed {
    /// Returns which text of which post the file gives, where its id is valid.
    pub fn text_id(&self) -> Option<TextId> {
        Some(TextId {
            post: self.id?,
            locale: self.locale,
        })
    }
}

/// An error on reading a scanned file again.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is not the file that was scanned: scan again.
    #[error("{} changed while it was being read", .path.display())]
    Changed {
        /// The file's path.
        path: PathBuf,
    },

    /// It has errors, which [`parse`] reports.
    #[error("{} has errors", .path.display())]
    Invalid {
        /// The file's path.
        path: PathBuf,
    },

    /// The system refuses.
    #[error("cannot read {}", .path.display())]
    Io {
        /// The file's path.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

/// Walks `path`, a directory or one file of the project, and hashes every post's file, as
/// [`scan_all`] does.
///
/// # Errors
/// As [`scan_all`].
pub fn scan(
    settings: &ReadSettings,
    path: &Path,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Snapshot, ScanError> {
    scan_all(settings, &[path], progress)
}

/// Walks directories and files of the project, and hashes every post's file once, on all cores.
/// Memory does not grow with the files' sizes.
///
/// `progress` receives the number of files that are done, from any thread, as each is.
///
/// # Errors
/// [`ScanError`] if there is nothing to scan at one of the paths. What is wrong with single files
/// is in [`Snapshot::problems`].
pub fn scan_all(
    settings: &ReadSettings,
    paths: &[impl AsRef<Path>],
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Snapshot, ScanError> {
    let Walked {
        scope,
        files,
        mut problems,
        left_out,
    } = walk::walk(settings, &as_paths(paths))?;
    let done = AtomicU64::new(0);
    let reading = settings.fingerprint();
    let hashed: Vec<Option<Result<ScannedFile, Finding>>> = files
        .into_par_iter()
        .map(|found| {
            let hashed = hash(&reading, found);
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
    let mut problems: Vec<_> = problems
        .into_iter()
        .filter_map(|problem| settings.levels.apply(problem))
        .collect();
    problems.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Snapshot {
        scope,
        files,
        problems,
        left_out,
    })
}

fn as_paths(paths: &[impl AsRef<Path>]) -> Vec<&Path> {
    paths.iter().map(AsRef::as_ref).collect()
}

/// Hashes one file; `None` if it was removed since the walk.
fn hash(reading: &str, found: Found) -> Option<Result<ScannedFile, Finding>> {
    let Found {
        path,
        location,
        real,
        stamp,
    } = found;
    let fail = |words| Some(Err(findings::problem(&path, words)));
    if stamp.size > MAX_FILE {
        return fail(findings::too_large(stamp.size));
    }
    let hashed = input_file::open(&real, Links::RefuseAll).and_then(|(file, metadata)| {
        // Of the open file, before its first byte: what changes later shows in `unmoved`.
        let stamp = Stamp::from(&metadata);
        let mut hasher = hasher(reading);
        // A file that grows meanwhile is caught when it is read again.
        hasher.update_reader(file.take(MAX_FILE))?;
        Ok((stamp, Digest::from(&hasher)))
    });
    match hashed {
        Ok((stamp, _)) if stamp.size > MAX_FILE => fail(findings::too_large(stamp.size)),
        Ok((stamp, digest)) => Some(Ok(ScannedFile {
            path,
            location,
            real,
            digest,
            size: stamp.size,
            stamp,
        })),
        Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => fail(findings::unopened(&error)),
    }
}

/// Reads a scanned file again and checks all of it, but keeps no body.
///
/// # Errors
/// [`LoadError::Changed`] if the file is not the one that was scanned; [`LoadError::Io`].
/// Problems of its content are in [`Parsed::findings`].
pub fn parse(settings: &ReadSettings, file: &ScannedFile) -> Result<Parsed, LoadError> {
    let bytes = verified(settings, file)?;
    let reading = reader::read(settings, &file.path, &bytes);
    let is_skipped =
        settings.skip_without_front_matter && is_without_front_matter(&reading, &bytes);
    let reading = match is_skipped {
        true => Reading::default(),
        false => reading,
    };
    let slug = reading
        .post
        .as_ref()
        .and_then(|(post, _)| post.slug.clone());
    let labels = reading.post.as_ref().filter(|_| !reading.draft);
    let labels = labels.map(|(post, _)| {
        let tags = post.tags.iter().map(|tag| (ReadField::Tags, tag.clone()));
        let category = post.category.iter();
        let category = category.map(|name| (ReadField::Category, name.clone()));
        tags.chain(category).collect()
    });
    let locales = settings.locales.as_ref();
    let text_digest = locales.zip(reading.post.as_ref());
    let text_digest =
        text_digest.map(|(locales, (post, body))| post.digest_of(locales.translated, body));
    let has_title = reading
        .post
        .as_ref()
        .is_some_and(|(post, _)| !post.title.is_empty());
    Ok(Parsed {
        locale: reading.locale,
        shared: reading.shared,
        has_title,
        text_digest,
        id: reading.id,
        id_location: reading.id_location,
        draft: reading.draft,
        is_skipped,
        post_digest: reading.post.map(|(post, body)| post.digest(&body)),
        category: reading.category,
        slug: slug.zip(reading.slug_location),
        read_as: reading.read_as,
        labels: labels.unwrap_or_default(),
        findings: reading.findings,
    })
}

/// Returns whether a file is no post and does not look like one with a slip: blank lines or
/// spaces above its first `---`, say.
pub(super) fn is_without_front_matter(reading: &Reading<'_>, bytes: &[u8]) -> bool {
    let is_none = |finding: &Finding| {
        [rules::NO_FRONT_MATTER.name, rules::EMPTY_FILE.name].contains(&finding.rule.name)
    };
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = bytes.trim_ascii_start();
    let end = start.iter().position(|byte| *byte == b'\n');
    let line = start[..end.unwrap_or(start.len())].trim_ascii_end();
    reading.findings.iter().any(is_none) && line != b"---" && line != b"+++"
}

/// Reads a scanned file again, for writing it: the post, and its body with LF line ends.
///
/// # Errors
/// [`LoadError::Changed`] if the file is not the one that was scanned;
/// [`LoadError::Invalid`] if [`parse`] would report an error; [`LoadError::Io`].
pub fn load(settings: &ReadSettings, file: &ScannedFile) -> Result<(Post, String), LoadError> {
    let bytes = verified(settings, file)?;
    let Reading { post, .. } = reader::read(settings, &file.path, &bytes);
    let (post, body) = post.ok_or_else(|| LoadError::Invalid {
        path: file.location.clone(),
    })?;
    Ok((post, body.into_owned()))
}

/// Reads a scanned file's bytes again.
///
/// # Errors
/// [`LoadError::Changed`] if the file is not the one that was scanned; [`LoadError::Io`].
pub fn bytes(settings: &ReadSettings, file: &ScannedFile) -> Result<Vec<u8>, LoadError> {
    verified(settings, file)
}

/// Returns true if nothing was added, removed or touched since the scan of the same `paths`.
/// Reads no file: compares paths, sizes, times of change and inodes.
///
/// # Errors
/// [`ScanError`] if one of the paths cannot be walked any more.
pub fn unmoved(
    settings: &ReadSettings,
    snapshot: &Snapshot,
    paths: &[impl AsRef<Path>],
) -> Result<bool, ScanError> {
    let walked = walk::walk(settings, &as_paths(paths))?;
    let same = |(found, file): (&Found, &ScannedFile)| {
        found.path == file.path
            && found.location == file.location
            && found.real == file.real
            && found.stamp == file.stamp
    };
    let is_error = |problem: &Finding| problem.level == Level::Error;
    let errors = |problems: &[Finding]| problems.iter().filter(|p| is_error(p)).count();
    // Nothing is written with an error in the snapshot. One that is new, in an ignore file
    // without a post to leave out, say, stops the sync as well.
    Ok(walked.scope == snapshot.scope
        && errors(&walked.problems) <= errors(&snapshot.problems)
        && walked.files.len() == snapshot.files.len()
        && walked.files.iter().zip(&snapshot.files).all(same))
}

/// Reads a file again if its digest has not changed.
fn verified(settings: &ReadSettings, file: &ScannedFile) -> Result<Vec<u8>, LoadError> {
    let path = || file.location.clone();
    let read = |error: ReadError| match error {
        ReadError::Io(source)
            if source.kind() != io::ErrorKind::NotFound && !findings::is_loop(&source) =>
        {
            LoadError::Io {
                path: path(),
                source,
            }
        }
        // Removed, grown, no longer a file, or a link took its place.
        _ => LoadError::Changed { path: path() },
    };
    let bytes = input_file::read(&file.real, Links::RefuseAll, file.size).map_err(read)?;
    let mut hasher = hasher(&settings.fingerprint());
    hasher.update(&bytes);
    if Digest::from(&hasher) == file.digest {
        Ok(bytes)
    } else {
        Err(LoadError::Changed { path: path() })
    }
}

/// A hasher that has taken in what changes the meaning of a file's bytes.
fn hasher(reading: &str) -> blake3::Hasher {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[READER_VERSION]);
    // The length first: no settings and file together feed the same bytes as another pair.
    hasher.update(&(reading.len() as u64).to_le_bytes());
    hasher.update(reading.as_bytes());
    hasher
}
