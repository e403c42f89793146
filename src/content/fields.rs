//! What each key of the front matter must be.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::checker::{Checker, kind};
use super::document::{Document, Node, Value};
use super::extra::Other;
use super::quote::{excerpt, quoted, yaml_item, yaml_text};
use super::rules;
use super::spot::{Finding, Findings};
use super::suggest::{nearest, same};
use super::timestamp;
use crate::finding::{Fix, Rule};
use crate::invisible::is_blank;
use crate::post::{Extra, Post, PostId};

/// The keys that mean something, in the order in which the docs list them.
pub const KEYS: [&str; 11] = [
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
    "slug",
];

const MAX_TITLE: usize = 255;
/// An index of Postgres takes up to some 2,700 bytes of a category; this is four times as safe
/// as it must be, and as long as a title.
const MAX_CATEGORY: usize = 255;
const MAX_TAG: usize = 100;
const MAX_IMAGE: usize = 500;
const MAX_SLUG: usize = 255;

/// The most keys without a field that are compared with the known ones letter by letter.
pub(super) const LOOKED_AT: usize = 200;
/// The most known categories that a message lists.
const LISTED: usize = 20;
/// The longest text, in bytes, that is turned into a list to show how one is written.
const LONGEST_LIST: usize = 200;

/// What the keys say; a key that is wrong counts as absent, and has a finding.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub id: Option<PostId>,
    /// The id's bytes in the file's text.
    pub id_range: Option<Range<usize>>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub category: Option<String>,
    pub tags: BTreeSet<String>,
    /// True if there is a list of tags and it is empty.
    pub has_empty_tags: bool,
    pub image: Option<String>,
    pub created_at: Option<Timestamp>,
    pub updated_at: Option<Timestamp>,
    pub word_count: Option<i32>,
    pub word_count_range: Option<Range<usize>>,
    pub draft: bool,
    pub slug: Option<String>,
    /// The slug's bytes in the file's text.
    pub slug_range: Option<Range<usize>>,
    pub extra: Extra,
}

impl Fields {
    /// Makes the post, whose body has so many words; `None` without an id or a title.
    pub fn into_post(self, words: i32) -> Option<Post> {
        Some(Post {
            id: self.id?,
            title: self.title?,
            description: self.description,
            category: self.category,
            tags: self.tags.into_iter().collect(),
            has_empty_tags: self.has_empty_tags,
            image: self.image,
            created_at: self.created_at,
            updated_at: self.updated_at,
            word_count: self.word_count.unwrap_or(words),
            slug: self.slug,
            extra: self.extra,
        })
    }
}

/// Checks every key; findings are about bytes of `text`, where the front matter is at `range`.
pub(super) fn check(
    text: &str,
    range: Range<usize>,
    document: &Document,
    zone: &TimeZone,
    categories: Option<&[String]>,
    findings: &mut Findings,
) -> Fields {
    let mut checker = Checker {
        text,
        range,
        document,
        findings,
    };
    let others = checker.keys();
    let mut fields = Fields::default();
    let mut slips = Vec::new();
    if let Some((id, node)) = checker.id(&others, &mut slips) {
        fields.id = Some(id);
        fields.id_range = Some(node.range.clone());
    }
    fields.title = checker.title(&others, &mut slips).map(str::to_owned);
    fields.description = checker
        .text_of("description", rules::INVALID_DESCRIPTION)
        .map(|(text, _)| text.to_owned());
    fields.category = checker.category(categories).map(str::to_owned);
    fields.tags = checker.tags();
    fields.has_empty_tags = fields.tags.is_empty() && checker.value("tags").is_some();
    fields.image = checker.image().map(str::to_owned);
    fields.created_at = checker.timestamp("created_at", rules::INVALID_CREATED_AT, zone);
    fields.updated_at = checker.timestamp("updated_at", rules::INVALID_UPDATED_AT, zone);
    if let Some((count, node)) = checker.word_count() {
        fields.word_count = Some(count);
        fields.word_count_range = Some(node.range.clone());
    }
    fields.draft = checker.draft();
    if let Some((slug, range)) = checker.slug() {
        fields.slug = Some(slug.to_owned());
        fields.slug_range = Some(range);
    }
    fields.extra = checker.extra(&others, &slips);
    checker.comments();
    fields
}

