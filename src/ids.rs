//! Free ids for posts that have none. Pure.

use std::collections::HashMap;

use jiff::Timestamp;

use crate::locale::Locale;
use crate::post::{PostId, SourcePath};

/// A file that states an id, or needs one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered<'a> {
    /// The file.
    pub path: &'a SourcePath,
    /// The locale of its text; `None` in a blog without locales.
    pub locale: Option<Locale>,
    /// The time of writing, where the file gives it.
    pub created_at: Option<Timestamp>,
    /// The id that it states; `None` if it needs one.
    pub id: Option<PostId>,
}

/// No id is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no id is left: the greatest is {}", PostId::MAX)]
pub struct Exhausted;

/// Returns an id for each file that needs one, by the number of the file.
///
/// Ids are those that follow `last`, the greatest id that was ever used, in the order of the times
/// and, at the same time, of the paths; files without a time come last. The texts of one post in
/// several locales, which are known by their paths, get one id.
///
/// # Errors
/// [`Exhausted`].
pub fn assign(
    files: &[Numbered<'_>],
    last: Option<PostId>,
) -> Result<Vec<(usize, PostId)>, Exhausted> {
    let mut of_name: HashMap<String, PostId> = HashMap::new();
    for file in files {
        if let (Some(id), Some(locale)) = (file.id, file.locale) {
            of_name.entry(name(file.path, locale)).or_insert(id);
        }
    }
    let stated = files.iter().filter_map(|file| file.id).max();
    let mut next = last.max(stated).map_or(1, |last| i64::from(last.get()) + 1);
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.retain(|number| files[*number].id.is_none());
    order.sort_by_key(|number| {
        let file = &files[*number];
        (file.created_at.is_none(), file.created_at, file.path)
    });
    let mut assigned = Vec::with_capacity(order.len());
    for number in order {
        let file = &files[number];
        let name = file.locale.map(|locale| name(file.path, locale));
        let known = name.as_ref().and_then(|name| of_name.get(name)).copied();
        let id = match known {
            Some(id) => id,
            None => {
                let id = PostId::new(next).ok_or(Exhausted)?;
                next += 1;
                id
            }
        };
        if let Some(name) = name {
            of_name.insert(name, id);
        }
        assigned.push((number, id));
    }
    Ok(assigned)
}

/// Returns the path of a text without its extension and its locale.
fn name(path: &SourcePath, locale: Locale) -> String {
    let path = path.as_str();
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let suffix = format!(".{}", locale.as_str());
    let stem = stem.strip_suffix(&suffix).unwrap_or(stem);
    let parts = stem.split('/').filter(|part| *part != locale.as_str());
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path, a locale, a time and an id.
    type Sample<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<i64>);

    fn assigned(files: &[Sample<'_>], last: Option<i64>) -> Vec<(String, i32)> {
        let paths: Vec<SourcePath> = files.iter().map(|file| SourcePath::new(file.0)).collect();
        let files: Vec<Numbered<'_>> = files
            .iter()
            .zip(&paths)
            .map(|((_, locale, at, id), path)| Numbered {
                path,
                locale: locale.and_then(Locale::new),
                created_at: at.map(|at| at.parse().unwrap()),
                id: id.and_then(PostId::new),
            })
            .collect();
        let ids = assign(&files, last.and_then(PostId::new)).unwrap();
        ids.into_iter()
            .map(|(number, id)| (files[number].path.to_string(), id.get()))
            .collect()
    }

    #[test]
    fn ids_follow_the_greatest_in_the_order_of_times_and_paths() {
        let (old, new) = (Some("2024-01-01T00:00:00Z"), Some("2025-01-01T00:00:00Z"));
        let files = [
            ("z.md", None, None, None),
            ("b.md", None, new, None),
            ("c.md", None, old, None),
            ("a.md", None, new, None),
            ("d.md", None, old, Some(7)),
        ];
        let expected = |first: i32| {
            let paths = ["c.md", "a.md", "b.md", "z.md"].map(str::to_owned);
            paths.into_iter().zip(first..).collect::<Vec<_>>()
        };
        assert_eq!(assigned(&files, None), expected(8));
        assert_eq!(assigned(&files, Some(41)), expected(42));
        assert_eq!(assigned(&files[..4], None), expected(1));
    }

    #[test]
    fn the_texts_of_a_post_have_one_id() {
        let files = [
            ("content/ko/a.md", Some("ko"), None, None),
            ("content/en/a.md", Some("en"), None, None),
            ("content/en/b.md", Some("en"), None, None),
            ("content/b.md", Some("ko"), None, Some(3)),
            ("content/c.en.md", Some("en"), None, None),
            ("content/c.md", Some("ko"), None, None),
        ];
        let mut found = assigned(&files, None);
        found.sort();
        let expected = [
            ("content/c.en.md", 4),
            ("content/c.md", 4),
            ("content/en/a.md", 5),
            ("content/en/b.md", 3),
            ("content/ko/a.md", 5),
        ];
        assert_eq!(found, expected.map(|(path, id)| (path.to_owned(), id)));
    }

    #[test]
    fn there_is_a_greatest_id() {
        let path = SourcePath::new("a.md");
        let file = Numbered {
            path: &path,
            locale: None,
            created_at: None,
            id: None,
        };
        let last = PostId::new(i32::MAX.into());
        assert_eq!(assign(&[file], last), Err(Exhausted));
    }
}
