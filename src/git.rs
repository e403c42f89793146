//! Git's records of a work tree, read without running git: a repository's configuration can
//! make git run any program, and the repository may be untrusted.
//!
//! The format of the index is in git's documentation, `gitformat-index`. A crate for it brings
//! some thirty others, for what is here a walk over names.

use std::path::{Path, PathBuf};

use crate::input_file::{self, Links, ReadError};

/// The largest index that is read, in bytes: some 500,000 files.
const MAX_INDEX: u64 = 64 * 1024 * 1024;

/// The longest name in an index that is read, in bytes: the system's own limit for a path. An
/// index of version 4 can repeat a part of a name for nothing.
const MAX_NAME: usize = 4096;

/// The most bytes that all names in an index may have together.
const MAX_NAMES: usize = if cfg!(test) { 1 << 20 } else { 64 << 20 };

/// The largest file that leads to a directory of git, in bytes.
const MAX_POINTER: u64 = 64 * 1024;

/// The lengths in bytes of the hashes by which git names contents.
const HASHES: [usize; 2] = [20, 32];

/// The bytes of an entry before its hash: times, device, mode and size.
const STAT: usize = 40;

/// The place in an entry of the two bytes that hold its kind.
const MODE: usize = 26;

/// The directories in which git keeps what belongs to a work tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directories {
    /// That of the work tree's own files, such as its index.
    pub own: PathBuf,
    /// That of the repository, which has one or more work trees.
    pub common: PathBuf,
}

/// Finds the directories from a `.git`, which is a directory or, in a linked work tree and in a
/// submodule, a file that names one. Returns `None` if it does not lead to any.
///
/// # Errors
/// The file that cannot be read, with the reason.
pub fn directories(repository: &Path) -> Result<Option<Directories>, (PathBuf, ReadError)> {
    if repository.is_dir() {
        let (own, common) = (repository.to_owned(), repository.to_owned());
        return Ok(Some(Directories { own, common }));
    }
    let read = |file: &Path| match input_file::read_text(file, Links::Follow, MAX_POINTER) {
        Ok(text) => Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned())),
        Err(error) if error.is_absent(file) => Ok(None),
        Err(error) => Err((file.to_owned(), error)),
    };
    let Some(own) = read(repository)?.and_then(|text| {
        let path = text.strip_prefix("gitdir:")?.trim_start();
        Some(repository.parent()?.join(path))
    }) else {
        return Ok(None);
    };
    let common = match read(&own.join("commondir"))? {
        Some(path) => own.join(path),
        None => own.clone(),
    };
    Ok(Some(Directories { own, common }))
}

/// The names of the files that git keeps, `/` between their parts, in no encoding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// Relative to the top of the work tree.
    pub names: Vec<Vec<u8>>,
    /// Those of the names that are symbolic links or the directories of submodules.
    pub links: Vec<Vec<u8>>,
    /// True if these are all: the rest of a split index is in another file.
    pub is_complete: bool,
}

impl Index {
    /// Reads the index of a work tree; `None` where it cannot be read or understood. One that
    /// is not there yet has no names.
    pub fn read(directories: &Directories) -> Option<Self> {
        let path = directories.own.join("index");
        match input_file::read(&path, Links::Follow, MAX_INDEX) {
            Ok(bytes) => Self::parse(&bytes),
            Err(error) if error.is_absent(&path) => Some(Self {
                is_complete: true,
                ..Self::default()
            }),
            Err(_) => None,
        }
    }

    /// The length of the hashes is in no header; each entry says how long its name is, so that
    /// only the right length fits.
    fn parse(bytes: &[u8]) -> Option<Self> {
        HASHES.iter().find_map(|hash| parse(bytes, *hash))
    }

    /// Returns whether git keeps a file of this name; `None` if that is unknown.
    pub fn contains(&self, name: &[u8]) -> Option<bool> {
        let found = self.names.iter().any(|tracked| tracked == name);
        (found || self.is_complete).then_some(found)
    }
}

fn parse(bytes: &[u8], hash: usize) -> Option<Index> {
    let mut reader = Reader { bytes, at: 0 };
    if reader.take(4)? != b"DIRC" {
        return None;
    }
    let version = reader.number(4)?;
    let count = reader.number(4)?;
    if !(2..=4).contains(&version) {
        return None;
    }
    let (mut names, mut links) = (Vec::new(), Vec::new());
    let mut in_all = 0;
    let mut name: Vec<u8> = Vec::new();
    for _ in 0..count {
        let begin = reader.at;
        let stat = reader.take(STAT + hash)?;
        let kind = u16::from_be_bytes([*stat.get(MODE)?, *stat.get(MODE + 1)?]) & 0o170_000;
        let flags = reader.number(2)?;
        if version >= 3 && flags & 0x4000 != 0 {
            reader.take(2)?;
        }
        // From version 4 on, a name begins with a part of the one before.
        let kept = match version {
            4 => name.len().checked_sub(reader.offset()?)?,
            _ => 0,
        };
        name.truncate(kept);
        name.extend(reader.until_nul()?);
        in_all += name.len();
        let is_sound = flags & 0xfff == name.len().min(0xfff);
        if !is_sound || name.len() > MAX_NAME || in_all > MAX_NAMES {
            return None;
        }
        if version < 4 {
            // An entry ends at a multiple of eight bytes, with one to eight NULs.
            let padding = 7 - (reader.at - begin - 1) % 8;
            reader.take(padding)?;
        }
        if matches!(kind, 0o120_000 | 0o160_000) {
            links.push(name.clone());
        }
        names.push(name.clone());
    }
    let is_complete = !bytes.get(reader.at..)?.starts_with(b"link");
    Some(Index {
        names,
        links,
        is_complete,
    })
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    /// Reads a number, the greatest byte first.
    fn number(&mut self, length: usize) -> Option<usize> {
        let bytes = self.take(length)?;
        let add = |number: usize, byte: &u8| number << 8 | usize::from(*byte);
        Some(bytes.iter().fold(0, add))
    }

    /// Reads a number of any length, seven bits a byte, as git writes it.
    fn offset(&mut self) -> Option<usize> {
        let mut byte = self.number(1)?;
        let mut value = byte & 0x7f;
        while byte & 0x80 != 0 {
            byte = self.number(1)?;
            value = value.checked_add(1)?.checked_mul(128)? | (byte & 0x7f);
        }
        Some(value)
    }

    fn until_nul(&mut self) -> Option<&'a [u8]> {
        let length = self.bytes[self.at..].iter().position(|byte| *byte == 0)?;
        let taken = self.take(length)?;
        self.at += 1;
        Some(taken)
    }
}

