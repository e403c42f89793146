//! The sections `[locales]` and `[tables]` of `blogctl.toml`, as a table map is written there.

use toml::Value;

use crate::locale::Locales;
use crate::tables::{BlogTable, TableMap};

/// Returns the sections that a table map is read back from, with their last line end. That of the
/// locales is left out where the settings have it already.
pub fn sections(map: &TableMap, has_locales: bool) -> String {
    let mut section = String::new();
    if let Some(locales) = map.locales().filter(|_| !has_locales) {
        section.push_str(&locales_section(locales));
        section.push('\n');
    }
    if !map.stores_tags() {
        section.push_str("[tables]\ntags = false\n\n");
    }
    for table in map.tables() {
        let key = table.table().key();
        section.push_str(&format!(
            "[tables.{key}]\nname = {}\n",
            text(&table.name().to_string())
        ));
        let named = table.columns().filter(|(key, name)| *key != name.as_str());
        let named = named.map(|(key, name)| format!("{key} = {}", text(name.as_str())));
        let left_out = table.left_out().map(|key| format!("{key} = false"));
        let columns: Vec<String> = named.chain(left_out).collect();
        if !columns.is_empty() {
            section.push_str(&format!("columns = {{ {} }}\n", columns.join(", ")));
        }
        if table.table() == BlogTable::Post && !map.values().is_empty() {
            let values = map.values().iter();
            let values = values.map(|value| {
                let written = value.template().to_string();
                let written = match written.as_str() {
                    "true" | "false" => written,
                    _ => text(&written),
                };
                format!("{} = {written}", key_of(value.column().as_str()))
            });
            let values: Vec<String> = values.collect();
            section.push_str(&format!("values = {{ {} }}\n", values.join(", ")));
        }
        section.push('\n');
    }
    section.truncate(section.trim_end().len());
    section.push('\n');
    section
}

/// Returns the section `[locales]`, with its last line end.
pub fn locales_section(locales: &Locales) -> String {
    let others = locales.all()[1..].iter();
    let others: Vec<String> = others.map(|locale| text(locale.as_str())).collect();
    let mut section = format!(
        "[locales]\ndefault = {}\nothers = [{}]\n",
        text(locales.default_locale().as_str()),
        others.join(", ")
    );
    if let Some(pattern) = locales.pattern() {
        section.push_str(&format!("path = {}\n", text(&pattern.to_string())));
    }
    section
}

fn text(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

fn key_of(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !name.is_empty() && name.chars().all(is_bare) {
        name.to_owned()
    } else {
        text(name)
    }
}
