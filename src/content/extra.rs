//! The keys without a field: kept with their values, and those that look like a slip.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use serde_json::Value as Json;

use super::checker::Checker;
use super::document::{Node, Value};
use super::json_value::{key_text, to_json};
use super::locator::locate;
use super::quote::quoted;
use super::steps;
use super::suggest::{meant, same};
use super::text_findings::TextFinding;
use crate::finding::rules;
use crate::key_map::ReadField;
use crate::post::Extra;

/// The most bytes of JSON that the keys without a field may take, numbers written out.
///
/// A reader takes up to 1 MiB of a row besides its body. A front matter without aliases stays
/// below this.
const LARGEST: usize = 512 * 1024;

/// The deepest nesting of a value. Many readers of JSON stop at 127 levels, and the value is some
/// levels down in a list of posts.
const DEEPEST: usize = 100;

/// The most keys without a field that are compared with the known ones letter by letter.
pub(super) const LOOKED_AT: usize = 200;

/// A key that has no field.
#[derive(Clone, Copy)]
pub(super) struct Other<'a> {
    /// The key as text; one that is no text as it is written.
    pub name: &'a str,
    /// Its bytes in the file's text.
    pub range: &'a Range<usize>,
    /// Its value.
    pub value: &'a Node,
}

impl<'a> Checker<'a> {
    /// Checks the keys that have no field, and returns them with their values. No warning is
    /// given of `slips`, which findings name already.
    pub fn extra(&mut self, others: &[Other<'a>], slips: &[&Range<usize>]) -> Extra {
        let mut extra = BTreeMap::new();
        let mut places: BTreeMap<&str, &Range<usize>> = BTreeMap::new();
        let mut size = 0;
        for (number, other) in others.iter().enumerate() {
            if !slips.contains(&other.range) {
                self.slip(other, number < LOOKED_AT);
            }
            self.text_without_nul(other.name, other.range, "key");
            self.value_of_extra(other.value, DEEPEST);
            if let Some(first) = places.get(other.name) {
                self.repeated_key(other.name, other.range, first);
                continue;
            }
            places.insert(other.name, other.range);
            if size > LARGEST {
                continue;
            }
            // A part of it that a field was read from is not kept twice.
            let Some(rest) = self.used.rest(other.value) else {
                continue;
            };
            let value = to_json(&rest);
            size += length_of_text(other.name) + length(&value);
            if size > LARGEST {
                let message = format!(
                    "from here on the keys without a field take more than {} KiB as JSON",
                    LARGEST / 1024
                );
                let help =
                    "write less into them: use fewer aliases, or move a long value to the body";
                self.fail(rules::EXTRA_SIZE, other.range, message, help);
                continue;
            }
            extra.insert(other.name.to_owned(), value);
        }
        Extra(extra)
    }

    /// Returns whether a field has a value.
    fn has(&self, field: ReadField) -> bool {
        self.given.contains_key(&field)
    }

    /// Warns of a key that is probably meant for one with a field. `closely` tells whether to
    /// compare it letter by letter.
    fn slip(&mut self, other: &Other<'_>, closely: bool) {
        // Of the key of a field, what the field was not read from is left.
        let is_known = |field: ReadField| {
            let mut keys = self.map.get(field).keys();
            keys.any(|key| key == other.name)
        };
        if ReadField::ALL.into_iter().any(is_known) {
            return;
        }
        let is_given = |name: &str| ReadField::named(name).is_some_and(|field| self.has(field));
        let own = self.own_keys();
        // Another spelling of a key that is read for a field without a value.
        let fields = ReadField::ALL.into_iter().filter(|field| !self.has(*field));
        let mut keys = fields.flat_map(|field| self.map.get(field).keys());
        let spelled = keys.find(|key| *key != other.name && same(other.name, key));
        let near = || {
            closely
                .then(|| meant(other.name, own.clone(), is_given))
                .flatten()
        };
        // A key that would be read if the settings did not name others for its field.
        let unread = || {
            let fields = ReadField::ALL.into_iter().filter(|field| !self.has(*field));
            let mut fields = fields.filter(|field| {
                let sources = self.map.get(*field);
                sources.is_configured && field.built_in().contains(&other.name)
            });
            fields.find_map(|field| self.map.get(field).keys().next())
        };
        let known = spelled.or_else(near).or_else(unread);
        if let Some(known) = known
            && self.findings.take(rules::UNKNOWN_KEY, Some(other.range))
        {
            let message = format!(
                "the key {} is kept in `extra`, where it has no meaning",
                quoted(other.name)
            );
            let finding = TextFinding::new(rules::UNKNOWN_KEY, message)
                .help(format!("did you mean `{known}`?"))
                .at(other.range.clone());
            self.findings.keep(finding);
        }
    }

    /// Checks that a value can be stored, with all within it, which may be nested `deepest` deep.
    fn value_of_extra(&mut self, node: &'a Node, deepest: usize) {
        steps::count(1);
        if deepest == 0 && matches!(node.value, Value::List(_) | Value::Map(_)) {
            let message = format!("this value is nested more than {DEEPEST} deep");
            self.fail(rules::EXTRA_SIZE, &node.range, message, "write it flatter");
            return;
        }
        match &node.value {
            Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) => {}
            Value::Text(text) => self.text_without_nul(text, &node.range, "value"),
            Value::List(items) => {
                items
                    .iter()
                    .for_each(|item| self.value_of_extra(item, deepest - 1));
            }
            Value::Map(pairs) => {
                let mut names: HashMap<String, &Range<usize>> = HashMap::new();
                for (key, value) in pairs {
                    let name = key_text(&key.value);
                    self.text_without_nul(&name, &key.range, "key");
                    self.value_of_extra(value, deepest - 1);
                    if let Some(first) = names.get(&name) {
                        self.repeated_key(&name, &key.range, first);
                    } else {
                        names.insert(name, &key.range);
                    }
                }
            }
            Value::Tagged(_, inner) => self.value_of_extra(inner, deepest),
        }
    }

