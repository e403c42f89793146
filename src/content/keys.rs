//! The keys of a front matter, whatever their values.

use std::ops::Range;

use super::checker::Checker;
use super::document::{Entry, Syntax};
use super::extra::{LOOKED_AT, Other};
use super::fields::NO_PLACE;
use super::quote::quoted;
use super::resolve;
use super::suggest::{nearest, same};
use super::text_findings::TextFinding;
use crate::finding::{Rule, rules};
use crate::key_map::{KeyMap, ReadField};

impl<'a> Checker<'a> {
    /// Checks the keys themselves.
    pub fn keys(&mut self) {
        let document = self.document;
        for (number, entry) in document.entries.iter().enumerate() {
            let Some(name) = entry.name.as_deref() else {
                continue;
            };
            let first = document.position(name).unwrap_or(number);
            if first != number {
                self.repeated_key(name, &entry.key, &document.entries[first].key);
            } else if name == "<<" {
                let message = "the merge key `<<` is not supported";
                self.fail(rules::MERGE_KEY, &entry.key, message, "write the keys out");
            }
        }
    }

    /// Returns the keys that no field was read from as a whole.
    pub fn others(&self) -> Vec<Other<'a>> {
        let document = self.document;
        let entries = document.entries.iter().enumerate();
        let other = |(number, entry): (usize, &'a Entry)| {
            let name = match entry.name.as_deref() {
                None => self.source(&entry.key),
                Some(name) => {
                    let is_first = document.position(name).is_none_or(|first| first == number);
                    let is_read = self.locale_keys.contains(&name) || self.used.has(&entry.key);
                    if !is_first || name == "<<" || is_read {
                        return None;
                    }
                    name
                }
            };
            Some(Other {
                name,
                range: &entry.key,
                value: &entry.value,
            })
        };
        entries.filter_map(other).collect()
    }

    /// Returns the names of fields that are also keys of theirs, for the nearest to a name.
    pub fn own_keys(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        let names = ReadField::ALL.map(|field| {
            let is_read = self.map.get(field).keys().any(|key| key == field.name());
            is_read.then_some(field.name())
        });
        names.into_iter().flatten()
    }

    /// Reports that a field has no value; a key that is probably meant for it is added to `slips`.
    pub fn missing(
        &mut self,
        rule: &'static Rule,
        field: ReadField,
        others: &[Other<'a>],
        slips: &mut Vec<&'a Range<usize>>,
    ) {
        let known = self.own_keys();
        let slip = others
            .iter()
            .take(LOOKED_AT)
            .find(|other| nearest(other.name, known.clone()) == Some(field.name()));
        slips.extend(slip.map(|other| other.range));
        let sources = self.map.get(field);
        let key = sources.keys().next().unwrap_or(field.name()).to_owned();
        let example = match field {
            ReadField::Id => self.line(&key, "1"),
            _ => self.line(&key, "\"A title\""),
        };
        let empty = resolve::all(self.document, self.map, field).next();
        let (help, range) = match (&empty, slip) {
            _ if field == ReadField::Id && slip.is_none() => {
                // The number that is free is added where all files are known.
                let range = empty.as_ref().map_or(NO_PLACE, |given| given.key.clone());
                (GIVE_AN_ID.to_owned(), range)
            }
            (Some(given), _) => (
                format!("give it a value, like `{example}`"),
                given.key.clone(),
            ),
            (None, Some(other)) => (
                format!("write `{key}` instead of {}", quoted(other.name)),
                other.range.clone(),
            ),
            (None, None) => {
                let inside = self.document.braces.is_some();
                let help = if inside {
                    format!("add `{example},` behind the first `{{` of the front matter")
                } else if self.document.syntax == Syntax::Toml {
                    format!("add the line `{example}` at the top of the front matter")
                } else {
                    format!("add a line like `{example}` to the front matter")
                };
                (help, NO_PLACE)
            }
        };
        let message = format!("the post has no {}", field.name());
        self.findings
            .push(TextFinding::new(rule, message).help(help).at(range));
    }
}

/// The help for a post without an id. [`super::free_id`] adds which one is free.
pub(super) const GIVE_AN_ID: &str =
    "run `blogctl fix`: it gives each post without an id a free one";

/// Returns whether any key is that of an id or a title, in any spelling: without either, a file with
/// keys and values is something else than a post.
pub(super) fn is_of_a_post<'a>(map: &KeyMap, names: impl IntoIterator<Item = &'a str>) -> bool {
    let title = map.get(ReadField::Title);
    // Where titles are in no key, any front matter has to do.
    if title.keys().count() < title.sources.len() {
        return true;
    }
    let is_known = |name: &str| {
        let mut fields = [ReadField::Id, ReadField::Title].into_iter();
        fields.any(|field| map.get(field).keys().any(|key| same(name, key)))
    };
    names.into_iter().take(LOOKED_AT).any(is_known)
}
