//! Repairs of files: ids for posts that have none, and what carries a safe fix.
//!
//! A file is read, changed and read again. What was not to be changed must read as before, or the
//! file is left alone.

use jiff::Timestamp;

use super::document::{Document, Node, Syntax, Value};
use super::edit::{self, Operation};
use super::front_matter::MAX_FRONT_MATTER;
use super::key_edit::document;
use super::read_settings::ReadSettings;
use super::reader::{self, Reading};
use super::resolve;
use super::scan::is_without_front_matter;
use super::time_form::TimeForm;
use crate::finding::{Applicability, Edit, Finding, rules};
use crate::key_map::ReadField;
use crate::locale::Locale;
use crate::post::{PostId, SourcePath};

/// The most rounds of safe fixes: one may only show once another is made.
const MOST_ROUNDS: usize = 20;

/// The state of a file, as far as repairs need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The id, where it is valid.
    pub id: Option<PostId>,
    /// The number that the file seems to state as its id, where that is not valid or the front matter
    /// cannot be read: no other post may get it.
    pub apparent_id: Option<PostId>,
    /// The locale of the text; `None` in a blog without locales.
    pub locale: Option<Locale>,
    /// True for a post that has no id and is no draft.
    pub needs_id: bool,
    /// The time of writing, where the file gives it.
    pub created_at: Option<Timestamp>,
    /// True if the file gives no time of writing, and is no draft.
    pub needs_time: bool,
    /// True if any finding has a safe fix.
    pub has_fix: bool,
    /// True if the file is a draft.
    pub is_draft: bool,
    /// True if the front matter cannot be read, so that nothing can be changed in it.
    pub is_unreadable: bool,
}

/// Values to add to a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Additions<'a> {
    /// The id.
    pub id: Option<PostId>,
    /// The time of writing, and the key to write it to.
    pub created_at: Option<(Timestamp, &'a str)>,
}

/// A file with its repairs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// The new bytes.
    pub bytes: Vec<u8>,
    /// The names of the rules whose fixes were made, each as often as it was.
    pub fixed: Vec<&'static str>,
    /// The additions that could not be made without changing more than that.
    pub refused: Vec<ReadField>,
}

/// Returns what a file needs.
pub fn condition(settings: &ReadSettings, path: &SourcePath, bytes: &[u8]) -> Condition {
    let reading = reader::read(settings, path, bytes);
    let text = text_of(bytes);
    let document = text.and_then(document);
    let has = |field| {
        document.as_ref().is_some_and(|document| {
            resolve::given(document, &settings.keys, field)
                .next()
                .is_some()
        })
    };
    let misses = |rule| reading.findings.iter().any(|found| found.rule == rule);
    let is_skipped = settings.skip_without_front_matter && is_without_front_matter(&reading, bytes);
    let is_post = document.is_some() && !reading.draft && reading.is_post;
    Condition {
        id: reading.id,
        apparent_id: apparent_id(settings, bytes).filter(|_| reading.id.is_none()),
        locale: reading.locale,
        needs_id: is_post && misses(rules::MISSING_ID) && !has(ReadField::Id),
        created_at: reading.created_at,
        needs_time: is_post && reading.created_at.is_none() && !has(ReadField::CreatedAt),
        has_fix: reading.findings.iter().any(is_safe),
        is_draft: reading.draft,
        is_unreadable: document.is_none() && !reading.findings.is_empty() && !is_skipped,
    }
}

/// Returns the greatest number on a line that begins with the key of an id.
fn apparent_id(settings: &ReadSettings, bytes: &[u8]) -> Option<PostId> {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_FRONT_MATTER)]);
    let keys: Vec<&str> = settings.keys.get(ReadField::Id).keys().collect();
    let ids = text.lines().filter_map(|line| {
        let (key, value) = line.split_once([':', '='])?;
        let key = key.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '{'));
        // Of a path into tables, the last part is on the line.
        let is_key = |own: &&str| own.rsplit('.').next() == Some(key);
        keys.iter().find(|own| is_key(own))?;
        let value = value.trim_start_matches(|c: char| c.is_whitespace() || c == '"' || c == '\'');
        let digits = value.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = value.split_at(digits);
        // `5f0c` is no number.
        let is_whole = !rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_'));
        digits
            .parse()
            .ok()
            .and_then(PostId::new)
            .filter(|_| is_whole)
    });
    ids.max()
}

/// Makes the safe fixes of a file, and the additions.
pub fn repaired(
    settings: &ReadSettings,
    path: &SourcePath,
    bytes: &[u8],
    additions: Additions<'_>,
) -> Repaired {
    let mut bytes = bytes.to_vec();
    let mut fixed = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let reading = reader::read(settings, path, &bytes);
        let Some((edited, rules)) = with_fixes(&bytes, &reading) else {
            break;
        };
        let again = reader::read(settings, path, &edited);
        if !is_better(&reading, &again) {
            break;
        }
        fixed.extend(rules);
        bytes = edited;
    }
    let mut refused = Vec::new();
    if let Some((at, key)) = additions.created_at {
        let zone = &settings.time_zone;
        let written = TimeForm::default().write(at, zone);
        let edited = written.and_then(|time| added(&bytes, key, &Value::Text(time), Place::End));
        let is_read = |bytes: &[u8]| reader::read(settings, path, bytes).created_at == Some(at);
        match edited.filter(|edited| is_read(edited)) {
            Some(edited) => bytes = edited,
            None => refused.push(ReadField::CreatedAt),
        }
    }
    if let Some(id) = additions.id {
        let key = settings.keys.first_key(ReadField::Id);
        let value = Value::Integer(id.get().into());
        let edited = key.and_then(|key| added(&bytes, key, &value, Place::Start));
        let is_read = |bytes: &[u8]| reader::read(settings, path, bytes).id == Some(id);
        match edited.filter(|edited| is_read(edited)) {
            Some(edited) => bytes = edited,
            None => refused.push(ReadField::Id),
        }
    }
    Repaired {
        bytes,
        fixed,
        refused,
    }
}

