//! `blogctl fix`: gives posts ids, and corrects what can be corrected without a doubt.

mod git_dates;
mod report;

use std::collections::{HashMap, HashSet};
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use rayon::prelude::*;

use self::report::Report;
use super::Context;
use crate::command_error::{CommandError, Status};
use crate::commands::pull::files::OutputFiles;
use crate::content::{self, Additions, Condition, ReadSettings, Repaired, ScannedFile};
use crate::diff::{Unified, file_hunks};
use crate::ids::{self, Numbered};
use crate::index::Index;
use crate::key_map::ReadField;
use crate::output::stream::Holds;
use crate::output::{CANNOT_WRITE, clean_block};
use crate::post::{PostId, SourcePath};
use crate::project::{Project, TargetKind, TargetSource};

const EXAMPLES: &str = "\
Examples:
  blogctl fix --dry-run          Show what would be changed, as a diff of each file
  blogctl fix                    Give each post without an id the next free one
  blogctl fix content/guide/     Repair some of the files

Ids follow the greatest that a file states or the database has had, in the order in which
the posts were written. Word counts and other values with a safe fix are corrected; `blogctl
check` shows what is left. Nothing else in a file changes by a byte. With --dates-from-git,
posts without created_at get the time of the commit that added them.";

/// Give posts without an id a free one, and correct what is wrong without a doubt
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Directories and files [default: the content directory]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Show what would be changed as a diff, and write nothing
    #[arg(long, short = 'n')]
    dry_run: bool,

    /// With --dry-run: end with status 5 if anything would be changed
    #[arg(long, requires = "dry_run")]
    exit_code: bool,

    /// Give posts without created_at the time of the commit that added them
    #[arg(long)]
    dates_from_git: bool,

    /// Do not ask the database which ids it has had
    #[arg(long)]
    offline: bool,
}

/// A file, and what it needs.
struct File<'a> {
    scanned: &'a ScannedFile,
    condition: Condition,
}

/// Repairs files, or shows how.
pub fn run(args: Args, context: &Context) -> Result<()> {
    let (project, chosen) = context.content_paths(&args.paths)?;
    let settings = project.settings();
    let chosen = context.scan_content(&settings, &chosen, "fix")?;
    // An id must be free among all files, not only among those that are repaired.
    let directory = project.content_directory();
    let all = match args.paths.is_empty() || !directory.is_dir() {
        true => None,
        false => Some(context.scan(&settings, &directory)?),
    };
    let is_chosen: HashSet<&SourcePath> = chosen.files.iter().map(|file| &file.path).collect();
    let others = all.iter().flat_map(|all| &all.files);
    let others = others.filter(|file| !is_chosen.contains(&file.path));
    let scanned: Vec<&ScannedFile> = chosen.files.iter().chain(others).collect();
    let files: Vec<File<'_>> = scanned
        .par_iter()
        .map(|&scanned| {
            let bytes = content::bytes(&settings, scanned)?;
            let condition = content::condition(&settings, &scanned.path, &bytes);
            Ok(File { scanned, condition })
        })
        .collect::<Result<_>>()?;
    let is_chosen = |file: &File<'_>| is_chosen.contains(&file.scanned.path);
    let mut report = Report::new(args.dry_run);
    report.unreadable = files
        .iter()
        .filter(|file| is_chosen(file) && file.condition.is_unreadable)
        .map(|file| file.scanned.path.clone())
        .collect();
    let drafts = files
        .iter()
        .filter(|file| is_chosen(file) && file.condition.is_draft);
    report.drafts = drafts.count();

    let dates = if args.dates_from_git {
        git_dates::first_commits(&project.root)?
    } else {
        HashMap::new()
    };
    let date_of = |file: &File<'_>| {
        let needs_one = file.condition.needs_time && is_chosen(file);
        let date = dates.get(file.scanned.path.as_str()).copied();
        date.filter(|_| needs_one)
    };
    let wanted: (Choice<'_>, DateOf<'_>) = (&is_chosen, &date_of);
    let new_ids = assigned(&args, context, &project, &files, wanted)?;
    let time_key = time_key(&settings, &project, &scanned)?;
    let mut repairs = Vec::new();
    for (number, file) in files.iter().enumerate().filter(|(_, file)| is_chosen(file)) {
        let additions = Additions {
            id: new_ids.get(&number).copied(),
            created_at: date_of(file).zip(time_key.as_deref()),
        };
        if additions == Additions::default() && !file.condition.has_fix {
            continue;
        }
        repairs.push((file, additions));
    }
    let mut output = OutputFiles::new(&project.root)?;
    let mut out = context.ui.stdout(Holds::Messages);
    let done = apply(
        &args,
        context,
        &settings,
        &repairs,
        &mut output,
        |file, before, repaired, additions| {
            if args.dry_run && before != repaired.bytes {
                let path = &file.scanned.path;
                writeln!(out, "{}", diff(path.as_str(), before, &repaired.bytes))
                    .context(CANNOT_WRITE)?;
            }
            report.add(&file.scanned.path, repaired, additions);
            Ok(())
        },
    );
    if let Err(error) = done.and_then(|()| {
        if args.dry_run {
            Ok(())
        } else {
            output.commit(&context.interrupt)
        }
    }) {
        output.discard();
        return Err(error);
    }
    out.write_all(report.sum().as_bytes())
        .and_then(|()| out.flush())
        .context(CANNOT_WRITE)?;
    for note in report.notes() {
        context.ui.note(&note);
    }
    if args.exit_code && report.has_changes() {
        return Err(CommandError::silent(Status::Changes).into());
    }
    Ok(())
}

