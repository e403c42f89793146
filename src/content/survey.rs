//! The habits of a file in stating fields, for the settings that fit a blog.

use super::derived::Derived;
use super::document::{Syntax, Value};
use super::front_matter;
use super::key_edit::document;
use super::read_settings::ReadSettings;
use super::resolve;
use crate::key_map::{ReadField, Source, Sources};
use crate::post::{PostId, SourcePath};

/// The way in which a file states its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// True if the front matter is TOML.
    pub is_toml: bool,
    /// The key of each field that has a value, by the built-in list.
    pub keys: Vec<(ReadField, String)>,
    /// True if the id is a text that is no number.
    pub has_other_id: bool,
    /// True if tags or categories are a text of several words without a comma.
    pub has_spaced_names: bool,
    /// True if the body has a heading of the first level.
    pub has_heading: bool,
    /// True if the path has a date.
    pub has_path_date: bool,
}

/// Returns how a file states its fields; `None` if it has no front matter that can be read.
pub fn habits(settings: &ReadSettings, path: &SourcePath, bytes: &[u8]) -> Option<Habits> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).ok()?;
    let document = document(text)?;
    let split = front_matter::split(text).ok()?;
    let derived = Derived::new(settings, path, &text[split.body..]);
    let mut habits = Habits {
        is_toml: document.syntax == Syntax::Toml,
        has_path_date: derived.date().is_some(),
        ..Habits::default()
    };
    for field in ReadField::ALL {
        let found = resolve::given(&document, &settings.keys, field);
        for given in found {
            let value = &given.node.value;
            match field {
                ReadField::Id => {
                    let is_number = |text: &str| text.trim().parse().ok().and_then(PostId::new);
                    habits.has_other_id =
                        matches!(value, Value::Text(text) if is_number(text).is_none());
                }
                ReadField::Tags | ReadField::Category => {
                    let is_spaced = |text: &str| {
                        let text = text.trim();
                        text.contains(' ') && !text.contains([',', '，', '、'])
                    };
                    habits.has_spaced_names |=
                        matches!(value, Value::Text(text) if is_spaced(text));
                }
                _ => {}
            }
            habits.keys.push((field, given.name.into_owned()));
        }
    }
    if !habits
        .keys
        .iter()
        .any(|(field, _)| *field == ReadField::Title)
    {
        let heading = Sources {
            sources: vec![Source::Heading],
            ..settings.keys.get(ReadField::Title).clone()
        };
        habits.has_heading = derived.title(&heading).is_some();
    }
    Some(habits)
}
