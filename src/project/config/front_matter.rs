//! The section `[front_matter]`: the keys that fields are read from.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use toml::Spanned;

use super::quotable;
use super::wrong::Wrong;
use crate::content::nearest;
use crate::key_map::{KeyMap, ReadField, Rest, Separator, Source, Sources};

/// The section as it is written: a field's name, and its sources.
pub(super) type FrontMatterSection = BTreeMap<Spanned<String>, Spanned<FieldSources>>;

/// The most sources of a field.
const MOST_SOURCES: usize = 50;

/// The sources of a field as they are written.
#[derive(Debug)]
pub(super) enum FieldSources {
    /// `false`: the field is not read.
    Off,
    /// `true`, which says nothing.
    On,
    Keys(Vec<Spanned<String>>),
    Table(Table),
}

/// `{ key = "tags", split = "space" }`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    key: Option<OneOrMore>,
    keys: Option<OneOrMore>,
    split: Option<Spanned<String>>,
    rest: Option<Spanned<String>>,
}

/// One text, or a list of texts.
#[derive(Debug)]
struct OneOrMore(Vec<Spanned<String>>);

impl<'de> Deserialize<'de> for OneOrMore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            One(String),
            More(Vec<String>),
        }
        let either = Spanned::<Either>::deserialize(deserializer)?;
        let span = either.span();
        let keys = match either.into_inner() {
            Either::One(key) => vec![key],
            Either::More(keys) => keys,
        };
        let keys = keys.into_iter();
        Ok(Self(
            keys.map(|key| Spanned::new(span.clone(), key)).collect(),
        ))
    }
}

