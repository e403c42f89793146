//! The table map in SQL.
//!
//! A statement is a template that names tables and columns by placeholders, such as `{post}` and
//! `{post.title}`; see [`template`](super::template). Names reach a statement through an
//! [`Identifier`] alone, which is quoted here. Values are never part of a statement.

use crate::post::{Field, Kind};
use crate::tables::{BlogTable, Identifier, TableMap, TableName};

/// Returns a name as a statement has it: in quotes, unless it is one of blogctl's own, none of
/// which needs them.
pub fn quoted(name: &Identifier) -> String {
    let name = name.as_str();
    if is_own(name) {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Returns a table as a statement has it, with its schema.
pub fn table(name: &TableName) -> String {
    format!("{}.{}", quoted(&name.schema), quoted(&name.name))
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

/// Returns the type of the columns that hold fields of a kind in blogctl's own tables; `None` for
/// those that tables of their own hold.
pub const fn column_type(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Text => Some("text"),
        Kind::Integer => Some("integer"),
        Kind::Time => Some("timestamp with time zone"),
        Kind::Json => Some("jsonb"),
        Kind::Names => None,
    }
}

/// Returns the type that a column of blogctl's own tables has.
fn own_type(table: BlogTable, key: &str) -> Option<&'static str> {
    match (table, key) {
        (BlogTable::Post, "id") | (BlogTable::PostTag, _) | (BlogTable::Tag, "id") => {
            Some("integer")
        }
        (BlogTable::Translation, "post_id") => Some("integer"),
        (BlogTable::Translation, "locale") => Some("text"),
        (BlogTable::Post | BlogTable::Translation, "content") | (BlogTable::Tag, _) => Some("text"),
        (BlogTable::Post | BlogTable::Translation, key) => {
            let field = Field::ALL.into_iter().find(|field| field.name() == key)?;
            column_type(field.kind())
        }
    }
}

fn is_own(name: &str) -> bool {
    ["public", "post_translation"].contains(&name)
        || BlogTable::ALL
            .into_iter()
            .any(|table| table.key() == name || table.columns().contains(&name))
}

/// Returns the SQL of a placeholder: a table (`post`), a column (`post.id`), or
/// either as a literal for functions that take a name as text (`'post'`, `'post.id'`). A column
/// that is left out is NULL.
pub fn resolve(map: &TableMap, placeholder: &str) -> Option<String> {
    let inner = placeholder
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''));
    let (key, column) = match inner.unwrap_or(placeholder).split_once('.') {
        Some((table, column)) => (table, Some(column)),
        None => (inner.unwrap_or(placeholder), None),
    };
    let of = BlogTable::ALL
        .into_iter()
        .find(|table| table.key() == key)?;
    let mapped = map.table(of);
    let Some(column) = column else {
        let sql = table(mapped.name());
        return Some(inner.map_or_else(|| sql.clone(), |_| literal(&sql)));
    };
    if !of.columns().contains(&column) {
        return None;
    }
    Some(match (inner, mapped.column(column)) {
        (Some(_), Some(name)) => literal(name.as_str()),
        (None, Some(name)) => quoted(name),
        (_, None) => "NULL".to_owned(),
    })
}

/// Returns the columns that statements need, as rows of `VALUES`: the schema, the table, the
/// column, the type that blogctl's own have.
pub fn needed_columns(map: &TableMap) -> String {
    let rows = map.tables().flat_map(|mapped| {
        let name = mapped.name();
        mapped.columns().filter_map(move |(key, column)| {
            Some(format!(
                "({}, {}, {}, {})",
                literal(name.schema.as_str()),
                literal(name.name.as_str()),
                literal(column.as_str()),
                literal(own_type(mapped.table(), key)?)
            ))
        })
    });
    rows.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(post: &str, title: &str) -> TableMap {
        let mut map = TableMap::adopted();
        let name = |name: &str| Identifier::new(name).unwrap();
        map.set_table(
            BlogTable::Post,
            TableName {
                schema: name("My Blog"),
                name: name(post),
            },
        );
        let title = Some(name(title));
        map.set_column(BlogTable::Post, "title", title).unwrap();
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
            assert_eq!(resolve(&map, placeholder).as_deref(), Some(sql));
        }
    }

    #[test]
    fn every_name_of_anothers_is_quoted() {
        let map = mapped("Post", "say \"hi\"; DROP TABLE x");
        assert_eq!(resolve(&map, "post").unwrap(), r#""My Blog"."Post""#);
        assert_eq!(
            resolve(&map, "post.title").unwrap(),
            r#""say ""hi""; DROP TABLE x""#
        );
        assert_eq!(resolve(&map, "'post'").unwrap(), r#"'"My Blog"."Post"'"#);
    }

    #[test]
    fn a_quote_in_a_name_ends_no_literal() {
        let map = mapped("it's", r"a\'b");
        assert_eq!(resolve(&map, "'post'").unwrap(), r#"'"My Blog"."it''s"'"#);
        assert_eq!(resolve(&map, "'post.title'").unwrap(), r"E'a\\''b'");
    }

    #[test]
    fn unknown_placeholders_stand_for_nothing() {
        let map = TableMap::default();
        for unknown in ["posts", "post.body", "post.", "'post", "post.tags", ""] {
            assert_eq!(resolve(&map, unknown), None, "{unknown}");
        }
    }

    #[test]
    fn every_column_of_own_tables_has_a_type() {
        for table in BlogTable::ALL {
            for key in table.columns() {
                assert!(own_type(table, key).is_some(), "{key}");
            }
        }
    }
}
