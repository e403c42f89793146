//! The results of a walk.

use std::fs::Metadata;
use std::path::PathBuf;
use std::time::SystemTime;

use super::Scope;
use crate::finding::Finding;
use crate::post::SourcePath;

/// A stamp that tells a file that was touched from one that was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub size: u64,
    modified: Option<SystemTime>,
    /// Device and inode, where there are such things.
    identity: (u64, u64),
}

impl From<&Metadata> for Stamp {
    fn from(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt as _;
            (metadata.dev(), metadata.ino())
        };
        #[cfg(not(unix))]
        let identity = (0, 0);
        Self {
            size: metadata.len(),
            modified: metadata.modified().ok(),
            identity,
        }
    }
}

/// A file that may be a post.
#[derive(Debug)]
pub(super) struct Found {
    pub path: SourcePath,
    /// The path by which it was found, which may lead through links.
    pub location: PathBuf,
    /// The path without links, by which it is opened.
    pub real: PathBuf,
    pub stamp: Stamp,
}

/// The files and problems that a walk found, sorted by path.
#[derive(Debug)]
pub(super) struct Walked {
    pub scope: Scope,
    pub files: Vec<Found>,
    pub problems: Vec<Finding>,
}
