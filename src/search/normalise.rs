//! Text normalised for comparison: NFKC and lower case, with offsets into the original.
//!
//! The same words written in another case, width or with decomposed letters fold to the same
//! characters. Folding works on pieces that no normalisation crosses, so a part of a text folds
//! as it does inside the whole, and every folded character has an offset.

use std::iter;
use std::ops::Range;

use unicode_normalization::char::{
    canonical_combining_class, decompose_compatible, is_combining_mark,
};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// The most characters of a field that are folded and searched: 8 Mi, at 10 bytes of memory
/// each.
pub const MAX_FOLDED: usize = 8 << 20;

/// The most characters that are normalised together: a letter and the marks on it.
const MAX_PIECE: usize = 1_024;

/// The class of a folded character in search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A border that no phrase crosses: the end of a paragraph, a cell, a tag.
    Break,
    Space,
    /// A letter, digit or `_` of a script that writes spaces between words.
    Word,
    /// A character of a script without spaces, or with long compounds: Hangul, Han, Kana, Thai.
    Window,
    /// Punctuation that joins words into names: `.` `-` `+` `#` `@` `/`.
    Joiner,
    /// An emoji, arrow or mathematical sign: a term of its own.
    Symbol,
    /// Any other punctuation.
    Other,
}

/// Folded text with the kind of each character.
#[derive(Clone, Debug, Default)]
pub(super) struct Folded {
    pub chars: Vec<char>,
    pub kinds: Vec<Kind>,
    /// True if a part of an identifier starts here: at a word's start, after `_`, at a hump.
    pub part_starts: Vec<bool>,
    /// The byte offset of the piece that the character was folded from.
    starts: Vec<u32>,
    /// The text's length in bytes.
    length: u32,
}

impl Folded {
    /// Folds a text, in which line feeds are the borders between blocks.
    ///
    /// Text past 4 GiB is ignored, and so is text that would make more than [`MAX_FOLDED`]
    /// characters.
    pub fn new(text: &str) -> Self {
        let text = clamp(text);
        let mut folded = Self {
            length: text.len() as u32,
            ..Self::default()
        };
        folded.reserve((text.len() / 2).min(MAX_FOLDED));
        let mut chars = text.char_indices().peekable();
        let mut piece = String::new();
        while let Some((at, first)) = chars.next() {
            if folded.len() >= MAX_FOLDED {
                folded.length = at as u32;
                break;
            }
            let alone = |next: Option<&(usize, char)>| next.is_none_or(|(_, c)| starts_piece(*c));
            if let Some(jamo) = single_jamo(first) {
                folded.push(jamo, false, at);
            } else if is_nfkc(first) && alone(chars.peek()) {
                folded.push_cased(first, at);
            } else {
                piece.clear();
                piece.push(first);
                for _ in 1..MAX_PIECE {
                    let Some((_, next)) = chars.next_if(|(_, c)| !starts_piece(*c)) else {
                        break;
                    };
                    piece.push(next);
                }
                folded.push_piece(&piece, at);
            }
        }
        if folded.chars.last() == Some(&' ') {
            folded.pop();
        }
        folded.mark_parts();
        folded
    }

    /// Returns the number of folded characters.
    pub fn len(&self) -> usize {
        self.chars.len()
    }

    /// Drops the characters outside `range`.
    pub fn cut(&mut self, range: Range<usize>) {
        self.chars.truncate(range.end);
        self.chars.drain(..range.start);
        self.kinds.truncate(range.end);
        self.kinds.drain(..range.start);
        self.part_starts.truncate(range.end);
        self.part_starts.drain(..range.start);
        self.starts.truncate(range.end);
        self.starts.drain(..range.start);
    }

    /// Returns the byte range of the text that a non-empty range of folded characters stems
    /// from.
    pub fn bytes(&self, range: Range<usize>) -> Range<usize> {
        let last = self.starts[range.end - 1];
        // The offsets ascend; a piece of a million marks has a million equal ones.
        let next = self.starts.partition_point(|start| *start <= last);
        let end = self.starts.get(next).unwrap_or(&self.length);
        self.starts[range.start] as usize..*end as usize
    }

    fn reserve(&mut self, more: usize) {
        self.chars.reserve(more);
        self.kinds.reserve(more);
        self.part_starts.reserve(more);
        self.starts.reserve(more);
    }

    fn push_piece(&mut self, piece: &str, at: usize) {
        for c in piece.nfkc() {
            // Lower-casing may leave a letter and a mark that compose. `push` sees them
            // uncomposed on both sides of a comparison, which is sufficient.
            self.push_cased(c, at);
        }
    }

