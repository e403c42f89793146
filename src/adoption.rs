//! Finding the tables of a blog in a database that another program made.
//!
//! A pure search of the [catalog](Catalog): it proposes a [table map](TableMap), which `blogctl
//! init` shows and writes.

mod files;
mod locales;
mod names;
mod toml;

#[cfg(test)]
mod tests;

pub use self::files::{Counts, FileSettings};
pub use self::locales::told_by_paths;
use self::names::{FIELDS, NAME, POSTS, TITLE, contents, is_one_of, plain};
pub use self::toml::{locales_section, sections};
use crate::catalog::{Catalog, Column, Reference, Table};
use crate::locale::Locales;
use crate::post::SourcePath;
use crate::preflight;
use crate::tables::{BlogTable, FixedValue, Identifier, TableMap, TableName, Template};

/// A table map that fits what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The map.
    pub map: TableMap,
    /// Columns that need a value and that blogctl has none for.
    pub unfilled: Vec<String>,
    /// Other tables that look like a table of posts.
    pub others: Vec<String>,
}

/// Looks for the tables of a blog; `None` if no table looks like one of posts.
///
/// `paths` are those of the blog's files: they tell which of the locales of a table of translations
/// is the default, and where a path has its locale, unless the project's locales are `known`.
pub fn propose(
    catalog: &Catalog,
    paths: &[SourcePath],
    known: Option<&Locales>,
) -> Option<Proposal> {
    let mut candidates: Vec<(u32, &Table)> = catalog
        .tables
        .iter()
        .filter_map(|table| Some((likeness(catalog, table)?, table)))
        .collect();
    candidates.sort_by_key(|(likeness, _)| std::cmp::Reverse(*likeness));
    let (_, post) = *candidates.first()?;
    let others = candidates[1..].iter().map(|(_, table)| shown(table));
    let mut map = TableMap::adopted();
    map.set_table(BlogTable::Post, name_of(post)?);
    let translations = locales::translations(catalog, post);
    let found = translations.and_then(|found| {
        let observed = || locales::observed(&found, paths);
        let locales = known.cloned().or_else(observed)?;
        Some((locales, found))
    });
    if let Some((locales, _)) = &found {
        map.with_translations(locales.clone());
    }
    let unfilled = columns(&mut map, post);
    if let Some((_, found)) = &found {
        locales::adopt(&mut map, found)?;
    }
    match tags(catalog, post) {
        Some((tag, links)) => adopt_tags(&mut map, tag, &links)?,
        None => map.without_tags(),
    }
    Some(Proposal {
        map,
        unfilled,
        others: others.collect(),
    })
}

fn shown(table: &Table) -> String {
    format!("{}.{}", table.schema, table.name)
}

fn name_of(table: &Table) -> Option<TableName> {
    Some(TableName {
        schema: identifier(&table.schema)?,
        name: identifier(&table.name)?,
    })
}

fn identifier(name: &str) -> Option<Identifier> {
    Identifier::new(name).ok()
}

/// Returns how much a table looks like one of posts; `None` if posts do not fit into it.
fn likeness(catalog: &Catalog, table: &Table) -> Option<u32> {
    if !matches!(table.kind.as_str(), "r" | "p") {
        return None;
    }
    key(table)?;
    let title = text_column(table, TITLE)?;
    let content = contents().find_map(|name| text_column(table, &[name]));
    if content.is_none() && locales::translations(catalog, table).is_none() {
        return None;
    }
    if content.is_some_and(|content| content.name == title.name) {
        return None;
    }
    let named = if is_one_of(&table.name, POSTS) {
        100
    } else {
        0
    };
    let fields = FIELDS
        .iter()
        .filter(|(_, names)| find(table, names, |_| true).is_some());
    let count = u32::try_from(fields.count()).unwrap_or_default();
    Some(named + count)
}

/// Returns the column that tells the rows of a table apart, if it is a number.
fn key(table: &Table) -> Option<&Column> {
    let is_number = |column: &&Column| matches!(column.base.as_str(), "int4" | "int8");
    let single = table.columns.iter().filter(is_number);
    let mut single = single.filter(|column| table.is_unique(&[column.name.as_str()]));
    let first = single.clone().next();
    single.find(|column| plain(&column.name) == "id").or(first)
}

/// Finds the first of some names among the columns that a test lets through.
fn find<'t>(
    table: &'t Table,
    names: &[&str],
    is_fit: impl Fn(&Column) -> bool,
) -> Option<&'t Column> {
    names.iter().find_map(|name| {
        let columns = table.columns.iter();
        let mut columns = columns.filter(|column| plain(&column.name) == *name);
        columns.find(|column| is_fit(column))
    })
}

fn text_column<'t>(table: &'t Table, names: &[&str]) -> Option<&'t Column> {
    find(table, names, |column| {
        preflight::fits(BlogTable::Post, "content", column)
    })
}

