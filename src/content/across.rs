//! What only shows over all files together.

use std::collections::{BTreeMap, HashMap};

use super::fields::KEYS;
use super::suggest::nearest;
use super::{UnknownKey, rules};
use crate::diagnostic::{Diagnostic, Severity, Spot};
use crate::post::{PostId, SourcePath};

/// The most of the files with the same id that a message names.
const NAMED: usize = 3;

/// The most unknown keys that are told apart.
const MOST_KEYS: usize = 1_000;

/// The keys of all files that mean nothing, gathered in bounded memory.
#[derive(Debug, Default)]
pub struct UnknownKeys {
    found: BTreeMap<String, (SourcePath, Spot, usize)>,
    /// Those that are not told apart: how many, and the first file with any.
    more: Option<(usize, SourcePath)>,
}

impl UnknownKeys {
    /// Takes the keys of one file; files come in the order of their paths.
    pub fn add(&mut self, path: &SourcePath, keys: Vec<UnknownKey>, more: usize) {
        self.add_more(path, more);
        for UnknownKey { key, spot } in keys {
            if let Some((_, _, files)) = self.found.get_mut(&key) {
                *files += 1;
            } else if self.found.len() < MOST_KEYS {
                self.found.insert(key, (path.clone(), spot, 1));
            } else {
                self.add_more(path, 1);
            }
        }
    }

    fn add_more(&mut self, path: &SourcePath, more: usize) {
        if more > 0 {
            self.more.get_or_insert_with(|| (0, path.clone())).0 += more;
        }
    }

    /// Makes one hint for each key, at its first place, with the number of files that have it
    /// and the known key that may be meant. Hints come by key.
    pub fn into_hints(self) -> Vec<Diagnostic> {
        let mut hints: Vec<_> = self.found.into_iter().map(unknown_key_hint).collect();
        if let Some((more, path)) = self.more {
            hints.push(Diagnostic {
                rule: rules::UNKNOWN_KEY.name,
                severity: rules::UNKNOWN_KEY.severity,
                message: format!("and {more} more keys in this file and others are not published"),
                help: Some(keys_help()),
                path,
                spot: None,
            });
        }
        hints
    }
}

fn unknown_key_hint((key, (path, spot, files)): (String, (SourcePath, Spot, usize))) -> Diagnostic {
    let others = match files - 1 {
        0 => String::new(),
        1 => " (and in 1 other file)".to_owned(),
        others => format!(" (and in {others} other files)"),
    };
    let help = match nearest(&key, KEYS) {
        Some(known) => format!("did you mean `{known}`?"),
        None => keys_help(),
    };
    Diagnostic {
        rule: rules::UNKNOWN_KEY.name,
        severity: rules::UNKNOWN_KEY.severity,
        message: format!("the key {key:?} is not published{others}"),
        help: Some(help),
        path,
        spot: Some(spot),
    }
}

fn keys_help() -> String {
    format!("the keys that blogctl reads are {}", KEYS.join(", "))
}

/// Makes one error for each file whose id a file before it has, naming the others. Files are
/// before each other in the order of their paths.
pub fn duplicate_ids<'a>(
    posts: impl IntoIterator<Item = (PostId, &'a SourcePath, Option<&'a Spot>)>,
) -> Vec<Diagnostic> {
    type Place<'a> = (&'a SourcePath, Option<&'a Spot>);
    let mut by_id: HashMap<PostId, Vec<Place<'a>>> = HashMap::new();
    for (id, path, spot) in posts {
        by_id.entry(id).or_default().push((path, spot));
    }
    let mut diagnostics = Vec::new();
    for (id, mut places) in by_id {
        places.sort_by_key(|(path, _)| *path);
        for (number, (path, spot)) in places.iter().enumerate().skip(1) {
            diagnostics.push(Diagnostic {
                rule: rules::DUPLICATE_ID.name,
                severity: rules::DUPLICATE_ID.severity,
                message: format!("id {id} is also that of {}", others(&places, number)),
                help: Some("give one of them an id that no other file has".to_owned()),
                path: (*path).clone(),
                spot: spot.cloned(),
            });
        }
    }
    diagnostics.sort_by(|a, b| a.path.cmp(&b.path));
    diagnostics
}

