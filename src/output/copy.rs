//! The report of a copy, for people and for programs.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use super::findings::json::FindingJson;
use super::ui::Notice;
use super::words::number;
use super::{json, message};
use crate::comparison::CONTENT;
use crate::copy::{Action, Change, Conflict, Plan, PostName, Problem};
use crate::finding::CheckFinding;
use crate::plan::ConflictKind;
use crate::secret;

/// Lines of a list in a message before the rest is only counted.
const LISTED: usize = 10;

/// The result of a copy.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// The address of the source, without a password.
    pub source: &'a str,
    /// The address of the target, without a password.
    pub target: &'a str,
    /// True for a dry run.
    pub dry_run: bool,
    /// The plan that was or would be carried out.
    pub plan: &'a Plan,
    /// The values of the source that cannot be copied.
    pub problems: &'a [Problem],
    /// The number of runs that were added to the history of the target.
    pub runs: usize,
}

impl Report<'_> {
    /// Writes a line a change, then the sum, and flushes.
    ///
    /// # Errors
    /// Any error of the stream.
    pub fn write_human(&self, out: &mut impl Write) -> io::Result<()> {
        for Change {
            action,
            post,
            fields,
        } in &self.plan.changes
        {
            let mut line = format!("{:<6}  {}", action.as_str(), named(post));
            if !fields.is_empty() {
                // Writing into a String cannot fail.
                let _ = write!(line, ": {}", listed(fields));
            }
            writeln!(out, "{}", message(&line))?;
        }
        writeln!(out, "{}", message(&self.sum()))?;
        out.flush()
    }

    fn sum(&self) -> String {
        let Self {
            source,
            target,
            plan,
            ..
        } = self;
        if plan.is_empty() {
            let posts = number(plan.unchanged as usize, "post");
            let verb = if plan.unchanged == 1 { "is" } else { "are" };
            return format!("nothing changed: {posts} in {target} {verb} as in {source}");
        }
        let would = if self.dry_run { "would be: " } else { "" };
        let recorded = match plan.count(Action::Record) {
            0 => String::new(),
            recorded => format!("{recorded} recorded, "),
        };
        format!(
            "{would}{} created, {} updated, {recorded}{} unchanged in {target}, from {source}",
            plan.count(Action::Create),
            plan.count(Action::Update),
            plan.unchanged
        )
    }

    /// Returns the reason why nothing is copied, and what to do; `None` if there is none.
    pub fn refusal(&self) -> Option<(String, String)> {
        if !self.problems.is_empty() {
            return Some(refusal_of_problems(self.problems, self.dry_run));
        }
        let conflicts = &self.plan.conflicts;
        if conflicts.is_empty() {
            return None;
        }
        let posts = number(conflicts.len(), "post");
        let mut text = format!("{posts} would overwrite what others did in the target:");
        list(&mut text, conflicts, conflict_line);
        let help = "bring what is worth keeping to the source, then run it again with --force to \
                    overwrite what differs";
        Some((text, help.to_owned()))
    }

    /// Returns notes on posts that were left alone.
    pub fn notes(&self) -> Vec<Notice> {
        let note = |posts: &[PostName], words: &str| {
            let head = Notice::hint(format!("{} {words}", number(posts.len(), "post")));
            let lines = posts.iter().take(LISTED).map(named);
            let more = posts.len().saturating_sub(LISTED);
            let more = (more > 0).then(|| format!("and {more} more"));
            let note = lines.chain(more).fold(head, Notice::line);
            (!posts.is_empty()).then_some(note)
        };
        let there = format!("left alone, only in {}:", self.target);
        let only_there = note(&self.plan.only_in_target, &there);
        let words = "left out, whose rows were deleted in the source since its last sync:";
        let deleted = note(&self.plan.deleted, words);
        let words = "left out, in locales that blogctl.toml does not name:";
        let other_locales = note(&self.plan.other_locales, words);
        only_there
            .into_iter()
            .chain(deleted)
            .chain(other_locales)
            .collect()
    }
}

