//! The ranking of posts.

use std::ops::ControlFlow;

use super::query::{Pattern, Query};
use super::verify::{Field, SearchableText};

/// Returns the rank of a post for a query: higher is better, 0 if nothing occurs.
///
/// For each word and phrase, one in the title counts more than all others together, one in
/// the tags more than in description and body, and one in the description more than many in
/// the body. Comparable for one query only.
pub fn score(query: &Query, prepared: &SearchableText) -> u32 {
    const ENOUGH: usize = 10;
    let count = |pattern: &Pattern, field: &Field, most: usize| {
        let mut count = 0;
        let _ = pattern.find(&field.folded, |_| {
            count += 1;
            if count == most {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        count
    };
    let of_pattern = |pattern| {
        let has = |field, weight| weight * count(pattern, field, 1) as u32;
        let in_body = match count(pattern, &prepared.body, ENOUGH) {
            0 => 0,
            1..=2 => 1,
            3..ENOUGH => 2,
            _ => 3,
        };
        has(&prepared.title, 64) + has(&prepared.tags, 16) + has(&prepared.description, 4) + in_body
    };
    query.required().map(of_pattern).sum()
}

#[cfg(test)]
mod tests {
    use super::super::Document;
    use super::*;

    #[test]
    fn the_title_outranks_all_else() {
        let query = Query::parse("rust -x").unwrap();
        let of = |title: &'static str, tag: &str, description, markdown: &str| {
            let tags = [tag.to_owned()];
            let document = Document {
                title,
                description: Some(description),
                tags: &tags,
                markdown,
            };
            score(&query, &SearchableText::new(&document))
        };
        let often = "rust ".repeat(50);
        let ranks = [
            of("Rust", "", "", ""),
            of("", "rust", "rust", &often),
            of("", "rust", "", ""),
            of("", "", "rust", &often),
            of("", "", "rust", ""),
            of("", "", "", &often),
            of("", "", "", "rust"),
            of("", "", "", ""),
        ];
        assert!(ranks.is_sorted_by(|a, b| a > b), "{ranks:?}");
        assert_eq!(ranks[7], 0);
    }
}
