//! Rows for the tests of the formats.

use crate::model::{Counts, Run, RunRecord};
use crate::post::{Extra, PostId, SourcePath, StoredPost};

pub fn id(value: i64) -> PostId {
    PostId::new(value).unwrap()
}

/// A row that blogctl did not write: nothing but its key.
pub fn bare(key: i64) -> StoredPost {
    StoredPost::new(id(key))
}

/// A post with a value in every field.
pub fn full(key: i64, title: &str) -> StoredPost {
    StoredPost {
        title: Some(title.into()),
        description: Some("What it is about, in short".into()),
        category: Some("guide".into()),
        tags: vec!["neon".into(), "색인".into()],
        image: Some("/a.png".into()),
        created_at: Some("2025-11-28T00:00:00Z".parse().unwrap()),
        updated_at: Some("2025-12-01T10:20:30.123456Z".parse().unwrap()),
        word_count: Some(512),
        slug: Some("a-title".into()),
        extra: Extra::from_text(r#"{"layout": "wide", "cover": {"alt": "a cat"}}"#).unwrap(),
        path: Some(SourcePath::new("content/a.md")),
        ..bare(key)
    }
}

pub fn run(key: i64) -> Run {
    let record = RunRecord {
        started_at: "2025-11-28T00:00:00Z".parse().unwrap(),
        finished_at: "2025-11-28T00:00:01.5Z".parse().unwrap(),
        counts: Counts {
            created: 1,
            updated: 2,
            adopted: 0,
            moved: 3,
            removed: 4,
            unchanged: 5,
        },
        directory: "content".into(),
        actor: "ada@laptop".into(),
    };
    Run::new(id(key), record)
}
