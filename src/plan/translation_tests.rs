//! Tests of plans for posts in several languages.

use std::collections::HashMap;

use super::*;
use crate::index::{Entry, ForeignRow, Index, PostRow, RowState};
use crate::model::FileEntry;
use crate::post::{FieldSet, PostId};
use crate::search::TERMS_VERSION;

const PLAIN: Options = Options {
    prune: false,
    force: false,
    max_prune: 100,
};
const PRUNE: Options = Options {
    prune: true,
    ..PLAIN
};
const FORCE: Options = Options {
    prune: true,
    force: true,
    ..PLAIN
};
const V: RowVersion = RowVersion(7);
const W: RowVersion = RowVersion(8);

fn id(n: i64) -> PostId {
    PostId::new(n).unwrap()
}

fn locale(name: &str) -> Option<Locale> {
    Locale::new(name)
}

fn digest(n: u8) -> Digest {
    Digest::from_bytes(&[n; Digest::LEN]).unwrap()
}

fn file(n: i64, name: &str, is_main: bool, content: u8) -> FileEntry {
    FileEntry {
        id: id(n),
        locale: locale(name),
        is_main,
        path: SourcePath::new(format!("{name}/{n}.md")),
        file_digest: digest(content),
        post_digest: digest(content),
        category: None,
        draft: false,
    }
}

fn entry(n: i64, name: &str, is_main: bool, content: u8, row: RowState) -> Entry {
    let file = file(n, name, is_main, content);
    Entry {
        id: file.id,
        locale: file.locale,
        is_main,
        text_digest: Some(digest(content)),
        made_from: None,
        path: file.path,
        file_digest: file.file_digest,
        post_digest: file.post_digest,
        stated: FieldSet::default(),
        has_others: false,
        category: None,
        terms_version: TERMS_VERSION,
        row,
    }
}

/// The index of one post, with the state of its row.
fn index(entries: Vec<Entry>, post: RowState) -> Index {
    Index {
        posts: vec![PostRow {
            id: id(1),
            category: Some("GUIDE".into()),
            state: post,
        }],
        entries,
        ..Index::default()
    }
}

fn both() -> Vec<Entry> {
    let intact = RowState::Intact(W);
    vec![
        entry(1, "ko", true, 1, intact),
        entry(1, "en", false, 2, intact),
    ]
}

fn plan(files: &[FileEntry], index: &Index, options: Options) -> Plan {
    make(files, index, &HashMap::new(), |_| true, options)
}

fn shown(plan: &Plan) -> Vec<String> {
    let changes = plan.changes.iter();
    changes
        .map(|change| format!("{} {}", change.action.as_str(), change.path))
        .collect()
}

#[test]
fn a_main_text_has_two_rows_and_another_one() {
    let files = [file(1, "ko", true, 1), file(1, "en", false, 2)];
    let plan = plan(&files, &Index::default(), PLAIN);
    assert_eq!(shown(&plan), ["create en/1.md", "create ko/1.md"]);
    for write in &plan.writes {
        let row = write.translation.unwrap();
        assert_eq!(row.is_main, write.path.as_str() == "ko/1.md");
        assert_eq!(
            (row.replaces, write.replaces),
            (Replaces::Nothing, Replaces::Nothing)
        );
    }
}

#[test]
fn a_changed_main_text_replaces_both_rows_and_the_terms_of_the_other() {
    let files = [file(1, "ko", true, 3), file(1, "en", false, 2)];
    let plan = plan(&files, &index(both(), RowState::Intact(V)), PLAIN);
    assert_eq!(shown(&plan), ["update ko/1.md"]);
    assert_eq!(plan.writes[0].replaces, Replaces::Row(V));
    assert_eq!(
        plan.writes[0].translation.unwrap().replaces,
        Replaces::Row(W)
    );
    assert_eq!(plan.translation_reindexes.len(), 1);
    assert_eq!(plan.translation_reindexes[0].1.as_str(), "en/1.md");
    assert!(plan.reindexes.is_empty());
}

#[test]
fn a_changed_translation_leaves_the_row_of_the_post() {
    let files = [file(1, "ko", true, 1), file(1, "en", false, 3)];
    let plan = plan(&files, &index(both(), RowState::Intact(V)), PLAIN);
    assert_eq!(shown(&plan), ["update en/1.md"]);
    assert!(!plan.writes[0].translation.unwrap().is_main);
    assert!(plan.translation_reindexes.is_empty());
}

