//! Ignore files, read by a scan.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::ignore_files::MAX_PATTERNS;
use super::ignore_syntax::MAX_PATTERN;
use super::test_project::{Project, fifo, paths, problems};
use super::{ReadSettings, scan};
use crate::finding::Level;
use crate::input_file::MAX_SETTINGS_FILE;

/// Every ignore file that counts for `content/`.
const FILES: [&str; 5] = [
    ".gitignore",
    ".blogctlignore",
    "content/.gitignore",
    "content/.blogctlignore",
    ".git/info/exclude",
];

fn project_with_a_secret() -> Project {
    let project = Project::with(&["content/a.md", "content/secret.md"]);
    fs::create_dir_all(project.path(".git/info")).unwrap();
    project
}

#[test]
fn an_ignore_file_that_cannot_be_read_whole_is_an_error() {
    type Spoil = fn(&Path);
    let spoilt: [(&str, Spoil); 7] = [
        ("carriage returns alone", |path| {
            fs::write(path, "a.txt\rsecret.md\r").unwrap();
        }),
        ("is not UTF-8", |path| {
            fs::write(path, b"\xff\xfe\nsecret.md\n").unwrap();
        }),
        ("link", |path| symlink("nowhere", path).unwrap()),
        ("link", |path| {
            symlink(path.file_name().unwrap(), path).unwrap();
        }),
        ("a named pipe", fifo),
        ("a directory", |path| fs::create_dir(path).unwrap()),
        ("larger than 1024 KiB", |path| {
            let file = fs::File::create(path).unwrap();
            file.set_len(MAX_SETTINGS_FILE + 1).unwrap();
        }),
    ];
    for file in FILES {
        for (words, spoil) in spoilt {
            let project = project_with_a_secret();
            spoil(&project.path(file));
            let snapshot = project.scan("content");
            assert_eq!(paths(&snapshot), [""; 0], "{file}: {words}");
            assert_eq!(problems(&snapshot), [("ignore-file", file)], "{words}");
            let problem = &snapshot.problems[0];
            assert_eq!(problem.level, Level::Error);
            // The words of the system for a link differ.
            let reported = problem.message.contains(words) || words == "link";
            assert!(reported, "{}", problem.message);
        }
    }
}

