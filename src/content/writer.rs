//! Rows to files: a new file in the blog's style, or the least change of one that is there.
//!
//! A text that is written is read again, and must say what the row says; else there is an error that
//! tells what a file cannot hold. So nothing of a row is lost without a word.

use std::borrow::Cow;

use super::body::{inner, open_body, unified};
use super::document::{Node, Syntax, Value};
use super::key_edit::{document, with_value, without_tags};
use super::part::{Part, WriteError};
use super::read_settings::ReadSettings;
use super::render::Look;
use super::row_value::{from_json, texts, value};
use super::scan::MAX_FILE;
use super::style::Style;
use super::time_form::TimeForm;
use super::written_key::{self, FileKey};
use super::{front_matter, reader, render, render_toml, resolve};
use crate::comparison;
use crate::finding::Kind;
use crate::key_map::ReadField;
use crate::label::label;
use crate::locale::{LOCALE_KEYS, Locale, Locales, PathLocale};
use crate::post::{Extra, Field, FieldSet, Post, SourcePath, StoredPost};

/// A post's file as it is.
#[derive(Clone, Debug)]
pub struct Source {
    has_bom: bool,
    /// All but a BOM.
    text: String,
    post: Post,
    body: String,
    is_draft: bool,
    /// The fields among those that a sync fills in which the file gives.
    stated: Vec<Field>,
}

/// The fields that a sync fills where a file does not give them.
const FILLED: [Field; 3] = [Field::CreatedAt, Field::UpdatedAt, Field::WordCount];

impl Source {
    /// Reads a file's bytes.
    ///
    /// # Errors
    /// [`WriteError::Invalid`] if it is not a post.
    pub fn read(
        settings: &ReadSettings,
        path: &SourcePath,
        bytes: &[u8],
    ) -> Result<Self, WriteError> {
        let reading = reader::read(settings, path, bytes);
        let Some((post, body)) = reading.post else {
            let is_invalid = |kind| kind == Kind::Invalid;
            let finding = reading.findings.into_iter();
            let mut messages = finding.filter(|f| is_invalid(f.rule.kind));
            let message = messages.next().map(|finding| finding.message);
            return Err(WriteError::Invalid(message.unwrap_or_default()));
        };
        let body = body.into_owned();
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        // Nothing else is read as a post.
        let text = String::from_utf8_lossy(text).into_owned();
        let document = document(&text);
        let is_stated = |field: &Field| match field {
            Field::CreatedAt => post.created_at.is_some(),
            Field::UpdatedAt => post.updated_at.is_some(),
            _ => document.as_ref().is_some_and(|document| {
                let field = ReadField::named(field.name());
                field.is_some_and(|field| {
                    resolve::given(document, &settings.keys, field)
                        .next()
                        .is_some()
                })
            }),
        };
        Ok(Self {
            has_bom: text.len() < bytes.len(),
            stated: FILLED.into_iter().filter(is_stated).collect(),
            post,
            body,
            is_draft: reading.draft,
            text,
        })
    }

    /// Returns the fields that the file states. A word count is not among them, nor is `extra`,
    /// see [`Source::extra`].
    pub fn stated(&self) -> FieldSet {
        let fields = Field::ALL.into_iter();
        let fields = fields.filter(|field| !matches!(field, Field::WordCount | Field::Extra));
        fields.filter(|field| self.post.states(*field)).collect()
    }

    /// Returns the keys of the file that have no field.
    pub fn extra(&self) -> &Extra {
        &self.post.extra
    }

    /// Returns the parts in which the file and a row differ. Line ends around the body do not
    /// count, nor do fields that are not `stored`, or that a sync fills in and the file does not
    /// give.
    pub fn differences(&self, row: &StoredPost, body: &str, stored: FieldSet) -> Vec<Part> {
        let is_given = |field: &Field| !FILLED.contains(field) || self.stated.contains(field);
        let given: FieldSet = Field::ALL.into_iter().filter(is_given).collect();
        // The file is to have the row's body, and a count is compared with the body that it counts.
        let row = without_blanks(row);
        let found = comparison::fields(&self.post, body, &row, given & stored);
        let mut parts: Vec<Part> = found
            .fields
            .iter()
            .filter(|one| one.field != Field::Extra)
            .map(|one| Part::Field(one.field))
            .collect();
        if !found.tags.is_empty() {
            parts.push(Part::Field(Field::Tags));
        }
        // In the order of the fields, then the keys, then the body.
        parts.sort();
        if found.fields.iter().any(|one| one.field == Field::Extra) {
            let keys = differing_keys(&self.post.extra, &row.extra);
            parts.extend(keys.into_iter().map(Part::Key));
        }
        if !comparison::is_same_body(&self.body, body) {
            parts.push(Part::Body);
        }
        parts
    }

