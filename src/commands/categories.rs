//! `blogctl categories`: the counts that the syncs keep.

use super::locale::LocaleArgs;
use super::translations::{self, AllLocalesArgs};
use super::{Context, counts};
use crate::output::Format;

/// List the categories and how many posts each has, commonest first
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "\
Example:
  blogctl categories --format json

The counts are kept by the syncs; nothing is counted while you wait.")]
pub struct Args {
    #[command(flatten)]
    locale: LocaleArgs,

    #[command(flatten)]
    all_locales: AllLocalesArgs,

    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints the categories and their counts.
pub fn run(args: Args, context: &Context) -> anyhow::Result<()> {
    let mut project = context.project()?;
    args.locale.choose(&mut project)?;
    let is_json = matches!(args.format, Format::Json | Format::Jsonl);
    let locales = args.all_locales.locales(is_json, &project)?;
    let mut store = context.open_reader(&project)?;
    let categories = translations::counts(&locales, |locale| store.categories(locale))?;
    counts::print(
        context,
        &project,
        args.format,
        ("categories", "category"),
        &categories,
    )?;
    if categories.is_empty() && args.format == Format::Table {
        context.ui.status("no categories");
        context
            .ui
            .hint("`category` in a post's front matter makes one");
    }
    Ok(())
}
