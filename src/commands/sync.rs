//! `blogctl sync`: makes the store equal to the files.

pub(super) mod apply;
mod conflicts;
mod loading;
mod refused;
pub mod rows;
pub(super) mod standstill;

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Error, Result, anyhow};
use jiff::Timestamp;

use self::apply::{FilesChanged, Run, now};
use self::refused::apply_naming_posts;
use self::standstill::{Seen, Standstill};
use super::scanning::ContentPaths;
use super::{Context, check};
use crate::command_error::{CommandError, Status};
use crate::content::{self, LoadError, ReadSettings, Snapshot};
use crate::exit;
use crate::finding::{CheckFinding, Finding};
use crate::interrupt::WriteState;
use crate::left_out::Reason;
use crate::output::left_out;
use crate::output::stream::{self, Holds};
use crate::output::sync::{self as report, Commands, Outcome, Report};
use crate::output::{CANNOT_WRITE, Report as Format};
use crate::plan::{self, Options, Refusal};
use crate::post::PostId;
use crate::project::{Project, Target, TargetSource};
use crate::store::{Store, StoreError};

/// The number of attempts if files change during the sync, or the connection is lost. If other
/// syncs commit first, it retries for as long as it would wait for one of them.
pub(super) const ATTEMPTS: usize = 3;

const EXAMPLES: &str = "\
Examples:
  blogctl sync                            Publish what is new and what changed
  blogctl sync --dry-run                  Show what would change
  blogctl sync --prune                    Also remove posts whose file is gone
  blogctl sync --dry-run --exit-code      In CI: exit with 5 if there are changes
  blogctl sync content/guide/ content/ideas/   Publish some of the files

A sync is one transaction: readers see the state before it or the state after it. If any
file has an error, all errors are shown and nothing is written.";

/// Publish posts: make the database equal to their files
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Directories and files to publish [default: `directory` in blogctl.toml, else content/]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Show what would change, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// With --dry-run: exit with 5 if there are changes, or posts online whose file is left out
    #[arg(long, requires = "dry_run")]
    pub exit_code: bool,

    /// Remove posts whose file is gone from the directories, a draft or left out
    #[arg(long)]
    pub prune: bool,

    /// Overwrite what differs in posts that were changed in the database, and remove more posts
    /// than the guard lets pass
    #[arg(long)]
    pub force: bool,

    /// Treat warnings as errors
    #[arg(long)]
    pub strict: bool,

    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,

    /// Wait this long for another sync to end
    #[arg(long, value_name = "SECONDS", default_value_t = 10,
          value_parser = super::globals::seconds::<0, 3_600>)]
    pub lock_timeout: u64,
}

/// Makes the store equal to the files.
pub fn run(args: Args, context: &Context) -> Result<()> {
    let reported = Cell::new(false);
    let done = sync(&args, context, &reported);
    if let Err(error) = &done
        && args.format == Format::Json
        && !reported.get()
    {
        let (message, help) = exit::words(error);
        let outcome = Outcome::Failed(&message, help.as_deref());
        let out = &mut stream::json_stdout(Holds::Messages);
        // The error itself is printed to standard error whatever becomes of this.
        let _ = report::write_json(out, outcome, args.dry_run, None, &[], unfit(error));
    }
    done
}

/// Returns the findings about tables that posts do not fit into, if they are the error.
pub(super) fn unfit(error: &Error) -> &[CheckFinding] {
    let findings = error.chain().find_map(|cause| match cause.downcast_ref() {
        Some(StoreError::Unfit { findings }) => Some(&findings[..]),
        _ => None,
    });
    findings.unwrap_or_default()
}

/// Makes the store equal to the files. Sets `reported` once the result is written as JSON.
fn sync(args: &Args, context: &Context, reported: &Cell<bool>) -> Result<()> {
    let started_at = now();
    let (project, content) = context.content_paths(&args.paths)?;
    refuse_ephemeral_target(context, &project)?;
    context.interrupt.set_write_state(WriteState::Uncommitted);
    let settings = project.settings();
    let scan = || context.scan_content(&settings, &content, "sync");

    if content.is_missing() {
        // No need to reach a store to say so.
        scan()?;
    }
    // Files are read while the store is being reached.
    let (store, snapshot) = thread::scope(|scope| {
        let store = scope
            .spawn(|| context.open_store_within(&project, Duration::from_secs(args.lock_timeout)));
        let snapshot = scan();
        // A panic was already shown as one.
        let store = store
            .join()
            .unwrap_or_else(|_| Err(anyhow!("connecting failed")));
        (store, snapshot)
    });
    let (mut snapshot, mut store) = (snapshot?, store.map_err(nothing_written)?);

    let mut attempt = 1;
    let patience = Duration::from_secs(args.lock_timeout);
    let begun = Instant::now();
    let mut standstill = Standstill::default();
    loop {
        let seen = RefCell::new(None);
        let sync = Sync {
            seen: &seen,
            args,
            reported,
            context,
            project: &project,
            content: &content,
            settings: &settings,
            snapshot: &snapshot,
            started_at,
        };
        let done = sync.carry_out(store.as_mut());
        match done {
            Err(error) if is_stale(&error) && standstill.is_reached(seen.take()) => {
                return Err(standstill.explained());
            }
            Err(error)
                if is_retryable(&error)
                    && (attempt < ATTEMPTS || is_stale(&error) && begun.elapsed() < patience) =>
            {
                context.ui.detail(format_args!("retrying: {error}"));
            }
            Err(error) if is_concurrent_change(&error) => return Err(gave_up(&error, attempt)),
            done => return done,
        }
        attempt += 1;
        snapshot = scan()?;
    }
}

