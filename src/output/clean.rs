//! Text from a post on its way to a terminal.

use std::borrow::Cow;

/// Makes text safe to print on one line: line ends and tabs become spaces; control and
/// bidirectional formatting characters are dropped.
///
/// A control sequence could move the cursor, set the window's title or forge the lines of
/// another post; a bidirectional override shows text other than it is. What joins emoji
/// (U+200D) stays.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    // CRLF is one line end.
    let text = text.replace("\r\n", "\n");
    let kept = text.chars().filter_map(|c| match c {
        '\t' => Some(' '),
        c if is_line_break(c) => Some(' '),
        c if is_unsafe(c) => None,
        c => Some(c),
    });
    Cow::Owned(kept.collect())
}

/// As [`clean`], for text of many lines: line feeds and tabs stay.
pub fn clean_block(text: &str) -> Cow<'_, str> {
    let bad = |c: char| c != '\n' && c != '\t' && is_unsafe(c);
    if !text.chars().any(bad) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| !bad(*c)).collect())
}

/// Whether a terminal may act on the character instead of showing it.
pub(super) fn is_unsafe(c: char) -> bool {
    c.is_control() || is_bidi_control(c) || matches!(c, '\u{2028}' | '\u{2029}')
}

fn is_line_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// The characters of Unicode's property `Bidi_Control`.
fn is_bidi_control(c: char) -> bool {
    matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_controls_is_not_copied() {
        for text in ["plain", "한글 제목", "👩‍👩‍👧‍👦 family", "é", ""] {
            assert!(matches!(clean(text), Cow::Borrowed(_)), "{text}");
            assert!(matches!(clean_block(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn escape_sequences_lose_what_makes_them_one() {
        assert_eq!(clean("a\u{1b}[31mb"), "a[31mb");
        assert_eq!(clean("\u{1b}]0;owned\u{7}x"), "]0;ownedx");
        assert_eq!(clean("\u{9b}2Jx\u{90}y\u{9c}"), "2Jxy");
        assert_eq!(clean("a\u{8}\u{0}\u{7f}b"), "ab");
    }

    #[test]
    fn bidirectional_overrides_and_isolates_are_dropped() {
        assert_eq!(
            clean("a\u{202e}b\u{2066}c\u{2069}d\u{200f}e\u{61c}"),
            "abcde"
        );
    }

    #[test]
    fn every_kind_of_line_end_becomes_one_space() {
        assert_eq!(
            clean("a\nb\r\nc\rd\u{2028}e\u{2029}f\u{85}g\th"),
            "a b c d e f g h"
        );
    }

    #[test]
    fn a_block_keeps_its_lines_and_tabs_and_nothing_else() {
        assert_eq!(
            clean_block("a\n\tb\r\n\u{1b}c\u{9b}d\u{202e}e\u{2028}f"),
            "a\n\tb\ncdef"
        );
    }
}
