//! Slips in the values of TOML.

use toml::de::Error;
use toml_parser::Source;

use super::quote::{cut, double_quoted, excerpt};
use super::toml_clue::{Clue, LONGEST, MOST_ITEMS, Slip, boundary, line_end, line_of, shown};

/// Recognizes a value that is not in quotes.
pub(super) fn unquoted(clue: &Clue<'_>) -> Option<Slip> {
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
    let help = shown(&fixed).unwrap_or_else(|| match source.len() <= LONGEST {
        true => format!("write `{}`", double_quoted(source)),
        false => "put it in double quotes".to_owned(),
    });
    Some(clue.slip("a text must be in quotes", help))
}

/// Recognizes a value that is no number, but almost.
pub(super) fn number(clue: &Clue<'_>) -> Option<Slip> {
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

/// Recognizes a text without its closing quote.
pub(super) fn unclosed_text(clue: &Clue<'_>) -> Option<Slip> {
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
pub(super) fn escape(clue: &Clue<'_>) -> Option<Slip> {
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

/// Recognizes what follows a value on its line.
pub(super) fn trailing(clue: &Clue<'_>) -> Slip {
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
