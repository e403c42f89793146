//! The files of a scan, as far as a plan needs them, and all that is wrong with them.

use std::collections::{HashMap, HashSet};
use std::mem;
use std::path::Path;

use rayon::prelude::*;

use super::across::{duplicate_ids, duplicate_slugs, more_findings};
use super::keys::GIVE_AN_ID;
use super::labels::Labels;
use super::read_as::ReadAs;
use super::read_settings::ReadSettings;
use super::scan::{LoadError, Parsed, parse, scan};
use super::snapshot::{ScannedFile, Snapshot};
use super::translations::{MainTexts, between_translations};
use crate::finding::{Finding, Level, Levels, rules};
use crate::left_out::{LeftOut, Reason};
use crate::model::{FileEntry, KnownFile};
use crate::post::{Digest, PostId, SourcePath, TextId};

/// The files of a scan, read and checked against each other.
#[derive(Clone, Debug)]
pub struct Collection {
    /// One line a file that can be read, in the order of paths.
    pub files: Vec<FileEntry>,
    /// Everything that is wrong, in the order of places.
    pub findings: Vec<Finding>,
    /// The keys that fields were read from without the settings naming them, in files that were read.
    pub read_as: ReadAs,
    /// The greatest id that a file states.
    pub last_id: Option<PostId>,
    /// Files that are left out because they have no front matter, in the order of paths.
    pub skipped: Vec<SourcePath>,
}

impl Collection {
    /// Adds to the help for posts without an id which one is free: that behind the greatest of the
    /// files and of `last`.
    pub fn name_free_id(&mut self, last: Option<PostId>) {
        let last = self.last_id.max(last);
        let next = last.map_or(Some(1), |last| last.get().checked_add(1));
        let Some(next) = next else { return };
        let missing = self.findings.iter_mut();
        for finding in missing.filter(|finding| finding.rule == rules::MISSING_ID) {
            if let Some(help) = finding.help.as_mut().filter(|help| *help == GIVE_AN_ID) {
                *help = format!("{help}; the next is {next}");
            }
        }
    }

    /// Returns all that is left out: what the scan left out, and what was skipped after reading.
    pub fn left_out(&self, snapshot: &Snapshot) -> LeftOut {
        let mut all = snapshot.left_out.clone();
        for path in &self.skipped {
            all.add_file(Reason::NoFrontMatter, path.clone(), None);
        }
        all
    }
}

