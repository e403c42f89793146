//! Findings about the tables that the table map names.

use super::{quoted, values};
use crate::catalog::{Catalog, Column, Table};
use crate::finding::CheckFinding;
use crate::post::{Field, Kind};
use crate::tables::{BlogTable, MappedTable, TableMap};

/// Judges every table of the map.
pub(super) fn judge(catalog: &Catalog, map: &TableMap) -> Vec<CheckFinding> {
    let mut found = Vec::new();
    for mapped in map.tables() {
        match catalog.table(mapped.name()) {
            None => found.push(missing(mapped, map)),
            Some(table) => found.extend(Judge { mapped, table, map }.judge(catalog)),
        }
    }
    found
}

fn missing(mapped: &MappedTable, map: &TableMap) -> CheckFinding {
    let message = format!("the table {} is missing", mapped.name());
    let help = if !map.is_adopted() {
        "rename it back, or run `blogctl schema apply` to make it again".to_owned()
    } else {
        let key = mapped.table().key();
        let without = match mapped.table() {
            BlogTable::Post => "",
            BlogTable::Tag | BlogTable::PostTag => {
                ", or write `tags = false` in [tables] if tags are not stored"
            }
            BlogTable::Translation => ", or remove [locales] if there is one text of each post",
        };
        format!("correct `name` in [tables.{key}] of blogctl.toml{without}")
    };
    CheckFinding::error("tables", message).help(help)
}

/// One table of the map, and what the database says of it.
struct Judge<'a> {
    mapped: &'a MappedTable,
    table: &'a Table,
    map: &'a TableMap,
}

