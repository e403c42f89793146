//! Syncs of a blog with locales.

use super::*;
use crate::index::{Entry, RowState, RowVersion};
use crate::locale::{Locale, Locales};
use crate::plan::{Relocation, Removal, TranslationRemoval, TranslationRow};
use crate::post::{ExtraTerm, TextId};
use crate::search::{Requirement, TERMS_VERSION, TermMatch};
use crate::store::{SearchRequest, SyncTransaction, TermsWrite};

pub(super) fn locale(name: &str) -> Locale {
    Locale::new(name).unwrap()
}

pub(super) fn digest(value: u8) -> Digest {
    Digest::from_bytes(&[value; Digest::LEN]).unwrap()
}

pub(super) fn id(value: i64) -> PostId {
    PostId::new(value).unwrap()
}

/// Opens the store of a blog in Korean and English, to read one of them.
pub(super) fn reading(folder: &TempDir, name: &str) -> SqliteStore {
    let options = SqliteOptions {
        locales: Some(Locales::new(locale("ko"), [locale("en")], None)),
        locale: Some(locale(name)),
        ..SqliteOptions::default()
    };
    SqliteStore::open_with(&folder.path().join("content.db"), options).unwrap()
}

/// The write of a new text; its body is a term, and so is `all`.
pub(super) fn text(post: i64, name: &str, is_main: bool, body: &str) -> PostWrite {
    let mut write = post_write(post, body.to_owned());
    write.post = Post {
        locale: Some(locale(name)),
        slug: Some(format!("{body}-{name}")),
        word_count: 1,
        ..Post::new(id(post), format!("{body} {post}"))
    };
    if is_main {
        write.post.tags = vec!["a".to_owned()];
        write.post.category = Some("x".to_owned());
    }
    write.managed = write.post.stated();
    write.path = SourcePath::new(format!("content/{name}/{post}.md"));
    write.text_digest = Some(digest(1));
    write.translation = Some(TranslationRow {
        locale: locale(name),
        is_main,
        replaces: Replaces::Nothing,
    });
    write.terms = vec![body.to_owned(), "all".to_owned()];
    write
}

/// Returns the write as an update of a text that is there.
pub(super) fn replacing(write: PostWrite, post: RowState, translation: RowState) -> PostWrite {
    let replaces = |state| match state {
        RowState::Intact(version) | RowState::Edited(version) => Replaces::Row(version),
        RowState::Missing | RowState::Unwritten => Replaces::Nothing,
    };
    let row = write.translation.unwrap();
    PostWrite {
        replaces: replaces(post),
        translation: Some(TranslationRow {
            replaces: replaces(translation),
            ..row
        }),
        ..write
    }
}

/// A sync that writes what `write` does.
pub(super) fn sync(store: &mut SqliteStore, write: impl FnOnce(&mut dyn SyncTransaction)) {
    let index = store.index().unwrap();
    let mut transaction = store.begin(begin(index.generation)).unwrap();
    write(&mut *transaction);
    transaction.finish(&finish()).unwrap();
    transaction.commit().unwrap();
}

/// A store with post 1 in both locales.
pub(super) fn bilingual(folder: &TempDir) -> SqliteStore {
    let mut store = reading(folder, "ko");
    sync(&mut store, |transaction| {
        transaction.write(text(1, "ko", true, "hangul")).unwrap();
        transaction.write(text(1, "en", false, "latin")).unwrap();
    });
    store
}

pub(super) fn entry(index: &Index, name: &str) -> Entry {
    let is_it = |entry: &&Entry| entry.locale == Some(locale(name));
    index.entries.iter().find(is_it).unwrap().clone()
}

pub(super) fn execute(store: &SqliteStore, sql: &str) {
    let other = Connection::open(&store.path).unwrap();
    other.execute_batch(sql).unwrap();
}

/// The first column of the answer's rows as text.
pub(super) fn column(store: &SqliteStore, sql: &str) -> Vec<String> {
    let other = Connection::open(&store.path).unwrap();
    let mut statement = other.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(std::result::Result::unwrap).collect()
}

pub(super) fn found(store: &mut SqliteStore, term: &str) -> Vec<i32> {
    let requirement = Requirement {
        all: vec![vec![TermMatch::Exact(term.to_owned())]],
        none: Vec::new(),
        is_exact: false,
    };
    let request = SearchRequest {
        requirement: &requirement,
        filter: &Filter::default(),
        cursor: None,
        rows: 9,
    };
    let found = store.search(&request).unwrap();
    let ids = found.iter().map(|candidate| candidate.post.id.get());
    ids.collect()
}

