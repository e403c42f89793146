//! Patterns of paths that tell the locale of a file.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use super::{Locale, Locales};

/// The two-letter codes of ISO 639-1. A directory of such a name in the place of a locale is
/// taken for a language.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch \
    co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha \
    he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks \
    ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no \
    nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq \
    sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi \
    yo za zh zu";

/// A pattern of paths, such as `{locale}/{name}` or `{name}.{locale}`.
///
/// `{locale}` takes one of the project's locales, `{name}` any text, also several directories.
/// A path matches without its extension, from any of its directories on to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Locale,
    Name,
}

/// The reason why a text is no pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// It does not have `{locale}` and `{name}` once each.
    #[error("it needs `{{locale}}` and `{{name}}` once each")]
    Placeholders,
    /// Nothing divides the two.
    #[error("`{{locale}}` and `{{name}}` need a `/` or a `.` between them")]
    Adjacent,
    /// A brace belongs to no placeholder.
    #[error("it has a placeholder that is neither `{{locale}}` nor `{{name}}`")]
    Unknown,
}

/// The locale that a path tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathLocale {
    /// One of the project's.
    Known(Locale),
    /// The name of another language.
    Unknown(String),
    /// None.
    None,
}

impl FromStr for PathPattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        let mut parts = Vec::new();
        let mut rest = text.trim_matches('/');
        while !rest.is_empty() {
            let (part, length) = if rest.starts_with("{locale}") {
                (Part::Locale, "{locale}".len())
            } else if rest.starts_with("{name}") {
                (Part::Name, "{name}".len())
            } else {
                let end = rest[1..].find('{').map_or(rest.len(), |at| at + 1);
                let literal = &rest[..end];
                if literal.contains(['{', '}']) {
                    return Err(InvalidPattern::Unknown);
                }
                (Part::Literal(literal.to_owned()), end)
            };
            parts.push(part);
            rest = &rest[length..];
        }
        let count = |part: &Part| parts.iter().filter(|one| *one == part).count();
        if count(&Part::Locale) != 1 || count(&Part::Name) != 1 {
            return Err(InvalidPattern::Placeholders);
        }
        let is_placeholder = |part: &Part| !matches!(part, Part::Literal(_));
        if parts.windows(2).any(|pair| pair.iter().all(is_placeholder)) {
            return Err(InvalidPattern::Adjacent);
        }
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PathPattern {
    /// Returns what the path of a file, relative to the project, says about its locale. The first
    /// directory that is one of the locales decides.
    pub fn locale(&self, path: &str, locales: &Locales) -> PathLocale {
        let path = without_extension(path);
        let starts = [0]
            .into_iter()
            .chain(path.match_indices('/').map(|(separator, _)| separator + 1));
        let starts: Vec<usize> = starts.collect();
        let known = |name: &str| locales.all().iter().copied().find(|l| l.as_str() == name);
        for start in &starts {
            let found = self.place(&path[*start..], &|name| known(name).is_some());
            if let Some(locale) = found.and_then(known) {
                return PathLocale::Known(locale);
            }
        }
        for start in starts {
            if let Some(name) = self.place(&path[start..], &is_language) {
                return PathLocale::Unknown(name.to_owned());
            }
        }
        PathLocale::None
    }

    /// Returns the directory that the pattern begins below, and the name, of a path that tells one of
    /// the locales.
    pub fn apart<'p>(&self, path: &'p str, locales: &Locales) -> Option<(&'p str, &'p str)> {
        let path = without_extension(path);
        let is_known = |name: &str| locales.all().iter().any(|locale| locale.as_str() == name);
        let separators = path.match_indices('/').map(|(at, _)| at + 1);
        for start in [0].into_iter().chain(separators) {
            let (prefix, text) = path.split_at(start);
            let Some(locale) = self.place(text, &is_known) else {
                continue;
            };
            // All but the name is of a known length.
            let length = |parts: &[Part]| -> usize {
                let lengths = parts.iter().map(|part| match part {
                    Part::Literal(literal) => literal.len(),
                    Part::Locale => locale.len(),
                    Part::Name => 0,
                });
                lengths.sum()
            };
            let at = self.parts.iter().position(|part| *part == Part::Name)?;
            let (before, after) = self.parts.split_at(at);
            let end = text.len().checked_sub(length(after))?;
            return Some((prefix, text.get(length(before)..end)?));
        }
        None
    }

    /// Returns the path of a file of a name in a locale, with its extension.
    pub fn path(&self, locale: Locale, name: &str, extension: &str) -> String {
        let part = |part: &Part| match part {
            Part::Literal(text) => text.clone(),
            Part::Locale => locale.to_string(),
            Part::Name => name.to_owned(),
        };
        let path: String = self.parts.iter().map(part).collect();
        format!("{path}.{extension}")
    }

    /// Returns the text in the place of the locale, if the text matches with one that is taken.
    fn place<'p>(&self, text: &'p str, is_taken: &dyn Fn(&str) -> bool) -> Option<&'p str> {
        place(&self.parts, text, is_taken)
    }
}

