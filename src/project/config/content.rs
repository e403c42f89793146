//! The section `[content]`: which files are read.

use std::path::{Component, Path};

use serde::Deserialize;
use toml::Spanned;

use super::quotable;
use super::wrong::Wrong;
use crate::content::Exclude;

/// The keys of the section.
pub(super) const CONTENT_KEYS: [&str; 5] = [
    "follow_links",
    "directory",
    "exclude",
    "without_front_matter",
    "future",
];

/// The section as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContentSection {
    follow_links: Option<bool>,
    directory: Option<Spanned<String>>,
    exclude: Option<Vec<Spanned<String>>>,
    without_front_matter: Option<Spanned<String>>,
    future: Option<Spanned<String>>,
}

/// The files that are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The directory that commands read if no path is given, relative to the project's root, with
    /// `/` between its parts; `.` for the root. By default `content`.
    pub directory: String,
    /// The patterns of files that are left out; none by default.
    pub exclude: Exclude,
    /// True if symbolic links may lead anywhere, also out of the project; by default not.
    pub follow_links: bool,
    /// True if files without front matter are left out; by default they are errors.
    pub skip_without_front_matter: bool,
    /// True if a post whose time is to come counts as a draft until then; by default not.
    pub hold_future: bool,
}

impl Default for Content {
    fn default() -> Self {
        Self {
            directory: "content".to_owned(),
            exclude: Exclude::default(),
            follow_links: false,
            skip_without_front_matter: false,
            hold_future: false,
        }
    }
}

impl ContentSection {
    /// Makes the settings that the section describes.
    pub(super) fn into_content(self) -> Result<Content, Wrong> {
        let mut content = Content {
            follow_links: self.follow_links.unwrap_or(false),
            ..Content::default()
        };
        if let Some(given) = self.directory {
            content.directory = directory(&given)?;
        }
        for pattern in self.exclude.unwrap_or_default() {
            let added = content.exclude.add(pattern.get_ref());
            added.map_err(|error| Wrong {
                span: pattern.span(),
                message: format!("`exclude` holds a wrong pattern: {}", error.message),
                help: error.help.to_owned(),
            })?;
        }
        if let Some(given) = self.without_front_matter {
            let word = one_of("without_front_matter", &given, ["error", "skip"])?;
            content.skip_without_front_matter = word == "skip";
        }
        if let Some(given) = self.future {
            content.hold_future = one_of("future", &given, ["publish", "hold"])? == "hold";
        }
        Ok(content)
    }
}

/// Reads a directory of the project.
fn directory(given: &Spanned<String>) -> Result<String, Wrong> {
    let text = given.get_ref();
    let wrong = |is: &str| Wrong {
        span: given.span(),
        message: format!("`directory` {is}"),
        help: "write it relative to the project's root: \"src/content/blog\"".to_owned(),
    };
    if text.trim().is_empty() {
        return Err(wrong("is empty"));
    }
    if text.contains(char::is_control) {
        return Err(wrong("holds a control character"));
    }
    let mut parts = Vec::new();
    for part in Path::new(text).components() {
        match part {
            Component::CurDir => {}
            Component::Normal(part) => parts.push(part.to_string_lossy()),
            Component::ParentDir => return Err(wrong("holds `..`")),
            Component::RootDir | Component::Prefix(_) => {
                return Err(wrong("is an absolute path"));
            }
        }
    }
    Ok(match parts.is_empty() {
        true => ".".to_owned(),
        false => parts.join("/"),
    })
}

/// Reads one of two words.
fn one_of(
    key: &str,
    given: &Spanned<String>,
    words: [&'static str; 2],
) -> Result<&'static str, Wrong> {
    let text = given.get_ref();
    if let Some(word) = words.into_iter().find(|word| word == text) {
        return Ok(word);
    }
    let near = words
        .into_iter()
        .filter(|_| quotable(text).is_some())
        .map(|word| (strsim::damerau_levenshtein(text, word), word))
        .min()
        .filter(|(distance, _)| *distance <= 2);
    let [first, second] = words;
    Err(Wrong {
        span: given.span(),
        message: match quotable(text) {
            Some(text) => format!("`{key}` is \"{text}\""),
            None => format!("`{key}` has another value"),
        },
        help: match near {
            Some((_, word)) => format!("did you mean \"{word}\"?"),
            None => format!("it is \"{first}\" or \"{second}\""),
        },
    })
}
