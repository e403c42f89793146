//! Carrying a plan out: one transaction, bodies read as they are written.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use jiff::{Timestamp, Unit};
use rayon::prelude::*;

use crate::content::{self, LoadError, ReadSettings, ScannedFile, Snapshot};
use crate::index::{Entry, Index};
use crate::interrupt::{Interrupt, WriteState};
use crate::model::{Counts, FileEntry, RunRecord};
use crate::output::progress::Progress;
use crate::plan::{Plan, Replaces, TranslationRow};
use crate::post::{Digest, ExtraTerm, FieldSet, Post, PostId, SourcePath, StoredPost, TextId};
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
    let writes = plan.writes.iter();
    let writes: Vec<(&ScannedFile, Rows)> = writes
        .map(|write| (files[&write.path], (write.replaces, write.translation)))
        .collect();
    let adoptions = plan.adoptions.iter();
    let adoptions: Vec<(&ScannedFile, Rows)> = adoptions
        .map(|one| (files[&one.path], (one.replaces, one.translation)))
        .collect();
    let stated: HashMap<TextId, FieldSet> = run
        .index
        .entries
        .iter()
        .map(|entry| (entry.text_id(), entry.stated))
        .collect();
    let mut cut = Vec::new();
    // A translation needs the row of its post, and what the main text says.
    for of_main in [true, false] {
        let writes = of_texts(&writes, of_main);
        cut.extend(load_each(run, &writes, |file, rows, loaded| {
            run.interrupt.check()?;
            let (post_digest, text_digest) = loaded.digests(run);
            let post = loaded.post;
            let before = stated.get(&post.text_id()).copied().unwrap_or_default();
            transaction.write(PostWrite {
                managed: post.stated() | before,
                post,
                body: loaded.body,
                path: file.path.clone(),
                file_digest: file.digest,
                post_digest,
                text_digest,
                replaces: rows.0,
                translation: rows.1,
                extra_terms: loaded.extra_terms,
                terms: loaded.terms.terms,
            })?;
            progress.inc(1);
            Ok(())
        })?);
        let adoptions = of_texts(&adoptions, of_main);
        cut.extend(load_each(run, &adoptions, |file, rows, loaded| {
            run.interrupt.check()?;
            let (post_digest, text_digest) = loaded.digests(run);
            let post = loaded.post;
            transaction.adopt(AdoptedPost {
                id: post.id,
                path: file.path.clone(),
                file_digest: file.digest,
                post_digest,
                text_digest,
                replaces: rows.0,
                translation: rows.1,
                stated: post.stated(),
                tags: post.tags,
                extra_terms: loaded.extra_terms,
                terms: loaded.terms.terms,
            })?;
            progress.inc(1);
            Ok(())
        })?);
    }
    let main_texts = run.index.entries.iter().filter(|entry| entry.is_main);
    let main_texts: HashSet<TextId> = main_texts.map(Entry::text_id).collect();
    let reindexes: Vec<(&ScannedFile, Rows)> = plan
        .reindexes
        .iter()
        .chain(&plan.translation_reindexes)
        .map(|(id, path)| (files[path], row_of(*id, main_texts.contains(id))))
        .collect();
    cut.extend(load_each(run, &reindexes, |_, rows, loaded| {
        run.interrupt.check()?;
        transaction.write_terms(TermsWrite {
            id: loaded.post.text_id(),
            is_main: is_main(rows),
            extra_terms: loaded.extra_terms,
            terms: loaded.terms.terms,
        })?;
        progress.inc(1);
        Ok(())
    })?);
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
    /// True if it is its post's main text.
    is_main: bool,
    post: Post,
    body: String,
    terms: Terms,
    extra_terms: Vec<ExtraTerm>,
}

/// The rows that a text is written to: that of the post, and that of the translation.
type Rows = (Replaces, Option<TranslationRow>);

/// Returns whether the text is its post's main one.
fn is_main((_, translation): Rows) -> bool {
    translation.is_none_or(|row| row.is_main)
}

