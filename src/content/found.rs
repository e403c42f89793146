//! The results of a walk.

use std::path::PathBuf;

use super::snapshot::Scope;
use super::stamp::Stamp;
use crate::finding::Finding;
use crate::left_out::LeftOut;
use crate::post::SourcePath;

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

/// The files and problems that a walk found, sorted by path, and what it left out.
#[derive(Debug)]
pub(super) struct Walked {
    pub scope: Scope,
    pub files: Vec<Found>,
    pub problems: Vec<Finding>,
    pub left_out: LeftOut,
}
