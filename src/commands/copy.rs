//! `blogctl copy`: brings the posts of one store to another, with what blogctl keeps of them.

mod apply;
mod compare;
mod ends;

use std::cell::{Cell, RefCell};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};

use self::apply::{Applied, Run, apply};
use self::compare::{AllColumns, Comparison};
use self::ends::Ends;
use super::Context;
use super::globals::secret_url;
use super::sync::apply::now;
use super::sync::standstill::{Seen, Standstill};
use super::sync::{
    ATTEMPTS, gave_up, is_concurrent_change, is_retryable, is_stale, nothing_written, unfit,
};
use crate::command_error::{CommandError, Status};
use crate::copy::{self, Columns, Tables};
use crate::exit;
use crate::interrupt::WriteState;
use crate::output::copy::{self as report, Outcome, Report};
use crate::output::stream::{self, Holds};
use crate::output::sync::cut_notes;
use crate::output::words::number;
use crate::output::{CANNOT_WRITE, Report as Format};
use crate::project::SecretUrl;
use crate::store::{Store, StoreError};

const EXAMPLES: &str = "\
Examples:
  blogctl copy --from sqlite:.blogctl/content.db --to \"$DATABASE_URL\"
                                     Move a blog from the embedded store to Postgres
  blogctl copy --from \"$DATABASE_URL\" --to sqlite:backup.db --dry-run
                                     Show what would be copied

A copy is one transaction at the target, and takes ids, tags, times and what blogctl
knows of each file along: a sync of the same files into the target has nothing to do.
Posts that only the target has are left alone. [tables] of blogctl.toml is used for the
address that is the project's database; the other has blogctl's own tables.";

/// Copy all posts of a database into another, with everything that blogctl keeps of them
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Read from this database: postgresql://USER:PASSWORD@HOST/DATABASE or sqlite:PATH
    #[arg(long, value_name = "URL", value_parser = secret_url)]
    pub from: SecretUrl,

    /// Write to this database
    #[arg(long, value_name = "URL", value_parser = secret_url)]
    pub to: SecretUrl,

    /// Show what would change, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// With --dry-run: exit with 5 if there are changes
    #[arg(long, requires = "dry_run")]
    pub exit_code: bool,

    /// Overwrite posts that were changed in the target outside blogctl
    #[arg(long)]
    pub force: bool,

    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,

    /// Wait this long for another sync of the target to end
    #[arg(long, value_name = "SECONDS", default_value_t = 10,
          value_parser = super::globals::seconds::<0, 3_600>)]
    pub lock_timeout: u64,
}

/// Copies a store into another.
pub fn run(args: Args, context: &Context) -> Result<()> {
    let reported = Cell::new(false);
    let done = copy(&args, context, &reported);
    if let Err(error) = &done
        && args.format == Format::Json
        && !reported.get()
    {
        let (message, help) = exit::words(error);
        let outcome = Outcome::Failed {
            message: &message,
            help: help.as_deref(),
            findings: unfit(error),
        };
        let out = &mut stream::json_stdout(Holds::Messages);
        // The error itself is printed to standard error whatever becomes of this.
        let _ = report::write_json(out, outcome, args.dry_run);
    }
    done
}

/// Copies a store into another. Sets `reported` once the result is written as JSON.
fn copy(args: &Args, context: &Context, reported: &Cell<bool>) -> Result<()> {
    let started_at = now();
    let project = context.project()?;
    let ends = Ends::find(args, context, &project)?;
    context.interrupt.set_write_state(WriteState::Uncommitted);
    let patience = Duration::from_secs(args.lock_timeout);
    // One is connected to while the other is.
    let (source, target) = thread::scope(|scope| {
        let source = scope.spawn(|| ends.open_source(context));
        let target = ends.open_target(context, patience);
        // A panic was already shown as one.
        let source = source
            .join()
            .unwrap_or_else(|_| Err(anyhow!("connecting failed")));
        (source, target)
    });
    let mut source = source.map_err(nothing_written)?;
    let mut target = target.map_err(nothing_written)?;

    let mut attempt = 1;
    let begun = Instant::now();
    let mut standstill = Standstill::default();
    loop {
        let seen = RefCell::new(None);
        let copy = Copy {
            args,
            context,
            reported,
            ends: &ends,
            seen: &seen,
            started_at,
        };
        match copy.carry_out(source.as_mut(), target.as_mut()) {
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
    }
}

/// The inputs of one attempt.
struct Copy<'a> {
    args: &'a Args,
    context: &'a Context,
    reported: &'a Cell<bool>,
    ends: &'a Ends,
    /// The state of the target, set once it was read.
    seen: &'a RefCell<Option<Seen>>,
    started_at: jiff::Timestamp,
}

