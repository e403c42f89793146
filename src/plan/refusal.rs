//! The guards: reasons not to carry a plan out.

use super::{Conflict, Options, Plan};

/// Says why the plan must not be carried out, if it must not.
pub fn refusal(plan: &Plan, options: Options) -> Option<Refusal> {
    if options.force {
        return None;
    }
    if !plan.conflicts.is_empty() {
        return Some(Refusal::Conflicts(plan.conflicts.clone()));
    }
    let removals = plan.removals.len();
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
