//! The catalog: tables, columns and constraints as a database describes them.
//!
//! A store reads it together with the index, in the same round trip. It is data alone: the
//! [preflight](crate::preflight) compares it with the table map.

use serde::Deserialize;

use crate::tables::TableName;

/// Tables as the database describes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Catalog {
    /// The server.
    pub server: Server,
    /// The tables that were asked for, as far as they exist.
    pub tables: Vec<Table>,
    /// Foreign keys that refer to them, also by way of other tables that cascade.
    pub references: Vec<Reference>,
    /// Names of other tables that look like a table of posts. Only asked for where blogctl has
    /// no tables yet.
    pub lookalikes: Vec<String>,
}

/// A server, and what the role may do there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Server {
    /// The version as a number: 150004.
    pub version: i32,
    /// The encoding of the database's text.
    pub encoding: String,
    /// True if transactions are read-only unless they say otherwise.
    pub is_read_only: bool,
    /// True for a replica.
    pub is_in_recovery: bool,
    /// The role.
    pub role: String,
    /// True if there is a schema `public`.
    pub has_public: bool,
    /// True if there is a schema `blogctl`.
    pub has_blogctl: bool,
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Table {
    /// The schema's name.
    pub schema: String,
    /// The table's name.
    pub name: String,
    /// `r` for a table, `p` for a partitioned one, `v` for a view, and others.
    pub kind: String,
    /// True if the role may use the schema.
    pub is_reachable: bool,
    /// True if policies decide which rows the role sees.
    pub has_row_security: bool,
    /// True if the role may read the versions of rows (`xmin`), which a grant on single columns
    /// does not include.
    pub is_versioned: bool,
    /// True if the role may delete rows.
    pub is_deletable: bool,
    /// The columns, in their order.
    pub columns: Vec<Column>,
    /// The columns of each unique index that covers all rows.
    pub keys: Vec<Vec<String>>,
    /// The CHECK constraints.
    pub checks: Vec<Check>,
    /// The triggers that run before a row is written, and can skip it.
    pub triggers: Vec<String>,
    /// The rules that replace or follow the writing of rows.
    pub rules: Vec<String>,
}

impl Table {
    /// Returns the column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Returns true if a unique index has exactly these columns, in any order.
    pub fn is_unique(&self, columns: &[&str]) -> bool {
        self.keys.iter().any(|key| {
            key.len() == columns.len() && key.iter().all(|name| columns.contains(&name.as_str()))
        })
    }
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Column {
    /// The name.
    pub name: String,
    /// The type as SQL has it, with its schema and without a length: `pg_catalog.varchar`.
    pub type_sql: String,
    /// The type as people know it: `character varying(255)`.
    pub type_name: String,
    /// The name of the type, or for a domain of the type that it is made of.
    pub base: String,
    /// That type as SQL has it, with its schema.
    pub base_sql: String,
    /// The category of that type: `S` text, `E` enum, `N` number, `D` time, and others.
    pub category: String,
    /// The most characters that fit, for a text with a limit.
    pub length: Option<i32>,
    /// The digits of a second that are kept, for a time with a limit: 0 to 6.
    pub precision: Option<i32>,
    /// True if it cannot be NULL.
    pub is_required: bool,
    /// The expression of the default.
    pub default: Option<String>,
    /// True if the server makes the values: an identity, or a sequence behind a default.
    pub is_identity: bool,
    /// True if the column is computed from others.
    pub is_generated: bool,
    /// The labels of an enum, in their order.
    pub labels: Vec<String>,
    /// The CHECK constraints of a domain.
    pub checks: Vec<Check>,
    /// True if the role may read it.
    pub is_readable: bool,
    /// True if the role may write it in new rows.
    pub is_insertable: bool,
    /// True if the role may write it in rows that are there.
    pub is_updatable: bool,
}

/// A CHECK constraint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Check {
    /// The name.
    pub name: String,
    /// The definition as the server prints it: `CHECK ((length(title) > 3))`.
    pub definition: String,
    /// The columns that it looks at; empty for one of a domain.
    #[serde(default)]
    pub columns: Vec<String>,
}

/// A foreign key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Reference {
    /// The schema of the table that refers.
    pub schema: String,
    /// The table that refers.
    pub table: String,
    /// Its columns.
    pub columns: Vec<String>,
    /// The schema of the table that is referred to.
    pub to_schema: String,
    /// The table that is referred to.
    pub to_table: String,
    /// Its columns.
    pub to_columns: Vec<String>,
    /// The effect of deleting a row that is referred to.
    pub on_delete: OnDelete,
    /// True if the role may read the columns that refer.
    pub is_readable: bool,
}

/// The effect of deleting a row that a foreign key refers to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum OnDelete {
    /// The server refuses.
    #[default]
    #[serde(rename = "a", alias = "r")]
    Refuse,
    /// The rows that refer are deleted.
    #[serde(rename = "c")]
    Cascade,
    /// The columns that refer become NULL, or get their default.
    #[serde(rename = "n", alias = "d")]
    Clear,
}

impl OnDelete {
    /// Returns the word that output uses: `refuse`, `delete` or `clear`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Cascade => "delete",
            Self::Clear => "clear",
        }
    }
}

impl Catalog {
    /// Returns the table of this name.
    pub fn table(&self, name: &TableName) -> Option<&Table> {
        let (schema, name) = (name.schema.as_str(), name.name.as_str());
        let is_it = |table: &&Table| table.schema == schema && table.name == name;
        self.tables.iter().find(is_it)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_not_depend_on_the_order_of_their_columns() {
        let table = Table {
            keys: vec![vec!["A".into(), "B".into()]],
            ..Table::default()
        };
        assert!(table.is_unique(&["B", "A"]));
        assert!(!table.is_unique(&["A"]) && !table.is_unique(&["A", "C"]));
    }
}
