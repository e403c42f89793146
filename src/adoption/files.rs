//! The settings that fit the files of a blog: the sections `[content]` and `[front_matter]`. Pure.

use std::collections::BTreeMap;

use toml::Value;

use crate::content::Habits;
use crate::generator::Generator;
use crate::key_map::{KeyMap, ReadField, Rest, Separator, Source, Sources};
use crate::post::SourcePath;

/// The key for the number of a post whose `id` is something else.
pub const OTHER_ID: &str = "blogctl_id";

/// Names of files that are no posts, with the pattern that leaves them out.
const NO_POSTS: [(&str, &str); 6] = [
    ("_index.md", "**/_index.md"),
    ("README.md", "**/README.md"),
    ("readme.md", "**/readme.md"),
    ("CONTRIBUTING.md", "**/CONTRIBUTING.md"),
    ("CHANGELOG.md", "**/CHANGELOG.md"),
    ("LICENSE.md", "**/LICENSE.md"),
];

/// Names of directories of a vault that hold no posts.
const NO_POST_DIRECTORIES: [&str; 3] = ["templates", "Templates", "_templates"];

/// The habits of all files of a content directory, in numbers.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Files with front matter.
    pub files: usize,
    /// Files without front matter, or whose front matter cannot be read.
    pub others: usize,
    /// The files of each field and key.
    keys: BTreeMap<(ReadField, String), usize>,
    other_ids: usize,
    spaced: usize,
    untitled: usize,
    untitled_with_heading: usize,
    undated_with_path_date: usize,
    toml: usize,
    slugs: usize,
    /// Patterns of files that are no posts.
    exclude: Vec<String>,
}

impl Counts {
    /// Counts a file.
    pub fn add(&mut self, path: &SourcePath, habits: Option<&Habits>) {
        let name = path.as_str().rsplit('/').next().unwrap_or_default();
        if let Some((_, pattern)) = NO_POSTS.iter().find(|(no_post, _)| *no_post == name) {
            return self.leave_out((*pattern).to_owned());
        }
        let mut folders = path.as_str().split('/').rev().skip(1);
        let is_left_out = |folder: &&str| NO_POST_DIRECTORIES.contains(folder);
        if let Some(folder) = folders.find(is_left_out) {
            return self.leave_out(format!("{folder}/"));
        }
        let Some(habits) = habits else {
            self.others += 1;
            return;
        };
        self.files += 1;
        for key in &habits.keys {
            *self.keys.entry(key.clone()).or_default() += 1;
        }
        let has = |field| habits.keys.iter().any(|(one, _)| *one == field);
        self.other_ids += usize::from(habits.has_other_id);
        self.spaced += usize::from(habits.has_spaced_names);
        self.toml += usize::from(habits.is_toml);
        self.slugs += usize::from(has(ReadField::Slug));
        if !has(ReadField::Title) {
            self.untitled += 1;
            self.untitled_with_heading += usize::from(habits.has_heading);
        }
        let is_undated = !has(ReadField::CreatedAt) && habits.has_path_date;
        self.undated_with_path_date += usize::from(is_undated);
    }

    fn leave_out(&mut self, pattern: String) {
        if !self.exclude.contains(&pattern) {
            self.exclude.push(pattern);
        }
    }

    /// Returns the keys of a field that any file has, in the order in which they are tried.
    fn used(&self, field: ReadField) -> Vec<String> {
        let keys = self.keys.keys().filter(|(one, _)| *one == field);
        let mut keys: Vec<String> = keys.map(|(_, key)| key.clone()).collect();
        let rank = |key: &String| {
            let plain = key.rsplit('.').next().unwrap_or(key);
            let rank = field.built_in().iter().position(|known| *known == plain);
            (rank.unwrap_or(usize::MAX), key.len())
        };
        keys.sort_by_key(rank);
        keys
    }

    /// Returns the keys and the number of their files, for each field that other keys than its own
    /// are read for.
    pub fn told(&self) -> impl Iterator<Item = (&str, ReadField, usize)> {
        let told = self
            .keys
            .iter()
            .filter(|((field, key), _)| key != field.name() && *field != ReadField::Draft);
        told.map(|((field, key), files)| (&**key, *field, *files))
    }
}

