//! The keys of a front matter that have no field, and what posts are found by among them.

use crate::locale::KEPT_KEY;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

/// The keys of a front matter that have no field, with their values.
///
/// They are kept as they are, so that nothing of a file is lost; blogctl gives them no meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Extra(pub BTreeMap<String, Json>);

/// A pair that `--where` finds a post by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExtraTerm {
    /// The key; those of nested mappings are joined with dots: `cover.alt`.
    pub key: String,
    /// The value as text: a text as it is, a number or boolean as JSON writes it.
    pub value: String,
}

/// The most characters of a key, and of a value, by which posts are found: an index of Postgres
/// takes up to some 2,700 bytes of a row.
pub const MAX_TERM: usize = 255;

impl Extra {
    /// Returns whether there is no such key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the canonical JSON text: keys sorted by bytes, no spaces. Equal values have equal
    /// texts.
    pub fn to_text(&self) -> String {
        // A map of text keys and JSON values can always be written.
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// Reads what [`Self::to_text`] wrote; `None` for what is no object of JSON.
    pub fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// Returns the pairs that a post is found by, sorted and each once: every text, number and
    /// boolean, those of lists and of nested mappings too. Longer ones than [`MAX_TERM`] are
    /// left out.
    pub fn terms(&self) -> Vec<ExtraTerm> {
        let mut terms = Vec::new();
        for (key, value) in &self.0 {
            add_terms(key.clone(), value, &mut terms);
        }
        terms.sort_unstable();
        terms.dedup();
        terms
    }
}

fn add_terms(key: String, value: &Json, terms: &mut Vec<ExtraTerm>) {
    let fits = |text: &str| text.chars().nth(MAX_TERM).is_none();
    // Those within it are longer yet; a copy for each item of a long list would take long.
    if !fits(&key) || key.contains(KEPT_KEY) {
        return;
    }
    let text = match value {
        Json::Null => return,
        Json::Bool(value) => value.to_string(),
        Json::Number(number) => number.to_string(),
        Json::String(text) if !fits(text) => return,
        Json::String(text) => text.clone(),
        Json::Array(items) => {
            // A list of lists is no list of values.
            for item in items.iter().filter(|item| !item.is_array()) {
                add_terms(key.clone(), item, terms);
            }
            return;
        }
        Json::Object(entries) => {
            for (name, value) in entries {
                add_terms(format!("{key}.{name}"), value, terms);
            }
            return;
        }
    };
    terms.push(ExtraTerm { key, value: text });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extra(text: &str) -> Extra {
        Extra::from_text(text).unwrap()
    }

    #[test]
    fn the_canonical_text_does_not_depend_on_the_order_of_keys() {
        let text = r#"{"b": {"z": 1, "a": [true, null]}, "a": "가"}"#;
        assert_eq!(
            extra(text).to_text(),
            r#"{"a":"가","b":{"a":[true,null],"z":1}}"#
        );
        assert_eq!(extra(&extra(text).to_text()), extra(text));
        assert_eq!(Extra::from_text("[]"), None);
    }

    #[test]
    fn terms_are_the_values_of_lists_and_mappings_too() {
        let terms = extra(
            r#"{"layout": "post", "math": true, "weight": 1.5, "none": null,
                "authors": ["kim", "lee", "kim", ["no"], {"name": "park"}],
                "cover": {"alt": "a cat"}}"#,
        )
        .terms();
        let shown: Vec<_> = terms
            .iter()
            .map(|term| format!("{}={}", term.key, term.value))
            .collect();
        assert_eq!(
            shown,
            [
                "authors=kim",
                "authors=lee",
                "authors.name=park",
                "cover.alt=a cat",
                "layout=post",
                "math=true",
                "weight=1.5"
            ]
        );
    }

    #[test]
    fn what_is_too_long_for_an_index_is_no_term() {
        let long = "가".repeat(MAX_TERM);
        assert_eq!(extra(&format!(r#"{{"a": "{long}"}}"#)).terms().len(), 1);
        assert_eq!(extra(&format!(r#"{{"a": "{long}a"}}"#)).terms(), []);
    }
}
