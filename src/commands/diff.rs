//! `blogctl diff`: the differences between files and rows.

mod files;
mod rows;

use std::path::PathBuf;
use std::thread;

use anyhow::{Context as _, Result, anyhow};

use self::files::{Files, ReadFiles};
use self::rows::Rows;
use super::unreadable::Warnings;
use super::{Context, check};
use crate::command_error::{CommandError, Status};
use crate::commands::locale::{OneLocaleArgs, other_locale};
use crate::content::ReadSettings;
use crate::diff::{self, FileChange, OnlyIn, Pair, Pairs, Part, PostDiff};
use crate::finding::Finding;
use crate::locale::{Locale, LocaleFilter};
use crate::output::diff::{Human, Json, Sum};
use crate::output::stream::{self, Holds};
use crate::output::ui::Ui;
use crate::output::words::number;
use crate::output::{CANNOT_WRITE, Report as Format};
use crate::post::StoredPost;
use crate::store::Store;

/// The number of posts whose rows are asked for together.
const AT_ONCE: usize = 500;

const EXAMPLES: &str = "\
Examples:
  blogctl diff                              Compare all files with their rows
  blogctl diff content/guide/               Compare some of them
  blogctl diff --exit-code                  In CI: exit with 5 if there are differences
  blogctl diff --format json | jq -r '.posts[].content'

What the row alone has begins with -, what the file alone has with +. A sync writes the
file's side. Without PATH, rows without a file that no sync wrote are shown, too:
`blogctl pull` brings them to files, and a sync leaves them alone.";

/// Show the differences between files and rows, and which side changed
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Directories and files to compare [default: `directory` in blogctl.toml, else content/]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    locale: OneLocaleArgs,

    /// Exit with 5 if there are differences
    #[arg(long)]
    exit_code: bool,

    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Compares files with their rows, and prints the differences. Writes nothing.
pub fn run(args: Args, context: &Context) -> Result<()> {
    let (project, content) = context.content_paths(&args.paths)?;
    let only = args.locale.find(&project)?;
    let settings = project.settings();
    Files::check_locale(context, &project, &args.paths, only)?;
    // Files are read while the store is being reached.
    let (store, files) = thread::scope(|scope| {
        let store = scope.spawn(|| context.open_store(&project));
        let files = Files::scan(context, &settings, &content);
        // A panic was already shown as one.
        let store = store
            .join()
            .unwrap_or_else(|_| Err(anyhow!("connecting failed")));
        (store, files)
    });
    let (files, mut store) = (files?, store?);
    let index = store.index()?;
    let files = files.read(&settings, &index)?;
    check_locale_of_files(&files, only)?;
    // A row without a file belongs to no path.
    let claimed = match args.paths.is_empty() && !index.foreign.is_empty() {
        true => Some(files.claimed(&settings)?),
        false => None,
    };
    let part = Part {
        texts: LocaleFilter {
            locales: project.config.locales.as_ref(),
            only,
        },
        in_scope: &|path| files.has_in_scope(path),
        is_unreadable: &|path| files.is_invalid(path),
        claimed: claimed.as_ref(),
    };
    let pairs = diff::pairs(&files.entries, &index, &part);

    let list_command = check::list_command(&args.paths);
    context.ui.findings(&files.errors, false, &list_command);

    let mut printer = Printer::new(args.format, context.ui).context(CANNOT_WRITE)?;
    let mut sum = Sum {
        equal: pairs.equal,
        ..Sum::default()
    };
    let (mut conflicts, mut unmanaged) = (0, 0);
    let mut warnings = Warnings::new(context);
    let is_tracked = index.generation.is_some();
    let store = store.as_mut();
    compare(store, &settings, &files, &pairs, is_tracked, |post, row| {
        if let Some(row) = row {
            warnings.note(format_args!("post {}", row.text_id()), &row.unreadable);
        }
        if post.is_difference() {
            sum.different += 1;
            conflicts += usize::from(post.pair.is_conflict());
            match post.pair.only_in() {
                Some(OnlyIn::Files) => sum.only_in_files += 1,
                Some(OnlyIn::Database) => sum.only_in_database += 1,
                None => {}
            }
            unmanaged += usize::from(post.pair.file == FileChange::Absent);
        } else {
            sum.equal += 1;
        }
        printer.post(post).context(CANNOT_WRITE)
    })?;
    let location = store.location();
    printer
        .end(sum, &location, &files.errors)
        .context(CANNOT_WRITE)?;

    if conflicts > 0 {
        let conflicts = number(conflicts, "post");
        context.ui.hint(format_args!(
            "a sync refuses to overwrite {conflicts} that another program changed, unless \
             --force is given"
        ));
    }
    if sum.only_in_database > 0 {
        let posts = number(sum.only_in_database, "post");
        let (pull, sync) = (context.command("pull"), context.command("sync"));
        let removed = match unmanaged {
            0 => format!("`{sync} --prune` removes them"),
            all if all == sum.only_in_database => "a sync leaves them alone".to_owned(),
            _ => format!("`{sync} --prune` removes those that a sync wrote"),
        };
        context.ui.hint(format_args!(
            "{posts} in the database without a published file: `{pull}` brings them to files, \
             {removed}"
        ));
    }
    finish(&args, &files.errors, sum)
}

