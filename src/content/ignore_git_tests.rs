//! Ignore files, compared with git itself.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use fastrand::Rng;

use super::ignore_pattern::Pattern;
use super::test_project::{Project, paths};
use crate::git::sample_index;

/// Names and parts of patterns that meet often.
const DIRECTORIES: [&str; 6] = ["a", "ab", "{a}", "x y", "가", "B"];
const NAMES: [&str; 10] = [
    "a.md",
    "b.md",
    "ab.md",
    "{a,b}.md",
    "!a.md",
    "#a.md",
    "a b.md",
    "[a].md",
    "a\\.md",
    "가나.md",
];
const PIECES: [&str; 26] = [
    "a",
    "b",
    "ab",
    "*",
    "*",
    "**",
    "**/",
    "/**",
    "/",
    "/",
    "?",
    "[ab]",
    "[!a]",
    "[a-c]",
    "[]-]",
    "[[:alpha:]]",
    "\\",
    "\\*",
    ".md",
    "*.md",
    "{a,b}",
    " ",
    "가",
    "#",
    "!",
    "B",
];

fn pick<'a>(rng: &mut Rng, from: &[&'a str]) -> &'a str {
    from[rng.usize(..from.len())]
}

fn ignore_file(rng: &mut Rng) -> String {
    let mut text = String::new();
    for _ in 0..rng.usize(1..6) {
        let mut line = if rng.u8(..4) == 0 { "!" } else { "" }.to_owned();
        for _ in 0..rng.usize(1..5) {
            line += pick(rng, &PIECES);
        }
        // Those by which git ignores nothing are errors here.
        if Pattern::parse(&line).is_ok() {
            text += &line;
            text += if rng.bool() { "\n" } else { "\r\n" };
        }
    }
    text
}

/// Returns those of the paths that git ignores.
fn ignored_by_git(root: &Path, paths: &BTreeSet<String>) -> BTreeSet<String> {
    let mut git = Command::new("git")
        .args(["check-ignore", "--no-index", "-z", "--stdin"])
        .current_dir(root)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", root)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CEILING_DIRECTORIES", root.parent().unwrap())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("git is installed");
    let all: String = paths.iter().map(|path| format!("{path}\0")).collect();
    git.stdin.take().unwrap().write_all(all.as_bytes()).unwrap();
    let output = git.wait_with_output().unwrap();
    // 1 means that nothing is ignored.
    assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
    let ignored = String::from_utf8(output.stdout).unwrap();
    let ignored = ignored.split_terminator('\0');
    ignored.map(str::to_owned).collect()
}

#[test]
fn fuzz_what_is_left_out_is_what_git_ignores() {
    crate::fuzz::repeat("ignore files against git", 100, |rng| {
        let project = Project::with(&[]);
        // What `git init` makes, without starting it.
        project.write(".git/HEAD", "ref: refs/heads/main\n");
        for directory in [".git/objects", ".git/refs", "content"] {
            fs::create_dir_all(project.path(directory)).unwrap();
        }
        let mut all = BTreeSet::new();
        let mut directories = vec!["content".to_owned()];
        for _ in 0..rng.usize(1..12) {
            let mut directory = "content".to_owned();
            for _ in 0..rng.usize(..3) {
                directory = format!("{directory}/{}", pick(rng, &DIRECTORIES));
                directories.push(directory.clone());
            }
            let path = format!("{directory}/{}", pick(rng, &NAMES));
            project.write(&path, "");
            all.insert(path);
        }
        project.write(".gitignore", &ignore_file(rng));
        for _ in 0..rng.usize(..3) {
            let directory = &directories[rng.usize(..directories.len())];
            if project.path(directory).is_dir() {
                project.write(&format!("{directory}/.gitignore"), &ignore_file(rng));
            }
        }
        let ignored = ignored_by_git(&project.settings.root, &all);
        // What git tracks is not ignored.
        let tracked: Vec<&str> = all
            .iter()
            .filter(|_| rng.u8(..3) == 0)
            .map(String::as_str)
            .collect();
        fs::write(project.path(".git/index"), sample_index(&tracked)).unwrap();
        let tracked: BTreeSet<String> = tracked.into_iter().map(str::to_owned).collect();
        let kept = &(&all - &ignored) | &tracked;
        // From the root, so that no directory is named outright.
        let snapshot = project.scan("");
        let found: BTreeSet<String> = paths(&snapshot).into_iter().map(str::to_owned).collect();
        let files = || {
            let rules = directories.iter().map(|d| format!("{d}/.gitignore"));
            std::iter::once(".gitignore".into())
                .chain(rules)
                .filter_map(|path: String| {
                    let text = fs::read_to_string(project.path(&path)).ok()?;
                    Some((path, text))
                })
        };
        let files: Vec<_> = files().collect();
        assert_eq!(found, kept, "{files:#?}, tracked: {tracked:#?}");
    });
}
