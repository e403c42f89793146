//! The bounds of the front matter and of the body in a file.

use std::borrow::Cow;
use std::ops::Range;

use super::document::{Document, Syntax};
use super::text_findings::TextFinding;
use super::{toml, unopened, yaml};
use crate::finding::rules;

/// The most bytes between the lines around a front matter.
pub(super) const MAX_FRONT_MATTER: usize = 64 * 1024;

/// The smallest front matter that is enough, for those who have none.
pub(super) const EXAMPLE: &str = "begin the file with `---`, `id: 1`, `title: A title` and `---`, each on a \
     line of its own; a file that is no post belongs into .blogctlignore";

/// A file in its two parts, as bytes of its text (a BOM is not part of the text).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Split {
    /// The syntax that the opening line tells.
    pub syntax: Syntax,
    /// Between the opening and the closing line.
    pub matter: Range<usize>,
    /// The start of the body.
    pub body: usize,
}

impl Syntax {
    /// The line that opens a front matter, and that closes it.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Yaml => "---",
            Self::Toml => "+++",
        }
    }

    /// Returns the syntax that a line opens a front matter of.
    pub fn opened_by(line: &str) -> Option<Self> {
        let syntaxes = [Self::Yaml, Self::Toml];
        let line = without_blanks(line);
        syntaxes.into_iter().find(|syntax| syntax.mark() == line)
    }

    /// Returns whether a line closes a front matter. YAML has an end mark of its own, `...`.
    pub fn is_closed_by(self, line: &str) -> bool {
        let line = without_blanks(line);
        line == self.mark() || self == Self::Yaml && line == "..."
    }
}

/// Splits a file's text at the lines around its front matter.
///
/// Spaces may follow a `---` or `+++`. The first line that closes the front matter ends it; those
/// further down are the body's. One blank line after it is not part of the body, since most people
/// put one there; a second one is.
pub(super) fn split(text: &str) -> Result<Split, TextFinding> {
    if text.trim().is_empty() {
        return Err(TextFinding::new(rules::EMPTY_FILE, "the file is empty")
            .help(EXAMPLE)
            .at(0..0));
    }
    let mut lines = Lines { text, at: 0 };
    let first = lines.next().unwrap_or_default();
    let Some(syntax) = Syntax::opened_by(&text[first.clone()]) else {
        return Err(unopened::no_front_matter(text, first));
    };
    let start = lines.at;
    while let Some(line) = lines.next() {
        if !syntax.is_closed_by(&text[line.clone()]) {
            continue;
        }
        let matter = start..line.start;
        if matter.len() > MAX_FRONT_MATTER {
            let mark = syntax.mark();
            return Err(TextFinding::new(
                rules::FRONT_MATTER_SIZE,
                format!(
                    "the front matter is {:.1} KiB; it may have at most 64 KiB",
                    matter.len() as f64 / 1024.0
                ),
            )
            .help(format!(
                "move long text below the second `{mark}` line, into the body"
            ))
            .at(first));
        }
        let end = lines.at;
        let body = match lines.next() {
            Some(line) if text[line.clone()].trim().is_empty() => lines.at,
            _ => end,
        };
        return Ok(Split {
            syntax,
            matter,
            body,
        });
    }
    Err(unopened::unclosed(text, syntax, first))
}

/// Reads the front matter of a text that was split.
pub(super) fn read(text: &str, split: &Split) -> Result<Document, TextFinding> {
    read_as(split.syntax, text, split.matter.clone())
}

/// Reads the front matter at a range of a text.
pub(super) fn read_as(
    syntax: Syntax,
    text: &str,
    matter: Range<usize>,
) -> Result<Document, TextFinding> {
    match syntax {
        Syntax::Yaml => yaml::read(text, matter),
        Syntax::Toml => toml::read(text, matter),
    }
}

/// Returns a line without the blanks that may follow a mark.
pub(super) fn without_blanks(line: &str) -> &str {
    line.trim_end_matches([' ', '\t', '\r'])
}

/// Makes a body's line ends LF: the same post is the same whichever system checked it out.
pub(super) fn unix_line_ends(body: &str) -> Cow<'_, str> {
    if body.contains("\r\n") {
        Cow::Owned(body.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(body)
    }
}

