//! `blogctl schema`: the tables.

use std::io::Write;
use std::time::Duration;

use anyhow::Context as _;
use clap::Subcommand;
use serde::Serialize;

use super::Context;
use crate::finding::Level;
use crate::model::{SCHEMA_VERSION, SchemaState};
use crate::output::findings::json::FindingJson;
use crate::output::stream::{self, Holds};
use crate::output::{self, CANNOT_WRITE, Report, json};
use crate::store::{Dialect, Store, StoreError};

const EXAMPLES: &str = "\
Examples:
  blogctl schema status
  blogctl schema print --dialect postgres > migration.sql
  blogctl schema apply --database postgresql://localhost/blog";

/// Create, print or check the tables
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand, Clone, Debug)]
enum Action {
    /// Make the tables, or bring them to the version that this blogctl needs
    ///
    /// All in one transaction, and only ever adding: running it again restores what was dropped
    /// and changes nothing else, and tables that an ORM made keep their columns and rows. The first `blogctl sync` makes the
    /// tables itself where there are none; it never upgrades those of an earlier version.
    Apply {
        /// Give up after waiting this long for locks that others hold
        #[arg(long, value_name = "SECONDS", default_value_t = 10,
              value_parser = super::globals::seconds::<0, 3_600>)]
        lock_timeout: u64,

        /// Print the SQL of what would be done, and write nothing
        #[arg(long, short = 'n')]
        dry_run: bool,
    },

    /// Print the SQL that makes the tables, without connecting
    Print {
        /// The database it is for [default: the one that is configured]
        #[arg(long, value_enum)]
        dialect: Option<DialectArg>,
    },

    /// Say which version the tables have, and which this blogctl needs
    ///
    /// Ends with 0 whatever the answer is; take the field `state` of `--format json` to act
    /// on it: current, absent, older or newer.
    Status {
        /// Output format
        #[arg(long, value_enum, default_value_t)]
        format: Report,
    },
}

/// The values of `--dialect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum DialectArg {
    Postgres,
    Sqlite,
}

impl From<DialectArg> for Dialect {
    fn from(dialect: DialectArg) -> Self {
        match dialect {
            DialectArg::Postgres => Self::Postgres,
            DialectArg::Sqlite => Self::Sqlite,
        }
    }
}

/// Runs the subcommand.
pub fn run(args: Args, context: &Context) -> anyhow::Result<()> {
    match args.action {
        Action::Apply {
            lock_timeout,
            dry_run,
        } => {
            let lock_timeout = Duration::from_secs(lock_timeout);
            match dry_run {
                true => preview(lock_timeout, context),
                false => apply(lock_timeout, context),
            }
        }
        Action::Print { dialect } => print(dialect, context),
        Action::Status { format } => status(format, context),
    }
}

fn apply(lock_timeout: Duration, context: &Context) -> anyhow::Result<()> {
    let project = context.project()?;
    let target = context.target(&project)?;
    let mut store = context.open(&target)?;
    let (_, missing) = missing(store.as_mut(), lock_timeout)?;
    let found = store.apply_schema(lock_timeout)?;
    let place = format!("{} ({})", store.location(), target.source);
    let mut line = output::clean_block(&applied(found, &missing, &place)).into_owned();
    line.push('\n');
    write(context.ui.report_stdout(Holds::Messages), line.as_bytes())
}

/// Reads the version of the tables, and lists what tables of the current version lack.
fn missing(
    store: &mut dyn Store,
    lock_timeout: Duration,
) -> Result<(SchemaState, Vec<String>), StoreError> {
    let found = store.schema_state()?;
    let missing = match found {
        SchemaState::Version(SCHEMA_VERSION) => store.missing(lock_timeout)?,
        _ => Vec::new(),
    };
    Ok((found, missing))
}

