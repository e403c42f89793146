//! Where a walk starts: a directory or a file, and its place in the project.

use std::ffi::OsStr;
use std::io;
use std::path::{Component, Path, PathBuf};

use ignore::WalkBuilder;
use unicode_normalization::UnicodeNormalization;

use super::{ScanError, Settings};
use crate::post::SourcePath;

/// The name of blogctl's own ignore files, in git's format.
const IGNORE_FILE: &str = ".blogctlignore";

/// Where a walk starts.
pub(super) struct Start {
    root: PathBuf,
    /// Absolute, and below `root`.
    pub location: PathBuf,
    /// Below the root, as a source path.
    pub relative: String,
    pub is_directory: bool,
}

impl Start {
    /// Finds it from the path that was given.
    pub fn find(settings: &Settings, given: &Path) -> Result<Self, ScanError> {
        let path = given.to_path_buf();
        let metadata = match std::fs::metadata(given) {
            Ok(metadata) => metadata,
            // A link that leads nowhere is there, and the walk has words for it.
            Err(_) if given.is_symlink() && is_content(given) => {
                std::fs::symlink_metadata(given).map_err(|source| ScanError::Io {
                    path: path.clone(),
                    source,
                })?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ScanError::NotFound { path });
            }
            Err(source) => return Err(ScanError::Io { path, source }),
        };
        if !metadata.is_dir() && !is_content(given) {
            return Err(ScanError::NotContent { path });
        }
        let io = |source| ScanError::Io {
            path: path.clone(),
            source,
        };
        let location = without_dots(&std::path::absolute(given).map_err(io)?);
        let (root, location) = if location.starts_with(&settings.root) {
            (settings.root.clone(), location)
        } else {
            // The same place may have another name above the root: /tmp and /private/tmp.
            // The given path itself may be a link, whose own place counts.
            let root = settings.root.canonicalize().map_err(io)?;
            let location = match (location.parent(), location.file_name()) {
                (Some(parent), Some(name)) => parent.canonicalize().map_err(io)?.join(name),
                _ => location,
            };
            (root, location)
        };
        let Ok(relative) = location.strip_prefix(&root) else {
            return Err(ScanError::OutsideRoot {
                path,
                root: settings.root.clone(),
            });
        };
        // `link/..` names one place to the system and another to a reader. A place that is
        // not there must never look like a directory without posts.
        if location.symlink_metadata().is_err() {
            return Err(ScanError::NotFound { path });
        }
        let (relative, is_text) = source_path(relative);
        if !is_text {
            return Err(ScanError::NotUtf8 { path });
        }
        Ok(Self {
            root,
            location,
            relative,
            is_directory: metadata.is_dir(),
        })
    }

    /// Makes a walk of a directory that skips what is hidden or ignored.
    pub fn builder(&self, root: &Path) -> WalkBuilder {
        let in_repository = self
            .location
            .ancestors()
            .any(|above| above.join(".git").exists());
        let mut builder = WalkBuilder::new(root);
        builder
            .follow_links(true)
            // Those are for search tools.
            .ignore(false)
            // A checkout without its .git directory is read as one with it; one that has it
            // is not bound by what stands above the repository.
            .require_git(in_repository)
            .add_custom_ignore_filename(IGNORE_FILE)
            .current_dir(&self.root);
        builder
    }

    /// Whether an ignore file above it ignores the place itself.
    pub fn is_ignored(&self) -> bool {
        let mut builder = self.builder(&self.root);
        builder.hidden(false);
        !self.relative.is_empty()
            && builder.build_matchers().iter_mut().any(|matcher| {
                let path = self.location.strip_prefix(&self.root);
                path.is_ok_and(|path| matcher.matched(path, self.is_directory).is_ignore())
            })
    }

    /// A file's path in the project, and whether its name is UTF-8.
    pub fn source_path(&self, location: &Path) -> (SourcePath, bool) {
        // Everything is found below the start, which is below the root.
        let relative = location.strip_prefix(&self.root).unwrap_or(location);
        let (path, is_text) = source_path(relative);
        (SourcePath::new(path), is_text)
    }
}

/// Whether a name is that of a post.
pub(super) fn is_content(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["md", "markdown", "mdx"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(OsStr::new(known)))
    })
}

/// Writes a relative path with `/` and composed, and tells whether all of it is UTF-8.
fn source_path(relative: &Path) -> (String, bool) {
    let mut is_text = true;
    let parts: Vec<String> = relative
        .components()
        .map(|part| {
            is_text &= part.as_os_str().to_str().is_some();
            part.as_os_str().to_string_lossy().nfc().collect()
        })
        .collect();
    (parts.join("/"), is_text)
}

/// Takes `.` and `..` out of an absolute path by its words, so that links in it stay.
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}