/// Returns whether the target is a file that is gone when the CI job ends.
pub(super) fn is_ephemeral_target(target: &Target) -> bool {
    let in_ci = std::env::var("CI").is_ok_and(|ci| !matches!(ci.as_str(), "" | "0" | "false"));
    in_ci && target.source == TargetSource::Default
}

/// Fails for such a target, so that a misconfigured CI job fails instead of publishing to a
/// file that is thrown away.
fn refuse_ephemeral_target(context: &Context, project: &Project) -> Result<()> {
    if is_ephemeral_target(&context.target(project)?) {
        let message = "CI is set and no database is given: this sync would publish nowhere";
        return Err(CommandError::refused(message)
            .help("set DATABASE_URL or --database; a store in a file is --database sqlite:PATH")
            .into());
    }
    Ok(())
}

/// Returns whether another attempt may succeed.
pub(super) fn is_retryable(error: &Error) -> bool {
    let NothingWritten(lost) = match error.downcast_ref() {
        Some(nothing_written) => nothing_written,
        None => return is_concurrent_change(error),
    };
    matches!(lost, StoreError::Lost { .. }) || is_concurrent_change(error)
}

/// Returns whether files or rows changed during the sync.
pub(super) fn is_concurrent_change(error: &Error) -> bool {
    error.is::<FilesChanged>()
        || matches!(error.downcast_ref(), Some(LoadError::Changed { .. }))
        || is_stale(error)
}

/// Returns whether another program wrote to the store after this sync had read its index.
pub(super) fn is_stale(error: &Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(NothingWritten(StoreError::Stale))
    )
}

/// A sync failed, and the store is as it was before.
#[derive(Debug, thiserror::Error)]
#[error("{0}; nothing was written")]
struct NothingWritten(#[source] StoreError);

/// Says so of an error that a sync met before its end. An interrupt says it by itself.
pub(super) fn nothing_written(error: Error) -> Error {
    match error.downcast::<StoreError>() {
        Ok(
            told @ (StoreError::UnknownOutcome { .. }
            | StoreError::Interrupted(_)
            | StoreError::Replaced { .. }),
        ) => told.into(),
        Ok(error) => NothingWritten(error).into(),
        Err(error) => error,
    }
}

pub(super) fn gave_up(error: &Error, attempts: usize) -> Error {
    let error = match error.downcast_ref() {
        Some(NothingWritten(stale)) => stale.to_string(),
        None => error.to_string(),
    };
    let message = format!("gave up after {attempts} attempts: {error}; nothing was written");
    CommandError::refused(message)
        .help("run it again when nothing else writes there")
        .into()
}

/// The inputs of one attempt.
struct Sync<'a> {
    /// The state of the store, set once it was read.
    seen: &'a RefCell<Option<Seen>>,
    args: &'a Args,
    reported: &'a Cell<bool>,
    context: &'a Context,
    project: &'a Project,
    content: &'a ContentPaths,
    settings: &'a ReadSettings,
    snapshot: &'a Snapshot,
    started_at: Timestamp,
}

