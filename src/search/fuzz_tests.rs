//! Random Markdown and random queries.

use super::*;

const MARKDOWN: [&[u8]; 8] = [
    "# 제목\n\nA *first* paragraph, **bold**, `code`.\n\n- one\n- two\n  1. three\n".as_bytes(),
    b"| a | b |\n|---|---|\n| c | `d` |\n\n```sql\nSELECT 1;\n```\n\n    indented\n",
    b"<div class=\"x\">\n<b>bold</b> &amp; &#x43; <!-- no -->\n</div>\n\n<script>x</script>\n",
    b"[text](https://e.org \"t\") ![alt](a.png) [r] [^1] <https://e.org>\n\n[r]: /u\n[^1]: note\n",
    "max_connections useEffect C++ .NET 15.18 a@b.io --dry-run O(log n) don't".as_bytes(),
    "복합인덱스를 데이터베이스 日本語の ｶﾞﾁｬ ไทย e\u{301} \u{1100}\u{1161} ﷺ İ ß 👩\u{200d}👧 🇰🇷"
        .as_bytes(),
    b"> quote\n> > deeper\n\n***\n\na\\\nb  \nc ~~not~~ - [x] done\n===\n",
    b"needle in a hay stack with indexes and indexing",
];

const PIECES: [&[u8]; 24] = [
    b"\n\n",
    b"\n",
    b"`",
    b"```\n",
    b"*",
    b"_",
    b"[",
    b"](",
    b"<",
    b"</",
    b"<!--",
    b"-->",
    b"&",
    b"|",
    b"> ",
    b"- ",
    b"\\",
    b"\"",
    b" -",
    b"\0",
    "\u{301}".as_bytes(),
    "\u{1161}".as_bytes(),
    "\u{202e}".as_bytes(),
    "가".as_bytes(),
];

/// Returns true for characters that search output must not contain.
fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[test]
fn markdown_becomes_clean_text_and_sound_terms() {
    crate::fuzz::run("markdown to text", &MARKDOWN, &PIECES, |bytes| {
        let markdown = String::from_utf8_lossy(bytes);
        let document = Document {
            markdown: &markdown,
            ..Document::default()
        };
        let text = text::of_markdown(&markdown);
        assert!(!text.contains(|c| c != '\n' && is_unsafe(c)), "{text:?}");
        assert!(!text.contains("  ") && !text.contains("\n\n"), "{text:?}");
        let made = terms(&document, None);
        assert!(!made.truncated);
        assert!(made.terms.is_sorted_by(|one, other| one < other));
        for term in &made.terms {
            assert!((1..=64).contains(&term.len()), "{term:?}");
            assert!(!term.contains(|c: char| c.is_whitespace() || c.is_control()));
        }
        for size in [4, 37] {
            let cut: Vec<&str> = text::segments_of(&markdown, size).collect();
            assert_eq!(cut.concat(), markdown);
            assert!(
                cut.iter()
                    .all(|part| !part.is_empty() && part.len() <= size)
            );
        }
    });
}

#[test]
fn what_the_text_matches_the_terms_do_not_miss() {
    crate::fuzz::run("query", &MARKDOWN, &PIECES, |bytes| {
        let input = String::from_utf8_lossy(bytes);
        // The query is the start of the text, so that they often match.
        let length = usize::from(bytes.last().copied().unwrap_or_default()) % 40 + 1;
        let words: String = input.chars().take(length).collect();
        let Ok(query) = Query::parse(&words) else {
            return;
        };
        let document = Document {
            markdown: &input,
            ..Document::default()
        };
        let prepared = SearchableText::new(&document);
        let terms = terms(&document, None).terms;
        let requirement = query.requirement();
        assert!((1..=64).contains(&requirement.all.len()));
        let satisfied = requirement.is_satisfied_by(&terms);
        let matches = query.matches(&prepared);
        assert!(satisfied || !matches, "missed: {query:?} {terms:?}");
        assert!(
            matches || !satisfied || !requirement.is_exact,
            "{query:?} {terms:?}"
        );
        let Snippet {
            text,
            matches: marks,
        } = snippet(&query, &prepared, 40);
        assert!(text.chars().count() <= 40, "{text:?}");
        assert!(!text.contains(is_unsafe), "{text:?}");
        assert!(!matches || !marks.is_empty(), "{query:?} {text:?}");
        assert_eq!(
            score(&query, &prepared) == 0,
            marks.is_empty(),
            "{query:?} {text:?}"
        );
    });
}