    fn push_cased(&mut self, c: char, at: usize) {
        if c.is_ascii() {
            return self.push(c.to_ascii_lowercase(), c.is_ascii_uppercase(), at);
        }
        let mut upper = c.is_uppercase();
        for lower in c.to_lowercase() {
            self.push(lower, upper, at);
            upper = false;
        }
    }

    fn push(&mut self, c: char, upper: bool, at: usize) {
        if is_ignored(c) {
            return;
        }
        let c = same(c);
        let last = self.kinds.last().copied();
        let after_space = matches!(last, None | Some(Kind::Break | Kind::Space));
        let is_mark = is_combining_mark(c);
        if after_space && (c == ' ' || is_mark) {
            return;
        }
        let kind = match last {
            Some(Kind::Word | Kind::Window) if is_mark => self.kinds[self.len() - 1],
            _ => kind(c),
        };
        if kind == Kind::Break && self.kinds.last() == Some(&Kind::Space) {
            self.pop();
        }
        self.chars.push(c);
        self.kinds.push(kind);
        self.part_starts.push(upper);
        self.starts.push(at as u32);
    }

    fn pop(&mut self) {
        self.chars.pop();
        self.kinds.pop();
        self.part_starts.pop();
        self.starts.pop();
    }

    /// Converts the flags from "was upper case" to "a part starts here".
    fn mark_parts(&mut self) {
        let upper = std::mem::take(&mut self.part_starts);
        self.part_starts = (0..self.len())
            .map(|i| {
                if self.kinds[i] != Kind::Word {
                    return false;
                }
                if i == 0 || self.kinds[i - 1] != Kind::Word {
                    return true;
                }
                if self.chars[i] == '_' {
                    return false;
                }
                // `max_Con`, `useEffect`, and the `S` of `HTTPServer`.
                self.chars[i - 1] == '_'
                    || upper[i]
                        && (!upper[i - 1]
                            || self.chars.get(i + 1).is_some_and(|c| c.is_lowercase())
                                && !upper[i + 1])
            })
            .collect();
    }
}

/// Returns the kind of a character on its own; a combining mark on a letter takes the letter's.
fn kind(c: char) -> Kind {
    match c {
        '\n' => Kind::Break,
        ' ' => Kind::Space,
        '_' => Kind::Word,
        '.' | '-' | '+' | '#' | '@' | '/' => Kind::Joiner,
        _ if c.is_ascii_alphanumeric() => Kind::Word,
        _ if c.is_ascii() => Kind::Other,
        _ if is_combining_mark(c) => Kind::Other,
        _ if is_window(c) => Kind::Window,
        _ if c.is_alphanumeric() => Kind::Word,
        '\u{2100}'..='\u{2bff}' | '\u{1f000}'..='\u{1fbff}' => Kind::Symbol,
        _ => Kind::Other,
    }
}

fn is_window(c: char) -> bool {
    matches!(c,
        '\u{e01}'..='\u{e3a}' | '\u{e40}'..='\u{e4e}' // Thai
        | '\u{e80}'..='\u{eff}' | '\u{f40}'..='\u{fbc}' // Lao, Tibetan
        | '\u{1000}'..='\u{1049}' | '\u{1050}'..='\u{109f}' // Myanmar
        | '\u{1780}'..='\u{17d3}' | '\u{1950}'..='\u{19df}' // Khmer, Tai
        | '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' | '\u{a960}'..='\u{a97f}'
        | '\u{ac00}'..='\u{d7ff}' // Hangul
        | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3038}'..='\u{303c}'
        | '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}'
        | '\u{3105}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{1b000}'..='\u{1b16f}' | '\u{20000}'..='\u{3ffff}')
        && c.is_alphanumeric()
}

/// Maps the typographic variants of a character to one.
fn same(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{2010}' | '\u{2212}' => '-',
        'ς' => 'σ',
        '\n' => '\n',
        _ if c.is_whitespace() || c.is_control() => ' ',
        _ => c,
    }
}

