//! Refusals of writes: an error of the server as a [`RefusedWrite`].
//!
//! The server names a constraint and a table, seldom a column and never a post. The post is that
//! of the refused statement, if it has one alone, or the one whose id is in the server's detail.
//! The definition of a constraint is read from the catalogs once the transaction has ended.

mod said;

use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join3;
use tokio::time::timeout;
use tokio_postgres::Error;
use tokio_postgres::types::{ToSql, Type};

pub use self::said::Said;
use super::super::connect::AnswerLimit;
use super::super::waiting::Bound;
use super::super::{PostgresStore, decode};
use crate::catalog::{Catalog, Column};
use crate::post::{Field, PostId};
use crate::store::refusal::brief;
use crate::store::{Action, ColumnSource, Reason, RefusedColumn, RefusedWrite, StoreError};
use crate::tables::{BlogTable, FixedValue, TableMap};

/// The code of a text that is no value of a type.
const INVALID_TEXT: &str = "22P02";

/// The time limit for reading what a constraint asks. Without it less is said.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The subject of a statement that writes.
#[derive(Clone, Debug)]
pub struct About {
    /// The action.
    pub action: Action,
    /// The posts.
    pub posts: Rc<[i32]>,
    /// The table that is written.
    pub table: BlogTable,
}

impl About {
    /// Makes the subject of a statement about these posts.
    pub fn posts(action: Action, posts: &[i32]) -> Self {
        Self {
            action,
            posts: posts.into(),
            table: BlogTable::Post,
        }
    }

    /// Makes the subject of a statement that is about no post of its own.
    pub fn no_post(action: Action) -> Self {
        Self {
            action,
            posts: Rc::new([]),
            table: BlogTable::Post,
        }
    }
}

/// The definition of a constraint or a unique index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// The definition of the constraint, as the server prints it.
    pub constraint: Option<String>,
    /// The definition of the index.
    pub index: Option<String>,
    /// The columns.
    pub columns: Vec<String>,
    /// The schema and the name of the table that the named one is a partition of.
    pub root: Option<(String, String)>,
    /// The schema, the name and the columns of the table that a foreign key refers to.
    pub refers_to: Option<(String, String, Vec<String>)>,
}

/// The part of the database's catalogs that a refusal is about, as far as it could be read.
#[derive(Clone, Debug, Default)]
struct Found<'a> {
    definition: Option<Definition>,
    catalog: Option<&'a Catalog>,
}

/// Explains why a write was refused. The transaction has ended.
pub fn explained(store: &PostgresStore, said: &Said, about: &About) -> StoreError {
    let asked = async { timeout(TIMEOUT, find(store, said)).await };
    let bound = Bound::none(AnswerLimit::READ);
    let definition = match store.wait("explain the refusal", bound, asked) {
        Err(interrupted @ StoreError::Interrupted(_)) => return interrupted,
        Ok(Ok(Ok(definition))) => definition,
        _ => None,
    };
    let found = Found {
        definition,
        catalog: store.catalog.as_ref(),
    };
    judge(said, about, &found, store.map())
}

/// Reads the constraint that the server names; `None` if it names no table.
async fn find(
    store: &PostgresStore,
    said: &Said,
) -> std::result::Result<Option<Definition>, Error> {
    const DEFINITION: &str = include_str!("refusal/definition.sql");
    // Of the catalogs nothing is read that has no index.
    const BEGIN: &str = "\
        BEGIN READ ONLY; SET LOCAL statement_timeout = '5s'; SET LOCAL enable_seqscan = off; \
        SET LOCAL jit = off";
    let client = store.client();
    let parameters: [(&(dyn ToSql + Sync), Type); 3] = [
        (&said.schema, Type::NAME),
        (&said.table, Type::NAME),
        (&said.constraint, Type::NAME),
    ];
    let (begun, rows, ended) = join3(
        client.batch_execute(BEGIN),
        client.query_typed(DEFINITION, &parameters),
        client.batch_execute("COMMIT"),
    )
    .await;
    begun?;
    let rows = rows?;
    ended?;
    Ok(rows.first().map(|row| {
        let text = |column| decode::text(row, column);
        let texts = |column: &str| -> Option<Vec<String>> { row.try_get(column).ok() };
        let refers_to = (text("to_schema"), text("to_table"), texts("to_columns"));
        Definition {
            constraint: text("definition"),
            index: text("index_definition"),
            columns: texts("columns").unwrap_or_default(),
            root: text("root_schema").zip(text("root_table")),
            refers_to: match refers_to {
                (Some(schema), Some(table), Some(columns)) => Some((schema, table, columns)),
                _ => None,
            },
        }
    }))
}

