//! Files that look like posts and that a scan leaves out, counted by reason. Pure.

use std::collections::BTreeMap;

use crate::post::SourcePath;

/// The most examples that are kept of a reason.
const MOST_EXAMPLES: usize = 5;

/// The reason why a file or a directory is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It has no front matter, and the settings have such files skipped.
    NoFrontMatter,
    /// A pattern of a `.gitignore` names it, and git does not track it.
    Gitignore,
    /// A pattern of a `.blogctlignore` names it.
    Blogctlignore,
    /// A pattern of `exclude` in the settings names it.
    Exclude,
    /// Its name begins with a dot.
    Hidden,
    /// Its name ends otherwise than those of posts.
    OtherName,
}

impl Reason {
    /// Every reason, in the order in which output has them.
    pub const ALL: [Self; 6] = [
        Self::NoFrontMatter,
        Self::Gitignore,
        Self::Blogctlignore,
        Self::Exclude,
        Self::Hidden,
        Self::OtherName,
    ];

    /// Returns the word for programs: `gitignore`, say.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoFrontMatter => "without_front_matter",
            Self::Gitignore => "gitignore",
            Self::Blogctlignore => "blogctlignore",
            Self::Exclude => "exclude",
            Self::Hidden => "hidden",
            Self::OtherName => "other_name",
        }
    }

    /// Returns the words that follow a number: `by .gitignore`, say.
    fn words(self) -> &'static str {
        match self {
            Self::NoFrontMatter => "without front matter",
            Self::Gitignore => "by .gitignore",
            Self::Blogctlignore => "by .blogctlignore",
            Self::Exclude => "by exclude",
            Self::Hidden => "hidden",
            Self::OtherName => "with another ending than .md, .markdown and .mdx",
        }
    }
}

/// A path that is left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Example {
    /// The path.
    pub path: SourcePath,
    /// The file that holds the pattern.
    pub by: Option<SourcePath>,
}

/// The paths that are left out for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Their number.
    pub count: usize,
    /// The first few of them, sorted.
    pub examples: Vec<Example>,
}

impl Group {
    fn add(&mut self, example: Example) {
        self.count += 1;
        self.keep(example);
    }

    fn keep(&mut self, example: Example) {
        let at = self.examples.partition_point(|known| *known < example);
        if at < MOST_EXAMPLES {
            self.examples.insert(at, example);
            self.examples.truncate(MOST_EXAMPLES);
        }
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        for example in other.examples {
            self.keep(example);
        }
    }
}

/// The files and directories that a scan left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    files: BTreeMap<Reason, Group>,
    directories: BTreeMap<Reason, Group>,
}

impl LeftOut {
    /// Adds a file; `by` is the file that holds the pattern.
    pub fn add_file(&mut self, reason: Reason, path: SourcePath, by: Option<SourcePath>) {
        let group = self.files.entry(reason).or_default();
        group.add(Example { path, by });
    }

    /// Adds a directory that is left out as a whole; `by` is the file that holds the pattern.
    pub fn add_directory(&mut self, reason: Reason, path: SourcePath, by: Option<SourcePath>) {
        let group = self.directories.entry(reason).or_default();
        group.add(Example { path, by });
    }

    /// Adds what another scan left out.
    pub fn merge(&mut self, other: Self) {
        for (reason, group) in other.files {
            self.files.entry(reason).or_default().merge(group);
        }
        for (reason, group) in other.directories {
            self.directories.entry(reason).or_default().merge(group);
        }
    }

    /// Returns whether nothing is left out.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.directories.is_empty()
    }

    /// Returns the files that are left out for a reason.
    pub fn files(&self, reason: Reason) -> Group {
        self.files.get(&reason).cloned().unwrap_or_default()
    }

    /// Returns the directories that are left out as a whole.
    pub fn directories(&self) -> Group {
        let mut all = Group::default();
        for group in self.directories.values() {
            all.merge(group.clone());
        }
        all
    }

    /// Returns the sum, as in `3 without front matter, 1 by .gitignore`; empty if nothing is left
    /// out.
    pub fn sum(&self) -> String {
        let files = self.files.iter();
        let files = files.map(|(reason, group)| format!("{} {}", group.count, reason.words()));
        let directories = self.directories.iter().map(|(reason, group)| {
            let noun = match group.count {
                1 => "directory",
                _ => "directories",
            };
            format!("{} {noun} {}", group.count, reason.words())
        });
        let parts: Vec<String> = files.chain(directories).collect();
        parts.join(", ")
    }

    /// Returns a line for each example, with its reason.
    pub fn lines(&self) -> Vec<String> {
        let line = |reason: Reason, example: &Example| match &example.by {
            Some(by) => format!("{}: by {by}", example.path),
            None => format!("{}: {}", example.path, reason.words()),
        };
        let of = |(reason, group): (&Reason, &Group)| -> Vec<String> {
            let lines = group.examples.iter().map(|one| line(*reason, one));
            let mut lines: Vec<String> = lines.collect();
            let more = group.count - group.examples.len();
            if more > 0 {
                lines.push(format!("and {more} more {}", reason.words()));
            }
            lines
        };
        let all = self.files.iter().chain(&self.directories);
        all.flat_map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(path: &str) -> SourcePath {
        SourcePath::new(path)
    }

    #[test]
    fn counts_all_and_keeps_the_first_few() {
        let mut left_out = LeftOut::default();
        for number in [7, 3, 9, 1, 5, 8, 2] {
            left_out.add_file(Reason::Hidden, path(&format!("content/.{number}.md")), None);
        }
        let by = Some(path(".gitignore"));
        left_out.add_file(Reason::Gitignore, path("content/a.md"), by.clone());
        left_out.add_file(Reason::NoFrontMatter, path("content/README.md"), None);
        left_out.add_directory(Reason::Gitignore, path("content/build"), by);
        assert_eq!(
            left_out.sum(),
            "1 without front matter, 1 by .gitignore, 7 hidden, 1 directory by .gitignore"
        );
        let hidden = left_out.files(Reason::Hidden);
        let shown: Vec<_> = hidden
            .examples
            .iter()
            .map(|one| one.path.as_str())
            .collect();
        let first = ["1", "2", "3", "5", "7"].map(|number| format!("content/.{number}.md"));
        assert_eq!(shown, first);
        assert!(
            left_out
                .lines()
                .contains(&"content/build: by .gitignore".to_owned())
        );
        assert!(left_out.lines().contains(&"and 2 more hidden".to_owned()));
        assert_eq!(left_out.directories().count, 1);
    }

    #[test]
    fn what_several_scans_left_out_is_added_up() {
        let mut all = LeftOut::default();
        assert!(all.is_empty() && all.sum().is_empty());
        for name in ["content/.b.md", "content/.a.md"] {
            let mut one = LeftOut::default();
            one.add_file(Reason::Hidden, path(name), None);
            all.merge(one);
        }
        let group = all.files(Reason::Hidden);
        assert_eq!(group.count, 2);
        assert_eq!(group.examples[0].path.as_str(), "content/.a.md");
    }
}
