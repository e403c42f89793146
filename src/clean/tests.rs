use unicode_width::UnicodeWidthStr;

use super::*;
use crate::fuzz;

/// Text as people write it, which must stay unchanged.
const LEGITIMATE: &[&str] = &[
    "plain",
    "",
    "é e\u{301}",
    "한글 제목",
    // Decomposed jamo, and old Hangul without fillers.
    "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}",
    "\u{1112}\u{119e}\u{11ab}",
    "Tiê\u{301}ng Viê\u{323}\u{302}t",
    "IPA: [t\u{361}ʃʰɛ\u{303}\u{301}\u{325}]",
    // Biblical Hebrew: a dot, a point, a vowel, a stress mark and an accent on one letter.
    "\u{5e9}\u{5c1}\u{5bc}\u{5b8}\u{5bd}\u{591}",
    "👩\u{200d}👩\u{200d}👧\u{200d}👦 family",
    "🏳\u{fe0f}\u{200d}🌈 🏴\u{200d}☠\u{fe0f} 🧑🏽\u{200d}🚀",
    "❤\u{fe0f} ☎\u{fe0e} ©\u{fe0f} ™\u{fe0f} ℹ\u{fe0f} Ⓜ\u{fe0f} 🅰\u{fe0f} ㊗\u{fe0f}",
    "1\u{fe0f}\u{20e3} #\u{fe0f}\u{20e3}",
    "🇰🇷 🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    // Persian, Hindi, Malayalam, Sinhala, Bengali.
    "می\u{200c}خواهم",
    "क\u{94d}\u{200d}ष क\u{94d}\u{200c}ष",
    "ന\u{d4d}\u{200d}",
    "ශ\u{dca}\u{200d}රී",
    "র\u{200d}\u{9cd}য",
    // Khmer and Thai, where words end.
    "ភាសា\u{200b}ខ្មែរ",
    "ภาษา\u{200b}ไทย",
    "葛\u{e0100}城 神\u{fe00}",
    "\u{182d}\u{180b}\u{1820}\u{180e}\u{1820}",
    "བསྒྲུབས",
    "a\u{a0}b\u{3000}c—d…",
];

#[test]
fn text_that_needs_no_cleaning_is_not_copied() {
    for text in LEGITIMATE {
        assert!(
            matches!(clean(text), Cow::Borrowed(_)),
            "{text:?}: {}",
            clean(text)
        );
        assert!(matches!(clean_block(text), Cow::Borrowed(_)), "{text:?}");
    }
}

#[test]
fn escape_sequences_are_shown_and_not_obeyed() {
    assert_eq!(clean("a\u{1b}[31mb"), r"a\u{1b}[31mb");
    assert_eq!(clean("\u{1b}]0;owned\u{7}x"), r"\u{1b}]0;owned\u{7}x");
    assert_eq!(clean("\u{9b}2Jx\u{90}y\u{9c}"), r"\u{9b}2Jx\u{90}y\u{9c}");
    assert_eq!(clean("a\u{8}\u{0}\u{7f}b"), r"a\u{8}\u{0}\u{7f}b");
}

#[test]
fn bidirectional_overrides_and_isolates_are_shown() {
    assert_eq!(
        clean("a\u{202e}b\u{2066}c\u{2069}d\u{200f}e\u{61c}"),
        r"a\u{202e}b\u{2066}c\u{2069}d\u{200f}e\u{61c}"
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
        clean_block("a\n\tb\r\n\u{1b}c\u{9b}d\u{202e}e\u{2028}f\rg"),
        "a\n\tb\n\\u{1b}c\\u{9b}d\\u{202e}e\\u{2028}f\\u{d}g"
    );
}

#[test]
fn invisible_characters_are_shown_where_nothing_needs_them() {
    for hidden in [
        '\u{ad}',
        '\u{34f}',
        '\u{115f}',
        '\u{1160}',
        '\u{17b4}',
        '\u{180e}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{2060}',
        '\u{2061}',
        '\u{2064}',
        '\u{206a}',
        '\u{3164}',
        '\u{fe00}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{ffa0}',
        '\u{fff9}',
        '\u{1d173}',
        '\u{e0001}',
        '\u{e0041}',
        '\u{e007f}',
        '\u{e0100}',
    ] {
        let shown = hidden.escape_unicode().to_string();
        for (before, after) in [
            ("a", "b"),
            ("", ""),
            ("pass", "."),
            ("가", "나"),
            ("1", "2"),
        ] {
            assert_eq!(
                clean(&format!("{before}{hidden}{after}")),
                format!("{before}{shown}{after}")
            );
        }
        // Each invisible character is kept only once.
        for needed in ["می", "क\u{94d}", "👩", "ไ", "葛", "❤"] {
            let text = format!("{needed}{hidden}{hidden}{hidden}");
            assert!(clean(&text).contains(&shown), "{text:?}");
        }
    }
}

