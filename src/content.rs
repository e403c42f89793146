//! Files to posts: the walk, the front matter, and everything that can be wrong with them.
//!
//! [`scan()`] walks and hashes; it keeps of each file only what tells it apart. [`parse`] reads
//! one file again and checks it, dropping the body; [`load`] does the same for writing.
//! Both verify that the file is still the one that was hashed. [`collect()`] reads all files of
//! a scan but those that earlier syncs read, and checks them against each other. [`unmoved`]
//! tells whether anything was added, removed or touched since the scan. All errors of a file are
//! found in one go, each with its place and a remedy; [`crate::finding::rules::RULES`] lists
//! what they can be.
//!
//! # What counts as a post's file
//! Files that end in `.md`, `.markdown` or `.mdx`, in either case, at any depth. Hidden ones
//! are skipped, and those that the repository's ignore files or a `.blogctlignore` file name:
//! what git does not keep would be published from a laptop and missing in CI. A path given
//! outright is read even where it is ignored. Symbolic links are followed to what counts in
//! its own place: `links` has the rules.
//!
//! # What counts as the body
//! All after the closing `---` line but for one blank line, with LF line ends.

mod across;
mod bounds;
mod checker;
mod collect;
mod comments;
mod document;
#[cfg_attr(not(test), allow(dead_code, reason = "no command edits a file yet"))]
mod edit;
mod extra;
mod fields;
mod file_name;
mod findings;
mod follow;
mod found;
mod front_matter;
mod ignore_files;
mod ignore_pattern;
mod ignore_rules;
mod ignore_syntax;
mod json_value;
mod keys;
mod links;
mod not_public;
mod quote;
mod reader;
mod render;
mod scan;
mod scan_root;
mod spot;
mod steps;
mod suggest;
mod tags;
pub mod timestamp;
mod tracked;
mod walk;
mod walk_state;
mod yaml;
mod yaml_errors;
mod yaml_events;
mod yaml_reader;
mod yaml_slips;

#[cfg(test)]
mod edit_tests;
#[cfg(test)]
mod fields_tests;
#[cfg(test)]
mod finding_tests;
#[cfg(test)]
mod fuzz_tests;
#[cfg(test)]
#[cfg(unix)]
mod ignore_tests;
#[cfg(test)]
mod linear_tests;
#[cfg(test)]
#[cfg(unix)]
mod link_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod reader_tests;
#[cfg(test)]
mod scan_tests;
#[cfg(test)]
mod yaml_slips_tests;
#[cfg(test)]
mod yaml_tests;

use std::path::PathBuf;

use jiff::tz::TimeZone;

pub use across::{duplicate_ids, duplicate_slugs, more_findings};
pub use collect::{Collection, collect};
pub use fields::KEYS;
pub use front_matter::MAX_FRONT_MATTER;
pub use scan::{LoadError, MAX_FILE, load, parse, scan, unmoved};
pub use suggest::nearest;

use crate::finding::{Finding, Levels, Location, rules};
use crate::post::{Digest, PostId, SourcePath};

/// The settings that change how files are read.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The project root, absolute; source paths are relative to it.
    pub root: PathBuf,
    /// The zone of times without an offset.
    pub time_zone: TimeZone,
    /// The categories that a post may have; any where absent.
    pub categories: Option<Vec<String>>,
    /// True if symbolic links may lead anywhere, also out of the project.
    pub follow_links: bool,
    /// The levels that the project gives to rules.
    pub levels: Levels,
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
    real: PathBuf,
    /// Of its bytes, and of the settings that change how they are read.
    pub digest: Digest,
    /// Bytes.
    pub size: u64,
    stamp: found::Stamp,
}

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

/// The result of parsing a file.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The id, where it is valid, whatever else is wrong.
    pub id: Option<PostId>,
    /// The place of the id.
    pub id_spot: Option<Location>,
    /// True for a draft.
    pub draft: bool,
    /// Digests what a store would write; `None` if a finding makes the post impossible.
    pub post_digest: Option<Digest>,
    /// The category, where it is valid.
    pub category: Option<String>,
    /// The slug of a post without errors, and its place.
    pub slug: Option<(String, Location)>,
    /// All findings, down the file.
    pub findings: Vec<Finding>,
}

/// An error that prevents a scan.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// There is nothing at the path.
    #[error("there is no file or directory {}", .path.display())]
    NotFound {
        /// As it was given.
        path: PathBuf,
    },

    /// It is neither a directory nor a file that may be a post.
    #[error("{} is neither a directory nor a .md, .markdown or .mdx file", .path.display())]
    NotContent {
        /// As it was given.
        path: PathBuf,
    },

    /// It lies outside the project.
    #[error("{} is outside the project {}", .path.display(), .root.display())]
    OutsideRoot {
        /// As it was given.
        path: PathBuf,
        /// The project root.
        root: PathBuf,
    },

    /// Its name cannot stand in a database.
    #[error("{} has a name that is not UTF-8", .path.display())]
    NotUtf8 {
        /// As it was given.
        path: PathBuf,
    },

    /// Its name holds a control character.
    #[error("the name {} holds a character that cannot be printed", .path.display())]
    Unprintable {
        /// As it was given, with escapes.
        path: PathBuf,
    },

    /// It cannot be looked at.
    #[error("cannot read {}", .path.display())]
    Io {
        /// As it was given.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}

impl ScanError {
    /// The remedy.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => {
                "check the spelling, or name the directory that holds the posts: `blogctl sync content/`"
            }
            Self::NotContent { .. } => "name a directory, or one post's file",
            Self::OutsideRoot { .. } => {
                "run blogctl in the project that the posts belong to; \
                 its root is the directory with blogctl.toml or .git"
            }
            Self::NotUtf8 { .. } | Self::Unprintable { .. } => "rename it",
            Self::Io { .. } => "check its permissions and those of the directories above it",
        }
    }
}
