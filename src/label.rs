//! The names of tags and categories, in one spelling.
//!
//! Unicode writes `é` and Korean syllables in two ways that look the same, and macOS makes file
//! names, and so often text, of the decomposed one. Files, flags and settings are compared in the
//! composed one.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Returns a name without blanks around it, in the composed form (NFC).
pub fn label(name: &str) -> Cow<'_, str> {
    let name = name.trim();
    match is_nfc_quick(name.chars()) {
        IsNormalized::Yes => Cow::Borrowed(name),
        _ => Cow::Owned(name.nfc().collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_the_same_are_the_same() {
        for (name, same) in [
            (" rust\t", "rust"),
            ("cafe\u{301}", "café"),
            ("\u{1109}\u{1165}\u{11bc}\u{1102}\u{1173}\u{11bc}", "성능"),
            ("Rust", "Rust"),
        ] {
            assert_eq!(label(name), same);
        }
    }
}
