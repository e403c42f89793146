//! Front matter written as YAML.

use std::borrow::Cow;

use super::document::{Node, Syntax, Value};
use super::quote::double_quoted;
use super::{render_toml, yaml_reader};

/// The widest line of a list in brackets, in characters; a longer one gets a line an item.
const WIDEST: usize = 90;

/// The way in which a value is written where there are several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Look {
    /// A text without quotes if it needs none; a list in brackets if it is short.
    #[default]
    Plain,
    /// A text in double quotes.
    Double,
    /// A text in single quotes, if it can be.
    Single,
    /// A date or a time without quotes, in TOML.
    Bare,
    /// A list with a line for each item, so many spaces in.
    Block {
        /// The number of spaces before each hyphen.
        indent: usize,
    },
}

/// Returns a front matter of these keys and values, without its `---` lines, with LF line ends.
///
/// `None` where no front matter would read as they are: with a key that is there twice, or with
/// a tag that has spaces in it.
pub(super) fn render(
    entries: &[(String, Value)],
    look: impl Fn(&str, &Value) -> Look,
) -> Option<String> {
    let mut out = String::new();
    for (name, value) in entries {
        out.push_str(&key(name)?);
        out.push(':');
        out.push_str(&block(value, look(name, value))?);
        out.push('\n');
    }
    let read = yaml_reader::read_quietly(&out)?;
    let is_same =
        read.entries.len() == entries.len()
            && read.entries.iter().enumerate().zip(entries).all(
                |((number, entry), (name, value))| {
                    read.position(name) == Some(number) && entry.value.value.same(value)
                },
            );
    is_same.then_some(out)
}

/// Returns a value as it follows the colon of a key at the start of a line.
fn block(value: &Value, look: Look) -> Option<String> {
    if let Value::Text(text) = value {
        if let Some(lines) = literal(text) {
            return Some(format!(" {lines}"));
        }
        if let Some(quoted) = in_quotes(text, look) {
            return Some(format!(" {quoted}"));
        }
    }
    let line = inline(value)?;
    let indent = match look {
        // A deeper one would be a list within a text.
        Look::Block { indent } => Some(indent.min(8)),
        _ if line.chars().count() > WIDEST => Some(2),
        _ => None,
    };
    match (value, indent) {
        (Value::List(items), Some(indent)) if !items.is_empty() => {
            let items: Option<Vec<String>> = items
                .iter()
                .map(|item| Some(format!("\n{:indent$}- {}", "", inline(&item.value)?)))
                .collect();
            Some(items?.concat())
        }
        _ => Some(format!(" {line}")),
    }
}

/// Returns a value as it follows the colon of a key at the start of a line; `None` if the look is
/// none for it, or the usual one.
pub(super) fn with_look(value: &Value, look: Look) -> Option<String> {
    match (value, look) {
        (Value::Text(_), Look::Double | Look::Single) | (Value::List(_), Look::Block { .. }) => {
            block(value, look)
        }
        _ => None,
    }
}

/// Returns a text in quotes, if they are asked for and it can be in them.
pub(super) fn in_quotes(text: &str, look: Look) -> Option<String> {
    match look {
        Look::Double => Some(double_quoted(text)),
        Look::Single => {
            let quoted = format!("'{}'", text.replace('\'', "''"));
            let is_one_line = !text.contains(['\n', '\r']);
            (is_one_line && reads_as(&quoted, text)).then_some(quoted)
        }
        Look::Plain | Look::Bare | Look::Block { .. } => None,
    }
}

/// Returns a text of several lines as a block that keeps them; `None` for one that needs quotes, that
/// has spaces at the end of a line, or that ends in a line end, which the text of a field would lose.
fn literal(text: &str) -> Option<String> {
    if text.ends_with('\n') {
        return None;
    }
    let is_ragged = text.lines().any(|line| line.trim_end() != line);
    if !text.contains('\n') || is_ragged || text.starts_with([' ', '\n']) {
        return None;
    }
    let mut block = "|-".to_owned();
    for line in text.split('\n') {
        block.push('\n');
        if !line.is_empty() {
            block.push_str("  ");
            block.push_str(line);
        }
    }
    reads_as(&block, text).then_some(block)
}

