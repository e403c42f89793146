//! Values of rows as the server sent them, whatever type their columns have by now.
//!
//! A column may have been given another type since blogctl made it, or may be an ORM's. The
//! statements cast what should be text to text, so that no type of the user's own (an enum,
//! a domain) reaches the driver, which would look its name up on the server, in statements
//! of its own that no pooler keeps. The types that the columns really have come along in the
//! column `types`, and only where one of them is not one of text.

use std::borrow::Cow;
use std::error::Error;

use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Kind, Oid, Type};

use super::PostgresStore;
use super::statements::text_columns;
use crate::post::PostId;
use crate::store::fields::{self, Cell, Columns, Fields};
use crate::store::{Result, StoreError};

/// Microseconds from 1970 to 2000, where the server's times begin.
const EPOCH: i128 = 946_684_800_000_000;
/// Microseconds of a day.
const DAY: i128 = 86_400_000_000;

/// Returns the place of a column in `types`.
fn typed(column: &str) -> Option<usize> {
    let column = match column {
        // The only one of a tag's.
        "name" => return Some(0),
        "body" => "content",
        column => column,
    };
    text_columns().position(|known| known == column)
}

/// A value of any type, not yet read.
struct Raw<'a> {
    kind: Type,
    bytes: Option<&'a [u8]>,
}

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(
        kind: &Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self {
            kind: kind.clone(),
            bytes: Some(raw),
        })
    }

    fn from_sql_null(kind: &Type) -> std::result::Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self {
            kind: kind.clone(),
            bytes: None,
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The most elements of an array that are read: each takes many times the four bytes that an
/// empty one takes in a message.
const MAX_ELEMENTS: usize = 10_000;

/// An array of one dimension. The driver makes room for as many elements as the server claims,
/// however few it sends; so the claim is compared with what there is.
pub struct Array<T>(pub Vec<T>);

impl<'a, T: FromSql<'a>> FromSql<'a> for Array<T> {
    fn from_sql(
        kind: &Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn Error + Sync + Send>> {
        // The numbers of dimensions, of NULLs and of the element's type; for each dimension how
        // many elements it has, and the number of the first.
        let claimed = match raw.get(12..16).map(<[u8; 4]>::try_from) {
            Some(Ok(count)) => u32::from_be_bytes(count),
            _ => 0,
        };
        // Each element has at least the four bytes of its length.
        let most = raw.len().saturating_sub(20) / 4;
        let claimed = usize::try_from(claimed).unwrap_or(usize::MAX);
        if claimed > most {
            Err("an array that is shorter than it says".into())
        } else if claimed > MAX_ELEMENTS {
            Err("an array of too many elements".into())
        } else {
            Vec::from_sql(kind, raw).map(Self)
        }
    }

    fn accepts(kind: &Type) -> bool {
        Vec::<T>::accepts(kind)
    }
}

/// The columns of a row of a statement's answer.
pub struct Named<'r> {
    row: &'r Row,
    /// The types of the text columns, where one of them is not text.
    types: Vec<Oid>,
}

/// Begins to read a row.
pub fn fields(row: &Row) -> Fields<Named<'_>> {
    let types = row.try_get::<_, Option<Array<Oid>>>("types").ok().flatten();
    Fields::new(Named {
        row,
        types: types.map_or_else(Vec::new, |Array(types)| types),
    })
}

impl Named<'_> {
    fn raw(&self, column: &str) -> std::result::Result<Raw<'_>, Cow<'static, str>> {
        raw(self.row, column)
    }

    /// The type that a column has where it is not what the statement made of it, and known to
    /// be none of text. One that the server does not come with is shown as the server writes
    /// it: it is an enum or a domain, mostly.
    fn odd_type(&self, column: &str) -> Option<Type> {
        let found = Type::from_oid(*self.types.get(typed(column)?)?)?;
        (!is_text(&found)).then_some(found)
    }
}

