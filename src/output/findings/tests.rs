//! The formats over a list that has every kind of finding.

use super::*;
use crate::finding::{Fix, LineColumn, Location, rules};
use crate::output::left_out;
use crate::post::SourcePath;

fn sample() -> Vec<Finding> {
    let place = |line, column| LineColumn { line, column };
    let finding = |rule: &'static finding::Rule, path: &str| Finding {
        rule,
        level: rule.level,
        message: format!("{}, 100% {rule}", rule.level.as_str()),
        help: None,
        path: SourcePath::new(path),
        location: None,
        fix: None,
    };
    vec![
        Finding {
            help: Some("put it in quotes: `title: \"2025\"`".into()),
            location: Some(Location {
                range: Some(11..15),
                start: place(2, 8),
                end: place(2, 12),
                excerpt: "title: 2025".into(),
                span: 7..11,
            }),
            fix: Some(Fix::safe(11..15, "\"2025\"")),
            ..finding(rules::INVALID_TITLE, "content/가 나/a,b:c.md")
        },
        Finding {
            location: Some(Location {
                range: None,
                start: place(3, 1),
                end: place(4, 3),
                excerpt: String::new(),
                span: 0..0,
            }),
            ..finding(rules::WORD_COUNT, "content/b.md")
        },
        Finding {
            message: "a\u{1b}[31m\r\nb".into(),
            ..finding(rules::COMMENT, "content/c.md")
        },
    ]
}

fn written(format: Format, findings: &[Finding]) -> String {
    let left_out = LeftOut::default();
    let report = Report {
        left_out: &left_out,
        findings,
        files: 3,
        strict: false,
        list_command: "blogctl check --format concise",
    };
    let mut out = Vec::new();
    format.write(&mut out, &report).unwrap();
    let text = String::from_utf8(out).unwrap();
    anstream::adapter::strip_str(&text).to_string()
}

