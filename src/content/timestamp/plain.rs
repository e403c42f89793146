//! Ordinary characters in place of those that look like them.

use unicode_normalization::UnicodeNormalization;

/// Returns a text with ordinary digits, signs and spaces, and without characters that show
/// nothing; `None` if it holds nothing else.
pub(super) fn plain(text: &str) -> Option<String> {
    let is_shown = |c: &char| !is_invisible(*c);
    // Full-width forms and special spaces have ordinary ones as their compatible form; the
    // syllables of Hangul are put together again.
    let plain: String = text.chars().filter(is_shown).nfkc().map(ordinary).collect();
    let plain = plain.trim_matches([' ', '\t']);
    (plain != text).then(|| plain.to_owned())
}

fn ordinary(c: char) -> char {
    match c {
        // Hyphens, dashes and the minus sign.
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}' | 'ー' | '一' => '-',
        '\u{2044}' | '\u{2215}' => '/',
        '。' | '·' | '\u{2024}' | '\u{2027}' | '\u{30fb}' => '.',
        '\u{2236}' | '\u{a789}' => ':',
        // Those of other scripts that count from zero as ASCII does.
        '٠'..='٩' => digit(c, '٠'),
        '۰'..='۹' => digit(c, '۰'),
        '०'..='९' => digit(c, '०'),
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

fn digit(c: char, zero: char) -> char {
    char::from_digit(u32::from(c) - u32::from(zero), 10).unwrap_or(c)
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{61c}' | '\u{180e}'
    )
}