/// The kinds of refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Check,
    Unique,
    Exclusion,
    ForeignKey,
    Required,
    Value,
    Raised,
    Policy,
    Permission,
    ReadOnly,
    DiskFull,
}

impl Said {
    /// Returns the kind of the refusal; `None` for an error that is none.
    pub fn kind(&self) -> Option<Kind> {
        // A function may raise an error of any code, but not one that is to be retried.
        let is_raised = self.routine.as_deref() == Some("exec_stmt_raise");
        Some(match self.code.as_str() {
            "40001" | "40P01" => return None,
            _ if is_raised => Kind::Raised,
            "P0001" => Kind::Raised,
            "23514" => Kind::Check,
            "23505" => Kind::Unique,
            "23P01" => Kind::Exclusion,
            "23503" | "23001" => Kind::ForeignKey,
            "23502" => Kind::Required,
            "42501" if self.routine.as_deref() == Some("ExecWithCheckOptions") => Kind::Policy,
            "42501" => Kind::Permission,
            "25006" => Kind::ReadOnly,
            "53100" => Kind::DiskFull,
            // A row of an index that is too long.
            "54000" => Kind::Value,
            code if code.starts_with("22") => Kind::Value,
            _ => return None,
        })
    }
}

/// Judges a refusal: [`StoreError::Stale`] where another program made the same post, tag or link
/// meanwhile.
fn judge(said: &Said, about: &About, found: &Found<'_>, map: &TableMap) -> StoreError {
    let kind = said.kind().unwrap_or(Kind::Value);
    let mut said = said.clone();
    let root = found.definition.as_ref().and_then(|it| it.root.clone());
    if let Some((schema, table)) = root {
        said.schema = Some(schema);
        said.table = Some(table);
    }
    let view = View {
        said: &said,
        about,
        found,
        map,
    };
    if kind == Kind::Unique && view.is_race() {
        return StoreError::Stale;
    }
    StoreError::Refused(Box::new(view.refused(kind)))
}

/// All that is known of a refusal.
struct View<'a> {
    said: &'a Said,
    about: &'a About,
    found: &'a Found<'a>,
    map: &'a TableMap,
}

