//! The changes of one sync, and the index that they are made from.

use std::time::Duration;

use blogctl::index::{Index, RowState, RowVersion};
use blogctl::model::{Counts, RunRecord};
use blogctl::plan::{Relocation, Removal, Replaces};
use blogctl::post::{FieldSet, Post, PostId, SourcePath};
use blogctl::search::{self, Document};
use blogctl::store::{AdoptedPost, Begin, Finish, PostWrite, Result, Store, SyncTransaction};
use jiff::Timestamp;

use super::{LOCK_TIMEOUT, body_of, digest_of, id, now, path_of};

/// The changes of one sync.
#[derive(Clone, Debug)]
pub struct Change {
    pub writes: Vec<(Post, String)>,
    pub adoptions: Vec<Post>,
    pub relocations: Vec<(i64, &'static str)>,
    pub removals: Vec<i64>,
    pub prune_tags: bool,
    pub now: Timestamp,
}

impl Change {
    pub fn new() -> Self {
        Self {
            writes: Vec::new(),
            adoptions: Vec::new(),
            relocations: Vec::new(),
            removals: Vec::new(),
            prune_tags: false,
            now: now(),
        }
    }

    pub fn write(posts: impl IntoIterator<Item = Post>) -> Self {
        let with_body = |post: Post| {
            let body = body_of(&post);
            (post, body)
        };
        Self {
            writes: posts.into_iter().map(with_body).collect(),
            ..Self::new()
        }
    }

    /// Adopts the rows of posts.
    pub fn adopt(posts: impl IntoIterator<Item = Post>) -> Self {
        Self {
            adoptions: posts.into_iter().collect(),
            ..Self::new()
        }
    }

    pub fn remove(removals: impl IntoIterator<Item = i64>) -> Self {
        Self {
            removals: removals.into_iter().collect(),
            ..Self::new()
        }
    }

    pub fn at(self, now: Timestamp) -> Self {
        Self { now, ..self }
    }

    /// The record of this change's run; told apart by its times.
    pub fn run(&self) -> RunRecord {
        RunRecord {
            started_at: self.now,
            finished_at: self.now + Duration::from_millis(1500),
            counts: Counts {
                created: self.writes.len().try_into().expect("few writes"),
                updated: 2,
                adopted: 0,
                moved: self.relocations.len().try_into().expect("few moves"),
                removed: self.removals.len().try_into().expect("few removals"),
                unchanged: 5,
            },
            directory: "content".to_owned(),
            actor: "누구@host".to_owned(),
        }
    }

