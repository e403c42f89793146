//! The rules of ignore files, and their answers for a path.
//!
//! The rules that count are the same on every machine: the settings, and the ignore files of the
//! project and of its repository; not the personal ones, which are the file that git's
//! configuration names and a repository's `info/exclude`.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::ignore_pattern::{Pattern, Work};
use crate::left_out::Reason;

/// The name of blogctl's own ignore files, in git's format.
pub(super) const OWN_IGNORE_FILE: &str = ".blogctlignore";

/// The name of git's ignore files.
pub(super) const GIT_IGNORE_FILE: &str = ".gitignore";

/// The name of the file that holds the patterns of `exclude`, at the project's root.
pub(super) const SETTINGS_FILE: &str = "blogctl.toml";

/// The rules that apply in a directory; `None` if there are none.
pub(super) type Rules = Option<Rc<DirectoryRules>>;

/// The rules of one directory's ignore files, and the way to those above it.
#[derive(Debug)]
pub(super) struct DirectoryRules {
    pub above: Rules,
    pub directory: PathBuf,
    pub own: Vec<Pattern>,
    pub git: Vec<Pattern>,
    /// The patterns of `exclude`, at the project's root.
    pub exclude: Vec<Pattern>,
    /// git's rules above do not count here.
    pub is_repository_top: bool,
    /// The number of patterns there are from here on up.
    pub in_force: usize,
    pub work: Rc<Work>,
}

/// The kind of file that a rule is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RuleSource {
    Exclude,
    Own,
    Git,
}

impl RuleSource {
    /// Returns the name of the file.
    fn file_name(self) -> &'static str {
        match self {
            Self::Exclude => SETTINGS_FILE,
            Self::Own => OWN_IGNORE_FILE,
            Self::Git => GIT_IGNORE_FILE,
        }
    }

    /// Returns the reason for which its rules leave something out.
    pub fn reason(self) -> Reason {
        match self {
            Self::Exclude => Reason::Exclude,
            Self::Own => Reason::Blogctlignore,
            Self::Git => Reason::Gitignore,
        }
    }
}

/// The answer of the first rule that matches a path.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict<'a> {
    pub is_ignored: bool,
    pub source: RuleSource,
    /// The directory that the rule's file is for.
    pub directory: &'a Path,
}

impl Verdict<'_> {
    /// Returns the file that the rule is in.
    pub fn file(&self) -> PathBuf {
        self.directory.join(self.source.file_name())
    }
}

/// Asks the rules of a path's directory about the path. The settings come first, then blogctl's
/// own files, then git's; in each the innermost comes first, and in a file the last line.
pub(super) fn verdict<'a>(
    rules: &'a Rules,
    path: &Path,
    is_directory: bool,
) -> Option<Verdict<'a>> {
    let levels = || std::iter::successors(rules.as_deref(), |level| level.above.as_deref());
    let path = bytes(path);
    let ask = |source, level: &'a DirectoryRules| {
        let patterns = match source {
            RuleSource::Own => &level.own,
            RuleSource::Git => &level.git,
            RuleSource::Exclude => &level.exclude,
        };
        if patterns.is_empty() {
            return None;
        }
        let below = path.strip_prefix(&*bytes(&level.directory))?;
        let below = below.strip_prefix(b"/").unwrap_or(below);
        let matching = |pattern: &&Pattern| pattern.matches(below, is_directory, &level.work);
        let pattern = patterns.iter().rev().find(matching)?;
        Some(Verdict {
            is_ignored: !pattern.is_negative,
            source,
            directory: &level.directory,
        })
    };
    let of_repository = || {
        for level in levels() {
            let verdict = ask(RuleSource::Git, level);
            if verdict.is_some() || level.is_repository_top {
                return verdict;
            }
        }
        None
    };
    levels()
        .find_map(|level| ask(RuleSource::Exclude, level))
        .or_else(|| levels().find_map(|level| ask(RuleSource::Own, level)))
        .or_else(of_repository)
}

/// Returns the bytes of a path as patterns see them.
pub(super) fn bytes(path: &Path) -> Cow<'_, [u8]> {
    let bytes = path.as_os_str().as_encoded_bytes();
    if std::path::MAIN_SEPARATOR == '/' {
        return bytes.into();
    }
    let separator = |byte: &u8| if *byte == b'\\' { b'/' } else { *byte };
    bytes.iter().map(separator).collect()
}

/// Returns whether the rules of a path's directory leave the path out.
pub(super) fn is_ignored(rules: &Rules, path: &Path, is_directory: bool) -> bool {
    verdict(rules, path, is_directory).is_some_and(|verdict| verdict.is_ignored)
}

/// Returns the rules without the patterns that leave out a directory which was named outright.
/// All others go on to count in it.
pub(super) fn without_those_against(rules: &Rules, named: &Path) -> Rules {
    let level = rules.as_deref()?;
    let above = without_those_against(&level.above, named);
    let named = bytes(named);
    let Some(below) = named.strip_prefix(&*bytes(&level.directory)) else {
        return rules.clone();
    };
    let below = below.strip_prefix(b"/").unwrap_or(below);
    let remaining = |patterns: &[Pattern]| {
        let counts =
            |pattern: &&Pattern| pattern.is_negative || !pattern.matches(below, true, &level.work);
        patterns.iter().filter(counts).cloned().collect()
    };
    Some(Rc::new(DirectoryRules {
        above,
        directory: level.directory.clone(),
        own: remaining(&level.own),
        git: remaining(&level.git),
        exclude: remaining(&level.exclude),
        is_repository_top: level.is_repository_top,
        in_force: level.in_force,
        work: Rc::clone(&level.work),
    }))
}