impl Sync<'_> {
    /// Reads the index, decides, writes, and says what was done.
    fn carry_out(&self, store: &mut dyn Store) -> Result<()> {
        let index = store
            .index()
            .map_err(|error| nothing_written(error.into()))?;
        self.seen.replace(Some(Seen::new(&index)));
        let mut collection = content::collect(
            &self
                .settings
                .bounded_by(&index, &self.project.config.tables),
            self.snapshot,
            index.known_files(),
            self.args.strict,
        )?;
        let options = Options {
            prune: self.args.prune,
            force: self.args.force,
            max_prune: self.project.config.max_prune,
        };
        collection.name_free_id(super::fix::greatest(&index));
        if let Some(note) = report::read_as_note(&collection.read_as) {
            self.context.ui.note(&note);
        }
        self.judge(&collection.findings, store.location())?;
        let scope = &self.snapshot.scope;
        let read = rows::read(
            store,
            self.settings,
            self.snapshot,
            &index,
            &collection.files,
        )
        .map_err(nothing_written)?;
        let mut plan = plan::make(
            &collection.files,
            &index,
            &read.comparisons,
            |path| scope.contains(path),
            options,
        );
        let mut reasons = content::why_left_out(self.settings, &plan.gone_paths());
        let skipped = collection.skipped.iter();
        reasons.extend(skipped.map(|path| (path.clone(), Reason::NoFrontMatter)));
        plan.explain(&reasons);
        if !plan.removals.is_empty() {
            let removed: Vec<PostId> = plan.removals.iter().map(|removal| removal.id).collect();
            let dependents = store.dependents(&index, &removed);
            plan.dependents = dependents.map_err(|error| nothing_written(error.into()))?;
        }
        if let Some(refusal) = plan::refusal(&plan, options) {
            let commands = match &refusal {
                Refusal::Conflicts(conflicts) => self.commands(conflicts),
                _ => Commands::default(),
            };
            let (message, help) = report::refusal_words(&refusal, &commands);
            let outcome = Outcome::Refused(&plan, &message, &help);
            // A closed pipe must not pass for a sync that was not refused.
            let _ = self.write_json(outcome, &store.location(), &collection.findings);
            return Err(CommandError::refused(message).help(help).into());
        }
        let counts = report::counts(&plan);
        let mut cut = Vec::new();
        if !self.args.dry_run && !plan.writes_nothing() {
            let run = Run {
                content: self.content,
                settings: self.settings,
                snapshot: self.snapshot,
                main_files: loading::main_files(&collection.files, self.snapshot),
                index: &index,
                rows: &read.rows,
                lock_timeout: Duration::from_secs(self.args.lock_timeout),
                prune_tags: self.args.prune,
                actor: self.context.actor(),
                started_at: self.started_at,
                show_progress: self.context.ui.shows_progress(),
                interrupt: &self.context.interrupt,
            };
            cut = match apply_naming_posts(store, &plan, counts, &run) {
                Ok(cut) => cut,
                Err(error) => {
                    return Err(self.failed(error, &collection.findings, &store.location()));
                }
            };
        }
        let report = Report {
            plan: &plan,
            counts,
            dry_run: self.args.dry_run,
            store: &store.location(),
        };
        if self.args.format == Format::Human {
            report
                .write_human(&mut self.context.ui.report_stdout(Holds::Messages))
                .context(CANNOT_WRITE)?;
        }
        self.write_json(Outcome::Done(&plan), report.store, &collection.findings)?;
        if !self.context.ui.is_quiet() {
            let left_out = collection.left_out(self.snapshot);
            if plan.published == 0 {
                self.context.tell_no_posts(
                    self.settings,
                    self.snapshot,
                    &left_out.sum(),
                    self.content,
                    "sync",
                );
            }
            let ui = self.context.ui;
            left_out::detail(ui, &left_out);
            report::notes(&plan).iter().for_each(|note| ui.note(note));
            report::search_notes(&plan, &cut, self.args.dry_run)
                .iter()
                .for_each(|note| ui.note(note));
        }
        if self.args.exit_code && (!plan.is_empty() || plan.still_online().next().is_some()) {
            return Err(CommandError::silent(Status::Changes).into());
        }
        Ok(())
    }

    /// Writes the result for programs, if that is asked for.
    fn write_json(&self, outcome: Outcome<'_>, store: &str, findings: &[Finding]) -> Result<()> {
        if self.args.format == Format::Json {
            let out = &mut stream::json_stdout(Holds::Messages);
            self.reported.set(true);
            report::write_json(out, outcome, self.args.dry_run, Some(store), findings, &[])
                .context(CANNOT_WRITE)?;
        }
        Ok(())
    }

    /// Shows what is wrong with the files, and fails if that forbids to publish them.
    fn judge(&self, findings: &[Finding], store: String) -> Result<()> {
        let list_command = check::list_command(&self.args.paths);
        // A closed pipe must not pass for a sync that has ended well.
        self.context
            .ui
            .findings(findings, self.args.strict, &list_command);
        let Some(sum) = check::sum_of_errors(findings, self.args.strict) else {
            return Ok(());
        };
        // As above.
        let _ = self.write_json(Outcome::Invalid(&sum), &store, findings);
        Err(CommandError::content(format!("{sum}; nothing was written")).into())
    }
}
