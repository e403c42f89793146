//! The decision on one row, once its file is read.

use std::borrow::Cow;

use crate::content::{Part, ReadSettings, ScannedFile, Source, Style, WriteError, new_file};
use crate::post::{Digest, Extra, Field, FieldSet, SourcePath, StoredPost};
use crate::pull::{FileState, Refusal, as_published};

/// Returns a body with the line end that files have at their end, and other programs leave out.
fn ended(body: &str) -> Cow<'_, str> {
    if body.is_empty() || body.ends_with('\n') {
        Cow::Borrowed(body)
    } else {
        Cow::Owned(format!("{body}\n"))
    }
}

/// The file that a row is for.
pub(super) enum Target<'a> {
    /// One that is not there yet.
    New {
        path: SourcePath,
        /// The digest of the post and the fields that its file stated, if the row is as the last
        /// sync left it.
        published: Option<(Digest, FieldSet)>,
    },
    /// One that is there.
    File {
        scanned: &'a ScannedFile,
        state: FileState,
        bytes: Vec<u8>,
    },
}

/// The decision on one row.
pub(super) enum Outcome {
    /// The file says what the row says.
    Same,
    /// The file is to be written.
    Write {
        bytes: Vec<u8>,
        differences: Vec<Part>,
    },
    Refused(Refusal),
}

/// The rules by which rows are brought to files.
pub(super) struct Judge<'a> {
    pub settings: &'a ReadSettings,
    pub style: &'a Style,
    pub force: bool,
}

impl Judge<'_> {
    /// Decides on a row.
    pub fn decide(&self, target: &Target<'_>, row: &StoredPost, body: &str) -> Outcome {
        self.decide_on(target, row, body, None)
    }

    /// Decides on the row of a text that is not its post's main one, which has only some fields of
    /// its own. What its file repeats of the shared ones is kept as the row has it.
    pub fn decide_other(
        &self,
        target: &Target<'_>,
        row: &StoredPost,
        body: &str,
        own: FieldSet,
    ) -> Outcome {
        let source = match target {
            Target::File { scanned, bytes, .. } => {
                Source::read(self.settings, &scanned.path, bytes).ok()
            }
            Target::New { .. } => None,
        };
        let mut fields = own;
        let mut extra = None;
        if let Some(source) = &source {
            fields = fields | source.stated();
            if !own.contains(Field::Extra) && !source.extra().is_empty() {
                fields = fields | FieldSet::from_iter([Field::Extra]);
                extra = Some(source.extra());
            }
        }
        let mut row = row.clone().limited_to(fields);
        if let Some(Extra(repeated)) = extra {
            row.extra.0.retain(|key, _| repeated.contains_key(key));
        }
        let settings = ReadSettings {
            stored: self.settings.stored & fields,
            ..self.settings.clone()
        };
        let judge = Judge {
            settings: &settings,
            ..*self
        };
        judge.decide_on(target, &row, body, Some(own))
    }

    fn decide_on(
        &self,
        target: &Target<'_>,
        row: &StoredPost,
        body: &str,
        own: Option<FieldSet>,
    ) -> Outcome {
        if !row.unreadable.is_empty() {
            return Outcome::Refused(Refusal::Unreadable(row.unreadable.clone()));
        }
        let decided = match target {
            Target::New { path, published } => {
                let stated = published.map(|(_, stated)| stated).unwrap_or_default();
                let before = published
                    .and_then(|(digest, stated)| as_published(row, body, digest, stated, own));
                match before {
                    Some(row) => self.new_text(path, &row, stated, body, Vec::new()),
                    None => self.new_text(path, row, FieldSet::default(), &ended(body), Vec::new()),
                }
            }
            Target::File {
                scanned,
                state,
                bytes,
            } => self.edit(&scanned.path, *state, bytes, row, body),
        };
        decided.unwrap_or_else(Outcome::Refused)
    }

    /// Changes a file where it differs from its row.
    fn edit(
        &self,
        path: &SourcePath,
        file: FileState,
        bytes: &[u8],
        row: &StoredPost,
        body: &str,
    ) -> Result<Outcome, Refusal> {
        let source = Source::read(self.settings, path, bytes);
        let differences = match &source {
            Ok(source) => source.differences(row, body, self.settings.stored),
            Err(_) => Vec::new(),
        };
        if source.is_ok() && differences.is_empty() {
            return Ok(Outcome::Same);
        }
        if file != FileState::Unchanged && !self.force {
            return Err(Refusal::Changed {
                path: path.clone(),
                file,
                differences,
            });
        }
        let edited =
            source.and_then(|source| source.edited(self.settings, self.style, path, row, body));
        match edited {
            Ok(bytes) => Ok(Outcome::Write { bytes, differences }),
            Err(_) if self.force => {
                self.new_text(path, row, FieldSet::default(), body, differences)
            }
            Err(error @ WriteError::Uneditable(_)) => Err(Refusal::Uneditable(path.clone(), error)),
            Err(error) => Err(Refusal::Unwritable(error)),
        }
    }

    /// Writes a file without a look at what is there.
    fn new_text(
        &self,
        path: &SourcePath,
        row: &StoredPost,
        stated: FieldSet,
        body: &str,
        differences: Vec<Part>,
    ) -> Result<Outcome, Refusal> {
        new_file(self.settings, self.style, path, (row, stated), body)
            .map(|text| Outcome::Write {
                bytes: text.into_bytes(),
                differences,
            })
            .map_err(Refusal::Unwritable)
    }
}