impl Columns for Named<'_> {
    fn cell(&self, column: &str) -> Cell<'_> {
        match self.raw(column) {
            Ok(Raw { bytes: None, .. }) => Cell::Null,
            Ok(raw) => match self.odd_type(column) {
                Some(odd) => of_type(&odd),
                None => cell(&raw),
            },
            Err(odd) => Cell::Odd(odd),
        }
    }

    fn time(&self, column: &str) -> Cell<'_> {
        match self.raw(column) {
            Ok(raw) => time(&raw),
            Err(odd) => Cell::Odd(odd),
        }
    }

    fn names(&self, column: &str) -> std::result::Result<Vec<Cell<'_>>, Cow<'static, str>> {
        match self.row.try_get::<_, Array<Raw<'_>>>(column) {
            Ok(Array(names)) => Ok(names.iter().map(cell).collect()),
            Err(error) => Err(format!("cannot be read ({error})").into()),
        }
    }
}

fn raw<'r>(row: &'r Row, column: &str) -> std::result::Result<Raw<'r>, Cow<'static, str>> {
    // Fails for a column that the statement does not answer with, and for nothing else.
    row.try_get(column)
        .map_err(|error| error.to_string().into())
}

fn is_text(kind: &Type) -> bool {
    let text = [
        Type::TEXT,
        Type::VARCHAR,
        Type::BPCHAR,
        Type::NAME,
        Type::CHAR,
    ];
    text.contains(kind) || matches!(kind.kind(), Kind::Enum(_)) || kind.name() == "citext"
}

fn of_type(kind: &Type) -> Cell<'static> {
    Cell::Odd(format!("is of type {}", kind.name()).into())
}

/// Reads text or a whole number.
fn cell<'a>(raw: &Raw<'a>) -> Cell<'a> {
    let Some(bytes) = raw.bytes else {
        return Cell::Null;
    };
    let number = match raw.kind {
        Type::INT2 => bytes.try_into().ok().map(|b| i16::from_be_bytes(b).into()),
        Type::INT4 => bytes.try_into().ok().map(|b| i32::from_be_bytes(b).into()),
        Type::INT8 => bytes.try_into().ok().map(i64::from_be_bytes),
        ref kind if is_text(kind) => return Cell::Text(Cow::Borrowed(bytes)),
        _ => None,
    };
    number.map_or_else(|| of_type(&raw.kind), Cell::Integer)
}

/// Reads a point in time; without a zone it counts as UTC, as ORMs mean it.
fn time<'a>(raw: &Raw<'a>) -> Cell<'a> {
    let Some(bytes) = raw.bytes else {
        return Cell::Null;
    };
    let (count, unit) = match raw.kind {
        Type::TIMESTAMPTZ | Type::TIMESTAMP => {
            let micros = bytes.try_into().ok().map(i64::from_be_bytes);
            (
                micros.map(|micros| match micros {
                    i64::MAX => Err("is infinity"),
                    i64::MIN => Err("is -infinity"),
                    micros => Ok(i128::from(micros)),
                }),
                1,
            )
        }
        Type::DATE => {
            let days = bytes.try_into().ok().map(i32::from_be_bytes);
            (
                days.map(|days| match days {
                    i32::MAX => Err("is infinity"),
                    i32::MIN => Err("is -infinity"),
                    days => Ok(i128::from(days)),
                }),
                DAY,
            )
        }
        _ => (None, 1),
    };
    match count {
        Some(Ok(count)) => Cell::Micros(count * unit + EPOCH),
        Some(Err(infinity)) => Cell::Odd(infinity.into()),
        None => of_type(&raw.kind),
    }
}

