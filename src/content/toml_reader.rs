//! The front matter's TOML as a [`Document`]: the values and places of the `toml` crate.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeFloat, DeInteger, DeTable, DeValue};

use super::document::{Document, Entry, Node, Syntax, Value};
use super::steps;
use super::yaml_reader::{is_forbidden, lines};

/// A front matter that cannot be read, without words for it.
#[derive(Debug)]
pub(super) enum Fault {
    /// A character that may not be in a front matter, and its place.
    Forbidden(usize, char),
    /// The parser refused the text.
    Syntax,
    /// A number with more digits than can be held.
    Number(Range<usize>),
}

/// Reads a text that is all front matter; `None` if it cannot be read.
pub(super) fn read_quietly(toml: &str) -> Option<Document> {
    parse(toml, 0, toml).ok()
}

/// Reads the keys and values in `toml`, which begins at the byte `base` of `text`. The document's
/// ranges are bytes of `text`, a fault's of `toml`.
pub(super) fn parse(toml: &str, base: usize, text: &str) -> Result<Document, Fault> {
    steps::count(toml.len());
    if let Some((at, c)) = forbidden(toml) {
        return Err(Fault::Forbidden(at, c));
    }
    let table = DeTable::parse(toml).map_err(|_| Fault::Syntax)?;
    let reader = Reader { toml, base };
    let pairs = reader.pairs(table.get_ref()).map_err(Fault::Number)?;
    let document = Document::empty(Syntax::Toml, base..base + toml.len());
    let mut entries: Vec<Entry> = pairs
        .into_iter()
        .map(|(key, value)| Entry {
            extent: lines(text, &document.range, key.range.start..value.range.end),
            name: match key.value {
                Value::Text(name) => Some(name),
                _ => None,
            },
            key: key.range,
            value,
        })
        .collect();
    entries.sort_by_key(|entry| entry.key.start);
    Ok(document.with(entries))
}

/// Finds a character that TOML does not allow, or that ends a line to some programs only.
fn forbidden(toml: &str) -> Option<(usize, char)> {
    let is_alone = |at: usize| !toml[at + 1..].starts_with('\n');
    let mut chars = toml.char_indices();
    chars.find(|(at, c)| is_forbidden(*c) || *c == '\r' && is_alone(*at))
}

struct Reader<'t> {
    toml: &'t str,
    /// The start of the TOML in the file's text.
    base: usize,
}

type Pairs = Vec<(Node, Node)>;

impl Reader<'_> {
    /// Returns the keys and values of a table in the order of the text; the error is the place of a
    /// number that cannot be held.
    fn pairs(&self, table: &DeTable<'_>) -> Result<Pairs, Range<usize>> {
        let mut pairs = Vec::with_capacity(table.len());
        for (name, value) in table {
            steps::count(1 + name.get_ref().len());
            let key = Node {
                value: Value::Text(name.get_ref().to_string()),
                range: self.moved(name.span()),
            };
            let value = self.node(value, key.range.end)?;
            pairs.push((key, value));
        }
        pairs.sort_by_key(|(key, _)| key.range.start);
        Ok(pairs)
    }

    /// Returns a value and its place, which is not before the byte `after`.
    fn node(&self, spanned: &Spanned<DeValue<'_>>, after: usize) -> Result<Node, Range<usize>> {
        steps::count(1);
        let span = spanned.span();
        let source = self.toml.get(span.clone()).unwrap_or_default();
        let range = self.moved(span);
        Ok(match spanned.get_ref() {
            DeValue::Table(table) if !source.starts_with('{') => {
                let pairs = self.pairs(table)?;
                Node {
                    range: around(&pairs, range, after),
                    value: Value::Map(pairs),
                }
            }
            DeValue::Array(array) if self.is_of_tables(array) => {
                let items = self.items(array, after)?;
                let end = items.last().map_or(range.end, |item| item.range.end);
                let start = items.first().map_or(after, |item| item.range.start);
                Node {
                    range: start.max(after)..end.max(after),
                    value: Value::List(items),
                }
            }
            value => Node {
                value: self.value(value, source, &range)?,
                range,
            },
        })
    }

    /// Returns a value that is written behind its key.
    fn value(
        &self,
        value: &DeValue<'_>,
        source: &str,
        range: &Range<usize>,
    ) -> Result<Value, Range<usize>> {
        Ok(match value {
            DeValue::String(text) => {
                steps::count(text.len());
                // Where the lines of a text end in CRLF is a matter of the file, not of the text.
                let has_crlf = source.contains("\r\n");
                Value::Text(match has_crlf {
                    true => text.replace("\r\n", "\n"),
                    false => text.to_string(),
                })
            }
            DeValue::Integer(number) => {
                let number = integer(number);
                Value::Integer(
                    number.ok_or_else(|| range.start - self.base..range.end - self.base)?,
                )
            }
            DeValue::Float(number) => Value::Float(float(number)),
            DeValue::Boolean(value) => Value::Bool(*value),
            // As it is written: nobody else's form is better.
            DeValue::Datetime(_) => Value::Text(source.to_owned()),
            DeValue::Array(array) => Value::List(self.items(array, range.start)?),
            DeValue::Table(table) => Value::Map(self.pairs(table)?),
        })
    }

    fn items(&self, array: &DeArray<'_>, after: usize) -> Result<Vec<Node>, Range<usize>> {
        array.iter().map(|item| self.node(item, after)).collect()
    }

    /// Returns whether an array is made of `[[name]]` tables.
    fn is_of_tables(&self, array: &DeArray<'_>) -> bool {
        array.iter().next().is_some_and(|first| {
            let source = self.toml.get(first.span()).unwrap_or_default();
            matches!(first.get_ref(), DeValue::Table(_)) && source.starts_with('[')
        })
    }

    fn moved(&self, span: Range<usize>) -> Range<usize> {
        self.base + span.start..self.base + span.end
    }
}

/// Returns the place of a table that is not in braces: from its first key to its last value, or the
/// end of its header.
fn around(pairs: &Pairs, header: Range<usize>, after: usize) -> Range<usize> {
    let starts = pairs.iter().map(|(key, _)| key.range.start);
    let ends = pairs.iter().map(|(_, value)| value.range.end);
    let start = starts.min().unwrap_or(header.end).max(after);
    start..ends.max().unwrap_or(header.end).max(start)
}

fn integer(number: &DeInteger<'_>) -> Option<i128> {
    i128::from_str_radix(number.as_str(), number.radix()).ok()
}

fn float(number: &DeFloat<'_>) -> f64 {
    // Every float of TOML is one of Rust.
    number.as_str().parse().unwrap_or(f64::NAN)
}
