//! How posts, runs and counts look in each format.

use jiff::tz::TimeZone;
use serde::Serialize;

use super::table::{Align, Column};
use super::time::{date, minutes, rfc3339};
use super::{Record, json};
use crate::post::StoredPost;
use crate::store::{Counts, Run, Tally};

/// Stands in a table where there is no value.
const ABSENT: &str = "-";

fn or_absent(value: Option<String>) -> String {
    value.unwrap_or_else(|| ABSENT.into())
}

/// A post in JSON. The names and their order are a documented contract: fields may be
/// added at the end, never renamed or removed.
#[derive(Serialize)]
pub(super) struct PostJson<'a> {
    id: i32,
    title: Option<&'a str>,
    description: Option<&'a str>,
    category: Option<&'a str>,
    tags: &'a [String],
    image: Option<&'a str>,
    created_at: Option<String>,
    updated_at: Option<String>,
    word_count: Option<i32>,
    path: Option<&'a str>,
}

impl<'a> From<&'a StoredPost> for PostJson<'a> {
    fn from(post: &'a StoredPost) -> Self {
        Self {
            id: post.id.get(),
            title: post.title.as_deref(),
            description: post.description.as_deref(),
            category: post.category.as_deref(),
            tags: &post.tags,
            image: post.image.as_deref(),
            created_at: post.created_at.map(rfc3339),
            updated_at: post.updated_at.map(rfc3339),
            word_count: post.word_count,
            path: post.path.as_ref().map(|path| path.as_str()),
        }
    }
}

impl Record for StoredPost {
    const COLUMNS: &'static [Column] = &[
        Column::fixed("ID", Align::Right),
        Column::fixed("CREATED", Align::Left),
        Column::flexible("CATEGORY", 8),
        Column::fixed("WORDS", Align::Right),
        Column::flexible("TITLE", 12),
        Column::flexible("TAGS", 6),
    ];
    const CSV_HEADER: &'static [&'static str] = &[
        "id",
        "title",
        "description",
        "category",
        "tags",
        "image",
        "created_at",
        "updated_at",
        "word_count",
        "path",
    ];

    fn cells(&self, zone: &TimeZone) -> Vec<String> {
        vec![
            self.id.to_string(),
            or_absent(self.created_at.map(|at| date(at, zone))),
            or_absent(self.category.clone()),
            or_absent(self.word_count.map(|words| words.to_string())),
            or_absent(self.title.clone()),
            self.tags.join(", "),
        ]
    }

    fn csv_fields(&self) -> Vec<String> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        vec![
            self.id.to_string(),
            text(&self.title),
            text(&self.description),
            text(&self.category),
            json::list(&self.tags),
            text(&self.image),
            self.created_at.map(rfc3339).unwrap_or_default(),
            self.updated_at.map(rfc3339).unwrap_or_default(),
            self.word_count.map(|n| n.to_string()).unwrap_or_default(),
            self.path
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
        ]
    }

    fn to_json(&self) -> impl Serialize + '_ {
        PostJson::from(self)
    }
}

/// A run in JSON; its names are a documented contract.
#[derive(Serialize)]
struct RunJson<'a> {
    id: i32,
    started_at: String,
    finished_at: String,
    created: u32,
    updated: u32,
    moved: u32,
    removed: u32,
    unchanged: u32,
    directory: &'a str,
    actor: &'a str,
}

impl Record for Run {
    const COLUMNS: &'static [Column] = &[
        Column::fixed("ID", Align::Right),
        Column::fixed("STARTED", Align::Left),
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
        let record = &self.record;
        let took = record.finished_at.duration_since(record.started_at);
        vec![
            self.id.to_string(),
            minutes(record.started_at, zone),
            format!("{:.1} s", took.as_secs_f64()),
            changes(record.counts),
            record.directory.clone(),
            record.actor.clone(),
        ]
    }

    fn csv_fields(&self) -> Vec<String> {
        let record = &self.record;
        let counts = record.counts;
        vec![
            self.id.to_string(),
            rfc3339(record.started_at),
            rfc3339(record.finished_at),
            counts.created.to_string(),
            counts.updated.to_string(),
            counts.moved.to_string(),
            counts.removed.to_string(),
            counts.unchanged.to_string(),
            record.directory.clone(),
            record.actor.clone(),
        ]
    }

    fn to_json(&self) -> impl Serialize + '_ {
        let record = &self.record;
        let counts = record.counts;
        RunJson {
            id: self.id.get(),
            started_at: rfc3339(record.started_at),
            finished_at: rfc3339(record.finished_at),
            created: counts.created,
            updated: counts.updated,
            moved: counts.moved,
            removed: counts.removed,
            unchanged: counts.unchanged,
            directory: &record.directory,
            actor: &record.actor,
        }
    }
}

/// Says what a run did in a few words: `2 created, 1 removed`.
fn changes(counts: Counts) -> String {
    let counts = [
        (counts.created, "created"),
        (counts.updated, "updated"),
        (counts.moved, "moved"),
        (counts.removed, "removed"),
    ];
    let said = counts.iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> = said
        .map(|(count, verb)| format!("{count} {verb}"))
        .collect();
    if words.is_empty() {
        return ABSENT.into();
    }
    words.join(", ")
}

/// A category or tag in JSON; its names are a documented contract.
#[derive(Serialize)]
struct TallyJson<'a> {
    name: &'a str,
    posts: i64,
}

impl Record for Tally {
    const COLUMNS: &'static [Column] = &[
        Column::fixed("POSTS", Align::Right),
        Column::flexible("NAME", 12),
    ];
    const CSV_HEADER: &'static [&'static str] = &["name", "posts"];

    fn cells(&self, _: &TimeZone) -> Vec<String> {
        vec![self.posts.to_string(), self.name.clone()]
    }

    fn csv_fields(&self) -> Vec<String> {
        vec![self.name.clone(), self.posts.to_string()]
    }

    fn to_json(&self) -> impl Serialize + '_ {
        TallyJson {
            name: &self.name,
            posts: self.posts,
        }
    }
}
