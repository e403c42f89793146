//! The names of the tables and columns that hold the posts.
//!
//! A statement is a template that names tables and columns by placeholders, such as `{post}` and
//! `{post.title}`; see [`template`](super::template). Names reach a statement through an
//! [`Identifier`] alone, which quotes them. Values are never part of a statement.

use crate::post::{Field, Kind};

/// The most bytes of a name: the server cuts longer ones off.
const MAX_NAME: usize = 63;

/// A valid name of a schema, a table or a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier(String);

/// The reason why a text is not a valid name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// The text is empty.
    #[error("is empty")]
    Empty,
    /// The text is longer than a name may be.
    #[error("is longer than 63 bytes")]
    TooLong,
    /// The text has a character that no name has.
    #[error("has a NUL character")]
    Nul,
}

impl Identifier {
    /// Makes a name of a text as the database has it, without quotes.
    ///
    /// # Errors
    /// [`InvalidName`] if no name in a database is like that.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "all tables have blogctl's names so far")
    )]
    pub fn new(name: impl Into<String>) -> Result<Self, InvalidName> {
        let name = name.into();
        if name.is_empty() {
            Err(InvalidName::Empty)
        } else if name.len() > MAX_NAME {
            Err(InvalidName::TooLong)
        } else if name.contains('\0') {
            Err(InvalidName::Nul)
        } else {
            Ok(Self(name))
        }
    }

    /// Returns the name as a statement has it: in quotes, unless it is one of blogctl's own, none
    /// of which needs them.
    fn to_sql(&self) -> String {
        if is_own(&self.0) {
            return self.0.clone();
        }
        format!("\"{}\"", self.0.replace('"', "\"\""))
    }
}

/// Returns a text as a literal, whatever `standard_conforming_strings` says.
pub fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') {
        format!("E'{}'", quoted.replace('\\', "\\\\"))
    } else {
        format!("'{quoted}'")
    }
}

/// A table of the blog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlogTable {
    /// The posts.
    Post,
    /// The tags.
    Tag,
    /// The links between posts and tags.
    PostTag,
}

impl BlogTable {
    /// Every table, in the order in which they are made.
    pub const ALL: [Self; 3] = [Self::Post, Self::Tag, Self::PostTag];

    /// Returns the table's name in placeholders, which is that of blogctl's own table.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Tag => "tag",
            Self::PostTag => "post_tag",
        }
    }

    /// Returns the columns, each with its name in placeholders and the type that it needs.
    fn columns(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Post => {
                let fields = Field::ALL.into_iter().filter_map(|field| {
                    let needed = column_type(field.kind())?;
                    Some((field.name(), needed))
                });
                [("id", "integer"), ("content", "text")]
                    .into_iter()
                    .chain(fields)
                    .collect()
            }
            Self::Tag => vec![("id", "integer"), ("name", "text")],
            Self::PostTag => vec![("post_id", "integer"), ("tag_id", "integer")],
        }
    }
}

/// Returns the type of the columns that hold fields of a kind; `None` for those that tables of
/// their own hold.
pub const fn column_type(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Text => Some("text"),
        Kind::Integer => Some("integer"),
        Kind::Time => Some("timestamp with time zone"),
        Kind::Json => Some("jsonb"),
        Kind::Names => None,
    }
}

fn is_own(name: &str) -> bool {
    name == "public"
        || BlogTable::ALL.into_iter().any(|table| {
            table.key() == name || table.columns().iter().any(|(column, _)| *column == name)
        })
}

/// A column of the blog's tables.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    key: &'static str,
    name: Identifier,
    needed: &'static str,
}

/// A table and its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
struct MappedTable {
    table: BlogTable,
    schema: Identifier,
    name: Identifier,
    columns: Vec<Column>,
}

impl MappedTable {
    fn own(table: BlogTable) -> Self {
        let own = |name: &str| Identifier(name.to_owned());
        Self {
            table,
            schema: own("public"),
            name: own(table.key()),
            columns: table
                .columns()
                .into_iter()
                .map(|(key, needed)| Column {
                    key,
                    name: own(key),
                    needed,
                })
                .collect(),
        }
    }

    fn to_sql(&self) -> String {
        format!("{}.{}", self.schema.to_sql(), self.name.to_sql())
    }
}

/// The tables and columns that hold the posts, the tags and the links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableMap([MappedTable; 3]);

/// Maps to blogctl's own tables.
impl Default for TableMap {
    fn default() -> Self {
        Self(BlogTable::ALL.map(MappedTable::own))
    }
}

