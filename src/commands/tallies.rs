//! Names and their counts, as `categories` and `tags` print them.

use anyhow::Context as _;

use crate::output::{self, CANNOT_WRITE, Envelope, Format};
use crate::project::Project;
use crate::store::Tally;

/// Prints all of them, under `key` in JSON.
pub fn print(
    project: &Project,
    format: Format,
    key: &'static str,
    tallies: &[Tally],
) -> anyhow::Result<()> {
    let envelope = Envelope::Whole(key);
    let mut sink = output::stdout_sink::<Tally>(format, envelope, &project.config.time_zone);
    sink.page(tallies).context(CANNOT_WRITE)?;
    sink.end(None).context(CANNOT_WRITE)
}
