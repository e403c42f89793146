//! The section `[tables]`: the names of tables that another program made.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use toml::{Spanned, Value};

use super::quotable;
use super::wrong::Wrong;
use crate::locale::Locales;
use crate::tables::{BlogTable, FixedValue, Identifier, MapError, TableMap, TableName, Template};

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tables {
    tags: Option<Spanned<bool>>,
    post: Option<PostTable>,
    tag: Option<Table>,
    post_tag: Option<Table>,
    translation: Option<Spanned<Table>>,
}

type Columns = BTreeMap<Spanned<String>, Spanned<Value>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PostTable {
    name: Option<Spanned<String>>,
    columns: Option<Columns>,
    values: Option<Columns>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    name: Option<Spanned<String>>,
    columns: Option<Columns>,
}

type Result<T> = std::result::Result<T, Wrong>;

impl Tables {
    /// Makes the table map that the section describes, for a blog with or without `[locales]`.
    pub(super) fn into_map(self, locales: Option<&Locales>) -> Result<TableMap> {
        let mut map = TableMap::adopted();
        match (&self.translation, locales) {
            (Some(_), Some(locales)) => map.with_translations(locales.clone()),
            (Some(table), None) => {
                return Err(Wrong {
                    span: table.span(),
                    message: "a table of translations is named, and no locales are".to_owned(),
                    help: "add the section [locales] with `default = \"...\"`, or remove this one"
                        .to_owned(),
                });
            }
            (None, _) => {}
        }
        let tags = self.tags.as_ref().map(Spanned::span).unwrap_or_default();
        if let Some(stores_tags) = &self.tags {
            if *stores_tags.get_ref() {
                return Err(Wrong {
                    span: tags,
                    message: "`tags` can be nothing but false".to_owned(),
                    help: "name the tables of tags in [tables.tag] and [tables.post_tag]"
                        .to_owned(),
                });
            }
            if self.tag.is_some() || self.post_tag.is_some() {
                return Err(Wrong {
                    span: tags,
                    message: "`tags` is false, and a table of tags is named".to_owned(),
                    help: "remove either".to_owned(),
                });
            }
            map.without_tags();
        }
        let mut end = tags;
        if let Some(post) = self.post {
            end = name(&mut map, BlogTable::Post, post.name)?.unwrap_or(end);
            columns(&mut map, BlogTable::Post, post.columns)?;
            values(&mut map, post.values)?;
        }
        for (table, given) in [
            (BlogTable::Tag, self.tag),
            (BlogTable::PostTag, self.post_tag),
            (
                BlogTable::Translation,
                self.translation.map(Spanned::into_inner),
            ),
        ] {
            if let Some(given) = given {
                end = name(&mut map, table, given.name)?.unwrap_or(end);
                columns(&mut map, table, given.columns)?;
            }
        }
        map.check().map_err(|error| Wrong {
            span: end,
            message: error.to_string(),
            help: match error {
                MapError::Required(_) => {
                    "name its column in [tables.post] or in [tables.translation]".to_owned()
                }
                _ => "give each column one purpose; `false` leaves one out".to_owned(),
            },
        })?;
        Ok(map)
    }
}

/// Sets the name of a table; returns its place.
fn name(
    map: &mut TableMap,
    table: BlogTable,
    name: Option<Spanned<String>>,
) -> Result<Option<Range<usize>>> {
    let Some(name) = name else { return Ok(None) };
    let span = name.span();
    let parsed = TableName::parse(name.get_ref()).map_err(|error| Wrong {
        span: span.clone(),
        message: format!("`name` {error}"),
        help: "write the table as it is spelled in the database: \"Post\" or \"blog.Post\""
            .to_owned(),
    })?;
    map.set_table(table, parsed);
    Ok(Some(span))
}

fn columns(map: &mut TableMap, table: BlogTable, columns: Option<Columns>) -> Result<()> {
    for (key, given) in columns.unwrap_or_default() {
        let span = given.span();
        let wrong = |message: String| Wrong {
            span: span.clone(),
            message,
            help: "write the column's name, or `false` for one that the table does not have"
                .to_owned(),
        };
        let shown = quotable(key.get_ref()).unwrap_or("...");
        let column = match given.get_ref() {
            Value::String(name) => Some(
                Identifier::new(name.as_str())
                    .map_err(|error| wrong(format!("the name of the column `{shown}` {error}")))?,
            ),
            Value::Boolean(false) => None,
            _ => return Err(wrong(format!("the column `{shown}` has no name"))),
        };
        map.set_column(table, key.get_ref(), column)
            .map_err(|error| Wrong {
                span: key.span(),
                help: match &error {
                    MapError::UnknownColumn(_) => {
                        let keys = table.columns();
                        let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
                        format!("the columns of `{}` are {}", table.key(), keys.join(", "))
                    }
                    MapError::Required(_) | MapError::Twice(_) => {
                        "write the name of the column that holds it".to_owned()
                    }
                },
                message: match &error {
                    MapError::UnknownColumn(_) => format!("unknown column `{shown}`"),
                    other => other.to_string(),
                },
            })?;
    }
    Ok(())
}

fn values(map: &mut TableMap, values: Option<Columns>) -> Result<()> {
    for (column, given) in values.unwrap_or_default() {
        let shown = quotable(column.get_ref()).unwrap_or("...");
        let wrong = |span: Range<usize>, message: String| Wrong {
            span,
            message,
            help: "write a text, a number, a time, true or false; {slug}, {id} and {path} in a \
                   text are those of the post"
                .to_owned(),
        };
        let name = Identifier::new(column.get_ref().as_str()).map_err(|error| {
            wrong(
                column.span(),
                format!("the name of the column `{shown}` {error}"),
            )
        })?;
        let template = match given.get_ref() {
            Value::String(text) => Template::parse(text)
                .map_err(|error| wrong(given.span(), format!("the value of `{shown}`: {error}")))?,
            Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {
                // None of these has a brace in it.
                Template::literal(given.get_ref().to_string())
            }
            Value::Array(_) | Value::Table(_) => {
                let message = format!("the value of `{shown}` is a list or a table");
                return Err(wrong(given.span(), message));
            }
        };
        map.add_value(FixedValue::new(name, template));
    }
    Ok(())
}
