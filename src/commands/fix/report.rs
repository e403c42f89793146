//! The report of `blogctl fix`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::content::{Additions, Repaired};
use crate::key_map::ReadField;
use crate::output::ui::Notice;
use crate::output::words::number;
use crate::post::{PostId, SourcePath};

/// The most files that a note names.
const NAMED: usize = 5;

/// The changes of all files, in numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Report {
    /// True if nothing was written.
    dry_run: bool,
    /// The number of files that changed.
    files: usize,
    ids: usize,
    /// The least and the greatest new id.
    span: Option<(PostId, PostId)>,
    times: usize,
    /// The number of fixes by rule.
    fixed: BTreeMap<&'static str, usize>,
    /// Files in which an id or a time could not be written.
    refused: Vec<SourcePath>,
    /// Files whose front matter cannot be read.
    pub unreadable: Vec<SourcePath>,
    /// The number of drafts.
    pub drafts: usize,
}

impl Report {
    /// Makes a report of no file.
    pub fn new(dry_run: bool) -> Self {
        Self {
            dry_run,
            ..Self::default()
        }
    }

    /// Counts the changes of a file.
    pub fn add(&mut self, path: &SourcePath, repaired: &Repaired, additions: &Additions<'_>) {
        if !repaired.refused.is_empty() {
            self.refused.push(path.clone());
        }
        let is_written = |field| !repaired.refused.contains(&field);
        let id = additions.id.filter(|_| is_written(ReadField::Id));
        let time = additions
            .created_at
            .filter(|_| is_written(ReadField::CreatedAt));
        if let Some(id) = id {
            self.ids += 1;
            let (least, greatest) = self.span.unwrap_or((id, id));
            self.span = Some((least.min(id), greatest.max(id)));
        }
        self.times += usize::from(time.is_some());
        for rule in &repaired.fixed {
            *self.fixed.entry(rule).or_default() += 1;
        }
        let is_changed = id.is_some() || time.is_some() || !repaired.fixed.is_empty();
        self.files += usize::from(is_changed);
    }

    /// Returns whether any file was or would be changed.
    pub fn has_changes(&self) -> bool {
        self.files > 0
    }

    /// Returns what was or would be done, with a line end.
    pub fn sum(&self) -> String {
        if !self.has_changes() {
            return "nothing to fix\n".to_owned();
        }
        let mut done = Vec::new();
        if let Some((least, greatest)) = self.span {
            let posts = number(self.ids, "post");
            done.push(match least == greatest {
                true => format!("id {least} given to {posts}"),
                false => format!("ids {least} to {greatest} given to {posts}"),
            });
        }
        if self.times > 0 {
            done.push(format!("{} dated from git", number(self.times, "post")));
        }
        for (rule, count) in &self.fixed {
            done.push(format!("{} of {rule} corrected", number(*count, "finding")));
        }
        let files = number(self.files, "file");
        let would = if self.dry_run { "would be: " } else { "" };
        format!("{would}{}; {files} changed\n", done.join(", "))
    }

    /// Returns notes on files that were left alone.
    pub fn notes(&self) -> Vec<Notice> {
        let mut notes = Vec::new();
        let mut note = |paths: &[SourcePath], words: &str, help: &str| {
            if paths.is_empty() {
                return;
            }
            let head = Notice::warning(format!("{} {words}", number(paths.len(), "file")));
            let mut lines: Vec<String> = Vec::new();
            lines.extend(paths.iter().take(NAMED).map(SourcePath::to_string));
            if paths.len() > NAMED {
                let mut more = String::new();
                // Writing into a String cannot fail.
                let _ = write!(more, "and {} more", paths.len() - NAMED);
                lines.push(more);
            }
            lines.push(help.to_owned());
            notes.push(lines.into_iter().fold(head, Notice::line));
        };
        note(
            &self.unreadable,
            "left alone, whose front matter cannot be read:",
            "`blogctl check` says what is wrong with each",
        );
        note(
            &self.refused,
            "left without an id or a time, which cannot be added without changing more:",
            "write it by hand; `blogctl check` names the next free id",
        );
        if self.drafts > 0 {
            let drafts = number(self.drafts, "draft");
            notes.push(Notice::hint(format!(
                "{drafts} left alone: a draft needs no id until it is published"
            )));
        }
        notes
    }
}
