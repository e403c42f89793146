//! The root of a scan: a directory or a file, and its path within the project.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::bounds::Bounds;
use super::file_name::{NameProblem, escaped, is_content, source_path};
use super::read_settings::ReadSettings;
use super::scan_error::ScanError;
use super::snapshot::Scope;
use crate::post::SourcePath;

/// The root of a scan.
pub(super) struct ScanRoot {
    root: PathBuf,
    /// The absolute path, below `root`.
    pub location: PathBuf,
    /// The path relative to the root, as a source path.
    pub relative: String,
    pub is_directory: bool,
    /// The path without links; `None` for a link that cannot be followed.
    pub real: Option<PathBuf>,
    /// The path that it would have if none of its parts below the root were a link.
    pub plain: PathBuf,
    pub bounds: Bounds,
}

impl ScanRoot {
    /// Resolves the path that was given.
    pub fn find(settings: &ReadSettings, given: &Path) -> Result<Self, ScanError> {
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
        let root_without_links = root.canonicalize().map_err(io)?;
        let plain = root_without_links.join(relative);
        let (relative, problem) = source_path(relative);
        match problem {
            Some(NameProblem::NotUtf8) => return Err(ScanError::NotUtf8 { path }),
            Some(NameProblem::Unprintable) => {
                let path = escaped(&path.to_string_lossy()).into();
                return Err(ScanError::Unprintable { path });
            }
            None => {}
        }
        Ok(Self {
            real: location.canonicalize().ok(),
            bounds: Bounds::new(root_without_links, settings.follow_links),
            plain,
            root,
            location,
            relative,
            is_directory: metadata.is_dir(),
        })
    }

    /// Returns the scope of a scan of it.
    pub fn scope(&self) -> Scope {
        match (self.relative.as_str(), self.is_directory) {
            ("", _) => Scope::new(""),
            (relative, true) => Scope::new(format!("{relative}/")),
            (relative, false) => Scope::new(relative),
        }
    }

    /// Returns whether a link leads to the place from the root.
    pub fn passes_link(&self) -> bool {
        // The system may spell a name otherwise than it was given.
        self.real.as_ref() != Some(&self.plain)
            && (self
                .real
                .as_ref()
                .is_none_or(|real| !self.bounds.contains(real))
                || self
                    .plain
                    .ancestors()
                    .take_while(|above| *above != self.bounds.root)
                    .any(Path::is_symlink))
    }

    /// Returns a file's path in the project, with escapes for what cannot be printed, and what
    /// is wrong with it.
    pub fn source_path(&self, location: &Path) -> (SourcePath, Option<NameProblem>) {
        let below = location
            .strip_prefix(&self.root)
            .or_else(|_| location.strip_prefix(&self.bounds.root));
        let Ok(relative) = below else {
            // An ignore file above the root.
            return (SourcePath::new(escaped(&location.to_string_lossy())), None);
        };
        let (path, problem) = source_path(relative);
        let path = match problem {
            Some(_) => escaped(&path),
            None => path,
        };
        (SourcePath::new(path), problem)
    }
}

/// Resolves `.` and `..` in an absolute path lexically, so that links in it stay.
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
