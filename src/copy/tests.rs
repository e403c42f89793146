use super::*;
use crate::index::{ForeignRow, Generation, RowVersion};
use crate::post::{Extra, Field, FieldSet, StoredPost, Unreadable};
use crate::search::TERMS_VERSION;
use crate::tables::{BlogTable, TableMap};

const V: RowVersion = RowVersion(7);

fn id(n: i64) -> PostId {
    PostId::new(n).unwrap()
}

fn digest(n: u8) -> Digest {
    Digest::from_bytes(&[n; Digest::LEN]).unwrap()
}

fn entry(n: i64, path: &str, post_digest: u8, row: RowState) -> Entry {
    Entry {
        id: id(n),
        locale: None,
        is_main: true,
        text_digest: None,
        made_from: None,
        path: SourcePath::new(path),
        file_digest: digest(post_digest),
        post_digest: digest(post_digest),
        stated: FieldSet::from_iter([Field::Title, Field::WordCount]),
        has_others: false,
        category: Some("OLD".into()),
        terms_version: TERMS_VERSION,
        row,
    }
}

fn foreign(n: i64) -> ForeignRow {
    ForeignRow {
        id: id(n),
        locale: None,
        category: Some("THEIRS".into()),
        version: V,
    }
}

fn index(entries: Vec<Entry>, foreign: Vec<ForeignRow>) -> Index {
    Index {
        generation: Some(Generation(1)),
        entries,
        posts: vec![],
        foreign,
        catalog: None,
        has_new_locale: false,
    }
}

fn own() -> Columns {
    let map = TableMap::default();
    let tables = Tables {
        map: &map,
        catalog: None,
    };
    Columns::new(tables, tables)
}

/// Columns of a source that has none for the word count.
fn lacking() -> Columns {
    let mut map = TableMap::adopted();
    map.set_column(BlogTable::Post, "word_count", None).unwrap();
    let source = Tables {
        map: &map,
        catalog: None,
    };
    let own = TableMap::default();
    let target = Tables {
        map: &own,
        catalog: None,
    };
    Columns::new(source, target)
}

fn plan(source: &Index, target: &Index, differing: &[i64], force: bool) -> Plan {
    let key = |n: &i64| (Part::Posts(None), id(*n));
    let differing = differing.iter().map(|n| (key(n), vec!["title"])).collect();
    make(source, target, None, &differing, &own(), force)
}

/// A plan as `action id`, and its conflicts as `reason id`, for tables of cases.
fn shown(plan: &Plan) -> String {
    let change = |c: &Change| format!("{} {}", c.action.as_str(), c.post.id);
    let conflict = |c: &Conflict| format!("{} {}", c.kind.as_str(), c.post.id);
    let changes = plan.changes.iter().map(change);
    let lines = changes.chain(plan.conflicts.iter().map(conflict));
    lines.collect::<Vec<_>>().join(", ")
}

/// A post in one store, for tables of cases.
#[derive(Clone, Copy)]
enum Kind {
    None,
    Foreign,
    Row(u8, RowState),
}

fn of(kind: Kind) -> Index {
    match kind {
        Kind::None => index(vec![], vec![]),
        Kind::Foreign => index(vec![], vec![foreign(1)]),
        Kind::Row(digest, row) => index(vec![entry(1, "content/a.md", digest, row)], vec![]),
    }
}

