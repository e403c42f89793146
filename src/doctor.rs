//! Findings about everything that publishing depends on, made from facts.
//!
//! `commands::doctor` collects the facts, this module judges them, and `output::doctor` shows the
//! findings. The findings depend on nothing but the facts and the time.

mod connection;
mod content;
mod exposure;
pub mod facts;
mod requirements;
mod server;
mod sqlite;
mod tables;

#[cfg(test)]
mod tests;

use jiff::Timestamp;

use self::facts::{Facts, Replica, Setting, Store, Unreachable};
pub use self::requirements::{INDEXES, NeededIndex, NeededTable, needed_tables};
pub use self::tables::missing_indexes;
pub use crate::finding::{Area, CheckFinding as Finding, Level};

/// Judges all facts, in the order in which a sync would meet them.
pub fn findings(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let mut findings = setting(&facts.setting);
    findings.extend(exposure::findings(&facts.exposures));
    findings.extend(facts.unreachable.as_ref().map(unreachable));
    match &facts.store {
        Some(Store::Postgres(database)) => findings.extend(server::findings(database, now)),
        Some(Store::Sqlite(store)) => findings.extend(sqlite::findings(store)),
        None => {}
    }
    findings.extend(facts.replica.iter().map(replica));
    if let Some(content) = &facts.content {
        findings.push(content::content(content));
    }
    // An earlier finding mostly says already why the rows could not be read.
    let is_said = findings
        .iter()
        .any(|finding| finding.level == Level::Error && finding.area == Area::Store);
    if let Some(drift) = &facts.drift {
        findings.extend(content::drift(drift, is_said));
    }
    findings
}

/// Returns the area of the finding that decides the exit status: the first error, or the first
/// warning if `strict`; `None` if nothing is wrong.
pub fn verdict(findings: &[Finding], strict: bool) -> Option<Area> {
    let worst = |level| findings.iter().find(move |finding| finding.level == level);
    let error = worst(Level::Error);
    let found = error.or_else(|| worst(Level::Warning).filter(|_| strict));
    found.map(|finding| finding.area)
}

fn setting(setting: &Setting) -> Vec<Finding> {
    const CHECK: &str = "setting";
    let mut found = Vec::new();
    let source = match setting.source.as_deref() {
        Some("default") => "nothing names a database: the default",
        Some(source) => source,
        None => "",
    };
    let location = setting.location.as_deref();
    match (&setting.problem, location) {
        (Some(problem), _) => found.push(
            Finding::error(CHECK, &problem.message)
                .maybe_help(problem.remedy.clone())
                .in_area(Area::Setting),
        ),
        (None, Some(location)) if setting.is_ephemeral => found.push(
            Finding::error(
                CHECK,
                format!("CI is set and no database is given: a sync would refuse {location}"),
            )
            .help("set DATABASE_URL or --database; a store in a file is --database sqlite:PATH")
            .in_area(Area::Guard),
        ),
        (None, Some(location)) => found.push(Finding::ok(CHECK, format!("{location} ({source})"))),
        (None, None) => {}
    }
    found.extend(setting.notes.iter().map(|(note, is_warning)| {
        let level = if *is_warning {
            Level::Warning
        } else {
            Level::Hint
        };
        Finding::new(CHECK, level, note).in_area(Area::Setting)
    }));
    found
}

fn unreachable(unreachable: &Unreachable) -> Finding {
    let Unreachable { stage, problem } = unreachable;
    let message = match stage {
        Some(stage) => format!("{stage} failed: {}", problem.message),
        None => problem.message.clone(),
    };
    Finding::error("connection", message).maybe_help(problem.remedy.clone())
}

/// Judges a replica. A failing replica is a warning, since the primary answers in its place; an
/// address that cannot be used is an error, since every reader fails.
fn replica(replica: &Replica) -> Finding {
    const CHECK: &str = "replica";
    let place = format!("{} ({})", replica.location, replica.source);
    let state = match &replica.state {
        Ok(state) => state,
        Err(problem) if replica.is_refused => {
            return Finding::error(CHECK, &problem.message)
                .maybe_help(problem.remedy.clone())
                .in_area(Area::Setting);
        }
        Err(problem) => {
            let message = format!("{place}: {}", problem.message);
            let level = if replica.is_backed {
                Level::Warning
            } else {
                Level::Error
            };
            return Finding::new(CHECK, level, message).maybe_help(problem.remedy.clone());
        }
    };
    let check = format!(
        "check that {} names a replica of this database",
        replica.source
    );
    let Some(generation) = state.generation else {
        return Finding::warning(CHECK, format!("{place} has no blogctl tables")).help(check);
    };
    let behind = match state.primary_generation {
        None => return Finding::ok(CHECK, format!("{place} answers")),
        Some(primary) if primary < generation => {
            let message = format!("{place} has seen syncs that the primary has not");
            return Finding::warning(CHECK, message).help(check);
        }
        Some(primary) => primary - generation,
    };
    if state.is_in_recovery == Some(false) {
        let message = format!("{place} follows no other server: it is not a replica");
        return Finding::warning(CHECK, message).help(check);
    }
    match behind {
        0 => Finding::ok(CHECK, format!("{place} has all that was published")),
        behind => {
            let syncs = number(behind.unsigned_abs(), "sync");
            let heard = state.lag.map_or_else(String::new, |lag| {
                let seconds = lag.as_secs_f64();
                format!("; the last that it has was written {seconds:.0} s ago")
            });
            Finding::hint(CHECK, format!("{place} is {syncs} behind{heard}"))
        }
    }
}

/// Formats a count with its noun: `1 row`, `2 rows`.
fn number(count: u64, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {what}{end}")
}