/// Makes an index of version 2 with these names.
#[cfg(test)]
pub fn sample_index(names: &[&str]) -> Vec<u8> {
    let mut index = [b"DIRC".as_slice(), &2_u32.to_be_bytes()].concat();
    index.extend((names.len() as u32).to_be_bytes());
    for name in names {
        let start = index.len();
        index.extend([0; STAT + 20]);
        index.extend((name.len() as u16).to_be_bytes());
        index.extend(name.as_bytes());
        index.resize(start + (index.len() - start) / 8 * 8 + 8, 0);
    }
    index
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::fuzz;

    fn git(directory: &Path, arguments: &[&str]) {
        let output = Command::new("git")
            .args(["-c", "core.hooksPath=/dev/null", "-C"])
            .arg(directory)
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git is installed");
        assert!(output.status.success(), "{output:?}");
    }

    #[test]
    fn reads_what_git_writes_in_each_version_and_with_each_hash() {
        for hash in ["sha1", "sha256"] {
            let dir = tempfile::tempdir().unwrap();
            git(dir.path(), &["init", "--quiet", "--object-format", hash]);
            let name = |number: usize| format!("{}-{number}.md", "a/".repeat(number % 7));
            for number in 0..40 {
                let path = dir.path().join(name(number));
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, "text").unwrap();
            }
            git(dir.path(), &["add", "."]);
            git(dir.path(), &["rm", "--cached", "--quiet", &name(6)]);
            // An entry that has flags which only version 3 and later can hold.
            git(dir.path(), &["rm", "--cached", "--quiet", &name(8)]);
            git(dir.path(), &["add", "--intent-to-add", &name(8)]);
            let directories = directories(&dir.path().join(".git")).unwrap().unwrap();
            for version in ["2", "3", "4"] {
                git(dir.path(), &["update-index", "--index-version", version]);
                let index = Index::read(&directories).unwrap();
                for number in 0..40 {
                    let found = index.contains(name(number).as_bytes());
                    assert_eq!(found, Some(number != 6), "{number}, version {version}");
                }
                assert_eq!(index.names.len(), 39);
            }
        }
    }

    #[test]
    fn an_index_that_is_not_there_has_no_names() {
        let dir = tempfile::tempdir().unwrap();
        let directories = directories(dir.path()).unwrap().unwrap();
        let index = Index::read(&directories).unwrap();
        assert_eq!(index.contains(b".env"), Some(false));
    }

    #[test]
    fn a_split_index_does_not_tell_what_is_not_in_it() {
        let mut bytes = sample_index(&["a", "b/c"]);
        bytes.extend(b"link\0\0\0\x14");
        let index = Index::parse(&bytes).unwrap();
        assert_eq!(index.contains(b"b/c"), Some(true));
        assert_eq!(index.contains(b"c"), None);
    }

    #[test]
    fn nonsense_is_not_understood() {
        let good = sample_index(&["a", "b/c", ".env"]);
        let index = Index::parse(&good).unwrap();
        assert_eq!(index.contains(b".env"), Some(true));
        assert_eq!(index.contains(b"env"), Some(false));
        let huge = [b"DIRC".as_slice(), &[0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff]].concat();
        for nonsense in [&b""[..], b"DIRC", &huge] {
            assert_eq!(Index::parse(nonsense), None);
        }
        fuzz::run("git index", &[&good, &huge], &[b"DIRC", b"link"], |bytes| {
            let _ = Index::parse(bytes);
        });
    }

    /// An index of version 4 in which every entry repeats the name of the first.
    fn repeating(name: &str, entries: u32) -> Vec<u8> {
        let flags = (name.len().min(0xfff) as u16).to_be_bytes();
        let entry = |rest: &str| [&[0; 60][..], &flags, b"\0", rest.as_bytes(), b"\0"].concat();
        let mut index = b"DIRC\0\0\0\x04".to_vec();
        index.extend(entries.to_be_bytes());
        index.extend(entry(name));
        index.extend(entry("").repeat(entries as usize - 1));
        index
    }

    #[test]
    fn the_names_of_an_index_take_bounded_memory() {
        let longest = format!("{}x.md", "a/".repeat(MAX_NAME / 2 - 2));
        let most = (MAX_NAMES / longest.len()) as u32;
        let count = |index: &[u8]| Index::parse(index).map(|index| index.names.len());
        assert_eq!(count(&repeating(&longest, most)), Some(most as usize));
        assert_eq!(count(&repeating(&longest, most + 1)), None);
        assert_eq!(count(&repeating(&format!("a{longest}"), 1)), None);
    }
}
