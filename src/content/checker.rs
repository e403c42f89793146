//! The parts of all checks of a front matter: values with their places, and findings.

use std::ops::Range;

use super::document::{Document, Node, Syntax, Value};
use super::quote::{excerpt, quoted, yaml_text};
use super::text_findings::{TextFinding, TextFindings};
use crate::finding::{Fix, Rule, rules};

/// Checks the keys of one front matter, one method a key.
pub(super) struct Checker<'a> {
    /// The file's.
    pub text: &'a str,
    /// The front matter's bytes in it.
    pub range: Range<usize>,
    pub document: &'a Document,
    /// The keys that have a field.
    pub keys: &'static [&'static str],
    pub findings: &'a mut TextFindings,
}

impl<'a> Checker<'a> {
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

    /// Takes a key's text; anything else is a finding under `rule`.
    pub fn text_of(&mut self, key: &str, rule: &'static Rule) -> Option<(&'a str, Range<usize>)> {
        let node = self.value(key)?;
        let text = self.text_at(node, key, &format!("{key}: "), rule)?;
        Some((text, node.range.clone()))
    }

    /// Takes the text of a value that messages call `name`, and that `lead` introduces.
    pub fn text_at(
        &mut self,
        node: &'a Node,
        name: &str,
        lead: &str,
        rule: &'static Rule,
    ) -> Option<&'a str> {
        let source = self.source(&node.range);
        let mut fix = None;
        let (rule, message, help) = match &node.value {
            Value::Text(text) if text.contains('\0') => (
                rules::NUL_CHARACTER,
                format!("{name} holds a NUL character"),
                "remove the `\\0` from it".to_owned(),
            ),
            Value::Text(text) => return Some(text),
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) => (
                rule,
                format!(
                    "{name} must be text, but {} is {}",
                    excerpt(source),
                    kind(&node.value)
                ),
                match yaml_text(source) {
                    // An alias is not the text that it repeats, and an anchor or a tag is no part of one.
                    Some(quoted) if !source.starts_with(['*', '&', '!']) => {
                        fix = self
                            .is_replaceable(node)
                            .then(|| Fix::safe(node.range.clone(), &*quoted));
                        format!("put it in quotes: `{lead}{quoted}`")
                    }
                    _ => "write it out, and put it in quotes".to_owned(),
                },
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
                format!("{name} must be text, but this is {}", kind(value)),
                match source.as_bytes().first() {
                    Some(b'{') => "put a text with braces in quotes".to_owned(),
                    Some(b'[') => "write one text; one with brackets goes in quotes".to_owned(),
                    _ => format!("write one text: `{lead}...`"),
                },
            ),
        };
        self.fail_with_fix(rule, &node.range, message, help, fix);
        None
    }

    /// Takes a text of no more characters than `most`.
    pub fn at_most(
        &mut self,
        most: usize,
        text: &'a str,
        name: &str,
        help: &str,
        rule: &'static Rule,
        range: &Range<usize>,
    ) -> Option<&'a str> {
        let length = text.chars().count();
        if length <= most {
            return Some(text);
        }
        let message = format!("{name} has {length} characters; at most {most} fit");
        self.fail(rule, range, message, help);
        None
    }
}

/// Returns a value's kind, for messages: "this is ...".
pub(super) fn kind(value: &Value) -> &'static str {
    Syntax::Yaml.kind(value)
}
