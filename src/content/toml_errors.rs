//! The TOML parser's errors in words that say what to do.
//!
//! A remedy that shows a line was tried first: that line is valid TOML.

use toml::de::{DeTable, Error};
use toml_parser::parser::parse_document;
use toml_parser::{ParseError, Source};

use super::quote::excerpt;
use super::text_findings::TextFinding;
use super::toml_clue::{Clue, Slip, boundary, line_end, line_of, shown};
use super::toml_keys::key;
use super::toml_values::{escape, number, trailing, unclosed_text, unquoted};
use super::{steps, toml_dates, yaml_reader};
use crate::finding::rules;

/// Describes what is wrong with the syntax; the range is in bytes of `toml`.
pub(super) fn of_syntax(toml: &str) -> TextFinding {
    steps::count(toml.len());
    let (_, errors) = DeTable::parse_recoverable(toml);
    // A text without an end takes the bracket behind it.
    let place = |error: &&Error| {
        let start = error.span().map_or(0, |span| span.start);
        (start, !is_of_text(error))
    };
    let others = errors.iter().filter(|error| !is_duplicate(error));
    let Some(error) = others.min_by_key(place) else {
        return duplicate(toml, errors.iter().min_by_key(place));
    };
    let span = error.span().unwrap_or(0..0);
    let span = boundary(toml, span.start)..boundary(toml, span.end);
    let words = error.message();
    let clue = Clue {
        toml,
        error,
        words,
        errors: &errors,
        source: &toml[span.clone()],
        line: line_of(toml, span.start),
        span,
    };
    let slip = find(&clue);
    let message = format!("the front matter is not valid TOML: {}", slip.message);
    let range = slip.at;
    TextFinding::new(rules::TOML_SYNTAX, message)
        .help(slip.help)
        .at(range.start.min(toml.len())..range.end.clamp(range.start, toml.len()))
}

fn is_duplicate(error: &Error) -> bool {
    error.message().starts_with("duplicate key")
}

fn is_of_text(error: &Error) -> bool {
    let kinds = [
        "invalid basic string",
        "invalid literal string",
        "invalid multi-line",
    ];
    kinds.iter().any(|words| error.message().starts_with(words))
}

fn duplicate(toml: &str, error: Option<&Error>) -> TextFinding {
    let span = error.and_then(Error::span).unwrap_or(0..0);
    let name = excerpt(toml.get(span.clone()).unwrap_or_default());
    let is_header = line_of(toml, span.start).1.trim_start().starts_with('[');
    let (message, help) = if is_header {
        let message = format!("the table `{name}` is there twice");
        (
            message,
            "keep one of the two, with the keys of both below it",
        )
    } else {
        (
            format!("the key `{name}` is there twice"),
            "keep one of the two",
        )
    };
    TextFinding::new(rules::DUPLICATE_KEY, message)
        .help(help)
        .at(span)
}

fn find(clue: &Clue<'_>) -> Slip {
    if let Some(slip) = all_yaml(clue) {
        return slip;
    }
    let starts = |words: &str| clue.words.starts_with(words);
    let slip = if toml_dates::is_like(clue.source) {
        Some(date(clue))
    } else if starts("string values must be quoted") || starts("invalid boolean") {
        unquoted(clue)
    } else if is_of_text(clue.error) {
        unclosed_text(clue)
    } else if starts("missing escaped value")
        || starts("too few unicode")
        || starts("invalid value")
    {
        escape(clue)
    } else if starts("key with no value")
        || starts("invalid unquoted key")
        || starts("unquoted keys cannot be empty")
    {
        key(clue)
    } else if starts("unexpected key or value") {
        Some(trailing(clue))
    } else if clue.words.contains("recur") {
        Some(Slip {
            at: clue.rest_of_line(),
            message: "lists and tables are nested too deep".into(),
            help: "front matter needs one list, `tags`, and few tables; put deeper data elsewhere"
                .into(),
        })
    } else if starts("extra `=`") {
        clue.line_without(clue.span.clone())
            .map(|help| clue.slip("there are two `=`", help))
    } else {
        brackets(clue)
    };
    slip.or_else(|| number(clue)).unwrap_or_else(|| Slip {
        at: clue.rest_of_line(),
        message: "this line is neither a key with a value, nor a table".into(),
        help: "write each key as `key = value`, with texts in double quotes".into(),
    })
}

