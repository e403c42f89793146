//! Guards: the reasons to stop a sync.

use super::{Action, Change, Conflict, Options, Plan};
use crate::catalog::OnDelete;

/// Rows of another table that refer to posts that are removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependent {
    /// The table, with its schema.
    pub table: String,
    /// The number of rows; `None` if the role may not read them.
    pub rows: Option<u64>,
    /// The effect of the removal on them.
    pub effect: OnDelete,
}

/// A refusal: a reason to stop a sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Posts that someone else changed, deleted or wrote.
    Conflicts(Vec<Conflict>),
    /// A prune of a directory without any post: more likely a wrong path than a wish.
    NothingToPublish {
        /// Posts that would have been removed.
        removals: usize,
    },
    /// A removal that takes rows of other tables along.
    Dependents(Vec<Dependent>),
    /// A removal that the database refuses, since rows of other tables refer to the posts.
    Referenced(Vec<Dependent>),
    /// A removal of a post's main text while other texts of the post stay.
    MainTexts(Vec<Change>),
    /// A prune of more than the share that the project allows.
    PruneShare {
        /// Posts that would have been removed.
        removals: usize,
        /// Posts of earlier syncs in the directory.
        of: usize,
        /// Percent allowed.
        max_prune: u8,
    },
}

/// Says why the plan must not be carried out, if it must not.
pub fn refusal(plan: &Plan, options: Options) -> Option<Refusal> {
    let (refusing, taken): (Vec<_>, Vec<_>) = plan
        .dependents
        .iter()
        .cloned()
        .partition(|dependent| dependent.effect == OnDelete::Refuse);
    // Where the rows cannot be read, the database has the last word.
    if refusing.iter().any(|dependent| dependent.rows.is_some()) {
        return Some(Refusal::Referenced(refusing));
    }
    if options.force {
        return None;
    }
    if !taken.is_empty() {
        return Some(Refusal::Dependents(taken));
    }
    if !plan.conflicts.is_empty() {
        return Some(Refusal::Conflicts(plan.conflicts.clone()));
    }
    if !plan.lost_main_texts.is_empty() {
        return Some(Refusal::MainTexts(plan.lost_main_texts.clone()));
    }
    // Each of a post's texts counts.
    let removals = usize::try_from(plan.count(Action::Remove)).unwrap_or(usize::MAX);
    if removals > 0 && plan.published == 0 {
        return Some(Refusal::NothingToPublish { removals });
    }
    if removals * 100 > plan.in_scope * usize::from(options.max_prune) {
        return Some(Refusal::PruneShare {
            removals,
            of: plan.in_scope,
            max_prune: options.max_prune,
        });
    }
    None
}
