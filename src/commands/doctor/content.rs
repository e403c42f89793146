//! Facts about the files, and about how they differ from the rows.

use std::path::Path;

use super::super::Context;
use super::problem;
use crate::content::{self, Collection, ReadSettings, Snapshot};
use crate::doctor::facts::{Content, Drift, Problem};
use crate::finding::{Finding, Level};
use crate::index::Index;
use crate::output::sync;
use crate::plan::{self, Action, Options};
use crate::project::Project;
use crate::secret;

/// The files as a sync finds them.
pub struct Files {
    settings: ReadSettings,
    snapshot: Result<Snapshot, Problem>,
}

impl Files {
    /// Scans the content directory.
    pub fn read(context: &Context, project: &Project, path: &Path) -> Self {
        let settings = project.settings();
        let path = context.cwd.join(path);
        let snapshot = context.scan(&settings, &path);
        Self {
            snapshot: snapshot.map_err(|error| problem(&error)),
            settings,
        }
    }

    /// Checks all files, and compares them with the rows if these could be read.
    pub fn compare(
        self,
        index: Option<Result<Index, Problem>>,
    ) -> (Content, Option<Result<Drift, Problem>>) {
        let unread = |problem| Content {
            problem: Some(problem),
            ..Content::default()
        };
        let snapshot = match self.snapshot {
            Ok(snapshot) => snapshot,
            Err(problem) => return (unread(problem), None),
        };
        let nothing = Index::default();
        let known = match &index {
            Some(Ok(index)) => index,
            _ => &nothing,
        };
        let collection =
            match content::collect(&self.settings, &snapshot, known.known_files(), true) {
                Ok(collection) => collection,
                Err(error) => return (unread(problem(&error.into())), None),
            };
        let content = checked(&collection);
        let drift = match index {
            // Posts that cannot be read would look as if their files were gone.
            Some(Ok(_)) if !content.errors.is_empty() => None,
            Some(Ok(index)) => Some(Ok(drift(&collection, &index, &snapshot))),
            Some(Err(problem)) => Some(Err(problem)),
            None => None,
        };
        (content, drift)
    }
}

fn checked(collection: &Collection) -> Content {
    let lines = |level| {
        let of_this = |finding: &&Finding| finding.level == level;
        collection
            .findings
            .iter()
            .filter(of_this)
            .map(line)
            .collect()
    };
    let drafts = collection.files.iter().filter(|file| file.draft).count();
    Content {
        published: collection.files.len() - drafts,
        drafts,
        errors: lines(Level::Error),
        warnings: lines(Level::Warning),
        ..Content::default()
    }
}

fn line(finding: &Finding) -> String {
    let place = match &finding.location {
        Some(location) => format!("{}:{}", finding.path, location.start.line),
        None => finding.path.to_string(),
    };
    secret::redact_message(&format!("{place}: {}", finding.message))
}

/// Returns the changes that a sync would make, with or without `--prune` and `--force`.
fn drift(collection: &Collection, index: &Index, snapshot: &Snapshot) -> Drift {
    let options = Options {
        prune: false,
        force: false,
        max_prune: 100,
    };
    let in_scope = |path: &_| snapshot.scope.contains(path);
    let plan = plan::make(&collection.files, index, in_scope, options);
    Drift {
        created: plan.count(Action::Create),
        updated: plan.count(Action::Update),
        moved: plan.count(Action::Move),
        orphaned: plan.unpruned.len(),
        unchanged: plan.unchanged,
        conflicts: plan.conflicts.iter().map(sync::conflict_line).collect(),
    }
}
