//! What a sync did or would do, for people and for programs.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use super::style::{HELP, WARNING};
use super::{json, message, style};
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Counts;
use crate::plan::{Action, Change, Conflict, ConflictKind, Plan, Refusal};
use crate::post::SourcePath;
use crate::secret;

/// Lines of a list in a message before the rest is only counted.
const LISTED: usize = 10;

/// All that a sync has to say of its result.
pub struct Report<'a> {
    /// What was or would be done.
    pub plan: &'a Plan,
    /// The same in numbers.
    pub counts: Counts,
    /// Whether it was only a rehearsal.
    pub dry_run: bool,
    /// Where, without a password.
    pub store: &'a str,
    /// Warnings and hints about the files.
    pub diagnostics: &'a [Diagnostic],
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
        }
        writeln!(out, "{}", message(&self.sum()))?;
        out.flush()
    }

    fn sum(&self) -> String {
        let Counts {
            created,
            updated,
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
        format!(
            "{would}{created} created, {updated} updated, {moved} moved, {removed} removed, \
             {unchanged} unchanged in {store}"
        )
    }

    /// Writes one JSON object on one line, and flushes. Its names are a documented contract.
    ///
    /// # Errors
    /// Whatever the stream fails with.
    pub fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        #[derive(Serialize)]
        struct Object<'a> {
            created: u32,
            updated: u32,
            moved: u32,
            removed: u32,
            unchanged: u32,
            dry_run: bool,
            store: &'a str,
            changes: Vec<ChangeJson<'a>>,
            warnings: Vec<DiagnosticJson<'a>>,
            not_pruned: Vec<ChangeJson<'a>>,
        }
        let warnings = self
            .diagnostics
            .iter()
            .filter(|d| d.severity == Severity::Warning);
        let object = Object {
            created: self.counts.created,
            updated: self.counts.updated,
            moved: self.counts.moved,
            removed: self.counts.removed,
            unchanged: self.counts.unchanged,
            dry_run: self.dry_run,
            store: self.store,
            changes: self.plan.changes.iter().map(ChangeJson::from).collect(),
            warnings: warnings.map(DiagnosticJson::from).collect(),
            not_pruned: self.plan.unpruned.iter().map(ChangeJson::from).collect(),
        };
        json::write_line(out, &object)?;
        out.flush()
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
            path: secret::redacted(change.path.as_str()),
            from: change
                .from
                .as_ref()
                .map(|from| secret::redacted(from.as_str())),
        }
    }
}

/// A finding in JSON; its names are a documented contract.
#[derive(Serialize)]
struct DiagnosticJson<'a> {
    rule: &'a str,
    severity: &'a str,
    message: String,
    help: Option<String>,
    path: String,
    line: Option<usize>,
    column: Option<usize>,
}

impl<'a> From<&'a Diagnostic> for DiagnosticJson<'a> {
    fn from(diagnostic: &'a Diagnostic) -> Self {
        let spot = diagnostic.spot.as_ref();
        Self {
            rule: diagnostic.rule,
            severity: diagnostic.severity.as_str(),
            message: secret::redacted(&diagnostic.message),
            help: diagnostic.help.as_deref().map(secret::redacted),
            path: secret::redacted(diagnostic.path.as_str()),
            line: spot.map(|spot| spot.line),
            column: spot.map(|spot| spot.column),
        }
    }
}

/// Writes findings as one JSON object on one line, and flushes: what a sync says of content
/// that it does not publish.
///
/// # Errors
/// Whatever the stream fails with.
pub fn write_findings_json(out: &mut impl Write, diagnostics: &[Diagnostic]) -> io::Result<()> {
    #[derive(Serialize)]
    struct Object<'a> {
        errors: usize,
        warnings: usize,
        diagnostics: Vec<DiagnosticJson<'a>>,
    }
    let object = Object {
        errors: count(diagnostics, Severity::Error),
        warnings: count(diagnostics, Severity::Warning),
        diagnostics: diagnostics.iter().map(DiagnosticJson::from).collect(),
    };
    json::write_line(out, &object)?;
    out.flush()
}

/// How many findings weigh that much.
pub fn count(diagnostics: &[Diagnostic], severity: Severity) -> usize {
    diagnostics
        .iter()
        .filter(|d| d.severity == severity)
        .count()
}

