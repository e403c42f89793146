//! The JSON output, which other programs rely on.
//!
//! A list is one object with a row per line, so that it can be streamed and read by eye.
//! Characters that a terminal may act on are written as `\u` escapes, which every JSON parser
//! decodes.

use std::io::{self, Write};

use serde::Serialize;

use super::records::PostJson;
use super::{Envelope, Record, Sink};
use crate::clean::json::write_value;
use crate::post::{PostId, StoredPost, Unreadable};

/// Writes one value on one line.
///
/// # Errors
/// Returns the stream's error.
pub fn write_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    write_value(out, value)?;
    out.write_all(b"\n")
}

/// Writes a post with its Markdown on one line, and flushes. Markdown that cannot be shown is
/// null.
///
/// # Errors
/// Returns the stream's error.
pub fn write_post(out: &mut impl Write, post: &StoredPost, content: &str) -> io::Result<()> {
    #[derive(Serialize)]
    struct WithContent<'a> {
        #[serde(flatten)]
        post: PostJson<'a>,
        content: Option<&'a str>,
    }
    let content = (!Unreadable::has(&post.unreadable, "content")).then_some(content);
    let post = PostJson(post);
    write_line(out, &WithContent { post, content })?;
    out.flush()
}

/// A sink that writes one object around all rows.
pub struct Pages<W> {
    out: W,
    envelope: Envelope,
    begun: bool,
    any: bool,
}

impl<W: Write> Pages<W> {
    /// Creates a sink that writes to `out`.
    pub fn new(out: W, envelope: Envelope) -> Self {
        Self {
            out,
            envelope,
            begun: false,
            any: false,
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        if !self.begun {
            self.begun = true;
            let (Envelope::Paged(key) | Envelope::Whole(key) | Envelope::Ranked { key, .. }) =
                self.envelope;
            writeln!(self.out, "{{\"{key}\":[")?;
        }
        Ok(())
    }
}

impl<T: Record, W: Write> Sink<T> for Pages<W> {
    fn page(&mut self, rows: &[T]) -> io::Result<()> {
        self.begin()?;
        for row in rows {
            if self.any {
                self.out.write_all(b",\n")?;
            }
            self.any = true;
            write_value(&mut self.out, &row.to_json())?;
        }
        self.out.flush()
    }

