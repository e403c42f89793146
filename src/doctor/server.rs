//! Findings about a Postgres database.

use jiff::Timestamp;

use super::connection;
use super::facts::{CreatePrivileges, Postgres, Server, Table};
use super::tables::{indexes, parts, permissions, queries};
use super::{Finding, Level};
use crate::model::{Run, SCHEMA_VERSION, SchemaState};
use crate::preflight;

/// The oldest major version of Postgres that the statements work on.
const OLDEST_SERVER: i32 = 13;

/// Judges a Postgres database.
pub fn findings(database: &Postgres, now: Timestamp) -> Vec<Finding> {
    let mut found = connection::findings(database, now);
    found.push(version(&database.server));
    let has_records = !matches!(database.schema, Some(SchemaState::Absent));
    let fit = preflight::judge(&database.catalog, &database.map, has_records);
    let lacks_permission = fit.iter().any(|finding| finding.rule == "permissions");
    let parts: Vec<Finding> = parts(database, &fit).collect();
    found.extend(fit);
    found.push(schema(
        database.schema,
        Some(database.create_privileges),
        &database.tables,
    ));
    found.extend(parts);
    if database
        .tables
        .iter()
        .any(|table| table.name == "blogctl.state")
    {
        let permissions = permissions(database).into_iter();
        // What the role lacks of the posts' tables is said already.
        found.extend(
            permissions.filter(|finding| !lacks_permission || finding.level == Level::Error),
        );
        found.extend(indexes(database));
        found.extend(queries(database));
    }
    found.extend(database.holder.as_deref().map(lock));
    found.push(history(database.last_run.as_ref()));
    found
}

fn version(server: &Server) -> Finding {
    const CHECK: &str = "server";
    let message = format!("PostgreSQL {}, as role {}", server.version, server.user);
    if server.version_number / 10_000 < OLDEST_SERVER {
        let message = format!("{message}: blogctl needs {OLDEST_SERVER} or newer");
        return Finding::error(CHECK, message).help("upgrade the server");
    }
    Finding::ok(CHECK, message)
}

/// Judges the version of the tables and, where there are none, the privileges for creating them.
fn schema(
    state: Option<SchemaState>,
    privileges: Option<CreatePrivileges>,
    tables: &[Table],
) -> Finding {
    const CHECK: &str = "schema";
    match state {
        None => Finding::error(CHECK, "the version of the tables cannot be read")
            .help("GRANT USAGE ON SCHEMA blogctl and SELECT on its tables to this role"),
        Some(SchemaState::Absent) => {
            let lacking = privileges.map(|privileges| lacking_to_make(privileges, tables));
            match lacking.filter(|lacking| !lacking.is_empty()) {
                Some(lacking) => Finding::error(
                    CHECK,
                    format!(
                        "no blogctl tables, and this role may not make them: it lacks {}",
                        lacking.join(", ")
                    ),
                )
                .help("run `blogctl schema apply` once as the owner of the database"),
                None => Finding::hint(
                    CHECK,
                    format!(
                        "no blogctl tables yet: the first sync makes those of version {SCHEMA_VERSION}"
                    ),
                ),
            }
        }
        Some(SchemaState::Version(SCHEMA_VERSION)) => Finding::ok(
            CHECK,
            format!("tables of version {SCHEMA_VERSION}, as needed"),
        ),
        Some(SchemaState::Version(found)) => {
            let message = format!(
                "tables of version {found}, and this blogctl needs version {SCHEMA_VERSION}"
            );
            let remedy = if found < SCHEMA_VERSION {
                "run `blogctl schema apply`"
            } else {
                "upgrade blogctl"
            };
            Finding::error(CHECK, message).help(remedy)
        }
    }
}

/// Judges the version of the tables in a SQLite file, which needs no privileges.
pub(super) fn schema_of_file(state: SchemaState) -> Finding {
    schema(Some(state), None, &[])
}

fn lacking_to_make(privileges: CreatePrivileges, tables: &[Table]) -> Vec<String> {
    let mut lacking = Vec::new();
    if !privileges.schema {
        lacking.push("CREATE on the database".to_owned());
    }
    if !privileges.public {
        lacking.push("CREATE on the schema public".to_owned());
    }
    let foreign = tables.iter().filter(|table| !table.is_owned);
    lacking.extend(foreign.map(|table| format!("the ownership of {}", table.name)));
    lacking
}

/// Makes a finding of a sync that is running.
pub(super) fn lock(holder: &str) -> Finding {
    Finding::hint("lock", format!("a sync is running: {holder}"))
}

/// Makes a finding of the last run.
pub(super) fn history(run: Option<&Run>) -> Finding {
    const CHECK: &str = "history";
    let Some(run) = run else {
        return Finding::ok(CHECK, "no sync has changed anything yet");
    };
    if let Some(unreadable) = run.unreadable.first() {
        let message = format!("run {}: {unreadable}", run.id);
        return Finding::warning(CHECK, message)
            .help("write what the run did there, or delete its row: nothing depends on it");
    }
    let mut message = "last published".to_owned();
    if let Some(at) = run.finished_at {
        message += &format!(" {}", at.strftime("%Y-%m-%d %H:%M UTC"));
    }
    if let Some(actor) = &run.actor {
        message += &format!(" by {actor}");
    }
    if let Some(directory) = &run.directory {
        message += &format!(" from {directory}");
    }
    Finding::ok(CHECK, message)
}
