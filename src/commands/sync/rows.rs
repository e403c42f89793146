//! Reading the rows that a plan has to be made from.

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use rayon::prelude::*;

use crate::content::{self, LoadError, ReadSettings, ScannedFile, Snapshot};
use crate::index::Index;
use crate::locale::Locale;
use crate::model::FileEntry;
use crate::plan::{self, Comparison, StatedBefore};
use crate::post::{PostId, SourcePath, StoredPost, TextId};
use crate::store::{MAX_BODIES_BYTES, Store};

/// The most posts that are asked for at once.
const BATCH: usize = 500;

/// The rows that were read, without their Markdown, and how they differ from their files.
#[derive(Debug, Default)]
pub struct Rows {
    /// The differences of each.
    pub comparisons: HashMap<TextId, Comparison>,
    /// The rows.
    pub rows: HashMap<TextId, StoredPost>,
}

/// Reads the rows of which the index does not tell enough, and compares them with their files.
/// Asks the store nothing if there are none.
///
/// # Errors
/// [`LoadError`] if a file is no longer what the snapshot saw; whatever the store says.
pub fn read(
    store: &mut dyn Store,
    settings: &ReadSettings,
    snapshot: &Snapshot,
    index: &Index,
    files: &[FileEntry],
) -> Result<Rows> {
    let mut read = Rows::default();
    let needed = plan::to_read(files, index);
    if needed.is_empty() {
        return Ok(read);
    }
    let scanned: HashMap<&SourcePath, &ScannedFile> = snapshot
        .files
        .iter()
        .map(|file| (&file.path, file))
        .collect();
    let files: HashMap<TextId, (&FileEntry, &ScannedFile)> = needed
        .iter()
        .filter_map(|file| Some((file.text_id(), (*file, *scanned.get(&file.path)?))))
        .collect();
    let before = StatedBefore::new(index);
    let compared = |(row, row_body): (StoredPost, String)| {
        let Some((entry, file)) = files.get(&row.text_id()) else {
            return Ok(None);
        };
        let (post, body) = content::load(settings, file)?;
        let post = match &settings.locales {
            Some(locales) if !entry.is_main => post.limited_to(locales.translated),
            _ => post,
        };
        let before = before.of(row.text_id(), entry.is_main);
        let comparison = plan::compare((&post, &body), (&row, &row_body), before, settings.stored);
        Ok(Some((row, comparison)))
    };
    // A store answers the texts of one locale at a time, the newest first, and may leave out the
    // oldest.
    let mut by_locale: BTreeMap<Option<Locale>, Vec<PostId>> = BTreeMap::new();
    for id in files.keys() {
        by_locale.entry(id.locale).or_default().push(id.post);
    }
    for (locale, mut left) in by_locale {
        left.sort_unstable_by(|one, other| other.cmp(one));
        while !left.is_empty() {
            let batch = &left[..left.len().min(BATCH)];
            let answer = if index.generation.is_some() {
                store.posts(batch, locale)?
            } else {
                store.untracked_posts(batch, locale)?
            };
            let bytes: usize = answer.iter().map(|(_, body)| body.len()).sum();
            let is_cut = bytes >= MAX_BODIES_BYTES;
            let last = match answer.last() {
                Some((row, _)) if is_cut => Some(row.id),
                _ => batch.last().copied(),
            };
            let answer = answer
                .into_par_iter()
                .map(compared)
                .collect::<Result<Vec<_>, LoadError>>()?;
            for (row, comparison) in answer.into_iter().flatten() {
                read.comparisons.insert(row.text_id(), comparison);
                read.rows.insert(row.text_id(), row);
            }
            left.retain(|id| last.is_some_and(|last| *id < last));
        }
    }
    Ok(read)
}
