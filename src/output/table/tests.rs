use super::*;
use crate::model::{NameCount, Run};
use crate::output::samples::{bare, full, run};
use crate::post::StoredPost;

fn table<T: Record>(terminal: Option<usize>, pages: &[&[T]]) -> String {
    let mut out = anstream::StripStream::new(Vec::new());
    let mut sink = Pages::new(&mut out, terminal, TimeZone::UTC);
    for page in pages {
        sink.page(page).unwrap();
    }
    Sink::<T>::end(&mut sink, None).unwrap();
    String::from_utf8(out.into_inner()).unwrap()
}

/// Returns the display column at which `needle` begins in its line.
fn column_of(text: &str, needle: &str) -> usize {
    let line = text.lines().find(|line| line.contains(needle));
    let line = line.unwrap_or_else(|| panic!("no {needle:?} in\n{text}"));
    line[..line.find(needle).unwrap()].width()
}

fn with_tags(key: i64, title: &str, tag: &str) -> StoredPost {
    StoredPost {
        tags: vec![tag.into()],
        ..full(key, title)
    }
}

#[test]
fn a_post_is_a_line() {
    let posts = [full(42, "Keyset paging"), bare(7)];
    insta::assert_snapshot!(table(None, &[&posts]), @r"
    ID  CREATED (UTC)  CATEGORY  WORDS  TITLE          TAGS
    42  2025-11-28     guide       512  Keyset paging  neon, 색인
     7  -              -             -  -
    ");
}

#[test]
fn wide_characters_and_joined_emoji_align() {
    let posts = [
        with_tags(4, "plain", "tag4"),
        with_tags(3, "한국어 제목입니다", "tag3"),
        with_tags(2, "family 👩‍👩‍👧‍👦 and flag 🇰🇷", "tag2"),
        with_tags(1, "e\u{301}tude ｆｕｌｌ", "tag1"),
    ];
    let text = table(None, &[&posts]);
    let at = column_of(&text, "TAGS");
    for tag in ["tag1", "tag2", "tag3", "tag4"] {
        assert_eq!(column_of(&text, tag), at, "{tag} in\n{text}");
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let posts = [
        with_tags(1_000_000, &"아주 긴 제목 ".repeat(20), "tag4"),
        full(2, &"👩‍👩‍👧‍👦".repeat(40)),
        full(1, "short"),
    ];
    for terminal in [45, 50, 70, 71, 80, 99, 120] {
        let text = table(Some(terminal), &[&posts]);
        for line in text.lines() {
            assert!(line.width() <= terminal, "{terminal}: {line}");
        }
        assert!(text.contains('…'), "{text}");
        assert_eq!(text.lines().count(), 4);
    }
}

#[test]
fn a_terminal_too_narrow_for_any_cut_still_shows_whole_numbers() {
    let text = table(Some(10), &[&[full(1_234_567, &"long ".repeat(30))]]);
    assert!(text.contains("1234567  2025-11-28"), "{text}");
    assert_eq!(text.lines().count(), 2);
}

#[test]
fn a_pipe_gets_everything() {
    let title = "긴 제목 ".repeat(60);
    let text = table(None, &[&[full(1, title.trim())]]);
    assert!(text.contains(title.trim()));
}

#[test]
fn cuts_fall_between_graphemes() {
    assert_eq!(shorten("abcdef", 6), "abcdef");
    assert_eq!(shorten("abcdef", 5), "abcd…");
    // Half of a wide character is never shown: the line is one column short instead.
    assert_eq!(shorten("한국어", 4), "한…");
    assert_eq!(shorten("한국어", 5), "한국…");
    // A family is one grapheme of two columns.
    assert_eq!(shorten("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 3), "👩‍👩‍👧‍👦…");
    assert_eq!(shorten("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
    assert_eq!(shorten("one two", 5), "one…");
    assert_eq!(shorten("abc", 1), "…");
}

#[test]
fn later_pages_keep_the_columns_of_the_first() {
    let first = [with_tags(1_000, "a title of some length", "tag1")];
    let later = [with_tags(9, "b", "tag2")];
    let longer = [with_tags(
        8,
        "a title that is longer than the first page's",
        "tag3",
    )];
    let text = table(Some(100), &[&first, &later, &longer]);
    assert_eq!(text.lines().count(), 4, "{text}");
    assert_eq!(column_of(&text, "tag2"), column_of(&text, "tag1"));
    assert_eq!(column_of(&text, "tag3"), column_of(&text, "tag1"));
}

#[test]
fn a_cell_of_any_length_is_cut_to_a_few_kibibytes() {
    for text in ["a", "한", "\u{1}", "\u{e0001}"] {
        let posts = [full(2, &text.repeat(1 << 20)), full(1, "short")];
        let text = table(None, &[&posts]);
        assert!(text.contains("bytes left out"), "{}", text.len());
        assert!(text.len() < 16 << 10, "{}", text.len());
    }
}

#[test]
fn many_rows_are_one_table() {
    let posts: Vec<_> = (0..2 * ROWS_AT_ONCE + 1)
        .map(|at| with_tags(1, &"x".repeat(at % 7), "tag"))
        .collect();
    let text = table(None, &[&posts]);
    assert_eq!(text.lines().count(), posts.len() + 1);
    assert_eq!(text.matches("TITLE").count(), 1);
    let at = column_of(&text, "TAGS");
    assert!(text.lines().skip(1).all(|line| line[at..] == *"tag"));
}

#[test]
fn nothing_is_printed_for_no_rows() {
    let nothing: &[&[StoredPost]] = &[&[]];
    assert_eq!(table(Some(80), nothing), "");
}

#[test]
fn control_characters_of_a_post_do_not_reach_the_terminal() {
    let mut post = full(1, "a\u{1b}[2J\u{7}\u{9b}31mb\nc\u{202e}d");
    post.category = Some("x\u{1b}]0;t\u{7}".into());
    post.tags = vec!["y\r\nz".into()];
    let mut out = Vec::new();
    Pages::new(&mut out, None, TimeZone::UTC)
        .page(&[post])
        .unwrap();
    let text = String::from_utf8(out).unwrap();
    let row = text.lines().nth(1).unwrap();
    assert!(!row.chars().any(char::is_control), "{row:?}");
    assert!(
        row.contains(r"a\u{1b}[2J\u{7}\u{9b}31mb c\u{202e}d") && row.contains("y z"),
        "{row:?}"
    );
    assert_eq!(text.lines().count(), 2);
}

#[test]
fn the_header_is_bold_and_nothing_else_is_styled() {
    let mut out = Vec::new();
    Pages::new(&mut out, None, TimeZone::UTC)
        .page(&[full(1, "x")])
        .unwrap();
    let text = String::from_utf8(out).unwrap();
    let (header, row) = text.split_once('\n').unwrap();
    assert!(header.starts_with("\u{1b}[1mID") && header.ends_with("\u{1b}[0m"));
    assert!(!row.contains('\u{1b}'));
}

#[test]
fn runs_and_counts_have_tables_too() {
    let mut quiet = run(7);
    (quiet.created, quiet.updated, quiet.removed) = (Some(0), Some(0), Some(0));
    quiet.moved = Some(1);
    insta::assert_snapshot!(table::<Run>(None, &[&[run(12), quiet]]), @r"
    ID  STARTED (UTC)      TOOK  CHANGES                                   DIRECTORY  ACTOR
    12  2025-11-28 00:00  1.5 s  1 created, 2 updated, 3 moved, 4 removed  content    ada@laptop
     7  2025-11-28 00:00  1.5 s  1 moved                                   content    ada@laptop
    ");
    let counts = [("가이드", 12), ("note", 3)].map(|(name, posts)| NameCount::new(name, posts));
    insta::assert_snapshot!(table(None, &[&counts]), @r"
    POSTS  NAME
       12  가이드
        3  note
    ");
}

#[test]
fn a_narrow_table_leaves_out_columns_before_it_cuts_titles() {
    let posts = [full(42, "A title that has some forty-five columns here")];
    let header = |terminal| {
        let text = table(Some(terminal), &[&posts]);
        text.lines().next().unwrap().to_owned()
    };
    assert_eq!(
        header(120).split_whitespace().collect::<Vec<_>>().join(" "),
        "ID CREATED (UTC) CATEGORY WORDS TITLE TAGS"
    );
    for (terminal, expected) in [
        (80, "ID CREATED (UTC) CATEGORY WORDS TITLE TAGS"),
        (66, "ID CREATED (UTC) CATEGORY WORDS TITLE"),
        (64, "ID CREATED CATEGORY WORDS TITLE"),
        (58, "ID CREATED CATEGORY TITLE"),
        (50, "ID CREATED TITLE"),
        (30, "ID CREATED TITLE"),
    ] {
        let header = header(terminal);
        let words: Vec<_> = header.split_whitespace().collect();
        assert_eq!(words.join(" "), expected, "{terminal}");
    }
    // A short title needs no room.
    let text = table(Some(56), &[&[full(1, "short")]]);
    assert!(text.contains("TAGS"), "{text}");
}

#[test]
fn the_zone_is_named_where_there_is_room() {
    let seoul = TimeZone::get("Asia/Seoul").unwrap();
    let header = |terminal| {
        let mut out = anstream::StripStream::new(Vec::new());
        let mut sink = Pages::new(&mut out, terminal, seoul.clone());
        sink.page(&[run(1)]).unwrap();
        let text = String::from_utf8(out.into_inner()).unwrap();
        text.lines().next().unwrap().to_owned()
    };
    assert!(header(None).contains("STARTED (Asia/Seoul)"));
    assert!(header(Some(85)).contains("STARTED (Asia/Seoul)"));
    assert!(
        header(Some(50)).contains("STARTED  "),
        "{}",
        header(Some(50))
    );
}
