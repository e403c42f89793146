//! Where each thing in the front matter stands.
//!
//! The YAML parser tells places only in its errors. So values are read first, without
//! places; where a finding needs one, [`locate`] reads again and fails on purpose just
//! there. That is exact for quoted keys, flow mappings and block scalars alike.

use std::fmt;
use std::ops::Range;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::yaml::{line_end, place_of};

/// Something whose place is asked for, by its number at the top level.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Key(usize),
    Value(usize),
    /// An entry's number, then an item's in its list.
    Item(usize, usize),
}

/// Finds the bytes of a key, a value or an item in YAML that [`super::yaml::read`] accepted. A value is
/// cut at the end of its line.
pub(super) fn locate(yaml: &str, place: Place) -> Range<usize> {
    let probe = Probe { place };
    let start = match serde_yaml::Deserializer::from_str(yaml).deserialize_any(probe) {
        Ok(()) => 0,
        Err(error) => place_of(yaml, &error),
    };
    let in_flow = match place {
        Place::Item(entry, _) => yaml[locate(yaml, Place::Value(entry)).start..].starts_with('['),
        Place::Key(_) | Place::Value(_) => yaml.trim_start().starts_with('{'),
    };
    let line = &yaml[start..line_end(yaml, start)];
    let length = match (place, line.as_bytes().first()) {
        (_, Some(quote @ (b'"' | b'\''))) => quoted_length(line, *quote),
        (Place::Key(_), _) => line.find(':').unwrap_or(line.len()),
        (_, Some(b'[' | b'{')) => bracketed_length(line),
        _ if in_flow => line.find([',', ']', '}']).unwrap_or(line.len()),
        _ => line.find(" #").unwrap_or(line.len()),
    };
    start..start + line[..length].trim_end().len()
}

/// The length of a quoted text with its quotes; the line's where it goes on below.
fn quoted_length(line: &str, quote: u8) -> usize {
    let mut bytes = line.bytes().enumerate().skip(1).peekable();
    while let Some((at, byte)) = bytes.next() {
        if byte == b'\\' && quote == b'"' {
            bytes.next();
        } else if byte == quote {
            if quote == b'\'' && bytes.next_if(|(_, next)| *next == quote).is_some() {
                continue;
            }
            return at + 1;
        }
    }
    line.len()
}

/// The length of a list or mapping with its brackets; the line's where it goes on below.
fn bracketed_length(line: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = line.as_bytes().get(at) {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth -= 1,
            // A quote within a plain text is an apostrophe, not the start of a quoted one.
            b'"' | b'\'' if line[..at].trim_end().ends_with(['[', '{', ',', ':']) => {
                at += quoted_length(&line[at..], *byte) - 1;
            }
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return at;
        }
    }
    line.len()
}

/// Walks to one place and fails there, so that the error tells where it is.
#[derive(Clone, Copy)]
struct Probe {
    place: Place,
}

impl<'de> Visitor<'de> for Probe {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("keys and values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut number = 0;
        loop {
            if matches!(self.place, Place::Key(wanted) if wanted == number) {
                map.next_key_seed(Here)?;
                return Ok(());
            }
            if map.next_key::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
            match self.place {
                Place::Value(wanted) if wanted == number => return map.next_value_seed(Here),
                Place::Item(wanted, item) if wanted == number => {
                    return map.next_value_seed(ItemHere { item });
                }
                _ => map.next_value::<IgnoredAny>()?,
            };
            number += 1;
        }
    }
}

/// Fails wherever it is put.
struct Here;

impl<'de> DeserializeSeed<'de> for Here {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Here {
    type Value = ();

    // Every `visit_` method that is not given fails, which is all that is wanted.
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing")
    }
}

/// Fails at one item of a list.
struct ItemHere {
    item: usize,
}

impl<'de> DeserializeSeed<'de> for ItemHere {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ItemHere {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        for _ in 0..self.item {
            list.next_element::<IgnoredAny>()?;
        }
        list.next_element_seed(Here)?;
        Ok(())
    }
}
