use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::content::test_project::{Project, followed, paths, problems};
use crate::content::{is_left_out, why_left_out};
use crate::finding::Level;
use crate::git::sample_index;
use crate::left_out::Reason;
use crate::post::SourcePath;

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

/// A repository that ignores `build/` and `note.md`, and tracks some of what is there.
fn repository() -> Project {
    let project = Project::with(&[
        "content/a.md",
        "content/build/1.md",
        "content/build/deep/er/2.md",
        "content/build/untracked.md",
        "content/build/other/untracked.md",
        "content/note.md",
        "content/notes/note.md",
        "content/own.md",
    ]);
    git(&project, &["init", "-q"]);
    let tracked = [
        "a.md",
        "build/1.md",
        "build/deep/er/2.md",
        "note.md",
        "own.md",
    ];
    for file in tracked {
        git(&project, &["add", &format!("content/{file}")]);
    }
    project.write(".gitignore", "build/\nnote.md\n");
    project
}

#[test]
fn reads_what_git_tracks_whatever_its_ignore_files_name() {
    let project = repository();
    project.write(".blogctlignore", "own.md\n");
    // Of a directory that is ignored, only what is tracked is looked at.
    project.write("content/build/.gitignore", "[");
    let snapshot = project.scan("content");
    let found = [
        "content/a.md",
        "content/build/1.md",
        "content/build/deep/er/2.md",
        "content/note.md",
    ];
    assert_eq!(paths(&snapshot), found);
    assert_eq!(problems(&snapshot), [("tracked-but-ignored", ".gitignore")]);
    let hint = &snapshot.problems[0];
    assert_eq!(hint.level, Level::Hint);
    assert_eq!(
        hint.message,
        "3 posts that git tracks are named here, and read all the same: content/build/1.md, \
         content/build/deep/er/2.md, content/note.md"
    );
    assert_eq!(
        snapshot.left_out.sum(),
        "2 by .gitignore, 1 by .blogctlignore, 1 directory by .gitignore"
    );
    assert!(project.unmoved(&snapshot));
    git(&project, &["rm", "--cached", "-q", "content/note.md"]);
    assert!(!project.unmoved(&snapshot));
}

#[test]
fn own_patterns_and_the_settings_leave_out_what_git_tracks() {
    let mut project = repository();
    project.write(".blogctlignore", "/content/build/\n");
    project.settings.exclude.add("note.md").unwrap();
    let snapshot = project.scan("content");
    assert_eq!(paths(&snapshot), ["content/a.md", "content/own.md"]);
    assert_eq!(problems(&snapshot), []);
    // One of them that includes it takes the hint away.
    project.write(".blogctlignore", "!build/\n");
    let snapshot = project.scan("content/build");
    assert_eq!(paths(&snapshot).len(), 4);
    assert_eq!(problems(&snapshot), []);
}

#[test]
fn without_an_index_that_can_be_read_patterns_count() {
    let project = repository();
    for index in ["", "DIRC", "DIRC\0\0\0\u{2}\u{7f}\u{7f}\u{7f}\u{7f}"] {
        project.write(".git/index", index);
        let snapshot = project.scan("content");
        assert_eq!(paths(&snapshot), ["content/a.md", "content/own.md"]);
        assert_eq!(problems(&snapshot), []);
    }
    // Of a split index only a part is known.
    let mut split = sample_index(&["content/note.md"]);
    split.extend(b"link\0\0\0\x14");
    fs::write(project.path(".git/index"), split).unwrap();
    assert_eq!(paths(&project.scan("content")).len(), 2);
    fs::remove_file(project.path(".git/index")).unwrap();
    assert_eq!(paths(&project.scan("content")).len(), 2);
}

#[test]
fn a_repository_within_the_project_has_an_index_of_its_own() {
    let project = Project::with(&["content/sub/a.md", "content/sub/b.md", "content/c.md"]);
    fs::create_dir(project.path(".git")).unwrap();
    fs::write(
        project.path(".git/index"),
        sample_index(&["content/sub/a.md"]),
    )
    .unwrap();
    project.write("content/sub/.git", "gitdir: ../../.git/modules/sub\n");
    project.write(".git/modules/sub/HEAD", "ref: refs/heads/main\n");
    for directory in ["objects", "refs"] {
        fs::create_dir_all(project.path(".git/modules/sub").join(directory)).unwrap();
    }
    project.write("content/sub/.gitignore", "*.md\n");
    fs::write(
        project.path(".git/modules/sub/index"),
        sample_index(&["b.md"]),
    )
    .unwrap();
    let found = ["content/c.md", "content/sub/b.md"];
    assert_eq!(paths(&project.scan("content")), found);
}

#[test]
fn a_submodule_that_git_tracks_is_read_although_its_directory_is_named() {
    let project = Project::with(&["content/sub/a.md"]);
    git(&project, &["init", "-q"]);
    let entry = format!("160000,{},content/sub", "1".repeat(40));
    git(&project, &["update-index", "--add", "--cacheinfo", &entry]);
    project.write(".gitignore", "content/*\n");
    let snapshot = project.scan("content");
    assert_eq!(paths(&snapshot), ["content/sub/a.md"]);
    assert_eq!(problems(&snapshot), []);
}

#[test]
fn a_link_leads_to_what_git_tracks() {
    let project = repository();
    project.write("posts/x.txt", "");
    symlink("../content/note.md", project.path("posts/tracked.md")).unwrap();
    symlink(
        "../content/notes/note.md",
        project.path("posts/untracked.md"),
    )
    .unwrap();
    symlink("../content/build", project.path("posts/made")).unwrap();
    let snapshot = project.scan("posts");
    let found = [
        "posts/made/1.md",
        "posts/made/deep/er/2.md",
        "posts/tracked.md",
    ];
    assert_eq!(paths(&snapshot), found);
    let expected = [
        ("tracked-but-ignored", ".gitignore"),
        ("link-target", "posts/untracked.md"),
    ];
    assert_eq!(problems(&snapshot), expected);
    assert_eq!(paths(&followed(&project, "posts")).len(), 6);
}

#[test]
fn a_file_that_is_written_anew_is_left_out_only_if_a_scan_would() {
    let project = repository();
    let is_left_out =
        |path: &str| is_left_out(&project.settings, "content".as_ref(), path.as_ref());
    fs::remove_file(project.path("content/note.md")).unwrap();
    assert!(!is_left_out("content/note.md"));
    assert!(is_left_out("content/build/3.md"));
}

#[test]
fn tells_why_a_file_is_left_out() {
    let mut project = repository();
    project.settings.exclude.add("own.md").unwrap();
    let source = |path: &str| SourcePath::new(path);
    let left_out = [
        ("content/own.md", Reason::Exclude),
        ("content/notes/note.md", Reason::Gitignore),
    ];
    let read = ["content/note.md", "content/none.md", "content/a.md"];
    let all: Vec<SourcePath> = left_out
        .iter()
        .map(|(path, _)| *path)
        .chain(read)
        .map(source)
        .collect();
    let reasons = why_left_out(&project.settings, &all);
    assert_eq!(reasons.len(), left_out.len());
    for (path, reason) in left_out {
        assert_eq!(reasons[&source(path)], reason, "{path}");
    }
}