/// Says that errors and warnings were found that are not listed; `path` is the first file with
/// any.
pub fn more_findings(path: SourcePath, errors: usize, warnings: usize) -> Diagnostic {
    let severity = match (errors, warnings) {
        (0, 0) => Severity::Hint,
        (0, _) => Severity::Warning,
        _ => Severity::Error,
    };
    Diagnostic {
        rule: rules::MORE_FINDINGS.name,
        severity,
        message: format!(
            "and {errors} more errors and {warnings} more warnings, the first of them in this file"
        ),
        help: Some("fix those that are listed; the others are listed next time".to_owned()),
        path,
        spot: None,
    }
}

/// Names the places other than `number`, with the line where it is known.
fn others(places: &[(&SourcePath, Option<&Spot>)], number: usize) -> String {
    let named: Vec<_> = places
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != number)
        .take(NAMED)
        .map(|(_, (path, spot))| match spot {
            Some(spot) => format!("{path}:{}", spot.line),
            None => path.to_string(),
        })
        .collect();
    let rest = places.len() - 1 - named.len();
    let more = match rest {
        0 => String::new(),
        1 => " and 1 other file".to_owned(),
        _ => format!(" and {rest} other files"),
    };
    named.join(", ") + &more
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::spot::spot;

    fn path(path: &str) -> SourcePath {
        SourcePath::new(path)
    }

    #[test]
    fn gives_one_hint_for_each_key_however_many_files_have_it() {
        let key = |key: &str| UnknownKey {
            key: key.into(),
            spot: spot(key, 0..key.len()),
        };
        let (a, b, c) = (path("a.md"), path("b.md"), path("c.md"));
        let (titel, slug) = (key("titel"), key("slug"));
        let mut keys = UnknownKeys::default();
        keys.add(&a, vec![titel.clone()], 0);
        keys.add(&b, vec![titel.clone(), slug], 0);
        keys.add(&c, vec![titel], 0);
        let hints = keys.into_hints();
        let shown: Vec<_> = hints
            .iter()
            .map(|hint| (hint.path.as_str(), hint.message.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                ("b.md", "the key \"slug\" is not published"),
                (
                    "a.md",
                    "the key \"titel\" is not published (and in 2 other files)"
                ),
            ]
        );
        assert!(
            hints[0]
                .help
                .as_ref()
                .unwrap()
                .contains("id, title, description")
        );
        assert_eq!(hints[1].help.as_deref(), Some("did you mean `title`?"));
        assert!(hints.iter().all(|hint| hint.spot.is_some()));
    }

    #[test]
    fn tells_so_many_keys_apart_and_counts_the_others() {
        let key = |number: usize| UnknownKey {
            key: format!("k{number:05}"),
            spot: spot("", 0..0),
        };
        let mut keys = UnknownKeys::default();
        for file in 0..100 {
            let first = file * 20;
            let of_file = (first..first + 20).map(key).collect();
            keys.add(&path(&format!("{file:03}.md")), of_file, 5);
        }
        let hints = keys.into_hints();
        assert_eq!(hints.len(), MOST_KEYS + 1);
        let last = hints.last().unwrap();
        assert!(last.message.starts_with("and 1500 more keys"), "{last:?}");
        assert_eq!(last.path, path("000.md"));
    }

    #[test]
    fn names_the_other_files_of_an_id_that_stands_more_than_once() {
        let id = |id| PostId::new(id).unwrap();
        let paths: Vec<_> = ["e", "d", "c", "b", "a"].map(path).into();
        let place = spot("---\nid: 7\n", 8..9);
        let posts = paths.iter().map(|path| (id(7), path, Some(&place)));
        let single = path("z");
        let found = duplicate_ids(posts.chain([(id(8), &single, None)]));
        let shown: Vec<_> = found
            .iter()
            .map(|found| (found.path.as_str(), found.message.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                ("b", "id 7 is also that of a:2, c:2, d:2 and 1 other file"),
                ("c", "id 7 is also that of a:2, b:2, d:2 and 1 other file"),
                ("d", "id 7 is also that of a:2, b:2, c:2 and 1 other file"),
                ("e", "id 7 is also that of a:2, b:2, c:2 and 1 other file"),
            ]
        );
        assert_eq!(
            found[0].spot.as_ref().map(|spot| (spot.line, spot.column)),
            Some((2, 5))
        );
    }

    #[test]
    fn finds_nothing_where_every_id_is_unique() {
        let (a, b) = (path("a"), path("b"));
        let id = |id| PostId::new(id).unwrap();
        assert_eq!(duplicate_ids([(id(1), &a, None), (id(2), &b, None)]), []);
    }
}