/// Returns a key as YAML reads it back.
pub(super) fn key(name: &str) -> Option<Cow<'_, str>> {
    (!name.contains('\0')).then(|| scalar(name, true))
}

/// Returns a value on one line, as it may follow a key or the hyphen of a list's item.
pub(super) fn inline(value: &Value) -> Option<String> {
    write(value, false)
}

/// Returns a value on one line, as it may be put between brackets or braces.
pub(super) fn in_brackets(value: &Value) -> Option<String> {
    write(value, true)
}

fn write(value: &Value, in_brackets: bool) -> Option<String> {
    let nodes = |nodes: &[Node]| -> Option<Vec<String>> {
        nodes.iter().map(|node| write(&node.value, true)).collect()
    };
    Some(match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) if value.is_nan() => ".nan".to_owned(),
        Value::Float(value) if value.is_infinite() => {
            if *value > 0.0 { ".inf" } else { "-.inf" }.to_owned()
        }
        // With a point or an exponent, so that it is no integer.
        Value::Float(value) => format!("{value:?}"),
        Value::Text(text) => scalar(text, in_brackets).into_owned(),
        Value::List(items) => format!("[{}]", nodes(items)?.join(", ")),
        Value::Map(pairs) => {
            let pairs: Option<Vec<String>> = pairs
                .iter()
                .map(|(key, value)| {
                    Some(format!(
                        "{}: {}",
                        write(&key.value, true)?,
                        write(&value.value, true)?
                    ))
                })
                .collect();
            format!("{{{}}}", pairs?.join(", "))
        }
        Value::Tagged(tag, value) => {
            if tag.is_empty() || !tag.bytes().all(|b| b.is_ascii_alphanumeric()) {
                return None;
            }
            format!("!{tag} {}", write(&value.value, in_brackets)?)
        }
    })
}

/// Returns a text as it is where YAML reads it back, else in double quotes.
fn scalar(text: &str, in_brackets: bool) -> Cow<'_, str> {
    if !text.contains(['\n', '\r']) && !is_special(text) && reads_plain(text, in_brackets) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(double_quoted(text))
    }
}

/// Returns whether other programs that read YAML take the text for a boolean or a number.
fn is_special(text: &str) -> bool {
    let words = ["y", "n", "yes", "no", "on", "off"];
    let number = text.strip_prefix(['-', '+']).unwrap_or(text);
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
        || number.starts_with(|c: char| c.is_ascii_digit())
            && number
                .bytes()
                .all(|b| matches!(b, b'0'..=b'9' | b'_' | b':' | b'.'))
}

fn reads_plain(text: &str, in_brackets: bool) -> bool {
    if in_brackets {
        let list = format!("k: [{text}]\n");
        return yaml_reader::read_quietly(&list).is_some_and(|document| {
            matches!(document.entries.as_slice(), [entry]
                if matches!(&entry.value.value, Value::List(items)
                    if matches!(items.as_slice(), [item] if is_text(&item.value, text))))
        }) && reads_as(text, text);
    }
    reads_as(text, text)
}

/// Returns whether `yaml` after a key is read as the text `wanted`.
fn reads_as(yaml: &str, wanted: &str) -> bool {
    let entry = format!("k: {yaml}\n");
    yaml_reader::read_quietly(&entry).is_some_and(|document| {
        matches!(document.entries.as_slice(), [entry] if is_text(&entry.value.value, wanted))
    })
}

fn is_text(value: &Value, wanted: &str) -> bool {
    matches!(value, Value::Text(text) if text == wanted)
}

impl Syntax {
    /// Returns a key and its value as one writes them on a line: `title: "1984"`.
    ///
    /// `None` for a value that does not fit on a line.
    pub fn example(self, name: &str, value: &Value) -> Option<String> {
        match self {
            Self::Yaml => Some(format!("{}: {}", key(name)?, inline(value)?)),
            Self::Toml => Some(format!(
                "{} = {}",
                render_toml::key(name)?,
                render_toml::inline(value)?
            )),
        }
    }
}
