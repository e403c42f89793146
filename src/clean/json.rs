//! JSON text without characters that a terminal acts on.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::is_unsafe;

/// Writes a value as compact JSON.
///
/// # Errors
/// Returns the stream's error.
pub fn write_value(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(out, TerminalSafe);
    value.serialize(&mut serializer).map_err(io::Error::from)
}

/// Returns a value as JSON on one line, for a format that has no lists or objects.
pub(crate) fn text(value: &impl Serialize) -> String {
    let mut text = Vec::new();
    // Writing to memory does not fail, and what is given has only texts for keys.
    let _ = write_value(&mut text, value);
    String::from_utf8_lossy(&text).into_owned()
}

/// Returns a text as the content of a JSON string, without the quotes.
pub(crate) fn escaped(text: &str) -> String {
    let mut quoted = Vec::new();
    // Writing to memory does not fail, and a text has no key that is none.
    let _ = write_value(&mut quoted, &text);
    let quoted = String::from_utf8_lossy(&quoted);
    quoted[1..quoted.len() - 1].to_owned()
}

/// A formatter for compact JSON without characters that a terminal acts on.
struct TerminalSafe;

impl Formatter for TerminalSafe {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_unsafe) {
            let (before, after) = rest.split_at(at);
            writer.write_all(before.as_bytes())?;
            let mut chars = after.chars();
            // All of them are below U+10000, where one escape is one character.
            let code = chars.next().map_or(0, u32::from);
            write!(writer, "\\u{code:04x}")?;
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}