/// Matches all of a text; a pattern has one place of each kind, so that no more than all divisions
/// in two are tried.
fn place<'p>(parts: &[Part], text: &'p str, is_taken: &dyn Fn(&str) -> bool) -> Option<&'p str> {
    fn rest<'p>(
        parts: &[Part],
        text: &'p str,
        found: Option<&'p str>,
        is_taken: &dyn Fn(&str) -> bool,
    ) -> Option<&'p str> {
        match parts.split_first() {
            None => found.filter(|_| text.is_empty()),
            Some((Part::Literal(literal), parts)) => {
                rest(parts, text.strip_prefix(literal.as_str())?, found, is_taken)
            }
            Some((Part::Locale, parts)) => {
                // A locale is ASCII without `/`; the longest that fits is meant.
                let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
                let longest = text.bytes().take_while(|byte| plain(byte)).count();
                (1..=longest).rev().find_map(|end| {
                    let (name, after) = text.split_at(end);
                    let taken = is_taken(name).then_some(name)?;
                    rest(parts, after, Some(taken), is_taken)
                })
            }
            Some((Part::Name, parts)) => {
                let ends = text.char_indices().map(|(at, _)| at).skip(1);
                let mut ends = ends.chain([text.len()]).filter(|end| *end > 0);
                ends.find_map(|end| rest(parts, &text[end..], found, is_taken))
            }
        }
    }
    rest(parts, text, None, is_taken)
}

/// Returns the languages that paths name in a directory or at the end of a file's name, those of
/// the most files first.
pub fn languages<'p>(paths: impl Iterator<Item = &'p str>) -> Vec<Locale> {
    let mut counts: BTreeMap<Locale, usize> = BTreeMap::new();
    for path in paths {
        let path = without_extension(path);
        let (directories, name) = path.rsplit_once('/').unwrap_or(("", path));
        let ending = name.rsplit_once('.').map(|(_, ending)| ending);
        let names = directories.split('/').chain(ending);
        let languages: BTreeSet<&str> = names.filter(|name| is_language(name)).collect();
        for locale in languages.into_iter().filter_map(Locale::new) {
            *counts.entry(locale).or_default() += 1;
        }
    }
    let mut found: Vec<(Locale, usize)> = counts.into_iter().collect();
    found.sort_by_key(|(_, count)| Reverse(*count));
    found.into_iter().map(|(locale, _)| locale).collect()
}

/// Returns a path without the extension of its file.
fn without_extension(path: &str) -> &str {
    let name = path.rfind('/').map_or(0, |at| at + 1);
    match path[name..].rfind('.') {
        Some(dot) if dot > 0 => &path[..name + dot],
        _ => path,
    }
}

