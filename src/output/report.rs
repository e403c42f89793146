//! The parts that the reports of a sync and of a pull share.

use std::fmt::Write as _;

use serde::Serialize;

use crate::locale::Locale;
use crate::post::{PostId, SourcePath};
use crate::secret;

/// The lines of a list in a message before the rest is only counted.
pub(super) const LISTED: usize = 10;

/// The keys that the JSON of a report begins with.
#[derive(Serialize)]
pub(super) struct Head<'a> {
    status: &'a str,
    dry_run: bool,
    store: Option<&'a str>,
    message: Option<String>,
    help: Option<String>,
}

impl<'a> Head<'a> {
    /// Makes the keys; passwords in the message and the remedy are redacted.
    pub fn new(
        status: &'a str,
        dry_run: bool,
        store: Option<&'a str>,
        message: Option<&str>,
        help: Option<&str>,
    ) -> Self {
        Self {
            status,
            dry_run,
            store,
            message: message.map(secret::redact_message),
            help: help.map(secret::redact_message),
        }
    }
}

/// The keys that name a post and its file.
#[derive(Serialize)]
pub(super) struct PostJson {
    id: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
    path: String,
}

impl PostJson {
    /// Makes the keys.
    pub fn new(id: PostId, path: &SourcePath) -> Self {
        Self {
            id: id.get(),
            locale: None,
            path: redacted(path),
        }
    }

    /// Adds the locale, in a blog with locales.
    pub fn in_locale(self, locale: Option<Locale>) -> Self {
        let locale = locale.map(|locale| locale.to_string());
        Self { locale, ..self }
    }
}

/// Returns a path without passwords.
pub(super) fn redacted(path: &SourcePath) -> String {
    secret::redact_message(path.as_str())
}

/// Adds the first few items, each with a line and those below it.
pub(super) fn list<T>(
    message: &mut String,
    items: &[T],
    line: impl Fn(&T) -> String,
    below: impl Fn(&T) -> Vec<String>,
) {
    for item in items.iter().take(LISTED) {
        // Writing into a String cannot fail.
        let _ = write!(message, "\n{}", super::message(&line(item)));
        for line in below(item) {
            let _ = write!(message, "\n  {}", super::message(&line));
        }
    }
    if items.len() > LISTED {
        let _ = write!(message, "\nand {} more", items.len() - LISTED);
    }
}
