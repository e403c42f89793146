//! The commands by which a user decides on posts in conflict.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Sync;
use crate::commands::shell::argument;
use crate::locale::Locale;
use crate::output::sync::Commands;
use crate::plan::{Conflict, ConflictKind};
use crate::post::{PostId, SourcePath};

/// The most files that are named one by one.
const MOST_PATHS: usize = 3;

/// The most ids that are named.
const MOST_IDS: usize = 50;

impl Sync<'_> {
    /// Returns the commands that show these posts, and that bring their rows to files.
    pub(super) fn commands(&self, conflicts: &[Conflict]) -> Commands {
        let mut diff = self.context.command("diff");
        if conflicts.len() <= MOST_PATHS {
            for conflict in conflicts {
                diff.push_str(&format!(" {}", self.path_of(&conflict.path)));
            }
        } else {
            for path in &self.args.paths {
                diff.push_str(&format!(" {}", argument(path)));
            }
        }
        let is_deleted = |conflict: &Conflict| conflict.kind == ConflictKind::Deleted;
        let rows = conflicts.iter().filter(|conflict| !is_deleted(conflict));
        let rows: Vec<_> = rows.take(MOST_IDS).collect();
        let overwrites_files = rows.iter().any(|conflict| conflict.is_file_changed);
        // A pull is of one locale, so that it leaves the other texts of the posts alone.
        let mut by_locale: BTreeMap<Option<Locale>, Vec<PostId>> = BTreeMap::new();
        for conflict in &rows {
            by_locale
                .entry(conflict.locale)
                .or_default()
                .push(conflict.id);
        }
        let pulls = by_locale.iter().map(|(locale, ids)| {
            let mut pull = self.context.command("pull");
            for id in ids {
                pull.push_str(&format!(" {id}"));
            }
            if let Some(directory) = self.directory() {
                pull.push_str(&format!(" {directory}"));
            }
            if let Some(locale) = locale {
                pull.push_str(&format!(" --locale {locale}"));
            }
            pull.push_str(if overwrites_files { " --force" } else { "" });
            pull
        });
        let pulls: Vec<String> = pulls.collect();
        let pull = (!pulls.is_empty()).then(|| pulls.join(" && "));
        Commands {
            diff,
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
        let content = self.project.content_directory();
        let is_in_content = |path: &PathBuf| path.starts_with(&content);
        let given = self.args.paths.first()?;
        if self.content.paths.iter().all(is_in_content) {
            let is_here = self
                .context
                .project()
                .is_ok_and(|here| here.root == self.project.root);
            if is_here {
                return None;
            }
        }
        let directory = match self.context.cwd.join(given).is_dir() {
            true => given,
            false => given.parent().unwrap_or(given),
        };
        let is_here = directory.as_os_str().is_empty();
        Some(argument(if is_here { Path::new(".") } else { directory }))
    }
}