#[test]
fn a_line_that_cannot_be_understood_is_an_error_at_its_place() {
    let long = "a".repeat(MAX_PATTERN + 1);
    for bad in ["[z-a]", "[ab", "a\\", "[[:none:]]", "!", "a\0", &long] {
        for file in FILES {
            let project = project_with_a_secret();
            project.write(file, &format!("# one\nsecret.md\r\n{bad}\n[b-a]\n"));
            let snapshot = project.scan("content");
            assert_eq!(paths(&snapshot), [""; 0], "{file}: {bad}");
            assert_eq!(problems(&snapshot), [("ignore-file", file); 2], "{bad}");
            let lines = snapshot
                .problems
                .iter()
                .map(|p| p.location.as_ref().unwrap());
            let lines: Vec<_> = lines
                .map(|location| (location.start.line, &*location.excerpt))
                .collect();
            assert_eq!(lines, [(3, ""), (4, "")], "{bad}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_ignore_file_that_may_not_be_read_is_an_error() {
    use std::os::unix::fs::PermissionsExt as _;

    let project = project_with_a_secret();
    project.write("content/.gitignore", "secret.md\n");
    let closed = fs::Permissions::from_mode(0o000);
    fs::set_permissions(project.path("content/.gitignore"), closed).unwrap();
    let snapshot = super::test_project::scan_as_anyone(&project);
    assert_eq!(paths(&snapshot), [""; 0]);
    assert_eq!(problems(&snapshot), [("ignore-file", "content/.gitignore")]);
    assert!(snapshot.problems[0].message.contains("denied"));
}

#[test]
fn the_number_of_patterns_that_count_at_once_is_bounded() {
    let project = Project::with(&["content/a.md", "content/b/b.md"]);
    project.write(".gitignore", &"x\n".repeat(MAX_PATTERNS - 1));
    project.write("content/.gitignore", "y\n");
    assert_eq!(paths(&project.scan("content")).len(), 2);
    project.write("content/b/.blogctlignore", "z\n");
    let snapshot = project.scan("content");
    assert_eq!(paths(&snapshot), ["content/a.md"]);
    assert_eq!(
        problems(&snapshot),
        [("ignore-file", "content/b/.blogctlignore")]
    );
}

#[test]
fn patterns_that_take_too_long_are_an_error() {
    let project = Project::with(&["content/a.md"]);
    let deep = format!("content/{}x.md", "a/".repeat(300));
    project.write(&deep, "");
    project.write(
        ".gitignore",
        &format!("{}*b*\n", "**/a/".repeat(200)).repeat(50),
    );
    let snapshot = project.scan("content");
    assert_eq!(problems(&snapshot), [("ignore-file", "content")]);
    assert_eq!(snapshot.problems[0].level, Level::Error);
}

#[test]
fn patterns_that_take_too_much_memory_together_are_an_error() {
    let project = Project::with(&["content/a.md"]);
    for directory in 0..40 {
        let file = format!("content/{directory}/.gitignore");
        project.write(&file, &format!("{}\n", "[a]".repeat(300)).repeat(8));
    }
    let snapshot = project.scan("content");
    assert_eq!(problems(&snapshot), [("ignore-file", "content")]);
    assert_eq!(snapshot.problems[0].level, Level::Error);
}

#[test]
fn what_is_named_like_a_repository_and_is_none_ends_no_rules() {
    let project = Project::with(&["content/a.md", "content/sub/secret.md"]);
    project.write(".git/info/exclude", "secret.md\n");
    let repository = project.path("content/sub/.git");
    let found = || paths(&project.scan("content")).len();
    fs::create_dir(&repository).unwrap();
    assert_eq!(found(), 1);
    fs::create_dir(repository.join("objects")).unwrap();
    fs::create_dir(repository.join("refs")).unwrap();
    assert_eq!(found(), 1);
    fs::write(repository.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    assert_eq!(found(), 2);
    fs::rename(&repository, project.path("moved")).unwrap();
    for (file, expected) in [("gitdir: ../../moved\n", 2), ("gitdir: no\n", 1), ("", 1)] {
        fs::write(&repository, file).unwrap();
        assert_eq!(found(), expected, "{file}");
    }
}

#[test]
fn an_ignore_file_in_what_is_left_out_does_not_matter() {
    let project = Project::with(&["content/a.md", "content/out/x.md", "content/.hidden/x.md"]);
    project.write(".gitignore", "out/\n");
    project.write("content/out/.gitignore", "[");
    project.write("content/.hidden/.gitignore", "[");
    let snapshot = project.scan("content");
    assert_eq!(paths(&snapshot), ["content/a.md"]);
    assert_eq!(problems(&snapshot), []);
    // Named outright, it does.
    let snapshot = project.scan("content/out");
    assert_eq!(
        problems(&snapshot),
        [("ignore-file", "content/out/.gitignore")]
    );
}

#[test]
fn an_ignore_file_may_be_a_link_within_the_project() {
    let project = project_with_a_secret();
    project.write("shared/ignored", "secret.md\n");
    symlink("../shared/ignored", project.path("content/.gitignore")).unwrap();
    assert_eq!(paths(&project.scan("content")), ["content/a.md"]);

    let other = Project::with(&[]);
    other.write("ignored", "[SECRET\n");
    fs::remove_file(project.path("content/.gitignore")).unwrap();
    symlink(other.path("ignored"), project.path("content/.gitignore")).unwrap();
    let snapshot = project.scan("content");
    assert_eq!(paths(&snapshot), [""; 0]);
    assert_eq!(problems(&snapshot), [("ignore-file", "content/.gitignore")]);
    assert!(snapshot.problems[0].message.contains("out of the project"));
    assert!(!format!("{:?}", snapshot.problems).contains("SECRET"));
}

#[test]
fn own_files_come_before_those_of_git_and_inner_ones_before_outer_ones() {
    let project = Project::with(&["content/a.md", "content/b.md", "content/c.md"]);
    project.write(".git/info/exclude", "*.md\n");
    assert_eq!(paths(&project.scan("content")), [""; 0]);
    project.write(".gitignore", "!a.md\n!b.md\n");
    assert_eq!(
        paths(&project.scan("content")),
        ["content/a.md", "content/b.md"]
    );
    project.write("content/.gitignore", "b.md\n");
    assert_eq!(paths(&project.scan("content")), ["content/a.md"]);
    project.write(".blogctlignore", "a.md\n!c.md\n");
    assert_eq!(paths(&project.scan("content")), ["content/c.md"]);
}

#[test]
fn the_exclude_file_is_found_through_the_git_file_of_a_work_tree() {
    let project = Project::with(&["tree/content/a.md", "tree/content/b.md"]);
    project.write("tree/.git", "gitdir: ../main/.git/worktrees/tree\n");
    project.write("main/.git/worktrees/tree/commondir", "../..\n");
    project.write("main/.git/info/exclude", "b.md\n");
    assert_eq!(paths(&project.scan("tree/content")), ["tree/content/a.md"]);
    // The work tree is mounted elsewhere, without its repository.
    fs::remove_dir_all(project.path("main")).unwrap();
    assert_eq!(paths(&project.scan("tree/content")).len(), 2);
}

#[test]
fn an_ignore_file_above_the_root_counts_up_to_the_top_of_the_repository() {
    let outer = Project::with(&["top/blog/content/a.md", "top/blog/content/b.md"]);
    outer.write("top/.gitignore", "b.md\n");
    outer.write(".gitignore", "[");
    let settings = ReadSettings {
        root: outer.path("top/blog"),
        ..outer.settings.clone()
    };
    let scan = || scan(&settings, &outer.path("top/blog/content"), &|_| {}).unwrap();
    // It may be the repository's top, of which only the `.git` is missing.
    let snapshot = scan();
    assert_eq!(paths(&snapshot), [""; 0]);
    let file = outer.path(".gitignore").to_str().unwrap().to_owned();
    assert_eq!(problems(&snapshot), [("ignore-file", &*file)]);
    fs::create_dir(outer.path("top/.git")).unwrap();
    let snapshot = scan();
    assert_eq!(paths(&snapshot), ["content/a.md"]);
    assert_eq!(problems(&snapshot), []);
}

#[test]
fn a_change_of_an_ignore_file_during_a_sync_is_noticed() {
    let project = Project::with(&["content/a.md", "content/none/x.txt"]);
    let snapshot = project.scan("content");
    assert!(project.unmoved(&snapshot));
    project.write("content/none/.gitignore", "[");
    assert!(!project.unmoved(&snapshot));
}
