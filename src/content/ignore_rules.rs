//! The rules of ignore files, and their answers for a path.
//!
//! The rules that count are the same on every machine: the ignore files of the project, and those of its
//! repository; not the personal one that git's configuration names.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::ignore_pattern::{Pattern, Work};

/// The rules that apply in a directory; `None` if there are none.
pub(super) type Rules = Option<Rc<DirectoryRules>>;

/// The rules of one directory's ignore files, and the way to those above it.
#[derive(Debug)]
pub(super) struct DirectoryRules {
    pub above: Rules,
    pub directory: PathBuf,
    pub own: Vec<Pattern>,
    pub git: Vec<Pattern>,
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
    Own,
    Git,
    Exclude,
}

/// The answer of the first rule that matches a path.
#[derive(Clone, Copy, Debug)]
pub(super) struct Verdict<'a> {
    pub is_ignored: bool,
    pub source: RuleSource,
    /// The directory that the rule's file is for.
    pub directory: &'a Path,
}

/// Asks the rules of a path's directory about the path. blogctl's own files come first, then
/// git's, then the repository's `info/exclude`; in each the innermost comes first, and in a
/// file the last line.
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
    let of_repository = |source| {
        for level in levels() {
            let verdict = ask(source, level);
            if verdict.is_some() || level.is_repository_top {
                return verdict;
            }
        }
        None
    };
    levels()
        .find_map(|level| ask(RuleSource::Own, level))
        .or_else(|| of_repository(RuleSource::Git))
        .or_else(|| of_repository(RuleSource::Exclude))
}

/// Returns the bytes of a path as patterns see them.
fn bytes(path: &Path) -> Cow<'_, [u8]> {
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
