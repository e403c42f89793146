//! `blogctl history`: what earlier syncs did.

use super::Context;
use super::paging::PageArgs;
use super::unreadable::Warnings;
use crate::model::Run;
use crate::output::{self, Envelope, Format};

const EXAMPLES: &str = "\
Examples:
  blogctl history                  The last 20 syncs that changed something
  blogctl history --limit 1 --format json
  blogctl history --cursor 12      Those before number 12";

/// List the syncs that changed something, newest first
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    page: PageArgs,

    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints one page of runs, or all of them.
pub fn run(args: Args, context: &Context) -> anyhow::Result<()> {
    let project = context.project()?;
    let mut store = context.open_store(&project)?;
    let zone = &project.config.time_zone;
    let mut sink =
        output::stdout_sink::<Run>(context.ui, args.format, Envelope::Paged("runs"), zone);
    let mut warnings = Warnings::new(context);
    let walked = args.page.walk(&mut *sink, |position| {
        let page = store.history(position)?;
        for run in &page.items {
            warnings.note(format_args!("run {}", run.id), &run.unreadable);
        }
        Ok(page)
    })?;
    drop(warnings);
    if args.format == Format::Table {
        match walked.next_cursor {
            Some(cursor) => {
                let global = &context.options;
                context
                    .ui
                    .note(&args.page.more("history", global, Vec::new(), &[], cursor));
            }
            None if walked.rows == 0 => context.ui.status("no runs"),
            None => {}
        }
    }
    Ok(())
}
