//! A blog with locales on both stores: each holds every byte of every text, and both print the
//! same.

use serde_json::Value as Json;

use crate::support::test_blog::TestBlog;

const CONFIG: &str =
    "[locales]\ndefault = \"ko\"\nothers = [\"en\", \"ja\"]\npath = \"{locale}/{name}\"\n";

const LOCALES: [&str; 3] = ["ko", "en", "ja"];

/// Bodies that a careless hand would change.
fn bodies() -> Vec<String> {
    let bodies = [
        "",
        "\n\n  Blank lines and spaces before.\n",
        "Spaces at the end   \n\ttabs\t\n\n\n",
        "No line end",
        "e\u{301} and é, \u{1112}\u{1161}\u{11ab} and 한\n",
        "👩‍👩‍👧 \u{202e}right to left\u{202c} \u{2028} \u{a0}\u{feff}\n",
        "\\ \\n \\x00 'quotes' \"double\" $1 :name ? % _ {curly} [1,2]\n",
        "---\nid: 9\n---\n~~~\n<!-- html -->\n",
        "\u{1}\u{7f}\u{85} control characters\n",
    ];
    let mut bodies: Vec<String> = bodies.map(str::to_owned).into();
    bodies.push("A long body, 긴 글. ".repeat(6_000));
    bodies
}

/// Texts by their locale, id and body; not every post has a text in each locale.
fn texts() -> Vec<(&'static str, usize, String)> {
    let mut texts = Vec::new();
    for (number, body) in bodies().into_iter().enumerate() {
        for (at, locale) in LOCALES.into_iter().enumerate() {
            if (number + at) % 4 != 3 {
                texts.push((
                    locale,
                    number + 1,
                    format!("{body}{}", &"본문 Body"[..at * 3]),
                ));
            }
        }
    }
    texts
}

/// Front matter of which each locale has its own, besides what all share.
fn front_matter(locale: &str, id: usize) -> String {
    let title = serde_json::Value::from(format!("글 {id} 'in' \\{locale} \"x\""));
    let shared = format!(
        "category: 분류 {}\ntags: [\"a b\", \"it's\", \"t{}\"]\nimage: /i/{id}.png\n\
         created_at: 2025-01-01T00:00:00.00000{}Z\n",
        id % 2,
        id % 3,
        id % 10
    );
    format!(
        "id: {id}\ntitle: {title}\nslug: post-{id}-{locale}\ndescription: \"{locale} \\\\ {id}\"\n\
         layout: {{ wide: true, 이름: [1, 1.5, null, \"{locale}\"] }}\n{shared}"
    )
}

/// All that a blog prints of its texts.
fn printed(blog: &TestBlog) -> Vec<String> {
    let mut printed = Vec::new();
    for locale in LOCALES {
        let mut run = |args: &[&str]| {
            let output = blog.run(&[args, &["--locale", locale]].concat());
            printed.push(output.expect_status(0).stdout);
        };
        run(&["list"]);
        run(&["list", "--format", "json", "--limit", "3"]);
        run(&["list", "--format", "json", "--limit", "3", "--cursor", "6"]);
        run(&["list", "--all", "--format", "jsonl"]);
        run(&[
            "list",
            "--format",
            "csv",
            "--category",
            "분류 1",
            "--tag",
            "it's",
        ]);
        run(&["search", "글", "--format", "json"]);
        run(&["search", "긴", "--format", "json"]);
        run(&["search", "body", "--tag", "a b", "--format", "json"]);
        run(&["categories", "--format", "json"]);
        run(&["tags", "--format", "json"]);
    }
    for (locale, id, _) in texts() {
        let id = id.to_string();
        let show = ["show", &id, "--locale", locale, "--format", "json"];
        printed.push(blog.run(&show).expect_status(0).stdout);
    }
    printed
}

#[test]
fn both_stores_hold_every_byte_of_every_text_and_print_the_same() {
    let blogs = [TestBlog::embedded(), TestBlog::postgres()];
    let mut answers = Vec::new();
    for blog in &blogs {
        blog.project.write("blogctl.toml", CONFIG);
        for (locale, id, body) in texts() {
            let text = format!("---\n{}---\n\n{body}", front_matter(locale, id));
            blog.project
                .write(format!("content/{locale}/{id}.md"), text);
        }
        blog.sync(&[]);
        answers.push(printed(blog));
    }
    let [embedded, postgres] = &answers[..] else {
        panic!("there are two");
    };
    for (one, other) in embedded.iter().zip(postgres) {
        assert_eq!(one, other);
    }
    let shown = &embedded[embedded.len() - texts().len()..];
    for ((locale, id, body), shown) in texts().into_iter().zip(shown) {
        let shown: Json = serde_json::from_str(shown).expect("it is JSON");
        assert_eq!(shown["content"], body.as_str(), "{locale} {id}");
        assert_eq!(shown["locale"], locale);
        assert_eq!(shown["title"], format!("글 {id} 'in' \\{locale} \"x\""));
        assert_eq!(shown["slug"], format!("post-{id}-{locale}"));
        assert_eq!(shown["category"], format!("분류 {}", id % 2));
        assert_eq!(shown["extra"]["layout"]["이름"][3], locale);
    }
}
