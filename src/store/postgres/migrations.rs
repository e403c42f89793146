//! The migrations: the SQL that leads from one version of the tables to the next.
//!
//! A new database and one of an earlier version go through the same files, so that both end
//! with the same tables. Each file may be run again: it then changes nothing.

use super::table_map::resolve;
use super::template::render;
use crate::model::SchemaState;
use crate::post::Field;
use crate::tables::TableMap;

/// The SQL that leads to each version from the one before it. Parts that make or change the
/// tables of posts are left out where another program made these.
const STEPS: [(i32, &str); 4] = [
    (1, include_str!("migrations/0001_tables.sql")),
    (2, include_str!("migrations/0002_slug_and_extra.sql")),
    (3, include_str!("migrations/0003_stated_fields.sql")),
    (4, include_str!("migrations/0004_translations.sql")),
];

/// The last version of the tables without translations.
pub const BEFORE_TRANSLATIONS: i32 = 3;

/// Returns all migrations, as `blogctl schema print` shows them; `schema.sql` keeps those of
/// blogctl's own tables.
pub fn schema(map: &TableMap) -> String {
    pending(SchemaState::Absent, map)
}

/// Returns the SQL of the migrations that tables still need; empty for tables of this version
/// or a later one.
pub fn pending(found: SchemaState, map: &TableMap) -> String {
    let from = match found {
        SchemaState::Absent => 0,
        SchemaState::Version(version) => version,
    };
    let is_set = |flag: &str| match flag {
        "is_own" => !map.is_adopted(),
        "has_translations" => map.has_translations(),
        "stores_category" => map.stores(Field::Category),
        "stores_tags" => map.stores_tags(),
        _ => false,
    };
    let steps = STEPS.iter().filter(|(version, _)| *version > from);
    steps
        .map(|(_, sql)| render(sql, &is_set, &|name| resolve(map, name)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SCHEMA_VERSION;

    #[test]
    fn a_new_database_goes_through_every_step() {
        let own = TableMap::default();
        let schema = schema(&own);
        assert_eq!(pending(SchemaState::Absent, &own), schema);
        for part in [
            "CREATE TABLE IF NOT EXISTS public.post (",
            "CREATE SCHEMA IF NOT EXISTS blogctl",
        ] {
            assert!(schema.contains(part), "{part}");
        }
    }

    #[test]
    fn older_tables_go_through_the_steps_that_they_lack() {
        let own = TableMap::default();
        assert!(pending(SchemaState::Version(1), &own).starts_with("\n-- Version 2"));
        assert!(pending(SchemaState::Version(2), &own).starts_with("\n-- Version 3"));
        for version in [SCHEMA_VERSION, SCHEMA_VERSION + 1] {
            assert_eq!(pending(SchemaState::Version(version), &own), "");
        }
    }

    #[test]
    fn tables_of_others_are_never_made_or_altered() {
        let mut map = TableMap::adopted();
        for stores_tags in [true, false] {
            if !stores_tags {
                map.without_tags();
            }
            let schema = schema(&map);
            assert_eq!(schema.contains("public.post_tag"), stores_tags);
            for line in schema.lines() {
                let changes = ["CREATE", "ALTER", "DROP", "UPDATE", "DELETE", "INSERT"];
                if changes
                    .iter()
                    .any(|word| line.trim_start().starts_with(word))
                {
                    assert!(line.contains("blogctl"), "{line}");
                }
            }
        }
    }

    #[test]
    fn steps_are_numbered_and_end_at_the_version_of_this_program() {
        let versions: Vec<i32> = STEPS.iter().map(|(version, _)| *version).collect();
        assert_eq!(versions, (1..=SCHEMA_VERSION).collect::<Vec<_>>());
    }
}
