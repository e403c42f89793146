//! The option that says in which language posts are read.

use crate::command_error::CommandError;
use crate::content::nearest;
use crate::locale::Locale;
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

/// Refuses a command that works on posts with one text each.
///
/// # Errors
/// [`CommandError`] if the blog has locales.
pub fn refuse_locales(command: &str, project: &Project) -> Result<(), CommandError> {
    if project.config.locales.is_none() {
        return Ok(());
    }
    let message = format!("`{command}` is for posts with one text each, and this blog has locales");
    let help = "`blogctl show ID --locale LOCALE` shows the text in the database";
    Err(CommandError::refused(message).help(help))
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
