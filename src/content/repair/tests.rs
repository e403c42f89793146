use proptest::prelude::*;

use super::*;
use crate::content::test_reading::settings;
use crate::key_map::{KeyMap, Rest, Separator, Source, Sources};

fn path() -> SourcePath {
    SourcePath::new("content/a.md")
}

fn id(number: i64) -> Additions<'static> {
    Additions {
        id: PostId::new(number),
        created_at: None,
    }
}

fn fixed(settings: &ReadSettings, text: &str, additions: Additions<'_>) -> String {
    let repaired = repaired(settings, &path(), text.as_bytes(), additions);
    String::from_utf8(repaired.bytes).unwrap()
}

#[test]
fn an_id_is_a_line_at_the_top_and_nothing_else_changes() {
    for (text, expected) in [
        (
            "---\ntitle: T # why\ntags: [ a,  b ]\n---\n\nBody\n",
            "---\nid: 7\ntitle: T # why\ntags: [ a,  b ]\n---\n\nBody\n",
        ),
        (
            "\u{feff}---\r\ntitle: 'T'\r\n---\r\nBody",
            "\u{feff}---\r\nid: 7\r\ntitle: 'T'\r\n---\r\nBody",
        ),
        (
            "---\n# first\n  title: T\n  tags:\n    - a\n---\n",
            "---\n  id: 7\n# first\n  title: T\n  tags:\n    - a\n---\n",
        ),
        ("---\ntitle: T\nid:\n---\n", "---\ntitle: T\nid: 7\n---\n"),
        ("---\n{title: T}\n---\n", "---\n{title: T, id: 7}\n---\n"),
        ("---\n---\n", "---\n---\n"),
        ("no front matter\n", "no front matter\n"),
        ("---\ntitle: [\n---\n", "---\ntitle: [\n---\n"),
    ] {
        let given = fixed(&settings(), text, id(7));
        if text == "---\n---\n" {
            assert_eq!(given, "---\nid: 7\n---\n");
            continue;
        }
        assert_eq!(given, expected, "{text}");
    }
}

#[test]
fn an_id_goes_under_the_key_that_the_settings_name() {
    let mut settings = settings();
    let mut map = KeyMap::default();
    map.set(
        ReadField::Id,
        Sources {
            sources: vec![Source::Key("blogctl_id".to_owned())],
            is_configured: true,
            separator: Separator::default(),
            rest: Rest::default(),
        },
    );
    settings.keys = map;
    let text = "---\nid: 0b6c\ntitle: T\n---\n";
    assert!(condition(&settings, &path(), text.as_bytes()).needs_id);
    assert_eq!(
        fixed(&settings, text, id(7)),
        "---\nblogctl_id: 7\nid: 0b6c\ntitle: T\n---\n"
    );
}

#[test]
fn an_id_is_added_to_toml_where_the_settings_say() {
    let text = "+++\ntitle = \"T\" # why\ndate = 2024-01-05\n\n[extra]\nk = 1\n+++\nBody\n";
    assert_eq!(
        fixed(&settings(), text, id(7)),
        "+++\nid = 7\ntitle = \"T\" # why\ndate = 2024-01-05\n\n[extra]\nk = 1\n+++\nBody\n"
    );
    let mut settings = settings();
    settings.keys.set(
        ReadField::Id,
        Sources {
            sources: vec![Source::Key("extra.id".to_owned())],
            is_configured: true,
            separator: Separator::default(),
            rest: Rest::default(),
        },
    );
    assert_eq!(
        fixed(&settings, text, id(7)),
        "+++\ntitle = \"T\" # why\ndate = 2024-01-05\n\n[extra]\nk = 1\nid = 7\n+++\nBody\n"
    );
    assert_eq!(
        fixed(&settings, "+++\ntitle = \"T\"\n+++\n", id(7)),
        "+++\ntitle = \"T\"\n\n[extra]\nid = 7\n+++\n"
    );
}

#[test]
fn a_number_that_a_file_seems_to_have_is_not_given_to_another() {
    for (text, expected) in [
        ("---\nid: '007'\ntitle: T\n---\n", Some(7)),
        ("---\nid: 50\ntitle: [\n---\n", Some(50)),
        ("---\nid: 50\ntitle: T\n", Some(50)),
        ("+++\nid = 9\ntitle = T\n+++\n", Some(9)),
        ("---\nid: 5\nid: 6\ntitle: T\n---\n", Some(6)),
        ("---\nid: 3\ntitle: T\n---\n", None),
        ("---\ntitle: T\n---\n", None),
        ("---\nid: 0b6c\ntitle: T\n---\n", None),
        ("---\nid: 9876-0b6c\ntitle: T\n---\n", None),
    ] {
        let condition = condition(&settings(), &path(), text.as_bytes());
        let apparent = condition.apparent_id.map(|id| i64::from(id.get()));
        if condition.id.is_none() {
            assert_eq!(apparent, expected, "{text}");
        } else {
            assert_eq!(apparent, None, "{text}");
        }
    }
}