/// Returns whether a name is a language: a code of ISO 639-1, alone or with a script or region.
fn is_language(name: &str) -> bool {
    let mut subtags = name.split(['-', '_']);
    let is_code = |code: &str| {
        code.len() == 2
            && LANGUAGES
                .split_ascii_whitespace()
                .any(|known| known == code)
    };
    let is_subtag =
        |tag: &str| (2..=4).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphabetic());
    subtags.next().is_some_and(is_code) && subtags.all(is_subtag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locales(pattern: &str) -> Locales {
        let locale = |name| Locale::new(name).unwrap();
        let pattern = Some(pattern.parse().unwrap());
        Locales::new(locale("ko"), [locale("en"), locale("pt-BR")], pattern)
    }

    fn told(pattern: &str, path: &str) -> String {
        match locales(pattern).of_path(path) {
            PathLocale::Known(locale) => locale.to_string(),
            PathLocale::Unknown(name) => format!("{name}?"),
            PathLocale::None => "-".to_owned(),
        }
    }

    #[test]
    fn a_directory_tells_the_locale() {
        for (path, expected) in [
            ("content/ko/8.md", "ko"),
            ("en/8.md", "en"),
            ("content/pt-BR/guides/intro.md", "pt-BR"),
            ("content/guides/en/intro.md", "en"),
            ("content/fr/8.md", "fr?"),
            ("content/zh-Hant/8.md", "zh-Hant?"),
            ("content/guides/intro.md", "-"),
            ("content/8.md", "-"),
            ("ko.md", "-"),
        ] {
            assert_eq!(told("{locale}/{name}", path), expected, "{path}");
        }
    }

    #[test]
    fn the_end_of_a_name_tells_the_locale() {
        for (path, expected) in [
            ("content/8.ko.md", "ko"),
            ("content/a/index.en.md", "en"),
            ("content/a/index.fr.md", "fr?"),
            ("content/a/index.md", "-"),
            ("content/v1.2.ko.mdx", "ko"),
            ("content/notes.js.md", "-"),
        ] {
            assert_eq!(told("{name}.{locale}", path), expected, "{path}");
        }
    }

    #[test]
    fn other_text_must_be_there() {
        let pattern = "i18n/{locale}/posts/{name}";
        assert_eq!(told(pattern, "site/i18n/en/posts/a/b.md"), "en");
        assert_eq!(told(pattern, "site/en/posts/a.md"), "-");
        assert_eq!(told("{locale}/{name}/index", "en/hello/index.md"), "en");
        assert_eq!(told("{locale}/{name}/index", "en/hello.md"), "-");
        assert_eq!(told("{locale}-{name}", "content/pt-BR-hello.md"), "pt-BR");
        assert_eq!(told("{name}-{locale}", "content/hello-en.md"), "en");
    }

    #[test]
    fn a_path_is_made_as_it_is_read() {
        let en = Locale::new("en").unwrap();
        for pattern in ["{locale}/{name}", "{name}.{locale}", "i18n/{locale}/{name}"] {
            let locales = locales(pattern);
            let path = locales.pattern().unwrap().path(en, "guides/intro", "md");
            assert_eq!(locales.of_path(&path), PathLocale::Known(en), "{path}");
        }
    }

    #[test]
    fn wrong_patterns_say_why() {
        for (text, error) in [
            ("{name}", InvalidPattern::Placeholders),
            ("", InvalidPattern::Placeholders),
            ("{locale}/{locale}/{name}", InvalidPattern::Placeholders),
            ("{locale}{name}", InvalidPattern::Adjacent),
            ("{lang}/{name}", InvalidPattern::Unknown),
            ("{locale}/{name", InvalidPattern::Unknown),
        ] {
            assert_eq!(text.parse::<PathPattern>(), Err(error), "{text}");
        }
    }

    #[test]
    fn codes_of_languages_are_told_from_other_names() {
        for name in ["fr", "zh-Hant", "pt_BR", "en-US"] {
            assert!(is_language(name), "{name}");
        }
        for name in ["js", "ai", "guides", "FR", "fr-", "e", "en-x"] {
            assert!(!is_language(name), "{name}");
        }
    }
}
