//! Findings about Postgres tables: privileges, indexes and query plans.

use super::facts::{Index, LockedSequence, Postgres, Query};
use super::requirements::{INDEXES, NeededIndex, needed_tables};
use super::{Finding, Level};

/// The size in bytes from which on the choice of index matters; for a table of a few pages the
/// planner may rightly take any.
const LARGE: i64 = 1 << 20;

/// The remedy for what is missing.
const RESTORE: &str = "run `blogctl schema apply`, which makes it again";

/// Judges the role's privileges for a sync.
pub(super) fn permissions(database: &Postgres) -> Vec<Finding> {
    const CHECK: &str = "permissions";
    let role = quoted(&database.server.user);
    let mut found = Vec::new();
    // Those of the posts are judged by the preflight, column by column.
    let needed = needed_tables(&database.map).filter(|table| table.name.starts_with("blogctl."));
    for needed in needed {
        let Some(table) = database
            .tables
            .iter()
            .find(|table| table.name == needed.name)
        else {
            let message = format!("the table {} is missing", needed.name);
            found.push(Finding::error("schema", message).help(RESTORE));
            continue;
        };
        let lacks = |privilege: &&&str| !table.granted.iter().any(|granted| granted == **privilege);
        let lacking: Vec<&str> = needed.privileges.iter().filter(lacks).copied().collect();
        if !lacking.is_empty() {
            let lacking = lacking.join(", ");
            let message = format!("this role lacks {lacking} on {}", needed.name);
            let remedy = format!("GRANT {lacking} ON {} TO {role}", needed.name);
            found.push(Finding::error(CHECK, message).help(remedy));
        }
        if table.has_policies {
            let message = format!(
                "row-level security may hide rows of {} from this role",
                table.name
            );
            found.push(Finding::warning(CHECK, message).help(format!(
                "give it a policy that lets all rows through, or ALTER ROLE {role} BYPASSRLS"
            )));
        }
    }
    found.extend(
        database
            .locked_sequences
            .iter()
            .map(|sequence| locked(sequence, &role)),
    );
    if found.is_empty() {
        found.push(Finding::ok(CHECK, "all that a sync needs"));
        let search = database
            .tables
            .iter()
            .find(|table| table.name == "blogctl.search");
        if search.is_some_and(|table| !table.is_owned) {
            found.push(Finding::hint(
                CHECK,
                "this role does not own blogctl.search: a search's index is tidied up by \
                 autovacuum, not by each sync, and large syncs may slow searches for a while",
            ));
        }
    }
    found
}

fn locked(sequence: &LockedSequence, role: &str) -> Finding {
    const CHECK: &str = "permissions";
    let name = &sequence.name;
    if sequence.is_advanced {
        let message = format!(
            "this role lacks USAGE or UPDATE on the sequence {name}: a sync cannot advance it past \
             the ids that it writes, and a post that an application adds may get one of them"
        );
        let remedy = format!("GRANT USAGE, UPDATE ON SEQUENCE {name} TO {role}");
        return Finding::warning(CHECK, message).help(remedy);
    }
    let message = format!("this role lacks USAGE on the sequence {name}");
    let remedy = format!("GRANT USAGE ON SEQUENCE {name} TO {role}");
    Finding::error(CHECK, message).help(remedy)
}

/// Makes a finding of each missing column, function or default that the preflight, whose findings
/// are `said`, does not name.
pub(super) fn parts(database: &Postgres, said: &[Finding]) -> impl Iterator<Item = Finding> {
    let is_new = |part: &&String| {
        let message = format!("the {part} is missing");
        said.iter().all(|finding| finding.message != message)
    };
    let missing = |part| Finding::error("schema", format!("missing: {part}")).help(RESTORE);
    database.missing_parts.iter().filter(is_new).map(missing)
}

/// Returns the needed indexes that no index, valid or not, serves for; those of tables that exist.
pub fn missing_indexes(
    tables: &[String],
    indexes: &[Index],
) -> impl Iterator<Item = &'static NeededIndex> {
    let is_missing = |needed: &&NeededIndex| {
        tables.iter().any(|table| table == needed.table)
            && !indexes.iter().any(|index| serves(index, needed))
    };
    INDEXES.iter().filter(is_missing)
}

/// Returns whether an index serves the purpose of a needed one.
fn serves(index: &Index, needed: &NeededIndex) -> bool {
    let keys = index.keys.iter().zip(needed.keys);
    let begins_so = index.keys.len() >= needed.keys.len() && keys.clone().all(|(a, b)| a == b);
    // A unique index counts only if it is unique over exactly these columns.
    let forbids = !needed.is_unique || index.is_unique && index.keys.len() == needed.keys.len();
    index.table == needed.table
        && index.method == needed.method
        && !index.is_partial
        && begins_so
        && forbids
}