#[test]
fn each_state_of_both_rows_has_one_outcome() {
    use Kind::{Foreign, None, Row};
    let intact = RowState::Intact(V);
    let edited = RowState::Edited(V);
    let missing = RowState::Missing;
    // The source, the target, whether the rows differ, the outcome without and with force.
    let cases = [
        (Row(1, intact), None, false, "create 1", "create 1"),
        (Row(1, edited), None, false, "create 1", "create 1"),
        (Foreign, None, false, "create 1", "create 1"),
        (Row(1, missing), None, false, "", ""),
        (Row(1, missing), Row(1, intact), false, "", ""),
        (Row(1, intact), Row(1, intact), false, "", ""),
        (
            Row(2, intact),
            Row(1, intact),
            false,
            "record 1",
            "record 1",
        ),
        (Row(2, intact), Row(1, intact), true, "update 1", "update 1"),
        (Row(1, intact), Row(1, intact), true, "update 1", "update 1"),
        (
            Row(1, intact),
            Row(1, edited),
            false,
            "record 1",
            "record 1",
        ),
        (Row(1, intact), Row(1, edited), true, "edited 1", "update 1"),
        (
            Row(1, edited),
            Row(1, intact),
            false,
            "record 1",
            "record 1",
        ),
        (Row(1, edited), Row(1, intact), true, "update 1", "update 1"),
        (Row(1, edited), Row(1, edited), false, "", ""),
        (Row(1, edited), Row(1, edited), true, "edited 1", "update 1"),
        (
            Row(1, intact),
            Row(1, missing),
            false,
            "deleted 1",
            "create 1",
        ),
        (Row(1, intact), Foreign, false, "record 1", "record 1"),
        (Row(1, intact), Foreign, true, "foreign 1", "update 1"),
        (Foreign, Foreign, false, "", ""),
        (Foreign, Foreign, true, "foreign 1", "update 1"),
        (Foreign, Row(1, intact), false, "", ""),
        (Foreign, Row(1, intact), true, "update 1", "update 1"),
        (Foreign, Row(1, edited), true, "edited 1", "update 1"),
        (None, Row(1, intact), false, "", ""),
        (None, Foreign, false, "", ""),
    ];
    for (number, (source, target, differ, plain, forced)) in cases.into_iter().enumerate() {
        let differing: &[i64] = if differ { &[1] } else { &[] };
        for (force, expected) in [(false, plain), (true, forced)] {
            let plan = plan(&of(source), &of(target), differing, force);
            assert_eq!(shown(&plan), expected, "case {number}, force {force}");
            assert_eq!(plan.is_empty(), plan.writes.is_empty(), "case {number}");
            let was_conflict = force && plain != forced && !forced.starts_with("create");
            assert_eq!(
                plan.overwrites.len(),
                usize::from(was_conflict),
                "case {number}"
            );
        }
    }
}

#[test]
fn a_write_names_the_row_it_replaces_and_what_to_keep() {
    let source = index(
        vec![entry(1, "content/b.md", 2, RowState::Edited(RowVersion(1)))],
        vec![foreign(2)],
    );
    let target = index(
        vec![entry(1, "content/a.md", 1, RowState::Intact(V))],
        vec![],
    );
    let plan = plan(&source, &target, &[1], false);
    let [new, write] = &plan.writes[..] else {
        panic!("{:?}", plan.writes)
    };
    let replaces = |write: &Write| write.post.unwrap().replaces;
    assert_eq!((new.id, new.step), (id(2).into(), Step::Copy));
    assert_eq!(replaces(new), Replaces::Nothing);
    assert_eq!((&new.record, new.edited().count()), (&None, 0));
    assert_eq!(
        (write.step, replaces(write)),
        (Step::Copy, Replaces::Row(V))
    );
    assert_eq!(Vec::from_iter(write.edited()), [id(1).into()]);
    let record = write.record.as_ref().unwrap();
    assert_eq!(record.path, SourcePath::new("content/b.md"));
    assert_eq!(record.post_digest, digest(2));
    assert_eq!(Vec::from_iter(&plan.categories), ["OLD"]);
}

#[test]
fn posts_of_one_store_alone_are_named() {
    let intact = RowState::Intact(V);
    let source = index(
        vec![
            entry(1, "content/1.md", 1, RowState::Missing),
            entry(2, "content/2.md", 1, intact),
        ],
        vec![],
    );
    let target = index(
        vec![
            entry(1, "content/1.md", 1, intact),
            entry(2, "content/2.md", 1, intact),
            entry(3, "content/3.md", 1, intact),
            entry(4, "content/4.md", 1, RowState::Missing),
        ],
        vec![foreign(5)],
    );
    let plan = plan(&source, &target, &[], true);
    assert!(plan.is_empty());
    assert_eq!(plan.unchanged, 1);
    let ids = |posts: &[PostName]| posts.iter().map(|post| post.id.get()).collect::<Vec<_>>();
    assert_eq!(ids(&plan.only_in_target), [1, 3, 5]);
    assert_eq!(ids(&plan.deleted), [1]);
}

