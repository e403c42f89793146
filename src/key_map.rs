//! The key map: the keys of front matter that each field of a post is read from.
//!
//! Blogs were written for other programs, which call the same things by other names. For each
//! field there is a list of sources, and the first one that has a value counts. Without
//! `[front_matter]` in `blogctl.toml` the lists are built in, and hold the keys of the common site
//! generators alone; a source that is no key, such as the name of the file, counts only where the
//! settings name it.

use std::fmt;

/// A field that front matter is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReadField {
    /// The number that identifies the post.
    Id,
    /// The title.
    Title,
    /// A sentence for listings.
    Description,
    /// The category.
    Category,
    /// The tags.
    Tags,
    /// A path or URL of an image.
    Image,
    /// The time of writing.
    CreatedAt,
    /// The time of the last change.
    UpdatedAt,
    /// The number of words.
    WordCount,
    /// The keys that say whether the post is public.
    Draft,
    /// The last part of the post's address.
    Slug,
}

impl ReadField {
    /// Every field, in the order in which the documentation lists them.
    pub const ALL: [Self; 11] = [
        Self::Id,
        Self::Title,
        Self::Description,
        Self::Category,
        Self::Tags,
        Self::Image,
        Self::CreatedAt,
        Self::UpdatedAt,
        Self::WordCount,
        Self::Draft,
        Self::Slug,
    ];

    /// Returns the field's name, which is also its key in blogctl's own front matter.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Title => "title",
            Self::Description => "description",
            Self::Category => "category",
            Self::Tags => "tags",
            Self::Image => "image",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::WordCount => "word_count",
            Self::Draft => "draft",
            Self::Slug => "slug",
        }
    }

    /// Returns the field with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }

    /// Returns the keys that are read without settings, in the order in which they are tried.
    pub const fn built_in(self) -> &'static [&'static str] {
        match self {
            Self::Id => &["id"],
            Self::Title => &["title"],
            Self::Description => &["description", "summary", "excerpt", "subtitle", "abstract"],
            Self::Category => &["category", "categories"],
            Self::Tags => &["tags", "tag", "keywords"],
            Self::Image => &[
                "image",
                "heroImage",
                "cover",
                "cover_image",
                "coverImage",
                "thumbnail",
                "featured_image",
                "banner",
                "images",
            ],
            Self::CreatedAt => &[
                "created_at",
                "date",
                "pubDate",
                "publishDate",
                "published_at",
                "publishedAt",
                "created",
                "createdAt",
            ],
            Self::UpdatedAt => &[
                "updated_at",
                "lastmod",
                "updated",
                "updatedDate",
                "updatedAt",
                "modified",
                "last_modified_at",
                "lastUpdated",
            ],
            Self::WordCount => &["word_count"],
            Self::Draft => &["draft", "published", "publish", "private", "status"],
            Self::Slug => &["slug", "permalink", "url"],
        }
    }

    /// Returns the sources that are no key and that the settings may name for the field.
    pub const fn other_sources(self) -> &'static [Source] {
        match self {
            Self::Title => &[Source::Heading, Source::FileName],
            Self::Description => &[Source::FirstSentence],
            Self::Category => &[Source::Folder],
            Self::CreatedAt | Self::Slug => &[Source::FileName],
            Self::Id
            | Self::Tags
            | Self::Image
            | Self::UpdatedAt
            | Self::WordCount
            | Self::Draft => &[],
        }
    }
}

impl fmt::Display for ReadField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A source that a field is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A key of the front matter; dots lead into tables: `taxonomies.tags`.
    Key(String),
    /// The first heading of the first level in the body.
    Heading,
    /// The name of the file, or of its folder where it is called `index`. For `created_at` the
    /// date in it.
    FileName,
    /// The name of the folder that the file is in.
    Folder,
    /// The first sentence of the body.
    FirstSentence,
}

impl Source {
    /// Every source that is no key.
    pub const OTHERS: [Self; 4] = [
        Self::Heading,
        Self::FileName,
        Self::Folder,
        Self::FirstSentence,
    ];

    /// Returns the source as the settings name it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Key(key) => key,
            Self::Heading => "@heading",
            Self::FileName => "@file-name",
            Self::Folder => "@folder",
            Self::FirstSentence => "@first-sentence",
        }
    }
}

