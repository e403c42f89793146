//! The names that doctor's findings have for the tables and columns of a table map: those of
//! blogctl's own.

use super::super::table_map::quoted;
use crate::tables::{BlogTable, MappedTable, TableMap};

/// Returns the name under which the catalogs have one of blogctl's tables, with its schema.
pub fn found(map: &TableMap, own: &str) -> String {
    match mapped(map, own) {
        Some(table) => format!("{}.{}", table.name().schema, table.name().name),
        None => own.to_owned(),
    }
}

/// Returns blogctl's own name of a table that the catalogs have under this one.
pub fn own(map: &TableMap, name: &str) -> String {
    let is_it = |table: &&MappedTable| found(map, &own_name(table.table())) == name;
    map.tables()
        .find(is_it)
        .map_or_else(|| name.to_owned(), |table| own_name(table.table()))
}

/// Returns the key of an index in blogctl's own names: a column, or the block of an id.
pub fn own_key(map: &TableMap, own_table: &str, key: &str) -> String {
    const BLOCK: &str = " / 4000";
    let Some(table) = mapped(map, own_table) else {
        return unquoted(key).to_owned();
    };
    let (name, block) = match key.strip_suffix(BLOCK) {
        Some(name) => (name, BLOCK),
        None => (key, ""),
    };
    let is_it = |column: &crate::tables::Identifier| {
        // The server puts quotes around any name if it is set to.
        name == quoted(column) || name.trim_matches('"').replace("\"\"", "\"") == column.as_str()
    };
    let column = table.columns().find(|(_, column)| is_it(column));
    column.map_or_else(|| key.to_owned(), |(own, _)| format!("{own}{block}"))
}

/// Takes away the quotes that the server puts around every name if it is set to
/// (`quote_all_identifiers`). Blogctl's own names need none.
fn unquoted(key: &str) -> &str {
    let inner = key.strip_prefix('"').and_then(|key| key.strip_suffix('"'));
    inner.filter(|name| !name.contains('"')).unwrap_or(key)
}

fn own_name(table: BlogTable) -> String {
    format!("public.{}", table.own_name())
}

fn mapped<'m>(map: &'m TableMap, own: &str) -> Option<&'m MappedTable> {
    let tables = BlogTable::ALL.into_iter();
    let table = tables.into_iter().find(|table| own_name(*table) == own)?;
    Some(map.table(table))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::{Identifier, TableName};

    #[test]
    fn names_of_others_are_those_of_blogctl_in_findings() {
        let mut map = TableMap::adopted();
        map.set_table(
            BlogTable::PostTag,
            TableName::parse("blog._PostToTag").unwrap(),
        );
        let column = Some(Identifier::new("B").unwrap());
        map.set_column(BlogTable::PostTag, "tag_id", column)
            .unwrap();
        assert_eq!(found(&map, "public.post_tag"), "blog._PostToTag");
        assert_eq!(own(&map, "blog._PostToTag"), "public.post_tag");
        assert_eq!(own(&map, "blogctl.run"), "blogctl.run");
        assert_eq!(own_key(&map, "public.post_tag", "\"B\""), "tag_id");
        assert_eq!(own_key(&map, "public.post_tag", "other"), "other");
        assert_eq!(own_key(&map, "public.post", "id / 4000"), "id / 4000");
        assert_eq!(own_key(&map, "public.post", "\"id\" / 4000"), "id / 4000");
        assert_eq!(own_key(&map, "blogctl.source", "post_id"), "post_id");
        assert_eq!(own_key(&map, "blogctl.source", "\"post_id\""), "post_id");
    }
}
