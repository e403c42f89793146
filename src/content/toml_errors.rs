//! The TOML parser's errors in words that say what to do.
//!
//! A remedy that shows a line was tried first: that line is valid TOML.

use std::ops::Range;

use toml::de::{DeTable, Error};
use toml_parser::parser::parse_document;
use toml_parser::{ParseError, Source};

use super::document::{Syntax, Value};
use super::quote::{cut, double_quoted, excerpt};
use super::text_findings::TextFinding;
use super::toml_dates;
use super::{steps, yaml_reader};
use crate::finding::rules;

/// The longest line that a remedy shows, in bytes.
const LONGEST: usize = 200;
/// The most items below a key that are looked at.
const MOST_ITEMS: usize = 50;

/// A slip: its bytes in the TOML, what is wrong and what to do.
pub(super) struct Slip {
    pub at: Range<usize>,
    pub message: String,
    pub help: String,
}

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

/// The parser's first error, with the line that it is in.
struct Clue<'a> {
    toml: &'a str,
    error: &'a Error,
    words: &'a str,
    errors: &'a [Error],
    /// The bytes that the error is about, which may be none.
    span: Range<usize>,
    /// The text of those bytes.
    source: &'a str,
    /// The start and the text of the line.
    line: (usize, &'a str),
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

impl Clue<'_> {
    /// Returns the bytes from the error to the end of its line, or the whole line if none is left.
    fn rest_of_line(&self) -> Range<usize> {
        let (start, line) = self.line;
        let end = start + line.trim_end().len();
        if self.span.start < end {
            return self.span.start..end;
        }
        start + (line.len() - line.trim_start().len())..end.max(start)
    }

    /// Makes a slip at the error.
    fn slip(&self, message: &str, help: String) -> Slip {
        let at = match self.span.is_empty() {
            true => self.rest_of_line(),
            false => self.span.clone(),
        };
        Slip {
            at,
            message: message.to_owned(),
            help,
        }
    }

    /// Returns the help that shows a line, if it is valid and not too long.
    fn shown(&self, line: &str) -> Option<String> {
        shown(line)
    }

    /// Returns the help that shows the line with a part of it replaced.
    fn line_with(&self, range: Range<usize>, content: &str) -> Option<String> {
        let (start, line) = self.line;
        let before = line.get(..range.start.checked_sub(start)?)?;
        let after = line.get(range.end.checked_sub(start)?..)?;
        self.shown(&format!("{before}{content}{after}"))
    }

    /// Returns the help that shows the line with a part of it removed.
    fn line_without(&self, range: Range<usize>) -> Option<String> {
        self.line_with(range, "")
    }

    /// Returns the key of the line and the text behind its `=`.
    fn assignment(&self) -> Option<(&str, &str)> {
        let (key, value) = self.line.1.split_once('=')?;
        Some((key.trim(), value.trim()))
    }
}

