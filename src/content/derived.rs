//! Values that no key gives: from the path of a file, or from its body.
//!
//! Site generators make titles, addresses and dates of file names. Each counts only where the
//! settings name its source.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::read_settings::ReadSettings;
use super::steps;
use crate::key_map::{Source, Sources};
use crate::post::SourcePath;

/// The part of a body in which a heading or a sentence is looked for, in bytes.
const LOOKED_AT: usize = 64 * 1024;

/// The longest sentence, in characters; a longer one is cut at a word.
const LONGEST_SENTENCE: usize = 300;

/// The name of a file that is called after its folder.
const INDEX: &str = "index";

/// A file's path and body, as sources of values.
#[derive(Clone, Debug)]
pub(super) struct Derived<'a> {
    /// The path's parts below the project's root.
    parts: Vec<&'a str>,
    /// The number of parts of the content directory's path.
    above: usize,
    /// The name of the file without its extension, or that of its folder if it is called `index`.
    name: &'a str,
    body: &'a str,
    zone: TimeZone,
}

/// A date in a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PathDate {
    /// The first moment of the day.
    pub at: Timestamp,
    /// The date as a timestamp is written: `2024-01-05`.
    pub text: String,
}

impl<'a> Derived<'a> {
    /// Takes the path and the body of a file.
    pub fn new(settings: &ReadSettings, path: &'a SourcePath, body: &'a str) -> Self {
        let parts: Vec<&str> = path.as_str().split('/').collect();
        let file = parts.last().copied().unwrap_or_default();
        let mut stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        if let (Some(locales), Some((name, suffix))) = (&settings.locales, stem.rsplit_once('.'))
            && locales.locales.find(suffix).is_some()
        {
            stem = name;
        }
        let folder = parts.len().checked_sub(2).map(|at| parts[at]);
        let directory = settings.directory.trim_matches('/');
        let above = match directory {
            "" | "." => 0,
            directory => directory.split('/').count(),
        };
        let name = match folder {
            // The content directory's own name says nothing of a post.
            Some(folder) if stem.eq_ignore_ascii_case(INDEX) && parts.len() > above + 1 => folder,
            _ => stem,
        };
        Self {
            parts,
            above,
            name,
            body,
            zone: settings.time_zone.clone(),
        }
    }

    /// Returns the title that the settings take from elsewhere than a key.
    pub fn title(&self, sources: &Sources) -> Option<String> {
        sources.sources.iter().find_map(|source| match source {
            Source::Heading => heading(self.body),
            Source::FileName => Some(self.name_as_title()),
            _ => None,
        })
    }

    /// Returns the description that the settings take from elsewhere than a key.
    pub fn description(&self, sources: &Sources) -> Option<String> {
        let is_named = sources.has(&Source::FirstSentence);
        is_named.then(|| first_sentence(self.body)).flatten()
    }

    /// Returns the category that the settings take from elsewhere than a key: the name of the file's
    /// folder, but for the content directory itself.
    pub fn category(&self, sources: &Sources) -> Option<String> {
        let is_index = self.stem().eq_ignore_ascii_case(INDEX);
        let at = self.parts.len().checked_sub(2 + usize::from(is_index))?;
        let is_named = sources.has(&Source::Folder);
        (is_named && at >= self.above).then(|| self.parts[at].to_owned())
    }

    /// Returns the slug that the settings take from elsewhere than a key: the name without a date.
    pub fn slug(&self, sources: &Sources) -> Option<String> {
        let is_named = sources.has(&Source::FileName);
        is_named.then(|| self.name_without_date().to_owned())
    }

    /// Returns the date in the name of the file or of its folder, or in the folders above.
    pub fn date(&self) -> Option<PathDate> {
        let folder = self.parts.len().checked_sub(2).map(|at| self.parts[at]);
        let of_name = [Some(self.name), folder].into_iter().flatten();
        let of_name = of_name
            .filter_map(|name| Some(leading_date(name)?.0))
            .next();
        let date = of_name.or_else(|| {
            let folders = &self.parts[..self.parts.len() - 1];
            folders.windows(3).rev().find_map(|three| {
                let [year, month, day] = three else {
                    return None;
                };
                let is_year = year.len() == 4;
                date(year, month, day).filter(|_| is_year)
            })
        })?;
        let at = self.zone.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
        let text = date.to_string();
        Some(PathDate { at, text })
    }

