//! The tags of a post.

use std::collections::BTreeSet;
use std::ops::Range;

use super::checker::{Checker, kind};
use super::document::{Node, Value};
use super::quote::{excerpt, quoted, yaml_item};
use crate::finding::{Fix, rules};
use crate::invisible::is_blank;

/// The longest tag, in characters.
const MAX_TAG: usize = 100;

/// The longest text, in bytes, that is turned into a list to show how one is written.
const LONGEST_LIST: usize = 200;

impl Checker<'_> {
    /// Checks the tags, and returns those that are valid.
    pub fn tags(&mut self) -> BTreeSet<String> {
        let rule = rules::INVALID_TAGS;
        let mut tags = BTreeSet::new();
        let Some(node) = self.value("tags") else {
            return tags;
        };
        let Value::List(items) = &node.value else {
            let help = match &node.value {
                Value::Text(text) => list_of(text),
                _ => None,
            };
            let fix = help
                .as_ref()
                .filter(|_| self.is_replaceable(node))
                .map(|list| Fix::review(node.range.clone(), list));
            let help = format!(
                "write a list: `tags: {}`",
                help.as_deref().unwrap_or("[one, two]")
            );
            let message = format!("tags must be a list, but this is {}", kind(&node.value));
            self.fail_with_fix(rule, &node.range, message, help, fix);
            return tags;
        };
        for (number, item) in items.iter().enumerate() {
            let range = &item.range;
            if item.value == Value::Null {
                self.fail(rule, range, "a tag is empty", "name it, or remove it");
                continue;
            }
            let Some(tag) = self.text_at(item, "a tag", "", rule) else {
                continue;
            };
            if let Some((place, next)) = self.glued_item(range) {
                let message = format!(
                    "YAML reads {} as part of the tag above it",
                    quoted(&format!("-{next}"))
                );
                let help = format!(
                    "write `- {}`, with as many spaces before it as the tag above has",
                    excerpt(next.trim())
                );
                self.fail(rule, &place, message, help);
                continue;
            }
            if is_blank(tag) {
                self.fail(rule, range, "a tag is blank", "name it, or remove it");
            } else if let Some(tag) = self.at_most(MAX_TAG, tag, "a tag", "shorten it", rule, range)
                && !tags.insert(tag.to_owned())
            {
                let message = format!("the tag {} is there twice", quoted(tag));
                let before = number.checked_sub(1).and_then(|number| items.get(number));
                let fix = before.and_then(|before| self.removal(before, item));
                let rule = rules::REPEATED_TAG;
                self.fail_with_fix(rule, range, message, "remove one of the two", fix);
            }
        }
        tags
    }

    /// Makes a fix that removes an item of a list, unless there is more between it and the item
    /// before it than what separates them.
    fn removal(&self, before: &Node, item: &Node) -> Option<Fix> {
        let gap = before.range.end..item.range.start;
        let between = self.text.get(gap.clone())?.trim();
        let is_plain = matches!(between, "," | "-")
            && self.is_replaceable(before)
            && self.is_replaceable(item);
        is_plain.then(|| Fix::safe(gap.start..item.range.end, ""))
    }

    /// Finds a line of a text without quotes that begins with a hyphen, as an item that is
    /// indented too far does; returns its place and what follows the hyphen.
    fn glued_item(&self, range: &Range<usize>) -> Option<(Range<usize>, &str)> {
        let source = self.source(range);
        if source.starts_with(['"', '\'', '|', '>', '*', '&', '!']) {
            return None;
        }
        let mut at = range.start;
        for (number, line) in source.split_inclusive('\n').enumerate() {
            let text = line.trim();
            if number > 0
                && let Some(next) = text.strip_prefix('-')
            {
                let start = at + line.len() - line.trim_start().len();
                return Some((start..start + text.len(), next));
            }
            at += line.len();
        }
        None
    }
}

/// Returns a text with commas as a list in brackets that YAML reads; `None` if it holds no name, or
/// is too long to be shown.
pub(super) fn list_of(text: &str) -> Option<String> {
    if text.len() > LONGEST_LIST {
        return None;
    }
    let mut names: Vec<&str> = Vec::new();
    for name in text.split([',', '，', '、', '\n']).map(str::trim) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    let items: Option<Vec<String>> = names.into_iter().map(yaml_item).collect();
    let items = items.filter(|items| !items.is_empty())?;
    Some(format!("[{}]", items.join(", ")))
}
