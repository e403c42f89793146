//! Strange queries and very long posts, on both stores.

use super::{found, matched, published, search};
use crate::support::test_blog::{TestBlog, on_both_stores};

on_both_stores!(
    queries_that_make_no_sense_are_usage_errors,
    strange_queries_are_answered,
    very_long_posts_are_found_like_others,
    posts_of_five_megabytes_and_of_a_hundred_thousand_words_are_published,
);

fn queries_that_make_no_sense_are_usage_errors(site: &TestBlog) {
    let output = site.run(&["search", "cold"]).expect_status(3);
    assert!(
        output.stderr.contains("has no blogctl tables yet"),
        "{}",
        output.stderr
    );
    // The following is refused before a connection is made.
    let long = "가".repeat(10_000);
    let many = numbered(40);
    for (words, said) in [
        (&[""][..], "empty"),
        (&["  \t"], "empty"),
        (&["-cold"], "only says what to leave out"),
        (&["-\"cold start\"", "-x"], "only says what to leave out"),
        (&["- -- ! & | ( )"], "no letter"),
        (&["\"\"", "\\", "''"], "no letter"),
        (&[&long], "10000 characters"),
        (&[&many], "words and phrases"),
        (&["cold", "--since", "yesterday"], "--since"),
    ] {
        let output = site.run(&[&["search", "--"], words].concat());
        let output = match words {
            ["cold", ..] => site.run(&[&["search"], words].concat()),
            _ => output,
        };
        let output = output.expect_status(2);
        assert!(output.stderr.contains(said), "{words:?}: {}", output.stderr);
        assert!(output.stderr.contains("help: "), "{}", output.stderr);
        assert_eq!(output.stdout, "");
    }
    let output = site.run(&["search"]).expect_status(2);
    assert!(output.stderr.contains("<QUERY>"), "{}", output.stderr);
}

fn numbered(count: usize) -> String {
    (0..count).map(|n| format!(" a{n}")).collect()
}

fn strange_queries_are_answered(site: &TestBlog) {
    published(site);
    site.project
        .post_with(21, "Strange 👩‍👩‍👧", "", "It's 100% \\d+ & 'q' | :* <-> 👍🏽\n");
    site.sync(&[]);
    found(site, &["👍"], &[21]);
    found(site, &["👩‍👩‍👧"], &[21]);
    found(site, &["it's"], &[21]);
    found(site, &["\"\\d+ & 'q' | :*\""], &[21]);
    found(site, &["100%", "\\d"], &[21]);
    for query in [
        "cold & start | !x <-> y:*",
        "'cold' 'start",
        "cold\\",
        "\\'cold",
        "%cold% _",
        "cold OR start NEAR/2 (",
        "\"cold",
        "{cold} ^start col:umn",
        "cold; DROP TABLE post; --",
        "\u{1}cold\u{7f}\u{202e}",
        "🇰🇷🏽\u{200d}\u{fe0f}",
        "a\u{301}\u{301}\u{301}",
        "𠀀 ｶﾞ ǅ İ ß",
    ] {
        let output = site.run(&["search", "--format", "json", "--", query]);
        output.expect_status(0);
    }
    let longest = "가나다라마".repeat(200);
    found(site, &[&longest], &[]);
    found(site, &["--", &numbered(32)], &[]);
    assert_eq!(site.ids().len(), 7);
}

fn very_long_posts_are_found_like_others(site: &TestBlog) {
    published(site);
    let line = "Words that fill a line of a very long post, 한 줄을 채우는 말.\n";
    let fill = line.repeat(1_000_000 / line.len());
    for id in 30..33 {
        let body = format!("{fill}\nA needle, 바늘 하나.\n\n{fill}");
        site.project.post_with(id, "Long", "", &body);
    }
    site.project.post_with(33, "Short", "", "A needle.\n");
    site.sync(&[]);
    found(site, &["needle"], &[33, 32, 31, 30]);
    found(site, &["\"바늘 하나\"", "--limit", "2"], &[32, 31]);
    let answer = search(site, &["needle", "바늘"]);
    for post in answer["posts"].as_array().expect("a list") {
        assert_eq!(matched(post), ["needle", "바늘"]);
        assert!(post["snippet"].as_str().expect("text").chars().count() <= 160);
    }
}

fn posts_of_five_megabytes_and_of_a_hundred_thousand_words_are_published(site: &TestBlog) {
    let line = "Words that fill a line of a very long post, 한 줄을 채우는 말.\n";
    let long = line.repeat(5_000_000 / line.len()) + "\nAt the end a needle.\n";
    let words: String = (0..100_000).map(|n| format!("word{n} ")).collect();
    site.project.post_with(1, "Five megabytes", "", &long);
    site.project.post_with(2, "Many words", "", &words);
    let output = site.sync(&[]);
    // An index takes 30,000 different words of one post; that the rest is not found is said.
    assert!(
        output
            .stderr
            .contains("content/2.md has more different words"),
        "{}",
        output.stderr
    );
    assert!(!output.stderr.contains("content/1.md"), "{}", output.stderr);
    found(site, &["needle"], &[1]);
    found(site, &["word7"], &[2]);
    found(site, &["many"], &[2]);
    assert_eq!(site.ids().len(), 2);
}