    fn stem(&self) -> &str {
        let file = self.parts.last().copied().unwrap_or_default();
        file.split('.').next().unwrap_or(file)
    }

    fn name_without_date(&self) -> &'a str {
        match leading_date(self.name) {
            Some((_, rest)) if !rest.is_empty() => rest,
            _ => self.name,
        }
    }

    /// Returns the name as a title. One with a date in front is an address, of words with hyphens.
    fn name_as_title(&self) -> String {
        let name = self.name_without_date();
        if name.len() == self.name.len() || name.contains(' ') {
            return name.to_owned();
        }
        let words = name.replace(['-', '_'], " ");
        let mut letters = words.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string());
        first.unwrap_or_default() + letters.as_str()
    }
}

/// Returns the date at the beginning of a name, and the rest behind its hyphen.
fn leading_date(name: &str) -> Option<(Date, &str)> {
    let (year, rest) = name.split_once(['-', '_', '.'])?;
    let (month, rest) = rest.split_once(['-', '_', '.'])?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (day, rest) = rest.split_at(digits);
    let is_apart = rest.is_empty() || rest.starts_with(['-', '_', '.', ' ']);
    let date = date(year, month, day).filter(|_| is_apart && year.len() == 4)?;
    Some((date, rest.trim_start_matches(['-', '_', '.', ' '])))
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    let number = |text: &str, most: usize| {
        let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        (is_plain && text.len() <= most).then(|| text.parse::<i16>().ok())?
    };
    let small = |text| number(text, 2).and_then(|n| i8::try_from(n).ok());
    let year = number(year, 4).filter(|year| *year > 0)?;
    Date::new(year, small(month)?, small(day)?).ok()
}

/// Returns the start of a body, which is enough to find a heading or a sentence.
fn start(body: &str) -> &str {
    let end = body.floor_char_boundary(LOOKED_AT);
    steps::count(end);
    &body[..end]
}

/// Returns the text of the first heading of the first level.
fn heading(body: &str) -> Option<String> {
    let mut text: Option<String> = None;
    for event in Parser::new_ext(start(body), Options::all()) {
        match (event, &mut text) {
            (
                Event::Start(Tag::Heading {
                    level: HeadingLevel::H1,
                    ..
                }),
                _,
            ) => text = Some(String::new()),
            (Event::End(TagEnd::Heading(_)), Some(_)) => break,
            (Event::Text(piece) | Event::Code(piece), Some(text)) => text.push_str(&piece),
            (Event::SoftBreak | Event::HardBreak, Some(text)) => text.push(' '),
            _ => {}
        }
    }
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

/// Returns the first sentence of the first paragraph.
fn first_sentence(body: &str) -> Option<String> {
    let mut text: Option<String> = None;
    let mut depth = 0;
    for event in Parser::new_ext(start(body), Options::all()) {
        match (event, &mut text) {
            (Event::Start(Tag::Paragraph), None) => text = Some(String::new()),
            (Event::End(TagEnd::Paragraph), Some(found)) => {
                let found = found.trim();
                // Statements of MDX are paragraphs to Markdown.
                let is_code = ["import ", "export "].iter().any(|w| found.starts_with(w));
                if !found.is_empty() && !is_code {
                    break;
                }
                text = None;
            }
            // The text of an image is none of the sentence.
            (Event::Start(Tag::Image { .. }), _) => depth += 1,
            (Event::End(TagEnd::Image), _) => depth -= 1,
            (Event::Text(piece) | Event::Code(piece), Some(text)) if depth == 0 => {
                text.push_str(&piece);
            }
            (Event::SoftBreak | Event::HardBreak, Some(text)) => text.push(' '),
            _ => {}
        }
    }
    let text = text?;
    let text = text.trim();
    let sentence = &text[..sentence_end(text)];
    (!sentence.is_empty()).then(|| shortened(sentence))
}

/// Returns the byte behind the first sentence.
fn sentence_end(text: &str) -> usize {
    let mut letters = text.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        let is_last = letters.peek().is_none_or(|(_, next)| next.is_whitespace());
        let is_end = matches!(c, '。' | '！' | '？') || matches!(c, '.' | '!' | '?') && is_last;
        if is_end {
            return at + c.len_utf8();
        }
    }
    text.len()
}

