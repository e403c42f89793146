//! The differences between files and rows, for people.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::Sum;
use crate::clean::json;
use crate::diff::{FieldDiff, FileChange, Hunk, OnlyIn, Pair, PostDiff, RowChange, Side};
use crate::output::records::UNREADABLE;
use crate::output::words::number;
use crate::output::{clean, clean_block, message, rfc3339, shortened, style};
use crate::post::{Extra, Unreadable, Value};

/// The style of what the row alone has, and of lines that go.
pub(in crate::output) const ROW: Style = AnsiColor::Red.on_default();
/// The style of what the file alone has, and of lines that come.
pub(in crate::output) const FILE: Style = AnsiColor::Green.on_default();
/// The style of a hunk's header.
pub(in crate::output) const HUNK: Style = AnsiColor::Cyan.on_default();

/// The most characters of two values that are shown on one line.
const ON_ONE_LINE: usize = 72;

/// The most lines of a body in a row that people see, from one side.
const MOST_LINES: usize = 10_000;

/// A writer of differences for people.
pub struct Human<W> {
    out: W,
    any: bool,
}

impl<W: Write> Human<W> {
    /// Creates a writer to `out`, which takes styled text.
    pub fn new(out: W) -> Self {
        Self { out, any: false }
    }

    /// Writes the differences of one post.
    ///
    /// # Errors
    /// Any error of the stream.
    pub fn post(&mut self, post: &PostDiff<'_>) -> io::Result<()> {
        let out = &mut self.out;
        if self.any {
            writeln!(out)?;
        }
        self.any = true;
        let head = style::HEADER;
        let path = post.path().map(|path| message(path.as_str()) + " · ");
        let words = heading(post.pair);
        let name = match (&path, post.pair.id, post.pair.locale) {
            (_, id, None) => format!("id {id}"),
            (Some(_), id, Some(locale)) => format!("id {id}, {locale}"),
            (None, id, Some(locale)) => format!("post {id} in {locale}"),
        };
        let path = path.unwrap_or_default();
        writeln!(out, "{head}{path}{name} · {words}{head:#}")?;
        for field in &post.fields {
            write_field(out, field, post.unreadable)?;
        }
        write_tags(out, post)?;
        if post.is_content_unreadable() {
            writeln!(out, "content: {ROW}- {UNREADABLE}{ROW:#}")?;
        }
        if !post.body.is_empty() {
            writeln!(out, "content:")?;
        }
        for hunk in &post.body {
            write_hunk(out, hunk)?;
        }
        let is_one_sided = !post.pair.has_file() || !post.pair.has_row();
        if post.is_empty() && !is_one_sided && post.pair.row != RowChange::Unchanged {
            writeln!(out, "the row says what the file says")?;
        }
        Ok(())
    }

    /// Writes the numbers of posts, and flushes.
    ///
    /// # Errors
    /// Any error of the stream.
    pub fn end(&mut self, sum: Sum, store: &str) -> io::Result<()> {
        if self.any {
            writeln!(self.out)?;
        }
        writeln!(self.out, "{}", message(&sum.line(store)))?;
        self.out.flush()
    }
}

/// Says which side has a post, or which one changed since the last sync.
pub(super) fn heading(pair: &Pair) -> String {
    let words = changes(pair);
    let words = match pair.only_in() {
        None => words,
        Some(OnlyIn::Files) => format!("only in files: {words}"),
        Some(OnlyIn::Database) => format!("only in the database: {words}"),
    };
    match &pair.from {
        None => words,
        Some(from) => format!("{words} · it was {}", message(from.as_str())),
    }
}

/// Says which side of a post changed since the last sync.
fn changes(pair: &Pair) -> String {
    let since = "since the last sync";
    match (pair.file, pair.row) {
        (FileChange::New | FileChange::Absent, RowChange::Foreign) => {
            "no sync wrote the row".to_owned()
        }
        (FileChange::New | FileChange::Absent, _) => "the file is new".to_owned(),
        (file, row) => {
            let file = match file {
                FileChange::Unchanged | FileChange::New | FileChange::Absent => None,
                FileChange::Changed => Some("the file was changed"),
                FileChange::Removed => Some("the file is gone"),
                FileChange::Draft => Some("the file is a draft"),
            };
            let row = match row {
                RowChange::Unchanged | RowChange::Absent => None,
                RowChange::Edited | RowChange::Foreign => Some("the row was edited"),
                RowChange::Deleted => Some("the row was deleted"),
            };
            match (file, row) {
                (None, None) => "only the path was changed".to_owned(),
                (Some(file), None) if pair.has_file() => format!("{file} {since}"),
                (Some(file), None) => file.to_owned(),
                (None, Some(row)) => format!("{row} {since}"),
                (Some(file), Some(row)) => format!("{file} and {row} {since}"),
            }
        }
    }
}

