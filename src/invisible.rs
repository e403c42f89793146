//! Characters that nobody can see.

/// Returns whether text has nothing that can be seen in it.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_whitespace() || c.is_control() || is_invisible(c))
}

/// Returns whether the character alone shows nothing.
///
/// These are Unicode's `Default_Ignorable_Code_Point`, blanks that are no spaces, format
/// characters of scripts, and code points that are no characters.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}'
        | '\u{34f}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fdd0}'..='\u{fdef}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffc}'
        | '\u{110bd}'
        | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}'
        | '\u{16fe4}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d159}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
        || u32::from(c) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_nothing_to_be_seen_is_blank() {
        for text in [
            "",
            " \t\u{3000}",
            "\u{2800}",
            "\u{200b}\u{feff}",
            "\u{1fffe}",
        ] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in [
            "a\u{200b}",
            ".",
            "가",
            "🎉",
            "\u{fffd}",
            "\u{e000}",
            "\u{301}",
            "⠓\u{2800}",
        ] {
            assert!(!is_blank(text), "{text:?}");
        }
    }
}
