//! `blogctl init`: adopts the tables of a blog that another program made.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::Context;
use crate::adoption::{self, Proposal};
use crate::catalog::Catalog;
use crate::command_error::CommandError;
use crate::content;
use crate::finding::{CheckFinding, Level};
use crate::output::stream::Holds;
use crate::output::{CANNOT_WRITE, message};
use crate::post::SourcePath;
use crate::preflight;
use crate::project::{CONFIG_FILE, Project};

const EXAMPLES: &str = "\
Examples:
  blogctl init --dry-run                                Show what would be written
  blogctl init --database postgresql://localhost/blog   Write [tables] to blogctl.toml

It reads the catalogs of the database, and changes nothing there. A `blogctl.toml` that is
there is added to, and never overwritten.";

/// Find the tables and the languages of a blog, and name them in blogctl.toml
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Show what was found and what would be written, and write nothing
    #[arg(long, short = 'n')]
    pub dry_run: bool,
}

/// Finds the tables, says what fits and what does not, and writes their names.
pub fn run(args: Args, context: &Context) -> Result<()> {
    let project = context.project()?;
    let path = project.root.join(CONFIG_FILE);
    if project.config.tables.is_adopted() {
        let message = format!("{} names the tables already, in [tables]", path.display());
        return Err(CommandError::refused(message)
            .help("run `blogctl doctor` to see what fits; remove [tables] to find them again")
            .into());
    }
    let mut store = context.open_store(&project)?;
    let location = store.location();
    let Some(catalog) = store.survey()? else {
        let line = format!("{location} is a file of blogctl's own: there are no tables to name");
        return without_tables(&args, context, &project, &path, &line);
    };
    let locales = project.config.locales.as_ref();
    let Some(proposal) = adoption::propose(&catalog, &paths(&project), locales) else {
        let line = format!(
            "no table of {location} looks like one of posts: the first sync makes blogctl's own"
        );
        return without_tables(&args, context, &project, &path, &line);
    };
    let section = adoption::sections(&proposal.map, locales.is_some());
    let mut told = found(&proposal, &location);
    told.push_str(&fit(&catalog, &proposal));
    told.push_str(&written(&args, &path, &section)?);
    print(context, told.trim_end())
}

/// Writes what the files tell by themselves, where no tables of others are to be named: the locales.
fn without_tables(
    args: &Args,
    context: &Context,
    project: &Project,
    path: &Path,
    line: &str,
) -> Result<()> {
    let is_new = project.config.locales.is_none();
    let locales = is_new.then(|| adoption::told_by_paths(&paths(project)));
    let Some(locales) = locales.flatten() else {
        return print(context, line);
    };
    let section = adoption::locales_section(&locales);
    let told = written(args, path, &section)?;
    print(context, format!("{line}\n{told}").trim_end())
}

/// Adds the section to the settings file, unless this is a dry run, and says so.
fn written(args: &Args, path: &Path, section: &str) -> Result<String> {
    let done = if args.dry_run {
        "would add"
    } else {
        add(path, section)?;
        "added"
    };
    Ok(format!("\n{done} to {}:\n\n{section}", path.display()))
}

/// Returns the paths of the project's files; none if they cannot be read, which `check` explains.
fn paths(project: &Project) -> Vec<SourcePath> {
    let scanned = content::scan(&project.settings(), &project.root, &|_| {});
    let files = scanned.map(|snapshot| snapshot.files).unwrap_or_default();
    files.into_iter().map(|file| file.path).collect()
}

/// Says which tables hold what.
fn found(proposal: &Proposal, location: &str) -> String {
    let mut told = format!("{location}\n");
    for table in proposal.map.tables() {
        let columns = table
            .columns()
            .map(|(key, name)| match key == name.as_str() {
                true => key.to_owned(),
                false => format!("{key} in {name}"),
            });
        let columns: Vec<String> = columns.collect();
        let purpose = table.table().key();
        let _ = writeln!(
            told,
            "  {}: {purpose} ({})",
            table.name(),
            columns.join(", ")
        );
        let left_out: Vec<&str> = table.left_out().collect();
        if !left_out.is_empty() {
            let _ = writeln!(told, "    no column for {}", left_out.join(", "));
        }
    }
    if !proposal.map.stores_tags() {
        told.push_str("  no table of tags\n");
    }
    if !proposal.others.is_empty() {
        let _ = writeln!(told, "  not taken: {}", proposal.others.join(", "));
    }
    told
}

/// Says what does not fit yet, with the remedies.
fn fit(catalog: &Catalog, proposal: &Proposal) -> String {
    let findings = preflight::judge(catalog, &proposal.map, true);
    let mut told = String::new();
    let wrong = |finding: &&CheckFinding| finding.level >= Level::Warning;
    for finding in findings.iter().filter(wrong) {
        let _ = writeln!(told, "{}: {}", finding.level.as_str(), finding.message);
        if let Some(help) = &finding.help {
            let _ = writeln!(told, "  help: {help}");
        }
    }
    if told.is_empty() {
        told.push_str("posts fit into these tables\n");
    }
    told
}

/// Adds the section to the end of the settings file, or makes the file.
fn add(path: &Path, section: &str) -> Result<()> {
    let cannot = || format!("cannot write {}", path.display());
    let before = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(cannot),
    };
    let gap = match before.as_str() {
        "" => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .with_context(cannot)?;
    file.write_all(format!("{gap}{section}").as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(cannot)
}

/// Prints lines to standard output, without what could move a terminal's cursor.
fn print(context: &Context, text: &str) -> Result<()> {
    let mut out = context.ui.report_stdout(Holds::Messages);
    let lines = text.lines().map(|line| format!("{}\n", message(line)));
    let text: String = lines.collect();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .context(CANNOT_WRITE)
}
