//! Output of `doctor`, for people and as JSON.

use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::findings::json::FindingJson;
use super::{json as output_json, left_out, rfc3339, style};
use crate::doctor::facts::{
    Content, Drift, Exposure, Facts, Link, Postgres, Query, Replica, Sqlite, Store,
};
use crate::doctor::{Finding, Level};
use crate::model::{Run, SCHEMA_VERSION, SchemaState};
use crate::secret;

/// The longest name of a check.
const CHECK_WIDTH: usize = 15;

/// Writes a line for each finding, its help below it, then the verdict, and flushes.
///
/// # Errors
/// Whatever the stream fails with.
pub fn write_human(
    out: &mut impl Write,
    findings: &[&Finding],
    is_healthy: bool,
) -> io::Result<()> {
    for finding in findings {
        let level = finding.level.as_str();
        let color = match finding.level {
            Level::Ok => style::MATCH,
            Level::Hint => style::HELP,
            Level::Warning => style::WARNING,
            Level::Error => style::ERROR,
        };
        let message = super::message(&finding.message);
        writeln!(
            out,
            "{color}{level:<7}{color:#}  {:<CHECK_WIDTH$}  {message}",
            finding.rule
        )?;
        if let Some(text) = &finding.help {
            let help = style::HELP;
            writeln!(
                out,
                "{:<w$}{help}help{help:#}: {}",
                "",
                super::message(text),
                w = CHECK_WIDTH + 11
            )?;
        }
    }
    let word = if is_healthy { "healthy" } else { "not healthy" };
    let head = style::HEADER;
    if !findings.is_empty() {
        writeln!(out)?;
    }
    let counts: Vec<String> = [Level::Error, Level::Warning, Level::Hint]
        .into_iter()
        .filter_map(|level| {
            let count = findings
                .iter()
                .filter(|finding| finding.level == level)
                .count();
            let end = if count == 1 { "" } else { "s" };
            (count > 0).then(|| format!("{count} {}{end}", level.as_str()))
        })
        .collect();
    if counts.is_empty() {
        writeln!(out, "{head}{word}{head:#}")?;
    } else {
        writeln!(out, "{head}{word}{head:#}: {}", counts.join(", "))?;
    }
    out.flush()
}

/// Writes one JSON object on one line, and flushes. Its names are a documented contract.
///
/// # Errors
/// Whatever the stream fails with.
pub fn write_json(
    out: &mut impl Write,
    facts: &Facts,
    findings: &[Finding],
    is_healthy: bool,
) -> io::Result<()> {
    #[derive(Serialize)]
    struct Object<'a> {
        healthy: bool,
        findings: Vec<FindingJson<'a>>,
        facts: Value,
    }
    let findings = findings
        .iter()
        .map(|finding| {
            let help = finding.help.as_deref();
            FindingJson::without_path(finding.rule, finding.level, &finding.message, help)
        })
        .collect();
    let object = Object {
        healthy: is_healthy,
        findings,
        facts: redacted(all(facts)),
    };
    output_json::write_line(out, &object)?;
    out.flush()
}

/// Redacts passwords in all texts: much of this comes from servers and files.
fn redacted(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(secret::redact_message(&text)),
        Value::Array(items) => items.into_iter().map(redacted).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            fields
                .map(|(name, value)| (name, redacted(value)))
                .collect()
        }
        value => value,
    }
}

fn all(facts: &Facts) -> Value {
    let (database, file) = match &facts.store {
        Some(Store::Postgres(found)) => (postgres(found), Value::Null),
        Some(Store::Sqlite(found)) => (Value::Null, sqlite(found)),
        None => (Value::Null, Value::Null),
    };
    json!({
        "blogctl": env!("CARGO_PKG_VERSION"),
        "source": facts.setting.source,
        "location": facts.setting.location,
        "secrets": facts.exposures.iter().map(exposure).collect::<Vec<_>>(),
        "failed_stage": facts.unreachable.as_ref().and_then(|failure| failure.stage.as_ref()),
        "postgres": database,
        "sqlite": file,
        "replica": facts.replica.as_ref().map(replica),
        "content": facts.content.as_ref().map(content),
        "drift": facts.drift.as_ref().and_then(|drift| drift.as_ref().ok()).map(drift),
    })
}