#[test]
fn rows_of_the_same_file_are_read_without_markdown() {
    let intact = RowState::Intact(V);
    let source = index(
        vec![
            entry(1, "content/1.md", 1, intact),
            entry(2, "content/2.md", 1, intact),
            entry(3, "content/3.md", 1, RowState::Edited(V)),
            entry(4, "content/4.md", 1, RowState::Missing),
            entry(5, "content/5.md", 1, intact),
            entry(6, "content/6.md", 1, intact),
        ],
        vec![foreign(7), foreign(8)],
    );
    let target = index(
        vec![
            entry(1, "content/moved.md", 1, intact),
            entry(2, "content/2.md", 2, intact),
            entry(3, "content/3.md", 1, intact),
            entry(4, "content/4.md", 1, intact),
            entry(6, "content/6.md", 1, RowState::Missing),
        ],
        vec![foreign(8)],
    );
    let surveys = survey(&source, &target, None);
    assert_eq!(surveys.len(), 1);
    let survey = surveys.values().next().unwrap();
    let ids = |ids: &[PostId]| ids.iter().map(|id| id.get()).collect::<Vec<_>>();
    assert_eq!(ids(&survey.new), [7, 6, 5]);
    assert_eq!(ids(&survey.rows), [1]);
    assert_eq!(ids(&survey.posts), [8, 3, 2]);
}

#[test]
fn what_the_source_has_no_column_for_is_left_to_the_next_sync() {
    let source = of(Kind::Row(1, RowState::Intact(V)));
    let columns = lacking();
    let none = HashMap::new();
    let first = make(&source, &of(Kind::None), None, &none, &columns, false);
    let kept = first.writes[0].record.as_ref().unwrap();
    assert_eq!(
        (kept.file_digest, kept.post_digest),
        (Digest::NONE, Digest::NONE)
    );
    // The same again has nothing to do, before that sync and after it.
    for digest in [0, 1] {
        let target = of(Kind::Row(digest, RowState::Intact(V)));
        assert!(make(&source, &target, None, &none, &columns, false).is_empty());
    }
    // What that sync wrote stays where the row is written.
    let differing = HashMap::from([((Part::Posts(None), id(1)), vec!["title"])]);
    let target = of(Kind::Row(1, RowState::Intact(V)));
    let plan = make(&source, &target, None, &differing, &columns, false);
    let kept = plan.writes[0].record.as_ref().unwrap();
    assert_eq!(kept.post_digest, digest(1));
    assert!(!columns.written().contains(Field::WordCount));
}