    /// Does it all but the commit.
    pub fn enter<'a>(
        &self,
        store: &'a mut dyn Store,
        index: &Index,
        lock_timeout: Duration,
    ) -> Result<Box<dyn SyncTransaction + 'a>> {
        let adopted: Vec<PostId> = self.adoptions.iter().map(|post| post.id).collect();
        let rows = match index.generation {
            _ if adopted.is_empty() => Vec::new(),
            Some(_) => store.posts(&adopted, None)?,
            None => store.untracked_posts(&adopted, None)?,
        };
        let mut transaction = store.begin(Begin {
            generation: index.generation,
            lock_timeout,
            now: self.now,
        })?;
        let mut categories = Vec::new();
        for post in &self.adoptions {
            let row = rows.iter().find(|(row, _)| row.id == post.id);
            let found_by = match row {
                Some((row, _)) => post.clone().filled_from(row, post.stated()),
                None => post.clone(),
            };
            categories.extend(found_by.category.clone());
            let body = body_of(post);
            let document = Document {
                title: &found_by.title,
                description: found_by.description.as_deref(),
                tags: &found_by.tags,
                markdown: &body,
            };
            transaction.adopt(AdoptedPost {
                id: post.id,
                path: path_of(post.id),
                file_digest: digest_of(&body),
                post_digest: post.digest(&body),
                replaces: Replaces::Row(version_in(index, post.id).expect("the row is there")),
                translation: None,
                text_digest: None,
                stated: post.stated(),
                tags: post.tags.clone(),
                extra_terms: found_by.extra.terms(),
                terms: search::terms(&document, found_by.category.as_deref()).terms,
            })?;
        }
        for (post, body) in &self.writes {
            categories.extend(post.category.clone());
            categories.extend(category_in(index, post.id));
            let document = Document {
                title: &post.title,
                description: post.description.as_deref(),
                tags: &post.tags,
                markdown: body,
            };
            transaction.write(PostWrite {
                terms: search::terms(&document, post.category.as_deref()).terms,
                post: post.clone(),
                body: body.clone(),
                path: path_of(post.id),
                file_digest: digest_of(body),
                post_digest: post.digest(body),
                replaces: replaces(index, post.id),
                translation: None,
                text_digest: None,
                managed: post.stated() | stated_in(index, post.id),
                extra_terms: post.extra.terms(),
            })?;
        }
        let relocations: Vec<_> = self
            .relocations
            .iter()
            .map(|&(value, path)| Relocation {
                id: id(value),
                locale: None,
                is_main: true,
                path: SourcePath::new(path),
                file_digest: digest_of(path),
            })
            .collect();
        transaction.relocate(&relocations)?;
        let removals: Vec<_> = self
            .removals
            .iter()
            .map(|&value| {
                categories.extend(category_in(index, id(value)));
                Removal {
                    id: id(value),
                    version: version_in(index, id(value)),
                }
            })
            .collect();
        transaction.remove(&removals)?;
        categories.sort();
        categories.dedup();
        transaction.finish(&Finish {
            categories,
            prune_tags: self.prune_tags,
            run: Some(self.run()),
        })?;
        Ok(transaction)
    }

    /// Syncs from an index that was read before.
    pub fn apply_to(&self, store: &mut dyn Store, index: &Index) -> Result<()> {
        self.enter(store, index, LOCK_TIMEOUT)?.commit()
    }

    /// Does it unless nothing was ever written.
    pub fn apply_if_there(&self, store: &mut dyn Store) {
        if store.index().is_ok_and(|index| !index.entries.is_empty()) {
            self.apply(store);
        }
    }

    /// Reads the index and syncs.
    pub fn apply(&self, store: &mut dyn Store) {
        let index = store.index().expect("the index is read");
        self.apply_to(store, &index).expect("the sync commits");
    }
}

fn category_in(index: &Index, id: PostId) -> Option<String> {
    let entry = index.entries.iter().find(|entry| entry.id == id)?;
    entry.category.clone()
}

/// Returns the fields that the file of a post stated when it was last written.
pub fn stated_in(index: &Index, id: PostId) -> FieldSet {
    let entry = index.entries.iter().find(|entry| entry.id == id);
    entry.map_or_else(FieldSet::default, |entry| entry.stated)
}

/// The version of the row with this id, which any program may have written.
pub fn version_in(index: &Index, id: PostId) -> Option<RowVersion> {
    let entry = index.entries.iter().find(|entry| entry.id == id);
    match entry.map(|entry| entry.row) {
        Some(RowState::Intact(version) | RowState::Edited(version)) => Some(version),
        Some(RowState::Missing | RowState::Unwritten) => None,
        None => {
            let foreign = index.foreign.iter().find(|foreign| foreign.id == id);
            foreign.map(|foreign| foreign.version)
        }
    }
}

fn replaces(index: &Index, id: PostId) -> Replaces {
    version_in(index, id).map_or(Replaces::Nothing, Replaces::Row)
}

/// Returns the state of the row with this id.
pub fn row_state(store: &mut dyn Store, value: i64) -> RowState {
    let index = store.index().expect("the index is read");
    let entry = index.entries.iter().find(|entry| entry.id == id(value));
    entry.expect("blogctl wrote the post").row
}
