//! Reading of untrusted files, bounded in time and in memory.
//!
//! A cloned repository can hold a FIFO, a link to a device or a file of any size under a name
//! that blogctl reads. Every file is therefore opened without blocking, must be a regular file,
//! and is read up to a limit.

use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

/// The largest settings file that is read, in bytes: `blogctl.toml`, `.env`, an ignore file, a
/// password file, a service file or a certificate. 1 MiB.
pub const MAX_SETTINGS_FILE: u64 = 1024 * 1024;

/// True if a path may lead through symbolic links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// A link is followed.
    Follow,
    /// A link as the last part is refused as [`ReadError::NotRegular`].
    Refuse,
    /// A link as any part is refused, also one that is put there at this moment. The path must
    /// be a canonical one.
    RefuseAll,
}

/// The reason why a file was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The path leads to something that is not a regular file.
    #[error("it is {0}, not a regular file")]
    NotRegular(&'static str),

    /// The file is larger than its limit.
    #[error("it is larger than {} KiB", .limit / 1024)]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },

    /// The file is not UTF-8.
    #[error("line {line} is not UTF-8")]
    NotUtf8 {
        /// The first such line, counted from 1.
        line: usize,
    },

    /// The system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl ReadError {
    /// Returns whether there is nothing at the path. A link that leads nowhere is something.
    pub fn is_absent(&self, path: &Path) -> bool {
        matches!(self, Self::Io(error) if matches!(
            error.kind(),
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
        )) && !path.is_symlink()
    }
}

/// Opens a regular file for reading, without waiting for a writer of a FIFO and without
/// touching a device. Returns the metadata of the open file with it.
///
/// # Errors
/// [`ReadError::NotRegular`] and [`ReadError::Io`].
pub fn open(path: &Path, links: Links) -> Result<(File, Metadata), ReadError> {
    let file = match links {
        // The walk that found the canonical path has looked at the file. It is looked at again only
        // if it cannot be opened, because there are many files.
        Links::RefuseAll => open_without_links(path).map_err(|error| {
            let kind = path.symlink_metadata().map(|metadata| metadata.file_type());
            match kind.map(require_regular) {
                Ok(Err(not_regular)) => not_regular,
                _ => error.into(),
            }
        })?,
        // Opening a device can have effects of its own, so the path is looked at first; the
        // open file is looked at again, because the path may lead elsewhere by then.
        Links::Follow | Links::Refuse => {
            let metadata = match links {
                Links::Follow => path.metadata()?,
                _ => path.symlink_metadata()?,
            };
            require_regular(metadata.file_type())?;
            open_with_options(path, links)?
        }
    };
    let metadata = file.metadata()?;
    require_regular(metadata.file_type())?;
    Ok((file, metadata))
}

fn open_with_options(path: &Path, links: Links) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    without_waiting(&mut options, links);
    options.open(path)
}

/// Opens a file by a path of which no part may be a link.
fn open_without_links(path: &Path) -> io::Result<File> {
    #[cfg(target_os = "linux")]
    match open_by_openat2(path) {
        // The kernel is older than 5.6, or a sandbox does not know the call.
        Err(error) if matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EPERM)) => {}
        done => return done,
    }
    open_and_compare(path)
}

#[cfg(target_os = "linux")]
fn open_by_openat2(path: &Path) -> io::Result<File> {
    use std::ffi::CString;
    use std::os::fd::FromRawFd as _;
    use std::os::unix::ffi::OsStrExt as _;

    let name = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: all zero bits are a valid value of this struct of integers.
    let mut how: libc::open_how = unsafe { std::mem::zeroed() };
    let flags = libc::O_RDONLY | libc::O_NONBLOCK | libc::O_NOCTTY | libc::O_CLOEXEC;
    how.flags = flags.unsigned_abs().into();
    how.resolve = libc::RESOLVE_NO_SYMLINKS;
    loop {
        // SAFETY: both pointers are valid for the length of the call, and the size is that of
        // what the second one points to.
        let descriptor = unsafe {
            libc::syscall(
                libc::SYS_openat2,
                libc::AT_FDCWD,
                name.as_ptr(),
                &raw const how,
                size_of::<libc::open_how>(),
            )
        };
        if let Ok(descriptor @ 0..) = i32::try_from(descriptor) {
            // SAFETY: the call has just returned this descriptor, and nothing else owns it.
            return Ok(unsafe { File::from_raw_fd(descriptor) });
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Opens a file, then makes sure that the path leads to it without a link.
fn open_and_compare(path: &Path) -> io::Result<File> {
    let file = open_with_options(path, Links::Refuse)?;
    let is_plain = path.canonicalize()? == path
        && identity(&path.symlink_metadata()?) == identity(&file.metadata()?);
    if is_plain {
        return Ok(file);
    }
    #[cfg(unix)]
    return Err(io::Error::from_raw_os_error(libc::ELOOP));
    #[cfg(not(unix))]
    Err(io::Error::other("a symbolic link took its place"))
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        (metadata.dev(), metadata.ino())
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        (0, 0)
    }
}

/// Reads a regular file of at most `limit` bytes.
///
/// # Errors
/// Every [`ReadError`] but [`ReadError::NotUtf8`].
pub fn read(path: &Path, links: Links, limit: u64) -> Result<Vec<u8>, ReadError> {
    let (file, metadata) = open(path, links)?;
    read_open(file, &metadata, limit)
}

/// Reads a file of at most `limit` bytes that [`open`] returned with its metadata.
///
/// # Errors
/// [`ReadError::TooLarge`] and [`ReadError::Io`].
pub fn read_open(file: File, metadata: &Metadata, limit: u64) -> Result<Vec<u8>, ReadError> {
    if metadata.len() > limit {
        return Err(ReadError::TooLarge { limit });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    // The file may grow while it is read.
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge { limit });
    }
    Ok(bytes)
}

/// Reads a regular file of at most `limit` bytes as UTF-8.
///
/// # Errors
/// Every [`ReadError`].
pub fn read_text(path: &Path, links: Links, limit: u64) -> Result<String, ReadError> {
    String::from_utf8(read(path, links, limit)?).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        ReadError::NotUtf8 { line }
    })
}

