//! The bounds of the front matter and of the body in a file.

use std::borrow::Cow;
use std::ops::Range;

use super::text_findings::TextFinding;
use crate::finding::rules;

/// The most bytes between the `---` lines.
pub(super) const MAX_FRONT_MATTER: usize = 64 * 1024;

/// The smallest front matter that is enough, for those who have none.
pub(super) const EXAMPLE: &str = "begin the file with `---`, `id: 1`, `title: A title` and `---`, each on a \
     line of its own; a file that is no post belongs into .blogctlignore";

/// A file in its two parts, as bytes of its text (a BOM is not part of the text).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Split {
    /// Between the `---` lines.
    pub yaml: Range<usize>,
    /// The start of the body.
    pub body: usize,
}

/// Splits a file's text at its `---` lines.
///
/// Spaces may follow a `---`. The first `---` line after the opening one closes the front
/// matter; those further down are the body's. One blank line after it is not part of the
/// body, since most people put one there; a second one is.
pub(super) fn split(text: &str) -> Result<Split, TextFinding> {
    if text.trim().is_empty() {
        return Err(TextFinding::new(rules::EMPTY_FILE, "the file is empty")
            .help(EXAMPLE)
            .at(0..0));
    }
    let mut lines = Lines { text, at: 0 };
    let first = lines.next().unwrap_or_default();
    if !is_delimiter(&text[first.clone()]) {
        return Err(no_front_matter(text, first));
    }
    let start = lines.at;
    while let Some(line) = lines.next() {
        if !is_delimiter(&text[line.clone()]) {
            continue;
        }
        let yaml = start..line.start;
        if yaml.len() > MAX_FRONT_MATTER {
            return Err(TextFinding::new(
                rules::FRONT_MATTER_SIZE,
                format!(
                    "the front matter is {:.1} KiB; it may have at most 64 KiB",
                    yaml.len() as f64 / 1024.0
                ),
            )
            .help("move long text below the second `---` line, into the body")
            .at(first));
        }
        let end = lines.at;
        let body = match lines.next() {
            Some(line) if text[line.clone()].trim().is_empty() => lines.at,
            _ => end,
        };
        return Ok(Split { yaml, body });
    }
    Err(TextFinding::new(
        rules::UNCLOSED_FRONT_MATTER,
        "the front matter has no end: there is no second `---` line",
    )
    .help("put a line of three hyphens, `---`, after the last key")
    .at(first))
}

fn no_front_matter(text: &str, first: Range<usize>) -> TextFinding {
    let finding = TextFinding::new(rules::NO_FRONT_MATTER, "the file has no front matter");
    let opening = text.trim_start().lines().next().unwrap_or_default();
    let help = if is_delimiter(opening) {
        let what = if text[first.clone()].trim().is_empty() {
            "remove the blank lines above the first `---`"
        } else {
            "remove the spaces before the first `---`"
        };
        format!("{what}: it must be at the very top of the file")
    } else if opening.trim_end() == "+++" {
        "write the front matter as YAML between `---` lines; TOML between `+++` is not read".into()
    } else {
        EXAMPLE.into()
    };
    finding.help(help).at(first)
}

fn is_delimiter(line: &str) -> bool {
    line.trim_end_matches([' ', '\t', '\r']) == "---"
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
struct Lines<'a> {
    text: &'a str,
    /// The start of the next line.
    at: usize,
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
        (&text[split.yaml], &text[split.body..])
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
    fn says_how_to_mend_the_usual_slips_at_the_top() {
        let help = |text| split(text).unwrap_err().help.unwrap();
        assert!(help("\n\n---\nid: 1\n---\n").contains("blank lines"));
        assert!(help(" ---\nid: 1\n---\n").contains("spaces before"));
        assert!(help("+++\nid = 1\n+++\n").contains("TOML"));
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
    fn makes_crlf_lf_and_leaves_a_lone_cr() {
        assert_eq!(unix_line_ends("a\r\nb\rc\r\r\n"), "a\nb\rc\r\n");
    }
}