impl Copy<'_> {
    /// Reads both indexes, decides, writes, and says what was done.
    fn carry_out(&self, source: &mut dyn Store, target: &mut dyn Store) -> Result<()> {
        let (from, to) = (source.location(), target.location());
        let failed = |error: StoreError| nothing_written(error.into());
        let index = target.index().map_err(failed)?;
        self.seen.replace(Some(Seen::new(&index)));
        let (source_index, mut snapshot) = source.snapshot().map_err(failed)?;
        let source_tables = Tables {
            map: &self.ends.source_tables,
            catalog: source_index.catalog.as_ref(),
        };
        let target_tables = Tables {
            map: &self.ends.target_tables,
            catalog: index.catalog.as_ref(),
        };
        let columns = AllColumns {
            posts: Columns::new(source_tables, target_tables),
            texts: Columns::of_texts(source_tables, target_tables),
        };
        let locales = self.ends.target_tables.locales();
        let comparison = Comparison {
            source: &source_index,
            target: &index,
            locales,
            columns: &columns,
            interrupt: &self.context.interrupt,
            show_progress: self.context.ui.shows_progress(),
        };
        let compared = comparison
            .read(snapshot.as_mut(), target)
            .map_err(nothing_written)?;
        let plan = copy::make(
            &source_index,
            &index,
            locales,
            &compared.differing,
            &columns.posts,
            self.args.force,
        );
        let mut report = Report {
            source: &from,
            target: &to,
            dry_run: self.args.dry_run,
            plan: &plan,
            problems: &compared.problems,
            runs: 0,
        };
        if let Some((message, help)) = report.refusal() {
            // A closed pipe must not pass for a copy that was not refused.
            let _ = self.write_json(Outcome::Refused(&report));
            return Err(CommandError::refused(message).help(help).into());
        }
        let mut applied = Applied::default();
        if !self.args.dry_run && !plan.is_empty() {
            let run = Run {
                source: &from,
                index: &index,
                columns: &columns,
                lock_timeout: Duration::from_secs(self.args.lock_timeout),
                actor: self.context.actor(),
                started_at: self.started_at,
                show_progress: self.context.ui.shows_progress(),
                interrupt: &self.context.interrupt,
            };
            applied = apply(snapshot.as_mut(), target, &plan, &run).map_err(nothing_written)?;
        }
        report.runs = applied.runs;
        if self.args.format == Format::Human {
            report
                .write_human(&mut self.context.ui.report_stdout(Holds::Messages))
                .context(CANNOT_WRITE)?;
        }
        self.write_json(Outcome::Done(&report))?;
        if !self.context.ui.is_quiet() {
            let ui = self.context.ui;
            if applied.runs > 0 {
                let runs = number(applied.runs, "run");
                ui.detail(format_args!("{runs} added to the history of {to}"));
            }
            report.notes().iter().for_each(|note| ui.note(note));
            cut_notes(&applied.cut).for_each(|note| ui.note(&note));
        }
        if self.args.exit_code && !plan.is_empty() {
            return Err(CommandError::silent(Status::Changes).into());
        }
        Ok(())
    }

    /// Writes the result for programs, if that is asked for.
    fn write_json(&self, outcome: Outcome<'_>) -> Result<()> {
        if self.args.format == Format::Json {
            let out = &mut stream::json_stdout(Holds::Messages);
            self.reported.set(true);
            report::write_json(out, outcome, self.args.dry_run).context(CANNOT_WRITE)?;
        }
        Ok(())
    }
}
