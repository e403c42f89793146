//! The parts of all checks of a front matter: values with their places, and findings.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::document::{Document, Node, Value};
use super::quote::{excerpt, quoted};
use super::resolve::{self, Given, Used, is_absent};
use super::text_findings::{TextFinding, TextFindings};
use crate::finding::{Fix, Rule, rules};
use crate::key_map::{KeyMap, ReadField};

/// Checks the keys of one front matter, one method a key.
pub(super) struct Checker<'a> {
    /// The file's.
    pub text: &'a str,
    /// The front matter's bytes in it.
    pub range: Range<usize>,
    pub document: &'a Document,
    /// The keys that fields are read from.
    pub map: &'a KeyMap,
    /// The keys that have a field besides, those of a locale.
    pub locale_keys: &'static [&'static str],
    /// The first value for each field.
    pub given: HashMap<ReadField, Given<'a>>,
    /// The parts that fields were read from.
    pub used: Used,
    /// The places of values that the post has by now, also of those that no key gives.
    pub places: HashMap<ReadField, Range<usize>>,
    /// The tags that the post has by now, each with its place.
    pub tag_places: Vec<(String, Range<usize>)>,
    pub findings: &'a mut TextFindings,
}

impl<'a> Checker<'a> {
    /// Makes a checker that knows the value of each field.
    pub fn new(
        text: &'a str,
        range: Range<usize>,
        document: &'a Document,
        map: &'a KeyMap,
        locale_keys: &'static [&'static str],
        findings: &'a mut TextFindings,
    ) -> Self {
        let mut given = HashMap::new();
        let mut used = Used::default();
        for field in ReadField::ALL {
            // Whether a post is public may be said by several keys, and an address is more than a
            // slug: these are looked at one by one.
            if matches!(field, ReadField::Draft | ReadField::Slug) {
                continue;
            }
            for found in resolve::all(document, map, field) {
                if is_absent(&found.node.value) {
                    used.add(found.key);
                } else if let std::collections::hash_map::Entry::Vacant(entry) = given.entry(field)
                {
                    used.add(found.key);
                    entry.insert(found);
                }
            }
        }
        Self {
            text,
            range,
            document,
            map,
            locale_keys,
            given,
            used,
            places: HashMap::new(),
            tag_places: Vec::new(),
            findings,
        }
    }

    /// Returns the value that the front matter gives for a field, and remembers its place.
    pub fn field(&mut self, field: ReadField) -> Option<Given<'a>> {
        let given = self.given.get(&field)?.clone();
        self.places.insert(field, given.node.range.clone());
        Some(given)
    }

    /// Returns a value's kind, for messages: "this is ...".
    pub fn kind(&self, value: &Value) -> &'static str {
        self.document.syntax.kind(value)
    }

    /// Returns a line that gives a key a value, which is written as the syntax has it.
    pub fn line(&self, key: &str, value: &str) -> String {
        self.document.syntax.assignment(key, value)
    }

    /// Returns the text at a range of bytes, as it is written.
    pub fn source(&self, range: &Range<usize>) -> &'a str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    pub fn fail(
        &mut self,
        rule: &'static Rule,
        range: &Range<usize>,
        message: impl AsRef<str>,
        help: impl AsRef<str>,
    ) {
        self.fail_with_fix(rule, range, message, help, None);
    }

    pub fn fail_with_fix(
        &mut self,
        rule: &'static Rule,
        range: &Range<usize>,
        message: impl AsRef<str>,
        help: impl AsRef<str>,
        fix: Option<Fix>,
    ) {
        let finding = TextFinding::new(rule, message).help(help);
        self.findings.push(finding.fix(fix).at(range.clone()));
    }

    /// Returns true if a value is written as itself, on one line, and can be replaced without
    /// changing another: it is no block, has no tag, and is no anchor or alias.
    pub fn is_replaceable(&self, node: &Node) -> bool {
        let source = self.source(&node.range);
        !source.is_empty()
            && !source.starts_with(['*', '&', '!', '|', '>'])
            && !source.contains(['\n', '\r'])
    }

    /// Returns the value of a key; `None` if it has none.
    pub fn value(&self, key: &str) -> Option<&'a Node> {
        let value = &self.document.get(key)?.value;
        (value.value != Value::Null).then_some(value)
    }

    /// Takes a field's text; anything else is a finding under `rule`.
    pub fn text_of(
        &mut self,
        field: ReadField,
        rule: &'static Rule,
    ) -> Option<(&'a str, Range<usize>)> {
        let given = self.field(field)?;
        let text = self.text_at(given.node, &given.name, Some(&given.name), rule)?;
        Some((text, given.node.range.clone()))
    }

    /// Takes the text of a value that messages call `name`; `key` is the key that it is written
    /// with, if any. A number and a boolean are text by their spelling, and the line end of a block is
    /// none of its text.
    pub fn text_at(
        &mut self,
        node: &'a Node,
        name: &str,
        key: Option<&str>,
        rule: &'static Rule,
    ) -> Option<&'a str> {
        let source = self.source(&node.range);
        let (rule, message, help) = match &node.value {
            Value::Text(text) if text.contains('\0') => (
                rules::NUL_CHARACTER,
                format!("{name} holds a NUL character"),
                "remove the `\\0` from it".to_owned(),
            ),
            Value::Text(text) if source.starts_with(['|', '>']) => {
                return Some(text.trim_end_matches(['\n', '\r']));
            }
            Value::Text(text) => return Some(text),
            // An alias is not the text that it repeats, and an anchor or a tag is no part of one.
            Value::Bool(_) | Value::Integer(_) | Value::Float(_)
                if !source.is_empty() && !source.starts_with(['*', '&', '!']) =>
            {
                return Some(source);
            }
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) => (
                rule,
                format!(
                    "{name} must be text, but {} is {}",
                    excerpt(source),
                    self.kind(&node.value)
                ),
                "write it out, and put it in quotes".to_owned(),
            ),
            Value::Tagged(tag, _) => (
                rule,
                format!(
                    "{name} must be text, but this has the YAML tag {}",
                    quoted(tag)
                ),
                "put the value in quotes, or remove what begins with `!`".to_owned(),
            ),
            value => (
                rule,
                format!("{name} must be text, but this is {}", self.kind(value)),
                match (source.as_bytes().first(), key) {
                    (Some(b'{'), _) => "put a text with braces in quotes".to_owned(),
                    (Some(b'['), _) => {
                        "write one text; one with brackets goes in quotes".to_owned()
                    }
                    (_, Some(key)) => format!("write one text: `{}`", self.line(key, "\"...\"")),
                    (_, None) => "write one text".to_owned(),
                },
            ),
        };
        self.fail(rule, &node.range, message, help);
        None
    }

    /// Takes the text of a key that has no field in the key map.
    pub fn text_of_key(
        &mut self,
        key: &'static str,
        rule: &'static Rule,
    ) -> Option<(&'a str, Range<usize>)> {
        let node = self.value(key)?;
        let text = self.text_at(node, key, Some(key), rule)?;
        Some((text, node.range.clone()))
    }

    /// Takes a text of no more characters than `most`.
    pub fn at_most(
        &mut self,
        most: usize,
        text: Cow<'a, str>,
        name: &str,
        help: &str,
        rule: &'static Rule,
        range: &Range<usize>,
    ) -> Option<Cow<'a, str>> {
        let length = text.chars().count();
        if length <= most {
            return Some(text);
        }
        let message = format!("{name} has {length} characters; at most {most} fit");
        self.fail(rule, range, message, help);
        None
    }
}
