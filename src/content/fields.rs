//! What each key of the front matter must be.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::checker::{Checker, kind};
use super::locate::Place;
use super::nearest::nearest;
use super::rules::{self, Rule};
use super::spot::{Finding, spot};
use super::timestamp;
use super::yaml::{Entry, Value};
use crate::post::PostId;

/// The keys that mean something, in the order in which the docs list them.
pub const KEYS: [&str; 10] = [
    "id",
    "title",
    "description",
    "category",
    "tags",
    "image",
    "created_at",
    "updated_at",
    "word_count",
    "draft",
];

const MAX_TITLE: usize = 255;
const MAX_TAG: usize = 100;
const MAX_IMAGE: usize = 500;

/// What the keys say; a key that is wrong counts as absent, and has a finding.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub id: Option<PostId>,
    /// Where the id stands, in bytes of the file's text.
    pub id_range: Option<Range<usize>>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub category: Option<String>,
    pub tags: BTreeSet<String>,
    pub image: Option<String>,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    pub word_count: Option<i32>,
    pub word_count_range: Option<Range<usize>>,
    pub draft: bool,
    /// Keys that mean nothing, and where they stand.
    pub unknown: Vec<(String, Range<usize>)>,
}

/// Checks every key; findings are about bytes of `text`, where the YAML is at `yaml`.
pub(super) fn check(
    text: &str,
    yaml: Range<usize>,
    entries: &[Entry],
    zone: &TimeZone,
    categories: Option<&[String]>,
    findings: &mut Vec<Finding>,
) -> Fields {
    let mut checker = Checker {
        text,
        yaml,
        entries,
        findings,
    };
    let mut fields = Fields {
        unknown: checker.keys(),
        ..Fields::default()
    };
    if let Some((id, number)) = checker.id(&fields.unknown) {
        fields.id = Some(id);
        fields.id_range = Some(checker.range(Place::Value(number)));
    }
    fields.title = checker.title(&fields.unknown);
    fields.description = checker
        .text_of("description", rules::INVALID_DESCRIPTION)
        .map(|(text, _)| text);
    fields.category = checker.category(categories);
    fields.tags = checker.tags();
    fields.image = checker.image();
    fields.created_at = checker.timestamp("created_at", rules::INVALID_CREATED_AT, zone);
    fields.updated_at = checker.timestamp("updated_at", rules::INVALID_UPDATED_AT, zone);
    if let Some((count, number)) = checker.word_count() {
        fields.word_count = Some(count);
        fields.word_count_range = Some(checker.range(Place::Value(number)));
    }
    fields.draft = checker.draft();
    fields
}

