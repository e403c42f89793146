//! The report of a pull, for people and for programs.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::Style;
use serde::Serialize;

use super::diff::{FILE, HUNK, ROW};
use super::report::{Head, PostJson, list, redacted};
use super::ui::Notice;
use super::words::number;
use super::{clean_block, json, message, shortened};
use crate::content::{Part, list_parts};
use crate::locale::Locale;
use crate::post::{PostId, SourcePath};
use crate::pull::Refusal;
use crate::secret;

/// The kinds of changes to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// A new file.
    Create,
    /// A file that is there, with other values.
    Update,
}

impl Action {
    /// Returns the word that output uses: `create` or `update`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
        }
    }
}

/// A file that was or would be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The kind of change.
    pub action: Action,
    /// The post.
    pub id: PostId,
    /// The locale of the text; `None` in a blog without locales.
    pub locale: Option<Locale>,
    /// The file.
    pub path: SourcePath,
    /// The parts of the file that are other than before; none for a new file.
    pub differences: Vec<Part>,
    /// The change of the file as a unified diff, for a dry run.
    pub diff: Option<FileDiff>,
}

/// The change of a file as a unified diff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileDiff {
    /// The diff.
    Text(String),
    /// None: those of the changes before it are long enough.
    LeftOut,
}

/// A row that is not brought to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The post.
    pub id: PostId,
    /// The locale of the text; `None` in a blog without locales.
    pub locale: Option<Locale>,
    /// The file that it is about, if there is one.
    pub path: Option<SourcePath>,
    /// The reason.
    pub refusal: Refusal,
}

/// The result of a pull.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The address of the store, without a password.
    pub store: String,
    /// True for a dry run.
    pub dry_run: bool,
    /// The files that were or would be written, newest post first.
    pub changes: Vec<Change>,
    /// The posts that were refused, newest first.
    pub refused: Vec<Refused>,
    /// The number of posts whose file says what their row says.
    pub unchanged: usize,
    /// Files that changed since the last sync while their rows did not.
    pub newer_files: Vec<SourcePath>,
    /// Files whose rows were deleted since the last sync.
    pub deleted: Vec<SourcePath>,
}

impl Report {
    /// Sorts what was done with texts, which were handled one locale after the other: the newest
    /// post first, and its texts in the order of their locales.
    pub fn sort(&mut self, rank: impl Fn(Option<Locale>) -> usize) {
        self.changes
            .sort_by_key(|change| (Reverse(change.id), rank(change.locale)));
        if self.refused.iter().any(|refused| refused.locale.is_some()) {
            self.refused
                .sort_by_key(|refused| (Reverse(refused.id), rank(refused.locale)));
        }
    }

    /// Returns the number of changes of one kind.
    pub fn count(&self, action: Action) -> usize {
        let changes = self.changes.iter();
        changes.filter(|change| change.action == action).count()
    }

    /// Writes a line a change, then the sum, and flushes.
    ///
    /// # Errors
    /// Any error of the stream.
    pub fn write_human(&self, out: &mut impl Write) -> io::Result<()> {
        for change in &self.changes {
            let Change {
                action,
                id,
                locale,
                path,
                differences,
                diff,
            } = change;
            let name = named(*id, *locale);
            let mut line = format!("{:<6}  {path} ({name})", action.as_str());
            if !differences.is_empty() {
                // Writing into a String cannot fail.
                let _ = write!(line, ": {}", list_parts(differences));
            }
            writeln!(out, "{}", message(&line))?;
            match diff {
                None => {}
                Some(FileDiff::LeftOut) => writeln!(out, "(the diff is left out)\n")?,
                Some(FileDiff::Text(text)) => {
                    text.lines().try_for_each(|line| write_line(out, line))?;
                    writeln!(out)?;
                }
            }
        }
        writeln!(out, "{}", message(&self.sum()))?;
        out.flush()
    }

