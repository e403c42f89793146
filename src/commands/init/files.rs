//! The part of `blogctl init` that looks at the blog's files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Result;
use rayon::prelude::*;

use super::super::Context;
use super::Found;
use crate::adoption::{Counts, FileSettings};
use crate::content::{self, Habits, ReadSettings, ScannedFile, Snapshot};
use crate::finding::{Level, rules};
use crate::generator::{self, Recognized, RootFiles};
use crate::input_file::{self, Links, MAX_SETTINGS_FILE};
use crate::output::words::number;
use crate::project::Project;

/// The most keys and rules that are listed.
const LISTED: usize = 12;

/// The directories below the root whose names tell a generator.
const TELLING: [&str; 2] = ["source/_posts", "config/_default"];

/// Finds the generator, the posts and how they are written.
pub(super) fn find(context: &Context, project: &Project, before: &str) -> Result<Found> {
    let recognized = generator::recognize(&root_files(&project.root), |name| {
        input_file::read_text(&project.root.join(name), Links::Follow, MAX_SETTINGS_FILE).ok()
    });
    let has = |section: &str| {
        let table: Option<toml::Table> = before.parse().ok();
        table.is_some_and(|table| table.contains_key(section))
    };
    let mut told = match &recognized {
        Some(Recognized { generator, by, .. }) => format!(
            "{} is a blog of {} ({by})\n",
            project.root.display(),
            generator.name()
        ),
        None => format!("{}\n", project.root.display()),
    };
    let mut settings = project.settings();
    let Some((directory, snapshot)) =
        posts(context, &mut settings, recognized.as_ref(), has("content"))
    else {
        told.push_str("  no file with front matter was found\n");
        return Ok(Found {
            told,
            ..Found::default()
        });
    };
    let habits: Vec<Option<Habits>> = snapshot
        .files
        .par_iter()
        .map(|file: &ScannedFile| {
            let bytes = content::bytes(&settings, file)?;
            Ok(content::habits(&settings, &file.path, &bytes))
        })
        .collect::<Result<_>>()?;
    let mut counts = Counts::default();
    for (file, habits) in snapshot.files.iter().zip(&habits) {
        counts.add(&file.path, habits.as_ref());
    }
    let _ = writeln!(
        told,
        "  {} with front matter in {directory}/",
        number(counts.files, "file")
    );
    for (key, field, files) in counts.told().take(LISTED) {
        let _ = writeln!(told, "  `{key}` is {field} in {}", number(files, "file"));
    }
    let generator = recognized.as_ref().map(|found| found.generator);
    let mut found = FileSettings::new(generator, &directory, &counts);
    found.time_zone = recognized.as_ref().and_then(time_zone);
    let content = found.content_section().filter(|_| !has("content"));
    let front_matter = found
        .front_matter_section()
        .filter(|_| !has("front_matter"));
    let sections: Vec<String> = content.into_iter().chain(front_matter).collect();
    let top = match &found.time_zone {
        Some(zone) => format!(
            "time_zone = {:<19} # of times without an offset",
            format!("{zone:?}")
        ),
        None => {
            "# time_zone = \"Asia/Seoul\"      # of times without an offset; else UTC".to_owned()
        }
    };
    Ok(Found {
        told,
        top: (!sections.is_empty()).then_some(top),
        sections,
    })
}

/// Finds the content directory and its files.
fn posts(
    context: &Context,
    settings: &mut ReadSettings,
    recognized: Option<&Recognized>,
    is_named: bool,
) -> Option<(String, Snapshot)> {
    let named = settings.directory.clone();
    let usual = recognized.map(|found| found.generator.directories());
    let mut candidates = vec![named];
    if !is_named {
        candidates.splice(
            ..0,
            usual
                .unwrap_or_default()
                .iter()
                .map(|name| (*name).to_owned()),
        );
        let found = content::posts_in(&settings.root).into_iter();
        candidates.extend(found.map(|found| found.directory));
    }
    candidates.into_iter().find_map(|directory| {
        settings.directory.clone_from(&directory);
        let path = settings.root.join(&directory);
        let snapshot = path.is_dir().then(|| context.scan(settings, &path))?.ok()?;
        (!snapshot.files.is_empty()).then_some((directory, snapshot))
    })
}

/// Says what a sync would read with the settings of a project, and what comes next.
pub(super) fn outlook(context: &Context, project: &Project) -> Result<Found> {
    let directory = project.content_directory();
    if !directory.is_dir() {
        return Ok(Found::default());
    }
    let settings = project.settings();
    let snapshot = context.scan(&settings, &directory)?;
    let collection = content::collect(&settings, &snapshot, std::iter::empty(), true)?;
    let drafts = collection.files.iter().filter(|file| file.draft).count();
    let mut failing: BTreeMap<&str, usize> = BTreeMap::new();
    let mut warned: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &collection.findings {
        let by_rule = match finding.level {
            Level::Error => &mut failing,
            Level::Warning => &mut warned,
            Level::Hint | Level::Ok => continue,
        };
        *by_rule.entry(finding.rule.name).or_default() += 1;
    }
    let mut told = String::new();
    let files = snapshot.files.len() - collection.skipped.len();
    let _ = writeln!(
        told,
        "  with these settings: {} read",
        number(files, "file")
    );
    if drafts > 0 {
        let _ = writeln!(told, "    {} among them", number(drafts, "draft"));
    }
    if let Some(left_out) = crate::output::left_out::line(&collection.left_out(&snapshot)) {
        let _ = writeln!(told, "    {left_out}");
    }
    for (level, by_rule) in [("error", &failing), ("warning", &warned)] {
        for (rule, count) in by_rule.iter().take(LISTED) {
            let _ = writeln!(told, "    {} of {rule}", number(*count, level));
        }
    }
    let missing = rules::MISSING_ID.name;
    let mut next = Vec::new();
    if failing.contains_key(missing) {
        next.push("`blogctl fix` gives the posts ids, which are written into the files; `blogctl fix --dry-run` shows it".to_owned());
    }
    if failing.keys().any(|rule| *rule != missing) {
        next.push("`blogctl check` says what is wrong with the files".to_owned());
    }
    next.push("`blogctl sync` publishes the posts".to_owned());
    Ok(Found {
        told,
        sections: next,
        ..Found::default()
    })
}

/// Lists the root, and the directories below it that tell a generator.
fn root_files(root: &Path) -> RootFiles {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let is_directory = entry.path().is_dir();
        Some(if is_directory {
            format!("{name}/")
        } else {
            name
        })
    });
    let below = TELLING.iter().filter(|path| root.join(path).is_dir());
    RootFiles::new(names.chain(below.map(|path| format!("{path}/"))))
}

/// Returns the time zone of the generator's settings, if it is one.
fn time_zone(found: &Recognized) -> Option<String> {
    let key = found.generator.time_zone_key()?;
    let zone = generator::setting(found.settings.as_deref()?, key)?;
    jiff::tz::TimeZone::get(&zone).is_ok().then_some(zone)
}
