use super::*;

fn matches(pattern: &str, path: &str) -> bool {
    let pattern = Pattern::parse(pattern).unwrap().unwrap();
    pattern.matches(path.as_bytes(), false, &Work::new(u64::MAX, usize::MAX))
}

#[test]
fn matches_as_git_does() {
    for (pattern, path, expected) in [
        ("a.md", "x/y/a.md", true),
        ("/a.md", "x/a.md", false),
        ("x/a.md", "x/a.md", true),
        ("x/a.md", "y/x/a.md", false),
        ("*.md", "x/a.md", true),
        ("x/*.md", "x/y/a.md", false),
        ("x/**/a.md", "x/a.md", true),
        ("x/**/a.md", "x/y/z/a.md", true),
        ("x/**", "x", false),
        ("x/**", "x/y/z", true),
        ("**/y/a.md", "x/y/a.md", true),
        ("x/a**.md", "x/ab.md", true),
        ("{a,b}.md", "a.md", false),
        ("{a,b}.md", "{a,b}.md", true),
        ("[!a].md", "a.md", false),
        ("[]-]x", "-x", true),
        ("x[!a]a.md", "x/a.md", false),
        ("[[:digit:]]*", "1.md", true),
        ("\\!a", "!a", true),
        ("a\\ ", "a ", true),
        ("a  ", "a", true),
        ("한*", "x/한글.md", true),
    ] {
        assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
    }
}

#[test]
fn a_pattern_with_a_slash_at_its_end_is_for_directories() {
    let pattern = Pattern::parse("drafts/").unwrap().unwrap();
    let work = Work::new(u64::MAX, usize::MAX);
    assert!(pattern.matches(b"x/drafts", true, &work));
    assert!(!pattern.matches(b"x/drafts", false, &work));
}

#[test]
fn a_line_by_which_nothing_would_be_ignored_is_an_error() {
    let long = "a".repeat(MAX_PATTERN + 1);
    for (line, expected) in [
        ("!", PatternError::Empty),
        (&long, PatternError::TooLong),
        ("a\0b", PatternError::Nul),
        ("a\\", PatternError::TrailingBackslash),
        ("[a", PatternError::UnclosedClass),
        ("[]", PatternError::UnclosedClass),
        ("[[:alpha:]", PatternError::UnclosedClass),
        ("[[:letter:]]", PatternError::UnknownClass),
        ("[z-a]", PatternError::ReversedRange),
    ] {
        assert_eq!(Pattern::parse(line).unwrap_err(), expected, "{line}");
        assert!(!expected.to_string().is_empty() && !expected.help().is_empty());
    }
    for nothing in ["", "   ", "# a"] {
        assert!(Pattern::parse(nothing).unwrap().is_none());
    }
}

#[test]
fn the_longest_pattern_of_any_kind_takes_a_bounded_number_of_steps() {
    let path = "a/".repeat(2_000);
    for piece in ["a", "*", "?", "**/", "*a", "[a]", "\\a", "**/a/", "/**"] {
        let line = piece.repeat(MAX_PATTERN / piece.len());
        let pattern = Pattern::parse(&line).unwrap().unwrap();
        let work = Work::new(u64::MAX, usize::MAX);
        pattern.matches(path.as_bytes(), true, &work);
        let steps = usize::try_from(u64::MAX - work.steps.get()).unwrap();
        let most = (path.len() + 1) * (MAX_PATTERN + MAX_PATTERN / 64 + 2);
        assert!(steps <= most, "{piece}: {steps}");
    }
}

#[test]
fn matching_ends_when_its_steps_are_spent() {
    let pattern = Pattern::parse("*a*b*c*").unwrap().unwrap();
    let work = Work::new(100, usize::MAX);
    assert!(pattern.matches(b"abc", false, &work));
    assert!(!work.is_spent());
    assert!(!pattern.matches(&b"a".repeat(1_000), false, &work));
    assert!(work.is_spent());
}

#[test]
fn fuzz_ignore_patterns() {
    let corpus: [&[u8]; 4] = [b"*.md", b"a/**/b[!x-z]\\*", b"[[:alpha:]-]?", b"!/x/"];
    let dictionary: [&[u8]; 8] = [b"**", b"/", b"[", b"]", b"[:", b":]", b"-", b"\\"];
    crate::fuzz::run("ignore patterns", &corpus, &dictionary, |input| {
        let text = String::from_utf8_lossy(input);
        let (line, path) = text.split_once('/').unwrap_or((&text, "a/b.md"));
        if let Ok(Some(pattern)) = Pattern::parse(line) {
            pattern.matches(path.as_bytes(), true, &Work::new(1_000_000, usize::MAX));
        }
    });
}