/// Returns the help that shows a line, if it is valid TOML and not too long.
pub(super) fn shown(line: &str) -> Option<String> {
    let line = line.trim();
    let is_valid = line.len() <= LONGEST && DeTable::parse(line).is_ok();
    is_valid.then(|| format!("write `{line}`"))
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

/// Recognizes a value that is not in quotes.
fn unquoted(clue: &Clue<'_>) -> Option<Slip> {
    let (start, line) = clue.line;
    let source = clue.source.trim();
    let (name, value) = clue.assignment().unwrap_or_default();
    if source.is_empty() {
        let help = format!("give it a value, like `{name} = \"\"`, or remove the line");
        return (value.is_empty() || value.starts_with('#')).then(|| Slip {
            at: start + (line.len() - line.trim_start().len())..line_end(clue.toml, start),
            message: "the key has no value".into(),
            help: cut(&help, LONGEST).into_owned(),
        });
    }
    if let Some((before, comment)) = source.split_once("//")
        && (before.is_empty() || before.ends_with(' '))
        && !before.ends_with(": ")
    {
        let at = clue.span.start + before.len();
        let help = clue.line_with(at..at + 2, "#");
        if let Some(help) = help {
            let at = at..clue.span.start + before.len() + 2 + comment.len();
            return Some(Slip {
                at,
                message: "a comment begins with `#`".into(),
                help,
            });
        }
    }
    let lower = source.to_lowercase();
    let boolean = match &*lower {
        "true" | "yes" | "on" => Some("true"),
        "false" | "no" | "off" => Some("false"),
        _ => None,
    };
    if let Some(boolean) = boolean
        && let Some(help) = clue.line_with(clue.span.clone(), boolean)
    {
        let message = "a boolean is `true` or `false`, in small letters";
        return Some(clue.slip(message, format!("{help}, or put a text in quotes")));
    }
    let after = line
        .get(clue.span.end.saturating_sub(start)..)
        .unwrap_or_default();
    if after.trim_start().starts_with(['"', '\'']) && !line.contains('[') {
        let end = after.find(" #").unwrap_or(after.len());
        let range = clue.span.start..clue.span.end + after[..end].trim_end().len();
        let help = clue.line_with(range.clone(), &double_quoted(clue.toml.get(range.clone())?))?;
        return Some(Slip {
            at: range,
            message: "a text must be in quotes".into(),
            help,
        });
    }
    let rest = clue.toml[clue.span.end..].trim_start_matches([' ', '\t']);
    if rest.starts_with('=') && source.contains([' ', '\t']) {
        return Some(Slip {
            at: clue.rest_of_line(),
            message: "there are two keys on one line".into(),
            help: "put each key on a line of its own".into(),
        });
    }
    if source.starts_with(['“', '”', '‘', '’']) {
        let inner = source.trim_matches(['“', '”', '‘', '’']);
        let help = clue.line_with(clue.span.clone(), &double_quoted(inner))?;
        return Some(clue.slip("a text needs straight quotes around it", help));
    }
    // All such items of a list on the line, since one alone would not do.
    let end = start + line.len();
    let places = clue.errors.iter().filter(|error| {
        error.message().starts_with("string values must be quoted")
            || error.message().starts_with("invalid")
    });
    let mut places: Vec<_> = places.filter_map(Error::span).collect();
    places.retain(|span| start <= span.start && span.end <= end && !span.is_empty());
    places.sort_by_key(|span| span.start);
    let mut fixed = String::new();
    let mut at = start;
    for span in places.iter().take(MOST_ITEMS) {
        fixed.push_str(clue.toml.get(at..span.start)?);
        fixed.push_str(&double_quoted(clue.toml.get(span.clone())?));
        at = span.end;
    }
    fixed.push_str(clue.toml.get(at..end)?);
    let help = clue
        .shown(&fixed)
        .unwrap_or_else(|| match source.len() <= LONGEST {
            true => format!("write `{}`", double_quoted(source)),
            false => "put it in double quotes".to_owned(),
        });
    Some(clue.slip("a text must be in quotes", help))
}

/// Recognizes a value that is no number, but almost.
fn number(clue: &Clue<'_>) -> Option<Slip> {
    let (start, line) = clue.line;
    let (name, value) = clue.assignment()?;
    let value = value.split(" #").next()?.trim_end();
    if value.is_empty() || value.starts_with(['"', '\'', '[', '{']) {
        return None;
    }
    let at = start + line.rfind(value)?;
    let at = at..at + value.len();
    if value.eq_ignore_ascii_case("null") || value == "nil" || value == "~" {
        return Some(Slip {
            at,
            message: "TOML has no empty value".into(),
            help: format!("remove the line of `{}`", excerpt(name)),
        });
    }
    let digits: String = value.chars().filter(|c| *c != '_').collect();
    let plain = digits.trim_start_matches('0');
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let plain = match (is_number, plain) {
        (false, _) => None,
        (true, "") => Some("0"),
        (true, plain) => Some(plain),
    };
    let quoted = clue.line_with(at.clone(), &double_quoted(value))?;
    let help = match plain.and_then(|plain| clue.line_with(at.clone(), plain)) {
        Some(help) => format!("{help}; if it is a text, {quoted}"),
        None => quoted,
    };
    let message = match is_number {
        true => "the number is not written as TOML has it",
        false => "the value is neither a number nor a text in quotes",
    };
    Some(Slip {
        at,
        message: message.into(),
        help,
    })
}

fn date(clue: &Clue<'_>) -> Slip {
    let with = |value: &str| clue.line_with(clue.span.clone(), value);
    let (message, help) = toml_dates::explain(clue.source, with);
    clue.slip(&message, help)
}

/// Recognizes a text without its closing quote.
fn unclosed_text(clue: &Clue<'_>) -> Option<Slip> {
    let tokens = Source::new(clue.toml).lex().into_vec();
    let token = tokens.iter().rev().find(|token| {
        let span = token.span();
        span.start() < clue.span.start && clue.span.start <= span.end()
    })?;
    let start = token.span().start();
    let rest = &clue.toml[start..];
    let at = start..line_end(clue.toml, start);
    if let Some(mark) = ["\"\"\"", "'''"].into_iter().find(|m| rest.starts_with(m)) {
        return Some(Slip {
            at,
            message: format!("the text that begins with `{mark}` has no end"),
            help: format!("put `{mark}` behind its last line"),
        });
    }
    let quote = rest.chars().next().filter(|c| ['"', '\''].contains(c))?;
    let (from, line) = line_of(clue.toml, start);
    let help = closed(line, start - from, quote)
        .unwrap_or_else(|| format!("put a `{quote}` at the end of the text"));
    Some(Slip {
        at,
        message: "the text has no closing quote".into(),
        help,
    })
}

/// Closes the quote that begins at a byte of a line, before what may follow the text.
fn closed(line: &str, at: usize, quote: char) -> Option<String> {
    let line = line.trim_end();
    let before_bracket = line.trim_end_matches([']', ',', ' ']);
    [line.len(), before_bracket.len()]
        .into_iter()
        .filter(|end| *end > at)
        .find_map(|end| shown(&format!("{}{quote}{}", &line[..end], &line[end..])))
}

/// Recognizes a backslash that begins no escape.
fn escape(clue: &Clue<'_>) -> Option<Slip> {
    let (start, line) = clue.line;
    let slash = line
        .get(..clue.span.start.checked_sub(start)?)?
        .rfind('\\')?;
    let at = start + slash..line_end(clue.toml, start).min(start + slash + 2);
    let at = at.start..boundary(clue.toml, at.end).max(at.start + 1);
    let help = clue.line_with(start + slash..start + slash + 1, "\\\\");
    let help = help.unwrap_or_else(|| "write `\\\\` for each backslash".to_owned());
    Some(Slip {
        at,
        message: "a backslash in double quotes begins an escape, and this is none".into(),
        help,
    })
}

/// Recognizes a line whose key is not written as one, or that has no `=`.
fn key(clue: &Clue<'_>) -> Option<Slip> {
    let (start, line) = clue.line;
    let trimmed = line.trim();
    let at = start + (line.len() - line.trim_start().len());
    let at = at..at + trimmed.len();
    let slip = |message: &str, help: String| {
        Some(Slip {
            at: at.clone(),
            message: message.to_owned(),
            help,
        })
    };
    if let Some(comment) = trimmed.strip_prefix("//") {
        let help = shown(&format!("#{comment}"));
        return slip(
            "a comment begins with `#`",
            help.unwrap_or_else(|| "write `#` instead of `//`".into()),
        );
    }
    if let Some(item) = trimmed.strip_prefix("- ") {
        let help = format!(
            "write the list in brackets behind its key, like `tags = [{}]`",
            double_quoted(&excerpt(item.trim_matches(['"', '\''])))
        );
        return slip("a list has no lines that begin with a hyphen", help);
    }
    let equals = trimmed.find('=');
    let colon = trimmed.find([':', '：']);
    match (equals, colon) {
        (Some(equals), Some(colon)) if colon + 1 == equals => {
            let line = format!("{} = {}", trimmed[..colon].trim(), &trimmed[equals + 1..]);
            let help = shown(&line).unwrap_or_else(|| "write `=` instead of `:=`".into());
            slip("a key and its value are separated by `=`", help)
        }
        (None, Some(colon)) => {
            let help = from_yaml(clue.toml, start)
                .or_else(|| {
                    let after = trimmed[colon..].trim_start_matches([':', '：']);
                    shown(&format!("{} = {}", &trimmed[..colon], after.trim()))
                })
                .unwrap_or_else(|| "write `=` instead of the colon".into());
            slip(
                "a key and its value are separated by `=`, not by a colon",
                help,
            )
        }
        (equals, Some(colon)) if equals.is_none_or(|at| colon < at) => {
            let help = from_yaml(clue.toml, start)
                .unwrap_or_else(|| "write `=` instead of the colon".into());
            slip(
                "a key and its value are separated by `=`, not by a colon",
                help,
            )
        }
        (Some(0), _) => slip(
            "there is no key before the `=`",
            "write a name before it, like `title = \"A title\"`".into(),
        ),
        (Some(equals), _) => {
            let name = trimmed[..equals].trim();
            let name = name.trim_matches(['"', '\'']);
            let help = shown(&format!(
                "{} ={}",
                double_quoted(name),
                &trimmed[equals + 1..]
            ));
            slip(
                "a key of other characters than letters, digits, `-` and `_` must be in quotes",
                help.unwrap_or_else(|| "put the key in double quotes".into()),
            )
        }
        (None, _) => slip(
            "the line has no `=`",
            "write it as `key = value`, or put `#` before it to make it a comment".into(),
        ),
    }
}

/// Returns the help that shows a line of YAML, with the list below it, as TOML.
fn from_yaml(toml: &str, start: usize) -> Option<String> {
    let mut end = line_end(toml, start);
    let mut count = 1;
    for line in toml[start..].lines().skip(1).take(MOST_ITEMS) {
        if !line.trim_start().starts_with("- ") {
            break;
        }
        count += 1;
        end = start
            + toml[start..]
                .lines()
                .take(count)
                .map(|l| l.len() + 1)
                .sum::<usize>();
    }
    let lines = toml.get(start..end.min(toml.len()))?;
    if lines.len() > 10 * LONGEST {
        return None;
    }
    let document = yaml_reader::read_quietly(lines)?;
    let [entry] = document.entries.as_slice() else {
        return None;
    };
    if matches!(entry.value.value, Value::Null | Value::Map(_)) {
        return None;
    }
    let line = Syntax::Toml.example(entry.name.as_deref()?, &entry.value.value)?;
    let help = shown(&line)?;
    Some(match count {
        1 => help,
        _ => format!("{help} instead of the {count} lines"),
    })
}

/// Recognizes what follows a value on its line.
fn trailing(clue: &Clue<'_>) -> Slip {
    let (start, line) = clue.line;
    let trimmed = line.trim_end();
    let (name, value) = clue.assignment().unwrap_or_default();
    if value.starts_with('"') && !value.starts_with("\"\"\"")
        || value.starts_with('\'') && !value.starts_with("'''")
    {
        let from = start + line.len() - line[line.find('=').unwrap_or(0)..].len() + 1;
        let from = from + (line[from - start..].len() - line[from - start..].trim_start().len());
        let to = start + trimmed.len();
        let (first, inner) = value.split_at(1);
        if let Some(inner) = inner.strip_suffix(first)
            && inner.contains(first)
            && !inner.contains('#')
            && let Some(help) = shown(&format!("{name} = {}", double_quoted(inner)))
        {
            return Slip {
                at: from..to,
                message: format!("a `{first}` within the text ends it"),
                help,
            };
        }
    }
    let rest = clue.rest_of_line();
    let help = match trimmed.get(..clue.span.start.saturating_sub(start)) {
        Some(before) if clue.span.start < start + trimmed.len() => {
            let after = &trimmed[before.len()..];
            let is_key = after.contains('=');
            let comment = after.trim_start().strip_prefix("//");
            match (comment, shown(before)) {
                _ if is_key => Some("put each key on a line of its own".to_owned()),
                (Some(comment), _) => shown(&format!("{} #{comment}", before.trim_end())),
                (None, help) => help,
            }
        }
        _ => None,
    };
    Slip {
        at: rest,
        message: "something follows the value on its line".into(),
        help: help
            .unwrap_or_else(|| "remove what follows the value, or put it all in quotes".into()),
    }
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

fn boundary(toml: &str, at: usize) -> usize {
    toml.floor_char_boundary(at.min(toml.len()))
}

/// Returns the start and the text of the line that holds the byte `at`.
fn line_of(toml: &str, at: usize) -> (usize, &str) {
    let at = boundary(toml, at);
    let start = toml[..at].rfind('\n').map_or(0, |at| at + 1);
    let end = toml[start..].find('\n').map_or(toml.len(), |at| start + at);
    (start, toml[start..end].trim_end_matches('\r'))
}

fn line_end(toml: &str, at: usize) -> usize {
    let (start, line) = line_of(toml, at);
    (start + line.trim_end().len()).max(at)
}
