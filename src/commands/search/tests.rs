use clap::Parser;

use super::*;
use crate::output::ui::plain;
use crate::post::PostId;
use crate::search::Document;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: Args,
}

fn args(words: &[&str]) -> Args {
    Line::try_parse_from([&["search"], words].concat())
        .unwrap()
        .args
}

fn more(words: &[&str]) -> String {
    let walked = Walked {
        rows: 20,
        next_cursor: PostId::new(41),
    };
    plain(&args(words).hints(
        walked,
        &[],
        &GlobalArgs::default(),
        &jiff::tz::TimeZone::UTC,
    ))
}

fn nothing(words: &[&str], tags: &[&str]) -> String {
    let count = |name: &&str| NameCount::new(*name, 1);
    let tags: Vec<NameCount> = tags.iter().map(count).collect();
    plain(&args(words).hints(
        Walked::default(),
        &tags,
        &GlobalArgs::default(),
        &jiff::tz::TimeZone::UTC,
    ))
}

#[test]
fn the_command_for_the_next_page_repeats_the_query_and_the_filters() {
    assert_eq!(
        more(&["cold", "start"]),
        "more: blogctl search --cursor 41 cold start"
    );
    assert_eq!(
        more(&["--tag", "a b", "\"cold start\"", "--limit", "5"]),
        "more: blogctl search --tag 'a b' --limit 5 --cursor 41 '\"cold start\"'"
    );
    assert_eq!(
        more(&["--", "서버", "-prisma"]),
        "more: blogctl search --cursor 41 -- 서버 -prisma"
    );
}

#[test]
fn an_address_that_was_pasted_as_a_word_is_not_repeated() {
    for word in [
        "postgresql://me:hunter2@db.example/blog",
        "host=db password=hunter2",
    ] {
        assert!(!more(&[word]).contains("hunter2"));
        assert!(!nothing(&[word], &["hunter"]).contains("hunter2"));
    }
    assert!(more(&["https://example.com/a"]).contains("https://example.com/a"));
}

#[test]
fn nothing_found_says_what_to_try() {
    assert_eq!(nothing(&["x"], &[]), "no posts match x");
    assert!(nothing(&["x", "y"], &[]).contains("every word must occur"));
    assert!(nothing(&["x", "--category", "y"], &[]).contains("blogctl categories"));
    assert!(nothing(&["x", "--tag", "y"], &[]).contains("blogctl tags"));
    assert!(nothing(&["x", "--since", "2025-01-01"], &[]).contains("created_at"));
    assert!(nothing(&["x", "--cursor", "7"], &[]).contains("below 7"));
}

#[test]
fn a_word_that_is_nearly_a_tag_is_told() {
    let tags = ["neon", "postgres", "한글검색"];
    assert_eq!(
        nothing(&["postgers"], &tags),
        "no posts match postgers\nhint: did you mean \"postgres\"? It is a tag"
    );
    assert!(nothing(&["한글검섹"], &tags).contains("did you mean \"한글검색\"?"));
    assert!(!nothing(&["Postgres", "tls"], &tags).contains("did you mean"));
    assert!(!nothing(&["--", "x", "-postgers"], &tags).contains("did you mean"));
    assert!(!nothing(&["kubernetes"], &tags).contains("did you mean"));
}

#[test]
fn a_last_page_needs_no_hint() {
    let walked = Walked {
        rows: 3,
        next_cursor: None,
    };
    assert!(
        args(&["x"])
            .hints(
                walked,
                &[],
                &GlobalArgs::default(),
                &jiff::tz::TimeZone::UTC
            )
            .is_empty()
    );
}

#[test]
fn a_ranking_has_one_page() {
    for words in [
        &["x", "--sort", "relevance", "--all"][..],
        &["x", "--sort", "relevance", "--cursor", "7"],
    ] {
        let error = args(words).check().unwrap_err();
        assert!(error.message.starts_with(words[3]), "{}", error.message);
        assert!(error.help.is_some());
    }
    assert!(
        args(&["x", "--sort", "relevance", "--limit", "5"])
            .check()
            .is_ok()
    );
    assert!(args(&["x", "--all", "--sort", "newest"]).check().is_ok());
}

#[test]
fn every_error_of_a_query_has_its_help() {
    for query in ["", "-a", "?!", &"x".repeat(10_000), &many_words()] {
        let error = usage(Query::parse(query).unwrap_err());
        assert!(error.help.is_some(), "{}", error.message);
        assert!(!error.message.contains(';'), "{}", error.message);
    }
}

fn many_words() -> String {
    (0..100).map(|n| format!("a{n} ")).collect()
}

#[test]
fn a_snippet_has_room_and_shows_what_was_found() {
    let query = Query::parse("쿼리").unwrap();
    let markdown = format!("{0} 빠른 쿼리를 {0}", "가나다라 ".repeat(100));
    let text = SearchableText::new(&Document {
        markdown: &markdown,
        ..Document::default()
    });
    for room in [36, 40, 76, 116, 400] {
        let snippet = fitting(&query, &text, Some(room));
        assert!(snippet.text.width() <= room, "{room}: {}", snippet.text);
        assert!(snippet.text.contains("쿼리"), "{room}: {}", snippet.text);
        assert!(snippet.text.chars().count() <= SNIPPET);
    }
    for room in [0, 1, 20] {
        assert!(!fitting(&query, &text, Some(room)).text.is_empty());
    }
    assert_eq!(
        fitting(&query, &text, None),
        snippet(&query, &text, SNIPPET)
    );
}
