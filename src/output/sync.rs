//! The report of a sync, for people and for programs.

mod differences;

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use self::differences::ConflictJson;
pub use self::differences::names as difference_names;
use super::findings::json::FindingJson;
use super::ui::Notice;
use super::words::number;
use super::{json, message};
use crate::catalog::OnDelete;
use crate::finding::{CheckFinding, Finding};
use crate::model::Counts;
use crate::plan::{Action, Change, Conflict, ConflictKind, Dependent, Plan, Refusal};
use crate::post::SourcePath;
use crate::secret;

/// Lines of a list in a message before the rest is only counted.
const LISTED: usize = 10;

/// The result of a sync, for people.
pub struct Report<'a> {
    /// What was or would be done.
    pub plan: &'a Plan,
    /// The same in numbers.
    pub counts: Counts,
    /// True for a dry run.
    pub dry_run: bool,
    /// The address of the store, without a password.
    pub store: &'a str,
}

impl Report<'_> {
    /// Writes a line a change, then the sum, and flushes.
    ///
    /// # Errors
    /// Whatever the stream fails with.
    pub fn write_human(&self, out: &mut impl Write) -> io::Result<()> {
        for change in &self.plan.changes {
            let verb = change.action.as_str();
            let path = change.path.to_string();
            let path = message(&path);
            match &change.from {
                Some(from) => {
                    let from = from.to_string();
                    writeln!(
                        out,
                        "{verb:<6}  {} -> {path} (id {})",
                        message(&from),
                        change.id
                    )?;
                }
                None => writeln!(out, "{verb:<6}  {path} (id {})", change.id)?,
            }
            let overwritten = self.plan.overwrites.iter();
            if let Some(conflict) = overwritten.into_iter().find(|one| one.id == change.id) {
                for line in differences::lines(&conflict.comparison) {
                    writeln!(out, "          {}", message(&line))?;
                }
            }
        }
        for dependent in &self.plan.dependents {
            writeln!(out, "        {}", message(&taken_along(dependent)))?;
        }
        writeln!(out, "{}", message(&self.sum()))?;
        out.flush()
    }

    fn sum(&self) -> String {
        let Counts {
            created,
            updated,
            adopted,
            moved,
            removed,
            unchanged,
        } = self.counts;
        let store = self.store;
        if self.plan.is_empty() {
            let posts = number(unchanged as usize, "post");
            let verb = if unchanged == 1 { "is" } else { "are" };
            return format!("nothing changed: {posts} in {store} {verb} as the files say");
        }
        let would = if self.dry_run { "would be: " } else { "" };
        let adopted = match adopted {
            0 => String::new(),
            adopted => format!("{adopted} adopted, "),
        };
        format!(
            "{would}{created} created, {updated} updated, {adopted}{moved} moved, \
             {removed} removed, {unchanged} unchanged in {store}"
        )
    }
}

#[derive(Serialize)]
struct ChangeJson<'a> {
    action: &'a str,
    id: i32,
    path: String,
    from: Option<String>,
}

impl<'a> From<&'a Change> for ChangeJson<'a> {
    fn from(change: &'a Change) -> Self {
        Self {
            action: change.action.as_str(),
            id: change.id.get(),
            path: secret::redact_message(change.path.as_str()),
            from: change
                .from
                .as_ref()
                .map(|from| secret::redact_message(from.as_str())),
        }
    }
}

