//! The fields of a post: the key of each, and the values that it takes.
//!
//! [`Checker`] has what the checks have in common, `keys` the checks of the keys themselves;
//! tags and the keys without a field have files of their own.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::checker::{Checker, kind};
use super::document::{Document, Node, Value};
use super::extra::Other;
use super::quote::{excerpt, quoted};
use super::read_settings::ReadSettings;
use super::suggest::nearest;
use super::table_limits;
use super::text_findings::TextFindings;
use super::timestamp;
use crate::finding::{Fix, Rule, rules};
use crate::invisible::is_blank;
use crate::locale::{LOCALE_KEYS, Locale};
use crate::post::{Extra, Field, Post, PostId, SourcePath};

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

/// The keys that mean something in a blog with locales.
const KEYS_WITH_LOCALE: [&str; 14] = {
    let [locale, lang, language] = LOCALE_KEYS;
    let [
        id,
        title,
        description,
        category,
        tags,
        image,
        created,
        updated,
        count,
        draft,
        slug,
    ] = KEYS;
    [
        id,
        title,
        description,
        category,
        tags,
        image,
        created,
        updated,
        count,
        draft,
        slug,
        locale,
        lang,
        language,
    ]
};

const MAX_TITLE: usize = 255;
/// An index of Postgres takes up to some 2,700 bytes of a category; this is four times as safe
/// as it must be, and as long as a title.
const MAX_CATEGORY: usize = 255;
const MAX_IMAGE: usize = 500;
const MAX_SLUG: usize = 255;

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

/// Checks every key, and what the columns ask of a post that is no draft; findings are about bytes
/// of `text`, where the front matter is at `range`.
pub(super) fn check(
    settings: &ReadSettings,
    path: &SourcePath,
    text: &str,
    range: Range<usize>,
    document: &Document,
    findings: &mut TextFindings,
) -> Fields {
    let zone = &settings.time_zone;
    let mut checker = Checker {
        text,
        range,
        document,
        keys: match settings.locales {
            Some(_) => &KEYS_WITH_LOCALE,
            None => &KEYS,
        },
        findings,
    };
    let others = checker.keys();
    let mut fields = Fields::default();
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
    if !fields.may_lack_title || checker.value("title").is_some() {
        fields.title = checker.title(&others, &mut slips).map(str::to_owned);
    }
    fields.description = checker
        .text_of("description", rules::INVALID_DESCRIPTION)
        .map(|(text, _)| text.to_owned());
    fields.category = checker
        .category(settings.categories.as_deref())
        .map(str::to_owned);
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
    if !fields.draft {
        table_limits::check(&mut checker, &fields, settings);
    }
    checker.comments();
    fields
}

impl<'a> Checker<'a> {
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

/// Lists the first few of some names.
fn listed<'a>(mut names: impl Iterator<Item = &'a str>) -> String {
    let shown: Vec<_> = names.by_ref().take(LISTED).map(excerpt).collect();
    let more = if names.next().is_some() { ", ..." } else { "" };
    shown.join(", ") + more
}
