use super::document::Value;
use super::yaml;

/// The bytes that a finding is about, its message and its help.
fn slip(text: &str) -> (&str, String, String) {
    let finding = yaml::read(text, 0..text.len()).unwrap_err();
    let place = &text[finding.range.unwrap()];
    (place, finding.message, finding.help.unwrap())
}

/// The line that a help shows between backticks.
fn shown(help: &str) -> &str {
    let start = help.find('`').unwrap() + 1;
    &help[start..help.rfind('`').unwrap()]
}

/// Replaces a line by the one that the help shows, and reads the result.
fn followed(text: &str, line: &str) -> Vec<(String, Value)> {
    let (place, message, help) = slip(text);
    assert!(line.ends_with(place), "{place}: {message}");
    let fixed = text.replacen(line, shown(&help), 1);
    let document = yaml::read(&fixed, 0..fixed.len())
        .unwrap_or_else(|finding| panic!("{help}: {fixed}: {finding:?}"));
    document
        .entries
        .into_iter()
        .map(|entry| (entry.name.unwrap(), entry.value.value))
        .collect()
}

fn texts(value: &Value) -> Vec<String> {
    let Value::List(items) = value else {
        panic!("{value:?}");
    };
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    };
    items.iter().map(|item| text(&item.value)).collect()
}

#[test]
fn points_at_a_first_line_without_a_colon() {
    for line in ["id 1", "id：1", "id： 1"] {
        let fixed = followed(&format!("# c\n{line}\ntitle: x\n"), line);
        assert_eq!(fixed[0], ("id".to_owned(), Value::Integer(1)), "{line}");
        assert_eq!(fixed[1].0, "title");
    }
    let (place, _, help) = slip("id 1\r\ntitle x\r\ntags: []\r\n");
    assert_eq!(place, "id 1");
    assert!(help.contains("`id: 1`"), "{help}");
}

#[test]
fn shows_a_list_in_brackets_as_it_must_be_written() {
    for (line, expected) in [
        ("tags: [C#, #go]", &["C#", "#go"][..]),
        ("tags: [a,, b]", &["a", "b"]),
        ("tags: [, a]", &["a"]),
        ("tags: [@a, b]", &["@a", "b"]),
        ("tags: [`a`, 'b, c']", &["`a`", "b, c"]),
        ("tags: [a, \"b]", &["a", "b"]),
        ("tags: ['a, b]", &["a", "b"]),
        ("tags: [a, b", &["a", "b"]),
        ("tags: [a, %b]", &["a", "%b"]),
    ] {
        let fixed = followed(&format!("id: 1\n{line}\ntitle: x\n"), line);
        assert_eq!(texts(&fixed[1].1), expected, "{line}");
        assert_eq!(fixed.len(), 3, "{line}");
    }
    assert!(slip("tags: [C#, #go]\n").1.contains("comment"));
    assert!(slip("tags: [a,, b]\n").1.contains("between two commas"));
    assert!(slip("tags: [@a, b]\n").1.contains("begins with `@`"));
    assert!(slip("tags: [a, \"b]\n").1.contains("no \" at its end"));
    // These may be meant in several ways.
    for text in ["tags: [a, b] c\n", "tags: [a, [b]\n", "tags: [a,\n  @b]\n"] {
        let (_, _, help) = slip(text);
        assert!(!help.starts_with("write `tags"), "{text}: {help}");
    }
}

#[test]
fn asks_for_two_backslashes() {
    for (line, expected) in [
        (r#"title: "a\d""#, r"a\d"),
        (r#"title: "C:\users\new""#, "C:\\users\new"),
        (r#"title: "\\ \d \" \q""#, r#"\ \d " \q"#),
    ] {
        let fixed = followed_in_place(&format!("id: 1\n{line}\n"), line);
        assert_eq!(fixed, Value::Text(expected.to_owned()), "{line}");
    }
}

fn followed_in_place(text: &str, line: &str) -> Value {
    let (place, message, help) = slip(text);
    assert!(
        place.starts_with('\\') && message.contains(&place[..2]),
        "{message}"
    );
    let fixed = text.replacen(line, shown(&help), 1);
    let document = yaml::read(&fixed, 0..fixed.len()).unwrap();
    document.entries[1].value.value.clone()
}

#[test]
fn asks_for_the_spaces_before_the_first_key_to_be_removed() {
    let text = "# c\n\n  id: 1\ntitle: x\n";
    let (place, message, help) = slip(text);
    assert_eq!(place, "id: 1");
    assert!(message.contains("first key is indented"), "{message}");
    assert!(help.contains("remove the spaces"), "{help}");
    let fixed = text.replace("  id", "id");
    assert!(yaml::read(&fixed, 0..fixed.len()).is_ok());
}

#[test]
fn asks_for_the_brace_at_the_end() {
    let text = "{id: 1, title: x,\n tags: [a]\n";
    let (place, message, help) = slip(text);
    assert_eq!(place, "{id: 1, title: x,");
    assert!(message.contains("has no `}`"), "{message}");
    assert!(help.contains("put a `}`"), "{help}");
    let fixed = format!("{}}}\n", text.trim_end());
    assert!(yaml::read(&fixed, 0..fixed.len()).is_ok());
}

#[test]
fn asks_for_a_space_after_the_hyphen_of_an_item() {
    let text = "tags:\n- a\n-b\nid: 1\n";
    let fixed = followed(text, "-b");
    assert_eq!(texts(&fixed[0].1), ["a", "b"]);
}
