//! One file's bytes to a post, or to all that is wrong with it.

use std::borrow::Cow;

use super::fields::{self, Fields};
use super::spot::{Finding, spot};
use super::{Settings, UnknownKey, front_matter, rules, yaml};
use crate::diagnostic::{Diagnostic, Severity, Spot};
use crate::post::{Post, PostId, SourcePath};

/// What reading a file gives; `'t` is its text.
#[derive(Debug, Default)]
pub(super) struct Reading<'t> {
    pub id: Option<PostId>,
    pub id_spot: Option<Spot>,
    pub draft: bool,
    pub category: Option<String>,
    /// The post and its body; `None` where there is an error.
    pub post: Option<(Post, Cow<'t, str>)>,
    pub diagnostics: Vec<Diagnostic>,
    pub unknown_keys: Vec<UnknownKey>,
}

/// Reads a file's bytes.
pub(super) fn read<'t>(settings: &Settings, path: &SourcePath, bytes: &'t [u8]) -> Reading<'t> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => read_text(settings, path, text),
        Err(error) => {
            let at = error.valid_up_to();
            // The valid part is as long as before, so the place is the same.
            let text = String::from_utf8_lossy(bytes);
            let finding = Finding::new(rules::INVALID_UTF8, "the file is not UTF-8")
                .help("save it as UTF-8; it may be in UTF-16, EUC-KR or another encoding")
                .at(at..at + char::REPLACEMENT_CHARACTER.len_utf8());
            Reading {
                diagnostics: vec![finding.into_diagnostic(path, &text)],
                ..Reading::default()
            }
        }
    }
}

fn read_text<'t>(settings: &Settings, path: &SourcePath, text: &'t str) -> Reading<'t> {
    let mut findings = Vec::new();
    let nul = text.find('\0');
    if let Some(at) = nul {
        let finding = Finding::new(rules::NUL_CHARACTER, "the file holds a NUL character")
            .help("delete it: no database can store it in a text")
            .at(at..at + 1);
        findings.push(finding);
    }
    let read = front_matter::split(text).and_then(|split| {
        // The YAML parser stops at a NUL, and would only say so a second time.
        let entries = match nul {
            Some(at) if split.yaml.contains(&at) => None,
            _ => Some(
                yaml::read(&text[split.yaml.clone()]).map_err(|mut finding| {
                    finding.range = finding
                        .range
                        .map(|range| split.yaml.start + range.start..split.yaml.start + range.end);
                    finding
                })?,
            ),
        };
        Ok((split, entries))
    });
    let mut reading = Reading::default();
    match read {
        Err(finding) => findings.push(finding),
        Ok((_, None)) => {}
        Ok((split, Some(entries))) => {
            let body = front_matter::unix_line_ends(&text[split.body..]);
            let fields = fields::check(
                text,
                split.yaml,
                &entries,
                &settings.time_zone,
                settings.categories.as_deref(),
                &mut findings,
            );
            reading = assemble(text, fields, body, &mut findings);
        }
    }
    if findings.iter().any(|f| f.rule.severity == Severity::Error) {
        reading.post = None;
    }
    // Down the file, as a reader mends it.
    findings.sort_by_key(|finding| finding.range.as_ref().map_or(0, |range| range.start));
    reading.diagnostics = findings
        .into_iter()
        .map(|finding| finding.into_diagnostic(path, text))
        .collect();
    reading
}

fn assemble<'t>(
    text: &str,
    fields: Fields,
    body: Cow<'t, str>,
    findings: &mut Vec<Finding>,
) -> Reading<'t> {
    let words = body.split_whitespace().count();
    // A file of at most 16 MiB has fewer words than that.
    let counted = i32::try_from(words).unwrap_or(i32::MAX);
    if let Some(stated) = fields.word_count
        && stated != counted
    {
        findings.push(
            Finding::new(
                rules::WORD_COUNT,
                format!(
                    "word_count says {stated}, but the body has {counted} {}",
                    if counted == 1 { "word" } else { "words" }
                ),
            )
            .help("remove the line: blogctl counts the words")
            .at(fields.word_count_range),
        );
    }
    let unknown_keys = fields
        .unknown
        .into_iter()
        .map(|(key, range)| UnknownKey {
            key,
            spot: spot(text, range),
        })
        .collect();
    let category = fields.category.clone();
    // Either missing has a finding, which is an error.
    let post = fields.id.zip(fields.title).map(|(id, title)| Post {
        id,
        title,
        description: fields.description,
        category: fields.category,
        tags: fields.tags.into_iter().collect(),
        image: fields.image,
        created_at: fields.created_at,
        updated_at: fields.updated_at,
        word_count: fields.word_count.unwrap_or(counted),
    });
    Reading {
        id: fields.id,
        id_spot: fields.id_range.map(|range| spot(text, range)),
        draft: fields.draft,
        category,
        post: post.map(|post| (post, body)),
        diagnostics: Vec::new(),
        unknown_keys,
    }
}
