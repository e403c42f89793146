//! Finding the table that holds the texts of each locale.

use std::collections::HashMap;

use super::names::{FIELDS, TITLE, contents, is_locale, plain};
use super::{find, identifier, name_of, text_column};
use crate::catalog::{Catalog, Column, Table};
use crate::locale::{Locale, Locales, PathLocale, PathPattern, languages};
use crate::post::SourcePath;
use crate::preflight;
use crate::tables::{BlogTable, TableMap};

/// The patterns that are tried, the commonest first.
const PATTERNS: [&str; 2] = ["{locale}/{name}", "{name}.{locale}"];

/// A table of translations.
pub(super) struct Translations<'c> {
    table: &'c Table,
    post_id: &'c Column,
    locale: &'c Column,
    content: &'c Column,
}

/// Finds a table that has a text for each post and locale.
pub(super) fn translations<'c>(catalog: &'c Catalog, post: &Table) -> Option<Translations<'c>> {
    catalog.tables.iter().find_map(|table| {
        let refers = catalog.references.iter().find(|reference| {
            reference.schema == table.schema
                && reference.table == table.name
                && reference.to_schema == post.schema
                && reference.to_table == post.name
                && reference.columns.len() == 1
        });
        let post_id = match refers {
            Some(reference) => table.column(&reference.columns[0])?,
            None if table.schema == post.schema => {
                let mut columns = table.columns.iter();
                columns.find(|column| plain(&column.name) == format!("{}id", plain(&post.name)))?
            }
            None => return None,
        };
        let mut columns = table.columns.iter();
        let locale = columns.find(|column| {
            is_locale(&column.name) && preflight::fits(BlogTable::Translation, "locale", column)
        })?;
        let content = contents().find_map(|name| text_column(table, &[name]))?;
        let is_key = table.is_unique(&[&post_id.name, &locale.name]);
        is_key.then_some(Translations {
            table,
            post_id,
            locale,
            content,
        })
    })
}

/// Returns the locales of a table: the labels of its enum, or the languages that the paths of
/// files name. The one with the most files is the default.
pub(super) fn observed(found: &Translations<'_>, paths: &[SourcePath]) -> Option<Locales> {
    let labels: Vec<Locale> = match found.locale.labels.as_slice() {
        [] => languages(paths.iter().map(SourcePath::as_str)),
        labels => labels
            .iter()
            .filter_map(|label| Locale::new(label))
            .collect(),
    };
    of_labels(&labels, paths)
}

/// Returns the locales that the paths of files tell by themselves: languages of which two have a
/// file of the same name.
pub fn told_by_paths(paths: &[SourcePath]) -> Option<Locales> {
    let locales = of_labels(&languages(paths.iter().map(SourcePath::as_str)), paths)?;
    let pattern = locales.pattern()?;
    let mut known: HashMap<(&str, &str), Locale> = HashMap::new();
    let is_shared = paths.iter().map(SourcePath::as_str).any(|path| {
        let PathLocale::Known(locale) = locales.of_path(path) else {
            return false;
        };
        let name = pattern.apart(path, &locales);
        name.is_some_and(|name| *known.entry(name).or_insert(locale) != locale)
    });
    is_shared.then(|| locales.clone())
}

/// Returns the locales of these names, with the pattern of the most files' paths.
fn of_labels(labels: &[Locale], paths: &[SourcePath]) -> Option<Locales> {
    let first = *labels.first()?;
    let candidates = PATTERNS.iter().filter_map(|pattern| {
        let pattern: PathPattern = pattern.parse().ok()?;
        let locales = Locales::new(first, labels.iter().copied(), Some(pattern.clone()));
        let mut counts = vec![0_usize; labels.len()];
        for path in paths {
            if let PathLocale::Known(locale) = locales.of_path(path.as_str())
                && let Some(number) = labels.iter().position(|one| *one == locale)
            {
                counts[number] += 1;
            }
        }
        let total: usize = counts.iter().sum();
        // Of two with as many files the one that is named first.
        let most = (0..counts.len())
            .rev()
            .max_by_key(|number| counts[*number])?;
        Some((total, pattern, labels[most]))
    });
    let candidates: Vec<_> = candidates.collect();
    let (_, pattern, default) = candidates
        .into_iter()
        .rev()
        .max_by_key(|(total, _, _)| *total)?;
    Some(Locales::new(default, labels.iter().copied(), Some(pattern)))
}

/// Maps the table's columns.
pub(super) fn adopt(map: &mut TableMap, found: &Translations<'_>) -> Option<()> {
    let of = BlogTable::Translation;
    map.set_table(of, name_of(found.table)?);
    let taken = [found.post_id, found.locale, found.content];
    for (key, column) in ["post_id", "locale", "content"].into_iter().zip(taken) {
        map.set_column(of, key, Some(identifier(&column.name)?))
            .ok()?;
    }
    let mut used: Vec<&str> = taken.map(|column| column.name.as_str()).into();
    for (key, names) in [("title", TITLE)].iter().chain(FIELDS) {
        if !of.columns().contains(key) {
            continue;
        }
        let column = find(found.table, names, |column| {
            preflight::fits(of, key, column) && !used.contains(&column.name.as_str())
        });
        used.extend(column.map(|column| column.name.as_str()));
        let name = column.and_then(|column| identifier(&column.name));
        map.set_column(of, key, name).ok()?;
    }
    Some(())
}