/// Maps the columns of the posts; returns those that need a value and get none.
fn columns(map: &mut TableMap, table: &Table) -> Vec<String> {
    let mut set = |key: &str, column: Option<&Column>| {
        let name = column.and_then(|column| identifier(&column.name));
        // Every key is one of the table's, and what cannot be left out was found.
        let _ = map.set_column(BlogTable::Post, key, name);
    };
    let mut used: Vec<&str> = Vec::new();
    let required = [
        ("id", key(table)),
        ("title", text_column(table, TITLE)),
        (
            "content",
            contents().find_map(|name| text_column(table, &[name])),
        ),
    ];
    for (key, column) in required {
        used.extend(column.map(|column| column.name.as_str()));
        set(key, column);
    }
    for (key, names) in FIELDS {
        let column = find(table, names, |column| {
            preflight::fits(BlogTable::Post, key, column) && !used.contains(&column.name.as_str())
        });
        used.extend(column.map(|column| column.name.as_str()));
        set(key, column);
    }
    let mut unfilled = Vec::new();
    for column in &table.columns {
        let is_filled = column.default.is_some() || column.is_identity || column.is_generated;
        if !column.is_required || is_filled || used.contains(&column.name.as_str()) {
            continue;
        }
        // A post that is synced is published.
        let is_switch = column.base == "bool" && names::is_switch(&column.name);
        match identifier(&column.name).filter(|_| is_switch) {
            Some(name) => map.add_value(FixedValue::new(name, Template::literal("true".into()))),
            None => unfilled.push(column.name.clone()),
        }
    }
    unfilled
}

/// A table of links: its name, and the columns that lead to posts and to tags.
struct Links<'c> {
    table: &'c Table,
    post_id: String,
    tag_id: String,
}

/// Finds the table of tags, and that of the links between posts and tags.
fn tags<'c>(catalog: &'c Catalog, post: &Table) -> Option<(&'c Table, Links<'c>)> {
    let mut found: Vec<(&Table, Links<'_>)> = catalog
        .tables
        .iter()
        .filter_map(|links| {
            let (post_id, tag_id, tag) = ends(catalog, links, post)?;
            key(tag)?;
            tag_name(tag)?;
            let is_link = links.is_unique(&[&post_id, &tag_id]);
            is_link.then_some((
                tag,
                Links {
                    table: links,
                    post_id,
                    tag_id,
                },
            ))
        })
        .collect();
    // Of several kinds of labels the one that is called so.
    found.sort_by_key(|(tag, _)| !plain(&tag.name).contains("tag"));
    found.into_iter().next()
}

/// Returns the columns of a table that lead to posts and to another table, and that table: by
/// foreign keys, or by the names of the columns.
fn ends<'c>(
    catalog: &'c Catalog,
    links: &Table,
    post: &Table,
) -> Option<(String, String, &'c Table)> {
    let of_links = |reference: &&Reference| {
        reference.schema == links.schema
            && reference.table == links.name
            && reference.columns.len() == 1
    };
    let leads_to = |reference: &Reference, table: &Table| {
        reference.to_schema == table.schema && reference.to_table == table.name
    };
    let references: Vec<&Reference> = catalog.references.iter().filter(of_links).collect();
    let to_post = references.iter().find(|one| leads_to(one, post));
    let to_tag = references.iter().find(|one| !leads_to(one, post));
    if let (Some(to_post), Some(to_tag)) = (to_post, to_tag) {
        let tag = catalog
            .tables
            .iter()
            .find(|table| leads_to(to_tag, table))?;
        return Some((to_post.columns[0].clone(), to_tag.columns[0].clone(), tag));
    }
    let column = |wanted: &str| {
        let mut columns = links.columns.iter();
        columns
            .find(|column| plain(&column.name) == wanted)
            .map(|column| column.name.clone())
    };
    let tags = catalog
        .tables
        .iter()
        .filter(|table| table.schema == links.schema);
    let mut tags = tags.filter(|table| names::is_tag(&table.name));
    Some((column("postid")?, column("tagid")?, tags.next()?))
}

fn tag_name(tag: &Table) -> Option<&Column> {
    find(tag, NAME, |column| {
        preflight::fits(BlogTable::Tag, "name", column) && tag.is_unique(&[&column.name])
    })
}

fn adopt_tags(map: &mut TableMap, tag: &Table, links: &Links<'_>) -> Option<()> {
    map.set_table(BlogTable::Tag, name_of(tag)?);
    map.set_table(BlogTable::PostTag, name_of(links.table)?);
    for (table, key, column) in [
        (BlogTable::Tag, "id", key(tag)?.name.as_str()),
        (BlogTable::Tag, "name", tag_name(tag)?.name.as_str()),
        (BlogTable::PostTag, "post_id", links.post_id.as_str()),
        (BlogTable::PostTag, "tag_id", links.tag_id.as_str()),
    ] {
        map.set_column(table, key, Some(identifier(column)?)).ok()?;
    }
    Some(())
}
