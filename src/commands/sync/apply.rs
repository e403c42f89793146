//! Carrying a plan out: one transaction, bodies read as they are written.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use jiff::{Timestamp, Unit};
use rayon::prelude::*;

use crate::content::{self, LoadError, ReadSettings, ScannedFile, Snapshot};
use crate::index::{Index, RowVersion};
use crate::interrupt::{Interrupt, WriteState};
use crate::model::{Counts, RunRecord};
use crate::output::progress::Progress;
use crate::plan::{Plan, Replaces, Write};
use crate::post::{ExtraTerm, FieldSet, Post, PostId, SourcePath, StoredPost};
use crate::search::{self, Document, Terms};
use crate::store::{
    AdoptedPost, Begin, Finish, PostWrite, Store, StoreError, SyncTransaction, TermsWrite,
};

/// Files read ahead of the store: enough to keep the cores busy, few enough to hold.
const BATCH_BYTES: u64 = 512 << 10;

/// A file was added, removed or touched while the sync ran.
#[derive(Debug, thiserror::Error)]
#[error("files in {0} changed")]
pub struct FilesChanged(String);

/// The inputs of a run besides its plan.
pub struct Run<'a> {
    /// The path that was scanned.
    pub path: &'a Path,
    /// The settings that files are read with.
    pub settings: &'a ReadSettings,
    /// The files.
    pub snapshot: &'a Snapshot,
    /// The index that the plan was made from.
    pub index: &'a Index,
    /// The rows that were read: those to adopt, and those with values that no file states.
    pub rows: &'a HashMap<PostId, StoredPost>,
    /// The longest time to wait for another sync.
    pub lock_timeout: Duration,
    /// True if tags without posts are deleted.
    pub prune_tags: bool,
    /// The user and host that run it.
    pub actor: String,
    /// The time at which it began.
    pub started_at: Timestamp,
    /// True if a progress bar is shown.
    pub show_progress: bool,
    /// The interrupt that ends it.
    pub interrupt: &'a Interrupt,
}

/// Writes the plan, all of it or nothing; the posts `apart` each by a statement of its own. Returns the files that have more words than a search
/// index takes of one post.
///
/// # Errors
/// [`FilesChanged`] or [`LoadError::Changed`] if a file is not what the plan was made from;
/// whatever the store says.
pub fn apply(
    store: &mut dyn Store,
    plan: &Plan,
    counts: Counts,
    run: &Run,
    apart: &[PostId],
) -> Result<Vec<SourcePath>> {
    let files: HashMap<&SourcePath, &ScannedFile> = run
        .snapshot
        .files
        .iter()
        .map(|file| (&file.path, file))
        .collect();
    let total = (plan.writes.len() + plan.adoptions.len() + plan.reindexes.len()) as u64;
    let progress = Progress::writing(run.show_progress && total > 0, Some(total));

    let mut transaction = store.begin(Begin {
        generation: run.index.generation,
        lock_timeout: run.lock_timeout,
        now: now(),
    })?;
    transaction.set_apart(apart);
    // From here to the end an interrupt is looked for, so that all is taken back in order.
    let _deferral = run.interrupt.defer();
    let writes: Vec<(&ScannedFile, Replaces)> = plan
        .writes
        .iter()
        .map(|Write { path, replaces }| (files[path], *replaces))
        .collect();
    let stated: HashMap<PostId, FieldSet> = run
        .index
        .entries
        .iter()
        .map(|entry| (entry.id, entry.stated))
        .collect();
    let mut cut = load_each(run, &writes, |file, replaces, loaded| {
        run.interrupt.check()?;
        let post = loaded.post;
        let post_digest = post.digest(&loaded.body);
        let before = stated.get(&post.id).copied().unwrap_or_default();
        transaction.write(PostWrite {
            managed: post.stated() | before,
            post,
            body: loaded.body,
            path: file.path.clone(),
            file_digest: file.digest,
            post_digest,
            replaces,
            extra_terms: loaded.extra_terms,
            terms: loaded.terms.terms,
        })?;
        progress.inc(1);
        Ok(())
    })?;
    let adoptions: Vec<(&ScannedFile, RowVersion)> = plan
        .adoptions
        .iter()
        .map(|adoption| (files[&adoption.path], adoption.version))
        .collect();
    cut.extend(load_each(run, &adoptions, |file, version, loaded| {
        run.interrupt.check()?;
        let Loaded { post, body, .. } = loaded;
        transaction.adopt(AdoptedPost {
            id: post.id,
            path: file.path.clone(),
            file_digest: file.digest,
            post_digest: post.digest(&body),
            version,
            stated: post.stated(),
            tags: post.tags,
            extra_terms: loaded.extra_terms,
            terms: loaded.terms.terms,
        })?;
        progress.inc(1);
        Ok(())
    })?);
    let reindexes: Vec<(&ScannedFile, PostId)> = plan
        .reindexes
        .iter()
        .map(|(id, path)| (files[path], *id))
        .collect();
    cut.extend(load_each(run, &reindexes, |_, id, loaded| {
        run.interrupt.check()?;
        let terms = loaded.terms.terms;
        transaction.write_terms(TermsWrite { id, terms })?;
        progress.inc(1);
        Ok(())
    })?);
    transaction.relocate(&plan.relocations)?;
    transaction.remove(&plan.removals)?;
    transaction.finish(&Finish {
        categories: plan.categories.iter().cloned().collect(),
        prune_tags: run.prune_tags,
        run: (!plan.is_empty()).then(|| RunRecord {
            started_at: run.started_at,
            finished_at: now(),
            // Nothing happened to their rows.
            counts: Counts {
                adopted: 0,
                unchanged: counts.unchanged + counts.adopted,
                ..counts
            },
            directory: directory(run.snapshot.scope.as_str()),
            actor: run.actor.clone(),
        }),
    })?;
    // Every changed file was read twice and was the same. Whether the files as a whole are
    // still those that the plan saw, only another walk can tell.
    if !content::unmoved(run.settings, run.snapshot, run.path)? {
        return Err(FilesChanged(run.path.display().to_string()).into());
    }
    commit(transaction, run.interrupt)?;
    Ok(cut)
}

