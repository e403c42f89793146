//! `blogctl show`: one post.

use anyhow::Context as _;

use super::Context;
use super::unreadable::Warnings;
use crate::exit::NotFound;
use crate::output::{CANNOT_WRITE, Holds, Report, human, json, json_stdout, style};
use crate::post::PostId;

const EXAMPLES: &str = "\
Examples:
  blogctl show 42
  blogctl show 42 --format json | jq -r .content";

/// Show one post: its fields, then its Markdown
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The post's id
    #[arg(value_parser = super::post_id)]
    id: PostId,

    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Report,
}

/// Prints a post, or fails with [`NotFound`].
pub fn run(args: Args, context: &Context) -> anyhow::Result<()> {
    let project = context.project()?;
    let mut store = context.open_reader(&project)?;
    let Some((post, content)) = store.show(args.id.into())? else {
        return Err(NotFound {
            message: format!("{} has no post {}", store.location(), args.id),
            help: Some("`blogctl list` shows which posts there are".into()),
        }
        .into());
    };
    Warnings::new(context).note(format_args!("post {}", post.id), &post.unreadable);
    let written = match args.format {
        Report::Human => {
            let zone = &project.config.time_zone;
            human::write_post(&mut style::stdout(), &post, &content, zone)
        }
        Report::Json => json::write_post(&mut json_stdout(Holds::Posts), &post, &content),
    };
    written.context(CANNOT_WRITE)
}