    fn sum(&self) -> String {
        let store = &self.store;
        if self.changes.is_empty() {
            return format!("nothing to pull: the files say what is in {store}");
        }
        let would = if self.dry_run { "would be: " } else { "" };
        format!(
            "{would}{} created, {} updated, {} unchanged from {store}",
            self.count(Action::Create),
            self.count(Action::Update),
            self.unchanged
        )
    }

    /// Returns the reason why posts were refused, and what to do; `None` if none was. `written`
    /// tells whether the other files were written.
    pub fn refusal(&self, written: bool) -> Option<(String, String)> {
        let first = self.refused.first()?;
        let posts = number(self.refused.len(), "post");
        let rest = match (self.dry_run, written) {
            (true, _) => "",
            (false, true) => "; the other files were written",
            (false, false) => "; nothing was written",
        };
        let mut text = format!("{posts} cannot be pulled{rest}:");
        list(&mut text, &self.refused, refused_line, |_| Vec::new());
        let mut forcible = self.refused.iter().filter(|r| r.refusal.is_forcible());
        let first = forcible.next().unwrap_or(first);
        Some((text, help(&first.refusal).to_owned()))
    }

    /// Returns notes on files that were left alone.
    pub fn notes(&self) -> Vec<Notice> {
        let note = |paths: &[SourcePath], words: &str, help: &str| {
            let mut lines = String::new();
            list(&mut lines, paths, SourcePath::to_string, |_| Vec::new());
            let head = Notice::hint(format!("{} {words}", number(paths.len(), "file")));
            let note = lines.lines().skip(1).fold(head, Notice::line);
            (!paths.is_empty()).then(|| note.line(help))
        };
        let newer = note(
            &self.newer_files,
            "changed since the last sync, whose rows did not:",
            "`blogctl sync` publishes them",
        );
        let deleted = note(
            &self.deleted,
            "left alone, whose rows were deleted in the database:",
            "delete them, or publish them again with `blogctl sync --force`",
        );
        newer.into_iter().chain(deleted).collect()
    }
}

/// Writes a line of a unified diff.
fn write_line(out: &mut impl Write, line: &str) -> io::Result<()> {
    let style = match line.as_bytes().first() {
        Some(b'-') => ROW,
        Some(b'+') => FILE,
        Some(b'@') => HUNK,
        _ => Style::new(),
    };
    // Cut first: what is escaped gets longer.
    let line = shortened(Cow::Borrowed(line.trim_end_matches('\r')));
    writeln!(out, "{style}{}{style:#}", clean_block(&line))
}

fn refused_line(refused: &Refused) -> String {
    let Refused {
        id,
        locale,
        path,
        refusal,
    } = refused;
    let words = refusal.words();
    match (path, locale) {
        (Some(path), locale) => format!("{path} ({}): {words}", named(*id, *locale)),
        (None, Some(locale)) => format!("post {id} in {locale}: {words}"),
        (None, None) => format!("post {id}: {words}"),
    }
}

/// Names a text: `id 8`, or `id 8, en` in a blog with locales.
fn named(id: PostId, locale: Option<Locale>) -> String {
    match locale {
        Some(locale) => format!("id {id}, {locale}"),
        None => format!("id {id}"),
    }
}

fn help(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Changed { .. } | Refusal::Uneditable(..) => {
            "to publish what the file says, run `blogctl sync --force`; to overwrite the file, \
             name the post and add --force"
        }
        Refusal::Unwritable(_) | Refusal::Unreadable(_) => {
            "change the row in the database, then run it again; to pull other posts, name them"
        }
        Refusal::Occupied(_) => {
            "rename or remove what is there, or name another directory for new files"
        }
        Refusal::Link(_) => "name the directory that the link leads to, or replace the link",
        Refusal::LeftOut(_) => {
            "change the ignore file or `exclude` in blogctl.toml, or name another directory for \
             new files"
        }
        Refusal::Several(_) => "give all but one of them another id",
        Refusal::Outside(_) => "name the directory after the ids: `blogctl pull 42 posts/`",
    }
}

