//! Draws a diagnostic: what is wrong, where, the line with the place underlined, and help.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet};

use super::{clean_block, message};
use crate::diagnostic::{Diagnostic, Severity};
use crate::secret;

/// Draws a diagnostic over several lines, without a line end after the last.
///
/// `path:line:column` stands in it literally, the path alone where no place is known, so
/// that terminals and editors can jump there. `color` adds ANSI styles; a line longer than
/// `width` columns (140 where absent) is cut around the place. No control character of a
/// file or of its name gets through.
pub fn render(diagnostic: &Diagnostic, color: bool, width: Option<usize>) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Hint => Level::NOTE.with_name("hint"),
    };
    let mut group = level
        .primary_title(message(&diagnostic.message))
        .id(diagnostic.rule)
        .elements(Vec::<Origin<'_>>::new());
    let path = message(diagnostic.path.as_str());
    // The drawing finds the column in the text; a line cut on its left has another one.
    let mut column = None;
    match &diagnostic.spot {
        Some(spot) if !spot.text.trim().is_empty() => {
            let (text, span) = excerpt(&spot.text, &spot.span);
            column = Some((text[..span.start].chars().count() + 1, spot));
            group = group.element(
                Snippet::source(text)
                    .path(path.clone())
                    .line_start(spot.line)
                    .annotation(AnnotationKind::Primary.span(span)),
            );
        }
        Some(spot) => {
            let origin = Origin::path(path.clone());
            group = group.element(origin.line(spot.line).char_column(spot.column));
        }
        None => group = group.element(Origin::path(path.clone())),
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(message(help)));
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
        Some((drawn, spot)) if drawn != spot.column => drawing.replacen(
            &format!("{path}:{}:{drawn}", spot.line),
            &format!("{path}:{}:{}", spot.line, spot.column),
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
    use crate::diagnostic::Spot;
    use crate::post::SourcePath;

    fn about(text: &str, part: &str) -> Diagnostic {
        let start = text.find(part).unwrap();
        Diagnostic {
            rule: "invalid-title",
            severity: Severity::Error,
            message: "title is wrong".into(),
            help: Some("mend it".into()),
            path: SourcePath::new("content/가나/글.md"),
            spot: Some(Spot {
                line: 3,
                column: text[..start].chars().count() + 1,
                text: text.into(),
                span: start..start + part.len(),
            }),
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
  = help: mend it"
        );
    }

    #[test]
    fn names_each_severity() {
        let mut diagnostic = about("title: 2025", "2025");
        diagnostic.severity = Severity::Warning;
        assert!(render(&diagnostic, false, None).starts_with("warning[invalid-title]: "));
        diagnostic.severity = Severity::Hint;
        assert!(render(&diagnostic, false, None).starts_with("hint[invalid-title]: "));
    }

    #[test]
    fn shows_the_path_alone_where_no_place_is_known() {
        let mut diagnostic = about("title: 2025", "2025");
        diagnostic.spot = None;
        assert_eq!(
            render(&diagnostic, false, None),
            "error[invalid-title]: title is wrong
--> content/가나/글.md
 = help: mend it"
        );
        diagnostic.help = None;
        assert!(render(&diagnostic, false, None).ends_with("--> content/가나/글.md"));
    }

    #[test]
    fn shows_the_place_without_a_snippet_for_a_blank_line() {
        let mut diagnostic = about("title: 2025", "2025");
        diagnostic.spot.as_mut().unwrap().text.clear();
        diagnostic.spot.as_mut().unwrap().span = 0..0;
        let drawing = render(&diagnostic, false, None);
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
        let mut diagnostic = about(&format!("title: {nasty}x"), "x");
        diagnostic.message = format!("title {nasty}\nforged line");
        diagnostic.help = Some(nasty.into());
        diagnostic.path = SourcePath::new(nasty);
        let drawing = render(&diagnostic, false, Some(80));
        assert_eq!(clean_block(&drawing), drawing);
        assert!(!drawing.contains("\nforged"), "{drawing}");
        assert!(drawing.contains(r"\u{1b}[31m"), "{drawing}");
        // With colour, every escape is one of the drawing's own.
        diagnostic.spot = None;
        let colored = render(&diagnostic, true, Some(80));
        assert_eq!(
            anstream::adapter::strip_str(&colored).to_string(),
            render(&diagnostic, false, Some(80))
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
        let mut diagnostic = about("가나", "나");
        for span in [0..99, 50..99, 1..2, 4..4, 6..6] {
            diagnostic.spot.as_mut().unwrap().span = span;
            assert!(render(&diagnostic, false, Some(40)).contains("가나"));
        }
    }

    #[test]
    fn keeps_the_true_column_of_a_line_cut_on_its_left() {
        let mut diagnostic = about("title: 2025", "2025");
        diagnostic.spot.as_mut().unwrap().column = 1234;
        let drawing = render(&diagnostic, false, Some(80));
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
        let diagnostic = about("title: 2025", "2025");
        assert!(render(&diagnostic, true, None).contains("\u{1b}["));
        assert!(!render(&diagnostic, false, None).contains('\u{1b}'));
    }
}
