//! What is to be said of a database on a server, and of the way there.

use std::time::Duration;

use jiff::Timestamp;

use super::facts::{Certificate, Index, Link, Making, Postgres, Query, Route, Server, Table, Tls};
use super::needs::{INDEXES, NeededIndex, TABLES};
use super::{Finding, Level};
use crate::store::{Run, SCHEMA_VERSION, SchemaState};

/// The oldest server that has what the statements use.
const OLDEST_SERVER: i32 = 13;
/// How long before its end a certificate is worth a warning: time enough to see to it.
const RENEWAL: Duration = Duration::from_secs(21 * 86_400);
/// Above this a round trip is what a command spends most of its time on.
const FAR: Duration = Duration::from_millis(100);

/// Bytes from which on it matters which index of a table is used; of a few pages the planner
/// rightly takes any.
const LARGE: i64 = 1 << 20;

/// Judges all of it.
pub fn findings(database: &Postgres, now: Timestamp) -> Vec<Finding> {
    let mut found = way(database, now);
    found.push(version(&database.server));
    found.extend(writable(&database.server));
    found.push(schema(
        database.schema,
        Some(database.making),
        &database.tables,
    ));
    found.extend(columns(database));
    if database
        .tables
        .iter()
        .any(|table| table.name == "blogctl.state")
    {
        found.extend(permissions(database));
        found.extend(indexes(database));
        found.extend(queries(database));
    }
    found.extend(database.holder.as_deref().map(lock));
    found.push(history(database.last_run.as_ref()));
    found
}

/// The connection, and what it costs.
fn way(database: &Postgres, now: Timestamp) -> Vec<Finding> {
    let link = &database.link;
    let mut found = vec![connection(link), tls(link)];
    if let Some(certificate) = link.tls.as_ref().and_then(|tls| tls.certificate.as_ref()) {
        found.push(judge_certificate(certificate, now));
    }
    found.extend(link.tls.as_ref().map(channel_binding));
    found.push(route(link));
    found.push(round_trip(database.round_trip));
    let limit = |limit: Duration| match limit.as_secs() {
        0 if limit.is_zero() => "without limit".to_owned(),
        seconds => format!("{seconds} s"),
    };
    let message = format!(
        "connect {}, a statement that reads {}, one that writes {}",
        limit(database.connect_timeout),
        limit(database.read_timeout),
        limit(database.write_timeout)
    );
    found.push(Finding::ok("timeouts", message));
    found
}

fn connection(link: &Link) -> Finding {
    const CHECK: &str = "connection";
    let tls = link.tls.as_ref().map(|tls| ("TLS", tls.took));
    // An address needs no asking.
    let is_name = |host: &String| host.parse::<std::net::IpAddr>().is_err();
    let is_named = link.host.as_ref().is_some_and(is_name);
    let named = is_named.then_some(("name", link.resolve));
    let phases = [
        named,
        Some(("network", link.reach)),
        tls,
        Some(("login", link.login)),
    ];
    let phases: Vec<_> = phases.into_iter().flatten().collect();
    let sum = phases.iter().map(|(_, took)| *took).sum();
    let parts: Vec<String> = phases
        .iter()
        .map(|(name, took)| format!("{name} {}", millis(*took)))
        .collect();
    let message = format!("{} in {}: {}", link.peer, millis(sum), parts.join(", "));
    if link.attempts > 1 {
        let message = format!(
            "{message}; at attempt {}: the database was asleep or out of reach at first",
            link.attempts
        );
        return Finding::note(CHECK, message);
    }
    Finding::ok(CHECK, message)
}

fn tls(link: &Link) -> Finding {
    const CHECK: &str = "tls";
    let Some(tls) = &link.tls else {
        if link.is_local {
            return Finding::ok(CHECK, "none: the server is this machine");
        }
        return Finding::warning(
            CHECK,
            "none: the password and every post cross the network in the clear",
        )
        .remedy("leave out --allow-plaintext and sslmode=disable");
    };
    match (&tls.version, &tls.cipher) {
        (Some(version), Some(cipher)) if matches!(version.as_str(), "TLS 1.0" | "TLS 1.1") => {
            Finding::warning(CHECK, format!("{version}, {cipher}: no longer safe"))
                .remedy("let the server offer TLS 1.2 or newer: ssl_min_protocol_version")
        }
        (Some(version), Some(cipher)) => Finding::ok(
            CHECK,
            format!("{version}, {cipher}, chain and name verified"),
        ),
        _ => Finding::note(
            CHECK,
            "chain and name verified; version and cipher were not understood",
        ),
    }
}

