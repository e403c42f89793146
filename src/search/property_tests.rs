//! Properties of every text and every query.

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::*;

/// Pieces that texts and queries are composed of, so that they often match.
fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "인덱스",
        "쿼리",
        "복합인덱스를",
        "데이터베이스",
        "를",
        "가",
        "나",
        "가나",
        "日本語",
        "カタ",
        "ｶﾞ",
        "index",
        "Indexes",
        "indexing",
        "log",
        "n",
        "C++",
        "C#",
        ".NET",
        "15.18",
        "node.js",
        "max_connections",
        "my_max_connections",
        "useEffect",
        "HTTPServer",
        "__init__",
        "lying",
        "lie",
        "--dry-run",
        "-run",
        "a@b.io",
        "/usr/bin",
        "O(log n)",
        "don't",
        "don’t",
        "PostgreSQL의",
        "привет",
        "Σοφός",
        "ไทย",
        "नमस्ते",
        "👍",
        "👍🏽",
        "👩‍👩‍👧",
        "→",
        "é",
        "e\u{301}",
        "\u{301}",
        "ﬁ",
        "İ",
        "ß",
        "ㅋㅋ",
        "가ㄳ",
        "\u{1100}\u{1161}",
        ".",
        "-",
        "+",
        "#",
        "_",
        "(",
        ")",
        "\"",
        "'",
        "\\",
        "´",
        "\u{200b}",
        "\u{ad}",
        "\u{20e3}",
        "\0",
        " ",
        " ",
        " ",
        " ",
        "\n",
        "\n\n",
        "- ",
        "`",
        "**",
        "<b>",
        "</b>",
        "<br>",
        "|",
        "\u{202e}",
    ]);
    prop_oneof![
        8 => fixed.prop_map(str::to_owned),
        1 => "[가-깋]{1,8}",
        1 => "[a-cA-C_0-1.+#-]{1,6}",
        1 => "\\PC",
    ]
}

fn text(most: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..most).prop_map(|pieces| pieces.concat())
}

