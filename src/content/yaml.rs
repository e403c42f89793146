//! The front matter's YAML: its top-level keys and their values, in order.

use std::cell::Cell;
use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IgnoredAny, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use super::rules;
use super::spot::Finding;

/// How many values and bytes of text the YAML may hold in all, aliases followed. Without
/// aliases 64 KiB of YAML never get there.
const BUDGET: usize = 256 * 1024;

/// Nested flow collections beyond this are refused before the parser, whose time grows with
/// the square of their depth, sees them.
const DEEPEST: usize = 100;

/// A value as YAML understands it. What lies deeper than a list's items is not kept.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Float,
    Text(String),
    List(Vec<Value>),
    Mapping,
    /// With a tag that means nothing here: `!tag value`.
    Tagged(String),
}

/// One `key: value` of the top level.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// `None` for a key that is a list or a mapping.
    pub key: Option<String>,
    pub value: Value,
}

/// Reads the top-level mapping; an empty text is an empty mapping. Ranges in findings are
/// bytes of `yaml`.
pub(super) fn read(yaml: &str) -> Result<Vec<Entry>, Finding> {
    if let Some((at, c)) = yaml.char_indices().find(|(_, c)| is_forbidden(*c)) {
        return Err(Finding::new(
            rules::CONTROL_CHARACTER,
            format!(
                "the front matter holds the control character U+{:04X}",
                c as u32
            ),
        )
        .help("delete it; in a text in double quotes it may be written as an escape")
        .at(at..at + c.len_utf8()));
    }
    if let Some(at) = too_deep(yaml) {
        return Err(Finding::new(
            rules::YAML_SYNTAX,
            format!("brackets are nested more than {DEEPEST} deep"),
        )
        .help("close them; front matter needs one pair at most")
        .at(at..at + 1));
    }
    if yaml
        .lines()
        .all(|line| matches!(line.trim_start().as_bytes().first(), None | Some(b'#')))
    {
        return Ok(Vec::new());
    }
    let budget = Cell::new(BUDGET);
    let top = Top { budget: &budget };
    serde_yaml::Deserializer::from_str(yaml)
        .deserialize_any(top)
        .map_err(|error| explain(yaml, &error, budget.get()))
}

/// Characters that YAML allows only as escapes. NUL has a rule of its own, checked earlier.
fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\x7f'..='\u{84}'
        | '\u{86}'..='\u{9f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Finds where brackets nest too deep. Brackets in quotes and comments count, too: more than
/// a hundred unclosed ones there are no post's.
fn too_deep(yaml: &str) -> Option<usize> {
    let mut depth = 0_usize;
    yaml.bytes().position(|byte| {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > DEEPEST
    })
}

fn explain(yaml: &str, error: &serde_yaml::Error, budget: usize) -> Finding {
    let text = error.to_string();
    if budget == 0 || text.contains("repetition limit") {
        return Finding::new(
            rules::YAML_SIZE,
            "the front matter's aliases (`*name`) expand to more than 256 KiB",
        )
        .help("write the values out instead of repeating them with `&name` and `*name`")
        .at(yaml.find('*').map(|at| at..at + 1));
    }
    if text.contains(A_MAPPING) {
        let start = yaml.len() - yaml.trim_start().len();
        return Finding::new(
            rules::NOT_A_MAPPING,
            "the front matter is not made of keys and values",
        )
        .help("write each as `key: value` on a line of its own, with a space after the colon")
        .at(start..line_end(yaml, start));
    }
    let at = place_of(yaml, error);
    // That a colon is missing shows only on the next line.
    let at = if text.contains(NO_COLON) {
        let (start, _) = line_of(yaml, at);
        let above = yaml[..start].trim_end();
        above.rfind('\n').map_or(0, |at| at + 1)
    } else {
        at
    };
    // The parser notices some slips only at the end of the line.
    let (start, line) = line_of(yaml, at);
    let (message, help) = slip(&text, line);
    let at = at.min(start + line.len());
    Finding::new(rules::YAML_SYNTAX, message)
        .help(help)
        .at(at..line_end(yaml, at))
}

/// What the parser says of a line that is neither a key nor part of a value.
const NO_COLON: &str = "could not find expected ':'";

