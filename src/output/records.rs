//! How posts, runs and counts look in each format.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::table::{Align, Column};
use super::time::{date, minutes, rfc3339};
use super::{Record, fields};
use crate::locale::Locale;
use crate::model::{NameCount, Run};
use crate::post::{StoredPost, Translation, Unreadable};

/// The width of titles in display columns below which a table leaves out other columns.
const TITLE: usize = 30;

/// The cell of a table where there is no value.
const ABSENT: &str = "-";
/// The text for people in the place of a value that cannot be shown.
pub(super) const UNREADABLE: &str = "(unreadable)";

/// The cell of a column that may be absent, or hold what cannot be shown.
fn cell(unreadable: &[Unreadable], column: &str, value: Option<String>) -> String {
    match value {
        Some(value) => value,
        None if Unreadable::has(unreadable, column) => UNREADABLE.into(),
        None => ABSENT.into(),
    }
}

/// The tags that can be shown, and the mark where there are others.
fn tags(post: &StoredPost) -> Option<String> {
    let has_others = Unreadable::has(&post.unreadable, "tags");
    let tags = post.tags.iter().map(String::as_str);
    let tags: Vec<&str> = tags.chain(has_others.then_some(UNREADABLE)).collect();
    (!tags.is_empty()).then(|| tags.join(", "))
}

/// The names of the columns that cannot be shown, for JSON, which has them only if there
/// are any.
fn names(unreadable: &[Unreadable]) -> Vec<&'static str> {
    unreadable.iter().map(|one| one.column).collect()
}

/// A post in JSON. The names and their order are a documented contract: fields may be
/// added at the end, never renamed or removed.
pub(super) struct PostJson<'a>(pub &'a StoredPost);

impl Serialize for PostJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        fields::serialize::<S>(self.0, &mut map)?;
        let unreadable = names(&self.0.unreadable);
        if !unreadable.is_empty() {
            map.serialize_entry("unreadable", &unreadable)?;
        }
        if !self.0.translations.is_empty() {
            let translations: Vec<_> = self.0.translations.iter().map(TranslationJson).collect();
            map.serialize_entry("translations", &translations)?;
        }
        map.end()
    }
}

/// A text of a post in JSON: its locale, and what it has for itself.
struct TranslationJson<'a>(&'a Translation);

impl Serialize for TranslationJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Translation {
            text,
            fields,
            content,
        } = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("locale", &text.locale.as_ref().map(Locale::as_str))?;
        let path = text.path.as_ref().map(|path| path.as_str());
        map.serialize_entry("path", &path)?;
        for field in fields.fields() {
            map.serialize_entry(field.name(), &fields::JsonValue(text.get(field)))?;
        }
        if let Some(content) = content {
            map.serialize_entry("content", content)?;
        }
        let unreadable = names(&text.unreadable);
        if !unreadable.is_empty() {
            map.serialize_entry("unreadable", &unreadable)?;
        }
        map.end()
    }
}

impl Record for StoredPost {
    const COLUMNS: &'static [Column] = &[
        Column::fixed("ID", Align::Right),
        Column::fixed("CREATED", Align::Left).zoned(),
        Column::flexible("CATEGORY", 8).left_out(3),
        Column::fixed("WORDS", Align::Right).left_out(2),
        Column::flexible("TITLE", 12).wanted(TITLE),
        Column::flexible("TAGS", 12).left_out(1),
    ];
    const CSV_HEADER: &'static [&'static str] = &fields::header::<{ fields::PARTS }>("");

    fn cells(&self, zone: &TimeZone) -> Vec<String> {
        let cell = |column, value| cell(&self.unreadable, column, value);
        vec![
            self.id.to_string(),
            cell("created_at", self.created_at.map(|at| date(at, zone))),
            cell("category", self.category.clone()),
            cell("word_count", self.word_count.map(|words| words.to_string())),
            cell("title", self.title.clone()),
            tags(self).unwrap_or_default(),
        ]
    }

    fn csv_fields(&self) -> Vec<String> {
        fields::ALL.map(|part| fields::csv(self, part)).into()
    }

    fn to_json(&self) -> impl Serialize + '_ {
        PostJson(self)
    }
}

/// A run in JSON; its names are a documented contract.
#[derive(Serialize)]
struct RunJson<'a> {
    id: i32,
    started_at: Option<String>,
    finished_at: Option<String>,
    created: Option<u32>,
    updated: Option<u32>,
    moved: Option<u32>,
    removed: Option<u32>,
    unchanged: Option<u32>,
    directory: Option<&'a str>,
    actor: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<&'static str>,
}

