//! Slips in the keys of TOML.

use super::document::{Syntax, Value};
use super::quote::{double_quoted, excerpt};
use super::toml_clue::{Clue, LONGEST, MOST_ITEMS, Slip, line_end, shown};
use super::yaml_reader;

/// Recognizes a line whose key is not written as one, or that has no `=`.
pub(super) fn key(clue: &Clue<'_>) -> Option<Slip> {
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
