//! The reasons why files that are still there are no longer published.

use std::collections::HashMap;

use super::{Action, Change, Plan};
use crate::left_out::Reason;
use crate::post::SourcePath;

/// The reason why a post that was published, and whose file is still there, is so no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// Its file is a draft.
    Draft,
    /// Its file is left out.
    LeftOut(Reason),
}

impl Gone {
    /// Returns the word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::LeftOut(reason) => reason.as_str(),
        }
    }

    /// Returns the words that follow the name of the post.
    pub fn words(self) -> &'static str {
        match self {
            Self::Draft => "is now a draft",
            Self::LeftOut(Reason::NoFrontMatter) => "has no front matter any more",
            Self::LeftOut(Reason::Gitignore) => "is now ignored by .gitignore",
            Self::LeftOut(Reason::Blogctlignore) => "is now ignored by .blogctlignore",
            Self::LeftOut(Reason::Exclude) => "is now left out by exclude",
            Self::LeftOut(Reason::Hidden) => "is now hidden",
            Self::LeftOut(Reason::OtherName) => "is no longer named like a post",
        }
    }
}

impl Plan {
    /// Returns the files that posts had which are not published any more, for [`Self::explain`].
    pub fn gone_paths(&self) -> Vec<SourcePath> {
        let removals = self.changes.iter().filter(|change| is_removal(change));
        let gone = removals.chain(&self.unpruned);
        let unexplained = gone.filter(|change| change.gone.is_none());
        unexplained.map(|change| change.path.clone()).collect()
    }

    /// Takes the reasons for which files that are still there are left out.
    pub fn explain(&mut self, reasons: &HashMap<SourcePath, Reason>) {
        let removals = self.changes.iter_mut().filter(|change| is_removal(change));
        for change in removals.chain(&mut self.unpruned) {
            let reason = reasons.get(&change.path);
            change.gone = change.gone.or(reason.copied().map(Gone::LeftOut));
        }
    }

    /// Returns the posts that stay online although their files are there and are not published.
    pub fn still_online(&self) -> impl Iterator<Item = &Change> {
        self.unpruned.iter().filter(|change| change.gone.is_some())
    }
}

fn is_removal(change: &Change) -> bool {
    change.action == Action::Remove
}
