//! The fields of a post: the key of each, and the values that it takes.
//!
//! [`Checker`] has what the checks have in common, `keys` the checks of the keys themselves;
//! tags and the keys without a field have files of their own.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::checker::Checker;
use super::derived::Derived;
use super::document::{Document, Node, Value};
use super::extra::Other;
use super::not_public::is_among_drafts;
use super::quote::{excerpt, quoted};
use super::read_settings::ReadSettings;
use super::resolve::Given;
use super::suggest::nearest;
use super::table_limits;
use super::text_findings::TextFindings;
use super::timestamp;
use crate::finding::{Fix, Rule, rules};
use crate::invisible::is_blank;
use crate::key_map::{ReadField, Source};
use crate::locale::{LOCALE_KEYS, Locale};
use crate::post::{Extra, Field, Post, PostId, SourcePath};

/// The names of the fields, which are also the keys of blogctl's own front matter, in the order in
/// which the docs list them.
pub const KEYS: [&str; 11] = {
    let mut names = [""; 11];
    let mut at = 0;
    while at < names.len() {
        names[at] = ReadField::ALL[at].name();
        at += 1;
    }
    names
};

const MAX_TITLE: usize = 255;
/// An index of Postgres takes up to some 2,700 bytes of a category; this is four times as safe
/// as it must be, and as long as a title.
const MAX_CATEGORY: usize = 255;

/// The most known categories that a message lists.
const LISTED: usize = 20;

/// The values of all fields. A value that is wrong counts as absent, and has a finding.
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
    /// The locale that the front matter or else the path states; `None` in a blog without locales.
    pub locale: Option<Locale>,
    /// True if another file may state the title.
    pub may_lack_title: bool,
    /// The keys that fields were read from without the settings naming them.
    pub read_as: Vec<(ReadField, String)>,
}

