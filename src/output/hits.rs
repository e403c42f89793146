//! How a search's finds look in each format: a post, and the piece of it that was found.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::Range;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::records::PostJson;
use super::table::{Column, shorten};
use super::{Record, Sink, clean, fields, style};
use crate::post::{PostId, StoredPost};
use crate::search::Snippet;

/// Stands before a snippet in a table.
const INDENT: &str = "    ";

/// A post that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The post.
    pub post: StoredPost,
    /// Where it was found.
    pub snippet: Snippet,
}

/// Returns the display columns that a snippet has in a table of the given width.
pub fn snippet_room(terminal: usize) -> usize {
    terminal.saturating_sub(INDENT.len())
}

/// A hit in JSON: a post, and at its end what a search adds. A documented contract.
#[derive(Serialize)]
struct HitJson<'a> {
    #[serde(flatten)]
    post: PostJson<'a>,
    snippet: &'a str,
    matches: Vec<[usize; 2]>,
}

impl Record for Hit {
    const COLUMNS: &'static [Column] = StoredPost::COLUMNS;
    const CSV_HEADER: &'static [&'static str] = &fields::header::<{ fields::PARTS + 1 }>("snippet");

    fn cells(&self, zone: &TimeZone) -> Vec<String> {
        self.post.cells(zone)
    }

    fn below(&self, terminal: Option<usize>) -> Option<String> {
        let text = self.snippet.text.as_str();
        if text.is_empty() {
            return None;
        }
        let shown = match terminal {
            Some(terminal) => shorten(text, snippet_room(terminal)),
            None => text.to_owned(),
        };
        // What is cut off has its `…` in the place of the next character.
        let kept = shown.chars().count() - usize::from(shown != text);
        Some(marked(&shown, kept, &self.snippet.matches))
    }

    fn csv_fields(&self) -> Vec<String> {
        let mut fields = self.post.csv_fields();
        fields.push(self.snippet.text.clone());
        fields
    }

    fn to_json(&self) -> impl Serialize + '_ {
        let range = |range: &Range<usize>| [range.start, range.end];
        HitJson {
            post: PostJson(&self.post),
            snippet: &self.snippet.text,
            matches: self.snippet.matches.iter().map(range).collect(),
        }
    }
}

/// Styles the matches among the first `kept` characters; the rest is unstyled.
fn marked(text: &str, kept: usize, matches: &[Range<usize>]) -> String {
    let chars: Vec<char> = text.chars().collect();
    // Snippets hold nothing that a terminal acts on; this holds should that change.
    let piece = |range: Range<usize>| {
        let text: String = chars[range].iter().collect();
        clean(&text).into_owned()
    };
    let mut line = INDENT.to_owned();
    let mut at = 0;
    for found in matches {
        let found = found.start.min(kept)..found.end.min(kept);
        if found.is_empty() {
            continue;
        }
        line.push_str(&piece(at..found.start));
        at = found.end;
        let text = piece(found);
        // Writing to a string cannot fail.
        let _ = write!(line, "{0}{text}{0:#}", style::MATCH);
    }
    line.push_str(&piece(at..chars.len()));
    line
}

/// Ids alone, one a line.
pub struct Ids<W> {
    out: W,
}

impl<W: Write> Ids<W> {
    /// Writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write> Sink<Hit> for Ids<W> {
    fn page(&mut self, rows: &[Hit]) -> io::Result<()> {
        for row in rows {
            writeln!(self.out, "{}", row.post.id)?;
        }
        self.out.flush()
    }

    fn end(&mut self, _: Option<PostId>) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::output::samples::{bare, full, id};
    use crate::output::{Envelope, csv, json, table};

    fn hit(text: &str, matches: &[(usize, usize)]) -> Hit {
        Hit {
            post: full(42, "제목"),
            snippet: Snippet {
                text: text.into(),
                matches: matches.iter().map(|(start, end)| *start..*end).collect(),
            },
        }
    }

    fn lines(hits: &[Hit], terminal: Option<usize>) -> String {
        let mut out = anstream::StripStream::new(Vec::new());
        let mut sink = table::Pages::new(&mut out, terminal, TimeZone::UTC);
        sink.page(hits).unwrap();
        String::from_utf8(out.into_inner()).unwrap()
    }