fn tallies(counts: Vec<NameCount>) -> Vec<(String, i64)> {
    let counts = counts.into_iter();
    let pair = |count: NameCount| (count.name.unwrap(), count.posts.unwrap());
    counts.map(pair).collect()
}

pub(super) fn is_intact(state: RowState) -> bool {
    matches!(state, RowState::Intact(_))
}

#[test]
fn texts_that_nobody_changed_are_as_they_were_written() {
    let folder = folder();
    let mut store = bilingual(&folder);
    let index = store.index().unwrap();
    let (ko, en) = (entry(&index, "ko"), entry(&index, "en"));
    assert_eq!((index.entries.len(), index.posts.len()), (2, 1));
    assert!(is_intact(ko.row) && is_intact(en.row) && is_intact(index.posts[0].state));
    assert_eq!((ko.is_main, en.is_main), (true, false));
    assert_eq!((ko.made_from, en.made_from), (None, Some(digest(1))));
    assert_eq!(en.text_digest, Some(digest(1)));
    assert_eq!(ko.category.as_deref(), Some("x"));
    assert_eq!(en.path.as_str(), "content/en/1.md");
    assert_eq!(index.foreign, []);
    // No digest of a row had to be made to tell.
    let touched = "SELECT locale FROM blogctl_translation WHERE touches <> written_touches";
    assert_eq!(column(&store, touched), [""; 0]);
    // A site that knows no locales reads the main text.
    assert_eq!(column(&store, "SELECT content FROM post"), ["hangul"]);
}

#[test]
fn a_main_text_that_changes_leaves_what_the_others_were_made_from() {
    let folder = folder();
    let mut store = bilingual(&folder);
    let index = store.index().unwrap();
    let (ko, en) = (entry(&index, "ko"), entry(&index, "en"));
    sync(&mut store, |transaction| {
        let mut write = text(1, "ko", true, "hanja");
        write.text_digest = Some(digest(2));
        let write = replacing(write, index.posts[0].state, ko.row);
        transaction.write(write).unwrap();
    });
    let index = store.index().unwrap();
    assert_eq!(entry(&index, "ko").text_digest, Some(digest(2)));
    assert_eq!(entry(&index, "en").made_from, Some(digest(1)));
    assert_eq!(entry(&index, "en").row, en.row);
    sync(&mut store, |transaction| {
        let write = replacing(text(1, "en", false, "greek"), RowState::Unwritten, en.row);
        transaction.write(write).unwrap();
    });
    let index = store.index().unwrap();
    assert_eq!(entry(&index, "en").made_from, Some(digest(2)));
    assert!(is_intact(entry(&index, "en").row) && is_intact(index.posts[0].state));
    let bodies = column(
        &store,
        "SELECT content FROM post_translation ORDER BY locale",
    );
    assert_eq!(bodies, ["greek", "hanja"]);
    assert_eq!(column(&store, "SELECT content FROM post"), ["hanja"]);
    let mut english = reading(&folder, "en");
    assert_eq!(found(&mut english, "greek"), [1]);
    assert_eq!(found(&mut english, "latin"), [0; 0]);
}

#[test]
fn one_text_goes_and_the_post_stays() {
    let folder = folder();
    let mut store = bilingual(&folder);
    let en = entry(&store.index().unwrap(), "en");
    let RowState::Intact(version) = en.row else {
        panic!("{en:?}");
    };
    let removal = |version| TranslationRemoval {
        id: id(1),
        locale: locale("en"),
        version: Some(version),
    };
    let index = store.index().unwrap();
    let mut transaction = store.begin(begin(index.generation)).unwrap();
    let RowVersion(number) = version;
    let outcome = transaction.remove_translations(&[removal(RowVersion(number + 1))]);
    assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
    drop(transaction);
    sync(&mut store, |transaction| {
        transaction
            .remove_translations(&[removal(version)])
            .unwrap();
    });
    let index = store.index().unwrap();
    assert_eq!(index.entries.len(), 1);
    assert!(is_intact(entry(&index, "ko").row) && is_intact(index.posts[0].state));
    let mut english = reading(&folder, "en");
    assert_eq!(found(&mut english, "all"), [0; 0]);
    assert!(english.show(id(1).into()).unwrap().is_none());
    assert_eq!(english.categories(None).unwrap(), []);
    assert_eq!(found(&mut store, "all"), [1]);
    assert_eq!(tallies(store.tags(None).unwrap()), [("a".to_owned(), 1)]);
}

