//! Rows that anyone may have written, as what can be shown of them.
//!
//! A store turns each column of a row into a [`Cell`] and decides nothing else; what a cell
//! means to a post, a run or a count is decided here, so that all stores answer alike. A cell
//! that does not fit never fails its row: the field stays empty, and the row names the column.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::model::{NameCount, Run};
use crate::post::{Extra, Field, Kind, PostId, SourcePath, StoredPost, Unreadable};

/// The most bytes of a row that are shown, without a post's body: 1 MiB. A page of rows, which
/// can be made by somebody who means harm, fits into memory.
pub const MAX_ROW: usize = 1 << 20;

/// The most bytes of a name with a count, of which there can be many.
const MAX_NAME: usize = 4096;

/// The most bytes of a path or a category in an index. The system allows 4 KiB for a path, of
/// which composing can make more.
const MAX_SHORT: usize = 16 * 1024;

/// The bytes of memory that a name takes besides its own.
const NAME_OVERHEAD: usize = 64;

/// The words for a value that is too long to be shown.
pub const TOO_LONG: &str = "is too long";

/// One value as a database gave it.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// NULL.
    Null,
    /// Text, which may not be UTF-8 after all.
    Text(Cow<'a, [u8]>),
    /// A whole number.
    Integer(i64),
    /// A point in time, in microseconds since 1970.
    Micros(i128),
    /// Anything else, in words that end a sentence: `is of type jsonb`.
    Odd(Cow<'static, str>),
}

/// The columns of one row, by their names.
pub trait Columns {
    /// Returns a column that holds text or a number.
    fn cell(&self, column: &str) -> Cell<'_>;

    /// Returns a column that holds a time.
    fn time(&self, column: &str) -> Cell<'_>;

    /// Returns the names in a column that holds several.
    ///
    /// # Errors
    /// What the column holds instead.
    fn names(&self, column: &str) -> Result<Vec<Cell<'_>>, Cow<'static, str>>;
}

/// The fields of one row, and what of them could not be read.
pub struct Fields<C> {
    columns: C,
    /// The number of bytes may still be taken from the row.
    room: usize,
    unreadable: Vec<Unreadable>,
}

impl<C: Columns> Fields<C> {
    /// Reads from the columns of a row.
    pub fn new(columns: C) -> Self {
        Self {
            columns,
            room: MAX_ROW,
            unreadable: Vec::new(),
        }
    }

    /// Reads the columns of a post.
    pub fn post(mut self, id: PostId) -> StoredPost {
        let mut post = StoredPost::new(id);
        for field in Field::ALL {
            let column = field.name();
            match field.kind() {
                Kind::Text => post.set_text(field, self.text(column)),
                Kind::Time => post.set_time(field, self.time(column)),
                Kind::Integer => post.word_count = self.integer(column),
                Kind::Names => post.tags = self.names(column),
                Kind::Json => post.extra = self.extra(column),
            }
        }
        post.path = self.text("path").map(SourcePath::new);
        post.unreadable = self.unreadable;
        post
    }

    /// Reads the columns of a post and the one with its Markdown, which the post calls
    /// `content`; `None` for what is NULL or cannot be shown.
    pub fn post_and_body(mut self, id: PostId, column: &str) -> (StoredPost, Option<String>) {
        let body = text(&self.columns.cell(column));
        let body = self.noted("content", body);
        (self.post(id), body)
    }

    /// Reads the columns of a run.
    pub fn run(mut self, id: PostId) -> Run {
        Run {
            id,
            started_at: self.required("started_at", Self::time),
            finished_at: self.required("finished_at", Self::time),
            created: self.required("created", Self::integer),
            updated: self.required("updated", Self::integer),
            moved: self.required("moved", Self::integer),
            removed: self.required("removed", Self::integer),
            unchanged: self.required("unchanged", Self::integer),
            directory: self.required("directory", Self::text),
            actor: self.required("actor", Self::text),
            unreadable: self.unreadable,
        }
    }

    /// Reads a name and its count.
    pub fn name_count(mut self) -> NameCount {
        self.room = MAX_NAME;
        NameCount {
            name: self.required("name", Self::text),
            posts: self.required("posts", Self::integer),
            unreadable: self.unreadable,
            locales: Vec::new(),
        }
    }

    fn text(&mut self, column: &'static str) -> Option<String> {
        let read = text_within(&mut self.room, 0, &self.columns.cell(column));
        self.noted(column, read)
    }

    fn integer<T: TryFrom<i64>>(&mut self, column: &'static str) -> Option<T> {
        let read = integer(&self.columns.cell(column));
        self.noted(column, read)
    }

    fn time(&mut self, column: &'static str) -> Option<Timestamp> {
        let read = time(&self.columns.time(column));
        self.noted(column, read)
    }

    /// Reads the text of a JSON object; NULL is an empty one.
    fn extra(&mut self, column: &'static str) -> Extra {
        let cell = self.columns.cell(column);
        let read = text_within(&mut self.room, 0, &cell).and_then(|text| match text {
            None => Ok(None),
            Some(text) => match Extra::from_text(&text) {
                Some(extra) => Ok(Some(extra)),
                None => Err("is not a JSON object".into()),
            },
        });
        self.noted(column, read).unwrap_or_default()
    }

    /// Reads names, sorted by bytes; those that cannot be shown are left out.
    fn names(&mut self, column: &'static str) -> Vec<String> {
        let mut names = Vec::new();
        let mut odd = None;
        match self.columns.names(column) {
            Ok(cells) => {
                for cell in cells {
                    match text_within(&mut self.room, NAME_OVERHEAD, &cell) {
                        Ok(Some(name)) => names.push(name),
                        Ok(None) => odd = Some("hold a name that is NULL".into()),
                        Err(reason) => odd = Some(format!("hold a name that {reason}")),
                    }
                }
            }
            Err(reason) => odd = Some(reason.into_owned()),
        }
        if let Some(reason) = odd {
            self.unreadable.push(Unreadable { column, reason });
        }
        names.sort_unstable();
        names
    }

    /// Reads a column that blogctl never leaves NULL.
    fn required<T>(
        &mut self,
        column: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Option<T>,
    ) -> Option<T> {
        let value = read(self, column);
        if value.is_none() && !Unreadable::has(&self.unreadable, column) {
            let reason = "is NULL".to_owned();
            self.unreadable.push(Unreadable { column, reason });
        }
        value
    }

    fn noted<T>(&mut self, column: &'static str, read: Read<T>) -> Option<T> {
        read.unwrap_or_else(|reason| {
            self.unreadable.push(Unreadable { column, reason });
            None
        })
    }
}

/// A value, NULL, or what there is instead.
type Read<T> = Result<Option<T>, String>;

/// Reads text that fits into what is left of a row's room, and takes it from there, with what
/// keeping it costs besides.
fn text_within(room: &mut usize, overhead: usize, cell: &Cell<'_>) -> Read<String> {
    if let Cell::Text(bytes) = cell {
        *room = room.checked_sub(bytes.len() + overhead).ok_or(TOO_LONG)?;
    }
    text(cell)
}

/// Reads a path or the name of a category, of which an index holds one for each post.
pub fn short_text(cell: &Cell<'_>) -> Read<String> {
    text_within(&mut { MAX_SHORT }, 0, cell)
}

/// Reads text.
pub fn text(cell: &Cell<'_>) -> Read<String> {
    match cell {
        Cell::Null => Ok(None),
        Cell::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err("is not UTF-8".into()),
        },
        other => Err(instead(other)),
    }
}

