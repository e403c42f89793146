//! `blogctl list`: a page of posts.

use jiff::tz::TimeZone;

use super::Context;
use super::filter::FilterArgs;
use super::globals::GlobalArgs;
use super::locale::LocaleArgs;
use super::paging::{PageArgs, Walked};
use super::translations::{AllLocalesArgs, GapArgs, add_texts};
use super::unreadable::Warnings;
use crate::output::ui::Notice;
use crate::output::{self, Envelope, Format};
use crate::post::StoredPost;

const EXAMPLES: &str = "\
Examples:
  blogctl list                               The newest 20 posts
  blogctl list --category GUIDE --tag neon   Posts of a category that have a tag
  blogctl list --since 2025-11-01 --until 2025-11-30
  blogctl list --where layout=wide           Posts with a front matter key of their own
  blogctl list --limit 50 --cursor 41        The page after id 41
  blogctl list --all --format jsonl          Every post, one object per line

The newest id comes first. A page starts after the last id seen, not at a row number: page
1,000 costs no more than page 1, and no post is skipped or repeated if others are added or
removed between two pages. In a blog with locales, --missing en lists the posts that have no
translation into en.";

/// List posts, newest id first
#[derive(clap::Args, Clone, Debug, Default)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    filter: FilterArgs,

    #[command(flatten)]
    page: PageArgs,

    #[command(flatten)]
    locale: LocaleArgs,

    #[command(flatten)]
    gaps: GapArgs,

    #[command(flatten)]
    all_locales: AllLocalesArgs,

    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints one page of posts, or all of them.
pub fn run(args: Args, context: &Context) -> anyhow::Result<()> {
    let mut project = context.project()?;
    args.locale.choose(&mut project)?;
    let mut filter = args.filter.filter(&project.config.time_zone)?;
    let is_json = matches!(args.format, Format::Json | Format::Jsonl);
    let locales = args.all_locales.locales(is_json, &project)?;
    filter.in_main_text = !locales.is_empty() && !args.locale.is_given();
    let has_locale = args.locale.is_given();
    args.gaps.add_to(&mut filter, &project, has_locale)?;
    let mut store = context.open_reader(&project)?;
    let mut sink = output::stdout_sink::<StoredPost>(
        context.ui,
        args.format,
        Envelope::Paged("posts"),
        &project.config.time_zone,
    );
    let mut warnings = Warnings::new(context);
    let walked = args.page.walk(&mut *sink, |position| {
        let mut page = store.list(&filter, position)?;
        let posts = page.items.iter_mut();
        add_texts(&mut *store, &project, &locales, false, posts)?;
        for post in &page.items {
            warnings.note(format_args!("post {}", post.id), &post.unreadable);
        }
        Ok(page)
    })?;
    drop(warnings);
    if args.format == Format::Table {
        args.hints(walked, &context.options, &project.config.time_zone)
            .into_iter()
            .for_each(|line| context.ui.note(&line));
    }
    Ok(())
}

impl Args {
    /// What helps after a table: how to go on, or what to try where nothing was found.
    fn hints(&self, walked: Walked, global: &GlobalArgs, zone: &TimeZone) -> Vec<Notice> {
        if let Some(cursor) = walked.next_cursor {
            let of_texts = [self.locale.to_words(), self.gaps.to_words()].concat();
            let options = [
                self.filter.to_words(),
                of_texts,
                self.all_locales.to_words(),
            ]
            .concat();
            return vec![self.page.more("list", global, options, &[], cursor)];
        }
        if walked.rows > 0 {
            return Vec::new();
        }
        let mut lines = vec![Notice::status("no posts")];
        lines.extend(self.filter.hints(zone));
        if self.gaps.is_given() {
            lines.push(Notice::hint(
                "missing and stale translations are kept by the syncs",
            ));
        }
        if let Some(cursor) = self.page.cursor {
            lines.push(Notice::hint(format!(
                "no id below {cursor} is left to show"
            )));
        }
        if lines.len() == 1 {
            lines.push(Notice::hint(
                "`blogctl sync content/` publishes the files of content/",
            ));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::output::ui::plain;
    use crate::post::PostId;
    use crate::project::SecretUrl;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn args(words: &[&str]) -> Args {
        Line::try_parse_from([&["list"], words].concat())
            .unwrap()
            .args
    }

    fn id(value: i64) -> PostId {
        PostId::new(value).unwrap()
    }

    fn more(words: &[&str], database: Option<&str>) -> String {
        more_from(words, database, None)
    }

    fn more_from(words: &[&str], database: Option<&str>, read: Option<&str>) -> String {
        let walked = Walked {
            rows: 20,
            next_cursor: Some(id(41)),
        };
        let global = GlobalArgs {
            database: database.map(SecretUrl::new),
            read_database: read.map(SecretUrl::new),
            ..GlobalArgs::default()
        };
        plain(&args(words).hints(walked, &global, &TimeZone::UTC))
    }

    #[test]
    fn the_command_for_the_next_page_repeats_the_filters() {
        assert_eq!(more(&[], None), "more: blogctl list --cursor 41");
        assert_eq!(
            more(
                &[
                    "--category",
                    "노트",
                    "--tag",
                    "it's a",
                    "--until",
                    "2025-11-28 09:00",
                    "--where",
                    "cover.alt=a cat",
                    "--limit",
                    "5",
                    "--cursor",
                    "99"
                ],
                None
            ),
            r"more: blogctl list --category 노트 --tag 'it'\''s a' --until '2025-11-28 09:00' --where 'cover.alt=a cat' --limit 5 --cursor 41"
        );
    }

    #[test]
    fn the_command_for_the_next_page_shows_no_address_of_postgres() {
        assert_eq!(
            more(&[], Some("sqlite:a b.db")),
            "more: blogctl list --database 'sqlite:a b.db' --cursor 41"
        );
        assert_eq!(
            more(&[], Some("postgresql://me:hunter2@h/d")),
            "more: blogctl list --database URL --cursor 41"
        );
    }

    #[test]
    fn the_command_for_the_next_page_reads_where_this_one_did() {
        let replica = "postgresql://me:hunter2@r/d";
        assert_eq!(
            more_from(&[], Some("postgresql://me:hunter2@h/d"), Some(replica)),
            "more: blogctl list --database URL --read-database URL --cursor 41"
        );
        assert_eq!(
            more_from(&[], None, Some("")),
            "more: blogctl list --read-database '' --cursor 41"
        );
        assert_eq!(
            more_from(&[], Some("sqlite:a.db"), Some("sqlite:b.db")),
            "more: blogctl list --database sqlite:a.db --read-database sqlite:b.db --cursor 41"
        );
    }

    #[test]
    fn nothing_found_says_what_to_try() {
        let hints = |words: &[&str]| {
            plain(&args(words).hints(Walked::default(), &GlobalArgs::default(), &TimeZone::UTC))
        };
        assert!(hints(&[]).starts_with("no posts\nhint: `blogctl sync content/`"));
        assert!(hints(&["--category", "x"]).contains("blogctl categories"));
        assert!(hints(&["--tag", "x"]).contains("blogctl tags"));
        assert!(hints(&["--since", "2025-01-01"]).contains("created_at"));
        assert!(hints(&["--where", "a=1"]).contains("blogctl show ID"));
        assert!(hints(&["--cursor", "1"]).contains("below 1"));
    }

    #[test]
    fn a_last_page_needs_no_hint() {
        let walked = Walked {
            rows: 3,
            next_cursor: None,
        };
        assert!(
            args(&[])
                .hints(walked, &GlobalArgs::default(), &TimeZone::UTC)
                .is_empty()
        );
    }
}
