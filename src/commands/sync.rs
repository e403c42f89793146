//! `blogctl sync`: the way of a sync is in `docs/architecture.md`.

use std::path::PathBuf;

use super::Context;
use crate::exit::Usage;
use crate::output::Report;

const EXAMPLES: &str = "\
Examples:
  blogctl sync content/                          Publish what is new and what changed
  blogctl sync content/ --dry-run                Say what would be done
  blogctl sync content/ --prune                  Also remove posts whose file is gone
  blogctl sync content/ --dry-run --exit-code    In CI: end with 5 if there are changes

All of it happens in one transaction: a reader sees the state before or the state after.
Where any file has an error, all errors are shown and nothing is written.";

/// Make the database equal to the files of a directory
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The content directory [default: content/]
    #[arg(value_name = "DIRECTORY")]
    pub path: Option<PathBuf>,

    /// Say what would be done, and write nothing
    #[arg(long)]
    pub dry_run: bool,

    /// With --dry-run: end with 5 if there are changes
    #[arg(long, requires = "dry_run")]
    pub exit_code: bool,

    /// Remove posts whose file is gone from the directory
    #[arg(long)]
    pub prune: bool,

    /// Overwrite posts that were changed in the database, and remove more of them than the
    /// guard lets pass
    #[arg(long)]
    pub force: bool,

    /// Take warnings for errors
    #[arg(long)]
    pub strict: bool,

    /// Print in this format
    #[arg(long, value_enum, default_value_t)]
    pub format: Report,

    /// Wait this long for another sync to end
    #[arg(long, value_name = "SECONDS", default_value_t = 10,
          value_parser = clap::value_parser!(u64).range(0..=3600))]
    pub lock_timeout: u64,
}

/// Makes the database equal to the files.
pub fn run(_args: Args, _context: &Context) -> anyhow::Result<()> {
    Err(Usage::new("`sync` is not built in yet").into())
}