/// Commits, unless an interrupt came before, and keeps for a later one whether anything is written.
pub fn commit(transaction: Box<dyn SyncTransaction + '_>, interrupt: &Interrupt) -> Result<()> {
    interrupt.check()?;
    interrupt.set_write_state(WriteState::Committing);
    let committed = transaction.commit();
    interrupt.set_write_state(match committed {
        Ok(()) => WriteState::NotWriting,
        Err(StoreError::UnknownOutcome { .. }) => WriteState::Committing,
        Err(_) => WriteState::Uncommitted,
    });
    Ok(committed?)
}

/// The path that was given, as one writes it: `content`, and `.` for the whole project.
fn directory(scope: &str) -> String {
    let path = scope.trim_end_matches('/');
    let path = if path.is_empty() { "." } else { path };
    path.to_owned()
}

/// The time, to the microsecond that a store keeps.
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    // Rounding fails only beyond the year 9999.
    now.round(Unit::Microsecond).unwrap_or(now)
}

/// A file that was read to be written.
struct Loaded {
    post: Post,
    body: String,
    terms: Terms,
    extra_terms: Vec<ExtraTerm>,
}

fn load(run: &Run, file: &ScannedFile) -> Result<Loaded, LoadError> {
    let (post, body) = content::load(run.settings, file)?;
    // A post is found by what its row will hold: also by values that no file states.
    let row = run.rows.get(&post.id);
    let filled = row.map(|row| post.clone().filled_from(row));
    let found_by = filled.as_ref().unwrap_or(&post);
    let document = Document {
        title: &found_by.title,
        description: found_by.description.as_deref(),
        tags: &found_by.tags,
        markdown: &body,
    };
    let terms = search::terms(&document, found_by.category.as_deref());
    let extra_terms = found_by.extra.terms();
    Ok(Loaded {
        post,
        body,
        terms,
        extra_terms,
    })
}

/// Reads files on all cores, a batch at a time, and passes each on in its order; returns
/// those that have more terms than an index takes.
fn load_each<T: Copy + Sync>(
    run: &Run,
    files: &[(&ScannedFile, T)],
    mut pass_on: impl FnMut(&ScannedFile, T, Loaded) -> Result<()>,
) -> Result<Vec<SourcePath>> {
    let mut cut = Vec::new();
    for batch in batches(files) {
        let load = |(file, _): &(&ScannedFile, T)| load(run, file);
        let loaded = batch.par_iter().map(load).collect::<Result<Vec<_>, _>>()?;
        for ((file, with), loaded) in batch.iter().zip(loaded) {
            if loaded.terms.truncated {
                cut.push(file.path.clone());
            }
            pass_on(file, *with, loaded)?;
        }
    }
    Ok(cut)
}

/// Cuts the files into runs of about [`BATCH_BYTES`].
fn batches<'w, 'f, T>(
    mut files: &'w [(&'f ScannedFile, T)],
) -> impl Iterator<Item = &'w [(&'f ScannedFile, T)]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |(file, _): &&(&ScannedFile, T)| {
            bytes += file.size;
            bytes <= BATCH_BYTES
        };
        // At least one, however large.
        let count = files.iter().take_while(fits).count().max(1);
        let (batch, rest) = files.split_at(count.min(files.len()));
        files = rest;
        (!batch.is_empty()).then_some(batch)
    })
}