/// Reads a value that blogctl itself keeps, or that the server computed.
///
/// # Errors
/// Describes the column's other content, in words that end a sentence.
pub fn value<'r, T: FromSql<'r>>(row: &'r Row, column: &str) -> std::result::Result<T, String> {
    row.try_get(column).map_err(|_| match raw(row, column) {
        Ok(Raw { bytes: None, .. }) => "is NULL".to_owned(),
        Ok(Raw { kind, .. }) if T::accepts(&kind) => "cannot be read".to_owned(),
        Ok(Raw { kind, .. }) => format!("is of type {}", kind.name()),
        Err(odd) => odd.into_owned(),
    })
}

/// Reads text or NULL of any type that is shown as text; `None` for any other.
pub fn text(row: &Row, column: &str) -> Option<String> {
    fields::text(&cell(&raw(row, column).ok()?)).ok().flatten()
}

/// Reads a row's key; `None` for NULL and for one that is no post's.
///
/// # Errors
/// A description of its type, if that is not a whole number's: then no key is a post's,
/// which is not to be mistaken for a table without posts.
pub fn key(row: &Row, column: &str) -> std::result::Result<Option<PostId>, String> {
    let raw = raw(row, column).map_err(Cow::into_owned)?;
    fields::integer(&cell(&raw)).map(|id: Option<i64>| id.and_then(PostId::new))
}

/// Reads the key of a row that a page names by `found`.
///
/// # Errors
/// [`StoreError::Failed`] if it is no post's.
pub fn found(row: &Row, operation: &'static str) -> Result<PostId> {
    let words = match key(row, "found") {
        Ok(Some(id)) => return Ok(id),
        Ok(None) => "is outside 1 to 2147483647".to_owned(),
        Err(words) => words,
    };
    Err(StoreError::failed(operation)(format!(
        "an id of public.post {words}"
    )))
}

/// Refuses more rows than were asked for: what is made of a row takes several times its bytes.
///
/// # Errors
/// [`StoreError::Protocol`].
pub fn check_rows(rows: &[Row], most: i64, operation: &'static str) -> Result<()> {
    if i64::try_from(rows.len()).is_ok_and(|rows| rows <= most) {
        return Ok(());
    }
    Err(StoreError::Protocol {
        operation,
        source: "the server sent more rows than were asked for".into(),
    })
}

/// Returns whether the row that a page names by `found` is there.
pub fn is_present(row: &Row) -> bool {
    value(row, "present") == Ok(true)
}

/// Reads the one row of `blogctl.state`.
///
/// # Errors
/// [`StoreError::Tables`] if there is none, or more than one.
fn state_row<'r>(rows: &'r [Row], operation: &'static str) -> Result<&'r Row> {
    let (what, help) = match rows {
        [row] => return Ok(row),
        [] => (
            "blogctl.state has no row".to_owned(),
            "run `blogctl schema apply`, which writes it",
        ),
        rows => (
            format!("blogctl.state has {} rows instead of one", rows.len()),
            "delete the rows that blogctl did not write: it wrote the one with the greatest \
             generation",
        ),
    };
    Err(StoreError::Tables {
        operation,
        what,
        help,
        source: "another program wrote to blogctl's own tables".into(),
    })
}

/// Reads a column of the one row of `blogctl.state`.
///
/// # Errors
/// [`StoreError::Tables`] if it holds something else.
pub fn state<'r, T: FromSql<'r>>(
    rows: &'r [Row],
    column: &str,
    operation: &'static str,
) -> Result<T> {
    value(state_row(rows, operation)?, column).map_err(|words| StoreError::Tables {
        operation,
        what: format!("blogctl.state: {column} {words}"),
        help: "correct the row by hand, or drop the schema blogctl: `sync --force` then takes \
            the posts over",
        source: "another program wrote to blogctl's own tables".into(),
    })
}

impl PostgresStore {
    /// Refuses tables of another version, and those that do not say theirs.
    pub(super) fn check_state(&self, rows: &[Row], operation: &'static str) -> Result<()> {
        self.check_version(state(rows, "version", operation)?)
    }
}

#[cfg(test)]
mod tests;