impl View<'_> {
    fn refused(&self, kind: Kind) -> RefusedWrite {
        let said = self.said;
        let reason = self.reason(kind);
        let is_data = !matches!(kind, Kind::Permission | Kind::ReadOnly | Kind::DiskFull);
        let posts: Vec<PostId> = self
            .about
            .posts
            .iter()
            .filter_map(|id| PostId::new((*id).into()))
            .collect();
        let post = match &posts[..] {
            [only] => Some(*only),
            _ => self.post_in_detail(),
        };
        RefusedWrite {
            post: post.filter(|_| is_data),
            path: None,
            among: match post {
                None if is_data => posts,
                _ => Vec::new(),
            },
            action: self.about.action,
            table: self.table(kind),
            columns: match kind {
                Kind::Raised | Kind::Policy => Vec::new(),
                _ if is_data => self.columns(kind),
                _ => Vec::new(),
            },
            function: said.function(),
            reason,
            hint: match kind {
                Kind::Raised | Kind::DiskFull => said.hint.as_deref().map(brief),
                _ => None,
            },
        }
    }

    fn definition(&self) -> Option<&Definition> {
        self.found.definition.as_ref()
    }

    fn reason(&self, kind: Kind) -> Reason {
        let said = self.said;
        let name = brief(said.constraint.as_deref().unwrap_or_default());
        let constraint = self.definition().and_then(|it| it.constraint.as_deref());
        let words = || brief(&said.message);
        match kind {
            Kind::Check => {
                let domain = said.datatype.as_deref().map(|name| match &said.schema {
                    Some(schema) => brief(&format!("{schema}.{name}")),
                    None => brief(name),
                });
                let of_type = || {
                    let checks = self.of_type().next()?.checks.iter();
                    let mut named =
                        checks.filter(|check| Some(&check.name) == said.constraint.as_ref());
                    Some(named.next()?.definition.as_str())
                };
                let condition = match domain {
                    Some(_) => of_type(),
                    None => constraint,
                };
                Reason::Check {
                    name,
                    domain,
                    condition: condition.map(condition_of),
                }
            }
            Kind::Unique => {
                let index = self.definition().and_then(|it| it.index.as_deref());
                let key = index.and_then(|index| index.split_once(" USING btree "));
                Reason::Unique {
                    name,
                    key: key.map(|(_, key)| brief(key)),
                }
            }
            Kind::Exclusion => Reason::Exclusion {
                name,
                definition: constraint.map(brief),
            },
            Kind::ForeignKey if self.is_referenced() => Reason::Referenced { name },
            Kind::ForeignKey => Reason::NoSuchRow {
                name,
                definition: constraint.map(|definition| {
                    let prefix = "FOREIGN KEY ";
                    brief(definition.strip_prefix(prefix).unwrap_or(definition))
                }),
            },
            Kind::Required => Reason::Required,
            Kind::Value => Reason::Value(words()),
            Kind::Raised => Reason::Raised(words()),
            Kind::Policy => Reason::Policy(words()),
            Kind::Permission => Reason::Permission(words()),
            Kind::ReadOnly => Reason::ReadOnly(words()),
            Kind::DiskFull => Reason::DiskFull(words()),
        }
    }

    /// Returns the table that refuses the row, with its schema.
    fn table(&self, kind: Kind) -> Option<String> {
        if let (Some(schema), Some(table)) = (&self.said.schema, &self.said.table) {
            return Some(brief(&format!("{schema}.{table}")));
        }
        let is_of_row = match kind {
            Kind::Permission | Kind::ReadOnly | Kind::DiskFull => false,
            // Functions of triggers may write to other tables.
            _ => self.about.action != Action::Commit,
        };
        is_of_row.then(|| self.map.table(self.about.table).name().to_string())
    }

    /// Returns the table of the blog that the server names, or that the statement writes to.
    fn blog_table(&self) -> Option<BlogTable> {
        let (Some(schema), Some(table)) = (&self.said.schema, &self.said.table) else {
            return Some(self.about.table);
        };
        BlogTable::ALL
            .into_iter()
            .find(|one| self.is_named(*one, schema, table))
    }

    fn is_named(&self, of: BlogTable, schema: &str, table: &str) -> bool {
        let name = self.map.table(of).name();
        name.schema.as_str() == schema && name.name.as_str() == table
    }

    /// Returns true if a unique index keeps posts, tags, links or blogctl's records apart: another
    /// program made the same one meanwhile. So it is if nothing is known of the index.
    fn is_race(&self) -> bool {
        let of_index = self.definition().filter(|it| it.index.is_some());
        let mut columns: Vec<&str> = match (of_index, self.said.key()) {
            (Some(definition), _) => definition.columns.iter().map(String::as_str).collect(),
            (None, Some(key)) => key.column.split(", ").collect(),
            (None, None) => return true,
        };
        if self.said.schema.as_deref() == Some("blogctl") {
            return true;
        }
        let Some(table) = self.blog_table() else {
            return false;
        };
        let keys: &[&str] = match table {
            BlogTable::Post => &["id"],
            BlogTable::Tag => &["name"],
            BlogTable::PostTag => &["post_id", "tag_id"],
            BlogTable::Translation => &["post_id", "locale"],
        };
        let table = self.map.table(table);
        let keys = keys.iter().filter_map(|key| table.column(key));
        let mut keys: Vec<&str> = keys.map(|key| key.as_str()).collect();
        keys.sort_unstable();
        columns.sort_unstable();
        keys == columns
    }

    /// Returns true if a foreign key of other rows refuses a deletion.
    fn is_referenced(&self) -> bool {
        match self.about.action {
            Action::Write => false,
            Action::Remove => true,
            // The rows that a sync writes are in the tables of the blog.
            Action::Commit => self.blog_table().is_none(),
        }
    }

    /// Returns the post whose id is in the server's detail: `Key (post_id)=(3) is not present`.
    fn post_in_detail(&self) -> Option<PostId> {
        let key = self.said.key()?;
        let post = self.map.table(BlogTable::Post);
        let id = post.column("id")?.as_str();
        let (schema, table) = (self.said.schema.as_deref()?, self.said.table.as_deref()?);
        let is_own_id = self.is_named(BlogTable::Post, schema, table) && key.column == id;
        let refers = || {
            let definition = self.definition()?;
            let (schema, table, to) = definition.refers_to.as_ref()?;
            let refers = self.is_named(BlogTable::Post, schema, table) && to[..] == [id];
            let names = [id, definition.columns.first()?.as_str()];
            Some(refers && names.contains(&key.column))
        };
        (is_own_id || refers() == Some(true))
            .then(|| PostId::new(key.value.parse().ok()?))
            .flatten()
    }

    /// Returns the columns that the refusal names, or that it can be about.
    fn columns(&self, kind: Kind) -> Vec<RefusedColumn> {
        if let Some(column) = &self.said.column {
            return vec![self.column(column)];
        }
        if self.said.datatype.is_some() {
            let names = self.of_type().map(|column| &column.name);
            return names.map(|name| self.column(name)).collect();
        }
        let names: Vec<&String> = match (kind, self.definition()) {
            (Kind::Value, _) => self.of_said_type(),
            (Kind::Unique, Some(definition)) if definition.columns.is_empty() => {
                self.of_expressions()
            }
            (_, Some(definition)) => definition.columns.iter().collect(),
            (_, None) => Vec::new(),
        };
        names.into_iter().map(|name| self.column(name)).collect()
    }

    fn column(&self, name: &str) -> RefusedColumn {
        RefusedColumn {
            name: brief(name),
            source: match self.blog_table() {
                Some(table) => source(self.map, table, name),
                None => ColumnSource::Elsewhere,
            },
        }
    }

    /// Returns the columns of the written table that blogctl fills.
    fn filled(&self) -> impl Iterator<Item = &Column> {
        let table = self.map.table(self.about.table);
        let catalog = self.found.catalog;
        let described = catalog.and_then(|catalog| catalog.table(table.name()));
        let columns = described.map(|table| &table.columns[..]);
        let columns = columns.unwrap_or_default().iter();
        columns.filter(|column| {
            let source = source(self.map, self.about.table, &column.name);
            !column.is_generated && source != ColumnSource::Unfilled
        })
    }

    /// Returns the columns of the domain that the server names.
    fn of_type(&self) -> impl Iterator<Item = &Column> {
        let schema = self.said.schema.as_deref().unwrap_or_default();
        let datatype = self.said.datatype.as_deref().unwrap_or_default();
        let name = format!("{schema}.{datatype}");
        self.filled()
            .filter(move |column| column.type_sql.replace('"', "") == name)
    }

    /// Returns the columns that a unique index is over as parts of expressions.
    fn of_expressions(&self) -> Vec<&String> {
        let index = self.definition().and_then(|it| it.index.as_deref());
        let (_, key) = index
            .and_then(|index| index.split_once(" USING "))
            .unwrap_or_default();
        let (key, _) = key.split_once(" WHERE ").unwrap_or((key, ""));
        let columns = self.filled().map(|column| &column.name);
        columns.filter(|name| has_name(key, name)).collect()
    }

    /// Returns the columns of the type that the server's message ends with.
    fn of_said_type(&self) -> Vec<&String> {
        let is_it = |column: &&Column| {
            // Other values are not read from their text, and all ids fit.
            let is_read = match source(self.map, self.about.table, &column.name) {
                ColumnSource::Id => false,
                ColumnSource::Fixed => true,
                _ => self.said.code != INVALID_TEXT || column.category == "E",
            };
            if !is_read {
                return false;
            }
            let of_length = column
                .length
                .filter(|_| column.base != "bpchar")
                .map(|length| format!("character varying({length})"));
            let mut names = [Some(&column.type_name), of_length.as_ref()]
                .into_iter()
                .flatten();
            names.any(|name| self.said.names_type(name))
        };
        let columns = self.filled().filter(is_it);
        columns.map(|column| &column.name).collect()
    }
}

