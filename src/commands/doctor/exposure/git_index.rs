//! Looking up a name in git's index.
//!
//! The format is in git's documentation, `gitformat-index`. A crate for it brings some thirty
//! others, for what is here a walk over names.

use std::path::Path;

use crate::input_file::{self, Links, MAX_SETTINGS_FILE};

/// The largest index that is read, in bytes: some 600,000 files.
const LARGEST: u64 = 64 * 1024 * 1024;

/// The bytes of an entry before the digest of its content: times, device, mode and the like.
const STAT: usize = 40;

/// Returns whether the index in a git directory has an entry of that name; `None` where it
/// cannot be read or understood.
pub fn contains(git_directory: &Path, name: &[u8]) -> Option<bool> {
    let path = git_directory.join("index");
    let bytes = match input_file::read(&path, Links::Follow, LARGEST) {
        Ok(bytes) => bytes,
        // Nothing was added yet.
        Err(error) if error.is_absent(&path) => return Some(false),
        Err(_) => return None,
    };
    let config = git_directory.join("config");
    let config = input_file::read(&config, Links::Follow, MAX_SETTINGS_FILE).unwrap_or_default();
    let is_sha256 = config
        .windows(6)
        .any(|word| word.eq_ignore_ascii_case(b"sha256"));
    find(&bytes, name, if is_sha256 { 32 } else { 20 })
}

fn find(index: &[u8], name: &[u8], digest: usize) -> Option<bool> {
    if index.get(..4)? != b"DIRC" {
        return None;
    }
    let version = number(index, 4)?;
    let count = number(index, 8)?;
    let mut at = 12;
    let mut previous: Vec<u8> = Vec::new();
    for _ in 0..count {
        let start = at;
        let flags = index.get(start + STAT + digest)?;
        // An entry of version 3 may have two more bytes of flags.
        let is_extended = version >= 3 && flags & 0x40 != 0;
        at = start + STAT + digest + if is_extended { 4 } else { 2 };
        let kept = match version {
            2 | 3 => 0,
            4 => previous.len().checked_sub(varint(index, &mut at)?)?,
            _ => return None,
        };
        let length = index.get(at..)?.iter().position(|byte| *byte == 0)?;
        previous.truncate(kept);
        previous.extend_from_slice(&index[at..at + length]);
        if previous == name {
            return Some(true);
        }
        at += length;
        // In the older versions one to eight zeros make the length a multiple of eight.
        at += if version == 4 {
            1
        } else {
            8 - (at - start) % 8
        };
    }
    // The rest of a split index is in another file.
    let is_split = index.get(at..)?.starts_with(b"link");
    (!is_split).then_some(false)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    Some(u32::from_be_bytes(four.try_into().ok()?))
}

/// Reads a number of git's own encoding: seven bits a byte, the highest first, one added for
/// each byte that follows.
fn varint(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut value = 0_usize;
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value = value
            .checked_mul(128)?
            .checked_add(usize::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        value = value.checked_add(1)?;
    }
}

/// Makes an index of version 2 with these names.
#[cfg(test)]
pub fn sample(names: &[&str]) -> Vec<u8> {
    let mut index = [b"DIRC".as_slice(), &2_u32.to_be_bytes()].concat();
    index.extend((names.len() as u32).to_be_bytes());
    for name in names {
        let start = index.len();
        index.extend([0; STAT + 20 + 2]);
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

    /// An index that git itself wrote, in each version.
    #[test]
    fn what_git_writes_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let git = |arguments: &[&str]| {
            let status = Command::new("git")
                .args(["-c", "core.hooksPath=/dev/null", "-C"])
                .arg(dir.path())
                .args(arguments)
                .env_clear()
                .env("PATH", std::env::var_os("PATH").unwrap())
                .output()
                .unwrap();
            assert!(status.status.success(), "{status:?}");
        };
        git(&["init", "--quiet"]);
        let name = |number: usize| format!("{}-{number}.md", "a/".repeat(number % 7));
        for number in 0..40 {
            let path = dir.path().join(name(number));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "text").unwrap();
        }
        git(&["add", "."]);
        git(
            &["rm", "--cached", "--quiet", "-6.md", "a/-1.md"].map(|word| match word {
                "-6.md" => "a/a/a/a/a/a/-6.md",
                word => word,
            }),
        );
        for version in ["2", "3", "4"] {
            git(&["update-index", "--index-version", version]);
            git(&["add", "--intent-to-add", "a/-1.md"]);
            let directory = dir.path().join(".git");
            for number in 0..40 {
                let expected = number != 6;
                let found = contains(&directory, name(number).as_bytes());
                assert_eq!(found, Some(expected), "{number} in version {version}");
            }
            assert_eq!(contains(&directory, b".env"), Some(false));
            git(&["rm", "--cached", "--quiet", "a/-1.md"]);
        }
    }

    #[test]
    fn nonsense_ends_and_is_not_understood() {
        let good = sample(&["a", "b/c", ".env"]);
        assert_eq!(find(&good, b".env", 20), Some(true));
        assert_eq!(find(&good, b"env", 20), Some(false));
        let huge = [b"DIRC".as_slice(), &[0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff]].concat();
        assert_eq!(find(&huge, b"a", 20), None);
        fuzz::run("git index", &[&good, &huge], &[b"DIRC", b"link"], |bytes| {
            let _ = find(bytes, b".env", 20);
        });
    }
}
