//! Files that a scan would not find, and the reason.

use std::collections::HashMap;
use std::path::Path;

use super::bounds::Bounds;
use super::ignore_files::IgnoreFiles;
use super::links::{LinkProblem, check};
use super::read_settings::ReadSettings;
use super::tracked::Repositories;
use crate::left_out::Reason;
use crate::post::SourcePath;

/// Returns whether a scan of a directory would leave out a file at this path, because it is
/// hidden, ignored or has another name than posts have.
///
/// `directory` and `path` are relative to the root.
pub fn is_left_out(settings: &ReadSettings, directory: &Path, path: &Path) -> bool {
    let Ok(root) = settings.root.canonicalize() else {
        return false;
    };
    let (directory, path) = (root.join(directory), root.join(path));
    let bounds = Bounds::new(root, false);
    let repositories = Repositories::default();
    let mut files = IgnoreFiles::new(&bounds, &settings.exclude, &repositories);
    check(&bounds, &mut files, Some(&directory), &path, false).is_err()
}

/// Finds the reasons for which a scan leaves out those of the files that are there, but for their
/// content.
pub fn why_left_out(settings: &ReadSettings, paths: &[SourcePath]) -> HashMap<SourcePath, Reason> {
    let Ok(root) = settings.root.canonicalize() else {
        return HashMap::new();
    };
    let bounds = Bounds::new(root, false);
    let repositories = Repositories::default();
    let mut files = IgnoreFiles::new(&bounds, &settings.exclude, &repositories);
    let mut reason = |path: &SourcePath| {
        let place = bounds.root.join(path.as_str());
        if !place.is_file() {
            return None;
        }
        match check(&bounds, &mut files, None, &place, false) {
            Err(LinkProblem::Ignored(reason)) => Some(reason),
            Err(LinkProblem::Hidden) => Some(Reason::Hidden),
            _ => None,
        }
    };
    let reasons = paths.iter().map(|path| Some((path.clone(), reason(path)?)));
    reasons.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::test_project::Project;

    #[test]
    fn hidden_and_ignored_files_and_other_names_are_left_out() {
        let mut project = Project::with(&["content/a.md"]);
        project.settings.exclude.add("content/authors/").unwrap();
        project.write(".gitignore", "build/\n");
        project.write("content/.blogctlignore", "own-*.md\n");
        let is_left_out = |path: &str| {
            super::is_left_out(&project.settings, Path::new("content"), Path::new(path))
        };
        for path in ["content/b.md", "content/new/c.mdx"] {
            assert!(!is_left_out(path), "{path}");
        }
        for path in [
            "content/.b.md",
            "content/own-b.md",
            "content/x/own-b.md",
            "content/b.txt",
            "content/build/b.md",
            "content/authors/b.md",
        ] {
            assert!(is_left_out(path), "{path}");
        }
    }
}