#[test]
fn a_hidden_message_in_tags_behind_a_flag_is_shown() {
    let tags: String = "ignore all"
        .chars()
        .map(|c| char::from_u32(0xe0000 + c as u32).unwrap())
        .collect();
    for text in [
        format!("🏴{tags}\u{e007f}"),
        format!("🏴{tags}"),
        format!("a{tags}"),
    ] {
        assert!(clean(&text).contains(r"\u{e0069}"), "{text:?}");
    }
}

#[test]
fn more_than_a_few_marks_on_a_letter_are_shown() {
    let text = format!("z{}a", "\u{353}".repeat(7));
    assert_eq!(
        clean(&text),
        format!("z{}{}a", "\u{353}".repeat(5), r"\u{353}".repeat(2))
    );
}

#[test]
fn a_long_text_is_cut_between_characters() {
    assert_eq!(shortened("가".into()), "가");
    let text = shortened("가".repeat(2_000).into());
    assert_eq!(
        text,
        format!("{}… (1905 bytes left out)", "가".repeat(1_365))
    );
}

/// Returns true for a character that must never reach a terminal.
fn is_never_shown(c: char) -> bool {
    is_unsafe(c)
        || matches!(
            c,
            '\u{ad}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{3164}' | '\u{e0001}'
        )
}

#[test]
fn whatever_the_text_nothing_hidden_gets_through() {
    let dictionary: &[&str] = &[
        "\u{200d}",
        "\u{200c}",
        "\u{200b}",
        "\u{fe0f}",
        "\u{e0062}",
        "\u{e007f}",
        "\u{1b}[2J",
        "\r\n",
        "\u{202e}",
        "\u{2060}",
        "\u{feff}",
        "\u{301}",
        "🏴",
        "👩",
        "م",
        "क",
        "\u{94d}",
        "\u{e0100}",
    ];
    let corpus: Vec<&[u8]> = LEGITIMATE.iter().map(|text| text.as_bytes()).collect();
    let dictionary: Vec<&[u8]> = dictionary.iter().map(|text| text.as_bytes()).collect();
    fuzz::run("clean", &corpus, &dictionary, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let line = clean(&text);
        assert!(!line.contains(is_never_shown), "{text:?} -> {line:?}");
        assert!(!line.contains(['\n', '\t']));
        let block = clean_block(&text);
        let hidden = |c: char| c != '\n' && c != '\t' && is_never_shown(c);
        assert!(!block.contains(hidden), "{text:?} -> {block:?}");
        // Two ignorable characters never stand together, but in the flag of a region and where
        // an emoji in a chosen style is joined to the next.
        let visible: Vec<char> = line.chars().collect();
        let is_tag = |c: &char| matches!(c, '\u{e0000}'..='\u{e007f}');
        let pair = visible.windows(2).find(|pair| {
            let is_styled_join = matches!(pair, ['\u{fe00}'..='\u{fe0f}', '\u{200d}']);
            pair.iter().all(|c| is_invisible(*c) && !is_tag(c)) && !is_styled_join
        });
        assert_eq!(pair, None, "{text:?} -> {line:?}");
        let mut marks = 0;
        for c in line.chars() {
            marks = if is_combining_mark(c) { marks + 1 } else { 0 };
            assert!(marks <= MOST_MARKS + 1, "{text:?} -> {line:?}");
        }
        // Cleaning is idempotent.
        assert_eq!(clean(&line), line);
        let _ = line.width();
    });
}

#[test]
fn characters_that_show_nothing_are_escaped() {
    for c in [
        '\u{2800}',
        '\u{fffc}',
        '\u{13430}',
        '\u{16fe4}',
        '\u{110bd}',
        '\u{e000}',
        '\u{fdd0}',
        '\u{1ffff}',
        '\u{f0000}',
        '\u{10ffff}',
    ] {
        let text = format!("a{c}b");
        assert_eq!(clean(&text), format!("a{}b", c.escape_unicode()));
    }
    assert_eq!(clean("⠓⠑\u{2800}⠺"), "⠓⠑\u{2800}⠺");
}

#[test]
fn a_joiner_with_nothing_to_join_is_shown() {
    assert_eq!(clean("می\u{200c}"), r"می\u{200c}");
    assert_eq!(clean("می\u{200d} x"), r"می\u{200d} x");
    assert_eq!(clean("क\u{200c}."), r"क\u{200c}.");
    assert_eq!(clean("👩\u{200d}"), r"👩\u{200d}");
}

#[test]
fn a_run_of_skin_tones_is_cut_short() {
    let palette = "🏻🏼🏽🏾🏿";
    assert_eq!(clean(palette), palette);
    assert_eq!(clean("👍🏽 👍🏽👍🏽👍🏽👍🏽👍🏽👍🏽"), "👍🏽 👍🏽👍🏽👍🏽👍🏽👍🏽👍🏽");
    let run = format!("👍{}", "🏽".repeat(7));
    assert_eq!(
        clean(&run),
        format!("👍{}{}", "🏽".repeat(5), r"\u{1f3fd}".repeat(2))
    );
}
