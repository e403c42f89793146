//! Locales: the languages that a blog's texts are in.
//!
//! A post has one *translation* for each locale that a file gives it. The locale of a file comes
//! from its path, see [`PathPattern`], or from a key of its front matter. Nothing here does I/O.

mod filter;
mod gap;
mod path_pattern;

use std::fmt;

pub use self::filter::LocaleFilter;
pub use self::gap::{Gap, KEPT_KEY};
pub use self::path_pattern::{InvalidPattern, PathLocale, PathPattern, languages};

/// The keys of a front matter that state the locale of a file, the first that is there counts.
pub const LOCALE_KEYS: [&str; 3] = ["locale", "lang", "language"];

/// A locale as the project spells it, such as `ko` or `pt-BR`: 1 to 23 ASCII letters, digits,
/// hyphens and underscores.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locale {
    /// The name, filled up with zeros.
    bytes: [u8; Self::MAX],
}

impl Locale {
    /// The most bytes of a locale.
    const MAX: usize = 23;

    /// Returns the locale of a name, or `None` if the name is not one.
    pub fn new(name: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_name = !name.is_empty() && name.len() <= Self::MAX && name.bytes().all(is_plain);
        is_name.then(|| {
            let mut bytes = [0; Self::MAX];
            bytes[..name.len()].copy_from_slice(name.as_bytes());
            Self { bytes }
        })
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        let length = self.bytes.iter().position(|byte| *byte == 0);
        let name = &self.bytes[..length.unwrap_or(Self::MAX)];
        // A locale is made of ASCII alone.
        std::str::from_utf8(name).unwrap_or_default()
    }

    /// Returns whether a name is this locale's in another spelling: `pt_br` for `pt-BR`.
    fn is_spelled(&self, name: &str) -> bool {
        let fold = |byte: u8| match byte {
            b'_' => b'-',
            byte => byte.to_ascii_lowercase(),
        };
        self.as_str().bytes().map(fold).eq(name.bytes().map(fold))
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

/// The locales of a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locales {
    /// The default first, then the others in their order; no locale twice.
    all: Vec<Locale>,
    pattern: Option<PathPattern>,
}

impl Locales {
    /// Makes the locales of a project whose paths tell them as the pattern says. A locale that is
    /// named again is left out.
    pub fn new(
        default: Locale,
        others: impl IntoIterator<Item = Locale>,
        pattern: Option<PathPattern>,
    ) -> Self {
        let mut all = vec![default];
        for locale in others {
            if !all.contains(&locale) {
                all.push(locale);
            }
        }
        Self { all, pattern }
    }

    /// Returns the default locale.
    pub fn default_locale(&self) -> Locale {
        self.all[0]
    }

    /// Returns the locales, the default first.
    pub fn all(&self) -> &[Locale] {
        &self.all
    }

    /// Returns the pattern of the paths of files.
    pub fn pattern(&self) -> Option<&PathPattern> {
        self.pattern.as_ref()
    }

    /// Returns the locale of this name, in any case and with `_` for `-`.
    pub fn find(&self, name: &str) -> Option<Locale> {
        let mut all = self.all.iter();
        let exact = self.all.iter().find(|locale| locale.as_str() == name);
        exact
            .or_else(|| all.find(|locale| locale.is_spelled(name)))
            .copied()
    }

    /// Returns the place of a locale: 0 for the default; one of no place comes last. Of a post's
    /// texts the one with the least place is its main text.
    pub fn rank(&self, locale: Locale) -> usize {
        let place = self.all.iter().position(|one| *one == locale);
        place.unwrap_or(usize::MAX)
    }

    /// Returns what the path of a file says about its locale.
    pub fn of_path(&self, path: &str) -> PathLocale {
        match &self.pattern {
            Some(pattern) => pattern.locale(path, self),
            None => PathLocale::None,
        }
    }

    /// Returns text that differs wherever files are read differently.
    pub fn fingerprint(&self) -> String {
        let names: Vec<&str> = self.all.iter().map(Locale::as_str).collect();
        let pattern = self.pattern.as_ref().map(PathPattern::to_string);
        format!(
            "locales {}\n{}",
            names.join(" "),
            pattern.unwrap_or_default()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_is_a_short_plain_name() {
        for name in ["ko", "pt-BR", "zh_Hant_TW", "x", "ca-ES-valencia"] {
            assert_eq!(Locale::new(name).unwrap().as_str(), name);
        }
        for name in [
            "",
            "k o",
            "한국어",
            "ko/en",
            "a.b",
            "x123456789012345678901234",
        ] {
            assert_eq!(Locale::new(name), None, "{name}");
        }
        let longest = "a".repeat(23);
        assert_eq!(Locale::new(&longest).unwrap().as_str(), longest);
    }

    #[test]
    fn the_default_is_first_and_a_name_is_found_in_any_spelling() {
        let locale = |name| Locale::new(name).unwrap();
        let locales = Locales::new(
            locale("ko"),
            [locale("pt-BR"), locale("ko"), locale("en")],
            None,
        );
        assert_eq!(locales.default_locale(), locale("ko"));
        assert_eq!(locales.all().len(), 3);
        assert_eq!(locales.find("PT_br"), Some(locale("pt-BR")));
        assert_eq!(locales.find("pt"), None);
        assert_eq!(locales.rank(locale("ko")), 0);
        assert_eq!(locales.rank(locale("en")), 2);
        assert_eq!(locales.rank(locale("fr")), usize::MAX);
    }

    #[test]
    fn two_spellings_in_one_project_are_two_locales() {
        let locale = |name| Locale::new(name).unwrap();
        let locales = Locales::new(locale("KO"), [locale("ko")], None);
        assert_eq!(locales.find("ko"), Some(locale("ko")));
        assert_eq!(locales.find("KO"), Some(locale("KO")));
    }
}
