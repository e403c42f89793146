use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::model::{Counts, RunRecord};
use crate::page::Limit;
use crate::plan::Replaces;
use crate::post::{Digest, FieldSet, Post, SourcePath};
use crate::search::{self, Document, Query};
use crate::store::sqlite::SqliteStore;
use crate::store::{Begin, Finish, PostWrite, Store};

fn id(value: i64) -> PostId {
    PostId::new(value).unwrap()
}

/// Makes a store of posts 1 to `posts`, each titled `TITLE N`.
fn filled(path: &Path, posts: i64, title: &str) {
    let mut store = SqliteStore::open(path).unwrap();
    let index = store.index().unwrap();
    let now = Timestamp::UNIX_EPOCH;
    let mut transaction = store
        .begin(Begin {
            generation: index.generation,
            lock_timeout: Duration::ZERO,
            now,
        })
        .unwrap();
    for n in 1..=posts {
        let body = format!("The body of {title}.\n");
        let post = Post {
            category: Some("guide".into()),
            tags: vec![title.to_owned()],
            word_count: 4,
            ..Post::new(id(n), format!("{title} {n}"))
        };
        let document = Document {
            title: &post.title,
            description: None,
            tags: &post.tags,
            markdown: &body,
        };
        let terms = search::terms(&document, post.category.as_deref()).terms;
        let digest = Digest::from_bytes(&[0; 16]).unwrap();
        let write = PostWrite {
            post,
            path: SourcePath::new(format!("content/{n}.md")),
            file_digest: digest,
            post_digest: digest,
            translation: None,
            text_digest: None,
            replaces: Replaces::Nothing,
            managed: FieldSet::default(),
            extra_terms: Vec::new(),
            terms,
            body,
        };
        transaction.write(write).unwrap();
    }
    let finish = Finish {
        categories: vec!["guide".into()],
        prune_tags: false,
        run: Some(RunRecord {
            started_at: now,
            finished_at: now,
            counts: Counts::default(),
            directory: "content".into(),
            actor: "tester@here".into(),
        }),
    };
    transaction.finish(&finish).unwrap();
    transaction.commit().unwrap();
}

/// A file as the primary, which keeps what it was told.
struct File {
    path: PathBuf,
    said: Arc<Mutex<Vec<String>>>,
}

impl File {
    fn say(&self, words: impl Into<String>) {
        self.said.lock().unwrap().push(words.into());
    }
}

impl Primary for File {
    fn open(&mut self) -> Result<Box<dyn Reader>> {
        self.say("open");
        Ok(Box::new(SqliteStore::open(&self.path)?))
    }

    fn stands_in(&mut self, failure: &StoreError) {
        self.say(format!("stands in: {failure}"));
    }

    fn cannot_confirm(&mut self, missing: PostKey<'_>) {
        self.say(format!("cannot confirm {missing}"));
    }
}

/// A replica of three old posts, and a primary where they are new and a fourth is.
struct Pair {
    folder: TempDir,
    said: Arc<Mutex<Vec<String>>>,
}