impl TableMap {
    fn of(&self, table: BlogTable) -> &MappedTable {
        &self.0[table as usize]
    }

    /// Returns the SQL that replaces a placeholder: a table (`post`), a column (`post.id`), or
    /// either as a literal for functions that take a name as text (`'post'`, `'post.id'`).
    pub fn resolve(&self, placeholder: &str) -> Option<String> {
        let quoted = placeholder
            .strip_prefix('\'')
            .and_then(|rest| rest.strip_suffix('\''));
        let (table, column) = match quoted.unwrap_or(placeholder).split_once('.') {
            Some((table, column)) => (table, Some(column)),
            None => (quoted.unwrap_or(placeholder), None),
        };
        let table = self.0.iter().find(|mapped| mapped.table.key() == table)?;
        let Some(column) = column else {
            let sql = table.to_sql();
            return Some(quoted.map_or_else(|| sql.clone(), |_| literal(&sql)));
        };
        let column = table.columns.iter().find(|mapped| mapped.key == column)?;
        Some(match quoted {
            Some(_) => literal(&column.name.0),
            None => column.name.to_sql(),
        })
    }

    /// Returns the SQL of the column that holds a field; `None` for a field that is kept in
    /// tables of its own.
    pub fn column(&self, field: Field) -> Option<String> {
        let columns = &self.of(BlogTable::Post).columns;
        let column = columns.iter().find(|column| column.key == field.name())?;
        Some(column.name.to_sql())
    }

    /// Returns the columns that statements need, as rows of `VALUES`: the schema, the table, the
    /// column, the type.
    pub fn needed_columns(&self) -> String {
        let rows = self.0.iter().flat_map(|table| {
            table.columns.iter().map(|column| {
                format!(
                    "({}, {}, {}, {})",
                    literal(&table.schema.0),
                    literal(&table.name.0),
                    literal(&column.name.0),
                    literal(column.needed)
                )
            })
        });
        rows.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(post: &str, title: &str) -> TableMap {
        let mut map = TableMap::default();
        map.0[0].schema = Identifier::new("My Blog").unwrap();
        map.0[0].name = Identifier::new(post).unwrap();
        let title = Identifier::new(title).unwrap();
        let columns = &mut map.0[0].columns;
        columns.iter_mut().find(|c| c.key == "title").unwrap().name = title;
        map
    }

    #[test]
    fn own_tables_need_no_quotes() {
        let map = TableMap::default();
        for (placeholder, sql) in [
            ("post", "public.post"),
            ("post_tag", "public.post_tag"),
            ("post.created_at", "created_at"),
            ("tag.name", "name"),
            ("'post'", "'public.post'"),
            ("'post.id'", "'id'"),
        ] {
            assert_eq!(map.resolve(placeholder).as_deref(), Some(sql));
        }
    }

    #[test]
    fn every_name_of_anothers_is_quoted() {
        let map = mapped("Post", "say \"hi\"; DROP TABLE x");
        assert_eq!(map.resolve("post").unwrap(), r#""My Blog"."Post""#);
        assert_eq!(
            map.resolve("post.title").unwrap(),
            r#""say ""hi""; DROP TABLE x""#
        );
        assert_eq!(map.resolve("'post'").unwrap(), r#"'"My Blog"."Post"'"#);
        assert_eq!(map.column(Field::Title), map.resolve("post.title"));
    }

    #[test]
    fn a_quote_in_a_name_ends_no_literal() {
        let map = mapped("it's", r"a\'b");
        assert_eq!(map.resolve("'post'").unwrap(), r#"'"My Blog"."it''s"'"#);
        assert_eq!(map.resolve("'post.title'").unwrap(), r"E'a\\''b'");
    }

    #[test]
    fn unknown_placeholders_stand_for_nothing() {
        let map = TableMap::default();
        for unknown in ["posts", "post.body", "post.", "'post", "post.tags", ""] {
            assert_eq!(map.resolve(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn names_that_no_database_has_are_refused() {
        assert_eq!(Identifier::new(""), Err(InvalidName::Empty));
        assert_eq!(Identifier::new("a\0b"), Err(InvalidName::Nul));
        assert_eq!(Identifier::new("가".repeat(22)), Err(InvalidName::TooLong));
        assert!(Identifier::new("가".repeat(21)).is_ok());
    }

    #[test]
    fn every_table_is_found_at_its_place() {
        let map = TableMap::default();
        for table in BlogTable::ALL {
            assert_eq!(map.of(table).table, table);
        }
    }
}
