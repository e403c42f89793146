//! The translations that a post lacks, or that are out of date.

use super::Locale;
use crate::post::ExtraTerm;

/// The character in the keys of terms that blogctl makes: UNIT SEPARATOR. The key of a front matter
/// that holds it is no term, so that the two are never confused.
pub const KEPT_KEY: char = '\u{1f}';

/// A translation that a post lacks, or that is out of date, as of the last sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The post has no text in this locale.
    Missing(Locale),
    /// The text in this locale was made from an earlier main text.
    Stale(Locale),
}

impl Gap {
    /// Returns the key of the terms of missing translations.
    pub fn missing_key() -> String {
        format!("{KEPT_KEY}missing")
    }

    /// Returns the key of the terms of stale translations.
    pub fn stale_key() -> String {
        format!("{KEPT_KEY}stale")
    }

    /// Returns the term by which posts with the gap are found. It is kept as the value of an extra
    /// key is, so that the same index serves and the gap counts among the filters of a page.
    pub fn term(self) -> ExtraTerm {
        let (key, locale) = match self {
            Self::Missing(locale) => (Self::missing_key(), locale),
            Self::Stale(locale) => (Self::stale_key(), locale),
        };
        ExtraTerm {
            key,
            value: locale.to_string(),
        }
    }
}

impl ExtraTerm {
    /// Returns the term by which the post of a text in this locale is found, where each locale has
    /// extra keys of its own.
    pub fn in_locale(&self, locale: Locale) -> Self {
        Self {
            key: format!("{locale}{KEPT_KEY}{}", self.key),
            value: self.value.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::Extra;

    #[test]
    fn no_front_matter_makes_a_term_that_blogctl_keeps() {
        let korean = Locale::new("ko").unwrap();
        let plain = ExtraTerm {
            key: "layout".into(),
            value: "wide".into(),
        };
        for term in [
            Gap::Missing(korean).term(),
            Gap::Stale(korean).term(),
            plain.in_locale(korean),
        ] {
            let json = serde_json::json!({ term.key: term.value });
            let extra = Extra::from_text(&json.to_string()).unwrap();
            assert_eq!(extra.terms(), []);
        }
        assert_eq!(plain.in_locale(korean).key, "ko\u{1f}layout");
    }
}
