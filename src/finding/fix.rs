//! Fixes: edits of a file that resolve a finding.

use std::ops::Range;

/// A change of a file that resolves a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The edits, in the order of their ranges, which do not overlap.
    pub edits: Vec<Edit>,
    /// The confidence in the change: safe ones may be made without asking.
    pub applicability: Applicability,
}

/// A replacement of some bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The bytes to replace; empty for an insertion.
    pub range: Range<usize>,
    /// The text to put there; empty for a deletion.
    pub content: String,
}

/// The confidence in a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Applicability {
    /// The change keeps what the author meant.
    Safe,
    /// The change is probably what was meant; someone has to look at it.
    Review,
}

impl Applicability {
    /// Returns the word that output uses: `safe` or `review`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Review => "review",
        }
    }
}

impl Fix {
    /// Makes a safe fix that replaces one range.
    pub fn safe(range: Range<usize>, content: impl Into<String>) -> Self {
        Self::new(Applicability::Safe, range, content)
    }

    /// Makes a fix of one range that someone has to look at.
    pub fn review(range: Range<usize>, content: impl Into<String>) -> Self {
        Self::new(Applicability::Review, range, content)
    }

    fn new(applicability: Applicability, range: Range<usize>, content: impl Into<String>) -> Self {
        let content = content.into();
        Self {
            edits: vec![Edit { range, content }],
            applicability,
        }
    }

    /// Moves every edit by `offset` bytes towards the end of the file.
    pub fn move_by(&mut self, offset: usize) {
        for edit in &mut self.edits {
            edit.range = edit.range.start + offset..edit.range.end + offset;
        }
    }
}
