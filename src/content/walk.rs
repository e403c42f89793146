//! Finds the files that may be posts, without reading them.
//!
//! Directories are walked before the links in them, and each real directory is entered once, so
//! that links to each other do not multiply the paths.

use std::collections::HashMap;
use std::fs::{self, FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::SystemTime;

use super::findings::{self, Words, problem};
use super::ignore_rules::{
    BadIgnoreFile, GIT_IGNORE_FILE, IgnoreFiles, OWN_IGNORE_FILE, Present, REPOSITORY, Rules,
    is_ignored,
};
use super::links::LinkProblem;
use super::start::{Start, is_content};
use super::{ScanError, Scope, Settings, tracked};
use crate::diagnostic::Diagnostic;
use crate::post::SourcePath;

/// What tells a file that was touched from one that was not.
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

/// What a walk found, sorted by path.
#[derive(Debug)]
pub(super) struct Walked {
    pub scope: Scope,
    pub files: Vec<Found>,
    pub problems: Vec<Diagnostic>,
}

/// Whether a walk looks for what deserves a hint, which reads git's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hints {
    Wanted,
    Unwanted,
}

/// Walks a directory of the project, or looks at one file of it.
pub(super) fn walk(settings: &Settings, given: &Path, hints: Hints) -> Result<Walked, ScanError> {
    let start = Start::find(settings, given)?;
    let scope = match (start.relative.as_str(), start.is_directory) {
        ("", _) => Scope(String::new()),
        (relative, true) => Scope(format!("{relative}/")),
        (relative, false) => Scope(relative.to_owned()),
    };
    let mut walk = Walk {
        start: &start,
        ignore_files: IgnoreFiles::new(&start.bounds),
        directories: Vec::new(),
        links: Vec::new(),
        entered: HashMap::new(),
        repeated: Vec::new(),
        left_out: Vec::new(),
        files: Vec::new(),
        problems: Vec::new(),
    };
    if let Err(words) = walk.run() {
        walk.problem(&start.location, words);
    }
    if hints == Hints::Wanted && start.is_directory {
        let hints = tracked::hints(&start, &walk.files, &mut walk.ignore_files);
        walk.problems.extend(hints);
    }
    let Walk {
        mut files,
        mut problems,
        ..
    } = walk;
    files.sort_by(|a, b| (&a.path, &a.location).cmp(&(&b.path, &b.location)));
    let same = |files: &[Found]| {
        let [first, second] = files else { return None };
        (first.path == second.path).then(|| problem(&first.path, findings::same_path()))
    };
    problems.extend(files.windows(2).filter_map(same));
    problems.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Walked {
        scope,
        files,
        problems,
    })
}

struct Walk<'a> {
    start: &'a Start,
    ignore_files: IgnoreFiles<'a>,
    /// To be entered.
    directories: Vec<Directory>,
    /// Links to directories, to be followed once there is no other directory to enter.
    links: Vec<Directory>,
    /// The real directories that were entered, each with the path by which it was found if that
    /// is another one.
    entered: HashMap<PathBuf, Option<PathBuf>>,
    /// Directories that were found again: by which path, and their real ones.
    repeated: Vec<(PathBuf, PathBuf)>,
    /// The real paths of files with a post's name that an ignore file leaves out.
    left_out: Vec<PathBuf>,
    files: Vec<Found>,
    problems: Vec<Diagnostic>,
}

/// A directory to be entered.
struct Directory {
    /// The path by which it was found, which may lead through links.
    location: PathBuf,
    real: PathBuf,
    /// The rules of the directories above the real one.
    above: Rules,
    /// For each link on the way here: what is left out by the path through it.
    views: Vec<View>,
    /// The real directory of each link on the way here.
    link_places: Option<Rc<LinkPlace>>,
}

/// A directory as seen through a link: the ignore files above the link name it by another path.
#[derive(Clone)]
struct View {
    /// The rules of the link's directory.
    rules: Rules,
    /// The directory's path by the link's real place.
    path: PathBuf,
}

struct LinkPlace {
    directory: PathBuf,
    before: Option<Rc<LinkPlace>>,
}

