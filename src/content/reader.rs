//! One file's bytes to a post, or to all that is wrong with it.

use std::borrow::Cow;
use std::ops::Range;

use jiff::Timestamp;

use super::fields::{self, Fields, Parts};
use super::locator::locate;
use super::read_settings::ReadSettings;
use super::table_limits::check_rest;
use super::text_findings::{TextFinding, TextFindings, located};
use super::translations::{self, SharedValue};
use super::{front_matter, keys, not_public, steps};
use crate::finding::{self, Fix, Kind, Level, Location, rules};
use crate::key_map::{KeyMap, ReadField};
use crate::locale::Locale;
use crate::post::{Post, PostId, SourcePath};

/// The result of reading a file; `'t` is its text.
#[derive(Debug, Default)]
pub(super) struct Reading<'t> {
    pub id: Option<PostId>,
    pub id_location: Option<Location>,
    pub draft: bool,
    /// The time of writing that the file gives.
    pub created_at: Option<Timestamp>,
    /// True if the file is a post, well or badly written.
    pub is_post: bool,
    /// The keys that fields were read from without the settings naming them.
    pub read_as: Vec<(ReadField, String)>,
    pub category: Option<String>,
    /// The post and its body; `None` if a finding makes it impossible.
    pub post: Option<(Post, Cow<'t, str>)>,
    pub slug_location: Option<Location>,
    /// The locale; `None` in a blog without locales.
    pub locale: Option<Locale>,
    /// The values of fields that all translations of the post share.
    pub shared: Vec<SharedValue>,
    pub findings: Vec<finding::Finding>,
}

/// Reads a file's bytes.
pub(super) fn read<'t>(settings: &ReadSettings, path: &SourcePath, bytes: &'t [u8]) -> Reading<'t> {
    let whole = bytes.len();
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let offset = whole - bytes.len();
    steps::count(bytes.len());
    let mut reading = match std::str::from_utf8(bytes) {
        Ok(text) => read_text(settings, path, text),
        Err(error) => {
            let at = error.valid_up_to();
            let finding = TextFinding::new(rules::INVALID_UTF8, "the file is not UTF-8")
                .help("save it as UTF-8; it may be in UTF-16, EUC-KR or another encoding")
                .at(at..at);
            // All before it is valid, and no more is needed to tell the place.
            let text = std::str::from_utf8(&bytes[..at]).unwrap_or_default();
            Reading {
                findings: located(vec![finding], &settings.levels, path, text, |_| false),
                ..Reading::default()
            }
        }
    };
    // Places are counted in the text, which begins after a BOM.
    reading.move_by(offset);
    reading
}

impl Reading<'_> {
    fn move_by(&mut self, offset: usize) {
        let findings = self.findings.iter_mut();
        let locations = findings.filter_map(|finding| {
            if let Some(fix) = &mut finding.fix {
                fix.move_by(offset);
            }
            finding.location.as_mut()
        });
        let shared = self.shared.iter_mut().map(|value| &mut value.location);
        let own = self.id_location.iter_mut().chain(&mut self.slug_location);
        let own = own.chain(shared);
        for location in locations.chain(own) {
            if let Some(range) = &mut location.range {
                *range = range.start + offset..range.end + offset;
            }
        }
    }
}