/// Reads a whole number, where it fits.
pub fn integer<T: TryFrom<i64>>(cell: &Cell<'_>) -> Read<T> {
    match cell {
        Cell::Null => Ok(None),
        Cell::Integer(number) => match T::try_from(*number) {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(format!("is {number}")),
        },
        other => Err(instead(other)),
    }
}

/// Reads a point in time, where it lies in the years that a [`Timestamp`] has.
pub fn time(cell: &Cell<'_>) -> Read<Timestamp> {
    match cell {
        Cell::Null => Ok(None),
        Cell::Micros(micros) => {
            // In two parts: `from_microsecond` refuses the last second that can be written.
            let second = i64::try_from(micros.div_euclid(1_000_000));
            // Below a second, so that it fits.
            let nanosecond = micros.rem_euclid(1_000_000) as i32 * 1_000;
            let at = second.map(|second| Timestamp::new(second, nanosecond));
            match at {
                Ok(Ok(at)) => Ok(Some(at)),
                _ => Err("is outside the years -9999 to 9999".into()),
            }
        }
        other => Err(instead(other)),
    }
}

/// Says what a cell is that should be another.
pub fn instead(cell: &Cell<'_>) -> String {
    match cell {
        Cell::Null => "is NULL".into(),
        Cell::Text(_) => "is text".into(),
        Cell::Integer(_) => "is a number".into(),
        Cell::Micros(_) => "is a time".into(),
        Cell::Odd(words) => words.clone().into_owned(),
    }
}

#[cfg(test)]
mod tests;