/// Says which values cannot be copied, and what to do.
pub fn refusal_of_problems(problems: &[Problem], dry_run: bool) -> (String, String) {
    let values = number(problems.len(), "value");
    let rest = if dry_run { "" } else { "; nothing was written" };
    let mut text = format!("{values} of the source cannot be copied{rest}:");
    list(&mut text, problems, Problem::to_string);
    let help = "change the rows in the source, then run it again";
    (text, help.to_owned())
}

fn list<T>(text: &mut String, items: &[T], line: impl Fn(&T) -> String) {
    for item in items.iter().take(LISTED) {
        // Writing into a String cannot fail.
        let _ = write!(text, "\n{}", message(&line(item)));
    }
    if items.len() > LISTED {
        let _ = write!(text, "\nand {} more", items.len() - LISTED);
    }
}

/// Returns the names of fields, as people are told them.
fn listed(fields: &[&'static str]) -> String {
    let names = fields.iter().map(|field| match *field {
        CONTENT => "body",
        field => field,
    });
    names.collect::<Vec<_>>().join(", ")
}

fn named(post: &PostName) -> String {
    let PostName { id, locale, path } = post;
    match (path, locale) {
        (Some(path), Some(locale)) => format!("{path} (id {id}, {locale})"),
        (Some(path), None) => format!("{path} (id {id})"),
        (None, Some(locale)) => format!("post {id} ({locale}), which no sync wrote"),
        (None, None) => format!("post {id}, which no sync wrote"),
    }
}

fn conflict_line(conflict: &Conflict) -> String {
    let why = match conflict.kind {
        ConflictKind::Edited => "its row was edited since blogctl wrote it",
        ConflictKind::Deleted => "its row was deleted since blogctl wrote it",
        ConflictKind::Foreign => "its row was not written by blogctl",
    };
    let mut line = format!("{}: {why}", named(&conflict.post));
    if !conflict.fields.is_empty() {
        // Writing into a String cannot fail.
        let _ = write!(line, ", and differs in {}", listed(&conflict.fields));
    }
    line
}

/// The outcome of a copy, for programs.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// The plan was carried out, or would have been.
    Done(&'a Report<'a>),
    /// A guard refused to carry out the plan.
    Refused(&'a Report<'a>),
    /// Something else went wrong.
    Failed {
        /// The error.
        message: &'a str,
        /// The remedy.
        help: Option<&'a str>,
        /// The findings that keep posts from being published into the target's tables.
        findings: &'a [CheckFinding],
    },
}