    fn end(&mut self, next_cursor: Option<PostId>) -> io::Result<()> {
        self.begin()?;
        if self.any {
            self.out.write_all(b"\n")?;
        }
        match (self.envelope, next_cursor) {
            (Envelope::Whole(_), _) => writeln!(self.out, "]}}")?,
            (Envelope::Ranked { window_cut, .. }, _) => writeln!(
                self.out,
                r#"],"has_more":false,"next_cursor":null,"window_cut":{window_cut}}}"#
            )?,
            (Envelope::Paged(_), None) => {
                writeln!(self.out, r#"],"has_more":false,"next_cursor":null}}"#)?;
            }
            (Envelope::Paged(_), Some(id)) => {
                writeln!(self.out, r#"],"has_more":true,"next_cursor":{id}}}"#)?;
            }
        }
        self.out.flush()
    }
}

/// A sink that writes one object per line: JSON Lines.
pub struct Lines<W> {
    out: W,
}

impl<W: Write> Lines<W> {
    /// Creates a sink that writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }
}

impl<T: Record, W: Write> Sink<T> for Lines<W> {
    fn page(&mut self, rows: &[T]) -> io::Result<()> {
        for row in rows {
            write_line(&mut self.out, &row.to_json())?;
        }
        self.out.flush()
    }

    fn end(&mut self, _: Option<PostId>) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{NameCount, Run};
    use crate::output::samples::{bare, full, id, run};

    fn paged<T: Record>(envelope: Envelope, pages: &[&[T]], next: Option<PostId>) -> String {
        let mut out = Vec::new();
        let mut sink = Pages::new(&mut out, envelope);
        for page in pages {
            sink.page(page).unwrap();
        }
        Sink::<T>::end(&mut sink, next).unwrap();
        let text = String::from_utf8(out).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).expect("it is valid JSON");
        text
    }

    #[test]
    fn a_post_has_the_documented_fields_in_their_order() {
        let text = paged(
            Envelope::Paged("posts"),
            &[&[full(42, "제목 “x”"), bare(41)]],
            Some(id(41)),
        );
        insta::assert_snapshot!(text, @r#"
        {"posts":[
        {"id":42,"title":"제목 “x”","description":"What it is about, in short","category":"guide","tags":["neon","색인"],"image":"/a.png","created_at":"2025-11-28T00:00:00Z","updated_at":"2025-12-01T10:20:30.123456Z","word_count":512,"path":"content/a.md","slug":"a-title","extra":{"cover":{"alt":"a cat"},"layout":"wide"}},
        {"id":41,"title":null,"description":null,"category":null,"tags":[],"image":null,"created_at":null,"updated_at":null,"word_count":null,"path":null,"slug":null,"extra":{}}
        ],"has_more":true,"next_cursor":41}
        "#);
    }

    #[test]
    fn an_empty_list_is_an_object_too() {
        let nothing: &[&[StoredPost]] = &[&[]];
        assert_eq!(
            paged(Envelope::Paged("posts"), nothing, None),
            "{\"posts\":[\n],\"has_more\":false,\"next_cursor\":null}\n"
        );
        let no_page: &[&[StoredPost]] = &[];
        assert_eq!(
            paged(Envelope::Paged("posts"), no_page, None),
            "{\"posts\":[\n],\"has_more\":false,\"next_cursor\":null}\n"
        );
    }

    #[test]
    fn however_the_rows_are_paged_the_bytes_are_the_same() {
        let rows = [full(3, "c"), full(2, "b"), full(1, "a")];
        let at_once = paged(Envelope::Paged("posts"), &[&rows], None);
        let one_by_one: Vec<&[StoredPost]> = rows.chunks(1).collect();
        assert_eq!(paged(Envelope::Paged("posts"), &one_by_one, None), at_once);
        assert_eq!(
            paged(
                Envelope::Paged("posts"),
                &[&rows[..2], &rows[2..], &[]],
                None
            ),
            at_once
        );
    }

    #[test]
    fn characters_that_a_terminal_acts_on_are_escaped_and_come_back() {
        let title = "a\u{1b}b\u{7f}c\u{9b}d\u{2028}e\u{2029}f\u{202e}g\u{85}\u{61c}\"\\\n한👩‍👩‍👧";
        let mut out = Vec::new();
        Lines::new(&mut out).page(&[full(1, title)]).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(
            !text
                .trim_end_matches('\n')
                .chars()
                .any(crate::clean::is_unsafe),
            "{text:?}"
        );
        assert!(text.contains(r"a\u001bb\u007fc\u009bd\u2028e\u2029f\u202eg\u0085\u061c"));
        assert!(text.contains("한👩‍👩‍👧"));
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["title"], title);
    }

    #[test]
    fn json_lines_are_one_post_each() {
        let mut out = Vec::new();
        let mut sink = Lines::new(&mut out);
        sink.page(&[full(2, "b\nb")]).unwrap();
        sink.page(&[bare(1)]).unwrap();
        Sink::<StoredPost>::end(&mut sink, None).unwrap();
        let ids: Vec<i64> = String::from_utf8(out)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .map(|post| post["id"].as_i64().unwrap())
            .collect();
        assert_eq!(ids, [2, 1]);
    }

    #[test]
    fn a_shown_post_ends_with_its_content() {
        let mut out = Vec::new();
        write_post(&mut out, &bare(7), "# Hi\n\u{1b}").unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "{\"id\":7,\"title\":null,\"description\":null,\"category\":null,\"tags\":[],\
             \"image\":null,\"created_at\":null,\"updated_at\":null,\"word_count\":null,\
             \"path\":null,\"slug\":null,\"extra\":{},\"content\":\"# Hi\\n\\u001b\"}\n"
        );
    }

    #[test]
    fn counts_have_no_cursor() {
        let count = NameCount::new("가이드", 3);
        assert_eq!(
            paged(Envelope::Whole("categories"), &[&[count]], None),
            "{\"categories\":[\n{\"name\":\"가이드\",\"posts\":3}\n]}\n"
        );
    }

    #[test]
    fn a_run_has_the_documented_fields_in_their_order() {
        insta::assert_snapshot!(paged::<Run>(Envelope::Paged("runs"), &[&[run(9)]], None), @r#"
        {"runs":[
        {"id":9,"started_at":"2025-11-28T00:00:00Z","finished_at":"2025-11-28T00:00:01.500000Z","created":1,"updated":2,"moved":3,"removed":4,"unchanged":5,"directory":"content","actor":"ada@laptop"}
        ],"has_more":false,"next_cursor":null}
        "#);
    }
}
