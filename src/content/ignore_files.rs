//! The ignore files of a project, found and read.
//!
//! A file that cannot be read whole and understood line by line is an error, because what it
//! was to keep private would be published otherwise.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::bounds::{Bounds, REPOSITORY, is_repository};
use super::exclude::Exclude;
use super::ignore_pattern::{Pattern, Work};
use super::ignore_rules::{DirectoryRules, GIT_IGNORE_FILE, OWN_IGNORE_FILE, Rules, SETTINGS_FILE};
use super::tracked::{Kept, Repositories};
use crate::input_file::{self, Links, MAX_SETTINGS_FILE, ReadError};

/// The most patterns that may count for one directory: those of its ignore files and of the
/// ones above it.
pub(super) const MAX_PATTERNS: usize = 10_000;

/// The most steps that the patterns of a walk may take, of some nanoseconds each. 200,000 posts
/// and 40 patterns like `*draft*` take about as many.
const MAX_STEPS: u64 = if cfg!(test) { 20_000_000 } else { 500_000_000 };

/// The most bytes of memory that the patterns of a walk may take together: some 500,000 short
/// ones.
const MAX_MEMORY: usize = if cfg!(test) { 4 << 20 } else { 64 << 20 };

/// The most problems of one ignore file that are reported.
const MAX_PROBLEMS: usize = 20;

/// An ignore file that does not say what to leave out.
#[derive(Debug)]
pub(super) struct BadIgnoreFile {
    pub file: PathBuf,
    /// At least one.
    pub problems: Vec<LineProblem>,
}

/// A problem with a line of an ignore file, or with the file.
#[derive(Debug)]
pub(super) struct LineProblem {
    /// Counted from 1; `None` when it is about the file as a whole.
    pub line: Option<usize>,
    pub message: String,
    pub help: &'static str,
}

impl BadIgnoreFile {
    fn whole(file: PathBuf, message: String, help: &'static str) -> Self {
        let line = None;
        let problems = vec![LineProblem {
            line,
            message,
            help,
        }];
        Self { file, problems }
    }
}

/// The entries of a directory that decide what is left out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Present {
    pub own: bool,
    pub git: bool,
    pub repository: bool,
}

/// A cached reader of ignore files.
pub(super) struct IgnoreFiles<'a> {
    bounds: &'a Bounds,
    exclude: &'a Exclude,
    repositories: &'a Repositories,
    known: HashMap<PathBuf, Rules>,
    work: Rc<Work>,
}

impl<'a> IgnoreFiles<'a> {
    pub fn new(bounds: &'a Bounds, exclude: &'a Exclude, repositories: &'a Repositories) -> Self {
        Self {
            bounds,
            exclude,
            repositories,
            known: HashMap::new(),
            work: Rc::new(Work::new(MAX_STEPS, MAX_MEMORY)),
        }
    }

    /// Returns whether the patterns have taken too long or too much memory, so that their answers
    /// no longer count.
    pub fn took_too_long(&self) -> bool {
        self.work.is_spent()
    }

    /// Returns what git keeps of a canonical path that one of its ignore files names.
    pub fn kept(&self, path: &Path, is_directory: bool) -> Kept {
        self.repositories.kept(self.bounds, path, is_directory)
    }

    /// Sets the rules that count in a directory.
    pub fn set(&mut self, directory: &Path, rules: Rules) {
        self.known.insert(directory.to_owned(), rules);
    }

    /// Returns the rules that count in a directory, given by its canonical path.
    ///
    /// # Errors
    /// [`BadIgnoreFile`] for the outermost file that cannot be understood.
    pub fn of(&mut self, directory: &Path) -> Result<Rules, BadIgnoreFile> {
        let mut missing = Vec::new();
        let mut rules = None;
        for directory in directory.ancestors() {
            if let Some(known) = self.known.get(directory) {
                rules = known.clone();
                break;
            }
            missing.push(directory);
            // Where there is no repository, an ignore file of the one that the project was
            // taken from may be further up.
            if self.bounds.in_repository && directory == self.bounds.top {
                break;
            }
        }
        for directory in missing.into_iter().rev() {
            rules = self.with(rules, directory, None)?;
            self.set(directory, rules.clone());
        }
        Ok(rules)
    }