/// The outcome of a sync, for programs.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// The plan was carried out, or would have been.
    Done(&'a Plan),
    /// A guard refused to carry out the plan.
    Refused(&'a Plan, &'a Refusal),
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
        status: &'a str,
        dry_run: bool,
        store: Option<&'a str>,
        message: Option<String>,
        help: Option<String>,
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
        Outcome::Refused(plan, refusal) => {
            let (message, help) = refusal_words(refusal);
            ("refused", Some(plan), Some(message), Some(help))
        }
        Outcome::Invalid(sum) => ("invalid", None, Some(sum.to_owned()), None),
        Outcome::Failed(message, help) => {
            let help = help.map(str::to_owned);
            ("failed", None, Some(message.to_owned()), help)
        }
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
        status,
        dry_run,
        store,
        message: message.as_deref().map(secret::redact_message),
        help: help.as_deref().map(secret::redact_message),
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

/// Says what a removal does to the rows of another table.
fn taken_along(dependent: &Dependent) -> String {
    let table = &dependent.table;
    let rows = match dependent.rows {
        Some(rows) => number(usize::try_from(rows).unwrap_or(usize::MAX), "row"),
        None => "rows".to_owned(),
    };
    let unknown = match dependent.rows {
        Some(_) => "",
        None => " (this role may not count them)",
    };
    let (is, s) = match dependent.rows {
        Some(1) => ("is", "s"),
        _ => ("are", ""),
    };
    match dependent.effect {
        OnDelete::Cascade => format!("{rows} of {table} {is} deleted with the posts{unknown}"),
        OnDelete::Clear => format!("{rows} of {table} lose{s} the reference to the posts{unknown}"),
        OnDelete::Refuse => format!("{rows} of {table} refer{s} to the posts{unknown}"),
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

/// Says why a plan is not carried out, and how to go on.
pub fn refusal_words(refusal: &Refusal) -> (String, String) {
    match refusal {
        Refusal::Conflicts(conflicts) => {
            let mut message = format!(
                "{} would overwrite what others did in the database:",
                number(conflicts.len(), "post")
            );
            list(&mut message, conflicts, conflict_line, |conflict| {
                differences::lines(&conflict.comparison)
            });
            let help = "copy what is worth keeping into the files, then run it again with \
                        --force to overwrite what differs";
            (message, help.into())
        }
        Refusal::NothingToPublish { removals } => (
            format!(
                "there is no post to publish, and pruning would leave none in the database: \
                 {} would go",
                number(*removals, "post")
            ),
            "check the path; to remove them all, add --force".into(),
        ),
        Refusal::Dependents(dependents) => (
            with_dependents("removing posts would change other tables:", dependents),
            "look at it with --dry-run --prune --force; to go on, add --force".into(),
        ),
        Refusal::Referenced(dependents) => (
            with_dependents(
                "the database keeps posts that other tables refer to:",
                dependents,
            ),
            "delete these rows first, or leave out --prune".into(),
        ),
        Refusal::PruneShare {
            removals,
            of,
            max_prune,
        } => (
            format!(
                "pruning would remove {removals} of {of} posts, more than the {max_prune} percent \
                 that are allowed"
            ),
            "look at it with --dry-run --prune --force; to go on, add --force, or raise \
             max_prune under [sync] in blogctl.toml"
                .into(),
        ),
    }
}

fn with_dependents(message: &str, dependents: &[Dependent]) -> String {
    let mut message = message.to_owned();
    list(&mut message, dependents, taken_along, |_| Vec::new());
    message
}

/// Says which post is in conflict, and why.
pub fn conflict_line(conflict: &Conflict) -> String {
    let why = match conflict.kind {
        ConflictKind::Edited => "its row was edited since the last sync",
        ConflictKind::Deleted => "its row was deleted since the last sync",
        ConflictKind::Foreign => "its row was not written by blogctl",
    };
    format!("{} (id {}): {why}", conflict.path, conflict.id)
}

/// Returns what there is to know of posts without a file, and of drafts.
pub fn notes(plan: &Plan) -> Vec<Notice> {
    let mut notes = Vec::new();
    if !plan.unpruned.is_empty() {
        let posts = number(plan.unpruned.len(), "post");
        let mut lines = String::new();
        list(
            &mut lines,
            &plan.unpruned,
            |change: &Change| format!("{} (id {})", change.path, change.id),
            |_| Vec::new(),
        );
        let head = Notice::hint(format!("{posts} in the database without a published file:"));
        let note = lines.lines().skip(1).fold(head, Notice::line);
        notes.push(note.line("--prune removes them"));
    }
    if plan.drafts > 0 {
        let drafts = number(plan.drafts as usize, "draft");
        notes.push(Notice::hint(format!("{drafts} left out")));
    }
    notes
}

/// Returns notes on the search index: posts whose terms were rebuilt, posts that it holds in
/// part.
pub fn search_notes(plan: &Plan, cut: &[SourcePath], dry_run: bool) -> Vec<Notice> {
    let mut notes = Vec::new();
    if !plan.reindexes.is_empty() {
        let posts = number(plan.reindexes.len(), "post");
        let done = if dry_run { "would be" } else { "were" };
        notes.push(Notice::hint(format!(
            "this version searches by other terms; those of {posts} {done} rebuilt"
        )));
    }
    notes.extend(cut_notes(cut));
    notes
}

/// Returns warnings of posts that the search index holds in part.
pub fn cut_notes(cut: &[SourcePath]) -> impl Iterator<Item = Notice> {
    cut.iter().map(|path| {
        Notice::warning(format!(
            "{path} has more different words, or more text, than the search index takes of one \
             post; what is at its end is not found"
        ))
    })
}

/// Adds the first few items, each with a line and those below it.
fn list<T>(
    message: &mut String,
    items: &[T],
    line: impl Fn(&T) -> String,
    below: impl Fn(&T) -> Vec<String>,
) {
    for item in items.iter().take(LISTED) {
        // Writing into a String cannot fail.
        let _ = write!(message, "\n{}", super::message(&line(item)));
        for line in below(item) {
            let _ = write!(message, "\n  {}", super::message(&line));
        }
    }
    if items.len() > LISTED {
        let _ = write!(message, "\nand {} more", items.len() - LISTED);
    }
}

/// The numbers of a plan.
pub fn counts(plan: &Plan) -> Counts {
    Counts {
        created: plan.count(Action::Create),
        updated: plan.count(Action::Update),
        adopted: plan.count(Action::Adopt),
        moved: plan.count(Action::Move),
        removed: plan.count(Action::Remove),
        unchanged: plan.unchanged,
    }
}

#[cfg(test)]
mod tests;
