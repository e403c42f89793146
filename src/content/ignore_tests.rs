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
use crate::left_out::Reason;

/// Every ignore file that counts for `content/`.
const FILES: [&str; 4] = [
    ".gitignore",
    ".blogctlignore",
    "content/.gitignore",
    "content/.blogctlignore",
];

fn project_with_a_secret() -> Project {
    let project = Project::with(&["content/a.md", "content/secret.md"]);
    fs::create_dir_all(project.path(".git")).unwrap();
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
    project.write(".git/description", "");
    project.write(".gitignore", "secret.md\n");
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
    project.write(".gitignore", "*.md\n!a.md\n!b.md\n");
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
fn the_personal_ignore_file_of_a_repository_does_not_count() {
    let project = Project::with(&["content/a.md"]);
    for text in ["a.md\n", "["] {
        project.write(".git/info/exclude", text);
        let snapshot = project.scan("content");
        assert_eq!(paths(&snapshot), ["content/a.md"]);
        assert_eq!(problems(&snapshot), []);
    }
}

#[test]
fn what_the_settings_exclude_comes_before_every_ignore_file() {
    let mut project = Project::with(&[
        "content/a.md",
        "content/README.md",
        "content/authors/b.md",
        "content/build/c.md",
        "content/build/README.md",
    ]);
    project.write(".gitignore", "build/\n");
    project.write("content/.blogctlignore", "!README.md\na.md\n");
    for pattern in ["**/README.md", "authors/", "!build/", "!/content/a.md"] {
        project.settings.exclude.add(pattern).unwrap();
    }
    let snapshot = project.scan("content");
    assert_eq!(paths(&snapshot), ["content/a.md", "content/build/c.md"]);
    let left_out = &snapshot.left_out;
    assert_eq!(left_out.sum(), "2 by exclude, 1 directory by exclude");
    let group = left_out.files(Reason::Exclude);
    let by = group.examples[0].by.as_ref().unwrap();
    assert_eq!(by.as_str(), "blogctl.toml");
    // Named outright, it is read.
    let named = project.scan("content/authors");
    assert_eq!(paths(&named), ["content/authors/b.md"]);
}

#[test]
fn files_that_are_left_out_are_counted_by_rule() {
    let project = Project::with(&[
        "content/a.md",
        "content/.hidden.md",
        "content/.vscode/x.md",
        "content/build/1.md",
        "content/note.md",
        "content/own.md",
        "content/old.mkd",
        "content/page.HTML",
        "content/notes.txt",
        "content/image.png",
    ]);
    project.write(".gitignore", "build/\nnote.md\n*.png\n");
    project.write("content/.blogctlignore", "own.md\n");
    let snapshot = project.scan("content");
    assert_eq!(paths(&snapshot), ["content/a.md"]);
    assert_eq!(
        snapshot.left_out.sum(),
        "1 by .gitignore, 1 by .blogctlignore, 1 hidden, \
         2 with another ending than .md, .markdown and .mdx, 1 directory by .gitignore"
    );
    let lines = snapshot.left_out.lines();
    for line in [
        "content/note.md: by .gitignore",
        "content/own.md: by content/.blogctlignore",
        "content/.hidden.md: hidden",
        "content/build: by .gitignore",
    ] {
        assert!(
            lines.iter().any(|known| known == line),
            "{line} in {lines:?}"
        );
    }
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
