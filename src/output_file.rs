//! Writing of files among files that others may change: whole or not at all, never through a link.
//!
//! A file is first staged: written to a hidden file in the directory that it is for. Committing
//! it is one rename, or one hard link for a file that must not be there yet. A directory is opened
//! part by part below the root, and a symbolic link as any part is refused, also one that is put
//! there at this moment.

mod directory;

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

use self::directory::Directory;

/// The reason why a file was not written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// A part of the path is a symbolic link.
    #[error("{} is a symbolic link", .path.display())]
    Link {
        /// The path up to the link, relative to the root.
        path: PathBuf,
    },

    /// Something is in the place of a new file, or of a directory.
    #[error("{} is there already", .path.display())]
    Occupied {
        /// The path, relative to the root.
        path: PathBuf,
    },

    /// The file to replace is not the one that was read.
    #[error("{} was changed or removed meanwhile", .path.display())]
    Changed {
        /// The path, relative to the root.
        path: PathBuf,
    },

    /// The system refused.
    #[error("cannot write {}", .path.display())]
    Io {
        /// The path, relative to the root.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
}

/// A directory below which files are written.
#[derive(Debug)]
pub struct OutputTree {
    root: PathBuf,
    /// Directories that were made, relative to the root, each after those above it.
    made: Vec<PathBuf>,
    staged: u64,
}

/// A file that is written but not yet in its place.
#[derive(Debug)]
pub struct Staged {
    /// The path that it is for, relative to the root.
    pub path: PathBuf,
    temporary: OsString,
    replaces: bool,
}

impl OutputTree {
    /// Takes a directory, whose own path may lead through links.
    ///
    /// # Errors
    /// Any error of the system.
    pub fn new(root: &Path) -> io::Result<Self> {
        Ok(Self {
            root: root.canonicalize()?,
            made: Vec::new(),
            staged: 0,
        })
    }

