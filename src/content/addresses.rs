//! The addresses of a post: its image, and its slug.

use std::borrow::Cow;
use std::ops::Range;

use super::checker::Checker;
use super::derived::Derived;
use super::document::{Node, Value};
use super::fields::NO_PLACE;
use super::resolve::{self, Given, is_absent};
use crate::finding::rules;
use crate::key_map::ReadField;

const MAX_IMAGE: usize = 500;
const MAX_SLUG: usize = 255;

/// The keys of a mapping that hold an image's path, in the order in which they are tried.
const IMAGE_KEYS: [&str; 6] = ["url", "src", "image", "path", "feature", "teaser"];

impl<'a> Checker<'a> {
    /// Takes a path or URL: a text, the first of a list, or what a mapping has under one of
    /// [`IMAGE_KEYS`]. A mapping without a path under a key of another program is no image.
    pub fn image(&mut self) -> Option<String> {
        let found: Vec<Given<'a>> =
            resolve::given(self.document, self.map, ReadField::Image).collect();
        for given in found {
            let Some((node, steps)) = path_in(given.node) else {
                if !given.is_told && !matches!(given.node.value, Value::List(_)) {
                    self.no_path(&given);
                    return None;
                }
                self.used.remove(given.key);
                continue;
            };
            if steps.is_empty() {
                self.used.add(given.key);
            } else {
                // What is left of it is kept in `extra`.
                self.used.remove(given.key);
                steps.iter().for_each(|step| self.used.add(step));
            }
            let rule = rules::INVALID_IMAGE;
            let image = self.text_at(node, &given.name, Some(&given.name), rule)?;
            let range = node.range.clone();
            self.places.insert(ReadField::Image, range.clone());
            self.given.insert(ReadField::Image, given);
            let help = "name a shorter path or URL; an image's data goes in a file of its own";
            let image = self.at_most(MAX_IMAGE, image.into(), "image", help, rule, &range)?;
            return Some(image.into_owned());
        }
        self.given.remove(&ReadField::Image);
        None
    }

    fn no_path(&mut self, given: &Given<'a>) {
        let keys = IMAGE_KEYS.join(", ");
        let message = format!("{} is a mapping without a path", given.name);
        let help = format!("write the path as one text, or under one of the keys {keys}");
        self.fail(rules::INVALID_IMAGE, &given.node.range, message, help);
    }

    /// Takes the slug from a key, else from the file's name if the settings say so.
    ///
    /// Of an address, such as `/2024/01/hello/`, it is the last part; the key is kept in `extra`, so
    /// that a site can build the whole address. A pattern (`/:title/`) and an address of another
    /// site are no slug.
    pub fn slug(&mut self, derived: &Derived<'_>) -> Option<(String, Range<usize>)> {
        let rule = rules::INVALID_SLUG;
        let found: Vec<Given<'a>> =
            resolve::all(self.document, self.map, ReadField::Slug).collect();
        for given in found {
            if is_absent(&given.node.value) {
                self.used.add(given.key);
                continue;
            }
            let range = given.node.range.clone();
            if given.name == ReadField::Slug.name() {
                self.used.add(given.key);
                let slug = self.text_at(given.node, &given.name, Some(&given.name), rule)?;
                self.given.insert(ReadField::Slug, given);
                return self.checked_slug(slug.into(), range);
            }
            let Value::Text(text) = &given.node.value else {
                continue;
            };
            if let Some(slug) = last_part(text) {
                if slug == text {
                    self.used.add(given.key);
                }
                self.given.insert(ReadField::Slug, given);
                return self.checked_slug(slug.into(), range);
            }
        }
        let slug = derived.slug(self.map.get(ReadField::Slug))?;
        self.checked_slug(slug.into(), NO_PLACE)
    }

    fn checked_slug(
        &mut self,
        slug: Cow<'a, str>,
        range: Range<usize>,
    ) -> Option<(String, Range<usize>)> {
        let rule = rules::INVALID_SLUG;
        self.places.insert(ReadField::Slug, range.clone());
        if let Some(control) = slug.chars().find(|c| c.is_control()) {
            let message = format!(
                "slug holds the control character U+{:04X}",
                u32::from(control)
            );
            self.fail(rule, &range, message, "remove it");
            return None;
        }
        let slug = self.at_most(MAX_SLUG, slug, "slug", "shorten it", rule, &range)?;
        Some((slug.into_owned(), range))
    }
}

/// Finds the path of an image in a value, and the places of the keys and items that lead to it;
/// `None` if it has none.
fn path_in(node: &Node) -> Option<(&Node, Vec<&Range<usize>>)> {
    let mut node = node;
    let mut steps = Vec::new();
    loop {
        let (step, inner) = match &node.value {
            Value::List(items) => {
                let item = items.first()?;
                (&item.range, item)
            }
            Value::Map(pairs) => {
                let named = |name: &str| {
                    pairs.iter().find(|(key, value)| {
                        matches!(&key.value, Value::Text(text) if text.eq_ignore_ascii_case(name))
                            && !is_absent(&value.value)
                    })
                };
                let (key, value) = IMAGE_KEYS.into_iter().find_map(named)?;
                (&key.range, value)
            }
            _ => return Some((node, steps)),
        };
        // A list of mappings, as some themes have it, is two steps deep.
        if steps.len() == 2 {
            return None;
        }
        steps.push(step);
        node = inner;
    }
}

/// Returns the last part of a site's own address; `None` for an address of another site, a pattern,
/// and the address of the site itself.
fn last_part(address: &str) -> Option<&str> {
    let address = address.trim();
    let is_plain = !address.contains([':', '?', '#', '{']);
    let path = address.trim_end_matches('/');
    let path = path.strip_suffix("/index.html").unwrap_or(path);
    let last = path.rsplit('/').next()?;
    let last = last.strip_suffix(".html").unwrap_or(last);
    (is_plain && !last.is_empty()).then_some(last)
}
