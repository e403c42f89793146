//! The keys of a front matter, whatever their values.

use std::ops::Range;

use super::checker::Checker;
use super::extra::{LOOKED_AT, Other};
use super::quote::quoted;
use super::suggest::{nearest, same};
use super::text_findings::TextFinding;
use crate::finding::{Rule, rules};

impl<'a> Checker<'a> {
    /// Checks the keys themselves, and returns those that have no field.
    pub fn keys(&mut self) -> Vec<Other<'a>> {
        let document = self.document;
        let mut others = Vec::new();
        for (number, entry) in document.entries.iter().enumerate() {
            let other = |name| Other {
                name,
                range: &entry.key,
                value: &entry.value,
            };
            let Some(name) = entry.name.as_deref() else {
                others.push(other(self.source(&entry.key)));
                continue;
            };
            let first = document.position(name).unwrap_or(number);
            if first != number {
                self.repeated_key(name, &entry.key, &document.entries[first].key);
            } else if name == "<<" {
                let message = "the merge key `<<` is not supported";
                self.fail(rules::MERGE_KEY, &entry.key, message, "write the keys out");
            } else if !self.keys.contains(&name) {
                others.push(other(name));
            }
        }
        others
    }

    /// Reports that a key is missing; one that is probably meant for it is added to `slips`.
    pub fn missing(
        &mut self,
        rule: &'static Rule,
        key: &str,
        example: &str,
        others: &[Other<'a>],
        slips: &mut Vec<&'a Range<usize>>,
    ) {
        let known = self.keys.iter().copied();
        let slip = others
            .iter()
            .take(LOOKED_AT)
            .find(|other| nearest(other.name, known.clone()) == Some(key));
        slips.extend(slip.map(|other| other.range));
        let (help, range) = match (self.document.get(key), slip) {
            (Some(entry), _) => (
                format!("give it a value, like `{example}`"),
                entry.key.clone(),
            ),
            (None, Some(other)) => (
                format!("write `{key}` instead of {}", quoted(other.name)),
                other.range.clone(),
            ),
            (None, None) => {
                let inside = self.source(&self.range).trim_start().starts_with('{');
                let help = if inside {
                    format!("add `{example},` behind the first `{{` of the front matter")
                } else {
                    format!("add a line like `{example}` to the front matter")
                };
                // The opening `---`, for want of a better place.
                (help, 0..3)
            }
        };
        let message = format!("the post has no {key}");
        self.findings
            .push(TextFinding::new(rule, message).help(help).at(range));
    }
}

/// Returns true if any key is that of an id or a title, in any spelling: without either, a file
/// with keys and values is something else than a post.
pub(super) fn is_of_a_post<'a>(names: impl IntoIterator<Item = &'a str>) -> bool {
    names
        .into_iter()
        .any(|name| same(name, "id") || same(name, "title"))
}