    /// Returns the file's bytes with nothing changed but the given differences from a row.
    ///
    /// # Errors
    /// [`WriteError`] if the row cannot be written like that.
    pub fn edited(
        &self,
        settings: &ReadSettings,
        style: &Style,
        path: &SourcePath,
        row: &StoredPost,
        body: &str,
    ) -> Result<Vec<u8>, WriteError> {
        let differences = self.differences(row, body, settings.stored);
        let style = &with_time_looks(settings, style);
        let mut text = Cow::Borrowed(&*self.text);
        for difference in &differences {
            let edited = match difference {
                Part::Body => self.with_body(&text, body),
                Part::Key(key) => {
                    let value = row.extra.0.get(key).map(from_json);
                    with_value(&text, style, key, value.as_ref())
                }
                Part::Field(field) => match self.key(settings, style, *field) {
                    Some(key) if *field == Field::Tags && self.keeps_only(row) => {
                        without_tags(&text, &key, &row.tags)
                    }
                    Some(key) => {
                        let value = self.value(row, (*field, &key), style, settings)?;
                        with_value(&text, style, &key, value.as_ref())
                    }
                    None => None,
                },
            };
            text = edited
                .ok_or_else(|| WriteError::Uneditable(difference.clone()))?
                .into();
        }
        let bom: &[u8] = if self.has_bom { b"\xef\xbb\xbf" } else { b"" };
        let bytes = [bom, text.as_bytes()].concat();
        let read = verified(settings, path, &bytes, row, body)?;
        // A key that makes a draft of the post is no difference from a row.
        if read.is_draft != self.is_draft {
            return Err(WriteError::Reserved("draft".to_owned()));
        }
        Ok(bytes)
    }

    /// Returns the key that a field is written to; `None` if its value is within another one.
    fn key(&self, settings: &ReadSettings, style: &Style, field: Field) -> Option<String> {
        let map = &settings.keys;
        match written_key::in_file(&document(&self.text)?, map, field) {
            FileKey::Own(key) => Some(key),
            FileKey::Nested => None,
            FileKey::None => {
                let read = ReadField::named(field.name())?;
                written_key::in_blog(style, map, read).map(str::to_owned)
            }
        }
    }

    /// Returns the value of a row's field as the file is to have it under a key.
    fn value(
        &self,
        row: &StoredPost,
        (field, key): (Field, &str),
        style: &Style,
        settings: &ReadSettings,
    ) -> Result<Option<Value>, WriteError> {
        let zone = &settings.time_zone;
        let document = document(&self.text);
        let entry = document.as_ref().and_then(|d| d.get(key));
        let old = match field {
            Field::Tags => {
                // Those that stay keep their order, which a row does not know.
                let mut tags = self.tags(key);
                tags.retain(|tag| row.tags.contains(tag));
                let new = row.tags.iter().filter(|tag| !tags.contains(tag));
                let new: Vec<String> = new.cloned().collect();
                tags.extend(new);
                return Ok((!tags.is_empty()).then(|| texts(&tags)));
            }
            Field::CreatedAt | Field::UpdatedAt => match entry.map(|entry| &entry.value.value) {
                Some(Value::Text(text)) => TimeForm::of(text, zone),
                _ => None,
            },
            _ => None,
        };
        let form = old.unwrap_or_else(|| time_form(settings, style, field, key));
        let value = value(row, field, form, zone)?;
        if field == Field::Category {
            let old = entry.map(|entry| &entry.value.value);
            return Ok(value.map(|value| written_key::category(old, value)));
        }
        let is_toml = document.as_ref().is_some_and(|d| d.syntax == Syntax::Toml);
        let is_bare = || {
            let range = entry.filter(|_| is_toml)?.value.range.clone();
            Some(!self.text.get(range)?.starts_with(['"', '\'']))
        };
        let is_time = matches!(field, Field::CreatedAt | Field::UpdatedAt);
        if is_time && is_bare().unwrap_or(false) {
            return Ok(value.map(render_toml::with_seconds));
        }
        Ok(value)
    }

