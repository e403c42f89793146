use super::*;
use crate::index::{ForeignRow, Generation, RowVersion};
use crate::post::{Field, Post};

const V: RowVersion = RowVersion(1);

fn id(id: i64) -> PostId {
    PostId::new(id).unwrap()
}

fn digest(name: &str) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher.update(name.as_bytes());
    Digest::from(&hasher)
}

fn path(number: i64) -> SourcePath {
    SourcePath::new(format!("content/{number}.md"))
}

/// A file as the last sync read it.
fn file(number: i64) -> FileEntry {
    FileEntry {
        id: id(number),
        locale: None,
        is_main: true,
        path: path(number),
        file_digest: digest(&format!("file {number}")),
        post_digest: digest(&format!("post {number}")),
        category: None,
        draft: false,
    }
}

fn changed(number: i64) -> FileEntry {
    FileEntry {
        file_digest: digest("another file"),
        post_digest: digest("another post"),
        ..file(number)
    }
}

fn entry(number: i64, row: RowState) -> Entry {
    let file = file(number);
    Entry {
        id: file.id,
        locale: None,
        is_main: true,
        text_digest: None,
        made_from: None,
        path: file.path,
        file_digest: file.file_digest,
        post_digest: file.post_digest,
        category: None,
        terms_version: 1,
        stated: FieldSet::from_iter([Field::Title]),
        has_others: false,
        row,
    }
}

fn index(entries: Vec<Entry>, foreign: &[i64]) -> Index {
    let foreign = foreign.iter().map(|number| ForeignRow {
        id: id(*number),
        locale: None,
        category: None,
        version: V,
    });
    Index {
        generation: Some(Generation(1)),
        entries,
        posts: vec![],
        foreign: foreign.collect(),
        ..Index::default()
    }
}

fn surveyed(posts: &[FileEntry], index: &Index, ids: &[i64]) -> Survey {
    let ids: Vec<_> = ids.iter().map(|number| id(*number)).collect();
    let files = Files {
        posts,
        invalid: &[],
        content: "content/",
    };
    let part = Part {
        texts: LocaleFilter::default(),
        ids: &ids,
        in_scope: &|path| path.as_str().starts_with("content/"),
    };
    survey(files, index, &part)
}

fn edit(number: i64, file: FileState) -> (TextId, Step) {
    let path = path(number);
    (id(number).into(), Step::Edit { path, file })
}

fn create(number: i64, path: Option<SourcePath>, digest: Option<Digest>) -> (TextId, Step) {
    let published = digest.map(|digest| (digest, FieldSet::from_iter([Field::Title])));
    (id(number).into(), Step::Create { path, published })
}

#[test]
fn without_ids_only_what_others_did_is_brought() {
    let index = index(
        vec![
            entry(1, RowState::Intact(V)),
            entry(2, RowState::Edited(V)),
            entry(3, RowState::Edited(V)),
            entry(4, RowState::Missing),
            entry(5, RowState::Intact(V)),
        ],
        &[6, 7],
    );
    let files = [file(1), file(2), changed(3), file(4), changed(5), file(7)];
    let survey = surveyed(&files, &index, &[]);
    assert_eq!(
        survey.steps,
        [
            edit(2, FileState::Unchanged),
            edit(3, FileState::Changed),
            create(6, None, None),
            edit(7, FileState::NeverSynced),
        ]
    );
    assert_eq!(survey.unchanged, 1);
    assert_eq!(survey.newer_files, [path(5)]);
    assert_eq!(survey.deleted, [path(4)]);
    assert_eq!(survey.missing, []);
}

#[test]
fn a_file_that_is_gone_comes_back_to_its_place() {
    let entries = vec![entry(1, RowState::Intact(V)), entry(2, RowState::Edited(V))];
    let survey = surveyed(&[], &index(entries, &[]), &[]);
    assert_eq!(
        survey.steps,
        [
            create(1, Some(path(1)), Some(digest("post 1"))),
            create(2, Some(path(2)), None),
        ]
    );
}

#[test]
fn a_file_that_only_looks_other_counts_as_unchanged() {
    let mut reformatted = file(2);
    reformatted.file_digest = digest("other line ends");
    let index = index(vec![entry(2, RowState::Edited(V))], &[]);
    let survey = surveyed(&[reformatted], &index, &[]);
    assert_eq!(survey.steps, [edit(2, FileState::Unchanged)]);
}

