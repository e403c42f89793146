//! The walk that finds files that may be posts, without reading them, and counts what it leaves
//! out.
//!
//! Directories are walked before the links in them, and each real directory is entered once, so
//! that links to each other do not multiply the paths.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

use super::bounds::REPOSITORY;
use super::file_name::{is_almost_content, is_content};
use super::findings::{self, Words, problem};
use super::found::{Found, Walked};
use super::ignore_files::{BadIgnoreFile, IgnoreFiles, Present};
use super::ignore_rules::{
    GIT_IGNORE_FILE, OWN_IGNORE_FILE, RuleSource, Rules, is_ignored, verdict, without_those_against,
};
use super::read_settings::ReadSettings;
use super::scan_error::ScanError;
use super::scan_root::ScanRoot;
use super::snapshot::Scope;
use super::tracked::{Kept, Repositories};
use super::walk_state::{Directory, View, Walk};
use crate::left_out::{LeftOut, Reason};
use crate::post::SourcePath;

/// Walks directories of the project, and checks files of it. What lies within another one of them
/// is found once.
pub(super) fn walk(settings: &ReadSettings, given: &[&Path]) -> Result<Walked, ScanError> {
    let starts = given.iter().map(|path| ScanRoot::find(settings, path));
    let mut starts: Vec<ScanRoot> = starts.collect::<Result<_, _>>()?;
    // A directory comes before what lies in it.
    starts.sort_by(|one, other| one.location.cmp(&other.location));
    let repositories = Repositories::default();
    let mut files: Vec<Found> = Vec::new();
    let mut problems = Vec::new();
    let mut left_out = LeftOut::default();
    let mut tracked: BTreeMap<SourcePath, Vec<SourcePath>> = BTreeMap::new();
    let mut entered: HashSet<PathBuf> = HashSet::new();
    for start in &starts {
        let is_found = match (start.is_directory, &start.real) {
            (true, Some(real)) => entered.contains(real),
            _ => files.iter().any(|file| file.location == start.location),
        };
        // What lies in another one and was left out there is read all the same: it was named.
        if is_found {
            continue;
        }
        let walk = walk_one(settings, start, &repositories);
        files.extend(walk.files);
        problems.extend(walk.problems);
        left_out.merge(walk.left_out);
        for (file, post) in walk.tracked {
            tracked.entry(file).or_default().push(post);
        }
        let whole = walk.entered.into_keys();
        entered.extend(whole.filter(|real| !walk.entered_in_part.contains(real)));
    }
    for (file, mut posts) in tracked {
        posts.sort();
        posts.dedup();
        problems.push(problem(&file, findings::tracked_but_ignored(&posts)));
    }
    files.sort_by(|a, b| (&a.path, &a.location).cmp(&(&b.path, &b.location)));
    files.dedup_by(|a, b| a.location == b.location && a.path == b.path);
    let same = |files: &[Found]| {
        let [first, second] = files else { return None };
        (first.path == second.path).then(|| problem(&first.path, findings::same_path()))
    };
    problems.extend(files.windows(2).filter_map(same));
    problems.sort_by(|a, b| a.path.cmp(&b.path));
    problems.dedup();
    Ok(Walked {
        scope: Scope::of(starts.iter().map(ScanRoot::scope)),
        files,
        problems,
        left_out,
    })
}

/// Walks a directory, or checks a file.
fn walk_one<'a>(
    settings: &'a ReadSettings,
    start: &'a ScanRoot,
    repositories: &'a Repositories,
) -> Walk<'a> {
    let mut walk = Walk {
        start,
        ignore_files: IgnoreFiles::new(&start.bounds, &settings.exclude, repositories),
        directories: Vec::new(),
        links: Vec::new(),
        entered: HashMap::new(),
        entered_in_part: HashSet::new(),
        repeated: Vec::new(),
        ignored: Vec::new(),
        left_out: LeftOut::default(),
        tracked: Vec::new(),
        files: Vec::new(),
        problems: Vec::new(),
    };
    if let Err(words) = walk.run() {
        walk.problem(&start.location, words);
    }
    if walk.ignore_files.took_too_long() {
        walk.problem(&start.location, findings::slow_patterns());
    }
    walk
}

