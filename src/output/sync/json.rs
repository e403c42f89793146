//! The report of a sync, for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::counts;
use super::differences::ConflictJson;
use crate::finding::{CheckFinding, Finding};
use crate::model::Counts;
use crate::output::findings::json::FindingJson;
use crate::output::json;
use crate::output::report::{Head, PostJson, redacted};
use crate::plan::{Change, Conflict, Dependent, Gone, Plan};

/// The outcome of a sync, for programs.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// The plan was carried out, or would have been.
    Done(&'a Plan),
    /// A guard refused to carry out the plan; a message and its remedy.
    Refused(&'a Plan, &'a str, &'a str),
    /// Findings about the files forbid to publish them; this is the sum of them.
    Invalid(&'a str),
    /// Something else went wrong; a message and its remedy.
    Failed(&'a str, Option<&'a str>),
}

/// Writes one JSON object on one line, and flushes; `findings` are about files, `checks` about the
/// tables. Its names are a documented contract.
///
/// # Errors
/// Any error of the stream.
pub fn write_json(
    out: &mut impl Write,
    outcome: Outcome<'_>,
    dry_run: bool,
    store: Option<&str>,
    findings: &[Finding],
    checks: &[CheckFinding],
) -> io::Result<()> {
    #[derive(Serialize)]
    struct Object<'a> {
        #[serde(flatten)]
        head: Head<'a>,
        counts: Option<CountsJson>,
        changes: Vec<ChangeJson<'a>>,
        not_pruned: Vec<ChangeJson<'a>>,
        conflicts: Vec<ConflictJson<'a>>,
        overwrites: Vec<ConflictJson<'a>>,
        dependents: Vec<DependentJson<'a>>,
        findings: Vec<FindingJson<'a>>,
    }
    let (status, plan, message, help) = match outcome {
        Outcome::Done(plan) => ("done", Some(plan), None, None),
        Outcome::Refused(plan, message, help) => ("refused", Some(plan), Some(message), Some(help)),
        Outcome::Invalid(sum) => ("invalid", None, Some(sum), None),
        Outcome::Failed(message, help) => ("failed", None, Some(message), help),
    };
    let list = |changes: fn(&Plan) -> &[Change]| {
        let changes = plan.map(changes).unwrap_or_default();
        changes.iter().map(ChangeJson::from).collect()
    };
    let conflicts = |conflicts: fn(&Plan) -> &[Conflict]| {
        let conflicts = plan.map(conflicts).unwrap_or_default();
        conflicts.iter().map(ConflictJson::from).collect()
    };
    let object = Object {
        head: Head::new(status, dry_run, store, message, help),
        counts: plan.map(|plan| CountsJson::from(counts(plan))),
        changes: list(|plan| &plan.changes),
        not_pruned: list(|plan| &plan.unpruned),
        conflicts: conflicts(|plan| &plan.conflicts),
        overwrites: conflicts(|plan| &plan.overwrites),
        dependents: plan
            .map(|plan| &plan.dependents[..])
            .unwrap_or_default()
            .iter()
            .map(DependentJson::from)
            .collect(),
        findings: findings
            .iter()
            .map(FindingJson::from)
            .chain(checks.iter().map(FindingJson::from))
            .collect(),
    };
    json::write_line(out, &object)?;
    out.flush()
}

#[derive(Serialize)]
struct ChangeJson<'a> {
    action: &'a str,
    #[serde(flatten)]
    post: PostJson,
    from: Option<String>,
    reason: Option<&'a str>,
}

impl<'a> From<&'a Change> for ChangeJson<'a> {
    fn from(change: &'a Change) -> Self {
        Self {
            action: change.action.as_str(),
            post: PostJson::new(change.id, &change.path).in_locale(change.locale),
            from: change.from.as_ref().map(redacted),
            reason: change.gone.map(Gone::as_str),
        }
    }
}

#[derive(Serialize)]
struct DependentJson<'a> {
    table: &'a str,
    rows: Option<u64>,
    effect: &'a str,
}

impl<'a> From<&'a Dependent> for DependentJson<'a> {
    fn from(dependent: &'a Dependent) -> Self {
        Self {
            table: &dependent.table,
            rows: dependent.rows,
            effect: dependent.effect.as_str(),
        }
    }
}

#[derive(Serialize)]
struct CountsJson {
    created: u32,
    updated: u32,
    adopted: u32,
    moved: u32,
    removed: u32,
    unchanged: u32,
}

impl From<Counts> for CountsJson {
    fn from(counts: Counts) -> Self {
        Self {
            created: counts.created,
            updated: counts.updated,
            adopted: counts.adopted,
            moved: counts.moved,
            removed: counts.removed,
            unchanged: counts.unchanged,
        }
    }
}
