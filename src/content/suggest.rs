//! Suggestions for misspelled names.

use super::steps;

/// The names that other site generators use.
const OTHER_NAMES: [(&str, &str); 19] = [
    ("abstract", "description"),
    ("author_date", "created_at"),
    ("categories", "category"),
    ("cover", "image"),
    ("date", "created_at"),
    ("excerpt", "description"),
    ("images", "image"),
    ("keywords", "tags"),
    ("lastmod", "updated_at"),
    ("last_modified_at", "updated_at"),
    ("modified", "updated_at"),
    ("published", "created_at"),
    ("pub_date", "created_at"),
    ("publish_date", "created_at"),
    ("published_at", "created_at"),
    ("summary", "description"),
    ("tag", "tags"),
    ("thumbnail", "image"),
    ("unpublished", "draft"),
];

/// Returns the known name nearest to `name`, if one is near: a different spelling, a typo in
/// about a third of the letters, or another program's name for the same thing.
pub fn nearest<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    other_name(name, known.clone()).or_else(|| within(name, known, |length| length.div_ceil(3)))
}

/// Returns the known name that `name` is almost for sure meant for: a different spelling, a slip
/// of about a quarter of the letters, or another program's name for one that is not there.
pub(super) fn meant<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
    is_there: impl Fn(&str) -> bool,
) -> Option<&'a str> {
    if let Some(known) = other_name(name, known.clone()) {
        return (!is_there(known)).then_some(known);
    }
    within(name, known, |length| match length {
        // Too many names are one letter away from one of two.
        0..=2 => 0,
        length => (length / 4).max(1),
    })
}

/// Returns the known name that other programs call `name`.
fn other_name<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (_, meant) = OTHER_NAMES.iter().find(|(other, _)| same(other, name))?;
    known.into_iter().find(|known| known == meant)
}

/// Returns the nearest of the known names that are no further than `most` gives for their length.
fn within<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
    most: impl Fn(usize) -> usize,
) -> Option<&'a str> {
    let plain = fold(name);
    let length = plain.chars().count();
    steps::count(length);
    known
        .into_iter()
        .filter_map(|candidate| {
            let most = most(candidate.chars().count());
            let folded = fold(candidate);
            // The distance is at least the difference in length, which is far quicker to tell.
            if length.abs_diff(folded.chars().count()) > most {
                return None;
            }
            steps::count(length);
            let distance = strsim::damerau_levenshtein(&plain, &folded);
            // A name with nothing in common is no suggestion, however short both are.
            (distance <= most && distance < candidate.chars().count())
                .then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns whether two names differ only in spelling: `createdAt` and `created_at`.
pub(super) fn same(name: &str, other: &str) -> bool {
    folded(name).eq(folded(other))
}

/// Normalises `createdAt`, `Created-At` and `created_at` to the same text, and cuts long ones,
/// since the comparison takes quadratic time.
fn fold(name: &str) -> String {
    folded(name).collect()
}

fn folded(name: &str) -> impl Iterator<Item = char> {
    name.chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .take(100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::fields::KEYS;

    #[test]
    fn finds_slips_other_spellings_and_other_names() {
        for (name, meant) in [
            ("titel", "title"),
            ("Title", "title"),
            ("createdAt", "created_at"),
            ("created", "created_at"),
            ("tag", "tags"),
            ("categories", "category"),
            ("ID", "id"),
            ("wordcount", "word_count"),
            ("date", "created_at"),
            ("lastmod", "updated_at"),
            ("summary", "description"),
            ("tag", "tags"),
        ] {
            assert_eq!(nearest(name, KEYS), Some(meant), "{name}");
        }
    }

    #[test]
    fn suggests_nothing_for_a_name_of_its_own() {
        for name in ["layout", "toc", "x", "", "제목", "series"] {
            assert_eq!(nearest(name, KEYS), None, "{name}");
        }
        assert_eq!(nearest(&"x".repeat(60_000), KEYS), None);
    }

    #[test]
    fn looks_among_the_names_it_is_given() {
        let categories = ["데이터베이스", "Rust", "웹"];
        assert_eq!(nearest("데이타베이스", categories), Some("데이터베이스"));
        assert_eq!(nearest("rust", categories), Some("Rust"));
        assert_eq!(nearest("date", categories), None);
        assert_eq!(nearest("앱", categories), None);
    }
}
