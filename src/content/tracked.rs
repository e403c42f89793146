//! Posts that git keeps although an ignore file names them: they are left out, on every machine,
//! which is seldom what was meant.
//!
//! git lists what it keeps in its index, a file of a documented format. git itself is not run,
//! since a repository's configuration can make it run other programs.

use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path, PathBuf};

use super::findings;
use super::found::Found;
use super::ignore_rules::{
    GIT_IGNORE_FILE, IgnoreFiles, REPOSITORY, RuleSource, git_directories, verdict,
};
use super::start::{Start, is_content};
use crate::diagnostic::Diagnostic;
use crate::input_file::{self, Links};
use crate::post::SourcePath;

/// The largest index that is read, in bytes: some 500,000 files.
const MAX_INDEX: u64 = 64 * 1024 * 1024;

/// The longest name of a tracked file that is looked at, in bytes: the system's own limit for a
/// path. An index can repeat a part of a name for nothing.
const MAX_NAME: usize = 4096;

/// The most bytes that the names of tracked posts may have together.
const MAX_NAMES: usize = if cfg!(test) { 1 << 20 } else { 64 << 20 };

/// The lengths in bytes of the hashes that git names contents by.
const HASHES: [usize; 2] = [20, 32];

/// Makes a hint for each of git's ignore files by which tracked posts are left out. Where the
/// index cannot be read there is none.
pub(super) fn hints(start: &Start, files: &[Found], ignore: &mut IgnoreFiles) -> Vec<Diagnostic> {
    let bounds = &start.bounds;
    let Some(real) = start.real.as_deref().filter(|_| bounds.in_repository) else {
        return Vec::new();
    };
    let index = git_directories(&bounds.top.join(REPOSITORY)).ok().flatten();
    let Some(index) = index.map(|directories| directories.own.join("index")) else {
        return Vec::new();
    };
    let Ok(index) = input_file::read(&index, Links::Follow, MAX_INDEX) else {
        return Vec::new();
    };
    let tracked = HASHES
        .iter()
        .find_map(|hash| posts(&index, *hash))
        .unwrap_or_default();
    let found: HashSet<&Path> = files.iter().map(|file| &*file.real).collect();
    let mut left_out: BTreeMap<PathBuf, Vec<SourcePath>> = BTreeMap::new();
    for post in tracked.into_iter().map(|post| bounds.top.join(post)) {
        if !post.starts_with(real) || found.contains(&*post) || !post.exists() {
            continue;
        }
        if let Some(file) = ignored_by(real, &post, ignore) {
            let (path, _) = start.source_path(&post);
            left_out.entry(file).or_default().push(path);
        }
    }
    let hint = |(file, posts): (PathBuf, Vec<SourcePath>)| {
        let (path, _) = start.source_path(&file);
        findings::problem(&path, findings::tracked_but_ignored(&posts))
    };
    left_out.into_iter().map(hint).collect()
}

/// Finds the file of git's that leaves out a path below `start`; `None` if it is left out for
/// another reason.
fn ignored_by(start: &Path, path: &Path, ignore: &mut IgnoreFiles) -> Option<PathBuf> {
    let mut directory = start.to_owned();
    for part in path.strip_prefix(start).ok()?.components() {
        if part.as_os_str().as_encoded_bytes().starts_with(b".") {
            return None;
        }
        let rules = ignore.of(&directory).ok()?;
        directory.push(part);
        let verdict = verdict(&rules, &directory, directory != path);
        let Some(verdict) = verdict.filter(|verdict| verdict.is_ignored) else {
            continue;
        };
        return match verdict.source {
            RuleSource::Own => None,
            RuleSource::Git => Some(verdict.directory.join(GIT_IGNORE_FILE)),
            RuleSource::Exclude => Some(verdict.directory.join(REPOSITORY).join("info/exclude")),
        };
    }
    None
}