/// Returns true if an expression has a name in it.
fn has_name(expression: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    expression.match_indices(name).any(|(at, _)| {
        let before = expression[..at].chars().next_back();
        let after = expression[at + name.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(|c| is_part(c) || c == '(')
    })
}

/// Returns the origin of the value of a column.
fn source(map: &TableMap, table: BlogTable, name: &str) -> ColumnSource {
    let mapped = map.table(table);
    let key = mapped
        .columns()
        .find(|(_, column)| column.as_str() == name)
        .map(|(key, _)| key);
    match (table, key) {
        (BlogTable::Post, Some("id")) => ColumnSource::Id,
        (BlogTable::Post, Some("content")) => ColumnSource::Body,
        (BlogTable::Post, Some(key)) => {
            let field = Field::ALL.into_iter().find(|field| field.name() == key);
            field.map_or(ColumnSource::Unfilled, ColumnSource::Field)
        }
        (BlogTable::Post, None) => {
            let mut fixed = map.values().iter().map(FixedValue::column);
            match fixed.any(|column| column.as_str() == name) {
                true => ColumnSource::Fixed,
                false => ColumnSource::Unfilled,
            }
        }
        (BlogTable::Tag, Some("name")) | (BlogTable::PostTag, Some(_)) => {
            ColumnSource::Field(Field::Tags)
        }
        _ => ColumnSource::Elsewhere,
    }
}

/// Returns the condition of a CHECK: `(price > 0)` of `CHECK ((price > 0)) NOT VALID`.
fn condition_of(definition: &str) -> String {
    let inner = definition.strip_prefix("CHECK (");
    let inner = inner.and_then(|rest| rest.rsplit_once(')'));
    brief(inner.map_or(definition, |(condition, _)| condition))
}

/// Returns the refusal that an error is, if it is one.
pub fn said(error: &Error) -> Option<Said> {
    let said = Said::of(error.as_db_error()?);
    said.kind().is_some().then_some(said)
}

#[cfg(test)]
mod tests;