/// Puts the parser's words and the offending line into what is wrong and what to do.
fn slip(text: &str, line: &str) -> (String, String) {
    let words = text.split(" at line ").next().unwrap_or(text);
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
        let help = if value.is_empty() || value.contains('"') {
            "put the value in quotes".to_owned()
        } else {
            format!("put the value in quotes: {}: \"{value}\"", key.trim())
        };
        return (message, help);
    }
    if words.contains("more than one document") {
        return (
            "the front matter holds more than one YAML document".into(),
            "keep one set of keys between the two `---` lines".into(),
        );
    }
    if words.contains("recursion limit") {
        return (
            "the front matter is nested too deep".into(),
            "front matter needs one list, `tags`, and nothing deeper".into(),
        );
    }
    let help = match value.chars().next() {
        _ if words.contains(NO_COLON) => "write `key: value`, with a colon and a space".into(),
        Some(c @ ('@' | '`' | '%' | '*' | '&' | '!')) => {
            format!("a value that begins with `{c}` must be in quotes")
        }
        Some('[' | '{') => "close every bracket, and quote texts that hold brackets".into(),
        Some('"' | '\'') => {
            "end the value with the quote that it begins with, and nothing after it".into()
        }
        _ => "write each key as `key: value`; a text with special characters goes in quotes".into(),
    };
    (format!("the front matter is not valid YAML: {words}"), help)
}

/// Where an error is, in bytes.
pub(super) fn place_of(yaml: &str, error: &serde_yaml::Error) -> usize {
    let at = error.location().map_or(0, |location| location.index());
    yaml.floor_char_boundary(at)
}

/// The line that holds the byte `at`: where it begins, and its text. Past the end, the last.
fn line_of(yaml: &str, at: usize) -> (usize, &str) {
    let at = at.min(yaml.trim_end().len());
    let start = yaml[..at].rfind('\n').map_or(0, |at| at + 1);
    (start, &yaml[start..line_end(yaml, start)])
}

pub(super) fn line_end(yaml: &str, start: usize) -> usize {
    let end = yaml[start..].find('\n').map_or(yaml.len(), |at| start + at);
    start + yaml[start..end].trim_end().len()
}

/// What the parser says of YAML that is something else.
const A_MAPPING: &str = "a mapping of keys to values";

/// Takes the top-level mapping.
struct Top<'b> {
    budget: &'b Cell<usize>,
}

impl<'de> Visitor<'de> for Top<'_> {
    type Value = Vec<Entry>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(A_MAPPING)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let value = Seed {
            budget: self.budget,
            depth: 0,
        };
        // A key's own list or mapping is never looked at.
        let key = Seed { depth: 2, ..value };
        let mut entries = Vec::new();
        while let Some(key) = map.next_key_seed(key)? {
            let key = match key {
                Value::Text(text) => Some(text),
                Value::Null => Some("null".to_owned()),
                Value::Bool(value) => Some(value.to_string()),
                Value::Integer(value) => Some(value.to_string()),
                Value::Float | Value::List(_) | Value::Mapping | Value::Tagged(_) => None,
            };
            let value = map.next_value_seed(value)?;
            entries.push(Entry { key, value });
        }
        Ok(entries)
    }
}

/// Takes one value, whatever it is, within the budget.
#[derive(Clone, Copy)]
struct Seed<'b> {
    budget: &'b Cell<usize>,
    /// 0 for a key's value, 1 for a list's item; deeper ones are walked but not kept.
    depth: usize,
}

impl Seed<'_> {
    /// Takes the cost of a value off the budget.
    fn spend<E: serde::de::Error>(self, bytes: usize) -> Result<(), E> {
        match self.budget.get().checked_sub(1 + bytes) {
            Some(left) if left > 0 => {
                self.budget.set(left);
                Ok(())
            }
            _ => {
                self.budget.set(0);
                Err(E::custom("over budget"))
            }
        }
    }

    fn keep<E: serde::de::Error>(self, value: Value) -> Result<Value, E> {
        self.spend(0).map(|()| value)
    }

    fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        self.keep(Value::Null)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Value, E> {
        self.keep(Value::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Value, E> {
        self.keep(Value::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Value, E> {
        self.keep(Value::Integer(value.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        self.keep(Value::Integer(value.into()))
    }

    fn visit_i128<E: serde::de::Error>(self, value: i128) -> Result<Value, E> {
        self.keep(Value::Integer(value))
    }

    fn visit_u128<E: serde::de::Error>(self, value: u128) -> Result<Value, E> {
        // Far outside every range that a key allows, as the greatest integer is.
        self.keep(Value::Integer(i128::try_from(value).unwrap_or(i128::MAX)))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Value, E> {
        self.keep(Value::Float)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.spend(value.len())?;
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        self.spend(0)?;
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(self.deeper())? {
            if self.depth == 0 {
                items.push(item);
            }
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        self.spend(0)?;
        while map.next_key_seed(self.deeper())?.is_some() {
            map.next_value_seed(self.deeper())?;
        }
        Ok(Value::Mapping)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Value, A::Error> {
        let (tag, variant) = data.variant::<String>()?;
        variant.newtype_variant::<IgnoredAny>()?;
        self.keep(Value::Tagged(tag))
    }
}