fn is_safe(finding: &Finding) -> bool {
    let fix = finding.fix.as_ref();
    fix.is_some_and(|fix| fix.applicability == Applicability::Safe)
}

/// Makes the safe fixes that do not overlap; `None` if there are none.
fn with_fixes(bytes: &[u8], reading: &Reading<'_>) -> Option<(Vec<u8>, Vec<&'static str>)> {
    let mut edits: Vec<&Edit> = Vec::new();
    let mut rules = Vec::new();
    for finding in reading.findings.iter().filter(|finding| is_safe(finding)) {
        let Some(fix) = &finding.fix else { continue };
        let is_free = |edit: &Edit| {
            let apart = |other: &&Edit| {
                edit.range.end <= other.range.start || other.range.end <= edit.range.start
            };
            edits.iter().all(apart)
        };
        if fix.edits.iter().all(is_free) {
            edits.extend(&fix.edits);
            rules.push(finding.rule.name);
        }
    }
    if edits.is_empty() {
        return None;
    }
    edits.sort_by_key(|edit| edit.range.start);
    let mut edited = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for edit in edits {
        edited.extend_from_slice(bytes.get(at..edit.range.start)?);
        edited.extend_from_slice(edit.content.as_bytes());
        at = edit.range.end;
    }
    edited.extend_from_slice(bytes.get(at..)?);
    Some((edited, rules))
}

/// Returns whether fixes left the body, and no more errors than there were.
fn is_better(before: &Reading<'_>, after: &Reading<'_>) -> bool {
    let errors = |reading: &Reading<'_>| {
        let found = reading.findings.iter();
        found
            .filter(|found| found.level == crate::finding::Level::Error)
            .count()
    };
    let body = |reading: &Reading<'_>| reading.post.as_ref().map(|(_, body)| body.to_string());
    errors(after) <= errors(before)
        && after.findings.len() < before.findings.len() + errors(before)
        && (before.post.is_none() || body(before) == body(after))
}

/// The place of a new key among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Start,
    End,
}

/// Adds a key, or gives one without a value a value; `None` if that cannot be done without changing
/// anything else.
fn added(bytes: &[u8], key: &str, value: &Value, place: Place) -> Option<Vec<u8>> {
    let text = text_of(bytes)?;
    let document = document(text)?;
    let edits = match document.get(key) {
        Some(_) => edit::edits(text, &document, Operation::Set { key, value })?,
        None => {
            let first = (place == Place::Start).then(|| at_start(text, &document, key, value));
            let nested = key
                .rsplit_once('.')
                .filter(|_| document.syntax == Syntax::Toml);
            let operation = match nested {
                Some((table, key)) => Operation::InsertIn { table, key, value },
                None => Operation::Insert {
                    key,
                    value,
                    after: None,
                },
            };
            match first.flatten().filter(|_| nested.is_none()) {
                Some(edits) => edits,
                None => edit::edits(text, &document, operation)?,
            }
        }
    };
    let edited = edit::apply(text, &edits)?;
    let bom = &bytes[..bytes.len() - text.len()];
    Some([bom, edited.as_bytes()].concat())
}

/// Returns the edit that adds a line at the top of a front matter, if it reads as that and no more.
fn at_start(text: &str, old: &Document, key: &str, value: &Value) -> Option<Vec<Edit>> {
    let Value::Integer(number) = value else {
        return None;
    };
    if old.braces.is_some() {
        return None;
    }
    let start = old.range.start;
    let line_end = match text[..start].ends_with("\r\n") {
        true => "\r\n",
        false => "\n",
    };
    // Keys that are all indented are at one level.
    let first = old.entries.first().map_or(start, |entry| entry.key.start);
    let line = text[..first].rfind('\n').map_or(0, |at| at + 1);
    let indent = text.get(line..first)?;
    let indent = match indent.trim().is_empty() {
        true => indent,
        false => "",
    };
    let line = old.syntax.assignment(key, &number.to_string());
    let edit = Edit {
        range: start..start,
        content: format!("{indent}{line}{line_end}"),
    };
    let edited = edit::apply(text, std::slice::from_ref(&edit))?;
    let new = document(&edited)?;
    let is_new = |entry: &super::document::Entry| {
        entry.name.as_deref() == Some(key) && entry.value.value.same(value)
    };
    let (added, rest) = new.entries.split_first()?;
    let same = |a: &Node, b: &Node| a.value.same(&b.value);
    let is_same = rest.len() == old.entries.len()
        && rest
            .iter()
            .zip(&old.entries)
            .all(|(a, b)| a.name == b.name && same(&a.value, &b.value));
    (is_new(added) && is_same).then(|| vec![edit])
}

/// Returns the text of a file without a BOM.
fn text_of(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).ok()
}

#[cfg(test)]
mod tests;
