//! Snippets: the part of a post that shows its match.

use std::ops::{ControlFlow, Range};

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use super::query::Query;
use super::verify::{Field, SearchableText};

/// The mark for text that was left out.
const ELLIPSIS: char = '…';

/// The fewest characters that a snippet is cut to.
const MIN_WIDTH: usize = 16;

/// The distance from a cut, in characters, within which a word boundary is preferred.
const NEAR: usize = 20;

/// The most occurrences of one clause that are looked at.
const MAX_HITS: usize = 2_000;

/// A piece of a post's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    /// One line of plain text without control or bidirectional characters; `…` at an end
    /// marks a cut.
    pub text: String,
    /// The ranges to highlight, in characters (Unicode scalar values) of `text`, sorted,
    /// disjoint, and around whole graphemes.
    pub matches: Vec<Range<usize>>,
}

/// An occurrence of a required clause, in folded characters.
struct Hit {
    range: Range<usize>,
    clause: usize,
}

/// Returns the part of a post with most of the query's words and phrases: from the body, or
/// else the description, the title or the tags, the first that has any.
///
/// It is at most `max_width` characters (Unicode scalar values) long, at least 16. A post that
/// does not match yields its start.
pub fn snippet(query: &Query, prepared: &SearchableText, max_width: usize) -> Snippet {
    let max_width = max_width.max(MIN_WIDTH);
    let fields = [
        &prepared.body,
        &prepared.description,
        &prepared.title,
        &prepared.tags,
    ];
    for field in fields {
        let hits = hits(query, field);
        if let Some(best) = best_cluster(&hits, query.clauses.len(), max_width * 2 / 3) {
            return show(field, &hits, best, max_width);
        }
    }
    let first = fields.into_iter().find(|field| !field.text.is_empty());
    first.map_or_else(Snippet::default, |field| show(field, &[], 0..0, max_width))
}

