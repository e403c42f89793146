use std::collections::HashMap;

use super::*;
use crate::index::Generation;
use crate::index::{Entry, ForeignRow, Index, RowState};
use crate::left_out::Reason;
use crate::model::FileEntry;
use crate::post::FieldSet;
use crate::search::TERMS_VERSION;

const PLAIN: Options = Options {
    prune: false,
    force: false,
    max_prune: 50,
};
const PRUNE: Options = Options {
    prune: true,
    ..PLAIN
};
const FORCE: Options = Options {
    force: true,
    ..PLAIN
};
const V: RowVersion = RowVersion(7);

fn digest(n: u8) -> Digest {
    Digest::from_bytes(&[n; Digest::LEN]).unwrap()
}

fn id(n: i64) -> PostId {
    PostId::new(n).unwrap()
}

fn file(n: i64, path: &str, file_digest: u8, post_digest: u8) -> FileEntry {
    FileEntry {
        id: id(n),
        locale: None,
        is_main: true,
        path: SourcePath::new(path),
        file_digest: digest(file_digest),
        post_digest: digest(post_digest),
        category: Some("NEW".into()),
        draft: false,
    }
}

fn entry(n: i64, path: &str, file_digest: u8, post_digest: u8, row: RowState) -> Entry {
    Entry {
        id: id(n),
        locale: None,
        is_main: true,
        text_digest: None,
        made_from: None,
        path: SourcePath::new(path),
        file_digest: digest(file_digest),
        post_digest: digest(post_digest),
        stated: FieldSet::default(),
        has_others: false,
        category: Some("OLD".into()),
        terms_version: TERMS_VERSION,
        row,
    }
}

fn index(entries: Vec<Entry>) -> Index {
    Index {
        generation: Some(Generation(1)),
        entries,
        posts: vec![],
        foreign: vec![],
        catalog: None,
        has_new_locale: false,
    }
}

fn content(path: &SourcePath) -> bool {
    path.as_str().starts_with("content/")
}

fn plan(files: &[FileEntry], entries: Vec<Entry>, options: Options) -> Plan {
    make(files, &index(entries), &HashMap::new(), content, options)
}

/// A plan's changes as `action id path`, for tables of cases.
fn shown(plan: &Plan) -> Vec<String> {
    let line = |c: &Change| format!("{} {} {}", c.action.as_str(), c.id, c.path);
    plan.changes.iter().map(line).collect()
}

