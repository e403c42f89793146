//! The files of a blog, as far as a pull needs to know them.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use anyhow::Result;

use super::place::Place;
use crate::content::{
    self, Collection, MAX_SAMPLES, Observations, ReadSettings, ScannedFile, Snapshot, Style,
};
use crate::index::Index;
use crate::post::{SourcePath, TextId};
use crate::pull::text_name::TextNaming;

/// The files of a blog.
pub(super) struct Blog<'a> {
    pub collection: Collection,
    /// Files that state an id and are no posts.
    pub invalid: Vec<(TextId, SourcePath)>,
    pub files: HashMap<&'a SourcePath, &'a ScannedFile>,
    pub naming: TextNaming,
}

impl<'a> Blog<'a> {
    /// Reads the files, and how they are named.
    pub fn read(
        settings: &ReadSettings,
        place: &Place,
        snapshot: &'a Snapshot,
        index: &Index,
    ) -> Result<Self> {
        let collection = content::collect(settings, snapshot, index.known_files(), false)?;
        let files: HashMap<_, _> = snapshot.files.iter().map(|f| (&f.path, f)).collect();
        let posts: BTreeSet<&SourcePath> = collection.files.iter().map(|f| &f.path).collect();
        let mut invalid = Vec::new();
        for file in snapshot.files.iter().filter(|f| !posts.contains(&f.path)) {
            if let Some(id) = content::parse(settings, file)?.text_id() {
                invalid.push((id, file.path.clone()));
            }
        }
        let naming = TextNaming::infer(
            &collection.files,
            settings.locales.as_ref().map(|locales| &locales.locales),
            place.directory.as_deref(),
            &place.content,
        );
        Ok(Self {
            collection,
            invalid,
            files,
            naming,
        })
    }
}

impl Blog<'_> {
    /// Returns the way in which most files are written.
    pub fn style(&self, settings: &ReadSettings) -> Result<Style> {
        // The newest posts say best how the next one is written.
        let mut newest: Vec<_> = self.collection.files.iter().collect();
        newest.sort_by_key(|file| Reverse(file.id));
        let mut observations = Observations::new(&settings.time_zone);
        for file in newest.into_iter().take(MAX_SAMPLES) {
            if let Some(file) = self.files.get(&file.path) {
                observations.add(&content::bytes(settings, file)?);
            }
        }
        Ok(observations.style())
    }
}