/// The settings that fit a blog's files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileSettings {
    /// The content directory; `None` for the default.
    pub directory: Option<String>,
    /// Patterns of files that are left out.
    pub exclude: Vec<String>,
    /// True if files without front matter are left out.
    pub skips_without_front_matter: bool,
    /// True if posts whose time is to come are held back.
    pub holds_future: bool,
    /// The time zone of the generator's settings.
    pub time_zone: Option<String>,
    /// The sources of fields other than by default.
    pub fields: Vec<(ReadField, Sources)>,
}

impl FileSettings {
    /// Returns the settings for a blog of a generator, if it is known, whose posts are in a directory.
    pub fn new(generator: Option<Generator>, directory: &str, counts: &Counts) -> Self {
        let is = |test: fn(Generator) -> bool| generator.is_some_and(test);
        let mut settings = Self {
            directory: (directory != "content").then(|| directory.to_owned()),
            exclude: counts.exclude.clone(),
            skips_without_front_matter: counts.others > 0,
            holds_future: is(Generator::holds_future),
            time_zone: None,
            fields: Vec::new(),
        };
        for field in ReadField::ALL {
            if field == ReadField::Draft {
                continue;
            }
            let used = counts.used(field);
            let mut sources: Vec<Source> = used.iter().cloned().map(Source::Key).collect();
            // What the generators call the time of a post, for those that are written later.
            if sources.is_empty() && field == ReadField::CreatedAt && generator.is_some() {
                sources.push(Source::Key("date".to_owned()));
            }
            let mut is_other = used.iter().any(|key| key != field.name());
            let mut add = |source: Source| {
                if sources.is_empty() {
                    sources.push(Source::Key(field.name().to_owned()));
                }
                sources.push(source);
                is_other = true;
            };
            match field {
                ReadField::Id => {
                    let key = generator
                        .and_then(Generator::id_key)
                        .filter(|_| counts.toml > 0);
                    let key = match counts.other_ids {
                        0 if used.is_empty() => key,
                        0 => None,
                        _ => key.map(|_| "extra.blogctl_id").or(Some(OTHER_ID)),
                    };
                    if let Some(key) = key {
                        sources = vec![Source::Key(key.to_owned())];
                        is_other = true;
                    }
                }
                ReadField::Title if counts.untitled > 0 => {
                    if !is(Generator::titles_by_file_name) && counts.untitled_with_heading > 0 {
                        add(Source::Heading);
                    }
                    add(Source::FileName);
                }
                ReadField::CreatedAt if counts.undated_with_path_date > 0 => add(Source::FileName),
                ReadField::Slug if generator.is_some() && counts.slugs < counts.files => {
                    add(Source::FileName);
                }
                _ => {}
            }
            let is_named = matches!(field, ReadField::Tags | ReadField::Category);
            let splits = is_named && counts.spaced > 0 && is(Generator::splits_at_spaces);
            if !(is_other || splits) || sources.is_empty() {
                continue;
            }
            let sources = Sources {
                sources,
                is_configured: true,
                separator: match splits {
                    true => Separator::Space,
                    false => Separator::Comma,
                },
                rest: Rest::Tags,
            };
            settings.fields.push((field, sources));
        }
        settings
    }

    /// Returns the key map with these sources.
    pub fn key_map(&self) -> KeyMap {
        let mut map = KeyMap::default();
        for (field, sources) in &self.fields {
            map.set(*field, sources.clone());
        }
        map
    }

    /// Returns the section `[content]` with comments and its last line end; `None` if the defaults
    /// fit.
    pub fn content_section(&self) -> Option<String> {
        let mut lines = Vec::new();
        if let Some(directory) = &self.directory {
            lines.push((
                format!("directory = {}", text(directory)),
                "where the posts are",
            ));
        }
        if !self.exclude.is_empty() {
            let patterns: Vec<String> = self.exclude.iter().map(|one| text(one)).collect();
            let line = format!("exclude = [{}]", patterns.join(", "));
            lines.push((line, "files that are no posts"));
        }
        if self.skips_without_front_matter {
            let line = "without_front_matter = \"skip\"".to_owned();
            lines.push((line, "files without front matter are no posts"));
        }
        if self.holds_future {
            let line = "future = \"hold\"".to_owned();
            lines.push((line, "a post is published at its date, and not before"));
        }
        section("[content]", lines)
    }