#[test]
fn an_edit_of_either_row_is_a_conflict_of_the_main_text() {
    let files = [file(1, "ko", true, 1), file(1, "en", false, 2)];
    let mut edited = both();
    edited[0].row = RowState::Edited(W);
    for index in [
        index(both(), RowState::Edited(V)),
        index(edited, RowState::Intact(V)),
    ] {
        let plan = plan(&files, &index, PLAIN);
        assert_eq!(plan.conflicts.len(), 1);
        assert_eq!(plan.conflicts[0].path.as_str(), "ko/1.md");
        assert_eq!(plan.conflicts[0].kind, ConflictKind::Edited);
        assert_eq!(to_read(&files, &index).len(), 1);
    }
    let mut edited = both();
    edited[1].row = RowState::Edited(W);
    let plan = plan(&files, &index(edited, RowState::Intact(V)), PLAIN);
    assert_eq!(plan.conflicts[0].path.as_str(), "en/1.md");
}

#[test]
fn a_row_that_no_sync_wrote_is_adopted_or_a_conflict() {
    let files = [file(1, "ko", true, 1)];
    let foreign = |locale| ForeignRow {
        id: id(1),
        locale,
        category: None,
        version: V,
    };
    let index = Index {
        foreign: vec![foreign(None), foreign(locale("ko")), foreign(locale("ja"))],
        ..Index::default()
    };
    let equal = HashMap::from([(files[0].text_id(), Comparison::default())]);
    let adopted = make(&files, &index, &equal, |_| true, PLAIN);
    assert_eq!(shown(&adopted), ["adopt ko/1.md"]);
    assert_eq!(adopted.adoptions[0].replaces, Replaces::Row(V));
    let row = adopted.adoptions[0].translation.unwrap();
    assert_eq!(row.replaces, Replaces::Row(V));
    let refused = plan(&files, &index, PLAIN);
    assert_eq!(refused.conflicts[0].kind, ConflictKind::Foreign);
}

#[test]
fn a_text_from_before_the_locales_gets_its_row() {
    let files = [file(1, "ko", true, 1)];
    let index = index(
        vec![entry(1, "ko", true, 9, RowState::Unwritten)],
        RowState::Intact(V),
    );
    let plan = plan(&files, &index, PLAIN);
    assert_eq!(shown(&plan), ["update ko/1.md"]);
    assert_eq!(plan.writes[0].replaces, Replaces::Row(V));
    assert_eq!(
        plan.writes[0].translation.unwrap().replaces,
        Replaces::Nothing
    );
}

#[test]
fn a_translation_goes_alone_and_the_post_with_its_last() {
    let index = index(both(), RowState::Intact(V));
    let one = plan(&[file(1, "ko", true, 1)], &index, PRUNE);
    assert_eq!(shown(&one), ["remove en/1.md"]);
    assert_eq!(one.translation_removals.len(), 1);
    assert_eq!(one.translation_removals[0].version, Some(W));
    assert!(one.removals.is_empty() && one.lost_main_texts.is_empty());
    let all = plan(&[], &index, FORCE);
    assert_eq!(shown(&all), ["remove en/1.md", "remove ko/1.md"]);
    assert_eq!(all.translation_removals.len(), 2);
    assert_eq!(all.removals.len(), 1);
    assert_eq!(all.removals[0].version, Some(V));
    assert!(all.lost_main_texts.is_empty());
    let kept = plan(&[], &index, PLAIN);
    assert_eq!(kept.unpruned.len(), 2);
}

#[test]
fn a_main_text_that_others_outlive_is_guarded() {
    let index = index(both(), RowState::Intact(V));
    // The other is the main text now.
    let files = [file(1, "en", true, 5)];
    let refused = plan(&files, &index, PRUNE);
    assert!(matches!(
        refusal(&refused, PRUNE),
        Some(Refusal::MainTexts(texts)) if texts.len() == 1
    ));
    let forced = plan(&files, &index, FORCE);
    assert_eq!(refusal(&forced, FORCE), None);
    assert_eq!(shown(&forced), ["update en/1.md", "remove ko/1.md"]);
    assert_eq!(forced.writes[0].replaces, Replaces::Row(V));
    assert!(forced.removals.is_empty());
}

#[test]
fn nothing_outside_the_scope_goes() {
    let index = index(both(), RowState::Intact(V));
    let plan = make(
        &[],
        &index,
        &HashMap::new(),
        |path| path.as_str().starts_with("en/"),
        FORCE,
    );
    assert_eq!(shown(&plan), ["remove en/1.md"]);
    assert!(plan.removals.is_empty());
}