/// Reads the files that are not known by their digest, spread over the cores, and checks all
/// of them against each other. With `read_all` it reads the others, too, so that what it says
/// does not depend on what was read before.
///
/// # Errors
/// [`LoadError`] if a file is no longer what the snapshot saw.
pub fn collect<'a>(
    settings: &ReadSettings,
    snapshot: &Snapshot,
    known_files: impl Iterator<Item = KnownFile<'a>> + Clone,
    read_all: bool,
) -> Result<Collection, LoadError> {
    // Digests are of the settings, too: what was read with others is not found here.
    let by_digest: HashMap<Digest, KnownFile<'a>> = known_files
        .clone()
        .map(|known| (known.file_digest, known))
        .collect();
    let known = |file: &ScannedFile| by_digest.get(&file.digest);

    // A file whose id another one states, too, is read although it is known, so that the
    // error can show the line.
    let mut stated: HashMap<TextId, usize> = HashMap::new();
    for entry in snapshot.files.iter().filter_map(known) {
        *stated.entry(entry.text_id()).or_default() += 1;
    }
    let read = |file: &ScannedFile| -> Result<Read<'a>, LoadError> {
        match known(file) {
            Some(entry) if !read_all && stated[&entry.text_id()] == 1 => Ok(Read::Known(*entry)),
            _ => Ok(Read::Parsed(Box::new(parse(settings, file)?))),
        }
    };
    // What the files of a part have to say is taken from them before the next part is read, so
    // that memory is bounded however much it is.
    let mut findings = Findings::new(MOST, &settings.levels);
    findings.extend(snapshot.problems.iter().cloned());
    let mut read_as = ReadAs::default();
    let mut labels = Labels::default();
    let mut reads = Vec::with_capacity(snapshot.files.len());
    for files in snapshot.files.chunks(PART) {
        let part = files.par_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        for (mut read, file) in part.into_iter().zip(files) {
            if let Read::Parsed(parsed) = &mut read {
                findings.extend(mem::take(&mut parsed.findings));
                read_as.add(mem::take(&mut parsed.read_as));
                labels.add(mem::take(&mut parsed.labels), &file.path);
            }
            reads.push(read);
        }
    }

    let outside = || {
        let known = known_files.clone();
        known.filter(|known| !snapshot.scope.contains(known.path))
    };
    // What is wrong between files shows only if all of them are read; and a text that becomes or
    // ceases to be the main one of its post is written in another way.
    let main_texts = loop {
        let parsed_ids: HashSet<PostId> = reads.iter().filter_map(Read::parsed_id).collect();
        let main_texts = MainTexts::of(settings, &reads, outside());
        let mut is_changed = false;
        for (number, file) in snapshot.files.iter().enumerate() {
            if let Read::Known(known) = &reads[number]
                && (parsed_ids.contains(&known.id) || main_texts.is_main(number) != known.is_main)
            {
                let mut parsed = parse(settings, file)?;
                findings.extend(mem::take(&mut parsed.findings));
                reads[number] = Read::Parsed(Box::new(parsed));
                is_changed = true;
            }
        }
        if !is_changed {
            break main_texts;
        }
    };

    let parsed = || {
        let all = snapshot.files.iter().zip(&reads);
        all.filter_map(|(file, read)| match read {
            Read::Known(_) => None,
            Read::Parsed(parsed) => Some((file, parsed)),
        })
    };
    let ids = parsed()
        .filter_map(|(file, read)| Some((read.text_id()?, &file.path, read.id_location.as_ref())));
    findings.extend(duplicate_ids(ids));
    let slugs = parsed().filter_map(|(file, read)| {
        let (slug, location) = read.slug.as_ref().filter(|_| !read.draft)?;
        Some(((read.locale, slug.as_str()), &file.path, Some(location)))
    });
    findings.extend(duplicate_slugs(slugs));

    findings.extend(labels.findings());

    findings.extend(between_translations(
        settings,
        snapshot,
        &reads,
        &main_texts,
        known_files.clone(),
    ));

    let entry = |(number, file): (usize, &ScannedFile)| match &reads[number] {
        Read::Known(known) => Some(FileEntry::known(file.path.clone(), known)),
        Read::Parsed(parsed) => {
            let is_main = main_texts.is_main(number);
            Some(FileEntry {
                id: parsed.id?,
                locale: parsed.locale,
                is_main,
                path: file.path.clone(),
                file_digest: file.digest,
                post_digest: match (parsed.text_digest, parsed.post_digest) {
                    (Some(digest), _) if !is_main => digest,
                    (_, Some(digest)) => digest,
                    // Nothing is written of a draft, which may be unfinished.
                    (_, None) if parsed.draft => file.digest,
                    (_, None) => return None,
                },
                category: parsed.category.clone().filter(|_| is_main),
                draft: parsed.draft,
            })
        }
    };
    let files: Vec<FileEntry> = snapshot
        .files
        .iter()
        .enumerate()
        .filter_map(entry)
        .collect();
    let skipped = parsed().filter(|(_, read)| read.is_skipped);
    let skipped = skipped.map(|(file, _)| file.path.clone()).collect();
    findings.extend(elsewhere(settings, snapshot, known_files, &files)?);
    let stated = reads.iter().filter_map(|read| match read {
        Read::Known(known) => Some(known.id),
        Read::Parsed(parsed) => parsed.id,
    });
    Ok(Collection {
        files,
        findings: findings.into_sorted(),
        read_as,
        last_id: stated.max(),
        skipped,
    })
}

/// The number of files that are read before their findings are taken from them.
const PART: usize = 1_024;

/// The most findings that are kept.
const MOST: usize = 200_000;

/// The findings about all files: the first so many, and the number of the others.
#[derive(Default)]
struct Findings {
    most: usize,
    levels: Levels,
    kept: Vec<Finding>,
    errors: usize,
    warnings: usize,
    /// The first file with a finding that was not kept.
    first_left_out: Option<SourcePath>,
}

impl Findings {
    fn new(most: usize, levels: &Levels) -> Self {
        Self {
            most,
            levels: levels.clone(),
            ..Self::default()
        }
    }

    fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        for finding in findings {
            let Some(finding) = self.levels.apply(finding) else {
                continue;
            };
            if self.kept.len() < self.most {
                self.kept.push(finding);
                continue;
            }
            match finding.level {
                Level::Error => self.errors += 1,
                Level::Warning => self.warnings += 1,
                Level::Hint | Level::Ok => {}
            }
            self.first_left_out.get_or_insert(finding.path);
        }
    }

    /// The findings in the order of places; the last says how many more there are.
    fn into_sorted(self) -> Vec<Finding> {
        let mut all = self.kept;
        all.sort_by(|a, b| {
            let place = |f: &Finding| f.location.as_ref().map(|location| location.start);
            (&a.path, place(a)).cmp(&(&b.path, place(b)))
        });
        all.extend(
            self.first_left_out
                .map(|path| more_findings(path, self.errors, self.warnings)),
        );
        all
    }
}

/// The way in which a file was read.
pub(super) enum Read<'a> {
    /// Its digest was enough.
    Known(KnownFile<'a>),
    /// In full.
    Parsed(Box<Parsed>),
}