fn exposure(exposure: &Exposure) -> Value {
    json!({
        "file": exposure.file,
        "readable_mode": exposure.readable_mode.map(|mode| format!("{mode:o}")),
        "tracked": exposure.is_tracked,
    })
}

fn postgres(database: &Postgres) -> Value {
    let Postgres {
        link: found,
        server,
        ..
    } = database;
    json!({
        "link": link(found),
        "round_trip_ms": millis(database.round_trip),
        "server_version": server.version,
        "role": server.user,
        "in_recovery": server.is_in_recovery,
        "read_only": server.is_read_only,
        "connect_timeout_s": database.connect_timeout.as_secs_f64(),
        "read_timeout_s": database.read_timeout.as_secs_f64(),
        "write_timeout_s": database.write_timeout.as_secs_f64(),
        "schema": schema(database.schema),
        "queries": queries(&database.queries),
        "lock_holder": database.holder,
        "last_run": database.last_run.as_ref().map(run),
    })
}

fn link(link: &Link) -> Value {
    let tls = link.tls.as_ref().map(|tls| {
        let certificate = tls.certificate.as_ref().map(|certificate| {
            json!({
                "names": certificate.names,
                "not_after": rfc3339(certificate.not_after),
            })
        });
        json!({
            "version": tls.version,
            "cipher": tls.cipher,
            "certificate": certificate,
            "channel_bound": tls.is_channel_bound,
        })
    });
    json!({
        "peer": link.peer,
        "host": link.host,
        "attempts": link.attempts,
        "route": link.route.as_str(),
        "tls": tls,
        "phases_ms": {
            "name": millis(link.resolve),
            "network": millis(link.reach),
            "tls": link.tls.as_ref().map(|tls| millis(tls.took)),
            "login": millis(link.login),
        },
    })
}

fn schema(state: Option<SchemaState>) -> Value {
    let found = match state {
        Some(SchemaState::Version(version)) => Some(version),
        Some(SchemaState::Absent) | None => None,
    };
    json!({"found": found, "needed": SCHEMA_VERSION})
}

fn queries(queries: &[Query]) -> Value {
    queries
        .iter()
        .map(|query| {
            json!({
                "name": query.name,
                "full_scans": query.scans,
                "indexes": query.indexes,
                "error": query.refusal,
            })
        })
        .collect()
}

fn run(run: &Run) -> Value {
    json!({
        "id": run.id.get(),
        "finished_at": run.finished_at.map(rfc3339),
        "directory": run.directory,
        "actor": run.actor,
    })
}

fn sqlite(store: &Sqlite) -> Value {
    json!({
        "path": store.path.to_string_lossy(),
        "bytes": store.size,
        "writable": store.unwritable.is_none(),
        "writable_by_others": store.open_to_others,
        "journal": store.journal,
        "damage": store.damage,
        "sqlite_version": store.version,
        "schema": schema(store.schema),
        "missing": store.missing,
        "queries": queries(&store.queries),
        "lock_holder": store.holder,
        "last_run": store.last_run.as_ref().map(run),
    })
}

fn replica(replica: &Replica) -> Value {
    let state = replica.state.as_ref().ok();
    json!({
        "source": replica.source,
        "location": replica.location,
        "in_recovery": state.and_then(|state| state.is_in_recovery),
        "lag_s": state.and_then(|state| state.lag).map(|lag| lag.as_secs_f64()),
        "generation": state.and_then(|state| state.generation),
        "primary_generation": state.and_then(|state| state.primary_generation),
    })
}

fn content(content: &Content) -> Value {
    json!({
        "directory": content.directory,
        "published": content.published,
        "drafts": content.drafts,
        "errors": content.errors,
        "warnings": content.warnings,
        "left_out": left_out::to_json(&content.left_out),
    })
}

fn drift(drift: &Drift) -> Value {
    json!({
        "created": drift.created,
        "updated": drift.updated,
        "moved": drift.moved,
        "without_file": drift.orphaned,
        "unchanged": drift.unchanged,
        "conflicts": drift.conflicts,
    })
}

/// Returns milliseconds, to the microsecond.
fn millis(took: Duration) -> f64 {
    took.as_micros() as f64 / 1_000.0
}
