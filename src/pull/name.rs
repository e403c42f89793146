//! The names of new files, as a blog names its files.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use unicode_normalization::UnicodeNormalization as _;

use crate::post::{PostId, SourcePath, StoredPost};

/// The most bytes of the words in a name; file systems take 255 of a name.
const LONGEST: usize = 120;

/// The directory and the pattern of a blog's file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naming {
    /// The directory, with a `/` at its end, or nothing for the root.
    directory: String,
    pattern: Pattern,
    extension: String,
}

/// The parts of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pattern {
    /// True if the file is `index.md` in a directory of its own.
    in_folder: bool,
    /// True if the day comes first: `2025-11-28-a-title`.
    has_day: bool,
    words: Words,
}

/// The part of a name that tells posts apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Words {
    /// The id, with zeros before it up to this number of digits.
    Id(usize),
    /// The id, a hyphen and the slug.
    IdSlug(usize),
    /// The slug.
    Slug,
}

impl Naming {
    /// Finds out how most of the files are named. New ones go to `directory`, or to the directory
    /// where most files are; without files to `default`.
    pub fn infer<'a>(
        files: impl IntoIterator<Item = (&'a SourcePath, PostId)>,
        directory: Option<&str>,
        default: &str,
    ) -> Self {
        let mut directories: BTreeMap<&str, usize> = BTreeMap::new();
        let mut patterns: BTreeMap<Pattern, usize> = BTreeMap::new();
        let mut extensions: BTreeMap<&str, usize> = BTreeMap::new();
        for (path, id) in files {
            let Some((folder, pattern, extension)) = parts(path.as_str(), id) else {
                continue;
            };
            *directories.entry(folder).or_default() += 1;
            *patterns.entry(pattern).or_default() += 1;
            *extensions.entry(extension).or_default() += 1;
        }
        let common = commonest(directories);
        let pattern = Pattern {
            in_folder: false,
            has_day: false,
            words: Words::Id(0),
        };
        Self {
            directory: directory.or(common).unwrap_or(default).to_owned(),
            pattern: commonest(patterns).unwrap_or(pattern),
            extension: commonest(extensions).unwrap_or("md").to_owned(),
        }
    }

    /// Returns the paths that a post's new file may have, the best first.
    pub fn paths(&self, post: &StoredPost, zone: &TimeZone) -> Vec<SourcePath> {
        let id = post.id;
        let slug = slug(post);
        let words = match (self.pattern.words, &slug) {
            (Words::Id(width), _) => vec![format!("{id:0width$}")],
            (Words::IdSlug(width), Some(slug)) => vec![format!("{id:0width$}-{slug}")],
            (Words::IdSlug(width), None) => vec![format!("{id:0width$}")],
            (Words::Slug, Some(slug)) => vec![slug.clone(), format!("{slug}-{id}")],
            (Words::Slug, None) => vec![id.to_string()],
        };
        let day = post
            .created_at
            .filter(|_| self.pattern.has_day)
            .map(|at| at.to_zoned(zone.clone()).date());
        let path = |words: String| {
            let name = match day {
                Some(day) => format!("{day}-{words}"),
                None => words,
            };
            let rest = if self.pattern.in_folder { "/index" } else { "" };
            let (directory, extension) = (&self.directory, &self.extension);
            SourcePath::new(format!("{directory}{name}{rest}.{extension}"))
        };
        words.into_iter().map(path).collect()
    }
}

/// Takes a path apart: its directory, its pattern, its extension.
fn parts(path: &str, id: PostId) -> Option<(&str, Pattern, &str)> {
    let (stem, extension) = path.rsplit_once('.')?;
    let is_index = stem.ends_with("/index") && stem.matches('/').count() > 1;
    let stem = if is_index {
        stem.strip_suffix("/index")?
    } else {
        stem
    };
    let name = stem.rfind('/').map_or(0, |at| at + 1);
    let (directory, name) = stem.split_at(name);
    let words = without_day(name);
    let digits = words.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = words.split_at(digits);
    let width = if number.starts_with('0') { digits } else { 0 };
    let is_id = number.parse().ok().and_then(PostId::new) == Some(id);
    let words = match rest.strip_prefix('-') {
        _ if !is_id => Words::Slug,
        None if rest.is_empty() => Words::Id(width),
        None => Words::Slug,
        Some(_) => Words::IdSlug(width),
    };
    let pattern = Pattern {
        in_folder: is_index,
        has_day: without_day(name) != name,
        words,
    };
    Some((directory, pattern, extension))
}

/// Returns a name without the day before it.
fn without_day(name: &str) -> &str {
    let form = b"dddd-dd-dd-";
    let has_day = name.len() > form.len()
        && name.bytes().zip(form).all(|(byte, form)| match form {
            b'd' => byte.is_ascii_digit(),
            _ => byte == *form,
        });
    if has_day { &name[form.len()..] } else { name }
}