/// Judges the indexes that queries and writes rely on.
pub(super) fn indexes(database: &Postgres) -> Vec<Finding> {
    const CHECK: &str = "indexes";
    let there = |table: &str| database.tables.iter().any(|found| found.name == table);
    let mut found = Vec::new();
    let map = &database.map;
    let mut count = 0;
    for needed in INDEXES.iter().filter(|needed| there(needed.table)) {
        // Keys of tables that another program made are judged by the preflight.
        let adopted = map.is_adopted() && !needed.table.starts_with("blogctl.");
        let create = match adopted {
            true => match needed.create_in(map) {
                Some(create) => create,
                None => continue,
            },
            false => needed.create.to_owned(),
        };
        count += 1;
        let candidates: Vec<&Index> = database
            .indexes
            .iter()
            .filter(|index| serves(index, needed))
            .collect();
        if candidates.iter().any(|index| index.is_valid) {
            continue;
        }
        let level = match (adopted, needed.is_unique) {
            // The program that made the table decides on its indexes.
            (true, _) => Level::Hint,
            (false, true) => Level::Error,
            (false, false) => Level::Warning,
        };
        let why = affected(needed, &database.queries);
        let (message, remedy) = match candidates.first() {
            Some(broken) => (
                format!("{} on {} is not valid{why}", broken.name, broken.table),
                format!(
                    "REINDEX INDEX CONCURRENTLY {}.{}",
                    schema_of(needed.table),
                    quoted(&broken.name)
                ),
            ),
            None if adopted => (
                format!("no index serves ({}){why}", needed.keys.join(", ")),
                create,
            ),
            None => (
                format!("{} on {} is missing{why}", needed.name, needed.table),
                match create.contains(" CONCURRENTLY ") {
                    true => {
                        format!("run `blogctl schema apply`, or without blocking writers: {create}")
                    }
                    false => "run `blogctl schema apply`".to_owned(),
                },
            ),
        };
        found.push(Finding::new(CHECK, level, message).help(remedy));
    }
    if found.is_empty() {
        let message = format!("all {count} that queries are made for");
        found.push(Finding::ok(CHECK, message));
    }
    found
}

fn schema_of(table: &str) -> &str {
    table.split_once('.').map_or(table, |(schema, _)| schema)
}

/// Lists the commands that a missing index makes slow.
fn affected(needed: &NeededIndex, queries: &[Query]) -> String {
    let names: Vec<&str> = queries
        .iter()
        .filter(|query| query.expected.contains(&needed.name))
        .map(|query| query.name)
        .collect();
    match names[..] {
        [] => String::new(),
        _ => format!("; made for {}", names.join(", ")),
    }
}

/// Judges whether each query uses the indexes that it is meant for. Missing indexes have findings
/// of their own.
pub(super) fn queries(database: &Postgres) -> Vec<Finding> {
    let indexes_of = |database: &Postgres| {
        let found = if database.map.is_adopted() {
            indexes(database)
        } else {
            Vec::new()
        };
        found.into_iter()
    };
    const CHECK: &str = "queries";
    let Postgres {
        queries,
        indexes,
        tables,
        ..
    } = database;
    let is_large = |name: &str| {
        let table = tables.iter().find(|table| table.name == name);
        table.is_some_and(|table| table.bytes >= LARGE)
    };
    // Without an index that the owner of a table may not want, a query reads all of it.
    let lacks_index = indexes_of(database).any(|finding| finding.level == Level::Hint);
    let mut found = Vec::new();
    let mut answered = 0;
    for query in queries {
        if let Some(refusal) = &query.refusal {
            let message = format!("{} cannot be run: {refusal}", query.name);
            found.push(Finding::error(CHECK, message));
            continue;
        }
        let mut unused = Vec::new();
        let mut is_missing = false;
        for name in query.expected {
            let Some(needed) = INDEXES.iter().find(|needed| needed.name == *name) else {
                continue;
            };
            let mut serving = indexes
                .iter()
                .filter(|index| index.is_valid && serves(index, needed))
                .peekable();
            if serving.peek().is_none() {
                is_missing = true;
            } else if is_large(needed.table)
                && !serving.any(|index| query.indexes.contains(&index.name))
            {
                unused.push(needed.name);
            }
        }
        if unused.is_empty() && query.scans.is_empty() && !is_missing {
            answered += 1;
        } else if !is_missing && !lacks_index {
            found.push(Finding::warning(CHECK, unanswered(query, &unused)).help(
                "ANALYZE the tables; if that does not help, look for settings of the planner \
                 that are not the server's defaults",
            ));
        }
    }
    if answered == queries.len() && answered > 0 {
        let message = format!("all {answered} of the readers are answered by an index");
        found.push(Finding::ok(CHECK, message));
    } else if answered > 0 {
        let message = format!(
            "{answered} of the {} of the readers are answered by an index",
            queries.len()
        );
        found.push(Finding::hint(CHECK, message));
    }
    found
}

fn unanswered(query: &Query, unused: &[&str]) -> String {
    let mut why = Vec::new();
    if !query.scans.is_empty() {
        why.push(format!("reads all of {}", query.scans.join(", ")));
    }
    if !unused.is_empty() {
        why.push(format!("does not use {}", unused.join(", ")));
    }
    format!("{} {}", query.name, why.join(" and "))
}

/// Quotes a name for SQL where that is needed.
pub(super) fn quoted(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if plain {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}
