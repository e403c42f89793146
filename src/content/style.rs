//! The habits of a blog in writing front matter, so that a new file looks like the others.

use std::collections::HashMap;
use std::hash::Hash;

use jiff::tz::TimeZone;

use super::document::{Document, Syntax, Value};
use super::fields::KEYS;
use super::front_matter;
use super::render::Look;
use super::time_form::TimeForm;

/// The most files that are looked at.
pub const MAX_SAMPLES: usize = 200;

/// The most different keys whose order is counted, and the most of one file.
const MOST_KEYS: usize = 100;

/// The way in which most files of a blog are written.
#[derive(Clone, Debug, Default)]
pub struct Style {
    /// The rank of each key.
    ranks: HashMap<String, usize>,
    /// The number of files that have a key.
    files: HashMap<String, usize>,
    /// The keys that more than half of the files have.
    usual: Vec<String>,
    /// The way in which the text of a key is written.
    texts: HashMap<String, Look>,
    /// The way in which the list of a key is written.
    lists: HashMap<String, Look>,
    /// The way in which most lists are written.
    list: Look,
    /// The form of the times of each key.
    times: HashMap<String, TimeForm>,
    /// The syntax that front matter is written in.
    pub(super) syntax: Syntax,
    /// True if lines end in CRLF.
    pub(super) has_crlf: bool,
    /// True if a blank line separates the front matter from the body.
    pub(super) has_blank_line: bool,
}

impl Style {
    /// Returns the rank of a key among others; keys that no file has come last.
    pub(super) fn rank(&self, key: &str) -> usize {
        self.ranks.get(key).copied().unwrap_or(usize::MAX)
    }

    /// Returns whether some files have a key, other than those of fields.
    pub(super) fn has(&self, key: &str) -> bool {
        self.ranks.contains_key(key)
    }

    /// Returns the number of files that were looked at and have a key.
    pub fn files(&self, key: &str) -> usize {
        self.files.get(key).copied().unwrap_or(0)
    }

    /// Returns whether most files have a key.
    pub(super) fn is_usual(&self, key: &str) -> bool {
        self.usual.iter().any(|usual| usual == key)
    }

    /// Returns the way in which a value is written.
    pub(super) fn look(&self, key: &str, value: &Value) -> Look {
        match value {
            Value::Text(_) => self.texts.get(key).copied(),
            Value::List(_) => Some(self.lists.get(key).copied().unwrap_or(self.list)),
            _ => None,
        }
        .unwrap_or_default()
    }

    /// Returns the form of a key's times; that of `other`, the key of the other time, if the key has
    /// none.
    pub(super) fn time(&self, key: &str, other: &str) -> TimeForm {
        let of = |key: &str| self.times.get(key).copied();
        of(key).or_else(|| of(other)).unwrap_or_default()
    }

    /// Takes the look of one key for another one that no file has.
    pub(super) fn look_like(&mut self, key: &str, other: &str) {
        if let (None, Some(look)) = (self.texts.get(key), self.texts.get(other).copied()) {
            self.texts.insert(key.to_owned(), look);
        }
    }
}

/// Counts of the ways in which files are written.
#[derive(Debug)]
pub struct Observations {
    zone: TimeZone,
    files: usize,
    toml: usize,
    crlf: usize,
    blank_lines: usize,
    bodies: usize,
    /// The keys, in the order in which they were first seen.
    keys: Vec<Key>,
    numbers: HashMap<String, usize>,
    /// The number of files in which one key comes before another.
    before: HashMap<(usize, usize), usize>,
    lists: Tally<Look>,
}

#[derive(Debug, Default)]
struct Key {
    name: String,
    files: usize,
    texts: Tally<Look>,
    lists: Tally<Look>,
    times: Tally<TimeForm>,
}

impl Observations {
    /// Makes counts of no file; times without an offset are in `zone`.
    pub fn new(zone: &TimeZone) -> Self {
        Self {
            zone: zone.clone(),
            files: 0,
            toml: 0,
            crlf: 0,
            blank_lines: 0,
            bodies: 0,
            keys: Vec::new(),
            numbers: HashMap::new(),
            before: HashMap::new(),
            lists: Tally::default(),
        }
    }

    /// Looks at a file; does nothing to one that has no front matter.
    pub fn add(&mut self, bytes: &[u8]) {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let Ok(text) = std::str::from_utf8(bytes) else {
            return;
        };
        let Ok(split) = front_matter::split(text) else {
            return;
        };
        let Ok(document) = front_matter::read(text, &split) else {
            return;
        };
        self.files += 1;
        self.toml += usize::from(document.syntax == Syntax::Toml);
        let first_line = text.lines().next().map_or(0, str::len);
        self.crlf += usize::from(text[first_line..].starts_with("\r\n"));
        let gap = &text[split.matter.end..split.body];
        if split.body < text.len() {
            self.bodies += 1;
            self.blank_lines += usize::from(gap.matches('\n').count() > 1);
        }
        self.add_keys(text, &document);
    }