/// Returns a post's slug, or one made of its title, as a part of a file's name; `None` if nothing
/// of them can be in one.
fn slug(post: &StoredPost) -> Option<String> {
    let of_slug = post.slug.as_deref().map(to_name);
    let of_title = || post.title.as_deref().map(to_name);
    let is_name = |name: &String| !name.is_empty();
    of_slug
        .filter(is_name)
        .or_else(|| of_title().filter(is_name))
}

/// Returns a text's letters and digits in lower case, with a hyphen for all between them.
fn to_name(text: &str) -> String {
    let mut name = String::new();
    for c in text.nfc().flat_map(char::to_lowercase) {
        let is_kept = c.is_alphanumeric() || c == '_';
        let is_gap = !is_kept && !matches!(c, '\'' | '’');
        if name.len() + c.len_utf8() > LONGEST {
            break;
        }
        if is_kept {
            name.push(c);
        } else if is_gap && !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    // Composed again, because lower case may be decomposed.
    name.trim_end_matches('-').nfc().collect()
}

/// Returns the value that was counted most often.
pub(super) fn commonest<T: Ord>(counts: BTreeMap<T, usize>) -> Option<T> {
    let most = counts.values().copied().max()?;
    counts
        .into_iter()
        .find(|(_, count)| *count == most)
        .map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: i64) -> PostId {
        PostId::new(id).unwrap()
    }

    fn naming(files: &[(&str, i64)], directory: Option<&str>) -> Naming {
        let files: Vec<_> = files
            .iter()
            .map(|(path, number)| (SourcePath::new(*path), id(*number)))
            .collect();
        let files = files.iter().map(|(path, id)| (path, *id));
        Naming::infer(files, directory, "content/")
    }

    fn post(number: i64, title: &str, slug: Option<&str>) -> StoredPost {
        let mut post = StoredPost::new(id(number));
        post.title = Some(title.to_owned());
        post.slug = slug.map(str::to_owned);
        post.created_at = Some("2025-11-28T16:00:00Z".parse().unwrap());
        post
    }

    fn paths(naming: &Naming, post: &StoredPost) -> Vec<String> {
        let zone = TimeZone::get("Asia/Seoul").unwrap();
        let paths = naming.paths(post, &zone);
        paths.iter().map(SourcePath::to_string).collect()
    }

    #[test]
    fn without_files_the_id_is_the_name() {
        let naming = naming(&[], None);
        assert_eq!(paths(&naming, &post(7, "T", Some("s"))), ["content/7.md"]);
    }

    #[test]
    fn new_files_are_named_as_most_files_are() {
        let new = post(42, "It’s a Title: C++ & 제목!", Some("a-slug"));
        for (files, expected) in [
            (
                vec![
                    ("content/1.md", 1),
                    ("content/2.md", 2),
                    ("content/about.md", 3),
                ],
                vec!["content/42.md"],
            ),
            (vec![("content/0001.mdx", 1)], vec!["content/0042.mdx"]),
            (vec![("content/01-one.md", 1)], vec!["content/42-a-slug.md"]),
            (
                vec![("content/blog/one.md", 1)],
                vec!["content/blog/a-slug.md", "content/blog/a-slug-42.md"],
            ),
            (
                vec![("content/2024-01-02-one.md", 1)],
                vec![
                    "content/2025-11-29-a-slug.md",
                    "content/2025-11-29-a-slug-42.md",
                ],
            ),
            (
                vec![("content/one/index.md", 1)],
                vec!["content/a-slug/index.md", "content/a-slug-42/index.md"],
            ),
            (vec![("one.md", 1)], vec!["a-slug.md", "a-slug-42.md"]),
            // A number that is not the id.
            (
                vec![("content/1984.md", 1)],
                vec!["content/a-slug.md", "content/a-slug-42.md"],
            ),
        ] {
            assert_eq!(paths(&naming(&files, None), &new), expected);
        }
    }

    #[test]
    fn new_files_go_where_most_files_are_or_where_they_are_told_to() {
        let files = [
            ("content/a/x.md", 1),
            ("content/b/y.md", 2),
            ("content/b/z.md", 3),
        ];
        let new = post(7, "T", Some("new"));
        assert_eq!(paths(&naming(&files, None), &new)[0], "content/b/new.md");
        assert_eq!(
            paths(&naming(&files, Some("content/c/")), &new)[0],
            "content/c/new.md"
        );
    }

    #[test]
    fn a_name_is_made_of_the_title_where_there_is_no_slug() {
        let naming = naming(&[("content/one.md", 1)], None);
        for (title, slug, expected) in [
            ("It’s a Title: C++ & 제목!", None, "its-a-title-c-제목"),
            ("../../etc/passwd", None, "etc-passwd"),
            ("A", Some("../x/.hidden"), "x-hidden"),
            ("A\u{202e}B\0C\n", None, "a-b-c"),
            ("Title", Some("..."), "title"),
            ("🎉", None, "42"),
            ("Cafe\u{301}", None, "caf\u{e9}"),
        ] {
            let path = &paths(&naming, &post(42, title, slug))[0];
            assert_eq!(*path, format!("content/{expected}.md"));
        }
        let long = post(42, &"제목 ".repeat(100), None);
        assert!(paths(&naming, &long)[1].len() < 200);
    }
}
