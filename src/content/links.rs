//! Symbolic links, and the bounds on their targets.
//!
//! A cloned repository can hold a link to any file of the machine. What a link leads to is read
//! only if it would have been read in its own place: it lies in the project, is not hidden, is
//! not ignored, and has the name of a post. `follow_links = true` lifts that. Only the place
//! where a link ends counts, not the way there; a hard link cannot be distinguished from a file.

use std::path::{Component, Path, PathBuf};

use super::ignore_rules::{BadIgnoreFile, IgnoreFiles, REPOSITORY, is_ignored, is_repository};
use super::scan_root::is_content;

/// The part of the file system that belongs to a project.
#[derive(Debug)]
pub(super) struct Bounds {
    /// The project root, canonical.
    pub root: PathBuf,
    /// The top of the git work tree that the root is in, else the root; canonical.
    pub top: PathBuf,
    /// True if there is such a work tree.
    pub in_repository: bool,
    /// True if links may lead anywhere.
    pub follow_links: bool,
}

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

impl Bounds {
    /// Finds the bounds of a project from its canonical root.
    pub fn new(root: PathBuf, follow_links: bool) -> Self {
        let has_one = |directory: &&Path| directory.join(REPOSITORY).symlink_metadata().is_ok();
        let is_top = |directory: &&Path| is_repository(&directory.join(REPOSITORY));
        let top = root.ancestors().filter(has_one).find(is_top);
        // What git would not take for a repository may be what is left of one.
        let top = top.or_else(|| root.ancestors().find(has_one));
        let top = top.map(Path::to_owned);
        Self {
            in_repository: top.is_some(),
            top: top.unwrap_or_else(|| root.clone()),
            root,
            follow_links,
        }
    }

    /// Returns whether a canonical path is beyond what links may lead to.
    pub fn is_outside(&self, target: &Path) -> bool {
        !self.follow_links && !self.contains(target)
    }

    /// Returns whether a canonical path lies in the project or its work tree.
    pub fn contains(&self, path: &Path) -> bool {
        path.starts_with(&self.top)
    }

    /// Names a canonical path for a reader: relative to the root, if it is in it.
    pub fn name(&self, path: &Path) -> String {
        match path.strip_prefix(&self.root) {
            Ok(relative) if relative.as_os_str().is_empty() => "the project root".to_owned(),
            Ok(relative) => escaped(&relative.to_string_lossy()),
            Err(_) => escaped(&path.to_string_lossy()),
        }
    }

    /// Decides whether what a link leads to is read, from its canonical path. What is below
    /// `outright`, a directory that was named, may be hidden or ignored as that may.
    ///
    /// # Errors
    /// [`LinkProblem`] if it is not.
    pub fn check(
        &self,
        files: &mut IgnoreFiles,
        outright: Option<&Path>,
        target: &Path,
        is_directory: bool,
    ) -> Result<(), LinkProblem> {
        if self.follow_links {
            return Ok(());
        }
        let bases = [&*self.root, &*self.top];
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
}

/// Returns whether a character cannot be printed as a part of a name: it would end the line,
/// steer the terminal or turn the text around it.
pub(super) fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Writes characters that cannot be printed as escapes.
pub(super) fn escaped(name: &str) -> String {
    let escape = |c: char| -> String {
        if is_unprintable(c) {
            c.escape_default().collect()
        } else {
            c.into()
        }
    };
    name.chars().map(escape).collect()
}