fn judge_certificate(certificate: &Certificate, now: Timestamp) -> Finding {
    const CHECK: &str = "certificate";
    let end = certificate.not_after.strftime("%Y-%m-%d");
    let names = match &certificate.names[..] {
        [] => "it names nobody".to_owned(),
        [name] => format!("for {name}"),
        [name, others @ ..] => format!("for {name} and {} more", others.len()),
    };
    let left = certificate.not_after.duration_since(now);
    let days = left.as_hours() / 24;
    let renew = "renew the server's certificate, or ask the provider to";
    if left.is_negative() {
        return Finding::error(CHECK, format!("{names}, ended {end}")).remedy(renew);
    }
    let message = format!("{names}, ends {end}, in {}", number(days, "day"));
    if left.unsigned_abs() <= RENEWAL {
        return Finding::warning(CHECK, message).remedy(renew);
    }
    Finding::ok(CHECK, message)
}

fn channel_binding(tls: &Tls) -> Finding {
    const CHECK: &str = "channel-binding";
    if tls.is_channel_bound {
        return Finding::ok(CHECK, "the login is tied to the TLS channel");
    }
    Finding::note(
        CHECK,
        "the login is not tied to the TLS channel: the server, or a pooler, does not offer it",
    )
}

fn route(link: &Link) -> Finding {
    const CHECK: &str = "pooler";
    const MEANS: &str = "every command works through it; it waits where the pool is full, and \
                         takes no options at the start";
    match link.route {
        Route::Direct => Finding::ok(CHECK, "none: the server itself answers"),
        Route::Pooler => {
            let host = link.host.as_deref().unwrap_or_default();
            Finding::note(CHECK, format!("{host} is a pooler: {MEANS}"))
        }
        Route::Between => Finding::note(CHECK, format!("a pooler or a proxy answers: {MEANS}")),
    }
}

fn round_trip(took: Duration) -> Finding {
    const CHECK: &str = "round-trip";
    let message = format!("{} there and back", millis(took));
    if took > FAR {
        let message = format!("{message}: far; a sync waits for three of them, a page for one");
        return Finding::note(CHECK, message).remedy("run blogctl nearer to the database");
    }
    Finding::ok(CHECK, message)
}

fn version(server: &Server) -> Finding {
    const CHECK: &str = "server";
    let message = format!("PostgreSQL {}, as role {}", server.version, server.user);
    if server.version_number / 10_000 < OLDEST_SERVER {
        let message = format!("{message}: blogctl needs {OLDEST_SERVER} or newer");
        return Finding::error(CHECK, message).remedy("upgrade the server");
    }
    Finding::ok(CHECK, message)
}

fn writable(server: &Server) -> Option<Finding> {
    const CHECK: &str = "writable";
    if server.is_in_recovery {
        return Some(
            Finding::error(CHECK, "this is a replica: nothing can be published to it")
                .remedy("name the primary; a replica belongs to --read-database"),
        );
    }
    server.is_read_only.then(|| {
        Finding::error(
            CHECK,
            "default_transaction_read_only is on: nothing can be published",
        )
        .remedy(format!(
            "ALTER ROLE {} RESET default_transaction_read_only, or where it is set else: for \
                 the database, the server, or in the connection string's options",
            server.user
        ))
    })
}

