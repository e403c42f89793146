//! Findings for people: what is wrong, where, the line with the place underlined, and help.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level as Title, Origin, Renderer, Snippet};

use super::Report;
use crate::finding::{Finding, Level};
use crate::output::style::HELP;
use crate::output::words::number;
use crate::output::{clean_block, left_out, message};
use crate::secret;

/// The findings of one rule that are drawn before the others are only counted.
const DRAWN: usize = 5;

/// Draws findings, and says what they come to.
///
/// # Errors
/// Any error of the stream.
pub fn write(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    write_folded(out, report.findings, report.list_command)?;
    let files = number(report.files, "file");
    let counts: Vec<String> = [Level::Error, Level::Warning, Level::Hint]
        .into_iter()
        .map(|level| (report.count(level), level.as_str()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, level)| number(count, level))
        .collect();
    if counts.is_empty() {
        writeln!(out, "{files} checked: no findings")?;
    } else {
        writeln!(out, "{files} checked: {}", counts.join(", "))?;
    }
    match left_out::line(report.left_out) {
        Some(line) => writeln!(out, "{}", message(&line)),
        None => Ok(()),
    }
}

/// Draws the first few findings of each rule, with an empty line after each, and counts the
/// others. `list_command` is the command that lists all of them.
///
/// # Errors
/// Any error of the stream.
pub fn write_folded<'a>(
    out: &mut dyn Write,
    findings: impl IntoIterator<Item = &'a Finding>,
    list_command: &str,
) -> io::Result<()> {
    let mut by_rule: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for finding in findings {
        let count = by_rule
            .entry((finding.rule.name, finding.level.as_str()))
            .or_default();
        *count += 1;
        if *count <= DRAWN {
            // The stream drops the colors if they are not wanted.
            writeln!(out, "{}\n", render(finding, true, None))?;
        }
    }
    let folded: Vec<_> = by_rule
        .into_iter()
        .filter(|(_, count)| *count > DRAWN)
        .collect();
    if folded.is_empty() {
        return Ok(());
    }
    for ((rule, level), count) in folded {
        let more = count - DRAWN;
        writeln!(
            out,
            "and {} of {rule}",
            number(more, &format!("more {level}"))
        )?;
    }
    let list_command = message(list_command);
    writeln!(
        out,
        "{HELP}help{HELP:#}: `{list_command}` lists all of them\n"
    )
}

/// Draws a finding over several lines, without a line end after the last.
///
/// The drawing contains `path:line:column`, or the path alone if no place is known, so
/// that terminals and editors can jump there. `color` adds ANSI styles; a line longer than
/// `width` columns (140 where absent) is cut around the place. No control character of a
/// file or of its name gets through.
pub fn render(finding: &Finding, color: bool, width: Option<usize>) -> String {
    let level = match finding.level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
        Level::Hint | Level::Ok => Title::NOTE.with_name("hint"),
    };
    let mut group = level
        .primary_title(message(&finding.message))
        .id(finding.rule.name)
        .elements(Vec::<Origin<'_>>::new());
    let path = message(finding.path.as_str());
    // The drawing finds the column in the text; a line cut on its left has another one.
    let mut column = None;
    match &finding.location {
        Some(location) if !location.excerpt.trim().is_empty() => {
            let (text, span) = excerpt(&location.excerpt, &location.span);
            column = Some((text[..span.start].chars().count() + 1, location.start));
            group = group.element(
                Snippet::source(text)
                    .path(path.clone())
                    .line_start(location.start.line)
                    .annotation(AnnotationKind::Primary.span(span)),
            );
        }
        Some(location) => {
            let origin = Origin::path(path.clone());
            group = group.element(
                origin
                    .line(location.start.line)
                    .char_column(location.start.column),
            );
        }
        None => group = group.element(Origin::path(path.clone())),
    }
    if let Some(help) = &finding.help {
        group = group.element(Title::HELP.message(message(help)));
    }
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let renderer = match width {
        Some(width) => renderer.term_width(width),
        None => renderer,
    };
    let drawing = renderer.render(&[group]);
    match column {
        Some((drawn, start)) if drawn != start.column => drawing.replacen(
            &format!("{path}:{}:{drawn}", start.line),
            &format!("{path}:{}:{}", start.line, start.column),
            1,
        ),
        _ => drawing,
    }
}

/// Returns what is drawn of a line, and the place in it. Of a line that holds a password, all
/// that is left is the place.
fn excerpt<'a>(text: &'a str, span: &Range<usize>) -> (Cow<'a, str>, Range<usize>) {
    let redacted = secret::redact_message(text);
    if redacted == text {
        return clean_line(text, span);
    }
    let text = clean_block(&redacted).into_owned();
    let span = text.len() - text.trim_start().len()..text.trim_end().len();
    (Cow::Owned(text), span)
}

