//! A project: its root, its settings, and the store of its posts.

mod config;
mod env_file;
mod error;
mod replica;
mod target;
mod wrong_address;

use std::env;
use std::io;
use std::path::{Component, Path, PathBuf};

pub use config::{CONFIG_FILE, Config, Content};
pub use env_file::ENV_FILES;
pub use error::ConfigError;
pub use replica::{ReadTarget, Replica, ReplicaSource};
pub use target::{STORE_FOLDER, Sources, Target, TargetSource};

use crate::content::{LocaleSettings, ReadSettings};
use crate::preflight::Constraints;

pub use crate::store::{SecretUrl, TargetKind};

/// The names that mark a directory as a project's root.
const MARKERS: [&str; 3] = [CONFIG_FILE, ".git", STORE_FOLDER];

/// A blog's directory and its settings.
#[derive(Clone, Debug)]
pub struct Project {
    /// An absolute path; posts' paths are relative to it.
    pub root: PathBuf,
    /// The settings in `blogctl.toml`, or the defaults.
    pub config: Config,
}

impl Project {
    /// Returns how the files of the project are read.
    pub fn settings(&self) -> ReadSettings {
        ReadSettings {
            root: self.root.clone(),
            time_zone: self.config.time_zone.clone(),
            categories: self.config.categories.clone(),
            follow_links: self.config.content.follow_links,
            keys: self.config.keys.clone(),
            directory: self.config.content.directory.clone(),
            exclude: self.config.content.exclude.clone(),
            skip_without_front_matter: self.config.content.skip_without_front_matter,
            now: jiff::Timestamp::now(),
            hold_future: self.config.content.hold_future,
            levels: self.config.levels.clone(),
            constraints: Constraints::default(),
            locales: self.config.locales.clone().map(|locales| LocaleSettings {
                locales,
                translated: self.config.tables.translated(),
            }),
            stored: self.config.tables.stored(),
        }
    }

    /// Returns the directory that commands read if no path is given.
    pub fn content_directory(&self) -> PathBuf {
        match self.config.content.directory.as_str() {
            "." => self.root.clone(),
            directory => self.root.join(directory),
        }
    }

    /// Finds the project of a content directory, or that of `cwd` where there is none, and
    /// reads its settings.
    ///
    /// # Errors
    /// [`ConfigError`] if `blogctl.toml` cannot be read or understood.
    pub fn find(cwd: &Path, content: Option<&Path>) -> Result<Self, ConfigError> {
        let content = content.map(|path| absolute(cwd, path));
        let root = root(cwd, content.as_deref());
        let config = Config::read(&root)?;
        Ok(Self { root, config })
    }

    /// Decides where to connect.
    ///
    /// # Errors
    /// [`ConfigError`] if the first address that is given is not one.
    pub fn target(&self, sources: &Sources) -> Result<Target, ConfigError> {
        target::resolve(self, sources)
    }

    /// Reads an address that an option names.
    ///
    /// # Errors
    /// [`ConfigError`] if it is none.
    pub fn address(
        &self,
        address: &SecretUrl,
        cwd: &Path,
        option: &str,
    ) -> Result<TargetKind, ConfigError> {
        target::named(self, address, cwd, option)
    }

    /// Decides where commands read that decide nothing: from a replica, where one is named
    /// in the place of the primary's address or in a stronger one.
    ///
    /// # Errors
    /// As [`Self::target`], for the read address, too, where it counts; and [`ConfigError`] if the
    /// two are of different kinds.
    pub fn read_target(&self, sources: &Sources) -> Result<ReadTarget, ConfigError> {
        replica::resolve(self, sources)
    }
}

/// Returns the root of the project that a content directory or file belongs to.
pub fn root_of(cwd: &Path, content: &Path) -> PathBuf {
    root(cwd, Some(&absolute(cwd, content)))
}

