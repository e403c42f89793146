//! The tags and the category of a post, which are names.

use std::collections::BTreeSet;
use std::ops::Range;

use super::checker::Checker;
use super::derived::Derived;
use super::document::{Node, Value};
use super::fields::NO_PLACE;
use super::quote::{excerpt, quoted, yaml_item};
use crate::finding::{Fix, Rule, rules};
use crate::invisible::is_blank;
use crate::key_map::{ReadField, Rest, Separator};
use crate::label::label;

/// The longest tag, in characters.
const MAX_TAG: usize = 100;

/// The longest text, in bytes, that is turned into a list to show how one is written.
const LONGEST_LIST: usize = 200;

/// The key of several categories, whose text may hold commas.
const CATEGORIES: &str = "categories";

/// A name and its place in the file's text.
pub(super) type Name = (String, Range<usize>);

impl<'a> Checker<'a> {
    /// Returns the names of the categories, of which the first is the category. The others become
    /// tags, unless the settings say otherwise.
    pub fn category_names(&mut self, derived: &Derived<'_>) -> Vec<Name> {
        let rule = rules::INVALID_CATEGORY;
        let sources = self.map.get(ReadField::Category);
        let Some(given) = self.field(ReadField::Category) else {
            let name = derived.category(sources);
            return name
                .into_iter()
                .map(|name| (label(&name).into_owned(), NO_PLACE))
                .collect();
        };
        let node = given.node;
        let mut names = Vec::new();
        match &node.value {
            Value::List(_) => {
                let mut items = Vec::new();
                flatten(node, &mut items);
                for item in &items {
                    if let Some(name) = self.name_at(item, "a category", rule) {
                        names.push((name, item.range.clone()));
                    }
                }
                if let (Rest::Extra, Some(first)) = (sources.rest, items.first()) {
                    self.used.remove(given.key);
                    self.used.add(&first.range);
                    names.truncate(1);
                }
            }
            _ => {
                let is_several = given.name.ends_with(CATEGORIES);
                let Some(text) = self.text_at(node, &given.name, Some(&given.name), rule) else {
                    return names;
                };
                let texts = match (is_several, sources.separator) {
                    (false, Separator::Comma) => vec![text],
                    (_, separator) => split(text, separator),
                };
                for text in texts {
                    if is_blank(text) {
                        let help = "name one, or remove the line";
                        self.fail(rule, &node.range, "category is blank", help);
                    } else {
                        names.push((label(text).into_owned(), node.range.clone()));
                    }
                }
            }
        }
        if let Some((_, range)) = names.first() {
            self.places.insert(ReadField::Category, range.clone());
        }
        names
    }

    /// Checks the tags, and returns those that are valid; `more` are names besides those of the key.
    pub fn tags(&mut self, more: Vec<Name>) -> BTreeSet<String> {
        let rule = rules::INVALID_TAGS;
        let mut tags = BTreeSet::new();
        if let Some(given) = self.field(ReadField::Tags) {
            match &given.node.value {
                Value::List(items) => self.listed_tags(items, &mut tags),
                Value::Map(_) | Value::Tagged(..) | Value::Null => {
                    let message = format!(
                        "{} must be a list, but this is {}",
                        given.name,
                        self.kind(&given.node.value)
                    );
                    let line = self.line(&given.name, &self.list_of(&["one", "two"]));
                    let help = format!("write a list: `{line}`");
                    self.fail(rule, &given.node.range, message, help);
                }
                _ => {
                    let text = self.text_at(given.node, &given.name, Some(&given.name), rule);
                    let separator = self.map.get(ReadField::Tags).separator;
                    for name in split(text.unwrap_or_default(), separator) {
                        self.tag(name, &given.node.range, &mut tags);
                    }
                }
            }
        }
        for (name, range) in more {
            if !tags.contains(&name) {
                self.tag(&name, &range, &mut tags);
            }
        }
        tags
    }

