//! The directories of a project that hold posts, for those who named another one.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::io::Read as _;
use std::path::Path;

use super::file_name::{escaped, is_content};
use crate::input_file::{self, Links};

/// The most entries of directories that are looked at.
const MOST_ENTRIES: usize = 20_000;

/// The most directories that are returned.
const MOST_DIRECTORIES: usize = 5;

/// The names of directories that hold what others wrote, or what a program made.
const FOREIGN: [&str; 3] = ["node_modules", "vendor", "target"];

/// A directory that holds posts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostsFound {
    /// The path below the root; `.` for the root itself.
    pub directory: String,
    /// The number of files in it and below it that begin with a front matter.
    pub files: usize,
}

/// Finds the directories below a root that hold files with a front matter, those with the most
/// first. Of each directory at the root it names the one that all of its posts are in. It follows
/// no link, and looks at a bounded number of entries.
pub fn posts_in(root: &Path) -> Vec<PostsFound> {
    // By the directory at the root: the parts of the one that all are in, and their number.
    let mut found: BTreeMap<String, (Vec<String>, usize)> = BTreeMap::new();
    let mut left = MOST_ENTRIES;
    let mut directories = VecDeque::from([Vec::new()]);
    while let Some(parts) = directories.pop_front() {
        let path = parts
            .iter()
            .fold(root.to_owned(), |path, part: &String| path.join(part));
        let Ok(entries) = fs::read_dir(path) else {
            continue;
        };
        for entry in entries.flatten() {
            let Some(rest) = left.checked_sub(1) else {
                return sorted(found);
            };
            left = rest;
            let (Ok(kind), Ok(name)) = (entry.file_type(), entry.file_name().into_string()) else {
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            if kind.is_dir() && !FOREIGN.contains(&&*name) {
                let mut parts = parts.clone();
                parts.push(name);
                directories.push_back(parts);
            } else if kind.is_file() && is_content(Path::new(&name)) && is_post(&entry.path()) {
                let top = parts.first().cloned().unwrap_or_default();
                let (common, files) = found.entry(top).or_insert_with(|| (parts.clone(), 0));
                let same = common.iter().zip(&parts).take_while(|(a, b)| a == b);
                common.truncate(same.count());
                *files += 1;
            }
        }
    }
    sorted(found)
}

fn sorted(found: BTreeMap<String, (Vec<String>, usize)>) -> Vec<PostsFound> {
    let found = found.into_values().map(|(parts, files)| PostsFound {
        directory: match parts.is_empty() {
            true => ".".to_owned(),
            false => escaped(&parts.join("/")),
        },
        files,
    });
    let mut found: Vec<PostsFound> = found.collect();
    found.sort_by(|a, b| (b.files, &a.directory).cmp(&(a.files, &b.directory)));
    found.truncate(MOST_DIRECTORIES);
    found
}

/// Returns whether a file begins as one with a front matter does.
fn is_post(path: &Path) -> bool {
    let Ok((mut file, _)) = input_file::open(path, Links::RefuseAll) else {
        return false;
    };
    let mut start = [0; 6];
    let Ok(length) = file.read(&mut start) else {
        return false;
    };
    let start = &start[..length];
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    start.starts_with(b"---") || start.starts_with(b"+++")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::test_project::Project;

    #[test]
    fn names_the_directories_that_hold_posts_those_with_the_most_first() {
        let project = Project::with(&[
            "_posts/2020/a.md",
            "_posts/2021/b.md",
            "src/content/blog/c.mdx",
            "node_modules/x/d.md",
            "docs/node_modules/x/d.md",
            "vendor/e.md",
            "target/f.md",
            ".hidden/g.md",
            "h.txt",
        ]);
        project.write("README.md", "# A title\n");
        let found = |project: &Project| -> Vec<(String, usize)> {
            let found = posts_in(&project.settings.root).into_iter();
            found.map(|one| (one.directory, one.files)).collect()
        };
        let expected = [("_posts".to_owned(), 2), ("src/content/blog".to_owned(), 1)];
        assert_eq!(found(&project), expected);
        project.write("about.md", "+++\ntitle = 1\n+++\n");
        assert_eq!(found(&project)[1], (".".to_owned(), 1));
        assert_eq!(found(&Project::with(&[])), []);
    }
}
