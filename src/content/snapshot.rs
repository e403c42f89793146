//! The result of a scan.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use super::stamp::Stamp;
use crate::finding::Finding;
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
}

/// The part of a project that a scan covered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope(String);

impl Scope {
    /// Takes a directory with a `/` at its end, a file, or nothing for the whole project.
    pub fn new(scope: impl Into<String>) -> Self {
        Self(scope.into())
    }

    /// Returns true if the scan would have found a file at this path.
    pub fn contains(&self, path: &SourcePath) -> bool {
        if self.0.is_empty() || self.0.ends_with('/') {
            path.as_str().starts_with(&self.0)
        } else {
            path.as_str() == self.0
        }
    }

    /// A directory with a `/` at its end, a file, or nothing for the whole project.
    pub fn as_str(&self) -> &str {
        &self.0
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
