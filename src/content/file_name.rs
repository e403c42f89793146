//! Names of files: those of posts, and those that cannot be stored or printed.

use std::ffi::OsStr;
use std::path::Path;

use unicode_normalization::UnicodeNormalization;

/// A problem with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameProblem {
    NotUtf8,
    Unprintable,
}

/// Returns true if a name is that of a post.
pub(super) fn is_content(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        ["md", "markdown", "mdx"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(OsStr::new(known)))
    })
}

/// The endings of files that hold text which is or could be Markdown, and that are no posts.
const ALMOST_CONTENT: [&str; 10] = [
    "mkd", "mkdn", "mdwn", "mdown", "mdtxt", "mdtext", "rmd", "qmd", "html", "htm",
];

/// Returns true if a name is not that of a post, but one that other programs take for one.
pub(super) fn is_almost_content(path: &Path) -> bool {
    let ends = |extension: &OsStr| {
        let known = ALMOST_CONTENT.iter();
        known
            .copied()
            .any(|known| extension.eq_ignore_ascii_case(OsStr::new(known)))
    };
    path.extension().is_some_and(ends)
}

/// Formats a relative path with `/` and in composed form, and reports a problem with it.
pub(super) fn source_path(relative: &Path) -> (String, Option<NameProblem>) {
    let mut is_text = true;
    let parts: Vec<String> = relative
        .components()
        .map(|part| {
            is_text &= part.as_os_str().to_str().is_some();
            part.as_os_str().to_string_lossy().nfc().collect()
        })
        .collect();
    let path = parts.join("/");
    let problem = if !is_text {
        Some(NameProblem::NotUtf8)
    } else if path.contains(is_unprintable) {
        Some(NameProblem::Unprintable)
    } else {
        None
    };
    (path, problem)
}

/// Returns whether a character cannot be printed as a part of a name: it would end the line,
/// steer the terminal or turn the text around it.
pub(super) fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Writes characters that cannot be printed as escapes.
pub(super) fn escaped(name: &str) -> String {
    let escape = |c: char| -> String {
        if is_unprintable(c) {
            c.escape_default().collect()
        } else {
            c.into()
        }
    };
    name.chars().map(escape).collect()
}
