//! Front matter that has no beginning or no end, and where they belong.

use std::ops::Range;

use super::document::Syntax;
use super::front_matter::{EXAMPLE, Lines, without_blanks};
use super::quote::excerpt;
use super::steps;
use super::text_findings::TextFinding;
use crate::finding::rules;

/// The most lines at the top of a file that are looked at for metadata in another language.
const MOST_LINES: usize = 20;

/// Describes a file that does not begin with front matter.
pub(super) fn no_front_matter(text: &str, first: Range<usize>) -> TextFinding {
    let finding = |message: &str| TextFinding::new(rules::NO_FRONT_MATTER, message);
    let opening = text.trim_start().lines().next().unwrap_or_default();
    if let Some(syntax) = Syntax::opened_by(opening) {
        let what = if text[first.clone()].trim().is_empty() {
            "blank lines above"
        } else {
            "spaces before"
        };
        let mark = syntax.mark();
        return finding("the file has no front matter")
            .help(format!(
                "remove the {what} the first `{mark}`: it must be at the very top of the file"
            ))
            .at(first);
    }
    if is_json(opening) {
        return finding("JSON front matter is not read")
            .help(
                "put a line `---` above the `{` and another one below the `}` that closes it: JSON \
                 within them is YAML",
            )
            .at(first);
    }
    if let Some(line) = exported(text) {
        return finding("the metadata is JavaScript, which blogctl does not run")
            .help(
                "write it as front matter at the top of the file: `---`, `id: 1`, `title: A title` \
                 and `---`, each on a line of its own",
            )
            .at(line);
    }
    finding("the file has no front matter")
        .help(EXAMPLE)
        .at(first)
}

/// Returns whether a first line opens front matter in JSON.
fn is_json(line: &str) -> bool {
    let rest = line.strip_prefix('{').map(str::trim_start);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('"'))
}

/// Finds the line that exports metadata from a file of MDX.
fn exported(text: &str) -> Option<Range<usize>> {
    let names = ["metadata", "meta", "frontmatter", "frontMatter"];
    Lines { text, at: 0 }.take(MOST_LINES).find(|line| {
        let line = text[line.clone()].trim_end();
        let rest = line.strip_prefix("export const ").map(str::trim_start);
        let name = rest.and_then(|rest| rest.split(['=', ':', ' ']).next());
        name.is_some_and(|name| names.contains(&name)) && line.ends_with('{')
    })
}

/// Describes a front matter that nothing ends, in a text whose first line is at `first`.
pub(super) fn unclosed(text: &str, syntax: Syntax, first: Range<usize>) -> TextFinding {
    steps::count(text.len());
    let mark = syntax.mark();
    let finding = |message: String| TextFinding::new(rules::UNCLOSED_FRONT_MATTER, message);
    let (other, end) = match syntax {
        Syntax::Yaml => (Syntax::Toml, "---"),
        Syntax::Toml => (Syntax::Yaml, "+++"),
    };
    let lines = Lines { text, at: 0 };
    let closing = lines.enumerate().skip(1).find_map(|(number, line)| {
        (without_blanks(&text[line.clone()]) == other.mark()).then_some((number + 1, line))
    });
    let guess = last_line(text, syntax);
    if let Some((number, line)) = closing
        && guess
            .as_ref()
            .is_none_or(|guess| guess.number >= number - 1 || guess.number == 1)
    {
        let closed_by = other.mark();
        let matter = &text[first.end..line.start];
        let (wrong, place, right) = match written_in(matter) == syntax {
            true => (closed_by, format!("on line {number}"), mark),
            false => (mark, "on the first line".to_owned(), closed_by),
        };
        return finding(format!(
            "the front matter begins with `{mark}`, but ends with `{closed_by}`"
        ))
        .help(format!("write `{right}` instead of `{wrong}` {place}"))
        .at(line.start..line.start + closed_by.len());
    }
    let help = match guess {
        Some(guess) => format!(
            "put a line `{end}` after line {}, `{}`, so that the text below it is the body",
            guess.number,
            excerpt(guess.line)
        ),
        None => format!("put a line `{end}` after the last key"),
    };
    finding(format!(
        "the front matter has no end: there is no second `{mark}` line"
    ))
    .help(help)
    .at(first)
}

/// Returns the syntax that most of some lines are written in.
fn written_in(matter: &str) -> Syntax {
    let mut toml = 0;
    let mut yaml = 0;
    for line in matter.lines() {
        match key_end(line) {
            Some('=') => toml += 1,
            Some(_) => yaml += 1,
            None => {}
        }
    }
    match toml > yaml {
        true => Syntax::Toml,
        false => Syntax::Yaml,
    }
}

/// The last line of a front matter that has no end: its number from 1, and its text.
struct Last<'t> {
    number: usize,
    line: &'t str,
}

