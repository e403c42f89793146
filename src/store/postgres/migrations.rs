//! The migrations: the SQL that leads from one version of the tables to the next.
//!
//! A new database and one of an earlier version go through the same files, so that both end
//! with the same tables. Each file may be run again: it then changes nothing.

use crate::model::SchemaState;

/// All migrations, as `blogctl schema print` shows them and `schema.sql` keeps them.
pub const SCHEMA: &str = concat!(
    include_str!("migrations/0001_tables.sql"),
    include_str!("migrations/0002_slug_and_extra.sql"),
    include_str!("migrations/0003_stated_fields.sql"),
);

/// The SQL that leads to each version from the one before it.
const STEPS: [(i32, &str); 3] = [
    (1, include_str!("migrations/0001_tables.sql")),
    (2, include_str!("migrations/0002_slug_and_extra.sql")),
    (3, include_str!("migrations/0003_stated_fields.sql")),
];

/// Returns the SQL of the migrations that tables still need; empty for tables of this version
/// or a later one.
pub fn pending(found: SchemaState) -> String {
    let from = match found {
        SchemaState::Absent => 0,
        SchemaState::Version(version) => version,
    };
    let steps = STEPS.iter().filter(|(version, _)| *version > from);
    steps.map(|(_, sql)| *sql).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SCHEMA_VERSION;

    #[test]
    fn a_new_database_goes_through_every_step() {
        assert_eq!(pending(SchemaState::Absent), SCHEMA);
    }

    #[test]
    fn older_tables_go_through_the_steps_that_they_lack() {
        let from_1 = [STEPS[1].1, STEPS[2].1].concat();
        assert_eq!(pending(SchemaState::Version(1)), from_1);
        assert_eq!(pending(SchemaState::Version(2)), STEPS[2].1);
        for version in [SCHEMA_VERSION, SCHEMA_VERSION + 1] {
            assert_eq!(pending(SchemaState::Version(version)), "");
        }
    }

    #[test]
    fn steps_are_numbered_and_end_at_the_version_of_this_program() {
        let versions: Vec<i32> = STEPS.iter().map(|(version, _)| *version).collect();
        assert_eq!(versions, (1..=SCHEMA_VERSION).collect::<Vec<_>>());
    }
}