/// Writes one JSON object on one line, and flushes. Its names are a documented contract.
///
/// # Errors
/// Any error of the stream.
pub fn write_json(out: &mut impl Write, outcome: Outcome<'_>, dry_run: bool) -> io::Result<()> {
    #[derive(Serialize)]
    struct Object<'a> {
        status: &'a str,
        dry_run: bool,
        source: Option<&'a str>,
        target: Option<&'a str>,
        message: Option<String>,
        help: Option<String>,
        counts: Option<CountsJson>,
        changes: Vec<ChangeJson<'a>>,
        conflicts: Vec<ConflictJson<'a>>,
        overwrites: Vec<ConflictJson<'a>>,
        problems: Vec<ProblemJson<'a>>,
        only_in_target: Vec<PostJson>,
        deleted: Vec<PostJson>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        other_locales: Vec<PostJson>,
        findings: Vec<FindingJson<'a>>,
    }
    let (status, report, message, help, findings) = match outcome {
        Outcome::Done(report) => ("done", Some(report), None, None, &[][..]),
        Outcome::Refused(report) => {
            let (message, help) = report.refusal().unzip();
            ("refused", Some(report), message, help, &[][..])
        }
        Outcome::Failed {
            message,
            help,
            findings,
        } => {
            let message = Some(message.to_owned());
            ("failed", None, message, help.map(str::to_owned), findings)
        }
    };
    let plan = report.map(|report| report.plan);
    let posts = |posts: fn(&Plan) -> &[PostName]| {
        let posts = plan.map(posts).unwrap_or_default();
        posts.iter().map(PostJson::from).collect()
    };
    let conflicts = |conflicts: fn(&Plan) -> &[Conflict]| {
        let conflicts = plan.map(conflicts).unwrap_or_default();
        conflicts.iter().map(ConflictJson::from).collect()
    };
    let object = Object {
        status,
        dry_run,
        source: report.map(|report| report.source),
        target: report.map(|report| report.target),
        message: message.as_deref().map(secret::redact_message),
        help: help.as_deref().map(secret::redact_message),
        counts: report.map(CountsJson::from),
        changes: plan.map_or_else(Vec::new, |plan| {
            plan.changes.iter().map(ChangeJson::from).collect()
        }),
        conflicts: conflicts(|plan| &plan.conflicts),
        overwrites: conflicts(|plan| &plan.overwrites),
        problems: report.map_or_else(Vec::new, |report| {
            report.problems.iter().map(ProblemJson::from).collect()
        }),
        only_in_target: posts(|plan| &plan.only_in_target),
        deleted: posts(|plan| &plan.deleted),
        other_locales: posts(|plan| &plan.other_locales),
        findings: findings.iter().map(FindingJson::from).collect(),
    };
    json::write_line(out, &object)?;
    out.flush()
}

#[derive(Serialize)]
struct CountsJson {
    created: u32,
    updated: u32,
    recorded: u32,
    unchanged: u32,
    runs: usize,
}

impl From<&Report<'_>> for CountsJson {
    fn from(report: &Report<'_>) -> Self {
        let plan = report.plan;
        Self {
            created: plan.count(Action::Create),
            updated: plan.count(Action::Update),
            recorded: plan.count(Action::Record),
            unchanged: plan.unchanged,
            runs: report.runs,
        }
    }
}

#[derive(Serialize)]
struct PostJson {
    id: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
    path: Option<String>,
}

impl From<&PostName> for PostJson {
    fn from(post: &PostName) -> Self {
        let path = post.path.as_ref();
        Self {
            id: post.id.get(),
            locale: post.locale.map(|locale| locale.to_string()),
            path: path.map(|path| secret::redact_message(path.as_str())),
        }
    }
}

#[derive(Serialize)]
struct ChangeJson<'a> {
    action: &'a str,
    #[serde(flatten)]
    post: PostJson,
    fields: &'a [&'static str],
}

impl<'a> From<&'a Change> for ChangeJson<'a> {
    fn from(change: &'a Change) -> Self {
        Self {
            action: change.action.as_str(),
            post: PostJson::from(&change.post),
            fields: &change.fields,
        }
    }
}

#[derive(Serialize)]
struct ConflictJson<'a> {
    reason: &'a str,
    #[serde(flatten)]
    post: PostJson,
    fields: &'a [&'static str],
}

impl<'a> From<&'a Conflict> for ConflictJson<'a> {
    fn from(conflict: &'a Conflict) -> Self {
        Self {
            reason: conflict.kind.as_str(),
            post: PostJson::from(&conflict.post),
            fields: &conflict.fields,
        }
    }
}

#[derive(Serialize)]
struct ProblemJson<'a> {
    id: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
    column: &'a str,
    reason: String,
}

impl<'a> From<&'a Problem> for ProblemJson<'a> {
    fn from(problem: &'a Problem) -> Self {
        Self {
            id: problem.id.post.get(),
            locale: problem.id.locale.map(|locale| locale.to_string()),
            column: &problem.column,
            reason: secret::redact_message(&problem.reason),
        }
    }
}

#[cfg(test)]
mod tests;
