//! The times at which files were first committed, from git's history.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use jiff::Timestamp;

use crate::command_error::CommandError;

/// The byte before the time of each commit.
const MARK: char = '\u{2}';

/// Returns the time of the commit that added each file, by its path below `root`. A file that was
/// renamed has the time at which it was added under its first name.
///
/// # Errors
/// [`CommandError`] if there is no git or no repository, or if the clone does not have the whole
/// history: the first commit of a shallow clone would date every post alike.
pub(super) fn first_commits(root: &Path) -> Result<HashMap<String, Timestamp>> {
    let shallow = git(root, &["rev-parse", "--is-shallow-repository"])?;
    if shallow.trim() == "true" {
        let message = "this clone is shallow: it does not have the commits that added the posts";
        return Err(CommandError::refused(message)
            .help("run `git fetch --unshallow`, in GitHub Actions with `fetch-depth: 0`")
            .into());
    }
    let prefix = git(root, &["rev-parse", "--show-prefix"])?;
    // Of the whole repository: the posts may have been moved below the root.
    let log = git(
        root,
        &[
            "-c",
            "log.showSignature=false",
            "log",
            "--reverse",
            "--diff-filter=AR",
            "--find-renames",
            "--name-status",
            "-z",
            "--format=tformat:\u{2}%aI",
        ],
    )?;
    let times = first_times(&log);
    let prefix = prefix.trim_end_matches(['\n', '\r']);
    Ok(times
        .into_iter()
        .filter_map(|(path, at)| Some((path.strip_prefix(prefix)?.to_owned(), at)))
        .collect())
}

/// Runs git and returns what it prints.
fn git(root: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(["-c", "core.fsmonitor=false"])
        .args(arguments)
        .env("GIT_OPTIONAL_LOCKS", "0")
        .output();
    let output = match output {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(
                CommandError::refused("git is not installed, or not in PATH")
                    .help("install it, or write the dates by hand")
                    .into(),
            );
        }
        Err(error) => return Err(error).context("cannot run git"),
    };
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let words = words.lines().next().unwrap_or("it says nothing").trim();
        let words = words.strip_prefix("fatal: ").unwrap_or(words);
        let message = format!("git cannot tell the dates: {words}");
        return Err(CommandError::refused(message)
            .help("run it in a clone that has the posts' history")
            .into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Reads what `git log --reverse --name-status -z` prints, each commit with its time first.
fn first_times(log: &str) -> HashMap<String, Timestamp> {
    let mut times: HashMap<String, Timestamp> = HashMap::new();
    for commit in log.split(MARK).skip(1) {
        let mut fields = commit.split('\0');
        let Some(at) = fields.next().and_then(|at| at.trim().parse().ok()) else {
            continue;
        };
        while let Some(status) = fields.next() {
            match status.trim_start_matches('\n').chars().next() {
                Some('A') => {
                    if let Some(path) = fields.next() {
                        times.entry(path.to_owned()).or_insert(at);
                    }
                }
                Some('R') => {
                    if let (Some(old), Some(new)) = (fields.next(), fields.next()) {
                        let first = times.remove(old).unwrap_or(at);
                        times.insert(new.to_owned(), first);
                    }
                }
                _ => {}
            }
        }
    }
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_the_time_of_its_first_name() {
        let log = "\u{2}2024-01-05T10:00:00+09:00\0\0A\0content/a.md\0A\0content/b.md\0\
                   \u{2}2024-02-05T10:00:00Z\0\0R100\0content/a.md\0content/c.md\0\
                   \u{2}2024-03-05T10:00:00Z\0\0A\0content/b.md\0";
        let times = first_times(log);
        let at = |path: &str| times.get(path).map(Timestamp::to_string);
        assert_eq!(at("content/c.md").as_deref(), Some("2024-01-05T01:00:00Z"));
        assert_eq!(at("content/b.md").as_deref(), Some("2024-01-05T01:00:00Z"));
        assert_eq!(at("content/a.md"), None);
    }
}