/// The version of the tables, and what making them takes where there are none.
fn schema(state: Option<SchemaState>, making: Option<Making>, tables: &[Table]) -> Finding {
    const CHECK: &str = "schema";
    match state {
        None => Finding::error(CHECK, "the version of the tables cannot be read")
            .remedy("GRANT USAGE ON SCHEMA blogctl and SELECT on its tables to this role"),
        Some(SchemaState::Absent) => {
            let lacking = making.map(|making| lacking_to_make(making, tables));
            match lacking.filter(|lacking| !lacking.is_empty()) {
                Some(lacking) => Finding::error(
                    CHECK,
                    format!(
                        "no blogctl tables, and this role may not make them: it lacks {}",
                        lacking.join(", ")
                    ),
                )
                .remedy("run `blogctl schema apply` once as the owner of the database"),
                None => Finding::note(
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
            Finding::error(CHECK, message).remedy(remedy)
        }
    }
}

/// The same for the embedded store, which asks nobody.
pub(super) fn schema_of_file(state: SchemaState) -> Finding {
    schema(Some(state), None, &[])
}

fn lacking_to_make(making: Making, tables: &[Table]) -> Vec<String> {
    let mut lacking = Vec::new();
    if !making.schema {
        lacking.push("CREATE on the database".to_owned());
    }
    if !making.public {
        lacking.push("CREATE on the schema public".to_owned());
    }
    let foreign = tables.iter().filter(|table| !table.is_owned);
    lacking.extend(foreign.map(|table| format!("the ownership of {}", table.name)));
    lacking
}

fn columns(database: &Postgres) -> impl Iterator<Item = Finding> {
    database.mistyped.iter().map(|wrong| {
        let message = format!(
            "{} is of type {}, and blogctl needs {}",
            wrong.column, wrong.found, wrong.needed
        );
        Finding::error("columns", message)
            .remedy("change the column's type, or give blogctl a database of its own")
    })
}

fn permissions(database: &Postgres) -> Vec<Finding> {
    const CHECK: &str = "permissions";
    let role = quoted(&database.server.user);
    let mut found = Vec::new();
    for needed in TABLES {
        let Some(table) = database
            .tables
            .iter()
            .find(|table| table.name == needed.name)
        else {
            let message = format!("the table {} is missing", needed.name);
            found.push(Finding::error("schema", message).remedy(
                "restore it, or make it anew: blogctl schema print --dialect postgres | psql",
            ));
            continue;
        };
        let lacks = |privilege: &&&str| !table.granted.iter().any(|granted| granted == **privilege);
        let lacking: Vec<&str> = needed.privileges.iter().filter(lacks).copied().collect();
        if !lacking.is_empty() {
            let lacking = lacking.join(", ");
            let message = format!("this role lacks {lacking} on {}", needed.name);
            let remedy = format!("GRANT {lacking} ON {} TO {role}", needed.name);
            found.push(Finding::error(CHECK, message).remedy(remedy));
        }
        if table.has_policies {
            let message = format!(
                "row-level security may hide rows of {} from this role",
                table.name
            );
            found.push(Finding::warning(CHECK, message).remedy(format!(
                "give it a policy that lets all rows through, or ALTER ROLE {role} BYPASSRLS"
            )));
        }
    }
    for sequence in &database.locked_sequences {
        let message = format!("this role lacks USAGE on the sequence {sequence}");
        let remedy = format!("GRANT USAGE ON SEQUENCE {sequence} TO {role}");
        found.push(Finding::error(CHECK, message).remedy(remedy));
    }
    if found.is_empty() {
        found.push(Finding::ok(CHECK, "all that a sync needs"));
        let search = database
            .tables
            .iter()
            .find(|table| table.name == "blogctl.search");
        if search.is_some_and(|table| !table.is_owned) {
            found.push(Finding::note(
                CHECK,
                "this role does not own blogctl.search: a search's index is tidied up by \
                 autovacuum, not by each sync, and large syncs may slow searches for a while",
            ));
        }
    }
    found
}

/// Whether an index does what a needed one is for.
fn serves(index: &Index, needed: &NeededIndex) -> bool {
    let keys = index.keys.iter().zip(needed.keys);
    let begins_so = index.keys.len() >= needed.keys.len() && keys.clone().all(|(a, b)| a == b);
    // Who forbids two of the same must forbid it of these columns alone.
    let forbids = !needed.is_unique || index.is_unique && index.keys.len() == needed.keys.len();
    index.table == needed.table
        && index.method == needed.method
        && !index.is_partial
        && begins_so
        && forbids
}

fn indexes(database: &Postgres) -> Vec<Finding> {
    const CHECK: &str = "indexes";
    let there = |table: &str| database.tables.iter().any(|found| found.name == table);
    let mut found = Vec::new();
    for needed in INDEXES.iter().filter(|needed| there(needed.table)) {
        let candidates: Vec<&Index> = database
            .indexes
            .iter()
            .filter(|index| serves(index, needed))
            .collect();
        if candidates.iter().any(|index| index.is_valid) {
            continue;
        }
        let level = if needed.is_unique {
            Level::Error
        } else {
            Level::Warning
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
            None => (
                format!("{} on {} is missing{why}", needed.name, needed.table),
                needed.create.to_owned(),
            ),
        };
        found.push(Finding::new(CHECK, level, message).remedy(remedy));
    }
    if found.is_empty() {
        let message = format!("all {} that queries are made for", INDEXES.len());
        found.push(Finding::ok(CHECK, message));
    }
    found
}

fn schema_of(table: &str) -> &str {
    table.split_once('.').map_or(table, |(schema, _)| schema)
}

/// The commands that a missing index makes slow.
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

/// Whether each query is answered by the indexes that it is made for. What is missing was
/// said of the indexes.
fn queries(database: &Postgres) -> Vec<Finding> {
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
        } else if !is_missing {
            found.push(Finding::warning(CHECK, unanswered(query, &unused)).remedy(
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
        found.push(Finding::note(CHECK, message));
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

pub(super) fn lock(holder: &str) -> Finding {
    Finding::note("lock", format!("a sync is running: {holder}"))
}

pub(super) fn history(run: Option<&Run>) -> Finding {
    const CHECK: &str = "history";
    let Some(run) = run else {
        return Finding::ok(CHECK, "no sync has changed anything yet");
    };
    let record = &run.record;
    let at = record.finished_at.strftime("%Y-%m-%d %H:%M UTC");
    let message = format!(
        "last published {at} by {} from {}",
        record.actor, record.directory
    );
    Finding::ok(CHECK, message)
}

/// A time as people read it: `0.4 ms`, `12 ms`, `1.2 s`.
fn millis(took: Duration) -> String {
    let millis = took.as_secs_f64() * 1_000.0;
    if millis < 10.0 {
        format!("{millis:.1} ms")
    } else if millis < 1_000.0 {
        format!("{millis:.0} ms")
    } else {
        format!("{:.1} s", millis / 1_000.0)
    }
}

/// `1 day`, `2 days`.
fn number(count: i64, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {what}{end}")
}

/// A name as SQL takes it.
fn quoted(name: &str) -> String {
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
