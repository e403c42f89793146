//! Findings that only show over all files together: ids and slugs that several have.

use std::collections::HashMap;
use std::hash::Hash;

use crate::finding::{Finding, Level, Location, Rule, rules};
use crate::locale::{Locale, languages};
use crate::post::{SourcePath, TextId};

/// The most of the files with the same id or slug that a message names.
const NAMED: usize = 3;

/// Makes one error for each file whose id, in its locale, a file before it has, naming the others. Files are
/// before each other in the order of their paths.
pub fn duplicate_ids<'a>(
    posts: impl IntoIterator<Item = (TextId, &'a SourcePath, Option<&'a Location>)>,
) -> Vec<Finding> {
    let message = |id: &TextId, others: &str| format!("id {id} is also that of {others}");
    let help = |id: &TextId, paths: &[&SourcePath]| {
        let help = "give one of them an id that no other file has";
        let named = languages(paths.iter().map(|path| path.as_str()));
        match id.locale {
            None if named.len() > 1 => format!(
                "{help}; or, if they are one post in several languages, name these in the section \
                 [locales] of blogctl.toml"
            ),
            _ => help.to_owned(),
        }
    };
    duplicates(posts, rules::DUPLICATE_ID, help, message)
}

/// Makes one warning for each file whose slug a file before it has, as [`duplicate_ids`] does.
pub(super) fn duplicate_slugs<'a>(
    posts: impl IntoIterator<
        Item = (
            (Option<Locale>, &'a str),
            &'a SourcePath,
            Option<&'a Location>,
        ),
    >,
) -> Vec<Finding> {
    let message =
        |(_, slug): &(_, &str), others: &str| format!("slug {slug:?} is also that of {others}");
    let help = |_: &_, _: &[&SourcePath]| {
        "give one of them another slug: both would have the same address".to_owned()
    };
    duplicates(posts, rules::DUPLICATE_SLUG, help, message)
}

/// A file, and the location of the value in it.
type FileLocation<'a> = (&'a SourcePath, Option<&'a Location>);

/// Makes one finding for each file whose value a file before it has.
fn duplicates<'a, T: Eq + Hash>(
    posts: impl IntoIterator<Item = (T, &'a SourcePath, Option<&'a Location>)>,
    rule: &'static Rule,
    help: impl Fn(&T, &[&SourcePath]) -> String,
    message: impl Fn(&T, &str) -> String,
) -> Vec<Finding> {
    let mut by_value: HashMap<T, Vec<FileLocation<'a>>> = HashMap::new();
    for (value, path, location) in posts {
        by_value.entry(value).or_default().push((path, location));
    }
    let mut found = Vec::new();
    for (value, mut places) in by_value {
        places.sort_by_key(|(path, _)| *path);
        let paths: Vec<&SourcePath> = places.iter().map(|(path, _)| *path).collect();
        for (number, (path, location)) in places.iter().enumerate().skip(1) {
            found.push(Finding {
                rule,
                level: rule.level,
                message: message(&value, &others(&places, number)),
                help: Some(help(&value, &paths)),
                path: (*path).clone(),
                location: location.cloned(),
                fix: None,
            });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Says that errors and warnings were found that are not listed; `path` is the first file with
/// any.
pub(super) fn more_findings(path: SourcePath, errors: usize, warnings: usize) -> Finding {
    let level = match (errors, warnings) {
        (0, 0) => Level::Hint,
        (0, _) => Level::Warning,
        _ => Level::Error,
    };
    Finding {
        rule: rules::MORE_FINDINGS,
        level,
        message: format!(
            "and {errors} more errors and {warnings} more warnings, the first of them in this file"
        ),
        help: Some("fix those that are listed; the others are listed next time".to_owned()),
        path,
        location: None,
        fix: None,
    }
}

/// Names the places other than `number`, with the line where it is known.
fn others(places: &[(&SourcePath, Option<&Location>)], number: usize) -> String {
    let named: Vec<_> = places
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != number)
        .take(NAMED)
        .map(|(_, (path, location))| match location {
            Some(location) => format!("{path}:{}", location.start.line),
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
    use crate::content::locator::locate;
    use crate::post::PostId;

    fn path(path: &str) -> SourcePath {
        SourcePath::new(path)
    }

    #[test]
    fn names_the_other_files_of_an_id_that_stands_more_than_once() {
        let id = |id| TextId::from(PostId::new(id).unwrap());
        let paths: Vec<_> = ["e", "d", "c", "b", "a"].map(path).into();
        let location = locate("---\nid: 7\n", 8..9);
        let posts = paths.iter().map(|path| (id(7), path, Some(&location)));
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
            found[0]
                .location
                .as_ref()
                .map(|location| (location.start.line, location.start.column)),
            Some((2, 5))
        );
    }

    #[test]
    fn finds_nothing_where_every_id_is_unique() {
        let (a, b) = (path("a"), path("b"));
        let id = |id| TextId::from(PostId::new(id).unwrap());
        assert_eq!(duplicate_ids([(id(1), &a, None), (id(2), &b, None)]), []);
    }

    #[test]
    fn names_the_other_files_of_a_slug() {
        let (a, b) = (path("a.md"), path("b.md"));
        let location = locate("---\nslug: x\n", 10..11);
        let found = duplicate_slugs([
            ((None, "x"), &b, Some(&location)),
            ((None, "x"), &a, Some(&location)),
            ((None, "X"), &a, None),
        ]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].rule.name, "duplicate-slug");
        assert_eq!(found[0].level, Level::Warning);
        assert_eq!(found[0].message, "slug \"x\" is also that of a.md:2");
        assert_eq!(found[0].path, b);
        assert!(found[0].location.is_some());
    }
}
