//! Carrying out the plan of a copy, in one transaction of the target.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use anyhow::Result;
use jiff::Timestamp;
use rayon::prelude::*;

use super::compare::{self, AllColumns, PostAndBody, each_batch};
use crate::command_error::CommandError;
use crate::commands::sync::apply::{commit, now};
use crate::copy::{Action, Columns, Plan, Problem, Step, Write};
use crate::index::Index;
use crate::interrupt::Interrupt;
use crate::model::{self, Counts, RunRecord};
use crate::output::copy::refusal_of_problems;
use crate::output::progress::Progress;
use crate::page::{Limit, Position};
use crate::plan::Replaces;
use crate::post::{Digest, ExtraTerm, PostId, SourcePath, TextId};
use crate::search::{self, Document, Terms};
use crate::store::{
    AdoptedPost, Begin, Finish, Part, PostCopy, Snapshot, Store, SyncTransaction, TextCopy,
};

/// The inputs of the writes besides the plan.
pub(super) struct Run<'a> {
    /// The address of the source, without a password.
    pub source: &'a str,
    /// The index of the target that the plan was made from.
    pub index: &'a Index,
    pub columns: &'a AllColumns,
    /// The longest time to wait for a sync of the target.
    pub lock_timeout: Duration,
    /// The user and host that run it.
    pub actor: String,
    /// The time at which it began.
    pub started_at: Timestamp,
    /// True if a progress bar is shown.
    pub show_progress: bool,
    /// The interrupt that ends it.
    pub interrupt: &'a Interrupt,
}

/// The result of the writes.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// The number of runs that were added to the history before the copy's own.
    pub runs: usize,
    /// The files that have more words than a search index takes of one post.
    pub cut: Vec<SourcePath>,
}

/// Writes the plan, all of it or nothing.
///
/// # Errors
/// [`CommandError`] for a value that cannot be copied; whatever the stores say.
pub(super) fn apply(
    source: &mut dyn Snapshot,
    target: &mut dyn Store,
    plan: &Plan,
    run: &Run<'_>,
) -> Result<Applied> {
    let runs = if has_history(target, run.index)? {
        Vec::new()
    } else {
        history(source)?
    };
    let foreign_tags: HashSet<String> = source.other_tags()?.into_iter().collect();
    let total = plan.writes.len() as u64;
    let progress = Progress::writing(run.show_progress, Some(total));
    let mut transaction = target.begin(Begin {
        generation: run.index.generation,
        lock_timeout: run.lock_timeout,
        now: now(),
    })?;
    // From here to the end an interrupt is looked for, so that all is taken back in order.
    let _deferral = run.interrupt.defer();
    let mut writer = Writer {
        transaction: transaction.as_mut(),
        run,
        foreign_tags: &foreign_tags,
        categories: plan.categories.clone(),
        cut: Vec::new(),
    };
    // A text refers to the row of its post.
    for of_texts in [false, true] {
        for (part, writes) in parts(plan, of_texts) {
            let mut ids: Vec<PostId> = writes.keys().copied().collect();
            ids.sort_unstable_by(|one, other| other.cmp(one));
            each_batch(
                &ids,
                |ids| compare::posts(source, ids, part),
                |posts| {
                    let written = posts.len() as u64;
                    writer.write(&writes, posts, of_texts)?;
                    progress.inc(written);
                    Ok(())
                },
            )?;
        }
    }
    let Writer {
        categories, cut, ..
    } = writer;
    let origins = plan.writes.iter().filter(|write| write.record.is_some());
    let origins = origins.filter(|write| write.text.is_some());
    let origins: Vec<_> = origins
        .map(|write| (write.id, write.origin.made_from))
        .collect();
    transaction.keep_made_from(&origins)?;
    let edited: Vec<TextId> = plan.writes.iter().flat_map(Write::edited).collect();
    transaction.mark_edited(&edited)?;
    transaction.record_runs(&runs)?;
    transaction.finish(&Finish {
        categories: categories.into_iter().collect(),
        prune_tags: false,
        run: Some(RunRecord {
            started_at: run.started_at,
            finished_at: now(),
            counts: Counts {
                created: plan.count(Action::Create),
                updated: plan.count(Action::Update),
                // Nothing happens to the rows of the others.
                unchanged: plan.unchanged + plan.count(Action::Record),
                ..Counts::default()
            },
            directory: run.source.to_owned(),
            actor: run.actor.clone(),
        }),
    })?;
    commit(transaction, run.interrupt)?;
    Ok(Applied {
        runs: runs.len(),
        cut,
    })
}

