//! `blogctl check`: everything that is wrong with files, without a database.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::Context;
use crate::command_error::CommandError;
use crate::content::{self, nearest};
use crate::finding::rules::RULES;
use crate::finding::{self, Finding, Kind, Level, Rule};
use crate::output::findings::{Format, Report};
use crate::output::stream::Holds;
use crate::output::words::number;
use crate::output::{CANNOT_WRITE, style};

const EXAMPLES: &str = "\
Examples:
  blogctl check                             Check the files under content/
  blogctl check content/guide/ --strict     In CI: fail on warnings, too
  blogctl check --format concise            One line per finding
  blogctl check --format github             Annotate a pull request
  blogctl check --explain word-count        Explain a rule

No database is needed. The exit status is 1 if there are errors. The section [rules] of
blogctl.toml sets the level of a rule: `word-count = \"off\"`, or hint, warning, error.";

/// Show everything that is wrong with the files, without a database
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The content directory, or one file [default: content/]
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,

    /// Treat warnings as errors
    #[arg(long)]
    strict: bool,

    /// Output format
    #[arg(long, value_enum, default_value_t)]
    format: Format,

    /// Explain a rule, and check nothing
    #[arg(long, value_name = "RULE", conflicts_with_all = ["path", "strict", "format"])]
    explain: Option<String>,
}

/// Reads all files, and shows what is wrong with them.
pub fn run(args: Args, context: &Context) -> Result<()> {
    if let Some(name) = &args.explain {
        return explain(name, context);
    }
    let path = args
        .path
        .clone()
        .unwrap_or_else(|| PathBuf::from("content"));
    let project = context.project_of(&path)?;
    let settings = project.settings();
    let path = context.cwd.join(path);
    let snapshot = context.scan(&settings, &path)?;
    let mut findings = content::collect(&settings, &snapshot, std::iter::empty(), true)?.findings;
    let least = context.ui.least(args.strict);
    findings.retain(|finding| finding.level >= least);
    let report = Report {
        findings: &findings,
        files: snapshot.files.len(),
        strict: args.strict,
        list_command: &list_command(args.path.as_deref()),
    };
    let is_silent = context.ui.is_quiet() && findings.is_empty() && args.format == Format::Human;
    if !is_silent {
        context
            .ui
            .report(args.format, &report)
            .context(CANNOT_WRITE)?;
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

/// Returns the command that lists all findings about `path`, one per line.
pub(super) fn list_command(path: Option<&Path>) -> String {
    let path = path.map(Path::to_string_lossy);
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-');
    match path {
        None => "blogctl check --format concise".to_owned(),
        Some(path) if path.chars().all(is_plain) && !path.starts_with('-') => {
            format!("blogctl check {path} --format concise")
        }
        Some(_) => "blogctl check PATH --format concise".to_owned(),
    }
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