/// Prints what `schema apply` would do, as SQL; the words are comments in it.
fn preview(lock_timeout: Duration, context: &Context) -> anyhow::Result<()> {
    let project = context.project()?;
    let target = context.target(&project)?;
    let mut store = context.open(&target)?;
    let (found, missing) = missing(store.as_mut(), lock_timeout)?;
    let location = store.location();
    if let SchemaState::Version(version) = found
        && !(1..=SCHEMA_VERSION).contains(&version)
    {
        let found = version;
        return Err(StoreError::SchemaVersion { location, found }.into());
    }
    let place = format!("{location} ({})", target.source);
    let line = output::clean(&would_apply(found, &missing, &place)).into_owned();
    let dialect = target.kind.dialect();
    // What is missing is restored by all migrations.
    let sql = match missing.is_empty() {
        true => dialect.pending(found, &target.tables),
        false => dialect.schema(&target.tables),
    };
    let text = match sql.is_empty() {
        true => format!("-- {line}\n"),
        false => format!("-- {line}\n\n{sql}"),
    };
    write(context.ui.stdout(Holds::Posts), text.as_bytes())
}

fn would_apply(found: SchemaState, missing: &[String], place: &str) -> String {
    match found {
        SchemaState::Absent => {
            format!("would make the tables of version {SCHEMA_VERSION} in {place}")
        }
        SchemaState::Version(SCHEMA_VERSION) if !missing.is_empty() => {
            format!("would restore in {place}: {}", missing.join(", "))
        }
        SchemaState::Version(SCHEMA_VERSION) => applied(found, missing, place),
        SchemaState::Version(found) => {
            format!("would bring the tables in {place} from version {found} to {SCHEMA_VERSION}")
        }
    }
}

fn applied(found: SchemaState, missing: &[String], place: &str) -> String {
    match found {
        SchemaState::Absent => format!("made the tables of version {SCHEMA_VERSION} in {place}"),
        SchemaState::Version(SCHEMA_VERSION) if !missing.is_empty() => {
            let restored = format!("restored in {place}: {}", missing.join(", "));
            let held_rows =
                |part: &String| ["table ", "column "].iter().any(|k| part.starts_with(k));
            match missing.iter().any(held_rows) {
                true => format!(
                    "{restored}\nrun `blogctl sync`, which writes again what the files hold"
                ),
                false => restored,
            }
        }
        SchemaState::Version(SCHEMA_VERSION) => {
            format!("nothing to do: {place} has the tables of version {SCHEMA_VERSION}")
        }
        SchemaState::Version(found) => {
            format!("brought the tables in {place} from version {found} to {SCHEMA_VERSION}")
        }
    }
}

fn print(dialect: Option<DialectArg>, context: &Context) -> anyhow::Result<()> {
    let project = context.project()?;
    let dialect = match dialect {
        Some(dialect) => dialect.into(),
        None => context.target(&project)?.kind.dialect(),
    };
    let schema = dialect.schema(&project.config.tables);
    write(context.ui.stdout(Holds::Posts), schema.as_bytes())
}

/// The answer of `schema status --format json`; its names are a documented contract.
#[derive(Serialize)]
struct Status<'a> {
    store: &'a str,
    state: &'static str,
    found: Option<i32>,
    needed: i32,
    findings: Vec<FindingJson<'a>>,
}

impl<'a> Status<'a> {
    fn new(store: &'a str, found: SchemaState) -> Self {
        let (state, found) = match found {
            SchemaState::Absent => ("absent", None),
            SchemaState::Version(version) => {
                let state = match version.cmp(&SCHEMA_VERSION) {
                    std::cmp::Ordering::Less => "older",
                    std::cmp::Ordering::Equal => "current",
                    std::cmp::Ordering::Greater => "newer",
                };
                (state, Some(version))
            }
        };
        Self {
            store,
            state,
            found,
            needed: SCHEMA_VERSION,
            findings: Vec::new(),
        }
    }

    /// A line, and where something is to be done, another.
    fn to_human(&self) -> String {
        let Self { store, needed, .. } = self;
        let found = self.found.unwrap_or_default();
        let text = match self.state {
            "absent" => format!(
                "{store} has no blogctl tables; version {needed} is needed\n\
                 run `blogctl sync content/` or `blogctl schema apply`"
            ),
            "older" => format!(
                "{store} has tables of version {found}; version {needed} is needed\n\
                 run `blogctl schema apply`, which upgrades them; with `--dry-run` it shows the SQL"
            ),
            "newer" => format!(
                "{store} has tables of version {found}; this blogctl knows version {needed}\n\
                 upgrade blogctl"
            ),
            _ => format!("{store} has tables of version {found}, as needed"),
        };
        output::clean_block(&text).into_owned()
    }
}

