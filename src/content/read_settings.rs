//! The settings for reading files, and their part in a file's digest.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::exclude::Exclude;
use crate::finding::Levels;
use crate::index::Index;
use crate::key_map::KeyMap;
use crate::locale::Locales;
use crate::post::{Field, FieldSet};
use crate::preflight::Constraints;
use crate::tables::TableMap;

/// The settings that change how files are read.
#[derive(Clone, Debug)]
pub struct ReadSettings {
    /// The project root, absolute; source paths are relative to it.
    pub root: PathBuf,
    /// The zone of times without an offset.
    pub time_zone: TimeZone,
    /// The categories that a post may have; any where absent.
    pub categories: Option<Vec<String>>,
    /// True if symbolic links may lead anywhere, also out of the project.
    pub follow_links: bool,
    /// The keys that fields are read from.
    pub keys: KeyMap,
    /// The content directory, relative to the root, for what is read from paths.
    pub directory: String,
    /// The patterns of files that are left out. They are no part of the fingerprint: files are
    /// read the same.
    pub exclude: Exclude,
    /// True if files without front matter are left out; otherwise they are errors.
    pub skip_without_front_matter: bool,
    /// The time of this run, for dates that are to come or past. It is no part of the fingerprint.
    pub now: Timestamp,
    /// True if a post whose time is to come counts as a draft until then.
    pub hold_future: bool,
    /// The levels that the project gives to rules.
    pub levels: Levels,
    /// The demands of the tables on each post that is written. It is no part of the fingerprint: what
    /// was published before fits.
    pub constraints: Constraints,
    /// The fields that the tables store: the others have no value in any row. It is no part of the
    /// fingerprint either: files are read the same.
    pub stored: FieldSet,
    /// The locales of the blog's texts; `None` if each post has one text.
    pub locales: Option<LocaleSettings>,
}

/// The locales of the blog's texts, and how a post is divided between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocaleSettings {
    /// The locales.
    pub locales: Locales,
    /// The fields that each locale has a value of its own for; the others are shared.
    pub translated: FieldSet,
}

impl ReadSettings {
    /// Returns the settings with what the tables of a store ask of each post.
    pub fn bounded_by(&self, index: &Index, map: &TableMap) -> Self {
        let catalog = index.catalog.as_ref();
        Self {
            constraints: catalog.map_or_else(Constraints::default, |catalog| {
                Constraints::new(catalog, map)
            }),
            ..self.clone()
        }
    }

    /// Returns text that differs wherever settings read the same bytes differently or find
    /// other faults in them, the same on every machine. A file is known by it and its bytes.
    pub fn fingerprint(&self) -> String {
        let mut fingerprint = zone_identity(&self.time_zone);
        if let Some(categories) = &self.categories {
            fingerprint.push_str("\ncategories");
            // The order of the list means nothing.
            for category in categories.iter().collect::<BTreeSet<_>>() {
                // The length first: no two lists make the same text.
                fingerprint.push_str(&format!("\n{} {category}", category.len()));
            }
        }
        if let Some(LocaleSettings {
            locales,
            translated,
        }) = &self.locales
        {
            let translated: Vec<&str> = translated.fields().map(Field::name).collect();
            let translated = translated.join(" ");
            fingerprint.push_str(&format!("\n{}\n{translated}", locales.fingerprint()));
        }
        let keys = self.keys.fingerprint();
        if !keys.is_empty() {
            fingerprint.push_str(&keys);
            // Names of folders are read relative to it.
            fingerprint.push_str(&format!("\n{}", self.directory));
        }
        if self.skip_without_front_matter {
            fingerprint.push_str("\nskip without front matter");
        }
        if self.hold_future {
            fingerprint.push_str("\nhold future");
        }
        let levels = self.levels.fingerprint();
        if !levels.is_empty() {
            fingerprint.push('\n');
            fingerprint.push_str(&levels);
        }
        fingerprint
    }
}

/// Returns a fingerprint of a time zone, the same on every machine.
fn zone_identity(zone: &TimeZone) -> String {
    match (zone.iana_name(), zone.to_fixed_offset()) {
        (Some(name), _) => name.to_owned(),
        (None, Ok(offset)) => offset.to_string(),
        (None, Err(_)) => format!("{zone:?}"),
    }
}
