//! Keys that say whether a post is public, in the words of any program.
//!
//! A post that is not public must not be published, and a value that is not understood is an error
//! and no guess.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::checker::Checker;
use super::document::{Document, Node, Syntax, Value};
use super::fields::NO_PLACE;
use super::quote::{excerpt, quoted};
use super::resolve::{find, is_absent};
use super::suggest::same;
use super::timestamp;
use crate::finding::rules;
use crate::key_map::ReadField;
use crate::post::SourcePath;

/// Keys that keep a post back if they are true, without `_` and `-` and in lower case.
const IF_TRUE: [&str; 4] = ["draft", "isdraft", "private", "unpublished"];

/// Keys that hide a post from some pages, or from all: programs differ.
const UNCLEAR_IF_TRUE: [&str; 2] = ["hidden", "unlisted"];

/// Keys that keep a post back if they are false.
const IF_FALSE: [&str; 4] = ["ispublished", "public", "publish", "published"];

/// The key that tells the state of a post by a word.
const STATUS: &str = "status";

/// Keys that may keep a post back by a word, and more often mean something else.
const BY_WORD: [&str; 2] = ["state", "visibility"];

/// Words for a post that is not public.
const NOT_PUBLIC: [&str; 12] = [
    "draft",
    "drafts",
    "in progress",
    "in-progress",
    "idea",
    "pending",
    "private",
    "todo",
    "trash",
    "unpublished",
    "wip",
    "work in progress",
];

/// Words for a post that is hidden from some pages, or from all.
const UNCLEAR: [&str; 2] = ["hidden", "unlisted"];

/// Words for a post that is public.
const PUBLIC: [&str; 9] = [
    "complete",
    "completed",
    "done",
    "final",
    "finished",
    "live",
    "public",
    "publish",
    "published",
];

/// The name of a folder of drafts, as Jekyll has it.
const DRAFTS: &str = "_drafts";

/// The meaning of a key for whether a post is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Public,
    NotPublic,
    /// It may be either.
    Unclear,
}

/// Returns whether a file is in a folder of drafts.
pub(super) fn is_among_drafts(path: &SourcePath) -> bool {
    let mut folders = path.as_str().split('/').rev().skip(1);
    folders.any(|folder| folder.eq_ignore_ascii_case(DRAFTS))
}

/// Returns the meaning of a key with this value; `None` if it has none for whether the post is
/// public. Where the settings name the key it has a meaning, whatever it is called.
fn says(name: &str, value: &Value, is_configured: bool) -> Option<Says> {
    let name: String = name
        .rsplit('.')
        .next()
        .unwrap_or(name)
        .chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect();
    let name = name.as_str();
    if is_absent(value) {
        return None;
    }
    if IF_FALSE.contains(&name) {
        return Some(match truth(value) {
            Some(true) => Says::Public,
            Some(false) => Says::NotPublic,
            None if is_date(value) => Says::Public,
            None => Says::Unclear,
        });
    }
    if UNCLEAR_IF_TRUE.contains(&name) && !is_configured {
        return Some(match truth(value) {
            Some(false) => Says::Public,
            _ => Says::Unclear,
        });
    }
    let is_by_word = BY_WORD.contains(&name);
    if name == STATUS || is_by_word {
        let word = match value {
            Value::Text(text) => text.trim().to_lowercase(),
            _ => String::new(),
        };
        let word = word.as_str();
        return match word {
            word if NOT_PUBLIC.contains(&word) => Some(Says::NotPublic),
            word if PUBLIC.contains(&word) => Some(Says::Public),
            word if UNCLEAR.contains(&word) => Some(Says::Unclear),
            _ if is_by_word && !is_configured => None,
            _ => Some(Says::Unclear),
        };
    }
    if IF_TRUE.contains(&name) || is_configured {
        return Some(match truth(value) {
            Some(true) => Says::NotPublic,
            Some(false) => Says::Public,
            None => Says::Unclear,
        });
    }
    None
}

/// Returns the truth value that programs take a value for; `None` for any other value.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Integer(0) => Some(false),
        Value::Integer(1) => Some(true),
        Value::Text(text) => match text.trim().to_lowercase().as_str() {
            "true" | "yes" | "on" | "y" => Some(true),
            "false" | "no" | "off" | "n" => Some(false),
            _ => None,
        },
        Value::Tagged(_, inner) => truth(&inner.value),
        Value::Null | Value::Integer(_) | Value::Float(_) | Value::List(_) | Value::Map(_) => None,
    }
}

/// Returns whether a value is the time of publication.
fn is_date(value: &Value) -> bool {
    matches!(value, Value::Text(text) if timestamp::parse(text, &TimeZone::UTC).is_ok())
}

