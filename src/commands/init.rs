//! `blogctl init`: writes the settings that fit a blog as it is.

mod files;
mod tables;

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::Context;
use crate::command_error::CommandError;
use crate::input_file::{self, Links, MAX_SETTINGS_FILE};
use crate::output::stream::{Holds, is_stdout_terminal};
use crate::output::{CANNOT_WRITE, message};
use crate::output_file::OutputTree;
use crate::project::{CONFIG_FILE, Config, Project};

const EXAMPLES: &str = "\
Examples:
  blogctl init --dry-run                                Show what would be written
  blogctl init                                          Write it to blogctl.toml
  blogctl init --database postgresql://localhost/blog   Find the tables of the blog, too

It reads the blog's files and, if a database is named, its catalogs, and changes nothing in
either. A `blogctl.toml` that is there is added to, and never overwritten.";

/// Find out how a blog is written, and write the settings that fit to blogctl.toml
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The blog's directory [default: the project of the working directory]
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,

    /// Show what was found and what would be written, and write nothing
    #[arg(long, short = 'n')]
    dry_run: bool,

    /// Write without asking, also on a terminal
    #[arg(long, short = 'y', conflicts_with = "dry_run")]
    yes: bool,
}

/// The findings of one part of `init`, and the settings that follow from them.
#[derive(Debug, Default)]
struct Found {
    /// Lines about what was found, each with its end.
    told: String,
    /// A line for the top of the settings file.
    top: Option<String>,
    /// Sections of the settings file, each with its last line end.
    sections: Vec<String>,
}

/// Finds out how the blog is written, says so, and writes the settings.
pub fn run(args: Args, context: &Context) -> Result<()> {
    let project = match &args.directory {
        None => context.project()?,
        Some(directory) => {
            let directory = context.cwd.join(directory);
            if !directory.is_dir() {
                let message = format!("{} is not a directory", directory.display());
                return Err(CommandError::usage(message)
                    .help("name the directory of the blog")
                    .into());
            }
            Project::find(&directory, None)?
        }
    };
    let path = project.root.join(CONFIG_FILE);
    let before = settings_text(&path)?;
    let files = files::find(context, &project, &before)?;
    let (tables, unreached) = match project.config.tables.is_adopted() {
        true if files.sections.is_empty() => return Err(named_already(&path)),
        true => (Found::default(), None),
        false => match tables::find(context, &project) {
            Ok(found) => (found, None),
            // What the files say does not depend on it.
            Err(error) if !files.sections.is_empty() => (Found::default(), Some(error)),
            Err(error) => return Err(error),
        },
    };
    let sections = [&files.sections[..], &tables.sections[..]].concat();
    let mut told = format!("{}{}", files.told, tables.told);
    if sections.is_empty() {
        print(context, told.trim_end())?;
        return unreached.map_or(Ok(()), Err);
    }
    let added = added(&before, files.top.as_deref(), &sections);
    let after = format!("{before}{added}");
    let config = Config::parse(&after, &path)?;
    let found = files::outlook(
        context,
        &Project {
            root: project.root.clone(),
            config,
        },
    )?;
    told.push_str(&found.told);
    let doing = if args.dry_run { "would add" } else { "add" };
    let shown = added.trim_start();
    if args.dry_run || !asks(&args) {
        let doing = if args.dry_run { doing } else { "added" };
        if !args.dry_run {
            write(&project.root, before.is_empty(), &after)?;
        }
        print(
            context,
            format!("{told}\n{doing} to {}:\n\n{shown}", path.display()).trim_end(),
        )?;
    } else {
        print(
            context,
            format!("{told}\nto {doing} to {}:\n\n{shown}", path.display()).trim_end(),
        )?;
        if !is_confirmed(context)? {
            return Err(CommandError::refused("nothing was written").into());
        }
        write(&project.root, before.is_empty(), &after)?;
    }
    if let Some(error) = unreached {
        return Err(
            error.context("the settings of the files are written, those of the tables are not")
        );
    }
    if !args.dry_run {
        for line in found.sections {
            context.ui.hint(line);
        }
    }
    Ok(())
}

fn named_already(path: &Path) -> anyhow::Error {
    let message = format!("{} names the tables already, in [tables]", path.display());
    CommandError::refused(message)
        .help("run `blogctl doctor` to see what fits; remove [tables] to find them again")
        .into()
}

/// Returns the text of the settings file; nothing if there is none.
fn settings_text(path: &Path) -> Result<String> {
    match input_file::read_text(path, Links::Follow, MAX_SETTINGS_FILE) {
        Ok(text) => Ok(text),
        Err(error) if error.is_absent(path) => Ok(String::new()),
        Err(error) => {
            Err(CommandError::usage(format!("cannot read {}: {error}", path.display())).into())
        }
    }
}

/// Returns the text that is added to the end of the settings file.
fn added(before: &str, top: Option<&str>, sections: &[String]) -> String {
    let mut text = match before {
        "" => "# Written by `blogctl init`. docs/configuration.md explains every setting.\n"
            .to_owned(),
        text if text.ends_with("\n\n") => String::new(),
        text if text.ends_with('\n') => "\n".to_owned(),
        _ => "\n\n".to_owned(),
    };
    // A key at the top cannot come behind a section.
    if let Some(top) = top.filter(|_| before.is_empty()) {
        text.push_str(&format!("{top}\n"));
    }
    if before.is_empty() {
        text.push('\n');
    }
    text.push_str(&sections.join("\n"));
    text
}

/// Returns whether to ask before writing: on a terminal alone, so that nothing waits for an answer that
/// cannot come.
fn asks(args: &Args) -> bool {
    !args.yes && std::io::stdin().is_terminal() && is_stdout_terminal()
}

fn is_confirmed(context: &Context) -> Result<bool> {
    let mut out = context.ui.stdout(Holds::Messages);
    write!(out, "\nwrite it? [Y/n] ")
        .and_then(|()| out.flush())
        .context(CANNOT_WRITE)?;
    let mut answer = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut answer)
        .context("cannot read the answer")?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes") && !answer.is_empty())
}

/// Writes the settings file whole, or not at all.
fn write(root: &Path, is_new: bool, text: &str) -> Result<()> {
    let cannot = || format!("cannot write {}", root.join(CONFIG_FILE).display());
    let mut tree = OutputTree::new(root).with_context(cannot)?;
    let path = Path::new(CONFIG_FILE);
    let staged = match is_new && !root.join(path).exists() {
        true => tree.stage_new(path, text.as_bytes()),
        false => tree.stage_replacement(path, text.as_bytes(), |_| true),
    };
    let staged = staged.with_context(cannot)?;
    if let Err(error) = tree.commit(&staged) {
        tree.discard([staged]);
        return Err(error).with_context(cannot);
    }
    Ok(())
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
