//! The section `[locales]`: the languages of the blog.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::quotable;
use super::wrong::Wrong;
use crate::locale::{Locale, Locales, PathPattern};

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LocalesSection {
    default: Spanned<String>,
    others: Option<Vec<Spanned<String>>>,
    path: Option<Spanned<String>>,
}

impl LocalesSection {
    /// Makes the locales that the section describes.
    pub(super) fn into_locales(self) -> Result<Locales, Wrong> {
        let default = locale(&self.default)?;
        let mut all = vec![default];
        for name in self.others.unwrap_or_default() {
            let other = locale(&name)?;
            if all.contains(&other) {
                return Err(Wrong {
                    span: name.span(),
                    message: format!("`locales` holds \"{other}\" twice"),
                    help: "remove it".to_owned(),
                });
            }
            all.push(other);
        }
        let pattern = self.path.map(|path| {
            let pattern = path.get_ref().parse::<PathPattern>();
            pattern.map_err(|error| Wrong {
                span: path.span(),
                message: format!("`path` is no pattern: {error}"),
                help: "write `path = \"{locale}/{name}\"` or `path = \"{name}.{locale}\"`"
                    .to_owned(),
            })
        });
        Ok(Locales::new(default, all, pattern.transpose()?))
    }
}

fn locale(name: &Spanned<String>) -> Result<Locale, Wrong> {
    Locale::new(name.get_ref()).ok_or_else(|| not_a_locale(name.get_ref(), name.span()))
}

fn not_a_locale(name: &str, span: Range<usize>) -> Wrong {
    Wrong {
        span,
        message: match quotable(name) {
            Some(name) => format!("\"{name}\" is not a locale"),
            None => "this is not a locale".to_owned(),
        },
        help: "a locale has 1 to 23 letters, digits, `-` and `_`, like \"ko\" or \"pt-BR\""
            .to_owned(),
    }
}