    /// The styled pieces of a line.
    fn bold(line: &str) -> Vec<String> {
        let start = style::MATCH.render().to_string();
        let end = style::MATCH.render_reset().to_string();
        let pieces = line.split(start.as_str()).skip(1);
        pieces
            .map(|piece| piece.split(end.as_str()).next().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn a_snippet_stands_below_its_post() {
        let nothing = Hit {
            post: bare(7),
            snippet: Snippet::default(),
        };
        let hits = [hit("…빠른 쿼리를 위해", &[(4, 6)]), nothing];
        insta::assert_snapshot!(lines(&hits, None), @r"
        ID  CREATED (UTC)  CATEGORY  WORDS  TITLE  TAGS
        42  2025-11-28     guide       512  제목   neon, 색인
            …빠른 쿼리를 위해
         7  -              -             -  -
        ");
    }

    #[test]
    fn matches_are_styled_by_character() {
        let hit = hit("…빠른 쿼리를 위한 쿼리", &[(4, 6), (11, 13)]);
        let line = hit.below(None).unwrap();
        assert_eq!(bold(&line), ["쿼리", "쿼리"]);
        assert!(line.starts_with("    …빠른 "), "{line:?}");
    }

    #[test]
    fn a_line_ends_with_the_terminal_and_between_graphemes() {
        let text = "쿼리 👩‍👩‍👧 쿼리 e\u{301}nd";
        let hit = hit(text, &[(0, 2), (9, 11)]);
        for terminal in 0..40 {
            let line = lines(std::slice::from_ref(&hit), Some(terminal));
            let line = line.lines().nth(2).unwrap();
            assert!(line.width() <= terminal.max(INDENT.len() + 1), "{line:?}");
            let shown = line.trim_start().trim_end_matches('…').trim_end();
            assert!(text.starts_with(shown), "{shown:?}");
            assert!(!shown.ends_with('\u{200d}'), "{shown:?}");
        }
        // Two columns of indent and five of text: the second match is cut off.
        let line = hit.below(Some(INDENT.len() + 8)).unwrap();
        assert_eq!(bold(&line), ["쿼리"]);
        let line = hit.below(Some(INDENT.len() + 4)).unwrap();
        assert_eq!(bold(&line), ["쿼"], "the cut goes through the match");
    }

    #[test]
    fn nothing_that_a_terminal_acts_on_is_printed() {
        let hit = hit("a\u{1b}[2Jb\nc\u{202e}", &[(1, 4)]);
        let line = lines(&[hit], None);
        let line =
            line.lines().nth(1).unwrap_or_default().to_owned() + line.lines().last().unwrap();
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(!line.contains('\u{202e}'), "{line:?}");
    }

    #[test]
    fn a_hit_in_json_is_a_post_with_two_more_fields() {
        let mut out = Vec::new();
        let mut sink = json::Pages::new(&mut out, Envelope::Paged("posts"));
        sink.page(&[hit("빠른 쿼리", &[(3, 5)])]).unwrap();
        Sink::<Hit>::end(&mut sink, Some(id(42))).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r#"
        {"posts":[
        {"id":42,"title":"제목","description":"What it is about, in short","category":"guide","tags":["neon","색인"],"image":"/a.png","created_at":"2025-11-28T00:00:00Z","updated_at":"2025-12-01T10:20:30.123456Z","word_count":512,"path":"content/a.md","slug":"a-title","extra":{"cover":{"alt":"a cat"},"layout":"wide"},"snippet":"빠른 쿼리","matches":[[3,5]]}
        ],"has_more":true,"next_cursor":42}
        "#);
    }

    #[test]
    fn a_ranking_says_whether_its_window_was_cut() {
        let mut out = Vec::new();
        let window_cut = true;
        let envelope = Envelope::Ranked {
            key: "posts",
            window_cut,
        };
        let mut sink = json::Pages::new(&mut out, envelope);
        Sink::<Hit>::end(&mut sink, None).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "{\"posts\":[\n],\"has_more\":false,\"next_cursor\":null,\"window_cut\":true}\n"
        );
    }

    #[test]
    fn the_header_of_csv_is_that_of_a_list_and_the_snippet() {
        assert!(Hit::CSV_HEADER.starts_with(StoredPost::CSV_HEADER));
        let mut out = Vec::new();
        csv::Pages::new(&mut out)
            .page(&[hit("a, b", &[(0, 1)])])
            .unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            text.lines()
                .next()
                .unwrap()
                .ends_with(",path,slug,extra,snippet")
        );
        assert!(text.ends_with("\"\"wide\"\"}\",\"a, b\"\n"), "{text}");
    }

    #[test]
    fn ids_stand_alone() {
        let mut out = Vec::new();
        Ids::new(&mut out)
            .page(&[hit("x", &[]), hit("y", &[])])
            .unwrap();
        assert_eq!(out, b"42\n42\n");
    }
}
