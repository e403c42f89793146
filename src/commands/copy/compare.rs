//! Reading the rows that a copy's plan is made from.

use std::collections::HashMap;

use anyhow::Result;

use crate::copy::{Columns, Differing, Parts, Problem, Survey, differences, survey};
use crate::index::Index;
use crate::interrupt::Interrupt;
use crate::locale::Locales;
use crate::output::progress::Progress;
use crate::post::{PostId, StoredPost};
use crate::store::{self, MAX_BODIES_BYTES, Part, Snapshot, Store};

/// The most rows without Markdown that are read at once.
const ROWS: usize = 500;

/// The most posts with Markdown that are read at once.
const POSTS: usize = 100;

/// A post and its Markdown.
pub(super) type PostAndBody = (StoredPost, Option<String>);

/// The columns of the rows of posts, and of those of texts.
pub(super) struct AllColumns {
    pub posts: Columns,
    pub texts: Columns,
}

impl AllColumns {
    /// Returns those of a part of the target.
    pub fn of(&self, part: Part) -> &Columns {
        match part {
            Part::Posts(_) => &self.posts,
            Part::Texts(_) => &self.texts,
        }
    }
}

/// The inputs of the comparison.
pub(super) struct Comparison<'a> {
    pub source: &'a Index,
    pub target: &'a Index,
    pub locales: Option<&'a Locales>,
    pub columns: &'a AllColumns,
    pub interrupt: &'a Interrupt,
    pub show_progress: bool,
}

/// The differences between the rows of both stores.
#[derive(Default)]
pub(super) struct Compared {
    /// The fields that differ, of each row that both stores have.
    pub differing: Differing,
    /// The values of the source that cannot be copied.
    pub problems: Vec<Problem>,
}

impl Comparison<'_> {
    /// Reads and compares the rows, a batch at a time.
    pub fn read(&self, source: &mut dyn Snapshot, target: &mut dyn Store) -> Result<Compared> {
        let surveys = survey(self.source, self.target, self.locales);
        let count = |survey: &Survey| survey.new.len() + survey.rows.len() + survey.posts.len();
        let total: usize = surveys.values().map(count).sum();
        let progress = Progress::comparing(self.show_progress && total > 0, Some(total as u64));
        let mut compared = Compared::default();
        for (parts, survey) in &surveys {
            for batch in survey.new.chunks(ROWS) {
                self.interrupt.check()?;
                for row in rows(source, batch, parts.source)? {
                    self.judge(*parts, &row, None, &mut compared);
                }
                progress.inc(batch.len() as u64);
            }
        }
        let has_both = |survey: &Survey| !survey.rows.is_empty() || !survey.posts.is_empty();
        if !surveys.values().any(has_both) {
            return Ok(compared);
        }
        let mut target = Target::open(target, self.target)?;
        for (parts, survey) in &surveys {
            for batch in survey.rows.chunks(ROWS) {
                self.interrupt.check()?;
                let there = target.rows(batch, parts.target)?;
                let mut there = by_id(there.into_iter().map(|row| (row, None)));
                for row in rows(source, batch, parts.source)? {
                    let other = there.remove(&row.id);
                    self.compare(*parts, &row, None, other.as_ref(), &mut compared);
                }
                progress.inc(batch.len() as u64);
            }
            each_batch(
                &survey.posts,
                |ids| posts(source, ids, parts.source),
                |posts| {
                    self.interrupt.check()?;
                    let ids: Vec<PostId> = posts.iter().map(|(row, _)| row.id).collect();
                    let mut there = HashMap::new();
                    each_batch(
                        &ids,
                        |ids| target.posts(ids, parts.target),
                        |more| {
                            there.extend(by_id(more.into_iter()));
                            Ok(())
                        },
                    )?;
                    for (row, body) in &posts {
                        let other = there.remove(&row.id);
                        let body = body.as_deref();
                        self.compare(*parts, row, body, other.as_ref(), &mut compared);
                    }
                    progress.inc(posts.len() as u64);
                    Ok(())
                },
            )?;
        }
        Ok(compared)
    }

    /// Notes what keeps a row from being copied, once for all rows of its text.
    fn judge(&self, parts: Parts, row: &StoredPost, body: Option<&str>, compared: &mut Compared) {
        let problems = self.columns.of(parts.target).problems(row, body);
        for problem in problems {
            if parts.target == Part::Posts(None) || !compared.problems.contains(&problem) {
                compared.problems.push(problem);
            }
        }
    }

    fn compare(
        &self,
        parts: Parts,
        row: &StoredPost,
        body: Option<&str>,
        other: Option<&PostAndBody>,
        compared: &mut Compared,
    ) {
        self.judge(parts, row, body, compared);
        let fields = match other {
            Some((other, other_body)) => differences(
                self.columns.of(parts.target),
                (row, body),
                (other, other_body.as_deref()),
            ),
            // It was deleted since the index was read: writing it fails, and all begins again.
            None => vec![crate::comparison::CONTENT],
        };
        compared.differing.insert((parts.target, row.id), fields);
    }
}

/// Reads rows of the source, each with the locale of its text.
fn rows(source: &mut dyn Snapshot, ids: &[PostId], part: Part) -> store::Result<Vec<StoredPost>> {
    let mut rows = source.rows(ids, part)?;
    for row in &mut rows {
        row.locale = part.locale();
    }
    Ok(rows)
}

/// Reads rows of the source and their Markdown, each with the locale of its text.
pub(super) fn posts(
    source: &mut dyn Snapshot,
    ids: &[PostId],
    part: Part,
) -> store::Result<Vec<PostAndBody>> {
    let mut posts = source.posts(ids, part)?;
    for (row, _) in &mut posts {
        row.locale = part.locale();
    }
    Ok(posts)
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

    fn rows(&mut self, ids: &[PostId], part: Part) -> store::Result<Vec<StoredPost>> {
        match self {
            Self::Known(snapshot) => snapshot.rows(ids, part),
            // No row of these is known to be as a file says.
            Self::Untracked(_) => Ok(Vec::new()),
        }
    }

    fn posts(&mut self, ids: &[PostId], part: Part) -> store::Result<Vec<PostAndBody>> {
        match self {
            Self::Known(snapshot) => snapshot.posts(ids, part),
            Self::Untracked(store) => {
                let posts = store.untracked_posts(ids, part.locale())?.into_iter();
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