impl Pair {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        filled(&folder.path().join("replica.db"), 3, "old");
        filled(&folder.path().join("primary.db"), 4, "new");
        Self {
            folder,
            said: Arc::default(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn reader(&self) -> Fallback<File> {
        let replica = SqliteStore::open(&self.path("replica.db")).unwrap();
        let primary = File {
            path: self.path("primary.db"),
            said: Arc::clone(&self.said),
        };
        Fallback::new(Box::new(replica), primary)
    }

    fn sql(&self, name: &str, statements: &str) {
        let connection = Connection::open(self.path(name)).unwrap();
        connection.execute_batch(statements).unwrap();
    }

    /// Makes every question to the replica fail.
    fn break_replica(&self) {
        self.sql("replica.db", "DROP TABLE blogctl_state");
    }

    fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }
}

fn page(reader: &mut dyn Reader, cursor: Option<PostId>) -> Result<Page<StoredPost>> {
    let limit = Limit::new(2).unwrap();
    reader.list(&Filter::default(), Position { cursor, limit })
}

fn titles(posts: &[StoredPost]) -> Vec<&str> {
    let title = |post: &'_ StoredPost| post.title.is_some();
    assert!(posts.iter().all(title));
    posts
        .iter()
        .flat_map(|post| post.title.as_deref())
        .collect()
}

fn found(reader: &mut dyn Reader, word: &str) -> Result<Vec<Candidate>> {
    reader.search(&SearchRequest {
        requirement: &Query::parse(word).unwrap().requirement(),
        filter: &Filter::default(),
        cursor: None,
        rows: 10,
    })
}

/// Asks each question, and says whose answer came, where there is one.
fn everything(reader: &mut dyn Reader) -> Vec<Result<String>> {
    let name = |title: &str| title.split(' ').next().unwrap().to_owned();
    vec![
        page(reader, None).map(|page| name(titles(&page.items)[0])),
        reader
            .show(id(1).into())
            .map(|post| name(titles(&[post.unwrap().0])[0])),
        found(reader, "body").map(|found| name(titles(&[found[0].post.clone()])[0])),
        reader.bodies(&[id(1)]).map(|bodies| {
            name(
                bodies[0]
                    .1
                    .trim_start_matches("The body of ")
                    .trim_end_matches(".\n"),
            )
        }),
        reader.categories(None).map(|found| match found[0].posts {
            Some(3) => "old".into(),
            _ => "new".into(),
        }),
        reader
            .tags(None)
            .map(|found| found[0].name.clone().unwrap()),
    ]
}

#[test]
fn while_the_replica_answers_the_primary_is_not_reached() {
    let pair = Pair::new();
    let mut reader = pair.reader();
    for answer in everything(&mut reader) {
        assert_eq!(answer.unwrap(), "old");
    }
    assert!(reader.location().ends_with("replica.db"));
    assert!(pair.said().is_empty(), "{:?}", pair.said());
}

#[test]
fn whichever_question_fails_first_the_primary_answers_it_and_all_that_follow() {
    for first in 0..6 {
        let pair = Pair::new();
        let mut reader = pair.reader();
        pair.break_replica();
        // The first failure is at the question of this number.
        let questions: [fn(&mut dyn Reader) -> Result<()>; 6] = [
            |reader| page(reader, None).map(drop),
            |reader| reader.show(id(1).into()).map(drop),
            |reader| found(reader, "body").map(drop),
            |reader| reader.bodies(&[id(1)]).map(drop),
            |reader| reader.categories(None).map(drop),
            |reader| reader.tags(None).map(drop),
        ];
        questions[first](&mut reader).unwrap();
        for answer in everything(&mut reader) {
            assert_eq!(answer.unwrap(), "new");
        }
        assert!(reader.location().ends_with("primary.db"));
        let [warning, open] = &pair.said()[..] else {
            panic!("{:?}", pair.said());
        };
        assert!(
            warning.contains("replica.db has no blogctl tables yet"),
            "{warning}"
        );
        assert_eq!(open, "open");
    }
}

#[test]
fn a_walk_goes_on_at_the_primary_after_the_last_id_seen() {
    let pair = Pair::new();
    let mut reader = pair.reader();
    let first = page(&mut reader, None).unwrap();
    assert_eq!(titles(&first.items), ["old 3", "old 2"]);
    pair.break_replica();
    let second = page(&mut reader, first.next_cursor).unwrap();
    assert_eq!(titles(&second.items), ["new 1"]);
    assert_eq!(second.next_cursor, None);
}

#[test]
fn a_replica_that_recovers_is_not_asked_again() {
    let pair = Pair::new();
    let mut reader = pair.reader();
    pair.sql("replica.db", "UPDATE blogctl_state SET version = 99");
    assert_eq!(titles(&page(&mut reader, None).unwrap().items)[0], "new 4");
    pair.sql("replica.db", "UPDATE blogctl_state SET version = 1");
    assert_eq!(titles(&page(&mut reader, None).unwrap().items)[0], "new 4");
    assert!(
        pair.said()[0].contains("tables of version 99"),
        "{:?}",
        pair.said()
    );
}

#[test]
fn a_post_that_the_replica_lacks_is_looked_for_at_the_primary() {
    let pair = Pair::new();
    let mut reader = pair.reader();
    let (post, _) = reader.show(id(4).into()).unwrap().unwrap();
    assert_eq!(titles(&[post]), ["new 4"]);
    // That it lags is no failure.
    assert_eq!(pair.said(), ["open"]);
    assert!(reader.location().ends_with("primary.db"));
}

#[test]
fn a_post_that_neither_has_is_not_there() {
    let pair = Pair::new();
    let mut reader = pair.reader();
    assert!(reader.show(id(5).into()).unwrap().is_none());
    assert!(reader.location().ends_with("primary.db"));
    pair.break_replica();
    let mut reader = pair.reader();
    assert!(reader.show(id(5).into()).unwrap().is_none());
}

#[test]
fn where_the_primary_fails_as_well_the_error_is_its_own() {
    let pair = Pair::new();
    std::fs::remove_file(pair.path("primary.db")).unwrap();
    std::fs::create_dir(pair.path("primary.db")).unwrap();
    pair.break_replica();
    let mut reader = pair.reader();
    let error = page(&mut reader, None).unwrap_err();
    assert!(error.to_string().contains("primary.db"), "{error}");
    assert!(pair.said()[0].contains("replica.db"), "{:?}", pair.said());

    let pair = Pair::new();
    pair.sql("primary.db", "DROP TABLE blogctl_state");
    let mut reader = pair.reader();
    let error = reader.show(id(4).into()).unwrap_err();
    assert!(error.to_string().contains("primary.db"), "{error}");
    assert_eq!(pair.said(), ["open", "cannot confirm post 4"]);
}