    /// Reports a NUL in a text. The message says nothing of the text, which may be no post's.
    fn text_without_nul(&mut self, text: &str, range: &Range<usize>, kind: &str) {
        steps::count(text.len());
        if text.contains('\0') {
            let message = format!("this {kind} holds a NUL character");
            self.fail(
                rules::NUL_CHARACTER,
                range,
                message,
                "remove the `\\0` from it",
            );
        }
    }

    /// Reports a key that its mapping has twice.
    pub fn repeated_key(&mut self, name: &str, range: &Range<usize>, first: &Range<usize>) {
        if self.findings.take(rules::DUPLICATE_KEY, Some(range)) {
            let line = locate(self.text, first.clone()).start.line;
            let message = format!(
                "the key {} is there twice; the first is on line {line}",
                quoted(name)
            );
            let finding = TextFinding::new(rules::DUPLICATE_KEY, message);
            self.findings
                .keep(finding.help("keep one of the two").at(range.clone()));
        }
    }
}

/// Returns an upper bound of the bytes of a value as JSON, with spaces and all digits of numbers.
fn length(value: &Json) -> usize {
    steps::count(1);
    match value {
        Json::Null | Json::Bool(_) => 5,
        Json::Number(number) => match number.as_f64() {
            // An exponent becomes that many zeros; the logarithm of any number fits.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            Some(value) if number.is_f64() && value != 0.0 => {
                24 + value.abs().log10().abs() as usize
            }
            _ => 24,
        },
        Json::String(text) => length_of_text(text),
        Json::Array(items) => 2 + items.iter().map(|item| 2 + length(item)).sum::<usize>(),
        Json::Object(entries) => {
            let entries = entries.iter();
            2 + entries
                .map(|(key, value)| 4 + length_of_text(key) + length(value))
                .sum::<usize>()
        }
    }
}