/// Makes the repairs in memory, and stages the files unless this is a dry run.
fn apply<'a>(
    args: &Args,
    context: &Context,
    settings: &ReadSettings,
    repairs: &[(&File<'a>, Additions<'_>)],
    output: &mut OutputFiles<'a>,
    mut each: impl FnMut(&File<'a>, &[u8], &Repaired, &Additions<'_>) -> Result<()>,
) -> Result<()> {
    for (file, additions) in repairs {
        context.interrupt.check()?;
        let before = content::bytes(settings, file.scanned)?;
        let repaired = content::repaired(settings, &file.scanned.path, &before, *additions);
        each(file, &before, &repaired, additions)?;
        if !args.dry_run && repaired.bytes != before {
            output.stage_replacement(file.scanned, &repaired.bytes)?;
        }
    }
    Ok(())
}

/// Tells whether a file is to be repaired.
type Choice<'a> = &'a dyn Fn(&File<'_>) -> bool;

/// Returns the time that a file is to get.
type DateOf<'a> = &'a dyn Fn(&File<'_>) -> Option<Timestamp>;

/// Returns an id for each file that needs one, by its number.
fn assigned(
    args: &Args,
    context: &Context,
    project: &Project,
    files: &[File<'_>],
    (is_chosen, date_of): (Choice<'_>, DateOf<'_>),
) -> Result<HashMap<usize, PostId>> {
    let needs_one = |file: &&File<'_>| file.condition.needs_id && is_chosen(file);
    if !files.iter().any(|file| needs_one(&file)) {
        return Ok(HashMap::new());
    }
    let counted: Vec<&File<'_>> = files
        .iter()
        .filter(|file| file.condition.id.is_some() || needs_one(file))
        .collect();
    let numbered: Vec<Numbered<'_>> = counted
        .iter()
        .map(|file| Numbered {
            path: &file.scanned.path,
            locale: file.condition.locale,
            created_at: file.condition.created_at.or_else(|| date_of(file)),
            id: file.condition.id,
        })
        .collect();
    let apparent = files.iter().filter_map(|file| file.condition.apparent_id);
    let of_files = apparent.max();
    let last = if args.offline {
        of_files
    } else {
        last_id(context, project)?.max(of_files)
    };
    let ids =
        ids::assign(&numbered, last).map_err(|error| CommandError::refused(error.to_string()))?;
    let number_of: HashMap<&str, usize> = files
        .iter()
        .enumerate()
        .map(|(number, file)| (file.scanned.path.as_str(), number))
        .collect();
    Ok(ids
        .into_iter()
        .map(|(at, id)| (number_of[numbered[at].path.as_str()], id))
        .collect())
}

/// Returns the greatest id that the database has had; `None` if it has none, or cannot be reached,
/// which is said.
fn last_id(context: &Context, project: &Project) -> Result<Option<PostId>> {
    let target = context.target(project)?;
    if let (TargetSource::Default, TargetKind::Sqlite { path, .. }) = (&target.source, &target.kind)
        && !path.exists()
    {
        return Ok(None);
    }
    let asked = context.open(&target).and_then(|mut store| {
        let index = store.index()?;
        let drawn = store.last_drawn_id()?;
        Ok(greatest(&index).max(drawn))
    });
    match asked {
        Ok(last) => Ok(last),
        Err(error) => {
            context.interrupt.check()?;
            context.ui.warning(format_args!(
                "the database was not asked which ids it has had ({error:#}): the new ones are free \
                 among the files alone"
            ));
            Ok(None)
        }
    }
}

/// Returns the greatest id of a row or a record.
pub(super) fn greatest(index: &Index) -> Option<PostId> {
    let entries = index.entries.iter().map(|entry| entry.id);
    entries.chain(index.foreign.iter().map(|row| row.id)).max()
}

/// Returns the key that times of writing are written to: the one that most files have.
fn time_key(
    settings: &ReadSettings,
    project: &Project,
    files: &[&ScannedFile],
) -> Result<Option<String>> {
    let mut observations = content::Observations::new(&project.config.time_zone);
    let step = (files.len() / content::MAX_SAMPLES).max(1);
    for file in files.iter().step_by(step) {
        observations.add(&content::bytes(settings, file)?);
    }
    let style = observations.style();
    Ok(content::key_in_blog(&style, &settings.keys, ReadField::CreatedAt).map(str::to_owned))
}

/// Returns the change of a file as a unified diff.
fn diff(path: &str, before: &[u8], after: &[u8]) -> String {
    let (old, new) = (
        String::from_utf8_lossy(before),
        String::from_utf8_lossy(after),
    );
    let hunks = file_hunks(&old, &new);
    let unified = Unified {
        hunks: &hunks,
        keeps_returns: true,
    };
    clean_block(&format!("--- {path}\n+++ {path}\n{unified}")).into_owned()
}