impl<'a> Checker<'a> {
    /// Checks the keys themselves, and returns those that have no field.
    fn keys(&mut self) -> Vec<Other<'a>> {
        let document = self.document;
        let mut others = Vec::new();
        for (number, entry) in document.entries.iter().enumerate() {
            let other = |name| Other {
                name,
                range: &entry.key,
                value: &entry.value,
            };
            let Some(name) = entry.name.as_deref() else {
                others.push(other(self.source(&entry.key)));
                continue;
            };
            let first = document.position(name).unwrap_or(number);
            if first != number {
                self.repeated_key(name, &entry.key, &document.entries[first].key);
            } else if name == "<<" {
                let message = "the merge key `<<` is not supported";
                self.fail(rules::MERGE_KEY, &entry.key, message, "write the keys out");
            } else if !KEYS.contains(&name) {
                others.push(other(name));
            }
        }
        others
    }

    /// Reports that a key is missing; one that is probably meant for it is added to `slips`.
    fn missing(
        &mut self,
        rule: &'static Rule,
        key: &str,
        example: &str,
        others: &[Other<'a>],
        slips: &mut Vec<&'a Range<usize>>,
    ) {
        let slip = others
            .iter()
            .take(LOOKED_AT)
            .find(|other| nearest(other.name, KEYS) == Some(key));
        slips.extend(slip.map(|other| other.range));
        let (help, range) = match (self.document.get(key), slip) {
            (Some(entry), _) => (
                format!("give it a value, like `{example}`"),
                entry.key.clone(),
            ),
            (None, Some(other)) => (
                format!("write `{key}` instead of {}", quoted(other.name)),
                other.range.clone(),
            ),
            (None, None) => {
                let inside = self.source(&self.range).trim_start().starts_with('{');
                let help = if inside {
                    format!("add `{example},` behind the first `{{` of the front matter")
                } else {
                    format!("add a line like `{example}` to the front matter")
                };
                // The opening `---`, for want of a better place.
                (help, 0..3)
            }
        };
        let message = format!("the post has no {key}");
        self.findings
            .push(Finding::new(rule, message).help(help).at(range));
    }

    fn id(
        &mut self,
        others: &[Other<'a>],
        slips: &mut Vec<&'a Range<usize>>,
    ) -> Option<(PostId, &'a Node)> {
        let rule = rules::INVALID_ID;
        let Some(node) = self.value("id") else {
            self.missing(rules::MISSING_ID, "id", "id: 1", others, slips);
            return None;
        };
        let whole = "write a whole number, like `id: 1`".to_owned();
        let mut fix = None;
        let (message, help) = match &node.value {
            Value::Integer(id) => {
                if let Some(id) = i64::try_from(*id).ok().and_then(PostId::new) {
                    return Some((id, node));
                }
                (
                    format!("id must be from 1 to {}, not {id}", PostId::MAX),
                    "give the post a number that no other has".to_owned(),
                )
            }
            Value::Text(text) => {
                let digits = text.trim().trim_start_matches('0');
                let all_digits = digits.bytes().all(|b| b.is_ascii_digit());
                let help = match digits.parse().ok().and_then(PostId::new) {
                    Some(id) if all_digits => {
                        fix = self
                            .is_replaceable(node)
                            .then(|| Fix::safe(node.range.clone(), id.to_string()));
                        format!("write it without quotes or leading zeros: `id: {id}`")
                    }
                    _ => whole,
                };
                let source = excerpt(self.source(&node.range));
                (
                    format!("id must be a whole number, but {source} is text"),
                    help,
                )
            }
            other => (
                format!("id must be a whole number, but this is {}", kind(other)),
                whole,
            ),
        };
        self.fail_with_fix(rule, &node.range, message, help, fix);
        None
    }

    fn title(
        &mut self,
        others: &[Other<'a>],
        slips: &mut Vec<&'a Range<usize>>,
    ) -> Option<&'a str> {
        let rule = rules::INVALID_TITLE;
        if self.value("title").is_none() {
            let example = "title: A title";
            self.missing(rules::MISSING_TITLE, "title", example, others, slips);
            return None;
        }
        let (title, range) = self.text_of("title", rule)?;
        if is_blank(title) {
            let help = "write one, like `title: A title`";
            self.fail(rule, &range, "title is blank", help);
            return None;
        }
        self.at_most(MAX_TITLE, title, "title", "shorten it", rule, &range)
    }

    fn category(&mut self, categories: Option<&[String]>) -> Option<&'a str> {
        let rule = rules::INVALID_CATEGORY;
        let (category, range) = self.text_of("category", rule)?;
        if is_blank(category) {
            let help = "name one, or remove the line";
            self.fail(rule, &range, "category is blank", help);
            return None;
        }
        self.at_most(
            MAX_CATEGORY,
            category,
            "category",
            "shorten it",
            rule,
            &range,
        )?;
        if let Some(categories) =
            categories.filter(|known| !known.iter().any(|known| known == category))
        {
            let name = quoted(category);
            let known = categories.iter().map(String::as_str);
            let help = match nearest(category, known.clone()) {
                Some(known) => format!("write {}, or add {name} to blogctl.toml", quoted(known)),
                None => format!(
                    "write one of {}, or add {name} to blogctl.toml",
                    listed(known)
                ),
            };
            let message = format!("{name} is not one of the categories in blogctl.toml");
            self.fail(rules::UNKNOWN_CATEGORY, &range, message, help);
        }
        Some(category)
    }

    fn tags(&mut self) -> BTreeSet<String> {
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

    fn image(&mut self) -> Option<&'a str> {
        let rule = rules::INVALID_IMAGE;
        let (image, range) = self.text_of("image", rule)?;
        let help = "name a shorter path or URL; an image's data goes in a file of its own";
        self.at_most(MAX_IMAGE, image, "image", help, rule, &range)
    }

    fn timestamp(&mut self, key: &str, rule: &'static Rule, zone: &TimeZone) -> Option<Timestamp> {
        let node = self.value(key)?;
        let message = match &node.value {
            Value::Text(text) => match timestamp::parse(text, zone) {
                Ok(moment) => return Some(moment.at),
                Err(error) => format!("{key}: {error}"),
            },
            other => format!(
                "{key} must be a date or a time, but this is {}",
                kind(other)
            ),
        };
        let help = format!("write it like {}", timestamp::FORMS);
        self.fail(rule, &node.range, message, help);
        None
    }

    fn word_count(&mut self) -> Option<(i32, &'a Node)> {
        let node = self.value("word_count")?;
        let message = match &node.value {
            Value::Integer(count) => match i32::try_from(*count) {
                Ok(count) if count >= 0 => return Some((count, node)),
                _ => format!("word_count must be from 0 to {}, not {count}", i32::MAX),
            },
            other => format!(
                "word_count must be a whole number, but this is {}",
                kind(other)
            ),
        };
        let help = "remove the line: blogctl counts the words";
        self.fail(rules::INVALID_WORD_COUNT, &node.range, message, help);
        None
    }

    fn slug(&mut self) -> Option<(&'a str, Range<usize>)> {
        let rule = rules::INVALID_SLUG;
        let (slug, range) = self.text_of("slug", rule)?;
        if slug.trim().is_empty() {
            let help = "write one, like `slug: a-title`, or remove the line";
            self.fail(rule, &range, "slug is blank", help);
            return None;
        }
        if let Some(control) = slug.chars().find(|c| c.is_control()) {
            let message = format!(
                "slug holds the control character U+{:04X}",
                u32::from(control)
            );
            self.fail(rule, &range, message, "remove it");
            return None;
        }
        let slug = self.at_most(MAX_SLUG, slug, "slug", "shorten it", rule, &range)?;
        Some((slug, range))
    }

    fn draft(&mut self) -> bool {
        let Some(node) = self.value("draft") else {
            return false;
        };
        if let Value::Bool(draft) = node.value {
            return draft;
        }
        let message = format!(
            "draft must be true or false, but this is {}",
            kind(&node.value)
        );
        let help = "write `draft: true` or `draft: false`, without quotes";
        let fix = match &node.value {
            Value::Text(text) if self.is_replaceable(node) => {
                let word = ["true", "false"].into_iter();
                word.filter(|word| text.eq_ignore_ascii_case(word))
                    .map(|word| Fix::safe(node.range.clone(), word))
                    .next()
            }
            _ => None,
        };
        self.fail_with_fix(rules::INVALID_DRAFT, &node.range, message, help, fix);
        false
    }
}

