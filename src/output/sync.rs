//! The report of a sync, for people and for programs.

mod differences;
mod json;
mod refusal;

use std::io::{self, Write};

pub use self::differences::names as difference_names;
pub use self::json::{Outcome, write_json};
use self::refusal::taken_along;
pub use self::refusal::{Commands, conflict_line, refusal_words};
use super::message;
use super::report::list;
use super::ui::Notice;
use super::words::number;
use crate::content::ReadAs;
use crate::locale::Locale;
use crate::model::Counts;
use crate::plan::{Action, Change, Plan};
use crate::post::{PostId, SourcePath};

/// The result of a sync, for people.
pub struct Report<'a> {
    /// The plan that was or would be carried out.
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
                        "{verb:<6}  {} -> {path} ({})",
                        message(&from),
                        named(change.id, change.locale)
                    )?;
                }
                None => {
                    let named = named(change.id, change.locale);
                    let why = change.gone.map(|gone| format!(": it {}", gone.words()));
                    let why = why.unwrap_or_default();
                    writeln!(out, "{verb:<6}  {path} ({named}){why}")?;
                }
            }
            let overwritten = self.plan.overwrites.iter();
            if let Some(conflict) = overwritten
                .into_iter()
                .find(|one| (one.id, one.locale) == (change.id, change.locale))
            {
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

/// Names a text: `id 8`, or with its locale `id 8, ko`.
fn named(id: PostId, locale: Option<Locale>) -> String {
    match locale {
        Some(locale) => format!("id {id}, {locale}"),
        None => format!("id {id}"),
    }
}

/// Returns what there is to know of posts without a file, and of drafts.
pub fn notes(plan: &Plan) -> Vec<Notice> {
    let mut notes = Vec::new();
    let online: Vec<&Change> = plan.still_online().collect();
    if !online.is_empty() {
        let (are, them) = match online.len() {
            1 => ("1 post is".to_owned(), "it"),
            count => (format!("{count} posts are"), "them"),
        };
        let head = format!("{are} still online; `--prune` takes {them} offline:");
        notes.push(listed(Notice::warning(head), &online));
    }
    let unpruned = plan.unpruned.iter();
    let without_file: Vec<&Change> = unpruned.filter(|change| change.gone.is_none()).collect();
    if !without_file.is_empty() {
        let posts = number(without_file.len(), "post");
        let head = Notice::hint(format!("{posts} in the database without a published file:"));
        notes.push(listed(head, &without_file).line("--prune removes them"));
    }
    if plan.drafts > 0 {
        let drafts = number(plan.drafts as usize, "draft");
        notes.push(Notice::hint(format!("{drafts} left out")));
    }
    notes
}

/// Returns a note on keys that are read as fields although no settings name them; `None` where there
/// are none.
pub fn read_as_note(read_as: &ReadAs) -> Option<Notice> {
    let keys = read_as.keys().map(|(key, field, files)| {
        let files = number(files, "file");
        format!("`{}` is read as {field} in {files}", message(key))
    });
    let keys: Vec<String> = keys.collect();
    let head = keys.first()?;
    let note = keys[1..].iter().fold(Notice::hint(&**head), Notice::line);
    Some(note.line("`blogctl init` writes this into blogctl.toml, where it can be changed"))
}

/// Adds a line for each of the first few posts.
fn listed(note: Notice, changes: &[&Change]) -> Notice {
    let mut lines = String::new();
    let line = |change: &&Change| {
        let named = named(change.id, change.locale);
        match change.gone {
            Some(gone) => format!("{} ({named}) {}", change.path, gone.words()),
            None => format!("{} ({named})", change.path),
        }
    };
    list(&mut lines, changes, line, |_| Vec::new());
    lines.lines().skip(1).fold(note, Notice::line)
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
