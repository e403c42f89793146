//! Plain text of posts: Markdown without its markup.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use unicode_normalization::char::is_combining_mark;

/// The bytes of Markdown that are parsed at once: 1 MiB. The parser's tree takes up to some 100
/// bytes of memory for each.
const SEGMENT: usize = 1 << 20;

/// The text of a post, as input of the search.
#[derive(Clone, Copy, Debug, Default)]
pub struct Document<'a> {
    /// The title.
    pub title: &'a str,
    /// The description.
    pub description: Option<&'a str>,
    /// The tags.
    pub tags: &'a [String],
    /// The body in Markdown, without front matter.
    pub markdown: &'a str,
}

/// A collector of text with one line per block: white space collapsed, without control or
/// bidirectional characters and accents on nothing, with line feeds only between blocks.
#[derive(Debug, Default)]
pub(super) struct Lines {
    text: String,
}

impl Lines {
    pub fn push(&mut self, text: &str) {
        for c in text.chars() {
            let is_lost = || is_unseen(c) || self.is_at_space() && is_combining_mark(c);
            if c.is_whitespace() || c.is_control() {
                self.space();
            } else if !is_lost() {
                self.text.push(c);
            }
        }
    }

    pub fn space(&mut self) {
        if !self.is_at_space() {
            self.text.push(' ');
        }
    }

    fn is_at_space(&self) -> bool {
        self.text.is_empty() || self.text.ends_with([' ', '\n'])
    }

    /// Ends the block.
    pub fn end(&mut self) {
        if self.text.ends_with(' ') {
            self.text.pop();
        }
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    pub fn finish(mut self) -> String {
        self.end();
        self.text.pop();
        self.text
    }
}

/// Returns true for characters that reorder the display, or that are invisible and join
/// nothing.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Returns plain text on one line.
pub(super) fn plain(text: &str) -> String {
    let mut lines = Lines::default();
    lines.push(text);
    lines.finish()
}

/// Returns several plain texts, one per line.
pub(super) fn plain_lines<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut lines = Lines::default();
    for text in texts {
        lines.push(text);
        lines.end();
    }
    lines.finish()
}

/// Returns the text of Markdown, a line per paragraph, item, cell, heading or block of code.
///
/// Links yield their text and images their alternative text, without targets; HTML tags are
/// dropped, and the text between them is kept. Long Markdown is read in [`segments`].
pub(super) fn of_markdown(markdown: &str) -> String {
    let mut lines = Lines::default();
    for segment in segments(markdown) {
        push_markdown(segment, &mut lines);
        lines.end();
    }
    lines.finish()
}

/// Cuts Markdown of more than 1 MiB between paragraphs, else between lines, else between
/// characters. What spans a cut, such as a block of code, is read as two.
pub(super) fn segments(markdown: &str) -> impl Iterator<Item = &str> {
    segments_of(markdown, SEGMENT)
}

/// Cuts Markdown into segments of at most `size` bytes, at least 4.
pub(super) fn segments_of(markdown: &str, size: usize) -> impl Iterator<Item = &str> {
    let mut rest = markdown;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (segment, after) = rest.split_at(end_of_segment(rest, size));
        rest = after;
        Some(segment)
    })
}

fn end_of_segment(text: &str, size: usize) -> usize {
    if text.len() <= size {
        return text.len();
    }
    let most = &text[..text.floor_char_boundary(size)];
    // A cut near the start would make many short segments.
    let near_end = most.ceil_char_boundary(most.len() / 2);
    let border = |border: &str| Some(near_end + most[near_end..].rfind(border)? + border.len());
    border("\n\n")
        .or_else(|| border("\n"))
        .unwrap_or(most.len())
}

fn push_markdown(markdown: &str, lines: &mut Lines) {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS;
    // HTML blocks arrive in pieces, and a tag may span lines.
    let mut html = String::new();
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Text(text) | Event::Code(text) => lines.push(&text),
            Event::InlineMath(text) | Event::DisplayMath(text) => lines.push(&text),
            Event::SoftBreak | Event::HardBreak => lines.space(),
            Event::Html(text) => html.push_str(&text),
            Event::InlineHtml(tag) if is_line_break(&tag) => lines.space(),
            Event::InlineHtml(_) | Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
            Event::End(TagEnd::HtmlBlock) => {
                of_html(&html, lines);
                html.clear();
                lines.end();
            }
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => lines.space(),
            Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. })
            | Event::End(
                TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link,
            ) => {}
            Event::Start(_) | Event::End(_) | Event::Rule => lines.end(),
        }
    }
}

fn is_line_break(tag: &str) -> bool {
    tag.get(..3)
        .is_some_and(|start| start.eq_ignore_ascii_case("<br"))
}

/// Text between HTML's tags; not that of comments, scripts and styles.
fn of_html(html: &str, lines: &mut Lines) {
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        push_entities(&rest[..at], lines);
        let tag = &rest[at..];
        let name_end = tag[1..].find(|c: char| !c.is_ascii_alphanumeric());
        let name = &tag[1..name_end.map_or(tag.len(), |end| end + 1)];
        let skipped = if tag.starts_with("<!--") {
            after(tag, "-->")
        } else if name.eq_ignore_ascii_case("script") || name.eq_ignore_ascii_case("style") {
            after(
                tag,
                if name.len() == 6 {
                    "</script>"
                } else {
                    "</style>"
                },
            )
        } else if name.is_empty() && !tag.starts_with("</") && !tag.starts_with("<!") {
            // A bare sign, as in `a < b`.
            lines.push("<");
            1
        } else {
            if !is_inline(tag) {
                lines.space();
            }
            end_of_tag(tag)
        };
        rest = &tag[skipped..];
    }
    push_entities(rest, lines);
}

