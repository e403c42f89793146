//! Tests of SQLite's own behaviour; the contract's cases are in `tests/it/contract`.

mod failing;
#[cfg(unix)]
mod foreign;
#[cfg(unix)]
mod hostile;
mod listing;
mod locale_others;
mod locale_reading;
mod locales;
mod making;
mod migrating;
#[cfg(unix)]
mod replaced;
mod searching;
mod syncing;

use std::error::Error;
use std::fs;

use jiff::Timestamp;
use tempfile::TempDir;

use super::lock::SyncLock;
use super::*;
use crate::index::Index;
use crate::model::{NameCount, RunRecord};
use crate::page::{Filter, Limit, Position};
use crate::plan::Replaces;
use crate::post::{Digest, Post, PostId, SourcePath, StoredPost};
use crate::store::{Begin, Finish, PostWrite, Reader, Store};

const NO_WAIT: Duration = Duration::ZERO;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn store_in(folder: &TempDir) -> SqliteStore {
    SqliteStore::open(&folder.path().join("content.db")).unwrap()
}

fn embedded(project: &TempDir) -> Result<SqliteStore> {
    let path = project.path().join(".blogctl/content.db");
    SqliteStore::open_embedded(&path, SqliteOptions::default())
}

fn begin(generation: Option<crate::index::Generation>) -> Begin {
    Begin {
        generation,
        lock_timeout: NO_WAIT,
        now: Timestamp::UNIX_EPOCH,
    }
}

fn post_write(id: i64, body: String) -> PostWrite {
    let post = Post {
        tags: vec!["a".to_owned()],
        word_count: 1,
        ..Post::new(PostId::new(id).unwrap(), format!("Post {id}"))
    };
    let digest = Digest::from_bytes(&[7; Digest::LEN]).unwrap();
    PostWrite {
        managed: post.stated(),
        extra_terms: Vec::new(),
        post,
        body,
        path: SourcePath::new("content/a.md"),
        file_digest: digest,
        post_digest: digest,
        translation: None,
        text_digest: None,
        replaces: Replaces::Nothing,
        terms: Vec::new(),
    }
}

fn finish() -> Finish {
    Finish {
        categories: Vec::new(),
        prune_tags: false,
        run: Some(RunRecord {
            started_at: Timestamp::UNIX_EPOCH,
            finished_at: Timestamp::UNIX_EPOCH,
            counts: Default::default(),
            directory: "content".to_owned(),
            actor: "me@here".to_owned(),
        }),
    }
}

fn sync_one(store: &mut SqliteStore, id: i64) {
    let index = store.index().unwrap();
    let mut transaction = store.begin(begin(index.generation)).unwrap();
    transaction
        .write(post_write(id, "Body".to_owned()))
        .unwrap();
    transaction.finish(&finish()).unwrap();
    transaction.commit().unwrap();
}