/// Returns the bytes of a text in quotes, with escapes.
fn length_of_text(text: &str) -> usize {
    steps::count(text.len());
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' => 2,
        0..=0x1f | 0x7f => 6,
        _ => 1,
    };
    2 + text.bytes().map(escaped).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::test_reading::{reading, settings};

    /// Returns the extra keys of a post with these lines, or what is wrong with it.
    fn extra(lines: &str) -> Result<String, Vec<String>> {
        let text = format!("---\nid: 1\ntitle: T\n{lines}\n---\n");
        let reading = reading(&settings(), text.as_bytes());
        let (post, _) = reading.post.ok_or_else(|| {
            let shown = |found: &crate::finding::Finding| {
                let location = found.location.as_ref().unwrap();
                format!(
                    "{} {}:{}",
                    found.rule, location.start.line, location.start.column
                )
            };
            reading.findings.iter().map(shown).collect::<Vec<_>>()
        })?;
        let text = post.extra.to_text();
        assert_eq!(Extra::from_text(&text).as_ref(), Some(&post.extra));
        Ok(text)
    }

    #[test]
    fn keys_without_a_field_are_kept_with_their_values() {
        for (lines, expected) in [
            ("draft: false", "{}"),
            (
                "layout: post\nmath: true",
                r#"{"layout":"post","math":true}"#,
            ),
            (
                "hero:\n  image: a.png\n  alt: A cat\nauthors: [kim, {name: lee}]",
                r#"{"authors":["kim",{"name":"lee"}],"hero":{"alt":"A cat","image":"a.png"}}"#,
            ),
            // What a field is read from is not kept twice.
            ("date: 2025-01-01\npublished: true\nsummary: x", "{}"),
            (
                "cover:\n  image: a.png\n  alt: A cat",
                r#"{"cover":{"alt":"A cat"}}"#,
            ),
            ("cover: {image: a.png}", "{}"),
            ("images: [a.png, b.png]", r#"{"images":["b.png"]}"#),
            (
                "image: a.png\ncover: b.png\ncreated_at: 2025-01-01\ndate: x",
                r#"{"cover":"b.png","date":"x"}"#,
            ),
            (
                "permalink: /2024/hello/\nstatus: published",
                r#"{"permalink":"/2024/hello/","status":"published"}"#,
            ),
            ("weight: 1.5\nempty:\n", r#"{"empty":null,"weight":1.5}"#),
            ("1.50: a\n1: b\n~: c", r#"{"1":"b","1.50":"a","null":"c"}"#),
            ("&a x: 1\ny: [*a]", r#"{"x":1,"y":["x"]}"#),
            ("text: |\n  a\n  b\n", r#"{"text":"a\nb\n"}"#),
        ] {
            assert_eq!(extra(lines).as_deref(), Ok(expected), "{lines}");
        }
    }

    #[test]
    fn what_no_store_can_hold_is_an_error_at_its_place() {
        for (lines, expected) in [
            ("a: {b: [x, \"y\\0\"]}", "nul-character 4:12"),
            ("\"a\\0\": 1", "nul-character 4:1"),
            ("a:\n  \"b\\0\": 1", "nul-character 5:3"),
            ("a: {b: 1, c: 2, b: 3}", "duplicate-key 4:17"),
            ("a: {1: x, \"1\": y}", "duplicate-key 4:11"),
            ("[a]: 1\n[a]: 2", "duplicate-key 5:1"),
        ] {
            assert_eq!(extra(lines), Err(vec![expected.to_owned()]), "{lines}");
        }
    }

    #[test]
    fn too_much_is_an_error() {
        let lines = format!(
            "a: &a [{}]\nb: [{}]",
            "1e300,".repeat(300),
            "*a,".repeat(20)
        );
        assert_eq!(extra(&lines), Err(vec!["extra-size 5:1".to_owned()]));
    }

    #[test]
    fn a_front_matter_without_aliases_always_fits() {
        for piece in ["~,", "1e300,", "\"\\a\",", "[],", "{a},", "? a,", "1e19,"] {
            let lines = format!("a: [{}]", piece.repeat(65_000 / piece.len()));
            let found = extra(&lines);
            if piece == "1e300," {
                assert_eq!(found, Err(vec!["extra-size 4:1".to_owned()]));
            } else {
                assert!(found.is_ok(), "{piece}: {found:?}");
            }
        }
    }

    #[test]
    fn the_deepest_nesting_that_is_read_can_be_read_again() {
        let nested = |depth: usize| format!("a: {}{}", "[".repeat(depth), "]".repeat(depth));
        let deepest = (1..200).rev().find(|depth| extra(&nested(*depth)).is_ok());
        assert_eq!(deepest, Some(DEEPEST));
        let nested = |depth: usize| format!("a: {}1{}", "{a: ".repeat(depth), "}".repeat(depth));
        assert!(extra(&nested(DEEPEST)).is_ok());
    }

    #[test]
    fn a_key_near_a_known_one_is_kept_with_a_warning() {
        for (lines, expected) in [
            ("drafts: x", Some("draft")),
            ("titel: x", Some("title")),
            ("createdat: 2025-01-01", Some("created_at")),
            ("Created-At: 2025-01-01", Some("created_at")),
            ("catgory: x", Some("category")),
            ("Date: 2025-01-01", Some("date")),
            ("pubdate: 2025-01-01", Some("pubDate")),
            ("Date: x\ncreated_at: 2025-01-01", None),
            ("published_on: x\ndate: 2025-01-01", None),
            ("tag: x\ntags: [a]", None),
            (
                "layout: x\npage: 1\ntime: x\nfile: x\nuid: 7\nlang: ko\nblog: x",
                None,
            ),
        ] {
            let text = format!("---\nid: 1\ntitle: T\n{lines}\n---\n");
            let reading = reading(&settings(), text.as_bytes());
            let key = lines.split(':').next().unwrap();
            assert!(reading.post.unwrap().0.extra.0.contains_key(key));
            let found: Vec<_> = reading.findings.iter().collect();
            let Some(expected) = expected else {
                assert!(found.is_empty(), "{lines}: {found:?}");
                continue;
            };
            assert_eq!(found.len(), 1, "{lines}: {found:?}");
            assert_eq!(found[0].rule.name, "unknown-key");
            assert_eq!(found[0].level, crate::finding::Level::Warning);
            let help = format!("did you mean `{expected}`?");
            assert_eq!(found[0].help.as_deref(), Some(help.as_str()));
            let location = found[0].location.as_ref().unwrap();
            assert_eq!((location.start.line, location.start.column), (4, 1));
            assert_eq!(&location.excerpt[location.span.clone()], key);
        }
    }
}
