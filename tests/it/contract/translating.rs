//! A blog with locales: each text has a row, an identity and readers of its own.

use blogctl::plan::{Action, ConflictKind, Refusal};
use blogctl::store::StoreError;

use super::texts::{FORCED, PRUNING, Readers, Texts, changes, entry, text_id};
use super::*;

/// A text that states what its post shares.
fn main_text(title: &str, category: &str, names: &[&str]) -> Post {
    Post {
        category: Some(category.to_owned()),
        tags: tags(names),
        created_at: Some(now()),
        slug: Some("a-slug".to_owned()),
        word_count: 2,
        ..Post::new(id(1), title)
    }
}

/// A text that leaves all that to the main one.
fn text(title: &str) -> Post {
    Post {
        word_count: 2,
        ..Post::new(id(1), title)
    }
}

/// Two posts in Korean and English, one in Korean alone, and one in Japanese alone.
fn blog() -> Texts {
    let mut texts = Texts::default();
    texts
        .write(1, "ko", main_text("하나", "one", &["a", "b"]), "본문 하나")
        .write(1, "en", text("One"), "Body one")
        .write(2, "ko", main_text("둘", "one", &["a"]), "본문 둘")
        .write(2, "en", text("Two"), "Body two")
        .write(3, "ko", main_text("셋", "two", &[]), "본문 셋")
        .write(4, "ja", main_text("四", "two", &["c"]), "本文");
    texts
}

/// The blog after its first sync.
fn synced(place: &dyn TestStore) -> (Texts, Readers) {
    let (texts, mut readers) = (blog(), Readers::new(place));
    texts
        .sync(readers.writer(), PRUNING)
        .expect("nothing is guarded");
    (texts, readers)
}

/// Filters that the posts of the blog pass, alone and together.
fn filters() -> Vec<Filter> {
    let filter = |category: &str, names: &[&str]| Filter {
        category: (!category.is_empty()).then(|| category.to_owned()),
        tags: tags(names),
        ..Filter::default()
    };
    vec![
        filter("one", &[]),
        filter("", &["a"]),
        filter("one", &["a", "b"]),
        Filter {
            since: Some(now()),
            ..Filter::default()
        },
    ]
}

impl Texts {
    /// Syncs, and compares every reader with the files; returns what was done.
    #[track_caller]
    fn synced(&self, readers: &mut Readers, options: blogctl::plan::Options) -> Vec<Done> {
        let plan = self.sync(readers.writer(), options);
        let plan = plan.expect("nothing is guarded");
        self.check(readers, &filters());
        let (_, rest, _) = self.plan(readers.writer(), PRUNING);
        assert!(rest.writes_nothing(), "{rest:?}");
        changes(&plan)
    }
}

/// What was done, with which text of which post.
type Done = (Action, i32, String);

fn done(action: Action, value: i32, name: &str) -> Done {
    (action, value, name.to_owned())
}

pub fn texts_are_created_and_read_by_their_locale(place: &dyn TestStore) {
    let mut readers = Readers::new(place);
    let texts = blog();
    let created = texts.synced(&mut readers, PRUNING);
    assert_eq!(created.len(), 6);
    assert!(created.iter().all(|(action, ..)| *action == Action::Create));
    assert_eq!(texts.synced(&mut readers, PRUNING), []);
}

pub fn an_update_of_a_text_leaves_the_others(place: &dyn TestStore) {
    let (mut texts, mut readers) = synced(place);
    texts.write(1, "en", text("The first"), "Another body");
    let updated = texts.synced(&mut readers, PRUNING);
    assert_eq!(updated, [done(Action::Update, 1, "en")]);
    let changed = main_text("첫째", "one", &["a", "b"]);
    texts.write(1, "ko", changed, "본문");
    let updated = texts.synced(&mut readers, PRUNING);
    assert_eq!(updated, [done(Action::Update, 1, "ko")]);
}

pub fn what_the_main_text_shares_reaches_all_texts(place: &dyn TestStore) {
    let (mut texts, mut readers) = synced(place);
    let moved = main_text("하나", "two", &["b", "d"]);
    texts.write(1, "ko", moved, "본문 하나");
    let updated = texts.synced(&mut readers, PRUNING);
    assert_eq!(updated, [done(Action::Update, 1, "ko")]);
    // What is stated no more is cleared.
    let plain = Post {
        category: None,
        tags: Vec::new(),
        slug: None,
        ..main_text("하나", "two", &[])
    };
    texts.write(1, "ko", plain, "본문 하나");
    texts.synced(&mut readers, PRUNING);
}