/// A key that may say whether a post is public.
struct Candidate<'a> {
    name: String,
    key: &'a std::ops::Range<usize>,
    node: &'a Node,
}

/// Returns the keys that may say whether a post is public.
fn candidates<'a>(document: &'a Document, names: Option<Vec<&str>>) -> Vec<Candidate<'a>> {
    if let Some(names) = names {
        let found = names.into_iter().filter_map(|name| {
            let mut entries = document.entries.iter();
            // In any capitals: a post that is not public must not be published for a letter.
            let alike = entries.find(|entry| entry.name.as_deref().is_some_and(|n| same(n, name)));
            let (key, node) = alike
                .map(|entry| (&entry.key, &entry.value))
                .or_else(|| find(document, name))?;
            let name = name.to_owned();
            Some(Candidate { name, key, node })
        });
        return found.collect();
    }
    let mut found = Vec::new();
    for entry in &document.entries {
        let Some(name) = &entry.name else { continue };
        if let (Syntax::Toml, "extra", Value::Map(pairs)) =
            (document.syntax, &**name, &entry.value.value)
        {
            for (key, node) in pairs {
                if let Value::Text(inner) = &key.value {
                    let name = format!("{name}.{inner}");
                    let key = &key.range;
                    found.push(Candidate { name, key, node });
                }
            }
        }
        found.push(Candidate {
            name: name.clone(),
            key: &entry.key,
            node: &entry.value,
        });
    }
    found
}

/// Keys of the time at which a post ceases to be public, without `_` and `-` and in lower case.
const EXPIRY: [&str; 6] = [
    "expiredate",
    "expires",
    "expiry",
    "expirydate",
    "unpublishdate",
    "unpublishon",
];

impl Checker<'_> {
    /// Reports that the time of writing is to come. `is_held` tells whether the post is kept back.
    pub fn future(&mut self, is_held: bool) {
        let range = self.places.get(&ReadField::CreatedAt).cloned();
        let range = range.unwrap_or(NO_PLACE);
        let (message, help) = match is_held {
            true => (
                "the post is kept back until its date, which is to come",
                "publish it by a sync at that time; `future = \"publish\"` in the section [content] \
                 of blogctl.toml does not wait",
            ),
            false => (
                "the post is published although its date is to come",
                "write `future = \"hold\"` in the section [content] of blogctl.toml to keep such \
                 posts back, or `draft: true` for this one",
            ),
        };
        self.fail(rules::FUTURE_DATE, &range, message, help);
    }

    /// Returns whether a key says that the post is no longer public, and reports it.
    pub fn is_expired(&mut self, zone: &TimeZone, now: Timestamp) -> bool {
        let document = self.document;
        for entry in &document.entries {
            let name = entry.name.as_deref().unwrap_or_default();
            let is_expiry = EXPIRY.iter().any(|key| same(key, name));
            let Value::Text(text) = &entry.value.value else {
                continue;
            };
            if !is_expiry {
                continue;
            }
            if timestamp::parse(text, zone).is_ok_and(|expiry| expiry.at <= now) {
                let message = format!("the post expired: {name} is {}", quoted(text));
                let help = "it is not published; remove the line to publish it";
                self.fail(rules::EXPIRED, &entry.value.range, message, help);
                return true;
            }
        }
        false
    }

    /// Returns whether the front matter says that the post is not public. A key that may say so is
    /// an error, unless another one says it plainly.
    pub fn draft(&mut self) -> bool {
        let sources = self.map.get(ReadField::Draft);
        let is_configured = sources.is_configured;
        let names = is_configured.then(|| sources.keys().collect());
        let mut is_draft = false;
        let mut unclear = Vec::new();
        for candidate in candidates(self.document, names) {
            let said = says(&candidate.name, &candidate.node.value, is_configured);
            let mut keys = self.map.get(ReadField::Draft).keys();
            let is_own = keys.any(|key| same(key, &candidate.name));
            if is_own && is_absent(&candidate.node.value) || candidate.name == "draft" {
                self.used.add(candidate.key);
            }
            let Some(said) = said else { continue };
            if said == Says::Unclear {
                unclear.push(candidate);
                continue;
            }
            is_draft |= said == Says::NotPublic;
            // A word, or the time of publication, may tell more than that.
            if truth(&candidate.node.value).is_some() {
                self.used.add(candidate.key);
            }
        }
        if !is_draft {
            unclear.iter().for_each(|candidate| self.unclear(candidate));
        }
        is_draft
    }

    /// Reports a key of which nobody can tell whether it keeps the post back.
    fn unclear(&mut self, candidate: &Candidate<'_>) {
        let Candidate { name, key, node } = candidate;
        if name == ReadField::Draft.name() {
            let message = format!(
                "{name} must be true or false, but this is {}",
                self.kind(&node.value)
            );
            let (yes, no) = (self.line(name, "true"), self.line(name, "false"));
            let help = format!("write `{yes}` or `{no}`, without quotes");
            return self.fail(rules::INVALID_DRAFT, &node.range, message, help);
        }
        let value = match &node.value {
            Value::Text(text) => quoted(text.trim()),
            _ => excerpt(self.source(&node.range)).into_owned(),
        };
        let message = format!("{name} is {value}, and may say that the post is not public");
        let draft = self.line(ReadField::Draft.name(), "true");
        let sources = self.map.get(ReadField::Draft).keys();
        let others = sources.filter(|key| !same(key, name));
        let others: Vec<String> = others.map(|key| format!("{key:?}")).collect();
        let others = others.join(", ");
        let help = format!(
            "write `{draft}` to keep the post back, or remove the line to publish it; if it has \
             nothing to do with that, write `draft = [{others}]` in the section [front_matter] of \
             blogctl.toml"
        );
        self.fail(rules::NOT_PUBLIC, key, message, help);
    }
}

