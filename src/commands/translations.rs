//! The options that tell of the translations of posts: which are missing or stale, and all of them
//! in JSON.

use super::locale::locale_of;
use crate::command_error::CommandError;
use crate::locale::{Gap, Locale};
use crate::model::NameCount;
use crate::page::Filter;
use crate::post::{PostId, StoredPost, Translation};
use crate::project::Project;
use crate::store::{Reader, Result as StoreResult};

/// The gaps that posts are listed by.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct GapArgs {
    /// Only posts that had no text in this locale at the last sync
    #[arg(long, value_name = "LOCALE")]
    missing: Option<String>,

    /// Only posts whose text in this locale is older than the main text that it was made from, as
    /// of the last sync
    #[arg(long, value_name = "LOCALE")]
    stale: Option<String>,
}

impl GapArgs {
    /// Adds the gaps to a filter. Unless a locale was named, the posts are read in their main texts.
    ///
    /// # Errors
    /// [`CommandError`] if a locale is not one of the project's.
    pub fn add_to(
        &self,
        filter: &mut Filter,
        project: &Project,
        has_locale: bool,
    ) -> Result<(), CommandError> {
        if let Some(name) = &self.missing {
            let locale = locale_of("--missing", name, project)?;
            filter.gaps.push(Gap::Missing(locale));
        }
        if let Some(name) = &self.stale {
            let locale = locale_of("--stale", name, project)?;
            filter.gaps.push(Gap::Stale(locale));
        }
        filter.in_main_text |= !filter.gaps.is_empty() && !has_locale;
        Ok(())
    }

    /// Returns whether a gap is asked for.
    pub fn is_given(&self) -> bool {
        self.missing.is_some() || self.stale.is_some()
    }

    /// Returns the options as they would be written.
    pub fn to_words(&self) -> Vec<String> {
        let words = [("--missing", &self.missing), ("--stale", &self.stale)];
        let given = words
            .into_iter()
            .filter_map(|(option, name)| Some([option.to_owned(), name.clone()?]));
        given.flatten().collect()
    }
}

/// The option for all translations of what is printed.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct AllLocalesArgs {
    /// With JSON: add what each locale has for itself
    #[arg(long)]
    all_locales: bool,
}

impl AllLocalesArgs {
    /// Returns the locales to add; none without the option.
    ///
    /// # Errors
    /// [`CommandError`] if the format has no place for them, or the project has no locales.
    pub fn locales(self, is_json: bool, project: &Project) -> Result<Vec<Locale>, CommandError> {
        if !self.all_locales {
            return Ok(Vec::new());
        }
        let Some(locales) = &project.config.locales else {
            let help = "remove --all-locales, or add the section [locales] to blogctl.toml";
            return Err(CommandError::usage("there are no locales in blogctl.toml").help(help));
        };
        if !is_json {
            let message = "--all-locales is for JSON alone";
            return Err(CommandError::usage(message).help("add `--format json`"));
        }
        Ok(locales.all().to_vec())
    }

    /// Returns the option as it would be written.
    pub fn to_words(self) -> Vec<String> {
        let word = "--all-locales".to_owned();
        self.all_locales.then_some(word).into_iter().collect()
    }
}

/// Adds the texts in these locales to posts, in one more round trip; none without locales.
///
/// # Errors
/// Whatever the store says.
pub fn add_texts<'p>(
    store: &mut dyn Reader,
    project: &Project,
    locales: &[Locale],
    with_content: bool,
    posts: impl Iterator<Item = &'p mut StoredPost>,
) -> StoreResult<()> {
    let posts: Vec<&mut StoredPost> = posts.collect();
    if locales.is_empty() || posts.is_empty() {
        return Ok(());
    }
    let ids: Vec<PostId> = posts.iter().map(|post| post.id).collect();
    let fields = project.config.tables.translated();
    let mut texts = store.texts(&ids, locales, with_content)?;
    texts.sort_by_key(|(text, _)| {
        (
            text.id,
            locales.iter().position(|l| Some(*l) == text.locale),
        )
    });
    for post in posts {
        let of_post = texts.iter().filter(|(text, _)| text.id == post.id);
        let translations = of_post.map(|(text, content)| Translation {
            text: text.clone(),
            fields,
            content: content.clone(),
        });
        post.translations = translations.collect();
    }
    Ok(())
}

/// Reads counts, and with them those in each of these locales, in a round trip each.
///
/// # Errors
/// Whatever the store says.
pub fn counts(
    locales: &[Locale],
    mut read: impl FnMut(Option<Locale>) -> StoreResult<Vec<NameCount>>,
) -> StoreResult<Vec<NameCount>> {
    let mut counts = read(None)?;
    for locale in locales {
        for found in read(Some(*locale))? {
            let known = counts.iter().position(|count| count.name == found.name);
            let index = known.unwrap_or_else(|| {
                counts.push(NameCount {
                    posts: Some(0),
                    ..found.clone()
                });
                counts.len() - 1
            });
            counts[index].locales.push((*locale, found.posts));
        }
    }
    Ok(counts)
}
