//! The result of a scan.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use super::stamp::Stamp;
use crate::finding::Finding;
use crate::left_out::LeftOut;
use crate::post::{Digest, SourcePath};

/// The result of a scan.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The scope of the scan.
    pub scope: Scope,
    /// Every post's file that could be read, sorted by path.
    pub files: Vec<ScannedFile>,
    /// The findings on files that could not be read, sorted by path.
    pub problems: Vec<Finding>,
    /// The files and directories that were not read, for reasons that are no findings.
    pub left_out: LeftOut,
}

/// The part of a project that a scan covered: directories and files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope(Vec<String>);

impl Scope {
    /// Takes a directory with a `/` at its end, a file, or nothing for the whole project.
    pub fn new(scope: impl Into<String>) -> Self {
        Self(vec![scope.into()])
    }

    /// Joins scopes; one that lies within another one counts once.
    pub fn of(scopes: impl IntoIterator<Item = Self>) -> Self {
        let mut all: Vec<String> = scopes.into_iter().flat_map(|scope| scope.0).collect();
        all.sort();
        all.dedup();
        let is_within = |part: &String, whole: &String| part != whole && lies_in(part, whole);
        let widest = |part: &&String| !all.iter().any(|whole| is_within(part, whole));
        Self(all.iter().filter(widest).cloned().collect())
    }

    /// Returns true if the scan would have found a file at this path.
    pub fn contains(&self, path: &SourcePath) -> bool {
        self.0.iter().any(|part| lies_in(path.as_str(), part))
    }

    /// Returns the directories, each with a `/` at its end, and files; the whole project is the
    /// empty one.
    pub fn parts(&self) -> &[String] {
        &self.0
    }
}

/// Returns whether a path is a file or lies in a directory, which ends with a `/`.
fn lies_in(path: &str, part: &str) -> bool {
    if part.is_empty() || part.ends_with('/') {
        path.starts_with(part)
    } else {
        path == part
    }
}

/// One post's file as the scan found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScannedFile {
    /// Its path in the project.
    pub path: SourcePath,
    /// The path on this machine.
    pub location: PathBuf,
    /// The file's path without links.
    pub(super) real: PathBuf,
    /// Of its bytes, and of the settings that change how they are read.
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
    pub(super) stamp: Stamp,
}

impl ScannedFile {
    /// Returns the path below the root by which the file is opened; `None` if a link leads to
    /// it.
    pub fn plain_path(&self, root: &Path) -> Option<PathBuf> {
        let root = root.canonicalize().ok()?;
        let plain = self.real.strip_prefix(root).ok()?;
        let parts: Option<Vec<&str>> = plain.iter().map(|part| part.to_str()).collect();
        let source = SourcePath::composed(&parts?.join("/"));
        (source == self.path).then(|| plain.to_owned())
    }

    /// Returns whether the metadata is that of the file as the scan found it.
    pub fn is_at(&self, metadata: &Metadata) -> bool {
        Stamp::from(metadata) == self.stamp
    }
}