/// Recognizes YAML between `+++` lines.
fn all_yaml(clue: &Clue<'_>) -> Option<Slip> {
    let document = yaml_reader::read_quietly(clue.toml)?;
    let first = document.entries.first()?;
    let mut names = document.entries.iter().filter_map(|e| e.name.as_deref());
    if names.any(|name| name.contains('=')) {
        return None;
    }
    Some(Slip {
        at: first.key.start..line_end(clue.toml, first.key.start),
        message: "it is YAML, although the lines around it are `+++`".into(),
        help: "write `---` instead of both `+++` lines".into(),
    })
}

fn date(clue: &Clue<'_>) -> Slip {
    let with = |value: &str| clue.line_with(clue.span.clone(), value);
    let (message, help) = toml_dates::explain(clue.source, with);
    clue.slip(&message, help)
}

/// Recognizes lists, tables and headers that are not closed, and commas that are too few or many.
fn brackets(clue: &Clue<'_>) -> Option<Slip> {
    let has = |words: &str| {
        clue.errors
            .iter()
            .any(|error| error.message().starts_with(words))
    };
    let opening = opening(clue)?;
    let (from, line) = line_of(clue.toml, opening);
    let at_opening = opening..line_end(clue.toml, opening);
    let with_closing = |closing: &str| {
        let line = line.trim_end();
        shown(&format!("{}{closing}", line.trim_end_matches(',')))
    };
    let starts = |words: &str| clue.words.starts_with(words);
    if starts("unclosed table") || starts("unclosed array table") {
        let name = line[opening - from..].trim().trim_matches(['[', ']', ' ']);
        let header = match starts("unclosed table") {
            true => format!("[{name}]"),
            false => format!("[[{name}]]"),
        };
        let help = shown(&header).unwrap_or_else(|| "close the bracket".into());
        return Some(Slip {
            at: at_opening,
            message: "the name of the table has no closing bracket".into(),
            help,
        });
    }
    if has("unclosed array") || has("unexpected `=` in array") {
        return Some(Slip {
            at: at_opening,
            message: "the list has no closing bracket".into(),
            help: with_closing("]").unwrap_or_else(|| "put `]` behind its last item".into()),
        });
    }
    if has("unclosed inline table") {
        return Some(Slip {
            at: at_opening,
            message: "the table has no closing brace".into(),
            help: with_closing("}").unwrap_or_else(|| "put `}` behind its last value".into()),
        });
    }
    if starts("extra comma") {
        let help = clue.line_without(clue.span.clone());
        return Some(clue.slip(
            "there is a comma too many",
            help.unwrap_or_else(|| "remove the comma".into()),
        ));
    }
    if starts("missing comma") {
        let help = clue.line_with(clue.span.start..clue.span.start, ", ");
        let help = help.map(|help| help.replace(" , ", ", "));
        return Some(clue.slip(
            "a comma is missing between two values",
            help.unwrap_or_else(|| "put a comma between each two of them".into()),
        ));
    }
    None
}

/// Returns the place of the bracket that an error is within.
fn opening(clue: &Clue<'_>) -> Option<usize> {
    steps::count(clue.toml.len());
    let tokens = Source::new(clue.toml).lex().into_vec();
    let mut found: Vec<ParseError> = Vec::new();
    parse_document(&tokens, &mut |_| {}, &mut found);
    let at = |error: &ParseError| error.unexpected().map(|span| span.start());
    let error = found
        .iter()
        .find(|error| at(error) == Some(clue.span.start))?;
    let context = error.context()?.start();
    (context <= clue.toml.len()).then(|| boundary(clue.toml, context))
}
