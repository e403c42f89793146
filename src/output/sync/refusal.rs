//! The reasons why a sync is refused, and the ways to go on.

use super::{differences, named};
use crate::catalog::OnDelete;
use crate::output::report::list;
use crate::output::words::number;
use crate::plan::{Change, Conflict, ConflictKind, Dependent, Refusal};

/// The commands by which a user looks at posts in conflict and decides on them, as they are typed
/// in a shell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commands {
    /// The command that shows the differences.
    pub diff: String,
    /// The command that brings the rows to files; `None` if no row is there.
    pub pull: Option<String>,
    /// True if that command overwrites what changed in files.
    pub overwrites_files: bool,
    /// True if there are posts whose row was deleted.
    pub has_deleted: bool,
}

impl Commands {
    /// Returns the ways to go on after a conflict.
    fn help(&self) -> String {
        let mut help = format!("`{}` shows what differs", self.diff);
        if let Some(pull) = &self.pull {
            help.push_str("; to keep what is in the database, run ");
            help.push_str(&format!("`{pull}`"));
            if self.overwrites_files {
                help.push_str(", which overwrites what changed in the files");
            }
        }
        if self.has_deleted {
            help.push_str("; to leave posts deleted, remove their files");
        }
        help.push_str("; to publish what the files say, run the sync with --force");
        help
    }
}

/// Says why a plan is not carried out, and how to go on. `commands` are for conflicts.
pub fn refusal_words(refusal: &Refusal, commands: &Commands) -> (String, String) {
    match refusal {
        Refusal::Conflicts(conflicts) => {
            let mut message = format!(
                "{} would overwrite what others did in the database:",
                number(conflicts.len(), "post")
            );
            list(&mut message, conflicts, conflict_line, |conflict| {
                differences::lines(&conflict.comparison)
            });
            (message, commands.help())
        }
        Refusal::NothingToPublish { removals } => (
            format!(
                "there is no post to publish, and pruning would leave none in the database: \
                 {} would go",
                number(*removals, "post")
            ),
            "check the path; to remove them all, add --force".into(),
        ),
        Refusal::Dependents(dependents) => (
            with_dependents("removing posts would change other tables:", dependents),
            "look at it with --dry-run --prune --force; to go on, add --force".into(),
        ),
        Refusal::Referenced(dependents) => (
            with_dependents(
                "the database keeps posts that other tables refer to:",
                dependents,
            ),
            "delete these rows first, or leave out --prune".into(),
        ),
        Refusal::MainTexts(changes) => {
            let mut message =
                "pruning would remove the main text of posts that have other translations:"
                    .to_owned();
            let line =
                |change: &Change| format!("{} ({})", change.path, named(change.id, change.locale));
            list(&mut message, changes, line, |_| Vec::new());
            let help = "restore the files, or remove the others, too; with --force the next of \
                        the locales becomes the main text";
            (message, help.into())
        }
        Refusal::PruneShare {
            removals,
            of,
            max_prune,
        } => (
            format!(
                "pruning would remove {removals} of {of} posts, more than the {max_prune} percent \
                 that are allowed"
            ),
            "look at it with --dry-run --prune --force; to go on, add --force, or raise \
             max_prune under [sync] in blogctl.toml"
                .into(),
        ),
    }
}

fn with_dependents(message: &str, dependents: &[Dependent]) -> String {
    let mut message = message.to_owned();
    list(&mut message, dependents, taken_along, |_| Vec::new());
    message
}

/// Says which post is in conflict, and why.
pub fn conflict_line(conflict: &Conflict) -> String {
    let why = match conflict.kind {
        ConflictKind::Edited => "its row was edited since the last sync",
        ConflictKind::Deleted => "its row was deleted since the last sync",
        ConflictKind::Foreign => "its row was not written by blogctl",
    };
    let named = named(conflict.id, conflict.locale);
    format!("{} ({named}): {why}", conflict.path)
}

/// Says what a removal does to the rows of another table.
pub(super) fn taken_along(dependent: &Dependent) -> String {
    let table = &dependent.table;
    let rows = match dependent.rows {
        Some(rows) => number(usize::try_from(rows).unwrap_or(usize::MAX), "row"),
        None => "rows".to_owned(),
    };
    let unknown = match dependent.rows {
        Some(_) => "",
        None => " (this role may not count them)",
    };
    let (is, s) = match dependent.rows {
        Some(1) => ("is", "s"),
        _ => ("are", ""),
    };
    match dependent.effect {
        OnDelete::Cascade => format!("{rows} of {table} {is} deleted with the posts{unknown}"),
        OnDelete::Clear => format!("{rows} of {table} lose{s} the reference to the posts{unknown}"),
        OnDelete::Refuse => format!("{rows} of {table} refer{s} to the posts{unknown}"),
    }
}
