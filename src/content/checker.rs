//! What the checks of all keys are made of: values with their places, and findings.

use std::ops::Range;

use super::locate::{Place, locate};
use super::rules::{self, Rule};
use super::spot::Finding;
use super::yaml::{Entry, Value};

/// Checks the keys of one front matter, one method a key.
pub(super) struct Checker<'a> {
    /// The file's.
    pub text: &'a str,
    /// Where the front matter is in it.
    pub yaml: Range<usize>,
    pub entries: &'a [Entry],
    pub findings: &'a mut Vec<Finding>,
}

impl<'a> Checker<'a> {
    /// Where something stands in the file's text.
    pub fn range(&self, place: Place) -> Range<usize> {
        let range = locate(&self.text[self.yaml.clone()], place);
        self.yaml.start + range.start..self.yaml.start + range.end
    }

    /// How something is written.
    pub fn source(&self, place: Place) -> &'a str {
        &self.text[self.range(place)]
    }

    pub fn fail(&mut self, rule: Rule, place: Place, message: String, help: impl Into<String>) {
        let range = self.range(place);
        self.findings
            .push(Finding::new(rule, message).help(help).at(range));
    }

    /// The first entry with this key.
    pub fn entry(&self, key: &str) -> Option<(usize, &'a Value)> {
        let number = self
            .entries
            .iter()
            .position(|entry| entry.key.as_deref() == Some(key))?;
        Some((number, &self.entries[number].value))
    }

    /// The value of a key; `None` where it has none.
    pub fn value(&self, key: &str) -> Option<(usize, &'a Value)> {
        self.entry(key)
            .filter(|(_, value)| !matches!(value, Value::Null))
    }

    /// Takes a key's text; anything else is a finding under `rule`.
    pub fn text_of(&mut self, key: &str, rule: Rule) -> Option<(String, Place)> {
        let (number, value) = self.value(key)?;
        let place = Place::Value(number);
        let text = self.text_at(place, value, key, &format!("{key}: "), rule)?;
        Some((text, place))
    }

    /// Takes the text at a place that messages call `name`, and that `lead` introduces.
    pub fn text_at(
        &mut self,
        place: Place,
        value: &Value,
        name: &str,
        lead: &str,
        rule: Rule,
    ) -> Option<String> {
        match value {
            Value::Text(text) if text.contains('\0') => {
                let message = format!("{name} holds a NUL character");
                self.fail(
                    rules::NUL_CHARACTER,
                    place,
                    message,
                    "remove the `\\0` from it",
                );
                None
            }
            Value::Text(text) => Some(text.clone()),
            Value::Bool(_) | Value::Integer(_) | Value::Float => {
                let source = self.source(place);
                let message = format!("{name} must be text, but {source} is {}", kind(value));
                self.fail(
                    rule,
                    place,
                    message,
                    format!("put it in quotes: `{lead}\"{source}\"`"),
                );
                None
            }
            Value::Tagged(tag) => {
                let message = format!("{name} must be text, but this has the YAML tag {tag:?}");
                self.fail(
                    rule,
                    place,
                    message,
                    "put the value in quotes, or remove what begins with `!`",
                );
                None
            }
            Value::Mapping if self.source(place).starts_with('{') => {
                let message = format!("{name} must be text, but this is {}", kind(value));
                self.fail(rule, place, message, "put a text with braces in quotes");
                None
            }
            Value::List(_) if self.source(place).starts_with('[') => {
                let message = format!("{name} must be text, but this is a list");
                self.fail(
                    rule,
                    place,
                    message,
                    "write one text; one with brackets goes in quotes",
                );
                None
            }
            Value::Null | Value::List(_) | Value::Mapping => {
                let message = format!("{name} must be text, but this is {}", kind(value));
                self.fail(rule, place, message, format!("write one text: `{lead}...`"));
                None
            }
        }
    }

    /// Takes a text of no more characters than `most`.
    pub fn at_most(
        &mut self,
        most: usize,
        text: String,
        name: &str,
        help: &str,
        rule: Rule,
        place: Place,
    ) -> Option<String> {
        let length = text.chars().count();
        if length <= most {
            return Some(text);
        }
        let message = format!("{name} has {length} characters; at most {most} fit");
        self.fail(rule, place, message, help);
        None
    }
}

/// A value's kind, for messages: "this is ...".
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "a boolean to YAML",
        Value::Integer(_) | Value::Float => "a number to YAML",
        Value::Text(_) => "text",
        Value::List(_) => "a list",
        Value::Mapping => "a mapping",
        Value::Tagged(_) => "a value with a YAML tag",
    }
}