/// Guesses the last line of a front matter that has no end; `None` if all lines may belong to it.
fn last_line(text: &str, syntax: Syntax) -> Option<Last<'_>> {
    let mut last = Last {
        number: 1,
        line: syntax.mark(),
    };
    let mut is_after_blank = false;
    let mut is_after_heading = false;
    for (number, line) in text.lines().enumerate().skip(1) {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            if is_after_heading {
                return Some(last);
            }
            is_after_blank = true;
            continue;
        }
        if trimmed.starts_with('#') {
            // A comment, unless blank lines are around it or it has several of these.
            if line.starts_with("##") {
                return Some(last);
            }
            is_after_heading = is_after_blank;
            continue;
        }
        let is_key = key_end(line).is_some();
        let is_header =
            syntax == Syntax::Toml && trimmed.starts_with('[') && trimmed.ends_with(']');
        let is_part = line.starts_with([' ', '\t', '-', ']', '}']) && !is_after_blank;
        if !is_key && !is_header && !is_part || is_after_heading && is_after_blank && !is_key {
            return Some(last);
        }
        is_after_blank = false;
        is_after_heading = false;
        last = Last {
            number: number + 1,
            line: trimmed,
        };
    }
    is_after_heading.then_some(last)
}

/// Returns the character that ends the key that a line begins with: `:` or `=`.
pub(super) fn key_end(line: &str) -> Option<char> {
    let line = line.trim_end();
    let at = line.find([':', '='])?;
    let name = line[..at].trim_end().trim_matches(['"', '\'']);
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let end = line[at..].chars().next()?;
    let rest = &line[at + 1..];
    let is_key = !name.is_empty() && name.chars().all(is_name);
    (is_key && (rest.is_empty() || rest.starts_with(' ') || end == '=')).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::super::front_matter::{read, split};

    fn finding(text: &str) -> (String, String) {
        let finding = split(text).unwrap_err();
        (finding.message, finding.help.unwrap())
    }

    /// Puts the line that a help names where it says.
    fn with_end(text: &str) -> String {
        let (_, help) = finding(text);
        let mark = &text[..3];
        let after: usize = match help.split_once("after line ") {
            Some((_, rest)) => rest.split(',').next().unwrap().parse().unwrap(),
            None => text.lines().count(),
        };
        let mut lines: Vec<&str> = text.lines().collect();
        lines.insert(after, mark);
        lines.join("\n")
    }

    #[test]
    fn the_end_is_missed_where_the_body_begins() {
        for (text, body) in [
            (
                "---\nid: 1\ntitle: T\n\nHello there.\n\nTime: now\n",
                "Hello there.",
            ),
            ("---\nid: 1\ntitle: T\n# Heading\n\nText\n", "# Heading"),
            ("---\nid: 1\ntitle: T\n\n# Heading\n\nText\n", "# Heading"),
            (
                "---\nid: 1\n# c\n\ntitle: T\ntags:\n  - a\n  - b\n\n## One\n",
                "## One",
            ),
            (
                "+++\nid = 1\ntags = [\n  \"a\",\n]\n\n[extra]\nb = 1\n\n- item\n",
                "- item",
            ),
            ("---\nid: 1\ntitle: T\n\n# Heading\n", "# Heading"),
            ("---\nid: 1\ntitle: T\n", ""),
            ("+++\nid = 1\n", ""),
        ] {
            let (message, _) = finding(text);
            assert_eq!(
                message,
                format!(
                    "the front matter has no end: there is no second `{}` line",
                    &text[..3]
                )
            );
            let fixed = with_end(text);
            let split = split(&fixed).unwrap();
            read(&fixed, &split).unwrap();
            assert!(
                fixed[split.body..].trim_start().starts_with(body),
                "{fixed}"
            );
            assert_eq!(fixed[split.body..].is_empty(), body.is_empty(), "{fixed}");
        }
    }

    #[test]
    fn the_other_mark_at_the_end_is_named() {
        for (text, help) in [
            (
                "---\nid: 1\n+++\nBody\n",
                "write `---` instead of `+++` on line 3",
            ),
            (
                "+++\nid: 1\n---\nBody\n",
                "write `---` instead of `+++` on the first line",
            ),
            (
                "+++\nid = 1\n---\nBody\n",
                "write `+++` instead of `---` on line 3",
            ),
            (
                "---\nid = 1\n+++\nBody\n",
                "write `+++` instead of `---` on the first line",
            ),
        ] {
            let (message, found) = finding(text);
            assert!(message.contains("begins with"), "{message}");
            assert_eq!(found, help);
            let right = &help[7..10];
            let wrong = help.contains("first line");
            let fixed = match wrong {
                true => format!("{right}{}", &text[3..]),
                false => text.replace(if right == "---" { "+++" } else { "---" }, right),
            };
            let split = split(&fixed).unwrap();
            assert_eq!(read(&fixed, &split).unwrap().entries.len(), 1, "{fixed}");
        }
        let (message, _) = finding("---\nid: 1\n\nText\n\n+++\n");
        assert!(message.contains("no second"), "{message}");
    }

    #[test]
    fn metadata_in_another_language_is_named() {
        let json = "{\n  \"id\": 1,\n\t\"title\": \"T\"\n}\n\nBody\n";
        let (message, _) = finding(json);
        assert_eq!(message, "JSON front matter is not read");
        let fixed = format!("---\n{}", json.replace("}\n", "}\n---\n"));
        let split = split(&fixed).unwrap();
        assert_eq!(read(&fixed, &split).unwrap().entries.len(), 2);
        let mdx = "import A from 'a'\n\nexport const metadata = {\n  title: 'T',\n}\n";
        let found = super::super::front_matter::split(mdx).unwrap_err();
        assert_eq!(
            found.message,
            "the metadata is JavaScript, which blogctl does not run"
        );
        assert_eq!(&mdx[found.range.unwrap()], "export const metadata = {");
        let (message, _) = finding("export const x = {\n");
        assert_eq!(message, "the file has no front matter");
    }
}