/// Reads the names of posts from an index with hashes of this length; `None` if it is none, or
/// has too many.
fn posts(index: &[u8], hash: usize) -> Option<Vec<PathBuf>> {
    let mut reader = Reader {
        bytes: index,
        at: 0,
    };
    if reader.take(4)? != b"DIRC" {
        return None;
    }
    let version = reader.number(4)?;
    let count = reader.number(4)?;
    if !(2..=4).contains(&version) {
        return None;
    }
    let mut posts = Vec::new();
    let mut in_all = 0;
    let mut name = Vec::new();
    for _ in 0..count {
        let begin = reader.at;
        // Times, places and sizes.
        reader.take(40 + hash)?;
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
        if flags & 0xfff != name.len().min(0xfff) || name.len() > MAX_NAME {
            return None;
        }
        if version < 4 {
            // An entry ends at a multiple of eight bytes, with one to eight NULs.
            let padding = 7 - (reader.at - begin - 1) % 8;
            reader.take(padding)?;
        }
        let Ok(path) = std::str::from_utf8(&name).map(Path::new) else {
            continue;
        };
        let is_normal = |part| matches!(part, Component::Normal(_));
        if is_content(path) && path.components().all(is_normal) {
            in_all += name.len();
            if in_all > MAX_NAMES {
                return None;
            }
            posts.push(path.to_owned());
        }
    }
    Some(posts)
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

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::content::scan_tests::{Project, paths, problems};
    use crate::diagnostic::Severity;

    fn git(project: &Project, args: &[&str]) {
        let output = Command::new("git")
            .args(args)
            .current_dir(&project.settings.root)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", &project.settings.root)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .expect("git is installed");
        assert!(output.status.success(), "{output:?}");
    }

    fn repository(init: &[&str]) -> Project {
        let project = Project::with(&[
            "content/a.md",
            "content/build/1.md",
            "content/build/22.md",
            "content/own.md",
            "content/untracked.md",
        ]);
        git(&project, &[&["init", "-q"], init].concat());
        git(
            &project,
            &["add", "content/a.md", "content/build", "content/own.md"],
        );
        project.write(".gitignore", "build/\nuntracked.md\n");
        project.write(".blogctlignore", "own.md\n");
        project
    }

    #[test]
    fn tells_of_tracked_posts_that_git_ignores() {
        for hash in ["sha1", "sha256"] {
            for version in ["2", "3", "4"] {
                let project = repository(&["--object-format", hash]);
                let version = ["update-index", "--index-version", version];
                // Version 3 is written where an entry has a flag that only it can hold.
                git(&project, &version);
                let snapshot = project.scan("content");
                assert_eq!(paths(&snapshot), ["content/a.md"]);
                assert_eq!(problems(&snapshot), [("tracked-but-ignored", ".gitignore")]);
                let hint = &snapshot.problems[0];
                assert_eq!(hint.severity, Severity::Hint);
                assert_eq!(
                    hint.message,
                    "2 posts that git tracks are ignored here, and so not published: \
                     content/build/1.md, content/build/22.md"
                );
                assert!(project.unmoved(&snapshot));
            }
        }
    }

    #[test]
    fn reads_an_index_whose_entries_have_more_flags() {
        let project = repository(&[]);
        project.write("content/build/later.md", "");
        git(
            &project,
            &["add", "-f", "--intent-to-add", "content/build/later.md"],
        );
        let snapshot = project.scan("content");
        assert!(snapshot.problems[0].message.starts_with("3 posts"));
    }

    #[test]
    fn an_index_that_is_none_gives_no_hint() {
        let project = repository(&[]);
        let index = std::fs::read(project.path(".git/index")).unwrap();
        crate::fuzz::run("git index", &[&index], &[b"DIRC"], |index| {
            HASHES.iter().for_each(|hash| drop(posts(index, *hash)));
        });
        for index in ["", "DIRC", "DIRC\0\0\0\u{2}\u{7f}\u{7f}\u{7f}\u{7f}"] {
            project.write(".git/index", index);
            assert_eq!(problems(&project.scan("content")), []);
        }
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
        let count = |index: &[u8]| posts(index, 20).map(|posts| posts.len());
        assert_eq!(count(&repeating(&longest, most)), Some(most as usize));
        assert_eq!(count(&repeating(&longest, most + 1)), None);
        assert_eq!(count(&repeating(&format!("a{longest}"), 1)), None);
    }
}