impl Judge<'_> {
    fn judge(&self, catalog: &Catalog) -> Vec<CheckFinding> {
        let name = self.mapped.name();
        let role = quoted(&catalog.server.role);
        if !matches!(self.table.kind.as_str(), "r" | "p") {
            let message = format!("{name} is not a table");
            return vec![CheckFinding::error("tables", message).help(
                "name the table that holds the rows: views and foreign tables cannot be locked \
                 against other writers",
            )];
        }
        if !self.table.is_reachable {
            let schema = quoted(&self.table.schema);
            let message = format!("this role may not use the schema {schema}");
            let grant = format!("GRANT USAGE ON SCHEMA {schema} TO {role}");
            return vec![CheckFinding::error("permissions", message).help(grant)];
        }
        let mut found = Vec::new();
        for (key, column) in self.mapped.columns() {
            match self.table.column(column.as_str()) {
                None => found.push(self.missing_column(key, column.as_str())),
                Some(column) => found.extend(self.wrong_type(key, column)),
            }
        }
        found.extend(self.computed());
        found.extend(self.values());
        found.extend(self.labels());
        found.extend(self.required());
        found.extend(self.unique());
        found.extend(self.permissions(&role));
        if self.table.has_row_security {
            let message = format!("row-level security decides which rows of {name} this role sees");
            found.push(CheckFinding::error("row-security", message).help(format!(
                "ALTER ROLE {role} BYPASSRLS, or connect as the owner of the table"
            )));
        }
        if !self.table.triggers.is_empty() {
            let message = format!(
                "triggers of {name} run before rows are written: {}; one that skips a row makes \
                 a sync fail",
                self.table.triggers.join(", ")
            );
            found.push(CheckFinding::hint("tables", message));
        }
        if !self.table.rules.is_empty() {
            let message = format!(
                "rules of {name} change how rows are written: {}",
                self.table.rules.join(", ")
            );
            found.push(CheckFinding::error("tables", message).help(format!(
                "DROP RULE {} ON {name}; a trigger can do the same",
                quoted(&self.table.rules[0])
            )));
        }
        found
    }

    /// Finds columns that the database computes and that posts have to be written to.
    fn computed(&self) -> impl Iterator<Item = CheckFinding> {
        let columns = self.mapped.columns().filter_map(|(key, name)| {
            let column = self.table.column(name.as_str())?;
            let is_written = self.mapped.table().requires(key);
            (column.is_generated && is_written).then_some(column)
        });
        columns.map(|column| {
            let message = format!("{} is computed by the database", self.named(&column.name));
            CheckFinding::error("columns", message)
                .help("name another column or table in [tables] of blogctl.toml")
        })
    }

    fn named(&self, column: &str) -> String {
        format!("{}.{column}", self.mapped.name())
    }

    fn missing_column(&self, key: &str, column: &str) -> CheckFinding {
        let of = self.mapped.table();
        let message = format!("the column {} is missing", self.named(column));
        if !self.map.is_adopted() {
            return CheckFinding::error("columns", message)
                .help("rename it back, or run `blogctl schema apply` to make it again");
        }
        let mut help = format!(
            "in blogctl.toml, write the name of the column that holds it: [tables.{}.columns] \
             {key} = \"...\"",
            of.key()
        );
        if !of.requires(key) {
            help.push_str(&format!("; or {key} = false if it is not stored"));
        }
        CheckFinding::error("columns", message).help(help)
    }

    fn wrong_type(&self, key: &str, column: &Column) -> Option<CheckFinding> {
        let wanted = wanted(self.mapped.table(), key)?;
        if wanted.accepts(column) {
            return None;
        }
        let message = format!(
            "{} is of type {}, and blogctl needs {}",
            self.named(&column.name),
            column.type_name,
            wanted.words()
        );
        let key = match self.mapped.table().requires(key) {
            true => "name another column or table in [tables] of blogctl.toml".to_owned(),
            false => format!(
                "name another column in [tables.{}.columns] of blogctl.toml, or write {key} = \
                 false there if it is not to be stored",
                self.mapped.table().key()
            ),
        };
        Some(CheckFinding::error("columns", message).help(key))
    }

    /// Judges the columns with fixed values.
    fn values(&self) -> Vec<CheckFinding> {
        if self.mapped.table() != BlogTable::Post {
            return Vec::new();
        }
        let mut found = Vec::new();
        for value in self.map.values() {
            let name = value.column().as_str();
            let problem = match self.table.column(name) {
                None => format!("the column {} is missing", self.named(name)),
                Some(column) if column.is_generated => {
                    format!("{} is computed by the database", self.named(name))
                }
                Some(_) if value.template().is_per_post() => continue,
                Some(column) => {
                    let text = value.template().constant();
                    match values::problem(column, &text) {
                        Some(problem) => format!("{} {problem}", self.named(name)),
                        None => continue,
                    }
                }
            };
            found.push(
                CheckFinding::error("columns", problem)
                    .help("correct [tables.post.values] in blogctl.toml"),
            );
        }
        found
    }

    /// Finds locales that the type of their column does not have.
    fn labels(&self) -> Vec<CheckFinding> {
        let of = self.mapped.table();
        let Some(locales) = self.map.locales().filter(|_| of == BlogTable::Translation) else {
            return Vec::new();
        };
        let column = self.mapped.column("locale");
        let Some(column) = column.and_then(|column| self.table.column(column.as_str())) else {
            return Vec::new();
        };
        let is_enum = column.category == "E";
        let is_label = |name: &str| column.labels.iter().any(|label| label == name);
        let missing = locales.all().iter().filter(|one| !is_label(one.as_str()));
        let missing = missing.filter(|_| is_enum);
        missing
            .map(|locale| {
                let message = format!("{} has no label {locale:?}", self.named(&column.name));
                let labels: Vec<String> = column.labels.iter().map(|l| format!("{l:?}")).collect();
                CheckFinding::error("columns", message).help(format!(
                    "write a locale in [locales] of blogctl.toml as it is in the database: {}",
                    labels.join(", ")
                ))
            })
            .collect()
    }

    /// Finds columns that need a value and get none.
    fn required(&self) -> Vec<CheckFinding> {
        let is_filled = |column: &Column| {
            let name = column.name.as_str();
            let fixed = self.mapped.table() == BlogTable::Post
                && self
                    .map
                    .values()
                    .iter()
                    .any(|value| value.column().as_str() == name);
            let mapped = self
                .mapped
                .columns()
                .any(|(_, mapped)| mapped.as_str() == name);
            fixed || mapped || column.default.is_some() || column.is_identity || column.is_generated
        };
        let empty = self
            .table
            .columns
            .iter()
            .filter(|column| column.is_required);
        let mut found: Vec<CheckFinding> = empty
            .filter(|column| !is_filled(column))
            .map(|column| {
                let message = format!(
                    "{} needs a value, and blogctl has none for it",
                    self.named(&column.name)
                );
                let help = match self.mapped.table() {
                    BlogTable::Post => format!(
                        "give it one in blogctl.toml: [tables.post.values] {} = \"...\"",
                        quoted(&column.name)
                    ),
                    BlogTable::Tag | BlogTable::PostTag | BlogTable::Translation => format!(
                        "ALTER TABLE {} ALTER COLUMN {} SET DEFAULT ...",
                        self.mapped.name(),
                        quoted(&column.name)
                    ),
                };
                CheckFinding::error("required-column", message).help(help)
            })
            .collect();
        if self.mapped.table() == BlogTable::Tag
            && let Some(id) = self.mapped.column("id")
            && let Some(column) = self.table.column(id.as_str())
            && !column.is_identity
            && column.default.is_none()
        {
            let message = format!("{} has no default", self.named(id.as_str()));
            let help = format!(
                "ALTER TABLE {} ALTER COLUMN {} ADD GENERATED BY DEFAULT AS IDENTITY",
                self.mapped.name(),
                quoted(id.as_str())
            );
            found.push(CheckFinding::error("required-column", message).help(help));
        }
        found
    }

    /// Judges the keys that tell rows apart.
    fn unique(&self) -> Option<CheckFinding> {
        let keys: &[&[&str]] = match self.mapped.table() {
            BlogTable::Post => &[&["id"]],
            BlogTable::Tag => &[&["id"], &["name"]],
            BlogTable::PostTag => &[&["post_id", "tag_id"]],
            BlogTable::Translation => &[&["post_id", "locale"]],
        };
        let name = self.mapped.name();
        keys.iter().find_map(|key| {
            let columns: Vec<&str> = key
                .iter()
                .map(|key| self.mapped.column(key).map(|column| column.as_str()))
                .collect::<Option<_>>()?;
            let exist = columns
                .iter()
                .all(|column| self.table.column(column).is_some());
            if !exist || self.table.is_unique(&columns) {
                return None;
            }
            let listed: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
            let listed = listed.join(", ");
            let message = format!("no unique index covers ({listed}) of {name}");
            let help = format!("CREATE UNIQUE INDEX CONCURRENTLY ON {name} ({listed})");
            Some(CheckFinding::error("unique-key", message).help(help))
        })
    }

    /// Judges the permissions of the role, column by column.
    fn permissions(&self, role: &str) -> Option<CheckFinding> {
        let name = self.mapped.name();
        let of = self.mapped.table();
        let columns: Vec<(&str, &Column)> = self
            .mapped
            .columns()
            .filter_map(|(key, column)| Some((key, self.table.column(column.as_str())?)))
            .collect();
        // All of a table's columns are one privilege of the table.
        let lacking = |name: &str, may: fn(&Column) -> bool, needs: Needs| {
            let needed = columns
                .iter()
                .filter(|(key, column)| needs(of, key, column));
            let total = needed.clone().count();
            let lacking: Vec<String> = needed
                .filter(|(_, column)| !may(column))
                .map(|(_, column)| quoted(&column.name))
                .collect();
            match lacking.len() {
                0 => None,
                count if count == total => Some(name.to_owned()),
                _ => Some(format!("{name} ({})", lacking.join(", "))),
            }
        };
        let mut parts: Vec<String> = [
            lacking("SELECT", |column| column.is_readable, |_, _, _| true),
            lacking("INSERT", |column| column.is_insertable, is_inserted),
            lacking("UPDATE", |column| column.is_updatable, is_updated),
        ]
        .into_iter()
        .flatten()
        .collect();
        let has_versions = matches!(of, BlogTable::Post | BlogTable::Translation);
        let reads_versions = !has_versions || self.table.is_versioned;
        if !reads_versions && parts.first().is_none_or(|part| part != "SELECT") {
            parts.push("SELECT (xmin)".to_owned());
        }
        if !self.table.is_deletable {
            parts.push("DELETE".to_owned());
        }
        if parts.is_empty() {
            return None;
        }
        let parts = parts.join(", ");
        let message = format!("this role lacks {parts} on {name}");
        let help = format!("GRANT {parts} ON {name} TO {role}");
        Some(CheckFinding::error("permissions", message).help(help))
    }
}

