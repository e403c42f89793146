//! Facts about settings files with a password that others can read.

use std::path::Path;

use crate::doctor::facts::Exposure;
use crate::git::{self, Index};
use crate::input_file::{self, Links, MAX_SETTINGS_FILE};
use crate::project::{CONFIG_FILE, ENV_FILES};
use crate::secret;

/// Examines the settings files at a project's root.
pub fn examine(root: &Path) -> Vec<Exposure> {
    ENV_FILES
        .into_iter()
        .chain([CONFIG_FILE])
        .filter_map(|file| exposure(root, file))
        .collect()
}

/// Returns how a file with a password is exposed; `None` if it has no password.
fn exposure(root: &Path, file: &str) -> Option<Exposure> {
    let path = root.join(file);
    let text = input_file::read(&path, Links::Follow, MAX_SETTINGS_FILE).ok()?;
    if !secret::holds_password(&String::from_utf8_lossy(&text)) {
        return None;
    }
    Some(Exposure {
        file: file.to_owned(),
        readable_mode: readable_mode(&path),
        is_tracked: is_tracked(root, file),
    })
}

/// Returns the permissions of a file that others than its owner can read.
#[cfg(unix)]
fn readable_mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = path.metadata().ok()?.permissions().mode() & 0o777;
    (mode & 0o044 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn readable_mode(_: &Path) -> Option<u32> {
    None
}

/// Returns whether git has a file in its index; `None` where that cannot be told.
fn is_tracked(root: &Path, file: &str) -> Option<bool> {
    let root = root.canonicalize().ok()?;
    let Some(work_tree) = root.ancestors().find(|path| path.join(".git").exists()) else {
        return Some(false);
    };
    let within = root.strip_prefix(work_tree).ok()?.join(file);
    let name = within.to_str()?.replace(std::path::MAIN_SEPARATOR, "/");
    let directories = git::directories(&work_tree.join(".git")).ok().flatten()?;
    Index::read(&directories)?.contains(name.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const WITH_PASSWORD: &str = "DATABASE_URL=postgresql://me:hunter2@h/d\n";

    fn only(root: &Path) -> Exposure {
        let mut found = examine(root);
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    #[test]
    fn a_file_without_a_password_is_no_matter() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(examine(dir.path()), []);
        fs::write(
            dir.path().join(".env"),
            "DATABASE_URL=postgresql://me@h:5432/d\n",
        )
        .unwrap();
        fs::write(dir.path().join(CONFIG_FILE), "[sync]\nmax_prune = 3\n").unwrap();
        assert_eq!(examine(dir.path()), []);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_found() {
        use std::os::unix::fs::PermissionsExt as _;

        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".env");
        fs::write(&path, WITH_PASSWORD).unwrap();
        for (mode, expected) in [(0o644, Some(0o644)), (0o640, Some(0o640)), (0o600, None)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(only(dir.path()).readable_mode, expected);
        }
    }

    #[test]
    fn a_file_in_gits_index_is_found_from_a_folder_below_and_in_a_linked_work_tree() {
        let dir = tempfile::tempdir().unwrap();
        let blog = dir.path().join("blog");
        fs::create_dir(&blog).unwrap();
        fs::write(blog.join(CONFIG_FILE), format!("# {WITH_PASSWORD}")).unwrap();
        assert_eq!(only(&blog).is_tracked, Some(false));
        let git = dir.path().join(".git");
        fs::create_dir(&git).unwrap();
        assert_eq!(only(&blog).is_tracked, Some(false));
        let index = git::sample_index(&["README.md", "blog/blogctl.toml"]);
        fs::write(git.join("index"), &index).unwrap();
        assert_eq!(only(&blog).is_tracked, Some(true));
        fs::rename(&git, dir.path().join("elsewhere")).unwrap();
        fs::write(&git, "gitdir: elsewhere\n").unwrap();
        assert_eq!(only(&blog).is_tracked, Some(true));
        fs::write(dir.path().join("elsewhere/index"), b"nonsense").unwrap();
        assert_eq!(only(&blog).is_tracked, None);
    }
}
