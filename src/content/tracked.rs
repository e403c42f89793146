//! Posts that git keeps although an ignore file names them: they are left out, on every machine,
//! which is seldom what was meant.

use std::collections::{BTreeMap, HashSet};
use std::path::{Component, Path, PathBuf};

use super::bounds::REPOSITORY;
use super::file_name::is_content;
use super::findings;
use super::found::Found;
use super::ignore_files::{GIT_IGNORE_FILE, IgnoreFiles};
use super::ignore_rules::{RuleSource, verdict};
use super::scan_root::ScanRoot;
use crate::finding::Finding;
use crate::git::{self, Index};
use crate::post::SourcePath;

/// Makes a hint for each of git's ignore files by which tracked posts are left out. Where the
/// index cannot be read there is none.
pub(super) fn hints(start: &ScanRoot, files: &[Found], ignore: &mut IgnoreFiles) -> Vec<Finding> {
    let bounds = &start.bounds;
    let Some(real) = start.real.as_deref().filter(|_| bounds.in_repository) else {
        return Vec::new();
    };
    let directories = git::directories(&bounds.top.join(REPOSITORY));
    let index = directories.ok().flatten().as_ref().and_then(Index::read);
    let tracked = index.map(|index| posts(&index)).unwrap_or_default();
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

/// Returns the names in an index that are those of posts.
fn posts(index: &Index) -> Vec<PathBuf> {
    let is_normal = |part| matches!(part, Component::Normal(_));
    let names = index
        .names
        .iter()
        .filter_map(|name| std::str::from_utf8(name).ok());
    names
        .map(Path::new)
        .filter(|path| is_content(path) && path.components().all(is_normal))
        .map(Path::to_owned)
        .collect()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::process::Command;

    use crate::content::test_project::{Project, paths, problems};
    use crate::finding::Level;

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
        let project = repository(&[]);
        let snapshot = project.scan("content");
        assert_eq!(paths(&snapshot), ["content/a.md"]);
        assert_eq!(problems(&snapshot), [("tracked-but-ignored", ".gitignore")]);
        let hint = &snapshot.problems[0];
        assert_eq!(hint.level, Level::Hint);
        assert_eq!(
            hint.message,
            "2 posts that git tracks are ignored here, and so not published: \
             content/build/1.md, content/build/22.md"
        );
        assert!(project.unmoved(&snapshot));
    }

    #[test]
    fn an_index_that_is_none_gives_no_hint() {
        let project = repository(&[]);
        for index in ["", "DIRC", "DIRC\0\0\0\u{2}\u{7f}\u{7f}\u{7f}\u{7f}"] {
            project.write(".git/index", index);
            assert_eq!(problems(&project.scan("content")), []);
        }
    }
}