    /// Returns whether something is at a path, be it a link that leads nowhere.
    ///
    /// # Errors
    /// [`OutputError::Link`] if the way there leads through a link; [`OutputError::Io`].
    pub fn is_occupied(&self, path: &Path) -> Result<bool, OutputError> {
        let parent = path.parent().unwrap_or(Path::new(""));
        let mut at = PathBuf::new();
        for part in parent.components() {
            at.push(part);
            match self.root.join(&at).symlink_metadata() {
                Ok(metadata) if metadata.is_symlink() => {
                    return Err(OutputError::Link { path: at });
                }
                Ok(metadata) if metadata.is_dir() => {}
                Ok(_) => return Err(OutputError::Occupied { path: at }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                Err(source) => return Err(OutputError::Io { path: at, source }),
            }
        }
        match self.root.join(path).symlink_metadata() {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(OutputError::Io {
                path: path.to_owned(),
                source,
            }),
        }
    }

    /// Writes a new file next to its place; makes the directories above it.
    ///
    /// # Errors
    /// [`OutputError`].
    pub fn stage_new(&mut self, path: &Path, bytes: &[u8]) -> Result<Staged, OutputError> {
        if self.is_occupied(path)? {
            return Err(OutputError::Occupied {
                path: path.to_owned(),
            });
        }
        self.stage(path, bytes, None)
    }

    /// Writes the new content of a file next to it, with the file's permissions. `is_same` tells
    /// whether it is the file that was read.
    ///
    /// # Errors
    /// [`OutputError`].
    pub fn stage_replacement(
        &mut self,
        path: &Path,
        bytes: &[u8],
        is_same: impl FnOnce(&Metadata) -> bool,
    ) -> Result<Staged, OutputError> {
        let (directory, name) = self.directory(path)?;
        let metadata = self.metadata(&directory, name, path)?;
        if !is_same(&metadata) {
            return Err(OutputError::Changed {
                path: path.to_owned(),
            });
        }
        self.stage(path, bytes, Some(&metadata))
    }

    /// Returns whether the file that is to be replaced is still the one that was read.
    ///
    /// # Errors
    /// [`OutputError`].
    pub fn verify(
        &mut self,
        staged: &Staged,
        is_same: impl FnOnce(&Metadata) -> bool,
    ) -> Result<(), OutputError> {
        let (directory, name) = self.directory(&staged.path)?;
        let metadata = self.metadata(&directory, name, &staged.path)?;
        if is_same(&metadata) {
            Ok(())
        } else {
            Err(OutputError::Changed {
                path: staged.path.clone(),
            })
        }
    }

    /// Puts a staged file in its place.
    ///
    /// # Errors
    /// [`OutputError::Occupied`] if it is new and something is there by now.
    pub fn commit(&mut self, staged: &Staged) -> Result<(), OutputError> {
        let (directory, name) = self.directory(&staged.path)?;
        let done = if staged.replaces {
            directory.rename(&staged.temporary, name)
        } else {
            directory.rename_to_new(&staged.temporary, name)
        };
        done.map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => OutputError::Occupied {
                path: staged.path.clone(),
            },
            _ => io_error(&staged.path)(source),
        })
    }

    /// Removes staged files that are not to be put in their place, and the directories that were
    /// made for files, if nothing is in them. What cannot be removed stays.
    pub fn discard(&mut self, staged: impl IntoIterator<Item = Staged>) {
        for staged in staged {
            if let Ok((directory, _)) = self.directory(&staged.path) {
                let _ = directory.remove(&staged.temporary);
            }
        }
        for made in self.made.drain(..).rev() {
            let _ = std::fs::remove_dir(self.root.join(made));
        }
    }

    fn stage(
        &mut self,
        path: &Path,
        bytes: &[u8],
        replaced: Option<&Metadata>,
    ) -> Result<Staged, OutputError> {
        let (directory, _) = self.directory(path)?;
        let (temporary, mut file) = self.temporary(&directory).map_err(io_error(path))?;
        let mut write = || -> io::Result<()> {
            file.write_all(bytes)?;
            if let Some(replaced) = replaced {
                keep_owner(&file, replaced);
                file.set_permissions(replaced.permissions())?;
                // What it replaces is lost if the machine stops before this is on the disk.
                file.sync_all()?;
            }
            Ok(())
        };
        if let Err(source) = write() {
            let _ = directory.remove(&temporary);
            return Err(io_error(path)(source));
        }
        Ok(Staged {
            path: path.to_owned(),
            temporary,
            replaces: replaced.is_some(),
        })
    }

    /// Makes a file with a name that nothing else has.
    fn temporary(&mut self, directory: &Directory) -> io::Result<(OsString, File)> {
        loop {
            self.staged += 1;
            // Hidden, so that no scan takes it for a post.
            let name = format!(".blogctl-{}-{}.tmp", std::process::id(), self.staged);
            let name = OsString::from(name);
            match directory.create_new(&name) {
                // Left by a process that was killed.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => return Ok((name, made?)),
            }
        }
    }

    fn metadata(
        &self,
        directory: &Directory,
        name: &OsStr,
        path: &Path,
    ) -> Result<Metadata, OutputError> {
        directory.metadata(name).map_err(|source| {
            let is_link = self.root.join(path).is_symlink();
            let path = path.to_owned();
            match source.kind() {
                _ if is_link => OutputError::Link { path },
                io::ErrorKind::NotFound => OutputError::Changed { path },
                _ => OutputError::Io { path, source },
            }
        })
    }

    /// Opens the directory that a file is in, and makes those that are missing; returns the
    /// file's name, too.
    fn directory<'p>(&mut self, path: &'p Path) -> Result<(Directory, &'p OsStr), OutputError> {
        let mut directory = Directory::open(&self.root).map_err(io_error(path))?;
        let mut at = PathBuf::new();
        let parent = path.parent().unwrap_or(Path::new(""));
        let Some(name) = path.file_name() else {
            let source = io::Error::from(io::ErrorKind::InvalidInput);
            return Err(io_error(path)(source));
        };
        for part in parent.components() {
            let Component::Normal(part) = part else {
                let source = io::Error::from(io::ErrorKind::InvalidInput);
                return Err(io_error(path)(source));
            };
            at.push(part);
            let inner = match directory.open_below(part) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    match directory.make(part) {
                        Ok(()) => self.made.push(at.clone()),
                        // Another program has just made it.
                        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                        Err(source) => return Err(io_error(&at)(source)),
                    }
                    directory.open_below(part)
                }
                opened => opened,
            };
            directory = inner.map_err(|source| {
                let kind = self.root.join(&at).symlink_metadata();
                let path = at.clone();
                match kind {
                    Ok(metadata) if metadata.is_symlink() => OutputError::Link { path },
                    Ok(metadata) if !metadata.is_dir() => OutputError::Occupied { path },
                    _ => OutputError::Io { path, source },
                }
            })?;
        }
        Ok((directory, name))
    }
}

/// Gives a file the owner of the one that it replaces, where that is permitted.
fn keep_owner(file: &File, replaced: &Metadata) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, fchown};
        let _ = fchown(file, Some(replaced.uid()), Some(replaced.gid()));
    }
    #[cfg(not(unix))]
    let _ = (file, replaced);
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> OutputError {
    let path = path.to_owned();
    move |source| OutputError::Io { path, source }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