/// Cleans a line and moves the span along with its characters.
fn clean_line<'a>(text: &'a str, span: &Range<usize>) -> (Cow<'a, str>, Range<usize>) {
    let start = text.floor_char_boundary(span.start);
    let end = text.ceil_char_boundary(span.end.max(start));
    let before = clean_block(&text[..start]);
    let within = clean_block(&text[start..end]);
    let after = clean_block(&text[end..]);
    let span = before.len()..before.len() + within.len();
    let parts = [&before, &within, &after];
    if parts.iter().all(|part| matches!(part, Cow::Borrowed(_))) {
        return (Cow::Borrowed(text), span);
    }
    (Cow::Owned([before, within, after].concat()), span)
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::finding::{LineColumn, Location, rules};
    use crate::post::SourcePath;

    fn about(text: &str, part: &str) -> Finding {
        let start = text.find(part).unwrap();
        let place = |at: usize| LineColumn {
            line: 3,
            column: text[..at].chars().count() + 1,
        };
        Finding {
            rule: rules::INVALID_TITLE,
            level: Level::Error,
            message: "title is wrong".into(),
            help: Some("fix it".into()),
            path: SourcePath::new("content/가나/글.md"),
            location: Some(Location {
                range: None,
                start: place(start),
                end: place(start + part.len()),
                excerpt: text.into(),
                span: start..start + part.len(),
            }),
            fix: None,
        }
    }

    #[test]
    fn shows_the_rule_the_place_the_line_and_the_help() {
        assert_eq!(
            render(&about("title: 2025", "2025"), false, Some(80)),
            "error[invalid-title]: title is wrong
 --> content/가나/글.md:3:8
  |
3 | title: 2025
  |        ^^^^
  |
  = help: fix it"
        );
    }

    #[test]
    fn names_each_severity() {
        let mut finding = about("title: 2025", "2025");
        finding.level = Level::Warning;
        assert!(render(&finding, false, None).starts_with("warning[invalid-title]: "));
        finding.level = Level::Hint;
        assert!(render(&finding, false, None).starts_with("hint[invalid-title]: "));
    }

    #[test]
    fn shows_the_path_alone_where_no_place_is_known() {
        let mut finding = about("title: 2025", "2025");
        finding.location = None;
        assert_eq!(
            render(&finding, false, None),
            "error[invalid-title]: title is wrong
--> content/가나/글.md
 = help: fix it"
        );
        finding.help = None;
        assert!(render(&finding, false, None).ends_with("--> content/가나/글.md"));
    }

    #[test]
    fn shows_the_place_without_a_snippet_for_a_blank_line() {
        let mut finding = about("title: 2025", "2025");
        finding.location.as_mut().unwrap().excerpt.clear();
        finding.location.as_mut().unwrap().span = 0..0;
        let drawing = render(&finding, false, None);
        assert!(
            drawing.contains("--> content/가나/글.md:3:8\n"),
            "{drawing}"
        );
        assert!(!drawing.contains('^'), "{drawing}");
    }

    #[test]
    fn underlines_wide_characters_where_they_stand() {
        for (text, part) in [
            ("title: 한국어 제목: 둘", "제목"),
            ("tags: [🎉, 🦀🦀, x]", "🦀🦀"),
            ("\ttitle: 값", "값"),
        ] {
            let drawing = render(&about(text, part), false, Some(80));
            let line = drawing.lines().find(|line| line.contains(part)).unwrap();
            let carets = drawing.lines().find(|line| line.contains('^')).unwrap();
            let column = |line: &str, at: usize| line[..at].width();
            assert_eq!(
                column(line, line.find(part).unwrap()),
                column(carets, carets.find('^').unwrap()),
                "{drawing}"
            );
            assert_eq!(carets.matches('^').count(), part.width(), "{drawing}");
        }
    }

    #[test]
    fn lets_no_control_character_through() {
        let nasty = "a\u{1b}[31m\u{9b}31m\u{202e}b\u{2066}\u{7f}\r\u{8}\0\u{200f}\u{2028}";
        let mut finding = about(&format!("title: {nasty}x"), "x");
        finding.message = format!("title {nasty}\nforged line");
        finding.help = Some(nasty.into());
        finding.path = SourcePath::new(nasty);
        let drawing = render(&finding, false, Some(80));
        assert_eq!(clean_block(&drawing), drawing);
        assert!(!drawing.contains("\nforged"), "{drawing}");
        assert!(drawing.contains(r"\u{1b}[31m"), "{drawing}");
        // With colour, every escape is one of the drawing's own.
        finding.location = None;
        let colored = render(&finding, true, Some(80));
        assert_eq!(
            anstream::adapter::strip_str(&colored).to_string(),
            render(&finding, false, Some(80))
        );
    }

    #[test]
    fn moves_the_span_along_with_replaced_characters() {
        let text = "a\u{1b}\u{9b}가\u{1b}b";
        let (line, span) = clean_line(text, &(text.find('가').unwrap()..text.len()));
        assert_eq!(&line[span], r"가\u{1b}b");
    }

    #[test]
    fn takes_a_span_that_lies_outside_the_line() {
        let mut finding = about("가나", "나");
        for span in [0..99, 50..99, 1..2, 4..4, 6..6] {
            finding.location.as_mut().unwrap().span = span;
            assert!(render(&finding, false, Some(40)).contains("가나"));
        }
    }

    #[test]
    fn keeps_the_true_column_of_a_line_cut_on_its_left() {
        let mut finding = about("title: 2025", "2025");
        finding.location.as_mut().unwrap().start.column = 1234;
        let drawing = render(&finding, false, Some(80));
        assert!(
            drawing.contains("--> content/가나/글.md:3:1234\n"),
            "{drawing}"
        );
    }

    #[test]
    fn cuts_a_long_line_to_the_width() {
        let text = format!("title: {} !", "가".repeat(100));
        let drawing = render(&about(&text, "!"), false, Some(60));
        let widest = drawing.lines().map(UnicodeWidthStr::width).max().unwrap();
        assert!(widest <= 64, "{widest}\n{drawing}");
        assert!(drawing.contains('!'), "{drawing}");
    }

    #[test]
    fn adds_styles_only_where_asked() {
        let finding = about("title: 2025", "2025");
        assert!(render(&finding, true, None).contains("\u{1b}["));
        assert!(!render(&finding, false, None).contains('\u{1b}'));
    }
}
