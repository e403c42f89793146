//! `blogctl pull`: brings rows to files.

mod blog;
pub(super) mod files;
mod outcome;
mod place;
mod run;

use std::cell::Cell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context as _, Result, anyhow};

use self::blog::Blog;
use self::files::OutputFiles;
use self::place::Place;
use self::run::{Run, folded};
use super::Context;
use crate::command_error::CommandError;
use crate::commands::locale::{OneLocaleArgs, locale_of_path};
use crate::exit;
use crate::index::Index;
use crate::locale::{Locale, LocaleFilter};
use crate::output::pull::{self as report, Report};
use crate::output::stream::{self, Holds};
use crate::output::{CANNOT_WRITE, Report as Format};
use crate::post::{Field, PostId, SourcePath};
use crate::pull::{Files, Part, survey};
use crate::store::StoreError;
use crate::tables::{BlogTable, TableMap};

const EXAMPLES: &str = "\
Examples:
  blogctl pull                   Bring all that others changed or added in the database
  blogctl pull --dry-run         Show what would be written, as a diff of each file
  blogctl pull 3 4               Bring these posts
  blogctl pull content/notes/    Write new files to this directory

A file that is there is changed only where it differs from its row. A new file is
written and named as most of the others are. Nothing is written if a file changed since
the last sync, or if a row cannot be written as a file; --force overwrites changed files.";

/// Bring posts that were changed or added in the database to files
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES, override_usage = "blogctl pull [OPTIONS] [ID]... [DIRECTORY]")]
pub struct Args {
    /// Ids of posts [default: all that have something new], then the directory for new files
    /// [default: `directory` in blogctl.toml, else content/, or where in it most files are]
    #[arg(value_name = "ID|DIRECTORY")]
    targets: Vec<PathBuf>,

    #[command(flatten)]
    locale: OneLocaleArgs,

