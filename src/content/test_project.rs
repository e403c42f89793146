//! A project in a temporary directory, for tests of scans.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use tempfile::TempDir;

use super::{ReadSettings, ScanError, Snapshot, scan, unmoved};
use crate::finding::Levels;

pub(super) const POST: &str = "---\nid: 1\ntitle: T\n---\nBody\n";

/// A project in a directory of its own, which goes with it.
pub(super) struct Project {
    pub directory: TempDir,
    pub settings: ReadSettings,
}

impl Project {
    /// Makes a project with these files, each a valid post.
    pub fn with(files: &[&str]) -> Self {
        let directory = TempDir::new().unwrap();
        let settings = ReadSettings {
            root: directory.path().canonicalize().unwrap(),
            time_zone: TimeZone::UTC,
            categories: None,
            follow_links: false,
            keys: crate::key_map::KeyMap::default(),
            directory: "content".to_owned(),
            exclude: super::Exclude::default(),
            skip_without_front_matter: false,
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
            hold_future: false,
            levels: Levels::default(),
            constraints: crate::preflight::Constraints::default(),
            locales: None,
            stored: crate::post::FieldSet::ALL,
        };
        let project = Self {
            directory,
            settings,
        };
        files.iter().for_each(|file| project.write(file, POST));
        project
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.settings.root.join(path)
    }

    pub fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn scan(&self, path: &str) -> Snapshot {
        scan(&self.settings, &self.path(path), &|_| {}).unwrap()
    }

    pub fn error(&self, path: impl AsRef<Path>) -> ScanError {
        scan(&self.settings, path.as_ref(), &|_| {}).unwrap_err()
    }

    pub fn unmoved(&self, snapshot: &Snapshot) -> bool {
        unmoved(&self.settings, snapshot, &[self.path("content")]).unwrap()
    }
}

pub(super) fn paths(snapshot: &Snapshot) -> Vec<&str> {
    snapshot
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect()
}

/// The rule and path of each problem.
pub(super) fn problems(snapshot: &Snapshot) -> Vec<(&str, &str)> {
    snapshot
        .problems
        .iter()
        .inspect(|problem| assert!(problem.help.is_some()))
        .map(|problem| (problem.rule.name, problem.path.as_str()))
        .collect()
}

/// Scans as a user who may read only what is everyone's, even where the tests run as one
/// who may read everything.
#[cfg(target_os = "linux")]
pub(super) fn scan_as_anyone(project: &Project) -> Snapshot {
    use std::os::unix::fs::PermissionsExt as _;

    let public = fs::Permissions::from_mode(0o755);
    fs::set_permissions(project.directory.path(), public).unwrap();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        // SAFETY: changes nothing but the calling thread's right to files.
        .start_handler(|_| unsafe {
            libc::setfsuid(65_534);
        })
        .build()
        .unwrap();
    pool.install(|| project.scan("content"))
}

/// Makes a named pipe.
#[cfg(unix)]
pub(super) fn fifo(path: &Path) {
    use std::ffi::CString;
    use std::os::unix::ffi::OsStrExt as _;

    let path = CString::new(path.as_os_str().as_bytes()).unwrap();
    // SAFETY: the path is a valid C string for the length of the call.
    assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
}

/// Makes a symbolic link.
#[cfg(unix)]
pub(super) fn link(project: &Project, name: &str, target: impl AsRef<Path>) {
    std::os::unix::fs::symlink(target, project.path(name)).unwrap();
}

/// Scans with `follow_links = true`.
#[cfg(unix)]
pub(super) fn followed(project: &Project, path: &str) -> Snapshot {
    let settings = ReadSettings {
        follow_links: true,
        ..project.settings.clone()
    };
    scan(&settings, &project.path(path), &|_| {}).unwrap()
}