#[cfg(test)]
mod tests {
    use crate::content::test_reading::{reading, settings};
    use crate::finding::rules;

    #[derive(Debug, PartialEq)]
    enum State {
        Public,
        Draft,
        Refused,
    }

    fn state(line: &str) -> State {
        let text = format!("---\nid: 1\ntitle: T\n{line}\n---\n");
        let reading = reading(&settings(), text.as_bytes());
        let mut found = reading.findings.iter();
        let is_refused =
            found.any(|found| [rules::NOT_PUBLIC, rules::INVALID_DRAFT].contains(&found.rule));
        assert_eq!(reading.post.is_none(), is_refused, "{line}");
        match (is_refused, reading.draft) {
            (true, _) => State::Refused,
            (false, true) => State::Draft,
            (false, false) => State::Public,
        }
    }

    #[test]
    fn a_post_that_is_not_public_in_the_words_of_any_program_is_a_draft() {
        for line in [
            "draft: true",
            "draft: \"True\"",
            "Draft: true",
            "DRAFT: yes",
            "is_draft: 1",
            "published: false",
            "Published: no",
            "publish: \"false\"",
            "private: true",
            "unpublished: on",
            "status: draft",
            "status: Private ",
            "Status: In Progress",
            "visibility: private",
            "draft: false\npublished: false",
            "hidden: true\ndraft: true",
        ] {
            assert_eq!(state(line), State::Draft, "{line}");
        }
    }

    #[test]
    fn a_date_to_come_is_said_and_held_if_the_settings_say_so() {
        let text = "---\nid: 1\ntitle: T\ncreated_at: 2026-02-01\n---\n";
        let mut settings = settings();
        let published = reading(&settings, text.as_bytes());
        assert!(!published.draft && published.post.is_some());
        assert_eq!(published.findings[0].rule, rules::FUTURE_DATE);
        settings.hold_future = true;
        let held = reading(&settings, text.as_bytes());
        assert!(held.draft);
        assert_eq!(held.findings[0].rule, rules::FUTURE_DATE);
        let past = text.replace("2026-02", "2025-02");
        assert!(!reading(&settings, past.as_bytes()).draft);
    }

    #[test]
    fn a_post_that_expired_is_not_published() {
        for (line, is_expired) in [
            ("expiryDate: 2025-01-01", true),
            ("expires: 2025-01-01T00:00:00Z", true),
            ("expiryDate: 2027-01-01", false),
            ("expires: never", false),
        ] {
            let text = format!("---\nid: 1\ntitle: T\n{line}\n---\n");
            let reading = reading(&settings(), text.as_bytes());
            assert_eq!(reading.draft, is_expired, "{line}");
            let found = reading
                .findings
                .iter()
                .any(|found| found.rule == rules::EXPIRED);
            assert_eq!(found, is_expired, "{line}");
        }
    }

    #[test]
    fn a_value_that_may_keep_a_post_back_is_refused() {
        for line in [
            "draft: maybe",
            "draft: [true]",
            "private: perhaps",
            "published: soon",
            "hidden: [true]",
            "hidden: true",
            "unlisted: on",
            "status: review",
            "status: [draft]",
            "visibility: hidden",
        ] {
            assert_eq!(state(line), State::Refused, "{line}");
        }
    }

    #[test]
    fn what_says_that_it_is_public_or_nothing_about_it_is_not_refused() {
        for line in [
            "Draft: false",
            "draft:",
            "draft: ''",
            "published: true",
            "published: 2024-01-05",
            "publish: yes",
            "private: no",
            "private:",
            "status: published",
            "state: 서울",
            "visibility: [a]",
        ] {
            assert_eq!(state(line), State::Public, "{line}");
        }
    }
}