pub fn a_text_that_is_as_its_file_says_is_adopted(place: &dyn TestStore) {
    let (mut texts, mut readers) = synced(place);
    place.sql(
        "INSERT INTO post_translation (post_id, locale, title, content, word_count)
         VALUES (3, 'en', 'Three', 'Body three', 2)",
    );
    texts.write(3, "en", text("Three"), "Body three");
    let adopted = texts.synced(&mut readers, PRUNING);
    assert_eq!(adopted, [done(Action::Adopt, 3, "en")]);
    // So is a main text of which the row of its post was brought to what the file says.
    place.sql("INSERT INTO post_tag (post_id, tag_id) SELECT 1, id FROM tag WHERE name = 'c'");
    let tagged = main_text("하나", "one", &["a", "b", "c"]);
    texts.write(1, "ko", tagged, "본문 하나");
    let adopted = texts.synced(&mut readers, PRUNING);
    assert_eq!(adopted, [done(Action::Adopt, 1, "ko")]);
    // One that says something else is not taken over.
    place.sql(
        "INSERT INTO post_translation (post_id, locale, title, content, word_count)
         VALUES (3, 'ja', 'theirs', 'theirs', 2)",
    );
    texts.write(3, "ja", text("三"), "本文");
    conflicts(&texts, &mut readers, ConflictKind::Foreign, (3, "ja"));
    let updated = texts.synced(&mut readers, FORCED);
    assert_eq!(updated, [done(Action::Update, 3, "ja")]);
}

/// Demands that one text is in conflict.
#[track_caller]
fn conflicts(texts: &Texts, readers: &mut Readers, kind: ConflictKind, (value, name): (i64, &str)) {
    let refused = texts.sync(readers.writer(), PRUNING);
    let Err(Refusal::Conflicts(conflicts)) = refused else {
        panic!("{refused:?}");
    };
    let found: Vec<_> = conflicts
        .iter()
        .map(|conflict| (conflict.kind, conflict.id, conflict.locale))
        .collect();
    let text = text_id(value, name);
    assert_eq!(found, [(kind, text.post, text.locale)]);
}

pub fn an_edited_text_is_a_conflict_of_that_text(place: &dyn TestStore) {
    let (texts, mut readers) = synced(place);
    for (sql, text) in [
        (
            "UPDATE post_translation SET title = 'theirs' WHERE post_id = 1 AND locale = 'en'",
            (1, "en"),
        ),
        (
            "UPDATE post_translation SET content = 'theirs' WHERE post_id = 2 AND locale = 'ko'",
            (2, "ko"),
        ),
        // The row of the post is that of its main text.
        (
            "UPDATE post SET category = 'theirs' WHERE id = 2",
            (2, "ko"),
        ),
        ("UPDATE post SET title = 'theirs' WHERE id = 4", (4, "ja")),
    ] {
        place.sql(sql);
        conflicts(&texts, &mut readers, ConflictKind::Edited, text);
        let updated = texts.synced(&mut readers, FORCED);
        let (value, name) = text;
        assert_eq!(updated, [done(Action::Update, id(value).get(), name)]);
    }
}

pub fn a_text_deleted_by_others_is_a_conflict_of_that_text(place: &dyn TestStore) {
    let (texts, mut readers) = synced(place);
    place.sql("DELETE FROM post_translation WHERE post_id = 1 AND locale = 'en'");
    conflicts(&texts, &mut readers, ConflictKind::Deleted, (1, "en"));
    let created = texts.synced(&mut readers, FORCED);
    assert_eq!(created, [done(Action::Create, 1, "en")]);
}

pub fn a_moved_text_keeps_its_row(place: &dyn TestStore) {
    let (mut texts, mut readers) = synced(place);
    let before = readers.writer().index().expect("the index is read");
    texts.relocate(1, "en", "content/en/first.md");
    texts.relocate(2, "ko", "content/ko/second.md");
    let moved = texts.synced(&mut readers, PRUNING);
    assert_eq!(
        moved,
        [done(Action::Move, 1, "en"), done(Action::Move, 2, "ko")]
    );
    let after = readers.writer().index().expect("the index is read");
    for text in [text_id(1, "en"), text_id(2, "ko")] {
        assert_eq!(entry(&after, text).row, entry(&before, text).row);
    }
}

pub fn a_pruned_text_leaves_its_post(place: &dyn TestStore) {
    let (mut texts, mut readers) = synced(place);
    texts.remove(1, "en");
    let removed = texts.synced(&mut readers, PRUNING);
    assert_eq!(removed, [done(Action::Remove, 1, "en")]);
    texts.write(1, "en", text("Again"), "Body");
    let created = texts.synced(&mut readers, PRUNING);
    assert_eq!(created, [done(Action::Create, 1, "en")]);
}

pub fn a_post_goes_with_its_last_text(place: &dyn TestStore) {
    let (mut texts, mut readers) = synced(place);
    texts.remove(1, "en").remove(1, "ko").remove(4, "ja");
    let removed = texts.synced(&mut readers, PRUNING);
    assert_eq!(removed.len(), 3);
    for (value, name) in [(1, "ko"), (4, "ja")] {
        let mut store = place.store_in(texts::locale(name));
        assert_eq!(store.show(id(value).into()).expect("it is read"), None);
    }
    place.sql("INSERT INTO post (id, title) VALUES (1, 'the id is free')");
}

