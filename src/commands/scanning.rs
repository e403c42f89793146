//! The files of a project, found with a bar where that is asked for.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use super::Context;
use super::shell::argument;
use crate::command_error::CommandError;
use crate::content::{self, PostsFound, ReadSettings, ScanError, Snapshot};
use crate::output::progress::Progress;
use crate::output::words::number;
use crate::project::{self, Project};

/// The directories and files that a command reads.
#[derive(Clone, Debug)]
pub struct ContentPaths {
    /// Their absolute paths, at least one.
    pub paths: Vec<PathBuf>,
    /// The paths as the user wrote them, for messages.
    pub shown: String,
    /// True if none was given, so that it is the project's content directory.
    pub is_default: bool,
}

impl Context {
    /// Finds the project and the paths of a command that reads files. If none is given, it is the
    /// content directory of the project that the working directory belongs to.
    ///
    /// # Errors
    /// [`CommandError`] if the paths belong to different projects, or if its settings are not
    /// usable.
    pub fn content_paths(&self, given: &[PathBuf]) -> anyhow::Result<(Project, ContentPaths)> {
        let Some(first) = given.first() else {
            let project = self.project()?;
            let paths = ContentPaths {
                paths: vec![project.content_directory()],
                shown: format!("{}/", project.config.content.directory),
                is_default: true,
            };
            return Ok((project, paths));
        };
        let project = self.project_of(first)?;
        for other in &given[1..] {
            let root = project::root_of(&self.cwd, other);
            let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
            if root != project.root && real(&root) != real(&project.root) {
                let message = format!(
                    "{} is in the project {}, and {} in {}",
                    first.display(),
                    project.root.display(),
                    other.display(),
                    root.display()
                );
                return Err(CommandError::usage(message)
                    .help("name paths of one project at a time")
                    .into());
            }
        }
        let shown: Vec<String> = given
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let paths = ContentPaths {
            paths: given.iter().map(|path| self.cwd.join(path)).collect(),
            shown: shown.join(", "),
            is_default: false,
        };
        Ok((project, paths))
    }

    /// Finds the files at the paths that a command reads, with a bar where progress is shown.
    ///
    /// # Errors
    /// [`CommandError`] if there is nothing to scan at one of them. Where the content directory
    /// is missing it names those that hold posts.
    pub fn scan_content(
        &self,
        settings: &ReadSettings,
        content: &ContentPaths,
        command: &str,
    ) -> anyhow::Result<Snapshot> {
        let progress = Progress::reading(self.ui.shows_progress(), None);
        let scanned = content::scan_all(settings, &content.paths, &|done| progress.reach(done));
        scanned.map_err(|error| match error {
            ScanError::NotFound { path } => {
                let found = content::posts_in(&settings.root);
                let is_default = content.is_default.then_some(&*content.shown);
                self.not_found(&settings.root, &path, is_default, &found, command)
                    .into()
            }
            error => scan_error(&error),
        })
    }

    /// Finds the files at `path`, with a bar where progress is shown.
    ///
    /// # Errors
    /// [`CommandError`] if there is nothing to scan.
    pub fn scan(&self, settings: &ReadSettings, path: &Path) -> anyhow::Result<Snapshot> {
        let progress = Progress::reading(self.ui.shows_progress(), None);
        let scanned = content::scan(settings, path, &|done| progress.reach(done));
        scanned.map_err(|error| scan_error(&error))
    }

    /// Says that there is nothing at a path, and where posts are.
    fn not_found(
        &self,
        root: &Path,
        path: &Path,
        content: Option<&str>,
        found: &[PostsFound],
        command: &str,
    ) -> CommandError {
        let mut message = match content {
            Some(directory) if self.cwd == root => format!("there is no {directory}"),
            Some(directory) => format!("there is no {directory} in {}", root.display()),
            None => format!("there is no file or directory {}", path.display()),
        };
        if !found.is_empty() {
            message.push_str(&format!("; posts are in {}", listed(found)));
        }
        let help = match (found.first(), content) {
            (Some(first), Some(_)) => format!(
                "run `blogctl init`, which writes the settings that fit the blog, or `{}`",
                self.command_for(command, root, first),
            ),
            (Some(first), None) => {
                let command = self.command_for(command, root, first);
                format!("check the spelling, or run `{command}`")
            }
            (None, Some(directory)) => format!(
                "no file with a front matter was found: put posts in {directory}, or write \
                 `directory = \"...\"` in the section [content] of blogctl.toml"
            ),
            (None, None) => "check the spelling".to_owned(),
        };
        CommandError::usage(message).help(help)
    }

    /// Says why a command found no post: what was left out, and where other posts are.
    pub(super) fn tell_no_posts(
        &self,
        settings: &ReadSettings,
        snapshot: &Snapshot,
        left_out: &str,
        content: &ContentPaths,
        command: &str,
    ) {
        let shown = &content.shown;
        if !left_out.is_empty() {
            let ui = self.ui;
            ui.hint(format_args!(
                "there is no post in {shown}; left out: {left_out}"
            ));
            return;
        }
        if !snapshot.files.is_empty() {
            let ui = self.ui;
            ui.hint(format_args!("there is no post to publish in {shown}"));
            return;
        }
        let found = content::posts_in(&settings.root);
        let elsewhere = match found.first() {
            Some(first) => format!(
                "; posts are in {}: `{}`",
                listed(&found),
                self.command_for(command, &settings.root, first)
            ),
            None => String::new(),
        };
        self.ui.hint(format_args!(
            "no file in {shown} ends in .md, .markdown or .mdx{elsewhere}"
        ));
    }

    /// Returns a command for a directory that holds posts.
    fn command_for(&self, command: &str, root: &Path, found: &PostsFound) -> String {
        let path = match found.directory.as_str() {
            "." => root.to_owned(),
            directory => root.join(directory),
        };
        let relative = path.strip_prefix(&self.cwd).unwrap_or(&path);
        let path = match relative.as_os_str().is_empty() {
            true => Path::new("."),
            false => relative,
        };
        format!("blogctl {command} {}", argument(path))
    }
}

/// Names directories with the number of their posts.
fn listed(found: &[PostsFound]) -> String {
    let named = found.iter().map(|one| {
        let directory = match one.directory.as_str() {
            "." => "the project's root".to_owned(),
            directory => format!("{directory}/"),
        };
        format!("{directory} ({})", number(one.files, "file"))
    });
    let named: Vec<String> = named.collect();
    named.join(", ")
}

fn scan_error(error: &ScanError) -> anyhow::Error {
    let cause = error.source();
    let cause = cause.map_or_else(String::new, |cause| format!(": {cause}"));
    CommandError::usage(format!("{error}{cause}"))
        .help(error.help())
        .into()
}

impl ContentPaths {
    /// Returns whether nothing is at one of the paths.
    pub fn is_missing(&self) -> bool {
        let is_missing = |path: &PathBuf| match path.metadata() {
            Ok(_) => false,
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        self.paths.iter().any(is_missing)
    }
}
