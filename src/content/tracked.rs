//! The files that git tracks: an ignore file of git's does not leave them out, as it does not in
//! git itself.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::bounds::{Bounds, REPOSITORY, is_repository};
use super::file_name::is_content;
use super::ignore_rules::bytes;
use crate::git::{self, Index};

/// The part of a path that git keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// Nothing, or nothing that can be told.
    Nothing,
    /// The posts in it that git tracks.
    Part,
    /// All of it: a file, a link or a submodule.
    All,
}

/// The indexes of repositories, each read at most once, when it is first asked for.
#[derive(Debug, Default)]
pub(super) struct Repositories {
    /// By the directory that was asked about.
    known: RefCell<HashMap<PathBuf, Option<Rc<Tracked>>>>,
}

/// The posts in the index of a work tree.
#[derive(Debug)]
struct Tracked {
    top: PathBuf,
    /// Sorted by bytes, `/` between their parts.
    posts: Vec<Vec<u8>>,
    /// The symbolic links and submodules, sorted by bytes.
    links: Vec<Vec<u8>>,
}

impl Repositories {
    /// Returns what git keeps of a canonical path. Where no index can be read, it keeps nothing.
    pub fn kept(&self, bounds: &Bounds, path: &Path, is_directory: bool) -> Kept {
        let parent = path.parent().unwrap_or(path);
        let tracked = self.of(bounds, parent);
        tracked.map_or(Kept::Nothing, |tracked| tracked.kept(path, is_directory))
    }

    /// Returns the index of the work tree that a directory is in.
    fn of(&self, bounds: &Bounds, directory: &Path) -> Option<Rc<Tracked>> {
        if let Some(known) = self.known.borrow().get(directory) {
            return known.clone();
        }
        let repository = directory.join(REPOSITORY);
        let is_top = directory == bounds.top && bounds.in_repository;
        let found = if is_top || is_repository(&repository) {
            Tracked::read(directory).map(Rc::new)
        } else if directory == bounds.top || !bounds.contains(directory) {
            None
        } else {
            let above = directory.parent();
            above.and_then(|above| self.of(bounds, above))
        };
        let mut known = self.known.borrow_mut();
        known.insert(directory.to_owned(), found.clone());
        found
    }
}

impl Tracked {
    fn read(top: &Path) -> Option<Self> {
        let directories = git::directories(&top.join(REPOSITORY)).ok().flatten()?;
        let index = Index::read(&directories)?;
        // Of a split index only a part would be known.
        if !index.is_complete {
            return None;
        }
        let is_post = |name: &Vec<u8>| {
            let name = std::str::from_utf8(name);
            name.is_ok_and(|name| is_content(Path::new(name)))
        };
        let mut posts: Vec<Vec<u8>> = index.names.into_iter().filter(is_post).collect();
        let mut links = index.links;
        posts.sort_unstable();
        links.sort_unstable();
        Some(Self {
            top: top.to_owned(),
            posts,
            links,
        })
    }

    fn kept(&self, path: &Path, is_directory: bool) -> Kept {
        let Ok(below) = path.strip_prefix(&self.top) else {
            return Kept::Nothing;
        };
        let name = bytes(below);
        let is_in = |names: &[Vec<u8>]| {
            let found = names.binary_search_by(|known| known.as_slice().cmp(&*name));
            found.is_ok()
        };
        if is_in(&self.links) || !is_directory && is_in(&self.posts) {
            return Kept::All;
        }
        if !is_directory {
            return Kept::Nothing;
        }
        let prefix = [&*name, b"/"].concat();
        let first = self.posts.partition_point(|post| *post < prefix);
        let is_below = |post: &Vec<u8>| post.starts_with(&prefix);
        match self.posts.get(first).is_some_and(is_below) {
            true => Kept::Part,
            false => Kept::Nothing,
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
