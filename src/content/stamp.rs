//! Stamps of files, by which a change is noticed without reading them.

use std::fs::Metadata;
use std::time::SystemTime;

/// A stamp of a file's metadata that changes when the file is touched.
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