impl Fields {
    /// Makes the post, whose body has so many words; `None` without an id or a title.
    pub fn into_post(self, words: i32) -> Option<Post> {
        let title = match self.title {
            None if self.may_lack_title => String::new(),
            title => title?,
        };
        Some(Post {
            id: self.id?,
            locale: self.locale,
            title,
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

/// A file's text in its parts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parts<'a> {
    pub path: &'a SourcePath,
    pub text: &'a str,
    /// The front matter.
    pub document: &'a Document,
    /// The text behind the front matter.
    pub body: &'a str,
}

/// Checks every key, and what the columns ask of a post that is no draft; findings are about bytes
/// of the text.
pub(super) fn check(
    settings: &ReadSettings,
    parts: Parts<'_>,
    findings: &mut TextFindings,
) -> Fields {
    let zone = &settings.time_zone;
    let Parts { path, document, .. } = parts;
    let locale_keys: &[&str] = match settings.locales {
        Some(_) => &LOCALE_KEYS,
        None => &[],
    };
    let range = document.range.clone();
    let map = &settings.keys;
    let mut checker = Checker::new(parts.text, range, document, map, locale_keys, findings);
    let derived = Derived::new(settings, path, parts.body);
    // What the post's address and its state are read from is known first: the other keys are none
    // of these.
    let mut fields = Fields {
        draft: checker.draft() || is_among_drafts(path),
        ..Fields::default()
    };
    let slug = checker.slug(&derived);
    checker.keys();
    let others = checker.others();
    let mut slips = Vec::new();
    if let Some((id, node)) = checker.id(&others, &mut slips) {
        fields.id = Some(id);
        fields.id_range = Some(node.range.clone());
    }
    if let Some(locales) = &settings.locales {
        fields.locale = checker.locale(&locales.locales, path);
        let is_default = fields.locale == Some(locales.locales.default_locale());
        fields.may_lack_title = !is_default && !locales.translated.contains(Field::Title);
    }
    fields.title = checker.title(&derived);
    if fields.title.is_none() && !fields.may_lack_title {
        checker.missing_title(&others, &mut slips);
    }
    fields.description = checker.description(&derived);
    let (category, more) = checker.category(settings.categories.as_deref(), &derived);
    fields.category = category;
    fields.tags = checker.tags(more);
    fields.has_empty_tags = fields.tags.is_empty() && checker.given.contains_key(&ReadField::Tags);
    fields.image = checker.image();
    fields.created_at = checker.created_at(zone, &derived);
    if fields.created_at.is_some_and(|at| at > settings.now) && !fields.draft {
        checker.future(settings.hold_future);
        fields.draft = settings.hold_future;
    }
    if !fields.draft {
        fields.draft = checker.is_expired(zone, settings.now);
    }
    let rule = rules::INVALID_UPDATED_AT;
    fields.updated_at = checker.timestamp(ReadField::UpdatedAt, rule, zone);
    if let Some((count, node)) = checker.word_count() {
        fields.word_count = Some(count);
        fields.word_count_range = Some(node.range.clone());
    }
    if let Some((slug, range)) = slug {
        fields.slug = Some(slug);
        fields.slug_range = Some(range);
    }
    // By now it is known what the fields were read from.
    let others = checker.others();
    fields.extra = checker.extra(&others, &slips);
    if !fields.draft {
        table_limits::check(&mut checker, &fields, settings);
    }
    checker.comments();
    let told = checker.given.iter().filter(|(_, given)| given.is_told);
    fields.read_as = told
        .map(|(field, given)| (*field, given.name.to_string()))
        .collect();
    fields
}

/// The place of a value that no key gives: the opening line of the front matter.
pub(super) const NO_PLACE: Range<usize> = 0..3;

impl<'a> Checker<'a> {
    fn id(
        &mut self,
        others: &[Other<'a>],
        slips: &mut Vec<&'a Range<usize>>,
    ) -> Option<(PostId, &'a Node)> {
        let rule = rules::INVALID_ID;
        let Some(given) = self.field(ReadField::Id) else {
            self.missing(rules::MISSING_ID, ReadField::Id, others, slips);
            return None;
        };
        let (name, node) = (given.name, given.node);
        let whole = format!("write a whole number, like `{}`", self.line(&name, "1"));
        let mut fix = None;
        let (message, help) = match &node.value {
            Value::Integer(id) => {
                if let Some(id) = i64::try_from(*id).ok().and_then(PostId::new) {
                    return Some((id, node));
                }
                (
                    format!("{name} must be from 1 to {}, not {id}", PostId::MAX),
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
                        let line = self.line(&name, &id.to_string());
                        format!("write it without quotes or leading zeros: `{line}`")
                    }
                    _ if self.map.get(ReadField::Id).is_configured => whole,
                    _ => {
                        let other = OTHER_ID;
                        format!(
                            "{whole}; to keep this text, write `id = [\"{other}\"]` in the section \
                             [front_matter] of blogctl.toml, and run `blogctl fix`: it gives the \
                             post a number under the key {other}"
                        )
                    }
                };
                let source = excerpt(self.source(&node.range));
                (
                    format!("{name} must be a whole number, but {source} is text"),
                    help,
                )
            }
            other => (
                format!(
                    "{name} must be a whole number, but this is {}",
                    self.kind(other)
                ),
                whole,
            ),
        };
        self.fail_with_fix(rule, &node.range, message, help, fix);
        None
    }

    /// Takes the title from a key, else from where the settings say.
    fn title(&mut self, derived: &Derived<'_>) -> Option<String> {
        let rule = rules::INVALID_TITLE;
        let Some((title, range)) = self.text_of(ReadField::Title, rule) else {
            // One that is no text has a finding.
            if self.given.contains_key(&ReadField::Title) {
                return None;
            }
            let title = derived.title(self.map.get(ReadField::Title))?;
            let help = "shorten it, or give the post a title of its own";
            let title = self.at_most(MAX_TITLE, title.into(), "title", help, rule, &NO_PLACE)?;
            return Some(title.into_owned());
        };
        if is_blank(title) {
            let help = format!("write one, like `{}`", self.line("title", "\"A title\""));
            self.fail(rule, &range, "nobody can see this title: it is blank", help);
            return None;
        }
        let title = self.at_most(MAX_TITLE, title.into(), "title", "shorten it", rule, &range)?;
        Some(title.into_owned())
    }

    /// Reports that no title is given, unless there is one that is wrong.
    fn missing_title(&mut self, others: &[Other<'a>], slips: &mut Vec<&'a Range<usize>>) {
        let sources = self.map.get(ReadField::Title);
        let is_derived = sources.sources.len() > sources.keys().count();
        let is_wrong = is_derived && self.findings.has(rules::INVALID_TITLE);
        if !is_wrong && !self.given.contains_key(&ReadField::Title) {
            self.missing(rules::MISSING_TITLE, ReadField::Title, others, slips);
        }
    }

    fn description(&mut self, derived: &Derived<'_>) -> Option<String> {
        if self.given.contains_key(&ReadField::Description) {
            let (text, _) = self.text_of(ReadField::Description, rules::INVALID_DESCRIPTION)?;
            return Some(text.to_owned());
        }
        derived.description(self.map.get(ReadField::Description))
    }

    /// Takes the category, and the further ones of a list.
    fn category(
        &mut self,
        categories: Option<&[String]>,
        derived: &Derived<'_>,
    ) -> (Option<String>, Vec<(String, Range<usize>)>) {
        let rule = rules::INVALID_CATEGORY;
        let mut names = self.category_names(derived);
        if names.is_empty() {
            return (None, Vec::new());
        }
        let (category, range) = names.remove(0);
        let checked = self.at_most(
            MAX_CATEGORY,
            category.into(),
            "category",
            "shorten it",
            rule,
            &range,
        );
        let Some(category) = checked.map(Cow::into_owned) else {
            return (None, names);
        };
        if let Some(categories) = categories.filter(|known| !known.contains(&category)) {
            let name = quoted(&category);
            let known = categories.iter().map(String::as_str);
            let help = match nearest(&category, known.clone()) {
                Some(known) => format!("write {}, or add {name} to blogctl.toml", quoted(known)),
                None => format!(
                    "write one of {}, or add {name} to blogctl.toml",
                    listed(known)
                ),
            };
            let message = format!("{name} is not one of the categories in blogctl.toml");
            self.fail(rules::UNKNOWN_CATEGORY, &range, message, help);
        }
        (Some(category), names)
    }

    fn created_at(&mut self, zone: &TimeZone, derived: &Derived<'_>) -> Option<Timestamp> {
        if self.given.contains_key(&ReadField::CreatedAt) {
            return self.timestamp(ReadField::CreatedAt, rules::INVALID_CREATED_AT, zone);
        }
        let sources = self.map.get(ReadField::CreatedAt);
        let found = derived.date()?;
        if sources.has(&Source::FileName) {
            return Some(found.at);
        }
        if !sources.sources.is_empty() {
            let message = format!(
                "the post has no created_at, and its path has the date {}, which is not read",
                found.text
            );
            let mut names: Vec<&str> = sources.keys().collect();
            let source = Source::FileName;
            names.push(source.as_str());
            let help = format!(
                "run `blogctl init`, or write `created_at = {names:?}` in the section \
                 [front_matter] of blogctl.toml"
            );
            self.fail(rules::DATE_IN_PATH, &NO_PLACE, message, help);
        }
        None
    }

    fn timestamp(
        &mut self,
        field: ReadField,
        rule: &'static Rule,
        zone: &TimeZone,
    ) -> Option<Timestamp> {
        let Given { name, node, .. } = self.field(field)?;
        let text = match &node.value {
            Value::Text(text) => text,
            Value::Integer(_) | Value::Float(_) => self.source(&node.range),
            other => {
                let message = format!(
                    "{name} must be a date or a time, but this is {}",
                    self.kind(other)
                );
                let help = format!("write it like {}", timestamp::FORMS);
                self.fail(rule, &node.range, message, help);
                return None;
            }
        };
        match timestamp::parse(text, zone) {
            Ok(moment) => Some(moment.at),
            Err(error) => {
                let remedy = error.remedy();
                let help = remedy.unwrap_or_else(|| format!("write it like {}", timestamp::FORMS));
                let fix = error.proposal().filter(|_| self.is_replaceable(node));
                let fix = fix.map(|proposal| Fix::review(node.range.clone(), proposal));
                self.fail_with_fix(rule, &node.range, format!("{name}: {error}"), help, fix);
                None
            }
        }
    }

    fn word_count(&mut self) -> Option<(i32, &'a Node)> {
        let Given { name, node, .. } = self.field(ReadField::WordCount)?;
        let message = match &node.value {
            Value::Integer(count) => match i32::try_from(*count) {
                Ok(count) if count >= 0 => return Some((count, node)),
                _ => format!("{name} must be from 0 to {}, not {count}", i32::MAX),
            },
            other => format!(
                "{name} must be a whole number, but this is {}",
                self.kind(other)
            ),
        };
        let help = "remove the line: blogctl counts the words";
        self.fail(rules::INVALID_WORD_COUNT, &node.range, message, help);
        None
    }
}

/// The key for the number of a post whose `id` is something else.
pub const OTHER_ID: &str = "blogctl_id";

/// Lists the first few of some names.
fn listed<'a>(mut names: impl Iterator<Item = &'a str>) -> String {
    let shown: Vec<_> = names.by_ref().take(LISTED).map(excerpt).collect();
    let more = if names.next().is_some() { ", ..." } else { "" };
    shown.join(", ") + more
}