    /// Returns whether a row has some of the tags of the file and no others.
    fn keeps_only(&self, row: &StoredPost) -> bool {
        !row.tags.is_empty() && row.tags.iter().all(|tag| self.post.tags.contains(tag))
    }

    /// Returns the tags in the order of the file.
    fn tags(&self, key: &str) -> Vec<String> {
        let document = document(&self.text);
        let entry = document.as_ref().and_then(|document| document.get(key));
        let Some(Value::List(items)) = entry.map(|entry| &entry.value.value) else {
            return self.post.tags.clone();
        };
        let text = |item: &Node| match &item.value {
            Value::Text(text) => Some(label(text).into_owned()),
            _ => None,
        };
        items.iter().filter_map(text).collect()
    }

    /// Returns a text with another body, whose line ends, also those around it, are as the file
    /// has them.
    fn with_body(&self, text: &str, body: &str) -> Option<String> {
        let split = front_matter::split(text).ok()?;
        let old = text.get(split.body..)?;
        let has_crlf = match old.find('\n') {
            Some(at) => old[..at].ends_with('\r'),
            None => text[split.matter].contains("\r\n"),
        };
        let mut head = text[..split.body].to_owned();
        let new = if inner(&self.body).is_empty() {
            unified(body).into_owned()
        } else {
            let unified_old = unified(old);
            let start = unified_old.len() - unified_old.trim_start_matches('\n').len();
            let end = unified_old.trim_end_matches('\n').len();
            let (before, after) = (&unified_old[..start], &unified_old[end..]);
            format!("{before}{}{after}", inner(body))
        };
        open_body(&mut head, &new, false);
        let whole = new.replace('\n', if has_crlf { "\r\n" } else { "\n" });
        Some(head + &whole)
    }
}

/// Returns the text of a new file that says what a row says, in the style of a blog. A list of
/// tags that is empty is written if `stated` has the tags.
///
/// # Errors
/// [`WriteError`] if no file can say that.
pub fn new_file(
    settings: &ReadSettings,
    style: &Style,
    path: &SourcePath,
    (row, stated): (&StoredPost, FieldSet),
    body: &str,
) -> Result<String, WriteError> {
    if row.title.is_none() && settings.stored.contains(Field::Title) {
        return Err(WriteError::NoTitle);
    }
    let row = &without_blanks(row);
    let style = &with_time_looks(settings, style);
    let is_reserved = |key: &&String| {
        let is_locale = settings.locales.is_some() && LOCALE_KEYS.contains(&&***key);
        // A name of a field that is read from another key is one like any other.
        let is_read = |field: ReadField| settings.keys.get(field).keys().any(|own| own == **key);
        ReadField::named(key).is_some_and(is_read) || is_locale
    };
    if let Some(key) = row.extra.0.keys().find(is_reserved) {
        return Err(WriteError::Reserved(key.clone()));
    }
    let key_of = |field: ReadField| {
        let key = written_key::in_blog(style, &settings.keys, field);
        key.unwrap_or(field.name()).to_owned()
    };
    let mut entries = vec![(key_of(ReadField::Id), Value::Integer(row.id.get().into()))];
    if let (Some(locales), Some(locale)) = (&settings.locales, row.locale)
        && let Some(key) = locale_key(style, &locales.locales, path, locale)
    {
        entries.push((key.to_owned(), Value::Text(locale.to_string())));
    }
    for field in Field::ALL {
        if field == Field::WordCount && !is_count_needed(style, row, body) {
            continue;
        }
        let key = ReadField::named(field.name()).map_or(field.name().to_owned(), key_of);
        let form = time_form(settings, style, field, &key);
        if let Some(mut value) = value(row, field, form, &settings.time_zone)? {
            let is_time = matches!(field, Field::CreatedAt | Field::UpdatedAt);
            let look = style.look(&key, &value);
            if is_time && style.syntax == Syntax::Toml && matches!(look, Look::Plain | Look::Bare) {
                value = render_toml::with_seconds(value);
            }
            if field == Field::Category && key.ends_with("categories") {
                value = texts(row.category.as_slice());
            }
            entries.push((key, value));
        } else if field == Field::Tags && stated.contains(field) {
            entries.push((key, texts(&[])));
        }
    }
    if style.is_usual("draft") {
        entries.push(("draft".to_owned(), Value::Bool(false)));
    }
    if let Some(key) = row
        .extra
        .0
        .keys()
        .find(|key| entries.iter().any(|(own, _)| own == *key))
    {
        return Err(WriteError::Reserved(key.clone()));
    }
    let extra = row.extra.0.iter();
    entries.extend(extra.map(|(key, value)| (key.clone(), from_json(value))));
    entries.sort_by_key(|(key, _)| style.rank(key));
    let look = |key: &str, value: &Value| style.look(key, value);
    let matter = match style.syntax {
        Syntax::Yaml => render::render(&entries, look),
        Syntax::Toml => render_toml::render(&entries, look),
    };
    // Only a key or a value that the syntax cannot hold is left.
    let matter = matter.ok_or_else(|| WriteError::Inexact(vec![Part::Field(Field::Extra)]))?;
    let body = unified(body);
    let mark = style.syntax.mark();
    let mut text = format!("{mark}\n{matter}{mark}\n");
    open_body(&mut text, &body, style.has_blank_line);
    text.push_str(&body);
    if style.has_crlf {
        text = text.replace('\n', "\r\n");
    }
    verified(settings, path, text.as_bytes(), row, &body)?;
    Ok(text)
}

