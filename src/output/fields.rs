//! The fields of a post in the order in which every format has them.

use jiff::tz::TimeZone;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::time::{rfc3339, zoned_minutes};
use crate::clean::json;
use crate::post::{Extra, Field, StoredPost, Value};

/// A part of a post: a field, or what no file states as one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// The id.
    Id,
    /// A field.
    Field(Field),
    /// The path of the file.
    Path,
}

/// The number of parts of a post.
pub(super) const PARTS: usize = Field::ALL.len() + 2;

/// Every part of a post, in order. The order is a documented contract: parts may be added at
/// the end, never moved, and the path was there before some of the fields.
pub(super) const ALL: [Part; PARTS] = {
    let mut parts = [Part::Id; PARTS];
    let (mut from, mut to) = (0, 1);
    while from < Field::ALL.len() {
        parts[to] = Part::Field(Field::ALL[from]);
        to += 1;
        if matches!(Field::ALL[from], Field::WordCount) {
            parts[to] = Part::Path;
            to += 1;
        }
        from += 1;
    }
    parts
};

impl Part {
    /// Returns the part's name in output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Field(field) => field.name(),
            Self::Path => "path",
        }
    }

    /// Returns the part's name for people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Field(Field::CreatedAt) => "created",
            Self::Field(Field::UpdatedAt) => "updated",
            Self::Field(Field::WordCount) => "words",
            other => other.name(),
        }
    }
}

/// Returns the header of a CSV file of posts; places behind their parts are named `last`.
pub(super) const fn header<const N: usize>(last: &'static str) -> [&'static str; N] {
    let mut names = [last; N];
    let mut number = 0;
    while number < PARTS {
        names[number] = ALL[number].name();
        number += 1;
    }
    names
}

/// Returns a part of a post as a field of a CSV record: empty where there is no value, and JSON
/// for a list or an object.
pub(super) fn csv(post: &StoredPost, part: Part) -> String {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    match part {
        Part::Id => post.id.to_string(),
        Part::Path => text(post.path.as_ref().map(|path| path.as_str())),
        Part::Field(field) => match post.get(field) {
            Value::Text(value) => text(value),
            Value::Integer(value) => value.map(|n| n.to_string()).unwrap_or_default(),
            Value::Time(value) => value.map(rfc3339).unwrap_or_default(),
            Value::Names(names) => json::text(&names),
            Value::Json(extra) => json::text(extra),
        },
    }
}

/// Returns a part of a post as lines for people; none where there is no value.
pub(super) fn lines(post: &StoredPost, part: Part, zone: &TimeZone) -> Vec<String> {
    let line = |text: Option<String>| Vec::from_iter(text);
    match part {
        Part::Id => line(Some(post.id.to_string())),
        Part::Path => line(post.path.as_ref().map(ToString::to_string)),
        Part::Field(field) => match post.get(field) {
            Value::Text(text) => line(text.map(str::to_owned)),
            Value::Integer(number) => line(number.map(|number| number.to_string())),
            Value::Time(at) => line(at.map(|at| zoned_minutes(at, zone))),
            Value::Names(names) => line((!names.is_empty()).then(|| names.join(", "))),
            Value::Json(extra) => extra_lines(extra),
        },
    }
}

/// Returns `key: value` for each key: a text as it is, anything else as JSON.
fn extra_lines(Extra(extra): &Extra) -> Vec<String> {
    let value = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => json::text(other),
    };
    extra
        .iter()
        .map(|(key, one)| format!("{key}: {}", value(one)))
        .collect()
}

/// Adds the parts of a post to an object of JSON.
///
/// # Errors
/// Whatever the serializer fails with.
pub(super) fn serialize<S: Serializer>(
    post: &StoredPost,
    map: &mut S::SerializeMap,
) -> Result<(), S::Error> {
    for part in ALL {
        match part {
            Part::Id => map.serialize_entry(part.name(), &post.id.get())?,
            Part::Path => {
                let path = post.path.as_ref().map(|path| path.as_str());
                map.serialize_entry(part.name(), &path)?;
            }
            Part::Field(field) => map.serialize_entry(part.name(), &JsonValue(post.get(field)))?,
        }
    }
    // Only in a blog with locales, which has no other place for it.
    if let Some(locale) = post.locale {
        map.serialize_entry("locale", locale.as_str())?;
    }
    Ok(())
}

/// The value of a field as JSON has it.
pub(super) struct JsonValue<'a>(pub Value<'a>);

impl Serialize for JsonValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Text(text) => text.serialize(serializer),
            Value::Integer(number) => number.serialize(serializer),
            Value::Time(at) => at.map(rfc3339).serialize(serializer),
            Value::Names(names) => names.serialize(serializer),
            Value::Json(extra) => extra.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_a_fixed_order() {
        assert_eq!(
            ALL.map(Part::name),
            [
                "id",
                "title",
                "description",
                "category",
                "tags",
                "image",
                "created_at",
                "updated_at",
                "word_count",
                "path",
                "slug",
                "extra"
            ]
        );
    }
}
