//! `blogctl doctor`: whether publishing will work, and how well.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use jiff::Timestamp;

use super::Context;
use super::sync::gather::{Gathered, gather};
use super::sync::{is_nowhere, scan, settings};
use crate::content::{Settings, Snapshot};
use crate::diagnostic::{Diagnostic, Severity};
use crate::doctor::facts::{self, Content, Drift, Facts, Problem, Unreachable};
use crate::doctor::{self, Area};
use crate::exit::{self, Status, Unhealthy};
use crate::index::Index;
use crate::output::{self, CANNOT_WRITE, Report, doctor as report, style, sync};
use crate::plan::{self, Action, Options};
use crate::project::{Project, Target, TargetKind};
use crate::store::postgres::{PostgresStore, Unconnected};
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError};

const EXAMPLES: &str = "\
Examples:
  blogctl doctor                     Look at the database, the way there, and content/
  blogctl doctor posts/ --strict     In CI: fail for warnings, too
  blogctl doctor --format json

Nothing is written. What is found is ok, a note, a warning or an error, each with its remedy.
Ends with 0 unless there is an error, else with what a sync would end with that meets it:
1 the content, 2 a setting, 3 the database or the way there, 4 what a guard would refuse.";

/// Say whether publishing will work, and how well
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The content directory [default: content/]
    #[arg(value_name = "DIRECTORY")]
    path: Option<PathBuf>,

    /// Take warnings for errors
    #[arg(long)]
    strict: bool,

    /// Print in this format
    #[arg(long, value_enum, default_value_t)]
    format: Report,
}

/// Looks at everything, and says how it stands.
pub fn run(args: Args, context: &Context) -> Result<()> {
    let facts = examine(&args, context)?;
    let findings = doctor::findings(&facts, Timestamp::now());
    let verdict = doctor::verdict(&findings, args.strict);
    let is_healthy = verdict.is_none();
    match args.format {
        Report::Human => {
            let shown = |finding: &&doctor::Finding| {
                !context.is_quiet() || finding.level >= doctor::Level::Warning
            };
            let shown: Vec<_> = findings.iter().filter(shown).collect();
            report::write_human(&mut style::stdout(), &shown, is_healthy)
        }
        Report::Json => {
            report::write_json(&mut output::plain_stdout(), &facts, &findings, is_healthy)
        }
    }
    .context(CANNOT_WRITE)?;
    match verdict {
        None => Ok(()),
        Some(area) => Err(Unhealthy(status(area)).into()),
    }
}

/// As a sync ends that meets it.
fn status(area: Area) -> Status {
    match area {
        Area::Content => Status::Content,
        Area::Setting => Status::Usage,
        Area::Store => Status::Store,
        Area::Guard => Status::Refused,
    }
}

