//! `blogctl search`: posts by their text.

mod matches;

use anyhow::Context as _;
use jiff::tz::TimeZone;
use unicode_width::UnicodeWidthStr;

use self::matches::{InStore, WINDOW};
use super::Context;
use super::filter::FilterArgs;
use super::globals::GlobalArgs;
use super::locale::LocaleArgs;
use super::paging::{PageArgs, Walked};
use super::translations::{AllLocalesArgs, add_texts};
use super::unreadable::Warnings;
use crate::command_error::CommandError;
use crate::content::nearest;
use crate::model::NameCount;
use crate::output::hits::{Hit, Ids, snippet_room};
use crate::output::stream::Holds;
use crate::output::ui::{Notice, Ui};
use crate::output::{self, CANNOT_WRITE, Envelope, Format, Sink, table};
use crate::post::StoredPost;
use crate::search::{Query, QueryError, SearchableText, Snippet, snippet};

/// The longest snippet, in characters.
const SNIPPET: usize = 160;

const EXAMPLES: &str = "\
Examples:
  blogctl search cold start                  Posts that have both words
  blogctl search '\"cold start\"'              The exact phrase
  blogctl search serverless -prisma          One word without the other
  blogctl search 인덱스                      Also finds 인덱스가 and 복합인덱스를
  blogctl search C++ max_connections         Names, whole or by part
  blogctl search sync --category GUIDE --since 2025-11-01
  blogctl search index --sort relevance      The best of the newest 200 first
  blogctl search index --all --ids           Every id, for a script

Search looks at what a reader sees: title, description, tags and text, with code and tables
but without link targets and HTML tags. Case, width and composed or decomposed letters make
no difference. An English word also finds its other forms and words that start with it;
Korean, Japanese and Chinese words are found inside others.

  word       must occur; several words must all occur, anywhere in the post
  \"a b\"      must stand as written; put '...' around it, or the shell takes the quotes
  -word      must not occur, nor -\"a b\"

Every word that starts with one - is left out, but for those that are options: -q, -v, -h.
Behind -- there are no options: `blogctl search -- -q --dry-run`.";

/// Find posts by their words, newest id first
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Words, "phrases" and -exclusions
    #[arg(value_name = "QUERY", required = true)]
    words: Vec<String>,

    #[command(flatten)]
    filter: FilterArgs,

    #[command(flatten)]
    page: PageArgs,

    /// Order the posts so
    #[arg(long, value_enum, default_value_t)]
    sort: Sort,

    #[command(flatten)]
    locale: LocaleArgs,

    #[command(flatten)]
    all_locales: AllLocalesArgs,

    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// Print ids alone, one a line
    #[arg(long, conflicts_with = "format")]
    ids: bool,
}

/// The order of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Sort {
    /// The greatest id
    #[default]
    Newest,
    /// The best: title over tags over description over text, then the newer; ranks the
    /// newest 200 matches
    Relevance,
}

/// Prints one page of what is found, or all of it.
pub fn run(args: Args, context: &Context) -> anyhow::Result<()> {
    let query = Query::parse(&args.words.join(" ")).map_err(usage)?;
    args.check()?;
    let mut project = context.project()?;
    args.locale.choose(&mut project)?;
    let zone = &project.config.time_zone;
    let filter = args.filter.filter(zone)?;
    let is_json = matches!(args.format, Format::Json | Format::Jsonl);
    let locales = args.all_locales.locales(is_json, &project)?;
    let mut store = context.open_reader(&project)?;
    let room = args.room();
    let take = |post: StoredPost, text: &SearchableText| Hit {
        snippet: fitting(&query, text, room),
        post,
    };
    let mut source = InStore {
        store: &mut *store,
        requirement: &query.requirement(),
        filter: &filter,
        unread: Vec::new(),
    };
    let mut warnings = Warnings::new(context);
    let walked = match args.sort {
        Sort::Newest => {
            let mut sink = args.sink(context.ui, Envelope::Paged("posts"), zone);
            args.page.walk(&mut *sink, |position| {
                let mut page = matches::page(&mut source, &query, position, take)?;
                let posts = page.items.iter_mut().map(|hit| &mut hit.post);
                add_texts(source.store, &project, &locales, false, posts)?;
                warn(&mut warnings, &page.items, &mut source);
                Ok(page)
            })?
        }
        Sort::Relevance => {
            let mut best = matches::best(&mut source, &query, args.page.limit(), take)?;
            let posts = best.items.iter_mut().map(|hit| &mut hit.post);
            add_texts(source.store, &project, &locales, false, posts)?;
            let key = "posts";
            let window_cut = best.window_cut;
            warn(&mut warnings, &best.items, &mut source);
            let mut sink = args.sink(context.ui, Envelope::Ranked { key, window_cut }, zone);
            sink.page(&best.items).context(CANNOT_WRITE)?;
            sink.end(None).context(CANNOT_WRITE)?;
            if window_cut && args.format != Format::Json {
                context.ui.hint(format_args!(
                    "ranked among the newest {WINDOW} matches; \
                     another word or a filter gets at older ones"
                ));
            }
            Walked {
                rows: best.items.len(),
                next_cursor: None,
            }
        }
    };
    drop(warnings);
    if args.is_for_people() {
        // One more question where there is nothing to show.
        let tags = match walked.rows {
            0 if !context.ui.is_quiet() => store.tags(None)?,
            _ => Vec::new(),
        };
        args.hints(walked, &tags, &context.options, zone)
            .into_iter()
            .for_each(|line| context.ui.note(&line));
    }
    Ok(())
}

