//! Reading the rows that a copy's plan is made from.

use std::collections::HashMap;

use anyhow::Result;

use crate::copy::{Columns, Problem, differences, survey};
use crate::index::Index;
use crate::interrupt::Interrupt;
use crate::output::progress::Progress;
use crate::post::{PostId, StoredPost};
use crate::store::{self, MAX_BODIES_BYTES, Snapshot, Store};

/// The most rows without Markdown that are read at once.
const ROWS: usize = 500;

/// The most posts with Markdown that are read at once.
const POSTS: usize = 100;

/// A post and its Markdown.
pub(super) type PostAndBody = (StoredPost, Option<String>);

/// The inputs of the comparison.
pub(super) struct Comparison<'a> {
    pub source: &'a Index,
    pub target: &'a Index,
    pub columns: &'a Columns,
    pub interrupt: &'a Interrupt,
    pub show_progress: bool,
}

/// The differences between the rows of both stores.
#[derive(Default)]
pub(super) struct Compared {
    /// The fields that differ, of each post that both stores have.
    pub differing: HashMap<PostId, Vec<&'static str>>,
    /// The values of the source that cannot be copied.
    pub problems: Vec<Problem>,
}

impl Comparison<'_> {
    /// Reads and compares the rows, a batch at a time.
    pub fn read(&self, source: &mut dyn Snapshot, target: &mut dyn Store) -> Result<Compared> {
        let survey = survey(self.source, self.target);
        let total = survey.new.len() + survey.rows.len() + survey.posts.len();
        let progress = Progress::comparing(self.show_progress && total > 0, Some(total as u64));
        let mut compared = Compared::default();
        for batch in survey.new.chunks(ROWS) {
            self.interrupt.check()?;
            for row in source.rows(batch)? {
                compared.problems.extend(self.columns.problems(&row, None));
            }
            progress.inc(batch.len() as u64);
        }
        if survey.rows.is_empty() && survey.posts.is_empty() {
            return Ok(compared);
        }
        let mut target = Target::open(target, self.target)?;
        for batch in survey.rows.chunks(ROWS) {
            self.interrupt.check()?;
            let mut there = by_id(target.rows(batch)?.into_iter().map(|row| (row, None)));
            for row in source.rows(batch)? {
                let other = there.remove(&row.id);
                self.compare(&row, None, other.as_ref(), &mut compared);
            }
            progress.inc(batch.len() as u64);
        }
        each_batch(
            &survey.posts,
            |ids| source.posts(ids),
            |posts| {
                self.interrupt.check()?;
                let ids: Vec<PostId> = posts.iter().map(|(row, _)| row.id).collect();
                let mut there = HashMap::new();
                each_batch(
                    &ids,
                    |ids| target.posts(ids),
                    |more| {
                        there.extend(by_id(more.into_iter()));
                        Ok(())
                    },
                )?;
                for (row, body) in &posts {
                    let other = there.remove(&row.id);
                    self.compare(row, body.as_deref(), other.as_ref(), &mut compared);
                }
                progress.inc(posts.len() as u64);
                Ok(())
            },
        )?;
        Ok(compared)
    }

    fn compare(
        &self,
        row: &StoredPost,
        body: Option<&str>,
        other: Option<&PostAndBody>,
        compared: &mut Compared,
    ) {
        compared.problems.extend(self.columns.problems(row, body));
        let fields = match other {
            Some((other, other_body)) => {
                differences(self.columns, (row, body), (other, other_body.as_deref()))
            }
            // It was deleted since the index was read: writing it fails, and all begins again.
            None => vec![crate::comparison::CONTENT],
        };
        compared.differing.insert(row.id, fields);
    }
}

fn by_id(posts: impl Iterator<Item = PostAndBody>) -> HashMap<PostId, PostAndBody> {
    posts.map(|post| (post.0.id, post)).collect()
}

/// The rows of the target.
enum Target<'a> {
    /// In one state.
    Known(Box<dyn Snapshot + 'a>),
    /// In a store that blogctl never wrote to.
    Untracked(&'a mut dyn Store),
}

impl<'a> Target<'a> {
    fn open(store: &'a mut dyn Store, index: &Index) -> store::Result<Self> {
        if index.generation.is_none() {
            return Ok(Self::Untracked(store));
        }
        Ok(Self::Known(store.snapshot()?.1))
    }

    fn rows(&mut self, ids: &[PostId]) -> store::Result<Vec<StoredPost>> {
        match self {
            Self::Known(snapshot) => snapshot.rows(ids),
            // No row of these is known to be as a file says.
            Self::Untracked(_) => Ok(Vec::new()),
        }
    }

    fn posts(&mut self, ids: &[PostId]) -> store::Result<Vec<PostAndBody>> {
        match self {
            Self::Known(snapshot) => snapshot.posts(ids),
            Self::Untracked(store) => {
                let posts = store.untracked_posts(ids, None)?.into_iter();
                Ok(posts.map(|(row, body)| (row, Some(body))).collect())
            }
        }
    }
}

/// Reads posts, newest first, and passes them on, a batch at a time; an answer may leave out the
/// oldest of those that it was asked for.
pub(super) fn each_batch(
    ids: &[PostId],
    mut read: impl FnMut(&[PostId]) -> store::Result<Vec<PostAndBody>>,
    mut pass_on: impl FnMut(Vec<PostAndBody>) -> Result<()>,
) -> Result<()> {
    let mut left = ids;
    while !left.is_empty() {
        let batch = &left[..left.len().min(POSTS)];
        let posts = read(batch)?;
        let bytes = |(_, body): &PostAndBody| body.as_ref().map_or(0, String::len);
        let is_cut = posts.iter().map(bytes).sum::<usize>() >= MAX_BODIES_BYTES;
        let read = match posts.last() {
            Some((last, _)) if is_cut => batch.partition_point(|id| *id >= last.id),
            _ => batch.len(),
        };
        pass_on(posts)?;
        left = &left[read..];
    }
    Ok(())
}
