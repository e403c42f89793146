//! Reading single texts as files, for tests.

use jiff::tz::TimeZone;

use super::ReadSettings;
use super::reader::{Reading, read};
use crate::finding::{Finding, Level, Levels};
use crate::post::{Post, SourcePath};

pub(super) fn settings() -> ReadSettings {
    ReadSettings {
        root: "/project".into(),
        time_zone: TimeZone::get("Asia/Seoul").unwrap(),
        categories: None,
        follow_links: false,
        keys: crate::key_map::KeyMap::default(),
        directory: "content".to_owned(),
        exclude: super::Exclude::default(),
        skip_without_front_matter: false,
        now: "2026-01-01T00:00:00Z".parse().unwrap(),
        hold_future: false,
        levels: Levels::default(),
        constraints: crate::preflight::Constraints::default(),
        locales: None,
        stored: crate::post::FieldSet::ALL,
    }
}

pub(super) fn reading<'t>(settings: &ReadSettings, bytes: &'t [u8]) -> Reading<'t> {
    read(settings, &SourcePath::new("content/글.md"), bytes)
}

pub(super) fn good(text: &str) -> (Post, String) {
    let reading = reading(&settings(), text.as_bytes());
    assert_eq!(reading.findings, [], "{text}");
    let (post, body) = reading.post.unwrap();
    (post, body.into_owned())
}

/// A post with an id, a title and these lines besides.
pub(super) fn post(lines: &str) -> Post {
    good(&format!("---\nid: 1\ntitle: T\n{lines}\n---\n")).0
}

pub(super) fn findings(text: &str) -> Vec<Finding> {
    reading(&settings(), text.as_bytes()).findings
}

/// `rule line:column "underlined"` of each finding.
pub(super) fn shown(findings: &[Finding]) -> Vec<String> {
    let show = |finding: &Finding| {
        let location = finding.location.as_ref().unwrap();
        let under = &location.excerpt[location.span.clone()];
        format!(
            "{} {}:{} {under}",
            finding.rule, location.start.line, location.start.column
        )
    };
    findings.iter().map(show).collect()
}

/// The only finding about a post with an id, a title and this line 4 besides.
#[track_caller]
pub(super) fn only(line: &str) -> Finding {
    let mut found = findings(&format!("---\nid: 1\ntitle: T\n{line}\n---\n"));
    assert_eq!(found.len(), 1, "{line}: {found:#?}");
    found.remove(0)
}

#[track_caller]
pub(super) fn fails(line: &str, expected: &str, help: &str) {
    let found = only(line);
    assert_eq!(shown(std::slice::from_ref(&found)), [expected], "{line}");
    assert_eq!(found.level, Level::Error);
    let text = found.help.unwrap();
    assert!(text.contains(help), "{line}: {text}");
}