/// A strategy for a post and a query that is often taken from it.
fn post_and_query() -> impl Strategy<Value = (String, String, String)> {
    let shape = (any::<prop::sample::Index>(), 1..12_usize, 0..4_u8);
    (
        text(6),
        text(25),
        prop::collection::vec(text(4), 1..3),
        shape,
    )
        .prop_map(|(title, body, mut clauses, (at, length, sign))| {
            let chars: Vec<char> = body.chars().collect();
            if !chars.is_empty() {
                let start = at.index(chars.len());
                let end = chars.len().min(start + length);
                let taken: String = chars[start..end].iter().collect();
                let taken = match sign {
                    0 => format!("\"{taken}\""),
                    1 => format!("-{taken}"),
                    _ => taken,
                };
                // Alone half the time: further clauses rarely match.
                if sign % 2 == 0 {
                    clauses.clear();
                }
                clauses.push(taken);
            }
            (title, body, clauses.join(" "))
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_index_gives_every_post_that_the_text_accepts((title, body, query) in post_and_query()) {
        let Ok(query) = Query::parse(&query) else { return Ok(()) };
        let document = Document { title: &title, markdown: &body, ..Document::default() };
        let terms = terms(&document, None).terms;
        let requirement = query.requirement();
        let satisfied = requirement.is_satisfied_by(&terms);
        let matches = query.matches(&SearchableText::new(&document));
        prop_assert!(satisfied || !matches, "misses: {query:?} {requirement:?} {terms:?}");
        prop_assert!(
            matches || !satisfied || !requirement.is_exact,
            "inexact: {query:?} {requirement:?} {terms:?}"
        );
    }

    #[test]
    fn korean_is_found_as_by_substring(
        runs in prop::collection::vec("[가-갏]{1,12}", 1..6),
        other in "[가-갏]{1,8}",
        (run, at, length) in (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1..=8_usize),
    ) {
        let body = runs.join("와 a ");
        let terms = terms(&Document { markdown: &body, ..Document::default() }, None).terms;
        let prepared = SearchableText::new(&Document { markdown: &body, ..Document::default() });
        let run: Vec<char> = run.get(&runs).chars().collect();
        let at = at.index(run.len());
        let part: String = run[at..run.len().min(at + length)].iter().collect();
        for word in [&part, &other] {
            let query = Query::parse(word).unwrap();
            prop_assert_eq!(query.matches(&prepared), body.contains(word.as_str()), "{}", word);
            if body.contains(word.as_str()) {
                prop_assert!(query.requirement().is_satisfied_by(&terms));
            }
        }
        prop_assert!(body.contains(&part));
    }

    #[test]
    fn identifiers_are_found_whole_and_by_part(
        parts in prop::collection::vec("[a-z]{2,8}", 1..5),
        around in prop::sample::select(vec![("", ""), ("`", "()`"), ("의 ", "를"), ("x.", ".y"), ("(", ",")]),
        camel in any::<bool>(),
    ) {
        let identifier = if camel {
            let hump = |part: &String| part[..1].to_uppercase() + &part[1..];
            parts[0].clone() + &parts[1..].iter().map(hump).collect::<String>()
        } else {
            parts.join("_")
        };
        let body = format!("see {}{identifier}{} there", around.0, around.1);
        let document = Document { markdown: &body, ..Document::default() };
        let terms = terms(&document, None).terms;
        let prepared = SearchableText::new(&document);
        let ends = (0..parts.len()).map(|at| parts[at..].join(if camel { "" } else { "_" }));
        for word in parts.iter().cloned().chain(ends).chain([identifier.to_uppercase()]) {
            let query = Query::parse(&word).unwrap();
            prop_assert!(query.matches(&prepared), "{} in {}", word, body);
            prop_assert!(query.requirement().is_satisfied_by(&terms), "{} in {}", word, body);
        }
    }

    #[test]
    fn snippets_are_whole_clean_and_marked_where_they_match(
        (title, body, query) in post_and_query(),
        filler in "[ 가a👍]{0,60}",
        width in 16..60_usize,
    ) {
        let Ok(query) = Query::parse(&query) else { return Ok(()) };
        let body = format!("{filler}{body}{filler}");
        let document = Document { title: &title, markdown: &body, ..Document::default() };
        let prepared = SearchableText::new(&document);
        let Snippet { text, matches } = snippet(&query, &prepared, width);
        let chars: Vec<char> = text.chars().collect();
        prop_assert!(chars.len() <= width, "{text:?}");
        let is_unsafe = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}');
        prop_assert!(!text.contains(is_unsafe));
        prop_assert!(!text.contains("  "), "{text:?}");
        let mut graphemes = text.graphemes(true);
        let ends = [graphemes.next(), graphemes.next_back()];
        prop_assert!(!ends.contains(&Some(" ")), "{text:?}");
        let mut last = None;
        for range in &matches {
            prop_assert!(!range.is_empty() && range.end <= chars.len());
            prop_assert!(last.is_none_or(|last| last < range.start), "{matches:?}");
            prop_assert!(!chars[range.clone()].contains(&'\n'));
            last = Some(range.end);
        }
        prop_assert!(!query.matches(&prepared) || !matches.is_empty(), "{query:?} {text:?}");
        // The snippet is part of the post and ends between graphemes.
        let fields = [title.as_str(), body.as_str()];
        let plain = [text::plain(fields[0]), text::of_markdown(fields[1])];
        let core = text.trim_start_matches('…').trim_end_matches('…');
        let whole = |field: &String| {
            let flat = field.replace('\n', " ");
            let mut borders: Vec<usize> = field.grapheme_indices(true).map(|(at, _)| at).collect();
            borders.push(field.len());
            let mut places = flat.match_indices(core).map(|(at, _)| at);
            places.any(|at| borders.contains(&at) && borders.contains(&(at + core.len())))
        };
        prop_assert!(plain.iter().any(whole), "{core:?} {plain:?}");
    }

    #[test]
    fn nothing_panics(text in any::<String>(), markdown in any::<String>(), width in 0..50_usize) {
        let tags = [text.clone()];
        let document = Document {
            title: &text,
            description: Some(&markdown),
            tags: &tags,
            markdown: &markdown,
        };
        let made = terms(&document, Some(&text));
        prop_assert!(made.terms.is_sorted_by(|a, b| a < b));
        for term in &made.terms {
            let label = term.starts_with("c:") || term.starts_with("t:");
            prop_assert!(label || !term.contains(|c: char| c == ':' || c.is_whitespace()));
            prop_assert!(!term.is_empty() && term.len() <= 255);
        }
        let prepared = SearchableText::new(&document);
        for query in [&text, &markdown] {
            if let Ok(query) = Query::parse(query) {
                snippet(&query, &prepared, width);
                prop_assert_eq!(score(&query, &prepared) == 0, hits_nothing(&query, &prepared));
            }
        }
    }
}

fn hits_nothing(query: &Query, prepared: &SearchableText) -> bool {
    snippet(query, prepared, 80).matches.is_empty()
}
