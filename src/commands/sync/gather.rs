//! The files of a sync, as far as the plan needs them, and all that is wrong with them.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use rayon::prelude::*;

use crate::content::{self, LoadError, Parsed, ScannedFile, Settings, Snapshot};
use crate::diagnostic::Diagnostic;
use crate::index::{Entry, Index};
use crate::plan::FileEntry;
use crate::post::{Digest, PostId};

/// What the files say.
pub struct Gathered {
    /// One line a file that can be read, in the order of paths.
    pub files: Vec<FileEntry>,
    /// Everything that is wrong, in the order of places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads the files that the index does not know by their digest, spread over the cores, and
/// checks all of them against each other. With `read_all` it reads the others, too, so that
/// what it says does not depend on what earlier syncs have seen.
///
/// # Errors
/// [`LoadError`] if a file is no longer what the snapshot saw.
pub fn gather(
    settings: &Settings,
    snapshot: &Snapshot,
    index: &Index,
    read_all: bool,
) -> Result<Gathered, LoadError> {
    let by_digest: HashMap<Digest, &Entry> = index
        .entries
        .iter()
        .map(|entry| (entry.file_digest, entry))
        .collect();
    let known = |file: &ScannedFile| {
        let entry = *by_digest.get(&file.digest)?;
        // The list of categories may have changed since the file was read.
        let allowed = match (&settings.categories, &entry.category) {
            (Some(allowed), Some(category)) => allowed.contains(category),
            _ => true,
        };
        allowed.then_some(entry)
    };

    // A file whose id another one states, too, is read although it is known, so that the
    // error can show the line.
    let mut stated: HashMap<PostId, usize> = HashMap::new();
    for entry in snapshot.files.iter().filter_map(known) {
        *stated.entry(entry.id).or_default() += 1;
    }
    let read = |file: &ScannedFile| -> Result<Read, LoadError> {
        match known(file) {
            Some(entry) if !read_all && stated[&entry.id] == 1 => Ok(Read::Known(entry.id)),
            _ => Ok(Read::Parsed(Box::new(content::parse(settings, file)?))),
        }
    };
    let mut reads = snapshot
        .files
        .par_iter()
        .map(read)
        .collect::<Result<Vec<_>, _>>()?;

    let parsed_ids: HashSet<PostId> = reads.iter().filter_map(Read::parsed_id).collect();
    for (file, read) in snapshot.files.iter().zip(&mut reads) {
        if let Read::Known(id) = read
            && parsed_ids.contains(id)
        {
            *read = Read::Parsed(Box::new(content::parse(settings, file)?));
        }
    }

    let mut diagnostics = snapshot.problems.clone();
    let parsed = || {
        snapshot
            .files
            .iter()
            .zip(&reads)
            .filter_map(|(file, read)| match read {
                Read::Known(_) => None,
                Read::Parsed(parsed) => Some((file, parsed)),
            })
    };
    diagnostics.extend(parsed().flat_map(|(_, parsed)| parsed.diagnostics.iter().cloned()));
    diagnostics.extend(content::unknown_key_hints(parsed().flat_map(
        |(file, parsed)| parsed.unknown_keys.iter().map(|key| (&file.path, key)),
    )));
    diagnostics.extend(content::duplicate_ids(parsed().filter_map(
        |(file, parsed)| Some((parsed.id?, &file.path, parsed.id_spot.as_ref())),
    )));

    let entry = |(file, read): (&ScannedFile, &Read)| match read {
        Read::Known(_) => known(file).map(|entry| FileEntry::known(file.path.clone(), entry)),
        Read::Parsed(parsed) => Some(FileEntry {
            id: parsed.id?,
            path: file.path.clone(),
            file_digest: file.digest,
            post_digest: parsed.post_digest?,
            category: parsed.category.clone(),
            draft: parsed.draft,
        }),
    };
    let files: Vec<FileEntry> = snapshot
        .files
        .iter()
        .zip(&reads)
        .filter_map(entry)
        .collect();
    diagnostics.extend(elsewhere(settings, snapshot, index, &files)?);
    diagnostics.sort_by(|a, b| {
        let place = |d: &Diagnostic| d.spot.as_ref().map(|spot| (spot.line, spot.column));
        (&a.path, place(a)).cmp(&(&b.path, place(b)))
    });
    Ok(Gathered { files, diagnostics })
}

/// How a file was read.
enum Read {
    /// Its digest was enough.
    Known(PostId),
    /// In full.
    Parsed(Box<Parsed>),
}

impl Read {
    fn parsed_id(&self) -> Option<PostId> {
        match self {
            Self::Known(_) => None,
            Self::Parsed(parsed) => parsed.id,
        }
    }
}

/// Finds ids that a file outside the given directory states, too: its post would be taken
/// for one that moved.
fn elsewhere(
    settings: &Settings,
    snapshot: &Snapshot,
    index: &Index,
    files: &[FileEntry],
) -> Result<Vec<Diagnostic>, LoadError> {
    let outside: HashMap<PostId, &Entry> = index
        .entries
        .iter()
        .filter(|entry| !snapshot.scope.contains(&entry.path))
        .map(|entry| (entry.id, entry))
        .collect();
    let mut diagnostics = Vec::new();
    for file in files {
        let Some(entry) = outside.get(&file.id) else {
            continue;
        };
        let there = settings.root.join(Path::new(entry.path.as_str()));
        if !there.is_file() {
            continue;
        }
        let Ok(other) = content::scan(settings, &there, &|_| {}) else {
            continue;
        };
        for scanned in &other.files {
            let parsed = content::parse(settings, scanned)?;
            if parsed.id == Some(file.id) {
                diagnostics.extend(content::duplicate_ids([
                    (file.id, &file.path, None),
                    (file.id, &scanned.path, parsed.id_spot.as_ref()),
                ]));
            }
        }
    }
    Ok(diagnostics)
}