#[test]
fn a_post_goes_with_all_of_its_texts() {
    let folder = folder();
    let mut store = bilingual(&folder);
    let index = store.index().unwrap();
    let version = |state| match state {
        RowState::Intact(version) => Some(version),
        state => panic!("{state:?}"),
    };
    let removals: Vec<_> = index
        .entries
        .iter()
        .map(|entry| TranslationRemoval {
            id: entry.id,
            locale: entry.locale.unwrap(),
            version: version(entry.row),
        })
        .collect();
    let post = Removal {
        id: id(1),
        version: version(index.posts[0].state),
    };
    sync(&mut store, |transaction| {
        transaction.remove_translations(&removals).unwrap();
        transaction.remove(&[post]).unwrap();
    });
    let index = store.index().unwrap();
    assert_eq!((index.entries, index.posts), (vec![], vec![]));
    for table in [
        "post",
        "post_translation",
        "blogctl_translation",
        "blogctl_translation_search",
        "blogctl_locale_category_count",
        "blogctl_locale_tag_count",
        "blogctl_uncounted",
    ] {
        let rows = column(&store, &format!("SELECT 'row' FROM {table}"));
        assert_eq!(rows, [""; 0], "{table}");
    }
    let counted = "SELECT CAST(posts AS TEXT) FROM blogctl_locale_count";
    for posts in column(&store, counted) {
        assert_eq!(posts, "0");
    }
}

#[test]
fn a_post_from_before_the_locales_has_a_text_that_was_never_written() {
    let folder = folder();
    sync_one(&mut store_in(&folder), 1);
    let mut store = reading(&folder, "ko");
    let index = store.index().unwrap();
    let ko = entry(&index, "ko");
    assert_eq!((ko.row, ko.is_main), (RowState::Unwritten, true));
    assert!(is_intact(index.posts[0].state));
    sync(&mut store, |transaction| {
        let write = replacing(text(1, "ko", true, "body"), index.posts[0].state, ko.row);
        transaction.write(write).unwrap();
    });
    let index = store.index().unwrap();
    assert_eq!(index.entries.len(), 1);
    assert!(is_intact(entry(&index, "ko").row));
    assert_eq!(found(&mut store, "body"), [1]);
    // The posts of a blog that has no locales any more are found by it as before.
    let index = store_in(&folder).index().unwrap();
    assert_eq!((index.entries.len(), index.posts.len()), (1, 0));
    assert_eq!(index.entries[0].locale, None);
    assert!(is_intact(index.entries[0].row));
}

#[test]
fn a_blog_can_give_up_its_locales_and_have_them_again() {
    let folder = folder();
    let mut store = bilingual(&folder);
    sync(&mut store, |transaction| {
        transaction.write(text(2, "ko", true, "two")).unwrap();
    });
    let mut plain = store_in(&folder);
    let index = plain.index().unwrap();
    let state = |post| {
        let is_it = |entry: &&Entry| entry.id == id(post);
        index.entries.iter().find(is_it).unwrap().row
    };
    let RowState::Intact(second) = state(2) else {
        panic!("{index:?}");
    };
    sync(&mut plain, |transaction| {
        let RowState::Intact(first) = state(1) else {
            panic!("{index:?}");
        };
        let mut write = post_write(1, "plain".to_owned());
        write.replaces = Replaces::Row(first);
        transaction.write(write).unwrap();
        let removal = Removal {
            id: id(2),
            version: Some(second),
        };
        transaction.remove(&[removal]).unwrap();
    });
    let index = store.index().unwrap();
    // Both texts of the first post are still there, and neither is what the post's row has.
    assert_eq!((index.entries.len(), index.posts.len()), (2, 1));
    let (ko, en) = (entry(&index, "ko"), entry(&index, "en"));
    assert!(is_intact(ko.row) && is_intact(en.row) && !ko.is_main && !en.is_main);
    sync(&mut store, |transaction| {
        let write = replacing(text(1, "ko", true, "again"), index.posts[0].state, ko.row);
        transaction.write(write).unwrap();
    });
    let index = store.index().unwrap();
    assert_eq!(index.entries.len(), 2);
    assert!(entry(&index, "ko").is_main && is_intact(index.posts[0].state));
    assert_eq!(column(&store, "SELECT content FROM post"), ["again"]);
    assert_eq!(found(&mut store, "all"), [1]);
}

