//! The YAML parser's errors in words that say what to do.

use super::document::{Syntax, Value};
use super::quote::cut;
use super::text_findings::TextFinding;
use super::yaml_events::{DEEPEST, Problem};
use super::yaml_slips::{Clue, is_name};
use super::{yaml_events, yaml_slips};
use crate::finding::rules;

/// The parser's words for a line that is neither a key nor part of a value.
const NO_COLON: &str = "could not find expected ':'";

/// The longest value that a remedy shows, in bytes.
const LONGEST_VALUE: usize = 100;

/// Describes what is wrong with the syntax; the range is in bytes of `yaml`.
pub(super) fn of_syntax(yaml: &str, problem: &Problem) -> TextFinding {
    match *problem {
        Problem::Syntax {
            words,
            at,
            within,
            within_at,
        } => {
            let clue = Clue {
                yaml,
                words,
                within,
                at: boundary(yaml, at),
                within_at: boundary(yaml, within_at),
            };
            if let Some(slip) = yaml_slips::find(&clue) {
                let message = format!("the front matter is not valid YAML: {}", slip.message);
                return TextFinding::new(rules::YAML_SYNTAX, message)
                    .help(slip.help)
                    .at(slip.at..line_end(yaml, slip.at));
            }
            // These show only further down, where something else begins or all ends.
            let starts_there = words == NO_COLON
                || within == "while scanning a quoted scalar"
                || within == "while parsing a flow sequence"
                || within == "while parsing a flow mapping";
            syntax(yaml, words, if starts_there { within_at } else { at })
        }
        Problem::TooDeep(at) => TextFinding::new(
            rules::YAML_SYNTAX,
            format!("lists and keys are nested more than {DEEPEST} deep"),
        )
        .help("front matter needs one list, `tags`, and nothing deeper")
        .at(at..line_end(yaml, at)),
        Problem::SecondDocument(at) => TextFinding::new(
            rules::YAML_SYNTAX,
            "the front matter holds more than one YAML document",
        )
        .help("keep one set of keys between the two `---` lines")
        .at(at..line_end(yaml, at)),
        Problem::TagLines(at) => {
            TextFinding::new(rules::YAML_SYNTAX, "the front matter has many `%TAG` lines")
                .help("remove them: no key needs a tag")
                .at(at..line_end(yaml, at))
        }
    }
}

/// Describes why the values of a text cannot be had though its syntax is right.
pub(super) fn of_values(yaml: &str, error: &serde_yaml::Error, over_budget: bool) -> TextFinding {
    let text = error.to_string();
    if over_budget || text.contains("repetition limit") {
        return TextFinding::new(
            rules::YAML_SIZE,
            "the front matter's aliases (`*name`) expand to more than 256 KiB",
        )
        .help("write the values out instead of repeating them with `&name` and `*name`")
        .at(yaml.find('*').map(|at| at..at + 1));
    }
    let at = error.location().map_or(0, |location| location.index());
    if text.contains("recursion limit") {
        return of_syntax(yaml, &yaml_events::Problem::TooDeep(boundary(yaml, at)));
    }
    let words = text.split(" at line ").next().unwrap_or(&text);
    syntax(yaml, words, at)
}

/// Describes a text that is something else than keys and values.
pub(super) fn not_a_mapping(yaml: &str) -> TextFinding {
    let start = yaml.len() - yaml.trim_start().len();
    TextFinding::new(
        rules::NOT_A_MAPPING,
        "the front matter is not made of keys and values",
    )
    .help("write each as `key: value` on a line of its own, with a space after the colon")
    .at(start..line_end(yaml, start))
}

fn syntax(yaml: &str, words: &str, at: usize) -> TextFinding {
    let (start, line) = line_of(yaml, boundary(yaml, at));
    // The parser notices some slips only at the end of the line.
    let at = boundary(yaml, at).min(start + line.len());
    let (message, help) = slip(words, line);
    TextFinding::new(rules::YAML_SYNTAX, message)
        .help(help)
        .at(at..line_end(yaml, at))
}

/// Puts the parser's words and the offending line into what is wrong and what to do.
fn slip(words: &str, line: &str) -> (String, String) {
    let (key, value) = line.split_once(": ").unwrap_or((line, ""));
    let value = value.trim();
    if line.starts_with('\t') || words.contains("cannot start any token") && line.contains('\t') {
        return (
            "a tab cannot indent YAML".into(),
            "indent with spaces".into(),
        );
    }
    if words.contains("mapping values are not allowed") && line.starts_with(' ') {
        return (
            "a key is indented, but the key above it has a value already".into(),
            "remove the spaces before the key, or put a value that holds `: ` in quotes".into(),
        );
    }
    if words.contains("mapping values are not allowed") {
        let message = "a value that holds `: ` must be in quotes".to_owned();
        let plain = value.find(" #").map_or(value, |at| value[..at].trim_end());
        let is_shown = !plain.is_empty()
            && plain.len() <= LONGEST_VALUE
            && !plain.contains('"')
            && is_name(key.trim());
        let example = is_shown
            .then(|| Syntax::Yaml.example(key.trim(), &Value::Text(plain.to_owned())))
            .flatten();
        let help = match example {
            Some(example) => format!("put the value in quotes: {example}"),
            None => "put the value in quotes".to_owned(),
        };
        return (message, help);
    }
    let help = match value.chars().next() {
        _ if words == NO_COLON && line.contains('：') => {
            "write an ordinary colon and a space: `: ` instead of `：`".into()
        }
        _ if words == NO_COLON => "write `key: value`, with a colon and a space".into(),
        Some(c @ ('@' | '`' | '%' | '*' | '&' | '!')) => {
            format!("a value that begins with `{c}` must be in quotes")
        }
        Some('[' | '{') => "close every bracket, and quote texts that hold brackets".into(),
        Some('"' | '\'') => {
            "end the value with the quote that it begins with, and nothing after it".into()
        }
        _ => "write each key as `key: value`; a text with special characters goes in quotes".into(),
    };
    let words = cut(words, 120);
    (format!("the front matter is not valid YAML: {words}"), help)
}

fn boundary(yaml: &str, at: usize) -> usize {
    yaml.floor_char_boundary(at.min(yaml.len()))
}

/// The line that holds the byte `at`: where it begins, and its text. Past the end, the last.
fn line_of(yaml: &str, at: usize) -> (usize, &str) {
    let at = at.min(yaml.trim_end().len());
    let start = yaml[..at].rfind('\n').map_or(0, |at| at + 1);
    (start, &yaml[start..line_end(yaml, start)])
}

fn line_end(yaml: &str, start: usize) -> usize {
    let end = yaml[start..].find('\n').map_or(yaml.len(), |at| start + at);
    start + yaml[start..end].trim_end().len()
}
