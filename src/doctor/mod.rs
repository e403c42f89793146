//! Whether publishing will work, and how well: facts to findings.
//!
//! `commands::doctor` gathers, this judges, `output::doctor` shows. What is judged here is a
//! function of the facts alone.

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
pub use self::requirements::{INDEXES, NeededIndex, NeededTable, TABLES};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Ok,
    /// Worth knowing; nothing is wrong.
    Note,
    /// Publishing works, and not as well as it could, or not for long.
    Warning,
    /// Publishing does not work, or not safely.
    Error,
}

impl Level {
    /// The word that output uses: `ok`, `note`, `warning` or `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What is to be mended, and so what the process ends with: as a sync would that meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// The files.
    Content,
    /// What was given to the command.
    Setting,
    /// The store, or the way there.
    Store,
    /// What a guard would stop.
    Guard,
}

/// One thing that was looked at, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at: a stable name in kebab case.
    pub check: &'static str,
    /// How it stands.
    pub level: Level,
    /// The same in words, naming values.
    pub message: String,
    /// The remedy.
    pub remedy: Option<String>,
    /// Where to look for it.
    pub area: Area,
}

impl Finding {
    fn new(check: &'static str, level: Level, message: impl Into<String>) -> Self {
        Self {
            check,
            level,
            message: message.into(),
            remedy: None,
            area: Area::Store,
        }
    }

    fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self::new(check, Level::Ok, message)
    }

    fn note(check: &'static str, message: impl Into<String>) -> Self {
        Self::new(check, Level::Note, message)
    }

    fn warning(check: &'static str, message: impl Into<String>) -> Self {
        Self::new(check, Level::Warning, message)
    }

    fn error(check: &'static str, message: impl Into<String>) -> Self {
        Self::new(check, Level::Error, message)
    }

    fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    fn maybe_remedy(mut self, remedy: Option<String>) -> Self {
        self.remedy = remedy;
        self
    }

    fn in_area(mut self, area: Area) -> Self {
        self.area = area;
        self
    }
}

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
    // What kept the rows from being read was mostly said already.
    let is_said = findings
        .iter()
        .any(|finding| finding.level == Level::Error && finding.area == Area::Store);
    if let Some(drift) = &facts.drift {
        findings.extend(content::drift(drift, is_said));
    }
    findings
}

/// The area of the finding that counts for the exit status: the first error, or the first
/// warning where these count as errors. `None` if nothing is wrong.
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
                .maybe_remedy(problem.remedy.clone())
                .in_area(Area::Setting),
        ),
        (None, Some(location)) if setting.is_nowhere => found.push(
            Finding::error(
                CHECK,
                format!("CI is set and no database is given: a sync would refuse {location}"),
            )
            .remedy("set DATABASE_URL or --database; a store in a file is --database sqlite:PATH")
            .in_area(Area::Guard),
        ),
        (None, Some(location)) => found.push(Finding::ok(CHECK, format!("{location} ({source})"))),
        (None, None) => {}
    }
    found.extend(setting.notes.iter().map(|(note, is_warning)| {
        let level = if *is_warning {
            Level::Warning
        } else {
            Level::Note
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
    Finding::error("connection", message).maybe_remedy(problem.remedy.clone())
}

/// A replica that fails is a warning: the primary answers in its place. One whose address is
/// none stands in the readers' way.
fn replica(replica: &Replica) -> Finding {
    const CHECK: &str = "replica";
    let place = format!("{} ({})", replica.location, replica.source);
    let state = match &replica.state {
        Ok(state) => state,
        Err(problem) if replica.is_refused => {
            return Finding::error(CHECK, &problem.message)
                .maybe_remedy(problem.remedy.clone())
                .in_area(Area::Setting);
        }
        Err(problem) => {
            let message = format!("{place}: {}", problem.message);
            let level = if replica.is_backed {
                Level::Warning
            } else {
                Level::Error
            };
            return Finding::new(CHECK, level, message).maybe_remedy(problem.remedy.clone());
        }
    };
    let check = format!(
        "check that {} names a replica of this database",
        replica.source
    );
    let Some(generation) = state.generation else {
        return Finding::warning(CHECK, format!("{place} has no blogctl tables")).remedy(check);
    };
    let behind = match state.primary_generation {
        None => return Finding::ok(CHECK, format!("{place} answers")),
        Some(primary) if primary < generation => {
            let message = format!("{place} has seen syncs that the primary has not");
            return Finding::warning(CHECK, message).remedy(check);
        }
        Some(primary) => primary - generation,
    };
    if state.is_in_recovery == Some(false) {
        let message = format!("{place} follows no other server: it is not a replica");
        return Finding::warning(CHECK, message).remedy(check);
    }
    match behind {
        0 => Finding::ok(CHECK, format!("{place} has all that was published")),
        behind => {
            let syncs = number(behind.unsigned_abs(), "sync");
            let heard = state.lag.map_or_else(String::new, |lag| {
                let seconds = lag.as_secs_f64();
                format!("; the last that it has was written {seconds:.0} s ago")
            });
            Finding::note(CHECK, format!("{place} is {syncs} behind{heard}"))
        }
    }
}

/// `1 row`, `2 rows`.
fn number(count: u64, what: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {what}{end}")
}
