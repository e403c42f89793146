//! The commands by which a user decides on posts in conflict.

use std::collections::BTreeMap;
use std::path::Path;

use super::Sync;
use crate::commands::shell::word;
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
        } else if let Some(path) = &self.args.path {
            diff.push_str(&format!(" {}", argument(path)));
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
