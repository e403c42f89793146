//! Search terms follow the posts.

use blogctl::search::{AnyOf, TERMS_VERSION};
use blogctl::store::{StoreError, TermsWrite};

use super::searching::{
    ask, candidate_ids, exact, found, found_with, prefix, requirement_of, requires, titled,
};
use super::*;

/// Writes the terms of posts whose rows stay.
pub fn reindex(store: &mut dyn Store, writes: &[(i64, Vec<String>)]) -> Result<()> {
    let generation = store.index()?.generation;
    let mut transaction = store.begin(Begin {
        generation,
        lock_timeout: LOCK_TIMEOUT,
        now: now(),
    })?;
    for (value, terms) in writes {
        transaction.write_terms(TermsWrite {
            id: id(*value).into(),
            is_main: true,
            extra_terms: Vec::new(),
            terms: terms.clone(),
        })?;
    }
    transaction.finish(&Finish {
        categories: Vec::new(),
        prune_tags: false,
        run: None,
    })?;
    transaction.commit()
}

pub fn owned(terms: &[&str]) -> Vec<String> {
    let mut terms: Vec<_> = terms.iter().map(|&term| term.to_owned()).collect();
    terms.sort();
    terms
}

pub fn terms_follow_updates_and_removals(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([
        titled(1, "before"),
        titled(2, "before"),
        titled(3, "before"),
    ])
    .apply(&mut *store);
    Change {
        removals: vec![3],
        ..Change::write([titled(2, "after")])
    }
    .apply(&mut *store);
    assert_eq!(found(&mut *store, "before"), [1]);
    assert_eq!(found(&mut *store, "after"), [2]);
    assert_eq!(found(&mut *store, "body"), [2, 1]);
    // The id is free again, without the old terms.
    Change::write([titled(3, "again")]).apply(&mut *store);
    assert_eq!(found(&mut *store, "before"), [1]);
    assert_eq!(found(&mut *store, "again"), [3]);
    // A file that only moved keeps its terms.
    Change {
        relocations: vec![(3, "content/elsewhere.md")],
        ..Change::new()
    }
    .apply(&mut *store);
    assert_eq!(found(&mut *store, "again"), [3]);
}

pub fn terms_are_written_with_the_commit_or_not_at_all(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([titled(1, "before")]).apply(&mut *store);
    let index = store.index().unwrap();
    let change = Change::write([titled(1, "after"), titled(2, "after")]);
    drop(change.enter(&mut *store, &index, LOCK_TIMEOUT).unwrap());
    assert_eq!(found(&mut *store, "before"), [1]);
    assert_eq!(found(&mut *store, "after"), [] as [i32; 0]);
}

pub fn terms_that_stay_behind_are_seen_and_made_anew(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([titled(1, "kept"), titled(2, "kept")]).apply(&mut *store);
    let versions = |store: &mut dyn Store| {
        let mut entries = store.index().unwrap().entries;
        entries.sort_by_key(|entry| entry.id);
        let versions = entries.iter().map(|entry| entry.terms_version);
        versions.collect::<Vec<_>>()
    };
    assert_eq!(versions(&mut *store), [TERMS_VERSION; 2]);
    place.set_terms_version(TERMS_VERSION - 1);
    assert_eq!(versions(&mut *store), [TERMS_VERSION - 1; 2]);
    reindex(&mut *store, &[(1, owned(&["fresh"]))]).unwrap();
    assert_eq!(versions(&mut *store), [TERMS_VERSION, TERMS_VERSION - 1]);
    assert_eq!(found(&mut *store, "fresh"), [1]);
    assert_eq!(found(&mut *store, "kept"), [2]);
    // The row itself was left alone.
    assert!(matches!(row_state(&mut *store, 1), RowState::Intact(_)));
    assert_eq!(
        everything(&mut *store)[1],
        stored(&titled(1, "kept"), now())
    );
    Change::write([titled(2, "kept")]).apply(&mut *store);
    assert_eq!(versions(&mut *store), [TERMS_VERSION; 2]);
}

pub fn terms_of_a_post_that_is_not_there_are_stale(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([post(1)]).apply(&mut *store);
    let outcome = reindex(&mut *store, &[(2, owned(&["ghost"]))]);
    assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
    assert_eq!(found(&mut *store, "ghost"), [] as [i32; 0]);
}

pub fn rows_of_others_are_not_found(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write([titled(1, "needle")]).apply(&mut *store);
    place.sql("INSERT INTO post (id, title, content) VALUES (2, 'needle', 'needle')");
    assert_eq!(found(&mut *store, "needle"), [1]);
    // Until blogctl takes them over.
    Change::write([titled(2, "needle")]).apply(&mut *store);
    assert_eq!(found(&mut *store, "needle"), [2, 1]);
}

