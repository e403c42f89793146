//! Facts about the files, and about how they differ from the rows.

use super::super::Context;
use super::super::scanning::ContentPaths;
use super::super::sync::rows::{self, Rows};
use super::problem;
use crate::content::{self, Collection, ReadSettings, Snapshot};
use crate::doctor::facts::{Content, Drift, Problem};
use crate::finding::{Finding, Level};
use crate::index::Index;
use crate::output::sync;
use crate::plan::{self, Action, Conflict, Options};
use crate::project::Project;
use crate::secret;
use crate::store::{Store, StoreError};
use crate::tables::TableMap;

/// The files as a sync finds them.
pub struct Files {
    settings: ReadSettings,
    tables: TableMap,
    snapshot: Result<Snapshot, Problem>,
}

impl Files {
    /// Scans the content directory.
    pub fn read(context: &Context, project: &Project, content: &ContentPaths) -> Self {
        let settings = project.settings();
        let snapshot = context.scan_content(&settings, content, "doctor");
        Self {
            snapshot: snapshot.map_err(|error| problem(&error)),
            settings,
            tables: project.config.tables.clone(),
        }
    }

    /// Checks all files, and compares them with the rows if these could be read.
    ///
    /// # Errors
    /// [`StoreError::Interrupted`].
    pub fn compare(
        self,
        index: Option<Result<Index, Problem>>,
        store: Option<&mut (dyn Store + 'static)>,
    ) -> anyhow::Result<(Content, Option<Result<Drift, Problem>>)> {
        let unread = |problem| Content {
            problem: Some(problem),
            ..Content::default()
        };
        let snapshot = match self.snapshot {
            Ok(snapshot) => snapshot,
            Err(problem) => return Ok((unread(problem), None)),
        };
        let nothing = Index::default();
        let known = match &index {
            Some(Ok(index)) => index,
            _ => &nothing,
        };
        let settings = self.settings.bounded_by(known, &self.tables);
        let collection = match content::collect(&settings, &snapshot, known.known_files(), true) {
            Ok(collection) => collection,
            Err(error) => return Ok((unread(problem(&error.into())), None)),
        };
        let content = checked(&collection, &snapshot);
        let drift = match index {
            // Posts that cannot be read would look as if their files were gone.
            Some(Ok(_)) if !content.errors.is_empty() => None,
            Some(Ok(index)) => {
                let rows = match store {
                    Some(store) => {
                        rows::read(store, &self.settings, &snapshot, &index, &collection.files)
                    }
                    None => Ok(Rows::default()),
                };
                Some(match rows {
                    Ok(rows) => Ok(drift(&collection, &index, &rows, &snapshot)),
                    Err(error) => match error.downcast_ref() {
                        Some(StoreError::Interrupted(_)) => return Err(error),
                        _ => Err(problem(&error)),
                    },
                })
            }
            Some(Err(problem)) => Some(Err(problem)),
            None => None,
        };
        Ok((content, drift))
    }
}

fn checked(collection: &Collection, snapshot: &Snapshot) -> Content {
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
        left_out: collection.left_out(snapshot),
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
fn drift(collection: &Collection, index: &Index, rows: &Rows, snapshot: &Snapshot) -> Drift {
    let options = Options {
        prune: false,
        force: false,
        max_prune: 100,
    };
    let in_scope = |path: &_| snapshot.scope.contains(path);
    let plan = plan::make(
        &collection.files,
        index,
        &rows.comparisons,
        in_scope,
        options,
    );
    Drift {
        created: plan.count(Action::Create),
        updated: plan.count(Action::Update),
        moved: plan.count(Action::Move),
        orphaned: plan.unpruned.len(),
        // A sync leaves the rows that it adopts as they are.
        unchanged: plan.unchanged + plan.count(Action::Adopt),
        conflicts: plan.conflicts.iter().map(conflict).collect(),
    }
}

/// Says which post is in conflict, why, and in which fields.
fn conflict(conflict: &Conflict) -> String {
    let line = sync::conflict_line(conflict);
    let names = sync::difference_names(&conflict.comparison);
    if names.is_empty() {
        line
    } else {
        format!("{line}: {names}")
    }
}
