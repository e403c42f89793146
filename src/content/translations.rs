//! The translations of a post: which of its texts is the main one, and what is wrong between them.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::collect::Read;
use super::document::Document;
use super::locator::locate;
use super::quote::excerpt;
use super::read_settings::{LocaleSettings, ReadSettings};
use super::snapshot::Snapshot;
use crate::finding::{Finding, Location, Rule, rules};
use crate::locale::{Locale, Locales};
use crate::model::KnownFile;
use crate::post::{Digest, Field, Kind, Post, PostId, SourcePath, TextId};

/// A value that all translations of a post share, as one file states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedValue {
    /// The key.
    pub key: String,
    /// The value, as output has it.
    pub value: Json,
    /// The place of the value in the file.
    pub location: Location,
}

/// Returns the values of a file that are one for all locales.
pub(super) fn shared(
    text: &str,
    document: &Document,
    post: &Post,
    settings: &LocaleSettings,
) -> Vec<SharedValue> {
    let fields = Field::ALL.into_iter();
    let mut shared = Vec::new();
    let mut add = |key: &str, value: Json| {
        if let Some(entry) = document.get(key).filter(|_| !value.is_null()) {
            shared.push(SharedValue {
                key: key.to_owned(),
                value,
                location: locate(text, entry.value.range.clone()),
            });
        }
    };
    for field in fields.filter(|field| !settings.translated.contains(*field)) {
        match field.kind() {
            Kind::Json => {
                for (key, value) in &post.extra.0 {
                    add(key, value.clone());
                }
            }
            // Each text has words of its own.
            Kind::Integer => {}
            _ => add(field.name(), post.get(field).to_json()),
        }
    }
    shared
}

/// The main text of each post: its text in the first of the locales that it has one in.
#[derive(Debug)]
pub(super) struct MainTexts {
    /// Of each file of the scan, whether it has the main text of its post.
    is_main: Vec<bool>,
}

impl MainTexts {
    /// Finds the main texts of files that were read, and of known ones outside the scan. In a blog
    /// without locales each is one.
    pub fn of<'a>(
        settings: &ReadSettings,
        reads: &[Read<'_>],
        outside: impl Iterator<Item = KnownFile<'a>>,
    ) -> Self {
        let Some(LocaleSettings { locales, .. }) = &settings.locales else {
            return Self {
                is_main: vec![true; reads.len()],
            };
        };
        let rank = |id: TextId| id.locale.map_or(usize::MAX, |locale| locales.rank(locale));
        // The least place of a post's locales, and the file that has it.
        let mut main: HashMap<PostId, (usize, Option<usize>)> = HashMap::new();
        let inside = reads.iter().enumerate();
        let inside = inside.filter_map(|(number, read)| Some((read.published()?, Some(number))));
        for (id, number) in inside.chain(outside.map(|known| (known.text_id(), None))) {
            let rank = rank(id);
            let best = main.entry(id.post).or_insert((rank, number));
            if rank < best.0 {
                *best = (rank, number);
            }
        }
        let mut is_main = vec![false; reads.len()];
        for (_, number) in main.into_values() {
            if let Some(number) = number {
                is_main[number] = true;
            }
        }
        Self { is_main }
    }

    /// Returns whether the file of this number has the main text of its post.
    pub fn is_main(&self, number: usize) -> bool {
        self.is_main[number]
    }
}

/// The digests that an earlier sync recorded of a translation and of its main text.
struct Recorded {
    text_digest: Option<Digest>,
    made_from: Digest,
}

