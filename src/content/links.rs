//! The rules for what a symbolic link leads to.
//!
//! A cloned repository can hold a link to any file of the machine. What a link leads to is read
//! only if it would have been read in its own place: it lies in the project, is not hidden, is
//! not ignored, and has the name of a post. `follow_links = true` lifts that. Only the place
//! where a link ends counts, not the way there; a hard link cannot be distinguished from a file.

use std::path::{Component, Path, PathBuf};

use super::bounds::Bounds;
use super::file_name::is_content;
use super::ignore_files::{BadIgnoreFile, IgnoreFiles};
use super::ignore_rules::{RuleSource, verdict};
use super::tracked::Kept;
use crate::left_out::Reason;

/// The reason why what a link leads to is not read.
#[derive(Debug)]
pub(super) enum LinkProblem {
    Outside,
    Hidden,
    Ignored(Reason),
    NotContent,
    /// An ignore file on the way cannot be understood.
    BadIgnoreFile(BadIgnoreFile),
}

/// Decides whether what a link leads to is read, from its canonical path. What is below
/// `outright`, a directory that was named, may be hidden or ignored as that may. Returns the
/// ignore file of git's that names it, if it is read because git tracks it: of a directory only
/// what git tracks.
///
/// # Errors
/// [`LinkProblem`] if it is not.
pub(super) fn check(
    bounds: &Bounds,
    files: &mut IgnoreFiles,
    outright: Option<&Path>,
    target: &Path,
    is_directory: bool,
) -> Result<Option<PathBuf>, LinkProblem> {
    if bounds.follow_links {
        return Ok(None);
    }
    let bases = [&*bounds.root, &*bounds.top];
    let Some((base, below)) = outright
        .into_iter()
        .chain(bases)
        .find_map(|base| Some((base, target.strip_prefix(base).ok()?)))
    else {
        return Err(LinkProblem::Outside);
    };
    let is_hidden = |part: Component| part.as_os_str().as_encoded_bytes().starts_with(b".");
    if below.components().any(is_hidden) {
        return Err(LinkProblem::Hidden);
    }
    if !is_directory && !is_content(target) {
        return Err(LinkProblem::NotContent);
    }
    let mut directory = base.to_owned();
    let mut parts = below.components().peekable();
    let mut ignored_by = None;
    while let Some(part) = parts.next() {
        let rules = files.of(&directory).map_err(LinkProblem::BadIgnoreFile)?;
        directory.push(part);
        let is_directory = is_directory || parts.peek().is_some();
        let verdict = verdict(&rules, &directory, is_directory);
        let Some(verdict) = verdict.filter(|verdict| verdict.is_ignored) else {
            continue;
        };
        if verdict.source != RuleSource::Git {
            return Err(LinkProblem::Ignored(verdict.source.reason()));
        }
        // A submodule is kept as a whole, whatever it holds.
        if !is_directory || files.kept(&directory, true) != Kept::All {
            ignored_by.get_or_insert_with(|| verdict.file());
        }
    }
    if ignored_by.is_none() {
        return Ok(None);
    }
    match files.kept(target, is_directory) {
        Kept::All => Ok(ignored_by.filter(|_| !is_directory)),
        Kept::Part => Ok(ignored_by),
        Kept::Nothing => Err(LinkProblem::Ignored(Reason::Gitignore)),
    }
}