/// Returns a style in which a key of a time that no file has is written as the other one is.
fn with_time_looks(settings: &ReadSettings, style: &Style) -> Style {
    let key = |field| written_key::in_blog(style, &settings.keys, field);
    let mut looks = style.clone();
    if let (Some(created), Some(updated)) = (key(ReadField::CreatedAt), key(ReadField::UpdatedAt)) {
        looks.look_like(created, updated);
        looks.look_like(updated, created);
    }
    looks
}

/// Returns the form of a time that is written to a key for the first time.
fn time_form(settings: &ReadSettings, style: &Style, field: Field, key: &str) -> TimeForm {
    let other = match field {
        Field::CreatedAt => ReadField::UpdatedAt,
        _ => ReadField::CreatedAt,
    };
    let other = written_key::in_blog(style, &settings.keys, other);
    style.time(key, other.unwrap_or_default())
}

/// Returns the key by which a new file states its locale; `None` if its path tells it, and most files
/// state none.
fn locale_key(
    style: &Style,
    locales: &Locales,
    path: &SourcePath,
    locale: Locale,
) -> Option<&'static str> {
    let is_told = match locales.of_path(path.as_str()) {
        PathLocale::Known(of_path) => of_path == locale,
        PathLocale::Unknown(_) => false,
        PathLocale::None => locale == locales.default_locale(),
    };
    let mut keys = LOCALE_KEYS.into_iter();
    let known = keys.clone().find(|key| style.has(key));
    let usual = keys.find(|key| style.is_usual(key));
    usual.or_else(|| (!is_told).then(|| known.unwrap_or(LOCALE_KEYS[0])))
}

/// Reads what is to be written, which must say what the row says.
fn verified(
    settings: &ReadSettings,
    path: &SourcePath,
    bytes: &[u8],
    row: &StoredPost,
    body: &str,
) -> Result<Source, WriteError> {
    if bytes.len() as u64 > MAX_FILE {
        return Err(WriteError::TooLarge);
    }
    let read = Source::read(settings, path, bytes)?;
    let mut differences = read.differences(row, body, settings.stored);
    if read.post.id != row.id {
        return Err(WriteError::Reserved("id".to_owned()));
    }
    if read.post.locale != row.locale {
        return Err(WriteError::Reserved("locale".to_owned()));
    }
    if differences.is_empty() {
        return Ok(read);
    }
    differences.dedup();
    Err(WriteError::Inexact(differences))
}

/// Returns a row whose texts of blanks are absent: a file cannot tell the two apart.
fn without_blanks(row: &StoredPost) -> StoredPost {
    let mut row = row.clone();
    for text in [
        &mut row.description,
        &mut row.category,
        &mut row.image,
        &mut row.slug,
    ] {
        text.take_if(|text| text.trim().is_empty());
    }
    row
}

/// Returns whether a new file states the word count: if most files do, or if counting would give
/// another one.
fn is_count_needed(style: &Style, row: &StoredPost, body: &str) -> bool {
    let counted = i32::try_from(body.split_whitespace().count()).ok();
    style.is_usual(Field::WordCount.name()) || row.word_count != counted
}

/// Returns the keys that only one of two has, or that differ.
fn differing_keys(a: &Extra, b: &Extra) -> Vec<String> {
    let ours =
        a.0.iter()
            .filter(|(key, value)| b.0.get(*key) != Some(value));
    let theirs = b.0.keys().filter(|key| !a.0.contains_key(*key));
    ours.map(|(key, _)| key).chain(theirs).cloned().collect()
}
