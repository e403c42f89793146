//! Slips in TOML: each is found at its place, and what its finding says to do works.

use super::toml;
use crate::finding::rules;

/// A slip, the place that is blamed, a part of the message, and the text with the remedy applied:
/// `None` if the help shows the line to write, which is then tried.
type Case = (
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
);

const SLIPS: &[Case] = &[
    ("title = Hello\n", "Hello", "a text must be in quotes", None),
    (
        "title = Hello World # c\nid = 1\n",
        "Hello World",
        "in quotes",
        None,
    ),
    ("tags = [a, b]\n", "a", "in quotes", None),
    (
        "tags = [\n  a,\n]\n",
        "a",
        "in quotes",
        Some("tags = [\n  \"a\",\n]\n"),
    ),
    ("image = /a/b.png\n", "/a/b.png", "in quotes", None),
    ("title = “Hello”\n", "“Hello”", "straight quotes", None),
    (
        "draft = yes\n",
        "yes",
        "a boolean is `true` or `false`",
        None,
    ),
    (
        "draft = True\n",
        "True",
        "a boolean is `true` or `false`",
        None,
    ),
    ("title =\n", "title =", "no value", Some("title = \"\"\n")),
    ("a = 1 // c\n", "// c", "a comment begins with `#`", None),
    ("a = \"x\" // c\n", "// c", "follows the value", None),
    ("// c\na = 1\n", "// c", "a comment begins with `#`", None),
    (
        "id = 1 title = \"x\"\n",
        "1 title = \"x\"",
        "two keys",
        Some("id = 1\ntitle = \"x\"\n"),
    ),
    (
        "a = \"x\" b = 1\n",
        "b = 1",
        "follows",
        Some("a = \"x\"\nb = 1\n"),
    ),
    ("a = null\n", "null", "no empty value", Some("")),
    ("n = 007\n", "007", "not written as TOML has it", None),
    (
        "n = 1__0\n",
        "1__0",
        "not written as TOML has it",
        Some("n = \"1__0\"\n"),
    ),
    (
        "title = \"Hello\nid = 1\n",
        "\"Hello",
        "no closing quote",
        None,
    ),
    ("title = 'Hello\n", "'Hello", "no closing quote", None),
    ("tags = [\"a\", \"b]\n", "\"b]", "no closing quote", None),
    (
        "t = \"\"\"Hello\nid = 1\n",
        "\"\"\"Hello",
        "no end",
        Some("t = \"\"\"Hello\nid = 1\n\"\"\""),
    ),
    (
        "t = \"a\\d\"\n",
        "\\d",
        "a backslash in double quotes",
        None,
    ),
    (
        "t = \"\\u12\"\n",
        "\\u",
        "a backslash in double quotes",
        None,
    ),
    ("t = 'it's'\n", "'it's'", "within the text ends it", None),
    (
        "t = \"say \"hi\"\"\n",
        "\"say \"hi\"\"",
        "within the text ends it",
        None,
    ),
    ("t = \"x\",\nid = 1\n", ",", "follows the value", None),
    (
        "tags = [\"a\", \"b\"\nid = 1\n",
        "[\"a\", \"b\"",
        "no closing bracket",
        None,
    ),
    (
        "tags = [\n  \"a\",\n",
        "[",
        "no closing bracket",
        Some("tags = [\n  \"a\",\n]\n"),
    ),
    (
        "tags = [\"a\" \"b\"]\n",
        "\"b\"]",
        "a comma is missing",
        None,
    ),
    ("tags = [\"a\",, \"b\"]\n", ",", "a comma too many", None),
    ("a = {b = 1\n", "{b = 1", "no closing brace", None),
    ("[extra\nb = 1\n", "[extra", "no closing bracket", None),
    ("[[extra]\nb = 1\n", "[[extra]", "no closing bracket", None),
    (
        "id = 1\ntitle: Hello\n",
        "title: Hello",
        "not by a colon",
        None,
    ),
    (
        "id = 1\ntitle: \"a: b\" # c\n",
        "title: \"a: b\" # c",
        "not by a colon",
        None,
    ),
    (
        "id = 1\ntags:\n  - a\n  - b\n",
        "tags:",
        "not by a colon",
        None,
    ),
    ("id = 1\nurl: a=b\n", "url: a=b", "not by a colon", None),
    ("title = a: b\n", "a: b", "in quotes", None),
    ("title = Say \"hi\"\n", "Say \"hi\"", "in quotes", None),
    ("a := 1\n", "a := 1", "separated by `=`", None),
    ("a == 1\n", "=", "two `=`", None),
    ("my key = 1\n", "my key = 1", "must be in quotes", None),
    ("키 = 1\n", "키 = 1", "must be in quotes", None),
    ("= 1\n", "= 1", "no key", Some("title = 1\n")),
    ("title\n", "title", "no `=`", Some("#title\n")),
    (
        "id = 1\n- a\n",
        "- a",
        "hyphen",
        Some("id = 1\ntags = [\"a\"]\n"),
    ),
    (
        "d = 2025-02-30\n",
        "2025-02-30",
        "does not exist",
        Some("d = 2025-02-28\n"),
    ),
    (
        "d = 2025-13-01\n",
        "2025-13-01",
        "no month 13",
        Some("d = 2025-12-01\n"),
    ),
    (
        "d = 2025-1-2\n",
        "2025-1-2",
        "not written as TOML has it",
        None,
    ),
    (
        "d = 2025-01-02 09:00:00 +0900\n",
        "2025-01-02 09:00:00 +0900",
        "as TOML has it",
        None,
    ),
    (
        "d = 2025-01-02T09:00:00+09\n",
        "2025-01-02T09:00:00+09",
        "as TOML has it",
        None,
    ),
    (
        "d = 2025-01-02 9:00\n",
        "2025-01-02 9:00",
        "as TOML has it",
        None,
    ),
];

#[test]
fn each_slip_is_found_at_its_place_and_its_remedy_works() {
    let wrong: Vec<String> = SLIPS
        .iter()
        .filter_map(|case| wrong_with(case).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns what is wrong with the finding for a slip.
fn wrong_with((text, place, words, fixed): &Case) -> Result<(), String> {
    {
        let finding = toml::read(text, 0..text.len()).expect_err(text);
        let help = finding.help.unwrap();
        let range = finding.range.unwrap();
        let found = &text[range.clone()];
        let about = format!("{text:?}: {} at {found:?} / {help}", finding.message);
        let is_ours = ["expected", "invalid", "newline"]
            .iter()
            .all(|word| !finding.message.contains(word) && !help.contains(word));
        if finding.rule != rules::TOML_SYNTAX || found != *place || !is_ours {
            return Err(about);
        }
        if !finding.message.contains(words) {
            return Err(format!("no {words:?}: {about}"));
        }
        let fixed = match fixed {
            Some(fixed) => (*fixed).to_owned(),
            None => applied(text, &help, range.start).ok_or(format!("no line: {about}"))?,
        };
        let document = toml::read(&fixed, 0..fixed.len());
        document.map_err(|e| format!("{about}\n{fixed}\n{}", e.message))?;
        Ok(())
    }
}

/// Writes the line that a help shows instead of the one at a byte.
fn applied(text: &str, help: &str, at: usize) -> Option<String> {
    let (_, rest) = help.split_once("write `")?;
    let (line, rest) = rest.split_once('`')?;
    let count = rest.split_once("instead of the ").map_or(1, |(_, rest)| {
        rest.split(' ').next().unwrap().parse().unwrap()
    });
    let number = text[..at].matches('\n').count();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.splice(number..number + count, [line]);
    Some(lines.join("\n"))
}