/// The separator of several names in one text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Separator {
    /// `one, two`; a text without a comma is one name.
    #[default]
    Comma,
    /// `one two`, as Jekyll reads it; commas separate as well.
    Space,
}

/// The use of the other names in a list of categories, of which the first is the category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rest {
    /// They become tags.
    #[default]
    Tags,
    /// They are kept in `extra` with their key.
    Extra,
}

/// The sources of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    /// The sources in the order in which they are tried; none if the field is not read.
    pub sources: Vec<Source>,
    /// True if the settings name them.
    pub is_configured: bool,
    /// The separator of tags and categories in a text.
    pub separator: Separator,
    /// The use of further categories.
    pub rest: Rest,
}

impl Sources {
    /// Returns the keys among the sources.
    pub fn keys(&self) -> impl Iterator<Item = &str> + Clone {
        self.sources.iter().filter_map(|source| match source {
            Source::Key(key) => Some(&**key),
            _ => None,
        })
    }

    /// Returns whether the settings name a source.
    pub fn has(&self, source: &Source) -> bool {
        self.sources.contains(source)
    }
}

/// The sources of all fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyMap([Sources; 11]);

impl Default for KeyMap {
    fn default() -> Self {
        Self(ReadField::ALL.map(|field| {
            Sources {
                sources: field
                    .built_in()
                    .iter()
                    .map(|key| Source::Key((*key).to_owned()))
                    .collect(),
                is_configured: false,
                separator: Separator::default(),
                rest: Rest::default(),
            }
        }))
    }
}

impl KeyMap {
    /// Returns the sources of a field.
    pub fn get(&self, field: ReadField) -> &Sources {
        &self.0[field as usize]
    }

    /// Sets the sources of a field.
    pub fn set(&mut self, field: ReadField, sources: Sources) {
        self.0[field as usize] = sources;
    }

    /// Returns the key that a field is written to in a new file where no other file shows one;
    /// `None` if the field is not read from any key.
    pub fn first_key(&self, field: ReadField) -> Option<&str> {
        self.get(field).keys().next()
    }

    /// Returns text that differs wherever two maps read the same front matter differently; empty for
    /// the built-in one.
    pub fn fingerprint(&self) -> String {
        let mut fingerprint = String::new();
        for (field, sources) in ReadField::ALL.into_iter().zip(&self.0) {
            if !sources.is_configured {
                continue;
            }
            fingerprint.push_str(&format!(
                "\nkeys {field} {:?} {:?}",
                sources.separator, sources.rest
            ));
            for source in &sources.sources {
                let source = source.as_str();
                // The length first: no two lists make the same text.
                fingerprint.push_str(&format!(" {} {source}", source.len()));
            }
        }
        fingerprint
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_field_is_found_by_its_name_and_has_its_own_name_first() {
        for (number, field) in ReadField::ALL.into_iter().enumerate() {
            assert_eq!(field as usize, number);
            assert_eq!(ReadField::named(field.name()), Some(field));
            assert_eq!(field.built_in()[0], field.name());
        }
    }

    #[test]
    fn no_key_is_read_for_two_fields() {
        let mut seen = HashSet::new();
        for field in ReadField::ALL {
            for key in field.built_in() {
                assert!(seen.insert(key), "{key}");
            }
        }
    }

    #[test]
    fn maps_that_read_differently_have_different_fingerprints() {
        let with = |sources: &[&str], separator| {
            let mut map = KeyMap::default();
            let sources = Sources {
                sources: sources
                    .iter()
                    .map(|key| Source::Key((*key).to_owned()))
                    .collect(),
                is_configured: true,
                separator,
                rest: Rest::Tags,
            };
            map.set(ReadField::Tags, sources);
            map.fingerprint()
        };
        let all = [
            KeyMap::default().fingerprint(),
            with(&["tags"], Separator::Comma),
            with(&["tags"], Separator::Space),
            with(&["tags", "tag"], Separator::Comma),
            with(&["tag", "tags"], Separator::Comma),
            with(&[], Separator::Comma),
        ];
        let different: HashSet<&String> = all.iter().collect();
        assert_eq!(different.len(), all.len());
        assert_eq!(all[0], "");
    }
}