/// Returns true for inline tags, which do not separate words.
fn is_inline(tag: &str) -> bool {
    let name = tag.trim_start_matches(['<', '/']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric());
    let name = name[..end.unwrap_or(name.len())].to_ascii_lowercase();
    matches!(
        name.as_str(),
        "a" | "abbr"
            | "b"
            | "code"
            | "del"
            | "em"
            | "i"
            | "ins"
            | "kbd"
            | "mark"
            | "q"
            | "s"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "u"
            | "var"
            | "wbr"
    )
}

/// Returns the text after `end`, ignoring case.
fn after(text: &str, end: &str) -> usize {
    text.as_bytes()
        .windows(end.len())
        .position(|window| window.eq_ignore_ascii_case(end.as_bytes()))
        .map_or(text.len(), |at| at + end.len())
}

/// Returns the text after the tag at its start; `>` may occur in a quoted value.
fn end_of_tag(tag: &str) -> usize {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match quote {
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None if byte == b'>' => return at + 1,
            None if byte == b'"' || byte == b'\'' => quote = Some(byte),
            None => {}
        }
    }
    tag.len()
}

/// Appends text with the most common character references decoded.
fn push_entities(text: &str, lines: &mut Lines) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        lines.push(&rest[..at]);
        rest = &rest[at..];
        let semicolon = rest.bytes().take(12).position(|byte| byte == b';');
        match semicolon.and_then(|end| Some((end, entity(&rest[1..end])?))) {
            Some((end, c)) => {
                lines.push(c.encode_utf8(&mut [0; 4]));
                rest = &rest[end + 1..];
            }
            None => {
                lines.push("&");
                rest = &rest[1..];
            }
        }
    }
    lines.push(rest);
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(markdown: &str, expected: &str) {
        assert_eq!(of_markdown(markdown), expected, "{markdown}");
    }

    #[test]
    fn links_give_their_text_and_images_their_alternative_text() {
        check(
            "See [the *docs*](https://e.org/x \"t\")ly",
            "See the docsly",
        );
        check("![a plan](../plan.svg)of it", "a plan of it");
        check("<https://e.org/x>", "https://e.org/x");
        check("[one][r]\n\n[r]: https://e.org", "one");
    }

    #[test]
    fn code_tables_lists_and_notes_are_text() {
        check(
            "`max` of\n\n```sql\nSELECT 1\n  FROM t;\n```",
            "max of\nSELECT 1 FROM t;",
        );
        check("| a | b |\n|---|---|\n| c | `d` |", "a\nb\nc\nd");
        check("- [x] done\n- ~~not~~\n  more", "done\nnot more");
        check("a[^1] b\n\n[^1]: the note", "a b\nthe note");
        check("# A\nb\\\nc\n***\nd", "A\nb c\nd");
    }

    #[test]
    fn tags_are_left_out_and_the_text_between_them_stays() {
        check("foo<b>bar</b>baz<br/>qux <!-- no -->x", "foobarbaz qux x");
        check(
            "<details class=\"a>b\"><summary>More &amp; more</summary>\n<p>te<em>x</em>t\n</p></details>",
            "More & more text",
        );
        check("<!-- hidden\n\nstill --> seen", "seen");
        check("<script>\nlet a = 1 < 2;\n</script>\n\nseen", "seen");
        check("<STYLE>p{}</STYLE>x", "x");
        check(
            "<div>a &lt; b &#x43;&#46;&bogus; 1 < 2",
            "a < b C.&bogus; 1 < 2",
        );
    }

    #[test]
    fn a_rule_at_the_start_hides_nothing() {
        check("---\nseen\n\n---\n\nmore", "seen\nmore");
    }

    #[test]
    fn controls_part_words_and_directions_vanish() {
        assert_eq!(
            plain(" a\u{1b}b\u{202e}c\r\n\td "),
            "a bcd".replace("bcd", "bc d")
        );
        assert_eq!(plain_lines(["a", " ", "b\nc"]), "a\nb c");
    }

    #[test]
    fn long_markdown_is_cut_between_paragraphs_lines_or_characters() {
        let cut = |text: &'static str| segments_of(text, 8).collect::<Vec<_>>();
        assert_eq!(cut("abcdefgh"), ["abcdefgh"]);
        assert_eq!(cut("ab\ncd\n\nef\ngh"), ["ab\ncd\n\n", "ef\ngh"]);
        assert_eq!(cut("abcde\nfghij"), ["abcde\n", "fghij"]);
        assert_eq!(cut("a\n\nfghijklm"), ["a\n\nfghij", "klm"]);
        assert_eq!(cut("가나다라"), ["가나", "다라"]);
        assert_eq!(cut(""), [""; 0]);
        let long = "word **bold**\n\n".repeat(2 * SEGMENT / 15);
        let lines = of_markdown(&long);
        assert!(lines.split('\n').all(|line| line == "word bold"));
        assert_eq!(lines.split('\n').count(), 2 * SEGMENT / 15);
    }
}
