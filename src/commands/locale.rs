//! The option that says in which language posts are read.

use crate::command_error::CommandError;
use crate::content::nearest;
use crate::locale::{Locale, PathLocale};
use crate::output::message;
use crate::project::Project;

/// The language of the posts.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct LocaleArgs {
    /// Read the texts in this locale, one of those in blogctl.toml [default: the default one]
    #[arg(long, value_name = "LOCALE")]
    locale: Option<String>,
}

impl LocaleArgs {
    /// Has the project read in the locale that was named, if any.
    ///
    /// # Errors
    /// [`CommandError`] if it is not one of the project's.
    pub fn choose(&self, project: &mut Project) -> Result<(), CommandError> {
        let Some(name) = &self.locale else {
            return Ok(());
        };
        let locale = locale_of("--locale", name, project)?;
        project.config.tables.read_in(locale);
        Ok(())
    }

    /// Returns whether a locale was named.
    pub fn is_given(&self) -> bool {
        self.locale.is_some()
    }

    /// The option as it would be written.
    pub fn to_words(&self) -> Vec<String> {
        let name = self.locale.iter();
        name.flat_map(|name| ["--locale".to_owned(), name.clone()])
            .collect()
    }
}

/// The language of the texts that are brought or compared.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct OneLocaleArgs {
    /// Only texts in this locale, one of those in blogctl.toml [default: all]
    #[arg(long, value_name = "LOCALE")]
    locale: Option<String>,
}

impl OneLocaleArgs {
    /// Returns the locale that was named, if any.
    ///
    /// # Errors
    /// [`CommandError`] if it is not one of the project's.
    pub fn find(&self, project: &Project) -> Result<Option<Locale>, CommandError> {
        let name = self.locale.as_deref();
        name.map(|name| locale_of("--locale", name, project))
            .transpose()
    }
}

/// Returns the locale that all files below a path have by their paths, if there is one.
///
/// # Errors
/// [`CommandError`] if another one is asked for.
pub fn locale_of_path(
    project: &Project,
    path: &str,
    only: Option<Locale>,
) -> Result<Option<Locale>, CommandError> {
    let Some(locales) = &project.config.locales else {
        return Ok(None);
    };
    let below = format!("{}/x.md", path.trim_end_matches('/'));
    let found = [path, &below].map(|path| locales.of_path(path));
    let known = found.into_iter().find_map(|found| match found {
        PathLocale::Known(locale) => Some(locale),
        PathLocale::Unknown(_) | PathLocale::None => None,
    });
    match (known, only) {
        (Some(known), Some(only)) if known != only => Err(other_locale(path, known, only)),
        _ => Ok(known),
    }
}

/// Returns the error about a path of another locale than the one that was named.
pub fn other_locale(path: &str, of_path: Locale, only: Locale) -> CommandError {
    let path = message(path);
    let message = format!("{path} is in {of_path}, and --locale says {only}");
    let help = format!("leave out --locale, or name a path in {only}");
    CommandError::usage(message).help(help)
}

/// Finds a locale of the project by its name, which an option was given.
///
/// # Errors
/// [`CommandError`] if it is not one of the project's.
pub fn locale_of(option: &str, name: &str, project: &Project) -> Result<Locale, CommandError> {
    let shown = message(name);
    let Some(locales) = &project.config.locales else {
        let help = format!("remove {option}, or add the section [locales] to blogctl.toml");
        return Err(CommandError::usage("there are no locales in blogctl.toml").help(help));
    };
    locales.find(name).ok_or_else(|| {
        let names = || locales.all().iter().map(Locale::as_str);
        let help = match nearest(name, names()) {
            Some(known) => format!("write `{option} {known}`"),
            None => {
                let names: Vec<&str> = names().collect();
                format!("the locales are {}", names.join(", "))
            }
        };
        let message = format!("{shown:?} is not one of the locales in blogctl.toml");
        CommandError::usage(message).help(help)
    })
}