/// One post under each state that it can have, and what becomes of it.
#[test]
fn each_state_of_a_post_has_one_outcome() {
    use ConflictKind::{Deleted, Edited};
    let intact = RowState::Intact(V);
    let edited = RowState::Edited(V);
    let a = "content/a.md";
    let b = "content/b.md";
    // The file (path, file digest, post digest), the row, the options, the change, the conflict.
    type Case = (
        (&'static str, u8, u8),
        RowState,
        Options,
        Option<&'static str>,
        Option<ConflictKind>,
    );
    let cases: &[Case] = &[
        ((a, 1, 1), intact, PLAIN, None, None),
        ((a, 2, 1), intact, PLAIN, None, None),
        ((b, 1, 1), intact, PLAIN, Some("move 1 content/b.md"), None),
        ((b, 2, 1), intact, PLAIN, Some("move 1 content/b.md"), None),
        (
            (a, 2, 2),
            intact,
            PLAIN,
            Some("update 1 content/a.md"),
            None,
        ),
        (
            (b, 2, 2),
            intact,
            PLAIN,
            Some("update 1 content/b.md"),
            None,
        ),
        ((a, 1, 1), edited, PLAIN, None, Some(Edited)),
        ((a, 2, 2), edited, PLAIN, None, Some(Edited)),
        (
            (a, 1, 1),
            edited,
            FORCE,
            Some("update 1 content/a.md"),
            None,
        ),
        ((a, 1, 1), RowState::Missing, PLAIN, None, Some(Deleted)),
        (
            (a, 1, 1),
            RowState::Missing,
            FORCE,
            Some("create 1 content/a.md"),
            None,
        ),
    ];
    for (n, ((path, bytes, post), row, options, change, conflict)) in cases.iter().enumerate() {
        let plan = plan(
            &[file(1, path, *bytes, *post)],
            vec![entry(1, a, 1, 1, *row)],
            *options,
        );
        let expected: Vec<String> = change.iter().map(ToString::to_string).collect();
        assert_eq!(shown(&plan), expected, "case {n}");
        let kinds: Vec<_> = plan.conflicts.iter().map(|c| c.kind).collect();
        assert_eq!(kinds, Vec::from_iter(*conflict), "case {n}");
    }
}

#[test]
fn a_file_with_a_new_id_is_created() {
    let plan = plan(&[file(1, "content/a.md", 1, 1)], vec![], PLAIN);
    assert_eq!(shown(&plan), ["create 1 content/a.md"]);
    assert_eq!(plan.writes[0].replaces, Replaces::Nothing);
}

#[test]
fn a_file_written_differently_with_the_same_post_only_refreshes_its_digest() {
    let plan = plan(
        &[file(1, "content/a.md", 2, 1)],
        vec![entry(1, "content/a.md", 1, 1, RowState::Intact(V))],
        PLAIN,
    );
    assert_eq!(plan.unchanged, 1);
    assert!(plan.is_empty() && !plan.writes_nothing());
    assert_eq!(plan.relocations[0].file_digest, digest(2));
}

#[test]
fn an_update_names_the_version_it_replaces_and_both_categories() {
    let plan = plan(
        &[file(1, "content/b.md", 2, 2)],
        vec![entry(1, "content/a.md", 1, 1, RowState::Intact(V))],
        PLAIN,
    );
    assert_eq!(plan.writes[0].replaces, Replaces::Row(V));
    assert_eq!(plan.changes[0].from, Some(SourcePath::new("content/a.md")));
    assert_eq!(Vec::from_iter(&plan.categories), ["NEW", "OLD"]);
}

#[test]
fn a_row_that_was_never_ours_is_a_conflict_and_is_taken_over_by_force() {
    let index = Index {
        generation: Some(Generation(1)),
        entries: vec![],
        posts: vec![],
        foreign: vec![ForeignRow {
            id: id(1),
            locale: None,
            category: Some("THEIRS".into()),
            version: V,
        }],
        catalog: None,
        has_new_locale: false,
    };
    let files = [file(1, "content/a.md", 1, 1)];
    let refused = make(&files, &index, &HashMap::new(), content, PLAIN);
    assert_eq!(refused.conflicts[0].kind, ConflictKind::Foreign);
    assert!(refused.writes_nothing());
    let forced = make(&files, &index, &HashMap::new(), content, FORCE);
    assert_eq!(forced.writes[0].replaces, Replaces::Row(V));
    assert!(forced.categories.contains("THEIRS"));
}

#[test]
fn foreign_rows_without_a_file_are_never_removed() {
    let index = Index {
        generation: Some(Generation(1)),
        entries: vec![],
        posts: vec![],
        foreign: vec![ForeignRow {
            id: id(9),
            locale: None,
            category: None,
            version: V,
        }],
        catalog: None,
        has_new_locale: false,
    };
    let options = Options {
        force: true,
        ..PRUNE
    };
    assert!(make(&[], &index, &HashMap::new(), content, options).writes_nothing());
}

#[test]
fn a_post_whose_file_is_gone_is_removed_only_when_pruning() {
    let files = [file(2, "content/b.md", 2, 2)];
    let entries = vec![
        entry(1, "content/a.md", 1, 1, RowState::Intact(V)),
        entry(2, "content/b.md", 2, 2, RowState::Intact(V)),
    ];
    let kept = plan(&files, entries.clone(), PLAIN);
    assert_eq!(kept.unpruned.len(), 1);
    assert!(kept.writes_nothing());
    let pruned = plan(&files, entries, PRUNE);
    assert_eq!(shown(&pruned), ["remove 1 content/a.md"]);
    assert_eq!(pruned.removals[0].version, Some(V));
    assert_eq!(refusal(&pruned, PRUNE), None);
}

#[test]
fn a_prune_never_crosses_the_given_directory() {
    let entries = vec![entry(1, "elsewhere/a.md", 1, 1, RowState::Intact(V))];
    let plan = plan(&[file(2, "content/b.md", 2, 2)], entries, PRUNE);
    assert!(plan.removals.is_empty());
    assert_eq!(plan.in_scope, 0);
}

#[test]
fn a_post_that_became_a_draft_counts_as_removed() {
    let mut draft = file(1, "content/a.md", 2, 2);
    draft.draft = true;
    let entries = vec![
        entry(1, "content/a.md", 1, 1, RowState::Intact(V)),
        entry(2, "content/b.md", 2, 2, RowState::Intact(V)),
    ];
    let plan = plan(&[draft, file(2, "content/b.md", 2, 2)], entries, PRUNE);
    assert_eq!(shown(&plan), ["remove 1 content/a.md"]);
    assert_eq!(plan.drafts, 1);
}

#[test]
fn a_draft_that_never_was_published_is_nothing() {
    let mut draft = file(1, "content/a.md", 1, 1);
    draft.draft = true;
    let plan = plan(&[draft], vec![], PRUNE);
    assert!(plan.is_empty() && plan.writes_nothing());
}

#[test]
fn pruning_an_edited_row_is_a_conflict() {
    let entries = vec![entry(1, "content/a.md", 1, 1, RowState::Edited(V))];
    let files = [file(2, "content/b.md", 2, 2)];
    let refused = plan(&files, entries.clone(), PRUNE);
    assert_eq!(refused.conflicts[0].kind, ConflictKind::Edited);
    let forced = plan(
        &files,
        entries,
        Options {
            force: true,
            ..PRUNE
        },
    );
    assert_eq!(forced.removals.len(), 1);
}

#[test]
fn pruning_an_empty_directory_is_refused() {
    let entries = vec![entry(1, "content/a.md", 1, 1, RowState::Intact(V))];
    let plan = plan(&[], entries, PRUNE);
    assert_eq!(
        refusal(&plan, PRUNE),
        Some(Refusal::NothingToPublish { removals: 1 })
    );
    let forced = Options {
        force: true,
        ..PRUNE
    };
    assert_eq!(refusal(&plan, forced), None);
}

#[test]
fn a_prune_of_more_than_the_allowed_share_is_refused() {
    let entries = |n: i64| {
        (1..=n)
            .map(|n| entry(n, &format!("content/{n}.md"), 1, 1, RowState::Intact(V)))
            .collect::<Vec<_>>()
    };
    let one_left = [file(1, "content/1.md", 1, 1)];
    let half = plan(&one_left, entries(2), PRUNE);
    assert_eq!(refusal(&half, PRUNE), None, "1 of 2 is not more than half");
    let most = plan(&one_left, entries(3), PRUNE);
    assert_eq!(
        refusal(&most, PRUNE),
        Some(Refusal::PruneShare {
            removals: 2,
            of: 3,
            max_prune: 50
        })
    );
}

#[test]
fn two_posts_that_swap_their_paths_both_move() {
    let plan = plan(
        &[file(1, "content/b.md", 1, 1), file(2, "content/a.md", 2, 2)],
        vec![
            entry(1, "content/a.md", 1, 1, RowState::Intact(V)),
            entry(2, "content/b.md", 2, 2, RowState::Intact(V)),
        ],
        PRUNE,
    );
    assert_eq!(shown(&plan), ["move 2 content/a.md", "move 1 content/b.md"]);
}

#[test]
fn terms_of_another_version_are_rebuilt_and_nothing_else() {
    let mut old = entry(1, "content/a.md", 1, 1, RowState::Intact(V));
    old.terms_version -= 1;
    let plan = plan(&[file(1, "content/a.md", 1, 1)], vec![old], PLAIN);
    assert_eq!(
        plan.reindexes,
        [(id(1).into(), SourcePath::new("content/a.md"))]
    );
    assert_eq!(plan.unchanged, 1);
    assert!(plan.is_empty() && !plan.writes_nothing());
}

fn difference() -> Comparison {
    Comparison {
        tags_added: vec!["rust".into()],
        ..Comparison::default()
    }
}

fn compared(n: i64, comparison: Comparison) -> HashMap<TextId, Comparison> {
    HashMap::from([(id(n).into(), comparison)])
}

fn foreign(n: i64) -> Index {
    Index {
        generation: None,
        entries: vec![],
        posts: vec![],
        foreign: vec![ForeignRow {
            id: id(n),
            locale: None,
            category: Some("THEIRS".into()),
            version: V,
        }],
        catalog: None,
        has_new_locale: false,
    }
}

#[test]
fn rows_are_read_where_the_index_does_not_tell_enough() {
    let mut draft = file(5, "content/e.md", 1, 1);
    draft.draft = true;
    let files = [
        file(1, "content/a.md", 1, 1),
        file(2, "content/b.md", 1, 1),
        file(3, "content/c.md", 1, 1),
        file(4, "content/d.md", 1, 1),
        draft,
        file(6, "content/f.md", 1, 1),
        file(8, "content/h.md", 1, 2),
        file(9, "content/i.md", 2, 1),
    ];
    let with_others = |mut entry: Entry| {
        entry.has_others = true;
        entry
    };
    let mut index = foreign(4);
    index.entries = vec![
        entry(1, "content/a.md", 1, 1, RowState::Intact(V)),
        entry(2, "content/b.md", 1, 1, RowState::Edited(V)),
        entry(3, "content/c.md", 1, 1, RowState::Missing),
        entry(5, "content/e.md", 1, 1, RowState::Edited(V)),
        entry(7, "content/g.md", 1, 1, RowState::Edited(V)),
        with_others(entry(8, "content/h.md", 1, 1, RowState::Intact(V))),
        with_others(entry(9, "content/i.md", 1, 1, RowState::Intact(V))),
    ];
    let ids: Vec<_> = to_read(&files, &index).iter().map(|f| f.id).collect();
    assert_eq!(ids, [id(2), id(4), id(8)]);
}

#[test]
fn a_row_that_is_as_its_file_says_is_adopted_without_a_write() {
    let files = [file(1, "content/b.md", 2, 2)];
    let edited = entry(1, "content/a.md", 1, 1, RowState::Edited(V));
    for (index, from) in [
        (foreign(1), None),
        (index(vec![edited]), Some(SourcePath::new("content/a.md"))),
    ] {
        for options in [PLAIN, FORCE] {
            let equal = compared(1, Comparison::default());
            let plan = make(&files, &index, &equal, content, options);
            assert_eq!(shown(&plan), ["adopt 1 content/b.md"]);
            assert_eq!(plan.changes[0].from, from);
            assert_eq!(plan.adoptions.len(), 1);
            assert_eq!(plan.adoptions[0].replaces, Replaces::Row(V));
            assert!(plan.writes.is_empty() && plan.conflicts.is_empty());
            assert!(plan.overwrites.is_empty() && !plan.writes_nothing());
            assert_eq!(plan.categories.len(), 2);
            assert_eq!(refusal(&plan, options), None);
        }
    }
}

#[test]
fn a_row_that_differs_is_a_conflict_with_its_differences_and_force_tells_them() {
    let files = [file(1, "content/a.md", 1, 1)];
    let edited = entry(1, "content/a.md", 1, 1, RowState::Edited(V));
    for (index, kind) in [
        (foreign(1), ConflictKind::Foreign),
        (index(vec![edited]), ConflictKind::Edited),
    ] {
        let differs = compared(1, difference());
        let conflict = Conflict {
            kind,
            id: id(1),
            locale: None,
            path: SourcePath::new("content/a.md"),
            is_file_changed: kind == ConflictKind::Foreign,
            comparison: difference(),
        };
        let refused = make(&files, &index, &differs, content, PLAIN);
        assert_eq!(refused.conflicts, std::slice::from_ref(&conflict));
        assert!(refused.writes_nothing() && refused.overwrites.is_empty());
        let forced = make(&files, &index, &differs, content, FORCE);
        assert_eq!(forced.overwrites, [conflict]);
        assert_eq!(forced.writes[0].replaces, Replaces::Row(V));
        assert!(forced.conflicts.is_empty());
    }
}

#[test]
fn a_post_whose_file_is_there_and_not_published_has_the_reason() {
    let mut draft = file(1, "content/a.md", 2, 2);
    draft.draft = true;
    let files = [draft, file(2, "content/b.md", 2, 2)];
    let entries = || {
        vec![
            entry(1, "content/a.md", 1, 1, RowState::Intact(V)),
            entry(2, "content/b.md", 2, 2, RowState::Intact(V)),
            entry(3, "content/c.md", 1, 1, RowState::Intact(V)),
            entry(4, "content/d.md", 1, 1, RowState::Intact(V)),
        ]
    };
    let ignored = SourcePath::new("content/c.md");
    let reasons = HashMap::from([(ignored.clone(), Reason::Gitignore)]);
    let expected = [
        Some(Gone::Draft),
        Some(Gone::LeftOut(Reason::Gitignore)),
        None,
    ];
    let mut kept = plan(&files, entries(), PLAIN);
    assert_eq!(
        kept.gone_paths(),
        [ignored, SourcePath::new("content/d.md")]
    );
    kept.explain(&reasons);
    let gone: Vec<_> = kept.unpruned.iter().map(|change| change.gone).collect();
    assert_eq!(gone, expected);
    assert_eq!(kept.still_online().count(), 2);
    let options = Options {
        max_prune: 100,
        ..PRUNE
    };
    let mut pruned = plan(&files, entries(), options);
    pruned.explain(&reasons);
    let gone: Vec<_> = pruned.changes.iter().map(|change| change.gone).collect();
    assert_eq!(gone, expected);
    assert_eq!(pruned.still_online().count(), 0);
}
