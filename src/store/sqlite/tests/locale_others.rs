//! Translations that other programs wrote, changed or deleted.

use super::locales::{
    bilingual, column, digest, entry, execute, found, id, is_intact, locale, reading, replacing,
    sync, text,
};
use super::*;
use crate::index::{RowState, RowVersion};
use crate::plan::TranslationRow;
use crate::store::AdoptedPost;

#[test]
fn what_others_do_to_a_translation_is_seen() {
    let folder = folder();
    let mut store = bilingual(&folder);
    let mut states_after = |sql: &str| {
        execute(&store, sql);
        let index = store.index().unwrap();
        let post = index.posts[0].state;
        (entry(&index, "ko").row, entry(&index, "en").row, post)
    };
    let (ko, en, post) = states_after("SELECT 1");
    let edit = "UPDATE post_translation SET title = title || '!' WHERE locale = 'en'";
    let after = states_after(edit);
    assert!(matches!(after.1, RowState::Edited(_)) && after.1 != en);
    assert_eq!((after.0, after.2), (ko, post));
    // Changed back, the row is as it was written.
    let back = "UPDATE post_translation SET title = rtrim(title, '!') WHERE locale = 'en'";
    assert!(is_intact(states_after(back).1));
    let moved = "UPDATE post_translation SET locale = 'fr' WHERE locale = 'en'";
    assert_eq!(states_after(moved).1, RowState::Missing);
    let deleted = "PRAGMA foreign_keys = 0; DELETE FROM post";
    let gone = (RowState::Missing, RowState::Missing, RowState::Missing);
    assert_eq!(states_after(deleted), gone);
    assert_eq!(
        column(&store, "SELECT locale FROM post_translation"),
        [""; 0]
    );
}

#[test]
fn an_edited_row_is_not_replaced_by_a_write_that_did_not_see_it() {
    let folder = folder();
    let mut store = bilingual(&folder);
    let seen = store.index().unwrap();
    let en = entry(&seen, "en");
    execute(&store, "UPDATE post_translation SET title = 'theirs'");
    let index = store.index().unwrap();
    let mut transaction = store.begin(begin(index.generation)).unwrap();
    let write = replacing(text(1, "en", false, "new"), RowState::Unwritten, en.row);
    let outcome = transaction.write(write);
    assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
    let outcome = transaction.write(text(1, "en", false, "new"));
    assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
}

#[test]
fn a_row_that_is_as_its_file_says_is_adopted() {
    let folder = folder();
    let mut store = reading(&folder, "en");
    store.apply_schema(NO_WAIT).unwrap();
    execute(
        &store,
        "INSERT INTO post (id, title, content) VALUES (1, 'Theirs', 'Body');
         INSERT INTO post_translation (post_id, locale, title, content)
         VALUES (1, 'ko', 'Theirs', 'Body'), (1, 'en', 'Theirs, too', 'Body'), (1, '?', '', '')",
    );
    let index = store.index().unwrap();
    let mut foreign: Vec<_> = index.foreign.iter().map(|row| row.locale).collect();
    foreign.sort();
    assert_eq!(foreign, [None, Some(locale("en")), Some(locale("ko"))]);
    let adopted = |name: &str, is_main| AdoptedPost {
        id: id(1),
        path: SourcePath::new(format!("{name}.md")),
        file_digest: digest(7),
        post_digest: digest(7),
        replaces: Replaces::Row(RowVersion(0)),
        translation: Some(TranslationRow {
            locale: locale(name),
            is_main,
            replaces: Replaces::Row(RowVersion(0)),
        }),
        text_digest: Some(digest(3)),
        stated: Post::new(id(1), "Theirs").stated(),
        tags: Vec::new(),
        extra_terms: Vec::new(),
        terms: vec![name.to_owned()],
    };
    sync(&mut store, |transaction| {
        transaction.adopt(adopted("ko", true)).unwrap();
        transaction.adopt(adopted("en", false)).unwrap();
        let mut absent = adopted("en", false);
        absent.translation.as_mut().unwrap().locale = locale("fr");
        let outcome = transaction.adopt(absent);
        assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
    });
    let index = store.index().unwrap();
    assert_eq!(index.foreign, []);
    assert!(is_intact(entry(&index, "ko").row) && is_intact(entry(&index, "en").row));
    assert_eq!(entry(&index, "en").made_from, Some(digest(3)));
    assert_eq!(found(&mut store, "en"), [1]);
    assert_eq!(found(&mut store, "ko"), [0; 0]);
    let titles = column(&store, "SELECT title FROM post_translation ORDER BY locale");
    assert_eq!(titles, ["", "Theirs, too", "Theirs"]);
}

#[test]
fn rows_of_others_are_foreign_before_there_are_tables() {
    let folder = folder();
    let mut store = reading(&folder, "en");
    execute(
        &store,
        "CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT, content TEXT);
         INSERT INTO post VALUES (1, 'Eins', 'Text'), (2, 'Zwei', 'Text')",
    );
    assert_eq!(store.index().unwrap().foreign.len(), 2);
    let (post, body) = store.untracked_posts(&[id(1)], None).unwrap().remove(0);
    assert_eq!(
        (post.locale, post.title, body.as_str()),
        (Some(locale("en")), None, "")
    );
    execute(
        &store,
        "CREATE TABLE post_translation (post_id INTEGER, locale TEXT, title TEXT,
                                        PRIMARY KEY (post_id, locale));
         INSERT INTO post_translation VALUES (1, 'en', 'One'), (1, 'ko', 'Hana')",
    );
    let foreign = store.index().unwrap().foreign;
    let locales: Vec<_> = foreign.iter().filter_map(|row| row.locale).collect();
    assert_eq!(
        (foreign.len(), locales),
        (4, vec![locale("en"), locale("ko")])
    );
    let mut title = |name: Option<&str>| {
        let posts = store.untracked_posts(&[id(1)], name.map(locale)).unwrap();
        posts[0].0.title.clone().unwrap()
    };
    assert_eq!(
        (title(None), title(Some("ko"))),
        ("One".into(), "Hana".into())
    );
    // The tables are made around those that are there.
    sync(&mut store, |transaction| {
        transaction.write(text(3, "ko", true, "three")).unwrap();
        transaction.write(text(3, "en", false, "drei")).unwrap();
    });
    assert_eq!(store.index().unwrap().foreign.len(), 4);
    let posts = "SELECT locale || posts FROM blogctl_locale_count ORDER BY locale";
    assert_eq!(column(&store, posts), ["en2", "ko2"]);
}
