//! A single post, and notes, for people.

use std::io::{self, Write};

use jiff::tz::TimeZone;

use super::fields::{self, Part};
use super::records::UNREADABLE;
use super::{clean, clean_block, style};
use crate::post::{Field, StoredPost, Unreadable};

/// Adds the mark of what cannot be shown; behind those of its names that can.
fn mark(part: Part, lines: &mut Vec<String>) {
    match (part, lines.first_mut()) {
        (Part::Field(Field::Tags), Some(tags)) => {
            tags.push_str(", ");
            tags.push_str(UNREADABLE);
        }
        (_, None) => lines.push(UNREADABLE.to_owned()),
        (_, Some(_)) => {}
    }
}

/// Writes a post's fields, a line each, then its Markdown, and flushes. Fields without a
/// value are left out, and those whose value cannot be shown are marked; timestamps are in
/// the given zone.
///
/// # Errors
/// Whatever the stream fails with.
pub fn write_post(
    out: &mut impl Write,
    post: &StoredPost,
    content: &str,
    zone: &TimeZone,
) -> io::Result<()> {
    for part in fields::ALL {
        let mut lines = fields::lines(post, part, zone);
        if Unreadable::has(&post.unreadable, part.name()) {
            mark(part, &mut lines);
        }
        let mut label = part.label();
        for line in lines {
            let line = clean(&line);
            writeln!(out, "{0}{label:<11}{0:#}  {line}", style::HEADER)?;
            // A label is for all lines below it.
            label = "";
        }
    }
    if Unreadable::has(&post.unreadable, "content") {
        writeln!(out, "{0}content    {0:#}  {UNREADABLE}", style::HEADER)?;
    }
    if !content.is_empty() {
        let content = clean_block(content);
        let end = if content.ends_with('\n') { "" } else { "\n" };
        write!(out, "\n{content}{end}")?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::samples::{bare, full};
    use crate::post::Extra;

    fn shown(post: &StoredPost, content: &str) -> String {
        let mut out = anstream::StripStream::new(Vec::new());
        let seoul = TimeZone::get("Asia/Seoul").unwrap();
        write_post(&mut out, post, content, &seoul).unwrap();
        String::from_utf8(out.into_inner()).unwrap()
    }

    #[test]
    fn fields_stand_above_the_markdown() {
        insta::assert_snapshot!(shown(&full(42, "제목"), "# 제목\n\n\tcode\n"), @r#"
        id           42
        title        제목
        description  What it is about, in short
        category     guide
        tags         neon, 색인
        image        /a.png
        created      2025-11-28 09:00 +09:00 (Asia/Seoul)
        updated      2025-12-01 19:20 +09:00 (Asia/Seoul)
        words        512
        path         content/a.md
        slug         a-title
        extra        cover: {"alt":"a cat"}
                     layout: wide

        # 제목

        	code
        "#);
    }

    #[test]
    fn what_cannot_be_shown_is_marked() {
        let mut post = bare(7);
        post.tags = vec!["neon".into()];
        post.unreadable = ["tags", "created_at", "content"]
            .map(|column| Unreadable {
                column,
                reason: "is odd".into(),
            })
            .into();
        insta::assert_snapshot!(shown(&post, ""), @r"
        id           7
        tags         neon, (unreadable)
        created      (unreadable)
        content      (unreadable)
        ");
    }

    #[test]
    fn absent_fields_and_an_empty_body_leave_no_trace() {
        assert_eq!(shown(&bare(7), ""), "id           7\n");
    }

    #[test]
    fn a_body_without_a_last_line_end_gets_one() {
        assert_eq!(shown(&bare(7), "x"), "id           7\n\nx\n");
    }

    #[test]
    fn a_title_cannot_forge_a_field_nor_a_body_move_the_cursor() {
        let mut post = bare(7);
        post.title = Some("x\npath         /etc/passwd".into());
        let mut out = Vec::new();
        write_post(&mut out, &post, "a\u{1b}[2Jb\u{9b}c\r\nd", &TimeZone::UTC).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.ends_with("\na\\u{1b}[2Jb\\u{9b}c\nd\n"), "{text:?}");
        assert!(!text.lines().any(|line| line.starts_with("path")));
    }

    #[test]
    fn extra_keys_stay_below_their_label_and_on_a_line() {
        let mut post = bare(7);
        post.extra = Extra::from_text(
            r#"{"a\npath": "/etc\npath  x\u001b[2J", "b": ["x\n", 1.5, null], "c": true, "d": {}}"#,
        )
        .unwrap();
        insta::assert_snapshot!(shown(&post, ""), @r#"
        id           7
        extra        a path: /etc path  x\u{1b}[2J
                     b: ["x\n",1.5,null]
                     c: true
                     d: {}
        "#);
    }
}