fn row() -> StoredPost {
    StoredPost {
        title: Some("제목".into()),
        tags: vec!["a".into()],
        created_at: Some("2025-11-28T00:00:00.5Z".parse().unwrap()),
        extra: Extra::from_text(r#"{"layout": "wide"}"#).unwrap(),
        ..StoredPost::new(id(1))
    }
}

#[test]
fn every_field_and_the_body_are_compared() {
    let columns = own();
    let row = row();
    let compare =
        |other: &StoredPost, body| differences(&columns, (&row, Some("Body")), (other, body));
    assert!(compare(&row, Some("Body")).is_empty());
    assert_eq!(compare(&row, Some("Body\n")), ["content"]);
    assert_eq!(compare(&row, None), ["content"]);
    let empty = StoredPost::new(id(1));
    let expected = ["title", "tags", "created_at", "extra"];
    assert_eq!(compare(&empty, Some("Body")), expected);
    let other = StoredPost {
        slug: Some("s".into()),
        word_count: Some(0),
        created_at: Some("2025-11-28T00:00:00.500001Z".parse().unwrap()),
        ..row.clone()
    };
    let expected = ["created_at", "word_count", "slug"];
    assert_eq!(compare(&other, Some("Body")), expected);
    // What cannot be read differs.
    let unreadable = StoredPost {
        unreadable: vec![Unreadable {
            column: "image",
            reason: "is a blob".into(),
        }],
        ..row.clone()
    };
    assert_eq!(compare(&unreadable, Some("Body")), ["image"]);
    // No body is an empty one.
    assert!(differences(&columns, (&row, None), (&row, Some(""))).is_empty());
}

#[test]
fn what_cannot_be_copied_is_named_with_its_column() {
    let said = |row: &StoredPost| -> Vec<String> {
        let problems = own().problems(row, None);
        problems.iter().map(Problem::to_string).collect()
    };
    assert!(said(&row()).is_empty());
    let wrong = StoredPost {
        title: None,
        image: Some("가".repeat(501)),
        slug: Some("s".repeat(255)),
        tags: vec!["t".repeat(101)],
        ..row()
    };
    assert_eq!(
        said(&wrong),
        [
            "post 1: title is NULL, and the target needs a value",
            "post 1: tags hold a name that is longer than the 100 characters of the target",
            "post 1: image is longer than the 500 characters of the target",
        ]
    );
    // The reason why a value cannot be read is enough.
    let unreadable = StoredPost {
        title: None,
        unreadable: vec![Unreadable {
            column: "title",
            reason: "is a blob".into(),
        }],
        ..row()
    };
    assert_eq!(said(&unreadable), ["post 1: title is a blob"]);
}

mod adopted {
    use super::*;
    use crate::catalog::{Catalog, Column, Table};

    fn column(name: &str) -> Column {
        Column {
            name: name.into(),
            ..Column::default()
        }
    }

    /// A server's own tables, with columns that their owner changed.
    fn columns() -> Columns {
        let catalog = Catalog {
            tables: vec![Table {
                schema: "public".into(),
                name: "post".into(),
                columns: vec![
                    Column {
                        length: Some(5),
                        is_required: true,
                        ..column("title")
                    },
                    Column {
                        labels: vec!["GUIDE".into()],
                        ..column("category")
                    },
                    Column {
                        precision: Some(3),
                        ..column("created_at")
                    },
                    Column {
                        is_required: true,
                        precision: Some(0),
                        ..column("updated_at")
                    },
                    Column {
                        is_generated: true,
                        ..column("slug")
                    },
                    Column {
                        default: Some("0".into()),
                        is_required: true,
                        ..column("word_count")
                    },
                ],
                ..Table::default()
            }],
            ..Catalog::default()
        };
        let map = TableMap::default();
        let source = Tables {
            map: &map,
            catalog: None,
        };
        let target = Tables {
            map: &map,
            catalog: Some(&catalog),
        };
        Columns::new(source, target)
    }

    #[test]
    fn a_row_is_the_same_as_far_as_the_columns_can_hold_it() {
        let source = StoredPost {
            created_at: Some("2025-11-28T00:00:00.123456Z".parse().unwrap()),
            slug: Some("ours".into()),
            ..row()
        };
        let at = |created: &str, updated: &str| StoredPost {
            created_at: Some(created.parse().unwrap()),
            updated_at: Some(updated.parse().unwrap()),
            word_count: Some(0),
            slug: Some("theirs".into()),
            ..source.clone()
        };
        let columns = columns();
        let compare = |other: &StoredPost| differences(&columns, (&source, None), (other, None));
        // A time and a count that the source does not have are made by the target.
        let same = at("2025-11-28T00:00:00.123Z", "2025-11-28T00:00:00Z");
        assert!(compare(&same).is_empty());
        let late = at("2025-11-28T00:00:00.124Z", "2025-11-28T00:00:00Z");
        assert_eq!(compare(&late), ["created_at"]);
        let finer = at("2025-11-28T00:00:00.123400Z", "2025-11-28T00:00:00Z");
        assert_eq!(compare(&finer), ["created_at"]);
    }

    #[test]
    fn values_that_do_not_fit_are_named() {
        let wrong = StoredPost {
            title: Some("Too long".into()),
            category: Some("NEWS".into()),
            description: Some("a\0b".into()),
            ..row()
        };
        let problems = columns().problems(&wrong, Some("\0"));
        let said: Vec<_> = problems.iter().map(Problem::to_string).collect();
        assert_eq!(
            said,
            [
                "post 1: title is longer than the 5 characters of the target",
                "post 1: description has the character NUL, which Postgres does not store",
                "post 1: category is none of the values that the target has",
                "post 1: content has the character NUL, which Postgres does not store",
            ]
        );
    }
}
