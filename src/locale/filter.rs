//! The texts that a command is about: those of all locales, or of one.

use super::{Locale, Locales};

/// A choice of texts by their locale.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocaleFilter<'a> {
    /// The locales; `None` in a blog without locales.
    pub locales: Option<&'a Locales>,
    /// The one locale that is meant; `None` for all of them.
    pub only: Option<Locale>,
}

impl LocaleFilter<'_> {
    /// Returns whether a text in a locale is meant: one of the project's locales, or `None` in a
    /// blog without locales.
    pub fn takes(&self, locale: Option<Locale>) -> bool {
        match (self.locales, locale) {
            (None, locale) => locale.is_none(),
            (Some(locales), Some(locale)) => {
                locales.all().contains(&locale) && self.only.is_none_or(|only| only == locale)
            }
            (Some(_), None) => false,
        }
    }

    /// Returns the place of a locale among those of the project: of a post's texts the one with the
    /// least place is the main one.
    pub fn rank(&self, locale: Option<Locale>) -> usize {
        match (self.locales, locale) {
            (Some(locales), Some(locale)) => locales.rank(locale),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_locales_of_the_project_are_meant_or_one_of_them() {
        let [ko, en, fr] = ["ko", "en", "fr"].map(|name| Locale::new(name).unwrap());
        let locales = Locales::new(ko, [en], None);
        let mut filter = LocaleFilter {
            locales: Some(&locales),
            only: None,
        };
        let taken = |filter: &LocaleFilter<'_>| {
            [Some(ko), Some(en), Some(fr), None].map(|locale| filter.takes(locale))
        };
        assert_eq!(taken(&filter), [true, true, false, false]);
        assert!(filter.rank(Some(ko)) < filter.rank(Some(en)));
        filter.only = Some(en);
        assert_eq!(taken(&filter), [false, true, false, false]);
        let none = LocaleFilter::default();
        assert_eq!(taken(&none), [false, false, false, true]);
    }
}
