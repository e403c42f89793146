//! The tables of both stores, as far as a row looks different in them.

use std::fmt;

use jiff::Timestamp;

use crate::catalog::{Catalog, Column, Table};
use crate::comparison::CONTENT;
use crate::post::{Field, FieldSet, Kind, StoredPost, TextId, Unreadable, Value};
use crate::preflight::Constraints;
use crate::tables::{BlogTable, TableMap};

/// The most characters of a text in blogctl's own tables.
const OWN_LENGTHS: [(Field, usize); 3] =
    [(Field::Title, 255), (Field::Image, 500), (Field::Slug, 255)];

/// The most characters of a tag there.
const OWN_TAG_LENGTH: usize = 100;

/// The digits of a second that blogctl keeps.
const MOST_DIGITS: u32 = 6;

/// The names of a store's tables, and the tables as a server describes them.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'t> {
    /// The names.
    pub map: &'t TableMap,
    /// The description; `None` for a store in a file.
    pub catalog: Option<&'t Catalog>,
}

impl<'t> Tables<'t> {
    fn table(self, of: BlogTable) -> Option<&'t Table> {
        let name = self.map.table(of).name();
        self.catalog?.table(name)
    }

    fn column(self, of: BlogTable, field: Field) -> Option<&'t Column> {
        let name = self.map.table(of).column(field.name())?;
        self.table(of)?.column(name.as_str())
    }

    /// Returns whether one of the tables has the field.
    fn stores(self, of: BlogTable, field: Field) -> bool {
        match field.kind() {
            Kind::Names => of == BlogTable::Post && self.map.stores_tags(),
            _ => self.map.table(of).column(field.name()).is_some(),
        }
    }

    /// Returns the digits of a second that a column keeps.
    fn digits(self, of: BlogTable, field: Field) -> u32 {
        let precision = self.column(of, field).and_then(|column| column.precision);
        let digits = precision.and_then(|digits| u32::try_from(digits).ok());
        digits.unwrap_or(MOST_DIGITS).min(MOST_DIGITS)
    }
}

/// The fields that are copied, and the demands of the target's columns on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// The fields that the source stores: they are written.
    written: FieldSet,
    /// Those of them that the target stores as they are given.
    compared: FieldSet,
    /// The fields that the target stores and the source does not.
    lacking: FieldSet,
    /// The fields that the target gives a value where the source has none.
    filled: FieldSet,
    /// The fields that must have a value.
    required: FieldSet,
    /// The digits of a second that both keep, where these are fewer than six.
    precisions: Vec<(Field, u32)>,
    lengths: Vec<(Field, usize)>,
    tag_length: Option<usize>,
    labels: Vec<(Field, Vec<String>)>,
    /// True if the target stores no text that has the character NUL.
    refuses_nul: bool,
    /// True if the target's rows have bodies.
    has_body: bool,
}

impl Columns {
    /// Takes the tables of the source and of the target; those of a store in a file are blogctl's
    /// own, and have no catalog. The columns are those of the posts.
    pub fn new(source: Tables<'_>, target: Tables<'_>) -> Self {
        Self::of_table(source, target, BlogTable::Post)
    }

    /// Takes the tables as [`Self::new`] does. The columns are those of the translations.
    pub fn of_texts(source: Tables<'_>, target: Tables<'_>) -> Self {
        Self::of_table(source, target, BlogTable::Translation)
    }

