//! The rules for what a symbolic link leads to.
//!
//! A cloned repository can hold a link to any file of the machine. What a link leads to is read
//! only if it would have been read in its own place: it lies in the project, is not hidden, is
//! not ignored, and has the name of a post. `follow_links = true` lifts that. Only the place
//! where a link ends counts, not the way there; a hard link cannot be distinguished from a file.

use std::path::{Component, Path};

use super::bounds::Bounds;
use super::file_name::is_content;
use super::ignore_files::{BadIgnoreFile, IgnoreFiles};
use super::ignore_rules::is_ignored;

/// The reason why what a link leads to is not read.
#[derive(Debug)]
pub(super) enum LinkProblem {
    Outside,
    Hidden,
    Ignored,
    NotContent,
    /// An ignore file on the way cannot be understood.
    BadIgnoreFile(BadIgnoreFile),
}

/// Decides whether what a link leads to is read, from its canonical path. What is below
/// `outright`, a directory that was named, may be hidden or ignored as that may.
///
/// # Errors
/// [`LinkProblem`] if it is not.
pub(super) fn check(
    bounds: &Bounds,
    files: &mut IgnoreFiles,
    outright: Option<&Path>,
    target: &Path,
    is_directory: bool,
) -> Result<(), LinkProblem> {
    if bounds.follow_links {
        return Ok(());
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
    while let Some(part) = parts.next() {
        let rules = files.of(&directory).map_err(LinkProblem::BadIgnoreFile)?;
        directory.push(part);
        let is_directory = is_directory || parts.peek().is_some();
        if is_ignored(&rules, &directory, is_directory) {
            return Err(LinkProblem::Ignored);
        }
    }
    Ok(())
}