/// The lines of a text as ranges without their LF.
pub(super) struct Lines<'a> {
    pub text: &'a str,
    /// The start of the next line.
    pub at: usize,
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        if start == self.text.len() {
            return None;
        }
        let end = self.text[start..]
            .find('\n')
            .map_or(self.text.len(), |length| start + length);
        self.at = (end + 1).min(self.text.len());
        Some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (&str, &str) {
        let split = split(text).unwrap();
        (&text[split.matter], &text[split.body..])
    }

    fn rule(text: &str) -> &'static str {
        split(text).unwrap_err().rule.name
    }

    #[test]
    fn splits_at_the_second_delimiter() {
        assert_eq!(parts("---\nid: 1\n---\nBody\n"), ("id: 1\n", "Body\n"));
    }

    #[test]
    fn takes_crlf_and_spaces_after_the_delimiters() {
        let text = "--- \t\r\nid: 1\r\n---  \r\nBody\r\n";
        assert_eq!(parts(text), ("id: 1\r\n", "Body\r\n"));
    }

    #[test]
    fn leaves_delimiters_of_the_body_alone() {
        assert_eq!(
            parts("---\na: 1\n---\nx\n---\ny\n"),
            ("a: 1\n", "x\n---\ny\n")
        );
    }

    #[test]
    fn does_not_close_at_an_indented_or_longer_line() {
        assert_eq!(
            parts("---\na: |\n  ---\n----\n---\n").0,
            "a: |\n  ---\n----\n"
        );
    }

    #[test]
    fn removes_one_blank_line_before_the_body_and_no_more() {
        assert_eq!(parts("---\n---\n\nx").1, "x");
        assert_eq!(parts("---\n---\n \t\r\nx").1, "x");
        assert_eq!(parts("---\n---\n\n\n  x\n\n").1, "\n  x\n\n");
    }

    #[test]
    fn takes_a_file_that_ends_with_the_front_matter() {
        assert_eq!(parts("---\nid: 1\n---"), ("id: 1\n", ""));
        assert_eq!(parts("---\n---\n"), ("", ""));
    }

    #[test]
    fn tells_an_empty_file_from_one_without_front_matter_or_without_its_end() {
        assert_eq!(rule(""), "empty-file");
        assert_eq!(rule(" \n\r\n"), "empty-file");
        assert_eq!(rule("# Title\n---\n"), "no-front-matter");
        assert_eq!(rule("--- id: 1\n---\n"), "no-front-matter");
        assert_eq!(rule("---\nid: 1\n"), "unclosed-front-matter");
        assert_eq!(rule("---"), "unclosed-front-matter");
    }

    #[test]
    fn says_how_to_correct_the_usual_slips_at_the_top() {
        let help = |text| split(text).unwrap_err().help.unwrap();
        assert!(help("\n\n---\nid: 1\n---\n").contains("blank lines"));
        assert!(help(" ---\nid: 1\n---\n").contains("spaces before"));
        assert!(help("Hello").contains("`id: 1`"));
    }

    #[test]
    fn takes_64_kib_of_front_matter_and_no_more() {
        let fits = format!("---\n{}\n---\n", "#".repeat(MAX_FRONT_MATTER - 1));
        assert_eq!(parts(&fits).0.len(), MAX_FRONT_MATTER);
        let over = format!("---\n{}\n---\n", "#".repeat(MAX_FRONT_MATTER));
        assert_eq!(rule(&over), "front-matter-size");
    }

    #[test]
    fn splits_toml_at_its_own_marks() {
        let text = "+++ \r\nid = 1\r\n---\r\n...\r\n+++\t\r\n\r\nBody\n+++\n";
        let split = split(text).unwrap();
        assert_eq!(split.syntax, Syntax::Toml);
        assert_eq!(&text[split.matter], "id = 1\r\n---\r\n...\r\n");
        assert_eq!(&text[split.body..], "Body\n+++\n");
    }

    #[test]
    fn ends_yaml_at_its_own_end_mark() {
        assert_eq!(
            parts("---\nid: 1\n... \n\nBody\n---\n"),
            ("id: 1\n", "Body\n---\n")
        );
        assert_eq!(
            parts("---\na: |\n  ...\n....\n---\n").0,
            "a: |\n  ...\n....\n"
        );
    }

    #[test]
    fn makes_crlf_lf_and_leaves_a_lone_cr() {
        assert_eq!(unix_line_ends("a\r\nb\rc\r\r\n"), "a\nb\rc\r\n");
    }
}