pub fn a_row_deleted_by_others_is_not_found_and_takes_no_place(place: &dyn TestStore) {
    let mut store = place.store();
    Change::write((1..=5).map(|value| titled(value, "needle"))).apply(&mut *store);
    place.sql("DELETE FROM post_tag WHERE post_id > 2; DELETE FROM post WHERE id > 2");
    assert_eq!(found(&mut *store, "needle"), [2, 1]);
    let requirement = requirement_of("needle");
    let page = ask(&mut *store, &requirement, &Filter::default(), None, 1);
    assert_eq!(candidate_ids(&page), [2]);
    // A sync that finds them missing forgets their terms.
    Change::remove([3, 4, 5]).apply(&mut *store);
    Change::write([titled(4, "other")]).apply(&mut *store);
    assert_eq!(found(&mut *store, "needle"), [2, 1]);
}

// But for a colon at its start, which no term has: a store may mark terms of its own by it.
pub fn any_text_is_a_term(place: &dyn TestStore) {
    let mut store = place.store();
    let long = |piece: &str| piece.repeat(255 / piece.len());
    let odd: Vec<String> = [
        "it's",
        "\"",
        "\"\"",
        "'",
        "\\",
        "\\'",
        "a\\b",
        "c:Rust 언어",
        "c:rust 언어",
        "t:a b",
        "t:a",
        "t: a",
        "t:a\tb\nc",
        "t:\u{1b}[31m\u{7f}\u{1}",
        "a:*",
        "a*",
        "(a|b)",
        "a & !b",
        "a AND b",
        "NEAR(a b)",
        "-a",
        "^a",
        "{x}:y",
        "=stem",
        "_",
        "__init__",
        "c++",
        ".net",
        "ı",
        "ß",
        "Σ",
        "σ",
        "é",
        "e\u{301}",
        "\u{80}",
        "\u{a0}",
        "\u{3000}",
        "\u{200b}",
        "\u{feff}",
        "\u{e000}",
        "\u{e041}",
        "\u{e061}",
        "\u{e0ff}",
        "\u{e0ff}\u{e041}",
        "\u{f8ff}",
        "\u{fffd}",
        "\u{10ffff}",
        "👍",
        "👍🏽",
        "👩‍👩‍👧‍👦",
        "가",
        "각",
        "\u{1100}\u{1161}",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain(["x", "X", "가", "👍", "\\", "'", ": "].map(long))
    .collect();
    assert!(odd.iter().any(|term| term.len() == 255));
    let count = odd.len() as i64;
    Change::write((1..=count).map(post)).apply(&mut *store);
    let terms: Vec<_> = (1..)
        .zip(odd.iter().map(|term| vec![term.clone()]))
        .collect();
    reindex(&mut *store, &terms).unwrap();
    for (value, term) in (1..).zip(&odd) {
        let requirement = requires(&[vec![exact(term)]], &[]);
        let found = found_with(&mut *store, &requirement, &Filter::default());
        assert_eq!(found, [value], "{term:?}");
        let start: String = term
            .chars()
            .take(term.chars().count().div_ceil(2))
            .collect();
        let requirement = requires(&[vec![prefix(&start)]], &[]);
        let found = found_with(&mut *store, &requirement, &Filter::default());
        let others = (1..)
            .zip(&odd)
            .filter(|(_, other)| other.starts_with(&start));
        let expected: Vec<i32> = others.map(|(value, _)| value).collect();
        assert!(
            found.iter().rev().eq(&expected),
            "{start:?}: {found:?} {expected:?}"
        );
    }
    // All of them as one post's, and some with a term that it has not.
    reindex(
        &mut *store,
        &[(
            1,
            owned(&odd.iter().map(String::as_str).collect::<Vec<_>>()),
        )],
    )
    .unwrap();
    let all: Vec<AnyOf> = odd.iter().map(|term| vec![exact(term)]).collect();
    assert_eq!(
        found_with(&mut *store, &requires(&all, &[]), &Filter::default()),
        [1]
    );
    for term in &odd {
        let missing = requires(&[vec![exact("it's")]], &[vec![exact(term)]]);
        assert_eq!(
            found_with(&mut *store, &missing, &Filter::default()),
            [] as [i32; 0]
        );
    }
}

pub fn a_post_of_many_terms_is_found_by_each(place: &dyn TestStore) {
    let mut store = place.store();
    let words: String = (0..40_000).map(|n| format!("w{n} ")).collect();
    let change = Change {
        writes: vec![(post(1), words)],
        ..Change::new()
    };
    change.apply(&mut *store);
    for query in ["w0", "w9999", "w2", "post"] {
        assert_eq!(found(&mut *store, query), [1], "{query}");
    }
    Change::write([post(1)]).apply(&mut *store);
    assert_eq!(found(&mut *store, "w9999"), [] as [i32; 0]);
}