/// Refuses a file that was named and whose text is in another locale than the one that was named.
fn check_locale_of_files(files: &ReadFiles, only: Option<Locale>) -> Result<()> {
    let Some(only) = only else { return Ok(()) };
    let named = files
        .entries
        .iter()
        .filter(|file| files.is_named(&file.path));
    for file in named {
        if let Some(locale) = file.locale.filter(|locale| *locale != only) {
            return Err(other_locale(file.path.as_str(), locale, only).into());
        }
    }
    Ok(())
}

/// Reads both sides of each pair and compares them, one after the other. `is_tracked` is false in
/// a store without blogctl's tables. `take` receives the differences, and the row where there is
/// one.
fn compare(
    store: &mut dyn Store,
    settings: &ReadSettings,
    files: &ReadFiles,
    pairs: &Pairs,
    is_tracked: bool,
    mut take: impl FnMut(&PostDiff<'_>, Option<&StoredPost>) -> Result<()>,
) -> Result<()> {
    for pairs in pairs.changed.chunks(AT_ONCE) {
        let with_row = pairs.iter().filter(|pair| pair.has_row());
        let mut rows = Rows::new(with_row.map(Pair::text_id), is_tracked);
        for pair in pairs {
            let file = files.load(settings, pair)?;
            let row = rows.take(store, pair.text_id())?;
            let translated = settings.locales.as_ref().map(|locales| locales.translated);
            let (file, row_side) = (file.as_ref(), row.as_ref());
            let post = diff::compare(pair, file, row_side, settings.stored, translated);
            take(&post, row.as_ref().map(|(row, _)| row))?;
        }
    }
    Ok(())
}

/// Returns the command's status: errors of files count more than differences.
fn finish(args: &Args, errors: &[Finding], sum: Sum) -> Result<()> {
    if let Some(errors) = check::sum_of_errors(errors, false) {
        let message = format!("{errors}; files with errors were not compared");
        return Err(CommandError::content(message).into());
    }
    if args.exit_code && sum.different > 0 {
        return Err(CommandError::silent(Status::Changes).into());
    }
    Ok(())
}

/// A printer of differences in the format that was asked for.
enum Printer {
    Human(Human<Box<dyn std::io::Write>>),
    Json(Json<Box<dyn std::io::Write>>),
}

impl Printer {
    fn new(format: Format, ui: Ui) -> std::io::Result<Self> {
        Ok(match format {
            Format::Human => Self::Human(Human::new(Box::new(ui.stdout(Holds::Posts)))),
            Format::Json => Self::Json(Json::begin(
                Box::new(stream::json_stdout(Holds::Posts)) as _
            )?),
        })
    }

    fn post(&mut self, post: &PostDiff<'_>) -> std::io::Result<()> {
        match self {
            Self::Human(human) => human.post(post),
            Self::Json(json) => json.post(post),
        }
    }

    fn end(&mut self, sum: Sum, store: &str, errors: &[Finding]) -> std::io::Result<()> {
        match self {
            Self::Human(human) => human.end(sum, store),
            Self::Json(json) => json.end(sum, errors),
        }
    }
}