    /// Adds the rules of a directory's own ignore files to those above it. `present` says which
    /// of them there are, where that is known.
    ///
    /// # Errors
    /// [`BadIgnoreFile`] if one of them cannot be understood.
    pub fn with(
        &self,
        above: Rules,
        directory: &Path,
        present: Option<Present>,
    ) -> Result<Rules, BadIgnoreFile> {
        let present = present.unwrap_or(Present {
            own: true,
            git: true,
            repository: true,
        });
        let is_read = |present: bool, name: &str| present.then(|| directory.join(name));
        let repository = is_read(present.repository, REPOSITORY).filter(|path| path.exists());
        let in_force = above.as_ref().map_or(0, |level| level.in_force);
        let mut level = DirectoryRules {
            above,
            directory: directory.to_owned(),
            own: Vec::new(),
            git: Vec::new(),
            exclude: Vec::new(),
            is_repository_top: self.bounds.in_repository
                && repository
                    .as_deref()
                    .is_some_and(|path| directory == self.bounds.top || is_repository(path)),
            in_force,
            work: Rc::clone(&self.work),
        };
        if let Some(file) = is_read(present.own, OWN_IGNORE_FILE) {
            level.own = level.count(&file, self.read(&file)?)?;
        }
        if let Some(file) = is_read(present.git, GIT_IGNORE_FILE) {
            level.git = level.count(&file, self.read(&file)?)?;
        }
        if *directory == *self.bounds.root {
            let file = directory.join(SETTINGS_FILE);
            level.exclude = level.count(&file, self.exclude.patterns.clone())?;
        }
        if level.in_force == in_force && !level.is_repository_top {
            return Ok(level.above);
        }
        Ok(Some(Rc::new(level)))
    }

    /// Reads an ignore file of a directory; there may be none.
    fn read(&self, file: &Path) -> Result<Vec<Pattern>, BadIgnoreFile> {
        if !file.is_symlink() {
            let text = input_file::read_text(file, Links::RefuseAll, MAX_SETTINGS_FILE);
            return patterns(file, text);
        }
        let target = file.canonicalize().map_err(|error| {
            let message = format!("this link cannot be followed: {error}");
            let help = "remove the link, or bring back the file that it names";
            BadIgnoreFile::whole(file.to_owned(), message, help)
        })?;
        if self.bounds.is_outside(&target) && self.bounds.contains(file) {
            let message = format!(
                "this link leads out of the project, to {}",
                target.display()
            );
            let help = "put the file itself in its place";
            return Err(BadIgnoreFile::whole(file.to_owned(), message, help));
        }
        let text = input_file::read_text(&target, Links::RefuseAll, MAX_SETTINGS_FILE);
        patterns(file, text)
    }
}

impl DirectoryRules {
    /// Adds the patterns of a file to the count.
    fn count(
        &mut self,
        file: &Path,
        patterns: Vec<Pattern>,
    ) -> Result<Vec<Pattern>, BadIgnoreFile> {
        self.in_force += patterns.len();
        patterns.iter().for_each(|pattern| self.work.keep(pattern));
        if self.in_force <= MAX_PATTERNS {
            return Ok(patterns);
        }
        let message =
            format!("with this file more than {MAX_PATTERNS} patterns count for one directory");
        let help = "ignore whole directories, or use wildcards";
        Err(BadIgnoreFile::whole(file.to_owned(), message, help))
    }
}

/// Parses the patterns of a file.
fn patterns(file: &Path, text: Result<String, ReadError>) -> Result<Vec<Pattern>, BadIgnoreFile> {
    let text = match text {
        Ok(text) => text,
        Err(error) if error.is_absent(file) => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(file, &error)),
    };
    let mut patterns = Vec::new();
    let mut problems = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    // A pattern may hold one, as `Icon` and a carriage return do, but a file of nothing else is
    // of one line, by which git would ignore nothing.
    if !text.contains('\n') && text.trim_end_matches('\r').contains('\r') {
        let message = "the lines of the ignore file end in carriage returns alone".to_owned();
        let help = "save the file with LF or CRLF line ends";
        return Err(BadIgnoreFile::whole(file.to_owned(), message, help));
    }
    for (number, line) in text.split('\n').enumerate() {
        match Pattern::parse(line.strip_suffix('\r').unwrap_or(line)) {
            Ok(pattern) => patterns.extend(pattern),
            Err(error) => problems.push(LineProblem {
                line: Some(number + 1),
                message: error.to_string(),
                help: error.help(),
            }),
        }
        if problems.len() == MAX_PROBLEMS || patterns.len() > MAX_PATTERNS {
            break;
        }
    }
    if problems.is_empty() {
        return Ok(patterns);
    }
    Err(BadIgnoreFile {
        file: file.to_owned(),
        problems,
    })
}

fn unreadable(file: &Path, error: &ReadError) -> BadIgnoreFile {
    let (line, help) = match error {
        ReadError::NotRegular(_) => (None, "put a file in its place, or remove it"),
        ReadError::TooLarge { .. } => (None, "ignore whole directories, or use wildcards"),
        ReadError::NotUtf8 { line } => (Some(*line), "save the file as UTF-8"),
        ReadError::Io(_) => (None, "make it readable, or remove it"),
    };
    let message = match error {
        ReadError::NotUtf8 { .. } => "this line is not UTF-8".to_owned(),
        _ => format!("the ignore file cannot be read: {error}"),
    };
    BadIgnoreFile {
        file: file.to_owned(),
        problems: vec![LineProblem {
            line,
            message,
            help,
        }],
    }
}