/// The nearest directory at or above the start that holds a marker. Without any: the
/// working directory, if the content lies in it, else the content's parent.
fn root(cwd: &Path, content: Option<&Path>) -> PathBuf {
    let start = content.unwrap_or(cwd);
    let marked = |dir: &&Path| MARKERS.iter().any(|marker| dir.join(marker).exists());
    if let Some(found) = start.ancestors().find(marked) {
        return found.to_owned();
    }
    match content {
        Some(content) if !content.starts_with(cwd) => {
            content.parent().unwrap_or(content).to_owned()
        }
        _ => cwd.to_owned(),
    }
}

/// Makes a path absolute and takes `.` and `..` out of it, without following symbolic
/// links: a content directory that is a link to elsewhere belongs to the project it is
/// linked into.
pub fn absolute(cwd: &Path, path: &Path) -> PathBuf {
    let joined = cwd.join(path);
    let mut plain = PathBuf::new();
    for part in joined.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    // `link/..` is not the link's directory; only the file system can resolve it.
    if plain.exists() {
        return plain;
    }
    joined.canonicalize().unwrap_or(plain)
}

/// The working directory by the name the user knows it by, where the shell says so.
///
/// # Errors
/// If it was deleted, or cannot be read.
pub fn working_directory() -> io::Result<PathBuf> {
    let real = env::current_dir()?;
    let logical = env::var_os("PWD").map(PathBuf::from).filter(|logical| {
        logical.is_absolute() && logical.canonicalize().ok() == real.canonicalize().ok()
    });
    Ok(logical.unwrap_or(real))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// A directory without a marker above it, holding the given files.
    fn tree(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for file in files {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        dir
    }

    fn root_of(dir: &Path, cwd: &str, content: Option<&str>) -> PathBuf {
        let cwd = absolute(dir, Path::new(cwd));
        let project = Project::find(&cwd, content.map(Path::new)).unwrap();
        project.root.strip_prefix(dir).unwrap().to_owned()
    }

    #[test]
    fn each_marker_makes_a_root() {
        for marker in ["blogctl.toml", ".git", ".blogctl"] {
            let dir = tree(&[&format!("blog/{marker}"), "blog/content/deep/a.md"]);
            let dir = dir.path();
            assert_eq!(root_of(dir, "blog/content/deep", None), Path::new("blog"));
            assert_eq!(root_of(dir, ".", Some("blog/content")), Path::new("blog"));
            assert_eq!(
                root_of(dir, "blog/content", Some("deep")),
                Path::new("blog")
            );
        }
    }

    #[test]
    fn the_nearest_marker_wins() {
        let dir = tree(&[".git", "blog/blogctl.toml", "blog/content/a.md"]);
        assert_eq!(
            root_of(dir.path(), ".", Some("blog/content")),
            Path::new("blog")
        );
        assert_eq!(root_of(dir.path(), ".", None), Path::new(""));
    }

    #[test]
    fn without_a_marker_the_working_directory_is_the_root_of_what_lies_in_it() {
        let dir = tree(&["blog/content/a.md", "other/x"]);
        let dir = dir.path();
        assert_eq!(root_of(dir, "blog", Some("content")), Path::new("blog"));
        assert_eq!(root_of(dir, "blog", Some(".")), Path::new("blog"));
        assert_eq!(root_of(dir, "blog", None), Path::new("blog"));
        assert_eq!(
            root_of(dir, "other", Some("../blog/content")),
            Path::new("blog")
        );
    }

    #[test]
    fn a_content_directory_that_is_not_there_belongs_to_where_it_would_be() {
        let dir = tree(&["blog/blogctl.toml"]);
        assert_eq!(
            root_of(dir.path(), "blog", Some("no/such")),
            Path::new("blog")
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_linked_content_directory_belongs_to_the_project_it_is_linked_into() {
        let dir = tree(&["blog/blogctl.toml", "notes/.git", "notes/posts/a.md"]);
        let (target, link) = (dir.path().join("notes/posts"), "blog/content");
        std::os::unix::fs::symlink(target, dir.path().join(link)).unwrap();
        assert_eq!(
            root_of(dir.path(), "blog", Some("content")),
            Path::new("blog")
        );
    }
}
