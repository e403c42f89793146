//! The symbolic links in a walk.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::file_name::is_content;
use super::findings::{self, Words};
use super::ignore_rules::Rules;
use super::links::{self, LinkProblem};
use super::walk_state::{Directory, LinkPlace, View, Walk};
use crate::left_out::Reason;

/// The most links that may lie one behind the other on the way to a directory.
const MAX_LINKS: usize = 40;

/// A link that is not followed, for a reason that was reported.
pub(super) struct Reported;

impl Walk<'_> {
    /// Looks at a link, which is at the canonical path `place`; `ignored_by` is the ignore file of
    /// git's that names it, if git tracks it.
    pub(super) fn link(
        &mut self,
        directory: &Directory,
        rules: &Rules,
        location: PathBuf,
        place: &Path,
        ignored_by: Option<PathBuf>,
    ) {
        let target = match place.canonicalize() {
            Ok(target) => target,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // A link to nowhere by another name is no post.
                if is_content(&location) && place.is_symlink() {
                    self.problem(&location, findings::broken_link());
                }
                return;
            }
            Err(error) => {
                self.problem(&location, findings::unfollowed(&error));
                return;
            }
        };
        let is_directory = target.is_dir();
        if !is_directory && !is_content(&location) {
            return;
        }
        if is_directory {
            let mut places = std::iter::successors(directory.link_places.as_deref(), |place| {
                place.before.as_deref()
            });
            if directory.real.starts_with(&target)
                || places.any(|place| place.directory.starts_with(&target))
            {
                let name = self.start.bounds.name(&target);
                self.problem(&location, findings::loop_to(&name));
                return;
            }
        }
        let links = std::iter::successors(directory.link_places.as_deref(), |place| {
            place.before.as_deref()
        });
        if is_directory && links.count() >= MAX_LINKS {
            self.problem(&location, findings::too_many_links(MAX_LINKS));
            return;
        }
        let outright = self.start.real.as_deref();
        let Ok(target_ignored_by) = self.may_follow(&location, &target, outright, is_directory)
        else {
            return;
        };
        let ignored_by = ignored_by.or(target_ignored_by);
        if !is_directory {
            self.tracked_file(&location, &target, ignored_by.as_deref());
            return;
        }
        let above = match target.parent() {
            Some(above) if self.start.bounds.contains(above) => self.ignore_files.of(above),
            _ => Ok(None),
        };
        let above = match above {
            Ok(above) => above,
            Err(bad) => {
                self.bad_ignore_file(bad);
                return;
            }
        };
        let name = location.file_name().unwrap_or_default();
        let through_link = |view: &View| View {
            rules: view.rules.clone(),
            path: view.path.join(name),
        };
        let mut views: Vec<View> = directory.views.iter().map(through_link).collect();
        views.push(View {
            rules: rules.clone(),
            path: place.to_owned(),
        });
        self.links.push(Directory {
            location,
            real: target,
            above,
            ignored_by,
            views,
            link_places: Some(Rc::new(LinkPlace {
                directory: directory.real.clone(),
                before: directory.link_places.clone(),
            })),
        });
    }

    /// Reports why what a link leads to is not read. Where it is, returns the ignore file of git's
    /// that names it, if it is read because git tracks it.
    pub(super) fn may_follow(
        &mut self,
        location: &Path,
        target: &Path,
        outright: Option<&Path>,
        is_directory: bool,
    ) -> Result<Option<PathBuf>, Reported> {
        let bounds = &self.start.bounds;
        let checked = links::check(
            bounds,
            &mut self.ignore_files,
            outright,
            target,
            is_directory,
        );
        let problem = match checked {
            Ok(ignored_by) => return Ok(ignored_by),
            Err(problem) => problem,
        };
        let name = bounds.name(target);
        let words = match problem {
            LinkProblem::Outside => findings::leads_outside(&name),
            LinkProblem::Hidden => findings::leads_to_no_content(&name, "is hidden"),
            LinkProblem::Ignored(Reason::Exclude) => {
                findings::leads_to_no_content(&name, "is left out by `exclude` in blogctl.toml")
            }
            LinkProblem::Ignored(_) => findings::leads_to_no_content(&name, "is ignored"),
            LinkProblem::NotContent => {
                findings::leads_to_no_content(&name, "is not named like a post")
            }
            LinkProblem::BadIgnoreFile(bad) => {
                self.bad_ignore_file(bad);
                return Err(Reported);
            }
        };
        self.problem(location, words);
        Err(Reported)
    }

    /// Reports directories that were found again. One without posts does no harm: a directory
    /// of images may be linked from many.
    pub(super) fn report_repeated(&mut self) {
        if self.repeated.is_empty() {
            return;
        }
        let found = self.files.iter().map(|file| &file.real);
        let mut posts: Vec<PathBuf> = found.chain(&self.ignored).cloned().collect();
        posts.sort_unstable();
        // One for each directory: its first path, and the number of further ones.
        let mut repeated: BTreeMap<PathBuf, (PathBuf, usize)> = BTreeMap::new();
        for (location, real) in std::mem::take(&mut self.repeated) {
            let again = repeated.entry(real).or_insert_with(|| (location, 0));
            again.1 += 1;
        }
        for (real, (location, times)) in repeated {
            let first = posts.partition_point(|post| *post < real);
            if posts.get(first).is_some_and(|post| post.starts_with(&real)) {
                let found_as = self.entered.get(&real).cloned().flatten();
                let (found_as, _) = self.start.source_path(found_as.as_ref().unwrap_or(&real));
                let name = self.start.bounds.name(&real);
                self.problem(&location, findings::repeated(&name, &found_as, times - 1));
            }
        }
    }

    pub(super) fn why_not_followed(&self, location: &Path) -> Words {
        match fs::canonicalize(location) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => findings::unfollowed(&error),
            _ => findings::broken_link(),
        }
    }
}
