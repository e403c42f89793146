//! Names and their counts, as `categories` and `tags` print them.

use anyhow::Context as _;

use super::Context;
use super::unreadable::Warnings;
use crate::model::NameCount;
use crate::output::{self, CANNOT_WRITE, Envelope, Format};
use crate::project::Project;

/// Prints all of them, under `key` in JSON; `one` is the word for one of them.
pub fn print(
    context: &Context,
    project: &Project,
    format: Format,
    (key, one): (&'static str, &str),
    counts: &[NameCount],
) -> anyhow::Result<()> {
    let mut warnings = Warnings::new(context);
    for count in counts {
        let name = count.name.as_deref().unwrap_or("without a name");
        warnings.note(format_args!("{one} {name}"), &count.unreadable);
    }
    drop(warnings);
    let envelope = Envelope::Whole(key);
    let mut sink =
        output::stdout_sink::<NameCount>(context.ui, format, envelope, &project.config.time_zone);
    sink.page(counts).context(CANNOT_WRITE)?;
    sink.end(None).context(CANNOT_WRITE)
}