    fn add_keys(&mut self, text: &str, document: &Document) {
        let mut seen: Vec<usize> = Vec::new();
        for entry in document.entries.iter().take(MOST_KEYS) {
            let Some(number) = entry.name.as_deref().and_then(|name| self.number(name)) else {
                continue;
            };
            if seen.contains(&number) {
                continue;
            }
            for above in &seen {
                *self.before.entry((*above, number)).or_default() += 1;
            }
            seen.push(number);
            let source = text.get(entry.value.range.clone()).unwrap_or_default();
            let key = &mut self.keys[number];
            key.files += 1;
            match &entry.value.value {
                Value::Text(value) => {
                    key.texts.add(look_of_text(document.syntax, source));
                    if let Some(form) = TimeForm::of(value, &self.zone) {
                        key.times.add(form);
                    }
                }
                Value::List(items) if !items.is_empty() => {
                    let look = look_of_list(document.syntax, text, entry.value.range.start, source);
                    key.lists.add(look);
                    self.lists.add(look);
                }
                _ => {}
            }
        }
    }

    fn number(&mut self, name: &str) -> Option<usize> {
        if let Some(number) = self.numbers.get(name) {
            return Some(*number);
        }
        if self.keys.len() == MOST_KEYS {
            return None;
        }
        self.numbers.insert(name.to_owned(), self.keys.len());
        self.keys.push(Key {
            name: name.to_owned(),
            ..Key::default()
        });
        Some(self.keys.len() - 1)
    }

    /// Returns the way in which most of the files are written.
    pub fn style(&self) -> Style {
        let looks = |tally: fn(&Key) -> &Tally<Look>| -> HashMap<String, Look> {
            let keys = self.keys.iter();
            keys.filter_map(|key| Some((key.name.clone(), tally(key).most()?)))
                .collect()
        };
        let usual = self.keys.iter().filter(|key| key.files * 2 > self.files);
        let times = self.keys.iter();
        Style {
            ranks: self.order().into_iter().zip(0..).collect(),
            files: self
                .keys
                .iter()
                .map(|key| (key.name.clone(), key.files))
                .collect(),
            usual: usual.map(|key| key.name.clone()).collect(),
            texts: looks(|key| &key.texts),
            lists: looks(|key| &key.lists),
            list: self.lists.most().unwrap_or_default(),
            times: times
                .filter_map(|key| Some((key.name.clone(), key.times.most()?)))
                .collect(),
            syntax: match self.toml * 2 > self.files {
                true => Syntax::Toml,
                false => Syntax::Yaml,
            },
            has_crlf: self.crlf * 2 > self.files,
            has_blank_line: self.blank_lines * 2 > self.bodies,
        }
    }

    /// Returns the keys in the order of most files, with the known ones that no file has where
    /// the documentation has them.
    fn order(&self) -> Vec<String> {
        let count = |a, b| self.before.get(&(a, b)).copied().unwrap_or(0);
        let wins = |a: usize| {
            let others = 0..self.keys.len();
            others.filter(|b| count(a, *b) > count(*b, a)).count()
        };
        let losses = |a: usize| {
            let others = 0..self.keys.len();
            others.filter(|b| count(*b, a) > count(a, *b)).count()
        };
        let mut numbers: Vec<_> = (0..self.keys.len())
            .map(|number| (losses(number), wins(number), number))
            .collect();
        numbers.sort_by(|a, b| {
            // The losses alone would put a key that is seldom there too far up.
            let share = |(losses, wins, _): &(usize, usize, usize)| {
                (*losses * 1000) / (losses + wins).max(1)
            };
            (share(a), a.2).cmp(&(share(b), b.2))
        });
        let mut order: Vec<String> = numbers
            .into_iter()
            .map(|(_, _, number)| self.keys[number].name.clone())
            .collect();
        let mut after = 0;
        for key in KEYS {
            match order.iter().position(|name| name == key) {
                Some(at) => after = at + 1,
                None => {
                    order.insert(after, key.to_owned());
                    after += 1;
                }
            }
        }
        order
    }
}

fn look_of_text(syntax: Syntax, source: &str) -> Look {
    match source.as_bytes().first() {
        Some(b'"') => Look::Double,
        Some(b'\'') => Look::Single,
        _ if syntax == Syntax::Toml => Look::Bare,
        _ => Look::Plain,
    }
}

/// Returns the way in which a list that begins at `start` is written.
fn look_of_list(syntax: Syntax, text: &str, start: usize, source: &str) -> Look {
    if source.starts_with('[') {
        // In YAML, it may be broken where the line is full; in TOML, an item has a line.
        let first = source
            .lines()
            .nth(1)
            .filter(|_| source.starts_with("[\n") || source.starts_with("[\r\n"));
        return match first {
            Some(line) if syntax == Syntax::Toml => Look::Block {
                indent: line.len() - line.trim_start_matches(' ').len(),
            },
            _ => Look::Plain,
        };
    }
    if !source.starts_with('-') {
        return Look::Plain;
    }
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    Look::Block {
        indent: start - line,
    }
}

/// Counts of different values.
#[derive(Debug)]
struct Tally<T>(Vec<(T, usize)>);

impl<T> Default for Tally<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy + Eq + Hash> Tally<T> {
    fn add(&mut self, value: T) {
        match self.0.iter_mut().find(|(known, _)| *known == value) {
            Some((_, count)) => *count += 1,
            None => self.0.push((value, 1)),
        }
    }

    /// Returns the commonest value, of several the one that was seen first.
    fn most(&self) -> Option<T> {
        let most = self.0.iter().map(|(_, count)| *count).max()?;
        let found = self.0.iter().find(|(_, count)| *count == most);
        found.map(|(value, _)| *value)
    }
}