/// Returns the occurrences of all required clauses, in the text's order.
fn hits(query: &Query, field: &Field) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (clause, pattern) in query.required().enumerate() {
        let most = hits.len() + MAX_HITS;
        let _ = pattern.find(&field.folded, |range| {
            hits.push(Hit { range, clause });
            if hits.len() == most {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
    }
    hits.sort_by_key(|hit| (hit.range.start, hit.range.end));
    hits
}

/// Returns the first cluster of hits within `width` folded characters that has the most
/// clauses, then the most hits; `None` without hits.
fn best_cluster(hits: &[Hit], clauses: usize, width: usize) -> Option<Range<usize>> {
    let mut counts = vec![0_usize; clauses];
    let mut distinct = 0;
    let mut best: Option<((usize, usize), Range<usize>)> = None;
    let mut left = 0;
    for (right, hit) in hits.iter().enumerate() {
        counts[hit.clause] += 1;
        distinct += usize::from(counts[hit.clause] == 1);
        while left < right && hit.range.end - hits[left].range.start > width {
            counts[hits[left].clause] -= 1;
            distinct -= usize::from(counts[hits[left].clause] == 0);
            left += 1;
        }
        let value = (distinct, right + 1 - left);
        if best.as_ref().is_none_or(|(most, _)| value > *most) {
            best = Some((value, left..right + 1));
        }
    }
    best.map(|(_, range)| range)
}

/// Cuts the text around a cluster of hits, and marks all hits in the piece.
fn show(field: &Field, hits: &[Hit], cluster: Range<usize>, max_width: usize) -> Snippet {
    let text = field.text.as_str();
    let marks = marks(field, hits);
    let core = match &hits[cluster] {
        [] => 0..0,
        [first, ..] if first.range.len() >= max_width => {
            let bytes = whole_graphemes(text, field.folded.bytes(first.range.clone()));
            bytes.start..bytes.start
        }
        shown @ [first, ..] => {
            let end = shown.iter().map(|hit| hit.range.end).max();
            let range = first.range.start..end.unwrap_or(first.range.end);
            whole_graphemes(text, field.folded.bytes(range))
        }
    };
    let piece = piece(text, core, max_width);
    let mut snippet = Snippet::default();
    if piece.start > 0 {
        snippet.text.push(ELLIPSIS);
    }
    let mut at = piece.start;
    let mut characters = snippet.text.chars().count();
    for mark in marks {
        let mark = mark.start.max(piece.start)..mark.end.min(piece.end);
        if mark.is_empty() {
            continue;
        }
        characters += text[at..mark.start].chars().count();
        let length = text[mark.clone()].chars().count();
        snippet.matches.push(characters..characters + length);
        characters += length;
        at = mark.end;
    }
    snippet
        .text
        .push_str(&text[piece.clone()].replace('\n', " "));
    if piece.end < text.len() {
        snippet.text.push(ELLIPSIS);
    }
    snippet
}

/// Returns the byte ranges of hits, widened to whole graphemes and merged if they touch.
fn marks(field: &Field, hits: &[Hit]) -> Vec<Range<usize>> {
    let mut marks: Vec<Range<usize>> = Vec::new();
    for hit in hits {
        let bytes = field.folded.bytes(hit.range.clone());
        // A grapheme may extend over the whole text, so its borders are searched once.
        if marks.last().is_some_and(|last| bytes.end <= last.end) {
            continue;
        }
        let bytes = whole_graphemes(&field.text, bytes);
        match marks.last_mut() {
            Some(last) if bytes.start <= last.end => last.end = last.end.max(bytes.end),
            _ => marks.push(bytes),
        }
    }
    marks
}

/// Widens a byte range to graphemes, without trailing white space.
fn whole_graphemes(text: &str, bytes: Range<usize>) -> Range<usize> {
    let trimmed = text[bytes.clone()].trim_end().len();
    let end = bytes.start + trimmed;
    // The whole text is one chunk, so the cursor needs no other.
    let boundary = |at: usize, find: fn(&mut GraphemeCursor, &str) -> Option<usize>| {
        let mut cursor = GraphemeCursor::new(at, text.len(), true);
        match cursor.is_boundary(text, 0) {
            Ok(false) => find(&mut cursor, text).unwrap_or(at),
            _ => at,
        }
    };
    boundary(bytes.start, |cursor, text| {
        cursor.prev_boundary(text, 0).ok()?
    })..boundary(end, |cursor, text| cursor.next_boundary(text, 0).ok()?)
}

/// Returns the bytes to show around `core`: whole graphemes, whole words if they end nearby,
/// and room for an ellipsis at both ends.
fn piece(text: &str, core: Range<usize>, max_width: usize) -> Range<usize> {
    let length = |range: Range<usize>| text[range].chars().count();
    if text.chars().nth(max_width).is_none() {
        return 0..text.len();
    }
    let room = max_width - 2;
    let core = if length(core.clone()) > room {
        core.start..forward(text, core.start, room)
    } else {
        core
    };
    let spare = room - length(core.clone());
    let behind = text[core.end..].chars().take(spare).count();
    let before = (spare / 3).max(spare - behind);
    let start = back(text, core.start, before);
    let end = forward(text, core.end, spare - length(start..core.start));
    // Spaces are compared as graphemes: a combining mark may follow one.
    let is_space = |grapheme: &str| grapheme == " " || grapheme == "\n";
    let first = |text: &str| text.graphemes(true).next().is_none_or(is_space);
    let last = |text: &str| text.graphemes(true).next_back().is_none_or(is_space);
    let mut piece = start..end;
    if !last(&text[..start]) {
        let near = &text[start..forward(text, start, NEAR).min(core.start)];
        let mut graphemes = near.grapheme_indices(true);
        let space = graphemes.find(|(_, grapheme)| is_space(grapheme));
        piece.start += space.map_or(0, |(at, _)| at);
    }
    if !first(&text[end..]) {
        let from = back(text, end, NEAR).max(core.end);
        let mut graphemes = text[from..end].grapheme_indices(true).rev();
        let space = graphemes.find(|(_, grapheme)| is_space(grapheme));
        piece.end = space.map_or(end, |(at, _)| from + at);
    }
    while !piece.is_empty() && first(&text[piece.clone()]) {
        piece.start += 1;
    }
    while !piece.is_empty() && last(&text[piece.clone()]) {
        piece.end -= 1;
    }
    piece
}

/// Moves forward by whole graphemes with at most `most` characters together.
fn forward(text: &str, from: usize, most: usize) -> usize {
    let mut characters = 0;
    let fits = |grapheme: &&str| {
        characters += grapheme.chars().count();
        characters <= most
    };
    let graphemes = text[from..].graphemes(true).take_while(fits);
    from + graphemes.map(str::len).sum::<usize>()
}

/// Moves backward by whole graphemes with at most `most` characters together.
fn back(text: &str, from: usize, most: usize) -> usize {
    let mut characters = 0;
    let fits = |grapheme: &&str| {
        characters += grapheme.chars().count();
        characters <= most
    };
    let graphemes = text[..from].graphemes(true).rev().take_while(fits);
    from - graphemes.map(str::len).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::super::Document;
    use super::*;

    fn of(query: &str, document: &Document<'_>, max_width: usize) -> (String, Vec<String>) {
        let query = Query::parse(query).unwrap();
        let snippet = snippet(&query, &SearchableText::new(document), max_width);
        let chars: Vec<char> = snippet.text.chars().collect();
        let marked = snippet.matches.iter().cloned();
        let marked = marked.map(|range| chars[range].iter().collect());
        (snippet.text.clone(), marked.collect())
    }

    fn body(markdown: &str) -> Document<'_> {
        Document {
            title: "The title",
            description: Some("The description"),
            markdown,
            ..Document::default()
        }
    }

    #[test]
    fn a_short_text_is_shown_whole() {
        let (text, marked) = of("쿼리 fast", &body("# 빠른 쿼리를\n\n**Fast**er, 쿼리"), 160);
        assert_eq!(text, "빠른 쿼리를 Faster, 쿼리");
        assert_eq!(marked, ["쿼리", "Fast", "쿼리"]);
    }

    #[test]
    fn the_piece_with_most_of_the_words_is_shown() {
        let far = "lorem ipsum dolor ".repeat(30);
        let text = format!("cold {far} start {far} a cold start is {far} cold");
        let (text, marked) = of("start cold", &body(&text), 60);
        assert_eq!(
            text,
            "…ipsum dolor a cold start is lorem ipsum dolor lorem…"
        );
        assert_eq!(marked, ["cold", "start"]);
    }

    #[test]
    fn the_ends_of_a_text_are_used_to_the_full() {
        let text = format!("needle {}", "word ".repeat(50));
        assert_eq!(of("needle", &body(&text), 24).0, "needle word word word…");
        let text = format!("{}needle", "word ".repeat(50));
        assert_eq!(of("needle", &body(&text), 24).0, "…word word word needle");
    }

    #[test]
    fn other_fields_are_shown_where_the_body_has_nothing() {
        assert_eq!(of("description", &body("x"), 80).0, "The description");
        assert_eq!(of("title", &body("x"), 80).0, "The title");
        let tags = ["a b".to_owned(), "rust".to_owned()];
        let document = Document {
            tags: &tags,
            ..body("x")
        };
        assert_eq!(
            of("rust", &document, 80),
            ("a b rust".into(), vec!["rust".into()])
        );
        assert_eq!(of("nothing", &body("x"), 80), ("x".into(), vec![]));
        let empty = Document::default();
        assert_eq!(of("nothing", &empty, 80), (String::new(), vec![]));
    }

    #[test]
    fn marks_cover_whole_characters_as_a_reader_sees_them() {
        let (_, marked) = of("👍 ガ é fi", &body("👍🏽 ｶﾞ E\u{301}! ﬁt"), 80);
        assert_eq!(marked, ["👍🏽", "ｶﾞ", "E\u{301}", "ﬁ"]);
        let (_, marked) = of("👩", &body("x 👩‍👩‍👧 y"), 80);
        assert_eq!(marked, ["👩‍👩‍👧"]);
    }

    #[test]
    fn touching_matches_are_one() {
        assert_eq!(of("가나 나다 다", &body("x 가나다라"), 80).1, ["가나다"]);
        assert_eq!(of("indexing", &body("Indexed by"), 80).1, ["Indexed"]);
    }

    #[test]
    fn a_match_longer_than_the_piece_is_cut() {
        let long = "가".repeat(100);
        let (text, marked) = of(&long, &body(&format!("앞 {long} 뒤")), 20);
        assert_eq!(text, format!("앞 {}…", "가".repeat(16)));
        assert_eq!(marked, ["가".repeat(16)]);
        let zalgo = format!("needle e{}", "\u{301}".repeat(1_000));
        let (text, marked) = of("needle", &body(&zalgo), 20);
        assert_eq!(
            (text.as_str(), marked),
            ("needle…", vec!["needle".to_owned()])
        );
    }
}
