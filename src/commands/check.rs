//! `blogctl check`: everything that is wrong with files, without a database.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::Context;
use crate::command_error::CommandError;
use crate::content::{self, nearest};
use crate::finding::rules::RULES;
use crate::finding::{self, Finding, Kind, Level, Rule};
use crate::output::findings::{Format, Report};
use crate::output::stream::Holds;
use crate::output::sync::read_as_note;
use crate::output::words::number;
use crate::output::{CANNOT_WRITE, style};

const EXAMPLES: &str = "\
Examples:
  blogctl check                             Check all files of the blog
  blogctl check content/guide/ --strict     In CI: fail on warnings, too
  blogctl check --format concise            One line per finding
  blogctl check --format github             Annotate a pull request
  blogctl check --explain word-count        Explain a rule

No database is needed. The exit status is 1 if there are errors. The section [rules] of
blogctl.toml sets the level of a rule: `word-count = \"off\"`, or hint, warning, error.";

/// The most paths that the command for a list of all findings names.
const MOST_PATHS: usize = 5;

/// Show everything that is wrong with the files, without a database
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Directories and files to check [default: `directory` in blogctl.toml, else content/]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Treat warnings as errors
    #[arg(long)]
    strict: bool,

    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// Explain a rule, and check nothing
    #[arg(long, value_name = "RULE", conflicts_with_all = ["paths", "strict", "format"])]
    explain: Option<String>,
}

/// Reads all files, and shows what is wrong with them.
pub fn run(args: Args, context: &Context) -> Result<()> {
    if let Some(name) = &args.explain {
        return explain(name, context);
    }
    let (project, content) = context.content_paths(&args.paths)?;
    let settings = project.settings();
    let snapshot = context.scan_content(&settings, &content, "check")?;
    let mut collection = content::collect(&settings, &snapshot, std::iter::empty(), true)?;
    collection.name_free_id(None);
    if let Some(note) = read_as_note(&collection.read_as) {
        context.ui.note(&note);
    }
    let left_out = collection.left_out(&snapshot);
    let files = snapshot.files.len() - collection.skipped.len();
    let mut findings = collection.findings;
    let least = context.ui.least(args.strict);
    findings.retain(|finding| finding.level >= least);
    let report = Report {
        findings: &findings,
        files,
        strict: args.strict,
        list_command: &list_command(&args.paths),
        left_out: &left_out,
    };
    let is_silent = context.ui.is_quiet() && findings.is_empty() && args.format == Format::Human;
    if !is_silent {
        context
            .ui
            .report(args.format, &report)
            .context(CANNOT_WRITE)?;
    }
    if files == 0 && findings.is_empty() {
        let sum = left_out.sum();
        context.tell_no_posts(&settings, &snapshot, &sum, &content, "check");
    }
    match sum_of_errors(&findings, args.strict) {
        None => Ok(()),
        Some(message) => Err(CommandError::content(message).into()),
    }
}

/// Returns the number of findings that forbid to publish the files, in words; `None` if there
/// are none.
pub(super) fn sum_of_errors(findings: &[Finding], strict: bool) -> Option<String> {
    let errors = finding::count(findings, Level::Error);
    let warnings = finding::count(findings, Level::Warning);
    if errors == 0 && !(strict && warnings > 0) {
        return None;
    }
    let errors = number(errors, "error");
    Some(if strict {
        format!(
            "{errors} and {} in the content",
            number(warnings, "warning")
        )
    } else {
        format!("{errors} in the content")
    })
}

/// Returns the command that lists all findings about the paths, one per line.
pub(super) fn list_command(paths: &[PathBuf]) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    let mut command = "blogctl check".to_owned();
    if paths.len() > MOST_PATHS {
        command.push_str(" PATH...");
    } else {
        for path in paths {
            let path = path.to_string_lossy();
            let is_plain = path.chars().all(is_plain) && !path.starts_with('-');
            command.push(' ');
            command.push_str(if is_plain { &path } else { "PATH" });
        }
    }
    command.push_str(" --format concise");
    command
}

/// Prints what there is to know about a rule.
fn explain(name: &str, context: &Context) -> Result<()> {
    let Some(rule) = finding::rule(name) else {
        let names = RULES.iter().map(|rule| rule.name);
        let help = match nearest(name, names) {
            Some(name) => format!("did you mean `{name}`?"),
            None => "docs/rules.md lists all rules".to_owned(),
        };
        return Err(CommandError::usage(format!("there is no rule {name:?}"))
            .help(help)
            .into());
    };
    let mut out = context.ui.stdout(Holds::Messages);
    write_explanation(&mut out, rule).context(CANNOT_WRITE)
}

fn write_explanation(out: &mut impl Write, rule: &Rule) -> std::io::Result<()> {
    let head = style::HEADER;
    let level = match rule.kind {
        Kind::Invalid => "error; the level cannot be changed".to_owned(),
        Kind::Lint => format!(
            "{}; [rules] in blogctl.toml changes it",
            rule.level.as_str()
        ),
        Kind::Count => "the worst among the findings that it counts".to_owned(),
        Kind::Check => "a check of `blogctl doctor`".to_owned(),
    };
    writeln!(out, "{head}{rule}{head:#} ({level})\n")?;
    writeln!(out, "{}", wrapped(rule.summary))?;
    write!(out, "{}", wrapped(rule.explanation))?;
    if !rule.example.is_empty() {
        writeln!(out, "\nExample:\n")?;
        for line in rule.example.lines() {
            writeln!(out, "  {line}")?;
        }
    }
    out.flush()
}

/// Breaks a paragraph into lines of at most 80 characters, each with its end.
fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let more = word.chars().count() + 1;
        if length > 0 {
            let fits = length + more <= 80;
            lines.push(if fits { ' ' } else { '\n' });
            length = if fits { length } else { 0 };
        }
        lines.push_str(word);
        length += more;
    }
    lines + "\n"
}