impl Walk<'_> {
    /// Walks. Fails if the start itself is not to be read.
    fn run(&mut self) -> Result<(), Words> {
        let Start {
            location, plain, ..
        } = self.start;
        let Some(real) = &self.start.real else {
            return Err(self.why_not_followed(location));
        };
        let is_link = real != plain;
        if is_link && !self.may_follow(location, real, None, self.start.is_directory) {
            return Ok(());
        }
        if !self.start.is_directory {
            self.file(location, real);
            return Ok(());
        }
        let mut views = Vec::new();
        let above = match self.rules_above(real) {
            Ok(above) => above,
            Err(bad) => {
                self.bad_ignore_file(bad);
                return Ok(());
            }
        };
        if is_link {
            match self.rules_above(plain) {
                Ok(rules) => views.push(View {
                    rules,
                    path: plain.clone(),
                }),
                Err(bad) => {
                    self.bad_ignore_file(bad);
                    return Ok(());
                }
            }
        }
        self.directories.push(Directory {
            location: location.clone(),
            real: real.clone(),
            above,
            views,
            link_places: None,
        });
        self.enter_all();
        self.report_repeated();
        Ok(())
    }

    /// Returns the rules that count for the start from above it. There are none if they leave
    /// out the start itself, or a directory that it is in: it was named outright.
    fn rules_above(&mut self, start: &Path) -> Result<Rules, BadIgnoreFile> {
        let bounds = &self.start.bounds;
        let Ok(below) = start.strip_prefix(&bounds.root) else {
            // Links alone lead out of the root, and only within the work tree may the ignore
            // files above be read.
            return match start.parent().filter(|parent| bounds.contains(parent)) {
                Some(parent) => self.ignore_files.of(parent),
                None => Ok(None),
            };
        };
        let mut directory = bounds.root.clone();
        if below.as_os_str().is_empty() {
            // Its own ignore files are read when it is entered.
            return match directory.parent() {
                Some(parent) if !bounds.in_repository || bounds.top != directory => {
                    self.ignore_files.of(parent)
                }
                _ => Ok(None),
            };
        }
        let mut rules = None;
        for part in below.components() {
            rules = self.ignore_files.of(&directory)?;
            directory.push(part);
            if is_ignored(&rules, &directory, true) {
                return Ok(None);
            }
        }
        Ok(rules)
    }

    fn enter_all(&mut self) {
        loop {
            while let Some(directory) = self.directories.pop() {
                self.enter(directory);
            }
            if self.links.is_empty() {
                return;
            }
            // The last one is entered first.
            self.links.sort_by(|a, b| b.location.cmp(&a.location));
            self.directories.append(&mut self.links);
        }
    }

    fn enter(&mut self, directory: Directory) {
        if self.entered.contains_key(&directory.real) {
            let Directory { location, real, .. } = directory;
            self.repeated.push((location, real));
            return;
        }
        let found_as = (!directory.views.is_empty()).then(|| directory.location.clone());
        self.entered.insert(directory.real.clone(), found_as);
        let listed: io::Result<Vec<_>> = fs::read_dir(&directory.real).and_then(|entries| {
            entries
                .map(|entry| entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?))))
                .filter(|entry| !matches!(entry, Err(e) if e.kind() == io::ErrorKind::NotFound))
                .collect()
        });
        let entries = match listed {
            Ok(entries) => entries,
            // Removed this very moment: as if it had been a moment before.
            Err(error)
                if error.kind() == io::ErrorKind::NotFound
                    && directory.location != self.start.location =>
            {
                return;
            }
            Err(error) => {
                self.problem(&directory.location, findings::unreadable(&error));
                return;
            }
        };
        let has = |name: &str| entries.iter().any(|(entry, _)| entry == name);
        let present = Present {
            own: has(OWN_IGNORE_FILE),
            git: has(GIT_IGNORE_FILE),
            repository: has(REPOSITORY),
        };
        let above = directory.above.clone();
        let rules = match self
            .ignore_files
            .with(above, &directory.real, Some(present))
        {
            Ok(rules) => rules,
            Err(bad) => {
                self.bad_ignore_file(bad);
                return;
            }
        };
        if directory.location == self.start.location {
            self.ignore_files.set(&directory.real, rules.clone());
        }
        for (name, kind) in entries {
            // Hidden ones do not count.
            if !name.as_encoded_bytes().starts_with(b".") {
                self.entry(&directory, &rules, Path::new(&name), kind);
            }
        }
    }

    fn entry(&mut self, directory: &Directory, rules: &Rules, name: &Path, kind: FileType) {
        let real = directory.real.join(name);
        // A link counts as what it leads to.
        let is_directory = kind.is_dir() || kind.is_symlink() && real.is_dir();
        if !is_directory && !kind.is_symlink() && !is_content(name) {
            return;
        }
        let through_link =
            |view: &View| is_ignored(&view.rules, &view.path.join(name), is_directory);
        if is_ignored(rules, &real, is_directory) || directory.views.iter().any(through_link) {
            if !is_directory && is_content(name) {
                self.left_out.push(real);
            }
            return;
        }
        let location = directory.location.join(name);
        if kind.is_symlink() {
            self.link(directory, rules, location, &real);
        } else if is_directory {
            let view = |view: &View| View {
                rules: view.rules.clone(),
                path: view.path.join(name),
            };
            self.directories.push(Directory {
                location,
                real,
                above: rules.clone(),
                views: directory.views.iter().map(view).collect(),
                link_places: directory.link_places.clone(),
            });
        } else {
            self.file(&location, &real);
        }
    }

    /// Looks at a link, which is at the canonical path `place`.
    fn link(&mut self, directory: &Directory, rules: &Rules, location: PathBuf, place: &Path) {
        let target = match place.canonicalize() {
            Ok(target) => target,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // A link to nowhere by another name is no post.
                if is_content(&location) && place.is_symlink() {
                    self.problem(&location, findings::broken_link());
                }
                return;
            }
            Err(error) => {
                self.problem(&location, findings::unfollowed(&error));
                return;
            }
        };
        let is_directory = target.is_dir();
        if !is_directory && !is_content(&location) {
            return;
        }
        if is_directory {
            let mut places = std::iter::successors(directory.link_places.as_deref(), |place| {
                place.before.as_deref()
            });
            if directory.real.starts_with(&target)
                || places.any(|place| place.directory.starts_with(&target))
            {
                let name = self.start.bounds.name(&target);
                self.problem(&location, findings::loop_to(&name));
                return;
            }
        }
        let outright = self.start.real.as_deref();
        if !self.may_follow(&location, &target, outright, is_directory) {
            return;
        }
        if !is_directory {
            self.file(&location, &target);
            return;
        }
        let above = match target.parent() {
            Some(above) if self.start.bounds.contains(above) => self.ignore_files.of(above),
            _ => Ok(None),
        };
        let above = match above {
            Ok(above) => above,
            Err(bad) => {
                self.bad_ignore_file(bad);
                return;
            }
        };
        let name = location.file_name().unwrap_or_default();
        let through_link = |view: &View| View {
            rules: view.rules.clone(),
            path: view.path.join(name),
        };
        let mut views: Vec<View> = directory.views.iter().map(through_link).collect();
        views.push(View {
            rules: rules.clone(),
            path: place.to_owned(),
        });
        self.links.push(Directory {
            location,
            real: target,
            above,
            views,
            link_places: Some(Rc::new(LinkPlace {
                directory: directory.real.clone(),
                before: directory.link_places.clone(),
            })),
        });
    }

    /// Tells whether what a link leads to is read, and reports why not.
    fn may_follow(
        &mut self,
        location: &Path,
        target: &Path,
        outright: Option<&Path>,
        is_directory: bool,
    ) -> bool {
        let bounds = &self.start.bounds;
        let checked = bounds.check(&mut self.ignore_files, outright, target, is_directory);
        let Err(problem) = checked else {
            return true;
        };
        let name = bounds.name(target);
        let words = match problem {
            LinkProblem::Outside => findings::leads_outside(&name),
            LinkProblem::Hidden => findings::leads_to_no_content(&name, "is hidden"),
            LinkProblem::Ignored => findings::leads_to_no_content(&name, "is ignored"),
            LinkProblem::NotContent => {
                findings::leads_to_no_content(&name, "has not the name of a post")
            }
            LinkProblem::BadIgnoreFile(bad) => {
                self.bad_ignore_file(bad);
                return false;
            }
        };
        self.problem(location, words);
        false
    }

    /// Takes up a file that has the name of a post.
    fn file(&mut self, location: &Path, real: &Path) {
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

    /// Reports directories that were found again. One without posts does no harm: a directory
    /// of images may be linked from many.
    fn report_repeated(&mut self) {
        if self.repeated.is_empty() {
            return;
        }
        let found = self.files.iter().map(|file| &file.real);
        let mut posts: Vec<PathBuf> = found.chain(&self.left_out).cloned().collect();
        posts.sort_unstable();
        for (location, real) in std::mem::take(&mut self.repeated) {
            let first = posts.partition_point(|post| *post < real);
            if posts.get(first).is_some_and(|post| post.starts_with(&real)) {
                let found_as = self.entered.get(&real).cloned().flatten();
                let (found_as, _) = self.start.source_path(found_as.as_ref().unwrap_or(&real));
                let words = findings::repeated(&self.start.bounds.name(&real), &found_as);
                self.problem(&location, words);
            }
        }
    }

    fn why_not_followed(&self, location: &Path) -> Words {
        match fs::canonicalize(location) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => findings::unfollowed(&error),
            _ => findings::broken_link(),
        }
    }

    fn bad_ignore_file(&mut self, bad: BadIgnoreFile) {
        let (path, _) = self.start.source_path(&bad.file);
        let found = |line| findings::ignore_file(&path, line);
        self.problems.extend(bad.problems.into_iter().map(found));
    }

    fn problem(&mut self, location: &Path, words: Words) {
        let (path, _) = self.start.source_path(location);
        self.problems.push(problem(&path, words));
    }
}