/// Says why a plan is not carried out, and how to go on.
pub fn refusal_words(refusal: &Refusal) -> (String, String) {
    match refusal {
        Refusal::Conflicts(conflicts) => {
            let mut message = format!(
                "{} would overwrite what others did in the database:",
                number(conflicts.len(), "post")
            );
            list(&mut message, conflicts, conflict_line);
            let help = "copy what is worth keeping into the files, then run it again with \
                        --force to overwrite the rows";
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

/// Says which post is in conflict, and why.
pub fn conflict_line(conflict: &Conflict) -> String {
    let why = match conflict.kind {
        ConflictKind::Edited => "its row was edited since the last sync",
        ConflictKind::Deleted => "its row was deleted since the last sync",
        ConflictKind::Foreign => "its row was not written by blogctl",
    };
    format!("{} (id {}): {why}", conflict.path, conflict.id)
}

/// Writes what is worth knowing beside the result: posts that were left in the database,
/// drafts that were left out.
///
/// # Errors
/// Whatever the stream fails with.
pub fn write_notes(err: &mut impl Write, plan: &Plan) -> io::Result<()> {
    let hint = style::HELP;
    if !plan.unpruned.is_empty() {
        let posts = number(plan.unpruned.len(), "post");
        let mut message = format!("{posts} in the database without a published file:");
        list(&mut message, &plan.unpruned, |change: &Change| {
            format!("{} (id {})", change.path, change.id)
        });
        writeln!(err, "{hint}hint{hint:#}: {}", message.replace('\n', "\n  "))?;
        writeln!(err, "  --prune removes them")?;
    }
    if plan.drafts > 0 {
        let drafts = number(plan.drafts as usize, "draft");
        writeln!(err, "{hint}hint{hint:#}: {drafts} left out")?;
    }
    Ok(())
}

/// Writes what the search index made of it: terms made anew, posts that it holds in part.
///
/// # Errors
/// Whatever the stream fails with.
pub fn write_search_notes(
    err: &mut impl Write,
    plan: &Plan,
    cut: &[SourcePath],
    dry_run: bool,
) -> io::Result<()> {
    if !plan.reindexes.is_empty() {
        let posts = number(plan.reindexes.len(), "post");
        let done = if dry_run { "would be" } else { "were" };
        writeln!(
            err,
            "{HELP}hint{HELP:#}: this version searches by other terms; those of {posts} {done} made anew"
        )?;
    }
    for path in cut {
        let path = path.to_string();
        writeln!(
            err,
            "{WARNING}warning{WARNING:#}: {} has more different words, or more text, than the search index \
             takes of one post; what is at its end is not found",
            message(&path)
        )?;
    }
    Ok(())
}

/// Adds the first few items, a line each.
fn list<T>(message: &mut String, items: &[T], line: impl Fn(&T) -> String) {
    for item in items.iter().take(LISTED) {
        // Writing into a String cannot fail.
        let _ = write!(message, "\n{}", super::message(&line(item)));
    }
    if items.len() > LISTED {
        let _ = write!(message, "\nand {} more", items.len() - LISTED);
    }
}

/// `1 post`, `2 posts`.
pub fn number(n: usize, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// The numbers of a plan.
pub fn counts(plan: &Plan) -> Counts {
    Counts {
        created: plan.count(Action::Create),
        updated: plan.count(Action::Update),
        moved: plan.count(Action::Move),
        removed: plan.count(Action::Remove),
        unchanged: plan.unchanged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::PostId;

    fn change(action: Action, id: i64, path: &str, from: Option<&str>) -> Change {
        Change {
            action,
            id: PostId::new(id).unwrap(),
            path: SourcePath::new(path),
            from: from.map(SourcePath::new),
        }
    }

    fn plan() -> Plan {
        Plan {
            changes: vec![
                change(Action::Create, 3, "content/글.md", None),
                change(Action::Move, 2, "content/b.md", Some("content/a.md")),
                change(Action::Remove, 1, "content/\u{1b}[2Jc.md", None),
            ],
            unchanged: 4,
            ..Plan::default()
        }
    }

    fn shown(plan: &Plan, dry_run: bool, write: impl Fn(&Report, &mut Vec<u8>)) -> String {
        let report = Report {
            plan,
            counts: counts(plan),
            dry_run,
            store: "sqlite:x.db",
            diagnostics: &[],
        };
        let mut out = Vec::new();
        write(&report, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn people_read_a_line_a_change_and_the_sum() {
        let text = shown(&plan(), false, |r, out| r.write_human(out).unwrap());
        insta::assert_snapshot!(text, @r"
        create  content/글.md (id 3)
        move    content/a.md -> content/b.md (id 2)
        remove  content/\u{1b}[2Jc.md (id 1)
        1 created, 0 updated, 1 moved, 1 removed, 4 unchanged in sqlite:x.db
        ");
    }

    #[test]
    fn a_rehearsal_says_that_it_is_one() {
        let text = shown(&plan(), true, |r, out| r.write_human(out).unwrap());
        assert!(text.ends_with(
            "would be: 1 created, 0 updated, 1 moved, 1 removed, 4 unchanged in sqlite:x.db\n"
        ));
    }

    #[test]
    fn a_sync_without_a_change_says_so() {
        let plan = Plan {
            unchanged: 1,
            ..Plan::default()
        };
        let text = shown(&plan, false, |r, out| r.write_human(out).unwrap());
        assert_eq!(
            text,
            "nothing changed: 1 post in sqlite:x.db is as the files say\n"
        );
    }

    #[test]
    fn programs_read_every_change() {
        let text = shown(&plan(), false, |r, out| r.write_json(out).unwrap());
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["created"], 1);
        assert_eq!(json["changes"][1]["action"], "move");
        assert_eq!(json["changes"][1]["from"], "content/a.md");
        assert_eq!(json["changes"][2]["path"], "content/\u{1b}[2Jc.md");
        assert_eq!(json["dry_run"], false);
    }

    #[test]
    fn a_refusal_names_the_posts_and_counts_the_rest() {
        let conflicts = (1..=12)
            .map(|id| Conflict {
                kind: ConflictKind::Edited,
                id: PostId::new(id).unwrap(),
                path: SourcePath::new(format!("content/{id}.md")),
            })
            .collect();
        let (message, help) = refusal_words(&Refusal::Conflicts(conflicts));
        assert!(message.starts_with("12 posts would overwrite"));
        assert!(message.contains("content/1.md (id 1): its row was edited"));
        assert!(message.ends_with("and 2 more"));
        assert!(help.contains("--force"));
    }
}