    fn of_table(source: Tables<'_>, target: Tables<'_>, of: BlogTable) -> Self {
        let fields = Field::ALL.into_iter();
        let column = |field| target.column(of, field);
        let set = |is: &dyn Fn(Field) -> bool| fields.clone().filter(|field| is(*field)).collect();
        let is_computed = |field| column(field).is_some_and(|column| column.is_generated);
        let mut columns = Self {
            written: set(&|field| source.map.stores(field)),
            compared: set(&|field| {
                source.map.stores(field) && target.stores(of, field) && !is_computed(field)
            }),
            lacking: set(&|field| !source.map.stores(field) && target.map.stores(field)),
            filled: set(&|field| column(field).is_some_and(|column| is_filled(field, column))),
            precisions: fields
                .clone()
                .filter_map(|field| {
                    let digits = source.digits(of, field).min(target.digits(of, field));
                    (digits < MOST_DIGITS).then_some((field, digits))
                })
                .collect(),
            refuses_nul: target.catalog.is_some(),
            has_body: target.map.table(of).column(CONTENT).is_some(),
            ..Self::default()
        };
        let (Some(catalog), Some(_)) = (target.catalog, target.table(of)) else {
            columns.lengths = OWN_LENGTHS.to_vec();
            columns.tag_length = Some(OWN_TAG_LENGTH);
            // Another file may state the title of a translation.
            if of == BlogTable::Post {
                columns.required = [Field::Title].into_iter().collect();
            }
            return columns;
        };
        let constraints = match of {
            BlogTable::Translation => Constraints::new(catalog, target.map),
            _ => Constraints::new(catalog, &target.map.without_translations()),
        };
        columns.tag_length = constraints.tag().map(|(length, _)| length);
        // A sync fills it in, and a copy does not.
        if column(Field::CreatedAt).is_some_and(|column| column.is_required) {
            columns.required = [Field::CreatedAt].into_iter().collect();
        }
        for field in columns.compared.fields() {
            let Some(constraint) = constraints.field(field) else {
                continue;
            };
            columns
                .lengths
                .extend(constraint.length.map(|length| (field, length)));
            columns
                .labels
                .extend(constraint.labels.clone().map(|labels| (field, labels)));
            if constraint.is_required && !columns.filled.contains(field) {
                columns.required = columns.required | [field].into_iter().collect();
            }
        }
        columns
    }

    /// Returns the fields that an update writes.
    pub fn written(&self) -> FieldSet {
        self.written
    }

    /// Returns true if the target stores one of these fields and the source does not.
    pub fn lack(&self, fields: FieldSet) -> bool {
        fields.fields().any(|field| self.lacking.contains(field))
    }

    /// Returns what keeps a post of the source from being copied.
    pub fn problems(&self, row: &StoredPost, body: Option<&str>) -> Vec<Problem> {
        let problem = |column: &str, reason: String| Problem {
            id: TextId {
                post: row.id,
                locale: row.locale,
            },
            column: column.to_owned(),
            reason,
        };
        let unreadable = |one: &Unreadable| problem(one.column, one.reason.clone());
        let mut problems: Vec<Problem> = row.unreadable.iter().map(unreadable).collect();
        let is_unreadable = |field: Field| Unreadable::has(&row.unreadable, field.name());
        let fields = self.compared.fields();
        for field in fields.filter(|field| !is_unreadable(*field)) {
            let reason = self.refusal(field, row.get(field));
            problems.extend(reason.map(|reason| problem(field.name(), reason)));
        }
        let has_nul = self.has_body && body.is_some_and(|body| body.contains('\0'));
        if self.refuses_nul && has_nul {
            problems.push(problem(CONTENT, HAS_NUL.to_owned()));
        }
        problems
    }

    /// Returns the reason why the target cannot hold a value.
    fn refusal(&self, field: Field, value: Value<'_>) -> Option<String> {
        let limit = |(other, length): &(Field, usize)| (*other == field).then_some(*length);
        let length = self.lengths.iter().find_map(limit);
        match value {
            Value::Text(None) | Value::Integer(None) | Value::Time(None) => {
                let is_missing = self.required.contains(field);
                is_missing.then(|| "is NULL, and the target needs a value".to_owned())
            }
            Value::Text(Some(text)) => {
                let labels = self.labels.iter().find(|(other, _)| *other == field);
                if labels.is_some_and(|(_, labels)| !labels.iter().any(|label| label == text)) {
                    return Some("is none of the values that the target has".to_owned());
                }
                self.text_refusal(text, length)
            }
            Value::Names(names) => {
                let mut names = names.iter();
                names.find_map(|name| {
                    let reason = self.text_refusal(name, self.tag_length)?;
                    Some(format!("hold a name that {reason}"))
                })
            }
            // JSON has the character only as an escape, which Postgres refuses, too.
            Value::Json(extra) if self.refuses_nul && extra.to_text().contains("\\u0000") => {
                Some(HAS_NUL.to_owned())
            }
            Value::Integer(Some(_)) | Value::Time(Some(_)) | Value::Json(_) => None,
        }
    }

