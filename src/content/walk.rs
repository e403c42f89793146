//! The walk that finds files that may be posts, without reading them.
//!
//! Directories are walked before the links in them, and each real directory is entered once, so
//! that links to each other do not multiply the paths.

use std::collections::HashMap;
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

use super::bounds::REPOSITORY;
use super::file_name::is_content;
use super::findings::{self, Words, problem};
use super::found::{Found, Walked};
use super::ignore_files::{BadIgnoreFile, GIT_IGNORE_FILE, IgnoreFiles, OWN_IGNORE_FILE, Present};
use super::ignore_rules::{Rules, is_ignored, without_those_against};
use super::read_settings::ReadSettings;
use super::scan_error::ScanError;
use super::scan_root::ScanRoot;
use super::snapshot::Scope;
use super::tracked;
use super::walk_state::{Directory, View, Walk};

/// The choice whether to look for hints, which needs git's index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hints {
    Wanted,
    Unwanted,
}

/// Walks a directory of the project, or checks one file of it.
pub(super) fn walk(
    settings: &ReadSettings,
    given: &Path,
    hints: Hints,
) -> Result<Walked, ScanError> {
    let start = ScanRoot::find(settings, given)?;
    let scope = match (start.relative.as_str(), start.is_directory) {
        ("", _) => Scope::new(""),
        (relative, true) => Scope::new(format!("{relative}/")),
        (relative, false) => Scope::new(relative),
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
    if walk.ignore_files.took_too_long() {
        walk.problem(&start.location, findings::slow_patterns());
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

impl Walk<'_> {
    /// Runs the walk. Fails if the start itself must not be read.
    fn run(&mut self) -> Result<(), Words> {
        let ScanRoot {
            location, plain, ..
        } = self.start;
        let Some(real) = &self.start.real else {
            return Err(self.why_not_followed(location));
        };
        let is_link = self.start.passes_link();
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

    /// Returns the rules that count for the start from above it, but for the patterns that leave
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
        let mut overruled = Vec::new();
        let mut is_behind_link = false;
        for part in below.components() {
            // What is behind a link has its own rules, by its own path.
            if !is_behind_link {
                rules = self.ignore_files.of(&directory)?;
            }
            directory.push(part);
            is_behind_link |= directory.is_symlink();
            if is_ignored(&rules, &directory, true) {
                overruled.push(directory.clone());
            }
        }
        let counting = |rules, named: &PathBuf| without_those_against(&rules, named);
        Ok(overruled.iter().fold(rules, counting))
    }

    fn enter_all(&mut self) {
        loop {
            while let Some(directory) = self.directories.pop() {
                self.enter(directory);
            }
            if self.links.is_empty() || self.ignore_files.took_too_long() {
                return;
            }
            // The last one is entered first.
            self.links.sort_by(|a, b| b.location.cmp(&a.location));
            self.directories.append(&mut self.links);
        }
    }

    fn enter(&mut self, directory: Directory) {
        if self.ignore_files.took_too_long() {
            return;
        }
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
            if self.ignore_files.took_too_long() {
                return;
            }
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
}