/// Tells whether a column of a table, by its key, is needed for something.
type Needs = fn(BlogTable, &str, &Column) -> bool;

/// Returns true if new rows are given a value for the column.
fn is_inserted(table: BlogTable, key: &str, column: &Column) -> bool {
    let is_drawn = table == BlogTable::Tag && key == "id";
    !column.is_generated && !is_drawn
}

/// Returns true if rows that are there are given a value for the column.
fn is_updated(table: BlogTable, key: &str, column: &Column) -> bool {
    let is_key = matches!(key, "id" | "post_id" | "locale");
    matches!(table, BlogTable::Post | BlogTable::Translation) && !is_key && !column.is_generated
}

/// The type that a column has to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Key,
    Name,
    Text,
    Label,
    Number,
    Time,
    Json,
}

fn wanted(table: BlogTable, key: &str) -> Option<Wanted> {
    match (table, key) {
        (BlogTable::Post | BlogTable::Tag, "id") | (BlogTable::PostTag, _) => Some(Wanted::Key),
        // Tags that differ in capitals alone are two in files, and one in a `citext`.
        (BlogTable::Tag, _) => Some(Wanted::Name),
        (BlogTable::Translation, "post_id") => Some(Wanted::Key),
        (BlogTable::Translation, "locale") => Some(Wanted::Label),
        (BlogTable::Post | BlogTable::Translation, "content") => Some(Wanted::Text),
        (BlogTable::Post | BlogTable::Translation, key) => {
            let field = Field::ALL.into_iter().find(|field| field.name() == key)?;
            match field.kind() {
                Kind::Text if field == Field::Category => Some(Wanted::Label),
                Kind::Text => Some(Wanted::Text),
                Kind::Integer => Some(Wanted::Number),
                Kind::Time => Some(Wanted::Time),
                Kind::Json => Some(Wanted::Json),
                Kind::Names => None,
            }
        }
    }
}

/// Returns true if a column has a type that blogctl can use for a key of a table.
pub fn fits(table: BlogTable, key: &str, column: &Column) -> bool {
    wanted(table, key).is_some_and(|wanted| wanted.accepts(column))
}

impl Wanted {
    fn accepts(self, column: &Column) -> bool {
        let base = column.base.as_str();
        match self {
            Self::Key => matches!(base, "int4" | "int8"),
            Self::Name => matches!(base, "text" | "varchar"),
            Self::Text => matches!(base, "text" | "varchar" | "citext"),
            // A domain over an enum cannot be compared with itself.
            Self::Label if column.category == "E" => column.type_sql == column.base_sql,
            Self::Label => matches!(base, "text" | "varchar" | "citext"),
            Self::Number => matches!(base, "int2" | "int4" | "int8"),
            Self::Time => matches!(base, "timestamptz" | "timestamp"),
            Self::Json => base == "jsonb",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Key => "integer or bigint",
            Self::Name | Self::Text => "text or varchar",
            Self::Label => "text, varchar, or an enum",
            Self::Number => "smallint, integer or bigint",
            Self::Time => "timestamp, with or without time zone",
            Self::Json => "jsonb",
        }
    }
}