#[test]
fn people_see_places_help_and_the_sum() {
    insta::assert_snapshot!(written(Format::Human, &sample()), @r##"
    error[invalid-title]: error, 100% invalid-title
     --> content/가 나/a,b:c.md:2:8
      |
    2 | title: 2025
      |        ^^^^
      |
      = help: put it in quotes: `title: "2025"`

    warning[word-count]: warning, 100% word-count
    --> content/b.md:3:1

    hint[comment]: a\u{1b}[31m b
    --> content/c.md

    3 files checked: 1 error, 1 warning, 1 hint
    "##);
}

#[test]
fn concise_is_a_line_per_finding() {
    insta::assert_snapshot!(written(Format::Concise, &sample()), @r##"
    content/가 나/a,b:c.md:2:8: error[invalid-title] error, 100% invalid-title
    content/b.md:3:1: warning[word-count] warning, 100% word-count
    content/c.md: hint[comment] a\u{1b}[31m b
    "##);
}

#[test]
fn github_annotates_lines() {
    insta::assert_snapshot!(written(Format::Github, &sample()), @r##"
    ::error title=invalid-title,file=content/가 나/a%2Cb%3Ac.md,line=2,endLine=2,col=8,endColumn=12::error, 100%25 invalid-title%0Aput it in quotes: `title: "2025"`
    ::warning title=word-count,file=content/b.md,line=3,endLine=4::warning, 100%25 word-count
    ::notice title=comment,file=content/c.md::a\u{1b}[31m b
    "##);
}

#[test]
fn json_has_places_and_fixes() {
    let text = written(Format::Json, &sample());
    let mut json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let left_out = json.as_object_mut().unwrap().remove("left_out");
    assert_eq!(left_out, Some(left_out::to_json(&LeftOut::default())));
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).unwrap(), @r##"
    {
      "errors": 1,
      "files": 3,
      "findings": [
        {
          "fix": {
            "applicability": "safe",
            "edits": [
              {
                "content": "\"2025\"",
                "end": 15,
                "start": 11
              }
            ]
          },
          "help": "put it in quotes: `title: \"2025\"`",
          "level": "error",
          "message": "error, 100% invalid-title",
          "path": "content/가 나/a,b:c.md",
          "range": {
            "end": {
              "byte": 15,
              "column": 12,
              "line": 2
            },
            "start": {
              "byte": 11,
              "column": 8,
              "line": 2
            }
          },
          "rule": "invalid-title"
        },
        {
          "fix": null,
          "help": null,
          "level": "warning",
          "message": "warning, 100% word-count",
          "path": "content/b.md",
          "range": {
            "end": {
              "byte": null,
              "column": 3,
              "line": 4
            },
            "start": {
              "byte": null,
              "column": 1,
              "line": 3
            }
          },
          "rule": "word-count"
        },
        {
          "fix": null,
          "help": null,
          "level": "hint",
          "message": "a\u001b[31m\r\nb",
          "path": "content/c.md",
          "range": null,
          "rule": "comment"
        }
      ],
      "status": "invalid",
      "warnings": 1
    }
    "##);
}

#[test]
fn sarif_has_rules_results_and_fixes() {
    let text = written(Format::Sarif, &sample());
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let run = &json["runs"][0];
    assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 3);
    insta::assert_snapshot!(serde_json::to_string_pretty(&run["results"]).unwrap(), @r##"
    [
      {
        "fixes": [
          {
            "artifactChanges": [
              {
                "artifactLocation": {
                  "uri": "content/%EA%B0%80%20%EB%82%98/a%2Cb%3Ac.md"
                },
                "replacements": [
                  {
                    "deletedRegion": {
                      "byteLength": 4,
                      "byteOffset": 11
                    },
                    "insertedContent": {
                      "text": "\"2025\""
                    }
                  }
                ]
              }
            ],
            "description": {
              "text": "Safe"
            }
          }
        ],
        "level": "error",
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": "content/%EA%B0%80%20%EB%82%98/a%2Cb%3Ac.md"
              },
              "region": {
                "byteLength": 4,
                "byteOffset": 11,
                "endColumn": 12,
                "endLine": 2,
                "startColumn": 8,
                "startLine": 2
              }
            }
          }
        ],
        "message": {
          "text": "error, 100% invalid-title; put it in quotes: `title: \"2025\"`"
        },
        "ruleId": "invalid-title",
        "ruleIndex": 0
      },
      {
        "level": "warning",
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": "content/b.md"
              },
              "region": {
                "endColumn": 3,
                "endLine": 4,
                "startColumn": 1,
                "startLine": 3
              }
            }
          }
        ],
        "message": {
          "text": "warning, 100% word-count"
        },
        "ruleId": "word-count",
        "ruleIndex": 1
      },
      {
        "level": "note",
        "locations": [
          {
            "physicalLocation": {
              "artifactLocation": {
                "uri": "content/c.md"
              }
            }
          }
        ],
        "message": {
          "text": "a\u001b[31m\r\nb"
        },
        "ruleId": "comment",
        "ruleIndex": 2
      }
    ]
    "##);
}

#[test]
fn many_findings_are_folded_for_people_and_for_no_program() {
    let mut findings = Vec::new();
    for number in 0..100_000 {
        for mut finding in sample() {
            finding.path = SourcePath::new(format!("content/{number}.md"));
            findings.push(finding);
        }
    }
    let human = written(Format::Human, &findings);
    assert!(human.lines().count() < 150, "{}", human.lines().count());
    assert!(human.contains("and 99995 more errors of invalid-title\n"));
    assert!(human.contains("and 99995 more warnings of word-count\n"));
    assert!(human.contains("help: `blogctl check --format concise` lists all of them\n"));
    assert!(human.ends_with("3 files checked: 100000 errors, 100000 warnings, 100000 hints\n"));
    for format in [Format::Concise, Format::Github] {
        assert_eq!(written(format, &findings).lines().count(), 300_000);
    }
    let few = &findings[..30];
    for (format, list) in [
        (Format::Json, "/findings"),
        (Format::Sarif, "/runs/0/results"),
    ] {
        let json: serde_json::Value = serde_json::from_str(&written(format, few)).unwrap();
        assert_eq!(json.pointer(list).unwrap().as_array().unwrap().len(), 30);
    }
}

#[test]
fn no_format_lets_a_control_character_through() {
    let nasty = "x\u{1b}[31m\u{9b}\u{202e}\n::error::forged\r";
    let mut finding = sample().remove(0);
    finding.message = nasty.into();
    finding.help = Some(nasty.into());
    finding.path = SourcePath::new(nasty);
    for format in [Format::Human, Format::Concise, Format::Github] {
        let text = written(format, std::slice::from_ref(&finding));
        assert!(
            !text.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\r']),
            "{text}"
        );
        assert!(!text.contains("\n::error::forged"), "{text}");
    }
}
