//! The settings file of a project.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::path::Path;

use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::TimeZone;
use serde::Deserialize;
use toml::Spanned;

pub use self::content::Content;
use self::content::ContentSection;
use self::front_matter::FrontMatterSection;
use self::locales::LocalesSection;
use self::tables::Tables;
use self::wrong::Wrong;
use super::ConfigError;
use super::SecretUrl;
use crate::finding::rules::RULES;
use crate::finding::{Kind, LEVEL_WORDS, LevelError, Levels, Rule};
use crate::input_file::{self, Links, MAX_SETTINGS_FILE};
use crate::key_map::KeyMap;
use crate::label::label;
use crate::locale::Locales;
use crate::tables::TableMap;

mod content;
mod explain;
mod front_matter;
mod locales;
mod tables;
mod wrong;

/// The name of the settings file, at the project's root.
pub const CONFIG_FILE: &str = "blogctl.toml";

/// All keys, for the nearest one to what was written.
const KEYS: [&str; 31] = [
    "database",
    "read_database",
    "time_zone",
    "categories",
    "content",
    "follow_links",
    "front_matter",
    "key",
    "keys",
    "split",
    "rest",
    "directory",
    "exclude",
    "without_front_matter",
    "future",
    "rules",
    "sync",
    "max_prune",
    "tables",
    "post",
    "tag",
    "post_tag",
    "tags",
    "name",
    "columns",
    "values",
    "translation",
    "locales",
    "default",
    "others",
    "path",
];

/// The longest text of the file that a message quotes, in characters.
const MAX_QUOTED: usize = 64;

/// The help for a key that is none of them.
const ALL_KEYS: &str = "the keys are `database`, `read_database`, `time_zone`, `categories`, in the \
                        section `[content]` `directory`, `exclude`, `without_front_matter`, \
                        `future` and `follow_links`, in the section `[front_matter]` the names of \
                        fields, in the section `[sync]` `max_prune`, \
                        in the section `[rules]` the names of rules, in the sections \
                        `[tables.post]`, `[tables.tag]`, `[tables.post_tag]` and \
                        `[tables.translation]` `name`, `columns` and `values`, and in the section \
                        `[locales]` `default`, `others` and `path`";

/// The settings in `blogctl.toml`; a missing file has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The store's address, with the lowest precedence.
    pub database: Option<SecretUrl>,
    /// A replica of it, which answers commands that only read.
    pub read_database: Option<SecretUrl>,
    /// The zone of timestamps without an offset; UTC by default.
    pub time_zone: TimeZone,
    /// The categories a post may have, at least one; any where absent.
    pub categories: Option<Vec<String>>,
    /// The share of the posts in a store, in percent, above which `sync --prune` refuses to
    /// remove them without `--force`: 0 to 100, by default 50.
    pub max_prune: u8,
    /// The files that are read.
    pub content: Content,
    /// The keys that fields are read from.
    pub keys: KeyMap,
    /// The levels of rules that differ from their own.
    pub levels: Levels,
    /// The tables that hold the posts; blogctl's own by default.
    pub tables: TableMap,
    /// The languages of the blog; one that nobody names by default.
    pub locales: Option<Locales>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            database: None,
            read_database: None,
            time_zone: TimeZone::UTC,
            categories: None,
            max_prune: 50,
            content: Content::default(),
            keys: KeyMap::default(),
            levels: Levels::default(),
            tables: TableMap::default(),
            locales: None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    database: Option<String>,
    read_database: Option<String>,
    time_zone: Option<Spanned<String>>,
    categories: Option<Vec<Spanned<String>>>,
    content: Option<ContentSection>,
    front_matter: Option<FrontMatterSection>,
    rules: Option<BTreeMap<Spanned<String>, Spanned<String>>>,
    sync: Option<Sync>,
    tables: Option<Tables>,
    locales: Option<Spanned<LocalesSection>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sync {
    max_prune: Option<Spanned<i64>>,
}

impl Config {
    /// Reads the settings of the project at `root`.
    ///
    /// # Errors
    /// [`ConfigError`] with the line and the remedy, never with the text of the line: it may hold
    /// a password.
    pub fn read(root: &Path) -> Result<Self, ConfigError> {
        let path = root.join(CONFIG_FILE);
        match input_file::read_text(&path, Links::Follow, MAX_SETTINGS_FILE) {
            Ok(text) => Self::parse(&text, &path),
            Err(error) if error.is_absent(&path) => Ok(Self::default()),
            Err(error) => {
                let message = format!("cannot read {}: {error}", path.display());
                Err(ConfigError::new(message)
                    .help("make it a UTF-8 file of at most 1 MiB that you may read, or remove it"))
            }
        }
    }