impl<'de> Deserialize<'de> for FieldSources {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

/// Takes `false`, a key, a list of keys or a table.
struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = FieldSources;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key, a list of keys, a table or `false`")
    }

    fn visit_bool<E: de::Error>(self, is_read: bool) -> Result<FieldSources, E> {
        Ok(if is_read {
            FieldSources::On
        } else {
            FieldSources::Off
        })
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<FieldSources, E> {
        Ok(FieldSources::Keys(vec![Spanned::new(0..0, key.to_owned())]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<FieldSources, A::Error> {
        let mut keys = Vec::new();
        while let Some(key) = list.next_element::<Spanned<String>>()? {
            keys.push(key);
        }
        Ok(FieldSources::Keys(keys))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FieldSources, A::Error> {
        let table = Table::deserialize(de::value::MapAccessDeserializer::new(map))?;
        Ok(FieldSources::Table(table))
    }
}

/// Makes the key map of a section.
pub(super) fn key_map(section: FrontMatterSection) -> Result<KeyMap, Wrong> {
    let mut map = KeyMap::default();
    for (name, sources) in section {
        let Some(field) = ReadField::named(name.get_ref()) else {
            return Err(unknown_field(&name));
        };
        let span = sources.span();
        let mut set = Sources {
            sources: Vec::new(),
            is_configured: true,
            separator: Separator::default(),
            rest: Rest::default(),
        };
        let keys = match sources.into_inner() {
            FieldSources::On => continue,
            FieldSources::Off if field == ReadField::Id => {
                return Err(Wrong {
                    span,
                    message: "`id` cannot be left out: it tells which row a post is".to_owned(),
                    help: "name the key of the number, like `id = [\"blogctl_id\"]`".to_owned(),
                });
            }
            FieldSources::Off => Vec::new(),
            FieldSources::Keys(keys) => keys,
            FieldSources::Table(table) => {
                set.separator = separator(field, table.split.as_ref())?;
                set.rest = rest(field, table.rest.as_ref())?;
                let keys = table.keys.or(table.key).map(|keys| keys.0);
                keys.unwrap_or_else(|| {
                    let keys = field.built_in().iter();
                    keys.map(|key| Spanned::new(span.clone(), (*key).to_owned()))
                        .collect()
                })
            }
        };
        if keys.len() > MOST_SOURCES {
            return Err(Wrong {
                span,
                message: format!("`{field}` has more than {MOST_SOURCES} sources"),
                help: "name the keys that the blog has".to_owned(),
            });
        }
        for key in keys {
            let at = match key.span() {
                at if at.is_empty() => span.clone(),
                at => at,
            };
            set.sources.push(source(field, key.get_ref(), at)?);
        }
        map.set(field, set);
    }
    one_field_a_key(&map)?;
    Ok(map)
}

/// Reads a source: a key, or what begins with `@`.
fn source(field: ReadField, name: &str, span: Range<usize>) -> Result<Source, Wrong> {
    if !name.starts_with('@') {
        if name.trim().is_empty() {
            return Err(Wrong {
                span,
                message: format!("`{field}` names an empty key"),
                help: "remove it".to_owned(),
            });
        }
        return Ok(Source::Key(name.to_owned()));
    }
    let allowed = field.other_sources();
    if let Some(source) = allowed.iter().find(|source| source.as_str() == name) {
        return Ok(source.clone());
    }
    let names: Vec<String> = allowed
        .iter()
        .map(|source| format!("\"{}\"", source.as_str()))
        .collect();
    let help = match names.as_slice() {
        [] => format!("`{field}` is read from keys alone"),
        names => format!(
            "`{field}` may be read from {} besides keys",
            names.join(" or ")
        ),
    };
    let message = match quotable(name.trim_start_matches('@')) {
        Some(name) => format!("\"@{name}\" is no source of `{field}`"),
        None => format!("this is no source of `{field}`"),
    };
    Err(Wrong {
        span,
        message,
        help,
    })
}

fn separator(field: ReadField, word: Option<&Spanned<String>>) -> Result<Separator, Wrong> {
    let Some(word) = word else {
        return Ok(Separator::default());
    };
    let wrong = |message: String| Wrong {
        span: word.span(),
        message,
        help: "it is \"comma\" or \"space\", for `tags` and `category`".to_owned(),
    };
    if !matches!(field, ReadField::Tags | ReadField::Category) {
        return Err(wrong(format!("`{field}` is one value, which is not split")));
    }
    match word.get_ref().as_str() {
        "comma" => Ok(Separator::Comma),
        "space" => Ok(Separator::Space),
        _ => Err(wrong("`split` is none of the separators".to_owned())),
    }
}

fn rest(field: ReadField, word: Option<&Spanned<String>>) -> Result<Rest, Wrong> {
    let Some(word) = word else {
        return Ok(Rest::default());
    };
    let wrong = |message: String| Wrong {
        span: word.span(),
        message,
        help:
            "it is \"tags\" or \"extra\", for `category`: what the further names of a list become"
                .to_owned(),
    };
    match (field, word.get_ref().as_str()) {
        (ReadField::Category, "tags") => Ok(Rest::Tags),
        (ReadField::Category, "extra") => Ok(Rest::Extra),
        (ReadField::Category, _) => Err(wrong("`rest` is none of the two words".to_owned())),
        _ => Err(wrong(format!("`{field}` has no `rest`"))),
    }
}

fn unknown_field(name: &Spanned<String>) -> Wrong {
    let names = ReadField::ALL.map(ReadField::name);
    let help = match nearest(name.get_ref(), names) {
        Some(field) => format!("did you mean `{field}`?"),
        None => format!("the fields are `{}`", names.join("`, `")),
    };
    let message = match quotable(name.get_ref()) {
        Some(name) => format!("there is no field `{name}`"),
        None => "there is no such field".to_owned(),
    };
    Wrong {
        span: name.span(),
        message,
        help,
    }
}

/// Checks that no key is configured for two fields; a configured key is taken from the built-in list
/// of another field.
fn one_field_a_key(map: &KeyMap) -> Result<(), Wrong> {
    let mut seen: BTreeMap<&str, ReadField> = BTreeMap::new();
    for field in ReadField::ALL {
        let sources = map.get(field);
        if !sources.is_configured {
            continue;
        }
        for key in sources.keys() {
            if let Some(other) = seen.insert(key, field).filter(|other| *other != field) {
                return Err(Wrong {
                    span: 0..0,
                    message: format!(
                        "the section [front_matter] names one key for `{other}` and for `{field}`"
                    ),
                    help: "name it for one of the two".to_owned(),
                });
            }
        }
    }
    Ok(())
}
