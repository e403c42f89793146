//! The commands by which a user decides on posts in conflict.

use std::path::Path;

use super::Sync;
use crate::commands::shell::word;
use crate::output::sync::Commands;
use crate::plan::{Conflict, ConflictKind};
use crate::post::SourcePath;

/// The most files that are named one by one.
const MOST_PATHS: usize = 3;

/// The most ids that are named.
const MOST_IDS: usize = 50;

impl Sync<'_> {
    /// Returns the commands that show these posts, and that bring their rows to files.
    pub(super) fn commands(&self, conflicts: &[Conflict]) -> Commands {
        if let Some(id) = conflicts.first().map(|conflict| conflict.id) {
            // Neither knows the texts of several locales.
            if self.project.config.locales.is_some() {
                let locale = conflicts[0]
                    .locale
                    .map(|locale| format!(" --locale {locale}"));
                let show = self.context.command("show");
                return Commands {
                    diff: format!("{show} {id}{}", locale.unwrap_or_default()),
                    shows_row: true,
                    ..Commands::default()
                };
            }
        }
        let mut diff = self.context.command("diff");
        if conflicts.len() <= MOST_PATHS {
            for conflict in conflicts {
                diff.push_str(&format!(" {}", self.path_of(&conflict.path)));
            }
        } else if let Some(path) = &self.args.path {
            diff.push_str(&format!(" {}", argument(path)));
        }
        let is_deleted = |conflict: &Conflict| conflict.kind == ConflictKind::Deleted;
        let rows = conflicts.iter().filter(|conflict| !is_deleted(conflict));
        let rows: Vec<_> = rows.take(MOST_IDS).collect();
        let overwrites_files = rows.iter().any(|conflict| conflict.is_file_changed);
        let pull = (!rows.is_empty()).then(|| {
            let mut pull = self.context.command("pull");
            for conflict in &rows {
                pull.push_str(&format!(" {}", conflict.id));
            }
            if let Some(directory) = self.directory() {
                pull.push_str(&format!(" {directory}"));
            }
            pull.push_str(if overwrites_files { " --force" } else { "" });
            pull
        });
        Commands {
            diff,
            shows_row: false,
            pull,
            overwrites_files,
            has_deleted: conflicts.iter().any(is_deleted),
        }
    }

    /// Returns a file as an argument of a command that is started where this one was.
    fn path_of(&self, path: &SourcePath) -> String {
        let path = self.project.root.join(path.as_str());
        let relative = path.strip_prefix(&self.context.cwd);
        argument(relative.unwrap_or(&path))
    }

    /// Returns the directory that a pull has to be given to find the files; `None` if it finds them
    /// by itself.
    fn directory(&self) -> Option<String> {
        let content = self.context.cwd.join("content");
        if self.project.root == self.context.cwd && self.path.starts_with(content) {
            return None;
        }
        let given = self.args.path.as_deref().unwrap_or(Path::new("content"));
        let directory = match self.path.is_dir() {
            true => given,
            false => given.parent().unwrap_or(given),
        };
        let is_here = directory.as_os_str().is_empty();
        Some(argument(if is_here { Path::new(".") } else { directory }))
    }
}

/// Returns a path as an argument that is not taken for an option.
fn argument(path: &Path) -> String {
    let path = path.to_string_lossy();
    match path.starts_with('-') {
        true => word(&format!("./{path}")).into_owned(),
        false => word(&path).into_owned(),
    }
}