/// Returns true for invisible characters: joiners, variation selectors, soft hyphens, byte
/// order marks, directional marks, and the frame of a keycap.
fn is_ignored(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{20e3}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Returns a single Hangul jamo unchanged. NFKC would compose `ㄱㅏ`, and `가ㄳ`, to syllables that
/// nobody wrote, and a search for a part of it would find nothing.
fn single_jamo(c: char) -> Option<char> {
    let code = u32::from(c);
    let wide = match code {
        0x3131..=0x318e => code,
        0xffa0 => 0x3164,
        0xffa1..=0xffbe => code - 0xffa1 + 0x3131,
        0xffc2..=0xffc7 => code - 0xffc2 + 0x314f,
        0xffca..=0xffcf => code - 0xffca + 0x3155,
        0xffd2..=0xffd7 => code - 0xffd2 + 0x315b,
        0xffda..=0xffdc => code - 0xffda + 0x3161,
        _ => return None,
    };
    char::from_u32(wide)
}

/// Returns true if a character is known to be its own NFKC; true for nearly all text.
fn is_nfkc(c: char) -> bool {
    matches!(c,
        '\0'..='\u{9f}' | '\u{ac00}'..='\u{d7a3}' | '\u{4e00}'..='\u{9fff}'
        | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'
        | '\u{400}'..='\u{45f}' | '\u{1f300}'..='\u{1f6ff}')
}

/// Returns true if the character folds independently of what comes before it.
fn starts_piece(c: char) -> bool {
    if c < '\u{300}' || is_nfkc(c) || single_jamo(c).is_some() {
        return true;
    }
    let mut first = None;
    decompose_compatible(c, |part| {
        first.get_or_insert(part);
    });
    let first = first.unwrap_or(c);
    canonical_combining_class(first) == 0 && is_nfkc_quick(iter::once(first)) != IsNormalized::Maybe
}

/// Returns the start of a text, at most 4 GiB.
fn clamp(text: &str) -> &str {
    let most = u32::MAX as usize;
    &text[..text.floor_char_boundary(most.min(text.len()))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(text: &str) -> String {
        Folded::new(text).chars.into_iter().collect()
    }

    #[test]
    fn case_width_and_composition_do_not_matter() {
        for (one, other) in [
            ("PostgreSQL", "ＰｏｓｔｇｒｅＳＱＬ"),
            (
                "인덱스",
                "\u{110b}\u{1175}\u{11ab}\u{1103}\u{1166}\u{11a8}\u{1109}\u{1173}",
            ),
            ("カタカナ ガ", "ｶﾀｶﾅ ｶﾞ"),
            ("CAFÉ", "cafe\u{301}"),
            ("ΣΟΦΟΣ", "σοφος"),
            ("σοφός", "ΣΟΦΌΣ"),
            ("ﬁle", "FILE"),
            ("don’t", "DON'T"),
            ("e\u{2011}mail", "e-mail"),
            ("co\u{ad}operate", "cooperate"),
            ("❤\u{fe0f}", "❤"),
            ("a\u{3000}\u{a0} b", "a b"),
            ("ㅋㅋ", "ￋￋ".replace('ￋ', "ﾻ").as_str()),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
    }

    #[test]
    fn single_letters_of_hangul_do_not_run_together() {
        assert_eq!(fold("가ㄳ ㄱㅏ"), "가ㄳ ㄱㅏ");
    }

    #[test]
    fn space_is_one_and_none_stands_at_borders() {
        assert_eq!(fold("  a\t\u{0}b \n  c  "), "a b\nc");
    }

    #[test]
    fn folding_parts_is_folding_the_whole() {
        for text in [
            "한글ABC한",
            "e\u{301}e\u{301}\u{323}x",
            "ｶﾞｷﾞ각\u{11a8}가\u{11a8}",
            "👩‍👩‍👧é",
        ] {
            let whole = fold(text);
            let starts = text.char_indices().map(|(at, _)| at);
            for at in starts.filter(|at| text[*at..].chars().next().is_some_and(starts_piece)) {
                let (head, tail) = text.split_at(at);
                assert_eq!(format!("{}{}", fold(head), fold(tail)), whole);
            }
        }
    }

    #[test]
    fn every_character_knows_its_place() {
        let text = "x ﬁ ｶﾞ e\u{301}";
        let folded = Folded::new(text);
        let found = |needle: &str| {
            let at = folded.chars.iter().position(|c| needle.starts_with(*c));
            at.map(|at| &text[folded.bytes(at..at + 1)])
        };
        assert_eq!(found("i"), Some("ﬁ"));
        assert_eq!(found("ガ"), Some("ｶﾞ"));
        assert_eq!(found("é"), Some("e\u{301}"));
    }

    #[test]
    fn parts_start_at_humps_and_after_underscores() {
        let parts = |text: &str| {
            let folded = Folded::new(text);
            let starts = (0..folded.len()).filter(|i| folded.part_starts[*i]);
            starts.map(|i| folded.chars[i]).collect::<String>()
        };
        for (text, expected) in [
            ("max_connections", "mc"),
            ("__init__", "_i"),
            ("useEffect", "ue"),
            ("HTTPServer2Go", "hsg"),
            ("PostgreSQL의", "ps"),
            ("README", "r"),
            ("a.B", "ab"),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }
}
