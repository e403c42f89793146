//! A server's words, cut to a length that people read.

use std::borrow::Cow;
use std::error::Error;

use tokio_postgres::error::DbError;

/// As many bytes of one text of a server's are shown: 4 KiB, less what is said around them.
const SHOWN_BYTES: usize = (4 << 10) - 256;

/// Shortens a text of a server's, and puts it on one line, so that it cannot pass for lines of
/// blogctl's own.
pub fn shown(text: &str) -> Cow<'_, str> {
    let end = text.floor_char_boundary(SHOWN_BYTES);
    let is_break = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    let start = &text[..end];
    let mut shown = if start.contains(is_break) {
        let lines = start.split(is_break).map(str::trim);
        let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        Cow::Owned(lines.join(" "))
    } else {
        Cow::Borrowed(start)
    };
    if end < text.len() {
        shown
            .to_mut()
            .push_str(&format!("... ({} bytes in all)", text.len()));
    }
    shown
}

/// A server's error or notice in words, each of its parts as [`shown`].
pub fn words(said: &DbError) -> String {
    let mut words = format!("{}: {}", shown(said.severity()), shown(said.message()));
    for (name, part) in [("DETAIL", said.detail()), ("HINT", said.hint())] {
        if let Some(part) = part {
            words.push_str(&format!("\n{name}: {}", shown(part)));
        }
    }
    words
}

/// Replaces an error of the driver by one whose words are bounded, where a server chose them.
pub fn cause(error: tokio_postgres::Error) -> Box<dyn Error + Send + Sync> {
    match error.as_db_error() {
        Some(said) => words(said).into(),
        None => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_line_is_shown_as_it_is() {
        for text in ["", "relation \"x\" does not exist", "이름이 없습니다"] {
            assert!(matches!(shown(text), Cow::Borrowed(shown) if shown == text));
        }
    }

    #[test]
    fn a_long_text_is_cut_between_characters_and_says_so() {
        for text in [
            "a".repeat(64 << 20),
            "é".repeat(4_000),
            "x".to_owned() + &"한".repeat(4_000),
        ] {
            let shown = shown(&text);
            assert!(shown.len() <= SHOWN_BYTES + 40, "{}", shown.len());
            let (start, mark) = shown.split_once("...").unwrap();
            assert!(text.starts_with(start) && start.len() > SHOWN_BYTES - 4);
            assert_eq!(mark, format!(" ({} bytes in all)", text.len()));
        }
    }

    #[test]
    fn lines_of_a_server_cannot_pass_for_others() {
        for line_break in ["\n", "\r\n", "\r", "\u{2028}", "\u{85}", "\u{b}", "\n\n  "] {
            let text = format!("no{line_break}help: run this{line_break}");
            assert_eq!(shown(&text), "no help: run this");
        }
    }
}
