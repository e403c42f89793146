//! The directories of a pull.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::super::Context;
use crate::command_error::CommandError;
use crate::content::{ReadSettings, Scope, Snapshot};
use crate::left_out::LeftOut;
use crate::post::SourcePath;
use crate::project::{self, Project};

/// The directories of a pull.
pub(super) struct Place {
    /// The directory whose files are looked at.
    pub scanned: PathBuf,
    /// The part of the project that the pull is about.
    pub scope: Scope,
    /// The directory for new files as a source path, where one was given.
    pub directory: Option<String>,
    /// The scanned directory as a source path.
    pub content: String,
}

impl Place {
    /// Finds the directories, which need not be there.
    pub fn find(context: &Context, project: &Project, directory: Option<&Path>) -> Result<Self> {
        let content = project.content_directory();
        let given = directory.map(|path| project::absolute(&context.cwd, path));
        let start = given.as_deref().unwrap_or(&content);
        // A part of the content is not enough to know which posts have a file.
        let scanned = if start.starts_with(&content) {
            content.clone()
        } else {
            start.to_owned()
        };
        if start.exists() && !start.is_dir() {
            let message = format!("{} is not a directory", start.display());
            let help = "name the ids of posts, and a directory for new files";
            return Err(CommandError::usage(message).help(help).into());
        }
        let source_path = |path: &Path| -> Result<String> {
            let relative = path.strip_prefix(&project.root).ok();
            let parts: Option<Vec<&str>> = relative.and_then(|relative| {
                let parts = relative.components();
                parts.map(|part| part.as_os_str().to_str()).collect()
            });
            let Some(parts) = parts else {
                let message = format!("{} is outside the project", path.display());
                let help = "name a directory of the project that the posts belong to";
                return Err(CommandError::usage(message).help(help).into());
            };
            let path: String = parts.iter().map(|part| format!("{part}/")).collect();
            Ok(SourcePath::composed(&path).as_str().to_owned())
        };
        Ok(Self {
            scope: Scope::new(source_path(start)?),
            directory: match &given {
                Some(given) if *given != content => Some(source_path(given)?),
                _ => None,
            },
            content: source_path(&scanned)?,
            scanned,
        })
    }

    /// Finds the files; a directory that is not there has none.
    pub fn scan(&self, context: &Context, settings: &ReadSettings) -> Result<Snapshot> {
        if self.scanned.symlink_metadata().is_err() {
            return Ok(Snapshot {
                scope: self.scope.clone(),
                files: Vec::new(),
                problems: Vec::new(),
                left_out: LeftOut::default(),
            });
        }
        context.scan(settings, &self.scanned)
    }
}