/// Returns the writes by the part of the source that is read for them: those of the rows of posts, or
/// of texts. A text that is recorded is read once.
fn parts(plan: &Plan, of_texts: bool) -> BTreeMap<Part, HashMap<PostId, &Write>> {
    let mut parts: BTreeMap<Part, HashMap<PostId, &Write>> = BTreeMap::new();
    for write in &plan.writes {
        let is_read = write.step == Step::Copy || write.text.is_none();
        let row = match of_texts {
            true => write.text,
            false => write.post.filter(|_| is_read),
        };
        if let Some(row) = row {
            parts
                .entry(row.from)
                .or_default()
                .insert(write.id.post, write);
        }
    }
    parts
}

/// Returns true if the target has any run in its history.
fn has_history(target: &mut dyn Store, index: &Index) -> Result<bool> {
    if index.generation.is_none() {
        return Ok(false);
    }
    let position = Position {
        cursor: None,
        limit: Limit::DEFAULT,
    };
    Ok(!target.history(position)?.items.is_empty())
}

/// Reads the runs of the source, the oldest first. One with a value that cannot be read is left
/// out.
fn history(source: &mut dyn Snapshot) -> Result<Vec<RunRecord>> {
    let mut runs = Vec::new();
    let mut cursor = None;
    loop {
        let limit = Limit::MAX;
        let page = source.history(Position { cursor, limit })?;
        runs.extend(page.items.into_iter().filter_map(record));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    runs.reverse();
    Ok(runs)
}

fn record(run: model::Run) -> Option<RunRecord> {
    Some(RunRecord {
        started_at: run.started_at?,
        finished_at: run.finished_at?,
        counts: Counts {
            created: run.created?,
            updated: run.updated?,
            adopted: 0,
            moved: run.moved?,
            removed: run.removed?,
            unchanged: run.unchanged?,
        },
        directory: run.directory?,
        actor: run.actor?,
    })
}

/// The posts on their way into the transaction.
struct Writer<'a> {
    transaction: &'a mut dyn SyncTransaction,
    run: &'a Run<'a>,
    /// The tags that blogctl did not make at the source.
    foreign_tags: &'a HashSet<String>,
    categories: BTreeSet<String>,
    cut: Vec<SourcePath>,
}

/// The words by which a post is found.
struct FoundBy {
    terms: Terms,
    extra_terms: Vec<ExtraTerm>,
}

impl FoundBy {
    fn new((row, body): &PostAndBody) -> Self {
        let document = Document {
            title: row.title.as_deref().unwrap_or_default(),
            description: row.description.as_deref(),
            tags: &row.tags,
            markdown: body.as_deref().unwrap_or_default(),
        };
        Self {
            terms: search::terms(&document, row.category.as_deref()),
            extra_terms: row.extra.terms(),
        }
    }
}