    fn listed_tags(&mut self, items: &'a [Node], tags: &mut BTreeSet<String>) {
        let rule = rules::INVALID_TAGS;
        for (number, item) in items.iter().enumerate() {
            let range = &item.range;
            if item.value == Value::Null {
                self.fail(rule, range, "a tag is empty", "name it, or remove it");
                continue;
            }
            let Some(tag) = self.text_at(item, "a tag", None, rule) else {
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
            if !self.tag(tag, range, tags) {
                let message = format!("the tag {} is there twice", quoted(&label(tag)));
                let before = number.checked_sub(1).and_then(|number| items.get(number));
                let fix = before.and_then(|before| self.removal(before, item));
                let rule = rules::REPEATED_TAG;
                self.fail_with_fix(rule, range, message, "remove one of the two", fix);
            }
        }
    }

    /// Adds a tag if it is valid. Returns false if it is there already.
    fn tag(&mut self, name: &str, range: &Range<usize>, tags: &mut BTreeSet<String>) -> bool {
        let rule = rules::INVALID_TAGS;
        if is_blank(name) {
            self.fail(rule, range, "a tag is blank", "name it, or remove it");
            return true;
        }
        let name = label(name).into_owned();
        let checked = self.at_most(MAX_TAG, name.into(), "a tag", "shorten it", rule, range);
        let Some(name) = checked.map(std::borrow::Cow::into_owned) else {
            return true;
        };
        self.tag_places.push((name.clone(), range.clone()));
        tags.insert(name)
    }

    /// Takes the text of an item of a list, as a name.
    fn name_at(&mut self, item: &'a Node, kind: &str, rule: &'static Rule) -> Option<String> {
        if item.value == Value::Null {
            let message = format!("{kind} is empty");
            self.fail(rule, &item.range, message, "name it, or remove it");
            return None;
        }
        let name = self.text_at(item, kind, None, rule)?;
        if is_blank(name) {
            let message = format!("{kind} is blank");
            self.fail(rule, &item.range, message, "name it, or remove it");
            return None;
        }
        Some(label(name).into_owned())
    }

    /// Returns a list of plain names as the syntax has it.
    fn list_of(&self, names: &[&str]) -> String {
        match self.document.syntax {
            super::document::Syntax::Yaml => format!("[{}]", names.join(", ")),
            super::document::Syntax::Toml => format!("{names:?}"),
        }
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
    fn glued_item(&self, range: &Range<usize>) -> Option<(Range<usize>, &'a str)> {
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

/// Collects the items of a list and of the lists in it.
fn flatten<'a>(node: &'a Node, items: &mut Vec<&'a Node>) {
    match &node.value {
        Value::List(inner) => inner.iter().for_each(|item| flatten(item, items)),
        _ => items.push(node),
    }
}

/// Splits a text of several names; blanks around each are left out, and so are empty ones.
fn split(text: &str, separator: Separator) -> Vec<&str> {
    let is_separator = |c: char| match separator {
        Separator::Comma => is_comma(c),
        Separator::Space => is_comma(c) || c.is_whitespace(),
    };
    let names = text.split(is_separator).map(str::trim);
    names.filter(|name| !name.is_empty()).collect()
}

/// Returns whether a character separates names. An ideographic comma is how Chinese and Japanese
/// separate them.
fn is_comma(c: char) -> bool {
    matches!(c, ',' | '，' | '、' | '\n' | '\r')
}

/// Returns a text with commas as a list in brackets that YAML reads; `None` if it holds no name, or
/// is too long to be shown.
pub(super) fn list_of(text: &str) -> Option<String> {
    if text.len() > LONGEST_LIST {
        return None;
    }
    let mut names: Vec<&str> = Vec::new();
    for name in split(text, Separator::Comma) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let items: Option<Vec<String>> = names.into_iter().map(yaml_item).collect();
    let items = items.filter(|items| !items.is_empty())?;
    Some(format!("[{}]", items.join(", ")))
}