/// Cuts a text at a word if it is long.
fn shortened(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(LONGEST_SENTENCE) else {
        return text.to_owned();
    };
    let cut = &text[..end];
    let cut = cut.rsplit_once(' ').map_or(cut, |(before, _)| before);
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::test_reading::settings;
    use crate::key_map::ReadField;

    fn all(field: ReadField) -> Sources {
        Sources {
            sources: field.other_sources().to_vec(),
            is_configured: true,
            separator: Default::default(),
            rest: Default::default(),
        }
    }

    fn with<T>(path: &str, body: &str, take: impl Fn(&Derived<'_>) -> T) -> T {
        let path = SourcePath::new(path);
        take(&Derived::new(&settings(), &path, body))
    }

    #[test]
    fn a_name_gives_a_slug_a_title_and_a_date() {
        for (path, slug, title, date) in [
            (
                "content/2024-01-05-hello-world.md",
                "hello-world",
                "Hello world",
                Some("2024-01-05"),
            ),
            (
                "content/2024-1-5-hello.md",
                "hello",
                "Hello",
                Some("2024-01-05"),
            ),
            (
                "content/2024-01-05-한글-제목.md",
                "한글-제목",
                "한글 제목",
                Some("2024-01-05"),
            ),
            (
                "content/2024-01-05-slug/index.md",
                "slug",
                "Slug",
                Some("2024-01-05"),
            ),
            (
                "content/2024/01/05/hello.md",
                "hello",
                "hello",
                Some("2024-01-05"),
            ),
            (
                "content/2024-01-05/hello.md",
                "hello",
                "hello",
                Some("2024-01-05"),
            ),
            (
                "content/2024-01-05.md",
                "2024-01-05",
                "2024-01-05",
                Some("2024-01-05"),
            ),
            ("content/My Note.md", "My Note", "My Note", None),
            ("content/rust-lang.md", "rust-lang", "rust-lang", None),
            (
                "content/2024-13-05-x.md",
                "2024-13-05-x",
                "2024-13-05-x",
                None,
            ),
            ("content/24-01-05-x.md", "24-01-05-x", "24-01-05-x", None),
            ("content/a.b.md", "a.b", "a.b", None),
            ("content/index.md", "index", "index", None),
        ] {
            let found = with(path, "", |derived| {
                (
                    derived.slug(&all(ReadField::Slug)).unwrap(),
                    derived.title(&all(ReadField::Title)).unwrap(),
                    derived.date().map(|date| date.text),
                )
            });
            let expected = (slug.to_owned(), title.to_owned(), date.map(str::to_owned));
            assert_eq!(found, expected, "{path}");
        }
    }

    #[test]
    fn a_folder_below_the_content_directory_is_a_category() {
        for (path, category) in [
            ("content/a.md", None),
            ("content/guide/a.md", Some("guide")),
            ("content/guide/a/index.md", Some("guide")),
            ("content/a/index.md", None),
            ("content/x/guide/a.md", Some("guide")),
        ] {
            let found = with(path, "", |derived| {
                derived.category(&all(ReadField::Category))
            });
            assert_eq!(found.as_deref(), category, "{path}");
        }
    }

    #[test]
    fn the_first_heading_is_a_title() {
        for (body, title) in [
            (
                "text\n\n# A *title* of `code`\n\n# Another",
                Some("A title of code"),
            ),
            ("Title\n=====\n", Some("Title")),
            ("## Second level\n", None),
            ("```\n# no heading\n```\n", None),
            ("#\n", None),
        ] {
            assert_eq!(heading(body).as_deref(), title, "{body}");
        }
    }

    #[test]
    fn the_first_sentence_is_a_description() {
        for (body, sentence) in [
            ("# T\n\nOne thing. Another.\n", Some("One thing.")),
            (
                "import X from 'x'\n\n![an image](a.png)\n\nVersion 1.5 is\nout! Yes.",
                Some("Version 1.5 is out!"),
            ),
            ("文。次。", Some("文。")),
            ("No end", Some("No end")),
            ("", None),
        ] {
            assert_eq!(first_sentence(body).as_deref(), sentence, "{body}");
        }
        let long = "word ".repeat(200);
        let cut = first_sentence(&long).unwrap();
        assert!(cut.ends_with("word…") && cut.chars().count() <= LONGEST_SENTENCE + 1);
    }
}