/// Finds what is wrong between the translations of each post.
pub(super) fn between_translations<'a>(
    settings: &ReadSettings,
    snapshot: &Snapshot,
    reads: &[Read<'_>],
    main_texts: &MainTexts,
    known_files: impl Iterator<Item = KnownFile<'a>>,
) -> Vec<Finding> {
    let Some(LocaleSettings { locales, .. }) = &settings.locales else {
        return Vec::new();
    };
    // All texts, those of a post next to each other and in the order of their files.
    let texts = reads.iter().enumerate().filter_map(|(number, read)| {
        let id = read.published()?;
        Some((id.post, number, id.locale?))
    });
    let mut all: Vec<(PostId, usize, Locale)> = texts.collect();
    all.sort_unstable_by_key(|(id, number, _)| (*id, *number));
    let mut elsewhere: HashMap<PostId, Vec<Locale>> = HashMap::new();
    let mut recorded: HashMap<TextId, Recorded> = HashMap::new();
    for known in known_files {
        if !snapshot.scope.contains(known.path) {
            elsewhere.entry(known.id).or_default().extend(known.locale);
        }
        // A main text is made from no other.
        if let Some(made_from) = known.made_from {
            recorded.insert(
                known.text_id(),
                Recorded {
                    text_digest: known.text_digest,
                    made_from,
                },
            );
        }
    }
    let path = |number: usize| &snapshot.files[number].path;
    let mut found = Vec::new();
    for texts in all.chunk_by(|(one, ..), (other, ..)| one == other) {
        let id = texts[0].0;
        let main = texts
            .iter()
            .find(|(_, number, _)| main_texts.is_main(*number));
        // The main text is outside the scan, which says nothing of it.
        let Some((_, main, _)) = main else { continue };
        let mut present = elsewhere.remove(&id).unwrap_or_default();
        present.extend(texts.iter().map(|(.., locale)| *locale));
        found.extend(missing(id, path(*main), &present, locales));
        if let Read::Parsed(parsed) = &reads[*main]
            && !parsed.has_title
        {
            found.push(untitled(path(*main)));
        }
        for (_, number, locale) in texts.iter().filter(|(_, number, _)| number != main) {
            let text_id = TextId {
                post: id,
                locale: Some(*locale),
            };
            let recorded = recorded.get(&text_id);
            let digest_now = digest(&reads[*number]);
            let is_unchanged = recorded.is_some_and(|known| known.text_digest == digest_now);
            let made_from = recorded
                .filter(|_| is_unchanged)
                .map(|known| known.made_from);
            if made_from.is_some_and(|from| Some(from) != digest(&reads[*main])) {
                found.push(stale(path(*number), path(*main)));
            }
            if let (Read::Parsed(main_text), Read::Parsed(other)) = (&reads[*main], &reads[*number])
            {
                found.extend(differing(
                    (path(*main), &main_text.shared),
                    (path(*number), &other.shared),
                ));
            }
        }
    }
    found
}

/// Returns the digest of what each locale has for itself.
fn digest(read: &Read<'_>) -> Option<Digest> {
    match read {
        Read::Known(known) => known.text_digest,
        Read::Parsed(parsed) => parsed.text_digest,
    }
}

/// Makes one finding for each value that a translation states and its main text does not have so.
fn differing(
    (main_path, main): (&SourcePath, &[SharedValue]),
    (path, other): (&SourcePath, &[SharedValue]),
) -> Vec<Finding> {
    let stated: HashMap<&str, &SharedValue> = main
        .iter()
        .map(|value| (value.key.as_str(), value))
        .collect();
    let mut found = Vec::new();
    for value in other {
        let key = &value.key;
        let there = match stated.get(key.as_str()) {
            Some(there) if there.value == value.value => continue,
            Some(there) => format!(
                "says {} in {}:{}",
                shown(&there.value),
                main_path,
                there.location.start.line
            ),
            None => format!("has no value in {}", main_path),
        };
        let message = format!(
            "{key} is {} here and {there}, and is one for all locales",
            shown(&value.value)
        );
        let help = format!("state it in {} alone, or the same in both", main_path);
        found.push(finding(
            rules::TRANSLATION_DIFFERS,
            path,
            Some(value.location.clone()),
            message,
            help,
        ));
    }
    found
}

/// Makes one hint for each locale that a post has no text in.
fn missing(id: PostId, main: &SourcePath, present: &[Locale], locales: &Locales) -> Vec<Finding> {
    let all = locales.all().iter();
    let missing = all.filter(|locale| !present.contains(locale));
    missing
        .map(|locale| {
            let message = format!("post {id} has no text in {locale}");
            let help = format!("add a file with `id: {id}` in {locale}");
            finding(rules::TRANSLATION_MISSING, main, None, message, help)
        })
        .collect()
}

/// Makes a hint about a translation that is older than the text it was made from.
fn stale(path: &SourcePath, main: &SourcePath) -> Finding {
    let message = format!("{main} has changed since this translation was made from it");
    let help = "bring it up to date; any change of the file counts as that".to_owned();
    finding(rules::TRANSLATION_STALE, path, None, message, help)
}

/// Makes an error about a main text without a title.
fn untitled(path: &SourcePath) -> Finding {
    let message = "the post has no title".to_owned();
    let help = "add a line like `title: A title` to the front matter: the post has no text in \
                the default locale that could state it";
    finding(rules::MISSING_TITLE, path, None, message, help.to_owned())
}

fn finding(
    rule: &'static Rule,
    path: &SourcePath,
    location: Option<Location>,
    message: String,
    help: String,
) -> Finding {
    Finding {
        rule,
        level: rule.level,
        message,
        help: Some(help),
        path: path.clone(),
        location,
        fix: None,
    }
}

/// Returns a value for a message.
fn shown(value: &Json) -> String {
    match value {
        Json::String(text) => excerpt(text).into_owned(),
        value => excerpt(&value.to_string()).into_owned(),
    }
}
