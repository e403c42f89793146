//! Carrying a plan out: one transaction, bodies read as they are written.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use anyhow::Result;
use jiff::{Timestamp, Unit};

use super::loading::{Loader, Round, Text, rounds};
use crate::commands::scanning::ContentPaths;
use crate::content::{self, ReadSettings, ScannedFile, Snapshot};
use crate::index::{Entry, Index};
use crate::interrupt::{Interrupt, WriteState};
use crate::model::{Counts, RunRecord};
use crate::output::progress::Progress;
use crate::plan::{Plan, Replaces, TranslationRow};
use crate::post::{PostId, SourcePath, StoredPost, TextId};
use crate::store::{
    AdoptedPost, Begin, Finish, PostWrite, Store, StoreError, SyncTransaction, TermsWrite,
};

/// A file was added, removed or touched while the sync ran.
#[derive(Debug, thiserror::Error)]
#[error("files in {0} changed")]
pub struct FilesChanged(String);

/// The inputs of a run besides its plan.
pub struct Run<'a> {
    /// The paths that were scanned.
    pub content: &'a ContentPaths,
    /// The settings that files are read with.
    pub settings: &'a ReadSettings,
    /// The files.
    pub snapshot: &'a Snapshot,
    /// The files of the posts' main texts, in a blog with locales.
    pub main_files: HashMap<PostId, &'a ScannedFile>,
    /// The index that the plan was made from.
    pub index: &'a Index,
    /// The rows that were read: those to adopt, and those with values that no file states.
    pub rows: &'a HashMap<TextId, StoredPost>,
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
/// [`FilesChanged`] or [`content::LoadError::Changed`] if a file is not what the plan was made from;
/// whatever the store says.
pub fn apply(
    store: &mut dyn Store,
    plan: &Plan,
    counts: Counts,
    run: &Run,
    apart: &[PostId],
) -> Result<Vec<SourcePath>> {
    let total = (plan.writes.len()
        + plan.adoptions.len()
        + plan.reindexes.len()
        + plan.translation_reindexes.len()) as u64;
    let progress = Progress::writing(run.show_progress && total > 0, Some(total));

    let mut transaction = store.begin(Begin {
        generation: run.index.generation,
        lock_timeout: run.lock_timeout,
        now: now(),
    })?;
    transaction.set_apart(apart);
    // From here to the end an interrupt is looked for, so that all is taken back in order.
    let _deferral = run.interrupt.defer();
    let mut loader = Loader::new(run);
    for round in rounds(texts_of(plan, run), run) {
        loader.begin(&round);
        // A translation needs the row of its post, and what the main text says.
        for of_main in [true, false] {
            loader.each(&round.writes, of_main, |text, loaded| {
                run.interrupt.check()?;
                let (post_digest, text_digest) = loaded.digests(run);
                let post = loaded.post;
                transaction.write(PostWrite {
                    managed: loaded.managed,
                    post,
                    body: loaded.body,
                    path: text.file.path.clone(),
                    file_digest: text.file.digest,
                    post_digest,
                    text_digest,
                    replaces: text.replaces,
                    translation: text.translation,
                    extra_terms: loaded.extra_terms,
                    terms: loaded.terms.terms,
                })?;
                progress.inc(1);
                Ok(())
            })?;
            loader.each(&round.adoptions, of_main, |text, loaded| {
                run.interrupt.check()?;
                let (post_digest, text_digest) = loaded.digests(run);
                let post = loaded.post;
                transaction.adopt(AdoptedPost {
                    id: post.id,
                    path: text.file.path.clone(),
                    file_digest: text.file.digest,
                    post_digest,
                    text_digest,
                    replaces: text.replaces,
                    translation: text.translation,
                    stated: post.stated(),
                    tags: post.tags,
                    extra_terms: loaded.extra_terms,
                    terms: loaded.terms.terms,
                })?;
                progress.inc(1);
                Ok(())
            })?;
        }
        for of_main in [true, false] {
            loader.each(&round.reindexes, of_main, |text, loaded| {
                run.interrupt.check()?;
                transaction.write_terms(TermsWrite {
                    id: loaded.post.text_id(),
                    is_main: text.is_main(),
                    extra_terms: loaded.extra_terms,
                    terms: loaded.terms.terms,
                })?;
                progress.inc(1);
                Ok(())
            })?;
        }
    }
    transaction.relocate(&plan.relocations)?;
    transaction.remove_translations(&plan.translation_removals)?;
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
            directory: directory(run.snapshot.scope.parts()),
            actor: run.actor.clone(),
        }),
    })?;
    // Every changed file was read twice and was the same. Whether the files as a whole are
    // still those that the plan saw, only another walk can tell.
    if !content::unmoved(run.settings, run.snapshot, &run.content.paths)? {
        return Err(FilesChanged(run.content.shown.clone()).into());
    }
    commit(transaction, run.interrupt)?;
    Ok(loader.cut)
}

/// Returns the texts of a plan whose files are read.
fn texts_of<'a>(plan: &Plan, run: &Run<'a>) -> Round<'a> {
    let files = run.snapshot.files.iter();
    let files: HashMap<&SourcePath, &'a ScannedFile> =
        files.map(|file| (&file.path, file)).collect();
    let writes = plan.writes.iter().map(|write| Text {
        id: write.id,
        file: files[&write.path],
        replaces: write.replaces,
        translation: write.translation,
    });
    let adoptions = plan.adoptions.iter().map(|adoption| Text {
        id: adoption.id,
        file: files[&adoption.path],
        replaces: adoption.replaces,
        translation: adoption.translation,
    });
    let main_texts = run.index.entries.iter().filter(|entry| entry.is_main);
    let main_texts: HashSet<TextId> = main_texts.map(Entry::text_id).collect();
    let reindexes = plan.reindexes.iter().chain(&plan.translation_reindexes);
    let reindexes = reindexes.map(|(id, path)| Text {
        id: id.post,
        file: files[path],
        // Its rows stay.
        replaces: Replaces::Nothing,
        translation: id.locale.map(|locale| TranslationRow {
            locale,
            is_main: main_texts.contains(id),
            replaces: Replaces::Nothing,
        }),
    });
    Round {
        writes: writes.collect(),
        adoptions: adoptions.collect(),
        reindexes: reindexes.collect(),
    }
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

/// Returns the paths that were given, as one writes them: `content`, `a.md, posts`, and `.` for
/// the whole project.
fn directory(scope: &[String]) -> String {
    let paths = scope.iter().map(|part| match part.trim_end_matches('/') {
        "" => ".",
        path => path,
    });
    let paths: Vec<&str> = paths.collect();
    paths.join(", ")
}

/// The time, to the microsecond that a store keeps.
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    // Rounding fails only beyond the year 9999.
    now.round(Unit::Microsecond).unwrap_or(now)
}
