//! Carrying a plan out: one transaction, bodies read as they are written.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use jiff::{Timestamp, Unit};
use rayon::prelude::*;

use crate::content::{self, LoadError, ScannedFile, Settings, Snapshot};
use crate::index::Index;
use crate::output::progress::Progress;
use crate::plan::{Plan, Replaces, Write};
use crate::post::SourcePath;
use crate::store::{Begin, Counts, Finish, PostWrite, RunRecord, Store};

/// Files read ahead of the store: enough to keep the cores busy, few enough to hold.
const BATCH_BYTES: u64 = 4 << 20;

/// A file was added, removed or touched while the sync ran.
#[derive(Debug, thiserror::Error)]
#[error("files in {0} changed")]
pub struct FilesChanged(String);

/// What a run is, beside its plan.
pub struct Run<'a> {
    /// What was given to scan.
    pub path: &'a Path,
    /// How files are read.
    pub settings: &'a Settings,
    /// The files.
    pub snapshot: &'a Snapshot,
    /// What the plan was made from.
    pub index: &'a Index,
    /// How long to wait for another sync.
    pub lock_timeout: Duration,
    /// Whether tags without posts go.
    pub prune_tags: bool,
    /// Who runs it.
    pub actor: String,
    /// When it began.
    pub started_at: Timestamp,
    /// Whether to show a bar.
    pub show_progress: bool,
}

/// Writes the plan, all of it or nothing.
///
/// # Errors
/// [`FilesChanged`] or [`LoadError::Changed`] if a file is not what the plan was made from;
/// whatever the store says.
pub fn apply(store: &mut dyn Store, plan: &Plan, counts: Counts, run: &Run) -> Result<()> {
    let files: HashMap<&SourcePath, &ScannedFile> = run
        .snapshot
        .files
        .iter()
        .map(|file| (&file.path, file))
        .collect();
    let total = plan.writes.len() as u64;
    let progress = Progress::writing(run.show_progress && total > 0, Some(total));

    let mut transaction = store.begin(Begin {
        generation: run.index.generation,
        lock_timeout: run.lock_timeout,
        now: now(),
    })?;
    let writes: Vec<(&ScannedFile, Replaces)> = plan
        .writes
        .iter()
        .map(|Write { path, replaces }| (files[path], *replaces))
        .collect();
    for batch in batches(&writes) {
        let load =
            |(file, replaces): &(&ScannedFile, Replaces)| load(run.settings, file, *replaces);
        let posts = batch.par_iter().map(load).collect::<Result<Vec<_>, _>>()?;
        for post in posts {
            transaction.write(post)?;
            progress.inc(1);
        }
    }
    transaction.relocate(&plan.relocations)?;
    transaction.remove(&plan.removals)?;
    transaction.finish(&Finish {
        categories: plan.categories.iter().cloned().collect(),
        prune_tags: run.prune_tags,
        run: RunRecord {
            started_at: run.started_at,
            finished_at: now(),
            counts,
            directory: directory(run.snapshot.scope.as_str()),
            actor: run.actor.clone(),
        },
    })?;
    // Every changed file was read twice and was the same. Whether the files as a whole are
    // still those that the plan saw, only another walk can tell.
    if !content::unmoved(run.settings, run.snapshot, run.path)? {
        return Err(FilesChanged(run.path.display().to_string()).into());
    }
    transaction.commit()?;
    Ok(())
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

fn load(
    settings: &Settings,
    file: &ScannedFile,
    replaces: Replaces,
) -> Result<PostWrite, LoadError> {
    let (post, body) = content::load(settings, file)?;
    let post_digest = post.digest(&body);
    Ok(PostWrite {
        post,
        body,
        path: file.path.clone(),
        file_digest: file.digest,
        post_digest,
        replaces,
    })
}

/// Cuts the files into runs of about [`BATCH_BYTES`].
fn batches<'w, 'f>(
    mut writes: &'w [(&'f ScannedFile, Replaces)],
) -> impl Iterator<Item = &'w [(&'f ScannedFile, Replaces)]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |(file, _): &&(&ScannedFile, Replaces)| {
            bytes += file.size;
            bytes <= BATCH_BYTES
        };
        // At least one, however large.
        let count = writes
            .iter()
            .take_while(fits)
            .count()
            .max(1)
            .min(writes.len());
        let (batch, rest) = writes.split_at(count);
        writes = rest;
        (!batch.is_empty()).then_some(batch)
    })
}
