//! The state of a walk: what it still has to enter, and what it has found.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::findings::{self, Words, problem};
use super::found::Found;
use super::ignore_files::{BadIgnoreFile, IgnoreFiles};
use super::ignore_rules::Rules;
use super::scan_root::ScanRoot;
use super::stamp::Stamp;
use crate::finding::Finding;
use crate::left_out::{LeftOut, Reason};
use crate::post::SourcePath;

/// A walk under way: the directories to enter, and the files and problems found so far.
pub(super) struct Walk<'a> {
    pub start: &'a ScanRoot,
    pub ignore_files: IgnoreFiles<'a>,
    /// The directories still to be entered.
    pub directories: Vec<Directory>,
    /// Links to directories, to be followed once there is no other directory to enter.
    pub links: Vec<Directory>,
    /// The real directories that were entered, each with the path by which it was found if that
    /// is another one.
    pub entered: HashMap<PathBuf, Option<PathBuf>>,
    /// Those of the real directories of which only what git tracks was read.
    pub entered_in_part: HashSet<PathBuf>,
    /// Directories that were found again: by which path, and their real ones.
    pub repeated: Vec<(PathBuf, PathBuf)>,
    /// The real paths of files with a post's name that an ignore file leaves out.
    pub ignored: Vec<PathBuf>,
    /// All that is left out, counted.
    pub left_out: LeftOut,
    /// The posts that are read because git tracks them: the ignore file that names each, and its
    /// path.
    pub tracked: Vec<(SourcePath, SourcePath)>,
    pub files: Vec<Found>,
    pub problems: Vec<Finding>,
}

/// A directory to be entered.
pub(super) struct Directory {
    /// The path by which it was found, which may lead through links.
    pub location: PathBuf,
    pub real: PathBuf,
    /// The rules of the directories above the real one.
    pub above: Rules,
    /// The ignore file of git's that names it, or a directory that it is in: only what git tracks
    /// is read.
    pub ignored_by: Option<PathBuf>,
    /// For each link on the way here: what is left out by the path through it.
    pub views: Vec<View>,
    /// The real directory of each link on the way here.
    pub link_places: Option<Rc<LinkPlace>>,
}

/// A directory as seen through a link: the ignore files above the link name it by another path.
#[derive(Clone)]
pub(super) struct View {
    /// The rules of the link's directory.
    pub rules: Rules,
    /// The directory's path by the link's real place.
    pub path: PathBuf,
}

/// The real directory of a link that was followed, and the link before it.
pub(super) struct LinkPlace {
    pub directory: PathBuf,
    pub before: Option<Rc<LinkPlace>>,
}

impl Walk<'_> {
    /// Counts what is left out; `by` is the file that holds the pattern.
    pub fn leave_out(
        &mut self,
        location: &Path,
        is_directory: bool,
        reason: Reason,
        by: Option<&Path>,
    ) {
        let (path, _) = self.start.source_path(location);
        let by = by.map(|file| self.start.source_path(file).0);
        match is_directory {
            true => self.left_out.add_directory(reason, path, by),
            false => self.left_out.add_file(reason, path, by),
        }
    }

    /// Adds a file that is read because git tracks it, though an ignore file names it.
    pub fn tracked_file(&mut self, location: &Path, real: &Path, ignored_by: Option<&Path>) {
        if let Some(file) = ignored_by {
            let (path, _) = self.start.source_path(location);
            let (file, _) = self.start.source_path(file);
            self.tracked.push((file, path));
        }
        self.file(location, real);
    }

    /// Adds a file that has the name of a post.
    pub fn file(&mut self, location: &Path, real: &Path) {
        let (path, name_problem) = self.start.source_path(location);
        if let Some(name_problem) = name_problem {
            self.problem(location, findings::bad_name(name_problem));
            return;
        }
        match fs::symlink_metadata(real) {
            Ok(metadata) if !metadata.is_file() => {
                self.problem(location, findings::not_a_file());
            }
            Ok(metadata) => self.files.push(Found {
                path,
                location: location.to_owned(),
                real: real.to_owned(),
                stamp: Stamp::from(&metadata),
            }),
            // Removed this very moment: as if it had been a moment before.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => self.problem(location, findings::unreadable(&error)),
        }
    }

    /// Reports an ignore file, each of its problems at its line.
    pub fn bad_ignore_file(&mut self, bad: BadIgnoreFile) {
        let (path, _) = self.start.source_path(&bad.file);
        let found = |line| findings::ignore_file(&path, line);
        self.problems.extend(bad.problems.into_iter().map(found));
    }

    /// Reports a problem with what is at a path.
    pub fn problem(&mut self, location: &Path, words: Words) {
        let (mut path, _) = self.start.source_path(location);
        if path.as_str().is_empty() {
            path = SourcePath::new(".");
        }
        self.problems.push(problem(&path, words));
    }
}
