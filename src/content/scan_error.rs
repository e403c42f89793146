//! The errors that prevent a scan.

use std::path::PathBuf;

/// An error that prevents a scan.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// There is nothing at the path.
    #[error("there is no file or directory {}", .path.display())]
    NotFound {
        /// As it was given.
        path: PathBuf,
    },

    /// It is neither a directory nor a file that may be a post.
    #[error("{} is neither a directory nor a .md, .markdown or .mdx file", .path.display())]
    NotContent {
        /// As it was given.
        path: PathBuf,
    },

    /// It lies outside the project.
    #[error("{} is outside the project {}", .path.display(), .root.display())]
    OutsideRoot {
        /// As it was given.
        path: PathBuf,
        /// The project root.
        root: PathBuf,
    },

    /// Its name cannot be stored in a database.
    #[error("{} has a name that is not UTF-8", .path.display())]
    NotUtf8 {
        /// As it was given.
        path: PathBuf,
    },

    /// Its name holds a control character.
    #[error("the name {} holds a character that cannot be printed", .path.display())]
    Unprintable {
        /// As it was given, with escapes.
        path: PathBuf,
    },

    /// It cannot be looked at.
    #[error("cannot read {}", .path.display())]
    Io {
        /// As it was given.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
}

impl ScanError {
    /// The remedy.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => {
                "check the spelling, or name the directory that holds the posts"
            }
            Self::NotContent { .. } => "name a directory, or one post's file",
            Self::OutsideRoot { .. } => {
                "run blogctl in the project that the posts belong to; \
                 its root is the directory with blogctl.toml or .git"
            }
            Self::NotUtf8 { .. } | Self::Unprintable { .. } => "rename it",
            Self::Io { .. } => "check its permissions and those of the directories above it",
        }
    }
}
