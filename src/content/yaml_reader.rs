//! The front matter's YAML as a [`Document`]: values by `serde_yaml`, places by its parser.
//!
//! Each is read in one pass, and the two are then walked in parallel. So a value never depends
//! on how its place was found, and both take time linear in the size of the text.

use std::cell::Cell;
use std::fmt;
use std::ops::Range;
use std::slice::Iter;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::document::{Document, Entry, Node, Syntax, Value};
use super::steps;
use super::yaml_events::{Event, Kind, Problem, events};

/// The limit for all values and bytes of text of the YAML, aliases followed. Without
/// aliases 64 KiB of YAML never get there.
const BUDGET: usize = 256 * 1024;

/// The characters that are blank to YAML; others of Unicode's are part of a text.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// A front matter that cannot be read, without words for it.
#[derive(Debug)]
pub(super) enum Fault {
    /// A character that YAML does not allow, and its place.
    Forbidden(usize, char),
    /// The parser refused the text.
    Syntax(Problem),
    /// The values are more than the budget allows, or cannot be read.
    Values {
        /// The reason.
        error: serde_yaml::Error,
        /// True if the budget was used up.
        is_over_budget: bool,
    },
    /// The text is YAML, but no mapping.
    NotAMapping,
}

/// Reads a text that is all front matter; `None` if it cannot be read.
pub(super) fn read_quietly(yaml: &str) -> Option<Document> {
    parse(yaml, 0, yaml).ok()
}

/// Reads the top-level mapping in `yaml`, which begins at the byte `base` of `text`. Nothing but
/// comments is an empty mapping. The document's ranges are bytes of `text`, a fault's of `yaml`.
pub(super) fn parse(yaml: &str, base: usize, text: &str) -> Result<Document, Fault> {
    steps::count(yaml.len());
    if let Some((at, c)) = yaml.char_indices().find(|(_, c)| is_forbidden(*c)) {
        return Err(Fault::Forbidden(at, c));
    }
    let mut events = events(yaml).map_err(Fault::Syntax)?;
    let document = Document::empty(Syntax::Yaml, base..base + yaml.len());
    if events.is_empty() {
        return Ok(document);
    }
    let mut root = values(yaml)?;
    for event in &mut events {
        event.range = base + event.range.start..base + event.range.end;
    }
    if place(&mut root, text, &mut events.iter()).is_none() {
        // The parser is the same; this is for the day on which it is not.
        everywhere(&mut root, &(base..base + yaml.len()));
    }
    let Value::Map(pairs) = root.value else {
        return Err(Fault::NotAMapping);
    };
    let in_braces = events
        .last()
        .is_some_and(|end| end.kind == Kind::End && !end.range.is_empty());
    let entries = pairs.into_iter().map(|(key, value)| Entry {
        name: name(key.value),
        extent: if in_braces {
            key.range.start..value.range.end
        } else {
            let lines = lines(text, &document.range, key.range.start..value.range.end);
            // A key may end in blank lines, with a value that is not there.
            lines.start..lines.end.max(key.range.end)
        },
        key: key.range,
        value,
    });
    let entries = entries.collect();
    let mut document = document.with(entries);
    document.braces = in_braces.then_some(root.range);
    Ok(document)
}

/// Widens a range to whole lines, within `bounds`.
pub(super) fn lines(text: &str, bounds: &Range<usize>, range: Range<usize>) -> Range<usize> {
    // A value that is not there may have its place before the next key.
    let written = text.get(range.clone()).unwrap_or_default();
    let written = written.trim_end_matches(BLANKS);
    let range = range.start..range.start + written.len();
    let before = text.get(bounds.start..range.start).unwrap_or_default();
    let after = text.get(range.end..bounds.end).unwrap_or_default();
    // To YAML, a carriage return alone ends a line too.
    let start = before
        .rfind(['\n', '\r'])
        .map_or(bounds.start, |at| bounds.start + at + 1);
    let end = after.find(['\n', '\r']).map_or(bounds.end, |at| {
        let is_crlf = after[at..].starts_with("\r\n");
        range.end + at + if is_crlf { 2 } else { 1 }
    });
    steps::count(range.start - start + end - range.end);
    start..end
}

