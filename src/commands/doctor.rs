//! `blogctl doctor`: checks everything that publishing depends on.

mod content;
mod exposure;
mod reach;
mod replica;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use jiff::Timestamp;

use self::content::Files;
use super::Context;
use crate::command_error::{CommandError, Status};
use crate::doctor::facts::{Content, Facts, Problem};
use crate::doctor::{self, Area};
use crate::exit;
use crate::index::Generation;
use crate::output::stream::{self, Holds};
use crate::output::{CANNOT_WRITE, Report, doctor as report};
use crate::secret;
use crate::store::{Store, StoreError};

const EXAMPLES: &str = "\
Examples:
  blogctl doctor                     Check the database, the connection and content/
  blogctl doctor content/ --strict   In CI: fail on warnings, too
  blogctl doctor --format json

Nothing is written. Each finding is ok, a note, a warning or an error, and says how to fix
it. The exit status is 0 unless there is an error, else that of a sync with the same error:
1 content, 2 settings, 3 database or connection, 4 refused.";

/// Check everything that publishing depends on, and say how to fix what fails
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The content directory [default: `directory` in blogctl.toml, else content/]
    #[arg(value_name = "DIRECTORY")]
    path: Option<PathBuf>,

    /// Treat warnings as errors
    #[arg(long)]
    strict: bool,

    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Report,
}

/// Runs the subcommand.
pub fn run(args: Args, context: &Context) -> Result<()> {
    let facts = examine(&args, context)?;
    let mut findings = doctor::findings(&facts, Timestamp::now());
    for finding in &mut findings {
        // Much of it is made of what servers say.
        finding.message = secret::redact_message(&finding.message);
        finding.help = finding.help.as_deref().map(secret::redact_message);
    }
    let verdict = doctor::verdict(&findings, args.strict);
    let is_healthy = verdict.is_none();
    match args.format {
        Report::Human if is_healthy && context.ui.is_quiet() => Ok(()),
        Report::Human => {
            let least = match context.ui.is_quiet() {
                true => context.ui.least(args.strict),
                false => doctor::Level::Ok,
            };
            let shown: Vec<_> = findings.iter().filter(|f| f.level >= least).collect();
            report::write_human(&mut context.ui.stdout(Holds::Messages), &shown, is_healthy)
        }
        Report::Json => report::write_json(
            &mut stream::json_stdout(Holds::Messages),
            &facts,
            &findings,
            is_healthy,
        ),
    }
    .context(CANNOT_WRITE)?;
    match verdict {
        None => Ok(()),
        Some(area) => Err(CommandError::silent(status(area)).into()),
    }
}

/// Returns the exit status of a sync that fails in this area.
fn status(area: Area) -> Status {
    match area {
        Area::Content => Status::Content,
        Area::Setting => Status::Usage,
        Area::Store => Status::Store,
        Area::Guard => Status::Refused,
    }
}

/// Collects the facts. A failure is a fact, too, except for an interrupt.
fn examine(args: &Args, context: &Context) -> Result<Facts> {
    let mut facts = Facts::default();
    let (project, content) = match context.content_paths(args.path.as_slice()) {
        Ok(found) => found,
        Err(error) => {
            facts.setting.problem = Some(problem(&error));
            return Ok(facts);
        }
    };
    facts.exposures = exposure::examine(&project.root);
    let files = Files::read(context, &project, &content);
    let mut store = match context.target(&project) {
        Ok(target) => {
            let store = reach::primary(context, &target, &mut facts)?;
            facts.replica = replica::examine(context, &project)?;
            store
        }
        Err(error) => {
            facts.setting.problem = Some(problem(&error));
            None
        }
    };
    let index = match store.as_deref_mut().map(Store::index) {
        None => None,
        Some(Ok(index)) => Some(Ok(index)),
        Some(Err(interrupted @ StoreError::Interrupted(_))) => return Err(interrupted.into()),
        Some(Err(error)) => Some(Err(problem(&error.into()))),
    };
    if let Some(replica) = &mut facts.replica
        && let (true, Ok(state)) = (replica.is_backed, &mut replica.state)
        && let Some(Ok(index)) = &index
    {
        state.primary_generation = index.generation.map(|Generation(number)| number);
    }
    let (found, drift) = files.compare(index, store.as_deref_mut())?;
    facts.content = Some(Content {
        directory: content.shown.trim_end_matches('/').to_owned(),
        is_default: content.is_default,
        ..found
    });
    facts.drift = drift;
    Ok(facts)
}

fn problem(error: &anyhow::Error) -> Problem {
    let (message, remedy) = exit::words(error);
    Problem { message, remedy }
}
