//! The values that a sync gives to columns.

use super::Renderer;
use crate::post::{Field, Kind};
use crate::store::postgres::table_map::{literal, quoted};
use crate::tables::{BlogTable, FixedValue, column_fields};

impl<'m> Renderer<'m> {
    /// Returns the fields that are written, and their columns. The database computes the others.
    pub(super) fn written(self) -> impl Iterator<Item = (Field, String)> {
        let is_computed = move |field| {
            self.described(field)
                .is_some_and(|column| column.is_generated)
        };
        column_fields()
            .filter(move |field| !is_computed(*field))
            .filter_map(move |field| Some((field, self.column(field)?)))
    }

    /// Returns the fixed values of the table's columns.
    pub(super) fn values(self) -> &'m [FixedValue] {
        match self.of {
            BlogTable::Post => self.map.values(),
            _ => &[],
        }
    }

    /// Renders the assignments of an UPDATE; that of the key to itself where there is no other.
    pub(super) fn set(self) -> String {
        let content = self.digested_column("content");
        let content = content.map(|column| format!("{column} = i.content"));
        let fields = self.written();
        let fields =
            fields.map(|(field, column)| format!("{column} = {}", self.updated(field, &column)));
        // A value that is the same for each post may have been changed since by others.
        let values = self.values().iter().enumerate();
        let values = values.filter(|(_, value)| value.template().is_per_post());
        let values = values
            .map(|(number, value)| format!("{} = {}", quoted(value.column()), self.fixed(number)));
        let mut all: Vec<String> = content.into_iter().chain(fields).chain(values).collect();
        if all.is_empty() {
            let key = match self.of {
                BlogTable::Translation => "post_id",
                _ => "id",
            };
            let key = self.digested_column(key);
            all.extend(key.map(|key| format!("{key} = p.{key}")));
        }
        all.join(", ")
    }

    /// Returns the fixed value of a column, in the column's type.
    pub(super) fn fixed(self, number: usize) -> String {
        let name = self.values()[number].column().as_str();
        match self.table.and_then(|table| table.column(name)) {
            Some(column) => format!("i.value_{number}::{}", column.type_sql),
            None => format!("i.value_{number}"),
        }
    }

    /// Returns the value of a field in the type of its column. A text does not become the label
    /// of an enum by itself.
    pub(super) fn given(self, field: Field) -> String {
        let name = field.name();
        match (self.described(field), field.kind()) {
            (Some(column), _) if column.category == "E" => format!("i.{name}::{}", column.type_sql),
            (_, Kind::Json) => format!("i.{name}::jsonb"),
            _ => format!("i.{name}"),
        }
    }

    /// Returns the value of a field in a new row.
    pub(super) fn inserted(self, field: Field) -> String {
        let given = self.given(field);
        let column = self.described(field);
        match field {
            // $8 replaces an absent time.
            Field::CreatedAt => format!("coalesce({given}, $8)"),
            Field::UpdatedAt if column.is_some_and(|column| column.is_required) => {
                format!("coalesce({given}, i.created_at, $8)")
            }
            Field::UpdatedAt => {
                format!(
                    "CASE WHEN {given} IS NULL AND i.created_at IS NULL THEN $8 ELSE {given} END"
                )
            }
            _ => match column.and_then(|column| column.default.as_deref()) {
                Some(default) => format!("coalesce({given}, {default})"),
                None => given,
            },
        }
    }

    /// Returns the value of a field in a row that is updated.
    pub(super) fn updated(self, field: Field, column: &str) -> String {
        let value = match field {
            // The first sync's time stays where the file states none.
            Field::CreatedAt if !self.absent_values => {
                format!("coalesce({}, p.{column}, $8)", self.given(field))
            }
            field => self.inserted(field),
        };
        let left = match field {
            // It follows each change of a post whose file states no time.
            Field::UpdatedAt if !self.absent_values => {
                format!("CASE WHEN i.created_at IS NULL THEN $8 ELSE p.{column} END")
            }
            _ => format!("p.{column}"),
        };
        // What the file does not state, and did not, is not blogctl's.
        let name = literal(field.name());
        format!("CASE WHEN {name} = ANY (i.managed) THEN {value} ELSE {left} END")
    }
}