impl Record for Run {
    const COLUMNS: &'static [Column] = &[
        Column::fixed("ID", Align::Right),
        Column::fixed("STARTED", Align::Left).zoned(),
        Column::fixed("TOOK", Align::Right),
        Column::flexible("CHANGES", 20),
        Column::flexible("DIRECTORY", 9),
        Column::flexible("ACTOR", 8),
    ];
    const CSV_HEADER: &'static [&'static str] = &[
        "id",
        "started_at",
        "finished_at",
        "created",
        "updated",
        "moved",
        "removed",
        "unchanged",
        "directory",
        "actor",
    ];

    fn cells(&self, zone: &TimeZone) -> Vec<String> {
        let times = self.started_at.zip(self.finished_at);
        let took = times.map(|(from, to)| to.duration_since(from).as_secs_f64());
        let cell = |column, value| cell(&self.unreadable, column, value);
        vec![
            self.id.to_string(),
            cell("started_at", self.started_at.map(|at| minutes(at, zone))),
            took.map_or_else(|| ABSENT.into(), |took| format!("{took:.1} s")),
            changes(self),
            cell("directory", self.directory.clone()),
            cell("actor", self.actor.clone()),
        ]
    }

    fn csv_fields(&self) -> Vec<String> {
        let count = |count: Option<u32>| count.map(|n| n.to_string()).unwrap_or_default();
        vec![
            self.id.to_string(),
            self.started_at.map(rfc3339).unwrap_or_default(),
            self.finished_at.map(rfc3339).unwrap_or_default(),
            count(self.created),
            count(self.updated),
            count(self.moved),
            count(self.removed),
            count(self.unchanged),
            self.directory.clone().unwrap_or_default(),
            self.actor.clone().unwrap_or_default(),
        ]
    }

    fn to_json(&self) -> impl Serialize + '_ {
        RunJson {
            id: self.id.get(),
            started_at: self.started_at.map(rfc3339),
            finished_at: self.finished_at.map(rfc3339),
            created: self.created,
            updated: self.updated,
            moved: self.moved,
            removed: self.removed,
            unchanged: self.unchanged,
            directory: self.directory.as_deref(),
            actor: self.actor.as_deref(),
            unreadable: names(&self.unreadable),
        }
    }
}

/// Says what a run did in a few words: `2 created, 1 removed`.
fn changes(run: &Run) -> String {
    let counts = [
        (run.created, "created"),
        (run.updated, "updated"),
        (run.moved, "moved"),
        (run.removed, "removed"),
    ];
    let words = |(count, verb): &(Option<u32>, &str)| match count {
        Some(0) => None,
        Some(count) => Some(format!("{count} {verb}")),
        None => Some(format!("{UNREADABLE} {verb}")),
    };
    let words: Vec<String> = counts.iter().filter_map(words).collect();
    if words.is_empty() {
        return ABSENT.into();
    }
    words.join(", ")
}

/// A category or tag in JSON; its names are a documented contract.
#[derive(Serialize)]
struct NameCountJson<'a> {
    name: Option<&'a str>,
    posts: Option<i64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<&'static str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    locales: BTreeMap<&'a str, Option<i64>>,
}

impl Record for NameCount {
    const COLUMNS: &'static [Column] = &[
        Column::fixed("POSTS", Align::Right),
        Column::flexible("NAME", 12),
    ];
    const CSV_HEADER: &'static [&'static str] = &["name", "posts"];

    fn cells(&self, _: &TimeZone) -> Vec<String> {
        let cell = |column, value| cell(&self.unreadable, column, value);
        vec![
            cell("posts", self.posts.map(|posts| posts.to_string())),
            cell("name", self.name.clone()),
        ]
    }

    fn csv_fields(&self) -> Vec<String> {
        vec![
            self.name.clone().unwrap_or_default(),
            self.posts
                .map(|posts| posts.to_string())
                .unwrap_or_default(),
        ]
    }

    fn to_json(&self) -> impl Serialize + '_ {
        NameCountJson {
            name: self.name.as_deref(),
            posts: self.posts,
            unreadable: names(&self.unreadable),
            locales: self
                .locales
                .iter()
                .map(|(locale, posts)| (locale.as_str(), *posts))
                .collect(),
        }
    }
}