impl Read<'_> {
    fn parsed_id(&self) -> Option<PostId> {
        match self {
            Self::Known(_) => None,
            Self::Parsed(parsed) => parsed.id,
        }
    }

    /// Returns the text that the file gives, if it is one that can be published.
    pub fn published(&self) -> Option<TextId> {
        match self {
            Self::Known(known) => Some(known.text_id()),
            Self::Parsed(parsed) if parsed.draft || parsed.post_digest.is_none() => None,
            Self::Parsed(parsed) => parsed.text_id(),
        }
    }
}

/// Finds ids that a file outside the given directory states, too: its post would be taken
/// for one that moved.
fn elsewhere<'a>(
    settings: &ReadSettings,
    snapshot: &Snapshot,
    known_files: impl Iterator<Item = KnownFile<'a>>,
    files: &[FileEntry],
) -> Result<Vec<Finding>, LoadError> {
    let outside: HashMap<TextId, &SourcePath> = known_files
        .filter(|known| !snapshot.scope.contains(known.path))
        .map(|known| (known.text_id(), known.path))
        .collect();
    let mut found = Vec::new();
    for file in files {
        let Some(path) = outside.get(&file.text_id()) else {
            continue;
        };
        let there = settings.root.join(Path::new(path.as_str()));
        if !there.is_file() {
            continue;
        }
        let Ok(other) = scan(settings, &there, &|_| {}) else {
            continue;
        };
        for scanned in &other.files {
            let parsed = parse(settings, scanned)?;
            if parsed.text_id() == Some(file.text_id()) {
                found.extend(duplicate_ids([
                    (file.text_id(), &file.path, None),
                    (file.text_id(), &scanned.path, parsed.id_location.as_ref()),
                ]));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::test_project::{POST, Project};

    fn finding(path: &str, level: Level) -> Finding {
        Finding {
            rule: match level {
                Level::Error => rules::MISSING_ID,
                Level::Warning => rules::WORD_COUNT,
                Level::Hint | Level::Ok => rules::COMMENT,
            },
            level,
            message: String::new(),
            help: None,
            path: SourcePath::new(path),
            location: None,
            fix: None,
        }
    }

    #[test]
    fn keeps_so_many_findings_and_counts_the_others() {
        let mut findings = Findings::new(2, &Levels::default());
        findings.extend([finding("b", Level::Warning), finding("a", Level::Warning)]);
        findings.extend([
            finding("c", Level::Hint),
            finding("d", Level::Warning),
            finding("e", Level::Error),
        ]);
        let all = findings.into_sorted();
        let shown: Vec<_> = all.iter().map(|found| found.path.as_str()).collect();
        assert_eq!(shown, ["a", "b", "c"]);
        let last = &all[2];
        // An error that is not listed must stop the sync as well.
        assert_eq!(last.level, Level::Error);
        assert!(
            last.message
                .starts_with("and 1 more errors and 1 more warnings"),
            "{last:?}"
        );
    }

    #[test]
    fn says_nothing_more_where_all_are_kept() {
        let mut findings = Findings::new(2, &Levels::default());
        findings.extend([finding("a", Level::Error), finding("b", Level::Hint)]);
        assert_eq!(findings.into_sorted().len(), 2);
    }

    #[test]
    fn a_changed_list_of_categories_has_known_files_read_again() {
        let project = Project::with(&[]);
        project.write(
            "content/a.md",
            &POST.replace("title:", "category: a\ntitle:"),
        );
        let collected = |categories: Option<&[&str]>, known: &[FileEntry]| {
            let categories = categories.map(|names| names.iter().map(|&n| n.to_owned()).collect());
            let settings = ReadSettings {
                categories,
                ..project.settings.clone()
            };
            let snapshot = scan(&settings, &project.path("content"), &|_| {}).unwrap();
            let known_files = known.iter().map(|file| KnownFile {
                id: file.id,
                locale: None,
                is_main: true,
                text_digest: None,
                made_from: None,
                path: &file.path,
                file_digest: file.file_digest,
                post_digest: file.post_digest,
                // What nothing that was read says, so that it tells what was not read.
                category: Some("known"),
            });
            collect(&settings, &snapshot, known_files, false).unwrap()
        };
        let category = |collection: &Collection| collection.files[0].category.clone().unwrap();

        let first = collected(None, &[]);
        assert_eq!(category(&first), "a");
        assert_eq!(category(&collected(None, &first.files)), "known");
        assert_eq!(category(&collected(Some(&["b", "a"]), &first.files)), "a");
        let narrowed = collected(Some(&["b"]), &first.files);
        // A category that is not in the list is an error, and the post one all the same.
        assert_eq!((narrowed.files.len(), narrowed.findings.len()), (1, 1));
    }
}
