//! The locale of a file, from its front matter or its path.

use std::ops::Range;

use super::checker::Checker;
use super::quote::quoted;
use super::suggest::nearest;
use super::text_findings::TextFinding;
use crate::finding::rules;
use crate::locale::{LOCALE_KEYS, Locale, Locales, PathLocale};
use crate::post::SourcePath;

impl<'a> Checker<'a> {
    /// Takes the locale that the front matter states, else that of the path, else the default.
    /// Returns `None` if they name a locale that the blog does not have, or two.
    pub fn locale(&mut self, locales: &Locales, path: &SourcePath) -> Option<Locale> {
        let of_path = locales.of_path(path.as_str());
        let mut stated: Option<(Locale, Range<usize>)> = None;
        for key in LOCALE_KEYS {
            if self.value(key).is_none() {
                continue;
            }
            let (name, range) = self.text_of_key(key, rules::UNKNOWN_LOCALE)?;
            let Some(locale) = locales.find(name.trim()) else {
                self.unknown(name, locales, range);
                return None;
            };
            if let Some((other, _)) = stated.as_ref().filter(|(other, _)| *other != locale) {
                let message = format!("{key} says {locale}, and another key says {other}");
                self.fail(
                    rules::LOCALE_MISMATCH,
                    &range,
                    message,
                    "remove one of the lines",
                );
                return None;
            }
            stated.get_or_insert((locale, range));
        }
        match (stated, of_path) {
            (Some((stated, range)), PathLocale::Known(of_path)) if stated != of_path => {
                let message = format!("the file says {stated}, and its path says {of_path}");
                let help = "move the file, or correct the line";
                self.fail(rules::LOCALE_MISMATCH, &range, message, help);
                None
            }
            (Some((stated, _)), _) => Some(stated),
            (None, PathLocale::Known(of_path)) => Some(of_path),
            (None, PathLocale::Unknown(name)) => {
                self.unknown(&name, locales, None);
                None
            }
            (None, PathLocale::None) => Some(locales.default_locale()),
        }
    }

    fn unknown(&mut self, name: &str, locales: &Locales, range: impl Into<Option<Range<usize>>>) {
        let names = locales.all().iter().map(Locale::as_str);
        let help = match nearest(name, names.clone()) {
            Some(known) => format!(
                "write {}, or add {} to `others` in [locales] of blogctl.toml",
                quoted(known),
                quoted(name)
            ),
            None => format!(
                "add it to `others` in [locales] of blogctl.toml, or state one of {} as `locale` \
                 in the file",
                names.collect::<Vec<_>>().join(", ")
            ),
        };
        let message = format!("{} is not one of the locales in blogctl.toml", quoted(name));
        let finding = TextFinding::new(rules::UNKNOWN_LOCALE, message).help(help);
        self.findings.push(finding.at(range));
    }
}