#[test]
fn safe_fixes_are_made_and_the_others_are_not() {
    let text = "---\nid: '7'\ntitle: T\nword_count: 9\ntags: [a, b, a] # c\ndescription: C # x\n---\nOne two.\n";
    let repaired = repaired(&settings(), &path(), text.as_bytes(), Additions::default());
    assert_eq!(
        String::from_utf8(repaired.bytes).unwrap(),
        "---\nid: 7\ntitle: T\nword_count: 2\ntags: [a, b] # c\ndescription: C # x\n---\nOne two.\n"
    );
    let mut rules = repaired.fixed.clone();
    rules.sort_unstable();
    assert_eq!(rules, ["invalid-id", "repeated-tag", "word-count"]);
}

#[test]
fn a_time_is_added_under_the_key_of_the_blog() {
    let at: Timestamp = "2024-01-05T03:04:05Z".parse().unwrap();
    let additions = Additions {
        id: None,
        created_at: Some((at, "date")),
    };
    assert_eq!(
        fixed(&settings(), "---\nid: 1\ntitle: T\n---\n", additions),
        "---\nid: 1\ntitle: T\ndate: 2024-01-05T12:04:05+09:00\n---\n"
    );
}

#[test]
fn a_draft_and_a_file_that_is_no_post_need_nothing() {
    for text in [
        "---\ntitle: T\ndraft: true\n---\n",
        "---\npassword: x\n---\n",
        "# A title\n",
        "---\nid: x\ntitle: T\n---\n",
        "---\nid: 1\ntitle: T\n---\n",
    ] {
        assert!(
            !condition(&settings(), &path(), text.as_bytes()).needs_id,
            "{text}"
        );
    }
    let needs = condition(
        &settings(),
        &path(),
        b"---\ntitle: T\ndate: 2024-01-05\n---\n",
    );
    assert!(needs.needs_id && !needs.needs_time && needs.created_at.is_some());
}

prop_compose! {
    /// A front matter of lines that people write, in any order.
    fn any_file()(
        lines in proptest::collection::vec(prop_oneof![
            Just("title: T"), Just("title: 'T'  # c"), Just("tags: [a, a, b]"), Just("tags:\n- a\n- a"),
            Just("word_count: 5"), Just("word_count: 1"), Just("date: 2024-01-05"), Just("# comment"),
            Just(""), Just("id: '7'"), Just("id:"), Just("id: 3"), Just("draft: false"),
            Just("description: |\n  a\n  b\n"), Just("k: {a: [1, ~]}"), Just("? x\n: y"), Just("<<: 1"),
            Just("a: &x 1\nb: *x"), Just("title: \"한글\""), Just("{title: T}"), Just("bad: ["),
        ], 0..7),
        body in "[a-z가-힣 \n#-]{0,40}",
        has_bom in any::<bool>(),
        has_crlf in any::<bool>(),
    ) -> String {
        let bom = if has_bom { "\u{feff}" } else { "" };
        let text = format!("{bom}---\n{}\n---\n{body}", lines.join("\n"));
        if has_crlf { text.replace('\n', "\r\n") } else { text }
    }
}

proptest! {
    #[test]
    fn a_second_run_changes_nothing_and_the_body_stays(text in any_file(), number in 1..1000_i64) {
        let settings = settings();
        let needs = condition(&settings, &path(), text.as_bytes());
        let additions = if needs.needs_id { id(number) } else { Additions::default() };
        let first = repaired(&settings, &path(), text.as_bytes(), additions);
        let once = String::from_utf8(first.bytes).unwrap();
        let after = condition(&settings, &path(), once.as_bytes());
        prop_assert_eq!(after.needs_id, !first.refused.is_empty(), "{}", once);
        prop_assert_eq!(&fixed(&settings, &once, Additions::default()), &once);
        // Every line that was there is there in its order, but for those with a fix.
        if needs.needs_id && !needs.has_fix && once != text {
            let gone: Vec<&str> = text.lines().filter(|line| !once.contains(line)).collect();
            prop_assert!(gone.iter().all(|line| line.trim_start_matches('\u{feff}').starts_with("id:")
                || line.starts_with('{')), "{gone:?}");
        }
        if let Some(at) = text.rfind("\n---") {
            let tail = &text[at..];
            prop_assert!(once.ends_with(tail), "{once:?}");
        }
    }
}
