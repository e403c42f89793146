//! The part of `blogctl init` that finds the tables of a blog that another program made.

use std::fmt::Write as _;

use anyhow::Result;

use super::super::Context;
use super::Found;
use crate::adoption::{self, Proposal};
use crate::catalog::Catalog;
use crate::content;
use crate::finding::{CheckFinding, Level};
use crate::post::SourcePath;
use crate::preflight;
use crate::project::{Project, TargetKind, TargetSource};

/// Finds the tables and says what fits and what does not; the sections name them.
///
/// # Errors
/// If the database cannot be reached.
pub(super) fn find(context: &Context, project: &Project) -> Result<Found> {
    let target = context.target(project)?;
    if let (TargetSource::Default, TargetKind::Sqlite { path, .. }) = (&target.source, &target.kind)
        && !path.exists()
    {
        return Ok(without_tables(
            project,
            "no database is named: posts go to the embedded store, .blogctl/content.db",
        ));
    }
    let mut store = context.open(&target)?;
    let location = store.location();
    let Some(catalog) = store.survey()? else {
        let line = format!("{location} is a file of blogctl's own: there are no tables to name");
        return Ok(without_tables(project, &line));
    };
    let locales = project.config.locales.as_ref();
    let Some(proposal) = adoption::propose(&catalog, &paths(project), locales) else {
        let line = format!(
            "no table of {location} looks like one of posts: the first sync makes blogctl's own"
        );
        return Ok(without_tables(project, &line));
    };
    let section = adoption::sections(&proposal.map, locales.is_some());
    let mut told = found(&proposal, &location);
    told.push_str(&fit(&catalog, &proposal));
    Ok(Found {
        told,
        sections: vec![section],
        ..Found::default()
    })
}

/// Finds what the files tell by themselves, where no tables of others are to be named: the locales.
fn without_tables(project: &Project, line: &str) -> Found {
    let is_new = project.config.locales.is_none();
    let locales = is_new.then(|| adoption::told_by_paths(&paths(project)));
    let sections = locales
        .flatten()
        .map(|locales| adoption::locales_section(&locales));
    Found {
        told: format!("{line}\n"),
        sections: sections.into_iter().collect(),
        ..Found::default()
    }
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
