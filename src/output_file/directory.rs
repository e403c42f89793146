//! An open directory, in which files are named without a path that could lead elsewhere.

#[cfg(unix)]
pub(super) use self::unix::Directory;

#[cfg(not(unix))]
pub(super) use self::other::Directory;

#[cfg(unix)]
mod unix {
    use std::ffi::{CString, OsStr};
    use std::fs::{File, Metadata};
    use std::io;
    use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    use std::path::Path;

    /// A directory that is held open.
    #[derive(Debug)]
    pub struct Directory(OwnedFd);

    impl Directory {
        /// Opens a directory by its path.
        pub fn open(path: &Path) -> io::Result<Self> {
            let mut options = File::options();
            options.read(true).custom_flags(libc::O_DIRECTORY);
            Ok(Self(options.open(path)?.into()))
        }

        /// Opens a directory in this one, which must be no link.
        pub fn open_below(&self, name: &OsStr) -> io::Result<Self> {
            let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW;
            Ok(Self(self.open_at(name, flags)?.into()))
        }

        /// Makes a directory in this one.
        pub fn make(&self, name: &OsStr) -> io::Result<()> {
            let name = c_string(name)?;
            // SAFETY: the descriptor is open, and the name ends with a NUL.
            done(unsafe { libc::mkdirat(self.0.as_raw_fd(), name.as_ptr(), 0o777) })
        }

        /// Makes a file in it, for writing, unless something has that name.
        pub fn create_new(&self, name: &OsStr) -> io::Result<File> {
            let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL | libc::O_NOFOLLOW;
            self.open_at(name, flags)
        }

        /// Returns the metadata of a regular file in it, which must be no link.
        pub fn metadata(&self, name: &OsStr) -> io::Result<Metadata> {
            let flags = libc::O_RDONLY | libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
            let metadata = self.open_at(name, flags)?.metadata()?;
            if metadata.is_file() {
                Ok(metadata)
            } else {
                Err(io::Error::other("it is not a regular file"))
            }
        }

        /// Renames a file in it, over another one.
        pub fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
            let (from, to) = (c_string(from)?, c_string(to)?);
            let this = self.0.as_raw_fd();
            // SAFETY: the descriptor is open, and both names end with a NUL.
            done(unsafe { libc::renameat(this, from.as_ptr(), this, to.as_ptr()) })
        }

        /// Renames a file in it, unless something has the new name.
        pub fn rename_to_new(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
            let (old, new) = (c_string(from)?, c_string(to)?);
            let this = self.0.as_raw_fd();
            // SAFETY: the descriptor is open, and both names end with a NUL.
            let linked = done(unsafe { libc::linkat(this, old.as_ptr(), this, new.as_ptr(), 0) });
            match linked {
                Ok(()) => self.remove(from),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
                // A file system without hard links.
                Err(_) => match self
                    .open_at(to, libc::O_RDONLY | libc::O_NOFOLLOW | libc::O_NONBLOCK)
                {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => self.rename(from, to),
                    _ => Err(io::ErrorKind::AlreadyExists.into()),
                },
            }
        }

        /// Removes a file in it.
        pub fn remove(&self, name: &OsStr) -> io::Result<()> {
            let name = c_string(name)?;
            // SAFETY: the descriptor is open, and the name ends with a NUL.
            done(unsafe { libc::unlinkat(self.0.as_raw_fd(), name.as_ptr(), 0) })
        }

        fn open_at(&self, name: &OsStr, flags: libc::c_int) -> io::Result<File> {
            let name = c_string(name)?;
            let (this, flags) = (self.0.as_raw_fd(), flags | libc::O_CLOEXEC);
            let mode: libc::c_uint = 0o666;
            loop {
                // SAFETY: the descriptor is open, and the name ends with a NUL.
                let opened = unsafe { libc::openat(this, name.as_ptr(), flags, mode) };
                if opened >= 0 {
                    // SAFETY: the call has just returned this descriptor, and nothing else owns it.
                    return Ok(unsafe { File::from_raw_fd(opened) });
                }
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
        }
    }

    fn c_string(name: &OsStr) -> io::Result<CString> {
        Ok(CString::new(name.as_bytes())?)
    }

    fn done(result: libc::c_int) -> io::Result<()> {
        if result == 0 {
            Ok(())
        } else {
            Err(io::Error::last_os_error())
        }
    }
}

#[cfg(not(unix))]
mod other {
    use std::ffi::OsStr;
    use std::fs::{self, File, Metadata};
    use std::io;
    use std::path::{Path, PathBuf};

    /// A directory by its path, which was looked at once.
    #[derive(Debug)]
    pub struct Directory(PathBuf);

    impl Directory {
        /// Opens a directory by its path.
        pub fn open(path: &Path) -> io::Result<Self> {
            Ok(Self(path.to_owned()))
        }

        /// Opens a directory in this one, which must be no link.
        pub fn open_below(&self, name: &OsStr) -> io::Result<Self> {
            let path = self.0.join(name);
            if path.symlink_metadata()?.is_dir() {
                Ok(Self(path))
            } else {
                Err(io::Error::other("it is not a directory"))
            }
        }

        /// Makes a directory in this one.
        pub fn make(&self, name: &OsStr) -> io::Result<()> {
            fs::create_dir(self.0.join(name))
        }

        /// Makes a file in it, for writing, unless something has that name.
        pub fn create_new(&self, name: &OsStr) -> io::Result<File> {
            File::create_new(self.0.join(name))
        }

        /// Returns the metadata of a regular file in it, which must be no link.
        pub fn metadata(&self, name: &OsStr) -> io::Result<Metadata> {
            let metadata = self.0.join(name).symlink_metadata()?;
            if metadata.is_file() {
                Ok(metadata)
            } else {
                Err(io::Error::other("it is not a regular file"))
            }
        }

        /// Renames a file in it, over another one.
        pub fn rename(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
            fs::rename(self.0.join(from), self.0.join(to))
        }

        /// Renames a file in it, unless something has the new name.
        pub fn rename_to_new(&self, from: &OsStr, to: &OsStr) -> io::Result<()> {
            if self.0.join(to).symlink_metadata().is_ok() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            self.rename(from, to)
        }

        /// Removes a file in it.
        pub fn remove(&self, name: &OsStr) -> io::Result<()> {
            fs::remove_file(self.0.join(name))
        }
    }
}