    /// Show what would be written to which files, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Overwrite files that changed since the last sync
    #[arg(long)]
    force: bool,

    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Brings rows to files.
pub fn run(args: Args, context: &Context) -> Result<()> {
    let reported = Cell::new(false);
    let done = pull(&args, context, &reported);
    if let Err(error) = &done
        && args.format == Format::Json
        && !reported.get()
    {
        let (message, help) = exit::words(error);
        let outcome = report::Outcome::Failed(&message, help.as_deref());
        let out = &mut stream::json_stdout(Holds::Messages);
        // The error itself is printed to standard error whatever becomes of this.
        let _ = report::write_json(out, outcome, args.dry_run);
    }
    done
}

impl Args {
    /// Returns the ids and the directory.
    fn targets(&self) -> Result<(Vec<PostId>, Option<&Path>)> {
        let mut ids = Vec::new();
        for (number, target) in self.targets.iter().enumerate() {
            match target.to_str().map(super::post_id) {
                Some(Ok(id)) => ids.push(id),
                _ if number + 1 == self.targets.len() => return Ok((ids, Some(target))),
                _ => {
                    let message = format!("{} is not an id", target.display());
                    let help = "name the ids first, then at most one directory";
                    return Err(CommandError::usage(message).help(help).into());
                }
            }
        }
        Ok((ids, None))
    }
}

/// Brings rows to files. Sets `reported` once the result is written as JSON.
fn pull(args: &Args, context: &Context, reported: &Cell<bool>) -> Result<()> {
    let (ids, directory) = args.targets()?;
    let project = match directory {
        Some(directory) => context.project_of(directory)?,
        None => context.project()?,
    };
    let mut only = args.locale.find(&project)?;
    let settings = project.settings();
    let place = Place::find(context, &project, directory)?;
    if let Some(directory) = &place.directory {
        only = locale_of_path(&project, directory, only)?.or(only);
    }
    // Files are read while the store is being reached.
    let (store, snapshot) = thread::scope(|scope| {
        let store = scope.spawn(|| context.open_store(&project));
        let snapshot = place.scan(context, &settings);
        // A panic was already shown as one.
        let store = store
            .join()
            .unwrap_or_else(|_| Err(anyhow!("connecting failed")));
        (store, snapshot)
    });
    let (snapshot, mut store) = (snapshot?, store?);
    let index = store.index()?;
    if index.generation.is_none() {
        let location = store.location();
        return Err(StoreError::SchemaAbsent { location }.into());
    }
    let blog = Blog::read(&settings, &place, &snapshot, &index)?;
    let files = Files {
        posts: &blog.collection.files,
        invalid: &blog.invalid,
        content: &place.content,
    };
    let scope = &place.scope;
    let part = Part {
        texts: LocaleFilter {
            locales: project.config.locales.as_ref(),
            only,
        },
        ids: &ids,
        in_scope: &|path| scope.contains(path),
    };
    let survey = survey(files, &index, &part);
    if !survey.missing.is_empty() {
        return Err(not_found(&survey.missing, only, &store.location()).into());
    }
    let mut run = Run {
        args,
        interrupt: &context.interrupt,
        root: &project.root,
        settings: &settings,
        blog: &blog,
        content: &place.content,
        files: OutputFiles::new(&project.root)?,
        has_other_counts: has_other_counts(&index, &project.config.tables),
        main_files: main_files(&blog, &index),
        taken: snapshot.files.iter().map(|f| folded(&f.path)).collect(),
        report: Report {
            store: store.location(),
            dry_run: args.dry_run,
            unchanged: survey.unchanged,
            newer_files: survey.newer_files.clone(),
            deleted: survey.deleted.clone(),
            ..Report::default()
        },
        diffed_bytes: 0,
    };
    // A signal must not leave files behind that are not in their place.
    let deferral = context.interrupt.defer();
    let written = run
        .judge_all(store.as_mut(), &survey)
        .and_then(|()| run.write());
    run.report.sort(|locale| part.texts.rank(locale));
    run.files.discard();
    drop(deferral);
    tell(args, context, &run.report, written?, reported)
}

/// Returns the files of main texts, also those that are gone; none in a blog without locales.
fn main_files(blog: &Blog<'_>, index: &Index) -> HashMap<PostId, SourcePath> {
    let entries = index.entries.iter();
    let entries = entries.filter(|entry| entry.locale.is_some() && entry.is_main);
    let before = entries.map(|entry| (entry.id, entry.path.clone()));
    let files = blog.collection.files.iter();
    let files = files.filter(|file| file.locale.is_some() && file.is_main);
    let now = files.map(|file| (file.id, file.path.clone()));
    before.chain(now).collect()
}

/// Returns whether the word counts of rows are not those that files state.
fn has_other_counts(index: &Index, map: &TableMap) -> bool {
    // Without a catalog the tables are blogctl's own.
    let Some(catalog) = &index.catalog else {
        return false;
    };
    let of_text = map.translation_column(Field::WordCount);
    let Some(name) = of_text.or_else(|| map.column(Field::WordCount)) else {
        return true;
    };
    let table = match map.translation_column(Field::WordCount) {
        Some(_) => BlogTable::Translation,
        None => BlogTable::Post,
    };
    let post = catalog.table(map.table(table).name());
    let column = post.and_then(|post| post.column(name.as_str()));
    column.is_some_and(|column| column.is_generated)
}

/// The error about posts that are not there.
fn not_found(ids: &[PostId], only: Option<Locale>, store: &str) -> CommandError {
    let ids: Vec<_> = ids.iter().map(PostId::to_string).collect();
    let noun = if ids.len() == 1 { "post" } else { "posts" };
    let locale = only.map(|locale| format!(" in {locale}"));
    let locale = locale.unwrap_or_default();
    CommandError::not_found(format!("{store} has no {noun} {}{locale}", ids.join(", ")))
        .help("`blogctl list` shows which posts there are")
}

/// Prints the result; `written` tells whether files were written.
fn tell(
    args: &Args,
    context: &Context,
    report: &Report,
    written: bool,
    reported: &Cell<bool>,
) -> Result<()> {
    let refusal = report.refusal(written);
    // A dry run shows the text of posts.
    let holds = match args.dry_run {
        true => Holds::Posts,
        false => Holds::Messages,
    };
    if args.format == Format::Json {
        let outcome = match refusal {
            Some(_) => report::Outcome::Refused(report, written),
            None => report::Outcome::Done(report),
        };
        reported.set(true);
        let out = &mut stream::json_stdout(holds);
        let told = report::write_json(out, outcome, args.dry_run);
        // A closed pipe must not pass for a pull that was not refused.
        if refusal.is_none() {
            told.context(CANNOT_WRITE)?;
        }
    }
    if args.format == Format::Human && (refusal.is_none() || written) {
        let told = report.write_human(&mut context.ui.report_stdout(holds));
        if refusal.is_none() {
            told.context(CANNOT_WRITE)?;
        }
    }
    if let Some((message, help)) = refusal {
        return Err(CommandError::refused(message).help(help).into());
    }
    let ui = context.ui;
    report.notes().iter().for_each(|note| ui.note(note));
    Ok(())
}