/// Returns the files of main texts, or those of the others.
fn of_texts<'f>(files: &[(&'f ScannedFile, Rows)], of_main: bool) -> Vec<(&'f ScannedFile, Rows)> {
    let files = files.iter().copied();
    files
        .filter(|(_, rows)| is_main(*rows) == of_main)
        .collect()
}

/// Returns the rows of a text that stay.
fn row_of(id: TextId, is_main: bool) -> Rows {
    let translation = id.locale.map(|locale| TranslationRow {
        locale,
        is_main,
        replaces: Replaces::Nothing,
    });
    (Replaces::Nothing, translation)
}

impl Loaded {
    /// Returns the digest of the post, and in a blog with locales that of what each of them has for
    /// itself.
    fn digests(&self, run: &Run) -> (Digest, Option<Digest>) {
        let Some(locales) = &run.settings.locales else {
            return (self.post.digest(&self.body), None);
        };
        let text = self.post.digest_of(locales.translated, &self.body);
        match self.is_main {
            true => (self.post.digest(&self.body), Some(text)),
            false => (text, Some(text)),
        }
    }
}

fn load(run: &Run, file: &ScannedFile, is_main: bool) -> Result<Loaded, LoadError> {
    let (mut post, body) = content::load(run.settings, file)?;
    let shared = run.settings.locales.as_ref().filter(|_| !is_main);
    if let Some(locales) = shared {
        post = post.limited_to(locales.translated);
    }
    // A post is found by what its row will hold: also by values that no file states.
    let row = run.rows.get(&post.text_id());
    let mut filled = row.map(|row| post.clone().filled_from(row));
    if let Some(locales) = shared
        && let Some(main) = main_text(run, post.id)?
    {
        // Also by what the main text states for all locales.
        let filled = filled.get_or_insert_with(|| post.clone());
        filled.share(main, locales.translated);
    }
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
        is_main,
        post,
        body,
        terms,
        extra_terms,
    })
}

/// Finds the files of the posts' main texts; none in a blog without locales.
pub fn main_files<'a>(
    files: &[FileEntry],
    snapshot: &'a Snapshot,
) -> HashMap<PostId, &'a ScannedFile> {
    let main = files.iter().filter(|file| file.is_main && !file.draft);
    let main = main.filter(|file| file.locale.is_some());
    let main: HashMap<&SourcePath, PostId> = main.map(|file| (&file.path, file.id)).collect();
    let scanned = snapshot.files.iter();
    scanned
        .filter_map(|file| Some((*main.get(&file.path)?, file)))
        .collect()
}

/// Reads the file of a post's main text; `None` where it is not there any more.
fn main_text(run: &Run, id: PostId) -> Result<Option<Post>, LoadError> {
    let file = match run.main_files.get(&id) {
        Some(file) => Some((*file).clone()),
        // Outside the directory that was given.
        None => {
            let mut entries = run.index.entries.iter();
            let entry = entries.find(|entry| entry.id == id && entry.is_main);
            entry.and_then(|entry| {
                let path = run.settings.root.join(entry.path.as_str());
                let snapshot = content::scan(run.settings, &path, &|_| {}).ok()?;
                snapshot.files.into_iter().next()
            })
        }
    };
    let loaded = file.map(|file| content::load(run.settings, &file));
    match loaded.transpose() {
        Ok(loaded) => Ok(loaded.map(|(post, _)| post)),
        Err(LoadError::Invalid { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads files on all cores, a batch at a time, and passes each on in its order; returns
/// those that have more terms than an index takes.
fn load_each(
    run: &Run,
    files: &[(&ScannedFile, Rows)],
    mut pass_on: impl FnMut(&ScannedFile, Rows, Loaded) -> Result<()>,
) -> Result<Vec<SourcePath>> {
    let mut cut = Vec::new();
    for batch in batches(files) {
        let load = |(file, rows): &(&ScannedFile, Rows)| load(run, file, is_main(*rows));
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