/// A key as text, whatever YAML takes it for.
fn name(key: Value) -> Option<String> {
    match key {
        Value::Text(text) => Some(text),
        Value::Null => Some("null".to_owned()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Integer(value) => Some(value.to_string()),
        Value::Float(_) | Value::List(_) | Value::Map(_) | Value::Tagged(..) => None,
    }
}

/// Characters that YAML allows only as escapes, and those that end a line to the parser but
/// not to an editor. NUL has a rule of its own, checked earlier.
pub(super) fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\x7f'..='\u{9f}'
        | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Reads the values, still without their places.
fn values(yaml: &str) -> Result<Node, Fault> {
    let budget = Cell::new(BUDGET);
    let seed = Seed { budget: &budget };
    serde_yaml::Deserializer::from_str(yaml)
        .deserialize_any(seed)
        .map_err(|error| Fault::Values {
            error,
            is_over_budget: budget.get() == 0,
        })
}

/// Gives a value and all within it the places of the next events; `None` if they are not of
/// the same shape.
fn place(node: &mut Node, text: &str, events: &mut Iter<'_, Event>) -> Option<()> {
    let event = events.next()?;
    place_at(node, event, text, events)
}

fn place_at(
    node: &mut Node,
    event: &Event,
    text: &str,
    events: &mut Iter<'_, Event>,
) -> Option<()> {
    steps::count(1);
    let Range { start, end } = event.range;
    let end = match (&mut node.value, event.kind) {
        (_, Kind::Alias) => {
            everywhere(node, &event.range);
            return Some(());
        }
        (Value::Tagged(_, value), _) => {
            place_at(value, event, text, events)?;
            value.range.end
        }
        (Value::List(items), Kind::List) => {
            let mut last = end;
            for item in items {
                place(item, text, events)?;
                last = item.range.end;
            }
            closing(events.next()?, last)?
        }
        (Value::Map(pairs), Kind::Map) => {
            let mut last = end;
            for (key, value) in pairs {
                place(key, text, events)?;
                place(value, text, events)?;
                last = value.range.end;
            }
            closing(events.next()?, last)?
        }
        (Value::List(_) | Value::Map(_), _) | (_, Kind::List | Kind::Map | Kind::End) => {
            return None;
        }
        // A block of text ends with its last line, not with the blank ones below.
        (_, Kind::Scalar) => start + text.get(start..end)?.trim_end_matches(BLANKS).len(),
    };
    node.range = start..end;
    Some(())
}

/// Finds the end of a list or mapping: with its bracket, or with the last value in it.
fn closing(event: &Event, last: usize) -> Option<usize> {
    match event.kind {
        Kind::End if event.range.is_empty() => Some(last),
        Kind::End => Some(event.range.end),
        _ => None,
    }
}

/// Puts a value and all within it at one place.
fn everywhere(node: &mut Node, range: &Range<usize>) {
    steps::count(1);
    node.range = range.clone();
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| everywhere(item, range)),
        Value::Map(pairs) => {
            for (key, value) in pairs {
                everywhere(key, range);
                everywhere(value, range);
            }
        }
        Value::Tagged(_, value) => everywhere(value, range),
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Text(_) => {}
    }
}

/// Takes one value, whatever it is, within the budget.
#[derive(Clone, Copy)]
struct Seed<'b> {
    budget: &'b Cell<usize>,
}

impl Seed<'_> {
    /// Makes a value that costs one and its bytes of the budget.
    fn keep<E: serde::de::Error>(self, bytes: usize, value: Value) -> Result<Node, E> {
        self.spend(bytes)?;
        Ok(Node { value, range: 0..0 })
    }

    fn spend<E: serde::de::Error>(self, bytes: usize) -> Result<(), E> {
        steps::count(1 + bytes);
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
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Node, E> {
        self.keep(0, Value::Null)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Node, E> {
        self.keep(0, Value::Null)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<Node, E> {
        self.keep(0, Value::Bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Node, E> {
        self.keep(0, Value::Integer(value.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Node, E> {
        self.keep(0, Value::Integer(value.into()))
    }

    fn visit_i128<E: serde::de::Error>(self, value: i128) -> Result<Node, E> {
        self.keep(0, Value::Integer(value))
    }

    fn visit_u128<E: serde::de::Error>(self, value: u128) -> Result<Node, E> {
        // Far outside every range that a key allows, as the greatest integer is.
        let value = i128::try_from(value).unwrap_or(i128::MAX);
        self.keep(0, Value::Integer(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Node, E> {
        self.keep(0, Value::Float(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Node, E> {
        self.keep(value.len(), Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(self)? {
            items.push(item);
        }
        self.keep(0, Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut pairs = Vec::new();
        while let Some(key) = map.next_key_seed(self)? {
            pairs.push((key, map.next_value_seed(self)?));
        }
        self.keep(0, Value::Map(pairs))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Node, A::Error> {
        let (tag, variant) = data.variant::<String>()?;
        let value = variant.newtype_variant_seed(self)?;
        self.keep(tag.len(), Value::Tagged(tag, Box::new(value)))
    }
}
