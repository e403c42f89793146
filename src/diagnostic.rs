//! What is wrong with a file: found by `content`, shown by `output`.

use crate::post::SourcePath;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing is lost by leaving it.
    Hint,
    /// Probably not what was meant; published as it stands.
    Warning,
    /// Nothing is published until it is mended.
    Error,
}

impl Severity {
    /// The word that output uses: `hint`, `warning` or `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place in a file, for the reader and for the drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// The line's text without its end, cut to a length that a terminal bears.
    pub text: String,
    /// Bytes of `text` that the finding is about; may be empty.
    pub span: std::ops::Range<usize>,
}

/// One finding about one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable name in kebab case, for filters and for the docs: `duplicate-id`.
    pub rule: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong, naming the value.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The file.
    pub path: SourcePath,
    /// Where in the file; `None` when it is about the file as a whole.
    pub spot: Option<Spot>,
}