impl Checker<'_> {
    /// Checks the keys themselves, and returns those that mean nothing.
    fn keys(&mut self) -> Vec<(String, Range<usize>)> {
        let mut unknown = Vec::new();
        for (number, entry) in self.entries.iter().enumerate() {
            let place = Place::Key(number);
            let Some(key) = entry.key.as_deref() else {
                unknown.push((self.source(place).to_owned(), self.range(place)));
                continue;
            };
            let first = self.entry(key).map_or(number, |(first, _)| first);
            if first != number {
                let line = spot(self.text, self.range(Place::Key(first))).line;
                let message = format!("{key:?} stands twice; the first is on line {line}");
                self.fail(rules::DUPLICATE_KEY, place, message, "keep one of the two");
            } else if key == "<<" {
                let message = "the merge key `<<` is not supported".to_owned();
                self.fail(rules::MERGE_KEY, place, message, "write the keys out");
            } else if !KEYS.contains(&key) {
                unknown.push((key.to_owned(), self.range(place)));
            }
        }
        unknown
    }

    fn missing(
        &mut self,
        rule: Rule,
        key: &str,
        example: &str,
        unknown: &[(String, Range<usize>)],
    ) {
        let slip = unknown
            .iter()
            .find(|(other, _)| nearest(other, KEYS) == Some(key));
        let (help, range) = match (self.entry(key), slip) {
            (Some((number, _)), _) => (
                format!("give it a value, like `{example}`"),
                self.range(Place::Key(number)),
            ),
            (None, Some((other, range))) => {
                (format!("write `{key}` instead of {other:?}"), range.clone())
            }
            (None, None) => (
                format!("add a line like `{example}` to the front matter"),
                // The opening `---`, for want of a better place.
                0..3,
            ),
        };
        let message = format!("the post has no {key}");
        self.findings
            .push(Finding::new(rule, message).help(help).at(range));
    }

    fn id(&mut self, unknown: &[(String, Range<usize>)]) -> Option<(PostId, usize)> {
        let rule = rules::INVALID_ID;
        let Some((number, value)) = self.value("id") else {
            self.missing(rules::MISSING_ID, "id", "id: 1", unknown);
            return None;
        };
        let place = Place::Value(number);
        let source = self.source(place);
        match value {
            Value::Integer(id) => {
                let valid = i64::try_from(*id).ok().and_then(PostId::new);
                if valid.is_none() {
                    let message = format!("id must be from 1 to {}, not {id}", PostId::MAX);
                    self.fail(
                        rule,
                        place,
                        message,
                        "give the post a number that no other has",
                    );
                }
                return valid.map(|id| (id, number));
            }
            Value::Text(text) => {
                let digits = text.trim().trim_start_matches('0');
                let help = if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
                    format!("write it without quotes or leading zeros: `id: {digits}`")
                } else {
                    "write a whole number, like `id: 1`".to_owned()
                };
                let message = format!("id must be a whole number, but {source} is text");
                self.fail(rule, place, message, help);
            }
            other => {
                let message = format!("id must be a whole number, but this is {}", kind(other));
                self.fail(rule, place, message, "write a whole number, like `id: 1`");
            }
        }
        None
    }

    fn title(&mut self, unknown: &[(String, Range<usize>)]) -> Option<String> {
        let rule = rules::INVALID_TITLE;
        if self.value("title").is_none() {
            self.missing(rules::MISSING_TITLE, "title", "title: A title", unknown);
            return None;
        }
        let (title, place) = self.text_of("title", rule)?;
        if title.trim().is_empty() {
            self.fail(
                rule,
                place,
                "title is blank".into(),
                "write one, like `title: A title`",
            );
            return None;
        }
        self.at_most(MAX_TITLE, title, "title", "shorten it", rule, place)
    }

    fn category(&mut self, categories: Option<&[String]>) -> Option<String> {
        let (category, place) = self.text_of("category", rules::INVALID_CATEGORY)?;
        if category.trim().is_empty() {
            let help = "name one, or remove the line";
            self.fail(
                rules::INVALID_CATEGORY,
                place,
                "category is blank".into(),
                help,
            );
            return None;
        }
        if let Some(categories) = categories.filter(|known| !known.contains(&category)) {
            let known = categories.iter().map(String::as_str);
            let help = match nearest(&category, known.clone()) {
                Some(name) => format!("write {name:?}, or add {category:?} to blogctl.toml"),
                None => format!(
                    "write one of {}, or add {category:?} to blogctl.toml",
                    known.collect::<Vec<_>>().join(", ")
                ),
            };
            let message = format!("{category:?} is not one of the categories in blogctl.toml");
            self.fail(rules::UNKNOWN_CATEGORY, place, message, help);
            return None;
        }
        Some(category)
    }

    fn tags(&mut self) -> BTreeSet<String> {
        let rule = rules::INVALID_TAGS;
        let mut tags = BTreeSet::new();
        let Some((number, value)) = self.value("tags") else {
            return tags;
        };
        let Value::List(items) = value else {
            let place = Place::Value(number);
            let help = match value {
                Value::Text(text) => {
                    let names: Vec<_> = text.split(',').map(str::trim).collect();
                    format!("write a list: `tags: [{}]`", names.join(", "))
                }
                _ => "write a list: `tags: [one, two]`".to_owned(),
            };
            let message = format!("tags must be a list, but this is {}", kind(value));
            self.fail(rule, place, message, help);
            return tags;
        };
        for (item, value) in items.iter().enumerate() {
            let place = Place::Item(number, item);
            if matches!(value, Value::Null) {
                self.fail(
                    rule,
                    place,
                    "a tag is empty".into(),
                    "name it, or remove it",
                );
                continue;
            }
            let Some(tag) = self.text_at(place, value, "a tag", "", rule) else {
                continue;
            };
            if tag.trim().is_empty() {
                self.fail(
                    rule,
                    place,
                    "a tag is blank".into(),
                    "name it, or remove it",
                );
            } else if let Some(tag) = self.at_most(MAX_TAG, tag, "a tag", "shorten it", rule, place)
            {
                if tags.contains(&tag) {
                    let message = format!("the tag {tag:?} stands twice");
                    self.fail(rules::REPEATED_TAG, place, message, "remove one of the two");
                } else {
                    tags.insert(tag);
                }
            }
        }
        tags
    }

    fn image(&mut self) -> Option<String> {
        let rule = rules::INVALID_IMAGE;
        let (image, place) = self.text_of("image", rule)?;
        let help = "name a shorter path or URL; an image's data goes in a file of its own";
        self.at_most(MAX_IMAGE, image, "image", help, rule, place)
    }

    fn timestamp(&mut self, key: &str, rule: Rule, zone: &TimeZone) -> Option<Timestamp> {
        let (number, value) = self.value(key)?;
        let place = Place::Value(number);
        let help = format!("write it like {}", timestamp::FORMS);
        let Value::Text(text) = value else {
            let message = format!(
                "{key} must be a date or a time, but this is {}",
                kind(value)
            );
            self.fail(rule, place, message, help);
            return None;
        };
        match timestamp::parse(text, zone) {
            Ok(moment) => Some(moment.at),
            Err(error) => {
                self.fail(rule, place, format!("{key}: {error}"), help);
                None
            }
        }
    }

    fn word_count(&mut self) -> Option<(i32, usize)> {
        let rule = rules::INVALID_WORD_COUNT;
        let (number, value) = self.value("word_count")?;
        let place = Place::Value(number);
        let help = "remove the line: blogctl counts the words";
        match value {
            Value::Integer(count) => match i32::try_from(*count) {
                Ok(count) if count >= 0 => return Some((count, number)),
                _ => {
                    let message = format!("word_count must be from 0 to {}, not {count}", i32::MAX);
                    self.fail(rule, place, message, help);
                }
            },
            other => {
                let message = format!(
                    "word_count must be a whole number, but this is {}",
                    kind(other)
                );
                self.fail(rule, place, message, help);
            }
        }
        None
    }

    fn draft(&mut self) -> bool {
        let Some((number, value)) = self.value("draft") else {
            return false;
        };
        if let Value::Bool(draft) = value {
            return *draft;
        }
        let message = format!("draft must be true or false, but this is {}", kind(value));
        let help = "write `draft: true` or `draft: false`, without quotes";
        self.fail(rules::INVALID_DRAFT, Place::Value(number), message, help);
        false
    }
}