fn read_text<'t>(settings: &ReadSettings, path: &SourcePath, text: &'t str) -> Reading<'t> {
    let mut findings = TextFindings::new(&settings.levels);
    let nul = text.find('\0');
    if let Some(at) = nul {
        let finding = TextFinding::new(rules::NUL_CHARACTER, "the file holds a NUL character")
            .help("delete it: no database can store it in a text")
            .at(at..at + 1);
        findings.push(finding);
    }
    let mut reading = Reading::default();
    // A file that is no post may hold anything, also what nobody may see: nothing of it is
    // shown.
    let mut is_post = false;
    let split = front_matter::split(text);
    let opening = if split.is_ok() { 0..3 } else { 0..0 };
    match split {
        Err(finding) => findings.push(finding),
        // A parser stops at a NUL, and would only say so a second time.
        Ok(split) if nul.is_some_and(|at| split.matter.contains(&at)) => {
            is_post = looks_like_a_post(&settings.keys, &text[split.matter]);
        }
        Ok(split) => match front_matter::read(text, &split) {
            Err(finding) => {
                is_post = looks_like_a_post(&settings.keys, &text[split.matter]);
                findings.push(if is_post { finding } else { bare(finding) });
            }
            Ok(document) => {
                let names = document.entries.iter().filter_map(|e| e.name.as_deref());
                is_post = keys::is_of_a_post(&settings.keys, names);
                let body = front_matter::unix_line_ends(&text[split.body..]);
                let parts = Parts {
                    path,
                    text,
                    document: &document,
                    body: &body,
                };
                let fields = fields::check(settings, parts, &mut findings);
                if !fields.draft {
                    let at = fields.id_range.clone().unwrap_or_else(|| opening.clone());
                    let constraints = &settings.constraints;
                    check_rest(&mut findings, &fields, &body, path, constraints, &at);
                }
                reading = assemble(text, fields, body, &mut findings);
                if let (Some(locales), Some((post, _))) = (&settings.locales, &reading.post) {
                    reading.shared = translations::shared(text, &document, post, locales);
                }
                if !is_post {
                    let bare = [
                        rules::MISSING_ID,
                        rules::MISSING_TITLE,
                        rules::NUL_CHARACTER,
                    ];
                    findings.retain(|rule| bare.contains(&rule));
                }
            }
        },
    }
    let findings = findings.into_sorted();
    if findings.iter().any(|f| f.rule.kind == Kind::Invalid) {
        reading.post = None;
    }
    let quote = |range: &Range<usize>| is_post || *range == opening;
    reading.findings = located(findings, &settings.levels, path, text, quote);
    reading.is_post = is_post;
    reading.draft |= not_public::is_among_drafts(path);
    if reading.draft {
        // A draft needs no id, and takes its date from its path once it is published.
        let needless = [rules::MISSING_ID, rules::DATE_IN_PATH];
        reading
            .findings
            .retain(|found| !needless.contains(&found.rule));
        reading.findings.iter_mut().for_each(of_a_draft);
    }
    reading
}

/// Lowers the level of a finding about a draft: nothing of it is published, and what is unfinished is
/// no mistake.
fn of_a_draft(finding: &mut finding::Finding) {
    let most = if finding.rule == rules::MISSING_TITLE {
        Level::Hint
    } else {
        Level::Warning
    };
    finding.level = finding.level.min(most);
}

/// Returns true if any line of what cannot be read begins with the key of an id or a title.
fn looks_like_a_post(map: &KeyMap, matter: &str) -> bool {
    keys::is_of_a_post(
        map,
        matter.lines().map(|line| {
            let start = line.trim_start_matches([' ', '\t', '{', '"', '\'']);
            let name = start.split([':', '=', '：', ' ', '"', '\'']).next();
            name.unwrap_or_default()
        }),
    )
}

/// Makes a fix that states the right number of words, unless it is written in an unusual way.
fn recount(text: &str, range: Range<usize>, counted: i32) -> Option<Fix> {
    let stated = text.get(range.clone())?;
    let is_plain = stated.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| Fix::safe(range, counted.to_string()))
}

/// A finding without any word of the file.
fn bare(finding: TextFinding) -> TextFinding {
    let message = match finding.rule {
        rules::YAML_SYNTAX => "the front matter is not valid YAML".to_owned(),
        rules::TOML_SYNTAX => "the front matter is not valid TOML".to_owned(),
        _ => finding.message,
    };
    TextFinding::new(finding.rule, message)
        .help(front_matter::EXAMPLE)
        .at(finding.range)
}

fn assemble<'t>(
    text: &str,
    fields: Fields,
    body: Cow<'t, str>,
    findings: &mut TextFindings,
) -> Reading<'t> {
    let words = body.split_whitespace().count();
    // A file of at most 16 MiB has fewer words than that.
    let counted = i32::try_from(words).unwrap_or(i32::MAX);
    if let Some(stated) = fields.word_count
        && stated != counted
    {
        findings.push(
            TextFinding::new(
                rules::WORD_COUNT,
                format!(
                    "word_count says {stated}, but the body has {counted} {}",
                    if counted == 1 { "word" } else { "words" }
                ),
            )
            .help("remove the line: blogctl counts the words")
            .fix(
                fields
                    .word_count_range
                    .clone()
                    .and_then(|range| recount(text, range, counted)),
            )
            .at(fields.word_count_range.clone()),
        );
    }
    let category = fields.category.clone();
    // Either missing has a finding, which is an error.
    let (id, draft, slug_range) = (fields.id, fields.draft, fields.slug_range.clone());
    let (id_range, locale) = (fields.id_range.clone(), fields.locale);
    let (read_as, created_at) = (fields.read_as.clone(), fields.created_at);
    let post = fields.into_post(counted);
    Reading {
        id,
        id_location: id_range.map(|range| locate(text, range)),
        draft,
        created_at,
        is_post: false,
        read_as,
        category,
        post: post.map(|post| (post, body)),
        slug_location: slug_range.map(|range| locate(text, range)),
        locale,
        shared: Vec::new(),
        findings: Vec::new(),
    }
}
