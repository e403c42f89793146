//! Findings about the files, and about how they differ from the rows.

use super::facts::{Content, Drift, Problem};
use super::{Area, Finding, Level, number};

/// The number of places that a message names; it counts the rest.
const LISTED: usize = 3;

/// Judges the files themselves.
pub fn content(content: &Content) -> Finding {
    const CHECK: &str = "content";
    let directory = &content.directory;
    if let Some(problem) = &content.problem {
        // Without a directory on the command line only the database may have been of interest.
        let (level, area) = if content.is_default {
            (Level::Warning, Area::Setting)
        } else {
            (Level::Error, Area::Setting)
        };
        return Finding::new(CHECK, level, &problem.message)
            .maybe_help(problem.remedy.clone())
            .in_area(area);
    }
    let command = match content.is_default {
        true => "blogctl check".to_owned(),
        false => format!("blogctl check {directory}"),
    };
    let remedy = format!("run `{command}`, which shows each with its line");
    if !content.errors.is_empty() {
        let sum = number(content.errors.len() as u64, "error");
        return Finding::error(CHECK, format!("{sum}: {}", listed(&content.errors)))
            .help(remedy)
            .in_area(Area::Content);
    }
    let mut sum = number(content.published as u64, "post");
    if content.drafts > 0 {
        sum = format!("{sum}, {}", number(content.drafts as u64, "draft"));
    }
    if !content.warnings.is_empty() {
        let warnings = number(content.warnings.len() as u64, "warning");
        let message = format!("{sum}, {warnings}: {}", listed(&content.warnings));
        return Finding::warning(CHECK, message)
            .help(remedy)
            .in_area(Area::Content);
    }
    let left_out = match content.left_out.sum() {
        sum if sum.is_empty() => sum,
        sum => format!("; left out: {sum}"),
    };
    if content.published == 0 {
        let message = format!("there is no post to publish in {directory}{left_out}");
        return Finding::warning(CHECK, message).in_area(Area::Content);
    }
    Finding::ok(CHECK, format!("{sum} in {directory}{left_out}"))
}

/// Judges the differences between the files and the rows.
pub fn drift(drift: &Result<Drift, Problem>, is_said: bool) -> Vec<Finding> {
    const CHECK: &str = "drift";
    let drift = match drift {
        Ok(drift) => drift,
        Err(problem) => {
            let level = if is_said { Level::Hint } else { Level::Error };
            let message = format!("files and rows cannot be compared: {}", problem.message);
            return vec![Finding::new(CHECK, level, message).maybe_help(problem.remedy.clone())];
        }
    };
    let mut found = Vec::new();
    if !drift.conflicts.is_empty() {
        let rows = number(drift.conflicts.len() as u64, "row");
        let message = format!("{rows} in the way of a sync: {}", listed(&drift.conflicts));
        found.push(
            Finding::error("conflicts", message)
                .help(
                    "copy what is worth keeping into the files, then run the sync with --force \
                     to overwrite the rows",
                )
                .in_area(Area::Guard),
        );
    }
    let counts = [
        (drift.created, "to create"),
        (drift.updated, "to update"),
        (drift.moved, "to move"),
    ];
    let mut changes: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if drift.orphaned > 0 {
        changes.push(format!("{} without a published file", drift.orphaned));
    }
    if changes.is_empty() {
        let posts = number(drift.unchanged.into(), "post");
        let verb = if drift.unchanged == 1 {
            "is as its file says"
        } else {
            "are as their files say"
        };
        found.push(Finding::ok(CHECK, format!("{posts} {verb}")));
    } else {
        let message = format!("{}, {} unchanged", changes.join(", "), drift.unchanged);
        let remedy = if changes.len() == 1 && drift.orphaned > 0 {
            "a sync with --prune removes what has no file"
        } else if drift.orphaned > 0 {
            "a sync publishes the changes; with --prune it removes what has no file"
        } else {
            "a sync publishes the changes"
        };
        found.push(Finding::hint(CHECK, message).help(remedy));
    }
    found
}

fn listed(lines: &[String]) -> String {
    let shown = lines.iter().take(LISTED).map(String::as_str);
    let mut text = shown.collect::<Vec<_>>().join("; ");
    if lines.len() > LISTED {
        text.push_str(&format!("; and {} more", lines.len() - LISTED));
    }
    text
}
