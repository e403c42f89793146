//! The bounds of a project: its root, and the work tree that the root is in.

use std::path::{Path, PathBuf};

use super::file_name::escaped;
use crate::git;

/// The name that marks the top of a repository.
pub(super) const REPOSITORY: &str = ".git";

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
}

/// Returns whether a `.git` is or names what git takes for a repository. Within the work tree of
/// another one, anything else by that name does not end what the ignore files above leave out.
pub(super) fn is_repository(path: &Path) -> bool {
    let Ok(Some(git::Directories { own, common })) = git::directories(path) else {
        return false;
    };
    own.join("HEAD").symlink_metadata().is_ok()
        && common.join("objects").is_dir()
        && common.join("refs").is_dir()
}
