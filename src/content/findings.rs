//! The words for what a walk finds wrong with a file as a whole.

use std::io;

use super::file_name::NameProblem;
use super::ignore_files::LineProblem;
use crate::clean::without_os_numbers;
use crate::finding::{Finding, LineColumn, Location, Rule, rules};
use crate::input_file::ReadError;
use crate::post::SourcePath;

/// The most posts that a message names.
const NAMED: usize = 3;

/// A rule, a message and a remedy.
pub(super) type Words = (&'static Rule, String, &'static str);

/// Makes a finding about a file as a whole.
pub(super) fn problem(path: &SourcePath, (rule, message, help): Words) -> Finding {
    Finding {
        rule,
        level: rule.level,
        message,
        help: Some(help.to_owned()),
        path: path.clone(),
        location: None,
        fix: None,
    }
}

/// Makes a finding about an ignore file. It does not show the line: the file may be a link to
/// one that is not to be shown.
pub(super) fn ignore_file(path: &SourcePath, problem: LineProblem) -> Finding {
    Finding {
        rule: rules::IGNORE_FILE,
        level: rules::IGNORE_FILE.level,
        message: problem.message,
        help: Some(problem.help.to_owned()),
        path: path.clone(),
        location: problem.line.map(|line| {
            let start = LineColumn { line, column: 1 };
            Location {
                range: None,
                start,
                end: start,
                excerpt: String::new(),
                span: 0..0,
            }
        }),
        fix: None,
    }
}

/// The words for ignore files whose patterns together take too long.
pub(super) fn slow_patterns() -> Words {
    (
        rules::IGNORE_FILE,
        "the patterns of the ignore files take too long to match, or too much memory".to_owned(),
        "use fewer patterns, above all with `*` and `**`, or ignore whole directories",
    )
}

pub(super) fn broken_link() -> Words {
    (
        rules::BROKEN_LINK,
        "this link leads nowhere".to_owned(),
        "remove the link, or bring back the file that it names",
    )
}

/// The words for a link to the directory `name`, which the link is in.
pub(super) fn loop_to(name: &str) -> Words {
    (
        rules::SYMLINK_LOOP,
        match name {
            "the project root" => "this link leads back to the project root".to_owned(),
            name => format!("this link leads back to {name}, which it is in"),
        },
        "remove the link, or list it in .blogctlignore",
    )
}

/// The words for a link that cannot be followed.
pub(super) fn unfollowed(error: &io::Error) -> Words {
    if !is_loop(error) {
        return unreadable(error);
    }
    (
        rules::SYMLINK_LOOP,
        "this link leads back to itself".to_owned(),
        "remove the link, or list it in .blogctlignore",
    )
}

/// Returns true if the system met too many links, or one where none may be.
#[cfg(unix)]
pub(super) fn is_loop(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ELOOP)
}

#[cfg(not(unix))]
pub(super) fn is_loop(_: &io::Error) -> bool {
    false
}

pub(super) fn leads_outside(name: &str) -> Words {
    (
        rules::LINK_OUTSIDE,
        format!("this link leads out of the project, to {name}"),
        "put the file itself in its place, list the link in .blogctlignore, or set \
         `follow_links = true` in the section `[content]` of blogctl.toml",
    )
}

/// The words for a link to something in the project that does not count there: it `is` hidden,
/// say.
pub(super) fn leads_to_no_content(name: &str, is: &str) -> Words {
    (
        rules::LINK_TARGET,
        format!("this link leads to {name}, which {is}"),
        "put the file itself in its place, or list the link in .blogctlignore",
    )
}

/// The words for a link that is behind so many others.
pub(super) fn too_many_links(most: usize) -> Words {
    (
        rules::LINK_TARGET,
        format!("this link to a directory is behind {most} others"),
        "remove the link, or list it in .blogctlignore",
    )
}

/// The words for a directory that is reached again, by this link and by `others` more.
pub(super) fn repeated(name: &str, first: &SourcePath, others: usize) -> Words {
    let others = match others {
        0 => String::new(),
        1 => " (1 other link leads there, too)".to_owned(),
        others => format!(" ({others} other links lead there, too)"),
    };
    (
        rules::REPEATED_DIRECTORY,
        format!("the posts of {name} are read twice, here and as {first}{others}"),
        "remove one of the links, or list it in .blogctlignore",
    )
}

/// The words for an ignore file that names posts which git tracks all the same.
pub(super) fn tracked_but_ignored(posts: &[SourcePath]) -> Words {
    let named: Vec<_> = posts.iter().take(NAMED).map(SourcePath::as_str).collect();
    let (count, rest) = (posts.len(), posts.len() - named.len());
    let more = match rest {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    let posts = if count == 1 {
        "1 post that git tracks is".to_owned()
    } else {
        format!("{count} posts that git tracks are")
    };
    (
        rules::TRACKED_BUT_IGNORED,
        format!(
            "{posts} named here, and read all the same: {}{more}",
            named.join(", ")
        ),
        "to leave them out, repeat the pattern in .blogctlignore or in `exclude` in \
         blogctl.toml; with a `!` before it there, they are read without this hint",
    )
}

pub(super) fn not_a_file() -> Words {
    (
        rules::NOT_A_FILE,
        "this is a pipe, a socket or a device, not a file".to_owned(),
        "remove it, or list it in .blogctlignore",
    )
}

pub(super) fn too_large(size: u64) -> Words {
    (
        rules::FILE_SIZE,
        format!(
            "the file is {:.1} MiB; a post may have at most 16 MiB",
            size as f64 / (1024.0 * 1024.0)
        ),
        "split the post; images and other data go in files of their own",
    )
}

pub(super) fn bad_name(name: NameProblem) -> Words {
    let message = match name {
        NameProblem::NotUtf8 => "the file's name is not UTF-8",
        NameProblem::Unprintable => "the file's path holds a character that cannot be printed",
    };
    (rules::FILE_NAME, message.to_owned(), "rename it")
}

/// The words for two files with one name.
pub(super) fn same_path() -> Words {
    (
        rules::SAME_PATH,
        "two files have this name: they differ only in how accents are encoded".to_owned(),
        "delete or rename one of them",
    )
}

/// The words for a file or directory that the system refuses to read.
pub(super) fn unreadable(error: &io::Error) -> Words {
    (
        rules::UNREADABLE,
        format!("cannot be read: {}", without_os_numbers(&error.to_string())),
        "make it readable (`chmod u+r`, for a directory `u+rx`), or list it in .blogctlignore",
    )
}

/// The words for a file that could not be opened.
pub(super) fn unopened(error: &ReadError) -> Words {
    match error {
        ReadError::NotRegular(_) => not_a_file(),
        ReadError::Io(error) => unreadable(error),
        other => unreadable(&io::Error::other(other.to_string())),
    }
}