    /// Returns the section `[front_matter]` with comments and its last line end; `None` if the
    /// built-in keys fit.
    pub fn front_matter_section(&self) -> Option<String> {
        let lines = self.fields.iter().map(|(field, sources)| {
            let names: Vec<String> = sources
                .sources
                .iter()
                .map(|source| text(source.as_str()))
                .collect();
            let list = format!("[{}]", names.join(", "));
            let value = match sources.separator {
                Separator::Comma => list,
                Separator::Space => format!("{{ keys = {list}, split = \"space\" }}"),
            };
            let comment = match field {
                ReadField::Id => "the number that identifies a post in the database",
                ReadField::CreatedAt if sources.has(&Source::FileName) => {
                    "@file-name: the date in the path"
                }
                ReadField::Title if sources.has(&Source::Heading) => {
                    "@heading: the first heading of the text"
                }
                ReadField::Title | ReadField::Slug if sources.has(&Source::FileName) => {
                    "@file-name: the name without a date"
                }
                ReadField::Category => "the first of several; the others become tags",
                _ => "",
            };
            (format!("{field} = {value}"), comment)
        });
        section(
            "[front_matter]                  # the keys that each field is read from; the first with a value counts",
            lines.collect(),
        )
    }
}

/// Returns a section of lines with their comments; `None` if there are none.
fn section(head: &str, lines: Vec<(String, &str)>) -> Option<String> {
    if lines.is_empty() {
        return None;
    }
    let mut section = format!("{head}\n");
    for (line, comment) in lines {
        section.push_str(&match comment {
            "" => format!("{line}\n"),
            comment => format!("{line:<31} # {comment}\n"),
        });
    }
    Some(section)
}

fn text(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn habits(keys: &[(ReadField, &str)]) -> Habits {
        Habits {
            keys: keys
                .iter()
                .map(|(field, key)| (*field, (*key).to_owned()))
                .collect(),
            has_path_date: true,
            ..Habits::default()
        }
    }

    #[test]
    fn a_jekyll_blog_has_its_keys_and_its_file_names_read() {
        let mut counts = Counts::default();
        let first = Habits {
            has_spaced_names: true,
            ..habits(&[
                (ReadField::Title, "title"),
                (ReadField::CreatedAt, "date"),
                (ReadField::Category, "categories"),
            ])
        };
        counts.add(&SourcePath::new("_posts/2024-01-05-a.md"), Some(&first));
        let second = habits(&[(ReadField::Tags, "tags")]);
        counts.add(&SourcePath::new("_posts/2024-01-06-b.md"), Some(&second));
        counts.add(&SourcePath::new("_posts/README.md"), None);
        let settings = FileSettings::new(Some(Generator::Jekyll), "_posts", &counts);
        insta::assert_snapshot!(settings.content_section().unwrap(), @r#"
        [content]
        directory = "_posts"            # where the posts are
        exclude = ["**/README.md"]      # files that are no posts
        future = "hold"                 # a post is published at its date, and not before
        "#);
        insta::assert_snapshot!(settings.front_matter_section().unwrap(), @r#"
        [front_matter]                  # the keys that each field is read from; the first with a value counts
        title = ["title", "@file-name"] # @file-name: the name without a date
        category = { keys = ["categories"], split = "space" } # the first of several; the others become tags
        tags = { keys = ["tags"], split = "space" }
        created_at = ["date", "@file-name"] # @file-name: the date in the path
        slug = ["slug", "@file-name"]   # @file-name: the name without a date
        "#);
    }

    #[test]
    fn a_blog_that_blogctl_knows_needs_no_settings() {
        let mut counts = Counts::default();
        let own = habits(&[
            (ReadField::Id, "id"),
            (ReadField::Title, "title"),
            (ReadField::CreatedAt, "created_at"),
        ]);
        counts.add(&SourcePath::new("content/a.md"), Some(&own));
        let settings = FileSettings::new(None, "content", &counts);
        assert_eq!(settings, FileSettings::default());
        assert_eq!(settings.content_section(), None);
        assert_eq!(settings.front_matter_section(), None);
    }

    #[test]
    fn ids_that_are_no_numbers_stay_where_they_are() {
        let mut counts = Counts::default();
        let other = Habits {
            has_other_id: true,
            ..habits(&[
                (ReadField::Id, "id"),
                (ReadField::Title, "title"),
                (ReadField::CreatedAt, "created_at"),
            ])
        };
        counts.add(&SourcePath::new("content/a.md"), Some(&other));
        let settings = FileSettings::new(None, "content", &counts);
        let map = settings.key_map();
        assert_eq!(map.first_key(ReadField::Id), Some("blogctl_id"));
    }
}