    fn text_refusal(&self, text: &str, length: Option<usize>) -> Option<String> {
        if self.refuses_nul && text.contains('\0') {
            return Some(HAS_NUL.to_owned());
        }
        let length = length?;
        // A text has at least as many bytes as characters.
        let is_long = text.len() > length && text.chars().count() > length;
        is_long.then(|| format!("is longer than the {length} characters of the target"))
    }

    /// Returns whether a value of the target is the source's, as far as its column can hold it.
    fn is_same(&self, field: Field, source: Value<'_>, target: Value<'_>) -> bool {
        match (source, target) {
            (source, target) if source == target => true,
            (Value::Text(None), Value::Text(Some(_)))
            | (Value::Integer(None), Value::Integer(Some(_)))
            | (Value::Time(None), Value::Time(Some(_))) => self.filled.contains(field),
            (Value::Json(extra), Value::Json(_)) if extra.is_empty() => self.filled.contains(field),
            (Value::Time(Some(source)), Value::Time(Some(target))) => {
                let digits = |(other, digits): &(Field, u32)| (*other == field).then_some(*digits);
                let digits = self.precisions.iter().find_map(digits);
                digits.is_some_and(|digits| is_rounded(source, target, digits))
            }
            _ => false,
        }
    }
}

const HAS_NUL: &str = "has the character NUL, which Postgres does not store";

/// Returns whether a column gets a value where none is given.
fn is_filled(field: Field, column: &Column) -> bool {
    // A sync and a copy give it the time of writing.
    let is_time = field == Field::UpdatedAt && column.is_required;
    is_time || field != Field::CreatedAt && field != Field::UpdatedAt && column.default.is_some()
}

/// Returns whether one of two times is the other at a precision of so many digits of a second,
/// rounded either way where it lies in the middle.
fn is_rounded(one: Timestamp, other: Timestamp, digits: u32) -> bool {
    let step = 10_i128.pow(9 - digits.min(MOST_DIGITS));
    let (one, other) = (one.as_nanosecond(), other.as_nanosecond());
    let is_whole = one % step == 0 || other % step == 0;
    is_whole && (one - other).abs() * 2 <= step
}

/// Returns the names of the fields in which a row of the target is not as that of the source. The
/// bodies are compared if both are given; an empty one and none are the same.
pub fn differences(
    columns: &Columns,
    source: (&StoredPost, Option<&str>),
    target: (&StoredPost, Option<&str>),
) -> Vec<&'static str> {
    let (row, body) = source;
    let (other, other_body) = target;
    let is_unreadable = |field: Field| Unreadable::has(&other.unreadable, field.name());
    let differs = |field: &Field| {
        is_unreadable(*field) || !columns.is_same(*field, row.get(*field), other.get(*field))
    };
    let mut fields: Vec<_> = columns
        .compared
        .fields()
        .filter(differs)
        .map(Field::name)
        .collect();
    let is_same_body = body.unwrap_or_default() == other_body.unwrap_or_default();
    let differs = !is_same_body || Unreadable::has(&other.unreadable, CONTENT);
    if columns.has_body && differs {
        fields.push(CONTENT);
    }
    fields
}

/// A value of the source that cannot be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The post, or its text.
    pub id: TextId,
    /// The column's name as the output has it.
    pub column: String,
    /// The problem, as the end of a sentence that begins with the column.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, column, reason } = self;
        write!(f, "post {id}: {column} {reason}")
    }
}