    /// Reads settings from the text of a file.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let fail = |span: Range<usize>, message: String, help: Option<String>| ConfigError {
            message: format!("{}:{}: {message}", path.display(), line_of(text, span)),
            help,
        };
        let file: File = toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            let before = text.get(..span.start).unwrap_or_default();
            let at = text.get(span.clone()).unwrap_or_default();
            let (message, help) = explain::explain(error.message(), before, at);
            fail(span, message, help)
        })?;
        let address = |given: Option<String>| {
            let trimmed = given.map(|url| url.trim().to_owned());
            trimmed.filter(|url| !url.is_empty()).map(SecretUrl::new)
        };
        let mut config = Self {
            database: address(file.database),
            read_database: address(file.read_database),
            ..Self::default()
        };
        if let Some(name) = file.time_zone {
            config.time_zone = time_zone(name.get_ref()).ok_or_else(|| {
                fail(
                    name.span(),
                    match quotable(name.get_ref()) {
                        Some(name) => format!("`time_zone` \"{name}\" is not a time zone"),
                        None => "`time_zone` is not a time zone".to_owned(),
                    },
                    Some("use an IANA name (\"Asia/Seoul\") or an offset (\"+09:00\")".into()),
                )
            })?;
        }
        let categories = file.categories.unwrap_or_default();
        let mut seen = HashSet::with_capacity(categories.len());
        for category in &categories {
            let name = category.get_ref();
            let problem = if name.trim().is_empty() {
                "`categories` holds an empty name".to_owned()
            } else if seen.insert(label(name)) {
                continue;
            } else {
                match quotable(name) {
                    Some(name) => format!("`categories` holds \"{name}\" twice"),
                    None => "`categories` holds a name twice".to_owned(),
                }
            };
            return Err(fail(category.span(), problem, Some("remove it".into())));
        }
        let categories = categories.into_iter().map(Spanned::into_inner);
        let categories: Vec<String> = categories.map(|name| label(&name).into_owned()).collect();
        // A list of none would forbid every category; who writes it means to list none.
        config.categories = (!categories.is_empty()).then_some(categories);
        if let Some(percent) = file.sync.and_then(|sync| sync.max_prune) {
            let value = u8::try_from(*percent.get_ref()).ok().filter(|p| *p <= 100);
            config.max_prune = value.ok_or_else(|| {
                let message = format!("`max_prune` is {}", percent.get_ref());
                let help = "it is a share of the posts in percent: 0 to 100";
                fail(percent.span(), message, Some(help.into()))
            })?;
        }
        let wrong = |wrong: Wrong| fail(wrong.span, wrong.message, Some(wrong.help));
        if let Some(section) = file.front_matter {
            config.keys = front_matter::key_map(section).map_err(wrong)?;
        }
        let content = file.content.unwrap_or_default();
        config.content = content.into_content().map_err(wrong)?;
        let section = file.locales.as_ref().map(Spanned::span);
        if let Some(locales) = file.locales {
            let locales = locales.into_inner().into_locales().map_err(wrong)?;
            config.tables.with_translations(locales.clone());
            config.locales = Some(locales);
        }
        if let Some(tables) = file.tables {
            config.tables = tables.into_map(config.locales.as_ref()).map_err(wrong)?;
            if let Some(span) = section.filter(|_| !config.tables.has_translations()) {
                let message = "there are locales, and [tables] names no table of translations";
                let help = "name the table that holds the text of each locale in \
                            [tables.translation]";
                return Err(fail(span, message.to_owned(), Some(help.to_owned())));
            }
        }
        for (name, level) in file.rules.unwrap_or_default() {
            config
                .levels
                .set(name.get_ref(), level.get_ref())
                .map_err(|error| {
                    let span = match &error {
                        LevelError::NotALevel { .. } => level.span(),
                        _ => name.span(),
                    };
                    let (message, help) = explain_level(&error, name.get_ref());
                    fail(span, message, Some(help))
                })?;
        }
        Ok(config)
    }
}

/// Says why the level of a rule cannot be set, and what to do.
fn explain_level(error: &LevelError, name: &str) -> (String, String) {
    match error {
        LevelError::UnknownRule => {
            let message = match quotable(name) {
                Some(name) => format!("there is no rule `{name}`"),
                None => "there is no such rule".to_owned(),
            };
            let distance = |rule: &Rule| strsim::damerau_levenshtein(name, rule.name);
            let near = |rule: &&&Rule| distance(rule) <= 2.max(rule.name.len() / 3);
            // No distance is small if the lengths differ much, and a long name takes long.
            let is_short = name.chars().nth(MAX_QUOTED).is_none();
            let rules = RULES.iter().filter(|_| is_short).filter(near);
            let help = match rules.min_by_key(|rule| distance(rule)) {
                Some(rule) => format!("did you mean `{rule}`?"),
                None => {
                    let lints = RULES.iter().filter(|rule| rule.kind == Kind::Lint);
                    let names: Vec<_> = lints.map(|rule| format!("`{rule}`")).collect();
                    format!("the rules whose level can be set are {}", names.join(", "))
                }
            };
            (message, help)
        }
        LevelError::Fixed { .. } => (error.to_string(), "remove the line".to_owned()),
        LevelError::NotALevel { .. } => {
            let words = LEVEL_WORDS.map(|word| format!("\"{word}\"")).join(", ");
            (error.to_string(), format!("the levels are {words}"))
        }
    }
}

/// Reads an IANA name or an offset.
fn time_zone(name: &str) -> Option<TimeZone> {
    let name = name.trim();
    if name.eq_ignore_ascii_case("z") {
        return Some(TimeZone::UTC);
    }
    let zone = DateTimeParser::new().parse_time_zone(name).ok()?;
    // Offsets that no place has are slips; so are the strings of POSIX, whose sign is the
    // other way round.
    let offset = zone.to_fixed_offset().ok().map(|offset| offset.seconds());
    let real = offset.is_some_and(|seconds| seconds.abs() <= 14 * 3_600);
    (real || zone.iana_name().is_some()).then_some(zone)
}

/// Text of the file as a message may quote it; `None` for what is long, or may be an address
/// with a password.
fn quotable(text: &str) -> Option<&str> {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '-' | '+' | ':' | '/');
    let is_short = text.chars().nth(MAX_QUOTED).is_none();
    (is_short && text.chars().all(is_plain) && !text.contains("://")).then_some(text)
}

/// The 1-based line on which a span begins.
fn line_of(text: &str, span: Range<usize>) -> usize {
    let before = text.as_bytes().iter().take(span.start);
    before.filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests;
