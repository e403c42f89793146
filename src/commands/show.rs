//! `blogctl show`: one post.

use anyhow::Context as _;

use super::Context;
use super::locale::LocaleArgs;
use super::translations::{AllLocalesArgs, add_texts};
use super::unreadable::Warnings;
use crate::command_error::CommandError;
use crate::output::{CANNOT_WRITE, Holds, Report, human, json, json_stdout};
use crate::page::PostKey;
use crate::post::PostId;

const EXAMPLES: &str = "\
Examples:
  blogctl show 7
  blogctl show --slug counts-are-kept
  blogctl show 7 --format json | jq -r .content";

/// Show one post: its fields, then its Markdown
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The post's id
    #[arg(value_parser = super::post_id, required_unless_present = "slug")]
    id: Option<PostId>,

    /// The post's slug instead of its id; of several posts that have it, the newest
    #[arg(long, conflicts_with = "id")]
    slug: Option<String>,

    #[command(flatten)]
    locale: LocaleArgs,

    #[command(flatten)]
    all_locales: AllLocalesArgs,

    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Report,
}

/// Prints a post, or fails with [`NotFound`].
pub fn run(args: Args, context: &Context) -> anyhow::Result<()> {
    let key = args.key();
    let mut project = context.project()?;
    args.locale.choose(&mut project)?;
    let mut store = context.open_reader(&project)?;
    let locales = args
        .all_locales
        .locales(args.format == Report::Json, &project)?;
    let mut found = store.show(key)?;
    if let (None, PostKey::Id(id)) = (&found, key) {
        // A post that is not in the locale has a text in another one.
        let texts = store.texts(&[id], &locales, true)?;
        let first = locales.iter().find_map(|locale| {
            let text = texts.iter().find(|(text, _)| text.locale == Some(*locale));
            text.cloned()
        });
        found = first.map(|(post, content)| (post, content.unwrap_or_default()));
    }
    let Some((mut post, content)) = found else {
        let message = format!("{} has no {key}", store.location());
        return Err(CommandError::not_found(message)
            .help("`blogctl list` shows which posts there are")
            .into());
    };
    let one = std::iter::once(&mut post);
    add_texts(&mut *store, &project, &locales, true, one)?;
    Warnings::new(context).note(format_args!("post {}", post.id), &post.unreadable);
    let written = match args.format {
        Report::Human => {
            let zone = &project.config.time_zone;
            human::write_post(&mut context.ui.stdout(Holds::Posts), &post, &content, zone)
        }
        Report::Json => json::write_post(&mut json_stdout(Holds::Posts), &post, &content),
    };
    written.context(CANNOT_WRITE)
}

impl Args {
    /// Returns the key of the post.
    fn key(&self) -> PostKey<'_> {
        match (self.id, &self.slug) {
            (Some(id), _) => PostKey::Id(id),
            // One of the two is required.
            (None, slug) => PostKey::Slug(slug.as_deref().unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn key(words: &[&str]) -> Option<String> {
        let line = Line::try_parse_from([&["show"], words].concat()).ok()?;
        Some(line.args.key().to_string())
    }

    #[test]
    fn a_post_is_named_by_its_id_or_its_slug() {
        assert_eq!(key(&["42"]).as_deref(), Some("post 42"));
        assert_eq!(
            key(&["--slug", "a/b"]).as_deref(),
            Some("post with the slug \"a/b\"")
        );
        assert_eq!(key(&[]), None);
        assert_eq!(key(&["42", "--slug", "a"]), None);
    }
}
