//! `blogctl categories`: the counts that the syncs keep.

use anyhow::Context as _;

use super::Context;
use crate::output::{self, CANNOT_WRITE, Envelope, Format};
use crate::store::Tally;

/// List the categories and how many posts each has, commonest first
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Example:
  blogctl categories --format json

The counts are kept by the syncs; nothing is counted while you wait.")]
pub struct Args {
    /// Print in this format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints the categories and their counts.
pub fn run(args: Args, context: &Context) -> anyhow::Result<()> {
    let project = context.project()?;
    let categories = context.open_store(&project)?.categories()?;
    let mut sink = output::stdout_sink::<Tally>(
        args.format,
        Envelope::Whole("categories"),
        &project.config.time_zone,
    );
    sink.page(&categories).context(CANNOT_WRITE)?;
    sink.end(None).context(CANNOT_WRITE)?;
    if categories.is_empty() && args.format == Format::Table {
        context.hint("no categories");
        context.hint("hint: `category` in a post's front matter makes one");
    }
    Ok(())
}