/// The decision about an entry of a directory.
enum Judged {
    /// It is read; `Some` is the ignore file of git's that names it, if it is read because git
    /// tracks it.
    Read(Option<PathBuf>),
    /// It is left out, by a rule of this file.
    LeftOut(Reason, PathBuf),
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
        let is_directory = self.start.is_directory;
        if is_link && self.may_follow(location, real, None, is_directory).is_err() {
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
            // It was named outright.
            ignored_by: None,
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
        if directory.ignored_by.is_some() {
            self.entered_in_part.insert(directory.real.clone());
        }
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
            // Where only what git tracks is read, its ignore files do not matter.
            git: has(GIT_IGNORE_FILE) && directory.ignored_by.is_none(),
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
            self.entry(&directory, &rules, Path::new(&name), kind);
        }
    }

    fn entry(&mut self, directory: &Directory, rules: &Rules, name: &Path, kind: FileType) {
        let location = directory.location.join(name);
        if name.as_os_str().as_encoded_bytes().starts_with(b".") {
            if is_content(name) && !kind.is_dir() {
                self.leave_out(&location, false, Reason::Hidden, None);
            }
            return;
        }
        let real = directory.real.join(name);
        // A link counts as what it leads to.
        let is_directory = kind.is_dir() || kind.is_symlink() && real.is_dir();
        if !is_directory && !kind.is_symlink() && !is_content(name) {
            if is_almost_content(name) {
                self.leave_out(&location, false, Reason::OtherName, None);
            }
            return;
        }
        let ignored_by = match self.judge(directory, rules, name, is_directory) {
            Judged::Read(ignored_by) => ignored_by,
            Judged::LeftOut(reason, by) => {
                if is_directory || is_content(name) {
                    self.leave_out(&location, is_directory, reason, Some(&by));
                }
                if !is_directory && is_content(name) {
                    self.ignored.push(real);
                }
                return;
            }
        };
        if kind.is_symlink() {
            self.link(directory, rules, location, &real, ignored_by);
        } else if is_directory {
            let view = |view: &View| View {
                rules: view.rules.clone(),
                path: view.path.join(name),
            };
            self.directories.push(Directory {
                location,
                real,
                above: rules.clone(),
                ignored_by,
                views: directory.views.iter().map(view).collect(),
                link_places: directory.link_places.clone(),
            });
        } else {
            self.tracked_file(&location, &real, ignored_by.as_deref());
        }
    }

    /// Decides whether an entry is read, by its own path and by those through links.
    fn judge(
        &self,
        directory: &Directory,
        rules: &Rules,
        name: &Path,
        is_directory: bool,
    ) -> Judged {
        let real = directory.real.join(name);
        let mut ignored_by = directory.ignored_by.clone();
        let own = (rules, real.clone());
        let views = directory.views.iter();
        let views = views.map(|view| (&view.rules, view.path.join(name)));
        for (rules, path) in std::iter::once(own).chain(views) {
            let verdict = verdict(rules, &path, is_directory);
            match verdict.filter(|verdict| verdict.is_ignored) {
                None => {}
                Some(verdict) if verdict.source == RuleSource::Git => {
                    ignored_by.get_or_insert_with(|| verdict.file());
                }
                Some(verdict) => {
                    return Judged::LeftOut(verdict.source.reason(), verdict.file());
                }
            }
        }
        let Some(file) = ignored_by else {
            return Judged::Read(None);
        };
        match self.ignore_files.kept(&real, is_directory) {
            Kept::All if is_directory => Judged::Read(None),
            Kept::All | Kept::Part => Judged::Read(Some(file)),
            Kept::Nothing => Judged::LeftOut(Reason::Gitignore, file),
        }
    }
}