#[test]
fn a_post_that_is_asked_for_is_compared_although_its_row_is_old() {
    let entries = vec![
        entry(1, RowState::Intact(V)),
        entry(2, RowState::Intact(V)),
        entry(3, RowState::Missing),
    ];
    let index = index(entries, &[]);
    let survey = surveyed(&[file(1), changed(2), file(3)], &index, &[2, 1, 3, 9, 2]);
    assert_eq!(
        survey.steps,
        [edit(1, FileState::Unchanged), edit(2, FileState::Changed)]
    );
    assert_eq!(survey.unchanged, 0);
    assert_eq!(survey.missing, [id(3), id(9)]);
}

#[test]
fn what_is_outside_the_directory_is_left_alone_unless_it_is_asked_for() {
    let mut outside = entry(1, RowState::Edited(V));
    outside.path = SourcePath::new("notes/1.md");
    let mut elsewhere = file(2);
    elsewhere.path = SourcePath::new("notes/2.md");
    let index = index(vec![outside, entry(2, RowState::Edited(V))], &[]);
    let files = [elsewhere.clone()];
    assert_eq!(surveyed(&files, &index, &[]).steps, []);
    let step = Step::Edit {
        path: elsewhere.path,
        file: FileState::Unchanged,
    };
    let refused = Step::Refuse(Refusal::Outside(SourcePath::new("notes/1.md")));
    assert_eq!(
        surveyed(&files, &index, &[1, 2]).steps,
        [(id(1).into(), refused), (id(2).into(), step)]
    );
}

#[test]
fn an_id_that_several_files_have_is_refused() {
    let mut copy = file(1);
    copy.path = path(11);
    let index = index(vec![entry(1, RowState::Edited(V))], &[2, 3]);
    let invalid = [(id(2).into(), path(2)), (id(3).into(), path(33))];
    let posts = [file(1), copy, file(3)];
    let files = Files {
        posts: &posts,
        invalid: &invalid,
        content: "content/",
    };
    let part = Part {
        texts: LocaleFilter::default(),
        ids: &[],
        in_scope: &|_| true,
    };
    let steps = survey(files, &index, &part).steps;
    assert_eq!(
        steps,
        [
            (
                id(1).into(),
                Step::Refuse(Refusal::Several(vec![path(1), path(11)]))
            ),
            edit(2, FileState::Invalid),
            (
                id(3).into(),
                Step::Refuse(Refusal::Several(vec![path(3), path(33)]))
            ),
        ]
    );
}

#[test]
fn every_refusal_has_a_word_of_its_own_and_a_sentence() {
    let file = FileState::Changed;
    let path = path(1);
    let refusals = [
        Refusal::Changed {
            path: path.clone(),
            file,
            differences: vec![FilePart::Body],
        },
        Refusal::Uneditable(path.clone(), WriteError::Uneditable(FilePart::Body)),
        Refusal::Unwritable(WriteError::Time(Field::CreatedAt)),
        Refusal::Unreadable(vec![Unreadable {
            column: "tags",
            reason: "is infinity".into(),
        }]),
        Refusal::Occupied(path.clone()),
        Refusal::Link(path.clone()),
        Refusal::LeftOut(path.clone()),
        Refusal::Several(vec![path.clone()]),
        Refusal::Outside(path),
    ];
    let words: BTreeSet<_> = refusals.iter().map(Refusal::as_str).collect();
    assert_eq!(words.len(), refusals.len());
    let forcible = refusals.iter().filter(|refusal| refusal.is_forcible());
    assert_eq!(forcible.count(), 2);
    for refusal in refusals {
        assert!(refusal.words().len() > 10, "{refusal:?}");
    }
}

#[test]
fn a_row_as_published_has_what_its_file_stated() {
    let mut row = StoredPost::new(id(1));
    row.title = Some("T".into());
    row.word_count = Some(1);
    row.category = Some("theirs".into());
    row.tags = vec!["theirs".into()];
    row.created_at = Some(jiff::Timestamp::UNIX_EPOCH);
    row.updated_at = row.created_at;
    row.slug = Some("s".into());
    row.extra.0.insert("k".into(), true.into());
    let mut post = Post::new(id(1), "T");
    post.word_count = 1;
    post.slug = Some("s".into());
    let stated = post.stated();
    let published = as_published(&row, "Body", post.digest("Body"), stated, None).unwrap();
    assert_eq!(published.to_post(), Some(post.clone()));
    assert_eq!(
        as_published(&row, "Edited", post.digest("Body"), stated, None),
        None
    );
    row.tags.clear();
    post.has_empty_tags = true;
    let digest = post.digest("Body");
    assert!(as_published(&row, "Body", digest, post.stated(), None).is_some());
    row.title = None;
    assert_eq!(as_published(&row, "Body", digest, stated, None), None);
}
