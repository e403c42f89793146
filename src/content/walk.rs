//! Finds the files that may be posts, without reading them.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ignore::DirEntry;

use super::rules::{self, Rule};
use super::start::{Start, is_content};
use super::{ScanError, Scope, Settings};
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
    pub location: PathBuf,
    pub stamp: Stamp,
}

/// What a walk found, sorted by path.
#[derive(Debug)]
pub(super) struct Walked {
    pub scope: Scope,
    pub files: Vec<Found>,
    pub problems: Vec<Diagnostic>,
}

/// Walks a directory of the project, or looks at one file of it.
pub(super) fn walk(settings: &Settings, given: &Path) -> Result<Walked, ScanError> {
    let start = Start::find(settings, given)?;
    let scope = match (start.relative.as_str(), start.is_directory) {
        ("", _) => Scope(String::new()),
        (relative, true) => Scope(format!("{relative}/")),
        (relative, false) => Scope(relative.to_owned()),
    };
    let mut walk = Walk {
        start: &start,
        files: Vec::new(),
        problems: Vec::new(),
    };
    walk.run();
    let Walk {
        mut files,
        mut problems,
        ..
    } = walk;
    files.sort_by(|a, b| (&a.path, &a.location).cmp(&(&b.path, &b.location)));
    let same = |files: &[Found]| {
        let [first, second] = files else { return None };
        (first.path == second.path).then(|| {
            problem(
                rules::SAME_PATH,
                &first.path,
                "two files have this name: they differ only in how accents are encoded".into(),
                "delete or rename one of them",
            )
        })
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
    files: Vec<Found>,
    problems: Vec<Diagnostic>,
}

impl Walk<'_> {
    fn run(&mut self) {
        let mut builder = self.start.builder(&self.start.location);
        // What is named outright is read, though what is above it would have it ignored.
        builder.parents(!self.start.is_ignored());
        let mut errors = Vec::new();
        for entry in builder.build() {
            match entry {
                Ok(entry) => {
                    if let Some(error) = entry.error() {
                        self.ignore_file(error);
                    }
                    self.entry(&entry);
                }
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() {
            return;
        }
        // The walk reports what it cannot enter before it asks whether it should.
        let mut matchers = builder.build_matchers();
        for error in errors {
            let is_wanted = |path: &Path| {
                let below = path.strip_prefix(&self.start.location).unwrap_or(path);
                below.as_os_str().is_empty()
                    || !matchers
                        .iter_mut()
                        .any(|matcher| matcher.matched(below, false).is_ignore())
            };
            self.error(&error, is_wanted);
        }
    }

    fn entry(&mut self, entry: &DirEntry) {
        let location = entry.path();
        let Some(kind) = entry.file_type() else {
            return;
        };
        if kind.is_dir() || !is_content(location) {
            return;
        }
        let (path, is_text) = self.start.source_path(location);
        let found = if !is_text {
            Err((
                rules::FILE_NAME,
                "the file's name is not UTF-8".to_owned(),
                "rename it",
            ))
        } else if kind.is_symlink() {
            // Links are followed, so this one leads nowhere; only the start's is seen here.
            Err(broken_link())
        } else if !kind.is_file() {
            Err((
                rules::NOT_A_FILE,
                "this is a pipe, a socket or a device, not a file".to_owned(),
                "remove it, or list it in .blogctlignore",
            ))
        } else {
            match std::fs::metadata(location) {
                Ok(metadata) => Ok(Stamp::from(&metadata)),
                // Removed this very moment: as if it had been a moment before.
                Err(error) if error.kind() == io::ErrorKind::NotFound => return,
                Err(error) => Err(unreadable(&error)),
            }
        };
        match found {
            Ok(stamp) => self.files.push(Found {
                path,
                location: location.to_owned(),
                stamp,
            }),
            Err((rule, message, help)) => self.problems.push(problem(rule, &path, message, help)),
        }
    }

    fn error(&mut self, error: &ignore::Error, is_wanted: impl FnOnce(&Path) -> bool) {
        let (location, kind) = unwrap(error);
        let location = location.unwrap_or(&self.start.location);
        if !is_wanted(location) {
            return;
        }
        let (path, _) = self.start.source_path(location);
        let (rule, message, help) = match kind {
            Innermost::Loop(ancestor) => {
                let (ancestor, _) = self.start.source_path(ancestor);
                (
                    rules::SYMLINK_LOOP,
                    match ancestor.as_str() {
                        "" => "this link leads back to the project root".to_owned(),
                        above => format!("this link leads back to {above}, which it is in"),
                    },
                    "remove the link, or list it in .blogctlignore",
                )
            }
            Innermost::Io(error)
                if error.kind() == io::ErrorKind::NotFound && location != self.start.location =>
            {
                // A link to nowhere by another name is no post; nor is what was removed.
                if !is_content(location) || !location.is_symlink() {
                    return;
                }
                broken_link()
            }
            Innermost::Io(error)
                if error.kind() == io::ErrorKind::NotFound && location.is_symlink() =>
            {
                broken_link()
            }
            Innermost::Io(error) => {
                // A link to itself: the system says that it has followed enough of them.
                if location.is_symlink() && std::fs::metadata(location).is_err_and(|e| is_loop(&e))
                {
                    (
                        rules::SYMLINK_LOOP,
                        "this link leads back to itself".to_owned(),
                        "remove the link, or list it in .blogctlignore",
                    )
                } else {
                    unreadable(error)
                }
            }
            Innermost::Other(error) => (
                rules::UNREADABLE,
                format!("cannot be read: {error}"),
                "check the file and the directories above it",
            ),
        };
        self.problems.push(problem(rule, &path, message, help));
    }

    fn ignore_file(&mut self, error: &ignore::Error) {
        if let ignore::Error::Partial(errors) = error {
            errors.iter().for_each(|error| self.ignore_file(error));
            return;
        }
        let (location, _) = unwrap(error);
        let (path, _) = self
            .start
            .source_path(location.unwrap_or(&self.start.location));
        let help = "mend the pattern; the file's other lines stand";
        self.problems
            .push(problem(rules::IGNORE_FILE, &path, error.to_string(), help));
    }
}

/// What an error of the walk is about.
enum Innermost<'a> {
    /// The directory above that a link leads to.
    Loop(&'a Path),
    Io(&'a io::Error),
    Other(&'a ignore::Error),
}

/// Takes an error out of its wrappings, with the path in them.
fn unwrap(error: &ignore::Error) -> (Option<&Path>, Innermost<'_>) {
    match error {
        ignore::Error::WithPath { path, err } => {
            let (inner, kind) = unwrap(err);
            (Some(inner.unwrap_or(path)), kind)
        }
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            unwrap(err)
        }
        ignore::Error::Partial(errors) if errors.len() == 1 => unwrap(&errors[0]),
        ignore::Error::Loop { ancestor, child } => (Some(child), Innermost::Loop(ancestor)),
        ignore::Error::Io(error) => (None, Innermost::Io(error)),
        other => (None, Innermost::Other(other)),
    }
}

#[cfg(unix)]
fn is_loop(error: &io::Error) -> bool {
    // `io::ErrorKind::FilesystemLoop` is not stable; its message is the system's own.
    error.to_string().to_lowercase().contains("symbolic link")
}

#[cfg(not(unix))]
fn is_loop(_: &io::Error) -> bool {
    false
}

fn broken_link() -> (Rule, String, &'static str) {
    (
        rules::BROKEN_LINK,
        "this link leads nowhere".to_owned(),
        "remove the link, or bring back the file that it names",
    )
}

/// The words for a file or directory that the system refuses to read.
pub(super) fn unreadable(error: &io::Error) -> (Rule, String, &'static str) {
    (
        rules::UNREADABLE,
        format!("cannot be read: {error}"),
        "make it readable (`chmod u+r`, for a directory `u+rx`), or list it in .blogctlignore",
    )
}

/// Makes a finding about a file as a whole.
pub(super) fn problem(rule: Rule, path: &SourcePath, message: String, help: &str) -> Diagnostic {
    Diagnostic {
        rule: rule.name,
        severity: rule.severity,
        message,
        help: Some(help.to_owned()),
        path: path.clone(),
        spot: None,
    }
}
