//! The rows of a pull, one after the other.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::Path;

use anyhow::{Context as _, Result};

use super::Args;
use super::blog::Blog;
use super::files::OutputFiles;
use super::outcome::{Judge, Outcome, Target};
use crate::content::{self, ReadSettings};
use crate::diff::{Unified, file_hunks};
use crate::interrupt::Interrupt;
use crate::locale::Locale;
use crate::output::pull::{Action, Change, FileDiff, Refused, Report};
use crate::post::{PostId, SourcePath, StoredPost, TextId};
use crate::pull::{Refusal, Step, Survey};
use crate::store::{MAX_BODIES_BYTES, Reader};

/// The most rows that are asked for at once.
const BATCH: usize = 500;

/// The bytes of files, before and after, whose change is shown.
const MAX_DIFFED_BYTES: usize = 32 << 20;

/// A path as a file system that ignores case takes it.
pub(super) fn folded(path: &SourcePath) -> String {
    path.as_str().to_lowercase()
}

/// A pull in progress.
pub(super) struct Run<'a> {
    pub args: &'a Args,
    pub interrupt: &'a Interrupt,
    pub root: &'a Path,
    pub settings: &'a ReadSettings,
    pub blog: &'a Blog<'a>,
    /// The scanned directory as a source path.
    pub content: &'a str,
    pub files: OutputFiles<'a>,
    /// True if the word counts of rows are not those that files state: the database computes them,
    /// or does not store them.
    pub has_other_counts: bool,
    /// The files of main texts, in a blog with locales.
    pub main_files: HashMap<PostId, SourcePath>,
    /// The paths that no new file may have, see [`folded`].
    pub taken: BTreeSet<String>,
    pub report: Report,
    /// The bytes of the files whose change is shown.
    pub diffed_bytes: usize,
}

impl<'a> Run<'a> {
    /// Reads the rows, newest first, and stages a file for each that is to be written.
    pub fn judge_all(&mut self, store: &mut dyn Reader, survey: &Survey) -> Result<()> {
        let mut steps: HashMap<TextId, &Step> = HashMap::new();
        // A store answers the texts of one locale at a time. Other texts are named as main ones are.
        let locales = self.settings.locales.as_ref();
        let rank = |locale: Option<Locale>| match (locales, locale) {
            (Some(locales), Some(locale)) => locales.locales.rank(locale),
            _ => 0,
        };
        let mut by_locale: BTreeMap<(usize, Option<Locale>), Vec<PostId>> = BTreeMap::new();
        for (id, step) in survey.steps.iter().rev() {
            match step {
                Step::Refuse(refusal) => self.refuse(*id, refusal.clone()),
                _ => {
                    steps.insert(*id, step);
                    let place = (rank(id.locale), id.locale);
                    by_locale.entry(place).or_default().push(id.post);
                }
            }
            if let Step::Create {
                path: Some(path), ..
            } = step
            {
                self.taken.insert(folded(path));
            }
        }
        if by_locale.is_empty() {
            return Ok(());
        }
        let style = self.blog.style(self.settings)?;
        let judge = Judge {
            settings: self.settings,
            style: &style,
            force: self.args.force,
        };
        for ((_, locale), ids) in &by_locale {
            self.judge_locale(store, &judge, *locale, ids, (&steps, &survey.others))?;
        }
        Ok(())
    }

    /// Reads the rows of texts in one locale.
    fn judge_locale(
        &mut self,
        store: &mut dyn Reader,
        judge: &Judge<'_>,
        locale: Option<Locale>,
        ids: &[PostId],
        (steps, others): (&HashMap<TextId, &Step>, &HashSet<TextId>),
    ) -> Result<()> {
        let mut rest = ids;
        while !rest.is_empty() {
            let asked = &rest[..rest.len().min(BATCH)];
            let rows = store.posts(asked, locale)?;
            let bytes: usize = rows.iter().map(|(_, body)| body.len()).sum();
            let last = rows.last().map(|(row, _)| row.id);
            rest = match last {
                // The answer ends before the last id that was asked for.
                Some(last) if bytes >= MAX_BODIES_BYTES => {
                    &rest[rest.partition_point(|id| *id >= last)..]
                }
                _ => &rest[asked.len()..],
            };
            for (mut row, body) in rows {
                self.interrupt.check()?;
                if self.has_other_counts {
                    row.word_count = i32::try_from(body.split_whitespace().count()).ok();
                }
                if let Some(step) = steps.get(&row.text_id()) {
                    let is_other = others.contains(&row.text_id());
                    self.judge(judge, step, is_other, (&row, &body))?;
                }
            }
        }
        Ok(())
    }

    fn refuse(&mut self, id: TextId, refusal: Refusal) {
        let path = refusal.path().cloned();
        self.report.refused.push(Refused {
            id: id.post,
            locale: id.locale,
            path,
            refusal,
        });
    }