impl Writer<'_> {
    fn write(
        &mut self,
        writes: &HashMap<PostId, &Write>,
        posts: Vec<PostAndBody>,
        of_texts: bool,
    ) -> Result<()> {
        self.run.interrupt.check()?;
        let columns = match of_texts {
            true => &self.run.columns.texts,
            false => &self.run.columns.posts,
        };
        check(columns, &posts)?;
        // As tags of other programs, before a post that has them makes them blogctl's own.
        let tags = posts.iter().flat_map(|(row, _)| &row.tags);
        let foreign: BTreeSet<&String> = tags
            .filter(|tag| self.foreign_tags.contains(*tag))
            .collect();
        let foreign: Vec<String> = foreign.into_iter().cloned().collect();
        self.transaction.make_tags(&foreign)?;
        let is_recorded = |id: &PostId| writes.get(id).is_some_and(|write| write.record.is_some());
        let found_by: Vec<Option<FoundBy>> = posts
            .par_iter()
            .map(|post| is_recorded(&post.0.id).then(|| FoundBy::new(post)))
            .collect();
        for (post, found_by) in posts.into_iter().zip(found_by) {
            if let Some(write) = writes.get(&post.0.id) {
                self.run.interrupt.check()?;
                match (of_texts, write.step) {
                    (true, Step::Copy) => self.copy_text(write, post, found_by)?,
                    (false, Step::Copy) => self.copy_post(write, post, found_by)?,
                    (_, Step::Record) => self.record(write, post, found_by)?,
                }
            }
        }
        Ok(())
    }

    /// Takes the words by which a post is found.
    fn found_by(
        &mut self,
        write: &Write,
        found_by: Option<FoundBy>,
    ) -> (Vec<String>, Vec<ExtraTerm>) {
        let Some(found_by) = found_by else {
            return (Vec::new(), Vec::new());
        };
        if let (true, Some(record)) = (found_by.terms.truncated, &write.record)
            && !self.cut.contains(&record.path)
        {
            self.cut.push(record.path.clone());
        }
        (found_by.terms.terms, found_by.extra_terms)
    }

    fn copy_post(
        &mut self,
        write: &Write,
        (row, body): PostAndBody,
        found_by: Option<FoundBy>,
    ) -> Result<()> {
        let Some(to) = write.post else { return Ok(()) };
        self.categories.extend(row.category.clone());
        let (terms, extra_terms) = self.found_by(write, found_by);
        Ok(self.transaction.copy(PostCopy {
            row,
            body,
            fields: self.run.columns.posts.written(),
            record: write.record.clone(),
            locale: write.id.locale,
            replaces: to.replaces,
            extra_terms,
            terms,
        })?)
    }

    fn copy_text(
        &mut self,
        write: &Write,
        (row, body): PostAndBody,
        found_by: Option<FoundBy>,
    ) -> Result<()> {
        let Some(to) = write.translation() else {
            return Ok(());
        };
        self.categories.extend(row.category.clone());
        let (terms, extra_terms) = self.found_by(write, found_by);
        Ok(self.transaction.copy_text(TextCopy {
            row,
            body,
            locale: to.locale,
            is_main: to.is_main,
            fields: self.run.columns.texts.written(),
            record: write.record.clone(),
            text_digest: write.origin.text_digest.unwrap_or(Digest::NONE),
            replaces: to.replaces,
            extra_terms,
            terms,
        })?)
    }

    /// Records what the source does of rows that stay.
    fn record(
        &mut self,
        write: &Write,
        (row, _): PostAndBody,
        found_by: Option<FoundBy>,
    ) -> Result<()> {
        let Some(record) = write.record.clone() else {
            return Ok(());
        };
        self.categories.extend(row.category.clone());
        let (terms, extra_terms) = self.found_by(write, found_by);
        Ok(self.transaction.adopt(AdoptedPost {
            id: row.id,
            path: record.path,
            file_digest: record.file_digest,
            post_digest: record.post_digest,
            text_digest: write.origin.text_digest,
            replaces: write.post.map_or(Replaces::Nothing, |row| row.replaces),
            translation: write.translation(),
            stated: record.stated,
            tags: row.tags,
            extra_terms,
            terms,
        })?)
    }
}

/// Refuses values that cannot be copied: Markdown is read here for the first time.
fn check(columns: &Columns, posts: &[PostAndBody]) -> Result<()> {
    let problems = posts
        .iter()
        .flat_map(|(row, body)| columns.problems(row, body.as_deref()));
    let problems: Vec<Problem> = problems.collect();
    if problems.is_empty() {
        return Ok(());
    }
    let (message, help) = refusal_of_problems(&problems, false);
    Err(CommandError::refused(message).help(help).into())
}