#[test]
fn terms_and_paths_change_without_the_rows() {
    let folder = folder();
    let mut store = bilingual(&folder);
    let before = store.index().unwrap();
    let terms = |name: &str, is_main| TermsWrite {
        id: TextId {
            post: id(1),
            locale: Some(locale(name)),
        },
        is_main,
        extra_terms: vec![ExtraTerm {
            key: "layout".to_owned(),
            value: "post".to_owned(),
        }],
        terms: vec![format!("new{name}")],
    };
    let relocation = |name: &str, is_main| Relocation {
        id: id(1),
        locale: Some(locale(name)),
        is_main,
        path: SourcePath::new(format!("moved/{name}.md")),
        file_digest: digest(9),
    };
    sync(&mut store, |transaction| {
        transaction.write_terms(terms("en", false)).unwrap();
        let moved = [relocation("ko", true), relocation("en", false)];
        transaction.relocate(&moved).unwrap();
        let outcome = transaction.write_terms(terms("fr", false));
        assert!(matches!(outcome, Err(StoreError::Stale)), "{outcome:?}");
    });
    let after = store.index().unwrap();
    for name in ["ko", "en"] {
        let (old, new) = (entry(&before, name), entry(&after, name));
        assert_eq!((old.row, new.terms_version), (new.row, TERMS_VERSION));
        assert_eq!(new.path.as_str(), format!("moved/{name}.md"));
        assert_eq!(new.file_digest, digest(9));
    }
    let path = column(&store, "SELECT path FROM blogctl_source");
    assert_eq!(path, ["moved/ko.md"]);
    assert_eq!(found(&mut store, "hangul"), [1]);
    let mut english = reading(&folder, "en");
    assert_eq!(found(&mut english, "newen"), [1]);
    assert_eq!(found(&mut english, "latin"), [0; 0]);
}

#[test]
fn each_locale_has_counts_of_its_own() {
    let folder = folder();
    let mut store = bilingual(&folder);
    let mut english = reading(&folder, "en");
    sync(&mut store, |transaction| {
        transaction.write(text(2, "ko", true, "two")).unwrap();
        let mut three = text(3, "en", true, "three");
        three.post.category = Some("y".to_owned());
        three.post.tags = vec!["b".to_owned()];
        three.managed = three.post.stated();
        transaction.write(three).unwrap();
    });
    let counted = |counts: &[(&str, i64)]| -> Vec<(String, i64)> {
        let counts = counts
            .iter()
            .map(|(name, posts)| ((*name).to_owned(), *posts));
        counts.collect()
    };
    assert_eq!(
        tallies(store.categories(None).unwrap()),
        counted(&[("x", 2)])
    );
    assert_eq!(tallies(store.tags(None).unwrap()), counted(&[("a", 2)]));
    let both = counted(&[("x", 1), ("y", 1)]);
    assert_eq!(tallies(english.categories(None).unwrap()), both);
    let both = counted(&[("a", 1), ("b", 1)]);
    assert_eq!(tallies(english.tags(None).unwrap()), both);
    // What others change is counted by the next sync.
    execute(
        &store,
        "INSERT INTO post_translation (post_id, locale) VALUES (2, 'en');
         UPDATE post SET category = 'y' WHERE id = 1",
    );
    sync(&mut store, |_| {});
    let english_counts = counted(&[("y", 2), ("x", 1)]);
    assert_eq!(tallies(english.categories(None).unwrap()), english_counts);
    let of_tags = counted(&[("a", 2), ("b", 1)]);
    assert_eq!(tallies(english.tags(None).unwrap()), of_tags);
    let korean = counted(&[("x", 1), ("y", 1)]);
    assert_eq!(tallies(store.categories(None).unwrap()), korean);
    let posts = "SELECT locale || posts FROM blogctl_locale_count ORDER BY locale";
    assert_eq!(column(&store, posts), ["en3", "ko2"]);
}
