//! Files that are not there yet, and that a scan would not find.

use std::path::Path;

use super::bounds::Bounds;
use super::ignore_files::IgnoreFiles;
use super::links::check;
use super::read_settings::ReadSettings;

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
    let mut files = IgnoreFiles::new(&bounds);
    check(&bounds, &mut files, Some(&directory), &path, false).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::test_project::Project;

    #[test]
    fn hidden_and_ignored_files_and_other_names_are_left_out() {
        let project = Project::with(&["content/a.md"]);
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
        ] {
            assert!(is_left_out(path), "{path}");
        }
    }
}
