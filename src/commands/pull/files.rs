//! The files of a pull: staged one by one, then put in their place together.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::outcome::Target;
use crate::command_error::CommandError;
use crate::content::ScannedFile;
use crate::interrupt::Interrupt;
use crate::output_file::{OutputError, OutputTree, Staged};
use crate::post::SourcePath;
use crate::pull::Refusal;

/// The files that are to be written.
pub(in crate::commands) struct OutputFiles<'a> {
    root: &'a Path,
    tree: OutputTree,
    staged: Vec<(Staged, Option<&'a ScannedFile>)>,
}

impl<'a> OutputFiles<'a> {
    /// Makes an empty set of files below a root.
    pub fn new(root: &'a Path) -> Result<Self> {
        Ok(Self {
            root,
            tree: OutputTree::new(root).context("cannot read the project's directory")?,
            staged: Vec::new(),
        })
    }

    /// Returns the reason why no new file can be at a path; `None` if one can.
    pub fn obstacle(&self, path: &SourcePath) -> Result<Option<Refusal>> {
        match self.tree.is_occupied(Path::new(path.as_str())) {
            Ok(false) => Ok(None),
            Ok(true) | Err(OutputError::Occupied { .. }) => {
                Ok(Some(Refusal::Occupied(path.clone())))
            }
            Err(OutputError::Link { .. }) => Ok(Some(Refusal::Link(path.clone()))),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes the new content of a file next to it.
    pub fn stage_replacement(&mut self, scanned: &'a ScannedFile, bytes: &[u8]) -> Result<()> {
        let Some(path) = scanned.plain_path(self.root) else {
            let message = format!("{} is read through a link", scanned.path);
            return Err(CommandError::refused(message)
                .help("repair the file that the link leads to; nothing was written")
                .into());
        };
        let is_same = |metadata: &_| scanned.is_at(metadata);
        let staged = self.tree.stage_replacement(&path, bytes, is_same);
        self.staged
            .push((staged.map_err(not_written)?, Some(scanned)));
        Ok(())
    }

    /// Writes a file next to its place.
    pub(super) fn stage(&mut self, target: &Target<'a>, bytes: &[u8]) -> Result<()> {
        let (staged, scanned) = match target {
            Target::New { path, .. } => {
                let path = Path::new(path.as_str());
                (self.tree.stage_new(path, bytes), None)
            }
            Target::File { scanned, .. } => {
                let path = scanned.plain_path(self.root).unwrap_or_default();
                let is_same = |metadata: &_| scanned.is_at(metadata);
                let staged = self.tree.stage_replacement(&path, bytes, is_same);
                (staged, Some(*scanned))
            }
        };
        self.staged.push((staged.map_err(not_written)?, scanned));
        Ok(())
    }

    /// Puts the files in their place.
    pub fn commit(&mut self, interrupt: &Interrupt) -> Result<()> {
        for (staged, scanned) in &self.staged {
            if let Some(scanned) = scanned {
                let is_same = |metadata: &_| scanned.is_at(metadata);
                self.tree.verify(staged, is_same).map_err(not_written)?;
            }
        }
        interrupt.check()?;
        let all = self.staged.len();
        for (written, (staged, _)) in self.staged.iter().enumerate() {
            if let Err(error) = self.tree.commit(staged) {
                // The others are still to be discarded.
                self.staged.drain(..written);
                let words = format!("only {written} of {all} files were written");
                return Err(anyhow::Error::new(error).context(words));
            }
        }
        self.staged.clear();
        Ok(())
    }

    /// Removes what was staged and not put in its place.
    pub fn discard(&mut self) {
        let staged = self.staged.drain(..).map(|(staged, _)| staged);
        self.tree.discard(staged);
    }
}

/// Adds to an error that nothing was written.
fn not_written(error: OutputError) -> anyhow::Error {
    match error {
        OutputError::Io { source, path } => {
            let words = format!("cannot write {}; nothing was written", path.display());
            anyhow::Error::new(source).context(words)
        }
        other => CommandError::refused(format!("{other}; nothing was written"))
            .help("run it again when nothing else writes there")
            .into(),
    }
}