/// Names what a path leads to, for messages: "it is ...".
pub fn kind_name(kind: FileType) -> &'static str {
    if kind.is_file() {
        return "a regular file";
    }
    if kind.is_dir() {
        return "a directory";
    }
    if kind.is_symlink() {
        return "a symbolic link";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return "a named pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
    }
    "a device"
}

fn require_regular(kind: FileType) -> Result<(), ReadError> {
    if kind.is_file() {
        Ok(())
    } else {
        Err(ReadError::NotRegular(kind_name(kind)))
    }
}

/// Makes opening return at once whatever the path leads to, and fail for a link where links
/// are refused.
pub fn without_waiting(options: &mut OpenOptions, links: Links) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let no_follow = match links {
            Links::Follow => 0,
            Links::Refuse | Links::RefuseAll => libc::O_NOFOLLOW,
        };
        // Reading a regular file is not affected by O_NONBLOCK.
        options.custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY | no_follow);
    }
    #[cfg(not(unix))]
    let _ = (options, links);
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::ffi::CString;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    fn fifo(path: &Path) {
        let name = CString::new(path.as_os_str().as_bytes()).unwrap();
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    }

    #[test]
    fn reads_a_file_up_to_its_limit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        std::fs::write(&path, "abcd").unwrap();
        assert_eq!(read(&path, Links::Refuse, 4).unwrap(), b"abcd");
        let error = read(&path, Links::Refuse, 3).unwrap_err();
        assert!(matches!(error, ReadError::TooLarge { limit: 3 }));
    }

    #[test]
    fn names_the_first_line_that_is_not_utf_8() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        std::fs::write(&path, b"a\n\xed\n\xff").unwrap();
        let error = read_text(&path, Links::Follow, 100).unwrap_err();
        assert_eq!(error.to_string(), "line 2 is not UTF-8");
    }

    #[test]
    fn refuses_at_once_what_is_no_regular_file() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fifo(&at("fifo"));
        let _socket = UnixListener::bind(at("socket")).unwrap();
        symlink("/dev/zero", at("zero")).unwrap();
        symlink(at("fifo"), at("link-to-fifo")).unwrap();
        for (name, kind) in [
            ("fifo", "a named pipe"),
            ("link-to-fifo", "a named pipe"),
            ("socket", "a socket"),
            ("zero", "a device"),
            (".", "a directory"),
        ] {
            let error = read(&at(name), Links::Follow, 100).unwrap_err();
            let expected = format!("it is {kind}, not a regular file");
            assert_eq!(error.to_string(), expected, "{name}");
        }
        for (name, kind) in [
            ("fifo", "a named pipe"),
            ("link-to-fifo", "a symbolic link"),
            ("socket", "a socket"),
            (".", "a directory"),
        ] {
            let path = at(name);
            let error = read(&path, Links::RefuseAll, 100).unwrap_err();
            let expected = format!("it is {kind}, not a regular file");
            assert_eq!(error.to_string(), expected, "{name}");
        }
    }

    #[test]
    fn a_link_is_followed_or_refused_as_asked() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        std::fs::write(&file, "x").unwrap();
        symlink(&file, &link).unwrap();
        assert_eq!(read(&link, Links::Follow, 9).unwrap(), b"x");
        let error = read(&link, Links::Refuse, 9).unwrap_err();
        assert!(error.to_string().contains("a symbolic link"), "{error}");
    }

    #[test]
    fn a_link_in_any_part_is_refused_if_asked() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().canonicalize().unwrap();
        std::fs::create_dir(top.join("real")).unwrap();
        std::fs::write(top.join("real/file"), "x").unwrap();
        symlink("real", top.join("linked")).unwrap();
        symlink("file", top.join("real/link")).unwrap();
        for open in [open_without_links, open_and_compare] {
            assert!(open(&top.join("real/file")).is_ok());
            assert!(open(&top.join("linked/file")).is_err());
            assert!(open(&top.join("real/link")).is_err());
        }
        assert!(read(&top.join("linked/file"), Links::RefuseAll, 9).is_err());
        let read = read(&top.join("real/file"), Links::RefuseAll, 9);
        assert_eq!(read.unwrap(), b"x");
    }

    #[test]
    fn a_link_to_nowhere_is_not_absence() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("link");
        symlink(dir.path().join("gone"), &link).unwrap();
        assert!(!read(&link, Links::Follow, 9).unwrap_err().is_absent(&link));
        let gone = dir.path().join("gone");
        assert!(read(&gone, Links::Follow, 9).unwrap_err().is_absent(&gone));
    }
}