    /// Decides on one row, and stages its file.
    fn judge(
        &mut self,
        judge: &Judge<'_>,
        step: &Step,
        is_other: bool,
        (row, body): (&StoredPost, &str),
    ) -> Result<()> {
        let target = match step {
            Step::Create { path, published } => {
                match self.new_path(path.as_ref(), row, is_other)? {
                    Ok(path) => Target::New {
                        path,
                        published: *published,
                    },
                    Err(refusal) => {
                        self.refuse(row.text_id(), refusal);
                        return Ok(());
                    }
                }
            }
            Step::Edit { path, file } => {
                let scanned = self.blog.files.get(path).copied();
                let scanned = scanned.with_context(|| format!("{path} is not among the files"))?;
                if scanned.plain_path(self.root).is_none() {
                    self.refuse(row.text_id(), Refusal::Link(path.clone()));
                    return Ok(());
                }
                Target::File {
                    scanned,
                    state: *file,
                    bytes: content::bytes(self.settings, scanned)?,
                }
            }
            Step::Refuse(_) => return Ok(()),
        };
        let own = self.settings.locales.as_ref().filter(|_| is_other);
        let outcome = match own.map(|locales| locales.translated) {
            Some(own) => judge.decide_other(&target, row, body, own),
            None => judge.decide(&target, row, body),
        };
        match outcome {
            Outcome::Same => self.report.unchanged += 1,
            Outcome::Refused(refusal) => {
                let path = match target {
                    Target::New { .. } => None,
                    Target::File { scanned, .. } => Some(scanned.path.clone()),
                };
                self.report.refused.push(Refused {
                    id: row.id,
                    locale: row.locale,
                    path,
                    refusal,
                });
            }
            Outcome::Write { bytes, differences } => {
                if self.is_writing() {
                    self.files.stage(&target, &bytes)?;
                }
                let diff = self.args.dry_run.then(|| self.diff(&target, &bytes));
                let (action, path) = match target {
                    Target::New { path, .. } => (Action::Create, path),
                    Target::File { scanned, .. } => (Action::Update, scanned.path.clone()),
                };
                self.report.changes.push(Change {
                    action,
                    id: row.id,
                    locale: row.locale,
                    path,
                    differences,
                    diff,
                });
            }
        }
        Ok(())
    }

    /// Returns the change of a file as a unified diff, as long as all of them fit into memory.
    fn diff(&mut self, target: &Target<'_>, bytes: &[u8]) -> FileDiff {
        let before = match target {
            Target::New { .. } => &[][..],
            Target::File { bytes, .. } => bytes,
        };
        self.diffed_bytes += before.len() + bytes.len();
        if self.diffed_bytes > MAX_DIFFED_BYTES {
            return FileDiff::LeftOut;
        }
        let (old, new) = (
            String::from_utf8_lossy(before),
            String::from_utf8_lossy(bytes),
        );
        let unified = Unified {
            hunks: &file_hunks(&old, &new),
            keeps_returns: true,
        };
        FileDiff::Text(unified.to_string())
    }

    /// Returns the path of a new file.
    fn new_path(
        &mut self,
        before: Option<&SourcePath>,
        row: &StoredPost,
        is_other: bool,
    ) -> Result<Result<SourcePath, Refusal>> {
        let zone = &self.settings.time_zone;
        let paths = match before {
            Some(path) => vec![path.clone()],
            None => {
                let main = self.main_files.get(&row.id).filter(|_| is_other);
                self.blog.naming.paths(row, main, zone)
            }
        };
        let mut refusal = None;
        for path in paths {
            let (place, content) = (Path::new(path.as_str()), Path::new(self.content));
            let is_taken = before.is_none() && self.taken.contains(&folded(&path));
            let found = if is_taken {
                Some(Refusal::Occupied(path.clone()))
            } else if content::is_left_out(self.settings, content, place) {
                // Also of a file that is there, which the pull would have found otherwise.
                Some(Refusal::LeftOut(path.clone()))
            } else {
                self.files.obstacle(&path)?
            };
            match found {
                None => {
                    self.taken.insert(folded(&path));
                    if row.locale.is_some() && !is_other {
                        self.main_files.insert(row.id, path.clone());
                    }
                    return Ok(Ok(path));
                }
                Some(found) => refusal = refusal.or(Some(found)),
            }
        }
        // There is at least one path.
        refusal.map(Err).context("the post has no path")
    }

    /// Returns whether files are to be written: it is no rehearsal, and no post was refused, or
    /// the others are to be written all the same.
    fn is_writing(&self) -> bool {
        !self.args.dry_run && (self.args.force || self.report.refused.is_empty())
    }

    /// Puts the files in their place, unless a post was refused; returns whether it did.
    pub fn write(&mut self) -> Result<bool> {
        let is_writing = self.is_writing() && !self.report.changes.is_empty();
        if is_writing {
            self.files.commit(self.interrupt)?;
        }
        Ok(is_writing)
    }
}