/// The outcome of a pull, for programs.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// The files were written, or would have been.
    Done(&'a Report),
    /// Some posts were refused; `true` if the files of the others were written.
    Refused(&'a Report, bool),
    /// Something else went wrong; a message and its remedy.
    Failed(&'a str, Option<&'a str>),
}

/// Writes one JSON object on one line, and flushes. Its names are a documented contract.
///
/// # Errors
/// Any error of the stream.
pub fn write_json(out: &mut impl Write, outcome: Outcome<'_>, dry_run: bool) -> io::Result<()> {
    #[derive(Serialize)]
    struct Object<'a> {
        #[serde(flatten)]
        head: Head<'a>,
        counts: Option<CountsJson>,
        changes: Vec<ChangeJson<'a>>,
        refused: Vec<RefusedJson<'a>>,
        newer_files: Vec<String>,
        deleted: Vec<String>,
    }
    let (status, report, message, help) = match outcome {
        Outcome::Done(report) => ("done", Some(report), None, None),
        Outcome::Refused(report, written) => {
            let (message, help) = report.refusal(written).unzip();
            ("refused", Some(report), message, help)
        }
        Outcome::Failed(message, help) => {
            let (message, help) = (message.to_owned(), help.map(str::to_owned));
            ("failed", None, Some(message), help)
        }
    };
    let paths = |paths: fn(&Report) -> &[SourcePath]| {
        let paths = report.map(paths).unwrap_or_default().iter();
        paths.map(redacted).collect()
    };
    let object = Object {
        head: Head::new(
            status,
            dry_run,
            report.map(|report| &*report.store),
            message.as_deref(),
            help.as_deref(),
        ),
        counts: report.map(CountsJson::from),
        changes: report.map_or_else(Vec::new, |report| {
            report.changes.iter().map(ChangeJson::from).collect()
        }),
        refused: report.map_or_else(Vec::new, |report| {
            report.refused.iter().map(RefusedJson::from).collect()
        }),
        newer_files: paths(|report| &report.newer_files),
        deleted: paths(|report| &report.deleted),
    };
    json::write_line(out, &object)?;
    out.flush()
}

#[derive(Serialize)]
struct CountsJson {
    created: usize,
    updated: usize,
    unchanged: usize,
    refused: usize,
}

impl From<&Report> for CountsJson {
    fn from(report: &Report) -> Self {
        Self {
            created: report.count(Action::Create),
            updated: report.count(Action::Update),
            unchanged: report.unchanged,
            refused: report.refused.len(),
        }
    }
}

#[derive(Serialize)]
struct ChangeJson<'a> {
    action: &'a str,
    #[serde(flatten)]
    post: PostJson,
    fields: Vec<String>,
    diff: Option<&'a str>,
}

impl<'a> From<&'a Change> for ChangeJson<'a> {
    fn from(change: &'a Change) -> Self {
        Self {
            action: change.action.as_str(),
            post: PostJson::new(change.id, &change.path).in_locale(change.locale),
            fields: fields(&change.differences),
            diff: match &change.diff {
                Some(FileDiff::Text(text)) => Some(text),
                Some(FileDiff::LeftOut) | None => None,
            },
        }
    }
}

#[derive(Serialize)]
struct RefusedJson<'a> {
    reason: &'a str,
    id: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
    path: Option<String>,
    fields: Vec<String>,
    message: String,
}

impl<'a> From<&'a Refused> for RefusedJson<'a> {
    fn from(refused: &'a Refused) -> Self {
        let Refused {
            id,
            locale,
            path,
            refusal,
        } = refused;
        Self {
            reason: refusal.as_str(),
            id: id.get(),
            locale: locale.map(|locale| locale.to_string()),
            path: path.as_ref().map(redacted),
            fields: fields(refusal.differences()),
            message: secret::redact_message(&refusal.words()),
        }
    }
}

fn fields(differences: &[Part]) -> Vec<String> {
    let names = differences.iter().map(Part::to_string);
    names.map(|name| secret::redact_message(&name)).collect()
}

#[cfg(test)]
mod tests;
