//! What a sync would do: a pure function of the files and the index.
//!
//! It knows neither the disk nor SQL, and decides everything: what is created, updated,
//! moved, removed, left alone, and what may not be done without being asked twice.

use crate::index::RowVersion;
use crate::post::{Digest, PostId, SourcePath};

/// What a post's row must be when it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaces {
    /// No row with this id exists.
    Nothing,
    /// The row still has this version.
    Row(RowVersion),
}

/// A post whose file has another path or other bytes, and whose row stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// The post's identity.
    pub id: PostId,
    /// The file's path now.
    pub path: SourcePath,
    /// The file's digest now.
    pub file_digest: Digest,
}

/// A row to delete, with all that blogctl keeps of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The row's key.
    pub id: PostId,
    /// The version it must still have; `None` if someone else deleted it already.
    pub version: Option<RowVersion>,
}