fn status(format: Report, context: &Context) -> anyhow::Result<()> {
    let mut store = context.open_store(&context.project()?)?;
    let (found, mut fit) = store.preflight()?;
    let location = store.location();
    let least = context.ui.least(true).max(Level::Warning);
    fit.retain(|finding| finding.level >= least);
    let mut status = Status::new(&location, found);
    status.findings = fit.iter().map(FindingJson::from).collect();
    let mut text = Vec::new();
    match format {
        Report::Human => {
            writeln!(text, "{}", status.to_human())?;
            for finding in &fit {
                let (level, message) = (finding.level.as_str(), output::message(&finding.message));
                writeln!(text, "{level}: {message}")?;
                if let Some(help) = &finding.help {
                    writeln!(text, "  help: {}", output::message(help))?;
                }
            }
            write(context.ui.stdout(Holds::Messages), &text)
        }
        Report::Json => {
            json::write_line(&mut text, &status)?;
            write(stream::json_stdout(Holds::Messages), &text)
        }
    }
}

fn write(mut out: impl Write, text: &[u8]) -> anyhow::Result<()> {
    let written = out.write_all(text).and_then(|()| out.flush());
    written.context(CANNOT_WRITE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::TableMap;

    const NEWER: SchemaState = SchemaState::Version(SCHEMA_VERSION + 1);
    const OLDER: SchemaState = SchemaState::Version(SCHEMA_VERSION - 1);
    const CURRENT: SchemaState = SchemaState::Version(SCHEMA_VERSION);

    #[test]
    fn the_state_follows_from_the_versions() {
        let state = |found| Status::new("here", found).state;
        assert_eq!(state(SchemaState::Absent), "absent");
        assert_eq!(state(OLDER), "older");
        assert_eq!(state(CURRENT), "current");
        assert_eq!(state(NEWER), "newer");
    }

    #[test]
    fn the_status_in_json_has_the_documented_fields() {
        let mut out = Vec::new();
        json::write_line(&mut out, &Status::new("here", SchemaState::Absent)).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            format!(
                "{{\"store\":\"here\",\"state\":\"absent\",\"found\":null,\"needed\":{SCHEMA_VERSION},\"findings\":[]}}\n"
            )
        );
    }

    #[test]
    fn what_is_to_be_done_stands_below_the_state() {
        let lines = |found| Status::new("here", found).to_human().lines().count();
        assert_eq!(lines(CURRENT), 1);
        for found in [SchemaState::Absent, OLDER, NEWER] {
            assert_eq!(lines(found), 2, "{found:?}");
        }
    }

    #[test]
    fn applying_says_what_it_did_and_where() {
        assert_eq!(
            applied(SchemaState::Absent, &[], "sqlite:/x (default)"),
            format!("made the tables of version {SCHEMA_VERSION} in sqlite:/x (default)")
        );
        assert!(applied(CURRENT, &[], "x").starts_with("nothing to do"));
        assert!(applied(OLDER, &[], "x").starts_with("brought the tables in x from version"));
        assert!(
            would_apply(OLDER, &[], "x").starts_with("would bring the tables in x from version")
        );
        assert!(would_apply(CURRENT, &[], "x").starts_with("nothing to do"));
        let index = ["index a".to_owned()];
        assert_eq!(applied(CURRENT, &index, "x"), "restored in x: index a");
        assert_eq!(
            would_apply(CURRENT, &index, "x"),
            "would restore in x: index a"
        );
        let both = ["index a".to_owned(), "table b".to_owned()];
        assert_eq!(
            applied(CURRENT, &both, "x"),
            "restored in x: index a, table b\nrun `blogctl sync`, which writes again what the files hold"
        );
    }

    #[test]
    fn the_schema_of_postgres_names_its_version() {
        let schema = Dialect::Postgres.schema(&TableMap::default());
        assert!(schema.contains(&format!("SET version = {SCHEMA_VERSION} ")));
    }
}