pub fn a_main_text_goes_by_force_while_others_stay(place: &dyn TestStore) {
    let (mut texts, mut readers) = synced(place);
    texts.remove(1, "ko");
    let refused = texts.sync(readers.writer(), PRUNING);
    let Err(Refusal::MainTexts(lost)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(lost.len(), 1);
    assert_eq!(
        (lost[0].id, lost[0].locale),
        (id(1), Some(texts::locale("ko")))
    );
    // What only the text that is gone said of the post goes with it.
    let changed = texts.synced(&mut readers, FORCED);
    assert_eq!(
        changed,
        [done(Action::Update, 1, "en"), done(Action::Remove, 1, "ko")]
    );
}

pub fn a_main_text_that_comes_later_takes_the_row_of_the_post(place: &dyn TestStore) {
    let (mut texts, mut readers) = synced(place);
    texts.write(4, "ko", main_text("넷", "one", &["a"]), "본문 넷");
    let changed = texts.synced(&mut readers, PRUNING);
    assert!(
        changed.contains(&done(Action::Create, 4, "ko"))
            || changed.contains(&done(Action::Update, 4, "ko")),
        "{changed:?}"
    );
    // A reader that knows no locales finds it.
    let row = place.store().show(id(4).into()).expect("it is read");
    let (row, _) = row.expect("the post is there");
    assert_eq!(row.title.as_deref(), Some("넷"));
}

pub fn pages_of_a_locale_are_complete_at_every_limit(place: &dyn TestStore) {
    let mut texts = Texts::default();
    for (value, number) in (1..=20).chain(995..=1015).chain([50_000]).zip(0..) {
        let names = [("a", 2), ("b", 3)]
            .iter()
            .filter(|(_, every)| number % every == 0);
        let names: Vec<&str> = names.map(|(name, _)| *name).collect();
        let shared = main_text("글", ["one", "two"][usize::from(number % 3 == 0)], &names);
        if number % 5 != 4 {
            texts.write(value, "ko", shared.clone(), "본문");
        }
        if number % 3 != 1 {
            texts.write(value, "en", shared.clone(), "Body");
        }
        if number % 7 == 0 {
            texts.write(value, "ja", shared, "本文");
        }
    }
    let mut readers = Readers::new(place);
    let plan = texts.sync(readers.writer(), PRUNING);
    assert!(plan.expect("nothing is guarded").changes.len() > 60);
    let mut all = filters();
    for category in ["one", "two"] {
        for names in [&[][..], &["a"], &["a", "b"]] {
            all.push(Filter {
                category: Some(category.to_owned()),
                tags: tags(names),
                since: Some(now()),
                ..Filter::default()
            });
        }
    }
    texts.check(&mut readers, &all);
}

pub fn a_write_over_a_text_that_changed_meanwhile_is_stale(place: &dyn TestStore) {
    let (mut texts, mut readers) = synced(place);
    for (value, name) in [(1, "en"), (2, "ko")] {
        texts.write(value, name, main_text("Newer", "one", &[]), "Newer body");
        let (index, plan, rows) = texts.plan(readers.writer(), PRUNING);
        place.sql(&format!(
            "UPDATE post_translation SET title = 'theirs' WHERE post_id = {value} AND locale = '{name}'"
        ));
        let outcome = texts.carry_out(readers.writer(), &index, &plan, &rows);
        assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
        texts.synced(&mut readers, FORCED);
    }
}

pub fn a_removal_of_a_text_that_changed_meanwhile_is_stale(place: &dyn TestStore) {
    let (mut texts, mut readers) = synced(place);
    texts.remove(1, "en");
    let (index, plan, rows) = texts.plan(readers.writer(), PRUNING);
    place.sql("UPDATE post_translation SET title = 'theirs' WHERE post_id = 1 AND locale = 'en'");
    let outcome = texts.carry_out(readers.writer(), &index, &plan, &rows);
    assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
    conflicts(&texts, &mut readers, ConflictKind::Edited, (1, "en"));
    let removed = texts.synced(&mut readers, FORCED);
    assert_eq!(removed, [done(Action::Remove, 1, "en")]);
}

pub fn terms_of_texts_that_stay_behind_are_made_again(place: &dyn TestStore) {
    let (texts, mut readers) = synced(place);
    let (kept, search) = (place.kept("translation"), place.kept("translation_search"));
    place.sql(&format!(
        "UPDATE {kept} SET terms_version = 0; DELETE FROM {search}"
    ));
    let (_, plan, _) = texts.plan(readers.writer(), PRUNING);
    assert_eq!(plan.reindexes.len(), 6);
    assert_eq!(texts.synced(&mut readers, PRUNING), []);
}