impl Checker<'_> {
    /// Points out text that YAML takes for a comment, as that of `title: C # for all`.
    fn comments(&mut self) {
        for key in ["title", "description", "category", "tags"] {
            let Some(node) = self.value_or_nothing(key) else {
                continue;
            };
            let rest = self.text.get(node.range.end..self.range.end);
            let line = rest.unwrap_or_default().lines().next().unwrap_or_default();
            let Some(comment) = line.trim_start().strip_prefix('#') else {
                continue;
            };
            let source = self.source(&node.range);
            // `tags: #rust` is one for sure; a comment of more words behind nothing is none.
            if source.is_empty() && comment.starts_with([' ', '\t']) {
                continue;
            }
            let start = node.range.end + line.len() - line.trim_start().len();
            let whole = format!("{source}{}", line.trim_end());
            let kept = match key {
                "tags" => list_of(&whole),
                _ => yaml_text(whole.trim()),
            };
            let fix = kept
                .as_ref()
                .filter(|_| self.is_replaceable(node))
                .map(|kept| Fix::review(node.range.start..start + line.trim().len(), kept));
            let help = match kept {
                Some(kept) => format!("to keep it, write it in quotes: `{key}: {kept}`"),
                None => "to keep it, put the whole value in quotes".to_owned(),
            };
            let range = start..start + line.trim().len();
            let message = "what follows `#` is a comment and not published";
            self.fail_with_fix(rules::COMMENT, &range, message, help, fix);
        }
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

    /// The value of a key where it is written without quotes, or not at all.
    fn value_or_nothing(&self, key: &str) -> Option<&Node> {
        let node = &self.document.get(key)?.value;
        let source = self.source(&node.range);
        let plain = !source.starts_with(['"', '\'', '|', '>', '[', '{', '*', '&', '!']);
        let scalar = !matches!(node.value, Value::List(_) | Value::Map(_));
        (plain && scalar).then_some(node)
    }
}

/// Tells if any key is that of an id or a title, in whatever spelling: without either, a file
/// with keys and values is something else than a post.
pub(super) fn is_of_a_post<'a>(names: impl IntoIterator<Item = &'a str>) -> bool {
    names
        .into_iter()
        .any(|name| same(name, "id") || same(name, "title"))
}

/// The first few of some names.
fn listed<'a>(mut names: impl Iterator<Item = &'a str>) -> String {
    let shown: Vec<_> = names.by_ref().take(LISTED).map(excerpt).collect();
    let more = if names.next().is_some() { ", ..." } else { "" };
    shown.join(", ") + more
}

/// A text with commas as a list in brackets that YAML reads; `None` where it holds no name, or
/// is too long to be shown.
fn list_of(text: &str) -> Option<String> {
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