/// Tells what of the hits cannot be shown, and in which posts nothing could be looked for.
fn warn(warnings: &mut Warnings<'_>, hits: &[Hit], source: &mut InStore<'_>) {
    for (id, content) in source.unread.drain(..) {
        warnings.note(format_args!("post {id}"), &[content]);
    }
    for Hit { post, .. } in hits {
        let others = post.unreadable.iter().filter(|one| one.column != "content");
        let others: Vec<_> = others.cloned().collect();
        warnings.note(format_args!("post {}", post.id), &others);
    }
}

/// The message of a query's error says what is wrong, and behind a semicolon what to do.
fn usage(error: QueryError) -> CommandError {
    let text = error.to_string();
    match text.split_once("; ") {
        Some((message, help)) => CommandError::usage(message).help(help),
        None => CommandError::usage(text),
    }
}

/// The snippet, cut so that it has room in so many display columns.
fn fitting(query: &Query, text: &SearchableText, room: Option<usize>) -> Snippet {
    let Some(room) = room else {
        return snippet(query, text, SNIPPET);
    };
    let mut characters = SNIPPET.min(room);
    loop {
        let snippet = snippet(query, text, characters);
        let width = snippet.text.width();
        // Cut by width at its end, it could lose what was found: take fewer characters
        // around that. Each time fewer, since it is too wide.
        let fewer = characters * room / width.max(1);
        if width <= room || fewer == 0 {
            return snippet;
        }
        characters = fewer;
    }
}

impl Args {
    /// # Errors
    /// [`CommandError`] for a walk over a ranking, which has no order to walk in.
    fn check(&self) -> Result<(), CommandError> {
        if self.sort == Sort::Newest {
            return Ok(());
        }
        let flag = match (self.page.all, self.page.cursor) {
            (true, _) => "--all",
            (_, Some(_)) => "--cursor",
            _ => return Ok(()),
        };
        Err(CommandError::usage(format!(
            "{flag} does not go with --sort relevance: it ranks the newest {WINDOW} matches \
             and shows the best page of them, and no other follows"
        ))
        .help(format!(
            "leave out {flag}, with --limit for up to 100 posts, or leave out --sort relevance"
        )))
    }

    /// Returns true if the output is a table, with hints.
    fn is_for_people(&self) -> bool {
        self.format == Format::Table && !self.ids
    }

    /// The display columns of a snippet; `None` for as many as it has.
    fn room(&self) -> Option<usize> {
        let terminal = self.is_for_people().then(table::terminal_width).flatten();
        terminal.map(snippet_room)
    }

    fn sink(&self, ui: Ui, envelope: Envelope, zone: &TimeZone) -> Box<dyn Sink<Hit>> {
        if self.ids {
            return Box::new(Ids::new(ui.stdout(Holds::Posts)));
        }
        output::stdout_sink(ui, self.format, envelope, zone)
    }

    /// Returns the hint after a table: how to continue, or what to try if nothing was found.
    fn hints(
        &self,
        walked: Walked,
        tags: &[NameCount],
        global: &GlobalArgs,
        zone: &TimeZone,
    ) -> Vec<Notice> {
        let words: Vec<String> = self.words.iter().map(|word| shown(word)).collect();
        if let Some(cursor) = walked.next_cursor {
            let options = [
                self.filter.to_words(),
                self.locale.to_words(),
                self.all_locales.to_words(),
            ]
            .concat();
            return vec![self.page.more("search", global, options, &words, cursor)];
        }
        if walked.rows > 0 {
            return Vec::new();
        }
        let mut lines = vec![Notice::status(format!(
            "no posts match {}",
            words.join(" ")
        ))];
        lines.extend(self.filter.hints(zone));
        if let Some(cursor) = self.page.cursor {
            lines.push(Notice::hint(format!("no match has an id below {cursor}")));
        }
        lines.extend(self.near_tag(tags));
        if lines.len() == 1 && self.words.join(" ").split_whitespace().count() > 1 {
            lines.push(Notice::hint("every word must occur; leave one out"));
        }
        lines
    }

    /// A tag that a word may have meant.
    fn near_tag(&self, tags: &[NameCount]) -> Option<Notice> {
        let query = self.words.join(" ");
        let words = query
            .split_whitespace()
            .filter(|word| !word.starts_with('-'));
        words.map(|word| word.trim_matches('"')).find_map(|word| {
            let near = nearest(word, tags.iter().filter_map(|tag| tag.name.as_deref()))?;
            let is_other = near.to_lowercase() != word.to_lowercase();
            is_other.then(|| Notice::hint(format!("did you mean {near:?}? It is a tag")))
        })
    }
}

/// A word as it is printed: an address pasted here by a slip may hold a password.
fn shown(word: &str) -> String {
    let is_address = word.contains("://") && word.contains('@') || word.contains("password=");
    if is_address { "URL" } else { word }.to_owned()
}

#[cfg(test)]
mod tests;