/// Writes a field; of extra keys, one line for each that differs.
fn write_field(
    out: &mut impl Write,
    field: &FieldDiff<'_>,
    unreadable: &[Unreadable],
) -> io::Result<()> {
    let name = field.field.name();
    let (of_file, of_row) = (object(field.file), object(field.row));
    if of_file.is_none() && of_row.is_none() {
        let row = match field.row.and_then(shown) {
            None if Unreadable::has(unreadable, name) => Some(UNREADABLE.to_owned()),
            row => row,
        };
        return write_values(out, name, row, field.file.and_then(shown));
    }
    let keys = [of_row, of_file].into_iter().flatten();
    let keys: BTreeSet<&String> = keys.flat_map(|Extra(extra)| extra.keys()).collect();
    for key in keys {
        let of = |side: Option<&Extra>| side.and_then(|Extra(extra)| extra.get(key)).cloned();
        let (row, file) = (of(of_row), of(of_file));
        if row != file {
            let json = |value: Option<serde_json::Value>| value.map(|value| json::text(&value));
            write_values(out, &format!("{name}.{key}"), json(row), json(file))?;
        }
    }
    Ok(())
}

/// Returns the object that a value is.
fn object(value: Option<Value<'_>>) -> Option<&Extra> {
    match value {
        Some(Value::Json(extra)) => Some(extra),
        _ => None,
    }
}

/// Returns a value as people see it; `None` for one that is not there.
fn shown(value: Value<'_>) -> Option<String> {
    match value {
        // Cut first: what is escaped gets longer.
        Value::Text(text) => text.map(|text| json::text(&shortened(Cow::Borrowed(text)))),
        Value::Integer(number) => number.map(|number| number.to_string()),
        // In full, or two that differ by seconds would look alike.
        Value::Time(at) => at.map(rfc3339),
        Value::Names(names) => Some(json::text(&names)),
        Value::Json(extra) => Some(json::text(extra)),
    }
}

/// Writes what the row has and what the file has in its place.
fn write_values(
    out: &mut impl Write,
    name: &str,
    row: Option<String>,
    file: Option<String>,
) -> io::Result<()> {
    let line = |text: String| shortened(clean(&text)).into_owned();
    let (name, row, file) = (clean(name), row.map(line), file.map(line));
    let length = |text: &Option<String>| text.as_ref().map_or(0, |text| text.chars().count());
    let is_short = length(&row) + length(&file) <= ON_ONE_LINE;
    write!(out, "{name}:")?;
    for (side, style, text) in [(Side::Old, ROW, row), (Side::New, FILE, file)] {
        let Some(text) = text else { continue };
        let before = if is_short { " " } else { "\n  " };
        write!(out, "{before}{style}{} {text}{style:#}", side.sign())?;
    }
    writeln!(out)
}

fn write_tags(out: &mut impl Write, post: &PostDiff<'_>) -> io::Result<()> {
    let tags = &post.tags;
    if tags.is_empty() {
        return Ok(());
    }
    write!(out, "tags:")?;
    for tag in &tags.added {
        write!(out, " {FILE}+ {}{FILE:#}", shortened(clean(tag)))?;
    }
    for tag in &tags.removed {
        write!(out, " {ROW}- {}{ROW:#}", shortened(clean(tag)))?;
    }
    if tags.is_unreadable {
        write!(out, " {ROW}- {UNREADABLE}{ROW:#}")?;
    }
    writeln!(out)
}

fn write_hunk(out: &mut impl Write, hunk: &Hunk<'_>) -> io::Result<()> {
    writeln!(out, "{HUNK}{hunk}{HUNK:#}")?;
    for piece in &hunk.pieces {
        let sign = piece.side.sign();
        for line in piece.lines().take(MOST_LINES) {
            // Cut first: what is escaped gets longer.
            let line = shortened(Cow::Borrowed(line));
            let line = clean_block(&line);
            match piece.side {
                Side::Both => writeln!(out, "{sign}{line}")?,
                Side::Old => writeln!(out, "{ROW}{sign}{line}{ROW:#}")?,
                Side::New => writeln!(out, "{FILE}{sign}{line}{FILE:#}")?,
            }
        }
        let more = piece.lines().skip(MOST_LINES).count();
        if more > 0 {
            writeln!(out, "… ({} left out)", number(more, "line"))?;
        }
    }
    Ok(())
}