/// Finds out what can be found out; what fails is a fact itself, but for an interrupt.
fn examine(args: &Args, context: &Context) -> Result<Facts> {
    let mut facts = Facts::default();
    let path = args
        .path
        .clone()
        .unwrap_or_else(|| PathBuf::from("content"));
    let project = match context.project_of(&path) {
        Ok(project) => project,
        Err(error) => {
            facts.setting.problem = Some(problem(&error));
            return Ok(facts);
        }
    };
    let files = Files::read(context, &project, &path);
    let mut store = match context.target(&project) {
        Ok(target) => reach(context, &project, &target, &mut facts)?,
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
    let (content, drift) = files.compare(index);
    facts.content = Some(Content {
        directory: path.display().to_string(),
        is_default: args.path.is_none(),
        ..content
    });
    facts.drift = drift;
    Ok(facts)
}

fn problem(error: &anyhow::Error) -> Problem {
    let (message, remedy) = exit::words(error);
    Problem { message, remedy }
}

/// Connects, and examines what was reached.
///
/// # Errors
/// An interrupt alone.
fn reach(
    context: &Context,
    project: &Project,
    target: &Target,
    facts: &mut Facts,
) -> Result<Option<Box<dyn Store>>> {
    facts.setting.source = Some(target.source.to_string());
    facts.setting.location = Some(target.kind.to_string());
    facts.setting.is_nowhere = is_nowhere(target);
    let reached = match &target.kind {
        TargetKind::Postgres(url) => reach_server(context, url.expose(), facts),
        TargetKind::Sqlite { embedded: true, .. } => {
            reach_file(SqliteStore::in_project(&project.root), facts)
        }
        TargetKind::Sqlite { path, .. } => reach_file(SqliteStore::open(path), facts),
    };
    match reached {
        Ok(store) => Ok(Some(store)),
        Err(interrupted @ StoreError::Interrupted(_)) => Err(interrupted.into()),
        Err(StoreError::Target { message, help }) => {
            facts.setting.problem = Some(Problem {
                message,
                remedy: Some(help),
            });
            Ok(None)
        }
        Err(StoreError::Unreachable { source, help, .. }) => {
            let stage = source
                .downcast_ref::<Unconnected>()
                .and_then(Unconnected::stage);
            facts.unreachable = Some(Unreachable {
                stage: stage.map(|stage| stage.to_string()),
                problem: Problem {
                    message: source.to_string(),
                    remedy: help,
                },
            });
            Ok(None)
        }
        Err(error) => {
            facts.unreachable = Some(Unreachable {
                stage: None,
                problem: problem(&error.into()),
            });
            Ok(None)
        }
    }
}

fn reach_server(
    context: &Context,
    connection: &str,
    facts: &mut Facts,
) -> Result<Box<dyn Store>, StoreError> {
    let (mut store, notes) = PostgresStore::connect(connection, &context.connecting())?;
    facts.setting.notes = notes
        .into_iter()
        .map(|note| (note.text, note.is_warning))
        .collect();
    facts.setting.location = Some(crate::store::Reader::location(&store));
    let found = store.examine()?;
    facts.store = Some(facts::Store::Postgres(Box::new(found)));
    Ok(Box::new(store))
}

fn reach_file(
    opened: Result<SqliteStore, StoreError>,
    facts: &mut Facts,
) -> Result<Box<dyn Store>, StoreError> {
    let mut store = opened?;
    let found = store.examine()?;
    facts.store = Some(facts::Store::Sqlite(Box::new(found)));
    Ok(Box::new(store))
}

/// The files, as a sync finds them.
struct Files {
    settings: Settings,
    snapshot: Result<Snapshot, Problem>,
}

impl Files {
    fn read(context: &Context, project: &Project, path: &Path) -> Self {
        let settings = settings(project);
        let path = context.cwd.join(path);
        let snapshot = scan(&settings, &path, context.shows_progress());
        Self {
            snapshot: snapshot.map_err(|error| problem(&error)),
            settings,
        }
    }

    /// Checks the files, all of them, and compares them with the rows where these could be
    /// read.
    fn compare(
        self,
        index: Option<Result<Index, Problem>>,
    ) -> (Content, Option<Result<Drift, Problem>>) {
        let unread = |problem| Content {
            problem: Some(problem),
            ..Content::default()
        };
        let snapshot = match self.snapshot {
            Ok(snapshot) => snapshot,
            Err(problem) => return (unread(problem), None),
        };
        let nothing = Index::default();
        let known = match &index {
            Some(Ok(index)) => index,
            _ => &nothing,
        };
        let gathered = match gather(&self.settings, &snapshot, known, true) {
            Ok(gathered) => gathered,
            Err(error) => return (unread(problem(&error.into())), None),
        };
        let content = checked(&gathered);
        let drift = match index {
            // Posts that cannot be read would look as if their files were gone.
            Some(Ok(_)) if !content.errors.is_empty() => None,
            Some(Ok(index)) => Some(Ok(drift(&gathered, &index, &snapshot))),
            Some(Err(problem)) => Some(Err(problem)),
            None => None,
        };
        (content, drift)
    }
}

fn checked(gathered: &Gathered) -> Content {
    let lines = |severity| {
        let of_this = |finding: &&Diagnostic| finding.severity == severity;
        gathered
            .diagnostics
            .iter()
            .filter(of_this)
            .map(line)
            .collect()
    };
    let drafts = gathered.files.iter().filter(|file| file.draft).count();
    Content {
        published: gathered.files.len() - drafts,
        drafts,
        errors: lines(Severity::Error),
        warnings: lines(Severity::Warning),
        ..Content::default()
    }
}

fn line(finding: &Diagnostic) -> String {
    let place = match &finding.spot {
        Some(spot) => format!("{}:{}", finding.path, spot.line),
        None => finding.path.to_string(),
    };
    format!("{place}: {}", finding.message)
}

/// What a sync would do, and what it would only do if asked.
fn drift(gathered: &Gathered, index: &Index, snapshot: &Snapshot) -> Drift {
    let options = Options {
        prune: false,
        force: false,
        max_prune: 100,
    };
    let in_scope = |path: &_| snapshot.scope.contains(path);
    let plan = plan::make(&gathered.files, index, in_scope, options);
    Drift {
        created: plan.count(Action::Create),
        updated: plan.count(Action::Update),
        moved: plan.count(Action::Move),
        unpruned: plan.unpruned.len(),
        unchanged: plan.unchanged,
        conflicts: plan.conflicts.iter().map(sync::conflict_line).collect(),
    }
}
